//! 認証用二次元コード (manual J1624): what the office's counter hands out a light vehicle's new certificate against. Shown in
//! 申請データ照会 while the certificate waits there, and as a page to print.

use super::record::Record;
use super::show::identity;
use crate::domain::request::{PortalStatus, Value};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::service::requests::view::RequestView;
use crate::web::kit::prelude::*;
use axum::response::{IntoResponse, Response};
use qrcode::{Color, EcLevel, QrCode};

/// The code's name on pages.
const TITLE: &str = "認証用二次元コード";
/// Light modules around the symbol, as its standard asks.
const QUIET: usize = 4;

/// What the code says, while somebody can use it.
fn code(view: &RequestView) -> Option<&str> {
    let number = view.request.procedure().counter_code?;
    let filing = view.filing.as_ref().filter(|filing| filing.portal_status == PortalStatus::AwaitingIssue)?;
    match filing.facts.get(&number) {
        Some(Value::Text(code)) => Some(code),
        _ => None,
    }
}

/// The block of 申請データ照会; nothing when there is no code.
pub(super) fn block(record: &Record) -> Markup {
    html! {
        @if code(&record.view).is_some() {
            section .card #counter {
                h2 { (TITLE) }
                p { "軽検協事務所等の窓口で、旧車検証・軽自動車税納税証明書と一緒に提出してください。" }
                p { (button::link("認証用二次元コードを表示・印刷", &record.address("code"))) }
            }
        }
    }
}

/// The page to print.
///
/// # Errors
/// `Refused` unless the certificate waits at a counter that asks for a code.
pub fn page(record: &Record, visit: &Visit) -> Result<Response> {
    let status = record.view.request.status.label();
    let text = code(&record.view).ok_or_else(|| Error::from(Reason::WrongStatus { action: TITLE, status }))?;
    let drawn = draw(text).ok_or_else(|| Error::internal("the code is too long to draw"))?;
    let office = record.view.office.as_deref().unwrap_or_default();
    let receipt = record.view.filing.as_ref().and_then(|filing| filing.receipt.as_deref()).unwrap_or_default();
    let body = html! {
        section .card.counter-code {
            (drawn)
            div {
                p { strong { "窓口で提出するもの" } }
                ul { li { "この認証用二次元コード" } li { "旧車検証" } li { "軽自動車税納税証明書" } }
                p { "代理人による申請であることを、窓口で伝えてください。" }
            }
        }
        section .card {
            (identity(&record.place, &record.view).pair("申請先", office).pair("受付番号", digits(receipt)).render())
        }
        (action_bar(&button::link("戻る", &record.address("")), &button::print()))
    };
    let title = format!("【{}】{TITLE}", record.place.procedure.label);
    Ok(visit.page(&title, record.place.here(), &body).into_response())
}

/// The symbol as one path of squares.
fn draw(text: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
    }
    let size = width + 2 * QUIET;
    Some(html! {
        svg .qr role="img" aria-label=(TITLE) viewBox={ "0 0 " (size) " " (size) } shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_its_symbol() {
        let text = format!("AINAS-KEI:1:{}:{}:0123ABCD", "2".repeat(19), "X".repeat(20));
        assert!(draw(&text).is_some_and(|drawn| drawn.0.contains("M4 4h1v1h-1z")));
        assert!(draw(&"x".repeat(4_000)).is_none());
    }
}
