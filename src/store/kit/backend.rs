//! The file below the database, watched: redb reports an I/O error once and then only that there was one, so the first
//! one is remembered here for the writer to judge.

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

/// The first I/O error since the file was opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault(Arc<Mutex<Option<(io::ErrorKind, String)>>>);

impl Fault {
    fn note(&self, error: &io::Error) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.get_or_insert_with(|| (error.kind(), error.to_string()));
    }

    /// Takes it, so that the next one can be noted.
    pub(super) fn take(&self) -> Option<(io::ErrorKind, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What the database is about to do to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act<'a> {
    /// Write these bytes.
    Write {
        /// From here on.
        offset: u64,
        /// What.
        data: &'a [u8],
    },
    /// Set the length.
    Resize(u64),
    /// Bring everything to the disk.
    Sync,
}

/// Asked before every act: an error stands for the disk's. Only tests set one.
pub type Gate = Arc<dyn Fn(Act<'_>) -> io::Result<()> + Send + Sync>;

pub(super) struct Watched {
    file: FileBackend,
    fault: Fault,
    gate: Option<Gate>,
}

impl Watched {
    pub(super) fn new(file: FileBackend, fault: Fault, gate: Option<Gate>) -> Self {
        Self { file, fault, gate }
    }

    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.fault.note(error))
    }

    fn admitted(&self, act: Act<'_>) -> io::Result<()> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate(act))
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.file.fmt(f)
    }
}

impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.noted(self.file.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.noted(self.file.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.noted(self.admitted(Act::Resize(len)).and_then(|()| self.file.set_len(len)))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.noted(self.admitted(Act::Sync).and_then(|()| self.file.sync_data()))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.noted(self.admitted(Act::Write { offset, data }).and_then(|()| self.file.write(offset, data)))
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
