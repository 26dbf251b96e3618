//! Rebuilds every index, every search block and every counter in memory and compares. Changes nothing.

use super::audit::Verdict;
use super::jobs::{Due, FailedJob, JobRow};
use super::kit::{Records, Registered, Source, decoded};
use super::once::Submission;
use super::sessions::{Failures, Session};
use super::tables::{
    self, AGENT_BRANCHES, AGENT_BRANCHES_BY_CODE, AGENT_CERTIFICATES, AGENTS, API_KEYS, API_KEYS_BY_ORGANIZATION,
    AUDIT, BRANCHES, BRANCHES_BY_CODE, CLIENT_CERTIFICATES, CLIENTS, FAILED_JOBS, FAILURES, FILINGS,
    FILINGS_BY_SUBMISSION, HISTORY, IMPORT_ROWS, IMPORTS, IMPORTS_BY_ORGANIZATION, JOBS, NOTICES, PROOF_CONTENTS,
    PROOFS, REPORTS, REPORTS_BY_CLIENT, REQUESTS, SEQUENCES, SESSIONS, SESSIONS_BY_USER, SUBMISSIONS,
    SUBMISSIONS_BY_TIME, TEMPLATES, TEMPLATES_BY_CLIENT, USERS, USERS_BY_LOGIN, USERS_BY_ORGANIZATION, USERS_BY_PERSON,
    WORK_ITEMS, WORKS, WORKS_BY_OWNER, WORKS_OPEN,
};
use super::users::{folded, organization};
use super::{Error, Notice, OpenError, Options, Read, Store, Tables};
use crate::domain::agent_certificate::AgentCertificate;
use crate::domain::api_key::ApiKey;
use crate::domain::client_certificate::ClientCertificate;
use crate::domain::import::{Import, ImportRow};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::procedure;
use crate::domain::proof::{Proof, ProofContent};
use crate::domain::report::Report;
use crate::domain::request::{Filing, HistoryEntry, ServiceRequest};
use crate::domain::template::Template;
use crate::domain::user::User;
use crate::domain::work::{Outcome, Work, WorkItem, WorkState};
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

