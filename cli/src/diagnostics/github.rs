//! Annotations of GitHub Actions.

use std::fmt::Write;

use trib_compiler::Sources;
use trib_compiler::diagnostics::{Diagnostic, Severity};

use super::{Place, place, words};

/// Workflow commands of GitHub Actions, one a line.
pub fn github(list: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in list {
        let level = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Lint => "notice",
        };
        let Place { path, start, end } = place(diagnostic.span, sources);
        let _ = write!(
            out,
            "::{level} file={},line={},endLine={}",
            property(path),
            start.line,
            end.line
        );
        // Of an annotation over several lines GitHub takes no columns.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
        let title = format!("{} {}", diagnostic.code.id, diagnostic.code.title);
        let _ = writeln!(
            out,
            ",title={}::{}",
            property(&title),
            data(&words(diagnostic))
        );
    }
    out
}

/// The text of a command: what would end it is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, which colons and commas would end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use trib_compiler::diagnostics::codes;
    use trib_grammar::Span;

    #[test]
    fn what_would_end_a_command_or_property_is_escaped() {
        let mut sources = Sources::default();
        let file = sources.add("a, b:c%/100%.trib", "rule\nrule\n");
        let mut diagnostic = Diagnostic::new(&codes::SYNTAX, Span::new(file, 0, 4), "50%:\r\n, so");
        assert_eq!(
            github(&[diagnostic.clone()], &sources),
            "::error file=a%2C b%3Ac%25/100%25.trib,line=1,endLine=1,col=1,endColumn=5,\
             title=E0101 syntax::50%25:%0D%0A, so\n"
        );
        diagnostic.span = Span::new(file, 0, 9);
        assert_eq!(
            github(&[diagnostic.help("close: it")], &sources),
            "::error file=a%2C b%3Ac%25/100%25.trib,line=1,endLine=2,\
             title=E0101 syntax::50%25:%0D%0A, so%0Aclose: it\n"
        );
    }

    #[test]
    fn titles_of_codes_pass_unharmed() {
        for code in codes::ALL {
            assert_eq!(property(code.title), code.title, "{}", code.id);
        }
    }
}
