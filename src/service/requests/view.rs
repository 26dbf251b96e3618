//! What pages show of requests: one record with everything around it, and lists with the names they need.

use crate::app::App;
use crate::domain::actor::{Actor, AgentActor, ClientActor};
use crate::domain::asked;
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId, TemplateId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::procedure::Procedure;
use crate::domain::request::{Filing, HistoryEntry, ServiceRequest};
use crate::domain::search::{Conditions, Found, Order, Page, Scope};
use crate::domain::template::{self, Template};
use crate::domain::workflow::{self, ActionKind};
use crate::service::error::{Error, Result};
use crate::store::Read;
use std::collections::{BTreeMap, HashMap, btree_map, hash_map};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// A request with everything its page shows.
#[derive(Debug, Clone)]
pub struct RequestView {
    /// The record.
    pub request: ServiceRequest,
    /// Its last filing.
    pub filing: Option<Filing>,
    /// 受付番号 of earlier filings, oldest first.
    pub earlier_receipts: Vec<String>,
    /// Newest last.
    pub history: Vec<HistoryEntry>,
    /// 依頼人: organization and branch.
    pub client: String,
    /// 依頼人拠点名, with which 依頼人 ends.
    pub branch_name: String,
    /// 拠点（略称）.
    pub branch_short: String,
    /// 代理人: organization and branch.
    pub agent: String,
    /// 申請先.
    pub office: Option<String>,
    /// What the viewer can do now.
    pub available: Vec<ActionKind>,
}

/// The page of one request.
///
/// # Errors
/// `NotFound` when there is none, or none that the viewer may know of.
pub fn view(app: &App, actor: &Actor, id: RequestId) -> Result<RequestView> {
    app.store.read(|tx| {
        let request = match actor {
            Actor::Client(client) => tx.request_for_client(client, id)?,
            Actor::Agent(agent) => tx.request_for_agent(agent, id)?,
        }
        .ok_or(Error::NotFound)?;
        let names = |missing: &str| missing.to_owned();
        let client = tx.client_organization(request.client)?;
        let branch = tx.branch(request.branch)?;
        let agent = tx.agent_organization(request.agent)?;
        let agent_branch = tx.agent_branch(request.agent_branch)?;
        let mut filings = tx.filings(id)?;
        let filing = filings.pop();
        Ok(RequestView {
            filing,
            earlier_receipts: filings.into_iter().filter_map(|earlier| earlier.receipt).collect(),
            history: tx.history(id)?,
            client: format!(
                "{}　{}",
                client.map_or_else(|| names("―"), |c| c.name),
                branch.as_ref().map_or("―", |b| b.name.as_str())
            ),
            branch_name: branch.as_ref().map_or_else(String::new, |b| b.name.clone()),
            branch_short: branch.map_or_else(|| names("―"), |b| b.short_name),
            agent: format!(
                "{}　{}",
                agent.map_or_else(|| names("―"), |a| a.name),
                agent_branch.map_or_else(|| names("―"), |b| b.name)
            ),
            office: request
                .office
                .and_then(|number| app.tables.offices.get(request.procedure().vehicle, number))
                .map(|office| office.name.clone()),
            available: workflow::available(&request, actor),
            request,
        })
    })
}

/// A page of a list with the names of what its rows refer to.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Rows and exact total.
    pub found: Found,
    /// 拠点（略称）.
    pub branches: BTreeMap<BranchId, String>,
    /// 代理人: organization's and branch's short names.
    pub agents: BTreeMap<AgentBranchId, String>,
    /// 依頼人（略称）.
    pub clients: BTreeMap<ClientOrganizationId, String>,
}

/// Whose list an actor sees.
pub fn scope(actor: &Actor) -> Scope {
    match actor {
        Actor::Client(client) => Scope::Client(client.organization(), client.branch()),
        Actor::Agent(agent) => Scope::Agent(agent.organization(), agent.branch()),
    }
}

/// Short names as lists show them, kept while no organization and no branch changes.
#[derive(Debug, Default)]
pub struct Names(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    version: u64,
    branches: HashMap<BranchId, String>,
    agents: HashMap<AgentBranchId, String>,
    clients: HashMap<ClientOrganizationId, String>,
}

impl Names {
    /// The names of what these rows refer to; `version` is of before the snapshot.
    fn of(&self, tx: &Read, version: u64, found: Found) -> Result<Listing> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.version < version {
            *known = Known { version, ..Known::default() };
        }
        let mut listing =
            Listing { found, branches: BTreeMap::new(), agents: BTreeMap::new(), clients: BTreeMap::new() };
        for row in &listing.found.rows {
            name(&mut listing.branches, &mut known.branches, row.branch, |id| {
                Ok(tx.branch(id)?.map_or_else(String::new, |branch| branch.short_name))
            })?;
            name(&mut listing.agents, &mut known.agents, row.agent_branch, |id| agent_name(tx, id))?;
            name(&mut listing.clients, &mut known.clients, row.client, |id| {
                Ok(tx.client_organization(id)?.map_or_else(String::new, |client| client.short_name))
            })?;
        }
        Ok(listing)
    }
}

/// Adds one name, from what is known or, once, from the store.
fn name<K: Copy + Ord + Hash>(
    names: &mut BTreeMap<K, String>,
    known: &mut HashMap<K, String>,
    id: K,
    read: impl FnOnce(K) -> Result<String>,
) -> Result<()> {
    if let btree_map::Entry::Vacant(place) = names.entry(id) {
        let name = match known.entry(id) {
            hash_map::Entry::Occupied(known) => known.get().clone(),
            hash_map::Entry::Vacant(unknown) => unknown.insert(read(id)?).clone(),
        };
        place.insert(name);
    }
    Ok(())
}

