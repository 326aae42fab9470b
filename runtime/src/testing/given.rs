//! What a test gives, changes and removes: deliveries to the store, as a directory would make them.

use std::collections::HashMap;

use bumpalo::Bump;
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use trib_compiler::checked::{Step, StepKind, Values};
use trib_compiler::ir::Constant;
use trib_compiler::notation::dn::dn_key;
use trib_compiler::value::Value;

use super::Running;
use crate::config::Ad;
use crate::connectors::ldif::LdifSource;
use crate::connectors::{EntryChange, ReferenceChange, Sink, Target, Upsert};
use crate::error::Error;
use crate::object::constant;
use crate::store::{Entry, ImportSink};

/// Labels and the objects they name.
pub(super) type Labels = HashMap<String, Label>;

/// A labelled object.
#[derive(Debug, Clone)]
pub(super) struct Label {
    connector: usize,
    object_type: String,
    anchor: Vec<u8>,
}

impl Running {
    /// Makes a cycle's changes to the directories.
    pub(super) fn give(&mut self, steps: &[Step]) -> Result<(), Error> {
        // References may point ahead, so all labels come first.
        for step in steps {
            if let StepKind::Given {
                connector,
                object_type,
                label: Some(label),
                values,
            } = &step.kind
            {
                // Given again, it is the same object that comes back.
                let before = self.labels.get(label).map(|known| known.anchor.clone());
                let known = Label {
                    connector: *connector,
                    object_type: object_type.clone(),
                    anchor: anchor(values).or(before).unwrap_or_else(|| made_of(label)),
                };
                self.labels.insert(label.clone(), known);
            }
        }
        for step in steps {
            match &step.kind {
                StepKind::Given {
                    connector,
                    object_type,
                    label,
                    values,
                } => {
                    let object = match label {
                        Some(label) => self.known(label)?,
                        None => {
                            self.unnamed += 1;
                            let name = format!("unnamed {}", self.unnamed);
                            Label {
                                connector: *connector,
                                object_type: object_type.clone(),
                                anchor: anchor(values).unwrap_or_else(|| made_of(&name)),
                            }
                        }
                    };
                    self.deliver(&object, true, values)?;
                }
                StepKind::GivenFile { connector, file } => self.deliver_file(*connector, file)?,
                StepKind::Change { label, values } => {
                    let object = self.known(label)?;
                    self.deliver(&object, false, values)?;
                }
                StepKind::Remove(label) => {
                    let Label {
                        connector, anchor, ..
                    } = self.known(label)?;
                    self.sink(connector, |sink, _| {
                        sink.entry(EntryChange::Delete { anchor: &anchor })
                    })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The object that a label, or the dn of an object without one, means.
    fn known(&self, name: &str) -> Result<Label, Error> {
        if let Some(label) = self.labels.get(name) {
            return Ok(label.clone());
        }
        let program = &self.engine.program;
        let label = self.labelled(name)?.and_then(|entry| {
            let end = program.end(entry.object_type?)?;
            Some(Label {
                connector: program.connector(entry.connector)?,
                object_type: program.ir_type(end)?.name.clone(),
                anchor: entry.anchor?,
            })
        });
        label.ok_or_else(|| {
            Error::configuration(format!("there is no object `{name}`"))
                .help("objects go by their label, or where they have none by their dn")
        })
    }

    /// The stored entry of a label or dn.
    pub(super) fn labelled(&self, name: &str) -> Result<Option<Entry>, Error> {
        let (store, connectors) = (&self.engine.store, &self.engine.program.connectors);
        if let Some(known) = self.labels.get(name) {
            return match connectors.get(known.connector) {
                Some((number, _)) => store.entry_by_anchor(*number, &known.anchor),
                None => Ok(None),
            };
        }
        let key = dn_key(name);
        for (number, _) in connectors {
            // What is only referred to has no type.
            let entry = store.entry_by_dn(*number, &key)?;
            if let Some(entry) = entry.filter(|entry| entry.object_type.is_some()) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn sink(
        &mut self,
        connector: usize,
        work: impl FnOnce(&mut ImportSink<'_>, &[String]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let selection = self.engine.selection(connector);
        let mut names: Vec<String> = selection
            .attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .collect();
        names.push("id".to_owned());
        let types = self.engine.program.type_maps(connector, &names);
        let Some((number, _)) = self.engine.program.connectors.get(connector) else {
            return Ok(());
        };
        let (number, name) = (
            *number,
            self.engine.program.connector_name(connector).to_owned(),
        );
        let mut sink = ImportSink::new(&mut self.engine.store, number, &name, &types, "test")?;
        work(&mut sink, &names)?;
        sink.finish_delta()
    }

    fn deliver_file(&mut self, connector: usize, file: &str) -> Result<(), Error> {
        let path = self.folder.join(file);
        if !path.is_file() {
            return Err(
                Error::configuration(format!("there is no file `{}`", path.display()))
                    .help("the path is relative to the file that says it"),
            );
        }
        let ad = Ad {
            ldif: Some(path),
            ..Ad::default()
        };
        let selection = self.engine.selection(connector);
        let name = self.engine.program.connector_name(connector).to_owned();
        let mut source = LdifSource::new(&name, &ad)?;
        self.sink(connector, |sink, _| {
            match source.import(&selection, None, sink).now_or_never() {
                Some(imported) => imported.map(|_| ()),
                None => Err(Error::internal("a file did not answer")),
            }
        })
    }

    /// An object with its values: all of them (`complete`), or in a change those that are listed.
    fn deliver(&mut self, object: &Label, complete: bool, values: &Values) -> Result<(), Error> {
        let bump = Bump::new();
        let labels = self.labels.clone();
        let connectors = &self.engine.program.rules.connectors;
        let types = connectors
            .get(object.connector)
            .map(|connector| &connector.object_types);
        let ty = types.and_then(|types| types.iter().find(|ty| ty.name == object.object_type));
        let attributes = ty.map_or(&[][..], |ty| &ty.attributes).iter();
        let known: Vec<String> = attributes
            .filter(|attribute| attribute.reference)
            .map(|attribute| attribute.name.clone())
            .collect();
        let (references, values): (Vec<_>, Vec<_>) =
            values.iter().partition(|(name, _)| known.contains(name));
        let references: Vec<(&String, Vec<Target<'_>>)> = references
            .into_iter()
            .map(|(name, value)| {
                let targets = texts(value).into_iter().map(|text| match labels.get(text) {
                    Some(label) => Target::Anchor(&label.anchor),
                    None => Target::Dn(text),
                });
                (name, targets.collect())
            })
            .collect();
        let dn = dn_of(&values);
        let guid = complete && !values.iter().any(|(name, _)| name == "objectGUID");
        self.sink(object.connector, |sink, names| {
            let place = |name: &str| names.iter().position(|known| known == name);
            let mut attributes: Vec<(usize, Value<'_>)> = values
                .iter()
                .filter_map(|(name, value)| Some((place(name)?, constant(value, &bump))))
                .collect();
            if guid && let Some(at) = place("objectGUID") {
                attributes.push((at, Value::Binary(&object.anchor)));
            }
            let references: Vec<(usize, ReferenceChange<'_>)> = references
                .iter()
                .filter_map(|(name, targets)| {
                    Some((place(name)?, ReferenceChange::Replace(targets)))
                })
                .collect();
            sink.entry(EntryChange::Upsert(Upsert {
                anchor: &object.anchor,
                dn: dn.as_deref(),
                object_type: complete.then_some(object.object_type.as_str()),
                complete,
                attributes: &attributes,
                references: &references,
            }))
        })
    }
}

/// The texts of a value.
pub(super) fn texts(value: &Constant) -> Vec<&str> {
    match value {
        Constant::Text(text) | Constant::Dn(text) => vec![text],
        Constant::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn dn_of(values: &[&(String, Constant)]) -> Option<String> {
    let wanted = |name: &str| name == "dn" || name == "distinguishedName";
    let (_, value) = values.iter().find(|(name, _)| wanted(name))?;
    texts(value).first().map(|dn| (*dn).to_owned())
}

/// The anchor that an object says it has.
fn anchor(values: &Values) -> Option<Vec<u8>> {
    let own = |name: &str| name == "objectGUID" || name == "id";
    match values.iter().find(|(name, _)| own(name))? {
        (_, Constant::Binary(bytes)) => Some(bytes.clone()),
        (_, Constant::Text(id)) => Some(id.clone().into_bytes()),
        _ => None,
    }
}

/// An anchor for an object that says none.
fn made_of(label: &str) -> Vec<u8> {
    Sha256::digest(label).iter().copied().take(16).collect()
}
