//! What changed, as DirSync tells it.

use std::collections::BTreeMap;

use bumpalo::Bump;
use ldap3::Scope;

use super::super::dirsync::{self, Answer};
use super::super::entry::{Attribute, Entry, Range};
use super::super::session::Request;
use super::super::watermark::{Watermark, Way};
use super::super::{filter, ranges};
use super::{CHUNK, Import, complete, values};
use crate::connectors::classes::object_type;
use crate::connectors::decode::{self, Decoded};
use crate::connectors::entry::{Delivered, anchor};
use crate::connectors::{EntryChange, ReferenceChange};
use crate::error::Error;

impl Import<'_> {
    /// What changed in all naming contexts; false where a cookie is not accepted any more.
    pub(super) async fn changes(&mut self, mut watermark: Watermark) -> Result<bool, Error> {
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
            let Some(mut cookie) = watermark.mark(&context) else {
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
                    watermark.way == Way::ObjectSecurity,
                    &cookie,
                    &mut take,
                )
                .await?;
                let Answer::Page { cookie: next, more } = answer else {
                    return Ok(false);
                };
                self.apply(&context, changed).await?;
                if next == cookie {
                    // With more to come it would never come.
                    match more {
                        true => return Ok(false),
                        false => break,
                    }
                }
                watermark.set(&context, &next);
                self.sink.page(Some(&watermark.write()))?;
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
            if whole && filter::is_container(&entry) {
                self.subtree(&entry.dn, &filter::selected(self.selection), false)
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
