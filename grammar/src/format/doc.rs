//! Text with possible line breaks, and the choice between them.

/// Lines are kept within this many characters where they can be broken.
pub(super) const WIDTH: usize = 100;

/// A piece of output.
#[derive(Debug, Clone)]
pub(super) enum Doc {
    /// Text without line ends.
    Text(String),
    /// A line end, or this text where the group around it fits in the line.
    Line(&'static str),
    /// A line end; nothing where the line is still empty.
    Break,
    /// An empty line; several are one.
    Blank,
    /// A `//` comment behind what stands in the line, which it ends.
    Trailing(String),
    /// A comment on lines of its own.
    Own(String),
    /// Text kept as it is, line ends included.
    Verbatim(String),
    /// One after the other.
    Concat(Vec<Doc>),
    /// All its lines break, or none.
    Group(Vec<Doc>),
    /// Lines inside are indented by two more.
    Nest(Vec<Doc>),
    /// Lines inside are indented to the column where this begins.
    Align(Vec<Doc>),
}

impl Doc {
    pub fn text(text: impl Into<String>) -> Doc {
        Doc::Text(text.into())
    }
}

/// The width a document takes in one line; nothing where it cannot stand in one.
pub(super) fn flat_width(doc: &Doc) -> Option<usize> {
    let mut width = 0;
    let mut rest = vec![doc];
    while let Some(doc) = rest.pop() {
        match doc {
            Doc::Text(text) => width += text.chars().count(),
            Doc::Line(flat) => width += flat.len(),
            Doc::Concat(docs) | Doc::Group(docs) | Doc::Nest(docs) | Doc::Align(docs) => {
                rest.extend(docs)
            }
            _ => return None,
        }
    }
    Some(width)
}

/// The text a document begins with.
pub(super) fn first_text(doc: &Doc) -> Option<&str> {
    match doc {
        Doc::Text(text) => Some(text)
            .filter(|text| !text.is_empty())
            .map(String::as_str),
        Doc::Concat(docs) | Doc::Group(docs) | Doc::Nest(docs) | Doc::Align(docs) => {
            docs.iter().find_map(first_text)
        }
        _ => None,
    }
}

#[derive(Default)]
struct Line {
    code: String,
    comment: Option<String>,
    verbatim: bool,
}

impl Line {
    fn indent(&self) -> usize {
        self.code.len() - self.code.trim_start().len()
    }

    /// Whether the comment of the line may stand below that of the line before.
    fn aligns(&self) -> bool {
        let code = self.code.trim();
        self.comment.is_some()
            && !code.ends_with(['{', '(', '['])
            && !code.starts_with(['}', ')', ']'])
    }
}

#[derive(Clone, Copy)]
struct Frame<'d> {
    indent: usize,
    flat: bool,
    doc: &'d Doc,
}

/// Lays a document out.
pub(super) fn print(doc: &Doc) -> String {
    let mut printer = Printer {
        lines: vec![Line::default()],
        column: 0,
        indent: 0,
    };
    let mut stack = vec![Frame {
        indent: 0,
        flat: false,
        doc,
    }];
    while let Some(Frame { indent, flat, doc }) = stack.pop() {
        printer.indent = indent;
        match doc {
            Doc::Text(text) => printer.write(text),
            Doc::Line(text) if flat => printer.write(text),
            Doc::Line(_) | Doc::Break => printer.end_line(),
            Doc::Blank => printer.blank_line(),
            Doc::Trailing(comment) => printer.trailing(comment),
            Doc::Own(comment) => printer.own(comment),
            Doc::Verbatim(text) => printer.verbatim(text),
            Doc::Concat(docs) => push_all(&mut stack, docs, indent, flat),
            Doc::Nest(docs) => push_all(&mut stack, docs, indent + 2, flat),
            Doc::Align(docs) => push_all(&mut stack, docs, printer.column.max(indent), flat),
            Doc::Group(docs) => {
                let flat = flat
                    || fits(
                        docs,
                        &stack,
                        WIDTH.saturating_sub(printer.column.max(indent)),
                    );
                push_all(&mut stack, docs, indent, flat);
            }
        }
    }
    printer.finish()
}

