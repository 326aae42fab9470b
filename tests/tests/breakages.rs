//! A newcomer breaks the shipped rules for users, one mistake at a time. Each time there is one diagnostic:
//! at the place of the mistake, of the right kind, with the cure, and on one screen. Where it offers an
//! edit, the edit mends the rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use trib_compiler::diagnostics::{Diagnostic, Severity, edited, human};
use trib_compiler::{Sources, check};

/// What somebody meant to write, what they wrote, the code it gets, the text where the diagnostic points,
/// and a part of the cure.
type Breakage = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const BREAKAGES: &[Breakage] = &[
    // Typing.
    (
        "sourceAnchor === user.onPremisesImmutableId",
        "sourceAnchor = user.onPremisesImmutableId",
        "E0101",
        "=",
        "==",
    ),
    (
        "and sourceAnchor is present",
        "&& sourceAnchor is present",
        "E0101",
        "&&",
        "and",
    ),
    (
        "isCriticalSystemObject != true and",
        "isCriticalSystemObject <> true and",
        "E0101",
        "<>",
        "!=",
    ),
    (
        "userPrincipalName is present\n",
        "userPrincipalName is not null\n",
        "E0101",
        "is not null",
        "is present",
    ),
    (
        "displayName       <- Filled(displayName) ?? cn",
        "displayName       = Filled(displayName) ?? cn",
        "E0101",
        "=",
        "<-",
    ),
    (
        "displayName       <- Filled(displayName) ?? cn",
        "displayName       <- IIF(IsPresent([displayName]), [displayName], [cn])",
        "E0204",
        "IIF",
        "if … then … else",
    ),
    (
        "Left(Trim(it), 1024)\n    extensionAttribute14",
        "Left(Trim(it) 1024)\n    extensionAttribute14",
        "E0101",
        "1024",
        ",",
    ),
    (
        "from       corp.user\n  to         person\n  precedence 100",
        "from       corp.user\n  to         person\n  precedence high",
        "E0101",
        "high",
        "number",
    ),
    (
        "link       provision\n  scope      isCritical",
        "link       provision,\n  scope      isCritical",
        "E0101",
        ",",
        "remove it",
    ),
    (
        "\"User_\"\n  join       objectSid",
        "\"User_\n  join       objectSid",
        "E0102",
        "\"",
        "\\n",
    ),
    (
        "Nickname(Word(mail ?? userPrincipalName, 1, \"@\"))",
        "Nickname(Word(mail ?? userPrincipalName, 1, \"@\")",
        "E0102",
        "(",
        ")",
    ),
    (
        "givenName, sn <- Trim(it)\n    company",
        "givenName, sn <- Trim(it\n    company",
        "E0102",
        "(",
        ")",
    ),
    (
        "\"@\" & %Domain.FQDN%",
        "\"@\" + %Domain.FQDN%",
        "E0301",
        "+",
        "&",
    ),
    (
        "forceChangePasswordNextSignIn: true }",
        "forceChangePasswordNextSignIn = true }",
        "E0101",
        "=",
        ":",
    ),
    (
        "rule \"In from AD - User Common\" {",
        "rule In from AD - User Common {",
        "E0101",
        "In",
        "\"",
    ),
    (
        "  flow {\n    onPremisesImmutableId",
        "  flows {\n    onPremisesImmutableId",
        "E0101",
        "flows",
        "flow",
    ),
    (
        "deprovision delete",
        "deprovision remove",
        "E0101",
        "remove",
        "delete",
    ),
    (
        "sAMAccountName, mailNickname, msExchRecipientTypeDetails)\n  }\n}\n\n/// The same",
        "sAMAccountName, mailNickname, msExchRecipientTypeDetails)\n  \n}\n\n/// The same",
        "E0102",
        "{",
        "}",
    ),
    (
        "\"^(?i)CAS_.*\\\\}\"\n     or nickname matches",
        "\"^(?i)CAS_.*\\}\"\n     or nickname matches",
        "E0103",
        "\\}",
        "\\\\",
    ),
    (
        "/// True for accounts",
        "# True for accounts",
        "E0101",
        "#",
        "//",
    ),
    // Names.
    (
        "from       corp.user\n  to         person\n  precedence 100",
        "from       corpo.user\n  to         person\n  precedence 100",
        "E0201",
        "corpo",
        "corp",
    ),
    (
        "from       corp.user\n  to         person\n  precedence 100",
        "from       corp.users\n  to         person\n  precedence 100",
        "E0202",
        "users",
        "user",
    ),
    (
        "from       corp.user\n  to         person\n  precedence 100",
        "from       corp.user\n  to         persons\n  precedence 100",
        "E0202",
        "persons",
        "person",
    ),
    (
        "to          cloud.user",
        "to          entra.User1",
        "E0202",
        "User1",
        "user",
    ),
    ("title,", "tittle,", "E0203", "tittle", "title"),
    (
        "not adminDescription starts",
        "not adminDescripton starts",
        "E0203",
        "adminDescripton",
        "adminDescription",
    ),
    (
        "jobTitle       <- title",
        "title          <- title",
        "E0203",
        "title",
        "jobTitle",
    ),
    (
        "surname        <- sn",
        "surname        <- surname",
        "E0203",
        "surname",
        "sn",
    ),
    (
        "== user.userPrincipalName",
        "== user.upn",
        "E0203",
        "upn",
        "userPrincipalName",
    ),
    (
        "<- ConvertToBase64(mS-DS-ConsistencyGuid ?? objectGUID)\n    accountEnabled    <- not",
        "<- ConvertToBase46(mS-DS-ConsistencyGuid ?? objectGUID)\n    accountEnabled    <- not",
        "E0204",
        "ConvertToBase46",
        "ConvertToBase64",
    ),
    (
        "<- LoginName(userPrincipalName",
        "<- loginName(userPrincipalName",
        "E0204",
        "loginName",
        "LoginName",
    ),
    (
        "<- not IsBitSet(userAccountControl,",
        "<- not isbitset(userAccountControl,",
        "E0204",
        "isbitset",
        "IsBitSet",
    ),
    (
        "rule \"In from AD - InetOrgPerson Join\"",
        "rule \"In from AD - User Join\"",
        "E0205",
        "\"In from AD - User Join\"",
        "rename",
    ),
    (
        "connector cloud : entra",
        "connector cloud : azure",
        "E0206",
        "azure",
        "entra",
    ),
    (
        "link       join\n  flow {\n    givenName, department",
        "link       merge\n  flow {\n    givenName, department",
        "E0206",
        "merge",
        "join",
    ),
    (
        "%Domain.FQDN%",
        "%Domain.Fqdn%",
        "E0209",
        "%Domain.Fqdn%",
        "Domain.FQDN",
    ),
    (
        "objectSid                  : sid     indexed",
        "objectSid                  : text    indexed",
        "E0206",
        "text",
        "string",
    ),
    // Types.
    (
        "<- not IsBitSet(userAccountControl, 2)",
        "<- userAccountControl",
        "E0301",
        "userAccountControl",
        "CBool",
    ),
    (
        "and cloudFiltered != true",
        "and cloudFiltered != \"true\"",
        "E0301",
        "cloudFiltered != \"true\"",
        "true",
    ),
    (
        "businessPhones <- [telephoneNumber,]",
        "businessPhones <- telephoneNumber & 1",
        "E0301",
        "1",
        "CStr",
    ),
    (
        "mobilePhone    <- mobile",
        "mobilePhone    <- businessPhones",
        "E0203",
        "businessPhones",
        "telephoneNumber",
    ),
    (
        "?? Primary(proxyAddresses)",
        "?? proxyAddresses",
        "E0302",
        "Filled(mail) ?? proxyAddresses",
        "First(",
    ),
    (
        "Word(mail ?? userPrincipalName, 1, \"@\")",
        "Word(mail ?? userPrincipalName, 1)",
        "E0303",
        "Word",
        "Word(text, number, delimiters)",
    ),
    (
        "Word(mail ?? userPrincipalName, 1, \"@\")",
        "Word(1, mail ?? userPrincipalName, \"@\")",
        "E0301",
        "1",
        "Word(text, number, delimiters)",
    ),
    (
        "mailNickname    <- mailNickname ??",
        "mailNickname    <- mailNickname or",
        "E0301",
        "mailNickname",
        "condition",
    ),
    (
        "and userPrincipalName is present\n",
        "and userPrincipalName\n",
        "E0301",
        "userPrincipalName",
        "is present",
    ),
    (
        "if Trim(text) != \"\" then Trim(text)",
        "if Trim(text) then Trim(text)",
        "E0301",
        "Trim(text)",
        "condition",
    ),
    (
        "\"^[A-Za-z]{2}$\"",
        "\"^[A-Za-z{2}$\"",
        "E0305",
        "\"^[A-Za-z{2}$\"",
        "unclosed",
    ),
    (
        "if Trim(text) != \"\" then Trim(text)",
        "if Filled(text) != \"\" then Trim(text)",
        "E0307",
        "Filled(text)",
        "inlined",
    ),
    (
        "passwordProfile <- once { password: RandomPassword()",
        "passwordProfile <- { password: RandomPassword()",
        "E0405",
        "passwordProfile",
        "once",
    ),
    (
        "usageLocation   <- c ?? skip",
        "usageLocation   <- Left(skip, 2)",
        "E0309",
        "skip",
        "value of the flow",
    ),
    (
        "usageLocation   <- c ?? skip",
        "usageLocation   <- Left(CStr(RandomNum(10, 99)), 2)",
        "E0308",
        "RandomNum(10, 99)",
        "once",
    ),
    // Rules.
    (
        "  precedence  123\n",
        "",
        "E0401",
        "\"Out to Entra - User Join\"",
        "precedence",
    ),
    (
        "  link        provision\n  scope       accountEnabled",
        "  link        provision\n  link        join\n  scope       accountEnabled",
        "E0402",
        "link",
        "remove",
    ),
    (
        "to          cloud.user",
        "to          corp.user",
        "E0203",
        "corp.user",
        "cloud.user",
    ),
    (
        "from        person\n",
        "from        corp.user\n",
        "E0403",
        "corp.user\n  to          cloud.user",
        "metaverse",
    ),
    (
        "country        <- co",
        "proxyAddresses <- co",
        "E0404",
        "proxyAddresses",
        "remove the flow",
    ),
    (
        "              and displayName is present\n",
        "",
        "E0406",
        "\"Out to Entra - User Join\"",
        "is present",
    ),
    (
        "    mailNickname    <- mailNickname ?? Nickname(Word(mail ?? userPrincipalName, 1, \"@\"))\n",
        "",
        "E0406",
        "\"Out to Entra - User Join\"",
        "flow",
    ),
    (
        "objectSid                  : sid     indexed",
        "objectSid                  : sid",
        "E0407",
        "objectSid",
        "indexed",
    ),
    (
        "join        mail == user.mail",
        "join        mobile == user.mobilePhone",
        "E0407",
        "mobilePhone",
        "userPrincipalName",
    ),
    (
        "  precedence 101\n",
        "  precedence 100\n",
        "E0408",
        "precedence 100",
        "number",
    ),
    (
        "    surname        <- sn\n",
        "    surname        <- sn\n    surname        <- givenName\n",
        "E0411",
        "surname",
        "remove",
    ),
    (
        "join        mail == user.mail",
        "join        mail == person.mail",
        "E0412",
        "person",
        "user",
    ),
    (
        "link       join\n  flow {\n    givenName, department",
        "link       join\n  deprovision delete\n  flow {\n    givenName, department",
        "E0410",
        "deprovision",
        "provision",
    ),
    // What would have shown in the cloud only.
    (
        "mailNickname               : string(64)",
        "mailNickname               : string(128)",
        "W0601",
        "mailNickname",
        "Left(",
    ),
    (
        "              and cloudFiltered != true\n",
        "              and cloudFiltered == true and cloudFiltered != true\n",
        "W0603",
        "cloudFiltered != true",
        "remove",
    ),
    (
        "isCriticalSystemObject != true and not adminDescription starts with \"User_\"",
        "isCriticalSystemObject != true or isCriticalSystemObject != false",
        "W0604",
        "isCriticalSystemObject != true or",
        "and",
    ),
    ("    state          <- st\n", "", "L0701", "st ", "remove"),
    (
        "/// A country code as",
        "fn Trim(text: string) -> string = LCase(text)\n\n/// A country code as",
        "E0208",
        "Trim",
        "another name",
    ),
    (
        "/// A country code as the cloud takes it, of two letters.\n",
        "fn Slug(name: string) -> string = LCase(name)\n",
        "L0701",
        "Slug",
        "remove",
    ),
];

