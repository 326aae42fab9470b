//! `trib`: reads files and configuration, runs the engine, prints, sets exit codes. One file per verb in
//! `commands`; what it prints and returns is fixed in the documentation of the command line.

mod commands;
mod demo;
mod diagnostics;
mod engine;
mod files;
mod output;
mod progress;
mod project;
mod show;
mod style;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use commands::Command;
use output::{Exit, Failure};

/// Directory synchronization as typed code: from Active Directory to Entra ID.
#[derive(Debug, Parser)]
#[command(name = "trib", version, after_help = "Example:\n  trib demo")]
struct Cli {
    /// The configuration.
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        default_value = "trib.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        Failure::new(Exit::Internal, format!("a defect of this program: {panic}"))
            .help("please report it with what was done before")
            .show();
        std::process::exit(i32::from(Exit::Internal as u8));
    }));
    let exit = match Cli::try_parse() {
        Ok(cli) => cli.command.run(&cli.config).unwrap_or_else(|failure| {
            failure.show();
            failure.exit
        }),
        Err(error) => usage(&error),
    };
    ExitCode::from(exit as u8)
}

/// Help and version are no failures; everything else that clap says is wrong usage.
fn usage(error: &clap::Error) -> Exit {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return Exit::Fine;
    }
    if output::json_wanted() {
        let text = error.render().to_string();
        let (message, help) = text.split_once('\n').unwrap_or((&text, ""));
        let message = message.trim_start_matches("error: ");
        let failure = Failure::new(Exit::Usage, message).help(help.trim());
        failure.show();
    } else {
        let _ = error.print();
    }
    Exit::Usage
}
