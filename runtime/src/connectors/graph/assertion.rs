//! Proves who we are by a certificate: a signed JWT in place of a secret.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const LIFETIME: Duration = Duration::from_secs(600);

/// A signed statement that we are `client_id`, for the token service at `audience`. What is wrong with
/// the file is told in words.
pub(super) fn sign(pem: &str, client_id: &str, audience: &str) -> Result<String, &'static str> {
    let certificate =
        CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| "there is no certificate")?;
    let key = key(pem)?;
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let header = json!({
        "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
    });
    let claims = json!({
        "aud": audience, "iss": client_id, "sub": client_id, "jti": Uuid::new_v4().to_string(),
        "nbf": now.as_secs(), "exp": (now + LIFETIME).as_secs(),
    });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PSS_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_| "the key cannot sign")?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn key(pem: &str) -> Result<RsaKeyPair, &'static str> {
    let key =
        PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| "there is no private key")?;
    let pair = match &key {
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        _ => return Err("the private key is not an RSA key"),
    };
    pair.map_err(|_| "the private key is not an RSA key of 2048 bits or more")
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
