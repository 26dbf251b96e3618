//! Long work as its owner sees it: progress while it goes on, then what came of each item. The page loads itself again
//! without scripts; with them only the parts that changed.

use super::kit::prelude::*;
use super::kit::visit::redirect;
use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::ids::WorkId;
use crate::domain::procedure::{self, Procedure};
use crate::domain::role::Application;
use crate::domain::work::{Outcome, Subject, Work, WorkKind, WorkState};
use crate::service::error::Error;
use crate::service::sessions::CurrentActor;
use crate::service::work::{self, ItemView, KEPT_DAYS, Shown, WorkView};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Seconds until a page without scripts loads itself again.
const AGAIN: u32 = 3;
/// Set by the script, which looks for news itself.
const LIVE: &str = "live";

/// The reader, and the application they are in.
fn reader(visit: &Visit) -> Result<(Actor, Application), Error> {
    let application = visit.inner().application.ok_or(Error::NotFound)?;
    let actor = match &visit.reader().ok_or(Error::SignedOut)?.actor {
        CurrentActor::Client(actor) => Actor::Client(actor.clone()),
        CurrentActor::Agent(actor) => Actor::Agent(actor.clone()),
        CurrentActor::Simulator(_) => return Err(Error::NotFound),
    };
    Ok((actor, application))
}

fn number(text: &str) -> Result<WorkId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

/// One's own work, newest first.
pub(super) async fn list(State(app): State<Shared>, visit: Visit, asked: Fields) -> Result<Markup> {
    let (actor, application) = reader(&visit)?;
    let works = work::recent(&app, &actor)?;
    let (page, size) = Listed::asked(&asked);
    let listed = Listed { total: works.len() as u64, page, size };
    let shown: Vec<&Work> = listed.rows(&works).collect();
    let columns = [
        Column::new("開始日時"),
        Column::new("処理"),
        Column::new("状態"),
        Column::amount("件数"),
        Column::amount("できたもの"),
        Column::amount("できなかったもの"),
    ];
    let address = urls::works(application);
    let rows = if shown.is_empty() {
        let first = button::link("最初のページを表示する", &address);
        empty_state("このページに表示するものはありません。", &first)
    } else {
        table(
            "一括処理の一覧",
            &columns,
            &html! {
                @for work in shown {
                    tr {
                        td { a href=(urls::work(application, work.id)) { (work.created) } }
                        td { (title(work)) }
                        td { (state_tag(work)) }
                        td .amount { (work.items) }
                        td .amount { (work.done) }
                        td .amount { (work.failed) }
                    }
                }
            },
        )
    };
    let body = html! {
        p .lead { "あなたが始めた一括処理です。結果は終了から" (KEPT_DAYS) "日間見られます。" }
        @if works.is_empty() {
            (empty_state(none_yet(application), &button::link("最初の画面へ", &urls::home(application))))
        } @else {
            (listing(listed, &address, &asked, &Markup::default(), &rows))
        }
    };
    Ok(visit.page("一括処理の一覧", Here::NONE, &body))
}

/// Where bulk work is begun.
fn none_yet(application: Application) -> &'static str {
    match application {
        Application::Agent => {
            "一括処理はまだありません。依頼データ検索の一括申請や、OSS納付の一括納付を始めると、ここに並びます。"
        }
        _ => "一括処理はまだありません。依頼データ検索の一括送信や、依頼データ一括登録を始めると、ここに並びます。",
    }
}

