//! Requests: what garage and agent do to them, one transaction each, and what they see of them.

pub mod entry;
pub mod many;
pub mod registration;
pub mod reuse;
pub mod view;

pub(super) use registration::{How, Writing, create};
pub use registration::{NewRequest, enter, register};

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{Actor, AgentActor, ClientActor};
use crate::domain::asked;
use crate::domain::field;
use crate::domain::ids::{RequestId, UserId};
use crate::domain::organization::ClientOrganization;
use crate::domain::problem::Problems;
use crate::domain::procedure::common::{division, no};
use crate::domain::procedure::{VehicleKind, Waiver};
use crate::domain::request::{HistoryEntry, ServiceRequest, Values};
use crate::domain::time::BusinessTime;
use crate::domain::workflow::{self, Action, ActionKind, Refusal};
use crate::store::{Source, Tables, Write};
use std::sync::Arc;

/// 依頼データ更新 by the garage; with `send`, 送信 in the same step.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `Refused` or `Invalid` when it can't be sent.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    id: RequestId,
    version: u32,
    values: Values,
    send: bool,
    once: Token,
) -> Result<ServiceRequest> {
    let once = once.of((ActionKind::Update, id, &values, send));
    change(app, Actor::Client(actor.clone()), id, Some(version), once, move |tx, request, actor, now| {
        let mut entries = decided(request, &Action::Update(values.clone()), actor, now)?;
        if send {
            entries.extend(sending(tx, request, actor, now)?);
        }
        Ok(entries)
    })
    .await
}

/// 依頼データ更新 by the agent, who may also change 申請先.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`.
pub async fn agent_update(
    app: &App,
    actor: &AgentActor,
    id: RequestId,
    version: u32,
    values: Values,
    office: Option<u16>,
    once: Token,
) -> Result<ServiceRequest> {
    let tables = Arc::clone(&app.tables);
    let once = once.of((ActionKind::Update, id, &values, office));
    change(app, Actor::Agent(actor.clone()), id, Some(version), once, move |_, request, actor, now| {
        let chosen = office
            .and_then(|number| tables.offices.get(request.procedure().vehicle, number))
            .ok_or_else(|| Problems::one("office", "申請先を一覧から選んでください。"))?;
        let mut entry = decide(request, &Action::Update(values.clone()), actor, now.business)?;
        if request.office == Some(chosen.number) && entry.fields.is_empty() {
            return Ok(Vec::new());
        }
        if request.office.replace(chosen.number) != Some(chosen.number) {
            entry.detail = Some(format!("申請先：{}", chosen.name));
        }
        Ok(vec![Decided(ActionKind::Update, entry)])
    })
    .await
}

/// 電子委任状設定, or its clearing.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `Refused` when the status or the procedure does not allow it.
pub async fn set_power_of_attorney(
    app: &App,
    actor: &ClientActor,
    id: RequestId,
    version: u32,
    values: Values,
    once: Token,
) -> Result<ServiceRequest> {
    let once = once.of((ActionKind::SetPowerOfAttorney, id, &values));
    let action = Action::SetPowerOfAttorney(values);
    change(app, Actor::Client(actor.clone()), id, Some(version), once, move |_, request, actor, now| {
        decided(request, &action, actor, now)
    })
    .await
}

/// 送信 of a saved request.
///
/// # Errors
/// `Refused` or `Invalid` when it can't be sent.
pub async fn send(app: &App, actor: &ClientActor, id: RequestId, once: Token) -> Result<ServiceRequest> {
    let once = once.of((ActionKind::Send, id));
    change(app, Actor::Client(actor.clone()), id, None, once, |tx, request, actor, now| {
        sending(tx, request, actor, now)
    })
    .await
}

/// 送信 within a transaction, as 一括送信 does it.
///
/// # Errors
/// As [`send`].
pub(super) fn send_within(tx: &mut Write, actor: &Actor, id: RequestId, now: Moment) -> Result<()> {
    let mut request = within(tx, actor, id)?.ok_or(Error::NotFound)?;
    let steps = sending(tx, &mut request, actor, now)?;
    for step in steps {
        write_down(tx, &mut request, step, actor.user(), now)?;
    }
    Ok(tx.put_request(&request)?)
}

/// Whether 送信 of a saved request would succeed now.
///
/// # Errors
/// Why not.
pub(super) fn sendable<S: Source>(tx: &Tables<S>, actor: &Actor, request: &ServiceRequest, now: Moment) -> Result<()> {
    sending(tx, &mut request.clone(), actor, now).map(drop)
}

