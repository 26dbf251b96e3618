//! How everything is kept: one data file (redb), typed accessors, indexes that change only together with their record.
//! The only place that names the database. Knows no page and no rule of the business.
//!
//! `store.read(|tx| …)` sees one snapshot; `store.write(|tx| …)` is a job of the single writer. Both hand out
//! [`Tables`] with the same read accessors; a write adds `put_…` and `remove_…`. In a write: decide first, write after
//! (see [`kit::Database::write`]).

mod api_keys;
pub mod audit;
pub mod check;
pub mod codec;
mod error;
mod imports;
pub mod jobs;
pub mod kit;
mod meta;
pub mod notices;
mod once;
mod organizations;
mod proofs;
mod reports;
mod requests;
mod search;
pub mod sessions;
mod tables;
mod templates;
mod users;
mod works;

pub use audit::{AuditRow, Standing};
pub use error::{Error, OpenError};
pub use jobs::{Due, FailedJob, Job, JobKind, JobRow};
pub use kit::{Source, WriterState};
pub use notices::{Audience, Notice};
pub use search::ScopeKey;
pub use sessions::{Failures, Session};

use kit::{Database, Migration, Reader, Settings, Transaction};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// Each brings a data file from the schema before to its own.
const MIGRATIONS: &[Migration] =
    &[Migration { to: 2, run: users::index_persons }, Migration { to: 4, run: search::rebuild }];

/// How the data file is opened.
#[derive(Clone)]
pub struct Options {
    /// Memory for pages.
    pub cache_bytes: usize,
    /// The first 申請ID of a new node.
    pub first_request_id: u64,
    /// The key of the audit chain.
    pub audit_key: [u8; 32],
    /// Whether a missing file is created.
    pub create: bool,
    /// Whether the checksum of every page is verified first, which reads the whole file.
    pub verify: bool,
    /// How many jobs may wait for the writer.
    pub queue: usize,
    /// After a full disk, how long to wait before the next try.
    pub retry: Duration,
    /// Stands between the database and the disk; tests only.
    pub gate: Option<kit::Gate>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            first_request_id: 100_000_001,
            audit_key: [0; 32],
            create: true,
            verify: false,
            queue: 4_096,
            retry: Duration::from_secs(2),
            gate: None,
        }
    }
}

impl Options {
    fn settings(&self) -> Settings {
        Settings {
            cache_bytes: self.cache_bytes,
            create: self.create,
            verify: self.verify,
            queue: self.queue,
            retry: self.retry,
            gate: self.gate.clone(),
            migrations: MIGRATIONS,
            watched: tables::PEOPLE,
            ..Settings::new("ainas", tables::ALL, tables::SCHEMA)
        }
    }
}

/// The node's data file. Cheap to clone; closed in order when the last clone goes.
#[derive(Clone)]
pub struct Store {
    database: Database,
    shared: Arc<Shared>,
}

struct Shared {
    first_request_id: u64,
    audit_key: [u8; 32],
    versions: Versions,
    /// Results of searches, a small part of the memory for pages.
    kept: search::Kept,
}

/// What readers and writers are given: all accessors.
pub struct Tables<S> {
    source: S,
    shared: Arc<Shared>,
}

/// One snapshot.
pub type Read = Tables<Reader>;
/// The transaction of a write job.
pub type Write<'a> = Tables<&'a Transaction>;

impl Tables<&Transaction> {
    /// Does one of several things of a job, each with an answer of its own. See [`Transaction::apart`].
    ///
    /// # Errors
    /// What `f` answers, when it failed after writing: the job has to fail.
    pub fn apart<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<Result<T, E>, E> {
        let source = self.source;
        source.apart(|| f(self))
    }
}

impl Store {
    /// Opens the data file, creating and migrating it as needed.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        Ok(Self {
            database: Database::open(path, &options.settings())?,
            shared: Arc::new(Shared {
                first_request_id: options.first_request_id,
                audit_key: options.audit_key,
                versions: Versions::default(),
                kept: search::Kept::within(options.cache_bytes / 8),
            }),
        })
    }

    /// Makes the data file as small as it can be. No process may have it open. Takes a while.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn compact(path: &Path, options: &Options) -> Result<(), OpenError> {
        Database::compact(path, &options.settings())
    }

    /// Reads from one snapshot. Keep it short: collect what is needed and leave, then render.
    ///
    /// # Errors
    /// What `f` answers, or the database's.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&Read) -> Result<T, E>) -> Result<T, E> {
        f(&Tables { source: self.database.reader()?, shared: Arc::clone(&self.shared) })
    }

    /// Hands a job to the writer and waits until it is safely on the disk. See [`Database::write`].
    ///
    /// # Errors
    /// What `f` answers; [`Error::Busy`], [`Error::Full`], [`Error::Failed`].
    pub async fn write<T, E, F>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut(&mut Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.database.write(move |tx| f(&mut Tables { source: tx, shared: Arc::clone(&shared) })).await
    }

    /// As [`Store::write`], for threads that may wait; never on an async worker.
    ///
    /// # Errors
    /// What `f` answers; [`Error::Full`], [`Error::Failed`].
    pub fn write_blocking<T, E, F>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut(&mut Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.database.write_blocking(move |tx| f(&mut Tables { source: tx, shared: Arc::clone(&shared) }))
    }

    /// The version of a list's data: grows with every commit that touches it. Starts at a random number in each
    /// process, so that a page cached by a browser is never taken for one of another run. Take it before the snapshot.
    pub fn version(&self, scope: ScopeKey) -> u64 {
        self.shared.versions.of(scope)
    }

    /// Grows with every change of a name that lists show: of organizations and branches. Take it before the snapshot.
    pub fn names_version(&self) -> u64 {
        self.shared.versions.names.load(Ordering::Relaxed)
    }

    /// Grows with every commit that may have changed a session, a user, an organization or a branch, before the one who
    /// wrote it is answered. Take it before the snapshot.
    pub fn people_version(&self) -> u64 {
        self.database.changes()
    }

    /// What the writer is doing. After [`WriterState::Failed`] the process has to end.
    pub fn state(&self) -> WriterState {
        self.database.state()
    }

    /// To wait for a change of [`Store::state`].
    pub fn state_changes(&self) -> watch::Receiver<WriterState> {
        self.database.state_changes()
    }

    /// Finishes the writes that wait, takes no more, and closes the file.
    pub fn shutdown(&self) {
        self.database.shutdown();
    }
}

struct Versions {
    start: u64,
    /// Changes of what every list shows: names of organizations and branches.
    names: AtomicU64,
    grown: RwLock<HashMap<ScopeKey, u64>>,
}

impl Default for Versions {
    fn default() -> Self {
        // The standard library's hasher is keyed at random.
        Self { start: RandomState::new().hash_one(0) >> 8, names: AtomicU64::new(0), grown: RwLock::default() }
    }
}

impl Versions {
    fn of(&self, scope: ScopeKey) -> u64 {
        let grown = self.grown.read().unwrap_or_else(PoisonError::into_inner);
        self.start + self.names.load(Ordering::Relaxed) + grown.get(&scope).copied().unwrap_or(0)
    }

    /// A name that any list may show was changed.
    fn grow_all(&self) {
        self.names.fetch_add(1, Ordering::Relaxed);
    }

    fn grow(&self, scope: ScopeKey) {
        let mut grown = self.grown.write().unwrap_or_else(PoisonError::into_inner);
        *grown.entry(scope).or_insert(0) += 1;
    }
}
