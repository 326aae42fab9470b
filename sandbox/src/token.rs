//! The token endpoint: client credentials with a secret or a signed assertion.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::{self, Caller};
use crate::call::{Body, Call, Reply, decode, parse_query};
use crate::store::Store;
use crate::{applications, organization, permissions};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Refused {
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
}

fn refuse(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Refused {
    Refused {
        status,
        error,
        code,
        message: message.into(),
    }
}

/// POST /{tenant}/oauth2/v2.0/token
pub(crate) fn answer(
    call: &Call,
    tenant: &str,
    store: &mut Store,
    client: Option<&(String, String)>,
) -> Reply {
    match grant(call, tenant, store, client) {
        Ok(token) => {
            let body = json!({
                "token_type": "Bearer", "expires_in": auth::LIFETIME, "ext_expires_in": auth::LIFETIME,
                "access_token": token,
            });
            let headers = vec![
                ("Cache-Control", "no-store, no-cache".into()),
                ("Pragma", "no-cache".into()),
            ];
            Reply {
                status: 200,
                headers,
                body: Body::Json(body),
            }
        }
        Err(refused) => refused.reply(),
    }
}

impl Refused {
    fn reply(self) -> Reply {
        let trace = Uuid::new_v4();
        let correlation = Uuid::new_v4();
        let time = jiff::Timestamp::now()
            .strftime("%Y-%m-%d %H:%M:%SZ")
            .to_string();
        let description = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
            self.code, self.message
        );
        let body = json!({
            "error": self.error, "error_description": description, "error_codes": [self.code],
            "timestamp": time, "trace_id": trace, "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        Reply {
            status: self.status,
            headers: Vec::new(),
            body: Body::Json(body),
        }
    }
}

fn grant(
    call: &Call,
    tenant: &str,
    store: &mut Store,
    client: Option<&(String, String)>,
) -> Result<String, Refused> {
    let tenant_id = check_tenant(store, tenant)?;
    let form = call
        .header("content-type")
        .is_some_and(|media| media.starts_with("application/x-www-form-urlencoded"));
    let body = String::from_utf8_lossy(&call.body);
    let fields = if form { parse_query(&body) } else { Vec::new() };
    let field = |name: &str| {
        fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    };
    let needed = |name: &str| {
        let message = format!("The request body must contain the following parameter: '{name}'.");
        field(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| refuse(400, "invalid_request", 900144, message))
    };
    let grant = needed("grant_type")?;
    if grant != "client_credentials" {
        let message = format!("The app requested an unsupported grant type '{grant}'.");
        return Err(refuse(400, "unsupported_grant_type", 70003, message));
    }
    let basic = call.header("authorization").and_then(basic);
    let app = match &basic {
        Some((app, _)) => app.as_str(),
        None => needed("client_id")?,
    };
    if let Some((known, _)) = client
        && known != app
    {
        let message = format!(
            "Application with identifier '{app}' was not found in the directory '{tenant}'."
        );
        return Err(refuse(400, "unauthorized_client", 700_016, message));
    }
    check_scope(call, needed("scope")?)?;
    let secret = basic
        .as_ref()
        .map(|(_, secret)| secret.as_str())
        .or(field("client_secret"));
    match (secret, field("client_assertion")) {
        (Some(secret), _) => check_secret(secret, app, client)?,
        (None, Some(assertion)) => {
            check_assertion(assertion, field("client_assertion_type"), app, call)?
        }
        (None, None) => {
            let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            return Err(refuse(401, "invalid_client", 7_000_218, message));
        }
    }
    issue(store, app, &tenant_id)
}

fn issue(store: &mut Store, app: &str, tenant: &str) -> Result<String, Refused> {
    let failed = |message: &str| refuse(503, "temporarily_unavailable", 90_033, message);
    let records = applications::register(store, app);
    if !records.is_empty() {
        store
            .commit(records)
            .map_err(|_| failed("the data file cannot be written."))?;
    }
    let caller = Caller {
        app: app.to_owned(),
        roles: permissions::granted(store),
    };
    auth::issue(&crate::key(store), tenant, &caller)
        .ok_or_else(|| failed("the token cannot be signed."))
}

fn check_tenant(store: &Store, tenant: &str) -> Result<String, Refused> {
    let id = organization::get(store)
        .map(|organization| organization.id.to_string())
        .unwrap_or_default();
    let domains = organization::verified_domains(store);
    if tenant == id
        || domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(tenant))
    {
        return Ok(id);
    }
    let message = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
    );
    Err(refuse(400, "invalid_request", 90_002, message))
}

