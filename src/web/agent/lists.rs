//! 依頼データ検索 (what arrived) and 申請データ検索 of an agent.

use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::role::Application;
use crate::domain::workflow::ActionKind;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::list::{ALL, CHOSEN_FORM, PICK};
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::search;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// 依頼データ検索, with what can be done to several rows at once.
pub(super) async fn requests(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    headers: HeaderMap,
) -> Result<Response> {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Requests };
    let below = form::named(
        &staff.visit,
        CHOSEN_FORM,
        &asked.on(&format!("{}/chosen", place.list())),
        &action_bar(
            &html! {
                span .chosen { "選択した依頼データを" }
                (button::submit(ActionKind::Accept.label(), "do", "accept"))
                (button::submit(ActionKind::File.label(), "do", "file"))
                (choose_all(PICK))
            },
            &html! {
                (button::plain_link("検索結果をすべて一括申請", &asked.with(ALL, "1").on(&urls::file(procedure))))
                (button::plain_link("一括処理の一覧", &urls::works(Application::Agent)))
            },
        ),
    );
    search::page(&app, &Actor::Agent(staff.actor), &staff.visit, place, &asked, &headers, Some(&below))
}

/// 申請データ検索.
pub(super) async fn applications(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    headers: HeaderMap,
) -> Result<Response> {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
    search::page(&app, &Actor::Agent(staff.actor), &staff.visit, place, &asked, &headers, None)
}

/// The list of 依頼データ検索 as a file.
pub(super) async fn download_requests(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Requests };
    search::download(&app, &Actor::Agent(staff.actor), &staff.visit, place, &asked).await
}

/// The list of 申請データ検索 as a file.
pub(super) async fn download_applications(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
    search::download(&app, &Actor::Agent(staff.actor), &staff.visit, place, &asked).await
}
