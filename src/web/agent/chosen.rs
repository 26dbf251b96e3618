//! 受付 and 申請 of several requests at once: each succeeds or fails on its own, and the page says which and why. 受付 is
//! quick; 申請 makes and signs a document of each, so that of more than one is long work.

use crate::app::{App, Shared};
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::ids::RequestId;
use crate::domain::procedure::Procedure;
use crate::domain::role::Application;
use crate::domain::work::{Subject, WorkKind};
use crate::domain::workflow::{Action, ActionKind};
use crate::service::error::Error;
use crate::service::filing;
use crate::service::requests;
use crate::service::requests::view::{self, RequestView};
use crate::service::work;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use axum::extract::State;
use axum::response::{IntoResponse, Response};

/// 受付 does it; 申請 asks for the declaration first.
pub(super) async fn act(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let list = asked.on(&list(procedure));
    let ids: Vec<RequestId> = posted.ids("id");
    if ids.is_empty() {
        let banner = Banner::warning(
            "依頼データが選ばれていません。一覧の左端のチェックで選んでから、もう一度操作してください。",
        );
        return Ok(staff.visit.redirect(&list, banner));
    }
    if posted.get("do") == "file" {
        return confirm_filing(&app, &staff, procedure, &ids, &list);
    }
    let token = posted.once()?;
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let outcome = requests::act(&app, staff.actor.clone(), id, Action::Accept, token.clone()).await;
        outcomes.push((id, outcome.map(|_| ())));
    }
    Ok(staff.visit.redirect(&list, result("を受付しました", labelled(outcomes))?))
}

fn list(procedure: &'static Procedure) -> String {
    Place { application: Application::Agent, procedure, kind: Kind::Requests }.list()
}

/// What will be filed, and the declaration that goes with it.
fn confirm_filing(
    app: &App,
    staff: &AgentStaff,
    procedure: &'static Procedure,
    ids: &[RequestId],
    back: &str,
) -> Result<Response> {
    let views = views(app, &staff.actor, procedure, ids)?;
    let (ready, others): (Vec<_>, Vec<_>) = views.iter().partition(|view| view.available.contains(&ActionKind::File));
    if ready.is_empty() {
        let banner =
            Banner::warning("選ばれた依頼データは、いまは申請できません。「受付」した依頼データを選んでください。");
        return Ok(staff.visit.redirect(back, banner));
    }
    let columns = [
        Column::new("申請ID"),
        Column::new(procedure.plate_label),
        Column::new("車台番号"),
        Column::new("使用者"),
        Column::new("依頼人"),
        Column::new("申請先"),
    ];
    let shown = html! {
        div .lead { (table("申請するデータ", &columns, &html! {
            @for view in &ready {
                tr {
                    td { (view.request.id) }
                    td { @if let Some(number) = &view.request.plate { (plate(number, procedure.vehicle, false)) } }
                    td { @if let Some(chassis) = &view.request.chassis { (chassis.number) } }
                    td .name { (user_name(view)) }
                    td .name { (view.client) }
                    td { (view.office.as_deref().unwrap_or("―")) }
                }
            }
        })) }
        @if !others.is_empty() {
            p .lead { "次のデータは「受付済」ではないため申請しません：" (others.iter().map(|view| view.request.id.to_string()).collect::<Vec<_>>().join("、")) }
        }
        (Definitions::new().wide("申込欄", filing::DECLARATION).render())
    };
    let hidden = html! { @for view in &ready { (form::hidden("id", &view.request.id.to_string())) } };
    let count = ready.len();
    let body = confirm(
        &staff.visit,
        &format!("{}/file", list(procedure)),
        &format!("次の{count}件を申請します。申込欄の内容を確認のうえ、確定してください。"),
        &shown,
        &hidden,
        back,
        false,
    );
    let title = format!("【{}】申請", procedure.label);
    Ok(staff.visit.page(&title, Here::at(Menu::Requests, procedure), &body).into_response())
}

fn user_name(view: &RequestView) -> String {
    view.request.procedure().field("name").map(|field| view.request.text(field.no).to_owned()).unwrap_or_default()
}

/// The chosen records that this agent may see; others are left out without a word.
fn views(app: &App, actor: &AgentActor, procedure: &Procedure, ids: &[RequestId]) -> Result<Vec<RequestView>> {
    let actor = Actor::Agent(actor.clone());
    let mut views = Vec::with_capacity(ids.len());
    for id in ids {
        match view::view(app, &actor, *id) {
            Ok(view) if view.request.procedure == procedure.code => views.push(view),
            Ok(_) | Err(Error::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(views)
}

/// 確定 of 申請.
pub(super) async fn file(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let (ids, once): (Vec<RequestId>, _) = (posted.ids("id"), posted.once()?);
    if let [id] = ids[..] {
        let outcome = filing::file(&app, &staff.actor, id, once).await;
        let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
        let to = if outcome.is_ok() { place.list() } else { list(procedure) };
        return Ok(staff.visit.redirect(&to, result("を申請しました", labelled(vec![(id, outcome)]))?));
    }
    let kind = WorkKind::File { procedure: procedure.code };
    let subjects = ids.into_iter().map(Subject::Request).collect();
    let id = work::begin(&app, &Actor::Agent(staff.actor.clone()), kind, subjects, once).await?;
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
