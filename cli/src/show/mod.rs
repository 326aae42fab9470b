//! Documents of the engine for people.

mod errors;
mod explanation;
mod plan;
mod value;

pub use errors::errors;
pub use explanation::explanation;
pub use plan::{Rest, counts, guards, plan};
pub use value::value;
