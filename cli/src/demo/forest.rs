//! The sample forest of the demo: Contoso, some five hundred people and sixty groups, with the odd
//! cases that every grown directory has. The same text every time.

mod entry;
mod groups;
mod names;
mod people;
mod rest;

use entry::Entry;

/// The domain of the logins and mail addresses; the tenant has to know it.
pub const DOMAIN: &str = "contoso.com";

/// The distinguished name of the forest's only domain.
pub const BASE: &str = "DC=corp,DC=contoso,DC=com";

/// The forest as LDIF.
pub fn ldif() -> String {
    let people = people::all();
    let groups = groups::all(&people);
    let mut entries = rest::places();
    entries.extend(people.into_iter().map(|person| person.account));
    entries.extend(rest::contacts());
    entries.extend(rest::computers());
    entries.extend(groups);
    let mut text = String::from("version: 1\n");
    for (number, entry) in (1104..).zip(&entries) {
        entry.write(number, &mut text);
    }
    text
}

/// The distinguished name of something in the domain.
fn place(path: &str) -> String {
    format!("{path},{BASE}")
}

#[cfg(test)]
mod tests;
