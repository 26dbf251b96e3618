//! 依頼人ユーザー and 代理人ユーザー: what administrators do with the users of their organization. A change counts in open sessions at once, because
//! every request reads its user anew.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::super::reason::Reason;
use super::super::sessions;
use super::{Administrator, act};
use crate::app::App;
use crate::config::PasswordReset;
use crate::domain::actor::{AgentActor, ClientActor};
use crate::domain::administration::{self, Keeper, Subject, UserTask};
use crate::domain::ids::UserId;
use crate::domain::problem::Problems;
use crate::domain::role::{Application, Rank, Role};
use crate::domain::rules::{self, Entry};
use crate::domain::text;
use crate::domain::time::SystemTime;
use crate::domain::user::{PasswordHash, PasswordState, User};
use crate::domain::{password, user};
use crate::secret;
use crate::store::{Source, Tables};
use std::collections::BTreeMap;
use std::str::FromStr;

const HOUR: i64 = 60 * 60;
/// How long a password that an administrator typed at the registration can be used (engineering decision E3).
const ISSUED: i64 = 90 * 24 * HOUR;
/// How long the password of a reset can be used.
pub const RESET_HOURS: i64 = 72;

/// A branch as far as users are tied to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<B> {
    /// Its number.
    pub id: B,
    /// 依頼人拠点名 or 代理人拠点名.
    pub name: String,
    /// The same, 略称.
    pub short_name: String,
    /// False once deleted.
    pub active: bool,
}

/// A keeper of users, and where their organization's users and branches are found.
pub trait Office: Keeper + Administrator {
    /// Where its users sign in.
    const APPLICATION: Application;
    /// The word with which titles and labels begin: 依頼人.
    const SIDE: &'static str;

    /// Users of the organization, deleted ones too.
    ///
    /// # Errors
    /// The store's.
    fn members<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<User>>;

    /// Branches of the organization, deleted ones too.
    ///
    /// # Errors
    /// The store's.
    fn places<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<Place<Self::Branch>>>;

    /// The initial password of the organization's 利用登録通知書.
    ///
    /// # Errors
    /// The store's; `SignedOut` when there is no such organization.
    fn notice_password<S: Source>(&self, tx: &Tables<S>) -> Result<Option<PasswordHash>>;
}

impl Office for ClientActor {
    const APPLICATION: Application = Application::Client;
    const SIDE: &'static str = "依頼人";

    fn members<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<User>> {
        Ok(tx.users_of_client(self.organization())?)
    }

    fn places<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<Place<Self::Branch>>> {
        let branches = tx.branches_of(self.organization())?;
        Ok(branches
            .into_iter()
            .map(|one| Place { id: one.id, name: one.name, short_name: one.short_name, active: one.active })
            .collect())
    }

    fn notice_password<S: Source>(&self, tx: &Tables<S>) -> Result<Option<PasswordHash>> {
        Ok(tx.client_organization(self.organization())?.ok_or(Error::SignedOut)?.initial_password)
    }
}

impl Office for AgentActor {
    const APPLICATION: Application = Application::Agent;
    const SIDE: &'static str = "代理人";

    fn members<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<User>> {
        Ok(tx.users_of_agent(self.organization())?)
    }

    fn places<S: Source>(&self, tx: &Tables<S>) -> Result<Vec<Place<Self::Branch>>> {
        let branches = tx.agent_branches_of(self.organization())?;
        Ok(branches
            .into_iter()
            .map(|one| Place { id: one.id, name: one.name, short_name: one.short_name, active: one.active })
            .collect())
    }

    fn notice_password<S: Source>(&self, tx: &Tables<S>) -> Result<Option<PasswordHash>> {
        Ok(tx.agent_organization(self.organization())?.ok_or(Error::SignedOut)?.initial_password)
    }
}

/// What a keeper's users are, as far as permissions go.
pub type SubjectOf<A> = Subject<<A as Keeper>::Role, <A as Keeper>::Branch>;

