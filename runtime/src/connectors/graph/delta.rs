//! Reads users, groups and the like: everything at first, then what changed.

use std::collections::HashSet;

use bumpalo::Bump;
use serde_json::{Map, Value as Json};

use super::client::Client;
use super::error::{Refusal, permission_to_read};
use super::request;
use super::value::typed;
use super::watermark::Watermark;
use crate::connectors::{
    EntryChange, Imported, ReferenceChange, SelectedAttribute, Selection, Sink, Target, Upsert,
};
use crate::error::Error;

/// How often reading everything starts over when the service loses its place.
const FULL_ATTEMPTS: u32 = 3;

/// Why a round of deltas ended early.
enum Stopped {
    /// The link is not good any more: start over.
    Expired,
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Stopped {
        Stopped::Failed(error)
    }
}

/// What is asked of one object type.
struct Question<'s> {
    object_type: &'s str,
    /// Places in the selection, and what is there.
    attributes: Vec<(usize, &'s SelectedAttribute)>,
    /// Entries may come in pieces: they have references of which there can be many.
    in_pieces: bool,
}

/// One page of a delta.
struct Page {
    entries: Vec<Json>,
    /// The link that leads on, and whether it starts the next round.
    link: String,
    is_last: bool,
}

/// Reads what changed since the watermark, or everything where that is not possible.
pub(super) async fn import(
    client: &Client,
    selection: &Selection,
    watermark: Option<&[u8]>,
    sink: &mut (dyn Sink + Send),
) -> Result<Imported, Error> {
    if let Some(mark) = watermark.and_then(|bytes| Watermark::read(bytes, &client.base, selection))
    {
        match changes(client, selection, mark, sink).await {
            Ok(()) => return Ok(Imported::Delta),
            Err(Stopped::Expired) => {}
            Err(Stopped::Failed(error)) => return Err(error),
        }
    }
    for _ in 0..FULL_ATTEMPTS {
        match everything(client, selection, sink).await {
            Ok(()) => return Ok(Imported::Full),
            Err(Stopped::Expired) => {}
            Err(Stopped::Failed(error)) => return Err(error),
        }
    }
    Err(Error::directory(format!(
        "`{}`: Graph loses its place while everything is read",
        client.name
    ))
    .help("run again later"))
}

/// Every page moves the watermark on: an interrupted round goes on where it was.
async fn changes(
    client: &Client,
    selection: &Selection,
    mut mark: Watermark,
    sink: &mut (dyn Sink + Send),
) -> Result<(), Stopped> {
    for place in 0..selection.object_types.len() {
        let Some(question) = Question::of(selection, place) else {
            continue;
        };
        loop {
            let link = mark
                .links
                .get(question.object_type)
                .cloned()
                .unwrap_or_default();
            let page = page(
                client,
                &question,
                &client.link(&link)?,
                Some("return=minimal"),
            )
            .await?;
            for entry in &page.entries {
                question.entry(entry, None, sink)?;
            }
            mark.links
                .insert(question.object_type.to_owned(), page.link);
            sink.page(Some(&mark.bytes()))?;
            if page.is_last {
                break;
            }
        }
    }
    Ok(())
}

/// The watermark comes with the last page of all: what is interrupted starts over, because only a
/// complete reading tells what is gone.
async fn everything(
    client: &Client,
    selection: &Selection,
    sink: &mut (dyn Sink + Send),
) -> Result<(), Stopped> {
    let mut mark = Watermark::new(&client.base, selection);
    let last = selection.object_types.len().saturating_sub(1);
    for place in 0..selection.object_types.len() {
        let Some(question) = Question::of(selection, place) else {
            continue;
        };
        let mut seen = HashSet::new();
        let mut url = question.url(&client.base);
        loop {
            let page = page(client, &question, &url, None).await?;
            for entry in &page.entries {
                question.entry(entry, Some(&mut seen), sink)?;
            }
            url = client.link(&page.link)?;
            if page.is_last {
                mark.links
                    .insert(question.object_type.to_owned(), page.link);
                sink.page((place == last).then(|| mark.bytes()).as_deref())?;
                break;
            }
            sink.page(None)?;
        }
    }
    Ok(())
}

async fn page(
    client: &Client,
    question: &Question<'_>,
    url: &str,
    prefer: Option<&str>,
) -> Result<Page, Stopped> {
    let answer = client.get(url, prefer).await?;
    if !answer.is_success() {
        let refusal = Refusal::of(&answer);
        if refusal.is_resync() {
            return Err(Stopped::Expired);
        }
        let wanted = format!("the changes of `{}` objects", question.object_type);
        return Err(refusal
            .error(
                &client.name,
                &wanted,
                permission_to_read(question.object_type),
            )
            .into());
    }
    let Json::Object(mut body) = answer.body else {
        return Err(client.strange_page().into());
    };
    let mut link = |key: &str| match body.remove(key) {
        Some(Json::String(link)) => Some(link),
        _ => None,
    };
    let (next, delta) = (link("@odata.nextLink"), link("@odata.deltaLink"));
    let is_last = next.is_none();
    match (body.remove("value"), next.or(delta)) {
        (Some(Json::Array(entries)), Some(link)) => Ok(Page {
            entries,
            link,
            is_last,
        }),
        _ => Err(client.strange_page().into()),
    }
}

