//! Pass 1: which names exist. Collects connectors, metaverse types, rules, functions and constants of
//! all files, applies extensions to the rules they name, and reports what is declared twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use trib_grammar::ast::{self, Declaration, UseSource};
use trib_grammar::{FileId, Parsed, Span, SyntaxErrorKind};

use crate::bundle::{CheckedAgainst, sha256};
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::packs::PACKS;
use crate::schema::pulled::PulledSchema;
use crate::schema::{Kind, Schema, facts};
use crate::sources::Sources;
use crate::type_expr::resolve_type;
use crate::types::{Base, Type};

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
    /// For each file, the program's names of the connectors that the file knows by other names.
    pub bindings: HashMap<FileId, HashMap<String, String>>,
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

    /// The connectors that `word` in `file` stands for: one by name, or all of a kind.
    pub fn connectors(&self, file: FileId, word: &str) -> Vec<usize> {
        let bound = self.bindings.get(&file).and_then(|names| names.get(word));
        let name = bound.map_or(word, String::as_str);
        if let Some(at) = self
            .connectors
            .iter()
            .position(|connector| connector.name == name)
        {
            return vec![at];
        }
        let kind = Kind::parse(word);
        let numbered = self.connectors.iter().enumerate();
        numbered
            .filter(|(_, c)| Some(c.kind) == kind)
            .map(|(at, _)| at)
            .collect()
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

fn bring_in(
    used: &ast::Use,
    sources: &mut Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let UseSource::Pack(name) = &used.source else {
        return;
    };
    let Some((_, path, text)) = PACKS.iter().find(|(pack, ..)| *pack == name.text) else {
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_PACK,
            name.span,
            format!("no rule pack `{}` ships with the compiler", name.text),
        );
        let packs = PACKS.iter().map(|(pack, ..)| *pack);
        diagnostic = match nearest(&name.text, packs.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("use `{near}`"),
                name.span,
                near,
            ),
            None => diagnostic.help(format!("there are {}", list(packs))),
        };
        diagnostics.push(diagnostic);
        names.incomplete = true;
        return;
    };
    let known = sources
        .files()
        .find(|(_, _, known)| known == text)
        .map(|(file, ..)| file);
    if known.is_none() {
        let file = sources.add(*path, *text);
        names.packs.insert(file);
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

/// Gives the connectors of packs the names that `use … with …` says.
fn bind(
    parsed: &[Parsed],
    sources: &Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let uses = parsed.iter().flat_map(|unit| {
        unit.file
            .declarations
            .iter()
            .filter_map(|declaration| match declaration {
                Declaration::Use(used) => Some((unit.file.id, used)),
                _ => None,
            })
    });
    for (file, used) in uses {
        let files: Vec<&Parsed> = parsed
            .iter()
            .filter(|unit| {
                let (path, text) = sources.get(unit.file.id);
                match &used.source {
                    UseSource::Pack(name) => PACKS
                        .iter()
                        .any(|(pack, _, known)| *pack == name.text && *known == text),
                    UseSource::Path(folder) => {
                        let parent = sources.get(file).0.rsplit_once('/').map_or("", |(p, _)| p);
                        let used = join_path(parent, &folder.value);
                        let below = path.strip_prefix(used.as_str());
                        unit.file.id != file
                            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    }
                }
            })
            .collect();
        if let UseSource::Path(_) = used.source {
            names.packs.extend(files.iter().map(|unit| unit.file.id));
        }
        let declared = files.iter().flat_map(|unit| {
            unit.file
                .declarations
                .iter()
                .filter_map(|declaration| match declaration {
                    Declaration::Connector(connector) => Some(connector.name.text.clone()),
                    _ => None,
                })
        });
        let declared: Vec<String> = declared.collect();
        if let Some(extra) = used.with.get(declared.len()) {
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNKNOWN_CONNECTOR,
                    extra.span,
                    format!("the pack has only {} connectors", declared.len()),
                )
                .help(format!(
                    "it declares {}",
                    list(declared.iter().map(String::as_str))
                )),
            );
        }
        let pairs = declared
            .iter()
            .cloned()
            .zip(used.with.iter().map(|name| name.text.clone()));
        let pairs: HashMap<String, String> = pairs.collect();
        for unit in files {
            names
                .bindings
                .entry(unit.file.id)
                .or_default()
                .extend(pairs.clone());
        }
    }
}

