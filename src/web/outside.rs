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
use crate::sim::{Sim, SimError};
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
    /// The name in the audit.
    action: &'static str,
    /// The thing it is done to, as the audit names it.
    subject: String,
    /// The page afterwards.
    to: &'a str,
    /// What that page says.
    said: String,
}

/// Does it, tells the audit, and lets the node look for what follows at once. What the world refuses is said in its
/// own words on the page it leads to.
async fn act(
    app: &Shared,
    visit: &Visit,
    actor: &SimulatorActor,
    act: Act<'_>,
    what: impl FnOnce(&Sim) -> std::result::Result<(), SimError> + Send + 'static,
) -> Result<Response> {
    let sim = app.sim.clone().ok_or(Error::NotFound)?;
    match tokio::task::spawn_blocking(move || what(&sim)).await.map_err(Error::internal)? {
        Ok(()) => {
            service::outside::note(app, actor, act.action, act.subject).await?;
            app.bell.ring();
            Ok(visit.redirect(act.to, Banner::ok(act.said)))
        }
        Err(SimError::Refused(sentence)) => Ok(visit.redirect(act.to, Banner::warning(sentence))),
        Err(SimError::Store(error)) => Err(Error::from(error).into()),
    }
}

/// The rows of this page of a list that was read whole.
fn page_of<T>(rows: Vec<T>, asked: &Fields) -> (Listed, Vec<T>) {
    let (page, size) = Listed::asked(asked);
    let listed = Listed { total: rows.len() as u64, page, size };
    let from = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    (listed, rows.into_iter().skip(from).take(size as usize).collect())
}
