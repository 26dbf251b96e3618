//! ユーザー切替 (small offices): the users that the person behind a session holds. Going from one to the other, adding one
//! by its password, letting one go.

use super::edge::Source;
use super::kit::prelude::*;
use super::kit::visit::{Reader, redirect};
use super::sign_in::{application, with_cookie};
use crate::app::Shared;
use crate::domain::ids::UserId;
use crate::domain::problem::Problems;
use crate::domain::role::Application;
use crate::service::error::Error;
use crate::service::sessions::persons::{self, Other};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Applications whose users can be added.
const ADDABLE: [Application; 2] = [Application::Client, Application::Agent];

/// `GET …/my-users`.
pub(super) async fn show(visit: Visit) -> Result<Response> {
    Ok(page(&visit, reader(&visit)?, &Fields::default(), &Problems::new()).into_response())
}

/// `POST …/my-users/switch`: on to the notices of the other user's application, or to パスワード更新 first.
pub(super) async fn switch(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
    posted: Posted,
) -> Result<Response> {
    let other = named(&visit, &posted)?;
    let held = visit.token_of(other.application);
    match form::problems(persons::switch(&app, reader(&visit)?, other.user, held, &source.0).await)? {
        Ok(signed_in) => {
            let to =
                if signed_in.must_change { urls::password(other.application) } else { urls::home(other.application) };
            Ok(with_cookie(redirect(&to), &visit.session_cookie(other.application, Some(&signed_in.token))))
        }
        Err(problems) => refused(&visit, &problems),
    }
}

/// `POST …/my-users/add`.
pub(super) async fn add(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
    posted: Posted,
) -> Result<Response> {
    let reader = reader(&visit)?;
    let of = ADDABLE.into_iter().find(|application| application.slug() == posted.get("application"));
    let (login_id, password) = (posted.get("login_id"), posted.raw("password").unwrap_or_default());
    let mut missing = Problems::new();
    if of.is_none() {
        missing.add("application", "アプリケーションを選んでください。");
    }
    if login_id.is_empty() {
        missing.add("login_id", "ログインIDを入力してください。");
    }
    if password.is_empty() {
        missing.add("password", "パスワードを入力してください。");
    }
    let added = match (missing.or(()), of) {
        (Ok(()), Some(of)) => persons::add(&app, reader, of, login_id, password.to_owned(), &source.0).await,
        (Err(problems), _) => Err(problems.into()),
        (Ok(()), None) => Err(Error::NotFound),
    };
    match form::problems(added)? {
        Ok(name) => {
            let said = format!("「{name}」を追加しました。画面右上の「ユーザー切替」から切り替えられます。");
            Ok(visit.redirect(&urls::users(application(&visit)?, ""), Banner::ok(said)))
        }
        Err(problems) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&visit, reader, &posted, &problems)).into_response())
        }
    }
}

/// `POST …/my-users/remove`.
pub(super) async fn remove(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
    posted: Posted,
) -> Result<Response> {
    let other = named(&visit, &posted)?;
    match form::problems(persons::remove(&app, reader(&visit)?, other.user, &source.0).await)? {
        Ok(name) => {
            let said = format!("「{name}」を解除しました。このユーザーを使うときは、ログインし直してください。");
            Ok(visit.redirect(&urls::users(application(&visit)?, ""), Banner::ok(said)))
        }
        Err(problems) => refused(&visit, &problems),
    }
}

fn reader(visit: &Visit) -> Result<&Reader> {
    Ok(visit.reader().ok_or(Error::SignedOut)?)
}

/// The user that a button names: one of those that the page offered.
fn named<'a>(visit: &'a Visit, posted: &Posted) -> Result<&'a Other> {
    let id: UserId =
        posted.parsed("user").ok_or_else(|| Error::from(Problems::one("user", "ユーザーを選んでください。")))?;
    Ok(reader(visit)?.others.iter().find(|other| other.user == id).ok_or(Error::NotFound)?)
}

fn refused(visit: &Visit, problems: &Problems) -> Result<Response> {
    let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_ref()).collect();
    Ok(visit.redirect(&urls::users(application(visit)?, ""), Banner::warning(said.join(" "))))
}

fn page(visit: &Visit, reader: &Reader, typed: &Fields, problems: &Problems) -> Markup {
    let here = reader.session.application;
    let applications = ADDABLE.map(|application| (application.slug(), application.label()));
    let chosen = if typed.has("application") { typed.get("application") } else { here.slug() };
    let columns = ["ユーザー名", "ログインID", "所属", "権限", "アプリケーション"].map(Column::new);
    let found = if reader.others.is_empty() {
        html! { p .muted { "切り替えられるユーザーは、まだありません。" } }
    } else {
        let columns: Vec<_> = columns.into_iter().chain([Column::new("操作")]).collect();
        table(
            "切り替えられるユーザー",
            &columns,
            &html! {
                @for other in &reader.others { (row(visit, reader, other)) }
            },
        )
    };
    let now = Definitions::new()
        .pair("ユーザー名", reader.name.as_str())
        .pair("ログインID", reader.login_id.as_str())
        .pair("所属", reader.place.as_str())
        .pair("権限", reader.role);
    visit.page("ユーザー切替", Here::NONE, &html! {
        (error_summary(problems))
        p .lead { "お一人で複数のユーザーをお持ちのときは、ここに追加すると、ログインし直さずに切り替えられます。操作の記録には、いつも、そのとき使っていたユーザーと権限が残ります。" }
        section .card #now { h2 { "いまのユーザー" } (now.render()) }
        section .card #others { h2 { "切り替えられるユーザー" } (found) }
        (form::post(visit, &urls::users(here, "add"), &html! {
            (group("adding", "別のユーザーを追加", &html! {
                (field("application", "アプリケーション").required(true).value(chosen).problems(problems)
                    .select(None, applications))
                (field("login_id", "ログインID").required(true).value(typed.get("login_id")).problems(problems)
                    .rule("ご自分がお持ちのユーザーのログインIDです。").text(32))
                (field("password", "パスワード").required(true).problems(problems)
                    .rule("そのユーザーのパスワードです。ご本人であることの確認に使います。").password("off"))
            }))
            (action_bar(&button::primary("追加"), &Markup::default()))
        }))
    })
}

fn row(visit: &Visit, reader: &Reader, other: &Other) -> Markup {
    let here = reader.session.application;
    let act = |verb, label, primary| {
        let content = html! {
            (form::hidden("user", &other.user.to_string()))
            button class=(if primary { "button small primary" } else { "button small" }) type="submit"
                aria-label={ (label) "：" (other.name) } { (label) }
        };
        form::inline(visit, &urls::users(here, verb), &content)
    };
    html! {
        tr {
            td { (other.name) }
            td { (other.login_id) }
            td .name { (other.place) }
            td { (other.role) }
            td .name { (other.application.label()) }
            td {
                (act("switch", "切替", true)) " "
                @if reader.session.signed_in_as == Some(other.user) { span .muted { "ログインに使用中" } }
                @else { (act("remove", "解除", false)) }
            }
        }
    }
}
