//! 依頼データ検索 and 申請データ検索 of a garage.

use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::procedure::Procedure;
use crate::domain::role::Application;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::search;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// 依頼データ検索.
pub(super) async fn requests(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    headers: HeaderMap,
) -> Result<Response> {
    page(&app, staff, procedure, Kind::Requests, &asked, &headers)
}

/// 申請データ検索.
pub(super) async fn applications(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    headers: HeaderMap,
) -> Result<Response> {
    page(&app, staff, procedure, Kind::Applications, &asked, &headers)
}

/// The list of 依頼データ検索 as a file.
pub(super) async fn download_requests(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let place = Place { application: Application::Client, procedure, kind: Kind::Requests };
    search::download(&app, &Actor::Client(staff.actor), &staff.visit, place, &asked).await
}

/// The list of 申請データ検索 as a file.
pub(super) async fn download_applications(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let place = Place { application: Application::Client, procedure, kind: Kind::Applications };
    search::download(&app, &Actor::Client(staff.actor), &staff.visit, place, &asked).await
}

fn page(
    app: &Shared,
    staff: ClientStaff,
    procedure: &'static Procedure,
    kind: Kind,
    asked: &Fields,
    headers: &HeaderMap,
) -> Result<Response> {
    let place = Place { application: Application::Client, procedure, kind };
    search::page(app, &Actor::Client(staff.actor), &staff.visit, place, asked, headers, None)
}