/// What a keeper's forms make.
pub type InputOf<A> = UserInput<<A as Keeper>::Role, <A as Keeper>::Branch>;

/// What a keeper's pages show.
pub type ViewOf<A> = UserView<<A as Keeper>::Role, <A as Keeper>::Branch>;

/// Branches that the actor can tie users to.
///
/// # Errors
/// The store's.
pub fn places<A: Office>(app: &App, actor: &A) -> Result<Vec<Place<A::Branch>>> {
    app.store.read(|tx| {
        let mut places = actor.places(tx)?;
        places.retain(|place| place.active && administration::within(actor, Some(place.id)));
        Ok(places)
    })
}

/// What 更新 of a user takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput<R, B> {
    /// ユーザー名.
    pub name: String,
    /// 依頼人拠点 or 代理人拠点; none for all. 管理者 have none.
    pub branch: Option<B>,
    /// 権限; changes between kinds of staff only.
    pub role: R,
}

impl<R: Role, B: FromStr> UserInput<R, B> {
    /// Checks what was typed. `role` is what the user is or becomes; the box 権限 exists where there are several kinds of
    /// staff. `side` begins the name of the branches.
    pub fn check<'t>(entry: &mut Entry, side: &str, role: R, typed: impl Fn(&str) -> &'t str) -> Self {
        let name = entry.required("name", &rules::USER_NAME, typed("name"));
        let branch = match typed("branch") {
            "" => None,
            number => {
                let branch = number.parse().ok();
                if branch.is_none() {
                    entry.wrong("branch", choose_branch(side));
                }
                branch
            }
        };
        let role = if chooses_role(role) {
            R::staff().find(|staff| staff.key() == typed("role")).unwrap_or_else(|| {
                entry.wrong("role", "権限を一覧から選んでください。");
                role
            })
        } else {
            role
        };
        Self { name, branch, role }
    }
}

/// Whether forms of a user of this role have the box 権限: for staff of whom there are several kinds.
pub fn chooses_role<R: Role>(role: R) -> bool {
    role.rank() == Rank::Staff && R::staff().count() > 1
}

fn choose_branch(side: &str) -> String {
    format!("{side}拠点を一覧から選んでください。")
}

/// Which users a list shows.
#[derive(Debug, Clone)]
pub struct Wanted<'a, R, B> {
    /// ログインID: part of it.
    pub login_id: &'a str,
    /// ユーザー名: part of it.
    pub name: &'a str,
    /// The branch they are tied to.
    pub branch: Option<B>,
    /// 権限: any of these; empty is all.
    pub roles: Vec<R>,
}

/// A user with what pages show of them.
#[derive(Debug, Clone)]
pub struct UserView<R, B> {
    /// The user.
    pub user: User,
    /// 権限 and branch.
    pub subject: Subject<R, B>,
    /// The branch they are tied to.
    pub branch: Option<Place<B>>,
}

