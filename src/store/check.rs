//! Rebuilds every index, every search block and every counter in memory and compares. Changes nothing.

use super::audit::Verdict;
use super::jobs::{Due, FailedJob, JobRow};
use super::kit::{Records, Registered, Source, decoded};
use super::once::Submission;
use super::sessions::{Failures, Session};
use super::tables::{
    self, AGENT_BRANCHES, AGENT_BRANCHES_BY_CODE, AGENT_CERTIFICATES, AGENTS, AUDIT, BRANCHES, BRANCHES_BY_CODE,
    CLIENTS, FAILED_JOBS, FAILURES, FILINGS, FILINGS_BY_SUBMISSION, HISTORY, JOBS, NOTICES, REQUESTS, SEQUENCES,
    SESSIONS, SESSIONS_BY_USER, SUBMISSIONS, SUBMISSIONS_BY_TIME, USERS, USERS_BY_LOGIN, USERS_BY_ORGANIZATION,
};
use super::users::{folded, organization};
use super::{Error, Notice, OpenError, Options, Read, Store, Tables};
use crate::domain::organization::{AgentBranch, AgentCertificate, AgentOrganization, Branch, ClientOrganization};
use crate::domain::procedure;
use crate::domain::request::{Filing, HistoryEntry, ServiceRequest};
use crate::domain::user::User;
use redb::{ReadableTable, TableHandle};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Discrepancy {
    /// The table that is wrong.
    pub table: String,
    /// What is wrong with it, for the person who mends it.
    pub what: String,
}

/// What was found so far; after the first few of a table only their number.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<Discrepancy>,
    by_table: BTreeMap<String, usize>,
}

/// How many discrepancies of one table are listed.
const LISTED: usize = 20;

impl Findings {
    pub(super) fn add(&mut self, table: &str, what: String) {
        let count = self.by_table.entry(table.to_owned()).or_default();
        *count += 1;
        if *count <= LISTED {
            self.found.push(Discrepancy { table: table.to_owned(), what });
        }
    }

    /// What there should be against what there is.
    pub(super) fn compare<K: Ord + Debug, V: PartialEq + Debug>(
        &mut self,
        table: &str,
        expected: &BTreeMap<K, V>,
        stored: &BTreeMap<K, V>,
    ) {
        for (key, value) in expected {
            match stored.get(key) {
                Some(other) if other == value => {}
                Some(other) => self.add(table, format!("{key:?} is {other:?} and should be {value:?}")),
                None => self.add(table, format!("{key:?} is missing")),
            }
        }
        for key in stored.keys().filter(|key| !expected.contains_key(key)) {
            self.add(table, format!("{key:?} should not be there"));
        }
    }

    fn finish(mut self) -> Vec<Discrepancy> {
        for (table, count) in self.by_table {
            if count > LISTED {
                self.found.push(Discrepancy { table, what: format!("and {} more", count - LISTED) });
            }
        }
        self.found
    }
}

/// Opens a data file that no process uses and checks it.
///
/// # Errors
/// That it can't be opened or read.
pub fn check_file(path: &Path, options: &Options) -> Result<Vec<Discrepancy>, OpenError> {
    let store = Store::open(path, &Options { create: false, ..options.clone() })?;
    Ok(store.read(check)?)
}

/// Checks a snapshot.
///
/// # Errors
/// The database's, or [`Error::Corrupt`] for a record that can't be read at all.
pub fn check(tables: &Read) -> Result<Vec<Discrepancy>, Error> {
    let mut findings = Findings::default();
    let mut names = tables.source.table_names()?;
    names.sort();
    let registered = Registered::names(tables::ALL);
    if names != registered {
        findings.add("file", format!("tables are {names:?} and should be {registered:?}"));
    }
    tables.check_people(&mut findings)?;
    tables.check_organizations(&mut findings)?;
    tables.check_requests(&mut findings)?;
    tables.check_search(&mut findings)?;
    tables.check_rest(&mut findings)?;
    Ok(findings.finish())
}

