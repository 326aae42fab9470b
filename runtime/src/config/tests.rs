use super::*;
use crate::config::{Credential, Secret};

fn load(text: &str) -> Result<Config, Error> {
    let mut config = parse(text, "trib.toml")?;
    config.check()?;
    config.resolve(Path::new("/etc/trib"));
    Ok(config)
}

const AD: &str = "rules = \"r\"\n[connector.corp]\nkind = \"ad\"\n";
const LIVE: &str = "base = \"DC=c\"\nbind = { user = \"u\", password = { env = \"P\" } }\n";
const ENTRA: &str =
    "rules = \"r\"\n[connector.cloud]\nkind = \"entra\"\ntenant = \"t\"\nclient_id = \"i\"\n";

#[test]
fn the_documented_configuration() {
    let config = load(
        r#"
rules = "rules"
state = "sqlite:state.db"
staging = true
[connector.corp]
kind = "ad"
url = "ldaps://dc1.corp.contoso.com"
base = ["DC=corp,DC=contoso,DC=com"]
bind = { user = "sync@corp.contoso.com", password = { file = "secret" } }
ca = "corp-ca.pem"
[connector.hr]
kind = "ad"
ldif = "/data/hr.ldif"
[connector.cloud]
kind = "entra"
tenant = "contoso.onmicrosoft.com"
client_id = "7"
credential = { federated_token = "token" }
graph = "http://127.0.0.1:8080"
login = "http://[::1]:8080/"
writes_per_second = 12
[guard]
deletes = { count = 5, percent = 2 }
[params]
"Param.usageLocation" = "SE"
[schedule]
every = "2m"
"#,
    )
    .unwrap();
    assert_eq!(config.rules, Path::new("/etc/trib/rules"));
    assert_eq!(config.state, Path::new("/etc/trib/state.db"));
    assert!(config.staging);
    assert_eq!(config.guard.deletes.count, 5);
    assert_eq!(config.params["Param.usageLocation"], "SE");
    assert_eq!(config.schedule.every, Some(Duration::from_secs(120)));
    let Connector::Ad(corp) = &config.connector["corp"] else {
        panic!("corp is ad")
    };
    assert_eq!(corp.ca.as_deref(), Some(Path::new("/etc/trib/corp-ca.pem")));
    assert!(
        matches!(&corp.bind.as_ref().unwrap().password, Secret::File(path) if path == Path::new("/etc/trib/secret"))
    );
    let Connector::Ad(hr) = &config.connector["hr"] else {
        panic!("hr is ad")
    };
    assert_eq!(hr.ldif.as_deref(), Some(Path::new("/data/hr.ldif")));
    let Connector::Entra(cloud) = &config.connector["cloud"] else {
        panic!("cloud is entra")
    };
    assert!(
        matches!(&cloud.credential, Credential::FederatedToken(path) if path == Path::new("/etc/trib/token"))
    );
}

