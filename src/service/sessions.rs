//! Sign-in, sign-out, the change of a password, and who stands behind a session cookie. Passwords are hashed and
//! compared outside transactions; everything decided on them is decided again inside.

mod known;
pub mod passwords;
pub mod persons;

pub use known::Known;

use crate::app::App;
use crate::domain::actor::{AgentActor, ClientActor, SimulatorActor};
use crate::domain::ids::UserId;
use crate::domain::password;
use crate::domain::problem::Problems;
use crate::domain::role::Application;
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use crate::secret;
use crate::service::error::{Error, Result};
use crate::store::{AuditRow, Failures, Session, Source, Tables, Write};
use ring::digest;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Wrong tries that end an initial password.
const INITIAL_TRIES: u8 = 5;
/// Seconds between two notes of "last seen" in the data file.
const NOTE_SEEN: i64 = 300;

/// The key of a session row: the hash of the token that only the browser has.
pub type SessionHash = [u8; 32];

/// What people are told when a sign-in did not work. The same whether the login ID exists or not.
const WRONG: &str =
    "ログインIDまたはパスワードが違います。半角・全角、大文字・小文字を確認して、もう一度入力してください。";

/// The same for an organization or branch that is suspended or has left.
const OUT_OF_USE: &str = "この組織または拠点は、いまご利用いただけません。運営者に連絡してください。";

/// A sign-in that worked.
#[derive(Debug)]
pub struct SignedIn {
    /// The value of the session cookie. Known to the browser only.
    pub token: String,
    /// Leads only to パスワード更新.
    pub must_change: bool,
}

/// A session and its user, as of this moment.
#[derive(Debug, Clone)]
pub struct Current {
    /// The key of the session row.
    pub hash: SessionHash,
    /// The session row.
    pub session: Session,
    /// ログインID.
    pub login_id: String,
    /// ユーザー名.
    pub name: String,
    /// Organization and branch, in short.
    pub place: String,
    /// 権限.
    pub role: &'static str,
    /// Who acts.
    pub actor: CurrentActor,
    /// Further users of the same person.
    pub others: Vec<persons::Other>,
}

/// The actor of a session.
#[derive(Debug, Clone)]
pub enum CurrentActor {
    /// A garage's user.
    Client(ClientActor),
    /// An agent's user.
    Agent(AgentActor),
    /// Somebody who plays the outside world.
    Simulator(SimulatorActor),
}

/// When sessions were last seen, between two notes in the data file. Lost in a crash, which ends sessions a little early.
#[derive(Debug, Clone, Default)]
pub struct LastSeen(Arc<Mutex<HashMap<SessionHash, SystemTime>>>);

impl LastSeen {
    fn of(&self, hash: &SessionHash) -> Option<SystemTime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).copied()
    }

    fn note(&self, hash: &SessionHash, now: SystemTime) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(*hash, now);
    }

    fn forget_before(&self, moment: SystemTime) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, seen| *seen >= moment);
    }
}

/// Signs in.
///
/// # Errors
/// `Invalid` with one sentence for a wrong pair, a locked account or an ended initial password; `Busy`.
pub async fn sign_in(
    app: &App,
    application: Application,
    login_id: &str,
    password: String,
    source: &str,
) -> Result<SignedIn> {
    let now = app.clocks.system();
    let proof = prove(app, application, login_id, password, source, now).await?;
    let most = app.config.accounts.failures;
    let token = secret::token();
    let (hash, key) = (hash_of(&token), secret::random::<32>());
    let source = source.to_owned();
    let must_change = app
        .store
        .write(move |tx| {
            let mut user = proof.holder(tx, most, &source, now)?;
            let id = user.id;
            let must_change = admit(&mut user.password_state, now)?;
            place(tx, &user.membership)?.ok_or_else(|| refuse(OUT_OF_USE))?;
            user.last_sign_in = Some(now);
            tx.put_user(&user)?;
            tx.clear_failures(&proof.account, &source)?;
            let session = Session {
                application,
                user: id,
                created: now,
                last_seen: now,
                user_version: user.version,
                key,
                must_change,
                procedure: None,
                signed_in_as: None,
            };
            tx.put_session(&hash, &session)?;
            audit(tx, now, Some(id), &source, "sign-in", &[application.slug()])?;
            Ok::<_, Error>(must_change)
        })
        .await?;
    Ok(SignedIn { token, must_change })
}

/// A login ID and its password, found right just now.
struct Proof {
    account: String,
    user: UserId,
    password: PasswordHash,
}