/// Joins a relative path to a folder, resolving `.` and `..` as far as they go.
pub(crate) fn join_path(parent: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = parent.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if parent.starts_with('/') {
        format!("/{joined}")
    } else {
        joined
    }
}

fn add_connector(
    connector: ast::Connector,
    sources: &Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let file = connector.span.file;
    let bound = names
        .bindings
        .get(&file)
        .and_then(|map| map.get(&connector.name.text));
    let name = bound.unwrap_or(&connector.name.text).clone();
    let Some(kind) = Kind::parse(&connector.kind.text) else {
        names.unread.insert(name);
        let word = &connector.kind;
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_WORD,
            word.span,
            format!("`{}` is no kind of connector", word.text),
        )
        .help(format!("the kinds are {}", list(Kind::NAMES)));
        if let Some(near) = nearest(&word.text, Kind::NAMES) {
            diagnostic = diagnostic.fix(format!("write `{near}`"), word.span, near);
        }
        diagnostics.push(diagnostic);
        return;
    };
    let mut schema = Schema::Builtin(kind);
    let mut schema_file = None;
    if let Some(path) = &connector.schema {
        let text = sources.schema(file, &path.value);
        schema_file = text.map(|text| (path.value.clone(), sha256(text.as_bytes())));
        match text.map(serde_json::from_str::<PulledSchema>) {
            Some(Ok(pulled)) => schema = Schema::Pulled(Box::new(pulled)),
            Some(Err(error)) => diagnostics.push(
                Diagnostic::new(
                    &codes::SYNTAX,
                    path.span,
                    format!("`{}` is not a schema file: {error}", path.value),
                )
                .help("`trib schema pull` writes such a file"),
            ),
            None => diagnostics.push(
                Diagnostic::new(
                    &codes::SYNTAX,
                    path.span,
                    format!("there is no schema file `{}`", path.value),
                )
                .help("the path is relative to this file; `trib schema pull` writes such a file"),
            ),
        }
    }
    if let Some(first) = names.connectors.iter_mut().find(|first| first.name == name) {
        let same_file = first.span.file == file;
        if first.kind != kind || same_file {
            diagnostics.push(twice("connector", &name, connector.name.span, first.span));
        } else {
            // A pack declares the connectors it needs, and the program its own: they are the same.
            first.priority = first
                .priority
                .or(connector.priority.map(|(number, _)| number));
            if connector.schema.is_some() {
                first.schema = schema;
                first.schema_file = schema_file;
            }
        }
        return;
    }
    names.connectors.push(Connector {
        name,
        kind,
        schema,
        schema_file,
        priority: connector.priority.map(|(number, _)| number),
        span: connector.name.span,
    });
}

fn add_metaverse(ty: ast::Metaverse, names: &mut Names, diagnostics: &mut Vec<Diagnostic>) {
    let at = names.metaverse_type(&ty.name.text).unwrap_or_else(|| {
        names.metaverse.push(MetaverseType {
            name: ty.name.text.clone(),
            attributes: Vec::new(),
            broken: false,
        });
        names.metaverse.len() - 1
    });
    let within = |span: Span| {
        span.file == ty.span.file && span.start >= ty.span.start && span.start <= ty.span.end
    };
    if diagnostics
        .iter()
        .any(|found| found.code.id.starts_with("E01") && within(found.span))
        && let Some(known) = names.metaverse.get_mut(at)
    {
        known.broken = true;
    }
    for attribute in ty.attributes {
        let new = MetaverseAttribute {
            name: attribute.name.text.clone(),
            ty: resolve_type(&attribute.ty, diagnostics).or_absent(),
            indexed: attribute.indexed,
            span: attribute.name.span,
            whole: attribute.span,
        };
        let Some(known) = names.metaverse.get_mut(at) else {
            return;
        };
        let first = known
            .attributes
            .iter_mut()
            .find(|a| a.name.eq_ignore_ascii_case(&new.name));
        match first {
            None => known.attributes.push(new),
            Some(first) if first.ty == new.ty && first.span.file != new.span.file => {
                first.indexed |= new.indexed;
            }
            Some(first) if first.ty == new.ty => {
                diagnostics.push(twice("attribute", &new.name, new.span, first.span))
            }
            Some(first) => diagnostics.push(
                Diagnostic::new(
                    &codes::DUPLICATE,
                    attribute.span,
                    format!(
                        "`{}` is `{}` here and `{}` elsewhere",
                        new.name, new.ty, first.ty
                    ),
                )
                .related(first.span, "first declared here")
                .help("the same attribute has the same type in all files"),
            ),
        }
    }
}

