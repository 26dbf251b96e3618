//! 申請 and 補正: from an accepted request to a signed document on its way to the portal. The document is made and
//! signed outside the transaction, which takes it only if the request is still what was signed.

use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use super::requests;
use super::work::Step;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::agent_certificate::{self, AgentCertificate};
use crate::domain::field;
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::problem::Problems;
use crate::domain::procedure::common::{division, fact, no};
use crate::domain::procedure::{FieldKind, Procedure};
use crate::domain::request::{Filing, PortalStatus, ServiceRequest, Stamp, Value, Values};
use crate::domain::time::BusinessTime;
use crate::domain::work::Outcome;
use crate::domain::workflow::{Action, ActionKind};
use crate::pki::signing;
use crate::portal::document;
use crate::portal::gateway::ApplicationDocument;
use crate::secret;
use crate::store::{Due, JobKind, Read, Write};

/// 申込欄: what the agent declares with every filing.
pub const DECLARATION: &str =
    "申請義務者から委任を受けて申請します。委任は、保安基準適合証を交付した指定自動車整備事業者を通じて確認しました。";

/// 申請 of one.
///
/// # Errors
/// Why it can't be filed: its status, its data, the agent or the certificate.
pub async fn file(app: &App, actor: &AgentActor, id: RequestId, once: Token) -> Result<()> {
    let (user, now) = (actor.user(), app.clocks.now());
    let once = once.of((ActionKind::File, id));
    let number = SubmissionNumber(secret::random());
    let hand_over = app.gateway.is_some();
    let Some(signed) = prepare(app, actor, id, &Action::File, &once, now.business).await? else { return Ok(()) };
    app.store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            match file_within(tx, &actor, (id, number), &signed, hand_over, now) {
                // The same form, sent twice at once, is no conflict.
                Err(Error::Conflict) => return tx.submission(user, once.as_str())?.map(drop).ok_or(Error::Conflict),
                other => other?,
            }
            Ok(tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?)
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// 申請 of one of many, as long work does it: signed here, filed by the step unless it changed meanwhile.
///
/// # Errors
/// Why it can't be filed.
pub(super) fn step(app: &App, actor: &Actor, id: RequestId, now: Moment) -> Result<Step> {
    let Actor::Agent(actor) = actor else { return Err(Error::Forbidden) };
    let hand_over = app.gateway.is_some();
    let (request, papers) = app.store.read(|tx| papers(tx, actor, id, (&Action::File, hand_over), now.business))?;
    let signed = unsigned(app, &request, papers)?.sign(now.business)?;
    let number = SubmissionNumber(secret::random());
    Ok(Box::new(move |tx, actor, now| {
        let Actor::Agent(actor) = actor else { return Err(Error::Forbidden) };
        file_within(tx, actor, (id, number), &signed, hand_over, now)?;
        Ok(Outcome::Done { request: Some(id) })
    }))
}

/// Files what was signed. Without a gateway, a person hands it over.
fn file_within(
    tx: &mut Write,
    actor: &AgentActor,
    (id, number): (RequestId, SubmissionNumber),
    signed: &Signed,
    hand_over: bool,
    now: Moment,
) -> Result<()> {
    let mut request = tx.request_for_agent(actor, id)?.ok_or(Error::NotFound)?;
    if request.version != signed.version {
        return Err(Error::Conflict);
    }
    let by = Stamp { user: actor.user(), name: actor.name().to_owned(), at: now.business };
    requests::step(tx, &mut request, &Action::File, &Actor::Agent(actor.clone()), now)?;
    request.filings += 1;
    request.portal_status = Some(PortalStatus::Processing);
    if request.procedure().field_by_number(no::DECLARATION).is_some() {
        request.fields.insert(no::DECLARATION, Value::Text(DECLARATION.to_owned()));
    }
    let filing = new_filing(&request, number, by, signed, now.business);
    tx.put_filing(&filing)?;
    tx.put_request(&request)?;
    if hand_over {
        tx.enqueue(Due::System(now.system), JobKind::File { request: id, attempt: filing.attempt })?;
    }
    Ok(())
}

fn new_filing(
    request: &ServiceRequest,
    submission: SubmissionNumber,
    filed_by: Stamp,
    signed: &Signed,
    now: BusinessTime,
) -> Filing {
    Filing {
        request: request.id,
        attempt: request.filings,
        submission,
        receipt: None,
        document: signed.document.clone(),
        signature: signed.signature.clone(),
        filed_at: now,
        filed_by,
        portal_status: PortalStatus::Processing,
        facts: Values::from([
            (fact::UPDATED, Value::Moment(now)),
            (fact::DETAIL, Value::Text(PortalStatus::Processing.label().to_owned())),
        ]),
        payments: Vec::new(),
        correction: None,
        failure: Vec::new(),
        last_event: 0,
        delivered_at: None,
        correction_submission: None,
    }
}

/// 補正: what the portal asked for has been mended, here with `values` or elsewhere; the document is made and signed
/// anew and handed over.
///
/// # Errors
/// `Refused` when no correction is awaited; `Conflict` when somebody changed the request since `version`; `Invalid` when
/// the corrected application would not be complete.
pub async fn correct(
    app: &App,
    actor: &AgentActor,
    id: RequestId,
    version: u32,
    values: Values,
    once: Token,
) -> Result<()> {
    let (user, now) = (actor.user(), app.clocks.now());
    let number = SubmissionNumber(secret::random());
    let once = once.of((ActionKind::Correct, id, &values));
    let hand_over = app.gateway.is_some();
    let action = Action::Correct(values);
    let Some(signed) = prepare(app, actor, id, &action, &once, now.business).await? else { return Ok(()) };
    if signed.version != version {
        return Err(Error::Conflict);
    }
    app.store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            let mut request = tx.request_for_agent(&actor, id)?.ok_or(Error::NotFound)?;
            if request.version != signed.version {
                return tx.submission(user, once.as_str())?.map(drop).ok_or(Error::Conflict);
            }
            let mut filing = tx.last_filing(&request)?.ok_or(Error::NotFound)?;
            requests::step(tx, &mut request, &action, &Actor::Agent(actor), now)?;
            filing.document = signed.document.clone();
            filing.signature = signed.signature.clone();
            filing.correction_submission = Some(number);
            tx.put_filing(&filing)?;
            tx.put_request(&request)?;
            if hand_over {
                tx.enqueue(Due::System(now.system), JobKind::Correct { request: id, attempt: filing.attempt })?;
            }
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok(())
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// Whether 申請 of an accepted request would succeed now.
///
/// # Errors
/// Why not.
pub(super) fn fileable(app: &App, tx: &Read, actor: &Actor, id: RequestId, now: Moment) -> Result<()> {
    let Actor::Agent(actor) = actor else { return Err(Error::Forbidden) };
    let (request, papers) = papers(tx, actor, id, (&Action::File, app.gateway.is_some()), now.business)?;
    papers.commission(&request).map(drop)
}

/// A signed document and the version of the request it says.
struct Signed {
    version: u32,
    document: Vec<u8>,
    signature: Vec<u8>,
}

/// Makes and signs the document, or says why it can't be filed; nothing when this very form did it before.
async fn prepare(
    app: &App,
    actor: &AgentActor,
    id: RequestId,
    action: &Action,
    once: &Token,
    now: BusinessTime,
) -> Result<Option<Signed>> {
    // Who files by hand signs at the portal.
    let must_sign = app.gateway.is_some();
    let found = app.store.read(|tx| match papers(tx, actor, id, (action, must_sign), now) {
        Err(Error::Refused(Reason::WrongStatus { .. })) if tx.submission(actor.user(), once.as_str())?.is_some() => {
            Ok::<_, Error>(None)
        }
        other => other.map(Some),
    })?;
    let Some((request, papers)) = found else { return Ok(None) };
    let unsigned = unsigned(app, &request, papers)?;
    tokio::task::spawn_blocking(move || unsigned.sign(now)).await.map_err(Error::internal)?.map(Some)
}

/// A document with the key to sign it, where it has to be signed.
struct Unsigned {
    version: u32,
    document: Vec<u8>,
    signer: Option<(AgentCertificate, secret::Secret<Vec<u8>>)>,
}

fn unsigned(app: &App, request: &ServiceRequest, papers: Papers) -> Result<Unsigned> {
    let office = request
        .office
        .and_then(|number| app.tables.offices.get(request.procedure().vehicle, number))
        .map(|office| office.name.clone())
        .unwrap_or_default();
    let document = document::write(&papers.document(request, office)?);
    let signer = match papers.certificate {
        None => None,
        Some(certificate) => {
            let place = AgentCertificate::place(certificate.organization, certificate.number);
            let key = app.key.open(&place, &certificate.sealed_key).map_err(Error::internal)?;
            Some((certificate, secret::Secret::new(key)))
        }
    };
    Ok(Unsigned { version: request.version, document, signer })
}

impl Unsigned {
    /// Takes a while.
    fn sign(self, now: BusinessTime) -> Result<Signed> {
        let signature = match &self.signer {
            None => Vec::new(),
            Some((certificate, key)) => {
                signing::sign(&self.document, &certificate.certificate, key.reveal(), now).map_err(Error::internal)?
            }
        };
        Ok(Signed { version: self.version, document: self.document, signature })
    }
}

/// Everything besides the request that a document is made of.
struct Papers {
    client: ClientOrganization,
    branch: Branch,
    agent: AgentOrganization,
    agent_branch: AgentBranch,
    /// None where nothing has to be signed and nothing is there to sign with.
    certificate: Option<AgentCertificate>,
}

fn papers(
    tx: &Read,
    actor: &AgentActor,
    id: RequestId,
    (action, must_sign): (&Action, bool),
    now: BusinessTime,
) -> Result<(ServiceRequest, Papers)> {
    let actor = tx.agent_actor(actor.user())?.ok_or(Error::SignedOut)?;
    let mut request = tx.request_for_agent(&actor, id)?.ok_or(Error::NotFound)?;
    let mut after = request.clone();
    requests::decide(&mut after, action, &Actor::Agent(actor), now)?;
    // What a correction changes stands in the document.
    request.fields = after.fields;
    let procedure = request.procedure();
    field::missing(procedure, &request.fields).or(())?;
    if request.office.is_none() {
        let sentence = "申請先が選ばれていません。「依頼データ更新」で選んでから、申請してください。";
        return Err(Problems::one("office", sentence).into());
    }
    let agent = tx.agent_organization(request.agent)?.ok_or(Error::NotFound)?;
    requests::registration::may_file(&agent, procedure)?;
    requests::check_included(&request)?;
    let client = tx.client_organization(request.client)?.ok_or(Error::NotFound)?;
    if *action == Action::File {
        // An agent's entry was never sent, so that nobody looked before.
        requests::check_payable(&request, &client)?;
    }
    let certificate = agent_certificate::signing(&tx.agent_certificates(request.agent)?, now).cloned();
    if must_sign && certificate.is_none() {
        return Err(Reason::NoCertificate.into());
    }
    let papers = Papers {
        client,
        branch: tx.branch(request.branch)?.ok_or(Error::NotFound)?,
        agent_branch: tx.agent_branch(request.agent_branch)?.ok_or(Error::NotFound)?,
        agent,
        certificate,
    };
    Ok((request, papers))
}

impl Papers {
    fn document(&self, request: &ServiceRequest, office: String) -> Result<ApplicationDocument> {
        let (Some(plate), Some(chassis)) = (request.plate.clone(), request.chassis.clone()) else {
            return Err(Error::internal("a request without plate or chassis number was accepted"));
        };
        let mut fields = carried(request.procedure(), &request.fields);
        if let Some((number, name)) = self.commission(request)? {
            fields.push(("commission_number".to_owned(), number));
            fields.push(("commission_name".to_owned(), name));
        }
        let agent = match &self.certificate {
            Some(certificate) => vec![
                ("trade_name", certificate.trade_name.clone()),
                ("person_name", certificate.person_name.clone()),
                ("address", certificate.whole_address()),
            ],
            None => vec![("trade_name", self.agent.name.clone())],
        };
        Ok(ApplicationDocument {
            request: request.id,
            procedure: request.procedure,
            office,
            plate,
            chassis,
            fields,
            agent: agent.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            distribution: format!("{}-{}", self.client.member_code, self.branch.code),
        })
    }

    /// Number and name of whoever will rewrite the certificate, when it is not the office.
    fn commission(&self, request: &ServiceRequest) -> Result<Option<(String, String)>> {
        let own = |number: &Option<String>, missing: Reason| number.clone().ok_or(Error::Refused(missing));
        let typed = || request.text(no::COMMISSION_NUMBER).to_owned();
        Ok(Some(match request.choice(no::RENEWAL_DIVISION) {
            Some(division::AGENT) => (
                own(&self.agent_branch.commission_number, Reason::AgentHasNoCommissionNumber)?,
                self.agent_branch.name.clone(),
            ),
            Some(division::CLIENT) => (
                own(&self.branch.commission_number, Reason::BranchHasNoCommissionNumber)?,
                format!("{}　{}", self.client.name, self.branch.name),
            ),
            Some(division::AGENT_BY_NUMBER) => (typed(), self.agent_branch.name.clone()),
            Some(division::CLIENT_BY_NUMBER) => (typed(), format!("{}　{}", self.client.name, self.branch.name)),
            _ => return Ok(None),
        }))
    }
}

/// Values as documents name them: keys of choices, 1 and 0 of check boxes.
fn carried(procedure: &Procedure, values: &Values) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for field in procedure.fields().filter(|field| field.carried) {
        let text = match (&field.kind, values.get(&field.no)) {
            (FieldKind::Flag { .. }, Some(Value::Flag(true))) => "1".to_owned(),
            (FieldKind::Flag { .. }, _) => "0".to_owned(),
            (_, _) if field.no == no::DECLARATION => DECLARATION.to_owned(),
            (_, Some(value)) => field::raw(field, value),
            (_, None) => continue,
        };
        fields.push((field.key.to_owned(), text));
    }
    fields
}
