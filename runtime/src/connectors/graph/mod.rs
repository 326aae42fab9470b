//! Entra ID over Microsoft Graph.
//!
//! Reading goes by delta queries ([`GraphConnector::import`]), writing by batches of twenty requests
//! ([`GraphConnector::write`]). What a write becomes is decided by `request` and `job`, which send
//! nothing; `queue`, `throttle` and `export` decide when it goes.

mod answer;
mod assertion;
mod batch;
mod client;
mod credential;
mod delta;
mod denied;
mod error;
mod export;
mod job;
mod lookup;
mod made;
mod queue;
mod request;
mod step;
mod throttle;
mod token;
mod value;

pub(crate) use value::typed;
mod watermark;

use std::time::Duration;

use tokio::time::Instant;

use self::client::Client;
use self::export::Export;
use self::made::Made;
use self::throttle::Throttle;
use super::{Imported, Outcome, Selection, Sink, Write};
use crate::config::Entra;
use crate::error::Error;

/// A connection to one tenant.
pub struct GraphConnector {
    client: Client,
    throttle: Throttle,
    made: Made,
}

impl GraphConnector {
    /// Prepares a connection; nothing is sent yet. `name` is the connector's in the configuration.
    pub fn new(name: &str, config: &Entra) -> Result<GraphConnector, Error> {
        let client = Client::new(name, config)?;
        Ok(GraphConnector {
            client,
            throttle: Throttle::new(Instant::now(), config.writes_per_second),
            made: Made::default(),
        })
    }

    /// Proves that the credential works and Graph answers.
    pub async fn check(&mut self) -> Result<(), Error> {
        lookup::check(&self.client).await
    }

    /// Reads what changed since the watermark, or everything where there is none or it is not good any
    /// more (other selection, lost by the service).
    ///
    /// Attributes that Graph keeps outside the directory (`aboutMe`, `mailboxSettings`, …) are not told
    /// in lists: they, and passwords, are never asked for and never delivered. While everything is read,
    /// pages come without a watermark; the last one brings it. An interrupted reading starts over.
    pub async fn import(
        &mut self,
        selection: &Selection,
        watermark: Option<&[u8]>,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Imported, Error> {
        delta::import(&self.client, selection, watermark, sink).await
    }

    /// Carries the writes out, in no particular order save that those of one object stay in order.
    /// Every write gets exactly one outcome, as soon as it is known, also when the whole fails: then
    /// those that were not carried out get a transient failure.
    pub async fn write(
        &mut self,
        writes: Vec<Write>,
        outcomes: &mut (dyn FnMut(Outcome) + Send),
    ) -> Result<(), Error> {
        self.made.forget_old();
        Export::new(
            &self.client,
            &mut self.throttle,
            &mut self.made,
            writes,
            outcomes,
        )
        .run()
        .await
    }

    /// How long so many writes take at the write budget; none while nothing limits them.
    pub fn time_for(&mut self, writes: u64) -> Option<Duration> {
        self.throttle.time_for(Instant::now(), writes)
    }

    /// Ids of the objects of a type that have a value.
    pub async fn find(
        &mut self,
        object_type: &str,
        property: &str,
        value: &str,
    ) -> Result<Vec<String>, Error> {
        lookup::find(&self.client, object_type, property, value).await
    }

    /// Id of the deleted object of a type that has a value, where it can still be restored.
    pub async fn deleted(
        &mut self,
        object_type: &str,
        property: &str,
        value: &str,
    ) -> Result<Option<String>, Error> {
        lookup::deleted(&self.client, object_type, property, value).await
    }
}
