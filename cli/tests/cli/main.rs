//! The program as its users run it: arguments in; exit code, standard output and standard error out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod bundle;
mod check;
mod coverage;
mod demo;
mod doc;
mod engine;
mod eval;
mod fmt;
mod impact;
mod import;
mod limits;
mod sandbox;
mod sarif;
mod test;
mod usage;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a program's files, and runs of `trib` in it.
struct Project(Arc<TempDir>, PathBuf);

/// How a run ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Project {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let project = Project(Arc::new(folder), path);
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn path(&self) -> &Path {
        &self.1
    }

    /// A folder in it, as a project of its own.
    fn folder(&self, name: &str) -> Project {
        Project(self.0.clone(), self.path().join(name))
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trib"));
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        Run::of(child.wait_with_output().unwrap())
    }

    /// Runs with `--format json`; standard output is exactly one document.
    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.run(&[arguments, &["--format", "json"]].concat());
        let document = serde_json::from_str(&run.out);
        (
            run.code,
            document.unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err)),
        )
    }
}

impl Run {
    fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The names of an object's members, sorted.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// Sound rules, in canonical form.
const SOUND: &str = r#"connector corp  : ad

metaverse person {
  displayName : string(256)
  objectSid   : sid  indexed
}

rule "In" {
  from       corp.user
  to         person
  precedence 100
  link       provision
  scope      cn is present
  join       objectSid == person.objectSid
  flow {
    objectSid
    displayName <- displayName ?? cn
  }
}
"#;

/// [`SOUND`] with a misspelt attribute.
fn misspelt() -> String {
    SOUND.replace("displayName ?? cn", "displayNam ?? cn")
}
