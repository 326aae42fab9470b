//! Imported rules do what Azure AD Connect would: stories over the project.

use std::path::Path;

use super::{checked, export, imported};
use trib_compiler::import::aadconnect::Target;

const CONNECTOR: &str = r#"
test "a user arrives in the connector" {
  with %Domain.FQDN% = "contoso.com"
  with %Connector.ID% = "corp"
  with %Param.Contoso.Type% = "Contractor"
  given contoso.user "Ann" {
    dn: "CN=Ann Lee,OU=Staff,DC=contoso,DC=com", cn: "Ann Lee", sAMAccountName: "ann",
    objectGUID: guid "11111111-2222-3333-4444-555555555555", objectSid: sid "S-1-5-21-1-2-3-1104",
    userAccountControl: 512, givenName: " Ann ", sn: "Lee", title: "Engineer"
  }
  expect person {
    accountEnabled: true, displayName: "Ann Lee", givenName: "Ann", sourceObjectType: "User",
    userPrincipalName: "ann@contoso.com", objectSidString: "S-1-5-21-1-2-3-1104"
  }
  expect cloud.user {
    sourceAnchor: "ERERESIiMzNERFVVVVVVVQ==", commonName: "Ann Lee", displayName: "Ann Lee", surname: "Lee"
  }
}

test "what is kept out, and whose container is not read, stays out" {
  with %Domain.FQDN% = "contoso.com"
  with %Connector.ID% = "corp"
  with %Param.Contoso.Type% = "Contractor"
  given contoso.user {
    dn: "CN=a,OU=Staff,DC=contoso,DC=com", cn: "a", sAMAccountName: "a", adminDescription: "User_NoSync",
    objectSid: sid "S-1-5-21-1-2-3-1", objectGUID: guid "11111111-2222-3333-4444-555555555551", userAccountControl: 512
  }
  given contoso.user {
    dn: "CN=b,OU=Old,DC=contoso,DC=com", cn: "b", sAMAccountName: "b",
    objectSid: sid "S-1-5-21-1-2-3-2", objectGUID: guid "11111111-2222-3333-4444-555555555552", userAccountControl: 512
  }
  given contoso.user {
    dn: "CN=c,OU=Kept,OU=Old,DC=contoso,DC=com", cn: "c", sAMAccountName: "c",
    objectSid: sid "S-1-5-21-1-2-3-3", objectGUID: guid "11111111-2222-3333-4444-555555555553", userAccountControl: 512
  }
  expect no person { cn: "a" }
  expect no person { cn: "b" }
  expect person { cn: "c" }
}
"#;

const GRAPH: &str = r#"
test "a user is made in Entra ID, with what Graph takes" {
  with %Domain.FQDN% = "contoso.com"
  with %Connector.ID% = "corp"
  with %Param.Contoso.Type% = "Contractor"
  given contoso.user "Boss" {
    dn: "CN=Boss,OU=Staff,DC=contoso,DC=com", cn: "Boss", sAMAccountName: "boss",
    objectGUID: guid "11111111-2222-3333-4444-555555555556", objectSid: sid "S-1-5-21-1-2-3-1105",
    userAccountControl: 512
  }
  given contoso.user "Ann" {
    dn: "CN=Ann Lee,OU=Staff,DC=contoso,DC=com", cn: "Ann Lee", sAMAccountName: "ann",
    objectGUID: guid "11111111-2222-3333-4444-555555555555", objectSid: sid "S-1-5-21-1-2-3-1104",
    userAccountControl: 512, sn: "Lee", company: "Contoso", telephoneNumber: "+46 8 555", manager: "Boss",
    extensionAttribute2: "two"
  }
  expect cloud.user "Ann" {
    onPremisesImmutableId: "ERERESIiMzNERFVVVVVVVQ==", userPrincipalName: "ann@contoso.com",
    mailNickname: "ann", displayName: "Ann Lee", surname: "Lee", companyName: "Contoso",
    businessPhones: ["+46 8 555"], manager: "Boss",
    onPremisesExtensionAttributes: { extensionAttribute2: "two" }
  }
}

test "security groups come with their members, mail lists do not come" {
  with %Domain.FQDN% = "contoso.com"
  with %Connector.ID% = "corp"
  with %Param.Contoso.Type% = "Contractor"
  given contoso.user "Ann" {
    dn: "CN=Ann Lee,OU=Staff,DC=contoso,DC=com", cn: "Ann Lee", sAMAccountName: "ann",
    objectGUID: guid "11111111-2222-3333-4444-555555555555", objectSid: sid "S-1-5-21-1-2-3-1104",
    userAccountControl: 512
  }
  given contoso.group "Ops" {
    dn: "CN=Ops,DC=contoso,DC=com", cn: "Ops", objectGUID: guid "11111111-2222-3333-4444-555555555557",
    groupType: -2147483646, member: ["Ann"]
  }
  given contoso.group "News" {
    dn: "CN=News,DC=contoso,DC=com", cn: "News", objectGUID: guid "11111111-2222-3333-4444-555555555558",
    groupType: 8, mail: "news@contoso.com"
  }
  expect cloud.group "Ops" { displayName: "Ops", mailNickname: "Ops", mailEnabled: false, members: ["Ann"] }
  expect no cloud.group "News"
}
"#;

fn pass(target: Target, tests: &str, least: usize) {
    let imported = imported(&export("contoso"), target);
    let (checked, sources) = checked(&imported, tests);
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    assert_eq!(results.len(), least);
    for result in results {
        assert!(result.passed, "{}: {:#?}", result.name, result.failures);
    }
}

#[test]
fn over_the_connector_of_azure_ad_connect() {
    pass(Target::EntraConnect, CONNECTOR, 2);
}

#[test]
fn over_graph() {
    pass(Target::Graph, GRAPH, 2);
}
