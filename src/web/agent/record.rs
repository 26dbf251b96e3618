//! One record as its agent sees it: 照会, 受付, 差戻し, 更新, メモ更新, 再申請.

use super::entry;
use crate::app::{App, Shared};
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::field;
use crate::domain::problem::Problems;
use crate::domain::request::{Ask, Origin};
use crate::domain::role::Application;
use crate::domain::text;
use crate::domain::workflow::{self, Action, ActionKind};
use crate::service::asking;
use crate::service::error::Error;
use crate::service::manual;
use crate::service::reason::Reason;
use crate::service::requests;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Named;
use crate::web::procedure::counter;
use crate::web::procedure::edit::{self, Filled, Form};
use crate::web::procedure::list::PICK;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::record::{Record, delete_record};
use crate::web::procedure::search::offices;
use crate::web::procedure::show::{fixed_head, identity};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Longest reason of 差戻し.
const REASON: usize = 400;

/// Opens a record that this agent may see.
pub(super) fn open(app: &App, actor: &AgentActor, named: Named, asked: &Fields) -> Result<Record> {
    let Named(procedure, id) = named;
    Ok(Record::open(app, &Actor::Agent(actor.clone()), procedure, id, asked)?)
}

/// 依頼データ照会.
pub(super) async fn request(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    show(&app, &staff, named, &asked, Kind::Requests)
}

/// 申請データ照会.
pub(super) async fn application(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    show(&app, &staff, named, &asked, Kind::Applications)
}

fn show(app: &App, staff: &AgentStaff, named: Named, asked: &Fields, kind: Kind) -> Result<Response> {
    let record = open(app, &staff.actor, named, asked)?;
    let visit = &staff.visit;
    let chosen = form::hidden(PICK, &record.view.request.id.to_string());
    let file = format!("{}/chosen", record.place.with(Kind::Requests).list());
    let by_hand = manual::is_manual(app);
    let asked_at_the_portal = |action| {
        matches!(action, ActionKind::Suspend | ActionKind::CancelSuspension | ActionKind::Resume | ActionKind::Withdraw)
    };
    let actions = html! {
        @for action in record.view.available.iter().filter(|action| !(by_hand && asked_at_the_portal(**action))) {
            @match action {
                ActionKind::Update => { (button::link(action.label(), &record.address("edit"))) }
                ActionKind::Accept => { (button::act(visit, action.label(), &record.address("accept"), true)) }
                ActionKind::File => {
                    (form::inline(visit, &file, &html! {
                        (chosen)
                        (form::hidden("do", "file"))
                        (button::primary(action.label()))
                    }))
                }
                ActionKind::Correct => { (button::primary_link(action.label(), &record.address("correct"))) }
                ActionKind::Reapply => { (button::act(visit, action.label(), &record.address("reapply"), true)) }
                ActionKind::Resume => { (button::act(visit, action.label(), &record.address("resume"), true)) }
                ActionKind::Reuse => { (button::link(action.label(), &record.address("reuse"))) }
                ActionKind::UpdateMemo => { (button::link(action.label(), &record.address("memo"))) }
                ActionKind::Suspend => { (button::act(visit, action.label(), &record.address("suspend"), false)) }
                ActionKind::CancelSuspension => {
                    (button::act(visit, action.label(), &record.address("cancel-suspension"), false))
                }
                ActionKind::Withdraw => { (button::danger_link(action.label(), &record.address("withdraw"))) }
                ActionKind::Delete => { (button::danger_link(action.label(), &record.address("delete"))) }
                ActionKind::SendBack => { (button::link(action.label(), &record.address("return"))) }
                _ => {}
            }
        }
        @if record.place.kind == Kind::Requests && record.view.request.origin == Origin::Agent {
            (button::link_keyed("続けて代行入力", &entry::alike(&record.view), button::Key::Next))
        }
        (at_the_portal(app, &record))
        @if by_hand && record.place.kind == Kind::Applications {
            (button::primary_link("転記・経過の記録", &record.address("portal")))
        }
    };
    record.page(app, &Actor::Agent(staff.actor.clone()), visit, kind, &actions)
}