impl Proof {
    /// The user, read again inside: others may have tried at the same time, and the password may have been changed or
    /// reset while the old one was being compared.
    fn holder(&self, tx: &Write, most: u32, source: &str, now: SystemTime) -> Result<User> {
        check_locked(most, tx.failures(&self.account, source)?, now)?;
        tx.user(self.user)?.filter(|user| user.active && user.password == self.password).ok_or_else(|| refuse(WRONG))
    }
}

/// Compares a password; counts it when it is wrong.
async fn prove(
    app: &App,
    application: Application,
    login_id: &str,
    password: String,
    source: &str,
    now: SystemTime,
) -> Result<Proof> {
    let account = account_key(application, login_id);
    let (user, failures) = app
        .store
        .read(|tx| Ok::<_, Error>((tx.user_by_login(application, login_id)?, tx.failures(&account, source)?)))?;
    check_locked(app.config.accounts.failures, failures, now)?;
    let hashes = user.iter().map(|user| user.password.clone()).collect();
    let matched = app.passwords.matches(password, hashes).await?;
    let Some(user) = user.filter(|_| matched) else {
        note_failure(app, application, login_id.to_owned(), account, source.to_owned(), now).await?;
        return Err(refuse(WRONG));
    };
    Ok(Proof { account, user: user.id, password: user.password })
}

/// Whether a right password admits, and whether a new one has to be chosen first. Uses up an initial password.
fn admit(state: &mut PasswordState, now: SystemTime) -> Result<bool> {
    match state {
        PasswordState::Initial { until, failures, used, .. } => {
            if *used || *failures >= INITIAL_TRIES || now > *until {
                return Err(refuse(
                    "この初期パスワードは使用済みか、有効期限が切れています。管理者に「パスワード再設定」を依頼してください。",
                ));
            }
            *used = true;
            Ok(true)
        }
        PasswordState::Chosen { expires, .. } => Ok(expires.is_some_and(|expires| now > expires)),
    }
}

async fn note_failure(
    app: &App,
    application: Application,
    login_id: String,
    account: String,
    source: String,
    now: SystemTime,
) -> Result<()> {
    let until = now.plus(i64::from(app.config.accounts.lockout_minutes) * 60);
    let most = app.config.accounts.failures;
    app.store
        .write(move |tx| {
            // The same answer as for the right password, which would tell itself apart otherwise.
            check_locked(most, tx.failures(&account, &source)?, now)?;
            let user = tx.user_by_login(application, &login_id)?;
            let earlier = tx.failures(&account, &source)?.filter(|failures| failures.until >= now);
            let count = earlier.map_or(0, |failures| failures.count).saturating_add(1);
            tx.put_failures(&account, &source, &Failures { count, until })?;
            let id = user.as_ref().map(|user| user.id);
            if let Some(mut user) = user
                && let PasswordState::Initial { failures, .. } = &mut user.password_state
            {
                *failures = failures.saturating_add(1);
                tx.put_user(&user)?;
            }
            audit(tx, now, id, &source, "sign-in.refused", &[application.slug()])
        })
        .await
}

/// Refuses while an account is locked after `most` wrong passwords.
fn check_locked(most: u32, failures: Option<Failures>, now: SystemTime) -> Result<()> {
    let Some(failures) = failures.filter(|failures| failures.count >= most && failures.until > now) else {
        return Ok(());
    };
    let minutes = (failures.until.since(now) + 59) / 60;
    Err(refuse(&format!(
        "続けて間違えたため、ログインを一時的に止めています。約{minutes}分後に、もう一度お試しください。"
    )))
}

/// Who stands behind a session cookie now: read from one snapshot, and again as soon as anything it rests on has
/// changed, so that a deleted user, a changed role or an ended session counts at once.
///
/// # Errors
/// The store's.
pub fn current(app: &App, application: Application, token: &str) -> Result<Option<Current>> {
    let now = app.clocks.system();
    let hash = hash_of(token);
    // Taken before the snapshot: what is read from a newer one is only read once more.
    let version = app.store.people_version();
    let known = app.known_sessions.get(&hash, version);
    let found = match known {
        Some(current) => Some(current).filter(|current| current.session.application == application),
        None => read(app, application, hash)?.inspect(|current| app.known_sessions.keep(version, current)),
    };
    let Some(current) = found else { return Ok(None) };
    let seen = app.last_seen.of(&hash).map_or(current.session.last_seen, |seen| seen.max(current.session.last_seen));
    let (idle, absolute) = limits(app);
    if now.since(seen) > idle || now.since(current.session.created) > absolute {
        return Ok(None);
    }
    app.last_seen.note(&hash, now);
    Ok(Some(current))
}

