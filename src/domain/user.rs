//! Users: who may sign in where, with what, and in which state their password is.

use super::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, PersonId, UserId};
use super::role::{AgentRole, Application, ClientRole, SimulatorRole};
use super::time::SystemTime;
use minicbor::{Decode, Encode};
use std::fmt;

/// An argon2id hash in PHC form. Never shown, not even to a log.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PasswordHash(#[n(0)] pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a user belongs and what they may do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Membership {
    /// A garage's user; without a branch, all branches.
    #[n(1)]
    Client {
        /// The company.
        #[n(0)]
        organization: ClientOrganizationId,
        /// The one branch this user is tied to.
        #[n(1)]
        branch: Option<BranchId>,
        /// 権限.
        #[n(2)]
        role: ClientRole,
    },
    /// An agent's user; without a branch, all branches.
    #[n(2)]
    Agent {
        /// The agent organization.
        #[n(0)]
        organization: AgentOrganizationId,
        /// The one branch this user is tied to.
        #[n(1)]
        branch: Option<AgentBranchId>,
        /// 権限.
        #[n(2)]
        role: AgentRole,
    },
    /// Whoever runs the node.
    #[n(3)]
    Operator,
    /// Somebody who plays the outside world.
    #[n(4)]
    Simulator {
        /// 権限.
        #[n(0)]
        role: SimulatorRole,
    },
}

impl Membership {
    /// The application this membership signs in to.
    pub fn application(&self) -> Application {
        match self {
            Self::Client { .. } => Application::Client,
            Self::Agent { .. } => Application::Agent,
            Self::Operator => Application::Operator,
            Self::Simulator { .. } => Application::Simulator,
        }
    }
}

/// State of a password.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum PasswordState {
    /// Issued or reset: admits one sign-in, which leads only to パスワード更新.
    #[n(1)]
    Initial {
        /// From when.
        #[n(0)]
        since: SystemTime,
        /// Until when it can be used.
        #[n(1)]
        until: SystemTime,
        /// Who issued or reset it; none for the first issue.
        #[n(2)]
        by: Option<UserId>,
        /// Wrong tries so far; five end it.
        #[n(3)]
        failures: u8,
        /// Whether its one sign-in has happened.
        #[n(4)]
        used: bool,
    },
    /// Chosen by the user.
    #[n(2)]
    Chosen {
        /// When it was chosen.
        #[n(0)]
        at: SystemTime,
        /// パスワード有効期限; none when the office switched expiry off.
        #[n(1)]
        expires: Option<SystemTime>,
    },
}

/// One login ID in one application.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct User {
    /// The node's own number.
    #[n(0)]
    pub id: UserId,
    /// The person who holds it.
    #[n(1)]
    pub person: PersonId,
    /// ログインID as registered; compared without case.
    #[n(2)]
    pub login_id: String,
    /// ユーザー名, 1–10 characters.
    #[n(3)]
    pub name: String,
    /// Organization, branch, role.
    #[n(4)]
    pub membership: Membership,
    /// The password's hash.
    #[n(5)]
    pub password: PasswordHash,
    /// The password's state.
    #[n(6)]
    pub password_state: PasswordState,
    /// Hashes of earlier passwords, newest first.
    #[n(7)]
    pub password_history: Vec<PasswordHash>,
    /// 最終ログイン日時.
    #[n(8)]
    pub last_sign_in: Option<SystemTime>,
    /// False once deleted.
    #[n(9)]
    pub active: bool,
    /// Grows by one with every change; a session of another version re-reads the user.
    #[n(10)]
    pub version: u32,
}