fn rules() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/entra/users.trib");
    fs::read_to_string(path).unwrap()
}

fn told(text: &str) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    sources.add("users.trib", text);
    let checked = check(&mut sources);
    (checked.diagnostics, sources)
}

/// What is wrong with what is said of a breakage.
fn complaint(breakage: &Breakage) -> Option<String> {
    let (meant, written, code, place, cure) = *breakage;
    let shipped = rules();
    assert!(shipped.contains(meant), "`{meant}` is not in the rules");
    let text = shipped.replacen(meant, written, 1);
    let (found, sources) = told(&text);
    let shown = human(&found, &sources, false);
    let complain = |what: &str| Some(format!("-- {what}: `{written}`\n{shown}"));
    let [only] = found.as_slice() else {
        return complain(&format!("{} diagnostics for {code}", found.len()));
    };
    if only.code.id != code {
        return complain(&format!("not {code}"));
    }
    let start = only.span.start as usize;
    if !text.get(start..).unwrap_or_default().starts_with(place) {
        return complain(&format!("not at `{place}`"));
    }
    let help = only.help.as_deref().unwrap_or_default();
    let cured = |text: &str| !cure.is_empty() && text.contains(cure);
    if !cured(help) && !cured(&only.message) {
        return complain(&format!("no cure `{cure}`"));
    }
    if shown.lines().count() > 24 {
        return complain("more than a screen");
    }
    let fix = only.fix.as_ref()?;
    let mended = edited(&text, &fix.edits);
    let (after, sources) = told(&mended);
    let errors = |found: &Diagnostic| found.severity() == Severity::Error || found.code.id == code;
    after.iter().any(errors).then(|| {
        format!(
            "-- the edit does not mend `{written}`\n{}",
            human(&after, &sources, false)
        )
    })
}

#[test]
fn every_mistake_is_told_once_at_its_place_with_the_cure() {
    assert!(BREAKAGES.len() > 50);
    let complaints: Vec<String> = BREAKAGES.iter().filter_map(complaint).collect();
    assert!(
        complaints.is_empty(),
        "{} of {}:\n{}",
        complaints.len(),
        BREAKAGES.len(),
        complaints.join("\n")
    );
}
