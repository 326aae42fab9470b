//! What Graph demands of the values in a write.

pub(crate) mod address;
pub(crate) mod group;
pub(crate) mod password;
pub(crate) mod unique;
pub(crate) mod user;
pub(crate) mod value;
pub(crate) mod write;
