//! The same program checked again and again, as an editor does it.

use trib_grammar::{FileId, Parsed};

use crate::check::{Checked, check_by};
use crate::sources::Sources;

/// What was checked last: the same program is not checked again, and of another one only the files that
/// differ are parsed.
#[derive(Debug, Default)]
pub struct Session {
    given: Sources,
    last: Option<(Sources, Checked)>,
    parsed: Vec<(String, Parsed)>,
}

impl Session {
    /// Checks a program, and gives it back with the packs that it uses.
    pub fn check(&mut self, program: &Sources) -> (&Sources, &Checked) {
        if self.given != *program {
            self.last = None;
            self.given = program.clone();
        }
        let parsed = &mut self.parsed;
        let (sources, checked) = self.last.get_or_insert_with(|| {
            let mut sources = program.clone();
            let checked = check_by(&mut sources, &mut |file, text| parse(parsed, file, text));
            (sources, checked)
        });
        (sources, checked)
    }
}

/// The tree of a file, from the last time if its text is the same.
fn parse(known: &mut Vec<(String, Parsed)>, file: FileId, text: &str) -> Parsed {
    let at = file.0 as usize;
    if let Some((_, parsed)) = known.get(at).filter(|(last, _)| last == text) {
        return parsed.clone();
    }
    let parsed = trib_grammar::parse(file, text);
    let entry = (text.to_owned(), parsed.clone());
    // Files come in the order of their numbers.
    match known.get_mut(at) {
        Some(old) => *old = entry,
        None => known.push(entry),
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str =
        "use entra.users with corp, cloud\nconnector corp : ad\nconnector cloud : entra";

    fn program(extension: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add("main.trib", RULES);
        sources.add("extension.trib", extension);
        sources
    }

    fn ids(session: &mut Session, program: &Sources) -> Vec<&'static str> {
        let found = &session.check(program).1.diagnostics;
        found.iter().map(|diagnostic| diagnostic.code.id).collect()
    }

    #[test]
    fn edits_are_seen_and_undone() {
        let good = program("extend rule \"Out to Entra - User Common\" { disabled }");
        let bad = program("extend rule \"Out to Entra - User Comon\" { disabled }");
        let mut session = Session::default();
        for _ in 0..2 {
            assert_eq!(ids(&mut session, &good), [] as [&str; 0]);
            assert_eq!(ids(&mut session, &good), [] as [&str; 0]);
            assert_eq!(ids(&mut session, &bad), ["E0210"]);
        }
        assert_eq!(session.check(&good).0.len(), 3, "the pack is there once");
        assert!(!ids(&mut session, &Sources::default()).contains(&"E0210"));
    }

    #[test]
    fn a_setting_counts_as_a_change() {
        let mut program = program("let country = %Param.country%");
        let mut session = Session::default();
        assert!(ids(&mut session, &program).contains(&"L0705"));
        program.add_parameters(["Param.country".to_owned()]);
        assert!(!ids(&mut session, &program).contains(&"L0705"));
    }
}
