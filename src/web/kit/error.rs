//! Everything that goes wrong, as a Japanese page that says what to do next. Handlers return [`Failure`]; the page is
//! made at the edge by `web::edge`, where the reader and the request id are known, and axum's own refusals go the
//! same way.

use super::fields::Fields;
use super::layout::{self, Here};
use super::urls;
use super::visit::Visit;
use crate::service::error::Error;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::sync::Arc;

/// Why there is no page. Made from a service error by `?`.
#[derive(Debug)]
pub enum Failure {
    /// A use case refused.
    Service(Error),
    /// The request itself makes no sense, by HTTP status.
    Status(StatusCode),
    /// The form came from another site, or its token is not this session's.
    Forged,
    /// Outside the hours of service.
    Closed {
        /// `08:00`.
        opens: String,
        /// `22:00`.
        closes: String,
    },
}

/// Result of a handler.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl Failure {
    /// The HTTP status of its page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Status(status) => *status,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Closed { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Service(error) => match error {
                Error::NotFound => StatusCode::NOT_FOUND,
                Error::Forbidden => StatusCode::FORBIDDEN,
                Error::SignedOut => StatusCode::UNAUTHORIZED,
                Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Error::Refused(_) | Error::Conflict => StatusCode::CONFLICT,
                Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
                Error::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
                Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// Title, what is the matter, and what to do.
    fn words(&self) -> (&'static str, String, String) {
        let say = |title, what: &str, next: &str| (title, what.to_owned(), next.to_owned());
        match self {
            Self::Forged => say(
                "操作を確認できませんでした",
                "この操作は、このシステムの画面から送られたものと確認できなかったため、実行していません。",
                "画面を開き直して、もう一度操作してください。長い間開いたままの画面や、ログインし直す前の画面からは送れません。",
            ),
            Self::Closed { opens, closes } => (
                "ただいまご利用時間外です",
                format!("ご利用いただける時間は {opens} から {closes} までです（年末年始を除く）。"),
                "保存済みのデータはそのまま保管しています。ご利用時間になってから、もう一度開いてください。".to_owned(),
            ),
            Self::Service(error) => match error {
                Error::NotFound => say(
                    "ページが見つかりません",
                    "お探しのページまたはデータは、削除されたか、表示する権限がありません。",
                    "アドレスを確認するか、一覧から開き直してください。",
                ),
                Error::Forbidden => say(
                    "この操作はできません",
                    "お使いのユーザーの権限では、このページを表示したり操作したりできません。",
                    "必要なときは、管理者に権限の確認を依頼してください。",
                ),
                Error::SignedOut => say(
                    "ログインが必要です",
                    "ログインしていないか、一定時間操作がなかったためログアウトしました。送られた内容は保存していません。",
                    "もう一度ログインして、操作し直してください。",
                ),
                Error::Invalid(problems) => {
                    let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_ref()).collect();
                    (
                        "入力内容を確認してください",
                        all.join("　"),
                        "前の画面に戻り、入力を直してからもう一度送ってください。".to_owned(),
                    )
                }
                Error::Refused(reason) => ("いまはこの操作ができません", reason.sentence(), String::new()),
                Error::Conflict => say(
                    "別の人が先に更新しました",
                    "この画面を開いたあとに内容が変わったため、上書きしないように更新を取りやめました。",
                    "最新の内容を開き直して、もう一度入力してください。",
                ),
                Error::Busy => say(
                    "ただいま混み合っています",
                    "処理が集中しているため、受け付けられませんでした。何も変更していません。",
                    "少し待ってから、もう一度操作してください。",
                ),
                Error::StorageFull => say(
                    "保存できませんでした",
                    "保存先の空き容量が足りないため、何も変更していません。照会と検索はご利用いただけます。",
                    "システムの運営者に連絡してください。",
                ),
                Error::Internal(_) => say(
                    "システムに問題が起きました",
                    "処理を完了できませんでした。途中までの変更は残っていません。",
                    "もう一度操作しても同じときは、下の番号を添えてシステムの運営者に連絡してください。",
                ),
            },
            Self::Status(status) => match *status {
                StatusCode::NOT_FOUND => Self::Service(Error::NotFound).words(),
                StatusCode::UNAUTHORIZED => Self::Service(Error::SignedOut).words(),
                StatusCode::FORBIDDEN => Self::Service(Error::Forbidden).words(),
                StatusCode::METHOD_NOT_ALLOWED => say(
                    "この操作はできません",
                    "このページでは、その送り方の操作を受け付けていません。",
                    "画面のボタンやリンクから操作し直してください。",
                ),
                StatusCode::PAYLOAD_TOO_LARGE => say(
                    "送られた内容が大きすぎます",
                    "一度に受け付けられる大きさを超えているため、何も変更していません。",
                    "内容を減らして、もう一度送ってください。",
                ),
                StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => say(
                    "時間内に完了しませんでした",
                    "処理に時間がかかったため、中止しました。",
                    "一覧で結果を確認してから、もう一度操作してください。",
                ),
                StatusCode::MISDIRECTED_REQUEST => say(
                    "このアドレスではご利用いただけません",
                    "開いたアドレスが、このシステムに登録された名前と異なります。",
                    "利用登録通知書などに書かれたアドレスで開いてください。",
                ),
                status if status.is_server_error() => (
                    "システムに問題が起きました",
                    "処理を完了できませんでした。".to_owned(),
                    "もう一度操作しても同じときは、下の番号を添えてシステムの運営者に連絡してください。".to_owned(),
                ),
                _ => say(
                    "受け付けられない内容でした",
                    "送られた内容を読み取れなかったため、何も変更していません。",
                    "画面を開き直して、もう一度操作してください。",
                ),
            },
        }
    }

    /// The page. `back` is where the reader came from, when it is a page of this node.
    pub(in crate::web) fn page(&self, visit: &Visit, request_id: &str, back: Option<&str>) -> Markup {
        let (title, what, next) = self.words();
        let signed_out = self.status() == StatusCode::UNAUTHORIZED;
        let application = visit.inner().application;
        layout::page(
            visit,
            title,
            Here::NONE,
            &html! {
                div .card.failure {
                    p .what { (what) }
                    @if !next.is_empty() { p { (next) } }
                    p .ways {
                        @if signed_out && let Some(application) = application {
                            @let next = Fields::default().with("next", back.unwrap_or_default());
                            a .button.primary href=(next.on(&urls::sign_in(application))) { "ログイン" }
                        } @else {
                            @if let Some(back) = back { a .button href=(back) { "前の画面に戻る" } " " }
                            a .button href=(application.map_or_else(|| "/".to_owned(), urls::home)) { "最初の画面へ" }
                        }
                    }
                    p .request-id { "お問い合わせ番号：" code { (request_id) } }
                }
            },
        )
    }
}

/// Marks a response whose page is still to be made.
#[derive(Debug, Clone)]
pub(in crate::web) struct Unrendered(pub(in crate::web) Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Unrendered(Arc::new(self)));
        response
    }
}
