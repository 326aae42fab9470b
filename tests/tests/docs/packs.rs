//! What became of Azure AD Connect's default rules, from the comments of the shipped rules.

use std::fs;

use trib_compiler::document::document;
use trib_compiler::{Sources, check};

use crate::{NOTE, page as path};

const FILES: [&str; 6] = [
    "users",
    "groups",
    "contacts",
    "forests",
    "lync",
    "extensions",
];

/// What `trib doc rules/entra` writes of them and of attributes, with links to the rules themselves.
pub fn page() -> String {
    let mut sources = Sources::default();
    for file in FILES {
        let file = format!("rules/entra/{file}.trib");
        let text = fs::read_to_string(path("..").join(&file)).unwrap();
        sources.add(file, text);
    }
    let checked = check(&mut sources);
    assert!(checked.is_sound());
    let link = |path: &str, _: u32| Some(format!("../{path}"));
    let pages = document(&checked.rules, &sources, &link);
    let text = |name: &str| {
        let page = pages.iter().find(|page| page.name == name);
        page.expect("the packs have one").text.as_str()
    };
    let (_, attributes) = text("attributes.md").split_once("\n## ").expect("a source");
    let attributes = attributes.replace("\n## ", "\n### ");
    let mut text = format!(
        "{}\n## Attributes\n\n### {attributes}",
        text("default-rules.md")
    );
    for rule in &checked.rules.rules {
        let (file, _) = sources.get(rule.span.file);
        let anchor = crate::anchor(&rule.name);
        text = text.replace(&format!("(rules.md#{anchor})"), &format!("(../{file})"));
    }
    let (title, rest) = text.split_once('\n').expect("a title");
    format!("{title}\n\n{NOTE}\n{rest}")
}
