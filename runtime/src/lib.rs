//! A bundle and objects become changes; changes become requests.

mod apply;
pub mod config;
pub mod connectors;
mod engine;
pub mod error;
pub mod eval;
pub mod explain;
pub mod guard;
pub mod history;
pub mod impact;
pub mod json;
mod lineage;
mod missing;
pub mod object;
pub mod plan;
mod planning;
pub mod progress;
pub mod store;
pub mod sync;
pub mod testing;
pub mod trust;
mod unknown;

pub use engine::{Engine, now};
