//! `trib check --explain CODE`.

use serde_json::json;
use trib_compiler::diagnostics::{Code, codes, nearest};

use crate::output::{Exit, Failure, Outcome, print, print_json};
use crate::style::Style;

/// Prints the long text of a code.
pub fn explain(id: &str, json: bool) -> Outcome {
    let Some(code) = codes::find(id.trim()) else {
        let failure = Failure::usage(format!("there is no code `{id}`"));
        let near = nearest(id, codes::explained().map(|code| code.id));
        return Err(match near {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("codes stand beside what `trib check` finds: `E0203`"),
        });
    };
    if json {
        print_json(&json!({
            "code": code.id,
            "severity": code.severity,
            "title": code.title,
            "page": code.page,
        }))?;
    } else {
        print(human(code, Style::stdout()))?;
    }
    Ok(Exit::Fine)
}

/// The page below its title; on terminals, headings stand out instead of their marks.
fn human(code: &Code, style: Style) -> String {
    let mut out = style.strong(&format!("{}: {}", code.id, code.title)) + "\n\n";
    for line in code.page.lines() {
        match line.strip_prefix("## ") {
            Some(heading) if style.colour => out.push_str(&style.strong(heading)),
            _ if style.colour && line.starts_with("```") => continue,
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_for_files_and_pipes_only() {
        let plain = human(&codes::UNKNOWN_TYPE, Style { colour: false });
        assert!(plain.contains("\n## Broken\n\n```trib\n"), "{plain}");
        let terminal = human(&codes::UNKNOWN_TYPE, Style { colour: true });
        assert!(
            terminal.contains("\u{1b}[1mBroken\u{1b}[0m\n\nconnector"),
            "{terminal}"
        );
        assert!(!terminal.contains("```"), "{terminal}");
    }
}
