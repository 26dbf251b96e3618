//! One record opened from its address: the view, the list behind it, and the neighbours in that list.

use super::place::{Kind, Place};
use super::query::Query;
use super::search;
use super::show::{Around, show};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::request::ServiceRequest;
use crate::domain::role::Application;
use crate::domain::workflow::{Action, ActionKind};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::service::requests;
use crate::service::requests::view::{self, RequestView};
use crate::web::kit::prelude::*;
use crate::web::kit::visit::redirect;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The name of the memo that a メモ更新 was made from.
const MEMO_BEFORE: &str = "memo_before";

/// A record that the reader may see.
#[derive(Debug)]
pub struct Record {
    /// Where it stands now, whichever address was used.
    pub place: Place,
    /// The record with everything around it.
    pub view: RequestView,
    /// The list it was opened from.
    pub query: Query,
}

impl Record {
    /// Opens it.
    ///
    /// # Errors
    /// `NotFound` outside the reader's scope, and under another procedure's address.
    pub fn open(
        app: &App,
        actor: &Actor,
        procedure: &'static Procedure,
        id: RequestId,
        asked: &Fields,
    ) -> Result<Self, Error> {
        let view = view::view(app, actor, id)?;
        if view.request.procedure != procedure.code {
            return Err(Error::NotFound);
        }
        let application = match actor {
            Actor::Client(_) => Application::Client,
            Actor::Agent(_) => Application::Agent,
        };
        let place = Place { application, procedure, kind: Kind::of(view.request.status) };
        Ok(Self { place, view, query: Query::of(asked) })
    }

    /// The address of its page or of a sub-page, with the list behind it.
    pub fn address(&self, verb: &str) -> String {
        self.query.on(&self.place.record(self.view.request.id, verb))
    }

    /// Whether the reader can do this now: the button stands and the action succeeds.
    pub fn can(&self, action: ActionKind) -> bool {
        self.view.available.contains(&action)
    }

    /// Refuses a page for something that can't be done now.
    ///
    /// # Errors
    /// The status, when the action is not available.
    pub fn require(&self, action: ActionKind) -> Result<(), Error> {
        if self.can(action) {
            return Ok(());
        }
        Err(Reason::WrongStatus { action: action.label(), status: self.view.request.status.label() }.into())
    }

    /// 照会. Another kind's address leads to the right one.
    ///
    /// # Errors
    /// Only of the store.
    pub fn page(&self, app: &App, actor: &Actor, visit: &Visit, asked_for: Kind, actions: &Markup) -> Result<Response> {
        if self.place.kind != asked_for {
            return Ok(redirect(&self.place.record(self.view.request.id, "")));
        }
        let conditions = self
            .query
            .conditions(&self.place, &app.tables.regions)
            .or_else(|_| Query::default().conditions(&self.place, &app.tables.regions));
        let id = self.view.request.id;
        let (previous, next) = match conditions {
            Ok(conditions) => view::neighbours(app, actor, self.place.procedure, &conditions, self.query.order(), id)?,
            Err(_) => (None, None),
        };
        let neighbour = |id: Option<RequestId>| id.map(|id| self.query.on(&self.place.record(id, "")));
        let (previous, next) = (neighbour(previous), neighbour(next));
        // Who went on to the next ones comes back to where the last of them stands.
        let list = self.query.at_page(1).fields().with(search::BESIDE, id.to_string()).on(&self.place.list());
        let around = Around { list: &list, previous: previous.as_deref(), next: next.as_deref() };
        let body = html! { (super::counter::block(self)) (show(&self.place, &self.view, around, actions)) };
        Ok(visit.page(&self.place.title("照会"), self.place.here(), &body).into_response())
    }

    fn stored_memo(&self) -> &str {
        self.place.procedure.field("memo").map_or("", |memo| self.view.request.text(memo.no))
    }

    /// メモ更新.
    pub fn memo_page(&self, visit: &Visit) -> Response {
        let stored = self.stored_memo();
        self.memo_form(visit, stored, stored, &Problems::new(), &Markup::default())
    }

