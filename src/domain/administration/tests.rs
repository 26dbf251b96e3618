use super::*;
use crate::domain::ids::{ClientOrganizationId, PersonId};
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use proptest::prelude::*;

const ROLES: [ClientRole; 4] =
    [ClientRole::Administrator, ClientRole::BranchManager, ClientRole::StaffMaySend, ClientRole::StaffMayNotSend];

fn actor(role: ClientRole, branch: Option<u32>) -> ClientActor {
    let membership = Membership::Client { organization: ClientOrganizationId(1), branch: branch.map(BranchId), role };
    let user = User {
        id: UserId(1),
        person: PersonId(1),
        login_id: "a".to_owned(),
        name: "管理".to_owned(),
        membership,
        password: PasswordHash(String::new()),
        password_state: PasswordState::Chosen { at: SystemTime::from_unix(0), expires: None },
        password_history: Vec::new(),
        last_sign_in: None,
        active: true,
        version: 1,
    };
    ClientActor::of(&user).unwrap()
}

fn subjects() -> impl Strategy<Value = Subject<ClientRole, BranchId>> {
    (1u32..4, 0usize..4, proptest::option::of(1u32..3)).prop_map(|(user, role, branch)| Subject {
        user: UserId(user),
        role: ROLES[role],
        branch: branch.map(BranchId),
    })
}

proptest! {
    #[test]
    fn an_administrator_is_never_added_nor_removed_nor_taken_over(
        role in 0usize..4, branch in proptest::option::of(1u32..3), subject in subjects(),
    ) {
        let actor = actor(ROLES[role], branch);
        prop_assert!(!may_keep(&actor, UserTask::Add(ClientRole::Administrator, subject.branch)));
        if subject.role == ClientRole::Administrator {
            prop_assert!(!may_keep(&actor, UserTask::Remove(subject)));
            let reset = may_keep(&actor, UserTask::ResetPassword(subject));
            prop_assert!(!reset || actor.role() == ClientRole::Administrator);
        }
    }

    #[test]
    fn nobody_removes_or_resets_themselves(role in 0usize..4, subject in subjects()) {
        let actor = actor(ROLES[role], None);
        let own = Subject { user: actor.user(), ..subject };
        prop_assert!(!may_keep(&actor, UserTask::Remove(own)) && !may_keep(&actor, UserTask::ResetPassword(own)));
    }

    #[test]
    fn a_branch_manager_reaches_staff_of_their_branch_only(own in 1u32..3, subject in subjects()) {
        let manager = actor(ClientRole::BranchManager, Some(own));
        let theirs = subject.role.is_staff() && subject.branch == Some(BranchId(own));
        prop_assert_eq!(may_keep(&manager, UserTask::Change(subject)), theirs);
        prop_assert_eq!(may_keep(&manager, UserTask::Add(subject.role, subject.branch)), theirs);
        prop_assert_eq!(may_keep(&manager, UserTask::Remove(subject)), theirs && subject.user != manager.user());
        for task in [Task::AddBranch, Task::RemoveBranch, Task::ManageOrganization] {
            prop_assert!(!may(&manager, task));
        }
    }

    #[test]
    fn staff_administer_nothing(role in 2usize..4, subject in subjects()) {
        let staff = actor(ROLES[role], None);
        for task in [
            Task::AddBranch, Task::ChangeBranch(BranchId(1)), Task::RemoveBranch, Task::ManageOrganization,
        ] {
            prop_assert!(!may(&staff, task));
        }
        for task in [
            UserTask::Add(subject.role, subject.branch), UserTask::Change(subject), UserTask::ResetPassword(subject),
            UserTask::Remove(subject),
        ] {
            prop_assert!(!may_keep(&staff, task));
        }
    }
}

#[test]
fn a_manager_of_all_branches_renames_each_of_them() {
    let all = actor(ClientRole::BranchManager, None);
    assert!(may(&all, Task::ChangeBranch(BranchId(1))) && may(&all, Task::ChangeBranch(BranchId(2))));
    let one = actor(ClientRole::BranchManager, Some(1));
    assert!(may(&one, Task::ChangeBranch(BranchId(1))) && !may(&one, Task::ChangeBranch(BranchId(2))));
}
