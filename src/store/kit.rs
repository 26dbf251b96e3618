//! A data file with one writer: what the node's store and the simulators' store have in common. Knows no table of
//! either; each names its own.
//!
//! Reads run on a snapshot, at any time, on the caller's thread. Writes are closures that one thread runs, many in one
//! transaction, and answers after the commit; see [`Database::write`] for what they must keep to.

mod backend;
mod open;
mod writer;

pub use backend::{Act, Gate};
pub use open::{Migration, Registered, Settings, Step};

use super::codec::{self, Record};
use super::error::{Error, OpenError};
use redb::{ReadableDatabase, ReadableTable, TableDefinition, TableHandle};
use std::any::Any;
use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// A table whose values are records.
pub type Records<K> = TableDefinition<'static, K, &'static [u8]>;

/// What the writer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriterState {
    /// Writes are taken.
    Running,
    /// No space on the disk: writes are refused, reads go on, and the writer resumes when there is space again.
    Full,
    /// Writing went wrong for another reason. The process has to end and start again.
    Failed,
}

/// An open data file. Cheap to clone; the file is closed in order when the last clone goes.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    file: Arc<RwLock<Option<redb::Database>>>,
    queue: Mutex<Option<SyncSender<Box<dyn writer::Job>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    state: watch::Receiver<WriterState>,
    changes: Arc<AtomicU64>,
}

impl Database {
    /// Opens the file, creating and migrating it as needed.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, settings: &Settings) -> Result<Self, OpenError> {
        let opener = open::Opener::new(path, settings);
        let file = Arc::new(RwLock::new(Some(opener.open()?)));
        let (sender, receiver) = std::sync::mpsc::sync_channel(settings.queue.max(1));
        let (state_sender, state) = watch::channel(WriterState::Running);
        let changes = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(opener, Arc::clone(&file), receiver, state_sender, Arc::clone(&changes));
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || writer.run())?;
        Ok(Self {
            inner: Arc::new(Inner {
                file,
                queue: Mutex::new(Some(sender)),
                writer: Mutex::new(Some(thread)),
                state,
                changes,
            }),
        })
    }

    /// Makes a file that nobody has open as small as it can be.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn compact(path: &Path, settings: &Settings) -> Result<(), OpenError> {
        let mut file = open::Opener::new(path, settings).open()?;
        while file.compact().map_err(|error| OpenError::Damaged(error.to_string()))? {}
        Ok(())
    }

    /// Reads from one snapshot. Keep it short: a snapshot holds on to every page that is replaced meanwhile, so
    /// collect what is needed and leave.
    ///
    /// # Errors
    /// What `f` answers, or that there is no file to read any more.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        f(&self.reader()?)
    }

    pub(super) fn reader(&self) -> Result<Reader, Error> {
        let file = self.inner.file.read().unwrap_or_else(PoisonError::into_inner);
        let file = file.as_ref().ok_or(Error::Closed)?;
        Ok(Reader(file.begin_read()?))
    }

    /// Hands a job to the writer and waits until it is safely on the disk.
    ///
    /// The job may run more than once (its writes are then undone first), so times, random values and the like come in
    /// from outside. A job that refuses should do so before its first write: then only its caller hears of it. One that
    /// fails after writing makes every job of the batch run again, alone. A caller that stops waiting does not stop
    /// the job.
    ///
    /// # Errors
    /// What `f` answers; [`Error::Busy`] when too many jobs are waiting; [`Error::Full`]; [`Error::Failed`].
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnMut(&Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job = writer::job(f, move |result| drop(sender.send(result)));
        let sent = match self.queue() {
            Some(queue) => queue.try_send(job).map_err(|error| match error {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => self.gone(),
            }),
            None => Err(Error::Closed),
        };
        sent?;
        receiver.await.unwrap_or_else(|_| Err(self.gone().into()))
    }

    /// As [`Database::write`], for threads that may wait: jobs, commands, the simulators. Waits for a place in the
    /// queue too. Never call it on an async worker.
    ///
    /// # Errors
    /// What `f` answers; [`Error::Full`]; [`Error::Failed`].
    pub fn write_blocking<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnMut(&Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let job = writer::job(f, move |result| drop(sender.send(result)));
        let queue = self.queue().ok_or(Error::Closed)?;
        queue.send(job).map_err(|_| self.gone())?;
        drop(queue);
        receiver.recv().unwrap_or_else(|_| Err(self.gone().into()))
    }

    /// What the writer is doing.
    pub fn state(&self) -> WriterState {
        *self.inner.state.borrow()
    }

    /// To wait for a change of [`Database::state`].
    pub fn state_changes(&self) -> watch::Receiver<WriterState> {
        self.inner.state.clone()
    }

    /// Grows with every commit that may have changed a watched table, before anybody is told of the commit. What was
    /// read from a snapshot taken after this number is as good as new while the number is the same.
    pub fn changes(&self) -> u64 {
        self.inner.changes.load(Ordering::Acquire)
    }

    /// Finishes the writes that wait, takes no more, and closes the file.
    pub fn shutdown(&self) {
        self.inner.close();
    }

    fn queue(&self) -> Option<SyncSender<Box<dyn writer::Job>>> {
        self.inner.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn gone(&self) -> Error {
        match self.state() {
            WriterState::Failed => Error::Failed("an earlier write went wrong".to_owned()),
            _ => Error::Closed,
        }
    }
}

