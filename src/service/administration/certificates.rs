//! 代理人証明書: registered from a .p12 file, completed and changed in 代理人証明書更新 (agent guide). The file is opened
//! outside the transaction; everything decided on it is decided again inside. The password is never kept.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::key_files::{self, FILE, Uploaded, check_dates};
use super::super::once::Token;
use super::super::reason::Reason;
use super::{act, organization};
use crate::app::App;
use crate::domain::actor::AgentActor;
use crate::domain::agent_certificate::{self, AgentCertificate, Warning, split_address};
use crate::domain::ids::AgentOrganizationId;
use crate::domain::problem::Problems;
use crate::domain::procedure;
use crate::domain::request::Status;
use crate::domain::rules::{self, Entry};
use crate::domain::search::{Conditions, Order, Page, Scope};
use crate::domain::time::{BusinessTime, Day};
use crate::pki::certificate::{Details, Subject};
use crate::pki::p12::KeyFile;
use crate::secret::{NodeKey, Secret};
use crate::store::{Source, Tables};

/// Statuses in which an application is under way at the portal.
const UNDER_WAY: [Status; 5] =
    [Status::Filed, Status::CorrectionRequested, Status::Suspended, Status::Resuming, Status::Withdrawing];

/// What 代理人証明書更新 takes, after the rules. Besides 利用開始日 all of it has to be what the certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInput {
    /// 屋号（カナ）.
    pub trade_name_kana: String,
    /// 屋号（漢字）.
    pub trade_name: String,
    /// 氏名又は代表者名（カナ）.
    pub person_name_kana: String,
    /// 氏名又は代表者名（漢字）.
    pub person_name: String,
    /// 郵便番号, `123-4567`.
    pub postal_code: String,
    /// 住所（都道府県～番地）.
    pub address: String,
    /// 住所（建物名等）.
    pub building: String,
    /// 利用開始日.
    pub usable_from: Option<Day>,
}

impl CertificateInput {
    /// Checks what was typed under the names of these fields.
    pub fn check<'t>(entry: &mut Entry, typed: impl Fn(&str) -> &'t str) -> Self {
        let trade_name = entry.optional("trade_name", &rules::CERTIFICATE_TRADE_NAME, typed("trade_name"));
        let kana = typed("trade_name_kana");
        let input = Self {
            // A person without a firm's name has none to spell.
            trade_name_kana: if trade_name.is_empty() {
                entry.optional("trade_name_kana", &rules::TRADE_NAME_KANA, kana)
            } else {
                entry.required("trade_name_kana", &rules::TRADE_NAME_KANA, kana)
            },
            trade_name,
            person_name_kana: entry.required("person_name_kana", &rules::PERSON_NAME_KANA, typed("person_name_kana")),
            person_name: entry.required("person_name", &rules::CERTIFICATE_PERSON_NAME, typed("person_name")),
            postal_code: entry.required("postal_code", &rules::POSTAL_CODE, typed("postal_code")),
            address: entry.optional("address", &rules::CERTIFICATE_ADDRESS, typed("address")),
            building: entry.optional("building", &rules::CERTIFICATE_BUILDING, typed("building")),
            usable_from: Day::parse(typed("usable_from")),
        };
        if input.usable_from.is_none() {
            let sentence = if typed("usable_from").is_empty() {
                "利用開始日を入力してください。通常は入力当日の日付です。"
            } else {
                "利用開始日は、2026/01/06 のように年月日で入力してください。"
            };
            entry.wrong("usable_from", sentence);
        }
        input
    }
}

/// A certificate with what its file says.
#[derive(Debug, Clone)]
pub struct CertificateView {
    /// The record.
    pub certificate: AgentCertificate,
    /// What is written in the certificate itself.
    pub details: Details,
    /// Labels of fields that differ from the certificate: with them the portal refuses a filing.
    pub differing: Vec<&'static str>,
    /// Whether it is the one that signs today.
    pub signs: bool,
}

/// The agent's own certificates, newest first.
///
/// # Errors
/// `NotFound` for another agent's.
pub fn all(app: &App, actor: &AgentActor, id: AgentOrganizationId) -> Result<Vec<AgentCertificate>> {
    app.store.read(|tx| {
        organization::find(tx, actor, id)?;
        let mut certificates = tx.agent_certificates(id)?;
        certificates.reverse();
        Ok(certificates)
    })
}

