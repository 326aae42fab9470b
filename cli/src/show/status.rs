//! How things stand, as people read it.

use std::fmt::Write;

use trib_runtime::history::Status;

use super::{counts, runs};
use crate::output::counted;
use crate::style::Style;

/// Errors shown in full.
const MOST: usize = 20;

/// The whole status.
pub fn status(status: &Status, style: Style) -> String {
    let mut out = format!("{}\n", style.strong("Last run"));
    out.push_str(&runs(status.last_run.as_slice(), style));
    let _ = writeln!(
        out,
        "{} {}",
        style.strong("Pending:"),
        counts(&status.pending)
    );
    for connector in &status.connectors {
        let read = match connector.age {
            Some(age) => format!("read {} ago", age_text(age)),
            None => "never read".to_owned(),
        };
        let rest = match connector.complete || connector.age.is_none() {
            true => "",
            false => ", read as a whole each time",
        };
        let _ = writeln!(out, "  {}: {read}{rest}", connector.connector);
    }
    if !status.errors.is_empty() {
        let count = counted(status.errors.len() as u64, "object");
        let _ = writeln!(out, "{}", style.bad(&format!("{count} with errors")));
    }
    for standing in status.errors.iter().take(MOST) {
        let error = &standing.error;
        let head = format!("{} {}", error.connector, error.object);
        let _ = writeln!(out, "  {} {}", style.bad("!"), style.strong(&head));
        let _ = writeln!(out, "      {} ({})", error.message, error.code);
        if !error.rule.is_empty() {
            let rule = format!("rule \"{}\" {}", error.rule, error.at);
            let _ = writeln!(out, "      {}", style.dim(&rule));
        }
        let since = standing.first_seen.as_deref().unwrap_or("unknown");
        let next = standing.next_try.as_deref().unwrap_or("in the next cycle");
        let tries = format!(
            "{} since {since}; next try {next}, or when it changes",
            counted(standing.attempts, "time")
        );
        let _ = writeln!(out, "      {}", style.dim(&tries));
    }
    if status.errors.len() > MOST {
        let more = status.errors.len() - MOST;
        let _ = writeln!(out, "  … {more} more; --format json has everything");
    }
    out
}

fn age_text(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
