//! Small offices: a person who holds several users goes from one to the other without another sign-in. Which users are
//! one person's, their passwords have proven; nobody reaches anybody else's.

use super::{OUT_OF_USE, SignedIn, admit, audit, hash_of, place, prove, refuse};
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::role::{Application, Role};
use crate::domain::user::{Membership, PasswordState, User};
use crate::secret;
use crate::service::error::{Error, Result};
use crate::service::sessions::Current;
use crate::store::{Session, Source, Tables, Write};

/// How many users one person can hold; all of them stand in the header.
pub const MOST: usize = 20;

/// Another user of the person behind a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The user.
    pub user: UserId,
    /// Where it signs in.
    pub application: Application,
    /// ログインID.
    pub login_id: String,
    /// ユーザー名.
    pub name: String,
    /// Organization and branch, in short.
    pub place: String,
    /// 権限.
    pub role: &'static str,
}

/// 権限, as pages show it.
pub fn role(membership: &Membership) -> &'static str {
    match membership {
        Membership::Client { role, .. } => role.label(),
        Membership::Agent { role, .. } => role.label(),
        Membership::Operator => "運営者",
        Membership::Simulator { role } => role.label(),
    }
}

/// Users that this one can switch to: active ones of the same person, in organizations that are in use.
pub(super) fn others<S: Source>(tx: &Tables<S>, user: &User) -> Result<Vec<Other>> {
    let mut others = Vec::new();
    for other in tx.users_of_person(user.person)?.into_iter().filter(|other| other.active && other.id != user.id) {
        if let Some(place) = place(tx, &other.membership)? {
            others.push(Other {
                user: other.id,
                application: other.membership.application(),
                role: role(&other.membership),
                login_id: other.login_id,
                name: other.name,
                place,
            });
        }
    }
    others.sort_by_key(|other| (other.application, other.user));
    Ok(others)
}

/// Whether the one whose password a session rests on is still the same person.
pub(super) fn rests_on_same_person<S: Source>(tx: &Tables<S>, session: &Session, user: &User) -> Result<bool> {
    let Some(origin) = session.signed_in_as else { return Ok(true) };
    Ok(tx.user(origin)?.is_some_and(|origin| origin.active && origin.person == user.person))
}

/// Goes on as another user of the same person: a new session in that user's application, which ends when the sign-in
/// it rests on would have ended. `held` is the token of that application that the browser still has; its session ends.
///
/// # Errors
/// `NotFound` for a user of somebody else; `Invalid` when that user can't sign in at the moment.
pub async fn switch(app: &App, current: &Current, to: UserId, held: Option<&str>, source: &str) -> Result<SignedIn> {
    let now = app.clocks.system();
    let token = secret::token();
    let (hash, key) = (hash_of(&token), secret::random::<32>());
    let (own, held, source) = (current.hash, held.map(hash_of), source.to_owned());
    let from = current.session.user;
    let must_change = app
        .store
        .write(move |tx| {
            let (me, own_session) = holder(tx, from, &own)?;
            let mut user = one_of(tx, &me, to)?;
            place(tx, &user.membership)?.ok_or_else(|| refuse(OUT_OF_USE))?;
            let must_change = admit(&mut user.password_state, now)?;
            user.last_sign_in = Some(now);
            tx.put_user(&user)?;
            let application = user.membership.application();
            if application == own_session.application {
                tx.remove_session(&own)?;
            } else if let Some(held) = held {
                tx.remove_session(&held)?;
            }
            let session = Session {
                application,
                user: to,
                created: own_session.created,
                last_seen: now,
                user_version: user.version,
                key,
                must_change,
                procedure: None,
                signed_in_as: Some(own_session.signed_in_as.unwrap_or(from)).filter(|origin| *origin != to),
            };
            tx.put_session(&hash, &session)?;
            audit(tx, now, Some(to), &source, "user.switch", &[application.slug(), &format!("from user {from}")])?;
            Ok::<_, Error>(must_change)
        })
        .await?;
    Ok(SignedIn { token, must_change })
}

