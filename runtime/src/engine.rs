//! The engine: rules, store and connectors of one deployment.

use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use trib_compiler::ir;
use trib_compiler::schema::Kind;
use trib_compiler::types::Base;
use trib_compiler::value::Ticks;

use crate::config::{self, Config};
use crate::connectors::graph::GraphConnector;
use crate::connectors::ldap::LdapSource;
use crate::connectors::ldif::LdifSource;
use crate::connectors::{Imported, SelectedAttribute, Selection};
use crate::error::Error;
use crate::progress::Progress;
use crate::store::{ImportSink, Store};
use crate::sync::{Basis, Evaluated, Parameters, Program, Stale, Synchronizer};

/// Ticks between 1601 and 1970.
const UNIX_EPOCH_TICKS: i64 = 116_444_736_000_000_000;

/// The current instant.
pub fn now() -> Ticks {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UNIX_EPOCH_TICKS + i64::try_from(since.as_nanos() / 100).unwrap_or_default()
}

/// A connection to a directory.
pub(crate) enum Connection {
    Ldif(LdifSource),
    Ldap(Box<LdapSource>),
    Graph(Box<GraphConnector>),
    /// Connected to nothing, for tests of rules.
    None,
}

/// Rules, store and connectors of one deployment.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) program: Program,
    pub(crate) connections: Vec<Connection>,
    pub(crate) parameters: Parameters,
    pub(crate) rules_hash: String,
    pub(crate) guard: config::Guard,
    pub(crate) staging: bool,
    /// The run of the history that is under way.
    pub(crate) run: Option<i64>,
    pub(crate) keep: std::time::Duration,
}

impl Engine {
    /// Opens the store of a deployment and prepares its connections; nothing is sent yet.
    pub fn open(rules: ir::Rules, config: &Config) -> Result<Engine, Error> {
        let mut connections = Vec::new();
        for connector in &rules.connectors {
            connections.push(connect(connector, config)?);
        }
        let store = Store::open(&config.state)?;
        let parameters = Parameters {
            given: config.params.clone(),
        };
        let mut engine = Engine::over(store, rules, parameters)?;
        engine.connections = connections;
        engine.guard = config.guard;
        engine.staging = config.staging;
        engine.keep = config.history.keep;
        Ok(engine)
    }

    /// An engine over a store, connected to nothing.
    pub fn over(store: Store, rules: ir::Rules, parameters: Parameters) -> Result<Engine, Error> {
        if let Some(missing) = rules
            .parameters
            .iter()
            .find(|name| name.starts_with("Param.") && !parameters.given.contains_key(*name))
        {
            return Err(Error::configuration(format!(
                "the rules read `%{missing}%`, and the configuration does not set it"
            ))
            .help(format!("add it: [params] \"{missing}\" = \"…\"")));
        }
        let mut hash = Sha256::new();
        hash.update(trib_compiler::bundle::hash(&rules));
        hash.update(format!("{:?}", parameters.given));
        let rules_hash = hex(&hash.finalize());
        let connections = rules.connectors.iter().map(|_| Connection::None).collect();
        let program = {
            store.begin()?;
            let linked = Program::link(rules, &store);
            match linked.and_then(|program| store.commit().map(|()| program)) {
                Ok(program) => program,
                Err(error) => {
                    store.rollback();
                    return Err(error);
                }
            }
        };
        Ok(Engine {
            store,
            program,
            connections,
            parameters,
            rules_hash,
            guard: config::Guard::default(),
            staging: false,
            run: None,
            keep: config::History::default().keep,
        })
    }

    /// Reads what changed in every directory, or everything (`full`).
    pub async fn import(&mut self, full: bool, progress: &dyn Progress) -> Result<(), Error> {
        for at in 0..self.connections.len() {
            self.import_connector(at, full, progress).await?;
        }
        Ok(())
    }

    async fn import_connector(
        &mut self,
        at: usize,
        full: bool,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let name = self.program.connector_name(at).to_owned();
        let selection = self.selection(at);
        let Some((number, _)) = self.program.connectors.get(at) else {
            return Ok(());
        };
        let number = *number;
        if selection.object_types.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = selection
            .attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .collect();
        let types = self.program.type_maps(at, &names);
        let identity = identity(&selection);
        let watermark = match full {
            true => None,
            false => self.store.watermark(number, &identity)?,
        };
        self.store.forget_malformed(&name)?;
        let Some(connection) = self.connections.get_mut(at) else {
            return Ok(());
        };
        progress.begin(&format!("reading {name}"), None);
        let mut sink = ImportSink::new(&mut self.store, number, &name, &types, &identity)?;
        let watermark = watermark.as_deref();
        let imported = match connection {
            Connection::Ldif(source) => source.import(&selection, watermark, &mut sink).await,
            Connection::Ldap(source) => source.import(&selection, watermark, &mut sink).await,
            Connection::Graph(source) => source.import(&selection, watermark, &mut sink).await,
            Connection::None => Ok(Imported::Delta),
        };
        match imported {
            Ok(Imported::Full) => sink.finish_full(&self.guard.deletes)?,
            Ok(Imported::Delta) => sink.finish_delta()?,
            Err(error) => {
                sink.rollback();
                return Err(error);
            }
        }
        progress.advance(sink.seen);
        progress.end();
        Ok(())
    }

