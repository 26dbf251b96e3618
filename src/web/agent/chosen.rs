//! 受付 and 申請 of several requests at once: each succeeds or fails on its own, and the page says which and why. 受付 is
//! quick; 申請 makes and signs a document of each, so that of more than one is long work.

use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::procedure::Procedure;
use crate::domain::role::Application;
use crate::domain::work::{Subject, WorkKind};
use crate::domain::workflow::Action;
use crate::service::error::Error;
use crate::service::filing;
use crate::service::requests;
use crate::service::requests::many::Act;
use crate::service::work;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::list::PICK;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::together::Choice;
use axum::extract::State;
use axum::response::Response;

fn list(procedure: &'static Procedure) -> Place {
    Place { application: Application::Agent, procedure, kind: Kind::Requests }
}

/// 受付 does it; 申請 asks for the declaration first.
pub(super) async fn act(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let actor = Actor::Agent(staff.actor.clone());
    let choice = Choice::read(&app, &actor, list(procedure), Act::File, &posted)?.behind(&asked);
    if posted.get("do") == "file" {
        return choice.ask(&app, &actor, &staff.visit);
    }
    let ids: Vec<RequestId> = posted.ids(PICK);
    if ids.is_empty() {
        return Ok(choice.nothing(&staff.visit));
    }
    let token = posted.once()?;
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let outcome = requests::act(&app, staff.actor.clone(), id, Action::Accept, token.clone()).await;
        outcomes.push((id, outcome.map(|_| ())));
    }
    Ok(staff.visit.redirect(&choice.list(), result("を受付しました", labelled(outcomes))?))
}

/// What will be filed, and the declaration that goes with it: of everything that a search finds, too.
pub(super) async fn ask_file(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let actor = Actor::Agent(staff.actor.clone());
    Choice::read(&app, &actor, list(procedure), Act::File, &asked)?.ask(&app, &actor, &staff.visit)
}

/// 確定 of 申請.
pub(super) async fn file(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let actor = Actor::Agent(staff.actor.clone());
    let choice = Choice::read(&app, &actor, list(procedure), Act::File, &posted)?;
    let ids = match choice.agreed(&app, &actor, &staff.visit, &posted)? {
        Ok(ids) => ids,
        Err(page) => return Ok(page),
    };
    let once = posted.once()?;
    if let [id] = ids[..] {
        let outcome = filing::file(&app, &staff.actor, id, once).await;
        let place = list(procedure).with(if outcome.is_ok() { Kind::Applications } else { Kind::Requests });
        return Ok(staff.visit.redirect(&place.list(), result("を申請しました", labelled(vec![(id, outcome)]))?));
    }
    let kind = WorkKind::File { procedure: procedure.code };
    let subjects = ids.into_iter().map(Subject::Request).collect();
    let id = work::begin(&app, &actor, kind, subjects, once).await?;
    let banner = Banner::ok("一括申請を始めました。この画面を閉じても処理は続きます。");
    Ok(staff.visit.redirect(&urls::work(Application::Agent, id), banner))
}

fn labelled(outcomes: Vec<(RequestId, Result<(), Error>)>) -> Vec<(String, Result<(), Error>)> {
    outcomes.into_iter().map(|(id, outcome)| (format!("申請ID {id}"), outcome)).collect()
}

/// How many succeeded, and why the others did not. `done` follows the number, such as `を受付しました`.
///
/// # Errors
/// What is nobody's fault but ours ends the whole page, unless something was done already.
pub(super) fn result(done: &str, outcomes: Vec<(String, Result<(), Error>)>) -> Result<Banner> {
    let all = outcomes.len();
    let mut lines = Vec::new();
    let mut succeeded = 0;
    for (item, outcome) in outcomes {
        match outcome {
            Ok(()) => succeeded += 1,
            Err(error @ (Error::Refused(_) | Error::Invalid(_) | Error::NotFound | Error::Conflict)) => {
                lines.push(format!("{item}：{}", error.in_a_row()));
            }
            Err(other) if succeeded == 0 => return Err(other.into()),
            Err(other) => lines.push(format!("{item}：{}", other.in_a_row())),
        }
    }
    let message = match (succeeded, all - succeeded) {
        (_, 0) => format!("{succeeded}件{done}。"),
        (0, failed) => format!("{failed}件を処理できませんでした。"),
        (_, failed) => format!("{succeeded}件{done}。{failed}件は処理できませんでした。"),
    };
    let banner = if lines.is_empty() { Banner::ok(message) } else { Banner::warning(message) };
    Ok(banner.with_lines(lines))
}