impl Inner {
    fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A job can hold the last clone, and the writer can't wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
        let file = self.file.write().unwrap_or_else(PoisonError::into_inner).take();
        // The database tidies up while it closes, and may panic over pages that something else has changed.
        if catch_unwind(AssertUnwindSafe(|| drop(file))).is_err() {
            tracing::error!("the data file could not be closed in order: it is damaged");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

/// Anything tables can be read from: a snapshot, or the transaction of a write. Accessors are written once, for both.
pub trait Source {
    /// Opens a table for reading.
    ///
    /// # Errors
    /// The database's.
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, Error>;

    /// The record under a key.
    ///
    /// # Errors
    /// The database's, or [`Error::Corrupt`].
    fn record<'k, K: redb::Key + 'static, T: Record>(
        &self,
        definition: Records<K>,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<Option<T>, Error> {
        let table = self.table(definition)?;
        let Some(bytes) = table.get(key)? else { return Ok(None) };
        decoded(definition.name(), bytes.value()).map(Some)
    }

    /// The plain value under a key.
    ///
    /// # Errors
    /// The database's.
    fn value<'k, K: redb::Key + 'static, V>(
        &self,
        definition: TableDefinition<'static, K, V>,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<Option<V>, Error>
    where
        V: for<'v> redb::Value<SelfType<'v> = V> + 'static,
    {
        Ok(self.table(definition)?.get(key)?.map(|guard| guard.value()))
    }

    /// Writes what was put off, for those who read what it changes. Nothing in a snapshot.
    ///
    /// # Errors
    /// The database's.
    fn settle(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Whether what is seen is there to stay; what a transaction sees may be undone.
    fn is_kept(&self) -> bool {
        true
    }
}

/// The record in these bytes of a table.
///
/// # Errors
/// [`Error::Corrupt`].
pub fn decoded<T: Record>(table: &str, bytes: &[u8]) -> Result<T, Error> {
    codec::decode(bytes).map_err(|what| Error::corrupt(table, what))
}

/// The bytes of a record of a table.
///
/// # Errors
/// [`Error::Corrupt`].
pub fn encoded<T: Record>(table: &str, record: &T) -> Result<Vec<u8>, Error> {
    codec::encode(record).map_err(|what| Error::corrupt(table, what))
}

impl<S: Source> Source for &S {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, Error> {
        S::table(*self, definition)
    }

    fn settle(&self) -> Result<(), Error> {
        S::settle(*self)
    }

    fn is_kept(&self) -> bool {
        S::is_kept(*self)
    }
}

/// Changes that are put together and written at the end of a batch: many jobs of one batch often change the same
/// value.
pub trait Deferred: Any {
    /// Writes them.
    ///
    /// # Errors
    /// The database's.
    fn write(self: Box<Self>, tx: &Transaction) -> Result<(), Error>;
}

/// One snapshot.
pub struct Reader(redb::ReadTransaction);

impl Reader {
    /// Names of the tables in the file.
    ///
    /// # Errors
    /// The database's.
    pub fn table_names(&self) -> Result<Vec<String>, Error> {
        Ok(self.0.list_tables()?.map(|table| table.name().to_owned()).collect())
    }
}

impl Source for Reader {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, Error> {
        Ok(self.0.open_table(definition)?)
    }
}

/// The transaction that a write job works in.
pub struct Transaction {
    tx: redb::WriteTransaction,
    /// How often something was opened for writing.
    writes: Cell<u64>,
    watched: &'static [&'static str],
    /// Whether a watched table was opened for writing.
    changed: Cell<bool>,
    deferred: RefCell<Option<Box<dyn Deferred>>>,
    after_commit: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Transaction {
    fn new(tx: redb::WriteTransaction, watched: &'static [&'static str]) -> Self {
        Self {
            tx,
            writes: Cell::new(0),
            watched,
            changed: Cell::new(false),
            deferred: RefCell::default(),
            after_commit: RefCell::default(),
        }
    }

    /// Opens a table for writing. From here on a refusal is a failure (see [`Database::write`]). A table can be open
    /// once at a time: drop it before something else opens it.
    ///
    /// # Errors
    /// The database's.
    pub fn table_mut<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<redb::Table<'_, K, V>, Error> {
        self.writes.set(self.writes.get() + 1);
        if self.watched.contains(&definition.name()) {
            self.changed.set(true);
        }
        Ok(self.tx.open_table(definition)?)
    }

    /// Puts a record in its place.
    ///
    /// # Errors
    /// The database's.
    pub fn put<'k, K: redb::Key + 'static, T: Record>(
        &self,
        definition: Records<K>,
        key: impl Borrow<K::SelfType<'k>>,
        record: &T,
    ) -> Result<(), Error> {
        let bytes = encoded(definition.name(), record)?;
        self.table_mut(definition)?.insert(key, bytes.as_slice())?;
        Ok(())
    }

    /// Puts a plain value in its place.
    ///
    /// # Errors
    /// The database's.
    pub fn set<'k, 'v, K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
        key: impl Borrow<K::SelfType<'k>>,
        value: impl Borrow<V::SelfType<'v>>,
    ) -> Result<(), Error> {
        self.table_mut(definition)?.insert(key, value)?;
        Ok(())
    }

    /// Removes what is under the key, if anything.
    ///
    /// # Errors
    /// The database's.
    pub fn remove<'k, K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<bool, Error> {
        Ok(self.table_mut(definition)?.remove(key)?.is_some())
    }

    /// The next number of a sequence, at least `first`.
    ///
    /// # Errors
    /// The database's.
    pub fn next(
        &self,
        sequences: TableDefinition<'static, &'static str, u64>,
        name: &str,
        first: u64,
    ) -> Result<u64, Error> {
        let mut table = self.table_mut(sequences)?;
        let next = table.get(name)?.map_or(first, |last| first.max(last.value().saturating_add(1)));
        table.insert(name, next)?;
        Ok(next)
    }

    /// Removes a table with everything in it; of whatever type it is. For migrations.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_table(&self, name: &str) -> Result<(), Error> {
        self.writes.set(self.writes.get() + 1);
        let found = self.tx.list_tables()?.find(|table| table.name() == name);
        found.map_or(Ok(()), |table| Ok(self.tx.delete_table(table).map(drop)?))
    }

