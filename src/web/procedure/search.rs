//! 依頼データ検索 and 申請データ検索 for either side: from an address to a page. Filled at once (decision 2); drawn lists
//! are kept while nothing in them changes, and a browser that has the page already is told so.

use super::cache::Key;
use super::list::list;
use super::panel::{Offered, Options, panel};
use super::place::{Kind, Place};
use super::query::Query;
use crate::app::{App, Shared};
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::role::ClientRole;
use crate::secret;
use crate::service::downloads::{self, List, Requests};
use crate::service::error::Error;
use crate::service::requests::view;
use crate::store::ScopeKey;
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use crate::web::kit::visit::redirect;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ring::hmac;

/// Asks for the page of the list on which this request stands.
pub const BESIDE: &str = "beside";

/// What stands below an agent's list; a page with a form of its own is never answered with "unchanged", because each
/// copy of a form can be sent only once.
pub type Below<'a> = Option<&'a Markup>;

/// The page of a list.
///
/// # Errors
/// Only of the store.
pub fn page(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    place: Place,
    asked: &Fields,
    headers: &HeaderMap,
    below: Below<'_>,
) -> Result<Response> {
    let query = Query::of(asked);
    let title = place.title("検索");
    let conditions = match query.conditions(&place, &app.tables.regions) {
        Ok(conditions) => conditions,
        Err(problems) => {
            let body =
                html! { (error_summary(&problems)) (panel(&place, &query, &problems, &offered(app, actor, &place)?)) };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.page(&title, place.here(), &body)).into_response());
        }
    };
    if let Some(id) = asked.parsed::<RequestId>(BESIDE) {
        let size = query.page().size;
        let page = view::page_of(app, actor, place.procedure, (&conditions, query.order()), size, id)?;
        return Ok(redirect(&query.at_page(page).on(&place.list())));
    }
    let scope = view::scope(actor);
    // Taken before the snapshot: a list drawn from newer data than its version says is only drawn once more.
    let version = app.store.version(ScopeKey::of(scope, place.procedure.code));
    let may_send = matches!(actor, Actor::Client(client) if client.role() == ClientRole::StaffMaySend);
    let key = Key { scope, may_send, procedure: place.procedure.code, kind: place.kind, query: query.text() };
    let tag = if below.is_none() { tag(visit, &key, version) } else { None };
    if let Some(tag) = &tag
        && headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known == tag)
    {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag.clone())]).into_response());
    }
    // The panel is the same on every page of a list.
    let above = Key { query: format!("panel?{}", query.at_page(1).text()), ..key.clone() };
    let above = app.lists.get(above, version, || -> Result<String> {
        Ok(panel(&place, &query, &Problems::new(), &offered(app, actor, &place)?).into_string())
    })?;
    let rows = app.lists.get(key, version, || -> Result<String> {
        let found = view::search(app, actor, place.procedure, &conditions, query.order(), query.page())?;
        Ok(list(&place, &query, &found, may_send).into_string())
    })?;
    let below = below.map_or("", |below| below.0.as_str());
    let mut response = visit.page_around(&title, place.here(), &[&above, &rows, below]).into_response();
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// All pages of a list as a file, in its order. Conditions that can't be understood are shown on the list's page.
///
/// # Errors
/// `Refused` when there are more rows than a sheet holds.
pub async fn download(app: &Shared, actor: &Actor, visit: &Visit, place: Place, asked: &Fields) -> Result<Response> {
    let query = Query::of(asked);
    let Ok(conditions) = query.conditions(&place, &app.tables.regions) else {
        return Ok(redirect(&query.on(&place.list())));
    };
    let filed = place.kind == Kind::Applications;
    let requests = Requests { procedure: place.procedure.code, filed, conditions, order: query.order() };
    let format = download::format(asked);
    match downloads::begin(app, actor, List::Requests(Box::new(requests)), format).await {
        Err(Error::Refused(reason)) => Ok(visit.redirect(&query.on(&place.list()), Banner::warning(reason.sentence()))),
        file => Ok(download::file(file?)),
    }
}

/// The page as one word: session, list and version of the data, under the session's key. None while a banner is shown,
/// which another visit would not see.
fn tag(visit: &Visit, key: &Key, version: u64) -> Option<HeaderValue> {
    let inner = visit.inner();
    let reader = visit.reader().filter(|_| inner.banner.is_none())?;
    let mut page = key.bytes();
    page.extend_from_slice(&version.to_le_bytes());
    for text in [reader.name.as_str(), &reader.place, env!("CARGO_PKG_VERSION")] {
        page.extend_from_slice(text.as_bytes());
        page.push(b'\n');
    }
    let digest = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &reader.session.key), &page);
    let word = secret::hex(digest.as_ref().get(..16)?);
    HeaderValue::from_str(&format!("\"{word}\"")).ok()
}

/// What the selects of the panel offer.
fn offered(app: &App, actor: &Actor, place: &Place) -> Result<Offered> {
    let offices = offices(app, place.procedure);
    match actor {
        Actor::Client(client) => {
            let choices = view::choices(app, client, place.procedure)?;
            Ok(Offered { offices, agents: agents(&choices), branches: branches(&choices) })
        }
        Actor::Agent(agent) => {
            let own = view::agent_branches(app, agent)?;
            let agents = own.into_iter().map(|branch| (branch.id.to_string(), branch.short_name)).collect();
            Ok(Offered { offices, agents: vec![("代理人拠点".to_owned(), agents)], branches: Options::new() })
        }
    }
}

/// 申請先.
pub fn offices(app: &App, procedure: &Procedure) -> Options {
    let offices = app.tables.offices.of(procedure.vehicle);
    offices.map(|office| (office.number.to_string(), office.name.clone())).collect()
}

/// 代理人 in groups by organization.
pub fn agents(choices: &view::Choices) -> Vec<(String, Options)> {
    let branches = |branches: &[crate::domain::organization::AgentBranch]| {
        branches.iter().map(|branch| (branch.id.to_string(), branch.short_name.clone())).collect()
    };
    choices.agents.iter().map(|(agent, own)| (agent.short_name.clone(), branches(own))).collect()
}

/// 拠点（略称）.
pub fn branches(choices: &view::Choices) -> Options {
    choices.branches.iter().map(|branch| (branch.id.to_string(), branch.short_name.clone())).collect()
}

impl Place {
    /// The place in the menu.
    pub fn here(&self) -> Here {
        let menu = match self.kind {
            Kind::Requests => Menu::Requests,
            Kind::Applications => Menu::Applications,
        };
        Here::at(menu, self.procedure)
    }
}
