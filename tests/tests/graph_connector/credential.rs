//! Tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use trib_runtime::config::{Credential, Entra, Secret};
use trib_runtime::connectors::graph::GraphConnector;
use trib_runtime::error::Class;

use crate::tenant::Tenant;
use crate::writes::{create, try_write};

#[tokio::test]
async fn credentials_are_proven_in_three_ways() {
    let tenant = Tenant::start().await;
    tenant.connector().check().await.unwrap();

    let pem = tenant.folder.join("app.pem");
    let key = tenant.folder.join("key.pem");
    let made = std::process::Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=trib", "-days", "1",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&pem)
        .output()
        .expect("openssl makes a certificate");
    assert!(made.status.success());
    let text = |path| std::fs::read_to_string(path).unwrap();
    let both = format!("{}{}", text(&pem), text(&key));
    let config = tenant.config_with(Credential::Certificate(tenant.file("both.pem", &both)));
    GraphConnector::new("cloud", &config)
        .unwrap()
        .check()
        .await
        .unwrap();
    let federated = federated_token();
    let config = tenant.config_with(Credential::FederatedToken(tenant.file("token", &federated)));
    GraphConnector::new("cloud", &config)
        .unwrap()
        .check()
        .await
        .unwrap();

    let config = tenant.config_with(Credential::Certificate(pem));
    let error = GraphConnector::new("cloud", &config)
        .unwrap()
        .check()
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Configuration);
    assert!(
        error.message.contains("there is no private key"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_wrong_credential_names_the_key_to_mend() {
    let tenant = Tenant::start().await;
    let config = tenant.config_with(Credential::Secret(Secret::File(
        tenant.file("wrong", "not-it-4711"),
    )));
    let error = GraphConnector::new("cloud", &config)
        .unwrap()
        .check()
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Directory);
    assert!(error.message.contains("AADSTS7000215"), "{}", error.message);
    assert!(
        error
            .help
            .as_ref()
            .unwrap()
            .contains("`credential` of `[connector.cloud]`")
    );
    assert!(!format!("{error:?}").contains("not-it-4711"));

    for (change, key) in [
        (
            Entra {
                client_id: "other".to_owned(),
                ..tenant.config()
            },
            "`client_id`",
        ),
        (
            Entra {
                tenant: "nobody.test".to_owned(),
                ..tenant.config()
            },
            "`tenant`",
        ),
    ] {
        let error = GraphConnector::new("cloud", &change)
            .unwrap()
            .check()
            .await
            .unwrap_err();
        assert!(error.help.as_ref().unwrap().contains(key), "{error:?}");
    }

    // Also in the middle of an export, every write has its outcome.
    let mut connector = GraphConnector::new("cloud", &config).unwrap();
    let (results, ended) = try_write(
        &mut connector,
        (0..50).map(|n| create(n, &format!("u{n}"))).collect(),
    )
    .await;
    assert_eq!(ended.unwrap_err().class, Class::Directory);
    assert!(
        results
            .values()
            .all(|result| result.as_ref().is_err_and(|failure| failure.transient))
    );
}

/// A token of another issuer, good until 2100; the sandbox does not know its key.
fn federated_token() -> String {
    let claims = json!({
        "iss": "https://issuer.test", "sub": "workload", "aud": "api://AzureADTokenExchange",
        "iat": 0, "nbf": 0, "exp": 4_102_444_800_u64,
    });
    let part = |value: &Json| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.c2ln",
        part(&json!({"alg": "RS256", "typ": "JWT"})),
        part(&claims)
    )
}
