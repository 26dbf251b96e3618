//! What administrators may do, and to whom: asked by pages for their buttons and by use cases before they write (client
//! guide GA727; inspection manual J502). Users are kept by one set of rules in both applications; 管理者 are added and
//! removed by the operator only.

use super::actor::{AgentActor, ClientActor};
use super::ids::{AgentBranchId, BranchId, UserId};
use super::role::{AgentRole, ClientRole, Rank, Role};
use super::user::Membership;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Somebody who may keep the users of their organization, of either application.
pub trait Keeper: Clone + Debug + Send + Sync + 'static {
    /// 権限 of the application.
    type Role: Role;
    /// What its branches are numbered with.
    type Branch: Copy + Ord + Debug + Display + FromStr + Send + Sync + 'static;

    /// The user.
    fn user(&self) -> UserId;

    /// 権限.
    fn role(&self) -> Self::Role;

    /// The one branch, or none for all.
    fn branch(&self) -> Option<Self::Branch>;

    /// What a user of this branch and role is in the keeper's organization.
    fn membership(&self, branch: Option<Self::Branch>, role: Self::Role) -> Membership;

    /// Branch and role of a membership of the keeper's organization; none for any other.
    fn place(&self, membership: &Membership) -> Option<(Option<Self::Branch>, Self::Role)>;
}

impl Keeper for ClientActor {
    type Role = ClientRole;
    type Branch = BranchId;

    fn user(&self) -> UserId {
        self.user()
    }

    fn role(&self) -> ClientRole {
        self.role()
    }

    fn branch(&self) -> Option<BranchId> {
        self.branch()
    }

    fn membership(&self, branch: Option<BranchId>, role: ClientRole) -> Membership {
        Membership::Client { organization: self.organization(), branch, role }
    }

    fn place(&self, membership: &Membership) -> Option<(Option<BranchId>, ClientRole)> {
        match *membership {
            Membership::Client { organization, branch, role } if organization == self.organization() => {
                Some((branch, role))
            }
            _ => None,
        }
    }
}

impl Keeper for AgentActor {
    type Role = AgentRole;
    type Branch = AgentBranchId;

    fn user(&self) -> UserId {
        self.user()
    }

    fn role(&self) -> AgentRole {
        self.role()
    }

    fn branch(&self) -> Option<AgentBranchId> {
        self.branch()
    }

    fn membership(&self, branch: Option<AgentBranchId>, role: AgentRole) -> Membership {
        Membership::Agent { organization: self.organization(), branch, role }
    }

    fn place(&self, membership: &Membership) -> Option<(Option<AgentBranchId>, AgentRole)> {
        match *membership {
            Membership::Agent { organization, branch, role } if organization == self.organization() => {
                Some((branch, role))
            }
            _ => None,
        }
    }
}

/// A user as far as permissions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<R, B> {
    /// Who.
    pub user: UserId,
    /// Their 権限.
    pub role: R,
    /// The one branch they are tied to; none for all.
    pub branch: Option<B>,
}

/// Something that a [`Keeper`] does with users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserTask<R, B> {
    /// Registration of a user with this role, for this branch or all.
    Add(R, Option<B>),
    /// 更新 of a user.
    Change(Subject<R, B>),
    /// パスワード再設定.
    ResetPassword(Subject<R, B>),
    /// 削除 of a user.
    Remove(Subject<R, B>),
}

/// Whether they may. Nobody resets or removes themselves, so that nobody locks themselves out.
pub fn may_keep<A: Keeper>(actor: &A, task: UserTask<A::Role, A::Branch>) -> bool {
    match (actor.role().rank(), task) {
        (Rank::Staff, _) => false,
        (_, UserTask::ResetPassword(subject) | UserTask::Remove(subject)) if subject.user == actor.user() => false,
        (Rank::Administrator, UserTask::Add(role, _)) => role.rank() != Rank::Administrator,
        (Rank::Administrator, UserTask::Remove(subject)) => subject.role.rank() != Rank::Administrator,
        (Rank::Administrator, UserTask::Change(_) | UserTask::ResetPassword(_)) => true,
        (Rank::BranchManager, UserTask::Add(role, branch)) => role.rank() == Rank::Staff && within(actor, branch),
        (
            Rank::BranchManager,
            UserTask::Change(subject) | UserTask::ResetPassword(subject) | UserTask::Remove(subject),
        ) => subject.role.rank() == Rank::Staff && within(actor, subject.branch),
    }
}

/// Something that an administrator of a garage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// 依頼人拠点登録.
    AddBranch,
    /// 依頼人拠点更新.
    ChangeBranch(BranchId),
    /// 依頼人拠点削除.
    RemoveBranch,
    /// 依頼人組織更新, API keys, 依頼人証明書.
    ManageOrganization,
}

/// Whether they may.
pub fn may(actor: &ClientActor, task: Task) -> bool {
    match (actor.role(), task) {
        (ClientRole::Administrator, _) => true,
        (ClientRole::BranchManager, Task::ChangeBranch(branch)) => within(actor, Some(branch)),
        (ClientRole::BranchManager, Task::AddBranch | Task::RemoveBranch | Task::ManageOrganization)
        | (ClientRole::StaffMaySend | ClientRole::StaffMayNotSend, _) => false,
    }
}

/// Whether a user of this branch (none: of all branches) lies within what the actor administers.
pub fn within<A: Keeper>(actor: &A, branch: Option<A::Branch>) -> bool {
    actor.branch().is_none() || actor.branch() == branch
}

#[cfg(test)]
mod tests;
