//! The compiled form on disk: a versioned envelope round the IR.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ir::Rules;

/// The newest format that this compiler writes and reads.
pub const FORMAT: u32 = 1;

/// A compiled rule set with what is needed to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the format.
    pub trib_bundle: u32,
    /// Version of the compiler that made it.
    pub compiler: String,
    /// SHA-256 of the compiled rules, in hex.
    pub hash: String,
    /// The rules.
    pub rules: Rules,
}

impl Bundle {
    /// Wraps compiled rules.
    pub fn new(rules: Rules) -> Bundle {
        Bundle {
            trib_bundle: FORMAT,
            compiler: env!("CARGO_PKG_VERSION").to_owned(),
            hash: hash(&rules),
            rules,
        }
    }

    /// The bytes of the bundle: the same rules always give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a bundle; the error says in one line what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Bundle, String> {
        #[derive(Deserialize)]
        struct Envelope {
            trib_bundle: u32,
        }
        let envelope: Envelope = serde_json::from_slice(bytes)
            .map_err(|_| "this is no bundle: `trib build` makes one".to_owned())?;
        if envelope.trib_bundle > FORMAT {
            return Err(format!(
                "the bundle has format {}, and this program reads up to {FORMAT}: update it",
                envelope.trib_bundle
            ));
        }
        let bundle: Bundle = serde_json::from_slice(bytes)
            .map_err(|error| format!("the bundle is damaged: {error}"))?;
        if bundle.hash != hash(&bundle.rules) {
            return Err("the bundle is damaged: its hash does not fit its rules".to_owned());
        }
        Ok(bundle)
    }
}

/// SHA-256 of the rules' canonical form, in hex.
pub fn hash(rules: &Rules) -> String {
    let bytes = serde_json::to_vec(rules).unwrap_or_default();
    hex::encode(Sha256::digest(bytes))
}
