//! A strict local Entra: the token endpoint and Microsoft Graph v1.0, as far as directory
//! synchronization needs them, over HTTP. It refuses what Graph refuses, with Graph's answers.
//!
//! ```text
//! socket ─server─► Call ─directory─► token │ seed │ batch ─► graph ─rules, query, links, delta─► store
//! ```
//!
//! - `server` speaks HTTP; `directory` applies faults and limits and checks the bearer token.
//! - `graph` routes; `users`, `groups`, `links`, `deleted`, `delta` … answer.
//! - `rules` holds what Graph demands of values; `query` reads options, filters and pages.
//! - `store` keeps objects, links and one sequence of changes; with a data file, every commit is a
//!   line appended to it, replayed on the next start.
//!
//! # What tests can order
//! Outside Graph, without a token:
//!
//! | request | does |
//! |---|---|
//! | `POST /_sandbox/objects` `{"kind":"user","id":…?,"properties":{…}}` or a list of these | makes objects as given, read-only properties included (kinds `user`, `group`, `orgContact`, `device`, `servicePrincipal`, …); answers `{"ids":[…]}` |
//! | `PATCH /_sandbox/objects/{id}` `{…}` | sets properties, read-only ones included |
//! | `DELETE /_sandbox/objects/{id}` | removes it for good |
//! | `POST /_sandbox/links` `{"owner":…,"link":"members","targets":[…]}` | links in bulk |
//! | `POST /_sandbox/domains` `{"name":"example.com","federated":false}` | adds a verified domain |
//! | `PUT /_sandbox/permissions` `["User.Read.All",…]` | the application permissions that new tokens carry |
//! | `POST /_sandbox/faults` `{"kind":"status","status":429,"retryAfter":"1","count":3,"skip":0,"method":"PATCH","path":"/users"}` | strikes the next requests that fit; kinds `status`, `drop` (`afterWork`: the write is made first), `slow` (`milliseconds`). In a batch, `status` strikes single items |
//! | `DELETE /_sandbox/faults` | forgets them |
//! | `POST /_sandbox/delta/reset` | old delta tokens answer 410 from now on |
//! | `PUT /_sandbox/lag` `{"milliseconds":500}` | objects made from now on answer 404 by their keys for so long, as on a replica that lags |
//! | `GET /_sandbox/tenant` | tenant id, domains, counts |
//! | `GET /_sandbox/requests` | the last 10,000 Graph requests with their status, items of batches one by one; `DELETE` forgets them |

mod applications;
mod auth;
mod batch;
mod call;
mod deleted;
mod delta;
mod devices;
mod directory;
mod extensions;
mod failure;
mod faults;
mod graph;
mod groups;
mod journal;
mod links;
mod lists;
mod membership;
mod model;
mod objects;
mod organization;
mod path;
mod permissions;
mod query;
mod replicas;
mod rules;
mod seed;
mod server;
mod store;
mod sync_behavior;
mod throttle;
mod token;
mod users;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use directory::Directory;

/// Whether Graph's limits on requests apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quota {
    /// As Microsoft documents them: 3,000 writes in 150 seconds, and resource units.
    Real,
    /// No limits.
    #[default]
    Off,
}

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// File that keeps the directory; without it, it lives in memory.
    pub data: Option<PathBuf>,
    /// The one client id and secret that get a token; without it, any do.
    pub client: Option<(String, String)>,
    /// Limits on requests.
    pub quota: Quota,
    /// The tenant's initial domain.
    pub tenant: String,
    /// More verified domains.
    pub domains: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            data: None,
            client: None,
            quota: Quota::Off,
            tenant: "contoso.onmicrosoft.com".to_owned(),
            domains: Vec::new(),
        }
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: choose another address")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The data file cannot be read or written.
    #[error("cannot use the data file `{}`", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another sandbox has the data file open.
    #[error("the data file `{}` is in use by another sandbox: stop that one or name another file", path.display())]
    DataInUse {
        /// The file.
        path: PathBuf,
    },
    /// A line of the data file is not one of ours.
    #[error("line {line} of the data file `{}` is damaged or not from this program", path.display())]
    DataLine {
        /// The file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// A running server.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a server on `listen`; port 0 takes a free one.
    pub async fn start(listen: SocketAddr, options: Options) -> Result<Sandbox, Error> {
        let directory = Arc::new(Directory::open(options)?);
        let failed = |source| Error::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(server::serve(listener, address, directory, stopped));
        Ok(Sandbox {
            address,
            stop,
            server,
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS`: the base of both the token endpoint and Graph.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves for ever, or until the future is dropped.
    pub async fn run(self) {
        let _ = self.server.await;
    }

    /// Takes no more connections and lets running requests finish.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.server.await;
    }
}

/// Now, to the second, as Graph writes it.
fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// What tokens are signed with.
fn key(store: &store::Store) -> Vec<u8> {
    store.meta("key").unwrap_or_default().as_bytes().to_vec()
}
