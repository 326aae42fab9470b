//! XML documents as trees, within bounds: no document types, no entities but the five of XML itself.

use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use crate::import::Error;

/// Elements within elements; a configuration has a dozen.
const MAX_DEPTH: usize = 64;
/// Elements of a file; a connector with the whole schema of a forest has some ten thousand.
const MAX_ELEMENTS: usize = 1_000_000;

/// An element; names are without prefixes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of this name, "" without one.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first element of this name at any depth, this one included.
    pub fn find(&self, name: &str) -> Option<&Element> {
        let mut queue = vec![self];
        while let Some(element) = queue.pop() {
            if element.name == name {
                return Some(element);
            }
            queue.extend(element.children.iter().rev());
        }
        None
    }
}

/// The document element.
pub(super) fn parse(file: &str, text: &str) -> Result<Element, Error> {
    let broken = |at: u64, what: &str| {
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let message = format!("`{file}`, line {line}: {what}");
        Error::new(
            message,
            "export the configuration again; the file must be as the export wrote it",
        )
    };
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut elements = 0;
    loop {
        let event = reader.read_event();
        let at = reader.buffer_position();
        let event = event.map_err(|error| broken(reader.error_position(), &words(&error)))?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(start) | Event::Empty(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err(broken(
                        at,
                        &format!("elements nest deeper than {MAX_DEPTH}"),
                    ));
                }
                elements += 1;
                if elements > MAX_ELEMENTS {
                    return Err(broken(at, &format!("more than {MAX_ELEMENTS} elements")));
                }
                if root.is_some() {
                    return Err(broken(at, "a second document element"));
                }
                open.push(element(&start).map_err(|what| broken(at, &what))?);
                if empty {
                    close(&mut open, &mut root);
                }
            }
            Event::End(_) => close(&mut open, &mut root),
            Event::Text(piece) => {
                let piece = piece.xml_content().map_err(|_| broken(at, "not UTF-8"))?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                } else if !piece.trim().is_empty() {
                    return Err(broken(at, "text outside of the document element"));
                }
            }
            Event::CData(piece) => {
                let piece = piece.decode().map_err(|_| broken(at, "not UTF-8"))?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                }
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|_| broken(at, "not UTF-8"))?;
                let value = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    Ok(None) => resolve_xml_entity(&name).map(str::to_owned),
                    Err(_) => None,
                };
                let Some(value) = value else {
                    return Err(broken(
                        at,
                        &format!("`&{name};` is no entity of XML itself"),
                    ));
                };
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&value);
                }
            }
            Event::DocType(_) => {
                return Err(broken(at, "a document type, which no export has"));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
    if let Some(element) = open.last() {
        let what = format!("the file ends within `<{}>`", element.name);
        return Err(broken(text.len() as u64, &what));
    }
    root.ok_or_else(|| broken(0, "no XML element"))
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("an attribute is malformed: {error}"))?;
        let value = attribute.unescape_value();
        let value = value.map_err(|_| "an attribute holds what is no entity of XML itself")?;
        let key = name(attribute.key.local_name().as_ref());
        attributes.push((key, value.into_owned()));
    }
    Ok(Element {
        name: name(start.local_name().as_ref()),
        attributes,
        ..Element::default()
    })
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) {
    if let Some(element) = open.pop() {
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => *root = Some(element),
        }
    }
}

fn words(error: &XmlError) -> String {
    match error {
        XmlError::Syntax(SyntaxError::UnclosedTag) => "the file ends within a tag".to_owned(),
        error => format!("it is no XML: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse("a.xml", text).unwrap_err().message
    }

    #[test]
    fn texts_attributes_and_entities_are_read() {
        let root = parse(
            "a.xml",
            "<?xml version='1.0'?><!-- x --><a b=\"1 &amp; 2\"><p:c>x &lt; &#65;</p:c><c/></a>",
        );
        let root = root.unwrap();
        assert_eq!(root.attribute("b"), Some("1 & 2"));
        assert_eq!(root.text_of("c"), "x < A");
        assert_eq!(root.all("c").count(), 2);
    }

    #[test]
    fn what_is_broken_or_hostile_is_refused_with_its_line() {
        assert_eq!(
            refused("<a>\n<b>"),
            "`a.xml`, line 2: the file ends within `<b>`"
        );
        assert_eq!(
            refused("<a>\n<b"),
            "`a.xml`, line 2: the file ends within a tag"
        );
        assert!(
            refused("<a></b>").contains("it is no XML"),
            "{}",
            refused("<a></b>")
        );
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        assert!(refused(bomb).contains("a document type"));
        assert!(refused("<a>&y;</a>").contains("`&y;` is no entity"));
        assert!(refused(&"<a>".repeat(100_000)).contains("nest deeper than 64"));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        assert!(refused(&wide).contains("more than 1000000 elements"));
        assert!(refused("").contains("no XML element"));
    }
}