/// 代理人証明書照会.
///
/// # Errors
/// `NotFound` for another agent's.
pub fn view(app: &App, actor: &AgentActor, id: AgentOrganizationId, number: u32) -> Result<CertificateView> {
    let now = app.clocks.business();
    app.store.read(|tx| {
        let certificate = find(tx, actor, id, number)?;
        let details = Details::read(&certificate.certificate).map_err(Error::internal)?;
        let differing = differing(&certificate, &details);
        let signing = agent_certificate::signing(&tx.agent_certificates(id)?, now).map(|signing| signing.number);
        Ok(CertificateView { differing, details, signs: signing == Some(number), certificate })
    })
}

fn find<S: Source>(
    tx: &Tables<S>,
    actor: &AgentActor,
    id: AgentOrganizationId,
    number: u32,
) -> Result<AgentCertificate> {
    organization::find(tx, actor, id)?;
    tx.agent_certificates(id)?.into_iter().find(|found| found.number == number).ok_or(Error::NotFound)
}

fn differing(certificate: &AgentCertificate, details: &Details) -> Vec<&'static str> {
    let (address, building) = split_address(&details.subject.address());
    [
        ("屋号（漢字）", certificate.trade_name != details.subject.organization),
        ("氏名又は代表者名（漢字）", certificate.person_name != details.subject.common_name),
        ("住所（都道府県～番地）", certificate.address != address),
        ("住所（建物名等）", certificate.building != building),
    ]
    .into_iter()
    .filter_map(|(label, differs)| differs.then_some(label))
    .collect()
}

/// Applications of this agent that are under way: best none when a certificate changes.
///
/// # Errors
/// The store's.
pub fn under_way(app: &App, actor: &AgentActor) -> Result<u64> {
    app.store.read(|tx| {
        let conditions = Conditions { statuses: UNDER_WAY.to_vec(), ..Conditions::default() };
        let mut count = 0;
        for procedure in procedure::ALL {
            let scope = Scope::Agent(actor.organization(), None);
            let page = Page { number: 1, size: 1 };
            count += tx.search(scope, procedure.code, &conditions, Order::Newest, page)?.total;
        }
        Ok(count)
    })
}

/// What users of this agent have to be told about the end of its certificates.
///
/// # Errors
/// The store's.
pub fn warning(app: &App, actor: &AgentActor) -> Result<Option<Warning>> {
    let now = app.clocks.business();
    app.store.read(|tx| Ok(agent_certificate::warning(&tx.agent_certificates(actor.organization())?, now)))
}

/// 代理人証明書登録. Answers its number.
///
/// # Errors
/// `Invalid` with what is wrong with the file or the password; `Forbidden`; `NotFound`.
pub async fn register(
    app: &App,
    actor: &AgentActor,
    id: AgentOrganizationId,
    uploaded: Uploaded,
    once: Token,
) -> Result<u32> {
    let Uploaded { name, content, password } = uploaded;
    let file = app.key_files.open(&name, content.clone(), password).await?;
    check_dates(&file, app.clocks.business())?;
    let (key, once) = (app.key.clone(), once.of(("certificate.register", id, &file.details.fingerprint)));
    act(app, actor, once, move |tx, actor, now| {
        organization::administered(tx, actor, id)?;
        let known = tx.agent_certificates(id)?;
        if let Some(known) = known.iter().find(|known| known.certificate == file.certificate) {
            let sentence = format!(
                "この電子証明書は、{}に登録済みです。内容を直すときは「代理人証明書更新」を使います。",
                known.registered_at
            );
            return Err(Problems::one(FILE, sentence).into());
        }
        let number = known.iter().map(|known| known.number).max().unwrap_or(0).saturating_add(1);
        tx.put_agent_certificate(&sealed(&key, (id, number), &file, &content, now.business))?;
        audit::note(tx, now, actor.user(), "certificate.register", subject_of(id, number), Vec::new())?;
        Ok(number)
    })
    .await
}

/// The record of a file: its fields filled from the certificate, its key and itself sealed. 代理人証明書更新 is still to be
/// done.
pub fn sealed(
    key: &NodeKey,
    (organization, number): (AgentOrganizationId, u32),
    file: &KeyFile,
    content: &[u8],
    registered_at: BusinessTime,
) -> AgentCertificate {
    let subject = &file.details.subject;
    let (address, building) = split_address(&subject.address());
    AgentCertificate {
        organization,
        number,
        registered_at,
        certificate: file.certificate.clone(),
        sealed_key: key.seal(&AgentCertificate::place(organization, number), file.key.reveal()),
        trade_name: subject.organization.clone(),
        person_name: subject.common_name.clone(),
        address,
        usable_from: None,
        valid_until: BusinessTime::from_unix(file.details.not_after),
        trade_name_kana: String::new(),
        person_name_kana: String::new(),
        postal_code: String::new(),
        building,
        sealed_file: key.seal(&AgentCertificate::file_place(organization, number), content),
        version: 1,
    }
}

