//! Pass 2: checks rules against the schemas, one file per construct, and gives attributes their slots.

mod alone;
mod call;
mod choice;
mod compare;
mod expr;
mod facts;
mod fit;
mod flow;
mod join;
mod name;
mod objects;
mod operator;
mod rule;
mod scope;
mod synonyms;
mod test;
mod unfold;
mod wrong_type;

use std::collections::HashSet;

use trib_grammar::Span;

use crate::checked::Rules;
use crate::diagnostics::{Diagnostic, Severity, codes, nearest};
use crate::ir::{self, End};
use crate::names::{Names, Parse, collect, list};
use crate::probe::{Point, Points};
use crate::schema::{self};
use crate::sources::Sources;
use crate::type_expr::resolve_type;

pub use alone::{Evaluable, attribute_types, check_expression};
pub(crate) use name::PARAMETERS;
pub(crate) use objects::Found;
use objects::Objects;
pub(crate) use scope::Scope;

/// What checking gave: whatever could be made of the rules, and what is to be said about them.
#[derive(Debug)]
pub struct Checked {
    /// The rules; fit to run only if no diagnostic is an error.
    pub rules: Rules,
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// No diagnostic is an error.
    pub fn is_sound(&self) -> bool {
        self.diagnostics
            .iter()
            .all(|d| d.severity() != Severity::Error)
    }
}

/// Parses and checks all files. Packs that they use are added to `sources`.
pub fn check(sources: &mut Sources) -> Checked {
    check_by(sources, &mut trib_grammar::parse)
}

/// The same, with another way to come to the trees.
pub(crate) fn check_by(sources: &mut Sources, parse: &mut Parse<'_>) -> Checked {
    run(sources, parse, Points::default()).0
}

/// The same with probes in the rules, and what they count.
pub fn check_measured(sources: &mut Sources) -> (Checked, Vec<Point>) {
    run(sources, &mut trib_grammar::parse, Points::wanted())
}

fn run(sources: &mut Sources, parse: &mut Parse<'_>, points: Points) -> (Checked, Vec<Point>) {
    let mut diagnostics = Vec::new();
    let names = collect(sources, parse, &mut diagnostics);
    let mut checker = Checker::new(&names, sources);
    checker.diagnostics = diagnostics;
    checker.points = points;
    checker.scripts();
    let mut rules = Vec::new();
    for rule in &names.rules {
        checker.rule(rule, &mut rules);
    }
    checker.constants();
    let tests = names.tests.iter().map(|test| checker.test(test)).collect();
    // What is broken elsewhere may be what would use it.
    if checker
        .diagnostics
        .iter()
        .all(|d| d.severity() != Severity::Error)
    {
        checker.unused();
    }
    let Checker {
        objects,
        scripts,
        parameters,
        mut diagnostics,
        points,
        ..
    } = checker;
    let mut checked = objects.into_rules(&names);
    checked.rules = rules;
    checked.scripts = scripts;
    checked.parameters = parameters;
    checked.schemas = names.schemas();
    checked.tests = tests;
    checked.declared = names.rules.len();
    crate::analyse::analyse(&checked, &names, &mut diagnostics);
    diagnostics.sort_by_key(|d| (d.span.file, d.span.start, d.code.id));
    diagnostics.dedup_by(|a, b| a.code == b.code && a.span == b.span && a.message == b.message);
    let checked = Checked {
        rules: checked,
        diagnostics,
    };
    (checked, points.into_list())
}

/// The state of pass 2.
pub(crate) struct Checker<'p> {
    pub names: &'p Names,
    pub sources: &'p Sources,
    pub objects: Objects,
    pub scripts: Vec<ir::Script>,
    pub parameters: Vec<String>,
    /// Functions and constants that something uses.
    pub used: HashSet<String>,
    /// Attributes that were reported as unknown: where they were looked for, and the places of their names.
    pub missing: Vec<(End, Span)>,
    /// Metaverse attributes that were reported as not indexed, by the places of their names.
    pub unindexed: HashSet<Span>,
    /// How far functions and constants unfolded.
    pub unfolding: unfold::Unfolding,
    /// Functions and constants of circles that were reported.
    pub circular: HashSet<String>,
    /// Regular expressions that are known to be good.
    pub patterns: HashSet<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// The probes, where rules are measured.
    pub points: Points,
}

