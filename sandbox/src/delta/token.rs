//! Delta tokens: opaque outside, the query and a place in the sequence of changes inside.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::model::Kind;
use crate::organization;
use crate::store::Store;

const LIFE: i64 = 7 * 24 * 3600;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The directory it was made by.
    tenant: Uuid,
    kind: Option<Kind>,
    pub select: Option<Vec<String>>,
    pub ids: Option<Vec<Uuid>>,
    /// What the client knew before this round.
    pub since: u64,
    /// Where the directory stood when this round began.
    pub started: u64,
    /// Changes up to here have been told.
    pub position: u64,
    /// An object whose links did not fit on the page, and how far they got.
    pub pending: Option<(Uuid, (usize, u64))>,
    is_delta: bool,
    epoch: String,
    made: i64,
}

/// Why a token is of no use.
pub(crate) enum Refused {
    Unknown,
    Reset(Option<Vec<String>>),
}

impl Token {
    pub fn new(
        store: &Store,
        kind: Option<Kind>,
        select: Option<Vec<String>>,
        ids: Option<Vec<Uuid>>,
    ) -> Token {
        Token {
            tenant: tenant(store),
            kind,
            select,
            ids,
            since: 0,
            started: store.sequence(),
            position: 0,
            pending: None,
            is_delta: false,
            epoch: epoch(store),
            made: 0,
        }
    }

    /// Starts a round for a client that knows everything up to `place`.
    pub fn begin_at(&mut self, place: u64) {
        (self.since, self.position, self.pending) = (place, place, None);
    }

    pub fn write(&self, is_delta: bool) -> String {
        let token = Token {
            is_delta,
            made: jiff::Timestamp::now().as_second(),
            ..self.clone()
        };
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
    }

    pub fn read(
        text: &str,
        store: &Store,
        kind: Option<Kind>,
        is_delta: bool,
    ) -> Result<Token, Refused> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Refused::Unknown)?;
        let token: Token = serde_json::from_slice(&bytes).map_err(|_| Refused::Unknown)?;
        let expired = jiff::Timestamp::now().as_second() - token.made > LIFE;
        let foreign =
            token.tenant != tenant(store) || token.kind != kind || token.is_delta != is_delta;
        if expired || foreign || token.position > store.sequence() {
            return Err(Refused::Unknown);
        }
        if token.epoch != epoch(store) {
            return Err(Refused::Reset(token.select));
        }
        Ok(token)
    }
}

fn tenant(store: &Store) -> Uuid {
    organization::get(store)
        .map(|organization| organization.id)
        .unwrap_or_default()
}

/// Changes when the directory forgets what it has told.
fn epoch(store: &Store) -> String {
    store.meta("epoch").unwrap_or_default().to_owned()
}

impl Refused {
    /// The answer, for a delta query at `url`.
    pub fn failure(self, url: &str) -> Failure {
        match self {
            Refused::Unknown => Failure::new(
                400,
                "syncStateNotFound",
                "The sync state generation is not found; start a full synchronization.",
            ),
            Refused::Reset(select) => {
                let select = select
                    .map(|names| format!("$select={}&", names.join(",")))
                    .unwrap_or_default();
                let headers = vec![("Location", format!("{url}?{select}$deltatoken="))];
                Failure {
                    headers,
                    ..Failure::new(
                        410,
                        "resyncRequired",
                        "The delta token is no longer valid; start a full synchronization.",
                    )
                }
            }
        }
    }
}
