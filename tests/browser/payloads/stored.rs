//! A whole world whose stored texts are payloads: written record by record, below every rule. A record is taken apart
//! as it is stored, so that a new field of text is poisoned too.

use super::PAYLOADS;
use ainas::app::App;
use ainas::clock::Clocks;
use ainas::config::{Config, PortalGateway, Profile};
use ainas::domain::agent_certificate::AgentCertificate;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::client_certificate::ClientCertificate;
use ainas::domain::ids::{
    AgentBranchId, BranchId, ClientOrganizationId, ImportId, RequestId, SubmissionNumber, UserId,
};
use ainas::domain::import::{Cell, Finding, Import, ImportRow};
use ainas::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use ainas::domain::plate::Plate;
use ainas::domain::procedure::inspection;
use ainas::domain::proof::{Proof, ProofContent, ProofKind};
use ainas::domain::request::{ServiceRequest, Stamp};
use ainas::domain::role::Application;
use ainas::domain::time::BusinessTime;
use ainas::domain::user::User;
use ainas::domain::work::{Outcome, Subject, Work, WorkItem, WorkKind, WorkState};
use ainas::pki::certificate;
use ainas::pki::signing::{self, AgentIdentity};
use ainas::portal::document;
use ainas::portal::gateway::{ApplicationDocument, Command};
use ainas::service::error::Error;
use ainas::sim::world::{Conformity, Vehicle};
use ainas::store::Write;
use ainas::store::codec::{self, Record};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Kinds of records whose texts some page shows.
pub(super) const KINDS: [&str; 20] = [
    "Account",
    "AgentBranch",
    "AgentCertificate",
    "AgentOrganization",
    "Branch",
    "Certificate",
    "ClientOrganization",
    "Commissioned",
    "Conformity",
    "Document",
    "Filing",
    "HistoryEntry",
    "Import",
    "ImportRow",
    "Notice",
    "ServiceRequest",
    "Template",
    "User",
    "Vehicle",
    "WorkItem",
];

/// How many payloads stand in one text.
const SOME: usize = 8;
/// Numbers of records of small tables are below this.
const MOST: u32 = 100;

/// Payloads of which each record gets its own.
#[derive(Debug, Clone, Default)]
struct Poison {
    /// How many there were of a kind.
    records: BTreeMap<String, usize>,
}

impl Poison {
    /// A text of a kind's record with this number: its label and some of the payloads, so that a few records have all in
    /// each of their texts; every third time one payload and no more, as the beginning of an address.
    fn text(number: usize, kind: &str, field: usize) -> String {
        if number % 3 == 2 {
            return PAYLOADS[(number * 7 + field) % PAYLOADS.len()].to_owned();
        }
        let start = (number + field) % (PAYLOADS.len() / SOME) * SOME;
        format!("‹{kind}.{field}›{}", PAYLOADS[start..start + SOME].join(" "))
    }

    /// The same record with every text in it poisoned.
    fn of<T: Record>(&mut self, record: &T) -> T {
        let path = std::any::type_name::<T>();
        let kind = path.rsplit("::").next().unwrap_or(path);
        let number = self.records.entry(kind.to_owned()).or_default();
        *number += 1;
        let bytes = codec::encode(record).expect("a record");
        let (version, rest) = bytes.split_first().expect("a version");
        let mut poisoned = vec![*version];
        let (mut out, mut field) = (Encoder::new(&mut poisoned), 0);
        let mut parts = Decoder::new(rest);
        while parts.position() < rest.len() {
            let read = "a part of a record";
            let done = match parts.datatype().expect(read) {
                Type::String => {
                    parts.str().expect(read);
                    field += 1;
                    out.str(&Self::text(*number - 1, kind, field - 1))
                }
                Type::Bytes => out.bytes(parts.bytes().expect(read)),
                Type::Array => out.array(parts.array().expect(read).expect("a length")),
                Type::Map => out.map(parts.map().expect(read).expect("a length")),
                Type::Bool => out.bool(parts.bool().expect(read)),
                Type::Null => parts.null().map(|()| out.null()).expect(read),
                Type::U8 | Type::U16 | Type::U32 | Type::U64 => out.u64(parts.u64().expect(read)),
                _ => out.i64(parts.i64().expect(read)),
            };
            done.expect("a part");
        }
        codec::decode(&poisoned).unwrap_or_else(|error| panic!("{kind}: {error}"))
    }
}

