//! Which compiled rules a deployment runs: whole, of the right signer, and fit for its schemas.

use std::path::Path;

use trib_compiler::bundle::{Bundle, CheckedAgainst, PublicKey};
use trib_compiler::ir;
use trib_compiler::schema::{Misfit, Schema};

use crate::config::{Config, Connector};
use crate::error::Error;

/// Reads a bundle. With a key, only that key's signature will do.
pub fn bundle(file: &Path, key: Option<&Path>) -> Result<Bundle, Error> {
    let wrong = |error| Error::configuration(format!("`{}`: {error}", file.display()));
    let bundle = Bundle::from_bytes(&read(file)?).map_err(wrong)?;
    let Some(key) = key else {
        return Ok(bundle);
    };
    let public = PublicKey::from_pem(&read(key)?)
        .map_err(|error| Error::configuration(format!("`{}` {error}", key.display())))?;
    bundle.verify(&public).map_err(|error| {
        wrong(error).help(format!(
            "`trib build PATH -o FILE --sign KEY` signs with the private key that belongs to `{}`",
            key.display()
        ))
    })?;
    Ok(bundle)
}

/// Refuses rule texts where the configuration asks for a signature.
pub fn texts(config: &Config) -> Result<(), Error> {
    match &config.rules_key {
        None => Ok(()),
        Some(_) => Err(Error::configuration(format!(
            "`rules_key` asks for a signed bundle, and `{}` is rule text",
            config.rules.display()
        ))
        .help(
            "`trib build PATH -o rules.bundle --sign KEY` makes one; name it with `rules = \"rules.bundle\"`",
        )),
    }
}

/// Refuses rules that use what the schemas of the deployment's directories do not have. `checked` says
/// what a bundle was checked against.
pub fn fit(rules: &ir::Rules, checked: &[CheckedAgainst], config: &Config) -> Result<(), Error> {
    for connector in &rules.connectors {
        let name = &connector.name;
        let file = match config.connector.get(name) {
            Some(Connector::Ad(ad)) => ad.schema.as_deref(),
            _ => None,
        };
        let was_pulled = checked
            .iter()
            .any(|schema| schema.connector == *name && schema.file.is_some());
        let (schema, place) = match file {
            Some(file) => (pulled(file)?, format!("`{}`", file.display())),
            // The schema file that the rules named is not here, and ours is not that of the directory.
            None if was_pulled => continue,
            None => (
                Schema::Builtin(connector.kind),
                format!("the `{}` schema of this program", connector.kind.name()),
            ),
        };
        if let Some(misfit) = schema.misfit(&connector.object_types) {
            return Err(explain(name, &misfit, &place));
        }
    }
    Ok(())
}

fn explain(connector: &str, misfit: &Misfit, place: &str) -> Error {
    let message = match misfit {
        Misfit::ObjectType(name) => {
            format!("connector `{connector}`: the rules use `{name}`, and {place} has no such type")
        }
        Misfit::Attribute(name, attribute) => format!(
            "connector `{connector}`: the rules use `{name}.{attribute}`, and {place} has no such attribute"
        ),
        Misfit::Type {
            object_type,
            attribute,
            compiled,
            now,
        } => format!(
            "connector `{connector}`: the rules use `{object_type}.{attribute}` as `{compiled}`, and in {place} it is `{now}`"
        ),
    };
    Error::configuration(message).help(
        "check the rules against the schema of the directory (`trib schema pull`), and build them again",
    )
}

fn pulled(file: &Path) -> Result<Schema, Error> {
    let schema = serde_json::from_slice(&read(file)?).map_err(|error| {
        Error::configuration(format!("`{}` is no schema file: {error}", file.display()))
            .help("`trib schema pull CONNECTOR -o FILE` writes one")
    })?;
    Ok(Schema::Pulled(Box::new(schema)))
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::configuration(format!("there is no file `{}`", file.display()))
        }
        _ => Error::configuration(format!("cannot read `{}`: {error}", file.display())),
    })
}
