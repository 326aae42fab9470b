//! A project to play with: a sample forest, rules, a configuration, and a tour through them.

pub mod forest;
mod project;
mod tour;

pub use project::Project;
pub use tour::tour;
