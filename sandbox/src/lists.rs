//! Reading entity sets and single objects.

use serde_json::Value;

use crate::call::Reply;
use crate::failure::Outcome;
use crate::graph::Graph;
use crate::model::Kind;
use crate::path::Key;
use crate::query::list::{Listing, start};
use crate::query::show;
use crate::store::Store;

pub(crate) fn page(graph: &Graph, kind: Kind) -> Outcome<Reply> {
    listing(graph.store, kind, start(&graph.options)?).page(graph.store, graph.call, &graph.options)
}

pub(crate) fn count(graph: &Graph, kind: Kind) -> Outcome<Reply> {
    listing(graph.store, kind, 0).count(graph.store, &graph.options)
}

fn listing(store: &Store, kind: Kind, after: u64) -> Listing<'_> {
    let rows = store
        .list(kind, after)
        .map(|object| (object.number, object));
    Listing {
        kind: Some(kind),
        set: kind.set(),
        rows: Box::new(rows),
        whole: true,
    }
}

pub(crate) fn single(graph: &Graph, kind: Kind, key: &Key) -> Outcome<Reply> {
    if let Some(select) = &graph.options.select {
        show::check_select(kind, select, false)?;
    }
    let object = graph.resolve(kind, key)?;
    let mut body = serde_json::Map::new();
    body.insert(
        "@odata.context".into(),
        show::context(&graph.call.base, kind.set(), &graph.options, true),
    );
    let mut shown = show::object(object, graph.options.select.as_deref());
    show::expand(graph.store, object, &graph.options.expand, &mut shown)?;
    body.extend(shown);
    Ok(Reply::ok(Value::Object(body)))
}
