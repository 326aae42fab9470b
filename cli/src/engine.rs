//! From the configuration to a running engine.

use std::path::Path;

use trib_compiler::ir::Rules;
use trib_runtime::config::Config;
use trib_runtime::store::Store;
use trib_runtime::sync::Parameters;
use trib_runtime::{Engine, trust};

use crate::output::{Exit, Failure, json_wanted, note};
use crate::{diagnostics, project};

/// The engine that a configuration describes.
pub fn open(config: &Path) -> Result<Engine, Failure> {
    let config = Config::load(config)?;
    Ok(Engine::open(rules(&config)?, &config)?)
}

/// An engine with other rules over a copy of the deployment's store, connected to nothing.
pub fn over_copy(config: &Config, rules_path: &Path, copy: &Path) -> Result<Engine, Failure> {
    let other = Config {
        rules: rules_path.to_owned(),
        ..config.clone()
    };
    if !rules_path.exists() {
        return Err(Failure::input(format!(
            "there is no file or folder `{}`",
            rules_path.display()
        )));
    }
    let rules = rules(&other)?;
    Store::copy(&config.state, copy)?;
    let parameters = Parameters {
        given: config.params.clone(),
    };
    Ok(Engine::over(Store::open(copy)?, rules, parameters)?)
}

/// Compiled rules: of a bundle, or of a folder or file of rules.
fn rules(config: &Config) -> Result<Rules, Failure> {
    let path = &config.rules;
    let is_text = path.is_dir()
        || path
            .extension()
            .is_some_and(|extension| extension == "trib");
    if !is_text && path.exists() {
        let bundle = trust::bundle(path, config.rules_key.as_deref())?;
        if bundle.signature.is_some() && config.rules_key.is_none() && !json_wanted() {
            note(
                "the bundle is signed, and `rules_key` in the configuration does not say by whom it must be",
            );
        }
        let contents = bundle.contents;
        trust::fit(&contents.rules, &contents.schemas, config)?;
        return Ok(contents.rules);
    }
    trust::texts(config)?;
    let (sources, checked) = project::check(std::slice::from_ref(path))?;
    diagnostics::require_sound(&sources, &checked)?;
    let rules = trib_compiler::compile(&checked, &sources)
        .ok_or_else(|| Failure::new(Exit::Internal, "rules without errors did not compile"))?;
    trust::fit(&rules, &checked.rules.schemas, config)?;
    Ok(rules)
}