/// Opens a data file that no process uses, verifies every page of it, and checks what is in it.
///
/// # Errors
/// That it can't be opened or read.
pub fn check_file(path: &Path, options: &Options) -> Result<Vec<Discrepancy>, OpenError> {
    let store = Store::open(path, &Options { create: false, verify: true, ..options.clone() })?;
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
        let (mut logins, mut organizations, mut persons) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
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
            persons.insert((user.person.0, id), ());
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
        findings.compare(USERS_BY_PERSON.name(), &persons, &self.set(USERS_BY_PERSON)?);
        self.check_sequence("user", highest.into(), findings)?;
        self.check_sequence("person", person.into(), findings)?;
        let mut sessions = BTreeMap::new();
        self.every(SESSIONS, |hash, session: Session| {
            sessions.insert((session.user.0, hash), ());
        })?;
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
        self.every(CLIENT_CERTIFICATES, |_, _: ClientCertificate| {})?;
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
        self.check_sequence("agent_branch", highest.into(), findings)?;
        let (mut templates, mut highest) = (BTreeMap::new(), 0);
        self.every(TEMPLATES, |id, template: Template| {
            highest = highest.max(id);
            templates.insert((template.organization.0, id), ());
        })?;
        findings.compare(TEMPLATES_BY_CLIENT.name(), &templates, &self.set(TEMPLATES_BY_CLIENT)?);
        self.check_sequence("template", highest.into(), findings)
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

    fn check_works(&self, findings: &mut Findings) -> Result<(), Error> {
        let (mut owners, mut open, mut highest) = (BTreeMap::new(), BTreeMap::new(), 0);
        let (mut counts, mut stored): (BTreeMap<u64, [u32; 3]>, BTreeMap<u64, [u32; 3]>) = Default::default();
        self.every(WORKS, |id, work: Work| {
            highest = highest.max(id);
            owners.insert((work.owner.0, id), ());
            open.extend((work.state == WorkState::Open).then_some((id, ())));
            counts.insert(id, [work.items, work.done, work.failed]);
        })?;
        self.every(WORK_ITEMS, |(id, _), item: WorkItem| {
            let [items, done, failed] = stored.entry(id).or_default();
            *items += 1;
            match item.outcome {
                Some(Outcome::Done { .. }) => *done += 1,
                Some(Outcome::Failed { .. }) => *failed += 1,
                None => {}
            }
        })?;
        findings.compare(WORKS_BY_OWNER.name(), &owners, &self.set(WORKS_BY_OWNER)?);
        findings.compare(WORKS_OPEN.name(), &open, &self.set(WORKS_OPEN)?);
        findings.compare(WORK_ITEMS.name(), &counts, &stored);
        self.check_sequence("work", highest, findings)
    }

    fn check_imports(&self, findings: &mut Findings) -> Result<(), Error> {
        let (mut organizations, mut highest) = (BTreeMap::new(), 0);
        let (mut counts, mut stored): (BTreeMap<u64, u32>, BTreeMap<u64, u32>) = Default::default();
        self.every(IMPORTS, |id, import: Import| {
            highest = highest.max(id);
            organizations.insert((import.organization.0, id), ());
            counts.extend((import.rows > 0).then_some((id, import.rows)));
        })?;
        self.every(IMPORT_ROWS, |(id, _), _: ImportRow| *stored.entry(id).or_default() += 1)?;
        // Rows are written before their upload; some may be left of one that was cut short.
        stored.retain(|id, _| counts.contains_key(id));
        findings.compare(IMPORTS_BY_ORGANIZATION.name(), &organizations, &self.set(IMPORTS_BY_ORGANIZATION)?);
        findings.compare(IMPORT_ROWS.name(), &counts, &stored);
        self.check_sequence("import", highest, findings)
    }

    fn check_proofs(&self, findings: &mut Findings) -> Result<(), Error> {
        let (mut expected, mut stored) = (BTreeMap::new(), BTreeMap::new());
        let mut lost = Vec::new();
        self.every(PROOFS, |key, proof: Proof| {
            expected.insert(key, u64::from(proof.size));
            if (proof.request.0, proof.number) != key {
                lost.push(key);
            }
        })?;
        self.every(PROOF_CONTENTS, |key, content: ProofContent| {
            stored.insert(key, u64::try_from(content.bytes.len()).unwrap_or(u64::MAX));
        })?;
        for (request, number) in lost {
            findings.add(PROOFS.name(), format!("{request} {number} is not where it belongs"));
        }
        for (request, number) in expected.keys() {
            if self.source.record::<_, ServiceRequest>(REQUESTS, *request)?.is_none() {
                findings.add(PROOFS.name(), format!("{request} {number} belongs to no request"));
            }
        }
        findings.compare(PROOF_CONTENTS.name(), &expected, &stored);
        Ok(())
    }

    fn check_rest(&self, findings: &mut Findings) -> Result<(), Error> {
        self.every(NOTICES, |_, _: Notice| {})?;
        let mut keys = BTreeMap::new();
        self.every(API_KEYS, |_, key: ApiKey| {
            keys.insert((key.organization.0, key.key), ());
        })?;
        let mut stored = BTreeMap::new();
        for row in self.source.table(API_KEYS_BY_ORGANIZATION)?.iter()? {
            let (key, ()) = row.map(|(key, _)| (key, ()))?;
            stored.insert((key.value().0, key.value().1.to_owned()), ());
        }
        findings.compare(API_KEYS_BY_ORGANIZATION.name(), &keys, &stored);
        let (mut by_client, mut highest) = (BTreeMap::new(), 0);
        self.every(REPORTS, |number, report: Report| {
            highest = highest.max(number);
            by_client.insert((report.organization.0, number), ());
        })?;
        findings.compare(REPORTS_BY_CLIENT.name(), &by_client, &self.set(REPORTS_BY_CLIENT)?);
        self.check_sequence("report", highest, findings)?;
        self.every(FAILED_JOBS, |_, _: FailedJob| {})?;
        self.check_works(findings)?;
        self.check_imports(findings)?;
        self.check_proofs(findings)?;
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

#[cfg(test)]
mod tests {
    use super::super::kit::Transaction;
    use super::super::tables::{
        META, REQUESTS_BY_CHASSIS, REQUESTS_BY_PLATE, SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_GROUPS, SEARCH_ROWS,
        SEARCH_SUMMARIES,
    };
    use super::super::{AuditRow, Write};
    use super::*;
    use crate::domain::chassis::ChassisNumber;
    use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId, UserId};
    use crate::domain::request::{Status, Value};
    use crate::domain::role::ClientRole;
    use crate::domain::time::{BusinessTime, SystemTime};
    use crate::domain::user::{Membership, PasswordHash, PasswordState};
    use crate::domain::work::Subject;

    fn request(id: RequestId) -> ServiceRequest {
        ServiceRequest {
            status: Status::Sent,
            chassis: Some(ChassisNumber { number: "BA-001".to_owned(), officially_stamped: false }),
            fields: BTreeMap::from([(12, Value::Text("山田".to_owned()))]),
            ..ServiceRequest::draft(
                id,
                1,
                (ClientOrganizationId(1), BranchId(1)),
                (AgentOrganizationId(2), AgentBranchId(1)),
                BusinessTime::from_unix(0),
            )
        }
    }

    fn fill(tx: &mut Write) -> Result<(), Error> {
        for _ in 0..3 {
            let id = tx.next_request_id()?;
            tx.put_request(&request(id))?;
        }
        let id = tx.next_user_id()?;
        let person = tx.next_person_id()?;
        tx.put_user(&User {
            id,
            person,
            login_id: "Tanto".to_owned(),
            name: "担当".to_owned(),
            membership: Membership::Client {
                organization: ClientOrganizationId(1),
                branch: None,
                role: ClientRole::StaffMaySend,
            },
            password: PasswordHash(String::new()),
            password_state: PasswordState::Chosen { at: SystemTime::from_unix(0), expires: None },
            password_history: Vec::new(),
            last_sign_in: None,
            active: true,
            version: 1,
        })?;
        for action in ["one", "two"] {
            tx.audit(&AuditRow {
                at: SystemTime::from_unix(0),
                business: None,
                actor: Some(UserId(1)),
                source: String::new(),
                action: action.to_owned(),
                subject: String::new(),
                details: Vec::new(),
                standing: None,
            })?;
        }
        Ok(())
    }

    type Tamper = fn(&Transaction) -> Result<(), Error>;

    const FIRST: u64 = 100_000_001;

    /// The check itself: each of these must be seen, in the table where it was done.
    const TAMPERED: &[(&str, Tamper)] = &[
        ("search_counters", |tx| tx.set(SEARCH_COUNTERS, (1, 1, 1, 1, 2), 4)),
        ("search_counters", |tx| tx.set(SEARCH_COUNTERS, (2, 2, 1, 9, 9), 1)),
        ("search_counters", |tx| tx.remove(SEARCH_COUNTERS, (1, 1, 1, 1, 2)).map(drop)),
        ("search_summaries", |tx| tx.set(SEARCH_SUMMARIES, (1, 1, 1, FIRST), &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0][..])),
        ("search_groups", |tx| tx.set(SEARCH_GROUPS, (1, 1, 1, FIRST >> 14), &[1, 0, 0, 0, 2, 9, 0, 0, 0][..])),
        ("search_groups", |tx| tx.set(SEARCH_GROUPS, (1, 1, 1, 5), &[1, 0, 0, 0, 2, 9, 0, 0, 0][..])),
        ("search_columns", |tx| tx.set(SEARCH_COLUMNS, (2, 2, 1, 67, FIRST), &b"\xffx\xffx\xffx\xff"[..])),
        ("search_columns", |tx| tx.set(SEARCH_COLUMNS, (2, 2, 1, 1, FIRST), &[0x81, 3][..])),
        ("search_columns", |tx| tx.set(SEARCH_COLUMNS, (2, 2, 1, 0, FIRST), &[1, 0, 2, 1][..])),
        ("search_columns", |tx| tx.set(SEARCH_COLUMNS, (1, 7, 1, 0, FIRST), &[][..])),
        ("search_rows", |tx| tx.set(SEARCH_ROWS, FIRST >> 4, &[0, 0, 0][..])),
        ("search_rows", |tx| tx.remove(SEARCH_ROWS, FIRST >> 4).map(drop)),
        ("search_rows", |tx| tx.set(SEARCH_ROWS, FIRST >> 3, &[0][..])),
        ("search_columns", |tx| tx.remove(SEARCH_SUMMARIES, (1, 1, 1, FIRST)).map(drop)),
        ("requests_by_chassis", |tx| tx.remove(REQUESTS_BY_CHASSIS, (&b"100AB"[..], FIRST)).map(drop)),
        ("requests_by_chassis", |tx| tx.set(REQUESTS_BY_CHASSIS, (&b"1"[..], FIRST), ())),
        ("requests_by_plate", |tx| tx.set(REQUESTS_BY_PLATE, (1, 2, FIRST), ())),
        ("search_columns", |tx| {
            tx.put(REQUESTS, FIRST, &ServiceRequest { status: Status::Failed, ..request(RequestId(FIRST)) })
        }),
        ("search_columns", |tx| tx.remove(REQUESTS, FIRST).map(drop)),
        ("users_by_login", |tx| tx.remove(USERS_BY_LOGIN, (1, "tanto")).map(drop)),
        ("users_by_login", |tx| tx.set(USERS_BY_LOGIN, (1, "other"), 1)),
        ("users_by_organization", |tx| tx.set(USERS_BY_ORGANIZATION, (1, 1, 5), ())),
        ("users_by_person", |tx| tx.remove(USERS_BY_PERSON, (1, 1)).map(drop)),
        ("sessions_by_user", |tx| tx.set(SESSIONS_BY_USER, (1, [0; 32]), ())),
        ("branches_by_code", |tx| tx.set(BRANCHES_BY_CODE, (1, "x"), 1)),
        ("agent_branches_by_code", |tx| tx.set(AGENT_BRANCHES_BY_CODE, "x", 1)),
        ("api_keys_by_organization", |tx| tx.set(API_KEYS_BY_ORGANIZATION, (1, "X"), ())),
        ("reports_by_client", |tx| tx.set(REPORTS_BY_CLIENT, (1, 5), ())),
        ("templates_by_client", |tx| tx.set(TEMPLATES_BY_CLIENT, (1, 1), ())),
        ("filings_by_submission", |tx| tx.set(FILINGS_BY_SUBMISSION, [0; 16], (FIRST, 1))),
        ("submissions_by_time", |tx| tx.set(SUBMISSIONS_BY_TIME, (0, 1, "x"), ())),
        ("works_by_owner", |tx| tx.set(WORKS_BY_OWNER, (1, 7), ())),
        ("works_open", |tx| tx.set(WORKS_OPEN, 7, ())),
        ("work_items", |tx| {
            let item = WorkItem { subject: Subject::Request(RequestId(1)), outcome: None };
            tx.put(WORK_ITEMS, (7, 0), &item)
        }),
        ("imports_by_organization", |tx| tx.set(IMPORTS_BY_ORGANIZATION, (1, 7), ())),
        ("proof_contents", |tx| tx.put(PROOF_CONTENTS, (FIRST, 1), &ProofContent { bytes: vec![1] })),
        ("sequences", |tx| tx.set(SEQUENCES, "request", 5)),
        ("history", |tx| tx.put(REQUESTS, FIRST, &ServiceRequest { history: 1, ..request(RequestId(FIRST)) })),
        ("audit", |tx| tx.remove(AUDIT, 1).map(drop)),
    ];

    #[test]
    fn whatever_is_tampered_with_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        for (number, (table, tamper)) in TAMPERED.iter().enumerate() {
            let path = folder.path().join(format!("{number}.redb"));
            let store = Store::open(&path, &Options::default()).unwrap();
            store.write_blocking(fill).unwrap();
            assert_eq!(store.read(check).unwrap(), [], "before {number}");
            store.write_blocking(|tx| tamper(tx.source)).unwrap();
            drop(store);
            let found = check_file(&path, &Options::default()).unwrap();
            assert!(found.iter().any(|found| found.table == *table), "{number}: {table} in {found:?}");
        }
    }

    #[test]
    fn a_table_that_nobody_knows_is_seen() {
        const UNKNOWN: redb::TableDefinition<'static, u64, u64> = redb::TableDefinition::new("unknown");
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data.redb"), &Options::default()).unwrap();
        store.write_blocking::<_, Error, _>(|tx| tx.source.set(META, "node_id", "n1")).unwrap();
        assert_eq!(store.read(check).unwrap(), []);
        store.write_blocking::<_, Error, _>(|tx| tx.source.set(UNKNOWN, 1, 1)).unwrap();
        assert_eq!(store.read(check).unwrap()[0].table, "file");
    }
}
