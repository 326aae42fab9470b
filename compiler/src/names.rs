//! Pass 1: which names exist. Collects connectors, metaverse types, rules, functions and constants of
//! all files, applies extensions to the rules they name, and reports what is declared twice.

mod declared;
mod used;
mod usual;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use trib_grammar::ast::{self, Declaration};
use trib_grammar::{FileId, Parsed, Span, SyntaxErrorKind};

use crate::bundle::{CheckedAgainst, sha256};
use crate::diagnostics::{Diagnostic, codes};
use crate::schema::{Kind, Schema, facts};
use crate::sources::Sources;
use crate::types::Type;

use declared::{add_connector, add_function, add_metaverse, add_script, check_references};
use used::{bind, bring_in};

/// A connected directory of the program.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub name: String,
    pub kind: Kind,
    pub schema: Schema,
    /// The schema file that the rules name, and its hash.
    pub schema_file: Option<(String, String)>,
    pub priority: Option<i64>,
    pub span: Span,
}

/// A metaverse attribute.
#[derive(Debug, Clone)]
pub(crate) struct MetaverseAttribute {
    pub name: String,
    pub ty: Type,
    pub indexed: bool,
    /// Its name.
    pub span: Span,
    /// Name, type and mark.
    pub whole: Span,
}

/// A metaverse type.
#[derive(Debug, Clone)]
pub(crate) struct MetaverseType {
    pub name: String,
    pub attributes: Vec<MetaverseAttribute>,
    /// A part of it could not be read: what seems to be missing may be there.
    pub broken: bool,
}

/// Everything that has a name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub connectors: Vec<Connector>,
    pub metaverse: Vec<MetaverseType>,
    pub rules: Vec<ast::Rule>,
    pub functions: BTreeMap<String, ast::Function>,
    pub scripts: Vec<ast::Script>,
    pub lets: BTreeMap<String, ast::Let>,
    pub tests: Vec<ast::Test>,
    /// For each file that a `use` brought in, the program's names of the connectors it declares: several
    /// where it was brought in several times.
    pub bindings: HashMap<FileId, HashMap<String, BTreeSet<String>>>,
    /// Files that a `use` brought in: their tests are not the program's.
    pub packs: HashSet<FileId>,
    /// Names of declarations that could not be read.
    pub unread: HashSet<String>,
    /// A pack is not there or a declaration has no name: any name may be declared.
    pub incomplete: bool,
}

impl Names {
    /// The name may be declared by what could not be read, which was reported.
    pub fn may_know(&self, name: &str) -> bool {
        self.incomplete || self.unread.contains(name)
    }

    /// The program's names of the connector that `file` calls `word`.
    pub fn bound(&self, file: FileId, word: &str) -> BTreeSet<String> {
        let bound = self.bindings.get(&file).and_then(|names| names.get(word));
        bound
            .cloned()
            .unwrap_or_else(|| BTreeSet::from([word.to_owned()]))
    }

    /// The connectors that `word` in `file` stands for: those of that name, or all of a kind.
    pub fn connectors(&self, file: FileId, word: &str) -> Vec<usize> {
        let places = |wanted: &dyn Fn(&Connector) -> bool| -> Vec<usize> {
            let numbered = self.connectors.iter().enumerate();
            numbered
                .filter(|(_, connector)| wanted(connector))
                .map(|(at, _)| at)
                .collect()
        };
        let bound = self.bound(file, word);
        let named = places(&|connector| bound.contains(&connector.name));
        if !named.is_empty() {
            return named;
        }
        let kind = Kind::parse(word);
        places(&|connector| Some(connector.kind) == kind)
    }

    /// What the connectors' names and types are checked against.
    pub fn schemas(&self) -> Vec<CheckedAgainst> {
        let schemas = self.connectors.iter().map(|connector| {
            let (file, sha256) = match &connector.schema_file {
                Some((file, sha256)) => (Some(file.clone()), sha256.clone()),
                None => (None, sha256(&facts::tables(connector.kind))),
            };
            CheckedAgainst {
                connector: connector.name.clone(),
                kind: connector.kind,
                file,
                sha256,
            }
        });
        schemas.collect()
    }

