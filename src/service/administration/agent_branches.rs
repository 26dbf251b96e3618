//! 代理人拠点: what an agent's administrators do with the branches of their organization, and the associations' branches
//! that they can take from a ready list.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::super::reason::Reason;
use super::act;
use crate::app::App;
use crate::domain::actor::AgentActor;
use crate::domain::ids::AgentBranchId;
use crate::domain::organization::AgentBranch;
use crate::domain::problem::Problems;
use crate::domain::procedure;
use crate::domain::reference::Association;
use crate::domain::request::Status;
use crate::domain::role::AgentRole;
use crate::domain::rules::{self, Entry};
use crate::domain::search::{Conditions, Order, Page, Scope};
use crate::domain::text;
use crate::domain::user::Membership;
use crate::store::{Source, Tables, Write};

/// What 代理人拠点更新 takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentBranchInput {
    /// 代理人拠点名.
    pub name: String,
    /// 代理人拠点名（略称）.
    pub short_name: String,
    /// 管轄地域; empty for none.
    pub region: String,
    /// 記録等事務代行者委託番号; empty for none.
    pub commission_number: String,
}

impl AgentBranchInput {
    /// Checks what was typed under the names of these fields.
    pub fn check<'t>(entry: &mut Entry, typed: impl Fn(&str) -> &'t str) -> Self {
        Self {
            name: entry.required("name", &rules::AGENT_BRANCH_NAME, typed("name")),
            short_name: entry.required("short_name", &rules::AGENT_BRANCH_SHORT_NAME, typed("short_name")),
            region: entry.optional("region", &rules::AGENT_BRANCH_REGION, typed("region")),
            commission_number: entry.optional(
                "commission_number",
                &rules::COMMISSION_NUMBER,
                typed("commission_number"),
            ),
        }
    }
}

/// The agent's branches of which each of these texts is part, by 代理人拠点ID: ID, name, short name, region, number.
///
/// # Errors
/// The store's.
pub fn search(app: &App, actor: &AgentActor, wanted: [&str; 5]) -> Result<Vec<AgentBranch>> {
    let keys = wanted.map(text::search_key);
    let mut branches = all(app, actor)?;
    branches.retain(|branch| {
        let written = [
            branch.code.as_str(),
            &branch.name,
            &branch.short_name,
            &branch.region,
            branch.commission_number.as_deref().unwrap_or_default(),
        ];
        written
            .iter()
            .zip(&keys)
            .all(|(written, key)| key.is_empty() || text::search_key(written).contains(key.as_str()))
    });
    Ok(branches)
}

fn all(app: &App, actor: &AgentActor) -> Result<Vec<AgentBranch>> {
    app.store.read(|tx| {
        let mut branches = tx.agent_branches_of(actor.organization())?;
        branches.retain(|branch| branch.active && actor.covers(branch.organization, branch.id));
        branches.sort_by(|left, right| left.code.cmp(&right.code));
        Ok(branches)
    })
}

/// 代理人拠点照会.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn view(app: &App, actor: &AgentActor, id: AgentBranchId) -> Result<AgentBranch> {
    app.store.read(|tx| find(tx, actor, id))
}

fn find<S: Source>(tx: &Tables<S>, actor: &AgentActor, id: AgentBranchId) -> Result<AgentBranch> {
    tx.agent_branch(id)?
        .filter(|branch| branch.active && actor.covers(branch.organization, branch.id))
        .ok_or(Error::NotFound)
}

fn require(actor: &AgentActor) -> Result<()> {
    if actor.role() == AgentRole::Administrator { Ok(()) } else { Err(Error::Forbidden) }
}