/// The way to where its fees are paid, and to the simulated portal, while there is something to do.
fn at_the_portal(app: &App, record: &Record) -> Markup {
    let request = &record.view.request;
    let Some(filing) = record.view.filing.as_ref().filter(|_| record.place.kind == Kind::Applications) else {
        return Markup::default();
    };
    let procedure = record.place.procedure;
    let pays = filing.payments.iter().any(|payment| workflow::awaits_payment(request, filing, payment.kind));
    html! {
        @if pays { (button::primary_link(procedure.payment_label, &urls::payments_of(procedure, request.id))) }
        @if app.sim.is_some() && (pays || record.can(ActionKind::Correct)) {
            (button::plain_link("OSSポータルで見る", &urls::filing_outside(filing.submission)))
        }
    }
}

/// 受付.
pub(super) async fn accept(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    let said = "受付しました。内容を確認して、申請してください。";
    record.act(&app, staff.actor.clone(), &staff.visit, &posted, (Action::Accept, said)).await
}

/// 依頼データ削除 of an entry of the agent's own.
pub(super) async fn ask_delete(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    open(&app, &staff.actor, named, &asked)?.delete_page(&staff.visit)
}

/// 確定 of 依頼データ削除.
pub(super) async fn delete(
    State(app): State<Shared>,
    staff: AgentStaff,
    Named(procedure, id): Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Requests };
    delete_record(&app, staff.actor.clone(), &staff.visit, (place, id), &asked, &posted).await
}

/// 差戻し: asks for the reason.
pub(super) async fn ask_return(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::SendBack)?;
    Ok(return_page(&staff.visit, &record, "", &Problems::new()))
}

fn return_page(visit: &Visit, record: &Record, reason: &str, problems: &Problems) -> Response {
    let body = html! {
        (error_summary(problems))
        (fixed_head(&record.place, &record.view))
        (form::post(visit, &record.address("return"), &html! {
            (group("reason-block", "", &field("reason", "差戻しの理由").required(true).value(reason).problems(problems)
                .rule("依頼人に表示されます。何をどう直せばよいかを、400文字以内で入力してください。").area(REASON, 5)))
            (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &record.address(""))) }, &Markup::default()))
        }))
    };
    page_with(visit, problems, &record.place.title("差戻し"), record.place.here(), &body)
}

/// 確定 of 差戻し.
pub(super) async fn send_back(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    let reason = text::trim(posted.get("reason")).replace("\r\n", "\n");
    let problem = match reason.chars().count() {
        0 => Some("差戻しの理由を入力してください。".to_owned()),
        length if length > REASON => {
            Some(format!("差戻しの理由が長すぎます（{length}文字）。400文字以内で入力してください。"))
        }
        _ => text::unprintable(&reason, true).map(|_| "差戻しの理由に、表示できない文字が含まれています。".to_owned()),
    };
    if let Some(message) = problem {
        let problems = Problems::one("reason", message);
        return Ok(return_page(&staff.visit, &record, posted.get("reason"), &problems));
    }
    let id = record.view.request.id;
    requests::act(&app, staff.actor.clone(), id, Action::SendBack(reason), posted.once()?).await?;
    let list = record.query.on(&record.place.list());
    Ok(staff.visit.redirect(&list, Banner::ok(format!("申請ID {id} を依頼人に差し戻しました。"))))
}

/// 依頼データ更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::Update)?;
    let filled = Filled::Stored(&record.view.request.fields);
    Ok(edit_page(&app, &staff, &record, filled, &Problems::new(), &Markup::default(), StatusCode::OK))
}

fn edit_page(
    app: &App,
    staff: &AgentStaff,
    record: &Record,
    filled: Filled<'_>,
    problems: &Problems,
    above: &Markup,
    status: StatusCode,
) -> Response {
    let offices = offices(app, record.place.procedure);
    let body = html! {
        (error_summary(problems))
        (above)
        (edit::form(&staff.visit, &record.address("edit"), Form {
            place: &record.place,
            view: &record.view,
            filled,
            problems,
            may_send: false,
            offices: Some(&offices),
            back: &record.address(""),
        }))
    };
    (status, staff.visit.page(&record.place.title("更新"), record.place.here(), &body)).into_response()
}

