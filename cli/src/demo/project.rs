//! The files of the demo, and the sandbox that they need.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use trib_sandbox::{Options, Sandbox};

use super::forest;
use crate::commands::sandbox_failure;
use crate::files;
use crate::output::Failure;

/// Where the sandbox of a demo listens, if that is free.
const PORT: u16 = 8400;
const CLIENT: &str = "demo";
const SECRET: &str = "demo-secret";
/// The file that keeps the sandbox's directory.
pub const DATA: &str = "cloud.json";

const RULES: &str = include_str!("main.trib");
const CONFIGURATION: &str = include_str!("trib.toml");

/// A demo project in the working directory, with its sandbox running.
pub struct Project {
    /// The local Entra.
    pub sandbox: Sandbox,
}

impl Project {
    /// Makes the folder the working directory, so that all is as it will be for whoever plays on.
    pub fn enter(folder: &Path) -> Result<(), Failure> {
        let shown = folder.display();
        let failed = |error: std::io::Error| {
            Failure::input(format!("cannot use the folder `{shown}`: {error}"))
        };
        if folder.exists() && fs::read_dir(folder).map_err(failed)?.next().is_some() {
            return Err(Failure::input(format!("the folder `{shown}` is not empty"))
                .help("choose another with `--dir`, or remove it"));
        }
        fs::create_dir_all(folder).map_err(failed)?;
        std::env::set_current_dir(folder).map_err(failed)
    }

    /// Writes the files and starts the sandbox.
    pub async fn start() -> Result<Project, Failure> {
        let options = || Options {
            data: Some(DATA.into()),
            client: Some((CLIENT.to_owned(), SECRET.to_owned())),
            domains: vec![forest::DOMAIN.to_owned()],
            ..Options::default()
        };
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let sandbox = match Sandbox::start(local(PORT), options()).await {
            Err(trib_sandbox::Error::Listen { .. }) => Sandbox::start(local(0), options()).await,
            started => started,
        };
        let sandbox = sandbox.map_err(sandbox_failure)?;
        let configuration = CONFIGURATION.replace("http://127.0.0.1:8400", &sandbox.url());
        fs::create_dir_all("rules")
            .map_err(|error| Failure::input(format!("cannot make the folder `rules`: {error}")))?;
        for (path, text) in [
            ("trib.toml", configuration.as_str()),
            ("cloud.secret", SECRET),
            ("forest.ldif", &forest::ldif()),
            ("rules/main.trib", RULES),
        ] {
            files::write(Path::new(path), text.as_bytes())?;
        }
        Ok(Project { sandbox })
    }

    /// The command that starts the sandbox again.
    pub fn sandbox_command(&self) -> String {
        let address = self.sandbox.address();
        match address.port() {
            PORT => format!("trib sandbox --data {DATA}"),
            _ => format!("trib sandbox --data {DATA} --listen {address}"),
        }
    }
}
