//! Delta queries: what changed since a token was made.
//!
//! A round walks the directory's sequence of changes from where the last round stood. The first
//! round starts at nought, so it is the same walk.

mod entry;
mod token;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::{self, Kind, is_extension};
use crate::query::filter::{Compare, Filter};
use crate::query::{options::Options, show};
use crate::store::Link;
use entry::{Chunk, Show};
use token::Token;

const PAGE: usize = 200;
const IDS: usize = 50;
/// Links that one page carries.
const LINKS: usize = 1000;

pub(crate) fn serves(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::User
            | Kind::Group
            | Kind::OrgContact
            | Kind::Device
            | Kind::Application
            | Kind::ServicePrincipal
    )
}

/// GET /users/delta and its like; `kind` is absent for directoryObjects.
pub(crate) fn answer(graph: &Graph, kind: Option<Kind>) -> Outcome<Reply> {
    let options = &graph.options;
    let refused = [
        ("$expand", !options.expand.is_empty()),
        ("$orderby", options.orderby.is_some()),
        ("$top", options.top.is_some()),
        ("$search", options.search.is_some()),
        ("$count", options.count),
    ];
    if let Some((name, _)) = refused.iter().find(|(_, given)| *given) {
        return Err(Failure::bad(format!(
            "The query option '{name}' is not supported for a delta query."
        )));
    }
    let given = options
        .skiptoken
        .as_deref()
        .or(options.deltatoken.as_deref())
        .filter(|token| !token.is_empty());
    match given {
        None => page(graph, kind, first(graph, kind)?),
        Some("latest") if options.skiptoken.is_none() => {
            let mut token = first(graph, kind)?;
            token.begin_at(graph.store.sequence());
            let mut body = opening(graph, kind, &token);
            body.insert("value".into(), json!([]));
            body.insert(
                "@odata.deltaLink".into(),
                json!(link(graph, kind, "$deltatoken", &token)),
            );
            Ok(Reply::ok(Value::Object(body)))
        }
        Some(text) => {
            if options.select.is_some() || options.filter.is_some() {
                return Err(Failure::bad(
                    "A delta token carries its query: $select and $filter cannot be given again.",
                ));
            }
            let is_delta = options.skiptoken.is_none();
            let mut token = Token::read(text, graph.store, kind, is_delta).map_err(|refused| {
                refused.failure(&format!("{}/{}/delta", graph.call.base, set(kind)))
            })?;
            if is_delta {
                token.begin_at(token.position);
                token.started = graph.store.sequence();
            }
            page(graph, kind, token)
        }
    }
}

fn set(kind: Option<Kind>) -> &'static str {
    kind.map_or("directoryObjects", Kind::set)
}

/// The token before the first page of a first round.
fn first(graph: &Graph, kind: Option<Kind>) -> Outcome<Token> {
    let Options { select, filter, .. } = &graph.options;
    if let (Some(kind), Some(select)) = (kind, select) {
        show::check_select(kind, select, true)?;
    }
    let ids = filter.as_deref().map(ids).transpose()?;
    Ok(Token::new(graph.store, kind, select.clone(), ids))
}

/// Delta filters by ids only.
fn ids(filter: &str) -> Outcome<Vec<Uuid>> {
    let mut ids = Vec::new();
    let mut queue = vec![Filter::parse(filter)?];
    while let Some(next) = queue.pop() {
        match next {
            Filter::Or(left, right) => queue.extend([*left, *right]),
            Filter::Test {
                path,
                compare: Compare::Equal,
                value,
            } if path == "id" => {
                let id = value.as_str().and_then(|id| Uuid::parse_str(id).ok());
                ids.push(
                    id.ok_or_else(|| Failure::bad(format!("Invalid object identifier {value}.")))?,
                );
            }
            _ => {
                return Err(Failure::unsupported_query(
                    "A delta query can be filtered by id only: id eq '…' or id eq '…'.",
                ));
            }
        }
    }
    if ids.len() > IDS {
        return Err(Failure::bad(format!(
            "A delta query can be filtered by at most {IDS} ids."
        )));
    }
    Ok(ids)
}

