//! A bundle and objects become changes; changes become requests.

pub mod config;
pub mod connectors;
pub mod error;
pub mod explain;
pub mod plan;
