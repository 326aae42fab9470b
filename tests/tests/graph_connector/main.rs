//! The Graph connector against the sandbox, with the faults that a real service shows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod credential;
mod export;
mod faults;
mod import;
mod kept;
mod links;
mod lookup;
mod tenant;
mod writes;

use trib_runtime::connectors::Selection;
use trib_runtime::connectors::graph::GraphConnector;

use crate::kept::Kept;

#[test]
fn futures_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn check(connector: &mut GraphConnector, kept: &mut Kept) {
        is_send(&connector.import(&Selection::default(), None, kept));
        is_send(&connector.write(Vec::new(), &mut |_| {}));
        is_send(&connector.find("user", "mail", "x"));
        is_send(&connector.check());
    }
    let _ = check;
}
