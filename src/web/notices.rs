//! お知らせ案内検索: the first page after sign-in (manual P15; agent guide).

use super::agent::certificates::announcement;
use super::kit::prelude::*;
use crate::app::Shared;
use crate::domain::problem::Problems;
use crate::domain::text;
use crate::domain::time::Day;
use crate::service::error::Error;
use crate::service::notices::{self, Wanted};
use crate::service::sessions::CurrentActor;
use crate::store::{Audience, Notice};
use axum::extract::State;
use axum::response::Response;

const COLUMNS: [Column<'_>; 6] = [
    Column::new("登録日"),
    Column::new("重要度"),
    Column::new("対象"),
    Column::new("件名"),
    Column::new("内容"),
    Column::new("リンク"),
];

/// `GET /client` and `GET /agent`.
pub(super) async fn show(State(app): State<Shared>, visit: Visit, asked: Fields) -> Result<Response> {
    let action = urls::home(visit.inner().application.ok_or(Error::NotFound)?);
    let mut problems = Problems::new();
    let mut day = |name: &str| {
        let typed = text::normalise(asked.get(name));
        let day = Day::parse(&typed);
        if day.is_none() && !typed.is_empty() && problems.is_empty() {
            problems.add("published", "登録日は、2026/01/06 のように年月日で入力してください。");
        }
        day
    };
    let wanted = Wanted {
        from: day("published_from"),
        to: day("published_to"),
        audiences: Audience::ALL
            .into_iter()
            .filter(|audience| asked.all("audience").any(|key| key == key_of(*audience)))
            .collect(),
    };
    if wanted.from.zip(wanted.to).is_some_and(|(from, to)| from > to) {
        problems.add("published", "登録日は、始まりの日が終わりの日より前になるように入力してください。");
    }
    let announced = match visit.reader().map(|reader| &reader.actor) {
        Some(CurrentActor::Agent(actor)) => announcement(&app, actor, false)?,
        _ => Markup::default(),
    };
    let (page, size) = Listed::asked(&asked);
    // What can't be read finds nothing, rather than everything.
    let (rows, total) = if problems.is_empty() { notices::search(&app, &wanted, page, size)? } else { (Vec::new(), 0) };
    let basic = html! {
        (field("published", "登録日").span(4).problems(&problems)
            .date_range(asked.get("published_from"), asked.get("published_to")))
        (field("audience", "対象").span(8).checks(
            Audience::ALL.map(|audience| (key_of(audience), audience.label(), wanted.audiences.contains(&audience)))))
    };
    let found = if rows.is_empty() {
        empty_state(
            "該当するお知らせはありません。",
            &html! {
                @if !asked.query().is_empty() { (button::link("条件をリセットする", &action)) }
            },
        )
    } else {
        table("お知らせの一覧", &COLUMNS, &html! { @for notice in &rows { (row(notice)) } })
    };
    let body = html! {
        (error_summary(&problems))
        (announced)
        (SearchPanel { action: &action, basic, details: None }.render())
        (listing(Listed { total, page, size }, &action, &asked, &html! {}, &found))
    };
    Ok(page_with(&visit, &problems, "お知らせ案内検索", Here::NONE, &body))
}

fn row(notice: &Notice) -> Markup {
    html! {
        tr {
            td { (notice.published) }
            td { @if notice.important { span .important { "重要" } } }
            td { (notice.audience.label()) }
            td .subject { (notice.subject) }
            td .wrap { (notice.body) }
            td { @if let Some(link) = notice.link.as_deref().filter(|link| leads_somewhere(link)) {
                a href=(link) rel="noopener noreferrer" { "リンク" span .visually-hidden { "：" (notice.subject) } }
            } }
        }
    }
}

/// Addresses of pages only: nothing that would run as a script.
fn leads_somewhere(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://") || (link.starts_with('/') && !link.starts_with("//"))
}

fn key_of(audience: Audience) -> &'static str {
    match audience {
        Audience::All => "all",
        Audience::Registered => "registered",
        Audience::Light => "light",
    }
}
