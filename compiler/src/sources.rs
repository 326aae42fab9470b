//! The texts of a program, as whoever called the compiler brought them.

use std::collections::HashMap;

use trib_grammar::{FileId, LineIndex, Span};

/// Files by number, with the schemas that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<(String, String)>,
    schemas: HashMap<(FileId, String), String>,
    parameters: Vec<String>,
}

impl Sources {
    /// Adds a file: the path is shown as it is given.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push((path.into(), text.into()));
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Adds the text of a schema file under the name by which a file of rules names it.
    pub fn add_schema(&mut self, by: FileId, name: impl Into<String>, text: impl Into<String>) {
        self.schemas.insert((by, name.into()), text.into());
    }

    /// The same files under other paths, in the order of those: whatever order and paths they came in,
    /// the program is one.
    pub fn renamed(&self, rename: impl Fn(&str) -> String) -> Sources {
        let mut files: Vec<(String, FileId, &str)> = self
            .files()
            .map(|(file, path, text)| (rename(path), file, text))
            .collect();
        files.sort();
        let mut renamed = Sources {
            parameters: self.parameters.clone(),
            ..Sources::default()
        };
        for (path, old, text) in files {
            let new = renamed.add(path, text);
            for ((by, name), schema) in &self.schemas {
                if *by == old {
                    renamed.add_schema(new, name, schema);
                }
            }
        }
        renamed
    }

    /// Says which parameters the deployment sets: `Param.usageLocation`.
    pub fn add_parameters(&mut self, names: impl IntoIterator<Item = String>) {
        self.parameters.extend(names);
    }

    /// The deployment sets this parameter.
    pub fn sets_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|known| known == name)
    }

    /// The text of a schema file that a file of rules names.
    pub fn schema(&self, by: FileId, name: &str) -> Option<&str> {
        let text = self.schemas.get(&(by, name.to_owned()));
        text.map(String::as_str)
    }

    /// Path and text of a file.
    pub fn get(&self, file: FileId) -> (&str, &str) {
        self.files
            .get(file.0 as usize)
            .map_or(("", ""), |(path, text)| (path, text))
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &str, &str)> {
        let numbered = self.files.iter().zip(0..);
        numbered.map(|((path, text), id)| (FileId(id), path.as_str(), text.as_str()))
    }

    /// How many files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// No file at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// `file:line` of a span.
    pub fn at(&self, span: Span) -> String {
        let (path, text) = self.get(span.file);
        let line = LineIndex::new(text).position(text, span.start).line;
        format!("{path}:{line}")
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        span.of(self.get(span.file).1)
    }
}