impl<S: Source> Tables<S> {
    fn every<K: redb::Key + 'static, T: super::codec::Record>(
        &self,
        definition: Records<K>,
        mut visit: impl FnMut(K::SelfType<'_>, T),
    ) -> Result<(), Error> {
        let table = self.source.table(definition)?;
        for row in table.iter()? {
            let (key, bytes) = row?;
            visit(key.value(), decoded(definition.name(), bytes.value())?);
        }
        Ok(())
    }

    /// At least the highest number that was given out.
    fn check_sequence(&self, name: &str, highest: u64, findings: &mut Findings) -> Result<(), Error> {
        let last = self.source.value(SEQUENCES, name)?.unwrap_or(0);
        if last < highest {
            findings.add(SEQUENCES.name(), format!("{name} is at {last}, but {highest} exists"));
        }
        Ok(())
    }

    fn check_people(&self, findings: &mut Findings) -> Result<(), Error> {
        let (mut logins, mut organizations) = (BTreeMap::new(), BTreeMap::new());
        let (mut highest, mut person) = (0, 0);
        self.every(USERS, |id, user: User| {
            let application = user.membership.application().code();
            if user.id.0 != id {
                findings.add(USERS.name(), format!("{id} holds {}", user.id));
            }
            if user.active && logins.insert((application, folded(&user.login_id)), id).is_some() {
                findings.add(USERS.name(), format!("two users with the login ID of {id}"));
            }
            organizations.extend(organization(&user).map(|organization| ((application, organization, id), ())));
            highest = highest.max(id);
            person = person.max(user.person.0);
        })?;
        let mut stored = BTreeMap::new();
        for row in self.source.table(USERS_BY_LOGIN)?.iter()? {
            let (key, id) = row?;
            stored.insert((key.value().0, key.value().1.to_owned()), id.value());
        }
        findings.compare(USERS_BY_LOGIN.name(), &logins, &stored);
        findings.compare(USERS_BY_ORGANIZATION.name(), &organizations, &self.set(USERS_BY_ORGANIZATION)?);
        self.check_sequence("user", highest.into(), findings)?;
        self.check_sequence("person", person.into(), findings)?;
        let mut sessions = BTreeMap::new();
        self.every(SESSIONS, |hash, session: Session| drop(sessions.insert((session.user.0, hash), ())))?;
        findings.compare(SESSIONS_BY_USER.name(), &sessions, &self.set(SESSIONS_BY_USER)?);
        self.every(FAILURES, |_, _: Failures| {})
    }

