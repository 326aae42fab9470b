//! What the tests on real parts share.

pub mod corp;
pub mod deployment;
pub mod expression;
pub mod fuzz;
pub mod meddler;
pub mod samba;
