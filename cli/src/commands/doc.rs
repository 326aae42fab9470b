//! `trib doc`: the documentation of a rule set.

use std::fs;
use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde_json::json;
use trib_compiler::document::document;

use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print_json};
use crate::{diagnostics, files, project};

/// Document rules as Markdown: every rule, where every attribute comes from, functions and tests.
///
/// Without a PATH, the rules that the configuration names, or else the working directory.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib doc rules -o docs/rules")]
pub struct Doc {
    /// Files and folders; together they are one program.
    paths: Vec<PathBuf>,
    /// The folder of the pages; `index.md` is the first.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

impl Doc {
    /// Writes the pages.
    pub fn run(&self, config: &Path) -> Outcome {
        let paths = project::paths(&self.paths, config)?;
        let (sources, checked) = project::check(&paths)?;
        diagnostics::require_sound(&sources, &checked)?;
        let folder = &self.output;
        let link = |path: &str, line: u32| {
            let path = Path::new(path);
            path.exists()
                .then(|| format!("{}#L{line}", relative(folder, path)))
        };
        let pages = document(&checked.rules, &sources, &link);
        fs::create_dir_all(folder).map_err(|error| {
            Failure::input(format!("cannot make `{}`: {error}", folder.display()))
        })?;
        let mut written = Vec::new();
        for page in &pages {
            let path = folder.join(page.name);
            files::write(&path, page.text.as_bytes())?;
            written.push(path.display().to_string());
        }
        let rules = checked.rules.declared as u64;
        if self.format.json() {
            print_json(&json!({ "pages": written, "rules": rules }))?;
        } else {
            let (rules, pages) = (counted(rules, "rule"), counted(pages.len() as u64, "page"));
            let folder = folder.display();
            note(format_args!("{rules} documented in {pages} of `{folder}`"));
        }
        Ok(Exit::Fine)
    }
}

/// The way from a folder to a file, as a link has it.
fn relative(folder: &Path, file: &Path) -> String {
    let absolute = |path: &Path| {
        let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        path.unwrap_or_default()
    };
    let (folder, file) = (absolute(folder), absolute(file));
    let same = folder.components().zip(file.components());
    let same = same.take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(same).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(file.components().skip(same)).collect();
    way.to_string_lossy().replace('\\', "/").replace(' ', "%20")
}
