//! 依頼先代理人: which agent branches a garage, or one branch of it, may ask, and which one its request form shows first.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::act;
use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::administration::{self, Task};
use crate::domain::asked;
use crate::domain::ids::{AgentBranchId, BranchId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::problem::Problems;
use crate::domain::text;
use crate::store::{Source, Tables};
use std::fmt;
use std::str::FromStr;

/// Whose choice: the organization's, which binds all branches, or one branch's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// 組織全体.
    Organization,
    /// One branch.
    Branch(BranchId),
}

/// The part of addresses.
impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("all"),
            Self::Branch(id) => id.fmt(f),
        }
    }
}

impl FromStr for Whose {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        if text == "all" { Ok(Self::Organization) } else { text.parse().map(Self::Branch) }
    }
}

/// An agent branch that takes requests.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The branch.
    pub branch: AgentBranch,
    /// Its organization.
    pub organization: AgentOrganization,
}

impl Offered {
    /// Organization and branch, as lists show them.
    pub fn name(&self) -> String {
        format!("{}　{}", self.organization.short_name, self.branch.short_name)
    }
}

/// A choice as its page shows it.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Whose.
    pub whose: Whose,
    /// 依頼人拠点コード; empty for the organization.
    pub code: String,
    /// 依頼人拠点（略称）, or the organization's name.
    pub name: String,
    /// The version of the organization or branch that keeps it.
    pub version: u32,
    /// Its own list; none when it has none.
    pub listed: Option<Vec<AgentBranchId>>,
    /// Its own default.
    pub own_default: Option<AgentBranchId>,
    /// What it can choose from: for a branch, what the organization may ask.
    pub open: Vec<Offered>,
    /// What may be asked.
    pub allowed: Vec<Offered>,
    /// What the request form shows first.
    pub usual: Option<AgentBranchId>,
}

impl Choice {
    /// The name of what the request form shows first.
    pub fn usual_name(&self) -> String {
        self.allowed.iter().find(|agent| Some(agent.branch.id) == self.usual).map(Offered::name).unwrap_or_default()
    }
}

/// What 依頼先代理人更新 takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The agent branches that may be asked; none for all that are open.
    pub listed: Option<Vec<AgentBranchId>>,
    /// 既定の代理人.
    pub default: Option<AgentBranchId>,
}

/// Which choices a list shows: parts of what is written in them.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// 依頼人拠点コード.
    pub code: &'a str,
    /// 依頼人拠点（略称）.
    pub name: &'a str,
    /// 代理人.
    pub agent: &'a str,
}

/// Every agent branch that takes requests, by region and organization.
pub(crate) fn on_offer<S: Source>(tx: &Tables<S>) -> Result<Vec<Offered>> {
    let mut offered = Vec::new();
    for organization in tx.agent_organizations()?.into_iter().filter(|agent| agent.active) {
        for branch in tx.agent_branches_of(organization.id)?.into_iter().filter(|branch| branch.active) {
            offered.push(Offered { branch, organization: organization.clone() });
        }
    }
    // A stable sort: within a region they stay by organization.
    offered.sort_by(|a, b| a.branch.region.cmp(&b.branch.region));
    Ok(offered)
}

/// 依頼先代理人検索: the organization's choice, for those who may see it, then the branches' by code.
///
/// # Errors
/// The store's.
pub fn search(app: &App, actor: &ClientActor, wanted: &Wanted<'_>) -> Result<Vec<Choice>> {
    let keys = [wanted.code, wanted.name, wanted.agent].map(text::search_key);
    app.store.read(|tx| {
        let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
        let offered = on_offer(tx)?;
        let mut choices = Vec::new();
        if sees_organization(actor) {
            choices.push(of_organization(&organization, &offered));
        }
        for branch in tx.branches_of(organization.id)? {
            if branch.active && actor.covers(branch.organization, branch.id) {
                choices.push(of_branch(&organization, &branch, &offered));
            }
        }
        choices.retain(|choice| {
            let agents: Vec<String> = choice.allowed.iter().map(Offered::name).collect();
            [choice.code.as_str(), &choice.name, &agents.join(" ")]
                .iter()
                .zip(&keys)
                .all(|(written, key)| key.is_empty() || text::search_key(written).contains(key.as_str()))
        });
        Ok(choices)
    })
}

/// 依頼先代理人照会.
///
/// # Errors
/// `NotFound` outside what the actor administers.
pub fn view(app: &App, actor: &ClientActor, whose: Whose) -> Result<Choice> {
    app.store.read(|tx| Ok(find(tx, actor, whose)?.0))
}

