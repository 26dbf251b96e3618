//! 依頼人組織: its names and its API keys.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::super::reason::Reason;
use super::act;
use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::administration::{self, Task};
use crate::domain::api_key::{ApiKey, Revoked};
use crate::domain::ids::ClientOrganizationId;
use crate::domain::organization::ClientOrganization;
use crate::domain::rules::{self, Entry};
use crate::domain::user::PasswordState;
use crate::secret;
use crate::store::{Source, Tables};

/// How long the initial password of a new key can be used (engineering decision E3).
const INITIAL: i64 = 72 * 60 * 60;

/// What 依頼人組織更新 takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationInput {
    /// 依頼人組織名.
    pub name: String,
    /// 依頼人組織名（略称）.
    pub short_name: String,
}

impl OrganizationInput {
    /// Checks what was typed under the names of these fields.
    pub fn check<'t>(entry: &mut Entry, typed: impl Fn(&str) -> &'t str) -> Self {
        Self {
            name: entry.required("name", &rules::ORGANIZATION_NAME, typed("name")),
            short_name: entry.required("short_name", &rules::ORGANIZATION_SHORT_NAME, typed("short_name")),
        }
    }
}

/// An organization with what its administrators see of it.
#[derive(Debug, Clone)]
pub struct OrganizationView {
    /// The organization.
    pub organization: ClientOrganization,
    /// Its keys in force, the first registered first; none for who may not manage them.
    pub keys: Vec<ApiKey>,
}

/// 依頼人組織照会.
///
/// # Errors
/// `NotFound` for any organization but the actor's own.
pub fn view(app: &App, actor: &ClientActor, id: ClientOrganizationId) -> Result<OrganizationView> {
    app.store.read(|tx| {
        let organization = own(tx, actor, id)?;
        let mut keys = Vec::new();
        if administration::may(actor, Task::ManageOrganization) {
            keys = tx.api_keys_of(id)?;
            keys.retain(|key| key.revoked.is_none());
        }
        Ok(OrganizationView { organization, keys })
    })
}

/// 依頼人組織更新.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `NotFound`; `Forbidden`.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    id: ClientOrganizationId,
    version: u32,
    input: OrganizationInput,
    once: Token,
) -> Result<ClientOrganizationId> {
    let once = once.of(("organization.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let before = own(tx, actor, id)?;
        require(actor)?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let fields: Vec<String> =
            [("name", before.name != input.name), ("short_name", before.short_name != input.short_name)]
                .into_iter()
                .filter(|(_, changed)| *changed)
                .map(|(field, _)| field.to_owned())
                .collect();
        if fields.is_empty() {
            return Ok(id);
        }
        tx.put_client_organization(&ClientOrganization {
            name: input.name.clone(),
            short_name: input.short_name.clone(),
            version: before.version.saturating_add(1),
            ..before
        })?;
        audit::note(tx, now, actor.user(), "organization.update", format!("client {id}"), fields)?;
        Ok(id)
    })
    .await
}

/// APIキー登録: a new key, with the initial API password of the 利用登録通知書.
///
/// # Errors
/// `Refused(NoInitialApiPassword)`; `NotFound`; `Forbidden`.
pub async fn register_key(app: &App, actor: &ClientActor, id: ClientOrganizationId, once: Token) -> Result<String> {
    let key = secret::hex(&secret::random::<16>()).to_ascii_uppercase();
    let once = once.of(("api-key.register", id));
    act(app, actor, once, move |tx, actor, now| {
        let organization = own(tx, actor, id)?;
        require(actor)?;
        let password = organization.initial_api_password.ok_or(Reason::NoInitialApiPassword)?;
        tx.put_api_key(&ApiKey {
            key: key.clone(),
            organization: id,
            branch: None,
            password,
            password_state: PasswordState::Initial {
                since: now.system,
                until: now.system.plus(INITIAL),
                by: Some(actor.user()),
                failures: 0,
                used: false,
            },
            registered_at: now.system,
            registered_by: Some(actor.user()),
            last_used: None,
            revoked: None,
            version: 1,
        })?;
        audit::note(tx, now, actor.user(), "api-key.register", format!("api-key {key}"), Vec::new())?;
        Ok(key.clone())
    })
    .await
}

/// A key in force of the actor's organization.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub fn key(app: &App, actor: &ClientActor, key: &str) -> Result<ApiKey> {
    app.store.read(|tx| {
        let found = own_key(tx, actor, key)?;
        require(actor)?;
        Ok(found)
    })
}

/// The end of a key: what uses it gets in no longer.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub async fn revoke_key(app: &App, actor: &ClientActor, key: String, once: Token) -> Result<String> {
    let once = once.of(("api-key.revoke", &key));
    act(app, actor, once, move |tx, actor, now| {
        let found = own_key(tx, actor, &key)?;
        require(actor)?;
        tx.put_api_key(&ApiKey {
            revoked: Some(Revoked { at: now.system, by: actor.user() }),
            version: found.version.saturating_add(1),
            ..found
        })?;
        audit::note(tx, now, actor.user(), "api-key.revoke", format!("api-key {key}"), Vec::new())?;
        Ok(key.clone())
    })
    .await
}

pub(super) fn own<S: Source>(
    tx: &Tables<S>,
    actor: &ClientActor,
    id: ClientOrganizationId,
) -> Result<ClientOrganization> {
    tx.client_organization(id)?.filter(|found| found.id == actor.organization()).ok_or(Error::NotFound)
}

fn own_key<S: Source>(tx: &Tables<S>, actor: &ClientActor, key: &str) -> Result<ApiKey> {
    let theirs = |found: &ApiKey| found.organization == actor.organization() && found.revoked.is_none();
    tx.api_key(key)?.filter(theirs).ok_or(Error::NotFound)
}

pub(super) fn require(actor: &ClientActor) -> Result<()> {
    if administration::may(actor, Task::ManageOrganization) { Ok(()) } else { Err(Error::Forbidden) }
}
