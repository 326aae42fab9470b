//! Pages of objects.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::filter::Filter;
use super::options::Options;
use super::search::Search;
use super::{matching, show};
use crate::call::{Call, Reply};
use crate::failure::{Failure, Outcome};
use crate::model::Kind;
use crate::store::{Object, Store};

const DEFAULT_PAGE: usize = 100;
const EXPANDED_PAGE: usize = 100;
const SIGN_IN_PAGE: usize = 120;
const ORDERED_BY: [&str; 5] = [
    "displayName",
    "userPrincipalName",
    "createdDateTime",
    "mail",
    "deletedDateTime",
];
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$');

/// Objects with their places in the list, in order of place.
type Rows<'a> = Box<dyn Iterator<Item = (u64, &'a Object)> + 'a>;

/// What to list: the rows there are, and how one of them looks.
pub(crate) struct Listing<'a> {
    /// For checks of names; `None` for links that lead to several kinds.
    pub kind: Option<Kind>,
    pub set: &'a str,
    pub rows: Rows<'a>,
    /// Rows can be replaced by index look-ups, because these are all objects of the kind.
    pub whole: bool,
}

impl<'a> Listing<'a> {
    /// Answers one page.
    pub fn page(self, store: &'a Store, call: &Call, options: &Options) -> Outcome<Reply> {
        if let (Some(kind), Some(select)) = (self.kind, &options.select) {
            show::check_select(kind, select, true)?;
        }
        let after = options
            .skiptoken
            .as_deref()
            .map(place)
            .transpose()?
            .unwrap_or(0);
        let (kind, set) = (self.kind, self.set);
        let counted = options.advanced() && after == 0;
        let rows = self.narrowed(store, options)?;
        let mut body = serde_json::Map::new();
        body.insert(
            "@odata.context".into(),
            show::context(&call.base, set, options, false),
        );
        let rows: Rows = if counted {
            let rows: Vec<_> = rows.collect();
            body.insert("@odata.count".into(), json!(rows.len()));
            Box::new(rows.into_iter())
        } else {
            rows
        };
        let size = page_size(options);
        let mut rows = rows.filter(|(place, _)| *place > after);
        let page: Vec<_> = rows.by_ref().take(size).collect();
        if let (Some((last, _)), true) = (page.last(), rows.next().is_some()) {
            body.insert("@odata.nextLink".into(), json!(next_link(call, *last)));
        }
        let shown: Outcome<Vec<Value>> = page
            .iter()
            .map(|(_, object)| row(store, kind, object, options))
            .collect();
        body.insert("value".into(), json!(shown?));
        Ok(Reply::ok(Value::Object(body)))
    }

    /// How many rows fit, as plain text.
    pub fn count(self, store: &'a Store, options: &Options) -> Outcome<Reply> {
        if !options.eventual {
            return Err(Failure::bad("$count is not currently supported."));
        }
        let options = Options {
            count: true,
            ..options.clone()
        };
        let count = self.narrowed(store, &options)?.count();
        Ok(Reply::text(count.to_string()))
    }

    fn narrowed(self, store: &'a Store, options: &Options) -> Outcome<Rows<'a>> {
        let Listing {
            kind,
            mut rows,
            whole,
            ..
        } = self;
        let search = Search::parse(options)?;
        if options.advanced() && !options.expand.is_empty() {
            return Err(Failure::unsupported_query(
                "$expand is not supported with advanced queries.",
            ));
        }
        if let Some(text) = &options.filter {
            let filter = parse_filter(kind, text, options)?;
            if let Some(found) = matching::candidates(store, &filter).filter(|_| whole) {
                let of_kind = found.into_iter().filter(|object| Some(object.kind) == kind);
                let mut found: Vec<_> = of_kind.map(|object| (object.number, object)).collect();
                found.sort_unstable_by_key(|(place, _)| *place);
                found.dedup_by_key(|(place, _)| *place);
                rows = Box::new(found.into_iter());
            }
            rows = Box::new(rows.filter(move |(_, object)| matching::fits(&filter, object)));
        }
        if let Some(search) = search {
            rows = Box::new(rows.filter(move |(_, object)| search.fits(object)));
        }
        match &options.orderby {
            Some(order) => ordered(rows, order, options),
            None => Ok(rows),
        }
    }
}

fn parse_filter(kind: Option<Kind>, text: &str, options: &Options) -> Outcome<Filter> {
    match kind {
        Some(kind) => matching::parse(text, kind, options),
        None => Err(Failure::unsupported_query(
            "$filter needs a cast to one type of object here.",
        )),
    }
}

fn row(store: &Store, kind: Option<Kind>, object: &Object, options: &Options) -> Outcome<Value> {
    if kind.is_none() {
        return Ok(show::linked(object, options.select.as_deref()));
    }
    let mut shown = show::object(object, options.select.as_deref());
    show::expand(store, object, &options.expand, &mut shown)?;
    Ok(Value::Object(shown))
}

fn page_size(options: &Options) -> usize {
    let size = options.top.unwrap_or(DEFAULT_PAGE);
    let sign_in = options
        .select
        .iter()
        .flatten()
        .any(|name| name == "signInActivity");
    let limit = if sign_in { SIGN_IN_PAGE } else { usize::MAX };
    let limit = if options.expand.is_empty() {
        limit
    } else {
        EXPANDED_PAGE
    };
    size.min(limit)
}

fn ordered<'a>(rows: Rows<'a>, order: &str, options: &Options) -> Outcome<Rows<'a>> {
    let (name, direction) = order
        .trim()
        .split_once(' ')
        .unwrap_or((order.trim(), "asc"));
    let down = match direction.trim().to_lowercase().as_str() {
        "asc" => false,
        "desc" => true,
        _ => return Err(Failure::bad("Invalid $orderby clause.")),
    };
    if !ORDERED_BY.contains(&name) {
        return Err(Failure::unsupported_query(format!(
            "Sorting by '{name}' is not supported."
        )));
    }
    if (options.filter.is_some() || options.search.is_some()) && !options.advanced() {
        return Err(Failure::unsupported_query(
            "Sorting not supported for current query.",
        ));
    }
    let mut rows: Vec<_> = rows.map(|(_, object)| object).collect();
    rows.sort_by_cached_key(|object| object.text(name).unwrap_or_default().to_lowercase());
    if down {
        rows.reverse();
    }
    Ok(Box::new((1..).zip(rows)))
}

/// The place from which rows are wanted; an ordered list has places of its own.
pub(crate) fn start(options: &Options) -> Outcome<u64> {
    match &options.skiptoken {
        Some(token) if options.orderby.is_none() => place(token),
        _ => Ok(0),
    }
}

fn place(token: &str) -> Outcome<u64> {
    let expired = || {
        Failure::new(
            400,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired or is not valid.",
        )
    };
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| expired())?;
    let text = String::from_utf8(bytes).map_err(|_| expired())?;
    text.strip_prefix("place:")
        .and_then(|place| place.parse().ok())
        .ok_or_else(expired)
}

fn next_link(call: &Call, after: u64) -> String {
    let token = BASE64_URL_SAFE_NO_PAD.encode(format!("place:{after}"));
    let kept = call
        .query
        .iter()
        .filter(|(name, _)| !matches!(name.to_lowercase().as_str(), "$skiptoken" | "skiptoken"));
    let mut query: Vec<String> = kept
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    query.push(format!("$skiptoken={token}"));
    format!("{}{}?{}", call.base, call.path, query.join("&"))
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}
