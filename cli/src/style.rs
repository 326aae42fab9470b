//! Colours, on terminals only.

use std::io::IsTerminal;

/// Paints words, or leaves them alone.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether colours are wanted.
    pub colour: bool,
}

impl Style {
    /// For standard error.
    pub fn stderr() -> Style {
        Style {
            colour: wanted(std::io::stderr().is_terminal()),
        }
    }

    /// For standard output.
    pub fn stdout() -> Style {
        Style {
            colour: wanted(std::io::stdout().is_terminal()),
        }
    }

    /// Without colours, wherever it goes.
    pub fn plain() -> Style {
        Style { colour: false }
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    /// Red, bold.
    pub fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// Green.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Yellow.
    pub fn changed(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Bold.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Grey.
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// `NO_COLOR` (not empty) and dumb terminals switch colours off.
fn wanted(terminal: bool) -> bool {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    terminal && !no_colour && !dumb
}