fn page(graph: &Graph, kind: Option<Kind>, mut token: Token) -> Outcome<Reply> {
    let show = Show {
        store: graph.store,
        minimal: graph
            .call
            .prefers()
            .any(|prefer| prefer.eq_ignore_ascii_case("return=minimal")),
        names: names(kind, token.select.as_deref()),
        links: links(kind, token.select.as_deref()),
        typed: kind.is_none(),
    };
    let size = page_size(graph)?;
    let mut entries = Vec::new();
    let mut budget = LINKS;
    if let Some((id, from)) = token.pending.take() {
        let rest = graph
            .store
            .get(id)
            .and_then(|object| show.rest(object, &token, from, &mut budget));
        token.pending = rest.and_then(|chunk| keep(id, chunk, &mut entries));
    }
    let mut more = token.pending.is_some();
    for (at, of, id) in graph.store.changed_after(token.position) {
        if more {
            break;
        }
        let wanted = kind.map_or(Kind::DIRECTORY.contains(&of), |kind| kind == of)
            && token.ids.as_ref().is_none_or(|ids| ids.contains(&id));
        if wanted && (entries.len() >= size || budget == 0) {
            more = true;
            break;
        }
        token.position = at;
        let Some(object) = graph.store.any(id).filter(|_| wanted) else {
            continue;
        };
        if let Some(chunk) = show.entry(object, &token, &mut budget) {
            token.pending = keep(id, chunk, &mut entries);
            more = token.pending.is_some();
        }
    }
    let mut body = opening(graph, kind, &token);
    body.insert("value".into(), json!(entries));
    if more {
        body.insert(
            "@odata.nextLink".into(),
            json!(link(graph, kind, "$skiptoken", &token)),
        );
    } else {
        token.position = graph.store.sequence();
        body.insert(
            "@odata.deltaLink".into(),
            json!(link(graph, kind, "$deltatoken", &token)),
        );
    }
    Ok(Reply::ok(Value::Object(body)))
}

fn keep(id: Uuid, chunk: Chunk, entries: &mut Vec<Value>) -> Option<(Uuid, (usize, u64))> {
    entries.push(chunk.shown);
    chunk.stopped.map(|at| (id, at))
}

fn page_size(graph: &Graph) -> Outcome<usize> {
    let wanted = graph
        .call
        .prefers()
        .find_map(|prefer| prefer.strip_prefix("odata.maxpagesize="));
    match wanted {
        None => Ok(PAGE),
        Some(text) => match text.trim().parse::<usize>() {
            Ok(size) if size > 0 => Ok(size.min(PAGE)),
            _ => Err(Failure::bad(format!(
                "Invalid page size '{text}' in the Prefer header."
            ))),
        },
    }
}

fn names(kind: Option<Kind>, select: Option<&[String]>) -> Vec<String> {
    let is_property = |name: &str| {
        let known =
            |kind| model::property(kind, name).is_some_and(|property| !property.ty.is_link());
        let other = |kind| model::other_names(kind).contains(&name);
        is_extension(name)
            || Kind::DIRECTORY
                .into_iter()
                .any(|kind| known(kind) || other(kind))
    };
    match (select, kind) {
        (Some(names), _) => names
            .iter()
            .filter(|name| is_property(name))
            .cloned()
            .collect(),
        (None, Some(kind)) => show::default_names(kind)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        (None, None) => vec!["displayName".to_owned(), "userPrincipalName".to_owned()],
    }
}

fn links(kind: Option<Kind>, select: Option<&[String]>) -> Vec<Link> {
    match (select, kind) {
        (Some(names), _) => names
            .iter()
            .filter_map(|name| Link::from_name(name))
            .collect(),
        (None, Some(Kind::Group)) => vec![Link::Members],
        _ => Vec::new(),
    }
}

fn opening(graph: &Graph, kind: Option<Kind>, token: &Token) -> serde_json::Map<String, Value> {
    let options = Options {
        select: token.select.clone(),
        ..Options::default()
    };
    let mut body = serde_json::Map::new();
    let mut context = show::context(&graph.call.base, set(kind), &options, false);
    if let Value::String(text) = &mut context {
        text.push_str("/$delta");
    }
    body.insert("@odata.context".into(), context);
    body
}

fn link(graph: &Graph, kind: Option<Kind>, option: &str, token: &Token) -> String {
    format!(
        "{}/{}/delta?{option}={}",
        graph.call.base,
        set(kind),
        token.write(option == "$deltatoken")
    )
}
