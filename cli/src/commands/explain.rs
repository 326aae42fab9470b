//! `trib explain`: where values come from.

use std::path::Path;

use clap::Args;

use crate::output::{Exit, FormatArg, Outcome, print, print_document};
use crate::style::Style;
use crate::{engine, show};

/// Say where the values of an object come from: rule, line, source, and what lost or was out of scope.
///
/// Shows what the last `trib plan` or `trib apply` read.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib explain ann@contoso.com\n  trib explain 'CN=Ann Lee,OU=Staff,DC=corp,DC=contoso,DC=com' displayName"
)]
pub struct Explain {
    /// A dn, a userPrincipalName, an anchor or a metaverse id.
    object: String,
    /// One attribute only.
    attribute: Option<String>,
    #[command(flatten)]
    format: FormatArg,
}

impl Explain {
    /// Explains.
    pub fn run(&self, config: &Path) -> Outcome {
        let engine = engine::open(config)?;
        let explanation = engine.explain(&self.object, self.attribute.as_deref())?;
        match self.format.json() {
            true => print_document(&explanation)?,
            false => print(show::explanation(&explanation, Style::stdout()))?,
        }
        Ok(Exit::Fine)
    }
}
