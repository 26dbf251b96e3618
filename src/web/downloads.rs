//! 各種ダウンロード, the same in both applications: which list, as what kind of file.

use super::kit::download;
use super::kit::prelude::*;
use crate::app::Shared;
use crate::domain::actor::Actor;
use crate::domain::problem::Problems;
use crate::domain::role::Application;
use crate::domain::text;
use crate::domain::time::Day;
use crate::report::Format;
use crate::service::downloads::{self, List};
use crate::service::error::Error;
use crate::service::sessions::CurrentActor;
use axum::extract::State;
use axum::response::Response;

/// 各種ダウンロード.
pub(super) async fn show(visit: Visit, asked: Fields) -> Result<Response> {
    Ok(page(&visit, &actor(&visit)?, &asked, &Problems::new()))
}

/// The file.
pub(super) async fn file(State(app): State<Shared>, visit: Visit, asked: Fields) -> Result<Response> {
    let actor = actor(&visit)?;
    let list = match wanted(&actor, &asked) {
        Ok(list) => list,
        Err(problems) => return Ok(page(&visit, &actor, &asked, &problems)),
    };
    match downloads::begin(&app, &actor, list, download::format(&asked)).await {
        Ok(file) => Ok(download::file(file)),
        Err(Error::Refused(reason)) => Ok(page(&visit, &actor, &asked, &Problems::one("format", reason.sentence()))),
        Err(other) => Err(other.into()),
    }
}

fn actor(visit: &Visit) -> Result<Actor> {
    match visit.reader().map(|reader| &reader.actor) {
        Some(CurrentActor::Client(actor)) => Ok(Actor::Client(actor.clone())),
        Some(CurrentActor::Agent(actor)) => Ok(Actor::Agent(actor.clone())),
        Some(CurrentActor::Simulator(_)) => Err(Error::Forbidden.into()),
        None => Err(Error::SignedOut.into()),
    }
}

/// The list that was chosen, with its days.
fn wanted(actor: &Actor, asked: &Fields) -> std::result::Result<List, Problems> {
    let mut problems = Problems::new();
    let day = |name: &str| {
        let typed = text::normalise(asked.get(name));
        if typed.is_empty() {
            return Ok(None);
        }
        Day::parse(&typed).map(Some).ok_or("日付は 2025/01/06 の形で入力してください。")
    };
    let from = problems.take("completed", day("completed_from")).flatten();
    let to = problems.take("completed", day("completed_to")).flatten();
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        problems.add("completed", "終わりの日は、始めの日以後の日にしてください。");
    }
    let chosen = downloads::offered(actor).into_iter().find(|list| list.key() == asked.get("list"));
    let Some(mut list) = chosen else {
        problems.add("list", "ダウンロードするデータを選んでください。");
        return Err(problems);
    };
    match &mut list {
        List::Requests(requests) if requests.filed => {
            requests.conditions.completed_from = from;
            requests.conditions.completed_to = to;
        }
        _ if from.is_some() || to.is_some() => {
            problems.add(
                "completed",
                "この条件は、申請データを選んだときだけ使えます。空欄にするか、申請データを選んでください。",
            );
        }
        _ => {}
    }
    problems.or(list)
}

fn page(visit: &Visit, actor: &Actor, asked: &Fields, problems: &Problems) -> Response {
    let application = match actor {
        Actor::Client(_) => Application::Client,
        Actor::Agent(_) => Application::Agent,
    };
    let lists = downloads::offered(actor);
    let chosen = asked.get("list");
    let format = download::format(asked);
    let scope = match actor {
        Actor::Client(actor) => actor.branch().is_some(),
        Actor::Agent(actor) => actor.branch().is_some(),
    };
    let body = html! {
        (error_summary(problems))
        p .lead {
            "一覧をファイルに保存します。"
            @if scope { "所属する拠点のデータだけが入ります。" }
            "ダウンロードしたことは記録されます。"
        }
        form .card method="get" action=(urls::download_file(application)) {
            div .rows {
                (field("list", "ダウンロードするデータ").required(true).problems(problems)
                    .radios(lists.iter().map(|list| (list.key(), list.title(actor), list.key() == chosen))))
                (field("completed", "登録完了日・検査記録完了日").problems(problems)
                    .rule("申請データを、手続が完了した日で絞り込むときに入力します（任意）。")
                    .date_range(asked.get("completed_from"), asked.get("completed_to")))
                (field(download::FORMAT, "ファイルの形式").required(true).problems(problems)
                    .rule("Excelで開くときは「Excel」、ほかのソフトに取り込むときはCSVを選びます。Shift_JISにない文字は「〓」に置き換え、最後の列に示します。")
                    .radios(Format::ALL.iter().map(|each| (each.key().to_owned(), each.label().to_owned(), *each == format))))
            }
            div .actions { (button::primary("ダウンロード")) }
        }
    };
    page_with(visit, problems, "各種ダウンロード", Here { menu: Some(Menu::Downloads), procedure: None }, &body)
}
