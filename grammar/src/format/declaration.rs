//! Declarations and blocks.

use super::doc::Doc;
use super::{Formatter, names};
use crate::ast::{
    Connector, Declaration, Expr, Metaverse, Name, Parameter, Script, TypeExpr, TypeExprKind, Use,
    UseSource,
};
use crate::span::Span;

impl Formatter<'_> {
    /// The declaration at `index`; neighbours of its kind may share columns with it.
    pub fn declaration(&mut self, all: &[Declaration], index: usize) -> Doc {
        match all.get(index) {
            Some(Declaration::Use(found)) => Doc::text(self.use_declaration(found)),
            Some(Declaration::Connector(found)) => {
                let width = self.connector_width(all, index);
                self.connector(found, width)
            }
            Some(Declaration::Metaverse(found)) => self.metaverse(found),
            Some(Declaration::Rule(found)) => self.rule(found),
            Some(Declaration::Extend(found)) => self.extend(found),
            Some(Declaration::Function(found)) => {
                let head = format!(
                    "fn {}",
                    signature(&found.name, &found.parameters, &found.result)
                );
                self.definition(head, &found.body)
            }
            Some(Declaration::Script(found)) => self.script(found),
            Some(Declaration::Let(found)) => self.definition(
                format!("let {}", names::plain(&found.name.text)),
                &found.value,
            ),
            Some(Declaration::Test(found)) => self.test(found),
            None => Doc::text(""),
        }
    }

    fn use_declaration(&self, found: &Use) -> String {
        let source = match &found.source {
            UseSource::Pack(pack) => pack.text.clone(),
            UseSource::Path(path) => self.text(path),
        };
        match found.with.is_empty() {
            true => format!("use {source}"),
            false => format!(
                "use {source} with {}",
                names::list(&found.with, names::plain)
            ),
        }
    }

    fn connector(&mut self, found: &Connector, width: usize) -> Doc {
        let head = Doc::text(format!(
            "connector {:width$} : {}",
            names::plain(&found.name.text),
            names::plain(&found.kind.text)
        ));
        let mut items = Vec::new();
        if let Some(schema) = &found.schema {
            items.extend([
                self.at_line_end(schema.span.start),
                Doc::Line(" "),
                self.before(schema.span.start),
                Doc::text(format!("schema {}", self.text(schema))),
            ]);
        }
        if let Some((priority, span)) = found.priority {
            items.extend([
                self.at_line_end(span.start),
                Doc::Line(" "),
                self.before(span.start),
                Doc::text(format!("priority {}", self.integer(span, priority))),
            ]);
        }
        if items.is_empty() {
            return head;
        }
        items.push(self.behind(found.span.end.saturating_sub(1)));
        Doc::Group(vec![
            head,
            Doc::text(" {"),
            Doc::Nest(items),
            Doc::Line(" "),
            Doc::text("}"),
        ])
    }

    /// How wide names are written among connectors without an empty line between them.
    fn connector_width(&self, all: &[Declaration], index: usize) -> usize {
        let touching = |pair: &[Declaration]| match pair {
            [Declaration::Connector(a), Declaration::Connector(b)] => {
                !self.is_apart(a.span.end, b.span.start)
            }
            _ => false,
        };
        let (before, after) = (
            all.get(..index + 1).unwrap_or_default(),
            all.get(index..).unwrap_or_default(),
        );
        let first = index
            - before
                .windows(2)
                .rev()
                .take_while(|pair| touching(pair))
                .count();
        let last = index + after.windows(2).take_while(|pair| touching(pair)).count();
        let name = |declaration: &Declaration| match declaration {
            Declaration::Connector(connector) => names::plain(&connector.name.text).chars().count(),
            _ => 0,
        };
        all.get(first..=last)
            .unwrap_or_default()
            .iter()
            .map(name)
            .max()
            .unwrap_or(0)
    }

    fn metaverse(&mut self, found: &Metaverse) -> Doc {
        let head = format!("metaverse {} {{", names::plain(&found.name.text));
        let name_width = found
            .attributes
            .iter()
            .map(|attribute| names::plain(&attribute.name.text).chars().count())
            .max();
        let indexed = found
            .attributes
            .iter()
            .filter(|attribute| attribute.indexed);
        let type_width = indexed
            .map(|attribute| type_text(&attribute.ty).chars().count())
            .max()
            .unwrap_or(0);
        let name_width = name_width.unwrap_or(0);
        self.block(
            head,
            &found.attributes,
            found.span.end,
            |attribute| attribute.span,
            |_, attribute| {
                let (name, ty) = (names::plain(&attribute.name.text), type_text(&attribute.ty));
                Doc::text(match attribute.indexed {
                    true => format!("{name:name_width$} : {ty:type_width$}  indexed"),
                    false => format!("{name:name_width$} : {ty}"),
                })
            },
        )
    }

    /// `HEAD = body`, the body on a line of its own where it does not fit.
    fn definition(&mut self, head: String, body: &Expr) -> Doc {
        let behind = self.at_line_end(body.span.start);
        let body = self.expression(body);
        Doc::Group(vec![
            Doc::text(format!("{head} =")),
            Doc::Nest(vec![behind, Doc::Line(" "), body]),
        ])
    }

    fn script(&mut self, found: &Script) -> Doc {
        let head = format!(
            "script fn {} = \"\"\"",
            signature(&found.name, &found.parameters, &found.result)
        );
        Doc::Concat(vec![
            Doc::text(head),
            Doc::Verbatim(found.source.value.clone()),
            Doc::text("\"\"\""),
        ])
    }

    /// `HEAD {`, one item after the other, `}`.
    pub fn block<T>(
        &mut self,
        head: String,
        items: &[T],
        end: u32,
        span: impl Fn(&T) -> Span,
        mut write: impl FnMut(&mut Self, &T) -> Doc,
    ) -> Doc {
        self.first = true;
        let mut inside = Vec::new();
        for item in items {
            inside.extend([self.between(span(item).start), write(self, item)]);
            self.written = span(item).end;
        }
        let is_empty = items.is_empty() && !self.has_comments_before(end.saturating_sub(1));
        inside.push(self.closing(end.saturating_sub(1)));
        match is_empty {
            true => Doc::text(head + "}"),
            false => Doc::Concat(vec![
                Doc::text(head),
                Doc::Nest(inside),
                Doc::Break,
                Doc::text("}"),
            ]),
        }
    }
}

fn signature(name: &Name, parameters: &[Parameter], result: &TypeExpr) -> String {
    let parameter = |parameter: &Parameter| {
        format!(
            "{}: {}",
            names::plain(&parameter.name.text),
            type_text(&parameter.ty)
        )
    };
    let parameters: Vec<String> = parameters.iter().map(parameter).collect();
    format!(
        "{}({}) -> {}",
        names::plain(&name.text),
        parameters.join(", "),
        type_text(result)
    )
}

fn type_text(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeExprKind::Named { name, length: None } => name.text.clone(),
        TypeExprKind::Named {
            name,
            length: Some((length, _)),
        } => format!("{}({length})", name.text),
        TypeExprKind::Ref(target) => format!("ref {}", names::plain(&target.text)),
        TypeExprKind::List(item) => format!("[{}]", type_text(item)),
        TypeExprKind::Record(fields) => {
            let field = |(name, ty): &(Name, TypeExpr)| {
                format!("{}: {}", names::plain(&name.text), type_text(ty))
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            if fields.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", fields.join(", "))
            }
        }
    }
}
