//! 依頼人拠点: what administrators do with the branches of their garage, and what they and their staff see of them.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::super::reason::Reason;
use super::act;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::ClientActor;
use crate::domain::administration::{self, Task};
use crate::domain::ids::BranchId;
use crate::domain::organization::Branch;
use crate::domain::problem::Problems;
use crate::domain::procedure;
use crate::domain::report::{BranchPart, BranchThen, Report, Reported};
use crate::domain::request::Status;
use crate::domain::rules::{self, Entry};
use crate::domain::search::{Conditions, Order, Page, Scope};
use crate::domain::text;
use crate::domain::user::Membership;
use crate::store::{Source, Tables, Write};

/// What 依頼人拠点更新 takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchInput {
    /// 依頼人拠点名.
    pub name: String,
    /// 依頼人拠点名（略称）.
    pub short_name: String,
    /// 記録等事務代行者委託番号; empty for none.
    pub commission_number: String,
}

impl BranchInput {
    /// Checks what was typed under the names of these fields.
    pub fn check<'t>(entry: &mut Entry, typed: impl Fn(&str) -> &'t str) -> Self {
        Self {
            name: entry.required("name", &rules::BRANCH_NAME, typed("name")),
            short_name: entry.required("short_name", &rules::BRANCH_SHORT_NAME, typed("short_name")),
            commission_number: entry.optional(
                "commission_number",
                &rules::COMMISSION_NUMBER,
                typed("commission_number"),
            ),
        }
    }
}

/// Which branches a list shows: parts of what is written in them.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// 依頼人拠点コード.
    pub code: &'a str,
    /// 依頼人拠点名.
    pub name: &'a str,
    /// 依頼人拠点名（略称）.
    pub short_name: &'a str,
    /// 記録等事務代行者委託番号.
    pub commission_number: &'a str,
}

/// 依頼人拠点検索: the actor's branches that meet all conditions, by code.
///
/// # Errors
/// The store's.
pub fn search(app: &App, actor: &ClientActor, wanted: &Wanted<'_>) -> Result<Vec<Branch>> {
    let keys = [wanted.code, wanted.name, wanted.short_name, wanted.commission_number].map(text::search_key);
    let mut branches = all(app, actor)?;
    branches.retain(|branch| {
        let number = branch.commission_number.as_deref().unwrap_or_default();
        [branch.code.as_str(), &branch.name, &branch.short_name, number]
            .iter()
            .zip(&keys)
            .all(|(written, key)| key.is_empty() || text::search_key(written).contains(key.as_str()))
    });
    Ok(branches)
}

/// The branches that the actor sees, by code.
///
/// # Errors
/// The store's.
pub fn all(app: &App, actor: &ClientActor) -> Result<Vec<Branch>> {
    app.store.read(|tx| {
        let mut branches = tx.branches_of(actor.organization())?;
        branches.retain(|branch| branch.active && actor.covers(branch.organization, branch.id));
        Ok(branches)
    })
}

/// A branch with what became of it.
#[derive(Debug, Clone)]
pub struct BranchView {
    /// The branch.
    pub branch: Branch,
    /// Reports about it, newest first.
    pub reports: Vec<Report>,
}

/// The most reports that a page shows.
const SHOWN: usize = 2_000;

/// 依頼人拠点照会.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn view(app: &App, actor: &ClientActor, id: BranchId) -> Result<BranchView> {
    app.store.read(|tx| {
        let branch = find(tx, actor, id)?;
        let mut reports = tx.reports_of(actor.organization(), SHOWN)?;
        reports.retain(|report| report.what.branch().id == id);
        Ok(BranchView { branch, reports })
    })
}

/// 依頼人拠点登録. The code of a branch that was removed brings that branch back: its requests stay its own.
///
/// # Errors
/// `Invalid` for a code that is taken; `Forbidden`.
pub async fn register(
    app: &App,
    actor: &ClientActor,
    code: String,
    input: BranchInput,
    once: Token,
) -> Result<BranchId> {
    let once = once.of(("branch.register", &code, &input));
    act(app, actor, once, move |tx, actor, now| {
        require(actor, Task::AddBranch)?;
        let branches = tx.branches_of(actor.organization())?;
        // Nobody tells a1 from A1 on a certificate.
        let holder = branches.iter().find(|branch| branch.code.eq_ignore_ascii_case(&code));
        if let Some(holder) = holder.filter(|holder| holder.active || holder.code != code) {
            let message = format!(
                "依頼人拠点コード「{}」は、「{}」で使われています。別のコードを入力してください。",
                holder.code, holder.name
            );
            return Err(Problems::one("code", message).into());
        }
        let earlier = holder.cloned();
        let branch = Branch {
            id: match &earlier {
                Some(branch) => branch.id,
                None => tx.next_branch_id()?,
            },
            organization: actor.organization(),
            code: code.clone(),
            name: input.name.clone(),
            short_name: input.short_name.clone(),
            commission_number: some(&input.commission_number),
            default_agent: usual_agent(&branches),
            active: true,
            version: earlier.as_ref().map_or(1, |branch| branch.version.saturating_add(1)),
            agents: earlier.and_then(|branch| branch.agents),
        };
        tx.put_branch(&branch)?;
        note(tx, actor, now, "branch.register", Reported::BranchAdded(then(&branch)), &[])?;
        Ok(branch.id)
    })
    .await
}