/// A `ref` names a metaverse type that exists.
fn check_references(names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    for attribute in names.metaverse.iter().flat_map(|ty| &ty.attributes) {
        if let Base::Ref(Some(target)) = &attribute.ty.base
            && names.metaverse_type(target).is_none()
        {
            let types = names.metaverse.iter().map(|ty| ty.name.as_str());
            let help = match nearest(target, types.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the metaverse types are {}", list(types)),
            };
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNKNOWN_TYPE,
                    attribute.span,
                    format!(
                        "`{}` refers to `{target}`, which is no metaverse type",
                        attribute.name
                    ),
                )
                .help(help),
            );
        }
    }
}

/// Reports a function with the name of a builtin, which goes on to be meant where it is called.
fn reserved(name: &ast::Name, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let reserved = crate::functions::find(&name.text).is_some();
    if reserved {
        diagnostics.push(
            Diagnostic::new(
                &codes::RESERVED,
                name.span,
                format!("`{}` is a builtin function", name.text),
            )
            .help("choose another name"),
        );
    }
    reserved
}

fn add_function(function: ast::Function, names: &mut Names, diagnostics: &mut Vec<Diagnostic>) {
    if reserved(&function.name, diagnostics) {
        return;
    }
    let (name, span) = (function.name.text.clone(), function.name.span);
    let script = names.scripts.iter().find(|script| script.name.text == name);
    let first = names.functions.get(&name).map(|first| first.name.span);
    match first.or(script.map(|script| script.name.span)) {
        Some(first) => diagnostics.push(twice("function", &name, span, first)),
        None => {
            names.functions.insert(name, function);
        }
    }
}

fn add_script(script: ast::Script, names: &mut Names, diagnostics: &mut Vec<Diagnostic>) {
    if reserved(&script.name, diagnostics) {
        return;
    }
    let (name, span) = (&script.name.text, script.name.span);
    let first = names.functions.get(name).map(|first| first.name.span);
    let other = names.scripts.iter().find(|other| other.name.text == *name);
    match first.or(other.map(|other| other.name.span)) {
        Some(first) => diagnostics.push(twice("function", name, span, first)),
        None => names.scripts.push(script),
    }
}

impl Names {
    /// A connector of each kind under the kind's own name, for `trib eval` without rules.
    pub(crate) fn add_builtin_connectors(&mut self) {
        for (name, kind) in [
            ("ad", Kind::Ad),
            ("entra", Kind::Entra),
            ("entra-connect", Kind::EntraConnect),
            ("cloud", Kind::Entra),
        ] {
            if self
                .connectors
                .iter()
                .all(|connector| connector.name != name)
            {
                self.connectors.push(Connector {
                    name: name.to_owned(),
                    kind,
                    schema: Schema::Builtin(kind),
                    schema_file: None,
                    priority: None,
                    span: Span::default(),
                });
            }
        }
    }

    /// The usual metaverse, for `trib eval` without rules.
    pub(crate) fn add_usual_metaverse(&mut self) {
        for (object_type, attribute, notation, indexed) in crate::schema::facts::metaverse() {
            let at = self.metaverse_type(object_type).unwrap_or_else(|| {
                self.metaverse.push(MetaverseType {
                    name: object_type.to_owned(),
                    attributes: Vec::new(),
                    broken: false,
                });
                self.metaverse.len() - 1
            });
            let Some(ty) = self.metaverse.get_mut(at) else {
                return;
            };
            if ty
                .attributes
                .iter()
                .all(|known| !known.name.eq_ignore_ascii_case(attribute))
            {
                ty.attributes.push(MetaverseAttribute {
                    name: attribute.to_owned(),
                    ty: Type::parse(notation)
                        .unwrap_or_else(|| Type::one(Base::TEXT))
                        .or_absent(),
                    indexed,
                    span: Span::default(),
                    whole: Span::default(),
                });
            }
        }
    }
}