/// 代理人拠点登録. 代理人拠点IDs are unique on the node. The ID of a branch that was removed brings that branch back: its
/// requests stay its own.
///
/// # Errors
/// `Invalid` for an ID that is taken; `Forbidden`.
pub async fn register(
    app: &App,
    actor: &AgentActor,
    code: String,
    input: AgentBranchInput,
    once: Token,
) -> Result<AgentBranchId> {
    let once = once.of(("agent branch.register", &code, &input));
    act(app, actor, once, move |tx, actor, now| {
        require(actor)?;
        let branch = with_code(tx, actor, &code, &input)?;
        tx.put_agent_branch(&branch)?;
        audit::note(tx, now, actor.user(), "agent-branch.register", subject(branch.id), Vec::new())?;
        Ok(branch.id)
    })
    .await
}

/// A new branch with this ID, or one that was removed.
fn with_code(tx: &mut Write, actor: &AgentActor, code: &str, input: &AgentBranchInput) -> Result<AgentBranch> {
    // Nobody tells az001 from AZ001.
    let holder = tx.agent_branches()?.into_iter().find(|branch| branch.code.eq_ignore_ascii_case(code));
    let own = |holder: &AgentBranch| holder.organization == actor.organization();
    if let Some(holder) = holder.as_ref().filter(|holder| holder.active || !own(holder) || holder.code != code) {
        let by = if own(holder) { format!("「{}」", holder.name) } else { "ほかの代理人".to_owned() };
        let sentence = format!("代理人拠点ID「{code}」は、{by}で使われています。別のIDを入力してください。");
        return Err(Problems::one("code", sentence).into());
    }
    Ok(AgentBranch {
        id: match &holder {
            Some(branch) => branch.id,
            None => tx.next_agent_branch_id()?,
        },
        organization: actor.organization(),
        code: code.to_owned(),
        name: input.name.clone(),
        short_name: input.short_name.clone(),
        commission_number: some(&input.commission_number),
        active: true,
        version: holder.map_or(1, |branch| branch.version.saturating_add(1)),
        region: input.region.clone(),
    })
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn subject(id: AgentBranchId) -> String {
    format!("agent branch {id}")
}

/// 代理人拠点更新.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `NotFound`; `Forbidden`.
pub async fn update(
    app: &App,
    actor: &AgentActor,
    id: AgentBranchId,
    version: u32,
    input: AgentBranchInput,
    once: Token,
) -> Result<AgentBranchId> {
    let once = once.of(("agent branch.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let before = find(tx, actor, id)?;
        require(actor)?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let after = AgentBranch {
            name: input.name.clone(),
            short_name: input.short_name.clone(),
            region: input.region.clone(),
            commission_number: some(&input.commission_number),
            ..before.clone()
        };
        let changed = audit::changed([
            ("name", before.name != after.name),
            ("short_name", before.short_name != after.short_name),
            ("region", before.region != after.region),
            ("commission_number", before.commission_number != after.commission_number),
        ]);
        if !changed.is_empty() {
            tx.put_agent_branch(&AgentBranch { version: before.version.saturating_add(1), ..after })?;
            audit::note(tx, now, actor.user(), "agent-branch.update", subject(id), changed)?;
        }
        Ok(id)
    })
    .await
}

/// What keeps a branch from being removed; nothing when it can go.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn holds(app: &App, actor: &AgentActor, id: AgentBranchId) -> Result<Option<Reason>> {
    app.store.read(|tx| {
        let branch = find(tx, actor, id)?;
        held(tx, &branch)
    })
}

/// Requests that are not at their end, and users who are tied to it.
fn held<S: Source>(tx: &Tables<S>, branch: &AgentBranch) -> Result<Option<Reason>> {
    let open: Vec<Status> =
        Status::ALL.iter().copied().filter(|status| !matches!(status, Status::Completed | Status::Failed)).collect();
    let mut requests = 0;
    for procedure in procedure::ALL {
        let conditions = Conditions { statuses: open.clone(), ..Conditions::default() };
        let scope = Scope::Agent(branch.organization, Some(branch.id));
        let page = Page { number: 1, size: 1 };
        requests += tx.search(scope, procedure.code, &conditions, Order::Newest, page)?.total;
    }
    let users = tx.users_of_agent(branch.organization)?.into_iter().filter(|user| {
        user.active && matches!(user.membership, Membership::Agent { branch: Some(tied), .. } if tied == branch.id)
    });
    let users = users.count() as u64;
    Ok((requests + users > 0).then_some(Reason::AgentBranchInUse { requests, users }))
}

