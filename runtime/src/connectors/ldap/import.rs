//! One import: everything, or what changed since the last one.
//!
//! Everything: the cookie first, then a paged search, so that what changes meanwhile comes again with
//! the next import. Changes: DirSync says which entries changed and which references came and went;
//! their other attributes are then read again, a hundred entries at a time. That is one search more,
//! and holds where DirSync says too little: Samba is silent about attributes that were removed, none
//! reports what becomes of the entries below a renamed container. A server that refuses DirSync tells
//! changes by their numbers (`uSNChanged`).

mod changes;
mod usn;

use std::collections::BTreeSet;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use ldap3::Scope;

use super::dirsync::{self, Answer};
use super::entry::Entry;
use super::session::{Request, Session};
use super::watermark::{Watermark, Way};
use super::{filter, ranges};
use crate::connectors::entry::{Delivered, Delivery, Raw, anchor};
use crate::connectors::{EntryChange, Imported, Selection, Sink};
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
                    .all(|context| watermark.mark(context).is_some())
            });
        if let Some(watermark) = watermark {
            let told = match watermark.way {
                Way::Usn => self.changed_by_number(watermark).await?,
                _ => self.changes(watermark).await?,
            };
            if told {
                return Ok(Imported::Delta);
            }
        }
        let watermark = self.watermark().await?;
        for base in self.bases {
            self.subtree(base, &filter::selected(self.selection), true)
                .await?;
        }
        self.sink
            .page(watermark.map(|watermark| watermark.write()).as_deref())?;
        Ok(Imported::Full)
    }

    /// Where the changes from now on begin, in the best way that the server has for us. There is none,
    /// and each import reads everything, if the user may not see what is deleted.
    async fn watermark(&mut self) -> Result<Option<Watermark>, Error> {
        if let Some(watermark) = self.begin(Way::Replication).await? {
            return Ok(Some(watermark));
        }
        for context in &self.contexts {
            if !self.session.sees_deleted(context).await? {
                return Ok(None);
            }
        }
        match self.begin(Way::ObjectSecurity).await? {
            Some(watermark) => Ok(Some(watermark)),
            None => self.begin(Way::Usn).await,
        }
    }

    /// A watermark of all naming contexts; `None` where the server refuses to tell changes this way.
    async fn begin(&mut self, way: Way) -> Result<Option<Watermark>, Error> {
        let mut watermark = Watermark::new(&self.session.server, self.selection, self.bases, way);
        for context in &self.contexts {
            let mark = match way {
                Way::Usn => self
                    .session
                    .highest_usn()
                    .await?
                    .map(|usn| usn.to_string().into_bytes()),
                _ => {
                    let object_security = way == Way::ObjectSecurity;
                    match dirsync::now(&mut self.session, context, object_security).await? {
                        Answer::Page { cookie, .. } => Some(cookie),
                        Answer::Refused => None,
                    }
                }
            };
            match mark {
                Some(mark) => watermark.set(context, &mark),
                None => return Ok(None),
            }
        }
        Ok(Some(watermark))
    }

    /// Everything below a base that the filter lets through. Entries outside of the bases are gone.
    /// Of a full import each page is kept; changes are kept together with their watermark.
    async fn subtree(&mut self, base: &str, filter: &str, full: bool) -> Result<(), Error> {
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
            if full {
                self.sink.page(None)?;
            }
        }
        Ok(())
    }
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
