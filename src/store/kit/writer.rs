//! The one thread that writes. Takes what waits, runs it in one transaction, commits, answers.

use super::open::Opener;
use super::{Error, Source, Transaction, WriterState};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::watch;

/// The most jobs in one transaction: bounds how long the first of them waits.
const BATCH: usize = 512;

pub(super) trait Job: Send {
    /// Runs it and keeps its answer; false when it failed.
    fn run(&mut self, tx: &Transaction) -> bool;

    /// Tells the caller: the kept answer, or why it came to nothing.
    fn answer(self: Box<Self>, outcome: Result<(), Error>);
}

struct Typed<T, E, F, A> {
    f: F,
    kept: Option<Result<T, E>>,
    answer: A,
}

pub(super) fn job<T, E, F, A>(f: F, answer: A) -> Box<dyn Job>
where
    F: FnMut(&Transaction) -> Result<T, E> + Send + 'static,
    A: FnOnce(Result<T, E>) + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    Box::new(Typed { f, kept: None, answer })
}

impl<T, E, F, A> Job for Typed<T, E, F, A>
where
    F: FnMut(&Transaction) -> Result<T, E> + Send,
    A: FnOnce(Result<T, E>) + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &Transaction) -> bool {
        let f = &mut self.f;
        self.kept = catch_unwind(AssertUnwindSafe(|| f(tx))).ok();
        matches!(self.kept, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let result = match outcome {
            Ok(()) => self.kept.unwrap_or_else(|| Err(Error::Panicked.into())),
            Err(error) => Err(error.into()),
        };
        (self.answer)(result);
    }
}

enum Attempt {
    /// On the disk, or nothing was written: the jobs' own answers stand.
    Done,
    /// A job failed after writing; nothing was kept.
    Undone,
    /// The file could not be written; nothing was kept.
    Fault,
}

pub(super) struct Writer {
    opener: Opener,
    file: Arc<RwLock<Option<redb::Database>>>,
    queue: Receiver<Box<dyn Job>>,
    state: watch::Sender<WriterState>,
    changes: Arc<AtomicU64>,
    full_since: Option<Instant>,
    cause: String,
}

impl Writer {
    pub(super) fn new(
        opener: Opener,
        file: Arc<RwLock<Option<redb::Database>>>,
        queue: Receiver<Box<dyn Job>>,
        state: watch::Sender<WriterState>,
        changes: Arc<AtomicU64>,
    ) -> Self {
        Self { opener, file, queue, state, changes, full_since: None, cause: String::new() }
    }

    pub(super) fn run(mut self) {
        while let Some(batch) = self.batch() {
            self.work(batch);
            if *self.state.borrow() == WriterState::Failed {
                // Nothing more can be written: whoever waits, or comes until the process ends, hears so.
                while let Ok(job) = self.queue.recv() {
                    job.answer(Err(Error::Failed(self.cause.clone())));
                }
                return;
            }
        }
    }

    /// Waits for work; `None` once nobody can send any more. Empty while the disk is full and it is time to look again.
    fn batch(&self) -> Option<Vec<Box<dyn Job>>> {
        let first = if self.full_since.is_some() {
            match self.queue.recv_timeout(self.opener.retry()) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        } else {
            self.queue.recv().ok()?
        };
        let mut batch = vec![first];
        batch.extend(self.queue.try_iter().take(BATCH - 1));
        Some(batch)
    }

    fn work(&mut self, mut batch: Vec<Box<dyn Job>>) {
        if let Some(since) = self.full_since
            && (since.elapsed() < self.opener.retry() || !self.opener.has_space() || !self.reopen())
        {
            return self.refuse(batch);
        }
        match self.attempt(&mut batch) {
            Attempt::Done => {
                self.running();
                answer(batch);
            }
            Attempt::Undone if batch.len() == 1 => answer(batch),
            Attempt::Undone => {
                for job in batch {
                    self.work(vec![job]);
                }
            }
            Attempt::Fault => self.refuse(batch),
        }
    }

    /// Runs the jobs in one transaction and commits it.
    fn attempt(&mut self, batch: &mut [Box<dyn Job>]) -> Attempt {
        // Pages that something else has changed may make the database panic: then nothing more can be written.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.transaction(batch)));
        let outcome = outcome.unwrap_or_else(|_| Err(Error::Failed("the database panicked".to_owned())));
        if let Some((kind, message)) = self.opener.fault.take() {
            self.judge(kind, message);
            return Attempt::Fault;
        }
        match outcome {
            Ok(true) => Attempt::Done,
            Ok(false) => Attempt::Undone,
            Err(error) => {
                self.fail(error.to_string());
                Attempt::Fault
            }
        }
    }

    fn transaction(&self, batch: &mut [Box<dyn Job>]) -> Result<bool, Error> {
        let mut tx = {
            let file = self.file.read().unwrap_or_else(PoisonError::into_inner);
            file.as_ref().ok_or(Error::Closed)?.begin_write()?
        };
        tx.set_durability(redb::Durability::Immediate)?;
        tx.set_quick_repair(true);
        let tx = Transaction::new(tx, self.opener.watched());
        let mut wanted = batch.is_empty();
        for job in batch {
            let before = tx.writes.get();
            let good = job.run(&tx);
            let written = tx.writes.get() != before;
            if !good && written {
                drop(tx.tx.abort());
                return Ok(false);
            }
            wanted |= written;
        }
        if !wanted {
            drop(tx.tx.abort());
            return Ok(true);
        }
        tx.settle()?;
        tx.tx.commit()?;
        if tx.changed.get() {
            self.changes.fetch_add(1, Ordering::Release);
        }
        tx.after_commit.into_inner().into_iter().for_each(|f| f());
        Ok(true)
    }

    fn refuse(&self, batch: Vec<Box<dyn Job>>) {
        let full = *self.state.borrow() == WriterState::Full;
        for job in batch {
            job.answer(Err(if full { Error::Full } else { Error::Failed(self.cause.clone()) }));
        }
    }

    fn judge(&mut self, kind: io::ErrorKind, message: String) {
        if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            if self.full_since.is_none() {
                tracing::error!(%message, "the disk is full: no more writes until there is space");
            }
            self.full_since = Some(Instant::now());
            self.state.send_replace(WriterState::Full);
        } else {
            self.fail(message);
        }
    }

    fn fail(&mut self, cause: String) {
        tracing::error!(%cause, "the data file can't be written: the node has to be started again");
        self.cause = cause;
        self.state.send_replace(WriterState::Failed);
    }

    fn running(&mut self) {
        if self.full_since.take().is_some() {
            tracing::info!("there is space again: writes go on");
            self.state.send_replace(WriterState::Running);
        }
    }

    /// After an I/O error redb wants the file to be opened anew. False when that did not go well.
    fn reopen(&mut self) -> bool {
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        drop(file.take());
        let opened = self.opener.open();
        let fault = self.opener.fault.take();
        match (opened, fault) {
            (Ok(database), None) => {
                *file = Some(database);
                true
            }
            (Ok(database), Some((kind, message))) => {
                *file = Some(database);
                drop(file);
                self.judge(kind, message);
                false
            }
            (Err(error), fault) => {
                drop(file);
                match fault {
                    Some((kind, message)) => self.judge(kind, message),
                    None => self.fail(error.to_string()),
                }
                false
            }
        }
    }
}

fn answer(batch: Vec<Box<dyn Job>>) {
    for job in batch {
        job.answer(Ok(()));
    }
}
