//! Requests: what garage and agent do to them, one transaction each, and what they see of them.

pub mod reuse;
pub mod sending;
pub mod view;

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{Actor, AgentActor, ClientActor};
use crate::domain::asked;
use crate::domain::chassis::ChassisNumber;
use crate::domain::field;
use crate::domain::ids::{AgentBranchId, BranchId, RequestId, TemplateId, UserId};
use crate::domain::plate::Plate;
use crate::domain::problem::Problems;
use crate::domain::procedure::common::{self, division, no};
use crate::domain::procedure::{Procedure, VehicleKind, Waiver};
use crate::domain::request::{HistoryEntry, ServiceRequest, Side, Stamp, Status, Values};
use crate::domain::search::Scope;
use crate::domain::template::Template;
use crate::domain::time::BusinessTime;
use crate::domain::workflow::{self, Action, ActionKind, Refusal};
use crate::store::{Source, Tables, Write};
use std::sync::Arc;

/// Said of an agent that the branch may not ask.
const NOT_ASKED: &str = "この拠点から依頼できる代理人ではありません。代理人を一覧から選び直すか、管理者に「依頼先代理人管理」の確認を依頼してください。";

/// What 依頼データ初期登録 takes. None of it can be changed afterwards.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// 自動車登録番号.
    pub plate: Plate,
    /// 車台番号.
    pub chassis: ChassisNumber,
    /// 拠点.
    pub branch: BranchId,
    /// 代理人拠点.
    pub agent_branch: AgentBranchId,
    /// 申請テンプレート that fills in the rest.
    pub template: Option<TemplateId>,
    /// The user was told that the vehicle has a request already, and goes on.
    pub same_vehicle_confirmed: bool,
}

/// 依頼データ初期登録.
///
/// # Errors
/// `Invalid` for a branch or agent that can't be chosen, `Refused(SameVehicle)` when the vehicle has a request that is
/// unfinished or was completed in the last 30 days and the user did not confirm.
pub async fn register(
    app: &App,
    actor: &ClientActor,
    procedure: &'static Procedure,
    new: NewRequest,
    once: Token,
) -> Result<RequestId> {
    let now = app.clocks.now();
    let office = app.tables.default_office(procedure.vehicle, &new.plate.region).map(|office| office.number);
    let user = actor.user();
    let once = once.of(("register", procedure.code, &new));
    app.store
        .write(move |tx| {
            let actor = tx.client_actor(user)?.ok_or(Error::SignedOut)?;
            if let Some(earlier) = tx.submission(user, once.as_str())? {
                return earlier.parse().map_err(|()| Error::internal("a stored outcome is no 申請ID"));
            }
            let writing = Writing { new: &new, office, values: &Values::new(), send: false, how: None };
            let id = create(tx, &actor, procedure, &writing, now)?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok(id)
        })
        .await
}

/// A request that is to be written.
pub(super) struct Writing<'a> {
    /// What can't be changed afterwards.
    pub(super) new: &'a NewRequest,
    /// 申請先.
    pub(super) office: Option<u16>,
    /// Values of its fields.
    pub(super) values: &'a Values,
    /// 送信 in the same step.
    pub(super) send: bool,
    /// How it came, when not by the form.
    pub(super) how: Option<&'static str>,
}

