//! What the pages are made from: the checked rules, with the comments and the extensions of their texts.

use std::collections::HashMap;

use trib_grammar::ast::{self, Declaration};
use trib_grammar::{FileId, LineIndex, Span};

use super::Link;
use super::markdown::anchor;
use crate::checked::{Flow, Rule, Rules};
use crate::ir::End;
use crate::sources::Sources;

/// A rule of the text.
pub struct Chapter<'b> {
    /// The rule; of one that stands for several connectors, the first that it became.
    pub rule: &'b Rule,
    /// All that it became. They differ in their ends only.
    pub rules: Vec<&'b Rule>,
}

/// Everything about a rule set.
pub struct Book<'b> {
    pub rules: &'b Rules,
    pub sources: &'b Sources,
    pub declarations: Vec<Declaration>,
    pub files: usize,
    /// Comments, by the place of the name they belong to.
    docs: HashMap<Span, String>,
    lines: HashMap<FileId, LineIndex>,
    link: &'b Link<'b>,
}

impl<'b> Book<'b> {
    /// Reads the comments of all files.
    pub fn new(rules: &'b Rules, sources: &'b Sources, link: &'b Link<'b>) -> Book<'b> {
        let files = sources.files();
        let declarations: Vec<Declaration> = files
            .flat_map(|(id, _, text)| trib_grammar::parse(id, text).file.declarations)
            .collect();
        let mut docs = HashMap::new();
        for declaration in &declarations {
            remember(declaration, &mut docs);
        }
        Book {
            rules,
            sources,
            declarations,
            files: sources.len(),
            docs,
            lines: sources
                .files()
                .map(|(id, _, text)| (id, LineIndex::new(text)))
                .collect(),
            link,
        }
    }

    /// The comment of what is named there.
    pub fn doc(&self, name: Span) -> &str {
        self.docs.get(&name).map_or("", String::as_str)
    }

    /// `file:line` of a place, as a link where the reader can follow it.
    pub fn at(&self, span: Span) -> String {
        let (path, text) = self.sources.get(span.file);
        let lines = self.lines.get(&span.file);
        let line = lines.map_or(0, |lines| lines.position(text, span.start).line);
        match (self.link)(path, line) {
            Some(target) => format!("[{path}:{line}]({target})"),
            None => format!("{path}:{line}"),
        }
    }

    /// The rules in the order of their strength: those to the metaverse, or those to directories.
    pub fn chapters(&self, outbound: bool) -> Vec<Chapter<'b>> {
        let mut chapters: Vec<Chapter<'b>> = Vec::new();
        for rule in &self.rules.rules {
            if matches!(rule.target, End::Directory(..)) != outbound {
                continue;
            }
            match chapters
                .iter_mut()
                .find(|known| known.rule.span == rule.span)
            {
                Some(chapter) => chapter.rules.push(rule),
                None => chapters.push(Chapter {
                    rule,
                    rules: vec![rule],
                }),
            }
        }
        chapters.sort_by_key(|chapter| (chapter.rule.precedence, &chapter.rule.name));
        chapters
    }

    /// `corp.user`, `person`, `any`.
    pub fn end(&self, end: End) -> String {
        let name = self.rules.object_type(end).map(|ty| ty.name.as_str());
        let name = name.unwrap_or("any");
        match end {
            End::Directory(at, _) => {
                let connector = self.rules.connectors.get(at);
                let connector = connector.map_or("", |connector| connector.name.as_str());
                format!("{connector}.{name}")
            }
            _ => name.to_owned(),
        }
    }

    /// The name of an attribute.
    pub fn attribute(&self, end: End, slot: usize) -> &'b str {
        let attribute = self.rules.object_type(end);
        attribute
            .and_then(|ty| ty.attributes.get(slot))
            .map_or("", |attribute| attribute.name.as_str())
    }

    /// What a flow writes.
    pub fn target(&self, rule: &Rule, flow: &Flow) -> &'b str {
        self.attribute(rule.target, flow.target)
    }

    /// The extensions of a rule.
    pub fn extensions<'e>(&'e self, rule: &'e str) -> impl Iterator<Item = &'e ast::Extend> {
        self.declarations
            .iter()
            .filter_map(move |declaration| match declaration {
                Declaration::Extend(extend) if extend.name.value == rule => Some(extend),
                _ => None,
            })
    }
}

/// A link to a rule on the page of rules.
pub fn rule_link(name: &str) -> String {
    format!("[{name}](rules.md#{})", anchor(name))
}

fn remember(declaration: &Declaration, docs: &mut HashMap<Span, String>) {
    let mut add = |span: Span, doc: &Option<String>| {
        if let Some(doc) = doc {
            docs.insert(span, doc.clone());
        }
    };
    let mut flows = |list: &[ast::Flow]| {
        for flow in list {
            flow.targets
                .iter()
                .for_each(|name| add(name.span, &flow.doc));
        }
    };
    match declaration {
        Declaration::Rule(rule) => {
            for clause in &rule.clauses {
                if let ast::ClauseKind::Flow(list) = &clause.kind {
                    flows(list);
                }
            }
            add(rule.name.span, &rule.doc);
        }
        Declaration::Extend(extend) => {
            for item in &extend.items {
                if let ast::ExtendKind::Flow(list) = &item.kind {
                    flows(list);
                }
            }
            add(extend.name.span, &extend.doc);
        }
        Declaration::Metaverse(ty) => {
            add(ty.name.span, &ty.doc);
            let attributes = ty.attributes.iter();
            attributes.for_each(|attribute| add(attribute.name.span, &attribute.doc));
        }
        Declaration::Connector(found) => add(found.name.span, &found.doc),
        Declaration::Function(found) => add(found.name.span, &found.doc),
        Declaration::Script(found) => add(found.name.span, &found.doc),
        Declaration::Let(found) => add(found.name.span, &found.doc),
        Declaration::Test(found) => add(found.name.span, &found.doc),
        Declaration::Use(_) => {}
    }
}
