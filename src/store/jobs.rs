//! Jobs: rows that are written in the transaction that wants them done, found by the time they are due.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{FAILED_JOBS, JOBS};
use super::{Error, Tables};
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::payment::PaymentKind;
use crate::domain::request::Ask;
use crate::domain::time::{BusinessTime, SystemTime};
use minicbor::{Decode, Encode};
use redb::{ReadableTable, TableHandle};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum JobKind {
    /// Hand a filing to the portal.
    #[n(1)]
    File {
        /// The request.
        #[n(0)]
        request: RequestId,
        /// The filing.
        #[n(1)]
        attempt: u16,
    },
    /// Order a payment of a filing.
    #[n(2)]
    Pay {
        /// The request.
        #[n(0)]
        request: RequestId,
        /// The filing.
        #[n(1)]
        attempt: u16,
        /// Which fee.
        #[n(2)]
        kind: PaymentKind,
    },
    /// Hand an answered correction to the portal.
    #[n(3)]
    Correct {
        /// The request.
        #[n(0)]
        request: RequestId,
        /// The filing.
        #[n(1)]
        attempt: u16,
    },
    /// Ask the portal for 中断予約, its cancellation, 再開 or 取下.
    #[n(4)]
    Ask {
        /// The request.
        #[n(0)]
        request: RequestId,
        /// The filing.
        #[n(1)]
        attempt: u16,
        /// What is asked.
        #[n(2)]
        ask: Ask,
        /// Fixed before the first send.
        #[n(3)]
        number: SubmissionNumber,
    },
}

/// When something is due, on which clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Due {
    /// Retries, sessions, backups.
    #[n(1)]
    System(#[n(0)] SystemTime),
    /// Deadlines, the portal.
    #[n(2)]
    Business(#[n(0)] BusinessTime),
}

impl Due {
    fn key(self) -> (u8, i64) {
        match self {
            Self::System(at) => (1, at.unix()),
            Self::Business(at) => (2, at.unix()),
        }
    }
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct JobRow {
    /// When.
    #[n(0)]
    pub due: Due,
    /// What.
    #[n(1)]
    pub kind: JobKind,
    /// Tries so far.
    #[n(2)]
    pub attempts: u32,
}

impl Record for JobRow {}

/// A job with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// The rest.
    pub row: JobRow,
}

/// A job that was given up, for people to see.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct FailedJob {
    /// Its number.
    #[n(0)]
    pub id: u64,
    /// What was to be done.
    #[n(1)]
    pub row: JobRow,
    /// Since when.
    #[n(2)]
    pub at: SystemTime,
    /// Why, for the log.
    #[n(3)]
    pub cause: String,
}

impl Record for FailedJob {}

impl<S: Source> Tables<S> {
    /// Jobs whose time has come, those of the system clock first, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub fn due_jobs(&self, limit: usize, system: SystemTime, business: BusinessTime) -> Result<Vec<Job>, Error> {
        let table = self.source.table(JOBS)?;
        let mut jobs = Vec::new();
        for due in [Due::System(system), Due::Business(business)] {
            let (clock, until) = due.key();
            for row in table.range((clock, i64::MIN, 0)..=(clock, until, u64::MAX))?.take(limit - jobs.len()) {
                let (key, bytes) = row?;
                jobs.push(Job { id: key.value().2, row: decoded(JOBS.name(), bytes.value())? });
            }
        }
        Ok(jobs)
    }

    /// When the next job is due on each clock.
    ///
    /// # Errors
    /// The database's.
    pub fn next_due(&self) -> Result<(Option<SystemTime>, Option<BusinessTime>), Error> {
        let table = self.source.table(JOBS)?;
        let first = |clock: u8| -> Result<Option<i64>, Error> {
            let mut rows = table.range((clock, i64::MIN, 0)..=(clock, i64::MAX, u64::MAX))?;
            Ok(rows.next().transpose()?.map(|(key, _)| key.value().1))
        };
        Ok((first(1)?.map(SystemTime::from_unix), first(2)?.map(BusinessTime::from_unix)))
    }

    /// Jobs that were given up.
    ///
    /// # Errors
    /// The database's.
    pub fn failed_jobs(&self) -> Result<Vec<FailedJob>, Error> {
        self.all(FAILED_JOBS)
    }
}

impl Tables<&Transaction> {
    /// Writes a job; its number.
    ///
    /// # Errors
    /// The database's.
    pub fn enqueue(&mut self, due: Due, kind: JobKind) -> Result<u64, Error> {
        let id = self.next("job", 1)?;
        self.put_job(&Job { id, row: JobRow { due, kind, attempts: 0 } })?;
        Ok(id)
    }

    fn put_job(&self, job: &Job) -> Result<(), Error> {
        let (clock, at) = job.row.due.key();
        self.source.put(JOBS, (clock, at, job.id), &job.row)
    }

    /// Removes a job that is done; false when it was gone already.
    ///
    /// # Errors
    /// The database's.
    pub fn finish(&mut self, job: &Job) -> Result<bool, Error> {
        let (clock, at) = job.row.due.key();
        self.source.remove(JOBS, (clock, at, job.id))
    }

    /// Tries a job again later and counts the try.
    ///
    /// # Errors
    /// The database's.
    pub fn reschedule(&mut self, job: &Job, due: Due) -> Result<(), Error> {
        self.finish(job)?;
        let row = JobRow { due, kind: job.row.kind.clone(), attempts: job.row.attempts.saturating_add(1) };
        self.put_job(&Job { id: job.id, row })
    }

    /// Gives a job up; it stays visible.
    ///
    /// # Errors
    /// The database's.
    pub fn give_up(&mut self, job: &Job, at: SystemTime, cause: String) -> Result<(), Error> {
        self.finish(job)?;
        self.source.put(FAILED_JOBS, job.id, &FailedJob { id: job.id, row: job.row.clone(), at, cause })
    }
}
