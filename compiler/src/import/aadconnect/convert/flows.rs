//! The flows of a rule.

use trib_grammar::FileId;

use super::{Converter, Side};
use crate::dialect::{Dialect, Surroundings, translate};
use crate::import::aadconnect::graph::{self, Mapped};
use crate::import::aadconnect::model::{self, Mapping};
use crate::import::aadconnect::names::is_name;
use crate::import::aadconnect::{attributes, clause};
use crate::import::draft::{Flow, Rule};
use crate::import::report::Part;
use crate::import::write::{canonical_expression, quoted};
use crate::schema::Kind;
use crate::types::{Base, Type};

/// A field of a complex property.
struct Field {
    name: String,
    value: String,
    /// Its line of the report.
    part: usize,
}

impl Converter<'_> {
    pub(super) fn flows(
        &mut self,
        rule: &model::Rule,
        source: Side<'_>,
        target: Side<'_>,
        made: &mut Rule,
    ) {
        let mut records: Vec<(&'static str, Vec<Field>)> = Vec::new();
        for mapping in &rule.mappings {
            let index = made.report.parts.len();
            made.report
                .parts
                .push(Part::new("flow", &mapping.target, words(mapping)));
            let to = self.written(target, &mapping.target);
            let name = match &to {
                Mapped::Property(name) => name.as_str(),
                Mapped::List(name) | Mapped::Field(name, _) => name,
                Mapped::Nothing(why) => {
                    refuse(made, index, why);
                    continue;
                }
                Mapped::Expression(..) | Mapped::Absent(_) => {
                    refuse(made, index, "it can be read and not written");
                    continue;
                }
            };
            if !is_name(name) {
                refuse(made, index, &format!("`{name}` is no name of an attribute"));
                continue;
            }
            let value = match self.value(mapping, source, target, name, made, index) {
                Ok(value) => value,
                Err(why) => {
                    refuse(made, index, &why);
                    continue;
                }
            };
            let mode = self.mode(mapping, target, name, made, index);
            if let (Mapped::Field(record, field), Some(part)) = (&to, made.part(index)) {
                part.is = Some(format!("{record}.{field} <- {value}"));
                let field = Field {
                    name: field.clone(),
                    value,
                    part: index,
                };
                match records.iter_mut().find(|(known, _)| known == record) {
                    Some((_, fields)) => fields.push(field),
                    None => records.push((record, vec![field])),
                }
                continue;
            }
            let value = match to {
                Mapped::List(_) => canonical_expression(&format!("[{value},]")),
                _ => value,
            };
            if let Some(part) = made.part(index) {
                let mode = mode.map_or(String::new(), |mode| format!("{mode} "));
                let renamed = !name.eq_ignore_ascii_case(&mapping.target);
                let shown = if renamed {
                    format!("{name} <- ")
                } else {
                    String::new()
                };
                part.is = Some(format!("{shown}{mode}{value}"));
            }
            made.flows.push(Flow {
                target: name.to_owned(),
                mode,
                value,
                parts: vec![index],
            });
        }
        for (record, fields) in records {
            let values = fields
                .iter()
                .map(|field| format!("{}: {}", field.name, field.value));
            made.flows.push(Flow {
                target: record.to_owned(),
                mode: None,
                value: format!("{{ {} }}", values.collect::<Vec<_>>().join(", ")),
                parts: fields.iter().map(|field| field.part).collect(),
            });
        }
    }

    fn mode(
        &self,
        mapping: &Mapping,
        target: Side<'_>,
        name: &str,
        made: &mut Rule,
        index: usize,
    ) -> Option<&'static str> {
        let once = match target {
            Side::Directory(directory, ty) if directory.connector.kind == Kind::Entra => {
                graph::is_once(ty, name)
            }
            _ => false,
        };
        let merge = match mapping.merge.as_str() {
            "Merge" => Some("merge"),
            "MergeCaseInsensitive" => Some("merge ignoring case"),
            _ => None,
        };
        let Some(part) = made.part(index) else {
            return merge;
        };
        if !matches!(
            mapping.merge.as_str(),
            "" | "Update" | "Merge" | "MergeCaseInsensitive"
        ) {
            part.changed(format!(
                "the merge type `{}` is not used by Azure AD Connect; the value replaces others",
                mapping.merge
            ));
        }
        if once && !mapping.once {
            part.changed(format!(
                "Graph takes `{name}` when the object is made, and never again"
            ));
        }
        match mapping.once || once {
            true if merge.is_some() => {
                part.changed("it is written once, so there is nothing to merge");
                Some("once")
            }
            true => Some("once"),
            false => merge,
        }
    }

    fn value(
        &mut self,
        mapping: &Mapping,
        source: Side<'_>,
        target: Side<'_>,
        name: &str,
        made: &mut Rule,
        index: usize,
    ) -> Result<String, String> {
        match &mapping.value {
            model::Flow::Nothing => Err("the export names no source".to_owned()),
            model::Flow::Constant(value) => {
                let value = self.settled(value, false);
                let ty = self.attribute(target, name);
                clause::literal(&value, ty.as_ref().map(|ty| &ty.base))
            }
            model::Flow::Direct(attribute) => {
                if let Some(note) = self.unselected(source, attribute) {
                    return Err(note);
                }
                match self.read(source, attribute) {
                    Mapped::Property(attribute) => {
                        let from = self.attribute(source, &attribute);
                        converted(&attribute, from, self.attribute(target, name))
                    }
                    Mapped::Expression(text, _) => Ok(self.translated(source, &text)?.0),
                    Mapped::Absent(name) => Ok(format!("{name} is absent")),
                    Mapped::Nothing(why) => Err(why),
                    Mapped::List(_) | Mapped::Field(..) => {
                        Err(format!("`{attribute}` cannot be read"))
                    }
                }
            }
            model::Flow::Expression(expression) => {
                let expression = self.settled(expression, true);
                let (text, notes) = self.expression(source, &expression)?;
                if let Some(part) = made.part(index) {
                    notes.into_iter().for_each(|note| part.changed(note));
                }
                Ok(text)
            }
        }
    }

    /// An expression over attributes that may have other names here, with what the reader should know.
    fn expression(
        &self,
        source: Side<'_>,
        expression: &str,
    ) -> Result<(String, Vec<String>), String> {
        let mut refused = None;
        let mut notes = Vec::new();
        let mut rename = |attribute: &str| {
            notes.extend(self.unselected(source, attribute));
            match self.read(source, attribute) {
                Mapped::Property(name) if name == attribute => None,
                Mapped::Property(name) => Some(format!("[{name}]")),
                Mapped::Expression(expression, _) => Some(expression),
                Mapped::Absent(name) => Some(format!("IsNullOrEmpty([{name}])")),
                Mapped::Nothing(why) => {
                    refused.get_or_insert(why);
                    None
                }
                Mapped::List(_) | Mapped::Field(..) => None,
            }
        };
        let renamed = attributes::mapped(expression, &mut rename);
        if let Some(why) = refused {
            return Err(why);
        }
        let (text, said) = self.translated(source, &renamed)?;
        notes.extend(said);
        notes.dedup();
        Ok((text, notes))
    }

    /// An expression of Azure AD Connect in our words, with what the reader should know; or why it is none.
    pub(super) fn translated(
        &self,
        source: Side<'_>,
        expression: &str,
    ) -> Result<(String, Vec<String>), String> {
        let attribute = |name: &str| self.attribute(source, name);
        let surroundings = Surroundings {
            attribute: &attribute,
            flow: true,
        };
        match translate(Dialect::Connect, FileId(0), expression, &surroundings) {
            Ok(made) => {
                let notes = made.notes.into_iter().map(|note| note.message);
                Ok((made.text, notes.collect()))
            }
            Err(errors) => Err(errors
                .first()
                .map_or(String::new(), |error| error.message.clone())),
        }
    }
}