    /// The metaverse type of this name, ignoring case.
    pub fn metaverse_type(&self, name: &str) -> Option<usize> {
        self.metaverse
            .iter()
            .position(|ty| ty.name.eq_ignore_ascii_case(name))
    }
}

/// How a text becomes a tree.
pub(crate) type Parse<'p> = dyn FnMut(FileId, &str) -> Parsed + 'p;

/// Parses every file of the program and the packs it uses, and collects the names.
pub(crate) fn collect(
    sources: &mut Sources,
    parse: &mut Parse<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Names {
    let mut parsed: Vec<Parsed> = Vec::new();
    let mut names = Names::default();
    let mut at = 0;
    while at < sources.len() {
        let file = FileId(u32::try_from(at).unwrap_or(u32::MAX));
        let unit = parse(file, sources.get(file).1);
        for error in &unit.errors {
            let code = match error.kind {
                SyntaxErrorKind::Unexpected => &codes::SYNTAX,
                SyntaxErrorKind::Unclosed => &codes::UNCLOSED,
                SyntaxErrorKind::Literal => &codes::LITERAL,
                SyntaxErrorKind::TooLarge => &codes::TOO_LARGE,
            };
            let mut diagnostic = Diagnostic::new(code, error.span, &error.message);
            diagnostic.help = error.help.clone();
            diagnostics.push(diagnostic);
        }
        names.incomplete |= unit.unread.contains(&None);
        names.unread.extend(unit.unread.iter().flatten().cloned());
        for declaration in &unit.file.declarations {
            if let Declaration::Use(used) = declaration {
                bring_in(used, sources, &mut names, diagnostics);
            }
        }
        parsed.push(unit);
        at += 1;
    }
    bind(&parsed, sources, &mut names, diagnostics);
    let mut extends = Vec::new();
    for unit in parsed {
        let pack = names.packs.contains(&unit.file.id);
        for declaration in unit.file.declarations {
            match declaration {
                Declaration::Use(_) => {}
                Declaration::Connector(connector) => {
                    add_connector(connector, sources, &mut names, diagnostics);
                }
                Declaration::Metaverse(ty) => add_metaverse(ty, &mut names, diagnostics),
                Declaration::Rule(rule) => names.rules.push(rule),
                Declaration::Extend(extend) => extends.push(extend),
                Declaration::Function(function) => {
                    add_function(function, &mut names, diagnostics);
                }
                Declaration::Script(script) => add_script(script, &mut names, diagnostics),
                Declaration::Let(constant) => {
                    let span = constant.name.span;
                    let name = constant.name.text.clone();
                    if let Some(first) = names.lets.get(&name) {
                        diagnostics.push(twice("constant", &name, span, first.name.span));
                    } else {
                        names.lets.insert(name, constant);
                    }
                }
                Declaration::Test(test) => {
                    if !pack {
                        names.tests.push(test);
                    }
                }
            }
        }
    }
    unique_texts(
        names.rules.iter().map(|rule| &rule.name),
        "rule",
        diagnostics,
    );
    unique_texts(
        names.tests.iter().map(|test| &test.name),
        "test",
        diagnostics,
    );
    check_references(&names, diagnostics);
    crate::extend::apply(&mut names.rules, extends, diagnostics);
    names
}

fn twice(what: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::DUPLICATE,
        span,
        format!("{what} `{name}` is declared twice"),
    )
    .related(first, "first declared here")
    .help(format!(
        "rename or remove one of the two; names of {what}s are unique in a program"
    ))
}

fn unique_texts<'a>(
    texts: impl Iterator<Item = &'a ast::Text>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for text in texts {
        match seen.get(text.value.as_str()) {
            Some(first) => diagnostics.push(twice(what, &text.value, text.span, *first)),
            None => {
                seen.insert(&text.value, text.span);
            }
        }
    }
}

/// Words as `a`, `b` and `c`.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "none".to_owned(),
    }
}
