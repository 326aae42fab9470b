//! Evaluation: the IR is linked once to the slots of the stored rows, to functions and to compiled
//! regular expressions, and then runs over rows without look-ups by name. Pure.

mod clock;
mod count;
mod link;
mod run;

pub use clock::{Clocked, Due, EVERY_CYCLE, Wake, Wakes};
pub use count::Counts;
pub use link::{Layout, Linker, Node, Place, scripts};
pub use run::{Env, Frame, Object, same};
