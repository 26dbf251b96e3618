//! One record of a garage: 照会, 更新, 削除, 依頼取消, メモ更新, 再申請.

use super::register;
use crate::app::{App, Shared};
use crate::domain::actor::{Actor, ClientActor};
use crate::domain::field;
use crate::domain::problem::Problems;
use crate::domain::request::Status;
use crate::domain::role::{Application, ClientRole};
use crate::domain::workflow::{Action, ActionKind};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::service::requests;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Named;
use crate::web::procedure::counter;
use crate::web::procedure::edit::{self, Filled, Form};
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::record::{Record, delete_record};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) fn open(app: &App, actor: &ClientActor, named: Named, asked: &Fields) -> Result<Record> {
    let Named(procedure, id) = named;
    Ok(Record::open(app, &Actor::Client(actor.clone()), procedure, id, asked)?)
}

/// 依頼データ照会.
pub(super) async fn request(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    show(&app, &staff, named, &asked, Kind::Requests)
}

/// 申請データ照会.
pub(super) async fn application(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    show(&app, &staff, named, &asked, Kind::Applications)
}

fn show(app: &App, staff: &ClientStaff, named: Named, asked: &Fields, kind: Kind) -> Result<Response> {
    let record = open(app, &staff.actor, named, asked)?;
    let visit = &staff.visit;
    let actions = html! {
        @for action in &record.view.available {
            @match action {
                ActionKind::Update => { (button::primary_link_keyed(action.label(), &record.address("edit"), button::Key::Update)) }
                ActionKind::Reuse => { (button::link(action.label(), &record.address("reuse"))) }
                ActionKind::SetPowerOfAttorney => {
                    (button::link(action.label(), &record.address("power-of-attorney")))
                }
                ActionKind::UpdateMemo => { (button::link(action.label(), &record.address("memo"))) }
                ActionKind::Reapply => { (button::act(visit, action.label(), &record.address("reapply"), true)) }
                ActionKind::Cancel => { (button::act(visit, action.label(), &record.address("cancel"), false)) }
                ActionKind::Delete => { (button::danger_link(action.label(), &record.address("delete"))) }
                _ => {}
            }
        }
        @if record.place.kind == Kind::Requests {
            (button::link_keyed("続けて登録", &register::alike(&record.view.request), button::Key::Next))
        }
    };
    record.page(app, &Actor::Client(staff.actor.clone()), visit, kind, &actions)
}

/// 依頼データ更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::Update)?;
    let filled = Filled::Stored(&record.view.request.fields);
    Ok(edit_page(&staff, &record, filled, &Problems::new(), &Markup::default(), StatusCode::OK))
}

fn edit_page(
    staff: &ClientStaff,
    record: &Record,
    filled: Filled<'_>,
    problems: &Problems,
    above: &Markup,
    status: StatusCode,
) -> Response {
    let body = html! {
        (error_summary(problems))
        (above)
        (edit::form(&staff.visit, &record.address("edit"), Form {
            place: &record.place,
            view: &record.view,
            filled,
            problems,
            may_send: staff.actor.role() == ClientRole::StaffMaySend,
            offices: None,
            back: &record.address(""),
        }))
    };
    (status, staff.visit.page(&record.place.title("更新"), record.place.here(), &body)).into_response()
}

/// 確定 of 依頼データ更新, with or without 送信.
pub(super) async fn update(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut record = open(&app, &staff.actor, named, &asked)?;
    // A form that comes back is still made from what its writer saw.
    record.view.request.version = posted.version()?;
    let send = posted.has("send");
    let refill = |problems: &Problems, above: &Markup, status| {
        Ok(edit_page(&staff, &record, Filled::Typed(&posted), problems, above, status))
    };
    let input = |key: &str| Some(posted.get(key));
    let values = match field::check_all(record.place.procedure, &input, send) {
        Ok(values) => values,
        Err(problems) => return refill(&problems, &Markup::default(), StatusCode::UNPROCESSABLE_ENTITY),
    };
    let id = record.view.request.id;
    let done = requests::update(&app, &staff.actor, id, posted.version()?, values, send, posted.once()?).await;
    match done {
        Ok(request) => {
            let converted = edit::conversions(record.place.procedure, &posted, &request.fields);
            let banner = if send && request.status != Status::Draft {
                Banner::ok("代理人に送信しました。")
            } else {
                Banner::ok("依頼データを保存しました。まだ送信していません。")
            };
            Ok(record.done(&staff.visit, &request, banner.with_lines(converted)))
        }
        Err(Error::Conflict) => {
            // Read again: what is compared is what the record holds now.
            let record = open(&app, &staff.actor, named, &asked)?;
            record.require(ActionKind::Update)?;
            let above = edit::conflict(&record.place, &record.view, &posted);
            let filled = Filled::Typed(&posted);
            Ok(edit_page(&staff, &record, filled, &Problems::new(), &above, StatusCode::CONFLICT))
        }
        Err(Error::Invalid(problems)) => refill(&problems, &Markup::default(), StatusCode::UNPROCESSABLE_ENTITY),
        // A matter of the status has no form to go back to; the others leave what was typed where it is.
        Err(Error::Refused(reason)) if !matches!(reason, Reason::WrongStatus { .. }) => {
            refill(&Problems::new(), &Banner::warning(reason.sentence()).render(), StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// 依頼データ削除: what will go.
pub(super) async fn ask_delete(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.delete_page(&staff.visit)
}

/// 確定 of 依頼データ削除. The record is not opened first: of a form sent twice it is gone already.
pub(super) async fn delete(
    State(app): State<Shared>,
    staff: ClientStaff,
    Named(procedure, id): Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let place = Place { application: Application::Client, procedure, kind: Kind::Requests };
    delete_record(&app, staff.actor.clone(), &staff.visit, (place, id), &asked, &posted).await
}

/// 依頼取消.
pub(super) async fn cancel(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    let said = "依頼を取り消しました。内容を直して、もう一度送信できます。";
    record.act(&app, staff.actor.clone(), &staff.visit, &posted, (Action::Cancel, said)).await
}

/// 再申請.
pub(super) async fn reapply(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    let said = "再申請できるようにしました。内容を訂正し、もう一度送信してください。";
    record.act(&app, staff.actor.clone(), &staff.visit, &posted, (Action::Reapply, said)).await
}

/// 申請データ再利用: asks first.
pub(super) async fn ask_reuse(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.reuse_page(&app, &Actor::Client(staff.actor.clone()), &staff.visit)
}

/// 確定 of 申請データ再利用.
pub(super) async fn reuse(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.reuse(&app, staff.actor.clone(), &staff.visit, &posted).await
}

/// メモ更新.
pub(super) async fn memo(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::UpdateMemo)?;
    Ok(record.memo_page(&staff.visit))
}

/// 確定 of メモ更新.
pub(super) async fn update_memo(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.update_memo(&app, Actor::Client(staff.actor.clone()), &staff.visit, &posted).await
}

/// 認証用二次元コード, to print.
pub(super) async fn code(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    counter::page(&open(&app, &staff.actor, named, &asked)?, &staff.visit)
}
