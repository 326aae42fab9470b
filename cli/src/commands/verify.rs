//! `trib verify`: whether a bundle is whole, and whose.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trib_compiler::bundle::Bundle;
use trib_runtime::trust;

use crate::output::{Exit, FormatArg, Outcome, counted, print, print_json};

/// Check that a bundle is whole, and say what it holds and who signed it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib verify rules.bundle --key pub.pem")]
pub struct Verify {
    /// The bundle.
    file: PathBuf,
    /// Refuse the bundle unless this Ed25519 public key signed it (PEM, as `openssl pkey -pubout` writes).
    #[arg(long, value_name = "PUB")]
    key: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
}

impl Verify {
    /// Reads the bundle.
    pub fn run(&self) -> Outcome {
        let bundle = trust::bundle(&self.file, self.key.as_deref())?;
        match self.format.json() {
            true => print_json(&self.document(&bundle))?,
            false => print(describe(&self.file, self.key.as_deref(), &bundle))?,
        }
        Ok(Exit::Fine)
    }

    fn document(&self, bundle: &Bundle) -> serde_json::Value {
        let contents = &bundle.contents;
        let signer = bundle.signature.as_ref().map(|signature| &signature.key);
        json!({
            "bundle": self.file.display().to_string(),
            "hash": bundle.hash,
            "compiler": contents.compiler,
            "inbound": contents.rules.inbound.len(),
            "outbound": contents.rules.outbound.len(),
            "signed_by": signer,
            "key_checked": self.key.is_some(),
            "sources": contents.sources,
            "schemas": contents.schemas,
        })
    }
}

fn describe(file: &Path, key: Option<&Path>, bundle: &Bundle) -> String {
    let contents = &bundle.contents;
    let mut text = format!(
        "`{}` is whole: {} in, {} out, hash {}, made by trib {}\n",
        file.display(),
        counted(contents.rules.inbound.len() as u64, "rule"),
        counted(contents.rules.outbound.len() as u64, "rule"),
        bundle.hash,
        contents.compiler,
    );
    text += &match (&bundle.signature, key) {
        (Some(_), Some(key)) => format!("signed by the key in `{}`\n", key.display()),
        (Some(signature), None) => format!(
            "signed by key {}: `--key PUB` says whether it is yours\n",
            signature.key
        ),
        (None, _) => "not signed\n".to_owned(),
    };
    text += "made from\n";
    for source in &contents.sources {
        text += &format!("  {}  {}\n", source.sha256, source.path);
    }
    text += "checked against\n";
    for schema in &contents.schemas {
        let what = match &schema.file {
            Some(file) => format!("`{file}`"),
            None => format!("the `{}` schema of trib", schema.kind.name()),
        };
        text += &format!("  {}  {}: {what}\n", schema.sha256, schema.connector);
    }
    text
}
