//! What is broken or hostile: a clear error, never a panic, never a project that says something else.

use super::{TARGETS, checked, export};
use trib_compiler::import::aadconnect::{Target, import, read};
use trib_compiler::import::decode;

fn refused(files: &[(String, String)]) -> String {
    let error = read(files).expect_err("it should be refused");
    assert!(!error.help.is_empty(), "{error}");
    error.message
}

fn one(text: &str) -> Vec<(String, String)> {
    vec![("rule.xml".to_owned(), text.to_owned())]
}

/// A rule of the export, by a part of its name.
fn rule_text(name: &str) -> String {
    let mut files = export("contoso").into_iter();
    let found = files.find(|(_, text)| text.contains(&format!("<name>{name}</name>")));
    found.unwrap().1
}

#[test]
fn a_file_that_ends_anywhere_is_refused_with_its_name() {
    let text = rule_text("In from AD - User AccountEnabled");
    for end in (1..text.trim_end().len()).step_by(7) {
        let message = refused(&one(&text[..end]));
        assert!(message.starts_with("`rule.xml`"), "{end}: {message}");
    }
}

#[test]
fn hostile_documents_are_refused() {
    let rule = rule_text("In from AD - User Join");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    assert!(refused(&one(&format!("{bomb}{rule}"))).contains("a document type"));
    let outside = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    assert!(refused(&one(&format!("{outside}{rule}"))).contains("a document type"));
    let named = rule.replace("In from AD", "&secret;");
    assert!(refused(&one(&named)).contains("`&secret;` is no entity"));
    assert!(refused(&one(&"<a>".repeat(1_000_000))).contains("nest deeper than"));
}

#[test]
fn a_rule_that_lacks_what_it_is_made_of_is_refused() {
    let rule = rule_text("In from AD - User Join");
    for (old, new, message) in [
        (
            "<direction>Inbound</direction>",
            "<direction>Sideways</direction>",
            "`Sideways` is no `<direction>`",
        ),
        (
            "<linkType>Provision</linkType>",
            "",
            "the rule has no `<linkType>`",
        ),
        (
            "<precedence>100</precedence>",
            "<precedence>high</precedence>",
            "`high` is no `<precedence>`",
        ),
        (
            "<name>In from AD - User Join</name>",
            "<name />",
            "the rule has no `<name>`",
        ),
    ] {
        assert!(rule.contains(old), "{old}");
        let said = refused(&one(&rule.replace(old, new)));
        assert_eq!(said, format!("`rule.xml`: {message}"));
    }
    assert!(refused(&one("<mv-data />")).contains("there is no synchronization rule"));
    assert!(refused(&[]).contains("there is no synchronization rule"));
}

#[test]
fn what_nobody_knows_is_told_and_the_project_is_sound() {
    let mut files = export("contoso");
    files.push(("Other/readme.txt".to_owned(), "hello".to_owned()));
    files.push(("Other/odd.xml".to_owned(), "<odd><x/></odd>".to_owned()));
    for (_, text) in &mut files {
        *text = text
            .replace(
                "<csValue>User_</csValue>",
                "<csValue>User_</csValue><weight>2</weight>",
            )
            .replace(
                "<attr>givenName</attr>",
                "<attr>givenName</attr><attr>sn</attr>",
            )
            .replace(
                "<valueMergeType>MergeCaseInsensitive",
                "<valueMergeType>MergeLater",
            );
    }
    let configuration = read(&files).unwrap();
    let unread: Vec<String> = configuration
        .unread
        .iter()
        .map(|(_, what)| what.clone())
        .collect();
    let unread = unread.join("\n");
    assert!(
        unread.contains("`<weight>` in rule `In from AD - User Join`"),
        "{unread}"
    );
    assert!(
        unread.contains(
            "all but the first source of the flow to `givenName` in rule `Out to AAD - User Identity`"
        ),
        "{unread}"
    );
    assert!(
        unread.contains("neither an XML file nor a script"),
        "{unread}"
    );
    assert!(unread.contains("`<odd>` is no part"), "{unread}");
    for target in TARGETS {
        let imported = import(&configuration, target).unwrap();
        checked(&imported, "");
        let merged = super::part(
            &imported,
            "Out to AD - User Exchange Hybrid",
            "proxyAddresses",
        );
        assert!(merged.why.join(";").contains("`MergeLater`"), "{merged:?}");
        assert!(
            imported
                .report
                .remarks
                .iter()
                .any(|remark| remark.why.contains("<weight>"))
        );
    }
}

