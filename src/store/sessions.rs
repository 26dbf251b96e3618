//! Sessions, and wrong passwords. Tokens are kept as hashes only.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{FAILURES, SESSIONS, SESSIONS_BY_USER};
use super::{Error, Tables};
use crate::domain::ids::UserId;
use crate::domain::role::Application;
use crate::domain::time::SystemTime;
use minicbor::{Decode, Encode};
use redb::{ReadableTable, TableHandle};

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Session {
    /// The application it is for; no other accepts it.
    #[n(0)]
    pub application: Application,
    /// Who.
    #[n(1)]
    pub user: UserId,
    /// Since when.
    #[n(2)]
    pub created: SystemTime,
    /// Last request, as far as it was written.
    #[n(3)]
    pub last_seen: SystemTime,
    /// The version of the user it was made for.
    #[n(4)]
    pub user_version: u32,
    /// Signs the tokens of its forms.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Leads only to パスワード更新.
    #[n(6)]
    pub must_change: bool,
    /// The procedure last chosen, by its code.
    #[n(7)]
    pub procedure: Option<u8>,
    /// Whose password it rests on, when it was switched to from a session of theirs: a user of the same person. Once
    /// they are no longer one person, it is over.
    #[n(8)]
    pub signed_in_as: Option<UserId>,
}

impl Record for Session {}

/// Wrong passwords for one account from one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Failures {
    /// How many in a row.
    #[n(0)]
    pub count: u32,
    /// Until when they count; once there are too many, until when nothing is tried.
    #[n(1)]
    pub until: SystemTime,
}

impl Record for Failures {}

impl<S: Source> Tables<S> {
    /// The session of a token, by its hash.
    ///
    /// # Errors
    /// The database's.
    pub fn session(&self, hash: &[u8; 32]) -> Result<Option<Session>, Error> {
        self.source.record(SESSIONS, *hash)
    }

    /// Wrong passwords so far.
    ///
    /// # Errors
    /// The database's.
    pub fn failures(&self, account: &str, source: &str) -> Result<Option<Failures>, Error> {
        self.source.record(FAILURES, (account, source))
    }
}

impl Tables<&Transaction> {
    /// Puts a session.
    ///
    /// # Errors
    /// The database's.
    pub fn put_session(&mut self, hash: &[u8; 32], session: &Session) -> Result<(), Error> {
        if let Some(old) = self.session(hash)?
            && old.user != session.user
        {
            self.source.remove(SESSIONS_BY_USER, (old.user.0, *hash))?;
        }
        self.source.set(SESSIONS_BY_USER, (session.user.0, *hash), ())?;
        self.source.put(SESSIONS, *hash, session)
    }

    /// Ends a session; false when there was none.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_session(&mut self, hash: &[u8; 32]) -> Result<bool, Error> {
        let Some(session) = self.session(hash)? else { return Ok(false) };
        self.source.remove(SESSIONS_BY_USER, (session.user.0, *hash))?;
        self.source.remove(SESSIONS, *hash)
    }

    /// Ends all sessions of a user; how many there were.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_sessions_of(&mut self, user: UserId) -> Result<usize, Error> {
        let hashes = {
            let index = self.source.table(SESSIONS_BY_USER)?;
            let rows = index.range((user.0, [0; 32])..=(user.0, [u8::MAX; 32]))?;
            rows.map(|row| Ok(row?.0.value().1)).collect::<Result<Vec<_>, Error>>()?
        };
        hashes.iter().try_for_each(|hash| self.remove_session(hash).map(drop))?;
        Ok(hashes.len())
    }

    /// Removes sessions that were last seen, or created, before these moments; how many.
    ///
    /// # Errors
    /// The database's.
    pub fn purge_sessions(&mut self, seen_before: SystemTime, created_before: SystemTime) -> Result<usize, Error> {
        let ended = {
            let table = self.source.table(SESSIONS)?;
            let mut ended = Vec::new();
            for row in table.iter()? {
                let (hash, bytes) = row?;
                let session: Session = decoded(SESSIONS.name(), bytes.value())?;
                if session.last_seen < seen_before || session.created < created_before {
                    ended.push(hash.value());
                }
            }
            ended
        };
        ended.iter().try_for_each(|hash| self.remove_session(hash).map(drop))?;
        Ok(ended.len())
    }

    /// Puts the count of wrong passwords.
    ///
    /// # Errors
    /// The database's.
    pub fn put_failures(&mut self, account: &str, source: &str, failures: &Failures) -> Result<(), Error> {
        self.source.put(FAILURES, (account, source), failures)
    }

    /// Forgets wrong passwords.
    ///
    /// # Errors
    /// The database's.
    pub fn clear_failures(&mut self, account: &str, source: &str) -> Result<(), Error> {
        if self.failures(account, source)?.is_some() {
            self.source.remove(FAILURES, (account, source))?;
        }
        Ok(())
    }

    /// Forgets wrong passwords for an account from wherever they came.
    ///
    /// # Errors
    /// The database's.
    pub fn clear_failures_of(&mut self, account: &str) -> Result<(), Error> {
        let sources = {
            let table = self.source.table(FAILURES)?;
            let mut sources = Vec::new();
            for row in table.range((account, "")..)? {
                let (key, _) = row?;
                let (of, source) = key.value();
                if of != account {
                    break;
                }
                sources.push(source.to_owned());
            }
            sources
        };
        sources.iter().try_for_each(|source| self.clear_failures(account, source))
    }

    /// Forgets wrong passwords that no longer count; how many.
    ///
    /// # Errors
    /// The database's.
    pub fn purge_failures(&mut self, now: SystemTime) -> Result<usize, Error> {
        let over = {
            let table = self.source.table(FAILURES)?;
            let mut over = Vec::new();
            for row in table.iter()? {
                let (key, bytes) = row?;
                if decoded::<Failures>(FAILURES.name(), bytes.value())?.until < now {
                    let (account, source) = key.value();
                    over.push((account.to_owned(), source.to_owned()));
                }
            }
            over
        };
        over.iter().try_for_each(|(account, source)| self.clear_failures(account, source))?;
        Ok(over.len())
    }
}