/// One piece of work.
pub(super) async fn show(
    State(app): State<Shared>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Fields,
) -> Result<Response> {
    let (actor, application) = reader(&visit)?;
    let id = number(&id)?;
    let shown = if asked.get("show") == "failed" { Shown::Failed } else { Shown::All };
    let (page, size) = Listed::asked(&asked);
    let view = work::view(&app, &actor, id, shown, (page - 1).saturating_mul(size), size)?;
    let address = urls::work(application, id);
    let open = view.work.state == WorkState::Open;
    let listed = Listed { total: view.total.into(), page, size };
    let kept = asked.with(LIVE, "");
    let here = procedure::by_code(view.work.kind.procedure()).map_or(Here::NONE, |p| place(&view.work.kind, p));
    let body = html! {
        div #live data-live=[open.then_some(LIVE)] {
            section .card {
                p #work-said role="status" .said { (said(&view.work)) }
                div #work-progress { (progress(&view.work)) }
                p #work-advice .rule { (advice(&view.work)) }
            }
            div #work-items { (items(&view, shown, listed, &address, &kept, application)) }
            div #work-bar { (action_bar(
                &html! {
                    @if let Some((label, back)) = back(&view.work.kind, application) { (button::link(label, &back)) }
                    (button::link("一括処理の一覧", &urls::works(application)))
                },
                &html! { @if open { (button::act(&visit, "中止", &format!("{address}/cancel"), false)) } },
            )) }
        }
    };
    let mut response = visit.page(&format!("{}の結果", title(&view.work)), here, &body).into_response();
    if open
        && !asked.has(LIVE)
        && let Ok(value) = HeaderValue::from_str(&format!("{AGAIN};url={}", kept.on(&address)))
    {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Ok(response)
}

/// 中止.
pub(super) async fn cancel(State(app): State<Shared>, visit: Visit, Path(id): Path<String>) -> Result<Response> {
    let (actor, application) = reader(&visit)?;
    let work = work::cancel(&app, &actor, number(&id)?).await?;
    let to = urls::work(application, work.id);
    Ok(match work.state {
        WorkState::Cancelled => {
            visit.redirect(&to, Banner::ok("中止しました。すでに処理したものは、そのまま有効です。"))
        }
        _ => redirect(&to),
    })
}

fn title(work: &Work) -> String {
    let label = work.kind.label();
    procedure::by_code(work.kind.procedure())
        .map_or_else(|| label.to_owned(), |procedure| format!("【{}】{label}", procedure.label))
}

/// The menu item that a kind was begun under.
fn place(kind: &WorkKind, procedure: &'static Procedure) -> Here {
    match kind {
        WorkKind::Send { .. } | WorkKind::Import { .. } | WorkKind::File { .. } => Here::at(Menu::Requests, procedure),
        WorkKind::Pay { .. } => Here::at(Menu::Payments, procedure),
    }
}

/// The page that a kind was begun on.
fn back(kind: &WorkKind, application: Application) -> Option<(&'static str, String)> {
    let procedure = procedure::by_code(kind.procedure())?;
    Some(match kind {
        WorkKind::Send { .. } | WorkKind::File { .. } => ("依頼データ検索", urls::requests(application, procedure)),
        WorkKind::Pay { .. } => (procedure.payment_label, urls::payments(procedure)),
        WorkKind::Import { import, .. } => ("依頼データ一括登録", urls::import(procedure, *import)),
    })
}

fn state_tag(work: &Work) -> Markup {
    let tone = match work.state {
        WorkState::Open => Tone::Going,
        WorkState::Finished if work.failed == 0 => Tone::Done,
        WorkState::Finished => Tone::Waiting,
        WorkState::Cancelled | WorkState::Stopped => Tone::Stopped,
    };
    tag(tone, work.state.label())
}

/// What is said of it in one sentence; spoken when it changes.
fn said(work: &Work) -> String {
    let done = format!("{}件を{}", work.done, work.kind.done());
    let failed = match work.failed {
        0 => String::new(),
        failed => format!("{failed}件はできませんでした。"),
    };
    match work.state {
        WorkState::Open => "処理しています。".to_owned(),
        WorkState::Finished => format!("終わりました。{done}。{failed}"),
        WorkState::Cancelled => format!("中止しました。{done}。{failed}残りの{}件は処理していません。", work.left()),
        WorkState::Stopped => format!(
            "この処理をする権限がなくなったため、止まりました。{done}。{failed}残りの{}件は処理していません。",
            work.left()
        ),
    }
}