/// Whatever a text in an export is, it does not become a part of the rules' language.
#[test]
fn texts_of_the_export_cannot_say_anything_in_the_rules() {
    let evil = "x\" } rule \"y\n/// */ ] [ { &amp; \u{7}";
    let mut files = export("contoso");
    for (_, text) in &mut files {
        *text = text
            .replace("Contractors need a mark.", evil)
            .replace(
                "<csValue>User_</csValue>",
                &format!("<csValue>{evil}</csValue>"),
            )
            .replace("<src>Intern</src>", &format!("<src>{evil}</src>"))
            .replace(
                "<name>In from AD - User Interns</name>",
                &format!("<name>{evil}</name>"),
            )
            .replace("<name>contoso.com</name>", &format!("<name>{evil}</name>"))
            .replace("<exclusion>OU=Old,", "<exclusion>OU=Old\"] ");
    }
    let plain = import(&read(&export("contoso")).unwrap(), Target::Graph).unwrap();
    let configuration = read(&files).unwrap();
    for target in TARGETS {
        let imported = import(&configuration, target).unwrap();
        let (checked, _) = checked(&imported, "");
        if target == Target::Graph {
            let kept = plain.report.summary.rules - plain.report.summary.rules_left_out;
            assert_eq!(checked.rules.rules.len(), kept);
        }
    }
}

/// Names that are no names lose their flows, not the project.
#[test]
fn odd_names_of_attributes_and_types_do_no_harm() {
    for (old, new) in [
        ("<dest>employeeType</dest>", "<dest>a] b</dest>"),
        ("<dest>employeeType</dest>", "<dest></dest>"),
        ("<attr>sAMAccountName</attr>", "<attr>x\n}</attr>"),
        (
            "<ilmAttribute>objectSid</ilmAttribute>",
            "<ilmAttribute>]</ilmAttribute>",
        ),
        (
            "<csAttribute>adminDescription</csAttribute>",
            "<csAttribute>[[</csAttribute>",
        ),
        (
            "<targetObjectType>person</targetObjectType>",
            "<targetObjectType>per son</targetObjectType>",
        ),
        (
            "<sourceObjectType>user</sourceObjectType>",
            "<sourceObjectType>us er}</sourceObjectType>",
        ),
        (
            "id=\"person\" type=\"structural\">\n      <dsml:name>person",
            "id=\"p\"><dsml:name>pers on {",
        ),
    ] {
        let mut files = export("contoso");
        let mut found = false;
        for (_, text) in &mut files {
            found |= text.contains(old);
            *text = text.replace(old, new);
        }
        assert!(found, "{old}");
        let configuration = read(&files).unwrap();
        for target in TARGETS {
            let imported =
                import(&configuration, target).unwrap_or_else(|error| panic!("{new}: {error}"));
            checked(&imported, "");
        }
    }
}

#[test]
fn texts_may_be_of_two_encodings() {
    let text = rule_text("In from AD - User Join");
    let units = text.encode_utf16();
    let little: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(units.clone().flat_map(u16::to_le_bytes))
        .collect();
    let big: Vec<u8> = [0xFE, 0xFF]
        .into_iter()
        .chain(units.flat_map(u16::to_be_bytes))
        .collect();
    let marked: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain(text.bytes()).collect();
    for bytes in [little, big, marked] {
        assert_eq!(decode("a.xml", &bytes).unwrap(), text);
    }
    let error = decode("a.xml", &[b'<', 0xC3, b'a']).unwrap_err();
    assert_eq!(error.message, "`a.xml` is no text: byte 1 is not UTF-8");
    assert!(decode("a.xml", &[0xFF, 0xFE, 0x00, 0xD8]).is_err());
}
