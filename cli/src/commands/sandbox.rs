//! `trib sandbox`: the local Entra.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use trib_sandbox::{Error, Options, Sandbox};

use crate::output::{Exit, Failure, FormatArg, Outcome, note, print};

/// Serve a local Entra: the token endpoint and Microsoft Graph v1.0, for trials and tests.
///
/// Token endpoint `/{tenant}/oauth2/v2.0/token`, Graph under `/v1.0`. Ends with ctrl-c.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  trib sandbox --data cloud.json --client my-app:my-secret --domain contoso.com"
)]
pub struct Serve {
    /// The address; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8400")]
    listen: SocketAddr,
    /// A file that keeps the directory; without it, it lives in memory.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The one client that gets tokens; without it, any does.
    #[arg(long, value_name = "ID:SECRET", value_parser = client)]
    client: Option<Client>,
    /// Whether Graph's documented limits on requests apply.
    #[arg(long, value_enum, default_value_t, value_name = "QUOTA")]
    quota: Quota,
    /// A verified domain of a new tenant, beside contoso.onmicrosoft.com; may be given several times.
    #[arg(long, value_name = "NAME")]
    domain: Vec<String>,
    #[command(flatten)]
    format: FormatArg,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Quota {
    /// As Microsoft documents them.
    Real,
    /// No limits.
    #[default]
    Off,
}

/// An application and its secret.
#[derive(Clone)]
struct Client {
    id: String,
    secret: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:(secret)", self.id)
    }
}

fn client(text: &str) -> Result<Client, String> {
    match text.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
        }),
        _ => Err("it has the form ID:SECRET".to_owned()),
    }
}

/// What a sandbox says when it does not start.
pub fn failure(error: Error) -> Failure {
    use std::error::Error as _;
    let message = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    Failure::input(message)
}

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(&self) -> Outcome {
        super::runtime()?.block_on(self.serve())
    }

    async fn serve(&self) -> Outcome {
        let options = Options {
            data: self.data.clone(),
            client: self.client.clone().map(|client| (client.id, client.secret)),
            quota: match self.quota {
                Quota::Real => trib_sandbox::Quota::Real,
                Quota::Off => trib_sandbox::Quota::Off,
            },
            domains: self.domain.clone(),
            ..Options::default()
        };
        let mut stop = Stop::new()?;
        let sandbox = Sandbox::start(self.listen, options)
            .await
            .map_err(failure)?;
        match self.format.json() {
            true => print(format_args!("{}\n", json!({ "listening": sandbox.url() })))?,
            false => print(format_args!("sandbox listening on {}\n", sandbox.url()))?,
        }
        stop.wanted().await;
        note("stopping");
        sandbox.stop().await;
        Ok(Exit::Fine)
    }
}

/// Ctrl-c, or the signal by which a service is ended.
struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> Result<Stop, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| {
                Failure::new(Exit::Internal, format!("cannot wait for signals: {error}"))
            })
        };
        Ok(Stop {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn wanted(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    fn new() -> Result<Stop, Failure> {
        Ok(Stop {})
    }

    async fn wanted(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