/// 別のユーザーを追加: whoever knows its password holds it. The users that were already together with it come along.
/// The name of the one that was added.
///
/// # Errors
/// `Invalid` for a wrong pair, a locked account, and a user that can't be added; `Busy`.
pub async fn add(
    app: &App,
    current: &Current,
    application: Application,
    login_id: &str,
    password: String,
    source: &str,
) -> Result<String> {
    let now = app.clocks.system();
    let proof = prove(app, application, login_id, password, source, now).await?;
    let most = app.config.accounts.failures;
    let (own, from, source) = (current.hash, current.session.user, source.to_owned());
    app.store
        .write(move |tx| {
            let (me, _) = holder(tx, from, &own)?;
            let other = proof.holder(tx, most, &source, now)?;
            if other.person == me.person {
                return Err(refuse("このユーザーは、いまログインしているユーザーか、追加済みのユーザーです。"));
            }
            if let PasswordState::Initial { .. } = other.password_state {
                return Err(refuse(
                    "このユーザーは初期パスワードのままです。先にそのユーザーでログインし、パスワードを更新してから追加してください。",
                ));
            }
            let joining = tx.users_of_person(other.person)?;
            if tx.users_of_person(me.person)?.len() + joining.len() > MOST {
                return Err(refuse(&format!("1人で切り替えられるユーザーは、{MOST}件までです。")));
            }
            for user in joining {
                let id = user.id;
                tx.put_user(&User { person: me.person, version: user.version.saturating_add(1), ..user })?;
                audit(tx, now, Some(from), &source, "user.link", &[&format!("user {id}")])?;
            }
            tx.clear_failures(&proof.account, &source)?;
            Ok::<_, Error>(other.name)
        })
        .await
}

/// 解除: the other user is a person of its own again. Sessions that rested on the two being one are over. The name of
/// the one that was let go.
///
/// # Errors
/// `NotFound` for a user of somebody else; `Invalid` for the one that this very session rests on.
pub async fn remove(app: &App, current: &Current, other: UserId, source: &str) -> Result<String> {
    let now = app.clocks.system();
    let (own, from, source) = (current.hash, current.session.user, source.to_owned());
    app.store
        .write(move |tx| {
            let (me, session) = holder(tx, from, &own)?;
            let other = one_of(tx, &me, other)?;
            if session.signed_in_as == Some(other.id) {
                return Err(refuse(
                    "ログインに使ったユーザーは解除できません。そのユーザーに切り替えてから、このユーザーを解除してください。",
                ));
            }
            let (id, name) = (other.id, other.name.clone());
            part(tx, other)?;
            audit(tx, now, Some(from), &source, "user.unlink", &[&format!("user {id}")])?;
            Ok::<_, Error>(name)
        })
        .await
}

/// Makes a user a person of its own.
///
/// # Errors
/// The store's.
pub fn part(tx: &mut Write, user: User) -> Result<User> {
    let person = tx.next_person_id()?;
    let user = User { person, version: user.version.saturating_add(1), ..user };
    tx.put_user(&user)?;
    Ok(user)
}

/// Who acts and through which session, as they are now. Whoever has to choose a password first does that first.
fn holder(tx: &Write, id: UserId, hash: &super::SessionHash) -> Result<(User, Session)> {
    let session = tx.session(hash)?.filter(|session| session.user == id).ok_or(Error::SignedOut)?;
    let user = tx.user(id)?.filter(|user| user.active).ok_or(Error::SignedOut)?;
    if session.must_change {
        return Err(Error::Forbidden);
    }
    if rests_on_same_person(tx, &session, &user)? { Ok((user, session)) } else { Err(Error::SignedOut) }
}

/// Another active user of the same person.
fn one_of(tx: &Write, me: &User, id: UserId) -> Result<User> {
    let fits = |user: &User| user.active && user.person == me.person && user.id != me.id;
    tx.user(id)?.filter(fits).ok_or(Error::NotFound)
}
