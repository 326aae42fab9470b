//! Any bytes as a bundle.

use trib_compiler::Sources;
use trib_compiler::bundle::Bundle;
use trib_compiler::ir::Rules;
use trib_runtime::Engine;
use trib_runtime::store::Store;
use trib_runtime::sync::Parameters;

/// What is read is canonical. Whatever else it says, an engine takes it or refuses it.
pub fn bundle(data: &[u8]) {
    if let Ok(bundle) = Bundle::from_bytes(data) {
        assert_eq!(bundle.to_bytes(), data);
        run(bundle.contents.rules);
    }
    // The hash keeps nearly everything out; behind it, rules that no compiler made must do no harm.
    if let Ok(rules) = serde_json::from_slice::<Rules>(data) {
        run(rules);
    }
}

fn run(rules: Rules) {
    let given = rules.parameters.iter();
    let given = given.map(|name| (name.clone(), "x".to_owned())).collect();
    let Ok(store) = Store::in_memory() else {
        return;
    };
    if let Ok(mut engine) = Engine::over(store, rules, Parameters { given }) {
        let _ = engine.synchronize_at(0, &trib_runtime::progress::Silent);
    }
}

/// Bundles and bare rules of the test files.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::files("fuzz/regressions/bundle", "bundle");
    for text in super::files("ok", "trib") {
        let mut sources = Sources::default();
        sources.add("a.trib", String::from_utf8_lossy(&text));
        let checked = trib_compiler::check(&mut sources);
        if let Some(bundle) = Bundle::build(&checked, &sources) {
            seeds.push(bundle.to_bytes());
            seeds.extend(serde_json::to_vec(&bundle.contents.rules));
        }
    }
    seeds
}
