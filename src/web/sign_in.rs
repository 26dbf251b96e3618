//! ログイン, パスワード更新 and ログアウト of client and agent application (manual P13–14).

use super::edge::{Begins, Source};
use super::kit::banner;
use super::kit::prelude::*;
use super::kit::visit::redirect;
use crate::app::Shared;
use crate::domain::password;
use crate::domain::problem::Problems;
use crate::domain::role::Application;
use crate::service::error::Error;
use crate::service::sessions;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET …/sign-in`.
pub(super) async fn show(visit: Visit, asked: Fields) -> Result<Response> {
    let application = application(&visit)?;
    if visit.reader().is_some() {
        return Ok(redirect(&urls::home(application)));
    }
    let left = asked.has("left").then(|| Banner::ok("ログアウトしました。"));
    Ok(page(&visit, application, "", asked.get("next"), left.as_ref(), &Problems::new()).into_response())
}

/// `POST …/sign-in`.
pub(super) async fn enter(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
    form: Posted,
) -> Result<Response> {
    let application = application(&visit)?;
    let (login_id, password) = (form.get("login_id"), form.raw("password").unwrap_or_default());
    let mut missing = Problems::new();
    if login_id.is_empty() {
        missing.add("login_id", "ログインIDを入力してください。");
    }
    if password.is_empty() {
        missing.add("password", "パスワードを入力してください。");
    }
    let result = match missing.or(()) {
        Ok(()) => sessions::sign_in(&app, application, login_id, password.to_owned(), &source.0).await,
        Err(problems) => Err(problems.into()),
    };
    let signed_in = match form::problems(result)? {
        Ok(signed_in) => signed_in,
        Err(problems) => {
            let page = page(&visit, application, login_id, form.get("next"), None, &problems);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    // A session that this browser still held ends here.
    if let Some(earlier) = visit.reader() {
        sessions::sign_out(&app, earlier, &source.0).await?;
    }
    let to =
        if signed_in.must_change { urls::password(application) } else { urls::inside(application, form.get("next")) };
    Ok(with_cookie(redirect(&to), &visit.session_cookie(application, Some(&signed_in.token))))
}

/// `POST …/sign-out`.
pub(super) async fn leave(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
) -> Result<Response> {
    let application = application(&visit)?;
    if let Some(reader) = visit.reader() {
        sessions::sign_out(&app, reader, &source.0).await?;
    }
    let mut response = with_cookie(
        redirect(&format!("{}?left=1", urls::sign_in(application))),
        &visit.session_cookie(application, None),
    );
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// `GET …/password`: only on the way in, while a new password has to be chosen.
pub(super) async fn password(State(app): State<Shared>, visit: Visit) -> Result<Response> {
    let application = application(&visit)?;
    let reader = visit.reader().ok_or(Error::SignedOut)?;
    if !reader.session.must_change {
        return Ok(redirect(&urls::home(application)));
    }
    let reset = sessions::reset_by(&app, reader.session.user)?;
    Ok(password_page(&visit, reader, reset.as_deref(), &Problems::new()).into_response())
}

/// `POST …/password`.
pub(super) async fn change_password(
    State(app): State<Shared>,
    Extension(source): Extension<Source>,
    visit: Visit,
    form: Posted,
) -> Result<Response> {
    let application = application(&visit)?;
    let reader = visit.reader().ok_or(Error::SignedOut)?;
    if !reader.session.must_change {
        return Ok(redirect(&urls::home(application)));
    }
    let new = form.raw("password").unwrap_or_default().to_owned();
    let again = form.raw("password_again").unwrap_or_default();
    let changed = sessions::change_password(&app, reader, new, again, &source.0).await;
    match form::problems(changed)? {
        Ok(token) => {
            let mut response = visit.redirect(&urls::home(application), Banner::ok("パスワードを更新しました。"));
            response.extensions_mut().insert(Begins(sessions::hash_of(&token)));
            Ok(with_cookie(response, &visit.session_cookie(application, Some(&token))))
        }
        Err(problems) => {
            let page = password_page(&visit, reader, None, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

pub(super) fn application(visit: &Visit) -> Result<Application> {
    Ok(visit.inner().application.ok_or(Error::NotFound)?)
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn page(
    visit: &Visit,
    application: Application,
    login_id: &str,
    next: &str,
    left: Option<&Banner>,
    problems: &Problems,
) -> Markup {
    let content = html! {
        (form::hidden("next", next))
        div .stack {
            (field("login_id", "ログインID *").value(login_id).login_id())
            (field("password", "パスワード *").password("current-password"))
        }
        div .actions { (button::primary("ログイン")) }
    };
    visit.page("ログイン", Here::NONE, &html! {
        div .narrow {
            @if let Some(left) = left { (left.render()) }
            @if !problems.is_empty() { (banner::refusal(problems)) }
            div .card { (form::post(visit, &urls::sign_in(application), &content)) }
            p .muted.small-print {
                "ログインIDと初期パスワードは、利用登録通知書に記載されています。パスワードを忘れたときは、管理者に「パスワード再設定」を依頼してください。"
            }
        }
    })
}

fn password_page(visit: &Visit, reader: &sessions::Current, reset: Option<&str>, problems: &Problems) -> Markup {
    let action = urls::password(reader.session.application);
    let content = html! {
        div .card { div .rows {
            (field("login", "ログインID").value(&reader.login_id).fixed())
            (field("name", "ユーザー名").value(&reader.name).fixed())
            // Lets a password manager file the new password under the right name.
            input type="text" name="username" value=(reader.login_id) autocomplete="username" hidden;
            (field("password", "パスワード").required(true).rule(password::RULE).problems(problems).password("new-password"))
            (field("password_again", "パスワード（確認）").required(true).rule("確認のため、もう一度入力してください。")
                .problems(problems).password("new-password"))
        } }
        (action_bar(&button::primary("確定"), &html! {}))
    };
    visit.page("パスワード更新", Here::NONE, &html! {
        (error_summary(problems))
        @if let Some(reset) = reset { (Banner::warning(reset).render()) }
        p .lead { "続けてご利用いただくには、新しいパスワードを設定してください。更新すると、いまのパスワードは使えなくなります。" }
        (form::post(visit, &action, &content))
    })
}
