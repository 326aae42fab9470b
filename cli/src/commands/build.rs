//! `trib build`: rules become a bundle.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trib_compiler::bundle::{Bundle, SigningKey};

use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print_json};
use crate::{diagnostics, files, project};

/// Compile rules to a bundle: one file that runs without the rule texts.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  openssl genpkey -algorithm ed25519 -out key.pem\n  trib build rules -o rules.bundle --sign key.pem"
)]
pub struct Build {
    /// Files and folders; together they are one program.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The bundle.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Sign the bundle with this Ed25519 private key (PEM, PKCS#8).
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
}

impl Build {
    /// Compiles and writes.
    pub fn run(&self) -> Outcome {
        let key = self.sign.as_deref().map(signing_key).transpose()?;
        let mut given = project::load(&self.paths)?;
        let mut sources = project::rebased(&given);
        let checked = trib_compiler::check(&mut given);
        diagnostics::require_sound(&given, &checked)?;
        let checked = trib_compiler::check(&mut sources);
        let Some(mut bundle) = Bundle::build(&checked, &sources) else {
            return Err(Failure::new(
                Exit::Internal,
                "rules without errors did not compile",
            ));
        };
        if let Some(key) = &key {
            bundle.sign(key);
        }
        files::write(&self.output, &bundle.to_bytes())?;
        let file = self.output.display();
        let signer = bundle.signature.as_ref().map(|signature| &signature.key);
        if self.format.json() {
            print_json(&json!({
                "bundle": file.to_string(),
                "hash": bundle.hash,
                "compiler": bundle.contents.compiler,
                "rules": checked.rules.declared,
                "signed_by": signer,
            }))?;
        } else {
            let rules = counted(checked.rules.declared as u64, "rule");
            let signed = if signer.is_some() { ", signed" } else { "" };
            note(format_args!(
                "{rules} written to `{file}`{signed}, hash {}",
                bundle.hash
            ));
        }
        Ok(Exit::Fine)
    }
}

fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    SigningKey::from_pem(&files::read_bytes(path)?)
        .map_err(|error| Failure::input(format!("`{}` {error}", path.display())))
}