    /// The form with what was typed, and the memo that it was made from.
    fn memo_form(&self, visit: &Visit, typed: &str, before: &str, problems: &Problems, above: &Markup) -> Response {
        let described = self.place.procedure.field("memo");
        let back = self.address("");
        let body = html! {
            (error_summary(problems))
            (above)
            (super::show::fixed_head(&self.place, &self.view))
            (form::post(visit, &self.address("memo"), &html! {
                (form::hidden(MEMO_BEFORE, before))
                (group("memo-block", "", &html! {
                    @if let Some(memo) = described {
                        (field(memo.key, memo.label).rule(memo.rule).value(typed).problems(problems).area(400, 6))
                    }
                }))
                (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &back)) }, &Markup::default()))
            }))
        };
        let title = format!("【{}】メモ更新", self.place.procedure.label);
        page_with(visit, problems, &title, self.place.here(), &body)
    }

    /// 確定 of メモ更新.
    ///
    /// # Errors
    /// Those of the use case, except what the form itself can show.
    pub async fn update_memo(self, app: &App, actor: Actor, visit: &Visit, posted: &Posted) -> Result<Response> {
        let typed = posted.get("memo");
        // Browsers send line ends in another form.
        let before = posted.get(MEMO_BEFORE).replace("\r\n", "\n");
        let memo = match memo(self.place.procedure, posted) {
            Ok(memo) => memo,
            Err(problems) => return Ok(self.memo_form(visit, typed, &before, &problems, &Markup::default())),
        };
        let id = self.view.request.id;
        match requests::update_memo(app, actor.clone(), id, before, memo, posted.once()?).await {
            Ok(request) => Ok(self.done(visit, &request, Banner::ok("メモを更新しました。"))),
            Err(Error::Conflict) => {
                // Read again: what is shown is what the record holds now.
                let now = Self { view: view::view(app, &actor, id)?, ..self };
                let stored = now.stored_memo();
                let above = Banner::warning("別の人が先に更新しました。あなたの入力はまだ保存していません。")
                    .with_lines([format!("いまのメモ：{}", if stored.is_empty() { "―" } else { stored })])
                    .render();
                let page = now.memo_form(visit, typed, stored, &Problems::new(), &above);
                Ok((StatusCode::CONFLICT, page).into_response())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// One of the plain actions, and the record's page with what is said of it.
    ///
    /// # Errors
    /// Those of the use case.
    pub async fn act(
        &self,
        app: &App,
        actor: impl Into<Actor>,
        visit: &Visit,
        posted: &Posted,
        (action, said): (Action, &'static str),
    ) -> Result<Response> {
        let request = requests::act(app, actor, self.view.request.id, action, posted.once()?).await?;
        Ok(self.done(visit, &request, Banner::ok(said)))
    }

    /// 申請データ再利用: what will be taken along, and whether a fee would be paid twice.
    ///
    /// # Errors
    /// The status, when it is not available; those of the store.
    pub fn reuse_page(&self, app: &App, actor: &Actor, visit: &Visit) -> Result<Response> {
        self.require(ActionKind::Reuse)?;
        let same = requests::reuse::same_vehicle(app, actor, &self.view.request)?;
        let shown = html! {
            @if !same.is_empty() {
                div .banner.warning {
                    p { strong { "同じ車両に、処理中または30日以内に完了した申請があります。" } }
                    p { "申請ID " (same.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("、")) "。このまま作成すると、手数料を二重に納付することがあります。" }
                }
            }
            (super::show::identity(&self.place, &self.view).render())
            p .rule { "車両と入力した内容を引き継ぎます。申請予定日・管理番号・納付した手数料と税は引き継ぎません。" }
        };
        let body = confirm(
            visit,
            &self.address("reuse"),
            "この申請データの内容で、新しい申請IDの依頼データを作成します。手数料と税は、もう一度納付が必要です。",
            &shown,
            &Markup::default(),
            &self.address(""),
            false,
        );
        let title = format!("【{}】{}", self.place.procedure.label, ActionKind::Reuse.label());
        Ok(page_with(visit, &Problems::new(), &title, self.place.here(), &body))
    }

    /// 確定 of 申請データ再利用: leads to the new request.
    ///
    /// # Errors
    /// Those of the use case.
    pub async fn reuse(&self, app: &App, actor: impl Into<Actor>, visit: &Visit, posted: &Posted) -> Result<Response> {
        let id = self.view.request.id;
        let made = requests::reuse::reuse(app, actor, id, posted.once()?).await?;
        let next = if self.place.is_agent() { "申請" } else { "送信" };
        let said =
            format!("申請ID {id} の内容で、新しい依頼データを作成しました。内容を確認して、{next}してください。");
        let place = self.place.with(Kind::of(made.status));
        Ok(visit.redirect(&place.record(made.id, ""), Banner::ok(said)))
    }

    /// 依頼データ削除: what will go.
    ///
    /// # Errors
    /// The status, when it is not available.
    pub fn delete_page(&self, visit: &Visit) -> Result<Response> {
        self.require(ActionKind::Delete)?;
        let body = confirm(
            visit,
            &self.address("delete"),
            "この依頼データを削除します。削除すると元に戻せません。",
            &super::show::identity(&self.place, &self.view).render(),
            &form::version(self.view.request.version),
            &self.address(""),
            true,
        );
        Ok(page_with(visit, &Problems::new(), &self.place.title("削除"), self.place.here(), &body))
    }

    /// Leads to the record's page after something was done to it.
    pub fn done(&self, visit: &Visit, request: &ServiceRequest, banner: Banner) -> Response {
        let place = self.place.with(Kind::of(request.status));
        visit.redirect(&self.query.on(&place.record(request.id, "")), banner)
    }
}

/// 確定 of 依頼データ削除. The record is not opened first: of a form sent twice it is gone already.
///
/// # Errors
/// Those of the use case.
pub async fn delete_record(
    app: &App,
    actor: impl Into<Actor>,
    visit: &Visit,
    (place, id): (Place, RequestId),
    asked: &Fields,
    posted: &Posted,
) -> Result<Response> {
    requests::delete(app, actor, id, posted.version().ok(), posted.once()?).await?;
    let list = Query::of(asked).on(&place.list());
    Ok(visit.redirect(&list, Banner::ok(format!("依頼データ（申請ID {id}）を削除しました。"))))
}

/// メモ as typed, after the field's own rule.
///
/// # Errors
/// What is wrong with it.
fn memo(procedure: &Procedure, typed: &Fields) -> Result<String, Problems> {
    let Some(field) = procedure.field("memo") else { return Ok(String::new()) };
    match crate::domain::field::parse(field, typed.get(field.key)) {
        Ok(Some(crate::domain::request::Value::Text(text))) => Ok(text),
        Ok(_) => Ok(String::new()),
        Err(message) => Err(Problems::one(field.key, message)),
    }
}
