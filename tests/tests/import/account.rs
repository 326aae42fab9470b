//! The report names everything that an export has, and the project has what the report says.

use std::collections::BTreeSet;

use super::{TARGETS, checked, export, imported, part, rule};
use trib_compiler::import::aadconnect::Target;
use trib_compiler::import::{Outcome, Part};

/// The texts between two marks, in their order.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    let pieces = text.split(open).skip(1);
    pieces
        .map(|piece| piece.split(close).next().unwrap())
        .collect()
}

#[test]
fn every_rule_and_every_flow_of_the_files_is_in_the_report() {
    let files = export("contoso");
    for target in TARGETS {
        let imported = imported(&files, target);
        let report = &imported.report;
        let rules = files
            .iter()
            .filter(|(path, _)| path.contains("SynchronizationRule_"));
        let mut flows = 0;
        for (path, text) in rules.clone() {
            let id = between(text, "<id>{", "}").remove(0);
            let found = report.rules.iter().find(|rule| rule.id == id);
            let found = found.unwrap_or_else(|| panic!("{path}"));
            assert_eq!(found.from_file, *path);
            let listed = |kind: &str| -> Vec<&str> {
                let parts = found.parts.iter().filter(|part| part.part == kind);
                parts.map(|part| part.name.as_str()).collect()
            };
            assert_eq!(listed("flow"), between(text, "<dest>", "</dest>"), "{path}");
            assert_eq!(
                listed("scope").len(),
                between(text, "<csOperator>", "<").len(),
                "{path}"
            );
            assert_eq!(
                listed("join").len(),
                between(text, "<ilmAttribute>", "<").len(),
                "{path}"
            );
            flows += listed("flow").len();
        }
        let summary = report.summary;
        assert_eq!(summary.rules, rules.count());
        assert_eq!(summary.flows, flows);
        assert_eq!(
            summary.flows,
            summary.flows_kept + summary.flows_changed + summary.flows_left_out
        );
        for rule in &report.rules {
            for part in &rule.parts {
                let told = part.outcome == Outcome::Kept || !part.why.is_empty();
                assert!(told, "{}: {part:?}", rule.name);
                assert_eq!(
                    part.is.is_none(),
                    part.outcome == Outcome::LeftOut,
                    "{part:?}"
                );
            }
        }
    }
}

#[test]
fn the_project_has_the_flows_that_the_report_says_it_has() {
    let files = export("contoso");
    for target in TARGETS {
        let imported = imported(&files, target);
        let (checked, _) = checked(&imported, "");
        let made: BTreeSet<&str> = checked
            .rules
            .rules
            .iter()
            .map(|rule| rule.name.as_str())
            .collect();
        for rule in &imported.report.rules {
            let Some(name) = &rule.rule else {
                assert!(!made.contains(rule.name.as_str()) || rule.outcome == Outcome::LeftOut);
                continue;
            };
            let found = checked.rules.rules.iter().find(|made| made.name == *name);
            let found = found.unwrap_or_else(|| panic!("`{name}` is not there"));
            let kept = rule
                .parts
                .iter()
                .filter(|part| part.outcome != Outcome::LeftOut);
            let kept: Vec<_> = kept.collect();
            let flows = kept.iter().filter(|part| part.part == "flow");
            // The fields of a complex property are one flow.
            let (fields, flows): (Vec<&&Part>, Vec<&&Part>) = flows.partition(|part| {
                let is = part.is.as_deref().unwrap_or_default();
                is.starts_with("onPremisesExtensionAttributes.")
            });
            let expected = flows.len() + usize::from(!fields.is_empty()) + rule.added.len();
            assert_eq!(found.flows.len(), expected, "`{name}` to {target:?}");
            let terms: usize = found.joins.iter().map(|join| join.terms.len()).sum();
            let joins = kept.iter().filter(|part| part.part == "join").count();
            assert_eq!(terms, joins, "`{name}` to {target:?}");
        }
        assert_eq!(
            checked.rules.rules.len(),
            imported.report.summary.rules - imported.report.summary.rules_left_out
        );
    }
}