/// 依頼データ初期登録 within a transaction: decides everything first, then writes.
pub(super) fn create(
    tx: &mut Write,
    actor: &ClientActor,
    procedure: &'static Procedure,
    writing: &Writing<'_>,
    now: Moment,
) -> Result<RequestId> {
    let (new, user) = (writing.new, actor.user());
    if !actor.role().is_staff() {
        return Err(Error::Forbidden);
    }
    let branch = tx
        .branch(new.branch)?
        .filter(|branch| branch.active && actor.covers(branch.organization, branch.id))
        .ok_or_else(|| Problems::one("branch", "拠点を一覧から選んでください。"))?;
    let agent_branch = tx
        .agent_branch(new.agent_branch)?
        .filter(|agent| agent.active)
        .ok_or_else(|| Problems::one("agent_branch", "代理人を一覧から選んでください。"))?;
    let client = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
    if !asked::may_ask(&client, &branch, agent_branch.id) {
        return Err(Problems::one("agent_branch", NOT_ASKED).into());
    }
    let template = match new.template {
        Some(id) => Some(
            tx.template(id)?
                .filter(|own| own.organization == actor.organization() && own.serves(procedure, branch.id))
                .ok_or_else(|| Problems::one("template", "拠点の申請テンプレートを一覧から選んでください。"))?,
        ),
        None => None,
    };
    let same = tx.unfinished_of_vehicle(
        Scope::Client(actor.organization(), None),
        procedure.code,
        Some(&new.plate),
        Some(&new.chassis),
        now.business.day().plus_days(-30),
    )?;
    if !same.is_empty() && !new.same_vehicle_confirmed {
        let mut requests = Vec::new();
        for id in same {
            requests.extend(tx.request_for_client(actor, id)?.map(|request| request.id));
        }
        return Err(Reason::SameVehicle { requests }.into());
    }
    let mut request = ServiceRequest {
        plate: Some(new.plate.clone()),
        chassis: Some(new.chassis.clone()),
        client_updated: Some(Stamp { user, name: actor.name().to_owned(), at: now.business }),
        office: writing.office,
        fields: initial_values(procedure, template.as_ref(), writing.values),
        ..ServiceRequest::draft(
            RequestId(0),
            procedure.code,
            (actor.organization(), branch.id),
            (agent_branch.organization, agent_branch.id),
            now.business,
        )
    };
    let created = HistoryEntry {
        at: now.business,
        side: Side::Client,
        name: Some(actor.name().to_owned()),
        user: Some(user),
        what: "依頼データ初期登録".to_owned(),
        from: None,
        to: Some(Status::Draft),
        portal: None,
        detail: match writing.how {
            Some(how) => Some(how.to_owned()),
            None => template.map(|template| format!("申請テンプレート：{}", template.name)),
        },
        fields: Vec::new(),
    };
    let sent = if writing.send { sending(tx, &mut request, &Actor::Client(actor.clone()), now)? } else { Vec::new() };
    request.id = tx.next_request_id()?;
    tx.add_history(&mut request, created)?;
    audit::note(tx, now, user, "request.register", subject(request.id), Vec::new())?;
    for step in sent {
        write_down(tx, &mut request, step, user, now)?;
    }
    tx.put_request(&request)?;
    Ok(request.id)
}

/// What a new request starts with: the office rewrites the certificate unless the template, or whoever writes the
/// request, says otherwise.
fn initial_values(procedure: &Procedure, template: Option<&Template>, written: &Values) -> Values {
    let mut values = common::initial_values();
    values.extend(template.map(|template| template.values(procedure)).unwrap_or_default());
    values.extend(written.clone());
    values
}

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
/// `Conflict` when somebody changed it since `version`; `Refused` unless 依頼前 and never filed.
pub async fn delete(app: &App, actor: &ClientActor, id: RequestId, version: Option<u32>, once: Token) -> Result<()> {
    let now = app.clocks.now();
    let user = actor.user();
    let once = once.of((ActionKind::Delete, id));
    app.store
        .write(move |tx| {
            let actor = tx.client_actor(user)?.ok_or(Error::SignedOut)?;
            let Some(mut request) = tx.request_for_client(&actor, id)? else {
                return tx.submission(user, once.as_str())?.map(drop).ok_or(Error::NotFound);
            };
            if version != Some(request.version) {
                return Err(Error::Conflict);
            }
            decide(&mut request, &Action::Delete, &Actor::Client(actor), now.business)?;
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
    let actor = match actor {
        Actor::Client(client) => Actor::Client(tx.client_actor(client.user())?.ok_or(Error::SignedOut)?),
        Actor::Agent(agent) => Actor::Agent(tx.agent_actor(agent.user())?.ok_or(Error::SignedOut)?),
    };
    let request = within(tx, &actor, id)?;
    Ok((actor, request))
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
    let open = match procedure.vehicle {
        VehicleKind::Registered => client.registered_account_open,
        VehicleKind::Light => client.light_account_open,
    };
    if !open && !request.flag(no::CASHLESS) {
        let card = procedure.field_by_number(no::CASHLESS).is_some();
        return Err(Reason::AccountNotOpen { vehicle: procedure.vehicle, card }.into());
    }
    let agent = tx.agent_organization(request.agent)?.ok_or(Error::NotFound)?;
    if !agent.active {
        return Err(Reason::AgentInactive.into());
    }
    if !agent.procedures.contains(&procedure.code) {
        return Err(Reason::ProcedureNotAllowed.into());
    }
    let branch = tx.branch(request.branch)?.ok_or(Error::NotFound)?;
    if !asked::may_ask(&client, &branch, request.agent_branch) {
        return Err(Reason::AgentNotAsked.into());
    }
    if request.choice(no::RENEWAL_DIVISION) == Some(division::CLIENT) && branch.commission_number.is_none() {
        return Err(Reason::BranchHasNoCommissionNumber.into());
    }
    Ok(())
}

/// Whether the procedure is for such vehicles at all (decision 18).
pub(super) fn check_included(request: &ServiceRequest) -> Result<()> {
    match request.procedure().waiver {
        Waiver::Excluded(number) if request.flag(number) => Err(Reason::VehicleExcluded.into()),
        Waiver::Excluded(_) | Waiver::PowerOfAttorney => Ok(()),
    }
}
