//! Files on their way to the browser, and the small form that asks for one.

use super::fields::{self, Fields};
use super::form;
use crate::report::Format;
use crate::service::downloads::Download;
use crate::service::error::Error;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use maud::{Markup, html};

/// Name of the field with the kind of file.
pub const FORMAT: &str = "format";

/// Beside a list: the kind of file and ダウンロード. `asked` are the conditions of the list.
pub fn form(action: &str, asked: &Fields) -> Markup {
    html! {
        form .download method="get" action=(action) {
            @for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) { (form::hidden(name, value)) }
            label .visually-hidden for="format" { "ファイルの形式" }
            select #format name=(FORMAT) {
                @for format in Format::ALL { option value=(format.key()) { (format.label()) } }
            }
            button .button.small type="submit" { "ダウンロード" }
        }
    }
}

/// The kind of file that was asked for; Excel when none was.
pub fn format(asked: &Fields) -> Format {
    Format::by_key(asked.get(FORMAT)).unwrap_or(Format::Excel)
}

/// The file, made and sent in parts: only as fast as it is taken.
pub fn file(download: Download) -> Response {
    let (name, kind) = (disposition(&download.name), download.format.content_type());
    let parts = try_unfold(download, |download| async move {
        let turn = download.turn().await?;
        tokio::task::spawn_blocking(move || {
            let part = download.part();
            drop(turn);
            part
        })
        .await
        .map_err(Error::internal)?
        .inspect_err(|error| tracing::warn!(%error, "a download ended before its end"))
    });
    attachment(name, kind, Body::from_stream(parts))
}

/// A file that is in memory as a whole.
pub fn whole(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    attachment(disposition(name), kind, Body::from(bytes))
}

fn attachment(disposition: String, kind: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
}

/// The name in UTF-8 (RFC 6266, RFC 8187), and one that every program understands.
fn disposition(name: &str) -> String {
    let mut encoded = String::new();
    fields::encode(name, &mut encoded);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    format!("attachment; filename=\"download.{ending}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_japanese_and_safe() {
        assert_eq!(
            disposition("【継続検査】申請データ \"1\".csv"),
            "attachment; filename=\"download.csv\"; filename*=UTF-8''%E3%80%90%E7%B6%99%E7%B6%9A%E6%A4%9C%E6%9F%BB\
             %E3%80%91%E7%94%B3%E8%AB%8B%E3%83%87%E3%83%BC%E3%82%BF%20%221%22.csv"
        );
    }
}
