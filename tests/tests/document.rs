//! The documentation of rule sets: that of a small one is known to the letter (`BLESS=1` writes it anew), that
//! of the shipped packs is complete.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::fs;
use std::path::{Path, PathBuf};

use trib_compiler::diagnostics::human;
use trib_compiler::document::{Page, document};
use trib_compiler::{Checked, Sources, check};

/// The default rules of Azure AD Connect, with an Exchange hybrid and devices.
const DEFAULT_RULES: &str = include_str!("../documents/default-rules.txt");

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn program(files: &[(&str, PathBuf)]) -> (Checked, Sources) {
    let mut sources = Sources::default();
    for (shown, path) in files {
        sources.add(*shown, fs::read_to_string(path).unwrap());
    }
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(checked.is_sound(), "{said}");
    (checked, sources)
}

/// The pages, with every place a link.
fn pages(checked: &Checked, sources: &Sources) -> Vec<Page> {
    let link = |path: &str, line: u32| Some(format!("{path}#L{line}"));
    document(&checked.rules, sources, &link)
}

fn packs() -> (Checked, Sources) {
    let names = [
        "users",
        "groups",
        "contacts",
        "forests",
        "lync",
        "extensions",
    ];
    let paths = names.map(|name| format!("rules/entra/{name}.trib"));
    let files: Vec<(&str, PathBuf)> = paths
        .iter()
        .map(|path| (path.as_str(), folder("..").join(path)))
        .collect();
    program(&files)
}

fn page<'p>(pages: &'p [Page], name: &str) -> &'p str {
    let page = pages.iter().find(|page| page.name == name);
    &page.unwrap_or_else(|| panic!("no {name}")).text
}

#[test]
fn a_small_rule_set_is_documented_to_the_letter() {
    let (checked, sources) = program(&[("small.trib", folder("documents/small.trib"))]);
    let pages = pages(&checked, &sources);
    let names: Vec<&str> = pages.iter().map(|page| page.name).collect();
    assert_eq!(
        names,
        [
            "index.md",
            "rules.md",
            "metaverse.md",
            "attributes.md",
            "functions.md",
            "tests.md",
            "default-rules.md"
        ]
    );
    for page in &pages {
        let path = folder("documents/small").join(page.name);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &page.text).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(page.text, known, "{}: `BLESS=1` writes it anew", page.name);
    }
}

#[test]
fn what_is_not_there_has_no_page() {
    let mut sources = Sources::default();
    sources.add("a.trib", "connector corp : ad\n");
    let checked = check(&mut sources);
    let pages = document(&checked.rules, &sources, &|_, _| None);
    assert_eq!(pages.len(), 1, "{pages:#?}");
    assert!(pages[0].text.contains("| `corp` | `ad` |"));
}

/// The section of a page under a heading.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = page.find(&format!("\n## {heading}\n"));
    let start = start.unwrap_or_else(|| panic!("no section `{heading}`")) + 1;
    let rest = &page[start..];
    rest.get(3..)
        .and_then(|body| body.find("\n## "))
        .map_or(rest, |end| &rest[..end + 3])
}

#[test]
fn the_pages_of_the_packs_show_every_rule_flow_and_attribute() {
    let (checked, sources) = packs();
    let pages = pages(&checked, &sources);
    let (rules, metaverse) = (page(&pages, "rules.md"), page(&pages, "metaverse.md"));
    let index = page(&pages, "index.md");
    let mut flows = 0;
    for rule in &checked.rules.rules {
        let section = section(rules, &rule.name);
        assert!(
            index.contains(&format!("[{}](rules.md#", rule.name)),
            "{}",
            rule.name
        );
        assert!(section.contains(&sources.at(rule.span)), "{}", rule.name);
        assert!(section.contains(&format!("| precedence | {} |", rule.precedence)));
        assert_eq!(
            section.matches("\n- ").count(),
            rule.scope.len(),
            "{section}"
        );
        for join in &rule.joins {
            let text = sources.text(join.span).trim_start_matches("join").trim();
            assert!(section.contains(&format!("`{text}`")), "{text}\n{section}");
        }
        let target = checked.rules.object_type(rule.target);
        for flow in &rule.flows {
            let name = &target.unwrap().attributes[flow.target].name;
            let row = section
                .lines()
                .find(|line| line.starts_with(&format!("| `{name}` |")));
            let row = row.unwrap_or_else(|| panic!("{name} of {}", rule.name));
            assert!(row.contains(&sources.at(flow.span)), "{row}");
            flows += 1;
        }
    }
    assert!(flows > 200, "{flows}");
    for ty in &checked.rules.metaverse {
        let section = section(metaverse, &ty.name);
        for attribute in &ty.attributes {
            assert!(
                section.contains(&format!("\n| `{}` |", attribute.name)),
                "{}",
                attribute.name
            );
        }
    }
}

#[test]
fn attributes_are_followed_to_the_properties_of_graph() {
    let (checked, sources) = packs();
    let pages = pages(&checked, &sources);
    let users = section(page(&pages, "attributes.md"), "corp.user");
    for (attribute, metaverse, property) in [
        ("title", "person.title", "cloud.user.jobTitle"),
        ("sn", "person.sn", "cloud.user.surname"),
        (
            "objectGUID",
            "person.sourceAnchor",
            "cloud.user.onPremisesImmutableId",
        ),
        (
            "telephoneNumber",
            "person.telephoneNumber",
            "cloud.user.businessPhones",
        ),
        (
            "extensionAttribute7",
            "person.extensionAttribute7",
            "cloud.user.onPremisesExtensionAttributes",
        ),
    ] {
        let start = format!("| `{attribute}` | `{metaverse}` by [");
        let rows = users.lines().filter(|line| line.starts_with(&start));
        let rows: Vec<&str> = rows.collect();
        assert!(!rows.is_empty(), "{attribute}\n{users}");
        let end = format!("`{property}`");
        assert!(rows.iter().all(|row| row.contains(&end)), "{rows:#?}");
    }
}

#[test]
fn every_rule_of_the_packs_is_explained() {
    let (checked, sources) = packs();
    let rules = pages(&checked, &sources);
    for rule in &checked.rules.rules {
        let section = section(page(&rules, "rules.md"), &rule.name);
        let paragraph = section.split("\n\n").nth(2).unwrap();
        assert!(
            paragraph.ends_with('.') && !paragraph.starts_with('|'),
            "{}",
            rule.name
        );
    }
}

#[test]
fn every_default_rule_became_something_or_is_left_out_for_a_reason() {
    let (checked, sources) = packs();
    let pages = pages(&checked, &sources);
    let table = page(&pages, "default-rules.md");
    let (replaced, left) = table.split_once("## Left out").unwrap();
    let mut known = 0;
    for name in DEFAULT_RULES.lines() {
        let code = format!("`{name}`");
        let row = replaced
            .lines()
            .find(|line| line.starts_with(&format!("| {code} |")));
        let reason = left.lines().find(|line| line.contains(&code));
        assert!(
            row.is_some() != reason.is_some(),
            "{name}: {row:?} {reason:?}"
        );
        if let Some(row) = row {
            assert!(row.contains("](rules.md#"), "{row}");
            assert!(!row.ends_with("|  |"), "{row} decides nothing");
        }
        if let Some(reason) = reason {
            let because = reason.split(" | ").nth(1).unwrap();
            assert!(because.split(' ').count() > 3, "{reason}");
        }
        known += 1;
    }
    assert_eq!(known, 62);
}
