//! Rendered lists, kept while nothing in them has changed. A fragment holds nothing of its reader: no name, no token.

use crate::domain::search::Scope;
use crate::web::procedure::place::Kind;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of fragments in each of the two generations.
const ROOM: usize = 4 << 20;

/// Which list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose; a garage's and an agent's lists differ in columns too.
    pub scope: Scope,
    /// A garage's list with what can be sent.
    pub may_send: bool,
    /// The procedure's code.
    pub procedure: u8,
    /// 依頼データ or 申請データ.
    pub kind: Kind,
    /// Conditions, page, size and order in their one form.
    pub query: String,
}

impl Key {
    /// What tells it apart from all others.
    pub fn bytes(&self) -> Vec<u8> {
        let (side, organization, branch) = match self.scope {
            Scope::Client(organization, branch) => (1, organization.0, branch.map(|branch| branch.0)),
            Scope::Agent(organization, branch) => (2, organization.0, branch.map(|branch| branch.0)),
        };
        let mut bytes = vec![side, u8::from(self.may_send), self.procedure, self.kind as u8, branch.is_some().into()];
        bytes.extend_from_slice(&organization.to_le_bytes());
        bytes.extend_from_slice(&branch.unwrap_or(0).to_le_bytes());
        bytes.extend_from_slice(self.query.as_bytes());
        bytes.push(b'\n');
        bytes
    }
}

/// A rendered list.
#[derive(Debug, Clone)]
struct Entry {
    version: u64,
    html: Arc<String>,
}

/// The cache: entries that were used since the last turn, and those of the turn before, which are dropped next.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Entry>,
    old: HashMap<Key, Entry>,
    young_bytes: usize,
}

/// Rendered lists of the whole node.
#[derive(Debug, Default)]
pub struct Fragments(Mutex<Generations>);

impl Fragments {
    /// The fragment of this list at this version of its data, rendered when it is not there.
    ///
    /// # Errors
    /// Those of `render`; nothing is kept then.
    pub fn get<E>(&self, key: Key, version: u64, render: impl FnOnce() -> Result<String, E>) -> Result<Arc<String>, E> {
        if let Some(html) = self.kept(&key, version) {
            return Ok(html);
        }
        // Rendered without the lock: two readers may do it at once, which harms nobody.
        let html = Arc::new(render()?);
        self.keep(key, Entry { version, html: Arc::clone(&html) });
        Ok(html)
    }

    fn kept(&self, key: &Key, version: u64) -> Option<Arc<String>> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = cache.young.get(key) {
            return (entry.version == version).then(|| Arc::clone(&entry.html));
        }
        let entry = cache.old.remove(key).filter(|entry| entry.version == version)?;
        let html = Arc::clone(&entry.html);
        cache.put(key.clone(), entry);
        Some(html)
    }

    fn keep(&self, key: Key, entry: Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, entry);
    }
}

impl Generations {
    fn put(&mut self, key: Key, entry: Entry) {
        let size = entry.html.len();
        if size > ROOM {
            return;
        }
        if self.young_bytes + size > ROOM {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += size;
        if let Some(replaced) = self.young.insert(key, entry) {
            self.young_bytes = self.young_bytes.saturating_sub(replaced.html.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ClientOrganizationId;
    use std::convert::Infallible;

    fn key(query: &str) -> Key {
        Key {
            scope: Scope::Client(ClientOrganizationId(1), None),
            may_send: false,
            procedure: 1,
            kind: Kind::Requests,
            query: query.to_owned(),
        }
    }

    fn get(cache: &Fragments, query: &str, version: u64, fresh: &str) -> String {
        cache.get(key(query), version, || Ok::<_, Infallible>(fresh.to_owned())).unwrap().to_string()
    }

    #[test]
    fn a_fragment_lives_as_long_as_its_data() {
        let cache = Fragments::default();
        assert_eq!(get(&cache, "", 1, "first"), "first");
        assert_eq!(get(&cache, "", 1, "never drawn"), "first");
        assert_eq!(get(&cache, "page=2", 1, "other"), "other");
        assert_eq!(get(&cache, "", 2, "second"), "second");
        assert_eq!(get(&cache, "", 2, "never drawn"), "second");
    }

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let cache = Fragments::default();
        let big = "x".repeat(ROOM / 4);
        assert_eq!(get(&cache, "used", 1, "used"), "used");
        for i in 0..40 {
            get(&cache, &i.to_string(), 1, &big);
            assert_eq!(get(&cache, "used", 1, "never drawn"), "used");
        }
        let cache = cache.0.into_inner().unwrap();
        assert!(cache.young.len() + cache.old.len() < 12);
    }
}
