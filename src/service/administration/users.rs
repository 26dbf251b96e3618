//! 依頼人ユーザー: what administrators do with the users of their garage. A change counts in open sessions at once, because
//! every request reads its user anew.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::super::reason::Reason;
use super::super::sessions;
use super::act;
use crate::app::App;
use crate::config::PasswordReset;
use crate::domain::actor::ClientActor;
use crate::domain::administration::{self, Subject, Task};
use crate::domain::ids::{BranchId, UserId};
use crate::domain::organization::Branch;
use crate::domain::problem::Problems;
use crate::domain::role::{Application, ClientRole};
use crate::domain::rules::{self, Entry};
use crate::domain::text;
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use crate::domain::{password, user};
use crate::secret;
use crate::store::{Source, Tables};
use std::collections::BTreeMap;

const HOUR: i64 = 60 * 60;
/// How long a password that an administrator typed at the registration can be used (engineering decision E3).
const ISSUED: i64 = 90 * 24 * HOUR;
/// How long the password of a reset can be used.
pub const RESET_HOURS: i64 = 72;

/// What 更新 of a user takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput {
    /// ユーザー名.
    pub name: String,
    /// 依頼人拠点; none for all. 管理者 have none.
    pub branch: Option<BranchId>,
    /// 権限; changes between the two kinds of staff only.
    pub role: ClientRole,
}

impl UserInput {
    /// Checks what was typed. `role` is what the user is or becomes; the box 権限 exists for staff only.
    pub fn check<'t>(entry: &mut Entry, role: ClientRole, typed: impl Fn(&str) -> &'t str) -> Self {
        let name = entry.required("name", &rules::USER_NAME, typed("name"));
        let branch = match typed("branch") {
            "" => None,
            number => {
                let branch = number.parse().ok();
                if branch.is_none() {
                    entry.wrong("branch", "依頼人拠点を一覧から選んでください。");
                }
                branch
            }
        };
        let role = if role.is_staff() {
            administration::STAFF_ROLES.into_iter().find(|staff| staff.key() == typed("role")).unwrap_or_else(|| {
                entry.wrong("role", "権限を一覧から選んでください。");
                role
            })
        } else {
            role
        };
        Self { name, branch, role }
    }
}

/// Which users a list shows.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// ログインID: part of it.
    pub login_id: &'a str,
    /// ユーザー名: part of it.
    pub name: &'a str,
    /// 依頼人拠点.
    pub branch: Option<BranchId>,
    /// 権限: any of these; empty is all.
    pub roles: Vec<ClientRole>,
}

/// A user with what pages show of them.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The user.
    pub user: User,
    /// 権限 and branch.
    pub subject: Subject,
    /// The branch they are tied to.
    pub branch: Option<Branch>,
}

/// 依頼人ユーザー検索: by login ID.
///
/// # Errors
/// The store's.
pub fn search(app: &App, actor: &ClientActor, wanted: &Wanted<'_>) -> Result<Vec<UserView>> {
    let (login, name) = (text::search_key(wanted.login_id), text::search_key(wanted.name));
    app.store.read(|tx| {
        let branches: BTreeMap<BranchId, Branch> =
            tx.branches_of(actor.organization())?.into_iter().map(|branch| (branch.id, branch)).collect();
        let mut found: Vec<UserView> = tx
            .users_of_client(actor.organization())?
            .into_iter()
            .filter_map(|user| {
                let subject = seen(actor, &user)?;
                let branch = subject.branch.and_then(|id| branches.get(&id).cloned());
                Some(UserView { user, subject, branch })
            })
            .filter(|view| {
                text::search_key(&view.user.login_id).contains(&login)
                    && text::search_key(&view.user.name).contains(&name)
                    && (wanted.branch.is_none() || view.subject.branch == wanted.branch)
                    && (wanted.roles.is_empty() || wanted.roles.contains(&view.subject.role))
            })
            .collect();
        found.sort_by_cached_key(|view| view.user.login_id.to_lowercase());
        Ok(found)
    })
}

/// 依頼人ユーザー照会.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn view(app: &App, actor: &ClientActor, id: UserId) -> Result<UserView> {
    app.store.read(|tx| {
        let (user, subject) = find(tx, actor, id)?;
        let branch = subject.branch.map(|branch| tx.branch(branch)).transpose()?.flatten();
        Ok(UserView { user, subject, branch })
    })
}

/// What 登録 takes beside the rest.
#[derive(Debug)]
pub struct NewUser {
    /// ログインID.
    pub login_id: String,
    /// Name, branch, role.
    pub input: UserInput,
    /// パスワード.
    pub password: String,
}