#[test]
fn what_is_changed_or_left_out_says_why() {
    let to_connector = imported(&export("contoso"), Target::EntraConnect);
    let to_graph = imported(&export("contoso"), Target::Graph);
    for (imported, name, piece, outcome, why) in [
        (
            &to_connector,
            "In from AD - User Common",
            "photo",
            Outcome::Changed,
            "several values",
        ),
        (
            &to_connector,
            "In from AD - User Common",
            "msExchELCExpirySuspensionStart",
            Outcome::Kept,
            "",
        ),
        (
            &to_connector,
            "In from AD - Computer Join",
            "registeredOwnerReference",
            Outcome::LeftOut,
            "security identifier",
        ),
        (
            &to_connector,
            "In from AAD - User NGCKey",
            "deviceKey",
            Outcome::LeftOut,
            "`CBin`",
        ),
        (
            &to_connector,
            "In from AD - User Contractors",
            "employeeID",
            Outcome::Changed,
            "once",
        ),
        (
            &to_connector,
            "In from AD - User Contractors",
            "division",
            Outcome::LeftOut,
            "not selected",
        ),
        (
            &to_connector,
            "In from AD - User Contractors",
            "jobCode",
            Outcome::LeftOut,
            "no attribute `jobCode`",
        ),
        (
            &to_connector,
            "In from AD - User Interns",
            "title",
            Outcome::LeftOut,
            "`Thing`",
        ),
        (
            &to_connector,
            "In from AD - User Retired",
            "department",
            Outcome::LeftOut,
            "no source",
        ),
        (
            &to_connector,
            "Out to AAD - User Join",
            "dn",
            Outcome::Kept,
            "",
        ),
        (
            &to_graph,
            "Out to AAD - User Join",
            "dn",
            Outcome::LeftOut,
            "connector of Azure AD Connect",
        ),
        (
            &to_graph,
            "Out to AAD - User Join",
            "onPremisesSamAccountName",
            Outcome::LeftOut,
            "nobody but Microsoft's own sync",
        ),
        (
            &to_graph,
            "Out to AAD - User Identity",
            "proxyAddresses",
            Outcome::LeftOut,
            "read-only in Graph",
        ),
        (
            &to_graph,
            "Out to AAD - User Identity",
            "msExchRecipientTypeDetails",
            Outcome::LeftOut,
            "Exchange Online",
        ),
        (
            &to_graph,
            "Out to AAD - User Identity",
            "alias",
            Outcome::Changed,
            "nickname",
        ),
        (
            &to_graph,
            "Out to AAD - User Identity",
            "company",
            Outcome::Kept,
            "",
        ),
        (
            &to_graph,
            "Out to AAD - Group Join",
            "sourceAnchor",
            Outcome::Changed,
            "when the object is made",
        ),
        (
            &to_graph,
            "Out to AAD - Group Identity",
            "managedBy",
            Outcome::LeftOut,
            "owners",
        ),
        (
            &to_graph,
            "Out to AAD - Contact Join",
            "displayName",
            Outcome::LeftOut,
            "the rule is left out",
        ),
    ] {
        let part = part(imported, name, piece);
        assert_eq!(part.outcome, outcome, "{name}: {part:?}");
        assert!(part.why.join("; ").contains(why), "{name}: {part:?}");
    }
}

#[test]
fn rules_say_what_is_not_theirs_alone() {
    let imported = imported(&export("contoso"), Target::EntraConnect);
    for (name, outcome, why) in [
        ("In from AD - User Join", Outcome::Kept, ""),
        (
            "In from AD - User Join (contoso_net)",
            Outcome::Changed,
            "another rule is called",
        ),
        (
            "In from AD - User AccountEnabled",
            Outcome::Changed,
            "passwords",
        ),
        (
            "In from AD - User Contractors",
            Outcome::Changed,
            "30.00:00:00",
        ),
        (
            "In from AD - User Interns",
            Outcome::Changed,
            "its precedence was 50",
        ),
        (
            "In from AD - User Interns",
            Outcome::Changed,
            "it is disabled",
        ),
        (
            "In from AAD - User NGCKey",
            Outcome::LeftOut,
            "nothing of it is left",
        ),
        (
            "In from HR",
            Outcome::LeftOut,
            "neither Active Directory nor Entra ID",
        ),
    ] {
        let rule = rule(&imported, name);
        assert_eq!(rule.outcome, outcome, "{name}");
        assert!(rule.why.join("; ").contains(why), "{name}: {:?}", rule.why);
    }
    let interns = &rule(&imported, "In from AD - User Interns").parts;
    let clause = interns.iter().find(|part| part.part == "scope").unwrap();
    assert_eq!(clause.outcome, Outcome::LeftOut);
    assert_eq!(clause.why, ["the operator `SOUNDSLIKE` is not known"]);
    let remarks = &imported.report.remarks;
    let told = |about: &str, why: &str| {
        remarks
            .iter()
            .any(|remark| remark.about.contains(about) && remark.why.contains(why))
    };
    assert!(told("0000000021}.xml", "<futureElement>"), "{remarks:?}");
    assert!(told("person.objectSidString", "indexed"), "{remarks:?}");
    assert!(told("PasswordHashSync", "left out"), "{remarks:?}");
    let hr = imported
        .report
        .connectors
        .iter()
        .find(|known| known.name == "HR")
        .unwrap();
    assert_eq!(
        (hr.connector.as_deref(), hr.kind.as_str()),
        (None, "Generic SQL (Microsoft)")
    );
}

#[test]
fn nothing_that_the_export_encrypts_comes_through() {
    for target in TARGETS {
        for (path, text) in imported(&export("contoso"), target).files {
            assert!(!text.contains("never shown"), "{path}");
        }
    }
}
