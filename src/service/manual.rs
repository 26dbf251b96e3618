//! Filing for real, by hand: what has to be typed at the portal, and what a person saw there. The node reaches no
//! portal then; the reports are the same events that a machine would bring, through the same table, and nothing comes
//! from anywhere else.

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::proofs::{self, NewProof};
use super::reason::Reason;
use super::requests::{subject, view};
use crate::app::App;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::field;
use crate::domain::happening::{Event, Happening};
use crate::domain::ids::RequestId;
use crate::domain::observation;
use crate::domain::procedure::common::fact;
use crate::domain::procedure::{FieldKind, Procedure};
use crate::domain::request::{Filing, PortalStatus, ServiceRequest, Status};
use crate::domain::role::AgentRole;
use crate::domain::search::{Conditions, Order, Page};
use crate::domain::time::BusinessTime;
use crate::domain::workflow;
use crate::portal::document;
use crate::portal::gateway::ApplicationDocument;
use crate::report::{self, Cell, Column, Format};
use crate::store::Write;

/// The most filings that are looked at; whoever has more types some first.
const MOST: u32 = 500;

/// A block of what has to be typed at the portal: label and value, in the order of the portal's form.
pub type Block = (&'static str, Vec<(String, String)>);

/// Whether people file at the real portal themselves.
pub fn is_manual(app: &App) -> bool {
    app.gateway.is_none()
}

/// Why this can't be reported of a filing now.
pub fn not_possible(filing: &Filing) -> Error {
    Reason::NotPossibleNow { status: filing.portal_status.label() }.into()
}

/// Filings of this procedure that have no 受付番号 yet, in the order of their IDs.
///
/// # Errors
/// Only of the store.
pub fn untyped(app: &App, actor: &AgentActor, procedure: &Procedure) -> Result<Vec<RequestId>> {
    let conditions = Conditions {
        statuses: vec![Status::Filed],
        portal_statuses: vec![PortalStatus::Processing],
        ..Conditions::default()
    };
    let scope = view::scope(&Actor::Agent(actor.clone()));
    let page = Page { number: 1, size: MOST };
    app.store.read(|tx| {
        let found = tx.search(scope, procedure.code, &conditions, Order::Oldest, page)?;
        Ok(found.rows.into_iter().map(|row| row.id).collect())
    })
}

/// What was filed, as it has to be typed at the portal. It comes out of the filed document itself.
///
/// # Errors
/// When the stored document can't be read.
pub fn transcript(procedure: &Procedure, filing: &Filing) -> Result<Vec<Block>> {
    Ok(blocks(procedure, &document::read(&filing.document).map_err(Error::internal)?))
}

/// The same as a file, a line each in the order of the portal's form. Noted in the audit.
///
/// # Errors
/// `NotFound` when it is not the actor's or was never filed; the store's and the disk's.
pub async fn transcript_file(
    app: &App,
    actor: &AgentActor,
    procedure: &'static Procedure,
    id: RequestId,
    format: Format,
) -> Result<(String, Vec<u8>)> {
    let (user, now) = (actor.user(), app.clocks.now());
    let filing = app.store.read(|tx| {
        let request = tx.request_for_agent(actor, id)?.filter(|request| request.procedure == procedure.code);
        tx.last_filing(&request.ok_or(Error::NotFound)?)?.ok_or(Error::NotFound)
    })?;
    let mut rows = Vec::new();
    for (heading, lines) in transcript(procedure, &filing)? {
        for (label, value) in lines {
            let number = u64::try_from(rows.len() + 1).unwrap_or(u64::MAX);
            rows.push(vec![Cell::Number(number), heading.into(), label.into(), value.into()]);
        }
    }
    let columns = [("順番", 8), ("区分", 22), ("項目", 36), ("入力する内容", 60)];
    let columns = columns.map(|(label, width)| Column::new(label, width));
    let details = vec![format!("format {}", format.key()), "transcript".to_owned()];
    app.store.write(move |tx| audit::note(tx, now, user, "download", subject(id), details.clone())).await?;
    let folder = app.folder.scratch().map_err(Error::internal)?;
    let bytes =
        tokio::task::spawn_blocking(move || report::whole(format, "転記", &columns, &rows, (&folder, now.business)));
    let bytes = bytes.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok((format!("【{}】転記_{id}.{}", procedure.label, format.extension()), bytes))
}

/// What an application document says, block by block, in the words of the pages.
pub fn blocks(procedure: &Procedure, document: &ApplicationDocument) -> Vec<Block> {
    let vehicle = vehicle(procedure, document);
    let mut blocks: Vec<Block> = vec![("申請先・自動車", vehicle)];
    for section in procedure.sections {
        let lines: Vec<(String, String)> =
            section.fields.iter().filter_map(|each| line(procedure, each.key, document)).collect();
        if !lines.is_empty() {
            blocks.push((section.label, lines));
        }
    }
    let commission = |key: &str| document.fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    if let Some(number) = commission("commission_number") {
        let name = commission("commission_name").unwrap_or_default();
        let lines = [("記録等事務代行者委託番号", number), ("記録等事務代行者の名称", name)];
        blocks.push(("記録等事務代行", lines.map(|(label, value)| (label.to_owned(), value)).to_vec()));
    }
    blocks.push(("代理人", agent(document)));
    blocks
}

fn vehicle(procedure: &Procedure, document: &ApplicationDocument) -> Vec<(String, String)> {
    let plate = &document.plate;
    let serial = if plate.serial == 0 { String::new() } else { plate.serial.to_string() };
    let mut lines = vec![
        ("申請先".to_owned(), document.office.clone()),
        (format!("{}（地名）", procedure.plate_label), plate.region.clone()),
        ("（分類）".to_owned(), plate.class.clone()),
        ("（仮名）".to_owned(), plate.kana.clone()),
        ("（番号）".to_owned(), serial),
        ("車台番号".to_owned(), document.chassis.number.clone()),
        (
            "職権打刻フラグ".to_owned(),
            if document.chassis.officially_stamped { "職権打刻あり" } else { "職権打刻なし" }.to_owned(),
        ),
        ("配布先識別番号".to_owned(), document.distribution.clone()),
    ];
    lines.extend(procedure.head.iter().filter_map(|each| line(procedure, each.key, document)));
    lines
}

/// A field of the procedure as it stands in the document, in the words of the pages.
fn line(procedure: &Procedure, key: &str, document: &ApplicationDocument) -> Option<(String, String)> {
    let field = procedure.field(key)?;
    let (_, raw) = document.fields.iter().find(|(name, _)| name == key)?;
    let shown = match (&field.kind, raw.as_str()) {
        (FieldKind::Flag { on, .. }, "1") => (*on).to_owned(),
        (FieldKind::Flag { off, .. }, _) => (*off).to_owned(),
        _ => match field::parse(field, raw) {
            Ok(Some(value)) => field::show(field, &value),
            _ => raw.clone(),
        },
    };
    Some((field.label.to_owned(), shown))
}

fn agent(document: &ApplicationDocument) -> Vec<(String, String)> {
    let labels = [("trade_name", "屋号（漢字）"), ("person_name", "氏名又は代表者名（漢字）"), ("address", "住所")];
    let value = |key: &str| document.agent.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    labels
        .into_iter()
        .filter_map(|(key, label)| Some((label.to_owned(), value(key).filter(|value| !value.is_empty())?)))
        .collect()
}

/// Writes down what was seen of one filing.
///
/// # Errors
/// `Conflict` when somebody wrote something else down since `version`; `Refused` when the status has no such way.
pub async fn report(
    app: &App,
    actor: &AgentActor,
    id: RequestId,
    version: u32,
    (at, what): (BusinessTime, Happening),
    proof: Option<NewProof>,
    once: Token,
) -> Result<ServiceRequest> {
    if !is_manual(app) {
        return Err(Reason::PortalReportsItself.into());
    }
    let (user, now) = (actor.user(), app.clocks.now());
    let once = once.of(("report", id, at, &what, proof.as_ref().map(NewProof::digest)));
    app.store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            let request = tx.request_for_agent(&actor, id)?.ok_or(Error::NotFound)?;
            if tx.submission(user, once.as_str())?.is_some() {
                return Ok(request);
            }
            if request.version != version {
                return Err(Error::Conflict);
            }
            let request = apply(tx, &actor, request, (at, what.clone()))?;
            if let Some(proof) = &proof {
                proofs::keep(tx, &actor, (&request, request.history.saturating_sub(1)), proof, now)?;
            }
            let details = proof.iter().map(NewProof::detail).collect();
            audit::note(tx, now, user, "request.report", subject(id), details)?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok(request)
        })
        .await
}

