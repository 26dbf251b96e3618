//! What the operator and the agents are told of a garage's changes.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::{REPORTS, REPORTS_BY_CLIENT};
use super::{Error, Tables};
use crate::domain::ids::ClientOrganizationId;
use crate::domain::report::Report;
use redb::ReadableTable;

impl Record for Report {}

impl<S: Source> Tables<S> {
    /// Reports of a client organization, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub fn reports_of(&self, organization: ClientOrganizationId, limit: usize) -> Result<Vec<Report>, Error> {
        let index = self.source.table(REPORTS_BY_CLIENT)?;
        let mut reports = Vec::new();
        for row in index.range((organization.0, 0)..=(organization.0, u64::MAX))?.rev().take(limit) {
            reports.extend(self.source.record::<_, Report>(REPORTS, row?.0.value().1)?);
        }
        Ok(reports)
    }
}

impl Tables<&Transaction> {
    /// Adds a report.
    ///
    /// # Errors
    /// The database's.
    pub fn add_report(&mut self, report: &Report) -> Result<(), Error> {
        let number = self.next("report", 1)?;
        self.source.set(REPORTS_BY_CLIENT, (report.organization.0, number), ())?;
        self.source.put(REPORTS, number, report)
    }
}
