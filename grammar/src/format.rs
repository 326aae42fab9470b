//! The canonical layout of a file. Changes neither the tree nor any comment.

mod binding;
mod comments;
mod declaration;
mod doc;
mod expression;
mod names;
mod rule;
mod test;

use crate::ast::{Comment, Declaration, Expr, File};
use doc::Doc;

/// The canonical text of a file. `text` is what it was parsed from: literals keep their notation.
pub fn format(file: &File, text: &str) -> String {
    let mut formatter = Formatter::new(text, &file.comments);
    let mut docs = Vec::new();
    let mut before: Option<&Declaration> = None;
    for (index, declaration) in file.declarations.iter().enumerate() {
        formatter.apart = before.is_some_and(|before| !may_touch(before, declaration));
        docs.push(formatter.between(declaration.span().start));
        docs.push(formatter.declaration(&file.declarations, index));
        formatter.written = declaration.span().end;
        before = Some(declaration);
    }
    docs.push(formatter.closing(u32::MAX));
    doc::print(&Doc::Concat(docs))
}

/// The canonical text of one expression. `text` is what its spans lie in: literals keep their notation.
pub fn format_expression(expr: &Expr, text: &str) -> String {
    let doc = Formatter::new(text, &[]).expression(expr);
    doc::print(&doc).trim().to_owned()
}

/// Declarations of one kind that take a line each may stand without an empty line between them.
fn may_touch(before: &Declaration, declaration: &Declaration) -> bool {
    matches!(
        (before, declaration),
        (Declaration::Use(_), Declaration::Use(_))
            | (Declaration::Connector(_), Declaration::Connector(_))
            | (Declaration::Let(_), Declaration::Let(_))
    )
}

/// Writes a tree as a document, in the order of the text.
struct Formatter<'f> {
    text: &'f str,
    comments: &'f [Comment],
    /// The first comment that is not written yet.
    next: usize,
    /// Where the last thing written ends in the text.
    written: u32,
    /// Nothing of the block is written yet, so no empty line may come.
    first: bool,
    /// A comment was written that stands before code in the same line.
    leads: bool,
    /// An empty line must come before the next thing.
    apart: bool,
}

impl<'f> Formatter<'f> {
    fn new(text: &'f str, comments: &'f [Comment]) -> Formatter<'f> {
        Formatter {
            text,
            comments,
            next: 0,
            written: 0,
            first: true,
            leads: false,
            apart: false,
        }
    }

    fn has_comments_before(&self, offset: u32) -> bool {
        let next = self.comments.get(self.next);
        next.is_some_and(|comment| comment.span.start < offset)
    }
}
