//! Runs and writes of the history as people read them.

use std::fmt::Write;

use trib_runtime::history::{Run, Written};

use super::{counts, value};
use crate::style::Style;

/// One line for each run, with what was special about it below.
pub fn runs(runs: &[Run], style: Style) -> String {
    let mut out = String::new();
    if runs.is_empty() {
        out.push_str("no runs yet\n");
    }
    for run in runs {
        let result = match (&run.ended, &run.error, &run.counts) {
            (None, ..) => style.bad("not ended"),
            (_, Some(error), _) => style.bad(&format!("stopped: {error}")),
            (.., Some(result)) if run.verb == "apply" => {
                format!("written: {}", counts(&result.written))
            }
            (.., Some(result)) => format!("planned: {}", counts(&result.planned)),
            (.., None) => String::new(),
        };
        let head = format!("{:>5} {:<5}", run.run, run.verb);
        let _ = writeln!(out, "{} {} {result}", style.strong(&head), run.started);
        for (word, part) in [("failed", 0), ("waiting", 1)] {
            let part = run
                .counts
                .map(|c| if part == 0 { c.failed } else { c.waiting });
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                let _ = writeln!(out, "            {} {}", style.bad(word), counts(&part));
            }
        }
        for guard in &run.guards {
            let approved = match run.approved {
                Some(_) => ", approved",
                None => "",
            };
            let _ = writeln!(
                out,
                "            {}",
                style.bad(&format!(
                    "guard: {} {} in `{}`, and {} are allowed{approved}",
                    guard.would_be, guard.name, guard.connector, guard.limit
                ))
            );
        }
    }
    out
}

/// Writes with their values; with the run of each where they are of several.
pub fn writes(writes: &[Written], with_run: bool, style: Style) -> String {
    let mut out = String::new();
    if writes.is_empty() {
        out.push_str("no writes\n");
    }
    for write in writes {
        let run = match with_run {
            true => format!("run {} ", write.run),
            false => String::new(),
        };
        let head = format!(
            "{} {}.{} \"{}\"",
            write.op.replace('_', " "),
            write.connector,
            write.object_type,
            write.name
        );
        let source = match write.source.as_str() {
            "" => String::new(),
            source => style.dim(&format!("  ({source})")),
        };
        let _ = writeln!(out, "{run}{} {}{source}", write.time, style.strong(&head));
        if let Some(code) = &write.code {
            let message = write.message.as_deref().unwrap_or_default();
            let _ = writeln!(out, "    {} {message} ({code})", style.bad("refused:"));
        }
        if !write.because.is_empty() {
            let _ = writeln!(out, "    {}", style.dim(&write.because));
        }
        for attribute in &write.attributes {
            let shown = match write.op.as_str() {
                "create" => value(&attribute.new),
                _ => value::change(&attribute.old, &attribute.new),
            };
            let cause = match attribute.rule.as_str() {
                "" => String::new(),
                rule => style.dim(&format!("   rule \"{rule}\" {}", attribute.at)),
            };
            let _ = writeln!(out, "    {}  {shown}{cause}", attribute.name);
        }
    }
    out
}
