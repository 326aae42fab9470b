//! Reads the records of an LDIF file (RFC 2849), one at a time and in constant memory.

use std::io::BufRead;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;

/// Reads records.
pub struct Reader<R> {
    input: R,
    file: String,
    /// Lines read so far.
    line: u64,
    first: bool,
    record: Record,
}

/// One record: its fields with their values decoded, in the order of the file.
#[derive(Debug, Default)]
pub struct Record {
    text: Vec<u8>,
    fields: Vec<Span>,
}

#[derive(Debug, Clone)]
struct Span {
    line: u64,
    name: Range<usize>,
    value: Range<usize>,
}

/// A line of a record.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Its line in the file.
    pub line: u64,
    /// Attribute name with its options, or a keyword; "-" for the line that ends a modification.
    pub name: &'a str,
    /// Its value.
    pub value: &'a [u8],
}

impl Record {
    /// The fields.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields.iter().map(|span| Field {
            line: span.line,
            name: self
                .text
                .get(span.name.clone())
                .and_then(|name| std::str::from_utf8(name).ok())
                .unwrap_or_default(),
            value: self.text.get(span.value.clone()).unwrap_or_default(),
        })
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads from `input`; errors name `file`.
    pub fn new(input: R, file: &str) -> Reader<R> {
        Reader {
            input,
            file: file.to_owned(),
            line: 0,
            first: true,
            record: Record::default(),
        }
    }

    /// An error at a line.
    pub fn wrong(&self, line: u64, message: &str) -> Error {
        wrong(&self.file, line, message)
    }

    /// The next record; `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<&Record>, Error> {
        loop {
            if !self.gather()? {
                return Ok(None);
            }
            self.split()?;
            if std::mem::take(&mut self.first) {
                self.version()?;
            }
            if !self.record.fields.is_empty() {
                return Ok(Some(&self.record));
            }
        }
    }

    /// Reads the lines up to an empty one and unfolds them. Spans hold whole lines as names for now.
    fn gather(&mut self) -> Result<bool, Error> {
        let Record { text, fields } = &mut self.record;
        text.clear();
        fields.clear();
        let mut in_comment = false;
        loop {
            let start = text.len();
            let read = self.input.read_until(b'\n', text);
            if read.map_err(|error| {
                Error::configuration(format!("cannot read `{}`: {error}", self.file))
            })? == 0
            {
                return Ok(!fields.is_empty());
            }
            self.line += 1;
            if self.line == 1 && text.starts_with(b"\xef\xbb\xbf") {
                text.drain(..3);
            }
            if text.ends_with(b"\n") {
                text.pop();
            }
            if text.len() > start && text.ends_with(b"\r") {
                text.pop();
            }
            match text.get(start) {
                None if fields.is_empty() => in_comment = false,
                None => return Ok(true),
                Some(b' ') if in_comment => text.truncate(start),
                Some(b' ') => {
                    let Some(last) = fields.last_mut() else {
                        return Err(wrong(
                            &self.file,
                            self.line,
                            "a line that begins with a space continues nothing",
                        ));
                    };
                    text.copy_within(start + 1.., start);
                    text.pop();
                    last.name.end = text.len();
                }
                Some(b'#') => {
                    in_comment = true;
                    text.truncate(start);
                }
                Some(_) => {
                    in_comment = false;
                    fields.push(Span {
                        line: self.line,
                        name: start..text.len(),
                        value: 0..0,
                    });
                }
            }
        }
    }

    /// Takes the gathered lines apart and decodes their values.
    fn split(&mut self) -> Result<(), Error> {
        let Record { text, fields } = &mut self.record;
        if let Err(error) = std::str::from_utf8(text) {
            let line = fields
                .iter()
                .rev()
                .find(|span| span.name.start <= error.valid_up_to());
            let line = line.map_or(self.line, |span| span.line);
            return Err(wrong(&self.file, line, "the text is not UTF-8")
                .help("save the file as UTF-8, or give the value as Base64 after `::`"));
        }
        for span in fields {
            let whole = span.name.clone();
            let raw = text.get(whole.clone()).unwrap_or_default();
            let fail = |message: &str| Err(wrong(&self.file, span.line, message));
            if raw == b"-" {
                continue;
            }
            let Some(colon) = raw.iter().position(|byte| *byte == b':') else {
                return fail("expected `attribute: value`");
            };
            let (name, value) = raw.split_at(colon);
            let valid = |byte: &u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'.' | b';' | b'=' | b'_' | b'*')
            };
            if name.is_empty() || !name.iter().all(valid) {
                return fail("expected the name of an attribute before `:`");
            }
            span.name.end = whole.start + colon;
            let marker = value.get(1);
            let skipped = if matches!(marker, Some(b':' | b'<')) {
                2
            } else {
                1
            };
            let spaces = value
                .iter()
                .skip(skipped)
                .take_while(|byte| **byte == b' ')
                .count();
            let start = whole.start + colon + skipped + spaces;
            match marker {
                Some(b'<') => return fail("values in other files (`:<`) are not read"),
                Some(b':') => {
                    let encoded = text
                        .get(start..whole.end)
                        .unwrap_or_default()
                        .trim_ascii_end()
                        .to_owned();
                    let begin = text.len();
                    if STANDARD.decode_vec(&encoded, text).is_err() {
                        return Err(wrong(&self.file, span.line, "expected Base64 after `::`"));
                    }
                    span.value = begin..text.len();
                }
                _ => span.value = start..whole.end,
            }
        }
        Ok(())
    }

    /// The first record may open with the version.
    fn version(&mut self) -> Result<(), Error> {
        let (line, good) = match self.record.fields().next() {
            Some(field) if field.name.eq_ignore_ascii_case("version") => {
                (field.line, field.value == b"1")
            }
            _ => return Ok(()),
        };
        self.record.fields.remove(0);
        if good {
            Ok(())
        } else {
            Err(self.wrong(line, "expected `version: 1`"))
        }
    }
}

