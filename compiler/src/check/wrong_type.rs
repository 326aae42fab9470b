//! A rule that names many attributes which its source or target does not have names the wrong type: that is
//! one mistake.

use trib_grammar::ast;

use super::Checker;
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::ir::End;
use crate::names::list;

/// So many unknown attributes are no slips of the pen.
const MANY: usize = 3;

impl Checker<'_> {
    /// Puts one diagnostic in place of those about the unknown attributes of `end`, if they are many.
    /// Warnings since `before` go with them: they compare with the wrong type.
    pub(super) fn wrong_type(&mut self, end: End, path: &ast::TypePath, before: usize) {
        let mut places: Vec<_> = self
            .missing
            .iter()
            .filter(|(at, _)| *at == end)
            .map(|(_, span)| *span)
            .collect();
        places.sort();
        places.dedup();
        let sources = self.sources;
        let mut missing: Vec<&str> = places.iter().map(|span| sources.text(*span)).collect();
        missing.retain(|name| *name != "it");
        missing.sort_unstable();
        missing.dedup();
        if missing.len() < MANY {
            return;
        }
        let mut of_rule = self.diagnostics.split_off(before);
        of_rule.retain(|found| {
            found.severity() == Severity::Error
                && !(std::ptr::eq(found.code, &raw const codes::UNKNOWN_ATTRIBUTE)
                    && places.contains(&found.span))
        });
        self.diagnostics.extend(of_rule);
        let shown = sources.text(path.span);
        let first = missing.iter().take(MANY).copied();
        let more = match missing.len() - MANY {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("`{shown}` has no attributes {}{more}", list(first));
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_ATTRIBUTE, path.span, message);
        if let Some(place) = places.first() {
            diagnostic = diagnostic.related(*place, "the first of them");
        }
        let meant = self.type_with(&missing);
        self.report(diagnostic.help(match &meant {
            Some(meant) => format!("`{meant}` has them: was it meant?"),
            None => "is it the right type? see its schema".to_owned(),
        }));
    }

    /// A type of the program, among those with names that rules use, that has all the attributes.
    fn type_with(&mut self, attributes: &[&str]) -> Option<String> {
        let has_all = |checker: &Self, end| {
            let mut attributes = attributes.iter();
            attributes.all(|name| checker.objects.has_attribute(end, name))
        };
        let names = self.names;
        for (at, ty) in names.metaverse.iter().enumerate() {
            if has_all(self, End::Metaverse(at)) {
                return Some(ty.name.clone());
            }
        }
        for (at, connector) in names.connectors.iter().enumerate() {
            for object_type in ["user", "group", "contact"] {
                let end = self.objects.directory(names, at, object_type);
                if end.is_some_and(|end| has_all(self, end)) {
                    return Some(format!("{}.{object_type}", connector.name));
                }
            }
        }
        None
    }
}