/// Decides 送信. The status comes first: what was sent already needs no other reason.
fn sending<S: Source>(
    tx: &Tables<S>,
    request: &mut ServiceRequest,
    actor: &Actor,
    now: Moment,
) -> Result<Vec<Decided>> {
    let before = request.clone();
    let steps = decided(request, &Action::Send, actor, now)?;
    check_sendable(tx, &before)?;
    Ok(steps)
}

/// メモ更新 by either side, made from a page that showed `before`. The portal's events grow the version, so the memo
/// itself is compared.
///
/// # Errors
/// `Conflict` when somebody changed the memo since; `Refused` when the status does not allow it.
pub async fn update_memo(
    app: &App,
    actor: Actor,
    id: RequestId,
    before: String,
    memo: String,
    once: Token,
) -> Result<ServiceRequest> {
    let once = once.of((ActionKind::UpdateMemo, id, &memo));
    change(app, actor, id, None, once, move |_, request, actor, now| {
        let stored = request.procedure().field("memo").map_or("", |field| request.text(field.no));
        if stored != before {
            return Err(Error::Conflict);
        }
        decided(request, &Action::UpdateMemo(memo.clone()), actor, now)
    })
    .await
}

/// One of the plain actions: 依頼取消, 受付, 差戻し, 再申請.
///
/// # Errors
/// `Refused` when the status does not allow it.
pub async fn act(
    app: &App,
    actor: impl Into<Actor>,
    id: RequestId,
    action: Action,
    once: Token,
) -> Result<ServiceRequest> {
    let once = once.of((&action, id));
    change(app, actor.into(), id, None, once, move |_, request, actor, now| decided(request, &action, actor, now)).await
}

/// 依頼データ削除: the record goes, the audit keeps that there was one.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `Refused` unless it was never filed, and is 依頼前 or the agent's
/// own entry.
pub async fn delete(
    app: &App,
    actor: impl Into<Actor>,
    id: RequestId,
    version: Option<u32>,
    once: Token,
) -> Result<()> {
    let now = app.clocks.now();
    let actor = actor.into();
    let user = actor.user();
    let once = once.of((ActionKind::Delete, id));
    app.store
        .write(move |tx| {
            let (actor, request) = find(tx, &actor, id)?;
            let Some(mut request) = request else {
                return tx.submission(user, once.as_str())?.map(drop).ok_or(Error::NotFound);
            };
            if version != Some(request.version) {
                return Err(Error::Conflict);
            }
            decide(&mut request, &Action::Delete, &actor, now.business)?;
            tx.remove_request(id)?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            audit::note(tx, now, user, ActionKind::Delete.key(), subject(id), Vec::new())
        })
        .await
}

/// The frame of every change: who, whose, the version, then the change itself, which only decides; then history,
/// audit, record and once-only token are written. The token is asked when it can't be done (any more): if this very form did
/// it before, that is no failure.
async fn change<F>(
    app: &App,
    actor: Actor,
    id: RequestId,
    version: Option<u32>,
    once: Token,
    mut decide: F,
) -> Result<ServiceRequest>
where
    F: FnMut(&Write, &mut ServiceRequest, &Actor, Moment) -> Result<Vec<Decided>> + Send + 'static,
{
    let now = app.clocks.now();
    app.store
        .write(move |tx| {
            let (actor, request) = find(tx, &actor, id)?;
            let before = request.ok_or(Error::NotFound)?;
            let mut request = before.clone();
            let decided = if version.is_some_and(|version| version != request.version) {
                Err(Error::Conflict)
            } else {
                decide(tx, &mut request, &actor, now)
            };
            let steps = match decided {
                Err(Error::Conflict | Error::Refused(Reason::WrongStatus { .. }))
                    if tx.submission(actor.user(), once.as_str())?.is_some() =>
                {
                    return Ok(before);
                }
                other => other?,
            };
            for step in steps {
                write_down(tx, &mut request, step, actor.user(), now)?;
            }
            tx.put_request(&request)?;
            tx.put_submission(actor.user(), once.as_str(), &request.id.to_string(), now.system)?;
            Ok(request)
        })
        .await
}

/// Re-reads the actor, whose rights may have changed since the page was drawn, and the request within their scope.
pub(super) fn find(tx: &Write, actor: &Actor, id: RequestId) -> Result<(Actor, Option<ServiceRequest>)> {
    let actor = again(tx, actor)?;
    let request = within(tx, &actor, id)?;
    Ok((actor, request))
}

/// The actor as they are now.
fn again(tx: &Write, actor: &Actor) -> Result<Actor> {
    Ok(match actor {
        Actor::Client(client) => Actor::Client(tx.client_actor(client.user())?.ok_or(Error::SignedOut)?),
        Actor::Agent(agent) => Actor::Agent(tx.agent_actor(agent.user())?.ok_or(Error::SignedOut)?),
    })
}

