//! 依頼データ初期登録 by a garage, and 代行入力 by its agent: one way in for both. A garage's request is 依頼前; what the agent
//! wrote down is 受付済 at once, and the garage finds it in its lists.

use super::{again, sending, subject, within, write_down};
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{Actor, AgentActor, ClientActor};
use crate::domain::asked;
use crate::domain::chassis::ChassisNumber;
use crate::domain::entry::Channel;
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId, TemplateId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::plate::Plate;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::procedure::common;
use crate::domain::request::{HistoryEntry, Origin, ServiceRequest, Side, Stamp, Status, Values};
use crate::domain::role::AgentRole;
use crate::domain::search::Scope;
use crate::domain::template::Template;
use crate::service::audit;
use crate::service::error::{Error, Result};
use crate::service::once::Token;
use crate::service::reason::Reason;
use crate::store::Write;

/// Said of an agent that the branch may not ask.
const NOT_ASKED: &str = "この拠点から依頼できる代理人ではありません。代理人を一覧から選び直すか、管理者に「依頼先代理人管理」の確認を依頼してください。";

/// What 依頼データ初期登録 and 代行入力 take. None of it can be changed afterwards.
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
    once_only(app, Actor::Client(actor.clone()), procedure, (new, How::Form), once).await
}

/// 代行入力 for a garage, which asked by this channel.
///
/// # Errors
/// As [`register`]; `Refused` when the agent may not file the procedure, `NotFound` for a garage that is not there.
pub async fn enter(
    app: &App,
    actor: &AgentActor,
    procedure: &'static Procedure,
    (garage, channel): (ClientOrganizationId, Channel),
    new: NewRequest,
    once: Token,
) -> Result<RequestId> {
    once_only(app, Actor::Agent(actor.clone()), procedure, (new, How::Entry(garage, channel)), once).await
}

async fn once_only(
    app: &App,
    actor: Actor,
    procedure: &'static Procedure,
    (new, how): (NewRequest, How),
    once: Token,
) -> Result<RequestId> {
    let now = app.clocks.now();
    let office = app.tables.default_office(procedure.vehicle, &new.plate.region).map(|office| office.number);
    let user = actor.user();
    let once = once.of(("register", procedure.code, &new, how));
    app.store
        .write(move |tx| {
            let actor = again(tx, &actor)?;
            if let Some(earlier) = tx.submission(user, once.as_str())? {
                return earlier.parse().map_err(|()| Error::internal("a stored outcome is no 申請ID"));
            }
            let writing = Writing { new: &new, office, values: &Values::new(), send: false, how };
            let id = create(tx, &actor, procedure, &writing, now)?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok(id)
        })
        .await
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum How {
    /// By the garage's form.
    Form,
    /// As a row of 依頼データ一括登録.
    Import,
    /// By the agent's form, for this garage, which had asked by this channel.
    Entry(ClientOrganizationId, Channel),
}

/// A request that is to be written.
pub(in crate::service) struct Writing<'a> {
    /// What can't be changed afterwards.
    pub(in crate::service) new: &'a NewRequest,
    /// 申請先.
    pub(in crate::service) office: Option<u16>,
    /// Values of its fields.
    pub(in crate::service) values: &'a Values,
    /// 送信 in the same step.
    pub(in crate::service) send: bool,
    /// How it came.
    pub(in crate::service) how: How,
}

/// Registers within a transaction: decides everything first, then writes.
pub(in crate::service) fn create(
    tx: &mut Write,
    actor: &Actor,
    procedure: &'static Procedure,
    writing: &Writing<'_>,
    now: Moment,
) -> Result<RequestId> {
    let new = writing.new;
    let (client, branch, agent_branch) = parties(tx, actor, procedure, writing)?;
    let template = match new.template {
        Some(id) => Some(
            tx.template(id)?
                .filter(|own| own.organization == client.id && own.serves(procedure, branch.id))
                .ok_or_else(|| Problems::one("template", "拠点の申請テンプレートを一覧から選んでください。"))?,
        ),
        None => None,
    };
    if !new.same_vehicle_confirmed {
        no_other_of_the_vehicle(tx, actor, procedure, (client.id, new), now)?;
    }
    let mut request = ServiceRequest {
        plate: Some(new.plate.clone()),
        chassis: Some(new.chassis.clone()),
        office: writing.office,
        fields: initial_values(procedure, template.as_ref(), writing.values),
        origin: match writing.how {
            How::Form => Origin::Screen,
            How::Import => Origin::Import,
            How::Entry(..) => Origin::Agent,
        },
        ..ServiceRequest::draft(
            RequestId(0),
            procedure.code,
            (client.id, branch.id),
            (agent_branch.organization, agent_branch.id),
            now.business,
        )
    };
    let stamp = Stamp { user: actor.user(), name: actor.name().to_owned(), at: now.business };
    let (side, what, action) = match actor {
        Actor::Client(_) => {
            request.client_updated = Some(stamp);
            (Side::Client, "依頼データ初期登録", "request.register")
        }
        Actor::Agent(_) => {
            request.agent_updated = Some(stamp);
            request.status = Status::Accepted;
            request.requested_at = Some(now.business);
            request.accepted_at = Some(now.business);
            (Side::Agent, "代行入力", "request.enter")
        }
    };
    let created = HistoryEntry {
        at: now.business,
        side,
        name: Some(actor.name().to_owned()),
        user: Some(actor.user()),
        what: what.to_owned(),
        from: None,
        to: Some(request.status),
        portal: None,
        detail: match writing.how {
            How::Form => template.map(|template| format!("申請テンプレート：{}", template.name)),
            How::Import => Some("依頼データ一括登録".to_owned()),
            How::Entry(_, channel) => Some(channel.said()),
        },
        fields: Vec::new(),
    };
    let sent = if writing.send { sending(tx, &mut request, actor, now)? } else { Vec::new() };
    request.id = tx.next_request_id()?;
    tx.add_history(&mut request, created)?;
    audit::note(tx, now, actor.user(), action, subject(request.id), Vec::new())?;
    for step in sent {
        write_down(tx, &mut request, step, actor.user(), now)?;
    }
    tx.put_request(&request)?;
    Ok(request.id)
}

