//! Rules to checked rules to IR to bundle.

pub mod functions;
pub mod schema;
pub mod types;
pub mod value;
