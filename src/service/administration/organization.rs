//! 代理人組織: what an agent's administrators see of their own organization and change in it.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::act;
use crate::app::App;
use crate::domain::actor::AgentActor;
use crate::domain::ids::AgentOrganizationId;
use crate::domain::organization::{AgentOrganization, PERMISSIONS};
use crate::domain::role::AgentRole;
use crate::store::{Source, Tables};

/// 代理人組織検索 and 照会: an agent sees its own organization and no other.
///
/// # Errors
/// `NotFound` for any other.
pub fn view(app: &App, actor: &AgentActor, id: AgentOrganizationId) -> Result<AgentOrganization> {
    app.store.read(|tx| find(tx, actor, id))
}

pub(super) fn find<S: Source>(
    tx: &Tables<S>,
    actor: &AgentActor,
    id: AgentOrganizationId,
) -> Result<AgentOrganization> {
    tx.agent_organization(id)?.filter(|found| found.id == actor.organization()).ok_or(Error::NotFound)
}

/// The same for somebody who is about to change it.
pub(super) fn administered<S: Source>(
    tx: &Tables<S>,
    actor: &AgentActor,
    id: AgentOrganizationId,
) -> Result<AgentOrganization> {
    let found = find(tx, actor, id)?;
    if actor.role() == AgentRole::Administrator { Ok(found) } else { Err(Error::Forbidden) }
}

/// What 代理人組織更新 takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationInput {
    /// 代理人組織名.
    pub name: String,
    /// 代理人組織名（略称）.
    pub short_name: String,
    /// Codes of the procedures that may be filed.
    pub procedures: Vec<u8>,
}

/// 代理人組織更新. 代理人ステータス is the operator's.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `Forbidden`; `NotFound`.
pub async fn update(
    app: &App,
    actor: &AgentActor,
    id: AgentOrganizationId,
    version: u32,
    input: OrganizationInput,
    once: Token,
) -> Result<AgentOrganizationId> {
    let once = once.of(("agent.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let before = administered(tx, actor, id)?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        // In the order of the page; what no page offers is not taken.
        let offered = PERMISSIONS.iter().map(|(code, _)| *code);
        let after = AgentOrganization {
            name: input.name.clone(),
            short_name: input.short_name.clone(),
            procedures: offered.filter(|code| input.procedures.contains(code)).collect(),
            ..before.clone()
        };
        let changed = audit::changed([
            ("name", before.name != after.name),
            ("short_name", before.short_name != after.short_name),
            ("procedures", before.procedures != after.procedures),
        ]);
        if !changed.is_empty() {
            tx.put_agent_organization(&AgentOrganization { version: before.version.saturating_add(1), ..after })?;
            audit::note(tx, now, actor.user(), "agent.update", format!("agent {id}"), changed)?;
        }
        Ok(id)
    })
    .await
}