impl<'p> Checker<'p> {
    pub(crate) fn new(names: &'p Names, sources: &'p Sources) -> Checker<'p> {
        Checker {
            names,
            sources,
            objects: Objects::new(names),
            scripts: Vec::new(),
            parameters: Vec::new(),
            used: HashSet::new(),
            missing: Vec::new(),
            unindexed: HashSet::new(),
            unfolding: unfold::Unfolding::default(),
            circular: HashSet::new(),
            patterns: HashSet::new(),
            diagnostics: Vec::new(),
            points: Points::default(),
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The object type at one end of a rule, for each connector that the path stands for.
    pub(crate) fn ends(&mut self, path: &trib_grammar::ast::TypePath) -> Vec<End> {
        let Some(connector) = &path.connector else {
            let name = &path.object_type;
            if name.text == "any" {
                return vec![End::Any];
            }
            if let Some(at) = self.names.metaverse_type(&name.text) {
                return vec![End::Metaverse(at)];
            }
            if self.names.may_know(&name.text) {
                return Vec::new();
            }
            let types = self.names.metaverse.iter().map(|ty| ty.name.as_str());
            let diagnostic = unknown(
                &codes::UNKNOWN_TYPE,
                name.span,
                format!("there is no metaverse type `{}`", name.text),
                &name.text,
                types,
                "declare it with `metaverse`, or name a directory's type as `connector.type`",
            );
            self.report(diagnostic);
            return Vec::new();
        };
        let connectors = self.names.connectors(connector.span.file, &connector.text);
        if connectors.is_empty() && self.names.may_know(&connector.text) {
            return Vec::new();
        }
        if connectors.is_empty() {
            let candidates: Vec<&str> = self
                .names
                .connectors
                .iter()
                .map(|connector| connector.name.as_str())
                .collect();
            let diagnostic = unknown(
                &codes::UNKNOWN_CONNECTOR,
                connector.span,
                format!("there is no connector `{}`", connector.text),
                &connector.text,
                candidates,
                &format!("declare it: `connector {} : ad`", connector.text),
            );
            self.report(diagnostic);
            return Vec::new();
        }
        let name = &path.object_type;
        let mut ends = Vec::new();
        for at in connectors {
            match self.objects.directory(self.names, at, &name.text) {
                Some(end) => ends.push(end),
                None => {
                    let Some(known) = self.names.connectors.get(at) else {
                        continue;
                    };
                    let types = known.schema.object_types();
                    let diagnostic = unknown(
                        &codes::UNKNOWN_TYPE,
                        name.span,
                        format!("`{}` has no object type `{}`", connector.text, name.text),
                        &name.text,
                        types.iter().map(String::as_str),
                        "see the schema of the connector",
                    );
                    self.report(diagnostic);
                }
            }
        }
        ends
    }

    /// Looks an attribute up, or reports that it is unknown.
    pub(crate) fn attribute(&mut self, end: End, name: &str, span: Span) -> Option<Found> {
        if let Some(found) = self.objects.attribute(end, name) {
            return Some(found);
        }
        if let End::Metaverse(at) = end
            && (self.names.incomplete || self.names.metaverse.get(at).is_some_and(|ty| ty.broken))
        {
            return None;
        }
        self.missing.push((end, span));
        let names = self.objects.attribute_names(end);
        let object_type = self.objects.name(end).to_owned();
        if let Some(other) = synonyms::find(name, &names)
            && nearest(name, names.iter().map(String::as_str)).is_none()
        {
            let message = format!("`{object_type}` has no attribute `{name}`");
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_ATTRIBUTE, span, message)
                .help(format!("here it is called `{other}`"))
                .fix(format!("write `{other}`"), span, other);
            self.report(diagnostic);
            return None;
        }
        let mut help = String::from("see the schema of the object type");
        if let End::Metaverse(_) = end {
            help = match schema::metaverse::usual(&object_type, name) {
                Some((usual, notation, indexed)) => {
                    let mark = if indexed { " indexed" } else { "" };
                    format!(
                        "declare it: `metaverse {object_type} {{ {usual} : {notation}{mark} }}`"
                    )
                }
                None => format!("declare it: `metaverse {object_type} {{ {name} : string }}`"),
            };
        }
        let diagnostic = unknown(
            &codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("`{object_type}` has no attribute `{name}`"),
            name,
            names.iter().map(String::as_str),
            &help,
        );
        self.report(diagnostic);
        None
    }

