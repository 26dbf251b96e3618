//! What the node is, and sequences.

use super::kit::{Source, Transaction};
use super::tables::{META, SEQUENCES};
use super::{Error, Tables};
use redb::ReadableTable;

impl<S: Source> Tables<S> {
    fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self.source.table(META)?.get(key)?.map(|value| value.value().to_owned()))
    }

    /// The node's identity, chosen at its creation.
    ///
    /// # Errors
    /// The database's.
    pub fn node_id(&self) -> Result<Option<String>, Error> {
        self.meta("node_id")
    }

    /// The profile, which never changes after the creation.
    ///
    /// # Errors
    /// The database's.
    pub fn profile(&self) -> Result<Option<String>, Error> {
        self.meta("profile")
    }

    /// The number of the last portal event that was taken over.
    ///
    /// # Errors
    /// The database's.
    pub fn event_cursor(&self) -> Result<u64, Error> {
        match self.meta("event_cursor")? {
            None => Ok(0),
            Some(text) => text.parse().map_err(|_| Error::corrupt("meta", "event_cursor is no number")),
        }
    }
}

impl Tables<&Transaction> {
    /// Sets the node's identity.
    ///
    /// # Errors
    /// The database's.
    pub fn set_node_id(&mut self, id: &str) -> Result<(), Error> {
        self.source.set(META, "node_id", id)
    }

    /// Sets the profile.
    ///
    /// # Errors
    /// The database's.
    pub fn set_profile(&mut self, profile: &str) -> Result<(), Error> {
        self.source.set(META, "profile", profile)
    }

    /// Sets the number of the last portal event that was taken over.
    ///
    /// # Errors
    /// The database's.
    pub fn set_event_cursor(&mut self, number: u64) -> Result<(), Error> {
        self.source.set(META, "event_cursor", number.to_string().as_str())
    }

    pub(super) fn next(&self, sequence: &str, first: u64) -> Result<u64, Error> {
        self.source.next(SEQUENCES, sequence, first)
    }

    pub(super) fn next_u32(&self, sequence: &str) -> Result<u32, Error> {
        u32::try_from(self.next(sequence, 1)?).map_err(|_| Error::corrupt("sequences", format!("{sequence} ran out")))
    }
}