/// 受付番号 of several filings. Each is taken or refused by itself.
pub async fn receipts(
    app: &App,
    actor: &AgentActor,
    typed: Vec<(RequestId, u32, String)>,
    once: Token,
) -> Vec<(RequestId, Result<()>)> {
    let mut outcomes = Vec::with_capacity(typed.len());
    for (id, version, receipt) in typed {
        let seen = (app.clocks.business(), Happening::Received { receipt });
        outcomes.push((id, report(app, actor, id, version, seen, None, once.clone()).await.map(drop)));
    }
    outcomes
}

fn apply(
    tx: &mut Write,
    actor: &AgentActor,
    mut request: ServiceRequest,
    (at, what): (BusinessTime, Happening),
) -> Result<ServiceRequest> {
    if actor.role() != AgentRole::Staff {
        return Err(Error::Forbidden);
    }
    let mut filing = tx.last_filing(&request)?.ok_or(Error::NotFound)?;
    if !observation::fits(&what, &request, &filing) {
        return Err(not_possible(&filing));
    }
    let event = Event { number: filing.last_event + 1, filing: filing.submission, at, what };
    let refused = not_possible(&filing);
    let Ok(Some(mut entry)) = workflow::apply(&mut request, &mut filing, &event) else {
        return Err(refused);
    };
    // The simulated portal's own remarks; nobody has seen them here.
    filing.facts.remove(&fact::RESUMPTION);
    for (number, _) in workflow::remarks(filing.portal_status) {
        filing.facts.remove(&number);
    }
    entry.name = Some(format!("記録：{}", actor.name()));
    entry.user = Some(actor.user());
    filing.delivered_at = filing.delivered_at.or(Some(at));
    tx.put_filing(&filing)?;
    tx.add_history(&mut request, entry)?;
    tx.put_request(&request)?;
    Ok(request)
}