/// An attribute as the other product would flow it: with times and names of entries as texts.
fn converted(name: &str, from: Option<Type>, to: Option<Type>) -> Result<String, String> {
    let source = canonical_expression(&format!("[{name}]"));
    let bases = from.map(|ty| ty.base).zip(to.map(|ty| ty.base));
    match bases {
        Some((Base::Time, Base::Text(_))) => {
            Ok(format!("FormatDateTime({source}, \"yyyyMMddHHmmss.0Z\")"))
        }
        Some((Base::Dn, Base::Text(_))) => Ok(format!("CStr({source})")),
        Some((Base::Sid, Base::Ref(_))) => Err(
            "Azure AD Connect looks an account up by its security identifier here, which rules cannot"
                .to_owned(),
        ),
        _ => Ok(source),
    }
}

fn refuse(made: &mut Rule, index: usize, why: &str) {
    if let Some(part) = made.part(index) {
        part.left_out(why);
    }
}

/// A flow's source as the export has it.
pub(super) fn words(mapping: &Mapping) -> String {
    let words = match &mapping.value {
        model::Flow::Direct(name) => name.clone(),
        model::Flow::Constant(value) => quoted(value),
        model::Flow::Expression(expression) => expression.clone(),
        model::Flow::Nothing => "nothing".to_owned(),
    };
    let once = if mapping.once { "once " } else { "" };
    match mapping.merge.as_str() {
        "" | "Update" => format!("{once}{words}"),
        merge => format!("{once}{merge} {words}"),
    }
}
