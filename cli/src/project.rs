//! The files of a program: what the paths name, what `use` brings in, the schemas that connectors name.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use trib_compiler::{Checked, Sources};
use trib_grammar::FileId;
use trib_grammar::ast::{Declaration, File, UseSource};
use trib_runtime::config::Config;

use crate::files;
use crate::output::Failure;

/// The paths given; without any, the rules that the configuration names, or the working directory.
pub fn paths(given: &[PathBuf], config: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    match config.exists() || config != Path::new("trib.toml") {
        true => Ok(vec![Config::load(config)?.rules]),
        false => Ok(vec![PathBuf::from(".")]),
    }
}

/// Reads all files of the program that `paths` name together.
pub fn load(paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut loader = Loader::default();
    for path in paths {
        loader.wanted.extend(rule_files(path)?);
    }
    if loader.wanted.is_empty() {
        let paths: Vec<String> = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        return Err(Failure::input(format!("no rules in {}", paths.join(", ")))
            .help("rules are files that end in `.trib`"));
    }
    let mut next = 0;
    while let Some(path) = loader.wanted.get(next).cloned() {
        loader.add(&path)?;
        next += 1;
    }
    loader.sources.add_parameters(parameters(paths));
    Ok(loader.sources)
}

/// The parameters that the configuration of the rules sets: the nearest one in their folder or above.
fn parameters(paths: &[PathBuf]) -> impl Iterator<Item = String> {
    let configurations = paths.iter().filter_map(|path| {
        let path = std::path::absolute(path).ok()?;
        let mut folders = path.ancestors().map(|folder| folder.join("trib.toml"));
        folders.find(|file| file.is_file())
    });
    let configurations: BTreeSet<PathBuf> = configurations.collect();
    let loaded = configurations
        .into_iter()
        .filter_map(|file| Config::load(&file).ok());
    loaded.flat_map(|configuration| configuration.params.into_keys())
}

/// Reads and checks a program.
pub fn check(paths: &[PathBuf]) -> Result<(Sources, Checked), Failure> {
    let mut sources = load(paths)?;
    let checked = trib_compiler::check(&mut sources);
    Ok((sources, checked))
}

/// The same program with paths from the folder that holds all of it, so that neither the working
/// directory nor the order of the paths leaves a trace.
pub fn rebased(sources: &Sources) -> Sources {
    let absolute = |path: &str| {
        let path = Path::new(path);
        plain(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    };
    let mut folders = sources
        .files()
        .filter_map(|(_, path, _)| absolute(path).parent().map(Path::to_owned));
    let first = folders.next().unwrap_or_default();
    let root = folders.fold(first, |root, folder| {
        let both = root.components().zip(folder.components());
        let same = both.take_while(|(a, b)| a == b);
        same.map(|(part, _)| part).collect()
    });
    sources.renamed(|path| {
        let path = absolute(path);
        let inside = path.strip_prefix(&root).unwrap_or(&path);
        inside.to_string_lossy().replace('\\', "/")
    })
}

/// The file comes from a pack of the compiler, not from a disk.
pub fn is_shipped(sources: &Sources, file: FileId) -> bool {
    let (_, text) = sources.get(file);
    trib_compiler::packs::PACKS
        .iter()
        .any(|(_, _, known)| *known == text)
}

/// The rule files that a path names: itself, or all below the folder in the order of their names. A
/// sub-folder with a configuration of its own is a program of its own.
pub fn rule_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    if path.is_dir() {
        walk(path, &mut found)?;
    } else if path.exists() {
        found.push(plain(path));
    } else {
        return Err(Failure::input(format!(
            "there is no file or folder `{}`",
            path.display()
        )));
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error| Failure::input(format!("cannot read `{}`: {error}", folder.display()));
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(failed)?.collect();
    let mut entries = entries.map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder is not followed: it may lead round in circles.
        if entry.file_type().map_err(failed)?.is_dir() {
            if !path.join("trib.toml").exists() {
                walk(&path, found)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "trib")
            && path.is_file()
        {
            found.push(plain(&path));
        }
    }
    Ok(())
}

/// The path without `.` and, as far as they go, `..`: what is shown, and what `use` compares.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[derive(Default)]
struct Loader {
    sources: Sources,
    wanted: Vec<PathBuf>,
    known: HashSet<PathBuf>,
}

impl Loader {
    fn add(&mut self, path: &Path) -> Result<(), Failure> {
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.known.insert(identity) {
            return Ok(());
        }
        let text = files::read(path)?;
        let shown = path.to_string_lossy().replace('\\', "/");
        let id = self.sources.add(shown, text);
        let parsed = trib_grammar::parse(id, self.sources.get(id).1);
        self.follow(id, &parsed.file, path.parent().unwrap_or(Path::new("")))
    }

    /// Queues what the file uses and reads the schemas that it names. A schema that is not there is
    /// the compiler's to report.
    fn follow(&mut self, id: FileId, file: &File, folder: &Path) -> Result<(), Failure> {
        for declaration in &file.declarations {
            match declaration {
                Declaration::Use(used) => {
                    let UseSource::Path(path) = &used.source else {
                        continue;
                    };
                    let target = plain(&folder.join(&path.value));
                    let target = if target.as_os_str().is_empty() {
                        PathBuf::from(".")
                    } else {
                        target
                    };
                    if !target.exists() {
                        let at = self.sources.at(path.span);
                        let message = format!(
                            "{at} uses `{}`, and there is no such file or folder",
                            path.value
                        );
                        return Err(Failure::input(message)
                            .help("the path is relative to the file that says it"));
                    }
                    self.wanted.extend(rule_files(&target)?);
                }
                Declaration::Connector(connector) => {
                    let Some(schema) = &connector.schema else {
                        continue;
                    };
                    let path = folder.join(&schema.value);
                    if path.exists() {
                        let text = files::read(&path)?;
                        self.sources.add_schema(id, &schema.value, text);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