    fn scripts(&mut self) {
        for script in &self.names.scripts {
            if let Err((message, at)) = crate::script::check(
                &script.name.text,
                script.parameters.iter().map(|p| p.name.text.as_str()),
                &script.source.value,
            ) {
                let span = at.map_or(script.source.span, |at| {
                    let start = script.source.span.start as usize + at;
                    let wide = script
                        .source
                        .value
                        .get(at..)
                        .and_then(|rest| rest.chars().next());
                    let end = start + wide.map_or(0, char::len_utf8);
                    Span::new(script.source.span.file, start, end)
                });
                self.report(
                    Diagnostic::new(&codes::BAD_SCRIPT, span, message)
                        .help("scripts are Rhai without modules, files or output"),
                );
            }
            let result = resolve_type(&script.result, &mut self.diagnostics);
            for parameter in &script.parameters {
                resolve_type(&parameter.ty, &mut self.diagnostics);
            }
            self.scripts.push(ir::Script {
                name: script.name.text.clone(),
                parameters: script
                    .parameters
                    .iter()
                    .map(|p| p.name.text.clone())
                    .collect(),
                source: script.source.value.clone(),
                result,
            });
        }
    }

    /// Constants and functions are checked on their own, so that mistakes show even where unused.
    fn constants(&mut self) {
        for constant in self.names.lets.values() {
            let mut scope = Scope::constant();
            scope.calls.push(constant.name.text.clone());
            self.expr(&constant.value, &mut scope);
        }
        for function in self.names.functions.values() {
            self.function(function);
        }
    }

    /// Functions and constants that nothing uses.
    fn unused(&mut self) {
        let functions = self.names.functions.values().map(|function| &function.name);
        let scripts = self.names.scripts.iter().map(|script| &script.name);
        let lets = self.names.lets.values().map(|constant| &constant.name);
        let unused: Vec<_> = functions
            .chain(scripts)
            .chain(lets)
            .filter(|name| !self.used.contains(&name.text))
            .collect();
        for name in unused {
            self.report(
                Diagnostic::new(
                    &codes::UNUSED,
                    name.span,
                    format!("nothing uses `{}`", name.text),
                )
                .help("remove it, or use it in a rule"),
            );
        }
    }

    /// The place of a parameter in the list of those that are read.
    pub(crate) fn parameter(&mut self, name: &str) -> usize {
        if let Some(at) = self.parameters.iter().position(|known| known == name) {
            return at;
        }
        self.parameters.push(name.to_owned());
        self.parameters.len() - 1
    }
}

/// A diagnostic about an unknown name, with the nearest known one as help and fix.
pub(crate) fn unknown<'a>(
    code: &'static crate::diagnostics::Code,
    span: Span,
    message: String,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, span, message);
    match nearest(word, candidates) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            span,
            near,
        ),
        None => diagnostic.help(otherwise),
    }
}

/// `a`, `b` and `c`, for messages.
pub(crate) fn words(list_of: &[String]) -> String {
    list(list_of.iter().map(String::as_str))
}
