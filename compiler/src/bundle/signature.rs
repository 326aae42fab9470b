//! Ed25519 signatures of bundles, with keys in the files that `openssl` writes.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use rustls_pki_types::pem::{self, PemObject, SectionKind};
use serde::{Deserialize, Serialize};

/// Says how to make a key.
const MAKE: &str = "`openssl genpkey -algorithm ed25519 -out key.pem` makes one";

/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const INFO: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Who signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The signer's public key, in hex.
    pub key: String,
    /// The signature, in hex.
    pub value: String,
}

impl Signature {
    /// Refuses a signature that does not belong to these bytes.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<(), String> {
        let damaged = "the bundle is damaged: its signature does not fit its contents";
        // Only one spelling, so that no byte of a bundle can change unseen.
        let decode = |text: &str| match hex::decode(text) {
            Ok(bytes) if hex::encode(&bytes) == text => Ok(bytes),
            _ => Err(damaged.to_owned()),
        };
        UnparsedPublicKey::new(&ED25519, decode(&self.key)?)
            .verify(bytes, &decode(&self.value)?)
            .map_err(|_| damaged.to_owned())
    }

    /// The key that signed is this one.
    pub(super) fn is_by(&self, key: &PublicKey) -> bool {
        self.key == key.0
    }
}

/// A private key. It is never printed.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads PEM with a PKCS#8 key.
    pub fn from_pem(bytes: &[u8]) -> Result<SigningKey, String> {
        let der = section(bytes, SectionKind::PrivateKey, "private key")?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
            .map(SigningKey)
            .map_err(|_| format!("holds a private key that is not an Ed25519 key: {MAKE}"))
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Signature {
        Signature {
            key: hex::encode(self.0.public_key()),
            value: hex::encode(self.0.sign(bytes)),
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(String);

impl PublicKey {
    /// Reads PEM with a SubjectPublicKeyInfo.
    pub fn from_pem(bytes: &[u8]) -> Result<PublicKey, String> {
        let der = section(bytes, SectionKind::PublicKey, "public key")?;
        match der.strip_prefix(&INFO) {
            Some(key) if key.len() == 32 => Ok(PublicKey(hex::encode(key))),
            _ => Err(format!(
                "holds a public key that is not an Ed25519 key: {MAKE}"
            )),
        }
    }
}

/// The first section of the wanted kind.
fn section(bytes: &[u8], wanted: SectionKind, what: &str) -> Result<Vec<u8>, String> {
    let mut kinds = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        match section {
            Ok((kind, der)) if kind == wanted => return Ok(der),
            Ok((kind, _)) => kinds.push(kind),
            Err(pem::Error::NoItemsFound) => break,
            Err(_) => return Err("is no PEM file".to_owned()),
        }
    }
    if kinds.contains(&SectionKind::PrivateKey) {
        return Err(format!(
            "holds a private key, and a {what} is wanted: `openssl pkey -pubout` gives it"
        ));
    }
    if kinds.contains(&SectionKind::PublicKey) {
        return Err(format!("holds a public key, and a {what} is wanted"));
    }
    let encrypted = String::from_utf8_lossy(bytes).contains("ENCRYPTED PRIVATE KEY");
    Err(match encrypted {
        true => "holds an encrypted key: `openssl pkey -in FILE` decrypts it".to_owned(),
        false => format!("holds no {what}: {MAKE}"),
    })
}
