//! 模擬環境: the outside systems with their own pages, for those who play them in training and tests — the portals'
//! offices, the registers, the bank, the card company, the rewriting of certificates. Nodes that file for real have
//! none of these addresses.

mod accounts;
mod cards;
mod conformity;
mod correction;
mod filing;
mod filings;
mod form;
mod insurance;
mod rewriting;
mod settings;
mod statuses;
mod vehicles;

pub(super) use statuses::ways;

use super::kit::prelude::*;
use super::kit::visit::redirect;
use super::routes::{Foreign, INSTRUCTOR, Route, SIMULATOR_USER, Who, route};
use super::{my_users, sign_in};
use crate::app::Shared;
use crate::domain::actor::SimulatorActor;
use crate::domain::role::Application;
use crate::service;
use crate::service::error::Error;
use crate::service::once::Token;
use crate::sim::{Sim, SimError};
use crate::web::kit::form::CSRF;
use crate::web::kit::layout::Outside;
use axum::response::Response;

/// The addresses of the outside world.
pub(super) const ROUTES: &[Route] = &[
    route!(get "/sim/sign-in", Who::Anyone, Foreign::None, sign_in::show),
    route!(post "/sim/sign-in", Who::Anyone, Foreign::None, sign_in::enter),
    route!(post "/sim/sign-out", Who::Arriving(Application::Simulator), Foreign::None, sign_in::leave),
    route!(get "/sim/password", Who::Arriving(Application::Simulator), Foreign::None, sign_in::password),
    route!(post "/sim/password", Who::Arriving(Application::Simulator), Foreign::None, sign_in::change_password),
    route!(get "/sim/my-users", SIMULATOR_USER, Foreign::None, my_users::show),
    route!(post "/sim/my-users/switch", SIMULATOR_USER, Foreign::None, my_users::switch),
    route!(post "/sim/my-users/add", SIMULATOR_USER, Foreign::None, my_users::add),
    route!(post "/sim/my-users/remove", SIMULATOR_USER, Foreign::None, my_users::remove),
    route!(get "/sim", SIMULATOR_USER, Foreign::None, home),
    route!(get "/sim/filings", SIMULATOR_USER, Foreign::None, filings::show),
    route!(get "/sim/filings/{key}", SIMULATOR_USER, Foreign::None, filing::show),
    route!(post "/sim/filings/{key}/decide", SIMULATOR_USER, Foreign::None, filing::decide),
    route!(post "/sim/filings/{key}/correction", SIMULATOR_USER, Foreign::None, correction::ask),
    route!(post "/sim/filings/{key}/pay", SIMULATOR_USER, Foreign::None, filing::pay),
    route!(get "/sim/vehicles", INSTRUCTOR, Foreign::None, vehicles::show),
    route!(get "/sim/vehicles/edit", INSTRUCTOR, Foreign::None, vehicles::edit),
    route!(post "/sim/vehicles/edit", INSTRUCTOR, Foreign::None, vehicles::save),
    route!(get "/sim/conformity", INSTRUCTOR, Foreign::None, conformity::show),
    route!(get "/sim/conformity/one", INSTRUCTOR, Foreign::None, conformity::one),
    route!(post "/sim/conformity/one", INSTRUCTOR, Foreign::None, conformity::act_on),
    route!(get "/sim/insurance", INSTRUCTOR, Foreign::None, insurance::show),
    route!(post "/sim/insurance", INSTRUCTOR, Foreign::None, insurance::add),
    route!(get "/sim/accounts", INSTRUCTOR, Foreign::None, accounts::show),
    route!(post "/sim/accounts", INSTRUCTOR, Foreign::None, accounts::change),
    route!(get "/sim/cards", INSTRUCTOR, Foreign::None, cards::show),
    route!(post "/sim/cards", INSTRUCTOR, Foreign::None, cards::register),
    route!(get "/sim/rewriting", INSTRUCTOR, Foreign::None, rewriting::show),
    route!(post "/sim/rewriting", INSTRUCTOR, Foreign::None, rewriting::rewrite),
    route!(get "/sim/settings", INSTRUCTOR, Foreign::None, settings::show),
    route!(post "/sim/settings", INSTRUCTOR, Foreign::None, settings::change),
];