/// A session of this application with all that it rests on.
fn read(app: &App, application: Application, hash: SessionHash) -> Result<Option<Current>> {
    app.store.read(|tx| {
        let Some(session) = tx.session(&hash)?.filter(|session| session.application == application) else {
            return Ok(None);
        };
        let Some(user) = tx.user(session.user)?.filter(|user| user.active) else { return Ok(None) };
        if !persons::rests_on_same_person(tx, &session, &user)? {
            return Ok(None);
        }
        let Some(place) = place(tx, &user.membership)? else { return Ok(None) };
        let others = persons::others(tx, &user)?;
        let actor = match application {
            Application::Client => tx.client_actor(user.id)?.map(CurrentActor::Client),
            Application::Agent => tx.agent_actor(user.id)?.map(CurrentActor::Agent),
            Application::Simulator => tx.simulator_actor(user.id)?.map(CurrentActor::Simulator),
            Application::Operator => None,
        };
        let role = persons::role(&user.membership);
        let User { login_id, name, .. } = user;
        Ok(actor.map(|actor| Current { hash, session, login_id, name, place, role, actor, others }))
    })
}

/// Writes down that a session is alive, when the last note is older than five minutes. Needs no answer.
pub fn note_seen(app: &Arc<App>, current: &Current) {
    let now = app.clocks.system();
    if now.since(current.session.last_seen) < NOTE_SEEN {
        return;
    }
    let (app, hash) = (Arc::clone(app), current.hash);
    tokio::spawn(async move {
        let noted = app.store.write(move |tx| {
            if let Some(mut session) = tx.session(&hash)?.filter(|session| now.since(session.last_seen) >= NOTE_SEEN) {
                session.last_seen = now;
                tx.put_session(&hash, &session)?;
            }
            Ok::<_, Error>(())
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a session's last use was not written down");
        }
    });
}

/// Chooses a new password, ends every session of the user and begins a new one. The value of the new session cookie.
///
/// # Errors
/// `Invalid` with what is wrong with `password` or `password_again`; `SignedOut`; `Busy`.
pub async fn change_password(
    app: &App,
    current: &Current,
    password: String,
    again: &str,
    source: &str,
) -> Result<String> {
    let mut problems = Problems::new();
    if let Err(rule) = password::check(&password, &current.login_id) {
        problems.add("password", rule);
    } else if password != again {
        problems.add("password_again", "2回の入力が一致していません。同じパスワードをもう一度入力してください。");
    }
    problems.or(())?;
    let id = current.session.user;
    let user = app.store.read(|tx| tx.user(id))?.filter(|user| user.active).ok_or(Error::SignedOut)?;
    let earlier: Vec<_> = std::iter::once(&user.password).chain(&user.password_history).cloned().collect();
    if app.passwords.matches(password.clone(), earlier).await? {
        return Err(Problems::one(
            "password",
            "いまのパスワード、または最近使ったパスワードと同じです。別のパスワードを入力してください。",
        )
        .into());
    }
    let new = app.passwords.hash(password).await?;
    let now = app.clocks.system();
    let kept = usize::try_from(app.config.accounts.history).unwrap_or(0);
    let expires = app.config.accounts.password_days.map(|days| now.plus(i64::from(days) * 24 * 60 * 60));
    let token = secret::token();
    let (old_hash, hash, key) = (current.hash, hash_of(&token), secret::random::<32>());
    let (version, source) = (user.version, source.to_owned());
    app.store
        .write(move |tx| {
            let mut user = tx.user(id)?.filter(|user| user.active).ok_or(Error::SignedOut)?;
            let mut session = tx.session(&old_hash)?.ok_or(Error::SignedOut)?;
            if user.version != version {
                return Err(Error::Conflict);
            }
            user.password_history.insert(0, std::mem::replace(&mut user.password, new.clone()));
            user.password_history.truncate(kept);
            user.password_state = PasswordState::Chosen { at: now, expires };
            user.version = user.version.saturating_add(1);
            tx.put_user(&user)?;
            tx.remove_sessions_of(id)?;
            session = Session { last_seen: now, user_version: user.version, key, must_change: false, ..session };
            tx.put_session(&hash, &session)?;
            audit(tx, now, Some(id), &source, "password.change", &[])
        })
        .await?;
    Ok(token)
}

/// Who reset the password of a user and when, as a sentence, while the reset one is in force.
///
/// # Errors
/// The store's.
pub fn reset_by(app: &App, user: UserId) -> Result<Option<String>> {
    app.store.read(|tx| {
        let Some(User { password_state: PasswordState::Initial { since, by: Some(by), .. }, .. }) = tx.user(user)? else {
            return Ok(None);
        };
        let name = tx.user(by)?.map_or_else(|| "運営者".to_owned(), |user| user.name);
        Ok(Some(format!("{since}に、{name}さんがあなたのパスワードを再設定しました。心当たりがないときは、管理者に確認してください。")))
    })
}

/// Ends a session.
///
/// # Errors
/// The store's.
pub async fn sign_out(app: &App, current: &Current, source: &str) -> Result<()> {
    let (hash, user, now, source) = (current.hash, current.session.user, app.clocks.system(), source.to_owned());
    app.store
        .write(move |tx| {
            if tx.remove_session(&hash)? {
                audit(tx, now, Some(user), &source, "sign-out", &[])?;
            }
            Ok(())
        })
        .await
}

/// Removes sessions and lock-outs that are over. For a job; may wait.
///
/// # Errors
/// The store's.
pub fn purge(app: &App) -> Result<()> {
    let now = app.clocks.system();
    let (idle, absolute) = limits(app);
    app.last_seen.forget_before(now.plus(-idle));
    app.store.write_blocking(move |tx| {
        // What was seen since is noted at most five minutes late.
        tx.purge_sessions(now.plus(-idle - NOTE_SEEN * 2), now.plus(-absolute))?;
        tx.purge_failures(now)?;
        Ok(())
    })
}

/// Idle and absolute limit of a session, in seconds.
fn limits(app: &App) -> (i64, i64) {
    let accounts = &app.config.accounts;
    (i64::from(accounts.idle_minutes) * 60, i64::from(accounts.absolute_hours) * 3600)
}

/// Organization and branch as the header shows them; none when the organization or branch is out of use.
fn place<S: Source>(tx: &Tables<S>, membership: &Membership) -> Result<Option<String>> {
    Ok(match *membership {
        Membership::Client { organization, branch, .. } => {
            let Some(organization) = tx.client_organization(organization)?.filter(|found| found.active) else {
                return Ok(None);
            };
            let Some(id) = branch else { return Ok(Some(organization.name)) };
            tx.branch(id)?.filter(|found| found.active).map(|branch| joined(&organization.name, &branch.short_name))
        }
        Membership::Agent { organization, branch, .. } => {
            let Some(organization) = tx.agent_organization(organization)?.filter(|found| found.active) else {
                return Ok(None);
            };
            let Some(id) = branch else { return Ok(Some(organization.name)) };
            tx.agent_branch(id)?
                .filter(|found| found.active)
                .map(|branch| joined(&organization.name, &branch.short_name))
        }
        Membership::Simulator { role } => Some(role.label().to_owned()),
        Membership::Operator => None,
    })
}

fn joined(organization: &str, branch: &str) -> String {
    format!("{organization}　{branch}")
}

fn refuse(sentence: &str) -> Error {
    Problems::one("login_id", sentence.to_owned()).into()
}

/// Lets an account that too many wrong passwords have locked sign in again.
///
/// # Errors
/// The store's.
pub(super) fn unlock(tx: &mut Write, application: Application, login_id: &str) -> Result<()> {
    Ok(tx.clear_failures_of(&account_key(application, login_id))?)
}

/// Failures are counted per login ID as typed, so that one that does not exist locks in the same way. Kept as a hash,
/// because people type passwords into the wrong box.
fn account_key(application: Application, login_id: &str) -> String {
    let typed = format!("{}:{}", application.slug(), login_id.to_lowercase());
    secret::hex(digest::digest(&digest::SHA256, typed.as_bytes()).as_ref())
}

/// The key of the session row of a cookie's token.
pub fn hash_of(token: &str) -> SessionHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

fn audit(
    tx: &mut Write,
    at: SystemTime,
    actor: Option<UserId>,
    source: &str,
    action: &str,
    details: &[&str],
) -> Result<()> {
    let details = details.iter().map(|&detail| detail.to_owned()).collect();
    let subject = actor.map_or_else(String::new, |user| format!("user {user}"));
    let row = AuditRow {
        at,
        business: None,
        actor,
        source: source.to_owned(),
        action: action.to_owned(),
        subject,
        details,
        standing: None,
    };
    Ok(tx.audit(&row)?)
}