fn advice(work: &Work) -> String {
    match work.state {
        WorkState::Open => "この画面を閉じても処理は続きます。「一括処理の一覧」からいつでも開けます。".to_owned(),
        _ if work.failed > 0 => {
            format!(
                "できなかったものは、理由を確認して直してから、もう一度操作してください。この結果は{KEPT_DAYS}日間見られます。"
            )
        }
        _ => format!("この結果は{KEPT_DAYS}日間見られます。"),
    }
}

fn progress(work: &Work) -> Markup {
    let handled = work.handled();
    html! {
        p .gauge {
            progress max=(work.items) value=(handled) aria-label="進み具合" {}
            strong { (handled) " / " (work.items) " 件" }
            (state_tag(work))
        }
        (Definitions::new()
            .pair("開始日時", work.created.to_string())
            .pair("終了日時", work.ended.map(|ended| ended.to_string()).unwrap_or_default())
            .pair("できたもの", format!("{}件", work.done))
            .pair("できなかったもの", format!("{}件", work.failed))
            .render())
    }
}

fn items(
    view: &WorkView,
    shown: Shown,
    listed: Listed,
    address: &str,
    kept: &Fields,
    application: Application,
) -> Markup {
    let work = &view.work;
    let plate_label =
        procedure::by_code(work.kind.procedure()).map_or("登録番号", |procedure| procedure.plate_label);
    let mut columns =
        vec![Column::amount("順"), Column::new("申請ID"), Column::new(plate_label), Column::new("使用者")];
    if matches!(work.kind, WorkKind::Pay { .. }) {
        columns.extend([Column::new("手数料・税種別"), Column::amount("税手数料額")]);
    }
    columns.extend([Column::new("結果"), Column::new("理由")]);
    let tabs = html! {
        @if work.failed > 0 {
            nav .filter aria-label="表示する結果" {
                a href=(kept.with("show", "").with("page", "").on(address)) aria-current=[(shown == Shown::All).then_some("true")] { "すべて（" (work.items) "件）" }
                a href=(kept.with("show", "failed").with("page", "").on(address)) aria-current=[(shown == Shown::Failed).then_some("true")] { "できなかったもの（" (work.failed) "件）" }
            }
        }
    };
    let table = if view.items.is_empty() {
        empty_state("このページに表示するものはありません。", &html! { (button::link("すべて表示する", address)) })
    } else {
        table("結果の一覧", &columns, &html! { @for item in &view.items { (line(work, item, application)) } })
    };
    html! {
        (tabs)
        (listing(listed, address, kept, &Markup::default(), &table))
    }
}

fn line(work: &Work, view: &ItemView, application: Application) -> Markup {
    let request = view.request.as_ref();
    let (tone, label, reason) = match &view.item.outcome {
        Some(Outcome::Done { .. }) => (Tone::Done, "できました", ""),
        Some(Outcome::Failed { reason }) => (Tone::Stopped, "できませんでした", reason.as_str()),
        None if work.state == WorkState::Open => (Tone::Idle, "順番待ち", ""),
        None => (Tone::Idle, "処理していません", ""),
    };
    html! {
        tr {
            td .amount { (view.number) }
            td .subject {
                @match request {
                    Some(request) => a href=(urls::show(application, request.procedure(), request.id, request.status)) { (request.id) },
                    None => @match &view.item.subject {
                        Subject::Request(id) | Subject::Payment(id, ..) => (id),
                        Subject::Row(_, line) => { (line) "行目" },
                    },
                }
            }
            td {
                @if let Some(request) = request && let Some(number) = &request.plate { (plate(number, request.procedure().vehicle, false)) }
                @if let Some(row) = &view.row { (row.plate()) }
            }
            td .name {
                @if let Some(request) = request { (request.procedure().field("name").map_or("", |field| request.text(field.no))) }
                @if let Some(row) = &view.row { (row.cell("name")) }
            }
            @if let Subject::Payment(_, kind, amount) = &view.item.subject {
                td { (procedure::by_code(work.kind.procedure()).map_or("", |procedure| procedure.payment_name(*kind))) }
                td .amount { (amount) }
            }
            td { (tag(tone, label)) }
            td .wrap { (reason) }
        }
    }
}