fn find<S: Source>(
    tx: &Tables<S>,
    actor: &ClientActor,
    whose: Whose,
) -> Result<(Choice, ClientOrganization, Option<Branch>)> {
    let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
    let offered = on_offer(tx)?;
    match whose {
        Whose::Organization if sees_organization(actor) => {
            Ok((of_organization(&organization, &offered), organization, None))
        }
        Whose::Organization => Err(Error::NotFound),
        Whose::Branch(id) => {
            let covers = |branch: &Branch| branch.active && actor.covers(branch.organization, branch.id);
            let branch = tx.branch(id)?.filter(covers).ok_or(Error::NotFound)?;
            Ok((of_branch(&organization, &branch, &offered), organization, Some(branch)))
        }
    }
}

/// Whoever is tied to a branch has nothing to do with the organization's choice.
fn sees_organization(actor: &ClientActor) -> bool {
    actor.branch().is_none()
}

fn of_organization(organization: &ClientOrganization, offered: &[Offered]) -> Choice {
    let allowed: Vec<Offered> = chosen(offered, |id| asked::admits(organization.agents.as_deref(), id));
    Choice {
        whose: Whose::Organization,
        code: String::new(),
        name: organization.name.clone(),
        version: organization.version,
        listed: organization.agents.clone(),
        own_default: organization.default_agent,
        open: offered.to_vec(),
        usual: organization.default_agent.filter(|id| allowed.iter().any(|agent| agent.branch.id == *id)),
        allowed,
    }
}

fn of_branch(organization: &ClientOrganization, branch: &Branch, offered: &[Offered]) -> Choice {
    let ids: Vec<AgentBranchId> = offered.iter().map(|agent| agent.branch.id).collect();
    Choice {
        whose: Whose::Branch(branch.id),
        code: branch.code.clone(),
        name: branch.short_name.clone(),
        version: branch.version,
        listed: branch.agents.clone(),
        own_default: branch.default_agent,
        open: chosen(offered, |id| asked::admits(organization.agents.as_deref(), id)),
        allowed: chosen(offered, |id| asked::may_ask(organization, branch, id)),
        usual: asked::usual(organization, branch, &ids),
    }
}

fn chosen(offered: &[Offered], admits: impl Fn(AgentBranchId) -> bool) -> Vec<Offered> {
    offered.iter().filter(|agent| admits(agent.branch.id)).cloned().collect()
}

/// Whether the actor may change it.
pub fn may_change(actor: &ClientActor, whose: Whose) -> bool {
    administration::may(
        actor,
        match whose {
            Whose::Organization => Task::ManageOrganization,
            Whose::Branch(id) => Task::ChangeBranch(id),
        },
    )
}

/// 依頼先代理人更新.
///
/// # Errors
/// `Invalid` for agents that are not open to it; `Conflict` when somebody changed it since `version`; `NotFound`;
/// `Forbidden`.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    whose: Whose,
    version: u32,
    input: Input,
    once: Token,
) -> Result<String> {
    let once = once.of(("agents.update", whose, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let (choice, organization, branch) = find(tx, actor, whose)?;
        if !may_change(actor, whose) {
            return Err(Error::Forbidden);
        }
        if choice.version != version {
            return Err(Error::Conflict);
        }
        check(&choice, &input)?;
        let mut changed = Vec::new();
        changed.extend((choice.listed != input.listed).then(|| "agents".to_owned()));
        changed.extend((choice.own_default != input.default).then(|| "default_agent".to_owned()));
        if changed.is_empty() {
            return Ok(whose.to_string());
        }
        let (agents, default_agent) = (input.listed.clone(), input.default);
        let version = version.saturating_add(1);
        let subject = match branch {
            Some(branch) => {
                tx.put_branch(&Branch { agents, default_agent, version, ..branch })?;
                format!("branch {whose}")
            }
            None => {
                let subject = format!("client {}", organization.id);
                tx.put_client_organization(&ClientOrganization { agents, default_agent, version, ..organization })?;
                subject
            }
        };
        audit::note(tx, now, actor.user(), "agents.update", subject, changed)?;
        Ok(whose.to_string())
    })
    .await
}

fn check(choice: &Choice, input: &Input) -> std::result::Result<(), Problems> {
    let open = |id: &AgentBranchId| choice.open.iter().any(|agent| agent.branch.id == *id);
    let mut problems = Problems::new();
    match &input.listed {
        Some(listed) if listed.is_empty() => {
            problems.add("agents", "依頼できる代理人を、1つ以上選んでください。");
        }
        Some(listed) if !listed.iter().all(open) => {
            problems.add("agents", "依頼できる代理人を、一覧から選んでください。");
        }
        _ => {}
    }
    if let Some(default) = input.default {
        if !open(&default) {
            problems.add("default", "既定の代理人を、一覧から選んでください。");
        } else if !asked::admits(input.listed.as_deref(), default) {
            problems.add("default", "既定の代理人は、依頼できる代理人の中から選んでください。");
        }
    }
    problems.or(())
}
