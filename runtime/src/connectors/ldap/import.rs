//! One import: everything, or what changed since the last one.
//!
//! Everything: the cookie first, then a paged search, so that what changes meanwhile comes again with
//! the next import. Changes: DirSync says which entries changed and which references came and went;
//! their other attributes are then read again, a hundred entries at a time. That is one search more,
//! and holds where DirSync says too little: Samba is silent about attributes that were removed, none
//! reports what becomes of the entries below a renamed container.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use ldap3::Scope;

use super::dirsync::{self, Answer};
use super::entry::{Attribute, Entry, Range};
use super::session::{Request, Session};
use super::watermark::Watermark;
use super::{filter, ranges};
use crate::connectors::classes::object_type;
use crate::connectors::decode::{self, Decoded};
use crate::connectors::entry::{Delivered, Delivery, Raw, anchor};
use crate::connectors::{EntryChange, Imported, ReferenceChange, Selection, Sink};
use crate::error::Error;

/// Entries that are read again with one search.
const CHUNK: usize = 100;

/// What an import works with.
pub struct Import<'a> {
    session: Session,
    selection: &'a Selection,
    bases: &'a [String],
    delivery: Delivery<'a>,
    sink: &'a mut (dyn Sink + Send),
    /// The naming contexts that the bases are in.
    contexts: BTreeSet<String>,
    /// The selected attributes, and what tells an entry.
    attributes: Vec<&'a str>,
}

