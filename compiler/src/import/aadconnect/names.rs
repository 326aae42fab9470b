//! Names of connectors and files, made from names that people gave.

use trib_grammar::ast::ExprKind;
use trib_grammar::{FileId, parse_expression};

use crate::schema::Kind;

/// Words that cannot name a connector.
const TAKEN: [&str; 3] = ["any", "rules", "it"];

/// A name for a connector that none of `known` has: the first label of a domain, the whole of it, or numbered.
pub(super) fn connector(name: &str, otherwise: &str, known: &[String]) -> String {
    let name = name.trim().to_lowercase();
    let label = name.split('.').next().unwrap_or_default();
    let candidates = [word(label), word(&name), word(otherwise)];
    let free = |candidate: &str| {
        !candidate.is_empty()
            && !known.iter().any(|known| known == candidate)
            && !TAKEN.contains(&candidate)
            && Kind::parse(candidate).is_none()
    };
    if let Some(found) = candidates.iter().find(|candidate| free(candidate)) {
        return found.clone();
    }
    let numbered = (2..).map(|number| format!("{}{number}", word(otherwise)));
    let mut numbered = numbered.filter(|candidate| free(candidate));
    numbered.next().unwrap_or_default()
}

/// Letters, digits and low lines; a letter at the beginning.
fn word(text: &str) -> String {
    let mut word = String::new();
    for character in text.chars() {
        match character {
            c if c.is_ascii_alphanumeric() => word.push(c),
            _ if !word.is_empty() && !word.ends_with('_') => word.push('_'),
            _ => {}
        }
    }
    let word = word.trim_end_matches('_');
    match word.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("c{word}"),
        false => word.to_owned(),
    }
}

/// A part of a file's name.
pub(super) fn file(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_".contains(c) {
            c
        } else {
            '_'
        }
    };
    text.chars().map(plain).collect()
}

/// It can be written as a name in rules, in brackets if need be.
pub(super) fn is_name(text: &str) -> bool {
    let (parsed, errors) = parse_expression(FileId(0), &format!("[{text}]"));
    let name = parsed.map(|expr| expr.kind);
    errors.is_empty() && name == Some(ExprKind::Name(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_grammar_reads_as_one() {
        for name in ["mail", "msDS-cloudExtensionAttribute1", "a b", "if"] {
            assert!(is_name(name), "{name}");
        }
        for text in ["", " a", "a]", "a\nb", "x for y", "a, b", "a)"] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn names_are_words_and_unique() {
        let known = ["contoso".to_owned()];
        assert_eq!(connector("fabrikam.com", "forest", &known), "fabrikam");
        assert_eq!(connector("contoso.com", "forest", &known), "contoso_com");
        assert_eq!(connector("ad", "forest", &known), "forest");
        assert_eq!(connector("1.example", "forest", &known), "c1");
        let known = [
            "contoso".to_owned(),
            "contoso_com".to_owned(),
            "forest".to_owned(),
        ];
        assert_eq!(connector("contoso.com", "forest", &known), "forest2");
    }
}