impl NewUser {
    /// Checks what was typed, the password twice.
    pub fn check<'t>(entry: &mut Entry, role: ClientRole, typed: impl Fn(&str) -> &'t str, again: &str) -> Self {
        let login_id = entry.required("login_id", &rules::LOGIN_ID, typed("login_id"));
        let password = typed("password").to_owned();
        let input = UserInput::check(entry, role, typed);
        if let Err(rule) = password::check(&password, &login_id) {
            entry.wrong("password", rule);
        } else if password != again {
            entry.wrong("password_again", "2回の入力が一致していません。同じパスワードをもう一度入力してください。");
        }
        Self { login_id, input, password }
    }
}

/// 依頼人担当者ユーザー登録 and 依頼人拠点管理者ユーザー登録. The user has to choose a password of their own.
///
/// # Errors
/// `Invalid` for a login ID that is taken or a branch that can't be chosen; `Forbidden`; `Busy`.
pub async fn register(app: &App, actor: &ClientActor, new: NewUser, once: Token) -> Result<UserId> {
    let NewUser { login_id, input, password } = new;
    let once = once.of(("user.register", &login_id, &input));
    let hash = app.passwords.hash(password).await?;
    act(app, actor, once, move |tx, actor, now| {
        check_branch(tx, actor, input.branch)?;
        require(actor, Task::AddUser(input.role, input.branch))?;
        if tx.user_by_login(Application::Client, &login_id)?.is_some() {
            let message = format!("ログインID「{login_id}」は、すでに使われています。別のIDを入力してください。");
            return Err(Problems::one("login_id", message).into());
        }
        let id = tx.next_user_id()?;
        let user = User {
            id,
            person: tx.next_person_id()?,
            login_id: login_id.clone(),
            name: input.name.clone(),
            membership: Membership::Client {
                organization: actor.organization(),
                branch: input.branch,
                role: input.role,
            },
            password: hash.clone(),
            password_state: initial(now.system, ISSUED, None),
            password_history: Vec::new(),
            last_sign_in: None,
            active: true,
            version: 1,
        };
        tx.put_user(&user)?;
        audit::note(tx, now, actor.user(), "user.register", named(id), vec![input.role.key().to_owned()])?;
        Ok(id)
    })
    .await
}

/// 更新 of a user.
///
/// # Errors
/// `Invalid` for a branch that can't be chosen; `Conflict` when somebody changed the user since `version`; `NotFound`;
/// `Forbidden`.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    id: UserId,
    version: u32,
    input: UserInput,
    once: Token,
) -> Result<UserId> {
    let once = once.of(("user.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let (before, subject) = find(tx, actor, id)?;
        require(actor, Task::ChangeUser(subject))?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let (role, branch) = match subject.role {
            ClientRole::Administrator => (ClientRole::Administrator, None),
            ClientRole::BranchManager => (ClientRole::BranchManager, input.branch),
            ClientRole::StaffMaySend | ClientRole::StaffMayNotSend if input.role.is_staff() => {
                (input.role, input.branch)
            }
            ClientRole::StaffMaySend | ClientRole::StaffMayNotSend => return Err(Error::Forbidden),
        };
        if branch != subject.branch {
            check_branch(tx, actor, branch)?;
            require(actor, Task::ChangeUser(Subject { branch, ..subject }))?;
        }
        let fields: Vec<String> =
            [("name", before.name != input.name), ("branch", branch != subject.branch), ("role", role != subject.role)]
                .into_iter()
                .filter(|(_, changed)| *changed)
                .map(|(field, _)| field.to_owned())
                .collect();
        if fields.is_empty() {
            return Ok(id);
        }
        tx.put_user(&User {
            name: input.name.clone(),
            membership: Membership::Client { organization: actor.organization(), branch, role },
            version: before.version.saturating_add(1),
            ..before
        })?;
        audit::note(tx, now, actor.user(), "user.update", named(id), fields)?;
        Ok(id)
    })
    .await
}

/// What a user whose password was reset signs in with.
#[derive(Debug)]
pub enum Restored {
    /// The initial password of the 利用登録通知書.
    Notice,
    /// This one, to be shown once.
    OneTime(secret::Secret<String>),
    /// The form was sent before; what it showed then holds.
    Before,
}

