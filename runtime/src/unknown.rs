//! What `trib explain` says of an object that is in error, or not there any more.

use crate::engine::Engine;
use crate::error::Error;
use crate::plan::ObjectError;
use crate::store::Entry;

impl Engine {
    /// Nothing in the store has this name: the history may tell what became of it.
    pub(crate) fn unknown(&self, name: &str) -> Result<Error, Error> {
        let writes = self.store.writes_of_object(name, 1)?;
        let deleted = writes
            .first()
            .filter(|write| write.op == "delete" && write.code.is_none());
        Ok(match deleted {
            Some(write) => Error::refused(format!(
                "`{}` was deleted in `{}` in run {} at {}: {}",
                write.name, write.connector, write.run, write.time, write.because
            ))
            .help(format!(
                "`trib history --object '{name}'` shows all that was written of it"
            )),
            None => Error::refused(format!("there is no object `{name}` in the store")).help(
                "name it by its dn, userPrincipalName, anchor or metaverse id; `trib plan` imports \
                 what is new",
            ),
        })
    }

    /// What is wrong with an object and its entries.
    pub(crate) fn errors_of(
        &self,
        object: Option<i64>,
        entries: &[Entry],
    ) -> Result<Vec<ObjectError>, Error> {
        let mut errors = Vec::new();
        if let Some(object) = object {
            errors.extend(self.store.errors_of(0, object)?);
        }
        for entry in entries {
            errors.extend(self.store.errors_of(1, entry.id)?);
        }
        Ok(errors)
    }
}
