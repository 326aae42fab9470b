//! Documents of the engine for people.

mod errors;
mod explanation;
mod history;
mod impact;
mod plan;
mod status;
mod value;

pub use errors::errors;
pub use explanation::explanation;
pub use history::{runs, writes};
pub use impact::{impact, impact_markdown};
pub use plan::{Rest, counts, guards, plan};
pub use status::status;
pub use value::value;
