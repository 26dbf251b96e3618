//! Sessions as they were last read, while nothing they rest on has changed: most requests come from people who asked
//! for something a moment ago.

use super::{Current, SessionHash};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The most sessions that are known at once.
const MOST: usize = 4_096;

/// Sessions of one version of the people of the node: any change of a session, a user, an organization or a branch
/// makes all of them unknown.
#[derive(Debug, Default)]
pub struct Known(Mutex<Generation>);

#[derive(Debug, Default)]
struct Generation {
    version: u64,
    sessions: HashMap<SessionHash, Current>,
}

impl Known {
    /// A session as it was read at this version.
    pub(super) fn get(&self, hash: &SessionHash, version: u64) -> Option<Current> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.version == version { known.sessions.get(hash).cloned() } else { None }
    }

    /// Keeps what was read from a snapshot that was taken after this version.
    pub(super) fn keep(&self, version: u64, current: &Current) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.version > version {
            return;
        }
        if known.version < version || known.sessions.len() >= MOST {
            *known = Generation { version, sessions: HashMap::new() };
        }
        known.sessions.insert(current.hash, current.clone());
    }
}
