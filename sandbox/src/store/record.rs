//! What can happen to the directory: the unit of change, of the data file and of replay.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::links::Link;
use super::object::Values;
use crate::model::Kind;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Record {
    Create {
        id: Uuid,
        kind: Kind,
        values: Values,
    },
    Set {
        id: Uuid,
        values: Values,
    },
    Link {
        owner: Uuid,
        link: Link,
        targets: Vec<Uuid>,
    },
    Unlink {
        owner: Uuid,
        link: Link,
        targets: Vec<Uuid>,
    },
    Delete {
        id: Uuid,
        at: String,
    },
    Restore {
        id: Uuid,
    },
    Purge {
        id: Uuid,
    },
    Meta {
        name: String,
        value: String,
    },
}