impl Client {
    fn strange_page(&self) -> Error {
        Error::directory(format!(
            "`{}`: a page of changes has no entries or no link that leads on",
            self.name
        ))
        .help(format!("check `graph` of `[connector.{}]`", self.name))
    }
}

impl<'s> Question<'s> {
    fn of(selection: &'s Selection, place: usize) -> Option<Question<'s>> {
        let object_type = selection.object_types.get(place)?;
        let is_told = |attribute: &SelectedAttribute| {
            attribute.object_types.contains(&place)
                && attribute.name != "passwordProfile"
                && !request::is_separate(object_type, &attribute.name)
        };
        let attributes: Vec<_> = selection
            .attributes
            .iter()
            .enumerate()
            .filter(|(_, attribute)| is_told(attribute))
            .collect();
        let in_pieces = attributes
            .iter()
            .any(|(_, attribute)| attribute.reference && attribute.ty.many);
        Some(Question {
            object_type,
            attributes,
            in_pieces,
        })
    }

    fn url(&self, base: &str) -> String {
        let mut names: Vec<&str> = self
            .attributes
            .iter()
            .map(|(_, attribute)| attribute.name.as_str())
            .collect();
        if names.is_empty() {
            names.push("id");
        }
        format!(
            "{base}/{}/delta?$select={}",
            request::entity_set(self.object_type),
            names.join(",")
        )
    }

    /// Hands an entry over. `seen` is given when everything is read: entries are complete then, and
    /// one that comes again carries more of its references.
    fn entry(
        &self,
        json: &Json,
        seen: Option<&mut HashSet<Box<str>>>,
        sink: &mut (dyn Sink + Send),
    ) -> Result<(), Error> {
        let Some((object, id)) = json
            .as_object()
            .and_then(|object| Some((object, object.get("id")?.as_str()?)))
        else {
            return sink.malformed(None, self.object_type, "has no `id`");
        };
        if object.contains_key("@removed") {
            return sink.entry(EntryChange::Delete {
                anchor: id.as_bytes(),
            });
        }
        let complete = seen.is_some_and(|seen| !self.in_pieces || seen.insert(id.into()));
        let bump = Bump::new();
        let mut attributes = Vec::new();
        let mut references = Vec::new();
        for &(place, attribute) in &self.attributes {
            if attribute.reference {
                let links = Links::of(object, attribute);
                links.changes(
                    attribute.ty.many,
                    complete,
                    |change| references.push((place, change)),
                    &bump,
                );
            } else if let Some(json) = object.get(&attribute.name) {
                match typed(json, &attribute.ty, &bump) {
                    Ok(value) => attributes.push((place, value)),
                    Err(reason) => {
                        let message = format!("`{}` {reason}", attribute.name);
                        return sink.malformed(Some(id.as_bytes()), id, &message);
                    }
                }
            }
        }
        sink.entry(EntryChange::Upsert(Upsert {
            anchor: id.as_bytes(),
            dn: None,
            object_type: Some(self.object_type),
            complete,
            attributes: &attributes,
            references: &references,
        }))
    }
}

/// What an entry tells of one of its references.
#[derive(Default)]
struct Links<'a> {
    added: Vec<Target<'a>>,
    removed: Vec<Target<'a>>,
}

impl<'a> Links<'a> {
    fn of(object: &'a Map<String, Json>, attribute: &SelectedAttribute) -> Links<'a> {
        let mut links = Links::default();
        let items = object
            .get(&format!("{}@delta", attribute.name))
            .and_then(Json::as_array);
        for item in items.into_iter().flatten() {
            let Some(id) = item.get("id").and_then(Json::as_str) else {
                continue;
            };
            let list = if item.get("@removed").is_some() {
                &mut links.removed
            } else {
                &mut links.added
            };
            list.push(Target::Anchor(id.as_bytes()));
        }
        links
    }

    fn changes(
        self,
        many: bool,
        first: bool,
        mut push: impl FnMut(ReferenceChange<'a>),
        bump: &'a Bump,
    ) {
        let Links { added, removed } = self;
        // A single reference has the last target that came.
        let added = if many {
            added
        } else {
            added.last().copied().into_iter().collect()
        };
        let added_slice: &'a [Target<'a>] = bump.alloc_slice_copy(&added);
        if first || (!many && !added.is_empty()) {
            return push(ReferenceChange::Replace(added_slice));
        }
        if !removed.is_empty() {
            push(ReferenceChange::Remove(bump.alloc_slice_copy(&removed)));
        }
        if !added.is_empty() {
            push(ReferenceChange::Add(added_slice));
        }
    }
}
