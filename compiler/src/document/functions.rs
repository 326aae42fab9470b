//! The page of functions and constants.

use trib_grammar::Span;
use trib_grammar::ast::Declaration;

use super::book::Book;

/// Every function, script and constant, with its text.
pub fn page(book: &Book<'_>) -> Option<String> {
    let mut found: Vec<(&str, Span, Span)> = Vec::new();
    for declaration in &book.declarations {
        found.extend(match declaration {
            Declaration::Function(it) => Some((it.name.text.as_str(), it.name.span, it.span)),
            Declaration::Script(it) => Some((it.name.text.as_str(), it.name.span, it.span)),
            Declaration::Let(it) => Some((it.name.text.as_str(), it.name.span, it.span)),
            _ => None,
        });
    }
    found.sort();
    let sections = found.iter().map(|(name, at, whole)| {
        let doc = match book.doc(*at) {
            "" => String::new(),
            doc => format!("\n{doc}\n"),
        };
        let text = book.sources.text(*whole);
        format!(
            "\n## {name}\n\n{}\n{doc}\n```trib\n{text}\n```\n",
            book.at(*at)
        )
    });
    let sections: String = sections.collect();
    (!found.is_empty()).then(|| format!("# Functions and constants\n{sections}"))
}
