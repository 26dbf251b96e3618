//! 一括送信 and 一括申請: with which of the chosen requests it will be done and with which it can't be; 確定 does what was
//! shown.

use super::list::{ALL, PICK};
use super::place::Place;
use super::query::Query;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::request::ServiceRequest;
use crate::service::error::Error;
use crate::service::filing;
use crate::service::requests::many::{self, Act, Preview};
use crate::web::kit::prelude::*;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// What was shown when 確定 was pressed.
const MARK: &str = "mark";

/// What was chosen, and from which list.
pub struct Choice {
    place: Place,
    act: Act,
    query: Query,
    all: bool,
    ids: Vec<RequestId>,
}

impl Choice {
    /// As an address or a form says: chosen rows, or everything that the list's search finds.
    ///
    /// # Errors
    /// Conditions that can't be understood; more requests than one piece of work takes.
    pub fn read(app: &App, actor: &Actor, place: Place, act: Act, asked: &Fields) -> Result<Self, Error> {
        let (query, all) = (Query::of(asked), asked.has(ALL));
        let ids = if all {
            let conditions = query.conditions(&place, &app.tables.regions)?;
            many::found(app, actor, place.procedure, act, &conditions, query.order())?
        } else {
            asked.all(PICK).filter_map(|id| id.parse().ok()).collect()
        };
        Ok(Self { place, act, query, all, ids })
    }

    /// The same rows of a list whose conditions stand elsewhere.
    #[must_use]
    pub fn behind(self, asked: &Fields) -> Self {
        Self { query: Query::of(asked), ..self }
    }

    /// The address of the list.
    pub fn list(&self) -> String {
        self.query.on(&self.place.list())
    }

    /// What will happen, or the list again when nothing is chosen.
    ///
    /// # Errors
    /// Only of the store.
    pub fn ask(&self, app: &App, actor: &Actor, visit: &Visit) -> Result<Response> {
        let preview = many::preview(app, actor, self.place.procedure, self.act, &self.ids)?;
        if preview.ready.is_empty() && preview.refused == 0 {
            return Ok(self.nothing(visit));
        }
        Ok(self.page(app, visit, &preview, &Markup::default(), StatusCode::OK))
    }

    /// The list, where nothing was chosen.
    pub fn nothing(&self, visit: &Visit) -> Response {
        let banner = Banner::warning(match (self.all, self.act) {
            (true, Act::Send) => "検索結果に、送信できる「依頼前」の依頼データはありません。",
            (true, Act::File) => "検索結果に、申請できる「受付済」の依頼データはありません。",
            (false, _) => "依頼データが選ばれていません。一覧の左端のチェックで選んでから、もう一度操作してください。",
        });
        visit.redirect(&self.list(), banner)
    }

    /// Which requests 確定 is about: those that were chosen, or those that the search found when it was shown. What it
    /// finds now may be others; then the page is shown again.
    ///
    /// # Errors
    /// Only of the store.
    pub fn agreed(
        &self,
        app: &App,
        actor: &Actor,
        visit: &Visit,
        posted: &Fields,
    ) -> Result<Result<Vec<RequestId>, Response>> {
        if !self.all {
            return Ok(Ok(self.ids.clone()));
        }
        let preview = many::preview(app, actor, self.place.procedure, self.act, &self.ids)?;
        if preview.mark() == posted.get(MARK) {
            return Ok(Ok(preview.ready));
        }
        let said = format!("確認している間に検索結果が変わりました。まだ{}していません。", self.verb());
        let above = Banner::warning(said).render();
        Ok(Err(self.page(app, visit, &preview, &above, StatusCode::CONFLICT)))
    }

