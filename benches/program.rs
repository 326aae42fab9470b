//! A program as large as one likes: the shipped packs, and files of ten rules with twenty flows each,
//! with functions, constants, extensions and tests of their own.

use trib_compiler::Sources;

/// Rules of a generated file.
const RULES: usize = 10;

/// A program of so many generated rules beside the shipped packs.
pub fn program(rules: usize) -> Sources {
    files(rules, file(0))
}

/// The same after an edit in one of its files.
pub fn edited(rules: usize) -> Sources {
    files(rules, file(0).replace("\"Contoso\"", "\"Fabrikam\""))
}

fn files(rules: usize, first: String) -> Sources {
    let mut sources = Sources::default();
    sources.add("rules/main.trib", MAIN);
    sources.add("rules/unit-0.trib", first);
    for number in 1..rules / RULES {
        sources.add(format!("rules/unit-{number}.trib"), file(number));
    }
    sources
}

const MAIN: &str = r#"
use entra.users with corp, cloud
use entra.groups with corp, cloud

connector corp  : ad
connector cloud : entra

extend rule "In from AD - User Join" {
  and scope dn under "OU=Staff,DC=corp,DC=contoso,DC=com"
}
"#;

/// One file: nine rules to the metaverse, one to the cloud.
fn file(number: usize) -> String {
    let mut text = DECLARATIONS.to_owned();
    for rule in 0..RULES {
        let rule_text = if rule + 1 < RULES { INBOUND } else { OUTBOUND };
        let at = number * RULES + rule;
        text += &rule_text
            .replace("{rule}", &at.to_string())
            .replace("{precedence}", &(1000 + at).to_string());
    }
    text += &CHANGES.replace("{rule}", &(number * RULES).to_string());
    text.replace("{file}", &number.to_string())
}

const DECLARATIONS: &str = r#"
/// Departments that unit {file} knows.
let departments{file} = ["Sales", "Research", "Design {file}"]

/// A name with a number behind it.
fn Labelled{file}(name: string, code: string) -> string =
  if code matches "^[0-9]{3}$" then Trim(name) & " (" & code & ")" else Trim(name)

/// The first address of the unit.
fn Address{file}(addresses: [string]) -> string =
  First([LCase(Mid(a, 6, Len(a))) for a in addresses if a ends with "@unit{file}.contoso.com"])
"#;

const INBOUND: &str = r#"
/// What unit {rule} of the company wants differently.
rule "In from AD - Unit {rule}" {
  from       corp.user
  to         person
  precedence {precedence}
  link       join
  scope      dn under "OU=Unit {rule},OU=Staff,DC=corp,DC=contoso,DC=com"
             and (department in departments{file} or not IsBitSet(userAccountControl, 2))
             and not adminDescription starts with "Unit{rule}_"
  join       objectSid == person.objectSid
  join       sAMAccountName & "@unit{rule}.contoso.com" == person.sourceAnchor
  flow {
    displayName <- Left(Labelled{file}(displayName ?? cn, employeeID), 256)
    mail        <- Address{file}(proxyAddresses) ?? Trim(mail)
    department  <- match department { "100", "110" -> "Sales"  "200" -> "Research"  else -> Left(department, 64) }
    title       <- if title is present and title != "none" then Left(PCase(title), 128) else "Employee"
    company     <- if dn under "OU=Guests,DC=corp,DC=contoso,DC=com" then "Guest of " & Left(company, 32) else company ?? "Contoso"
    givenName, sn, l, st <- Trim(it)
    streetAddress  <- Left(Replace(streetAddress, "\r\n", ", "), 1024)
    postalCode     <- Left(StripSpaces(postalCode), 40)
    c              <- if Len(c) == 2 then UCase(Left(c, 2)) else skip
    co             <- Left(co, 128)
    telephoneNumber, mobile <- Left(RegexReplace(it, "[^0-9+]", ""), 64)
    extensionAttribute1 <- Left(Join([UCase(Left(g, 8)) for g in otherTelephone if g starts with "+"], ";"), 1024)
    extensionAttribute2 <- Word(Coalesce(extensionAttribute2, description, "unit {rule}"), 1, ",")
    extensionAttribute3 <- CStr(Count(proxyAddresses) + (2 * Len(cn)))
    extensionAttribute4 <- Left(FormatDateTime(whenCreated, "yyyy-MM-dd"), 10)
    extensionAttribute5
  }
}
"#;

const OUTBOUND: &str = r#"
/// What the cloud hears of unit {rule}.
rule "Out to Entra - Unit {rule}" {
  from       person
  to         cloud.user
  precedence {precedence}
  link       join
  scope      (department in departments{file} or employeeType == "Contractor")
             and extensionAttribute2 == "unit {rule}"
  flow {
    givenName, department, employeeType, manager, postalCode, preferredLanguage
    surname        <- Left(sn ?? displayName, 64)
    jobTitle       <- if title starts with "Head" then Left(title, 100) & ", unit {rule}" else title
    companyName    <- Left(company & " {rule}", 64)
    officeLocation <- match physicalDeliveryOfficeName { "HQ" -> "Head quarters"  else -> physicalDeliveryOfficeName }
    employeeId     <- PadLeft(Left(employeeID, 10), 10, "0")
    city           <- PCase(l)
    state          <- st ?? skip
    country        <- co ?? c
    businessPhones <- [telephoneNumber,]
    mobilePhone    <- mobile ?? telephoneNumber
    faxNumber      <- facsimileTelephoneNumber
    displayName    <- Left(displayName, 200) & " – " & Left(department, 20)
    mail           <- LCase(mail)
    streetAddress  <- if l is present then streetAddress
  }
}
"#;

const CHANGES: &str = r#"
extend rule "In from AD - Unit {rule}" {
  without flow extensionAttribute5
  flow { title <- Left(Labelled{file}(title, employeeNumber), 128) }
}

test "unit {file} names its people" {
  given corp.user "Ann" {
    dn: "CN=Ann Lee,OU=Unit {rule},OU=Staff,DC=corp,DC=contoso,DC=com", cn: "Ann Lee", sAMAccountName: "ann",
    userAccountControl: 512, userPrincipalName: "ann@contoso.com", department: "200", employeeID: "123",
    objectGUID: guid "11111111-2222-3333-4444-555555555555",
    objectSid: sid "S-1-5-21-1004336348-1177238915-682003330-1104"
  }
  expect person     { displayName: "Ann Lee" }
  expect cloud.user { department: "200" }
  then { remove "Ann"  expect no cloud.user }
}
"#;
