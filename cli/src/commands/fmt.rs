//! `trib fmt`: canonical form.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use trib_compiler::Sources;

use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print, print_json};
use crate::{diagnostics, files, project};

/// Rewrite rule files in canonical form; comments survive.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib fmt rules\n  trib fmt --check rules\n  trib fmt - < users.trib"
)]
pub struct Fmt {
    /// Files and folders; `-` formats standard input to standard output.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write nothing; exit 1 where something would change.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    format: FormatArg,
}

/// What became of a file.
struct Formatted {
    file: String,
    text: Option<String>,
    changed: bool,
}

impl Fmt {
    /// Formats.
    pub fn run(&self) -> Outcome {
        let done = match self.paths.as_slice() {
            [path] if path.as_os_str() == "-" => vec![self.standard_input()?],
            paths if paths.iter().any(|path| path.as_os_str() == "-") => {
                return Err(Failure::usage("`-` stands alone")
                    .help("format standard input and files one after the other"));
            }
            paths => self.files(paths)?,
        };
        let broken = done.iter().filter(|file| file.text.is_none()).count() as u64;
        let changed = done.iter().filter(|file| file.changed).count() as u64;
        if self.format.json() {
            print_json(&self.document(&done))?;
        } else if self.paths.iter().all(|path| path.as_os_str() != "-") {
            self.tell(&done, changed, broken);
        }
        let refused = broken > 0 || (self.check && changed > 0);
        Ok(if refused { Exit::Refused } else { Exit::Fine })
    }

    fn standard_input(&self) -> Result<Formatted, Failure> {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.map_err(|error| Failure::input(format!("cannot read standard input: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::input("standard input is not UTF-8 text").help("save it as UTF-8")
        })?;
        let formatted = self.format_text("-", &text);
        if let Some(text) = formatted
            .text
            .as_ref()
            .filter(|_| !self.check && !self.format.json())
        {
            print(text)?;
        }
        Ok(formatted)
    }

    fn files(&self, paths: &[PathBuf]) -> Result<Vec<Formatted>, Failure> {
        let mut list = Vec::new();
        for path in paths {
            list.extend(project::rule_files(path)?);
        }
        list.sort();
        list.dedup();
        list.iter().map(|path| self.file(path)).collect()
    }

    fn file(&self, path: &Path) -> Result<Formatted, Failure> {
        let formatted = self.format_text(&path.to_string_lossy(), &files::read(path)?);
        if let Some(text) = formatted
            .text
            .as_ref()
            .filter(|_| formatted.changed && !self.check)
        {
            files::write(path, text.as_bytes())?;
        }
        Ok(formatted)
    }

    fn format_text(&self, file: &str, text: &str) -> Formatted {
        let mut sources = Sources::default();
        let id = sources.add(file, text);
        let parsed = trib_grammar::parse(id, text);
        let file = file.to_owned();
        if !parsed.errors.is_empty() {
            if !self.format.json() {
                diagnostics::show(&diagnostics::syntax(&parsed.errors), &sources);
            }
            return Formatted {
                file,
                text: None,
                changed: false,
            };
        }
        let new = trib_grammar::format(&parsed.file, text);
        Formatted {
            file,
            changed: new != text,
            text: Some(new),
        }
    }

    fn tell(&self, done: &[Formatted], changed: u64, broken: u64) {
        for file in done.iter().filter(|file| file.changed) {
            note(format_args!(
                "{} {}",
                if self.check {
                    "would change"
                } else {
                    "formatted"
                },
                file.file
            ));
        }
        for file in done.iter().filter(|file| file.text.is_none()) {
            note(format_args!("left alone {}: it does not parse", file.file));
        }
        let verb = if self.check {
            "would change"
        } else {
            "changed"
        };
        let broken = if broken > 0 {
            format!(", {broken} left alone")
        } else {
            String::new()
        };
        note(format_args!(
            "{}, {changed} {verb}{broken}",
            counted(done.len() as u64, "file")
        ));
    }

    fn document(&self, done: &[Formatted]) -> Value {
        let files = done.iter().map(|file| {
            let mut document = json!({
                "file": file.file,
                "changed": file.changed,
                "parsed": file.text.is_some(),
            });
            if let (Value::Object(members), "-", Some(text)) =
                (&mut document, file.file.as_str(), &file.text)
            {
                members.insert("text".to_owned(), json!(text));
            }
            document
        });
        json!({
            "files": files.collect::<Vec<_>>(),
            "summary": {
                "files": done.len(),
                "changed": done.iter().filter(|file| file.changed).count(),
                "broken": done.iter().filter(|file| file.text.is_none()).count(),
            },
        })
    }
}
