//! Text forms of typed values: guids, sids, bytes, instants and distinguished names.

pub mod dn;
pub mod guid;
pub mod hex;
pub(crate) mod scan;
pub mod sid;
pub mod time;

pub use dn::{dn_equal, dn_key, dn_same_spelling, dn_under, escape_rdn, rdns};