/// 代理人拠点削除. The row stays, because requests name it.
///
/// # Errors
/// `Refused(AgentBranchInUse)` with what holds it; `Conflict`; `NotFound`; `Forbidden`.
pub async fn remove(
    app: &App,
    actor: &AgentActor,
    id: AgentBranchId,
    version: u32,
    once: Token,
) -> Result<AgentBranchId> {
    let once = once.of(("agent branch.remove", id, version));
    act(app, actor, once, move |tx, actor, now| {
        let branch = find(tx, actor, id)?;
        require(actor)?;
        if branch.version != version {
            return Err(Error::Conflict);
        }
        if let Some(reason) = held(tx, &branch)? {
            return Err(reason.into());
        }
        let version = branch.version.saturating_add(1);
        tx.put_agent_branch(&AgentBranch { active: false, version, ..branch })?;
        audit::note(tx, now, actor.user(), "agent-branch.remove", subject(id), Vec::new())?;
        Ok(id)
    })
    .await
}

/// An association of the ready list, and whether a branch of this agent stands for it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The association.
    pub association: Association,
    /// Its branch, when it was taken.
    pub taken: Option<AgentBranchId>,
}

/// The ready list.
///
/// # Errors
/// The store's.
pub fn offers(app: &App, actor: &AgentActor) -> Result<Vec<Offer>> {
    let own = all(app, actor)?;
    let offer = |association: &Association| Offer {
        taken: own.iter().find(|branch| branch.code == association.branch_code()).map(|branch| branch.id),
        association: association.clone(),
    };
    Ok(app.tables.associations.iter().map(offer).collect())
}

/// Takes these associations as branches. Those that are taken stay as they are; answers how many became new.
///
/// # Errors
/// `Invalid` when another agent has one of them; `Forbidden`.
pub async fn take(app: &App, actor: &AgentActor, numbers: Vec<u16>, once: Token) -> Result<u64> {
    let chosen: Vec<Association> =
        app.tables.associations.iter().filter(|one| numbers.contains(&one.number)).cloned().collect();
    if chosen.is_empty() {
        return Err(Problems::one("number", "追加する拠点を一覧から選んでください。").into());
    }
    let once = once.of(("agent branch.take", &numbers));
    act(app, actor, once, move |tx, actor, now| {
        require(actor)?;
        let known = tx.agent_branches()?;
        let holder = |code: &str| known.iter().find(|branch| branch.code == code);
        let own = |branch: &AgentBranch| branch.organization == actor.organization();
        let others: Vec<&str> = chosen
            .iter()
            .filter(|one| holder(&one.branch_code()).is_some_and(|branch| !own(branch)))
            .map(|one| one.name.as_str())
            .collect();
        if !others.is_empty() {
            let sentence = format!("ほかの代理人が使っているため、追加できません：{}", others.join("、"));
            return Err(Problems::one("number", sentence).into());
        }
        let mut added = 0;
        for one in &chosen {
            let code = one.branch_code();
            if holder(&code).is_some_and(|branch| branch.active) {
                continue;
            }
            let input = AgentBranchInput {
                name: one.name.clone(),
                short_name: one.short_name(),
                region: one.office.clone(),
                commission_number: String::new(),
            };
            let branch = with_code(tx, actor, &code, &input)?;
            tx.put_agent_branch(&branch)?;
            audit::note(tx, now, actor.user(), "agent-branch.register", subject(branch.id), Vec::new())?;
            added += 1;
        }
        Ok(added)
    })
    .await
}
