//! What connectors say besides their names: schemas with what the shipped ones lack, the group of a pilot,
//! parameters.

use super::{TARGETS, checked, export, imported, part};
use trib_compiler::import::Outcome;
use trib_compiler::import::aadconnect::Target;

/// The export with a change of its texts.
fn changed(old: &str, new: &str) -> Vec<(String, String)> {
    let mut files = export("contoso");
    let mut found = false;
    for (_, text) in &mut files {
        found |= text.contains(old);
        *text = text.replace(old, new);
    }
    assert!(found, "{old}");
    files
}

#[test]
fn a_schema_of_its_own_has_what_the_shipped_one_lacks() {
    let badge = "<dest>title</dest><src><attr>contosoBadge</attr></src>";
    let old =
        "<dest>accountName</dest>\n      <src>\n        <attr>sAMAccountName</attr>\n      </src>";
    let mut files = changed(old, badge);
    for (_, text) in &mut files {
        *text = text.replace(
            "<attribute>c</attribute>",
            "<attribute>c</attribute><attribute>contosoBadge</attribute>",
        );
    }
    for target in TARGETS {
        let imported = imported(&files, target);
        checked(&imported, "");
        let flow = part(&imported, "In from AD - User Common", "title");
        assert_eq!(
            (flow.outcome, flow.is.as_deref()),
            (Outcome::Kept, Some("contosoBadge"))
        );
        let forest = &imported.report.connectors[0];
        assert!(
            forest
                .why
                .join("; ")
                .contains("what `contosoBadge` of `user` is"),
            "{forest:?}"
        );
        let schema = imported
            .files
            .iter()
            .find(|(path, _)| path == "rules/contoso.schema.json");
        assert!(schema.is_some_and(|(_, text)| text.contains("\"contosoBadge\"")));
    }
    // The export says that it is a number, so the text that the metaverse has is made of it.
    let schema = "<schema><directory-schema><attribute-type id=\"A1\" single-value=\"true\"><name>contosoBadge</name><syntax>1.3.6.1.4.1.1466.115.121.1.27</syntax></attribute-type><class id=\"C1\"><name>user</name><attribute ref=\"#A1\"/></class></directory-schema></schema><private-configuration>";
    for (_, text) in &mut files {
        *text = text.replace("<private-configuration>", schema);
    }
    let imported = imported(&files, Target::EntraConnect);
    checked(&imported, "");
    let flow = part(&imported, "In from AD - User Common", "title");
    assert_eq!(
        (flow.outcome, flow.is.as_deref()),
        (Outcome::Changed, Some("CStr(contosoBadge)"))
    );
    assert!(
        imported.report.connectors[0]
            .why
            .iter()
            .all(|why| !why.contains("contosoBadge"))
    );
}

#[test]
fn a_new_attribute_of_the_tenant_is_known_from_its_rule() {
    let files = changed(
        "<dest>company</dest>\n      <src>\n        <attr>company</attr>",
        "<dest>someNewThing</dest>\n      <src>\n        <attr>company</attr>",
    );
    let imported = imported(&files, Target::EntraConnect);
    checked(&imported, "");
    let flow = part(&imported, "Out to AAD - User Identity", "someNewThing");
    assert_eq!(
        (flow.outcome, flow.is.as_deref()),
        (Outcome::Kept, Some("company"))
    );
}

