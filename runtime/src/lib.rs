//! A bundle and objects become changes; changes become requests.

pub mod config;
pub mod connectors;
pub mod error;
pub mod eval;
pub mod explain;
pub mod json;
pub mod object;
pub mod plan;
pub mod progress;
pub mod store;
pub mod sync;
