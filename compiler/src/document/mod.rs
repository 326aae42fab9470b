//! The documentation of a rule set, as Markdown pages: the rules, where every attribute comes from and goes
//! to, functions and tests, from the checked rules and from what their comments say.

mod attributes;
mod book;
mod functions;
mod index;
mod markdown;
mod metaverse;
mod reach;
mod replaced;
mod rules;
mod tests;
mod words;

use crate::checked::Rules;
use crate::sources::Sources;

use book::Book;

/// A page: its name in the folder, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// `index.md` and its neighbours.
    pub name: &'static str,
    /// Markdown.
    pub text: String,
}

/// Where a link to a line of a file leads, if the reader can follow it.
pub type Link<'l> = dyn Fn(&str, u32) -> Option<String> + 'l;

/// The pages of sound rules, the index first. Pages that would be empty are left out.
pub fn document(rules: &Rules, sources: &Sources, link: &Link<'_>) -> Vec<Page> {
    let book = Book::new(rules, sources, link);
    let pages = [
        ("rules.md", rules::page(&book)),
        ("metaverse.md", metaverse::page(&book)),
        ("attributes.md", attributes::page(&book)),
        ("functions.md", functions::page(&book)),
        ("tests.md", tests::page(&book)),
        ("default-rules.md", replaced::page(&book)),
    ];
    let pages: Vec<Page> = pages
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| Page { name, text }))
        .collect();
    let index = Page {
        name: "index.md",
        text: index::page(&book, &pages),
    };
    std::iter::once(index).chain(pages).collect()
}