fn subject_of(id: AgentOrganizationId, number: u32) -> String {
    format!("agent certificate {id}/{number}")
}

/// 代理人証明書更新. The password is verified against the kept file at every update.
///
/// # Errors
/// `Invalid` at the password or 利用開始日; `Refused` when no file is kept; `Conflict`; `Forbidden`; `NotFound`.
pub async fn update(
    app: &App,
    actor: &AgentActor,
    (id, number, version): (AgentOrganizationId, u32, u32),
    input: CertificateInput,
    password: Secret<String>,
    once: Token,
) -> Result<u32> {
    let kept = app.store.read(|tx| find(tx, actor, id, number))?;
    if kept.sealed_file.is_empty() {
        return Err(Reason::CertificateFileMissing.into());
    }
    let content =
        app.key.open(&AgentCertificate::file_place(id, number), &kept.sealed_file).map_err(Error::internal)?;
    let file = app.key_files.reopen(content, password).await?;
    check_beginning(&input, &file.details)?;
    let once = once.of(("certificate.update", id, number, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        organization::administered(tx, actor, id)?;
        let before = find(tx, actor, id, number)?;
        if before.version != version || before.certificate != file.certificate {
            return Err(Error::Conflict);
        }
        let input = input.clone();
        let after = AgentCertificate {
            trade_name_kana: input.trade_name_kana,
            trade_name: input.trade_name,
            person_name_kana: input.person_name_kana,
            person_name: input.person_name,
            postal_code: input.postal_code,
            address: input.address,
            building: input.building,
            usable_from: input.usable_from,
            ..before.clone()
        };
        if after == before {
            return Ok(number);
        }
        tx.put_agent_certificate(&AgentCertificate { version: before.version.saturating_add(1), ..after.clone() })?;
        let changed = changed(&before, &after);
        audit::note(tx, now, actor.user(), "certificate.update", subject_of(id, number), changed)?;
        Ok(number)
    })
    .await
}

fn check_beginning(input: &CertificateInput, details: &Details) -> Result<()> {
    let day = |moment| BusinessTime::from_unix(moment).day();
    let (from, until) = (day(details.not_before), day(details.not_after));
    if input.usable_from.is_some_and(|day| (from..=until).contains(&day)) {
        return Ok(());
    }
    let sentence = format!("利用開始日は、電子証明書の有効期間（{from}～{until}）の中の日付を入力してください。");
    Err(Problems::one("usable_from", sentence).into())
}

fn changed(before: &AgentCertificate, after: &AgentCertificate) -> Vec<String> {
    audit::changed([
        ("trade_name_kana", before.trade_name_kana != after.trade_name_kana),
        ("trade_name", before.trade_name != after.trade_name),
        ("person_name_kana", before.person_name_kana != after.person_name_kana),
        ("person_name", before.person_name != after.person_name),
        ("postal_code", before.postal_code != after.postal_code),
        ("address", before.address != after.address),
        ("building", before.building != after.building),
        ("usable_from", before.usable_from != after.usable_from),
    ])
}

/// A signing certificate to practise with, as a .p12 file: of this organization, valid for two years from now. Demo,
/// training and test only.
///
/// # Errors
/// `NotFound` in production and for another agent's.
pub async fn practice(app: &App, actor: &AgentActor, id: AgentOrganizationId) -> Result<Vec<u8>> {
    let subject = app.store.read(|tx| {
        let organization = organization::administered(tx, actor, id)?;
        let newest = tx.agent_certificates(id)?.pop();
        let (person, address) = newest.map(|newest| (newest.person_name.clone(), newest.whole_address())).unzip();
        Ok::<_, Error>(Subject {
            common_name: person.unwrap_or_else(|| actor.name().to_owned()),
            organization: organization.name,
            street: address.unwrap_or_else(|| "東京都架空区見本町一丁目１番１号".to_owned()),
            ..Subject::default()
        })
    })?;
    key_files::practice(app, subject).await
}