/// One resource, and all that was consented to on it.
fn check_scope(call: &Call, scope: &str) -> Result<(), Refused> {
    let own = call.base.strip_suffix("/v1.0").unwrap_or(&call.base);
    let resource = scope
        .strip_suffix("/.default")
        .map(|resource| resource.trim_end_matches('/'));
    if resource.is_some_and(|resource| resource == "https://graph.microsoft.com" || resource == own)
    {
        return Ok(());
    }
    let message = format!(
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
    );
    Err(refuse(400, "invalid_scope", 70_011, message))
}

fn check_secret(secret: &str, app: &str, client: Option<&(String, String)>) -> Result<(), Refused> {
    let right = client.is_none_or(|(_, known)| Sha256::digest(known) == Sha256::digest(secret));
    if right && !secret.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'."
    );
    Err(refuse(401, "invalid_client", 7_000_215, message))
}

/// The sandbox holds no certificates: an assertion counts when its form and claims are right.
fn check_assertion(
    assertion: &str,
    kind: Option<&str>,
    app: &str,
    call: &Call,
) -> Result<(), Refused> {
    if kind != Some(ASSERTION) {
        let message =
            "The request body must contain the following parameter: 'client_assertion_type'.";
        return Err(refuse(400, "invalid_request", 900_144, message));
    }
    let malformed = || {
        refuse(
            401,
            "invalid_client",
            50_027,
            "JWT token is invalid or malformed.",
        )
    };
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(malformed());
    };
    let header = auth::decode(header).ok_or_else(malformed)?;
    let claims = auth::decode(claims).ok_or_else(malformed)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let algorithm = header.get("alg").and_then(Value::as_str);
    if !matches!(algorithm, Some("PS256" | "RS256")) || signature.is_empty() {
        return Err(refuse(
            401,
            "invalid_client",
            700_027,
            "Client assertion failed signature validation.",
        ));
    }
    let federated = text("iss") != app;
    if !federated && text("sub") != app {
        return Err(refuse(
            401,
            "invalid_client",
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    let now = jiff::Timestamp::now().as_second();
    if number("exp").is_none_or(|end| end <= now)
        || number("nbf").is_some_and(|start| start > now + 300)
    {
        return Err(refuse(
            401,
            "invalid_client",
            700_024,
            "Client assertion is not within its valid time range.",
        ));
    }
    let own = call.base.strip_suffix("/v1.0").unwrap_or(&call.base);
    let audience = text("aud");
    let right = federated && audience == "api://AzureADTokenExchange"
        || !federated
            && (audience == format!("{own}{}", call.path)
                || audience.starts_with("https://login.microsoftonline.com/"));
    if !right {
        return Err(refuse(
            401,
            "invalid_client",
            700_023,
            "Client assertion audience claim does not match the token endpoint.",
        ));
    }
    Ok(())
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (app, secret) = text.split_once(':')?;
    Some((decode(app), decode(secret)))
}

/// GET /{tenant}/v2.0/.well-known/openid-configuration
pub(crate) fn discovery(call: &Call, tenant: &str, store: &Store) -> Reply {
    let tenant_id = match check_tenant(store, tenant) {
        Ok(id) => id,
        Err(refused) => return refused.reply(),
    };
    let own = call.base.strip_suffix("/v1.0").unwrap_or(&call.base);
    Reply::ok(json!({
        "issuer": format!("https://login.microsoftonline.com/{tenant_id}/v2.0"),
        "token_endpoint": format!("{own}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "authorization_endpoint": format!("{own}/{tenant}/oauth2/v2.0/authorize"),
        "jwks_uri": format!("{own}/{tenant}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}
