use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use trib_sandbox::Options;

use crate::server::{Got, Server, TENANT, got};

const APP: &str = "11111111-2222-3333-4444-555555555555";
const SCOPE: &str = "https://graph.microsoft.com/.default";

async fn ask(server: &Server, tenant: &str, fields: &[(&str, &str)]) -> Got {
    let url = format!("{}/{tenant}/oauth2/v2.0/token", server.sandbox.url());
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A")))
        .collect();
    let request = server
        .client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded");
    got(request.body(pairs.join("&"))).await
}

#[tokio::test]
async fn refusals_carry_their_aadsts_codes() {
    let client = Some((APP.to_owned(), "right".to_owned()));
    let server = Server::with_client(client).await;
    let grant = ("grant_type", "client_credentials");
    let (id, secret, scope) = (
        ("client_id", APP),
        ("client_secret", "right"),
        ("scope", SCOPE),
    );
    let table = [
        (
            TENANT,
            vec![grant, id, scope, ("client_secret", "wrong")],
            401,
            "invalid_client",
            7_000_215,
        ),
        (
            TENANT,
            vec![grant, ("client_id", "other"), scope, secret],
            400,
            "unauthorized_client",
            700_016,
        ),
        (
            "nowhere.example",
            vec![grant, id, scope, secret],
            400,
            "invalid_request",
            90_002,
        ),
        (
            TENANT,
            vec![grant, id, secret, ("scope", "User.Read")],
            400,
            "invalid_scope",
            70_011,
        ),
        (
            TENANT,
            vec![("grant_type", "password"), id, scope, secret],
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (
            TENANT,
            vec![grant, id, scope],
            401,
            "invalid_client",
            7_000_218,
        ),
        (
            TENANT,
            vec![grant, scope, secret],
            400,
            "invalid_request",
            900_144,
        ),
        (
            TENANT,
            vec![id, scope, secret],
            400,
            "invalid_request",
            900_144,
        ),
        (
            TENANT,
            vec![grant, id, secret],
            400,
            "invalid_request",
            900_144,
        ),
    ];
    for (tenant, fields, status, error, code) in table {
        let got = ask(&server, tenant, &fields).await;
        assert_eq!(
            (got.status, &got.body["error"]),
            (status, &json!(error)),
            "{fields:?} {got:?}"
        );
        assert_eq!(got.body["error_codes"], json!([code]));
        let description = got.body["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(&format!("AADSTS{code}: ")),
            "{description}"
        );
        assert!(!description.contains("right") || code == 7_000_215);
    }
    let good = ask(&server, TENANT, &[grant, id, secret, scope]).await;
    assert_eq!(
        (
            good.status,
            &good.body["expires_in"],
            &good.body["token_type"]
        ),
        (200, &json!(3599), &json!("Bearer"))
    );
}

#[tokio::test]
async fn a_client_can_use_basic_authentication_or_an_assertion() {
    let server = Server::with_client(Some((APP.to_owned(), "right".to_owned()))).await;
    let url = format!("{}/{TENANT}/oauth2/v2.0/token", server.sandbox.url());
    let basic = server
        .client
        .post(&url)
        .basic_auth(APP, Some("right"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("grant_type=client_credentials&scope={SCOPE}"));
    assert_eq!(got(basic).await.status, 200);

    let assertion = |claims: Value| {
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.c2ln",
            part(json!({"alg": "PS256", "typ": "JWT"})),
            part(claims)
        )
    };
    let kind = (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    );
    let table = [
        (
            json!({"aud": url, "iss": APP, "sub": APP, "exp": 4_000_000_000_u64, "jti": "1"}),
            200,
        ),
        (json!({"aud": url, "iss": APP, "sub": APP, "exp": 1}), 401),
        (
            json!({"aud": "https://elsewhere", "iss": APP, "sub": APP, "exp": 4_000_000_000_u64}),
            401,
        ),
        (
            json!({"aud": url, "iss": APP, "sub": "other", "exp": 4_000_000_000_u64}),
            401,
        ),
    ];
    for (claims, status) in table {
        let jwt = assertion(claims.clone());
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", APP),
            ("scope", SCOPE),
            kind,
            ("client_assertion", &jwt),
        ];
        assert_eq!(
            ask(&server, TENANT, &fields).await.status,
            status,
            "{claims}"
        );
    }
}

#[tokio::test]
async fn graph_wants_a_good_token() {
    let server = Server::start().await;
    let url = format!("{}/v1.0/users", server.sandbox.url());
    got(server.client.get(&url))
        .await
        .refused(401, "InvalidAuthenticationToken");
    for bad in ["x", "a.b.c", &format!("{}x", server.token)] {
        got(server.client.get(&url).bearer_auth(bad))
            .await
            .refused(401, "InvalidAuthenticationToken");
    }
    assert_eq!(server.get("/users").await.status, 200);
}

#[tokio::test]
async fn permissions_bind_new_tokens() {
    let mut server = Server::start().await;
    let put = server
        .request("PUT", "/_sandbox/permissions")
        .json(&json!(["User.Read.All"]));
    assert_eq!(got(put).await.status, 204);
    server.token = crate::server::token(&server.client, &server.sandbox.url()).await;
    assert_eq!(server.get("/users").await.status, 200);
    server
        .post("/users", crate::server::user("a"))
        .await
        .refused(403, "Authorization_RequestDenied");
    server
        .get("/groups")
        .await
        .refused(403, "Authorization_RequestDenied");
}

impl Server {
    async fn with_client(client: Option<(String, String)>) -> Server {
        let sandbox = trib_sandbox::Sandbox::start(
            "127.0.0.1:0".parse().unwrap(),
            Options {
                client,
                ..Options::default()
            },
        );
        Server {
            sandbox: sandbox.await.unwrap(),
            client: reqwest::Client::new(),
            token: String::new(),
        }
    }
}