/// `GET /sim`.
async fn home(_: SimulatorUser) -> Response {
    redirect(&urls::outside(Outside::Filings))
}

/// Where a page of an outside system stands in the menu.
fn here(one: Outside) -> Here {
    Here { menu: Some(Menu::Outside(one)), procedure: None }
}

/// Asks the world something, on a thread that may wait for the disk.
async fn look<T: Send + 'static>(
    app: &Shared,
    ask: impl FnOnce(&Sim) -> std::result::Result<T, crate::store::Error> + Send + 'static,
) -> Result<T> {
    let sim = app.sim.clone().ok_or(Error::NotFound)?;
    let found = tokio::task::spawn_blocking(move || ask(&sim)).await.map_err(Error::internal)?;
    Ok(found.map_err(Error::from)?)
}

/// What somebody does in the world.
struct Act<'a> {
    /// The form that was sent.
    posted: &'a Posted,
    /// The name in the audit.
    action: &'static str,
    /// The thing it is done to, as the audit names it.
    subject: String,
    /// The page afterwards.
    to: &'a str,
    /// What that page says.
    said: String,
}

/// The token of a form with what stands in it.
fn once(posted: &Posted) -> Result<Token, Error> {
    let typed: Vec<(&str, &str)> = posted.iter().filter(|(name, _)| *name != CSRF).collect();
    Ok(posted.once()?.of(typed))
}

/// Does it once, tells the audit, and lets the node look for what follows at once. What the world refuses is said in its
/// own words on the page it leads to.
async fn act(
    app: &Shared,
    visit: &Visit,
    actor: &SimulatorActor,
    act: Act<'_>,
    what: impl FnOnce(&Sim) -> std::result::Result<(), SimError> + Send + 'static,
) -> Result<Response> {
    let sim = app.sim.clone().ok_or(Error::NotFound)?;
    let once = once(act.posted)?;
    if !service::outside::take_up(app, actor, &once).await? {
        return Ok(visit.redirect(act.to, Banner::ok(act.said)));
    }
    match tokio::task::spawn_blocking(move || what(&sim)).await.map_err(Error::internal)? {
        Ok(()) => {
            service::outside::note(app, actor, act.action, act.subject).await?;
            app.bell.ring();
            Ok(visit.redirect(act.to, Banner::ok(act.said)))
        }
        Err(SimError::Refused(sentence)) => {
            service::outside::let_go(app, actor, &once).await?;
            Ok(visit.redirect(act.to, Banner::warning(sentence)))
        }
        Err(SimError::Store(error)) => Err(Error::from(error).into()),
    }
}

/// What a page says whose filing has moved on since it was opened.
const CHANGED: &str = "この申請の状態は、画面を開いたあとに変わりました。いまの状態を確認してください。";

/// Leads to a filing that has moved on since its page was opened: by this very form, or by somebody else.
fn changed(app: &Shared, user: &SimulatorUser, posted: &Posted, to: &str) -> Result<Response> {
    let done = service::outside::was_taken_up(app, &user.actor, &once(posted)?)?;
    let banner = if done { Banner::ok("この操作は済んでいます。") } else { Banner::warning(CHANGED) };
    Ok(user.visit.redirect(to, banner))
}

/// What stands in place of a list without rows: a way back to all of them, when conditions were asked for.
fn nothing(noun: &str, asked: &Fields, action: &str) -> Markup {
    let reset = html! { @if !asked.query().is_empty() { (button::link("条件をリセットする", action)) } };
    empty_state(&format!("該当する{noun}はありません。"), &reset)
}

/// The rows of this page of a list that was read whole.
fn page_of<T>(rows: Vec<T>, asked: &Fields) -> (Listed, Vec<T>) {
    let (page, size) = Listed::asked(asked);
    let listed = Listed { total: rows.len() as u64, page, size };
    let from = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    (listed, rows.into_iter().skip(from).take(size as usize).collect())
}
