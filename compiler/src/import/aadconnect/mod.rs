//! Azure AD Connect: the export of its configuration, and the scripts that its rule editor makes.
//!
//! ```text
//! files ─read─► Configuration ─convert─► draft of a project
//! ```

mod attributes;
mod clause;
mod configuration;
mod convert;
mod directory;
mod filter;
mod graph;
pub mod model;
mod names;
mod order;
mod powershell;
mod read;
mod schema;
mod xml;

pub use read::read;

use super::{Error, Imported, settle};
use model::Configuration;

/// What stands for the cloud in the project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// Azure AD Connect's own connector: a configuration compiles as it is, for analysis and simulation.
    #[default]
    EntraConnect,
    /// Microsoft Graph: what can be run, with what Graph lets applications write.
    Graph,
}

/// Makes a project of a configuration.
pub fn import(configuration: &Configuration, target: Target) -> Result<Imported, Error> {
    settle::settle(convert::draft(configuration, target))
}