/// Garage, workshop and agent branch of a new request, if this actor may write one for them.
fn parties(
    tx: &Write,
    actor: &Actor,
    procedure: &Procedure,
    writing: &Writing<'_>,
) -> Result<(ClientOrganization, Branch, AgentBranch)> {
    let new = writing.new;
    let garage = match (actor, writing.how) {
        (Actor::Client(client), How::Form | How::Import) if client.role().is_staff() => client.organization(),
        (Actor::Agent(agent), How::Entry(garage, _)) if agent.role() == AgentRole::Staff => garage,
        _ => return Err(Error::Forbidden),
    };
    let own_garage = |branch: &Branch| match actor {
        Actor::Client(client) => client.covers(branch.organization, branch.id),
        Actor::Agent(_) => true,
    };
    let own_agent = |branch: &AgentBranch| match actor {
        Actor::Client(_) => true,
        Actor::Agent(agent) => agent.covers(branch.organization, branch.id),
    };
    let client = tx.client_organization(garage)?.filter(|client| client.active).ok_or(Error::NotFound)?;
    let branch = tx
        .branch(new.branch)?
        .filter(|branch| branch.active && branch.organization == client.id && own_garage(branch))
        .ok_or_else(|| Problems::one("branch", "拠点を一覧から選んでください。"))?;
    let agent_branch = tx
        .agent_branch(new.agent_branch)?
        .filter(|branch| branch.active && own_agent(branch))
        .ok_or_else(|| Problems::one("agent_branch", "代理人を一覧から選んでください。"))?;
    if !asked::may_ask(&client, &branch, agent_branch.id) {
        return Err(Problems::one("agent_branch", NOT_ASKED).into());
    }
    // A garage is told when it sends; what the agent writes needs no sending.
    if let Actor::Agent(agent) = actor {
        let agent = tx.agent_organization(agent.organization())?.ok_or(Error::NotFound)?;
        may_file(&agent, procedure)?;
    }
    Ok((client, branch, agent_branch))
}

/// The vehicle has no request of the garage, nor of anybody to this agent, that is unfinished or was completed in the
/// last 30 days.
fn no_other_of_the_vehicle(
    tx: &Write,
    actor: &Actor,
    procedure: &Procedure,
    (garage, new): (ClientOrganizationId, &NewRequest),
    now: Moment,
) -> Result<()> {
    let since = now.business.day().plus_days(-30);
    let mut same = std::collections::BTreeSet::new();
    let mut scopes = vec![Scope::Client(garage, None)];
    if let Actor::Agent(agent) = actor {
        scopes.push(Scope::Agent(agent.organization(), None));
    }
    for scope in scopes {
        same.extend(tx.unfinished_of_vehicle(scope, procedure.code, Some(&new.plate), Some(&new.chassis), since)?);
    }
    if same.is_empty() {
        return Ok(());
    }
    let mut requests = Vec::new();
    for id in same {
        requests.extend(within(tx, actor, id)?.map(|request| request.id));
    }
    let elsewhere = match actor {
        Actor::Client(_) => "ほかの拠点",
        Actor::Agent(_) => "依頼人が送信する前のもの、またはほかの拠点・代理人のもの",
    };
    Err(Reason::SameVehicle { requests, elsewhere }.into())
}

/// Whether this agent files such requests at all at the moment.
///
/// # Errors
/// `Refused` when it does not.
pub(in crate::service) fn may_file(agent: &AgentOrganization, procedure: &Procedure) -> Result<()> {
    if !agent.active {
        return Err(Reason::AgentInactive.into());
    }
    if !agent.procedures.contains(&procedure.code) {
        return Err(Reason::ProcedureNotAllowed.into());
    }
    Ok(())
}

/// What a new request starts with: the office rewrites the certificate unless the template, or whoever writes the
/// request, says otherwise.
fn initial_values(procedure: &Procedure, template: Option<&Template>, written: &Values) -> Values {
    let mut values = common::initial_values();
    values.extend(template.map(|template| template.values(procedure)).unwrap_or_default());
    values.extend(written.clone());
    values
}
