//! 電子委任状設定: that an authority has signed a power of attorney for a public vehicle, and which fees it waives. No
//! manual prints the page; what it says follows the government's own (facts 8).

use super::record::open;
use crate::app::Shared;
use crate::domain::power_of_attorney;
use crate::domain::problem::Problems;
use crate::domain::procedure::FieldKind;
use crate::domain::workflow::ActionKind;
use crate::service::error::Error;
use crate::service::requests;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Named;
use crate::web::procedure::edit::{Filled, control};
use crate::web::procedure::record::Record;
use crate::web::procedure::show::fixed_head;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let record = open(&app, &staff.actor, named, &asked)?;
    record.require(ActionKind::SetPowerOfAttorney)?;
    let filled = Filled::Stored(&record.view.request.fields);
    Ok(page(&staff, &record, filled, &Problems::new(), &Markup::default(), StatusCode::OK))
}

fn page(
    staff: &ClientStaff,
    record: &Record,
    filled: Filled<'_>,
    problems: &Problems,
    above: &Markup,
    status: StatusCode,
) -> Response {
    let (kinds, waived): (Vec<_>, Vec<_>) = power_of_attorney::fields(record.place.procedure)
        .into_iter()
        .partition(|field| matches!(field.kind, FieldKind::Choice(_)));
    let body = html! {
        (error_summary(problems))
        (above)
        (fixed_head(&record.place, &record.view))
        (form::post(&staff.visit, &record.address("power-of-attorney"), &html! {
            (form::version(record.view.request.version))
            p .lead {
                "公用車など、手数料が免除される車両のときだけ設定します。国・地方公共団体の官職証明書または職責証明書で署名した委任状が必要です。設定しないときは、手数料がかかります。"
            }
            (group("power-of-attorney", "", &html! {
                @for each in &kinds { (control(each, filled, problems, true)) }
                @for each in &waived { (control(each, filled, problems, true)) }
            }))
            p .rule { "設定を解除するときは、委任状種別を「選択してください」に戻し、チェックを外して確定します。" }
            (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &record.address(""))) }, &Markup::default()))
        }))
    };
    let title = format!("【{}】電子委任状設定", record.place.procedure.label);
    (status, staff.visit.page(&title, record.place.here(), &body)).into_response()
}

/// 確定.
pub(super) async fn update(
    State(app): State<Shared>,
    staff: ClientStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut record = open(&app, &staff.actor, named, &asked)?;
    // A form that comes back is still made from what its writer saw.
    record.view.request.version = posted.version()?;
    let values = match power_of_attorney::parse(record.place.procedure, &|key| posted.get(key)) {
        Ok(values) => values,
        Err(problems) => {
            let filled = Filled::Typed(&posted);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(page(&staff, &record, filled, &problems, &Markup::default(), status));
        }
    };
    let said = if values.is_empty() {
        "電子委任状の設定を解除しました。"
    } else {
        "電子委任状を設定しました。"
    };
    let id = record.view.request.id;
    let version = record.view.request.version;
    match requests::set_power_of_attorney(&app, &staff.actor, id, version, values, posted.once()?).await {
        Ok(request) => Ok(record.done(&staff.visit, &request, Banner::ok(said))),
        Err(Error::Conflict) => {
            let record = open(&app, &staff.actor, named, &asked)?;
            record.require(ActionKind::SetPowerOfAttorney)?;
            let above = Banner::warning("別の人が先に更新しました。あなたの入力はまだ保存していません。").render();
            let filled = Filled::Typed(&posted);
            Ok(page(&staff, &record, filled, &Problems::new(), &above, StatusCode::CONFLICT))
        }
        Err(other) => Err(other.into()),
    }
}
