//! Who acts. Handlers get an actor from a session; nothing else makes one, so holding one is the proof.

use super::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, UserId};
use super::role::{AgentRole, ClientRole, SimulatorRole};
use super::user::{Membership, User};

/// A signed-in user of the client application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientActor {
    user: UserId,
    name: String,
    organization: ClientOrganizationId,
    branch: Option<BranchId>,
    role: ClientRole,
}

impl ClientActor {
    /// Made from the user row that a session or key names. Only `store::users` may call this.
    pub(crate) fn of(user: &User) -> Option<Self> {
        match user.membership {
            Membership::Client { organization, branch, role } if user.active => {
                Some(Self { user: user.id, name: user.name.clone(), organization, branch, role })
            }
            _ => None,
        }
    }

    /// The user.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// ユーザー名.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The garage company.
    pub fn organization(&self) -> ClientOrganizationId {
        self.organization
    }

    /// The one branch, or none for all.
    pub fn branch(&self) -> Option<BranchId> {
        self.branch
    }

    /// 権限.
    pub fn role(&self) -> ClientRole {
        self.role
    }

    /// Whether this branch's data are theirs to see.
    pub fn covers(&self, organization: ClientOrganizationId, branch: BranchId) -> bool {
        self.organization == organization && self.branch.is_none_or(|own| own == branch)
    }
}

/// A signed-in user of the agent application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentActor {
    user: UserId,
    name: String,
    organization: AgentOrganizationId,
    branch: Option<AgentBranchId>,
    role: AgentRole,
}

impl AgentActor {
    /// Made from the user row that a session names. Only `store::users` may call this.
    pub(crate) fn of(user: &User) -> Option<Self> {
        match user.membership {
            Membership::Agent { organization, branch, role } if user.active => {
                Some(Self { user: user.id, name: user.name.clone(), organization, branch, role })
            }
            _ => None,
        }
    }

    /// The user.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// ユーザー名.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The agent organization.
    pub fn organization(&self) -> AgentOrganizationId {
        self.organization
    }

    /// The one branch, or none for all.
    pub fn branch(&self) -> Option<AgentBranchId> {
        self.branch
    }

    /// 権限.
    pub fn role(&self) -> AgentRole {
        self.role
    }

    /// Whether requests to this agent branch are theirs to see.
    pub fn covers(&self, organization: AgentOrganizationId, branch: AgentBranchId) -> bool {
        self.organization == organization && self.branch.is_none_or(|own| own == branch)
    }
}

/// Somebody who plays the outside world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatorActor {
    user: UserId,
    name: String,
    role: SimulatorRole,
}

impl SimulatorActor {
    /// Made from the user row that a session names. Only `store::users` may call this.
    pub(crate) fn of(user: &User) -> Option<Self> {
        match user.membership {
            Membership::Simulator { role } if user.active => {
                Some(Self { user: user.id, name: user.name.clone(), role })
            }
            _ => None,
        }
    }

    /// The user.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// ユーザー名.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 権限.
    pub fn role(&self) -> SimulatorRole {
        self.role
    }
}

/// Anybody who can act on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A garage's user.
    Client(ClientActor),
    /// An agent's user.
    Agent(AgentActor),
}

impl Actor {
    /// The user.
    pub fn user(&self) -> UserId {
        match self {
            Self::Client(actor) => actor.user(),
            Self::Agent(actor) => actor.user(),
        }
    }

    /// ユーザー名.
    pub fn name(&self) -> &str {
        match self {
            Self::Client(actor) => actor.name(),
            Self::Agent(actor) => actor.name(),
        }
    }
}

impl From<ClientActor> for Actor {
    fn from(actor: ClientActor) -> Self {
        Self::Client(actor)
    }
}

impl From<AgentActor> for Actor {
    fn from(actor: AgentActor) -> Self {
        Self::Agent(actor)
    }
}