/// 確定 of 依頼データ更新. What the agent changes is about to be filed, so it has to be complete.
pub(super) async fn update(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut record = open(&app, &staff.actor, named, &asked)?;
    // A form that comes back is still made from what its writer saw.
    record.view.request.version = posted.version()?;
    let refill = |problems: &Problems, above: &Markup, status| {
        Ok(edit_page(&app, &staff, &record, Filled::Typed(&posted), problems, above, status))
    };
    let input = |key: &str| Some(posted.get(key));
    let values = match field::check_all(record.place.procedure, &input, true) {
        Ok(values) => values,
        Err(problems) => return refill(&problems, &Markup::default(), StatusCode::UNPROCESSABLE_ENTITY),
    };
    let id = record.view.request.id;
    let office = posted.parsed("office");
    let done = requests::agent_update(&app, &staff.actor, id, posted.version()?, values, office, posted.once()?).await;
    match done {
        Ok(request) => Ok(record.done(&staff.visit, &request, Banner::ok("依頼データを更新しました。"))),
        Err(Error::Conflict) => {
            let record = open(&app, &staff.actor, named, &asked)?;
            record.require(ActionKind::Update)?;
            let above = edit::conflict(&record.place, &record.view, &posted);
            let filled = Filled::Typed(&posted);
            Ok(edit_page(&app, &staff, &record, filled, &Problems::new(), &above, StatusCode::CONFLICT))
        }
        Err(Error::Invalid(problems)) => refill(&problems, &Markup::default(), StatusCode::UNPROCESSABLE_ENTITY),
        Err(Error::Refused(reason)) if !matches!(reason, Reason::WrongStatus { .. }) => {
            refill(&Problems::new(), &Banner::warning(reason.sentence()).render(), StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// 再申請.
pub(super) async fn reapply(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    let said = "再申請できるようにしました。内容を訂正し、もう一度申請してください。";
    record.act(&app, staff.actor.clone(), &staff.visit, &posted, (Action::Reapply, said)).await
}

/// 中断予約.
pub(super) async fn suspend(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let said = "中断を予約しました。いまの処理が終わると、手続が中断します。";
    ask(&app, &staff, named, &asked, &posted, (Ask::Suspend, said)).await
}

/// 中断予約取消.
pub(super) async fn cancel_suspension(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let said = "中断予約を取り消しました。";
    ask(&app, &staff, named, &asked, &posted, (Ask::CancelSuspension, said)).await
}

/// 再開.
pub(super) async fn resume(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let said = "再開を依頼しました。";
    ask(&app, &staff, named, &asked, &posted, (Ask::Resume, said)).await
}

async fn ask(
    app: &App,
    staff: &AgentStaff,
    named: Named,
    asked: &Fields,
    posted: &Posted,
    (what, said): (Ask, &'static str),
) -> Result<Response> {
    let record = open(app, &staff.actor, named, asked)?;
    let request = asking::ask(app, &staff.actor, record.view.request.id, what, posted.once()?).await?;
    Ok(record.done(&staff.visit, &request, Banner::ok(said)))
}

/// 取下: what is lost by it and what is not.
pub(super) async fn ask_withdrawal(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::Withdraw)?;
    let body = confirm(
        &staff.visit,
        &record.address("withdraw"),
        "この申請を取り下げます。取り下げると元に戻せません。納付済の手数料は返還されませんが、同じ申請IDで再申請するときに引き継がれます。",
        &identity(&record.place, &record.view).render(),
        &Markup::default(),
        &record.address(""),
        true,
    );
    Ok(page_with(&staff.visit, &Problems::new(), &record.place.title("取下"), record.place.here(), &body))
}

/// 確定 of 取下.
pub(super) async fn withdraw(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let said = "取下げを依頼しました。処理が終わると、OSSステータスが「取下」になります。";
    ask(&app, &staff, named, &asked, &posted, (Ask::Withdraw, said)).await
}

/// 申請データ再利用: asks first.
pub(super) async fn ask_reuse(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.reuse_page(&app, &Actor::Agent(staff.actor.clone()), &staff.visit)
}

/// 確定 of 申請データ再利用.
pub(super) async fn reuse(
    State(app): State<Shared>,
    staff: AgentStaff,
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
    staff: AgentStaff,
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
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.update_memo(&app, Actor::Agent(staff.actor.clone()), &staff.visit, &posted).await
}

/// 認証用二次元コード, to print.
pub(super) async fn code(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    counter::page(&open(&app, &staff.actor, named, &asked)?, &staff.visit)
}