/// 依頼人ユーザー検索 and 代理人ユーザー検索: by login ID.
///
/// # Errors
/// The store's.
pub fn search<A: Office>(app: &App, actor: &A, wanted: &Wanted<'_, A::Role, A::Branch>) -> Result<Vec<ViewOf<A>>> {
    let (login, name) = (text::search_key(wanted.login_id), text::search_key(wanted.name));
    app.store.read(|tx| {
        let places: BTreeMap<A::Branch, Place<A::Branch>> =
            actor.places(tx)?.into_iter().map(|place| (place.id, place)).collect();
        let mut found: Vec<ViewOf<A>> = actor
            .members(tx)?
            .into_iter()
            .filter_map(|user| {
                let subject = seen(actor, &user)?;
                let branch = subject.branch.and_then(|id| places.get(&id).cloned());
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

/// 照会 of a user.
///
/// # Errors
/// `NotFound` outside what the actor sees.
pub fn view<A: Office>(app: &App, actor: &A, id: UserId) -> Result<ViewOf<A>> {
    app.store.read(|tx| {
        let (user, subject) = find(tx, actor, id)?;
        let branch = actor.places(tx)?.into_iter().find(|place| Some(place.id) == subject.branch);
        Ok(UserView { user, subject, branch })
    })
}

/// What 登録 takes beside the rest.
#[derive(Debug)]
pub struct NewUser<R, B> {
    /// ログインID.
    pub login_id: String,
    /// Name, branch, role.
    pub input: UserInput<R, B>,
    /// パスワード.
    pub password: String,
}

impl<R: Role, B: FromStr> NewUser<R, B> {
    /// Checks what was typed, the password twice.
    pub fn check<'t>(entry: &mut Entry, side: &str, role: R, typed: impl Fn(&str) -> &'t str, again: &str) -> Self {
        let login_id = entry.required("login_id", &rules::LOGIN_ID, typed("login_id"));
        let password = typed("password").to_owned();
        let input = UserInput::check(entry, side, role, typed);
        if let Err(rule) = password::check(&password, &login_id) {
            entry.wrong("password", rule);
        } else if password != again {
            entry.wrong("password_again", "2回の入力が一致していません。同じパスワードをもう一度入力してください。");
        }
        Self { login_id, input, password }
    }
}

/// 登録 of 担当者 and 拠点管理者. The user has to choose a password of their own.
///
/// # Errors
/// `Invalid` for a login ID that is taken or a branch that can't be chosen; `Forbidden`; `Busy`.
pub async fn register<A: Office>(
    app: &App,
    actor: &A,
    new: NewUser<A::Role, A::Branch>,
    once: Token,
) -> Result<UserId> {
    let NewUser { login_id, input, password } = new;
    let once = once.of(("user.register", &login_id, &input));
    let hash = app.passwords.hash(password).await?;
    act(app, actor, once, move |tx, actor, now| {
        check_branch(tx, actor, input.branch)?;
        require(actor, UserTask::Add(input.role, input.branch))?;
        if tx.user_by_login(A::APPLICATION, &login_id)?.is_some() {
            let message = format!("ログインID「{login_id}」は、すでに使われています。別のIDを入力してください。");
            return Err(Problems::one("login_id", message).into());
        }
        let id = tx.next_user_id()?;
        let user = User {
            id,
            person: tx.next_person_id()?,
            login_id: login_id.clone(),
            name: input.name.clone(),
            membership: actor.membership(input.branch, input.role),
            password: hash.clone(),
            password_state: initial(now.system, ISSUED, None),
            password_history: Vec::new(),
            last_sign_in: None,
            active: true,
            version: 1,
        };
        tx.put_user(&user)?;
        audit::note(tx, now, Keeper::user(actor), "user.register", named(id), vec![input.role.key().to_owned()])?;
        Ok(id)
    })
    .await
}

/// 更新 of a user.
///
/// # Errors
/// `Invalid` for a branch that can't be chosen; `Conflict` when somebody changed the user since `version`; `NotFound`;
/// `Forbidden`.
pub async fn update<A: Office>(
    app: &App,
    actor: &A,
    id: UserId,
    version: u32,
    input: InputOf<A>,
    once: Token,
) -> Result<UserId> {
    let once = once.of(("user.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let (before, subject) = find(tx, actor, id)?;
        require(actor, UserTask::Change(subject))?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let (role, branch) = match subject.role.rank() {
            Rank::Administrator => (subject.role, subject.branch),
            Rank::BranchManager => (subject.role, input.branch),
            Rank::Staff if input.role.rank() == Rank::Staff => (input.role, input.branch),
            Rank::Staff => return Err(Error::Forbidden),
        };
        if branch != subject.branch {
            check_branch(tx, actor, branch)?;
            require(actor, UserTask::Change(Subject { branch, ..subject }))?;
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
            membership: actor.membership(branch, role),
            version: before.version.saturating_add(1),
            ..before
        })?;
        audit::note(tx, now, Keeper::user(actor), "user.update", named(id), fields)?;
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

/// What keeps an actor from パスワード再設定 of anybody; nothing when it can be done.
///
/// # Errors
/// The store's.
pub fn reset_held<A: Office>(app: &App, actor: &A) -> Result<Option<Reason>> {
    let by_notice = app.config.accounts.reset == PasswordReset::Notice;
    let missing = by_notice && app.store.read(|tx| actor.notice_password(tx))?.is_none();
    Ok(missing.then_some(Reason::NoInitialPassword))
}

/// パスワード再設定. Ends the user's sessions and a lock-out; the user is told who did it.
///
/// # Errors
/// `Refused(NoInitialPassword)`; `Conflict`; `NotFound`; `Forbidden`; `Busy`.
pub async fn reset_password<A: Office>(
    app: &App,
    actor: &A,
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
        require(actor, UserTask::ResetPassword(subject))?;
        if version != Some(user.version) {
            return Err(Error::Conflict);
        }
        let password = match &hash {
            Some(hash) => hash.clone(),
            None => actor.notice_password(tx)?.ok_or(Reason::NoInitialPassword)?,
        };
        // Others know the new password: it must not lead on to further users of the same person.
        let mut user = sessions::persons::part(tx, user)?;
        let old = std::mem::replace(&mut user.password, password);
        user.password_history.insert(0, old);
        user.password_history.truncate(kept);
        user.password_state = initial(now.system, RESET_HOURS * HOUR, Some(Keeper::user(actor)));
        tx.put_user(&user)?;
        tx.remove_sessions_of(id)?;
        sessions::unlock(tx, A::APPLICATION, &user.login_id)?;
        audit::note(tx, now, Keeper::user(actor), "user.reset-password", named(id), Vec::new())?;
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
pub async fn remove<A: Office>(app: &App, actor: &A, id: UserId, version: Option<u32>, once: Token) -> Result<UserId> {
    let once = once.of(("user.delete", id));
    act(app, actor, once, move |tx, actor, now| {
        let (user, subject) = find(tx, actor, id)?;
        require(actor, UserTask::Remove(subject))?;
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
        audit::note(tx, now, Keeper::user(actor), "user.delete", named(id), Vec::new())?;
        Ok(id)
    })
    .await
}

fn initial(now: SystemTime, seconds: i64, by: Option<UserId>) -> user::PasswordState {
    PasswordState::Initial { since: now, until: now.plus(seconds), by, failures: 0, used: false }
}

/// A user that the actor sees.
fn find<S: Source, A: Office>(tx: &Tables<S>, actor: &A, id: UserId) -> Result<(User, SubjectOf<A>)> {
    let user = tx.user(id)?.ok_or(Error::NotFound)?;
    let subject = seen(actor, &user).ok_or(Error::NotFound)?;
    Ok((user, subject))
}

/// Role and branch of a user within what the actor administers.
fn seen<A: Office>(actor: &A, user: &User) -> Option<SubjectOf<A>> {
    let (branch, role) = actor.place(&user.membership)?;
    let theirs = user.active && administration::within(actor, branch);
    theirs.then_some(Subject { user: user.id, role, branch })
}

/// A branch that a user can be tied to.
fn check_branch<S: Source, A: Office>(tx: &Tables<S>, actor: &A, branch: Option<A::Branch>) -> Result<()> {
    let known = administration::within(actor, branch)
        && (branch.is_none() || actor.places(tx)?.iter().any(|place| place.active && Some(place.id) == branch));
    if known { Ok(()) } else { Err(Problems::one("branch", choose_branch(A::SIDE)).into()) }
}

fn require<A: Office>(actor: &A, task: UserTask<A::Role, A::Branch>) -> Result<()> {
    if administration::may_keep(actor, task) { Ok(()) } else { Err(Error::Forbidden) }
}

fn named(id: UserId) -> String {
    format!("user {id}")
}
