//! Active Directory over LDAP.

mod ber;
mod dirsync;
mod entry;
mod failure;
mod filter;
mod import;
mod ranges;
mod refusal;
pub(crate) mod request;
mod schema;
mod session;
mod watermark;
mod write;

use trib_compiler::schema::pulled::PulledSchema;

use self::import::Import;
use self::session::Session;
use super::{Imported, Selection, Sink};
use crate::config::Ad;
use crate::error::Error;

/// Reads a directory over LDAP, and writes to it.
#[derive(Debug)]
pub struct LdapSource {
    connector: String,
    config: Ad,
}

impl LdapSource {
    /// The source of a connector whose configuration names servers.
    pub fn new(connector: &str, config: &Ad) -> Result<LdapSource, Error> {
        if config.url.is_empty() {
            return Err(Error::configuration(format!(
                "connector `{connector}` has no `url`"
            )));
        }
        Ok(LdapSource {
            connector: connector.to_owned(),
            config: config.clone(),
        })
    }

    /// Delivers what changed since the watermark, or everything where there is none or the server does
    /// not accept it.
    pub async fn import(
        &mut self,
        selection: &Selection,
        watermark: Option<&[u8]>,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Imported, Error> {
        let session = Session::open(&self.connector, &self.config).await?;
        Import::new(session, selection, &self.config.base, sink)
            .await?
            .run(watermark)
            .await
    }

    /// The schema of the directory.
    pub async fn schema(&mut self) -> Result<PulledSchema, Error> {
        let mut session = Session::open(&self.connector, &self.config).await?;
        schema::pull(&mut session).await
    }
}
