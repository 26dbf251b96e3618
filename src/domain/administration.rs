//! What administrators of a garage may do, and to whom: asked by pages for their buttons and by use cases before they
//! write (client guide GA727; inspection manual J502). 管理者 are added and removed by the operator only.

use super::actor::ClientActor;
use super::ids::{BranchId, UserId};
use super::role::ClientRole;

/// A user as far as permissions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Who.
    pub user: UserId,
    /// Their 権限.
    pub role: ClientRole,
    /// The one branch they are tied to; none for all.
    pub branch: Option<BranchId>,
}

/// Something that an administrator does.
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
    /// Registration of a user with this role, for this branch or all.
    AddUser(ClientRole, Option<BranchId>),
    /// 更新 of a user.
    ChangeUser(Subject),
    /// 依頼人ユーザーパスワード再設定.
    ResetPassword(Subject),
    /// 削除 of a user.
    RemoveUser(Subject),
}

/// Whether they may. Nobody resets or removes themselves, so that nobody locks themselves out.
pub fn may(actor: &ClientActor, task: Task) -> bool {
    match (actor.role(), task) {
        (_, Task::ResetPassword(subject) | Task::RemoveUser(subject)) if subject.user == actor.user() => false,
        (ClientRole::Administrator, Task::AddUser(role, _)) => role != ClientRole::Administrator,
        (ClientRole::Administrator, Task::RemoveUser(subject)) => subject.role != ClientRole::Administrator,
        (ClientRole::Administrator, _) => true,
        (ClientRole::BranchManager, Task::ChangeBranch(branch)) => within(actor, Some(branch)),
        (ClientRole::BranchManager, Task::AddUser(role, branch)) => role.is_staff() && within(actor, branch),
        (
            ClientRole::BranchManager,
            Task::ChangeUser(subject) | Task::ResetPassword(subject) | Task::RemoveUser(subject),
        ) => subject.role.is_staff() && within(actor, subject.branch),
        (ClientRole::BranchManager, Task::AddBranch | Task::RemoveBranch | Task::ManageOrganization)
        | (ClientRole::StaffMaySend | ClientRole::StaffMayNotSend, _) => false,
    }
}

/// Whether a user of this branch (none: of all branches) lies within what the actor administers.
pub fn within(actor: &ClientActor, branch: Option<BranchId>) -> bool {
    actor.branch().is_none() || actor.branch() == branch
}

/// The roles that a registration can give; what 管理者 and 拠点管理者 are, they stay.
pub const STAFF_ROLES: [ClientRole; 2] = [ClientRole::StaffMaySend, ClientRole::StaffMayNotSend];

#[cfg(test)]
mod tests;
