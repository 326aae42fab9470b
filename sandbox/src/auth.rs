//! Bearer tokens: signed with a key of this directory, so they outlive a restart.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::failure::{Failure, Outcome};

pub(crate) const LIFETIME: i64 = 3599;
const AUDIENCE: &str = "https://graph.microsoft.com";

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub app: String,
    pub roles: Vec<String>,
}

/// A JWT for an app, good for an hour.
pub(crate) fn issue(key: &[u8], tenant: &str, caller: &Caller) -> Option<String> {
    let now = jiff::Timestamp::now().as_second();
    let header = encode(&json!({"typ": "JWT", "alg": "HS256", "kid": "sandbox"}));
    let claims = encode(&json!({
        "aud": AUDIENCE, "iss": format!("https://sts.windows.net/{tenant}/"), "tid": tenant,
        "appid": caller.app, "idtyp": "app", "roles": caller.roles,
        "iat": now, "nbf": now, "exp": now + LIFETIME, "uti": uuid::Uuid::new_v4().simple().to_string(),
    }));
    let signed = format!("{header}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(signed.as_bytes());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Some(format!("{signed}.{signature}"))
}

/// The caller behind an `Authorization` header.
pub(crate) fn verify(key: &[u8], header: Option<&str>) -> Outcome<Caller> {
    let invalid = |message: &str| {
        Failure {
        headers: vec![("WWW-Authenticate", "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"".into())],
        ..Failure::new(401, "InvalidAuthenticationToken", message)
    }
    };
    let header = header
        .filter(|header| !header.trim().is_empty())
        .ok_or_else(|| invalid("Access token is empty."))?;
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| invalid("CompactToken parsing failed with error code: 80049217"))?;
    let (signed, signature) = token
        .rsplit_once('.')
        .ok_or_else(|| invalid("IDX14100: JWT is not well formed, there are no dots (.)."))?;
    let rejected = || invalid("Access token validation failure. Invalid signature.");
    let signature = BASE64_URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| rejected())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| rejected())?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&signature).map_err(|_| rejected())?;
    let claims = signed
        .split_once('.')
        .and_then(|(_, claims)| decode(claims))
        .ok_or_else(rejected)?;
    if claims.get("exp").and_then(Value::as_i64).unwrap_or(0) <= jiff::Timestamp::now().as_second()
    {
        return Err(invalid("Lifetime validation failed, the token is expired."));
    }
    let roles = claims
        .get("roles")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Ok(Caller {
        app: claims
            .get("appid")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        roles: roles.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A part of a JWT as JSON.
pub(crate) fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