#[test]
fn defaults() {
    let config = load("rules = \"r\"").unwrap();
    assert_eq!(config.state, Path::new("/etc/trib/state.db"));
    assert_eq!(
        (config.guard.deletes.count, config.guard.deletes.percent),
        (500, 10.0)
    );
    assert_eq!((config.staging, config.schedule.every), (false, None));
    for credential in [
        "\"managed-identity\"",
        "{ secret = { env = \"X\" } }",
        "{ certificate = \"app.pem\" }",
    ] {
        load(&format!("{ENTRA}credential = {credential}")).unwrap();
    }
    for live in [
        "url = [\"ldaps://a\", \"ldaps://b:636\"]",
        "url = \"ldap://a\"\nstarttls = true",
        "url = \"ldap://127.0.0.2:389\"",
    ] {
        load(&format!("{AD}{LIVE}{live}")).unwrap();
    }
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (text, message, help) in [
        (
            "rules = ",
            "`trib.toml` line 1: string values must be quoted, expected literal string",
            "",
        ),
        (
            "stat = 1",
            "`trib.toml` line 1: unknown key `stat`",
            "did you mean `state`?",
        ),
        (
            "rules = \"r\"\nconector = 1",
            "`trib.toml` line 2: unknown key `conector`",
            "did you mean `connector`?",
        ),
        (
            "staging = true",
            "`trib.toml` line 1: `rules` is missing",
            "",
        ),
        (
            "rules = 1",
            "`trib.toml` line 1: expected a text, found integer `1`",
            "",
        ),
        (
            "rules = \"r\"\nconnector = 1",
            "`trib.toml` line 2: `connector` is a table: `[connector.corp]`",
            "",
        ),
        (
            "rules = \"r\"\n[connector.x]\nurl = \"a\"",
            "`trib.toml` line 2: connector `x` has no `kind`",
            "`kind = \"ad\"` for Active Directory, `kind = \"entra\"` for Entra ID",
        ),
        (
            "rules = \"r\"\n[connector.x]\nkind = \"entre\"",
            "`trib.toml` line 3: connector `x` has the unknown kind `entre`",
            "did you mean `entra`?",
        ),
        (
            &format!("{AD}bas = 1"),
            "`trib.toml` line 4: unknown key `bas`",
            "did you mean `base`?",
        ),
        (
            &format!("{AD}url = 1"),
            "`trib.toml` line 4: expected a text or a list of texts",
            "",
        ),
        (
            &format!("{AD}bind = {{ user = \"u\", password = {{ evn = \"X\" }} }}"),
            "`trib.toml` line 4: unknown key `evn`",
            "did you mean `env`?",
        ),
        (
            &format!("{AD}bind = {{ user = \"u\" }}"),
            "`trib.toml` line 4: `password` is missing",
            "",
        ),
        (
            &format!("{AD}bind = {{ user = \"u\", password = \"hush\" }}"),
            "`trib.toml` line 4: a secret is not written here",
            "`{ env = \"NAME\" }` or `{ file = \"PATH\" }` says where it is",
        ),
        (
            AD,
            "connector `corp`: `url` is missing",
            "`url = \"ldaps://dc1.corp.contoso.com\"`, or `ldif` for a file that stands for the directory",
        ),
        (
            &format!("{AD}url = \"ldaps://a\"\nldif = \"x\""),
            "connector `corp`: `url` and `ldif` exclude each other",
            "",
        ),
        (
            &format!("{AD}url = \"ldaps://a\""),
            "connector `corp`: `base` is missing",
            "`base = \"DC=corp,DC=contoso,DC=com\"`",
        ),
        (
            &format!("{AD}url = \"ldaps://a\"\nbase = \"DC=c\""),
            "connector `corp`: `bind` is missing",
            "`bind = { user = \"sync@corp.contoso.com\", password = { env = \"CORP_PASSWORD\" } }`",
        ),
        (
            &format!("{AD}{LIVE}url = \"ldap://dc1\""),
            "connector `corp`: `url`: `ldap://dc1` would send the password unprotected",
            "use `ldaps://`, or add `starttls = true`",
        ),
        (
            &format!("{AD}{LIVE}url = \"ldaps://dc1\"\nstarttls = true"),
            "connector `corp`: `starttls` is for `ldap://` addresses",
            "`ldaps://dc1` is encrypted from the start: take `starttls` away",
        ),
        (
            &format!("{AD}{LIVE}url = \"http://dc1\""),
            "connector `corp`: `url`: `http://` is neither `ldaps://` nor `ldap://`",
            "",
        ),
        (
            &format!("{AD}{LIVE}url = \"dc1\""),
            "connector `corp`: `url`: `dc1` is no address such as `ldaps://dc1.corp.contoso.com`",
            "",
        ),
        (ENTRA, "`trib.toml` line 2: `credential` is missing", ""),
        (
            &format!("{ENTRA}credential = \"managed_identity\""),
            "`trib.toml` line 6: expected one of `secret`, `certificate`, `federated_token`, `managed-identity`",
            "did you mean `managed-identity`?",
        ),
        (
            &format!("{AD}bind = \"hush\""),
            "`trib.toml` line 4: expected a table, found a text",
            "",
        ),
        (
            &format!("{ENTRA}credential = \"hush\""),
            "`trib.toml` line 6: expected one of `secret`, `certificate`, `federated_token`, `managed-identity`",
            "known here: `secret`, `certificate`, `federated_token`, `managed-identity`",
        ),
        (
            &format!("{ENTRA}credential = {{ secret = \"hush\" }}"),
            "`trib.toml` line 6: a secret is not written here",
            "`{ env = \"NAME\" }` or `{ file = \"PATH\" }` says where it is",
        ),
        (
            &format!("{ENTRA}credential = \"managed-identity\"\ngraph = \"http://graph.example\""),
            "connector `cloud`: `graph`: `http://graph.example` would send secrets unprotected",
            "`http://` is for loopback addresses; use `https://`",
        ),
        (
            &format!(
                "{ENTRA}credential = \"managed-identity\"\nlogin = \"http://127.0.0.1@evil.example\""
            ),
            "connector `cloud`: `login`: `http://127.0.0.1@evil.example` is no address such as `https://graph.microsoft.com`",
            "",
        ),
        (
            "rules = \"r\"\nstate = \"postgres://db\"",
            "`state`: PostgreSQL is not available in this version",
            "keep the state in a file: `state = \"sqlite:state.db\"`",
        ),
        (
            "rules = \"r\"\n[guard]\ndelets = 1",
            "`trib.toml` line 3: unknown key `delets`",
            "did you mean `deletes`?",
        ),
        (
            "rules = \"r\"\n[guard]\ndeletes = { cuont = 1 }",
            "`trib.toml` line 3: unknown key `cuont`",
            "did you mean `count`?",
        ),
        (
            "rules = \"r\"\n[guard]\ndeletes = { percent = 200 }",
            "`guard.deletes.percent` is not between 0 and 100",
            "",
        ),
        (
            "rules = \"r\"\n[params]\nx = 1",
            "`trib.toml` line 3: expected a text, found integer `1`",
            "",
        ),
        (
            "rules = \"r\"\n[schedule]\nevery = \"often\"",
            "`trib.toml` line 3: `often` is no time between cycles such as `90s`, `2m` or `1h`",
            "",
        ),
        (
            "rules = \"r\"\n[schedule]\nevery = \"0s\"",
            "`trib.toml` line 3: `0s` is no time between cycles such as `90s`, `2m` or `1h`",
            "",
        ),
    ] {
        let error = load(text).expect_err(text);
        assert_eq!(
            (
                error.message.as_str(),
                error.help.as_deref().unwrap_or_default()
            ),
            (message, help),
            "{text}"
        );
        assert_eq!(error.class, crate::error::Class::Configuration);
        assert!(!error.message.contains("hush"));
    }
}
