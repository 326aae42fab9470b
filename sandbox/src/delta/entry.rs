//! One object in a page of a delta query.

use serde_json::{Map, Value, json};

use super::token::Token;
use crate::query::show;
use crate::store::{Link, Object, State, Store};

/// What is asked of each object.
pub(crate) struct Show<'a> {
    pub store: &'a Store,
    pub minimal: bool,
    pub names: Vec<String>,
    pub links: Vec<Link>,
    pub typed: bool,
}

/// An entry, and the link where it stopped for want of room: its place among the asked, and its change.
pub(crate) struct Chunk {
    pub shown: Value,
    pub stopped: Option<(usize, u64)>,
}

impl Show<'_> {
    /// The entry for a changed object; `None` where nothing that was asked for changed.
    pub fn entry(&self, object: &Object, token: &Token, budget: &mut usize) -> Option<Chunk> {
        let reason = match object.state {
            State::Live => return self.live(object, token, budget),
            State::Deleted => "changed",
            State::Purged => "deleted",
        };
        if token.since == 0 && object.changed <= token.started {
            return None;
        }
        let mut shown = self.opening(object);
        shown.insert("@removed".into(), json!({"reason": reason}));
        Some(Chunk {
            shown: Value::Object(shown),
            stopped: None,
        })
    }

    /// More links of an object whose earlier ones went out on the page before.
    pub fn rest(
        &self,
        object: &Object,
        token: &Token,
        from: (usize, u64),
        budget: &mut usize,
    ) -> Option<Chunk> {
        let mut shown = self.opening(object);
        let stopped = self.add_links(object, token, from, budget, &mut shown);
        Some(Chunk {
            shown: Value::Object(shown),
            stopped,
        })
    }

    fn live(&self, object: &Object, token: &Token, budget: &mut usize) -> Option<Chunk> {
        let base = base(object, token);
        let changed = |name: &&String| {
            object
                .values
                .get(name.as_str())
                .is_some_and(|stamped| stamped.changed > base)
        };
        let properties = self.names.iter().any(|name| changed(&name));
        let linked = |link: &Link| {
            object
                .links
                .get(link)
                .is_some_and(|links| links.last_change() > base)
        };
        let is_new = base == 0;
        if !is_new && !properties && !self.links.iter().any(linked) {
            return None;
        }
        let told: Vec<String> = self
            .names
            .iter()
            .filter(|name| object.values.contains_key(name.as_str()))
            .filter(|name| is_new || !self.minimal || changed(name))
            .cloned()
            .collect();
        let mut shown = self.opening(object);
        shown.extend(show::object(object, Some(&told)));
        let stopped = self.add_links(object, token, (0, base), budget, &mut shown);
        Some(Chunk {
            shown: Value::Object(shown),
            stopped,
        })
    }

    fn opening(&self, object: &Object) -> Map<String, Value> {
        let mut shown = Map::new();
        if self.typed {
            shown.insert("@odata.type".into(), json!(object.kind.odata_type()));
        }
        shown.insert("id".into(), json!(object.id));
        shown
    }

    fn add_links(
        &self,
        object: &Object,
        token: &Token,
        (first, mut after): (usize, u64),
        budget: &mut usize,
        shown: &mut Map<String, Value>,
    ) -> Option<(usize, u64)> {
        let base = base(object, token);
        for (place, link) in self.links.iter().enumerate().skip(first) {
            let mut changes = Vec::new();
            let mut stopped = None;
            let from = after;
            for linked in object
                .links
                .get(link)
                .into_iter()
                .flat_map(|links| links.after(from))
            {
                if *budget == 0 {
                    stopped = Some((place, after));
                    break;
                }
                after = linked.changed;
                let Some(target) = self.store.any(linked.target) else {
                    continue;
                };
                let (ty, id) = (target.kind.odata_type(), target.id);
                if linked.present && target.is_live() {
                    changes.push(json!({"@odata.type": ty, "id": id}));
                } else if !linked.present && (base > 0 || linked.changed > token.started) {
                    let removed = json!({"reason": "deleted"});
                    changes.push(json!({"@odata.type": ty, "id": id, "@removed": removed}));
                } else {
                    continue;
                }
                *budget -= 1;
            }
            if !changes.is_empty() {
                shown.insert(format!("{}@delta", link.name()), json!(changes));
            }
            if stopped.is_some() {
                return stopped;
            }
            after = base;
        }
        None
    }
}

/// Changes up to here are known; an object that appeared since is told whole.
fn base(object: &Object, token: &Token) -> u64 {
    if object.appeared > token.since {
        0
    } else {
        token.since
    }
}
