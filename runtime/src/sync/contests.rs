//! Of several objects that claim one unique value the one that has it in the target keeps it; if none
//! has it, the smallest anchor gets it. The others are errors, and tried again in the next cycle.

use std::collections::{BTreeMap, HashMap, HashSet};

use trib_compiler::ir::End;
use trib_compiler::schema::Kind;
use trib_compiler::value::{Value, folded};

use super::{Synchronizer, keys};
use crate::error::Error;
use crate::plan::{AttributeChange, ObjectError};
use crate::store::{Entry, Holder, PendingExport};

/// Logins and mail addresses are one space of values: no two objects share an address in any form.
const ADDRESSES: [&str; 2] = ["userPrincipalName", "mail"];

/// Connector, space of values and value.
type Claimed = (i64, String, String);

/// An export that sets unique values.
struct Claimant {
    export: PendingExport,
    entry: Entry,
    /// Where in the export each claimed value is.
    claims: Vec<(Claimed, usize)>,
}

/// A claimant that does not get a value, and who has it.
struct Loser {
    at: usize,
    change: usize,
    rival: String,
}

fn space(attribute: &str) -> &str {
    match ADDRESSES.contains(&attribute) {
        true => "address",
        false => attribute,
    }
}

impl Synchronizer<'_> {
    /// Drops the exports that claim a value which another object has or gets.
    pub(super) fn settle_contests(&self) -> Result<(), Error> {
        let mut claimants = Vec::new();
        let mut deleted = HashSet::new();
        for export in self.store.pending()? {
            let Some(entry) = self.store.entry(export.entry)? else {
                continue;
            };
            if export.op == "delete" {
                deleted.insert(entry.id);
                continue;
            }
            let claims = self.claims(&entry, &export);
            claimants.push(Claimant {
                export,
                entry,
                claims,
            });
        }
        loop {
            let lost = self.losers(&claimants, &deleted)?;
            if lost.is_empty() {
                return Ok(());
            }
            for loser in lost.iter().rev() {
                let claimant = claimants.remove(loser.at);
                self.lose(&claimant, loser)?;
            }
        }
    }

    fn claims(&self, entry: &Entry, export: &PendingExport) -> Vec<(Claimed, usize)> {
        let end = entry.object_type.and_then(|ty| self.program.end(ty));
        let Some(ir) = end.and_then(|end| self.program.ir_type(end)) else {
            return Vec::new();
        };
        let tenant = !matches!(end, Some(End::Directory(at, _)) if self.program.is_forest(at));
        let unique = |change: &AttributeChange| {
            (tenant && ADDRESSES.contains(&change.name.as_str()))
                || ir
                    .attributes
                    .iter()
                    .any(|a| a.unique && a.name == change.name)
        };
        let changes = export.attributes.iter().enumerate();
        changes
            .filter(|(_, change)| unique(change))
            .filter_map(|(at, change)| {
                let space = space(&change.name).to_owned();
                // An anchor in base64 differs from another one by case alone.
                let value = match space.as_str() {
                    "address" => folded(change.new.as_str()?).collect(),
                    _ => change.new.as_str()?.to_owned(),
                };
                let claimed = (entry.connector, space, value);
                Some((claimed, at))
            })
            .collect()
    }

    fn losers(&self, claimants: &[Claimant], deleted: &HashSet<i64>) -> Result<Vec<Loser>, Error> {
        let mut changing: HashSet<(i64, &str)> = HashSet::new();
        let mut by_value: HashMap<&Claimed, Vec<(usize, usize)>> = HashMap::new();
        for (at, claimant) in claimants.iter().enumerate() {
            for change in &claimant.export.attributes {
                changing.insert((claimant.entry.id, &change.name));
            }
            for (claimed, change) in &claimant.claims {
                by_value.entry(claimed).or_default().push((at, *change));
            }
        }
        let mut lost: BTreeMap<usize, Loser> = BTreeMap::new();
        for (claimed, list) in by_value {
            let holder = self.holder(claimed, deleted, &changing)?;
            let mut list = list;
            list.sort_by_cached_key(|(at, _)| {
                let entry = claimants.get(*at).map(|claimant| &claimant.entry);
                (self.source_anchor(entry).unwrap_or_default(), *at)
            });
            let first = list.first().and_then(|(at, _)| claimants.get(*at));
            for (at, change) in &list {
                let Some(claimant) = claimants.get(*at) else {
                    continue;
                };
                let rival = match (&holder, first) {
                    (Some((holder, name)), _) if *holder != claimant.entry.id => name.clone(),
                    (None, Some(first)) if first.entry.id != claimant.entry.id => {
                        first.export.source.clone()
                    }
                    _ => continue,
                };
                lost.entry(*at).or_insert(Loser {
                    at: *at,
                    change: *change,
                    rival,
                });
            }
        }
        Ok(lost.into_values().collect())
    }

    /// The object that has a value in the target and keeps it.
    fn holder(
        &self,
        (connector, space_of, value): &Claimed,
        deleted: &HashSet<i64>,
        changing: &HashSet<(i64, &str)>,
    ) -> Result<Option<(i64, String)>, Error> {
        let Some(at) = self.program.connector(*connector) else {
            return Ok(None);
        };
        let Some(ir) = self
            .program
            .rules
            .connectors
            .get(at)
            .filter(|c| c.kind == Kind::Entra)
        else {
            return Ok(None);
        };
        let types = self.program.connectors.get(at).map(|(_, types)| types);
        for (ir, ty) in ir.object_types.iter().zip(types.into_iter().flatten()) {
            for (attribute, number) in ir.attributes.iter().zip(&ty.layout.numbers) {
                if !attribute.indexed || space(&attribute.name) != space_of {
                    continue;
                }
                let key = keys(Value::Text(value))
                    .into_iter()
                    .next()
                    .unwrap_or_default();
                for id in self.store.lookup(Holder::Entry, *number, &key, false)? {
                    if deleted.contains(&id) || changing.contains(&(id, &attribute.name)) {
                        continue;
                    }
                    let exact = space_of != "address";
                    if exact
                        && !self.holds_exactly(Holder::Entry, id, *number, Value::Text(value))?
                    {
                        continue;
                    }
                    if let Some(entry) = self.store.entry(id)? {
                        return Ok(Some((id, self.entry_name(at, &entry))));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The smallest anchor among the sources of a target entry.
    fn source_anchor(&self, entry: Option<&Entry>) -> Option<Vec<u8>> {
        let entry = entry?;
        let sources = self.store.entries_of(entry.object?).ok()?;
        let sources = sources
            .into_iter()
            .filter(|source| source.connector != entry.connector);
        sources.filter_map(|source| source.anchor).min()
    }

    fn lose(&self, claimant: &Claimant, loser: &Loser) -> Result<(), Error> {
        let Claimant { export, entry, .. } = claimant;
        if let (Some(change), Some(object)) = (export.attributes.get(loser.change), entry.object) {
            let connector = self.program.connector(entry.connector);
            let connector = connector.map(|at| self.program.connector_name(at));
            let error = ObjectError {
                connector: connector.unwrap_or_default().to_owned(),
                object: export.source.clone(),
                code: "value-taken".to_owned(),
                message: format!(
                    "`{}` claims {} {}, and `{}` has it; a value that must be unique goes to one object",
                    export.name, change.name, change.new, loser.rival
                ),
                rule: change.rule.clone(),
                at: change.at.clone(),
            };
            self.store.set_error(0, object, Some(&error))?;
        }
        match entry.anchor {
            Some(_) => self.store.set_pending(entry.id, None),
            None => {
                self.store.remove_entry(entry.id)?;
                entry
                    .object
                    .map_or(Ok(()), |object| self.store.clean_object(object))
            }
        }
    }
}
