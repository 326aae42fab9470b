//! Comments find their places: everything is written in the order of the text, and before each token come
//! the comments that stood before it.

use super::Formatter;
use super::doc::Doc;
use crate::ast::Comment;

/// How a comment stands among the code around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind code, to the end of the line.
    Trailing,
    /// `/* … */` on one line with code, which may go on behind it.
    Inline,
    /// On lines of its own.
    Own,
}

impl<'f> Formatter<'f> {
    /// Comments before an operator or closing bracket, attached to what stands left of it.
    pub fn behind(&mut self, offset: u32) -> Doc {
        let comments = self.take(offset);
        let doc = |comment: &Comment| match self.place(comment) {
            Place::Inline => Doc::text(format!(" {}", comment.text)),
            Place::Trailing => Doc::Trailing(comment.text.clone()),
            Place::Own => Doc::Own(comment.text.clone()),
        };
        Doc::Concat(comments.iter().map(doc).collect())
    }

    /// Comments before an operand, attached to it.
    pub fn before(&mut self, offset: u32) -> Doc {
        let comments = self.take(offset);
        let doc = |comment: &Comment| match self.place(comment) {
            Place::Inline => Doc::text(format!("{} ", comment.text)),
            Place::Trailing => Doc::Trailing(comment.text.clone()),
            Place::Own => Doc::Own(comment.text.clone()),
        };
        Doc::Concat(comments.iter().map(doc).collect())
    }

    /// What stands between two items of a block: the comments before the next one, and the empty lines.
    pub fn between(&mut self, offset: u32) -> Doc {
        let mut docs = Vec::new();
        for comment in self.take(offset) {
            match self.place(comment) {
                Place::Trailing => docs.push(Doc::Trailing(comment.text.clone())),
                Place::Inline if self.follows_code(comment) && !self.leads_code(comment) => {
                    docs.push(Doc::text(format!(" {}", comment.text)));
                }
                Place::Inline => {
                    docs.extend([
                        self.separation(comment.span.start),
                        Doc::text(format!("{} ", comment.text)),
                    ]);
                }
                Place::Own => docs.extend([
                    self.separation(comment.span.start),
                    Doc::Own(comment.text.clone()),
                ]),
            }
            self.written = comment.span.end;
        }
        docs.push(self.separation(offset));
        Doc::Concat(docs)
    }

    /// The comments before the closing brace of a block.
    pub fn closing(&mut self, offset: u32) -> Doc {
        let mut docs = vec![self.between(offset)];
        if let Some(Doc::Concat(inside)) = docs.last_mut() {
            inside.pop();
        }
        docs.push(Doc::Break);
        Doc::Concat(docs)
    }

    /// A line end, and an empty line where the text has one.
    fn separation(&mut self, offset: u32) -> Doc {
        let gap = self
            .text
            .get(self.written as usize..offset as usize)
            .unwrap_or_default();
        let line_ends = gap.bytes().filter(|byte| *byte == b'\n').count();
        let first = std::mem::take(&mut self.first);
        match line_ends {
            _ if first => Doc::Break,
            0 if self.is_inline_before(offset) => Doc::Concat(Vec::new()),
            0 | 1 => Doc::Break,
            _ => Doc::Blank,
        }
    }

    fn is_inline_before(&self, offset: u32) -> bool {
        let before = self.comments.get(..self.next).unwrap_or_default().last();
        before.is_some_and(|comment| {
            let gap = self
                .text
                .get(comment.span.end as usize..offset as usize)
                .unwrap_or("\n");
            comment.span.end == self.written
                && self.place(comment) == Place::Inline
                && gap.trim().is_empty()
        })
    }

    /// The comments before `offset` that were not written yet.
    fn take(&mut self, offset: u32) -> &'f [Comment] {
        let rest = self.comments.get(self.next..).unwrap_or_default();
        let count = rest
            .iter()
            .take_while(|comment| comment.span.start < offset)
            .count();
        self.next += count;
        rest.get(..count).unwrap_or_default()
    }

    fn place(&self, comment: &Comment) -> Place {
        let block = comment.text.starts_with("/*");
        if comment.text.contains('\n') {
            return Place::Own;
        }
        match (self.follows_code(comment), self.leads_code(comment)) {
            (_, true) => Place::Inline,
            (true, false) if block => Place::Inline,
            (true, false) => Place::Trailing,
            (false, false) => Place::Own,
        }
    }

    fn follows_code(&self, comment: &Comment) -> bool {
        let before = self
            .text
            .get(..comment.span.start as usize)
            .unwrap_or_default();
        !before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim()
            .is_empty()
    }

    fn leads_code(&self, comment: &Comment) -> bool {
        let after = self
            .text
            .get(comment.span.end as usize..)
            .unwrap_or_default();
        let rest = after.split('\n').next().unwrap_or_default().trim();
        !rest.is_empty() && !rest.starts_with("//")
    }
}
