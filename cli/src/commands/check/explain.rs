//! `trib check --explain CODE`.

use serde_json::json;
use trib_compiler::diagnostics::{codes, nearest};

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
        let head = format!("{}: {}", code.id, code.title);
        print(format_args!(
            "{}\n\n{}\n",
            Style::stdout().strong(&head),
            code.page.trim_end()
        ))?;
    }
    Ok(Exit::Fine)
}
