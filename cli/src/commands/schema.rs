//! `trib schema pull`: the schema of a live directory.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use trib_runtime::config::{Config, Connector};
use trib_runtime::connectors::ldap::LdapSource;

use crate::files;
use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print_json};

/// Schemas of live directories.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib schema pull corp -o corp.schema.json")]
pub struct Schema {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Pull(Pull),
}

/// Read the schema of a directory; rules use it by `connector corp : ad { schema "FILE" }`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib schema pull corp -o corp.schema.json")]
struct Pull {
    /// The connector, as the configuration names it.
    connector: String,
    /// The schema file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

impl Schema {
    /// Reads the schema.
    pub fn run(&self, config: &Path) -> Outcome {
        let Action::Pull(pull) = &self.action;
        pull.run(config)
    }
}

impl Pull {
    fn run(&self, config: &Path) -> Outcome {
        let config = Config::load(config)?;
        let name = &self.connector;
        let ad = match config.connector.get(name) {
            Some(Connector::Ad(ad)) if ad.ldif.is_none() => ad,
            Some(Connector::Ad(_)) => {
                return Err(Failure::input(format!(
                    "connector `{name}` is a file, which has no schema"
                ))
                .help("name a connector with `url`"));
            }
            Some(Connector::Entra(_)) => {
                return Err(Failure::input(format!(
                    "connector `{name}` is Entra ID, whose schema ships with trib"
                ))
                .help("name a connector of kind `ad`"));
            }
            None => {
                let known: Vec<&str> = config.connector.keys().map(String::as_str).collect();
                return Err(
                    Failure::input(format!("the configuration has no connector `{name}`"))
                        .help(format!("it has {}", known.join(", "))),
                );
            }
        };
        let mut source = LdapSource::new(name, ad)?;
        let schema = super::runtime()?.block_on(source.schema())?;
        let mut text = serde_json::to_vec_pretty(&schema)
            .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
        text.push(b'\n');
        files::write(&self.output, &text)?;
        let file = self.output.display();
        let (attributes, classes) = (schema.attributes.len() as u64, schema.classes.len() as u64);
        if self.format.json() {
            print_json(
                &json!({ "schema": file.to_string(), "attributes": attributes, "classes": classes }),
            )?;
        } else {
            let classes = if classes == 1 {
                "1 class".to_owned()
            } else {
                format!("{classes} classes")
            };
            note(format_args!(
                "{} and {classes} written to `{file}`",
                counted(attributes, "attribute")
            ));
        }
        Ok(Exit::Fine)
    }
}