/// An error at a line of a file.
pub fn wrong(file: &str, line: u64, message: &str) -> Error {
    Error::configuration(format!("`{file}` line {line}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields = Vec<(u64, String, Vec<u8>)>;

    fn read(text: &[u8]) -> Result<Vec<Fields>, Error> {
        let mut reader = Reader::new(text, "x.ldif");
        let mut records = Vec::new();
        while let Some(record) = reader.next()? {
            records.push(
                record
                    .fields()
                    .map(|f| (f.line, f.name.to_owned(), f.value.to_owned()))
                    .collect(),
            );
        }
        Ok(records)
    }

    #[test]
    fn records() {
        let text = b"\xef\xbb\xbfversion: 1\r\n# comment\r\n  folded\r\n\r\ndn: CN=a,\r\n DC=c\r\ncn:: w6U=\r\n# in between\nsn:x : y \nempty:\n\n\n\ndn:: Q049\n Yg==\nchangetype: modify\nreplace: sn\nsn;lang-en: q\n-";
        let records = read(text).unwrap();
        let field =
            |line, name: &str, value: &str| (line, name.to_owned(), value.as_bytes().to_vec());
        assert_eq!(
            records,
            [
                vec![
                    field(5, "dn", "CN=a,DC=c"),
                    field(7, "cn", "å"),
                    field(9, "sn", "x : y "),
                    field(10, "empty", "")
                ],
                vec![
                    field(14, "dn", "CN=b"),
                    field(16, "changetype", "modify"),
                    field(17, "replace", "sn"),
                    field(18, "sn;lang-en", "q"),
                    field(19, "-", ""),
                ],
            ]
        );
        assert_eq!(read(b"").unwrap().len(), 0);
        assert_eq!(read(b"version: 1\n").unwrap().len(), 0);
        assert_eq!(
            read(b"version: 1\ndn: CN=a\n").unwrap(),
            [vec![field(2, "dn", "CN=a")]]
        );
    }

    #[test]
    fn broken_files() {
        for (text, message) in [
            (
                b"version: 2\n\ndn: a".as_slice(),
                "`x.ldif` line 1: expected `version: 1`",
            ),
            (
                b"\n continues\n",
                "`x.ldif` line 2: a line that begins with a space continues nothing",
            ),
            (
                b"dn: a\nnothing\n",
                "`x.ldif` line 2: expected `attribute: value`",
            ),
            (
                b"dn: a\nb c: d\n",
                "`x.ldif` line 2: expected the name of an attribute before `:`",
            ),
            (
                b"dn: a\nb:: ?\n",
                "`x.ldif` line 2: expected Base64 after `::`",
            ),
            (
                b"dn: a\nb:< file:///etc/passwd\n",
                "`x.ldif` line 2: values in other files (`:<`) are not read",
            ),
            (
                b"dn: a\nb: c\nd: \xff\n",
                "`x.ldif` line 3: the text is not UTF-8",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().message, message);
        }
    }
}