/// 依頼人ユーザーパスワード再設定. Ends the user's sessions and a lock-out; the user is told who did it.
///
/// # Errors
/// `Refused(NoInitialPassword)`; `Conflict`; `NotFound`; `Forbidden`; `Busy`.
pub async fn reset_password(
    app: &App,
    actor: &ClientActor,
    id: UserId,
    version: Option<u32>,
    once: Token,
) -> Result<Restored> {
    let word = match app.config.accounts.reset {
        PasswordReset::Notice => None,
        PasswordReset::OneTime => Some(secret::initial_password()),
    };
    let hash = match &word {
        Some(word) => Some(app.passwords.hash(word.clone()).await?),
        None => None,
    };
    let kept = usize::try_from(app.config.accounts.history).unwrap_or(0);
    let once = once.of(("user.reset-password", id));
    let this_time = secret::hex(&secret::random::<8>());
    let mark = this_time.clone();
    let did = act(app, actor, once, move |tx, actor, now| {
        let (user, subject) = find(tx, actor, id)?;
        require(actor, Task::ResetPassword(subject))?;
        if version != Some(user.version) {
            return Err(Error::Conflict);
        }
        let password = match &hash {
            Some(hash) => hash.clone(),
            None => {
                let organization = tx.client_organization(actor.organization())?.ok_or(Error::SignedOut)?;
                organization.initial_password.ok_or(Reason::NoInitialPassword)?
            }
        };
        // Others know the new password: it must not lead on to further users of the same person.
        let mut user = sessions::persons::part(tx, user)?;
        let old = std::mem::replace(&mut user.password, password);
        user.password_history.insert(0, old);
        user.password_history.truncate(kept);
        user.password_state = initial(now.system, RESET_HOURS * HOUR, Some(actor.user()));
        tx.put_user(&user)?;
        tx.remove_sessions_of(id)?;
        sessions::unlock(tx, Application::Client, &user.login_id)?;
        audit::note(tx, now, actor.user(), "user.reset-password", named(id), Vec::new())?;
        Ok(mark.clone())
    })
    .await?;
    Ok(match word {
        _ if did != this_time => Restored::Before,
        Some(word) => Restored::OneTime(secret::Secret::new(word)),
        None => Restored::Notice,
    })
}

/// 削除 of a user. The row stays, because requests name it; its passwords don't.
///
/// # Errors
/// `Conflict`; `NotFound`; `Forbidden`.
pub async fn remove(app: &App, actor: &ClientActor, id: UserId, version: Option<u32>, once: Token) -> Result<UserId> {
    let once = once.of(("user.delete", id));
    act(app, actor, once, move |tx, actor, now| {
        let (user, subject) = find(tx, actor, id)?;
        require(actor, Task::RemoveUser(subject))?;
        if version != Some(user.version) {
            return Err(Error::Conflict);
        }
        let user = sessions::persons::part(tx, user)?;
        tx.remove_sessions_of(id)?;
        tx.put_user(&User {
            active: false,
            password: PasswordHash(String::new()),
            password_history: Vec::new(),
            ..user
        })?;
        audit::note(tx, now, actor.user(), "user.delete", named(id), Vec::new())?;
        Ok(id)
    })
    .await
}

fn initial(now: SystemTime, seconds: i64, by: Option<UserId>) -> user::PasswordState {
    PasswordState::Initial { since: now, until: now.plus(seconds), by, failures: 0, used: false }
}

/// A user that the actor sees.
fn find<S: Source>(tx: &Tables<S>, actor: &ClientActor, id: UserId) -> Result<(User, Subject)> {
    let user = tx.user(id)?.ok_or(Error::NotFound)?;
    let subject = seen(actor, &user).ok_or(Error::NotFound)?;
    Ok((user, subject))
}

/// Role and branch of a user within what the actor administers.
fn seen(actor: &ClientActor, user: &User) -> Option<Subject> {
    let Membership::Client { organization, branch, role } = user.membership else { return None };
    let theirs = user.active && organization == actor.organization() && administration::within(actor, branch);
    theirs.then_some(Subject { user: user.id, role, branch })
}

/// A branch that a user can be tied to.
fn check_branch<S: Source>(tx: &Tables<S>, actor: &ClientActor, branch: Option<BranchId>) -> Result<()> {
    let known = match branch {
        None => actor.branch().is_none(),
        Some(id) => tx.branch(id)?.is_some_and(|branch| branch.active && actor.covers(branch.organization, branch.id)),
    };
    if known {
        Ok(())
    } else {
        Err(Problems::one("branch", "依頼人拠点を一覧から選んでください。").into())
    }
}

fn require(actor: &ClientActor, task: Task) -> Result<()> {
    if administration::may(actor, task) { Ok(()) } else { Err(Error::Forbidden) }
}

fn named(id: UserId) -> String {
    format!("user {id}")
}
