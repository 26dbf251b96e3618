//! 補正: why the portal sent the case back, who mends what, the fields that may still change — those that the portal
//! named first — and the corrected application on its way.

use super::record::open;
use crate::app::{App, Shared};
use crate::domain::correction::{Correction, Matter, correctable};
use crate::domain::field;
use crate::domain::problem::Problems;
use crate::domain::procedure::Field;
use crate::domain::time::Day;
use crate::domain::workflow::ActionKind;
use crate::service::error::Error;
use crate::service::filing;
use crate::service::manual;
use crate::service::reason::Reason;
use crate::web::kit::button::Key;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Named;
use crate::web::procedure::correction::notice;
use crate::web::procedure::edit::{self, Filled, control};
use crate::web::procedure::record::Record;
use crate::web::procedure::show::fixed_head;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The page.
pub(super) async fn ask(State(app): State<Shared>, staff: AgentStaff, named: Named, asked: Fields) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::Correct)?;
    let filled = Filled::Stored(&record.view.request.fields);
    page(&app, &staff.visit, &record, filled, &Problems::new(), &Markup::default(), StatusCode::OK)
}

fn page(
    app: &App,
    visit: &Visit,
    record: &Record,
    filled: Filled<'_>,
    problems: &Problems,
    above: &Markup,
    status: StatusCode,
) -> Result<Response> {
    let procedure = record.place.procedure;
    let correction = record.view.filing.as_ref().and_then(|filing| filing.correction.as_ref());
    let correction = correction.ok_or(Error::NotFound)?;
    let is_named = |field: &&Field| correction.named.contains(&Matter::Field(field.no));
    let (named, others): (Vec<&Field>, Vec<&Field>) =
        procedure.fields().filter(|field| correctable(field)).partition(is_named);
    // What the form says no longer stands in the folded part, if something there is wrong.
    let open = others.iter().any(|field| problems.of(field.key).is_some());
    let controls = |fields: &[&Field]| html! { @for each in fields { (control(each, filled, problems, true)) } };
    let body = html! {
        (error_summary(problems))
        (above)
        (notice(&record.place, correction, &left(correction.deadline, app.clocks.business().day())))
        (fixed_head(&record.place, &record.view))
        (form::entry(visit, &record.address("correct"), &html! {
            (form::version(record.view.request.version))
            @if named.is_empty() {
                p .lead { (nothing_to_type(correction)) }
            } @else {
                (group("named", "補正を求められた項目", &controls(&named)))
            }
            details .more open[open] {
                summary { "そのほかの項目も訂正する" }
                p .rule { (procedure.plate_label) "と車台番号は補正できません。誤りがあるときは取り下げて、新しい依頼データで申請してください。" }
                (group("others", "そのほかの項目", &controls(&others)))
            }
            p .lead {
                @if manual::is_manual(app) {
                    "「確定」を押すと、補正後の内容で申請書を作り直します。転記の画面から、実際のポータルで補正してください。"
                } @else {
                    "「確定」を押すと、補正後の内容で申請書を作り直し、電子署名を付けてポータルに送ります。審査がもう一度行われます。"
                }
            }
            (action_bar(
                &html! {
                    (button::primary_keyed("確定", Key::Confirm))
                    (button::link_keyed("戻る", &record.address(""), Key::Back))
                },
                &button::keys(&[(Key::Confirm, "確定"), (Key::Back, "戻る")]),
            ))
        }))
    };
    Ok((status, visit.page(&record.place.title("補正"), record.place.here(), &body)).into_response())
}

/// How long there still is.
fn left(deadline: Day, today: Day) -> String {
    match today.days_until(deadline) {
        days if days < 0 => "　期限を過ぎています".to_owned(),
        0 => "　今日まで".to_owned(),
        days => format!("　あと{days}日"),
    }
}

/// When the portal named no field of the application.
fn nothing_to_type(correction: &Correction) -> &'static str {
    if correction.named.is_empty() {
        "上の内容を依頼人と確認してください。申請データに訂正がなければ、そのまま「確定」を押します。"
    } else {
        "申請データの訂正は求められていません。上の訂正が済んだことを依頼人に確認してから、そのまま「確定」を押します。"
    }
}

/// 確定.
pub(super) async fn correct(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut record = open(&app, &staff.actor, named, &asked)?;
    let version = posted.version()?;
    let procedure = record.place.procedure;
    // What a correction may not change is checked along with the rest, as it stands.
    let mut typed = Fields::default();
    for field in procedure.fields() {
        let stored = || record.view.request.fields.get(&field.no).map(|value| field::raw(field, value));
        let value = if correctable(field) { posted.get(field.key).to_owned() } else { stored().unwrap_or_default() };
        typed.push(field.key, value);
    }
    let result = match field::check_all(procedure, &|key| Some(typed.get(key)), true) {
        Ok(values) => {
            let id = record.view.request.id;
            filing::correct(&app, &staff.actor, id, version, values, posted.once()?).await
        }
        Err(problems) => Err(problems.into()),
    };
    // A form that comes back is still made from what its writer saw.
    record.view.request.version = version;
    let refill = |record: &Record, problems: &Problems, above: &Markup, status| {
        page(&app, &staff.visit, record, Filled::Typed(&posted), problems, above, status)
    };
    match result {
        Ok(()) => {
            let banner = Banner::ok(if manual::is_manual(&app) {
                "補正後の内容で申請書を作り直しました。ポータルで補正したら、「検査審査の開始」を記録してください。"
            } else {
                "補正を行いました。審査の結果をお待ちください。"
            });
            Ok(staff.visit.redirect(&record.address(""), banner))
        }
        Err(Error::Invalid(problems)) => {
            record.require(ActionKind::Correct)?;
            refill(&record, &problems, &Markup::default(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Error::Conflict) => {
            let record = open(&app, &staff.actor, named, &asked)?;
            record.require(ActionKind::Correct)?;
            let above = edit::conflict(&record.place, &record.view, &typed);
            refill(&record, &Problems::new(), &above, StatusCode::CONFLICT)
        }
        Err(Error::Refused(reason)) if !matches!(reason, Reason::WrongStatus { .. }) => {
            let above = Banner::warning(reason.sentence()).render();
            refill(&record, &Problems::new(), &above, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}
