//! 一括送信: the question stands in an address, like a list; only 確定 changes something.

use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::procedure::Procedure;
use crate::domain::role::{Application, ClientRole};
use crate::domain::work::{Subject, WorkKind};
use crate::service::error::Error;
use crate::service::requests::many::Act;
use crate::service::work;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::together::Choice;
use axum::extract::State;
use axum::response::Response;

fn list(procedure: &'static Procedure) -> Place {
    Place { application: Application::Client, procedure, kind: Kind::Requests }
}

/// What will happen.
pub(super) async fn ask(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let actor = Actor::Client(staff.actor.clone());
    Choice::read(&app, &actor, list(procedure), Act::Send, &asked)?.ask(&app, &actor, &staff.visit)
}

/// 確定.
pub(super) async fn send(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    if staff.actor.role() != ClientRole::StaffMaySend {
        return Err(Error::Forbidden.into());
    }
    let actor = Actor::Client(staff.actor.clone());
    let choice = Choice::read(&app, &actor, list(procedure), Act::Send, &posted)?;
    let ids = match choice.agreed(&app, &actor, &staff.visit, &posted)? {
        Ok(ids) => ids,
        Err(page) => return Ok(page),
    };
    let kind = WorkKind::Send { procedure: procedure.code };
    let subjects = ids.into_iter().map(Subject::Request).collect();
    let id = work::begin(&app, &actor, kind, subjects, posted.once()?).await?;
    let banner = Banner::ok("一括送信を始めました。この画面を閉じても処理は続きます。");
    Ok(staff.visit.redirect(&urls::work(Application::Client, id), banner))
}
