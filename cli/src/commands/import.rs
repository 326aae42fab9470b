//! `trib import`: configurations of other products become projects.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use trib_compiler::import::{self, Imported, Outcome as Became, aadconnect};

use crate::files;
use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print_document};

/// Files of an export; a configuration has a few hundred.
const MOST_FILES: usize = 20_000;
/// Folders within folders of an export.
const MOST_DEPTH: usize = 8;

/// Make a project from the configuration of another product.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib import aadconnect ./export -o ./project --target graph")]
pub struct Import {
    #[command(subcommand)]
    product: Product,
}

#[derive(Debug, Subcommand)]
enum Product {
    Aadconnect(AadConnect),
}

/// Import a configuration of Azure AD Connect.
///
/// DIR is what `Get-ADSyncServerConfiguration` exports, or a folder of scripts from the rule editor. The
/// project gets connectors, metaverse and rules that `trib check` accepts, and a report.json that lists every
/// rule with what was kept, changed and left out, and why.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib import aadconnect ./export -o ./analysis\n  trib import aadconnect ./export -o ./project --target graph"
)]
struct AadConnect {
    /// The exported configuration: a folder, or one file.
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// The folder of the project; new or empty.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// What stands for the cloud.
    #[arg(long, value_enum, default_value_t, value_name = "TARGET")]
    target: Target,
    #[command(flatten)]
    format: FormatArg,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Target {
    /// Azure AD Connect's own connector: the rules as they are, for analysis and simulation.
    #[default]
    EntraConnect,
    /// Microsoft Graph: rules that can be run, with what Graph lets applications write.
    Graph,
}

impl Import {
    /// Reads the configuration and writes the project.
    pub fn run(&self) -> Outcome {
        let Product::Aadconnect(verb) = &self.product;
        verb.run()
    }
}

impl AadConnect {
    fn run(&self) -> Outcome {
        free(&self.output)?;
        let mut files = Vec::new();
        gather(&self.from, &self.from, 0, &mut files)?;
        let configuration = aadconnect::read(&files).map_err(refused)?;
        let target = match self.target {
            Target::EntraConnect => aadconnect::Target::EntraConnect,
            Target::Graph => aadconnect::Target::Graph,
        };
        let imported = aadconnect::import(&configuration, target).map_err(refused)?;
        write(&self.output, &imported)?;
        match self.format.json() {
            true => print_document(&imported.report)?,
            false => self.tell(&imported),
        }
        Ok(Exit::Fine)
    }

    fn tell(&self, imported: &Imported) {
        let report = &imported.report;
        let summary = report.summary;
        note(format_args!(
            "{}: {} kept, {} changed, {} left out",
            counted(summary.rules as u64, "rule"),
            summary.rules_kept,
            summary.rules_changed,
            summary.rules_left_out
        ));
        note(format_args!(
            "{}: {} kept, {} changed, {} left out",
            counted(summary.flows as u64, "flow"),
            summary.flows_kept,
            summary.flows_changed,
            summary.flows_left_out
        ));
        for rule in report
            .rules
            .iter()
            .filter(|rule| rule.outcome == Became::LeftOut)
        {
            let why = rule.why.last().map_or("", String::as_str);
            note(format_args!("left out: `{}`: {why}", rule.name));
        }
        let folder = self.output.display();
        note(format_args!(
            "written to `{folder}`; report.json there says what became of every rule and flow"
        ));
        note(format_args!("next: trib check {folder}"));
    }
}

/// The project's folder takes nothing away from anybody.
fn free(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    if !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)
        .map_err(|error| Failure::input(format!("cannot use the folder `{shown}`: {error}")))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::input(format!("the folder `{shown}` is not empty"))
            .help("name a new folder, or empty this one")),
    }
}

/// The texts of a folder's files, or of the one file, with paths from there.
fn gather(
    root: &Path,
    path: &Path,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error| Failure::input(format!("cannot read `{shown}`: {error}"));
    if !path.exists() {
        return Err(
            Failure::input(format!("there is no file or folder `{shown}`"))
                .help("name the folder that the configuration was exported to"),
        );
    }
    if path.is_dir() {
        if depth > MOST_DEPTH {
            return Err(
                Failure::input(format!("the folders at `{shown}` nest too deep"))
                    .help("name the folder of the export itself"),
            );
        }
        let entries = fs::read_dir(path).map_err(failed)?;
        let entries = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>().map_err(failed)?;
        entries.sort();
        for entry in entries {
            gather(root, &entry, depth + 1, files)?;
        }
        return Ok(());
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    let ours = ending.is_some_and(|ending| {
        ["xml", "ps1", "txt"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    if depth > 0 && !ours {
        return Ok(());
    }
    if files.len() >= MOST_FILES {
        return Err(Failure::input(format!(
            "there are more than {MOST_FILES} files in `{}`",
            root.display()
        ))
        .help("name the folder of the export itself"));
    }
    let name = path.strip_prefix(root).unwrap_or(path);
    let name = if name.as_os_str().is_empty() {
        path
    } else {
        name
    };
    let name = name.display().to_string();
    let text = import::decode(&name, &files::read_bytes(path)?).map_err(refused)?;
    files.push((name, text));
    Ok(())
}

fn refused(error: import::Error) -> Failure {
    Failure::input(error.message).help(error.help)
}

fn write(folder: &Path, imported: &Imported) -> Result<(), Failure> {
    for (path, text) in &imported.files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| {
                Failure::input(format!(
                    "cannot make the folder `{}`: {error}",
                    parent.display()
                ))
            })?;
        }
        files::write(&path, text.as_bytes())?;
    }
    Ok(())
}