impl<'a> Import<'a> {
    /// Checks the bases.
    pub async fn new(
        mut session: Session,
        selection: &'a Selection,
        bases: &'a [String],
        sink: &'a mut (dyn Sink + Send),
    ) -> Result<Import<'a>, Error> {
        let mut contexts = BTreeSet::new();
        for base in bases {
            let context = session.context_of(base).map(str::to_owned);
            match (context, session.read(base, &["1.1"]).await?) {
                (Some(context), Some(_)) => contexts.insert(context),
                _ => return Err(session.wrong_base(base)),
            };
        }
        let attributes = selection
            .attributes
            .iter()
            .map(|attribute| attribute.name.as_str());
        let attributes = attributes.chain(["objectGUID", "objectClass"]).collect();
        let delivery = Delivery::new(selection, bases);
        Ok(Import {
            session,
            selection,
            bases,
            delivery,
            sink,
            contexts,
            attributes,
        })
    }

    /// Delivers what changed since the watermark, or everything if that is not to be had.
    pub async fn run(mut self, watermark: Option<&[u8]>) -> Result<Imported, Error> {
        let watermark = watermark
            .and_then(|bytes| {
                Watermark::read(bytes, &self.session.server, self.selection, self.bases)
            })
            .filter(|watermark| {
                self.contexts
                    .iter()
                    .all(|context| watermark.cookie(context).is_some())
            });
        if let Some(watermark) = watermark
            && self.changes(watermark).await?
        {
            return Ok(Imported::Delta);
        }
        let watermark = match self.watermark(false).await? {
            Some(watermark) => Some(watermark),
            None => self.watermark(true).await?,
        };
        for base in self.bases {
            self.subtree(base, &filter::selected(self.selection))
                .await?;
        }
        self.sink
            .page(watermark.map(|watermark| watermark.write()).as_deref())?;
        Ok(Imported::Full)
    }

    /// Cookies of all naming contexts; `None` where this needs the other way to ask for them. There is
    /// no watermark, and each import reads everything, if the user may not see what is deleted.
    async fn watermark(&mut self, object_security: bool) -> Result<Option<Watermark>, Error> {
        let mut watermark = Watermark::new(
            &self.session.server,
            self.selection,
            self.bases,
            object_security,
        );
        for context in &self.contexts {
            if object_security && !self.session.sees_deleted(context).await? {
                return Ok(None);
            }
            match dirsync::now(&mut self.session, context, object_security).await? {
                Answer::Page { cookie, .. } => watermark.set(context, &cookie),
                Answer::Forbidden(_) if !object_security => return Ok(None),
                Answer::Forbidden(result) | Answer::Refused(result) => {
                    let refused = self.session.refused(context, &result);
                    return Err(refused.help("give the user of `bind` the right `Replicating Directory Changes` on the domain"));
                }
            }
        }
        Ok(Some(watermark))
    }

    /// Everything below a base that the filter lets through. Entries outside of the bases are gone.
    async fn subtree(&mut self, base: &str, filter: &str) -> Result<(), Error> {
        let attributes = self.attributes.clone();
        let request = Request {
            base,
            scope: Scope::Subtree,
            filter,
            attributes: &attributes,
        };
        let mut cookie = Some(Vec::new());
        let mut bump = Bump::new();
        while let Some(at) = cookie {
            let mut unfinished = Vec::new();
            let (delivery, sink) = (&self.delivery, &mut *self.sink);
            cookie = self
                .session
                .page(request, &at, &mut |entry| {
                    if entry
                        .attributes
                        .iter()
                        .any(|attribute| attribute.next().is_some())
                    {
                        unfinished.push(entry);
                        return Ok(());
                    }
                    complete(delivery, &bump, &entry, sink)?;
                    bump.reset();
                    Ok(())
                })
                .await?;
            for mut entry in unfinished {
                ranges::finish(&mut self.session, &mut entry).await?;
                complete(&self.delivery, &bump, &entry, self.sink)?;
                bump.reset();
            }
            self.sink.page(None)?;
        }
        Ok(())
    }

    /// What changed in all naming contexts; false where a cookie is not accepted any more.
    async fn changes(&mut self, mut watermark: Watermark) -> Result<bool, Error> {
        let filter = filter::changed(self.selection);
        let mut attributes = self.attributes.clone();
        attributes.extend(["name", "parentGUID", "isDeleted"]);
        for context in self.contexts.clone() {
            let request = Request {
                base: &context,
                scope: Scope::Subtree,
                filter: &filter,
                attributes: &attributes,
            };
            let Some(mut cookie) = watermark.cookie(&context) else {
                return Ok(false);
            };
            loop {
                let mut changed = Vec::new();
                let mut take = |entry| {
                    changed.push(entry);
                    Ok(())
                };
                let answer = dirsync::page(
                    &mut self.session,
                    request,
                    watermark.object_security,
                    &cookie,
                    &mut take,
                )
                .await?;
                let Answer::Page { cookie: next, more } = answer else {
                    return Ok(false);
                };
                self.apply(&context, changed).await?;
                if next != cookie {
                    watermark.set(&context, &next);
                    self.sink.page(Some(&watermark.write()))?;
                }
                cookie = next;
                if !more {
                    break;
                }
            }
        }
        Ok(true)
    }

    /// Delivers the entries of one answer.
    async fn apply(&mut self, context: &str, changed: Vec<Entry>) -> Result<(), Error> {
        let mut by_anchor: BTreeMap<[u8; 16], Vec<Entry>> = BTreeMap::new();
        for entry in changed {
            match entry.value("objectGUID").and_then(anchor) {
                Some(anchor) => by_anchor.entry(anchor).or_default().push(entry),
                None => self
                    .sink
                    .malformed(None, &entry.dn, "it has no `objectGUID`")?,
            }
        }
        let is_deleted = |entries: &Vec<Entry>| {
            entries
                .iter()
                .rev()
                .find_map(|entry| entry.value("isDeleted"))
                .is_some_and(|value| value.eq_ignore_ascii_case(b"TRUE"))
        };
        for (anchor, _) in by_anchor.iter().filter(|(_, entries)| is_deleted(entries)) {
            self.sink.entry(EntryChange::Delete { anchor })?;
        }
        by_anchor.retain(|_, entries| !is_deleted(entries));
        let (new, known): (Vec<_>, Vec<_>) = by_anchor
            .into_iter()
            .partition(|(_, entries)| entries.iter().any(is_structural));
        for chunk in new.chunks(CHUNK) {
            self.read_again(context, chunk, true).await?;
        }
        for chunk in known.chunks(CHUNK) {
            self.read_again(context, chunk, false).await?;
        }
        Ok(())
    }

    /// Reads entries of an answer again. New, renamed and moved ones are delivered whole (they may not
    /// have been in the bases before); of others, long references as the answer has them.
    async fn read_again(
        &mut self,
        context: &str,
        chunk: &[([u8; 16], Vec<Entry>)],
        whole: bool,
    ) -> Result<(), Error> {
        let filter = filter::anchors(chunk.iter().map(|(anchor, _)| anchor));
        let long = |name: &str| {
            self.selection
                .attributes
                .iter()
                .any(|attribute| attribute.name == name && attribute.reference && attribute.ty.many)
        };
        let attributes: Vec<&str> = self
            .attributes
            .iter()
            .copied()
            .filter(|name| whole || !long(name))
            .collect();
        let request = Request {
            base: context,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &attributes,
        };
        let (mut entries, mut cookie) = (Vec::new(), Some(Vec::new()));
        while let Some(at) = cookie {
            cookie = self
                .session
                .page(request, &at, &mut |entry| {
                    entries.push(entry);
                    Ok(())
                })
                .await?;
        }
        let bump = Bump::new();
        for mut entry in entries {
            let Some(anchor) = entry.value("objectGUID").and_then(anchor) else {
                continue;
            };
            ranges::finish(&mut self.session, &mut entry).await?;
            if !self.delivery.covers(&entry.dn) {
                self.sink.entry(EntryChange::Delete { anchor: &anchor })?;
            } else if whole {
                if complete(&self.delivery, &bump, &entry, self.sink)? == Delivered::Unselected {
                    self.sink.entry(EntryChange::Delete { anchor: &anchor })?;
                }
            } else if let Some((_, answer)) = chunk.iter().find(|(known, _)| *known == anchor) {
                self.partial(&anchor, &entry, answer)?;
            }
            let is_container = entry
                .texts("objectClass")
                .any(|class| filter::CONTAINERS.contains(&class));
            if whole && is_container {
                self.subtree(&entry.dn, &filter::selected(self.selection))
                    .await?;
            }
        }
        Ok(())
    }

    /// Delivers an entry that was there before: its attributes as they are now, its long references as
    /// the answer of DirSync has them.
    fn partial(&mut self, anchor: &[u8; 16], entry: &Entry, answer: &[Entry]) -> Result<(), Error> {
        let bump = Bump::new();
        let Some(class) = object_type(entry.texts("objectClass")) else {
            return Ok(());
        };
        let Some(ty) = self.delivery.columns.object_type(class) else {
            return Ok(());
        };
        let mut values = values(&self.delivery, &bump, entry);
        let decoded = self
            .delivery
            .columns
            .decode(&bump, Some(ty), &mut values)
            .and_then(|mut decoded| {
                self.fill(ty, &mut decoded);
                let links = answer.iter().flat_map(|entry| &entry.attributes);
                links
                    .into_iter()
                    .try_for_each(|link| self.link(&bump, ty, link, &mut decoded))?;
                Ok(decoded)
            });
        match decoded {
            Ok(decoded) => {
                let object_type = self.selection.object_types.get(ty).map(String::as_str);
                self.delivery.upsert(
                    anchor,
                    Some(&entry.dn),
                    object_type,
                    false,
                    &decoded,
                    self.sink,
                )
            }
            Err(malformed) => self
                .sink
                .malformed(Some(anchor), &entry.dn, &malformed.to_string()),
        }
    }

    /// What was read again and is not there is absent.
    fn fill(&self, ty: usize, decoded: &mut Decoded<'_>) {
        for place in 0..self.selection.attributes.len() {
            let Some(attribute) = self.delivery.columns.attribute(place, Some(ty)) else {
                continue;
            };
            let found = decoded.attributes.iter().any(|(known, _)| *known == place)
                || decoded.references.iter().any(|(known, _)| *known == place);
            let is_long = attribute.reference && attribute.ty.many;
            if !found && !is_long {
                decoded.absent(place, attribute);
            }
        }
    }

    /// A long reference as DirSync tells of it.
    fn link<'b>(
        &self,
        bump: &'b Bump,
        ty: usize,
        link: &'b Attribute,
        decoded: &mut Decoded<'b>,
    ) -> Result<(), decode::Malformed> {
        let columns = &self.delivery.columns;
        let Some(place) = columns.place(&link.name) else {
            return Ok(());
        };
        let Some(attribute) = columns
            .attribute(place, Some(ty))
            .filter(|known| known.reference && known.ty.many)
        else {
            return Ok(());
        };
        let targets = decode::targets(bump, attribute, link.values.iter().map(Vec::as_slice))?;
        let change = match link.range {
            Some(Range::ADDED) => ReferenceChange::Add(targets),
            Some(Range::REMOVED) => ReferenceChange::Remove(targets),
            _ => ReferenceChange::Replace(targets),
        };
        decoded.references.push((place, change));
        Ok(())
    }
}

