//! Requests, their filings and history. Whose they are is answered here: what an actor may not know does not exist.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{FILINGS, FILINGS_BY_SUBMISSION, HISTORY, REQUESTS};
use super::{Error, Tables};
use crate::domain::actor::{AgentActor, ClientActor};
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::request::{Filing, HistoryEntry, ServiceRequest, Status};
use redb::{ReadableTable, TableHandle};

impl Record for ServiceRequest {}
impl Record for Filing {}
impl Record for HistoryEntry {}

impl<S: Source> Tables<S> {
    /// A request, whoever asks.
    ///
    /// # Errors
    /// The database's.
    pub fn request(&self, id: RequestId) -> Result<Option<ServiceRequest>, Error> {
        self.source.record(REQUESTS, id.0)
    }

    /// Bytes of all encoded requests: what the size of the data file is compared with.
    ///
    /// # Errors
    /// The database's.
    pub fn encoded_requests(&self) -> Result<u64, Error> {
        let table = self.source.table(REQUESTS)?;
        table.iter()?.try_fold(0, |bytes, row| Ok(bytes + row?.1.value().len() as u64))
    }

    /// A request of the actor's organization and, when tied to one, branch; else none.
    ///
    /// # Errors
    /// The database's.
    pub fn request_for_client(&self, actor: &ClientActor, id: RequestId) -> Result<Option<ServiceRequest>, Error> {
        Ok(self.request(id)?.filter(|request| actor.covers(request.client, request.branch)))
    }

    /// A request to the actor's organization and, when tied to one, branch. One that was never sent is none of the
    /// agent's business; one that was returned stays visible.
    ///
    /// # Errors
    /// The database's.
    pub fn request_for_agent(&self, actor: &AgentActor, id: RequestId) -> Result<Option<ServiceRequest>, Error> {
        Ok(self.request(id)?.filter(|request| {
            actor.covers(request.agent, request.agent_branch)
                && (request.status != Status::Draft || request.returned.is_some())
        }))
    }

    /// One filing.
    ///
    /// # Errors
    /// The database's.
    pub fn filing(&self, id: RequestId, attempt: u16) -> Result<Option<Filing>, Error> {
        self.source.record(FILINGS, (id.0, attempt))
    }

    /// All filings of a request, the first first.
    ///
    /// # Errors
    /// The database's.
    pub fn filings(&self, id: RequestId) -> Result<Vec<Filing>, Error> {
        let table = self.source.table(FILINGS)?;
        let rows = table.range((id.0, 0)..=(id.0, u16::MAX))?;
        rows.map(|row| decoded(FILINGS.name(), row?.1.value())).collect()
    }

    /// The filing that is in effect, if it was ever filed.
    ///
    /// # Errors
    /// The database's.
    pub fn last_filing(&self, request: &ServiceRequest) -> Result<Option<Filing>, Error> {
        if request.filings == 0 { Ok(None) } else { self.filing(request.id, request.filings) }
    }

    /// Which filing a submission number belongs to.
    ///
    /// # Errors
    /// The database's.
    pub fn filing_by_submission(&self, number: SubmissionNumber) -> Result<Option<(RequestId, u16)>, Error> {
        let found = self.source.value(FILINGS_BY_SUBMISSION, number.0)?;
        Ok(found.map(|(id, attempt)| (RequestId(id), attempt)))
    }

    /// The history of a request, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn history(&self, id: RequestId) -> Result<Vec<HistoryEntry>, Error> {
        let table = self.source.table(HISTORY)?;
        let rows = table.range((id.0, 0)..=(id.0, u32::MAX))?;
        rows.map(|row| decoded(HISTORY.name(), row?.1.value())).collect()
    }
}

impl Tables<&Transaction> {
    /// 申請ID of a new request.
    ///
    /// # Errors
    /// The database's.
    pub fn next_request_id(&mut self) -> Result<RequestId, Error> {
        self.next("request", self.shared.first_request_id).map(RequestId)
    }

    /// Puts a request, with the search data and counters of both sides.
    ///
    /// # Errors
    /// The database's.
    pub fn put_request(&mut self, request: &ServiceRequest) -> Result<(), Error> {
        let old = self.request(request.id)?;
        self.index(old.as_ref(), Some(request))?;
        self.source.put(REQUESTS, request.id.0, request)
    }

    /// Removes a request with everything that belongs to it; false when there was none.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_request(&mut self, id: RequestId) -> Result<bool, Error> {
        let Some(old) = self.request(id)? else { return Ok(false) };
        self.index(Some(&old), None)?;
        for filing in self.filings(id)? {
            self.source.remove(FILINGS_BY_SUBMISSION, filing.submission.0)?;
            self.source.remove(FILINGS, (id.0, filing.attempt))?;
        }
        for number in 0..old.history {
            self.source.remove(HISTORY, (id.0, number))?;
        }
        self.source.remove(REQUESTS, id.0)
    }

    /// Puts a filing under its attempt number.
    ///
    /// # Errors
    /// The database's.
    pub fn put_filing(&mut self, filing: &Filing) -> Result<(), Error> {
        let key = (filing.request.0, filing.attempt);
        if let Some(old) = self.filing(filing.request, filing.attempt)?
            && old.submission != filing.submission
        {
            self.source.remove(FILINGS_BY_SUBMISSION, old.submission.0)?;
        }
        self.source.set(FILINGS_BY_SUBMISSION, filing.submission.0, key)?;
        self.source.put(FILINGS, key, filing)
    }

    /// Adds a line to the history and counts it in the request; the caller puts the request afterwards.
    ///
    /// # Errors
    /// The database's.
    #[expect(clippy::needless_pass_by_value, reason = "an entry is given away: it can't be added twice")]
    pub fn add_history(&mut self, request: &mut ServiceRequest, entry: HistoryEntry) -> Result<(), Error> {
        self.source.put(HISTORY, (request.id.0, request.history), &entry)?;
        request.history += 1;
        Ok(())
    }
}
