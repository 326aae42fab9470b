//! What the tests on real parts share.

pub mod deployment;
pub mod samba;