    /// What is asked of a connector: the attributes that rules read or write, and nothing else.
    pub(crate) fn selection(&self, at: usize) -> Selection {
        let mut selection = Selection::default();
        let Some(connector) = self.program.rules.connectors.get(at) else {
            return selection;
        };
        for (ty_at, ty) in connector.object_types.iter().enumerate() {
            selection.object_types.push(ty.name.clone());
            for attribute in &ty.attributes {
                let own_dn = matches!(attribute.ty.base, Base::Dn) && !attribute.reference;
                if own_dn || attribute.name == "passwordProfile" {
                    continue;
                }
                select(&mut selection, attribute, ty_at);
            }
            if connector.kind == Kind::Entra && matches!(ty.name.as_str(), "user" | "group") {
                let owned = ir::Attribute {
                    name: "onPremisesSyncEnabled".to_owned(),
                    ty: trib_compiler::types::Type::one(Base::Bool).or_absent(),
                    indexed: false,
                    unique: false,
                    reference: false,
                    required: false,
                    read: true,
                };
                select(&mut selection, &owned, ty_at);
            }
        }
        selection
    }

    /// Brings metaverse and pending exports in line with what was imported.
    pub fn synchronize(&mut self, progress: &dyn Progress) -> Result<Evaluated, Error> {
        self.synchronize_at(now(), progress)
    }

    /// The same at a given instant.
    pub fn synchronize_at(
        &mut self,
        now: Ticks,
        progress: &dyn Progress,
    ) -> Result<Evaluated, Error> {
        let basis = Basis::of(&self.program.rules, &self.parameters);
        let stale = match self.basis()? {
            Some(before) if !self.clock_went_back(now)? => basis.since(&before),
            _ => Stale::All,
        };
        if !stale.is_none() {
            self.store
                .transaction(|| stale.touch(&self.store, &self.program))?;
        }
        let synchronizer = Synchronizer::new(&self.store, &self.program, &self.parameters, now);
        let evaluated = synchronizer.run(progress)?;
        if !stale.is_none() {
            let basis = serde_json::to_string(&basis)
                .map_err(|error| Error::internal(error.to_string()))?;
            self.store.set("basis", &basis)?;
        }
        self.store.set("clock", &now.to_string())?;
        Ok(evaluated)
    }

    /// The rules that the store was evaluated with, if that is known.
    fn basis(&self) -> Result<Option<Basis>, Error> {
        let kept = self.store.setting("basis")?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
    }

    /// What was noted of the instants ahead does not help to go back.
    fn clock_went_back(&self, now: Ticks) -> Result<bool, Error> {
        if !self.program.timed {
            self.store.forget_wakes()?;
            return Ok(false);
        }
        let before = self.store.setting("clock")?;
        let before: Option<Ticks> = before.and_then(|before| before.parse().ok());
        Ok(before.is_none_or(|before| now < before))
    }

    /// The next instant at which a rule that reads the clock may come out differently for some object,
    /// beside those that may in every cycle.
    pub fn next_wake(&self) -> Result<Option<Ticks>, Error> {
        self.store.next_wake()
    }
}

fn select(selection: &mut Selection, attribute: &ir::Attribute, ty_at: usize) {
    match selection
        .attributes
        .iter_mut()
        .find(|known| known.name == attribute.name)
    {
        Some(known) => known.object_types.push(ty_at),
        None => selection.attributes.push(SelectedAttribute {
            name: attribute.name.clone(),
            ty: attribute.ty.clone(),
            reference: attribute.reference,
            object_types: vec![ty_at],
        }),
    }
}

/// What identifies a selection: a change of it makes the next import a full one.
fn identity(selection: &Selection) -> String {
    let mut hash = Sha256::new();
    for name in &selection.object_types {
        hash.update(name);
        hash.update([0]);
    }
    for attribute in &selection.attributes {
        hash.update(&attribute.name);
        hash.update(format!("{:?}", attribute.object_types));
        hash.update([u8::from(attribute.reference)]);
    }
    hex(&hash.finalize())
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn connect(connector: &ir::Connector, config: &Config) -> Result<Connection, Error> {
    let name = &connector.name;
    let Some(settings) = config.connector.get(name) else {
        let known: Vec<&str> = config.connector.keys().map(String::as_str).collect();
        return Err(Error::configuration(format!(
            "the rules name connector `{name}`, and the configuration has no [connector.{name}]"
        ))
        .help(match known.is_empty() {
            true => format!(
                "add [connector.{name}] with kind = \"{}\"",
                connector.kind.name()
            ),
            false => format!("add it; the configuration has {}", known.join(", ")),
        }));
    };
    match (connector.kind, settings) {
        (Kind::Ad, config::Connector::Ad(ad)) if ad.ldif.is_some() => {
            Ok(Connection::Ldif(LdifSource::new(name, ad)?))
        }
        (Kind::Ad, config::Connector::Ad(ad)) => {
            Ok(Connection::Ldap(Box::new(LdapSource::new(name, ad)?)))
        }
        (Kind::Entra, config::Connector::Entra(entra)) => Ok(Connection::Graph(Box::new(
            GraphConnector::new(name, entra)?,
        ))),
        (kind, _) => Err(Error::configuration(format!(
            "the rules say that connector `{name}` is of kind `{}`, the configuration says another",
            kind.name()
        ))
        .help(format!(
            "write kind = \"{}\" in [connector.{name}]",
            kind.name()
        ))),
    }
}
