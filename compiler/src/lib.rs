//! Rules to checked rules to IR to bundle. No IO, no network, no clock.
//!
//! ```text
//! Sources ─names─► Names ─check─► checked::Rules ─analyse, lower─► ir::Rules ─► Bundle
//! ```
//!
//! [`check`] runs the passes and says what it found; [`compile`] gives the IR of sound rules; a
//! [`Session`] checks what changes again. The values, functions and scripts that the IR calls are
//! declared here too, so that what is checked and what runs are one table.

mod analyse;
pub mod bundle;
mod check;
pub mod checked;
pub mod diagnostics;
pub mod dialect;
pub mod document;
mod extend;
pub mod functions;
pub mod import;
pub mod ir;
mod lower;
mod names;
pub mod notation;
pub mod packs;
pub mod probe;
pub mod schema;
pub mod script;
mod session;
pub mod sources;
mod type_expr;
pub mod types;
pub mod value;

pub use check::{Checked, Evaluable, attribute_types, check, check_expression, check_measured};
pub use lower::lower;
pub use session::Session;
pub use sources::Sources;

/// The IR of checked rules, if nothing in them is an error.
pub fn compile(checked: &Checked, sources: &Sources) -> Option<ir::Rules> {
    checked.is_sound().then(|| lower(&checked.rules, sources))
}