    /// Adds to the changes that are written at the end of the batch; see [`Source::settle`]. From here on a refusal is
    /// a failure. A data file has one kind of them.
    pub fn defer<D: Deferred + Default>(&self, add: impl FnOnce(&mut D)) {
        self.writes.set(self.writes.get() + 1);
        let mut slot = self.deferred.borrow_mut();
        let any: &mut dyn Any = slot.get_or_insert_with(|| Box::<D>::default()).as_mut();
        if let Some(deferred) = any.downcast_mut() {
            add(deferred);
        }
    }

    /// Does one of several things that are done in one job, each with an answer of its own. One that refuses before its
    /// first write leaves the others as they are, and its refusal is the inner answer. After a write it can't be undone
    /// alone: then the job has to fail, and all of it is.
    ///
    /// # Errors
    /// What `f` answers, when it failed after writing.
    pub fn apart<T, E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<Result<T, E>, E> {
        let before = self.writes.get();
        let answer = f();
        if self.writes.get() == before { Ok(answer) } else { answer.map(Ok) }
    }

    /// Runs once the transaction is on the disk, before anybody is answered.
    pub fn after_commit(&self, f: impl FnOnce() + 'static) {
        self.after_commit.borrow_mut().push(Box::new(f));
    }
}

impl Source for Transaction {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, Error> {
        Ok(self.tx.open_table(definition)?)
    }

    fn settle(&self) -> Result<(), Error> {
        let Some(deferred) = self.deferred.take() else { return Ok(()) };
        let before = self.writes.get();
        // What earlier jobs put off is no write of the job that wants to read it, unless it goes wrong.
        self.writes.set(self.writes.get() + 1);
        deferred.write(self)?;
        self.writes.set(before);
        Ok(())
    }

    fn is_kept(&self) -> bool {
        false
    }
}
