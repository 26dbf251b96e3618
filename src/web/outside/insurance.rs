//! 自賠責: the contracts of each vehicle. They begin and end at noon.

use super::{Act, act, here, look, nothing, page_of};
use crate::app::Shared;
use crate::domain::chassis::{self, suffix_key};
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use crate::domain::time::Day;
use crate::sim::world::Policy;
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const COLUMNS: [Column<'_>; 2] = [Column::new("車台番号"), Column::new("保険期間（始期の正午から終期の正午まで）")];

/// All contracts, and the form for another.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Response> {
    page(&app, &user.visit, &asked, &Fields::default(), &Problems::new()).await
}

async fn page(app: &Shared, visit: &Visit, asked: &Fields, typed: &Fields, problems: &Problems) -> Result<Response> {
    let suffix = suffix_key(asked.get("suffix"));
    let found = look(app, move |sim| {
        let mut found = sim.insurance()?;
        found.retain(|(chassis, _)| suffix_key(chassis).ends_with(&suffix));
        Ok(found)
    })
    .await?;
    let (listed, rows) = page_of(found, asked);
    let action = urls::outside(Outside::Insurance);
    let found = if rows.is_empty() {
        nothing("契約", asked, &action)
    } else {
        table(
            "自賠責の契約",
            &COLUMNS,
            &html! {
                @for (chassis, policies) in &rows {
                    tr {
                        td { (chassis) }
                        td { @for policy in policies { p { (policy.from) "～" (policy.until) } } }
                    }
                }
            },
        )
    };
    let today = app.clocks.business().day();
    let or = |key: &str, usual: Day| if typed.has(key) { typed.get(key).to_owned() } else { usual.iso() };
    let (from, until) = (or("from", today), or("until", today.plus_months(25)));
    let basic = field("suffix", "車台番号（後方一致）").value(asked.get("suffix")).text(25);
    let body = html! {
        (error_summary(problems))
        (form::post(visit, &action, &group("policy", "契約の追加", &html! {
            (field("chassis", "車台番号").required(true).value(typed.get("chassis")).problems(problems).rule("車検証の記載どおりに入力します。").text(25))
            (field("from", "保険始期").required(true).value(&from).problems(problems).date())
            (field("until", "保険終期").required(true).value(&until).problems(problems)
                .rule("新しい有効期間満了日の翌日以降でなければ、審査で補正になります。").date())
            div .actions { (button::primary("追加")) }
        })))
        (SearchPanel { action: &action, basic, details: None }.render())
        (listing(listed, &action, asked, &Markup::default(), &found))
    };
    Ok(page_with(visit, problems, "自賠責", here(Outside::Insurance), &body))
}

/// 追加.
pub(super) async fn add(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let mut problems = Problems::new();
    let number = problems.take("chassis", chassis::parse(VehicleKind::Registered, posted.get("chassis"), false));
    let mut day = |key: &'static str, label: &str| {
        let read = Day::parse(posted.get(key));
        problems.take(key, read.ok_or_else(|| format!("{label}を、年・月・日で入力してください。例：2025/01/06")))
    };
    let (from, until) = (day("from", "保険始期"), day("until", "保険終期"));
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        problems.add("until", "保険終期は、保険始期より後の日を入力してください。");
    }
    let (Some(number), Some(from), Some(until), true) = (number, from, until, problems.is_empty()) else {
        return page(&app, &user.visit, &Fields::default(), &posted, &problems).await;
    };
    let to = urls::outside(Outside::Insurance);
    let done = Act {
        posted: &posted,
        action: "sim.policy",
        subject: format!("insurance of {}", number.number),
        to: &to,
        said: format!("車台番号 {} の契約を追加しました。", number.number),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| Ok(sim.put_policy(&number.number, Policy { from, until })?))
        .await
}
