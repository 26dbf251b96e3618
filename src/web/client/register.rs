//! 依頼データ初期登録 of a garage (inspection manual P40).

use crate::app::Shared;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::request::ServiceRequest;
use crate::domain::role::Application;
use crate::service::requests::view::Choices;
use crate::service::requests::{self, view};
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::registration::{self, Said, Sheet};
use axum::extract::State;
use axum::response::Response;

fn sheet<'a>(visit: &'a Visit, procedure: &'static Procedure, choices: &'a Choices) -> Sheet<'a> {
    Sheet {
        visit,
        procedure,
        choices,
        menu: (Menu::NewRequest, "依頼データ初期登録"),
        action: urls::new_request(Application::Client, procedure),
        asks_agent: true,
        first: Markup::default(),
        beside: button::plain_link("依頼データ一括登録", &urls::imports(procedure)),
    }
}

/// The empty form, with the branch and agent that this user mostly means.
pub(super) async fn show(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let choices = view::choices(&app, &staff.actor, procedure)?;
    let said = Said { again: registration::is_again(&asked), ..Said::default() };
    let typed = registration::begun(&choices, &asked);
    Ok(registration::page(&sheet(&staff.visit, procedure, &choices), &typed, &said))
}

/// The form for another vehicle of the same workshop, filed by the same agent.
pub(super) fn alike(request: &ServiceRequest) -> String {
    registration::alike(request).on(&urls::new_request(Application::Client, request.procedure()))
}

/// 確定.
pub(super) async fn register(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let choices = view::choices(&app, &staff.actor, procedure)?;
    let sheet = sheet(&staff.visit, procedure, &choices);
    let mut typed = (*posted).clone();
    let said = match registration::read(&app, procedure, &choices, &mut typed, Problems::new()) {
        Err(said) => said,
        Ok(new) => match requests::register(&app, &staff.actor, procedure, new, posted.once()?).await {
            Ok(id) => {
                let place = Place { application: Application::Client, procedure, kind: Kind::Requests };
                let banner = Banner::ok("依頼データを登録しました。続けて「依頼データ更新」で内容を入力してください。");
                return Ok(staff.visit.redirect(&place.record(id, ""), banner));
            }
            Err(error) => registration::refused(error)?,
        },
    };
    Ok(registration::page(&sheet, &typed, &said))
}