    /// The keys of an index with keys of fixed width.
    fn set<K>(&self, definition: redb::TableDefinition<'static, K, ()>) -> Result<BTreeMap<K, ()>, Error>
    where
        K: for<'k> redb::Key<SelfType<'k> = K> + Ord + 'static,
    {
        let table = self.source.table(definition)?;
        let rows = table.iter()?;
        Ok(rows.map(|row| row.map(|(key, _)| (key.value(), ()))).collect::<Result<_, _>>()?)
    }

    fn check_organizations(&self, findings: &mut Findings) -> Result<(), Error> {
        self.every(CLIENTS, |_, _: ClientOrganization| {})?;
        self.every(AGENTS, |_, _: AgentOrganization| {})?;
        self.every(AGENT_CERTIFICATES, |_, _: AgentCertificate| {})?;
        let (mut codes, mut highest) = (BTreeMap::new(), 0);
        self.every(BRANCHES, |id, branch: Branch| {
            highest = highest.max(id);
            codes.insert((branch.organization.0, branch.code), id);
        })?;
        let mut stored = BTreeMap::new();
        for row in self.source.table(BRANCHES_BY_CODE)?.iter()? {
            let (key, id) = row?;
            stored.insert((key.value().0, key.value().1.to_owned()), id.value());
        }
        findings.compare(BRANCHES_BY_CODE.name(), &codes, &stored);
        self.check_sequence("branch", highest.into(), findings)?;
        let (mut codes, mut highest) = (BTreeMap::new(), 0);
        self.every(AGENT_BRANCHES, |id, branch: AgentBranch| {
            highest = highest.max(id);
            codes.insert(branch.code, id);
        })?;
        let mut stored = BTreeMap::new();
        for row in self.source.table(AGENT_BRANCHES_BY_CODE)?.iter()? {
            let (key, id) = row?;
            stored.insert(key.value().to_owned(), id.value());
        }
        findings.compare(AGENT_BRANCHES_BY_CODE.name(), &codes, &stored);
        self.check_sequence("agent_branch", highest.into(), findings)
    }

    fn check_requests(&self, findings: &mut Findings) -> Result<(), Error> {
        let (mut filings, mut history): (BTreeMap<u64, u64>, BTreeMap<u64, u64>) = Default::default();
        let mut highest = 0;
        self.every(REQUESTS, |id, request: ServiceRequest| {
            highest = highest.max(id);
            if request.id.0 != id {
                findings.add(REQUESTS.name(), format!("{id} holds {}", request.id));
            }
            if procedure::by_code(request.procedure).is_none() {
                findings.add(REQUESTS.name(), format!("{id} has the unknown procedure {}", request.procedure));
            }
            filings.extend((request.filings > 0).then_some((id, request.filings.into())));
            history.extend((request.history > 0).then_some((id, request.history.into())));
        })?;
        self.check_sequence("request", highest, findings)?;
        let (mut numbers, mut stored): (BTreeMap<_, _>, BTreeMap<u64, u64>) = Default::default();
        self.every(FILINGS, |(id, attempt), filing: Filing| {
            if (filing.request.0, filing.attempt) != (id, attempt) {
                findings.add(FILINGS.name(), format!("{id}/{attempt} holds another"));
            }
            numbers.insert(filing.submission.0, (id, attempt));
            *stored.entry(id).or_default() += 1;
        })?;
        findings.compare(FILINGS.name(), &filings, &stored);
        let index = {
            let table = self.source.table(FILINGS_BY_SUBMISSION)?;
            let rows = table.iter()?;
            rows.map(|row| row.map(|(key, value)| (key.value(), value.value()))).collect::<Result<_, _>>()?
        };
        findings.compare(FILINGS_BY_SUBMISSION.name(), &numbers, &index);
        let mut stored: BTreeMap<u64, u64> = BTreeMap::new();
        self.every(HISTORY, |(id, _), _: HistoryEntry| *stored.entry(id).or_default() += 1)?;
        findings.compare(HISTORY.name(), &history, &stored);
        Ok(())
    }

    fn check_rest(&self, findings: &mut Findings) -> Result<(), Error> {
        self.every(NOTICES, |_, _: Notice| {})?;
        self.every(FAILED_JOBS, |_, _: FailedJob| {})?;
        let mut highest = 0;
        self.every(JOBS, |(clock, at, id), row: JobRow| {
            highest = highest.max(id);
            let due = match row.due {
                Due::System(due) => (1, due.unix()),
                Due::Business(due) => (2, due.unix()),
            };
            if due != (clock, at) {
                findings.add(JOBS.name(), format!("{id} is not where it is due"));
            }
        })?;
        self.check_sequence("job", highest, findings)?;
        let mut times = BTreeMap::new();
        self.every(SUBMISSIONS, |(user, token), kept: Submission| {
            times.insert((kept.at.unix(), user, token.to_owned()), ());
        })?;
        let mut stored = BTreeMap::new();
        for row in self.source.table(SUBMISSIONS_BY_TIME)?.iter()? {
            let (key, ()) = row.map(|(key, _)| (key, ()))?;
            let (at, user, token) = key.value();
            stored.insert((at, user, token.to_owned()), ());
        }
        findings.compare(SUBMISSIONS_BY_TIME.name(), &times, &stored);
        if let Verdict::Broken(number) = self.verify_audit()? {
            findings.add(AUDIT.name(), format!("the chain is broken at {number}"));
        }
        Ok(())
    }
}
