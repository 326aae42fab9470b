//! Secrets are read when they are needed and kept nowhere.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Secret;
use crate::error::Error;

impl Secret {
    /// The secret itself. Errors name its place, never its content.
    pub fn read(&self) -> Result<String, Error> {
        let secret = match self {
            Secret::Env(name) => std::env::var(name).map_err(|error| {
                let problem = match error {
                    std::env::VarError::NotPresent => "is not set",
                    std::env::VarError::NotUnicode(_) => "is not UTF-8",
                };
                Error::configuration(format!(
                    "the environment variable `{name}` with a secret {problem}"
                ))
                .help(format!("set `{name}` in the environment of `trib`"))
            })?,
            Secret::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::configuration(format!(
                        "cannot read the secret in `{}`: {error}",
                        path.display()
                    ))
                })?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                line.strip_suffix('\r').unwrap_or(line).to_owned()
            }
        };
        if secret.is_empty() {
            return Err(Error::configuration(match self {
                Secret::Env(name) => {
                    format!("the environment variable `{name}` with a secret is empty")
                }
                Secret::File(path) => {
                    format!("the file `{}` with a secret is empty", path.display())
                }
            }));
        }
        Ok(secret)
    }
}

/// The message where a secret itself stands instead of its place.
pub(super) const WRITTEN_OUT: &str = "a secret is not written here";

/// As `{ env = … }` or `{ file = … }`; a text could be the secret and must not get into a message.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Place {
            Env(String),
            File(PathBuf),
        }

        struct Places;

        impl<'de> Visitor<'de> for Places {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`{ env = \"NAME\" }` or `{ file = \"PATH\" }`")
            }

            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Secret, E> {
                Err(E::custom(WRITTEN_OUT))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Secret, A::Error> {
                Ok(match Place::deserialize(MapAccessDeserializer::new(map))? {
                    Place::Env(name) => Secret::Env(name),
                    Place::File(path) => Secret::File(path),
                })
            }
        }

        deserializer.deserialize_any(Places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_files_and_variables() {
        let path = std::env::temp_dir().join(format!("trib-secret-{}", std::process::id()));
        for (content, expected) in [
            ("hush\n", "hush"),
            ("hush\r\n", "hush"),
            (" hush \n\n", " hush \n"),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(Secret::File(path.clone()).read().as_deref(), Ok(expected));
        }
        std::fs::write(&path, "\n").unwrap();
        let shown = path.display().to_string();
        let error = Secret::File(path.clone()).read().unwrap_err();
        assert_eq!(
            error.message,
            format!("the file `{shown}` with a secret is empty")
        );
        std::fs::remove_file(&path).unwrap();
        let error = Secret::File(path).read().unwrap_err();
        assert!(
            error
                .message
                .starts_with(&format!("cannot read the secret in `{shown}`: ")),
            "{error}"
        );
        let error = Secret::Env("TRIB_NO_SUCH_SECRET".to_owned())
            .read()
            .unwrap_err();
        assert_eq!(
            error.message,
            "the environment variable `TRIB_NO_SUCH_SECRET` with a secret is not set"
        );
        assert_eq!(error.class, crate::error::Class::Configuration);
    }
}
