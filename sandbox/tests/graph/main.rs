//! The sandbox over real HTTP, one file per family of rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod batches;
mod data;
mod deleted;
mod delta;
mod extensions;
mod faults;
mod groups;
mod links;
mod others;
mod queries;
mod robustness;
mod server;
mod throttle;
mod token;
mod users;
