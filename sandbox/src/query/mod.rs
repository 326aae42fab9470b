//! Query options and what becomes of them: filters, order, pages.

pub(crate) mod filter;
pub(crate) mod lexer;
pub(crate) mod list;
pub(crate) mod matching;
pub(crate) mod options;
pub(crate) mod search;
pub(crate) mod show;