    fn verb(&self) -> &'static str {
        match self.act {
            Act::Send => "送信",
            Act::File => "申請",
        }
    }

    /// Where 確定 leads.
    fn action(&self) -> String {
        match self.act {
            Act::Send => urls::send(self.place.procedure),
            Act::File => urls::file(self.place.procedure),
        }
    }

    fn sentence(&self, preview: &Preview) -> String {
        let verb = self.verb();
        let (what, look) = match self.act {
            Act::Send => ("代理人に送信します", "内容を確認のうえ、確定してください。"),
            Act::File => ("申請します", "内容と申込欄を確認のうえ、確定してください。"),
        };
        match (preview.ready.len(), preview.refused) {
            (0, refused) => {
                format!("選んだ{refused}件は、いまは{verb}できません。理由を確認して、直してから{verb}してください。")
            }
            (ready, 0) => format!("次の{ready}件を{what}。{look}"),
            (ready, refused) => {
                format!("次の{ready}件を{what}。{verb}できない{refused}件は{verb}しません。{look}")
            }
        }
    }

    fn page(&self, app: &App, visit: &Visit, preview: &Preview, above: &Markup, status: StatusCode) -> Response {
        let (verb, ready, back) = (self.verb(), preview.ready.len(), self.list());
        let sentence = self.sentence(preview);
        let columns = self.columns();
        let [will, cannot] = [format!("{verb}する依頼データ"), format!("{verb}できない依頼データ")];
        let shown = html! {
            @if ready > 0 {
                div .card {
                    h2 { (will) "（" (ready) "件）" }
                    (table(&will, &columns, &html! { @for request in &preview.shown { tr { (self.cells(app, preview, request)) } } }))
                    (more(ready, preview.shown.len()))
                    @if self.act == Act::File {
                        (Definitions::new().wide("申込欄", filing::DECLARATION).render())
                    }
                }
            }
            @if preview.refused > 0 {
                div .card {
                    h2 { (cannot) "（" (preview.refused) "件）" }
                    (table(&cannot, &[columns.as_slice(), &[Column::new("理由")]].concat(), &html! {
                        @for (request, reason) in &preview.reasons { tr { (self.cells(app, preview, request)) td .wrap { (reason) } } }
                    }))
                    (more(preview.refused, preview.reasons.len()))
                }
            }
        };
        let body = html! {
            (above)
            @if ready == 0 {
                (Banner::warning(sentence).render())
                (shown)
                (action_bar(&button::link("戻る", &back), &Markup::default()))
            } @else {
                (form::post(visit, &self.action(), &html! {
                    div .banner.ask { p { strong { (sentence) } } }
                    (shown)
                    @for (name, value) in self.query.fields().iter() { (form::hidden(name, value)) }
                    @if self.all { (form::hidden(ALL, "1")) (form::hidden(MARK, &preview.mark())) }
                    @else { @for id in &preview.ready { (form::hidden(PICK, &id.to_string())) } }
                    (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &back)) }, &Markup::default()))
                }))
            }
        };
        let what = if self.act == Act::Send { "一括送信" } else { "申請" };
        let title = format!("【{}】{what}", self.place.procedure.label);
        (status, visit.page(&title, self.place.here(), &body)).into_response()
    }

    fn columns(&self) -> Vec<Column<'static>> {
        let mut columns = vec![
            Column::new("申請ID"),
            Column::new(self.place.procedure.plate_label),
            Column::new("車台番号"),
            Column::new("使用者"),
        ];
        if self.place.is_agent() {
            columns.extend([Column::new("依頼人"), Column::new("申請先")]);
        }
        columns
    }

    fn cells(&self, app: &App, preview: &Preview, request: &ServiceRequest) -> Markup {
        let procedure = self.place.procedure;
        let name = procedure.field("name").map_or("", |field| request.text(field.no));
        let office = request.office.and_then(|number| app.tables.offices.get(procedure.vehicle, number));
        html! {
            td .subject { a href=(self.query.on(&self.place.record(request.id, ""))) { (request.id) } }
            td { @if let Some(number) = &request.plate { (plate(number, procedure.vehicle, false)) } }
            td { @if let Some(chassis) = &request.chassis { (chassis.number) } }
            td .name { (name) }
            @if self.place.is_agent() {
                td .name { (preview.clients.get(&request.client).map_or("", String::as_str)) }
                td { (office.map_or("―", |office| office.name.as_str())) }
            }
        }
    }
}

fn more(all: usize, shown: usize) -> Markup {
    html! { @if all > shown { p .rule { "このほか" (all - shown) "件" } } }
}
