//! Forms that take an electronic certificate as a .p12 file, and what pages say of one: the same for garages and agents.

use crate::app::App;
use crate::domain::problem::Problems;
use crate::pki::certificate::Details;
use crate::pki::p12;
use crate::secret::Secret;
use crate::service::key_files::{FILE, PASSWORD, PRACTICE_PASSWORD, Uploaded};
use crate::web::kit::prelude::*;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The rows of the form. `kinds` says which certificates are meant.
pub(super) fn rows(kinds: &str, password: &str, problems: &Problems) -> Markup {
    html! {
        (field(FILE, "証明書ファイル").required(true).problems(problems)
            .rule(&format!("拡張子が「.p12」の、{kinds}のファイルを選びます（64 KBまで）。"))
            .file(p12::ENDING, !problems.is_empty()))
        (field(PASSWORD, "証明書パスワード").required(true).problems(problems)
            .rule(&format!("{password}を入力します。パスワードは保存しません。"))
            .password("off"))
    }
}

/// What was posted.
///
/// # Errors
/// That the file or its password is missing, or the file too large.
pub(super) fn taken(posted: &Posted) -> Result<Uploaded, Problems> {
    let mut problems = Problems::new();
    let password = posted.raw(PASSWORD).unwrap_or_default();
    let file = problems.take(FILE, posted.file(FILE));
    if password.is_empty() {
        problems.add(PASSWORD, "証明書パスワードを入力してください。");
    }
    let file = file.map(|file| (file.name().to_owned(), file.content().to_vec())).unwrap_or_default();
    problems.or(Uploaded { name: file.0, content: file.1, password: Secret::new(password.to_owned()) })
}

/// Offers a certificate to practise with, where one can be made.
pub(super) fn practice_note(app: &App, address: &str) -> Markup {
    html! {
        @if !app.profile().is_production() {
            div .banner role="note" {
                p { strong { "訓練環境では、練習用の電子証明書をお使いいただけます。" }
                    "証明書パスワードは「" code { (PRACTICE_PASSWORD) } "」です。 "
                    a href=(address) download { "練習用の電子証明書（.p12）をダウンロード" } }
            }
        }
    }
}

/// That certificate.
pub(super) fn practice(content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-pkcs12"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"practice.p12\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, content).into_response()
}

/// What identifies a certificate.
pub(super) fn issued(details: &Details) -> Markup {
    let issuer = [details.issuer.organization.as_str(), &details.issuer.common_name].join("　");
    html! {
        section .card #issued {
            h2 { "電子証明書の内容" }
            (Definitions::new()
                .pair("発行者", issuer.trim())
                .pair("シリアル番号", details.serial.to_uppercase())
                .wide("フィンガープリント（SHA-256）", details.fingerprint.to_uppercase())
                .render())
        }
    }
}