/// A page of 依頼データ検索 or 申請データ検索.
///
/// # Errors
/// Only of the store.
pub fn search(
    app: &App,
    actor: &Actor,
    procedure: &Procedure,
    conditions: &Conditions,
    order: Order,
    page: Page,
) -> Result<Listing> {
    let version = app.store.names_version();
    app.store.read(|tx| {
        let found = tx.search(scope(actor), procedure.code, conditions, order, page)?;
        app.names.of(tx, version, found)
    })
}

/// 代理人: short names of organization and branch.
pub(in crate::service) fn agent_name(tx: &Read, id: AgentBranchId) -> Result<String> {
    let Some(branch) = tx.agent_branch(id)? else { return Ok(String::new()) };
    let organization = tx.agent_organization(branch.organization)?.map_or_else(String::new, |agent| agent.short_name);
    Ok(format!("{organization}　{}", branch.short_name))
}

/// 前申請ID and 次申請ID within a list.
///
/// # Errors
/// Only of the store.
pub fn neighbours(
    app: &App,
    actor: &Actor,
    procedure: &Procedure,
    conditions: &Conditions,
    order: Order,
    id: RequestId,
) -> Result<(Option<RequestId>, Option<RequestId>)> {
    app.store.read(|tx| Ok(tx.neighbours(scope(actor), procedure.code, conditions, order, id)?))
}

/// The page of a list, with so many rows on each, on which a request stands or would stand.
///
/// # Errors
/// Only of the store.
pub fn page_of(
    app: &App,
    actor: &Actor,
    procedure: &Procedure,
    (conditions, order): (&Conditions, Order),
    size: u32,
    id: RequestId,
) -> Result<u32> {
    let before = app
        .store
        .read(|tx| Ok::<_, Error>(tx.standing_before(scope(actor), procedure.code, conditions, order, id)?))?;
    Ok(u32::try_from(before / u64::from(size.max(1)) + 1).unwrap_or(u32::MAX))
}

/// What 依頼データ初期登録 offers to choose from.
#[derive(Debug, Clone)]
pub struct Choices {
    /// 拠点 of this user, by code.
    pub branches: Vec<Branch>,
    /// Agents that may file the procedure and that any of these branches may ask, with their branches.
    pub agents: Vec<(AgentOrganization, Vec<AgentBranch>)>,
    /// Templates that any of these branches can begin with.
    pub templates: Vec<Template>,
    /// What each of the branches may ask and begins with.
    pub beginnings: BTreeMap<BranchId, Beginning>,
}

/// How a new request of a branch begins.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// 依頼先代理人.
    pub allowed: Vec<AgentBranchId>,
    /// The agent that is shown first.
    pub agent: Option<AgentBranchId>,
    /// The template that is chosen first.
    pub template: Option<TemplateId>,
}

/// Branches, agents and templates for a new request.
///
/// # Errors
/// Only of the store.
pub fn choices(app: &App, actor: &ClientActor, procedure: &Procedure) -> Result<Choices> {
    app.store.read(|tx| {
        let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
        let mut branches = tx.branches_of(actor.organization())?;
        branches.retain(|branch| actor.covers(branch.organization, branch.id));
        let mut agents = Vec::new();
        for agent in tx.agent_organizations()? {
            if agent.active && agent.procedures.contains(&procedure.code) {
                let own = tx.agent_branches_of(agent.id)?;
                agents.push((agent, own));
            }
        }
        let templates = tx.templates_of(actor.organization())?;
        Ok(Choices::among(&organization, procedure, branches, agents, templates))
    })
}

impl Choices {
    /// Of what somebody may see, what goes together for a new request of this garage.
    pub(in crate::service) fn among(
        organization: &ClientOrganization,
        procedure: &Procedure,
        mut branches: Vec<Branch>,
        mut agents: Vec<(AgentOrganization, Vec<AgentBranch>)>,
        mut templates: Vec<Template>,
    ) -> Self {
        branches.retain(|branch| branch.active);
        for (_, own) in &mut agents {
            let asked = |agent| branches.iter().any(|branch| asked::may_ask(organization, branch, agent));
            own.retain(|agent| agent.active && asked(agent.id));
        }
        agents.retain(|(_, own)| !own.is_empty());
        templates.retain(|template| branches.iter().any(|branch| template.serves(procedure, branch.id)));
        templates.sort_by(|a, b| (a.branch, &a.name).cmp(&(b.branch, &b.name)));
        let on_offer: Vec<AgentBranchId> =
            agents.iter().flat_map(|(_, own)| own.iter().map(|agent| agent.id)).collect();
        let beginning = |branch: &Branch| {
            let allowed: Vec<AgentBranchId> =
                on_offer.iter().copied().filter(|agent| asked::may_ask(organization, branch, *agent)).collect();
            let template = template::usual(&templates, procedure, branch.id);
            let agent = template.and_then(|template| template.agent_branch).filter(|agent| allowed.contains(agent));
            Beginning {
                agent: agent.or_else(|| asked::usual(organization, branch, &on_offer)),
                template: template.map(|template| template.id),
                allowed,
            }
        };
        let beginnings = branches.iter().map(|branch| (branch.id, beginning(branch))).collect();
        Self { branches, agents, templates, beginnings }
    }
}

/// The agent branches whose requests this user sees.
///
/// # Errors
/// Only of the store.
pub fn agent_branches(app: &App, actor: &AgentActor) -> Result<Vec<AgentBranch>> {
    app.store.read(|tx| {
        let mut branches = tx.agent_branches_of(actor.organization())?;
        branches.retain(|branch| actor.covers(branch.organization, branch.id));
        Ok(branches)
    })
}
