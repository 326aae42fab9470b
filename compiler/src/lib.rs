//! Rules to checked rules to IR to bundle.

pub mod diagnostics;
pub mod functions;
pub mod notation;
pub mod schema;
pub mod sources;
pub mod types;
pub mod value;
