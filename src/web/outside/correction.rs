//! 検査補正要求 in an official's own words: what is wrong, and which parts of the application or certificates are named
//! as to be mended; afterwards, what was asked for.

use super::filing::{examined, show_with};
use super::filings::address;
use super::{Act, act, changed};
use crate::app::Shared;
use crate::domain::correction::{Matter, matters};
use crate::domain::happening::Happening;
use crate::domain::observation::reasons;
use crate::domain::problem::Problems;
use crate::domain::procedure::{self, Procedure};
use crate::domain::request::{Hold, PortalStatus};
use crate::sim::view::Examined;
use crate::sim::world::PortalFiling;
use crate::web::kit::prelude::*;
use axum::extract::{Path, State};
use axum::response::Response;

/// Whether an official can ask for a correction now.
fn may_ask(filing: &PortalFiling) -> bool {
    filing.status == PortalStatus::Review && !matches!(filing.hold, Some(Hold::Suspended | Hold::Resuming))
}

fn procedure_of(examined: &Examined) -> Option<&'static Procedure> {
    procedure::by_code(examined.application.as_ref()?.procedure)
}

/// The form, where an official can ask; what was asked for, where the applicant has to answer.
pub(super) fn block(visit: &Visit, examined: &Examined, typed: &Fields, problems: &Problems) -> Markup {
    let filing = &examined.filing;
    let Some(procedure) = procedure_of(examined) else { return Markup::default() };
    let chosen = |matter: Matter| typed.all("named").any(|key| key == matter.key(procedure));
    html! {
        @if may_ask(filing) {
            (form::post(visit, &format!("{}/correction", address(filing)), &html! {
                (group("correction", "項目を指定して補正を求める", &html! {
                    (field("reasons", "補正の内容").required(true).value(typed.get("reasons")).problems(problems)
                        .rule("申請者に表示されます。1件につき1行で、何をどう直すかを入力します。例：使用者の住所が車検証と異なります。")
                        .area(2_000, 3))
                    (field("named", "補正を求める項目").problems(problems)
                        .rule("あてはまるものを選びます。標板の番号と車台番号は補正できません。")
                        .checks(matters(procedure).into_iter().map(|matter| (matter.key(procedure), matter.label(procedure), chosen(matter)))))
                    div .actions { (button::primary("補正を求める")) }
                }))
            }))
        }
        @if filing.status == PortalStatus::CorrectionRequested { (asked(examined, procedure)) }
    }
}

fn asked(examined: &Examined, procedure: &Procedure) -> Markup {
    let last = examined.events.iter().rev().find_map(|event| match &event.what {
        Happening::CorrectionRequested { reasons, deadline, named } => Some((reasons, deadline, named)),
        _ => None,
    });
    let Some((reasons, deadline, named)) = last else { return Markup::default() };
    let labels: Vec<&str> = named.iter().map(|matter| matter.label(procedure)).collect();
    html! {
        div .banner.warning {
            p { strong { "補正を待っています。" } span .deadline { "（補正期限 " (deadline) "）" } }
            ul { @for reason in reasons { li { (reason) } } }
            @if !labels.is_empty() { p { "補正を求めた項目：" (labels.join("、")) } }
        }
    }
}

/// 補正を求める.
pub(super) async fn ask(
    State(app): State<Shared>,
    user: SimulatorUser,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response> {
    let (examined, payers) = examined(&app, &key).await?;
    let to = address(&examined.filing);
    let Some(procedure) = procedure_of(&examined).filter(|_| may_ask(&examined.filing)) else {
        return changed(&app, &user, &posted, &to);
    };
    let mut problems = Problems::new();
    let found = problems.take("reasons", reasons("補正の内容", posted.get("reasons")));
    let Some(reasons) = found else {
        return Ok(show_with(&user.visit, &examined, &payers, &posted, &problems));
    };
    let mut named = matters(procedure);
    named.retain(|matter| posted.all("named").any(|key| key == matter.key(procedure)));
    let (number, now) = (examined.filing.number, app.clocks.business());
    let done = Act {
        posted: &posted,
        action: "sim.ask-correction",
        subject: format!("portal filing {number}"),
        to: &to,
        said: "補正を求めました。".to_owned(),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| sim.ask_correction(number, &reasons, &named, now)).await
}
