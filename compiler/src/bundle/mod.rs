//! The compiled form on disk: the IR with what is needed to trust it, in one canonical line of JSON.
//!
//! Only canonical bytes are read, and the hash covers everything but itself and the signature, so that
//! no byte of a bundle can change unseen.

mod signature;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::check::Checked;
use crate::ir::Rules;
use crate::schema::Kind;
use crate::sources::Sources;

pub use signature::{PublicKey, Signature, SigningKey};

/// The newest format that this compiler writes and reads.
pub const FORMAT: u32 = 1;

/// Values deeper than this are no bundle: reading them could exhaust the stack.
const MAX_DEPTH: usize = 2048;

/// A compiled rule set with what is needed to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the format.
    pub trib_bundle: u32,
    /// What was compiled, from what, and by which compiler.
    pub contents: Contents,
    /// SHA-256 of format and contents, in hex.
    pub hash: String,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// What the hash and the signature cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Version of the compiler that made it.
    pub compiler: String,
    /// The files it was made from, in the order of their paths.
    pub sources: Vec<Source>,
    /// The schemas it was checked against, in the order of its connectors.
    pub schemas: Vec<CheckedAgainst>,
    /// The rules.
    pub rules: Rules,
}

/// A file that the rules were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its path, from the folder that holds the whole program.
    pub path: String,
    /// SHA-256 of its text, in hex.
    pub sha256: String,
}

/// The schema that a connector's names and types were checked against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedAgainst {
    /// The connector.
    pub connector: String,
    /// Its kind.
    pub kind: Kind,
    /// The schema file that the rules name; none for the schema that ships with the compiler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// SHA-256 of the schema, in hex.
    pub sha256: String,
}

impl Bundle {
    /// Compiles checked rules, if nothing in them is an error.
    pub fn build(checked: &Checked, sources: &Sources) -> Option<Bundle> {
        let mut files: Vec<Source> = sources
            .files()
            .map(|(_, path, text)| Source {
                path: path.to_owned(),
                sha256: sha256(text.as_bytes()),
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let contents = Contents {
            compiler: env!("CARGO_PKG_VERSION").to_owned(),
            sources: files,
            schemas: checked.rules.schemas.clone(),
            rules: crate::compile(checked, sources)?,
        };
        Some(Bundle {
            trib_bundle: FORMAT,
            hash: sha256(&covered(&contents)),
            contents,
            signature: None,
        })
    }

    /// Signs it.
    pub fn sign(&mut self, key: &SigningKey) {
        self.signature = Some(key.sign(&covered(&self.contents)));
    }

    /// Refuses a bundle that this key did not sign.
    pub fn verify(&self, key: &PublicKey) -> Result<(), String> {
        let signature = self.signature.as_ref();
        let signature = signature.ok_or("the bundle is not signed")?;
        match signature.is_by(key) {
            true => signature.check(&covered(&self.contents)),
            false => Err("the bundle is signed by another key".to_owned()),
        }
    }

    /// The bytes of the bundle: the same rules always give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical(self);
        bytes.push(b'\n');
        bytes
    }

    /// Reads a bundle; the error says in one line what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Bundle, String> {
        #[derive(Deserialize)]
        struct Envelope {
            trib_bundle: u32,
        }
        let none = "this is no bundle: `trib build` makes one";
        if depth(bytes) > MAX_DEPTH {
            return Err(none.to_owned());
        }
        let Envelope { trib_bundle } = read(bytes).map_err(|_| none)?;
        if trib_bundle != FORMAT {
            return Err(format!(
                "the bundle has format {trib_bundle}, and this program reads format {FORMAT}: {}",
                match trib_bundle > FORMAT {
                    true => "update the program",
                    false => "build the bundle again",
                }
            ));
        }
        let bundle: Bundle =
            read(bytes).map_err(|error| format!("the bundle is damaged: {error}"))?;
        let covered = covered(&bundle.contents);
        if bundle.hash != sha256(&covered) {
            return Err("the bundle is damaged: its hash does not fit its contents".to_owned());
        }
        if bundle.to_bytes() != bytes {
            return Err("the bundle is damaged: `trib build` did not write it so".to_owned());
        }
        if let Some(signature) = &bundle.signature {
            signature.check(&covered)?;
        }
        Ok(bundle)
    }
}

/// SHA-256 of the rules' canonical form, in hex.
pub fn hash(rules: &Rules) -> String {
    sha256(&canonical(rules))
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The bytes that the hash and the signature cover.
fn covered(contents: &Contents) -> Vec<u8> {
    canonical(&(FORMAT, contents))
}

fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // Expressions may nest deeper than the reader's own limit; `depth` keeps them within ours.
    reader.disable_recursion_limit();
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// How deep the brackets of a JSON text nest.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut text, mut escaped) = (0usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'[' | b'{' if !text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
