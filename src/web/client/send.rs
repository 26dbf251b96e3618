//! 一括送信: which of the chosen requests will be sent and which can't be, then the work itself in the background. The
//! question stands in an address, like a list; only 確定 changes something.

use crate::app::{App, Shared};
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::procedure::Procedure;
use crate::domain::request::ServiceRequest;
use crate::domain::role::{Application, ClientRole};
use crate::domain::work::{Subject, WorkKind};
use crate::service::error::Error;
use crate::service::requests::sending::{self, Preview};
use crate::service::work;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::list::{ALL, PICK};
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::query::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// What was shown when 確定 was pressed.
const MARK: &str = "mark";

/// What was chosen, and from which list.
struct Choice {
    place: Place,
    query: Query,
    all: bool,
    ids: Vec<RequestId>,
}

impl Choice {
    fn read(app: &App, actor: &Actor, procedure: &'static Procedure, asked: &Fields) -> Result<Self, Error> {
        let place = Place { application: Application::Client, procedure, kind: Kind::Requests };
        let (query, all) = (Query::of(asked), asked.has(ALL));
        let ids = if all {
            let conditions = query.conditions(&place, &app.tables.regions)?;
            sending::drafts(app, actor, procedure, &conditions, query.order())?
        } else {
            asked.all(PICK).filter_map(|id| id.parse().ok()).collect()
        };
        Ok(Self { place, query, all, ids })
    }

    fn list(&self) -> String {
        self.query.on(&self.place.list())
    }
}

/// What will happen.
pub(super) async fn ask(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let actor = Actor::Client(staff.actor.clone());
    let choice = Choice::read(&app, &actor, procedure, &asked)?;
    let preview = sending::preview(&app, &actor, procedure, &choice.ids)?;
    if preview.ready.is_empty() && preview.refused == 0 {
        let banner = Banner::warning(if choice.all {
            "検索結果に、送信できる「依頼前」の依頼データはありません。"
        } else {
            "依頼データが選ばれていません。一覧の左端のチェックで選んでから、もう一度操作してください。"
        });
        return Ok(staff.visit.redirect(&choice.list(), banner));
    }
    Ok(page(&staff, &choice, &preview, &Markup::default(), StatusCode::OK))
}

fn page(staff: &ClientStaff, choice: &Choice, preview: &Preview, above: &Markup, status: StatusCode) -> Response {
    let (place, ready) = (&choice.place, preview.ready.len());
    let sentence = match (ready, preview.refused) {
        (0, refused) => {
            format!("選んだ{refused}件は、いまは送信できません。理由を確認して、直してから送信してください。")
        }
        (ready, 0) => format!("次の{ready}件を代理人に送信します。内容を確認のうえ、確定してください。"),
        (ready, refused) => format!(
            "次の{ready}件を代理人に送信します。送信できない{refused}件は送信しません。内容を確認のうえ、確定してください。"
        ),
    };
    let columns = [
        Column::new("申請ID"),
        Column::new(place.procedure.plate_label),
        Column::new("車台番号"),
        Column::new("使用者"),
    ];
    let shown = html! {
        @if ready > 0 {
            div .card {
                h2 { "送信する依頼データ（" (ready) "件）" }
                (table("送信する依頼データ", &columns, &html! { @for request in &preview.shown { tr { (cells(choice, request)) } } }))
                (more(ready, preview.shown.len()))
            }
        }
        @if preview.refused > 0 {
            div .card {
                h2 { "送信できない依頼データ（" (preview.refused) "件）" }
                (table("送信できない依頼データ", &[columns.as_slice(), &[Column::new("理由")]].concat(), &html! {
                    @for (request, reason) in &preview.reasons { tr { (cells(choice, request)) td .wrap { (reason) } } }
                }))
                (more(preview.refused, preview.reasons.len()))
            }
        }
    };
    let back = choice.list();
    let body = html! {
        (above)
        @if ready == 0 {
            (Banner::warning(sentence).render())
            (shown)
            (action_bar(&button::link("戻る", &back), &Markup::default()))
        } @else {
            (form::post(&staff.visit, &urls::send(place.procedure), &html! {
                div .banner.ask { p { strong { (sentence) } } }
                (shown)
                @for (name, value) in choice.query.fields().iter() { (form::hidden(name, value)) }
                @if choice.all { (form::hidden(ALL, "1")) (form::hidden(MARK, &preview.mark())) }
                @else { @for id in &preview.ready { (form::hidden(PICK, &id.to_string())) } }
                (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &back)) }, &Markup::default()))
            }))
        }
    };
    let title = format!("【{}】一括送信", place.procedure.label);
    (status, staff.visit.page(&title, place.here(), &body)).into_response()
}

fn cells(choice: &Choice, request: &ServiceRequest) -> Markup {
    let procedure = choice.place.procedure;
    let name = procedure.field("name").map_or("", |field| request.text(field.no));
    html! {
        td .subject { a href=(choice.query.on(&choice.place.record(request.id, ""))) { (request.id) } }
        td { @if let Some(number) = &request.plate { (plate(number, procedure.vehicle, false)) } }
        td { @if let Some(chassis) = &request.chassis { (chassis.number) } }
        td .name { (name) }
    }
}

fn more(all: usize, shown: usize) -> Markup {
    html! { @if all > shown { p .rule { "このほか" (all - shown) "件" } } }
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
    let choice = Choice::read(&app, &actor, procedure, &posted)?;
    let ids = if choice.all {
        let preview = sending::preview(&app, &actor, procedure, &choice.ids)?;
        if preview.mark() != posted.get(MARK) {
            let above = Banner::warning("確認している間に検索結果が変わりました。まだ送信していません。").render();
            return Ok(page(&staff, &choice, &preview, &above, StatusCode::CONFLICT));
        }
        preview.ready
    } else {
        choice.ids.clone()
    };
    let kind = WorkKind::Send { procedure: procedure.code };
    let subjects = ids.into_iter().map(Subject::Request).collect();
    let id = work::begin(&app, &actor, kind, subjects, posted.once()?).await?;
    let banner = Banner::ok("一括送信を始めました。この画面を閉じても処理は続きます。");
    Ok(staff.visit.redirect(&urls::work(Application::Client, id), banner))
}
