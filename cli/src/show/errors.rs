//! Objects that failed.

use std::fmt::Write;

use trib_runtime::plan::ObjectError;

use crate::output::counted;
use crate::style::Style;

/// The objects with their errors; `most` of them, unless all are wanted.
pub fn errors(list: &[ObjectError], most: Option<usize>, style: Style) -> String {
    let mut out = String::new();
    if list.is_empty() {
        return out;
    }
    let _ = writeln!(
        out,
        "{}",
        style.bad(&format!(
            "{} with errors",
            counted(list.len() as u64, "object")
        ))
    );
    let shown = most.unwrap_or(list.len()).min(list.len());
    for error in list.iter().take(shown) {
        let _ = writeln!(
            out,
            "  {} {}",
            style.bad("!"),
            style.strong(&format!("{} {}", error.connector, error.object))
        );
        let _ = writeln!(out, "      {} ({})", error.message, error.code);
        if !error.rule.is_empty() {
            let _ = writeln!(
                out,
                "      {}",
                style.dim(&format!("rule \"{}\" {}", error.rule, error.at))
            );
        }
    }
    if shown < list.len() {
        let _ = writeln!(
            out,
            "  … {} more; --all shows them, --format json has everything",
            list.len() - shown
        );
    }
    out.push('\n');
    out
}
