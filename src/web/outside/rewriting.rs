//! 記録事務代行アプリ: who holds a commission number is told which certificates may be rewritten, and rewrites them.

use super::{Act, act, here, look, nothing, page_of};
use crate::app::Shared;
use crate::domain::ids::SubmissionNumber;
use crate::domain::procedure::VehicleKind;
use crate::sim::world::RewritingNotice;
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const COLUMNS: [Column<'_>; 7] = [
    Column::new("お知らせ日時"),
    Column::new("委託番号"),
    Column::new("番号"),
    Column::new("車台番号"),
    Column::new("新しい有効期間満了日"),
    Column::new("状態"),
    Column::new("操作"),
];

/// All notices, newest first.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Markup> {
    let wanted = asked.get("commission").to_owned();
    let (notices, holders) = look(&app, move |sim| {
        let mut notices = sim.rewriting_notices()?;
        notices.retain(|notice| wanted.is_empty() || notice.commission == wanted);
        let kinds = sim.kinds()?;
        let kind = |chassis: &str| kinds.get(chassis).copied().unwrap_or(VehicleKind::Registered);
        let notices: Vec<_> = notices.into_iter().map(|notice| (kind(&notice.chassis), notice)).collect();
        Ok((notices, sim.holders()?))
    })
    .await?;
    let (listed, rows) = page_of(notices, &asked);
    let action = urls::outside(Outside::Rewriting);
    let found = if rows.is_empty() {
        nothing("書換え可能のお知らせ", &asked, &action)
    } else {
        table(
            "書換え可能のお知らせ",
            &COLUMNS,
            &html! { @for (kind, notice) in &rows { (row(&user.visit, *kind, notice)) } },
        )
    };
    let basic = field("commission", "委託番号")
        .value(asked.get("commission"))
        .span(6)
        .select(Some("すべて"), holders.iter().map(|holder| (holder.number.as_str(), holder.name.as_str())));
    Ok(user.visit.page(
        "記録事務代行アプリ",
        here(Outside::Rewriting),
        &html! {
            (SearchPanel { action: &action, basic, details: None }.render())
            (listing(listed, &action, &asked, &Markup::default(), &found))
        },
    ))
}

fn row(visit: &Visit, kind: VehicleKind, notice: &RewritingNotice) -> Markup {
    html! {
        tr {
            td { (notice.at) }
            td { (notice.commission) }
            td { (plate(&notice.plate, kind, false)) }
            td { (notice.chassis) }
            td { (notice.expires_on) }
            td { @match notice.rewritten { Some(day) => { (tag(Tone::Done, "書換え済")) small { (day) } } None => { (tag(Tone::Waiting, "書換え待ち")) } } }
            td {
                @if notice.rewritten.is_none() {
                    (form::inline(visit, &urls::outside(Outside::Rewriting), &html! {
                        (form::hidden("filing", &notice.filing.to_string()))
                        button .button.small type="submit" aria-label={ "書換え 車台番号 " (notice.chassis) } { "書換え" }
                    }))
                }
            }
        }
    }
}

/// 書換え: the certificate is rewritten, and with that issued.
pub(super) async fn rewrite(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let to = urls::outside(Outside::Rewriting);
    let number: Option<SubmissionNumber> = posted.parsed("filing");
    let Some(number) = number else {
        return Ok(user.visit.redirect(&to, Banner::warning("該当するお知らせがありません。")));
    };
    let now = app.clocks.business();
    let done = Act {
        posted: &posted,
        action: "sim.rewrite",
        subject: format!("portal filing {number}"),
        to: &to,
        said: "電子車検証を書き換えました。".to_owned(),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| sim.rewrite(number, now)).await
}
