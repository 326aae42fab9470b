//! Scripts of the rule editor say what the files of an export say.

use super::{TARGETS, checked, export, imported, part, rule};
use trib_compiler::import::Outcome;
use trib_compiler::import::aadconnect::model::{Flow, Link, Rule};
use trib_compiler::import::aadconnect::{Target, read};

/// A rule as the rule editor would export it.
fn script(rule: &Rule) -> String {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let inbound = rule.direction == trib_compiler::import::aadconnect::model::Direction::Inbound;
    let mut script = format!(
        "New-ADSyncRule  `\n-Name {} `\n-Identifier '{}' `\n-Description {} `\n-Direction '{:?}' `\n-Precedence {} `\n-SourceObjectType '{}' `\n-TargetObjectType '{}' `\n-Connector '{}' `\n-LinkType '{}' `\n-SoftDeleteExpiryInterval {} `\n-ImmutableTag '{}' `\n",
        text(&rule.name),
        rule.id,
        text(&rule.description),
        rule.direction,
        rule.precedence,
        rule.source,
        rule.target,
        rule.connector,
        match rule.link {
            Link::Provision => "Provision",
            Link::Join => "Join",
            Link::Sticky => "StickyJoin",
        },
        if rule.soft_delete.is_empty() {
            "0"
        } else {
            &rule.soft_delete
        },
        rule.tag,
    );
    if rule.disabled {
        script.push_str("-Disabled  `\n");
    }
    if rule.password_sync {
        script.push_str("-EnablePasswordSync  `\n");
    }
    script.push_str("-OutVariable syncRule\n\n");
    for mapping in &rule.mappings {
        script.push_str("Add-ADSyncAttributeFlowMapping  `\n-SynchronizationRule $syncRule[0] `\n");
        script.push_str(&match &mapping.value {
            Flow::Direct(name) => format!("-Source @('{name}') `\n-FlowType 'Direct' `\n"),
            Flow::Constant(value) => {
                format!("-Source @({}) `\n-FlowType 'Constant' `\n", text(value))
            }
            Flow::Expression(value) => {
                format!("-FlowType 'Expression' `\n-Expression {} `\n", text(value))
            }
            Flow::Nothing => "-FlowType 'Direct' `\n".to_owned(),
        });
        if mapping.once {
            script.push_str("-ExecuteOnce  `\n");
        }
        script.push_str(&format!(
            "-Destination '{}' `\n-ValueMergeType '{}' `\n-OutVariable syncRule\n\n",
            mapping.target, mapping.merge
        ));
    }
    let kind = "Microsoft.IdentityManagement.PowerShell.ObjectModel";
    for group in &rule.scope {
        let mut names = Vec::new();
        for (at, clause) in group.iter().enumerate() {
            script.push_str(&format!(
                "New-Object  `\n-TypeName '{kind}.ScopeCondition' `\n-ArgumentList '{}',{},'{}' `\n-OutVariable condition{at}\n\n",
                clause.attribute,
                text(&clause.value),
                clause.operator
            ));
            names.push(format!("$condition{at}[0]"));
        }
        let names = names.join(",");
        script.push_str(&format!(
            "Add-ADSyncScopeConditionGroup  `\n-SynchronizationRule $syncRule[0] `\n-ScopeConditions @({names}) `\n-OutVariable syncRule\n\n"
        ));
    }
    for group in &rule.joins {
        let mut names = Vec::new();
        for (at, clause) in group.iter().enumerate() {
            let (directory, metaverse) = match inbound {
                true => (&clause.source, &clause.target),
                false => (&clause.target, &clause.source),
            };
            script.push_str(&format!(
                "New-Object  `\n-TypeName '{kind}.JoinCondition' `\n-ArgumentList '{directory}','{metaverse}',${} `\n-OutVariable condition{at}\n\n",
                clause.case_sensitive
            ));
            names.push(format!("$condition{at}[0]"));
        }
        let names = names.join(",");
        script.push_str(&format!(
            "Add-ADSyncJoinConditionGroup  `\n-SynchronizationRule $syncRule[0] `\n-JoinConditions @({names}) `\n-OutVariable syncRule\n\n"
        ));
    }
    script + "Add-ADSyncRule  `\n-SynchronizationRule $syncRule[0]\n\n"
}

#[test]
fn a_script_means_what_the_file_of_the_same_rule_means() {
    let files = export("contoso");
    let configuration = read(&files).unwrap();
    for rule in &configuration.rules {
        let text = script(rule);
        let again = read(&[("rule.ps1".to_owned(), text.clone())])
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(again.unread, [], "{text}");
        let expected = Rule {
            file: "rule.ps1".to_owned(),
            ..rule.clone()
        };
        assert_eq!(again.rules, [expected], "{text}");
    }
}

#[test]
fn scripts_alone_become_a_project_on_the_usual_metaverse() {
    for target in TARGETS {
        let imported = imported(&export("script"), target);
        checked(&imported, "");
        let rules: Vec<&str> = imported
            .report
            .rules
            .iter()
            .map(|rule| rule.name.as_str())
            .collect();
        assert_eq!(
            rules,
            [
                "In from AD - User Contractors",
                "Out to AAD - User Contractors",
                "Out to AAD - User Others"
            ]
        );
        let remarks = &imported.report.remarks;
        let told = |about: &str| remarks.iter().any(|remark| remark.about.contains(about));
        assert!(
            told("person.secondAddresses") && told("metaverse"),
            "{remarks:?}"
        );
        let unknown = remarks
            .iter()
            .find(|remark| remark.about == "contractors.ps1")
            .unwrap();
        assert!(
            unknown
                .why
                .contains("line 112: the command `Send-MailMessage`"),
            "{unknown:?}"
        );
    }
    let imported = imported(&export("script"), Target::EntraConnect);
    let contractors = rule(&imported, "In from AD - User Contractors");
    assert_eq!(contractors.outcome, Outcome::Kept, "{contractors:?}");
    let filtered = part(&imported, "In from AD - User Contractors", "cloudFiltered");
    assert!(
        filtered
            .is
            .as_deref()
            .unwrap()
            .contains("InStr(title, \"it's\") > 0"),
        "{filtered:?}"
    );
}

#[test]
fn a_script_with_holes_is_refused() {
    for (text, message) in [
        (
            "New-ADSyncRule -Name 'x",
            "`a.ps1`, line 1: a text is never closed",
        ),
        (
            "<# New-ADSyncRule",
            "`a.ps1`, line 1: a comment is never closed",
        ),
        (
            "New-ADSyncRule -Name 'x' -Direction 'Up'",
            "`a.ps1`, line 1: `-Direction` is missing or not known",
        ),
        (
            "\nNew-ADSyncRule -Name $name -Direction 'Inbound'",
            "`a.ps1`, line 2: `-Name` is `$name`, which nothing before sets",
        ),
        (
            "# New-ADSyncRule\nAdd-ADSyncAttributeFlowMapping -Destination 'x'",
            "`a.ps1`, line 2: no `New-ADSyncRule` comes before",
        ),
        (
            "New-ADSyncRule -Name 'x' -Direction 'Inbound' -Connector 'c' -SourceObjectType 'user' -TargetObjectType 'person'\nAdd-ADSyncScopeConditionGroup -ScopeConditions @($condition0[0])",
            "`a.ps1`, line 2: it names conditions that were not made before",
        ),
    ] {
        let error = read(&[("a.ps1".to_owned(), text.to_owned())]).unwrap_err();
        assert_eq!(error.message, message);
        assert!(!error.help.is_empty());
    }
}
