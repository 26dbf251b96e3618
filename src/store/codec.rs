//! How a record becomes bytes: one version byte, then numbered fields (minicbor). Fields can be added without a new
//! version; an incompatible change keeps the old type and turns it into the new one in [`Record::read`].

use minicbor::{Decode, Encode};

/// Something that is the value of a table row.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> + Sized {
    /// The version that is written.
    const VERSION: u8 = 1;

    /// Reads a value of any version that was ever written.
    ///
    /// # Errors
    /// What is wrong with the bytes, for the log.
    fn read(version: u8, bytes: &[u8]) -> Result<Self, String> {
        if version != Self::VERSION {
            return Err(format!("unknown version {version}"));
        }
        minicbor::decode(bytes).map_err(|error| error.to_string())
    }
}

/// The bytes of a record.
///
/// # Errors
/// What the record's own encoding refuses, for the log.
pub fn encode<T: Record>(record: &T) -> Result<Vec<u8>, String> {
    // Most records fit at once.
    let mut bytes = Vec::with_capacity(512);
    bytes.push(T::VERSION);
    minicbor::encode(record, &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The record in these bytes.
///
/// # Errors
/// What is wrong with the bytes, for the log.
pub fn decode<T: Record>(bytes: &[u8]) -> Result<T, String> {
    let (version, rest) = bytes.split_first().ok_or_else(|| "empty value".to_owned())?;
    T::read(*version, rest)
}

#[cfg(test)]
mod tests {
    use super::super::audit::{AuditRow, Link, Standing};
    use super::super::once::Submission;
    use super::super::{Audience, Due, FailedJob, Failures, JobKind, JobRow, Notice, Session};
    use super::*;
    use crate::domain::agent_certificate::AgentCertificate;
    use crate::domain::api_key::{ApiKey, Revoked};
    use crate::domain::chassis::ChassisNumber;
    use crate::domain::client_certificate::ClientCertificate;
    use crate::domain::correction::{Correction, Matter};
    use crate::domain::ids::ImportId;
    use crate::domain::ids::{
        AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, PersonId, RequestId, SubmissionNumber,
        TemplateId, UserId, WorkId,
    };
    use crate::domain::import::{Cell, Finding, Import, ImportRow};
    use crate::domain::money::Yen;
    use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
    use crate::domain::payment::{Means, Payment, PaymentKind, PaymentStatus};
    use crate::domain::plate::Plate;
    use crate::domain::proof::{Proof, ProofContent, ProofKind};
    use crate::domain::report::{BranchPart, BranchThen, Report, Reported};
    use crate::domain::request::{
        Ask, Filing, FilingKind, HistoryEntry, Hold, Origin, PortalStatus, Returned, ServiceRequest, Side, Stamp,
        Status, Value,
    };
    use crate::domain::role::{AgentRole, Application, ClientRole};
    use crate::domain::template::Template;
    use crate::domain::time::{BusinessTime, Day, SystemTime};
    use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
    use crate::domain::work::{Outcome, Subject, Work, WorkItem, WorkKind, WorkState};
    use std::collections::BTreeMap;
    use std::fmt::{Debug, Write};

    fn line<T: Record + PartialEq + Debug>(out: &mut String, name: &str, record: &T) {
        let bytes = encode(record).unwrap();
        assert_eq!(decode::<T>(&bytes).unwrap(), *record, "{name}");
        write!(out, "{name} ").unwrap();
        bytes.iter().for_each(|byte| write!(out, "{byte:02x}").unwrap());
        out.push('\n');
    }

    fn business() -> BusinessTime {
        BusinessTime::from_unix(1_775_000_000)
    }

    fn system() -> SystemTime {
        SystemTime::from_unix(1_775_000_001)
    }

    fn day() -> Day {
        Day::new(2026, 4, 1).unwrap()
    }

    fn stamp() -> Stamp {
        Stamp { user: UserId(7), name: "担当".to_owned(), at: business() }
    }

    fn people(out: &mut String) {
        let membership = Membership::Client {
            organization: ClientOrganizationId(100_000_001),
            branch: Some(BranchId(3)),
            role: ClientRole::StaffMaySend,
        };
        let user = User {
            id: UserId(7),
            person: PersonId(8),
            login_id: "Tanto1".to_owned(),
            name: "担当".to_owned(),
            membership,
            password: PasswordHash("$argon2id$".to_owned()),
            password_state: PasswordState::Initial {
                since: system(),
                until: system(),
                by: None,
                failures: 1,
                used: false,
            },
            password_history: vec![PasswordHash("$old$".to_owned())],
            last_sign_in: Some(system()),
            active: true,
            version: 9,
        };
        line(out, "User", &user);
        let membership =
            Membership::Agent { organization: AgentOrganizationId(1), branch: None, role: AgentRole::Administrator };
        let password_state = PasswordState::Chosen { at: system(), expires: None };
        line(out, "User", &User { membership, password_state, last_sign_in: None, ..user });
        let session = Session {
            application: Application::Agent,
            user: UserId(7),
            created: system(),
            last_seen: system(),
            user_version: 9,
            key: [5; 32],
            must_change: true,
            procedure: Some(1),
            signed_in_as: Some(UserId(6)),
        };
        line(out, "Session", &session);
        line(out, "Failures", &Failures { count: 3, until: system() });
    }

    fn organizations(out: &mut String) {
        let text = str::to_owned;
        let client = ClientOrganization {
            id: ClientOrganizationId(100_000_001),
            name: text("整備"),
            short_name: text("整"),
            member_code: text("M1"),
            initial_password: None,
            initial_api_password: None,
            registered_account_open: true,
            light_account_open: false,
            active: true,
            version: 1,
            agents: Some(vec![AgentBranchId(4)]),
            default_agent: Some(AgentBranchId(4)),
        };
        line(out, "ClientOrganization", &client);
        let branch = Branch {
            id: BranchId(3),
            organization: client.id,
            code: text("001"),
            name: text("本店"),
            short_name: text("本"),
            commission_number: Some(text("A123456789")),
            default_agent: Some(AgentBranchId(4)),
            active: true,
            version: 1,
            agents: Some(vec![AgentBranchId(4)]),
        };
        line(out, "Branch", &branch);
        let template = Template {
            id: TemplateId(5),
            organization: client.id,
            branch: Some(branch.id),
            procedure: 1,
            name: text("いつもの"),
            agent_branch: Some(AgentBranchId(4)),
            usual: true,
            fields: BTreeMap::from([(25, Value::Choice(3))]),
            version: 1,
        };
        line(out, "Template", &template);
        let agent = AgentOrganization {
            id: AgentOrganizationId(1),
            name: text("代理"),
            short_name: text("代"),
            procedures: vec![1],
            initial_password: None,
            active: true,
            version: 1,
        };
        line(out, "AgentOrganization", &agent);
        let branch = AgentBranch {
            id: AgentBranchId(4),
            organization: agent.id,
            code: text("D1"),
            name: text("支部"),
            short_name: text("支"),
            commission_number: None,
            active: true,
            version: 1,
            region: text("東京"),
        };
        line(out, "AgentBranch", &branch);
        let certificate = AgentCertificate {
            organization: agent.id,
            number: 1,
            registered_at: business(),
            certificate: vec![1, 2],
            sealed_key: vec![3, 4],
            trade_name: text("代理"),
            person_name: text("代表"),
            address: text("東京都"),
            usable_from: Some(day()),
            valid_until: business(),
            trade_name_kana: text("ダイリ"),
            person_name_kana: text("ダイヒョウ"),
            postal_code: text("123-4567"),
            building: text("ビル"),
            sealed_file: vec![5, 6],
            version: 2,
        };
        line(out, "AgentCertificate", &certificate);
        let certificate = ClientCertificate {
            organization: client.id,
            number: 1,
            registered_at: business(),
            certificate: vec![1, 2],
        };
        line(out, "ClientCertificate", &certificate);
    }

    fn requests(out: &mut String) {
        let request = ServiceRequest {
            id: RequestId(100_000_001),
            procedure: 1,
            client: ClientOrganizationId(100_000_001),
            branch: BranchId(3),
            agent: AgentOrganizationId(1),
            agent_branch: AgentBranchId(4),
            plate: Some(Plate {
                region: "品川".to_owned(),
                class: "300".to_owned(),
                kana: "さ".to_owned(),
                serial: 1234,
                small: false,
            }),
            chassis: Some(ChassisNumber { number: "NZE141-1234567".to_owned(), officially_stamped: false }),
            status: Status::Filed,
            portal_status: Some(PortalStatus::Review),
            version: 4,
            kind: FilingKind::Again,
            created_at: business(),
            requested_at: Some(business()),
            accepted_at: None,
            filed_at: Some(business()),
            completed_on: Some(day()),
            client_updated: Some(stamp()),
            agent_updated: None,
            returned: Some(Returned { by: stamp(), reason: "記載もれ".to_owned() }),
            office: Some(12),
            origin: Origin::ApiKey("key".to_owned()),
            management_number: Some(1),
            external_reference: Some("x".to_owned()),
            fields: BTreeMap::from([
                (1, Value::Flag(true)),
                (12, Value::Text("山田".to_owned())),
                (20, Value::Choice(2)),
                (23, Value::Day(day())),
                (900, Value::Moment(business())),
            ]),
            filings: 2,
            history: 3,
            hold: None,
        };
        line(out, "ServiceRequest", &request);
        line(out, "ServiceRequest", &ServiceRequest { hold: Some(Hold::Suspended), ..request.clone() });
        for origin in [Origin::Screen, Origin::Agent, Origin::Import, Origin::Reuse] {
            line(out, "ServiceRequest", &ServiceRequest { origin, ..request.clone() });
        }
        let payment = Payment {
            kind: PaymentKind::WeightTax,
            amount: Yen(24_600),
            inferred: false,
            expected: true,
            source: "2026".to_owned(),
            status: PaymentStatus::Paid,
            issued_at: business(),
            due: day(),
            paid_on: Some(day()),
            means: Means::Advance,
            payer_account: Some("1".to_owned()),
            advance_on: Some(day()),
            claimed_period: Some(202_604),
            submission: Some(SubmissionNumber([2; 16])),
            ordered_by: Some(UserId(7)),
            refusal: None,
        };
        let filing = Filing {
            request: request.id,
            attempt: 2,
            submission: SubmissionNumber([1; 16]),
            receipt: Some("1234567890123456789".to_owned()),
            document: b"<a/>".to_vec(),
            signature: vec![9],
            filed_at: business(),
            filed_by: stamp(),
            portal_status: PortalStatus::Review,
            facts: BTreeMap::from([(1, Value::Text("1".to_owned()))]),
            payments: vec![payment],
            correction: Some(Correction {
                reasons: vec!["理由".to_owned()],
                deadline: day(),
                at: business(),
                named: vec![Matter::Conformity, Matter::Field(21)],
            }),
            failure: vec!["却下".to_owned()],
            last_event: 5,
            delivered_at: Some(business()),
            correction_submission: Some(SubmissionNumber([3; 16])),
        };
        line(out, "Filing", &filing);
        let entry = HistoryEntry {
            at: business(),
            side: Side::Portal,
            name: None,
            user: None,
            what: "受付".to_owned(),
            from: Some(Status::Sent),
            to: Some(Status::Accepted),
            portal: Some(PortalStatus::Received),
            detail: Some("x".to_owned()),
            fields: vec![1, 2],
        };
        line(out, "HistoryEntry", &entry);
    }

    fn rest(out: &mut String) {
        let notice = Notice {
            id: 1,
            published: day(),
            important: true,
            audience: Audience::All,
            subject: "件名".to_owned(),
            body: "本文".to_owned(),
            link: None,
        };
        line(out, "Notice", &notice);
        let request = RequestId(100_000_001);
        let row = JobRow { due: Due::Business(business()), kind: JobKind::File { request, attempt: 1 }, attempts: 2 };
        line(out, "JobRow", &row);
        let kind = JobKind::Pay { request, attempt: 1, kind: PaymentKind::InspectionFee };
        let row = JobRow { due: Due::System(system()), kind, attempts: 0 };
        line(out, "FailedJob", &FailedJob { id: 3, row, at: system(), cause: "no answer".to_owned() });
        let then = || BranchThen { id: BranchId(3), code: "001".to_owned(), name: "本店".to_owned() };
        let parts = vec![BranchPart::Name, BranchPart::ShortName, BranchPart::CommissionNumber];
        for what in
            [Reported::BranchAdded(then()), Reported::BranchChanged(then(), parts), Reported::BranchRemoved(then())]
        {
            let organization = ClientOrganizationId(100_000_001);
            let report = Report { at: business(), organization, by: UserId(7), by_name: "管理".to_owned(), what };
            line(out, "Report", &report);
        }
        let kind = JobKind::Ask { request, attempt: 1, ask: Ask::Withdraw, number: SubmissionNumber([4; 16]) };
        line(out, "JobRow", &JobRow { due: Due::System(system()), kind, attempts: 0 });
        let key = ApiKey {
            key: "48A1AF3B707F4CA9A4CA5A1C067DD39C".to_owned(),
            organization: ClientOrganizationId(100_000_001),
            branch: Some(BranchId(3)),
            password: PasswordHash("$argon2id$".to_owned()),
            password_state: PasswordState::Chosen { at: system(), expires: None },
            registered_at: system(),
            registered_by: Some(UserId(7)),
            last_used: Some(system()),
            revoked: Some(Revoked { at: system(), by: UserId(7) }),
            version: 2,
        };
        line(out, "ApiKey", &key);
        line(out, "Submission", &Submission { outcome: "100000001".to_owned(), at: system() });
        let kind = WorkKind::Send { procedure: 1 };
        let (id, state, created) = (WorkId(4), WorkState::Open, system());
        let work = Work { id, owner: UserId(7), kind, state, created, ended: None, items: 3, done: 1, failed: 1 };
        line(out, "Work", &work);
        line(out, "Work", &Work { state: WorkState::Cancelled, ended: Some(system()), ..work.clone() });
        let done = Outcome::Done { request: Some(request) };
        for outcome in [None, Some(done), Some(Outcome::Failed { reason: "理由".to_owned() })] {
            line(out, "WorkItem", &WorkItem { subject: Subject::Request(request), outcome });
        }
        let kind = WorkKind::Import { procedure: 1, import: ImportId(2), doubtful: true, send: false };
        let ended = Work { kind, state: WorkState::Finished, ..work };
        line(out, "Work", &ended);
        line(out, "WorkItem", &WorkItem { subject: Subject::Row(3, 5), outcome: None });
        for kind in [WorkKind::File { procedure: 1 }, WorkKind::Pay { procedure: 11 }] {
            line(out, "Work", &Work { kind, ..ended.clone() });
        }
        let subject = Subject::Payment(request, PaymentKind::WeightTax, Yen(24_600));
        line(out, "WorkItem", &WorkItem { subject, outcome: None });
        let import = Import {
            id: ImportId(2),
            organization: ClientOrganizationId(102_400_005),
            owner: UserId(7),
            procedure: 1,
            name: "a.csv".to_owned(),
            digest: [7; 32],
            uploaded: system(),
            unknown: vec!["x".to_owned()],
            rows: 4,
            good: 3,
            doubtful: 2,
            sendable: 1,
        };
        line(out, "Import", &import);
        let finding = || Finding { column: "車台番号".to_owned(), message: "x".to_owned() };
        let (size, entry) = (3, 2);
        let (name, kind, added) = ("受付.pdf".to_owned(), ProofKind::Pdf, stamp());
        line(out, "Proof", &Proof { request, number: 1, entry, name, kind, size, added });
        line(out, "ProofContent", &ProofContent { bytes: vec![1, 2, 3] });
        let row = ImportRow {
            line: 2,
            cells: vec![Cell { key: "chassis".to_owned(), text: "A-1".to_owned() }],
            problems: vec![finding()],
            doubts: vec!["y".to_owned()],
            unsendable: vec![finding()],
            request: Some(request),
        };
        line(out, "ImportRow", &row);
        let row = AuditRow {
            at: system(),
            business: Some(business()),
            actor: Some(UserId(7)),
            source: "127.0.0.1".to_owned(),
            action: "sign-in".to_owned(),
            subject: String::new(),
            details: vec!["ok".to_owned()],
            standing: Some(Standing { person: PersonId(8), membership: Membership::Operator }),
        };
        line(out, "Link", &Link { row: encode(&row).unwrap(), mac: [6; 32] });
        line(out, "AuditRow", &row);
    }

    /// What is on people's disks. A line that changes means files that can no longer be read, unless the version byte
    /// grew and the old form is still decoded; a field that was added only makes its line longer.
    #[test]
    fn records_have_their_stored_form() {
        let mut out = String::new();
        people(&mut out);
        organizations(&mut out);
        requests(&mut out);
        rest(&mut out);
        insta::assert_snapshot!("records", out);
    }

    /// Lines of records that grew since.
    #[test]
    fn records_of_earlier_versions_are_read() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
        };
        let branch: AgentBranch = decode(&bytes("0188040162443166e694afe983a863e694aff6f501")).unwrap();
        assert_eq!((branch.code.as_str(), branch.region.as_str(), branch.version), ("D1", "", 1));
        let certificate: AgentCertificate = decode(&bytes(
            "018a01011a69cc59c042010242030466e4bba3e7908666e4bba3e8a1a869e69db1e4baace983bd1a013526311a69cc59c0",
        ))
        .unwrap();
        assert_eq!((certificate.usable_from, certificate.version), (Some(day()), 0));
        assert!(certificate.sealed_file.is_empty() && certificate.postal_code.is_empty());
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        assert!(decode::<Failures>(&[]).is_err());
        assert!(decode::<Failures>(&[2, 0x80]).unwrap_err().contains("version"));
        assert!(decode::<Failures>(&[1, 0x81]).is_err());
    }
}