/// The agent branch that all active branches have in common.
fn usual_agent(branches: &[Branch]) -> Option<crate::domain::ids::AgentBranchId> {
    let mut agents = branches.iter().filter(|branch| branch.active).map(|branch| branch.default_agent);
    let first = agents.next().flatten()?;
    agents.all(|other| other == Some(first)).then_some(first)
}

/// 依頼人拠点更新.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `NotFound`; `Forbidden`.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    id: BranchId,
    version: u32,
    input: BranchInput,
    once: Token,
) -> Result<BranchId> {
    let once = once.of(("branch.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let before = find(tx, actor, id)?;
        require(actor, Task::ChangeBranch(id))?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let after = Branch {
            name: input.name.clone(),
            short_name: input.short_name.clone(),
            commission_number: some(&input.commission_number),
            ..before.clone()
        };
        let parts = changed(&before, &after);
        if parts.is_empty() {
            return Ok(id);
        }
        tx.put_branch(&Branch { version: before.version.saturating_add(1), ..after.clone() })?;
        note(tx, actor, now, "branch.update", Reported::BranchChanged(then(&after), parts.clone()), &parts)?;
        Ok(id)
    })
    .await
}

fn changed(before: &Branch, after: &Branch) -> Vec<BranchPart> {
    [
        (BranchPart::Name, before.name != after.name),
        (BranchPart::ShortName, before.short_name != after.short_name),
        (BranchPart::CommissionNumber, before.commission_number != after.commission_number),
    ]
    .into_iter()
    .filter_map(|(part, changed)| changed.then_some(part))
    .collect()
}

/// What keeps a branch from being removed; nothing when it can go.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn holds(app: &App, actor: &ClientActor, id: BranchId) -> Result<Option<Reason>> {
    app.store.read(|tx| {
        let branch = find(tx, actor, id)?;
        held(tx, &branch)
    })
}

/// 依頼人拠点削除. The row stays, because requests name it.
///
/// # Errors
/// `Refused(BranchInUse)` with what holds it; `Conflict`; `NotFound`; `Forbidden`.
pub async fn remove(
    app: &App,
    actor: &ClientActor,
    id: BranchId,
    version: Option<u32>,
    once: Token,
) -> Result<BranchId> {
    let once = once.of(("branch.delete", id));
    act(app, actor, once, move |tx, actor, now| {
        let branch = find(tx, actor, id)?;
        require(actor, Task::RemoveBranch)?;
        if version != Some(branch.version) {
            return Err(Error::Conflict);
        }
        if let Some(reason) = held(tx, &branch)? {
            return Err(reason.into());
        }
        tx.put_branch(&Branch { active: false, version: branch.version.saturating_add(1), ..branch.clone() })?;
        note(tx, actor, now, "branch.delete", Reported::BranchRemoved(then(&branch)), &[])?;
        Ok(id)
    })
    .await
}

/// Users of the branch, and requests that are neither completed nor ended at the portal.
fn held<S: Source>(tx: &Tables<S>, branch: &Branch) -> Result<Option<Reason>> {
    let users: Vec<String> = tx
        .users_of_client(branch.organization)?
        .into_iter()
        .filter(|user| user.active)
        .filter(|user| matches!(user.membership, Membership::Client { branch: Some(own), .. } if own == branch.id))
        .map(|user| user.login_id)
        .collect();
    let ended = [Status::Completed, Status::Failed];
    let conditions = Conditions {
        statuses: Status::ALL.iter().copied().filter(|status| !ended.contains(status)).collect(),
        ..Conditions::default()
    };
    let scope = Scope::Client(branch.organization, Some(branch.id));
    let (mut requests, mut total) = (Vec::new(), 0);
    for procedure in procedure::ALL {
        let found = tx.search(scope, procedure.code, &conditions, Order::Oldest, Page { number: 1, size: 5 })?;
        total += found.total;
        requests.extend(found.rows.into_iter().map(|row| row.id));
    }
    Ok((!users.is_empty() || total > 0).then_some(Reason::BranchInUse { users, requests, total }))
}

/// A branch that the actor sees.
fn find<S: Source>(tx: &Tables<S>, actor: &ClientActor, id: BranchId) -> Result<Branch> {
    tx.branch(id)?.filter(|branch| branch.active && actor.covers(branch.organization, branch.id)).ok_or(Error::NotFound)
}

fn require(actor: &ClientActor, task: Task) -> Result<()> {
    if administration::may(actor, task) { Ok(()) } else { Err(Error::Forbidden) }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn then(branch: &Branch) -> BranchThen {
    BranchThen { id: branch.id, code: branch.code.clone(), name: branch.name.clone() }
}

/// Audit, and the report to operator and agent.
fn note(
    tx: &mut Write,
    actor: &ClientActor,
    now: Moment,
    action: &str,
    what: Reported,
    parts: &[BranchPart],
) -> Result<()> {
    let subject = format!("branch {}", what.branch().id);
    let fields = parts.iter().map(|part| part.key().to_owned()).collect();
    audit::note(tx, now, actor.user(), action, subject, fields)?;
    tx.add_report(&Report {
        at: now.business,
        organization: actor.organization(),
        by: actor.user(),
        by_name: actor.name().to_owned(),
        what,
    })?;
    Ok(())
}
