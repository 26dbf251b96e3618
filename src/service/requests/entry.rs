//! 代行入力: for which garages an agent's staff may write a request. Garages that name the agent or have asked it before
//! are offered; any other has to be named by its 依頼人組織ID, so that nobody reads who else there is. One that may not
//! ask this agent answers as if it did not exist.

use super::registration::may_file;
use super::view::{Choices, scope};
use crate::app::App;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::asked;
use crate::domain::ids::{AgentBranchId, ClientOrganizationId};
use crate::domain::organization::{AgentBranch, Branch, ClientOrganization};
use crate::domain::procedure::{self, Procedure};
use crate::domain::text;
use crate::service::error::{Error, Result};
use crate::store::Read;
use std::collections::BTreeSet;

/// Which garages are looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// 依頼人組織ID, exactly.
    pub id: Option<ClientOrganizationId>,
    /// Part of 依頼人組織名 or its 略称.
    pub name: String,
}

/// A garage for which a request can be written.
#[derive(Debug, Clone)]
pub struct Garage {
    /// 依頼人組織ID.
    pub id: ClientOrganizationId,
    /// 依頼人組織名.
    pub name: String,
    /// 拠点（略称） that may ask this agent.
    pub branches: Vec<String>,
    /// It names the agent or has asked it before.
    pub known: bool,
}

/// The garages that are offered, by 依頼人組織ID, and the one that is named by it.
///
/// # Errors
/// Only of the store.
pub fn garages(app: &App, actor: &AgentActor, wanted: &Wanted) -> Result<Vec<Garage>> {
    let name = text::search_key(&wanted.name);
    app.store.read(|tx| {
        let own = own_branches(tx, actor)?;
        let before = asked_before(tx, actor)?;
        let mut garages = Vec::new();
        for garage in tx.client_organizations()? {
            let named = wanted.id == Some(garage.id);
            let meets = (named || wanted.id.is_none())
                && [&garage.name, &garage.short_name].iter().any(|own| text::search_key(own).contains(&name));
            if !garage.active || !meets {
                continue;
            }
            let branches = tx.branches_of(garage.id)?;
            let known = before.contains(&garage.id) || names(&garage, &branches, &own);
            let asking = asking(&garage, branches, &own);
            if (known || named) && !asking.is_empty() {
                let branches = asking.into_iter().map(|branch| branch.short_name).collect();
                garages.push(Garage { id: garage.id, name: garage.name, branches, known });
            }
        }
        Ok(garages)
    })
}

/// What 代行入力 for this garage offers to choose from: its branches that may ask the actor's, and those.
///
/// # Errors
/// `NotFound` when there is no such garage, or none that may ask; `Refused` when the agent may not file the procedure.
pub fn choices(
    app: &App,
    actor: &AgentActor,
    procedure: &Procedure,
    garage: ClientOrganizationId,
) -> Result<(ClientOrganization, Choices)> {
    app.store.read(|tx| {
        let agent = tx.agent_organization(actor.organization())?.ok_or(Error::NotFound)?;
        may_file(&agent, procedure)?;
        let own = own_branches(tx, actor)?;
        let garage = tx.client_organization(garage)?.filter(|garage| garage.active).ok_or(Error::NotFound)?;
        let branches = asking(&garage, tx.branches_of(garage.id)?, &own);
        if branches.is_empty() {
            return Err(Error::NotFound);
        }
        let choices = Choices::among(&garage, procedure, branches, vec![(agent, own)], Vec::new());
        Ok((garage, choices))
    })
}

/// The agent branches for which the actor works.
fn own_branches(tx: &Read, actor: &AgentActor) -> Result<Vec<AgentBranch>> {
    let mut own = tx.agent_branches_of(actor.organization())?;
    own.retain(|branch| branch.active && actor.covers(branch.organization, branch.id));
    Ok(own)
}

/// Garages of which the actor's lists hold something.
fn asked_before(tx: &Read, actor: &AgentActor) -> Result<BTreeSet<ClientOrganizationId>> {
    let scope = scope(&Actor::Agent(actor.clone()));
    let mut before = BTreeSet::new();
    for procedure in procedure::ALL {
        before.extend(tx.clients_of(scope, procedure.code)?);
    }
    Ok(before)
}

/// Whether 依頼先代理人 of the garage or of one of its branches names one of these.
fn names(garage: &ClientOrganization, branches: &[Branch], own: &[AgentBranch]) -> bool {
    let listed = |list: &Option<Vec<AgentBranchId>>| list.clone().unwrap_or_default();
    let mut named = listed(&garage.agents);
    named.extend(garage.default_agent);
    for branch in branches.iter().filter(|branch| branch.active) {
        named.extend(listed(&branch.agents));
        named.extend(branch.default_agent);
    }
    own.iter().any(|branch| named.contains(&branch.id))
}

/// Those of a garage's branches that may ask any of these.
fn asking(garage: &ClientOrganization, mut branches: Vec<Branch>, own: &[AgentBranch]) -> Vec<Branch> {
    branches.retain(|branch| branch.active && own.iter().any(|agent| asked::may_ask(garage, branch, agent.id)));
    branches
}
