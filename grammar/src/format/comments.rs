//! Comments find their places: everything is written in the order of the text, and before each token come
//! the comments that stood before it.

use super::Formatter;
use super::doc::Doc;
use crate::ast::Comment;

/// How a comment stands among the code of its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind code; nothing but comments follow.
    Behind,
    /// Code follows in the line, before which there may be code too.
    Between { follows_code: bool },
    /// On lines of its own.
    Own,
}

impl<'f> Formatter<'f> {
    /// Comments before an operator or closing bracket, attached to what stands left of it.
    pub fn behind(&mut self, offset: u32) -> Doc {
        let mut line_ended = false;
        let docs = self.take(offset).map(|(comment, place)| {
            let own = line_ended || place == Place::Own;
            line_ended = own || comment.text.starts_with("//");
            match own {
                true => Doc::Own(comment.text.clone()),
                false => behind(comment),
            }
        });
        Doc::Concat(docs.collect())
    }

    /// Comments that end the line of what was written last, before a line break.
    pub fn at_line_end(&mut self, offset: u32) -> Doc {
        let mut docs = Vec::new();
        while let Some(comment) = self
            .comments
            .get(self.next)
            .filter(|comment| comment.span.start < offset)
        {
            if self.place(self.next) != Place::Behind {
                break;
            }
            // The line ends here whatever the comment: in the middle of one it would belong to what follows.
            docs.push(Doc::Trailing(comment.text.clone()));
            self.next += 1;
        }
        Doc::Concat(docs)
    }

    /// Comments before an operand, attached to it.
    pub fn before(&mut self, offset: u32) -> Doc {
        let comments: Vec<(&Comment, Place)> = self.take(offset).collect();
        let breaks = comments
            .iter()
            .rposition(|(_, place)| matches!(place, Place::Own | Place::Behind));
        let doc = |(at, (comment, place)): (usize, (&Comment, Place))| match place {
            Place::Between { .. } if breaks.is_none_or(|last| last < at) => {
                Doc::text(format!("{} ", comment.text))
            }
            Place::Behind if breaks == Some(0) => behind(comment),
            _ => Doc::Own(comment.text.clone()),
        };
        Doc::Concat(comments.into_iter().enumerate().map(doc).collect())
    }

    /// What stands between two items of a block: the comments before the next one, and the empty lines.
    pub fn between(&mut self, offset: u32) -> Doc {
        let mut docs = self.lines_between(offset);
        docs.push(self.separation(offset));
        Doc::Concat(docs)
    }

    /// The comments before the closing brace of a block.
    pub fn closing(&mut self, offset: u32) -> Doc {
        let docs = self.lines_between(offset);
        (self.first, self.leads, self.apart) = (false, false, false);
        Doc::Concat(docs)
    }

    fn lines_between(&mut self, offset: u32) -> Vec<Doc> {
        let mut docs = Vec::new();
        let mut line_ended = false;
        let comments: Vec<(&Comment, Place)> = self.take(offset).collect();
        for (comment, place) in comments {
            match place {
                Place::Behind | Place::Between { follows_code: true } if !line_ended => {
                    docs.push(behind(comment))
                }
                Place::Between {
                    follows_code: false,
                } => {
                    docs.extend([
                        self.separation(comment.span.start),
                        Doc::text(format!("{} ", comment.text)),
                    ]);
                    self.leads = true;
                }
                _ => docs.extend([
                    self.separation(comment.span.start),
                    Doc::Own(comment.text.clone()),
                ]),
            }
            line_ended |= place == Place::Own || comment.text.starts_with("//");
            self.written = self.written.max(comment.span.end);
        }
        docs
    }

    /// A line end, and an empty line where the text has one.
    fn separation(&mut self, offset: u32) -> Doc {
        let gap = self
            .text
            .get(self.written as usize..offset as usize)
            .unwrap_or_default();
        let must = std::mem::take(&mut self.apart);
        let is_apart = must || gap.bytes().filter(|byte| *byte == b'\n').count() > 1;
        let (first, leads) = (
            std::mem::take(&mut self.first),
            std::mem::take(&mut self.leads),
        );
        match is_apart && !first {
            _ if leads => Doc::Concat(Vec::new()),
            true => Doc::Blank,
            false => Doc::Break,
        }
    }

    /// The comments before `offset` that were not written yet, with their places.
    fn take(&mut self, offset: u32) -> impl Iterator<Item = (&'f Comment, Place)> + use<'f> {
        let rest = self.comments.get(self.next..).unwrap_or_default();
        let comments: Vec<_> = rest
            .iter()
            .take_while(|comment| comment.span.start < offset)
            .collect();
        let places: Vec<_> = (self.next..self.next + comments.len())
            .map(|index| self.place(index))
            .collect();
        self.next += comments.len();
        comments.into_iter().zip(places)
    }

    fn place(&self, index: usize) -> Place {
        let Some(comment) = self.comments.get(index) else {
            return Place::Own;
        };
        if comment.text.contains('\n') {
            return Place::Own;
        }
        match (
            self.follows_code(index, comment),
            self.leads_code(index, comment),
        ) {
            (follows_code, true) => Place::Between { follows_code },
            (true, false) => Place::Behind,
            (false, false) => Place::Own,
        }
    }

    fn follows_code(&self, index: usize, comment: &Comment) -> bool {
        let mut end = comment.span.start as usize;
        for before in self.comments.get(..index).unwrap_or_default().iter().rev() {
            let gap = self
                .text
                .get(before.span.end as usize..end)
                .unwrap_or_default();
            if !gap.trim().is_empty() || gap.contains('\n') {
                break;
            }
            end = before.span.start as usize;
        }
        let line = self
            .text
            .get(..end)
            .unwrap_or_default()
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        !line
            .trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
            .is_empty()
    }

    fn leads_code(&self, index: usize, comment: &Comment) -> bool {
        let mut start = comment.span.end as usize;
        for after in self.comments.get(index + 1..).unwrap_or_default() {
            let gap = self
                .text
                .get(start..after.span.start as usize)
                .unwrap_or_default();
            if !gap.trim().is_empty() || gap.contains('\n') {
                break;
            }
            start = after.span.end as usize;
        }
        let line = self
            .text
            .get(start..)
            .unwrap_or_default()
            .split('\n')
            .next()
            .unwrap_or_default();
        !line.trim().is_empty()
    }
}

fn behind(comment: &Comment) -> Doc {
    match comment.text.starts_with("//") {
        true => Doc::Trailing(comment.text.clone()),
        false => Doc::text(format!(" {}", comment.text)),
    }
}