fn push_all<'d>(stack: &mut Vec<Frame<'d>>, docs: &'d [Doc], indent: usize, flat: bool) {
    stack.extend(docs.iter().rev().map(|doc| Frame { indent, flat, doc }));
}

/// Whether a group and the text behind it, up to the next possible line end, fit in the room left.
fn fits(group: &[Doc], behind: &[Frame], room: usize) -> bool {
    let mut room = room;
    let mut rest: Vec<(&Doc, bool)> = group.iter().rev().map(|doc| (doc, true)).collect();
    let mut behind = behind.iter().rev();
    while let Some((doc, inside)) = rest
        .pop()
        .or_else(|| behind.next().map(|frame| (frame.doc, false)))
    {
        let width = match doc {
            Doc::Text(text) => text.chars().count(),
            Doc::Line(flat) if inside => flat.len(),
            Doc::Group(docs) if inside => {
                rest.extend(docs.iter().rev().map(|doc| (doc, true)));
                0
            }
            Doc::Concat(docs) | Doc::Nest(docs) | Doc::Align(docs) => {
                rest.extend(docs.iter().rev().map(|doc| (doc, inside)));
                0
            }
            _ => return !inside,
        };
        match room.checked_sub(width) {
            Some(left) => room = left,
            None => return false,
        }
    }
    true
}

struct Printer {
    lines: Vec<Line>,
    column: usize,
    indent: usize,
}

impl Printer {
    fn write(&mut self, text: &str) {
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        let text = if line.code.is_empty() {
            text.trim_start()
        } else {
            text
        };
        if text.is_empty() {
            return;
        }
        if line.code.is_empty() {
            line.code = " ".repeat(self.indent);
            self.column = self.indent;
        }
        line.code.push_str(text);
        self.column += text.chars().count();
    }

    fn is_empty_line(&self) -> bool {
        self.lines
            .last()
            .is_none_or(|line| line.code.is_empty() && line.comment.is_none())
    }

    fn end_line(&mut self) {
        if !self.is_empty_line() {
            self.lines.push(Line::default());
            self.column = 0;
        }
    }

    fn blank_line(&mut self) {
        self.end_line();
        let before = self.lines.iter().rev().nth(1);
        if before.is_some_and(|line| !line.code.is_empty() || line.comment.is_some()) {
            self.lines.push(Line::default());
        }
    }

    fn trailing(&mut self, comment: &str) {
        if self.is_empty_line() {
            return self.own(comment);
        }
        if let Some(line) = self.lines.last_mut() {
            line.comment = Some(comment.to_owned());
        }
        self.lines.push(Line::default());
        self.column = 0;
    }

    fn own(&mut self, comment: &str) {
        self.end_line();
        let mut lines = comment.split('\n').map(|line| line.trim_end_matches('\r'));
        self.write(lines.next().unwrap_or_default());
        for line in lines {
            self.lines.push(Line {
                code: line.to_owned(),
                comment: None,
                verbatim: true,
            });
        }
        self.end_line();
    }

    fn verbatim(&mut self, text: &str) {
        let mut lines = text.split('\n');
        self.write(lines.next().unwrap_or_default());
        for line in lines {
            if let Some(before) = self.lines.last_mut() {
                before.verbatim = true;
            }
            self.lines.push(Line {
                code: line.to_owned(),
                comment: None,
                verbatim: true,
            });
            self.column = line.chars().count();
        }
    }

    /// Comments behind code stand below each other in neighbouring lines of a block.
    fn finish(self) -> String {
        let mut text = String::new();
        for run in self
            .lines
            .chunk_by(|line, next| line.aligns() && next.aligns() && line.indent() == next.indent())
        {
            let width = run
                .iter()
                .map(|line| line.code.trim_end().chars().count())
                .max()
                .unwrap_or(0);
            for line in run {
                let code = if line.verbatim {
                    line.code.as_str()
                } else {
                    line.code.trim_end()
                };
                text.push_str(code);
                if let Some(comment) = &line.comment {
                    text.push_str(&" ".repeat(width.saturating_sub(code.chars().count()) + 2));
                    text.push_str(comment);
                }
                text.push('\n');
            }
        }
        let end = text.trim_end().len();
        text.truncate(end);
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}