/// Writing groups back: what Active Directory needs and may be absent fails the object, as it did.
#[test]
fn what_a_forest_needs_of_a_new_object_fails_where_it_is_absent() {
    let rule = r#"<synchronizationRule>
      <id>{5ca1ab1e-0000-4000-8000-000000000201}</id>
      <name>Out to AD - Group Writeback</name>
      <direction>Outbound</direction>
      <disabled>False</disabled>
      <connector>{11c0ffee-0000-4000-8000-000000000001}</connector>
      <sourceObjectType>group</sourceObjectType>
      <targetObjectType>group</targetObjectType>
      <linkType>Provision</linkType>
      <precedence>300</precedence>
      <attribute-mappings>
        <mapping><dest>dn</dest><expression>"CN=" &amp; EscapeDNComponent([cloudAnchor]) &amp; ",OU=Cloud,DC=contoso,DC=com"</expression><valueMergeType>Update</valueMergeType></mapping>
        <mapping><dest>sAMAccountName</dest><src><attr>cloudAnchor</attr></src><valueMergeType>Update</valueMergeType></mapping>
        <mapping><dest>groupType</dest><src>8</src><valueMergeType>Update</valueMergeType></mapping>
        <mapping><dest>member</dest><src><attr>member</attr></src><valueMergeType>Update</valueMergeType></mapping>
        <mapping><dest>objectSid</dest><src><attr>objectSid</attr></src><valueMergeType>Update</valueMergeType></mapping>
      </attribute-mappings>
    </synchronizationRule>"#;
    let mut files = export("contoso");
    files.push(("SynchronizationRules/group.xml".to_owned(), rule.to_owned()));
    for target in TARGETS {
        let imported = imported(&files, target);
        checked(&imported, "");
        let name = "Out to AD - Group Writeback";
        let account = part(&imported, name, "sAMAccountName");
        assert_eq!(
            account.is.as_deref(),
            Some("cloudAnchor ?? error \"sAMAccountName has no value\"")
        );
        assert_eq!(account.outcome, Outcome::Changed);
        assert_eq!(part(&imported, name, "groupType").is.as_deref(), Some("8"));
        assert_eq!(part(&imported, name, "member").outcome, Outcome::Kept);
        let sid = part(&imported, name, "objectSid");
        assert_eq!(sid.outcome, Outcome::LeftOut);
        assert!(sid.why[0].contains("read-only"), "{sid:?}");
    }
}

#[test]
fn the_group_of_a_pilot_stays_a_condition() {
    let group = "<parameter name=\"Connector.GroupFilteringGroupDn\" type=\"string\">CN=Pilot,DC=contoso,DC=com</parameter><parameter name=\"Contoso.Type\"";
    let files = changed("<parameter name=\"Contoso.Type\"", group);
    for target in TARGETS {
        let imported = imported(&files, target);
        let (checked, _) = checked(&imported, "");
        let why = imported.report.connectors[0].why.join("; ");
        assert!(
            why.contains("only members of `CN=Pilot,DC=contoso,DC=com`"),
            "{why}"
        );
        for (rule, asked) in [
            ("In from AD - User Join", true),
            ("In from AD - Group Common", true),
            ("In from AD - ForeignSecurityPrincipal Join User", false),
            ("In from AD - User Join (contoso_net)", false),
        ] {
            let made = checked
                .rules
                .rules
                .iter()
                .find(|made| made.name == rule)
                .unwrap();
            let scope = format!("{:?}", made.scope);
            assert_eq!(
                scope.contains("MemberOf(\"CN=Pilot,DC=contoso,DC=com\")"),
                asked,
                "{rule}"
            );
        }
    }
}

/// No entry says which forest is meant where the metaverse is read: the rule's own target does.
#[test]
fn parameters_of_outbound_rules_have_their_values() {
    for target in TARGETS {
        let imported = imported(&export("contoso"), target);
        let name = "Out to AD - User Exchange Hybrid";
        let scope = part(&imported, name, "contributingConnectorUser");
        assert_eq!(scope.was, "contributingConnectorUser EQUAL %Connector.ID%");
        assert_eq!(
            scope.is.as_deref(),
            Some("contributingConnectorUser == \"contoso\"")
        );
        let info = part(&imported, name, "info");
        assert!(
            info.is.as_deref().unwrap().contains("\"contoso.com\""),
            "{info:?}"
        );
        let inbound = part(&imported, "In from AD - User AccountEnabled", "domainFQDN");
        assert_eq!(inbound.is.as_deref(), Some("%Domain.FQDN%"));
    }
}