/// Makes a demo world in this folder, and poisons it. Where there is a copy of it.
pub(super) fn poison(data: &Path) -> PathBuf {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let clocks = Arc::new(Clocks::machine());
    let mut config = Config::on_loopback(0);
    config.hours.enabled = false;
    config.portal.gateway = PortalGateway::Simulated;
    let made = ainas::node::create(data, Profile::Demo, &config, clocks.system()).expect("a data folder");
    let app = App::open(made.folder, config, clocks).expect("a node");
    runtime.block_on(ainas::demo::build(&app)).expect("a demo");
    let now = app.clocks.business();
    let identity = identity(now);
    outside(&app, &identity, now);
    let certificate = identity.certificate;
    app.store.write_blocking(move |tx| inside(tx, &certificate, now)).expect("poison");
    assert!(app.store.read(ainas::store::check::check).expect("a check").is_empty());
    app.close();
    drop(app);
    let beside = data.with_file_name("copy");
    copy(data, &beside);
    beside
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let beside = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &beside);
        } else {
            std::fs::copy(&entry, &beside).expect("a copy");
        }
    }
}

/// A certificate with payloads in the names of its subject.
fn identity(now: BusinessTime) -> AgentIdentity {
    let text = |field| Poison::text(0, "Certificate", field);
    let subject = certificate::Subject {
        common_name: text(0),
        organization: text(1),
        prefecture: text(2),
        locality: text(3),
        street: text(4),
        serial_number: String::new(),
    };
    signing::generate_agent_certificate(&subject, now.plus(-86_400), now.plus(86_400 * 300)).expect("a certificate")
}

fn inside(tx: &mut Write, certificate: &[u8], now: BusinessTime) -> Result<(), Error> {
    let mut poison = Poison::default();
    let clients = tx.client_organizations()?;
    for organization in &clients {
        tx.put_client_organization(&ClientOrganization {
            initial_password: organization.initial_password.clone(),
            initial_api_password: organization.initial_api_password.clone(),
            ..poison.of(organization)
        })?;
        for template in tx.templates_of(organization.id)? {
            tx.put_template(&poison.of(&template))?;
        }
        for report in tx.reports_of(organization.id, 100)? {
            tx.add_report(&poison.of(&report))?;
        }
        tx.put_client_certificate(&ClientCertificate {
            organization: organization.id,
            number: 90,
            registered_at: now,
            certificate: certificate.to_vec(),
        })?;
    }
    for id in 1..MOST {
        // Codes stay apart.
        if let Some(branch) = tx.branch(BranchId(id))? {
            let poisoned = poison.of(&branch);
            tx.put_branch(&Branch { code: format!("{id}{}", poisoned.code), ..poisoned })?;
        }
        if let Some(branch) = tx.agent_branch(AgentBranchId(id))? {
            let poisoned = poison.of(&branch);
            tx.put_agent_branch(&AgentBranch { code: format!("{id}{}", poisoned.code), ..poisoned })?;
        }
        if let Some(notice) = tx.notice(id)? {
            tx.put_notice(&poison.of(&notice))?;
        }
        if let Some(user) = tx.user(UserId(id))? {
            tx.put_user(&User {
                login_id: user.login_id.clone(),
                password: user.password.clone(),
                password_history: user.password_history.clone(),
                ..poison.of(&user)
            })?;
        }
    }
    for organization in tx.agent_organizations()? {
        for known in tx.agent_certificates(organization.id)? {
            let names = poison.of(&known);
            tx.put_agent_certificate(&AgentCertificate { certificate: certificate.to_vec(), ..names })?;
        }
        tx.put_agent_organization(&AgentOrganization {
            initial_password: organization.initial_password.clone(),
            ..poison.of(&organization)
        })?;
    }
    requests(tx, &mut poison, now)?;
    long_work(tx, &mut poison, clients.first().map_or(ClientOrganizationId(1), |organization| organization.id))
}

fn requests(tx: &mut Write, poison: &mut Poison, now: BusinessTime) -> Result<(), Error> {
    let mut id = RequestId(100_000_001);
    while let Some(request) = tx.request(id)? {
        for filing in tx.filings(id)? {
            tx.put_filing(&poison.of(&filing))?;
        }
        let entries = tx.history(id)?;
        let mut poisoned: ServiceRequest = poison.of(&request);
        // Written over from the first line on.
        poisoned.history = 0;
        for entry in entries {
            let entry = poison.of(&entry);
            tx.add_history(&mut poisoned, entry)?;
        }
        if request.filings > 0 {
            let added = Stamp { user: UserId(1), name: "代理".to_owned(), at: now };
            let proof = Proof {
                request: id,
                number: 1,
                entry: request.history.saturating_sub(1),
                name: "控え.pdf".to_owned(),
                kind: ProofKind::Pdf,
                size: 8,
                added,
            };
            tx.add_proof(&poison.of(&proof), &ProofContent { bytes: b"%PDF-1.7".to_vec() })?;
        }
        tx.put_request(&poisoned)?;
        id = RequestId(id.0 + 1);
    }
    Ok(())
}

