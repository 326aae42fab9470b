//! From the configuration to a running engine.

use std::path::Path;

use trib_compiler::bundle::Bundle;
use trib_compiler::ir::Rules;
use trib_runtime::Engine;
use trib_runtime::config::Config;

use crate::output::{Exit, Failure};
use crate::{diagnostics, files, project};

/// The engine that a configuration describes.
pub fn open(config: &Path) -> Result<Engine, Failure> {
    let config = Config::load(config)?;
    Ok(Engine::open(rules(&config.rules)?, &config)?)
}

/// Compiled rules: of a bundle, or of a folder or file of rules.
fn rules(path: &Path) -> Result<Rules, Failure> {
    let is_text = path.is_dir()
        || path
            .extension()
            .is_some_and(|extension| extension == "trib");
    if !is_text && path.exists() {
        let bundle = Bundle::from_bytes(&files::read_bytes(path)?);
        return bundle
            .map(|bundle| bundle.rules)
            .map_err(|error| Failure::input(format!("`{}`: {error}", path.display())));
    }
    let (sources, checked) = project::check(&[path.to_owned()])?;
    diagnostics::require_sound(&sources, &checked)?;
    let rules = trib_compiler::compile(&checked, &sources);
    rules.ok_or_else(|| Failure::new(Exit::Internal, "rules without errors did not compile"))
}
