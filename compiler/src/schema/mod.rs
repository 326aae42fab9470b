//! Object types and attributes of the directories and of the metaverse.

pub mod facts;