/// New, renamed, moved, brought back, or of another type.
fn is_structural(entry: &Entry) -> bool {
    ["name", "parentGUID", "objectClass", "isDeleted"]
        .iter()
        .any(|name| entry.attribute(name).is_some())
}

/// Delivers an entry with all its values.
fn complete(
    delivery: &Delivery<'_>,
    bump: &Bump,
    entry: &Entry,
    sink: &mut dyn Sink,
) -> Result<Delivered, Error> {
    if !delivery.covers(&entry.dn) {
        if let Some(anchor) = entry.value("objectGUID").and_then(anchor) {
            sink.entry(EntryChange::Delete { anchor: &anchor })?;
        }
        return Ok(Delivered::Unselected);
    }
    let raw = Raw {
        dn: &entry.dn,
        anchor: entry.value("objectGUID"),
        classes: BumpVec::from_iter_in(entry.texts("objectClass"), bump),
        values: values(delivery, bump, entry),
    };
    delivery.complete(bump, raw, sink)
}

/// The values of the selected attributes, by place.
fn values<'b>(
    delivery: &Delivery<'_>,
    bump: &'b Bump,
    entry: &'b Entry,
) -> BumpVec<'b, (usize, &'b [u8])> {
    let mut values = BumpVec::new_in(bump);
    for attribute in &entry.attributes {
        if let Some(place) = delivery.columns.place(&attribute.name) {
            values.extend(
                attribute
                    .values
                    .iter()
                    .map(|value| (place, value.as_slice())),
            );
        }
    }
    if let Some(place) = delivery.columns.distinguished_name
        && !values.iter().any(|(known, _)| *known == place)
    {
        values.push((place, entry.dn.as_bytes()));
    }
    values
}
