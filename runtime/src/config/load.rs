//! Reads the file; errors name its line and, for a misspelt key, the nearest one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use trib_compiler::diagnostics::nearest;

use super::secret::WRITTEN_OUT;
use super::{Ad, Config, Connector, Entra, Guard, History, Schedule};
use crate::error::Error;

/// The file without its connectors, which are read one by one by their kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rules: PathBuf,
    rules_key: Option<PathBuf>,
    #[serde(default = "default_state")]
    state: String,
    #[serde(default)]
    staging: bool,
    #[serde(default)]
    guard: Guard,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    schedule: Schedule,
    #[serde(default)]
    history: History,
}

fn default_state() -> String {
    "sqlite:state.db".to_owned()
}

impl Config {
    /// Reads and checks a configuration file. Paths in it are relative to it.
    pub fn load(path: &Path) -> Result<Config, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::configuration(format!(
                "cannot read the configuration `{}`: {error}",
                path.display()
            ))
            .help("name it with `-c FILE`, or make one with `trib init`")
        })?;
        let mut config = parse(&text, &path.display().to_string())?;
        config.check()?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }
}

/// The configuration in `text`; errors name `file`.
pub(super) fn parse(text: &str, file: &str) -> Result<Config, Error> {
    let source = Source { text, file };
    let mut table = DeTable::parse(text).map_err(|error| source.explain(&error, &[]))?;
    let connectors = table.get_mut().remove("connector");
    let document = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
    let document = Document::deserialize(ValueDeserializer::from(document))
        .map_err(|error| source.explain(&error, &["connector"]))?;
    let mut connector = BTreeMap::new();
    if let Some(connectors) = connectors {
        let span = connectors.span();
        let DeValue::Table(connectors) = connectors.into_inner() else {
            return Err(source.wrong(span, "`connector` is a table: `[connector.corp]`"));
        };
        for (name, value) in connectors {
            let (span, name) = (name.span(), name.into_inner().into_owned());
            connector.insert(name.clone(), source.connector(&name, span, value)?);
        }
    }
    let Document {
        rules,
        rules_key,
        state,
        staging,
        guard,
        params,
        schedule,
        history,
    } = document;
    let state = state_file(&state)?;
    Ok(Config {
        rules,
        rules_key,
        state,
        staging,
        connector,
        guard,
        params,
        schedule,
        history,
    })
}

/// The file of `sqlite:state.db`.
fn state_file(state: &str) -> Result<PathBuf, Error> {
    let path = match state.split_once(':') {
        Some(("postgres" | "postgresql", _)) => {
            return Err(Error::configuration(
                "`state`: PostgreSQL is not available in this version",
            )
            .help("keep the state in a file: `state = \"sqlite:state.db\"`"));
        }
        Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
        _ => state,
    };
    if path.is_empty() {
        return Err(Error::configuration("`state` names no file")
            .help("for example `state = \"sqlite:state.db\"`"));
    }
    Ok(PathBuf::from(path))
}

struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl<'a> Source<'a> {
    fn connector(
        &self,
        name: &str,
        span: Range<usize>,
        value: Spanned<DeValue<'a>>,
    ) -> Result<Connector, Error> {
        let whole = value.span();
        let DeValue::Table(mut table) = value.into_inner() else {
            return Err(self.wrong(
                span,
                &format!("`connector.{name}` is a table: `[connector.{name}]`"),
            ));
        };
        let Some(kind) = table.remove("kind") else {
            return Err(self
                .wrong(span, &format!("connector `{name}` has no `kind`"))
                .help("`kind = \"ad\"` for Active Directory, `kind = \"entra\"` for Entra ID"));
        };
        let rest = ValueDeserializer::from(Spanned::new(whole, DeValue::Table(table)));
        let explain = |error| self.explain(&error, &["kind"]);
        match kind.get_ref().as_str() {
            Some("ad") => Ad::deserialize(rest).map(Connector::Ad).map_err(explain),
            Some("entra") => Entra::deserialize(rest)
                .map(Connector::Entra)
                .map_err(explain),
            other => {
                let other = other.unwrap_or_default();
                let help = match nearest(other, ["ad", "entra"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "known kinds are `ad` and `entra`".to_owned(),
                };
                Err(self
                    .wrong(
                        kind.span(),
                        &format!("connector `{name}` has the unknown kind `{other}`"),
                    )
                    .help(help))
            }
        }
    }

    fn wrong(&self, span: Range<usize>, message: &str) -> Error {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Error::configuration(format!("`{}` line {line}: {message}", self.file))
    }

    /// Says what `error` says in the words of the file, but never a text that could be a secret.
    /// `more` keys are known besides those it names.
    fn explain(&self, error: &toml::de::Error, more: &[&str]) -> Error {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        let mut quoted = message.split('`').skip(1).step_by(2);
        let word = quoted.next().unwrap_or_default();
        let span = error.span().unwrap_or_default();
        if message.starts_with("unknown field") || message.starts_with("unknown variant") {
            let more = if message.starts_with("unknown field") {
                more
            } else {
                &[]
            };
            let known: Vec<&str> = quoted.chain(more.iter().copied()).collect();
            let list = known.join("`, `");
            let help = match nearest(word, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: `{list}`"),
            };
            let is_text = self
                .text
                .get(span.start..)
                .is_some_and(|rest| rest.starts_with(['"', '\'']));
            let message = if is_text {
                format!("expected one of `{list}`")
            } else {
                format!("unknown key `{word}`")
            };
            return self.wrong(span, &message).help(help);
        }
        if message.starts_with("missing field") {
            return self.wrong(span, &format!("`{word}` is missing"));
        }
        if message == WRITTEN_OUT {
            let help = "`{ env = \"NAME\" }` or `{ file = \"PATH\" }` says where it is";
            return self.wrong(span, &message).help(help);
        }
        let Some((found, expected)) = message
            .strip_prefix("invalid type: ")
            .and_then(|rest| rest.rsplit_once(", expected "))
        else {
            return self.wrong(span, &message);
        };
        let plain = |words: &str| match words.split_whitespace().next() {
            Some("string" | "path" | "a") if words.ends_with("string") || words.contains('"') => {
                "a text".to_owned()
            }
            Some("struct" | "map") => "a table".to_owned(),
            Some("sequence") => "a list".to_owned(),
            _ => words.to_owned(),
        };
        self.wrong(
            span,
            &format!("expected {}, found {}", plain(expected), plain(found)),
        )
    }
}

/// A text, or a list of texts.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text or a list of texts")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// `90s`, `2m`, `1h`, `1d`.
pub(super) fn duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match seconds(&text) {
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err(serde::de::Error::custom(format!(
            "`{text}` is no time between cycles such as `90s`, `2m` or `1h`"
        ))),
    }
}

/// The same for a period that something is kept.
pub(super) fn period<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    seconds(&text).map(Duration::from_secs).ok_or_else(|| {
        serde::de::Error::custom(format!("`{text}` is no period such as `90d` or `12h`"))
    })
}

fn seconds(text: &str) -> Option<u64> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86400)];
    units.iter().find_map(|(unit, seconds)| {
        let count: u64 = text.strip_suffix(*unit)?.trim().parse().ok()?;
        count.checked_mul(*seconds).filter(|seconds| *seconds > 0)
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