/// Uploads and long work of everybody who can have any.
fn long_work(tx: &mut Write, poison: &mut Poison, organization: ClientOrganizationId) -> Result<(), Error> {
    let now = Clocks::machine().system();
    let request = RequestId(100_000_001);
    for id in 1..MOST {
        let Some(user) = tx.user(UserId(id))? else { continue };
        let application = user.membership.application();
        if application == Application::Simulator {
            continue;
        }
        let work = tx.next_work_id()?;
        let outcome = Some(Outcome::Failed { reason: "理由".to_owned() });
        tx.put_work_item(work, 0, &poison.of(&WorkItem { subject: Subject::Request(request), outcome }))?;
        tx.put_work(&Work {
            id: work,
            owner: user.id,
            kind: WorkKind::Send { procedure: inspection::PROCEDURE.code },
            state: WorkState::Finished,
            created: now,
            ended: Some(now),
            items: 1,
            done: 0,
            failed: 1,
        })?;
        // Two, of which one at least says whose it is.
        for _ in 0..if application == Application::Client { 2 } else { 0 } {
            let number: ImportId = tx.next_import_id()?;
            let text = str::to_owned;
            let finding = || vec![Finding { column: text("メモ"), message: text("長すぎます。") }];
            let import = Import {
                id: number,
                organization,
                owner: user.id,
                procedure: inspection::PROCEDURE.code,
                name: text("表.xlsx"),
                digest: [7; 32],
                uploaded: now,
                unknown: vec![text("備考")],
                rows: 2,
                good: 1,
                doubtful: 1,
                sendable: 0,
            };
            tx.put_import(&poison.of(&import))?;
            for (at, problems) in [Vec::new(), finding()].into_iter().enumerate() {
                let cells = ["chassis", "memo", "name"].map(|key| Cell { key: text(key), text: text("x") }).to_vec();
                let row = ImportRow {
                    line: u32::try_from(at).unwrap_or(0) + 2,
                    cells: cells.clone(),
                    problems,
                    doubts: vec![text("疑い")],
                    unsendable: finding(),
                    request: None,
                };
                let mut poisoned = poison.of(&row);
                // The keys say which column a cell stands in.
                poisoned.cells.iter_mut().zip(cells).for_each(|(cell, known)| cell.key = known.key);
                tx.put_import_row(number, u32::try_from(at).unwrap_or(0), &poisoned)?;
            }
        }
    }
    Ok(())
}

/// The outside world: its own tables, and filings whose documents and signatures are full of it.
fn outside(app: &App, identity: &AgentIdentity, now: BusinessTime) {
    let sim = app.sim.clone().expect("a world");
    let mut poison = Poison::default();
    // Chassis numbers stay, so that what there is is written over.
    for vehicle in sim.vehicles().expect("vehicles").iter().take(30) {
        let chassis = vehicle.chassis.clone();
        sim.put_vehicle(Vehicle { chassis, ..poison.of(vehicle) }).expect("a vehicle");
    }
    for conformity in sim.conformities().expect("certificates").iter().take(30) {
        let chassis = conformity.chassis.clone();
        sim.put_conformity(Conformity { chassis, ..poison.of(conformity) }).expect("a certificate");
    }
    for account in sim.accounts().expect("accounts").iter().take(6) {
        sim.put_account(poison.of(account)).expect("an account");
    }
    for holder in sim.holders().expect("holders").iter().take(6) {
        sim.put_commissioned(poison.of(holder)).expect("a holder");
    }
    for number in 0..8 {
        let text = |field| Poison::text(number, "Document", field).replace(|c: char| c.is_control(), " ");
        let document = ApplicationDocument {
            request: RequestId(100_000_001),
            procedure: inspection::PROCEDURE.code,
            office: text(0),
            plate: Plate { region: text(1), class: text(2), kana: text(3), serial: 1234, small: false },
            chassis: ChassisNumber { number: text(4), officially_stamped: false },
            fields: ["name", "address1", "address2", "memo"]
                .iter()
                .enumerate()
                .map(|(at, key)| ((*key).to_owned(), text(5 + at)))
                .collect(),
            agent: ["trade_name", "name", "address"]
                .iter()
                .enumerate()
                .map(|(at, key)| ((*key).to_owned(), text(10 + at)))
                .collect(),
            distribution: text(15),
        };
        let document = document::write(&document);
        let signature =
            signing::sign(&document, &identity.certificate, identity.key.reveal(), now).expect("a signature");
        let filed = Command::File { request: RequestId(100_000_001), document, signature, earlier: Some(text(16)) };
        sim.submit(&filed, SubmissionNumber([u8::try_from(number).unwrap_or(0) + 1; 16]), now).expect("a filing");
    }
}
