//! Rules to checked rules to IR to bundle.

pub mod schema;
