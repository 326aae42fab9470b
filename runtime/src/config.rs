//! The configuration file, `trib.toml`.

mod check;
mod load;
mod secret;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// A whole configuration. Paths are relative to the working directory or absolute.
#[derive(Debug, Clone)]
pub struct Config {
    /// A folder of rules, or a bundle.
    pub rules: PathBuf,
    /// Run only a bundle that this public key (PEM) signed.
    pub rules_key: Option<PathBuf>,
    /// The file of the store.
    pub state: PathBuf,
    /// Never exports.
    pub staging: bool,
    /// The connected directories, by the names the rules give them.
    pub connector: BTreeMap<String, Connector>,
    /// Limits above which a plan needs approval.
    pub guard: Guard,
    /// Parameters of the deployment: `Param.usageLocation`.
    pub params: BTreeMap<String, String>,
    /// When the service runs its cycles.
    pub schedule: Schedule,
    /// How long the history is kept.
    pub history: History,
}

/// A connected directory.
#[derive(Debug, Clone)]
pub enum Connector {
    /// `kind = "ad"`: Active Directory over LDAP, or a file that stands for it.
    Ad(Ad),
    /// `kind = "entra"`: Entra ID over Microsoft Graph.
    Entra(Entra),
}

/// Active Directory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ad {
    /// `ldaps://host[:port]` or `ldap://host[:port]`; the first that answers is used.
    #[serde(default, deserialize_with = "load::one_or_many")]
    pub url: Vec<String>,
    /// Upgrade an `ldap://` connection before anything is sent.
    #[serde(default)]
    pub starttls: bool,
    /// Naming contexts to read.
    #[serde(default, deserialize_with = "load::one_or_many")]
    pub base: Vec<String>,
    /// Who we are.
    pub bind: Option<Bind>,
    /// A file with an extra trust anchor (PEM).
    pub ca: Option<PathBuf>,
    /// The directory's schema, as `trib schema pull` wrote it: rules that do not fit it are refused.
    pub schema: Option<PathBuf>,
    /// A file that stands for the directory, instead of `url`.
    pub ldif: Option<PathBuf>,
}

/// A simple bind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bind {
    /// User principal name or dn.
    pub user: String,
    /// Its password.
    pub password: Secret,
}

/// Where a secret is kept. It is read when needed and never printed.
#[derive(Debug, Clone)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file; a line end at its end does not count.
    File(PathBuf),
}

/// Entra ID.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entra {
    /// Tenant id or one of its domains.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    /// How the application proves who it is.
    pub credential: Credential,
    /// Address of Graph.
    #[serde(default = "default_graph")]
    pub graph: String,
    /// Address of the token service.
    #[serde(default = "default_login")]
    pub login: String,
    /// The write budget: no more than so many a second for good, and 150 seconds' worth in a row. Graph
    /// allows an application 20 in a tenant; without the key, that holds once Graph tells it is near.
    pub writes_per_second: Option<f64>,
}

fn default_graph() -> String {
    "https://graph.microsoft.com".to_owned()
}

fn default_login() -> String {
    "https://login.microsoftonline.com".to_owned()
}

/// How an application proves who it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// A client secret.
    Secret(Secret),
    /// A certificate with its key (PEM).
    Certificate(PathBuf),
    /// A file with a token of another issuer.
    #[serde(rename = "federated_token")]
    FederatedToken(PathBuf),
    /// The identity of the machine we run on.
    ManagedIdentity,
}

/// Limits above which a plan needs approval.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Deletes per connector and object type.
    #[serde(default)]
    pub deletes: Limit,
    /// References taken away from objects that stay.
    #[serde(default)]
    pub member_removals: Limit,
    /// Objects that lose a value without another in its place.
    #[serde(default)]
    pub clears: Limit,
    /// Accounts that are disabled.
    #[serde(default)]
    pub disables: Limit,
}

/// A limit: the smaller of both counts, though never less than 5.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// So many objects.
    #[serde(default = "default_count")]
    pub count: u64,
    /// So many of a hundred.
    #[serde(default = "default_percent")]
    pub percent: f64,
}

fn default_count() -> u64 {
    500
}

fn default_percent() -> f64 {
    10.0
}

impl Default for Limit {
    fn default() -> Limit {
        Limit {
            count: default_count(),
            percent: default_percent(),
        }
    }
}

/// When the service runs its cycles.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Time between cycles: `every = "2m"`.
    #[serde(default, deserialize_with = "load::duration")]
    pub every: Option<Duration>,
}

/// How long the history of runs and writes is kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// `keep = "90d"`.
    #[serde(deserialize_with = "load::period")]
    pub keep: Duration,
}

impl Default for History {
    fn default() -> History {
        History {
            keep: Duration::from_secs(90 * 86400),
        }
    }
}