/// The request within the actor's scope.
pub(super) fn within<S: Source>(tx: &Tables<S>, actor: &Actor, id: RequestId) -> Result<Option<ServiceRequest>> {
    Ok(match actor {
        Actor::Client(client) => tx.request_for_client(client, id)?,
        Actor::Agent(agent) => tx.request_for_agent(agent, id)?,
    })
}

/// How the audit names a request.
pub(super) fn subject(id: RequestId) -> String {
    format!("request {id}")
}

/// A step that the table allows, with what the history says of it.
struct Decided(ActionKind, HistoryEntry);

/// Decides by the table; nothing when nothing was changed.
fn decided(request: &mut ServiceRequest, action: &Action, actor: &Actor, now: Moment) -> Result<Vec<Decided>> {
    let entry = decide(request, action, actor, now.business)?;
    let nothing_changed =
        matches!(action.kind(), ActionKind::Update | ActionKind::SetPowerOfAttorney | ActionKind::UpdateMemo)
            && entry.fields.is_empty();
    Ok(if nothing_changed { Vec::new() } else { vec![Decided(action.kind(), entry)] })
}

/// Notes a step in the history and in the audit.
fn write_down(
    tx: &mut Write,
    request: &mut ServiceRequest,
    Decided(action, entry): Decided,
    user: UserId,
    now: Moment,
) -> Result<()> {
    let procedure = request.procedure();
    let keys = entry.fields.iter().filter_map(|no| procedure.field_by_number(*no)).map(|f| f.key.to_owned()).collect();
    tx.add_history(request, entry)?;
    audit::note(tx, now, user, action.key(), subject(request.id), keys)
}

/// Decides by the table and writes it down.
pub(super) fn step(
    tx: &mut Write,
    request: &mut ServiceRequest,
    action: &Action,
    actor: &Actor,
    now: Moment,
) -> Result<()> {
    let steps = decided(request, action, actor, now)?;
    steps.into_iter().try_for_each(|step| write_down(tx, request, step, actor.user(), now))
}

/// Decides by the table, and says why not.
pub(super) fn decide(
    request: &mut ServiceRequest,
    action: &Action,
    actor: &Actor,
    now: BusinessTime,
) -> Result<HistoryEntry> {
    let status = request.status.label();
    workflow::perform(request, action, actor, now).map_err(|refusal| match refusal {
        Refusal::WrongStatus => Reason::WrongStatus { action: action.kind().label(), status }.into(),
        Refusal::AlreadyFiled => Reason::AlreadyFiled.into(),
        Refusal::NotTheirs if matches!(action, Action::Send | Action::Cancel) => Reason::MayNotSend.into(),
        Refusal::NotTheirs => Error::Forbidden,
    })
}

/// Everything that must hold before a request goes to the agent (decision 20; screen reference 2.3).
pub(super) fn check_sendable<S: Source>(tx: &Tables<S>, request: &ServiceRequest) -> Result<()> {
    let procedure = request.procedure();
    field::missing(procedure, &request.fields).or(())?;
    check_included(request)?;
    let client = tx.client_organization(request.client)?.ok_or(Error::NotFound)?;
    check_payable(request, &client)?;
    let agent = tx.agent_organization(request.agent)?.ok_or(Error::NotFound)?;
    registration::may_file(&agent, procedure)?;
    let branch = tx.branch(request.branch)?.ok_or(Error::NotFound)?;
    if !asked::may_ask(&client, &branch, request.agent_branch) {
        return Err(Reason::AgentNotAsked.into());
    }
    if request.choice(no::RENEWAL_DIVISION) == Some(division::CLIENT) && branch.commission_number.is_none() {
        return Err(Reason::BranchHasNoCommissionNumber.into());
    }
    Ok(())
}

/// Whether the garage's account for such vehicles is open, or a card stands in for it.
pub(super) fn check_payable(request: &ServiceRequest, client: &ClientOrganization) -> Result<()> {
    let procedure = request.procedure();
    let open = match procedure.vehicle {
        VehicleKind::Registered => client.registered_account_open,
        VehicleKind::Light => client.light_account_open,
    };
    if open || request.flag(no::CASHLESS) {
        return Ok(());
    }
    let card = procedure.field_by_number(no::CASHLESS).is_some();
    Err(Reason::AccountNotOpen { vehicle: procedure.vehicle, card }.into())
}

/// Whether the procedure is for such vehicles at all (decision 18).
pub(super) fn check_included(request: &ServiceRequest) -> Result<()> {
    match request.procedure().waiver {
        Waiver::Excluded(number) if request.flag(number) => Err(Reason::VehicleExcluded.into()),
        Waiver::Excluded(_) | Waiver::PowerOfAttorney => Ok(()),
    }
}
