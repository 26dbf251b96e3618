//! API keys.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::{API_KEYS, API_KEYS_BY_ORGANIZATION};
use super::{Error, Tables};
use crate::domain::api_key::ApiKey;
use crate::domain::ids::ClientOrganizationId;
use redb::ReadableTable;

impl Record for ApiKey {}

impl<S: Source> Tables<S> {
    /// A key, revoked ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn api_key(&self, key: &str) -> Result<Option<ApiKey>, Error> {
        self.source.record(API_KEYS, key)
    }

    /// The keys of a client organization, revoked ones too, the first registered first.
    ///
    /// # Errors
    /// The database's.
    pub fn api_keys_of(&self, organization: ClientOrganizationId) -> Result<Vec<ApiKey>, Error> {
        let index = self.source.table(API_KEYS_BY_ORGANIZATION)?;
        let mut keys = Vec::new();
        for row in index.range((organization.0, "")..)? {
            let (key, ()) = row.map(|(key, _)| (key, ()))?;
            let (owner, key) = key.value();
            if owner != organization.0 {
                break;
            }
            keys.extend(self.api_key(key)?);
        }
        keys.sort_by_key(|key| key.registered_at);
        Ok(keys)
    }
}

impl Tables<&Transaction> {
    /// Puts a key; its organization never changes.
    ///
    /// # Errors
    /// The database's.
    pub fn put_api_key(&mut self, key: &ApiKey) -> Result<(), Error> {
        self.source.set(API_KEYS_BY_ORGANIZATION, (key.organization.0, key.key.as_str()), ())?;
        self.source.put(API_KEYS, key.key.as_str(), key)
    }
}
