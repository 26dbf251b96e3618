//! 保適証サービス: the electronic conformity certificates that garages register, withdraw, mend and register again.

use super::form::{kind_chosen, kind_key, kinds, plate_typed, read_plate, typed_plate};
use super::{Act, act, here, look, nothing, page_of};
use crate::app::Shared;
use crate::domain::chassis::{self, suffix_key};
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use crate::domain::term::conformity_last_day;
use crate::domain::time::Day;
use crate::sim::conformity::{Deed, perform};
use crate::sim::world::{Conformity, ConformityState};
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const COLUMNS: [Column<'_>; 5] = [
    Column::new("車台番号"),
    Column::new("番号"),
    Column::new("検査をした日"),
    Column::new("有効期限"),
    Column::new("状態"),
];

const STATES: [ConformityState; 6] = [
    ConformityState::Draft,
    ConformityState::Registered,
    ConformityState::Reported,
    ConformityState::Finished,
    ConformityState::Rejected,
    ConformityState::Deleted,
];

fn one_address(chassis: &str) -> String {
    Fields::default().with("chassis", chassis).on(&format!("{}/one", urls::outside(Outside::Conformity)))
}

fn state_tag(state: ConformityState) -> Markup {
    let tone = match state {
        ConformityState::Draft => Tone::Waiting,
        ConformityState::Registered | ConformityState::Reported => Tone::Going,
        ConformityState::Finished => Tone::Done,
        ConformityState::Rejected => Tone::Stopped,
        ConformityState::Deleted => Tone::Idle,
    };
    tag(tone, state.label())
}

/// All certificates.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Markup> {
    let (suffix, state) = (suffix_key(asked.get("chassis")), asked.get("state").to_owned());
    let found = look(&app, move |sim| {
        let mut found = sim.conformities()?;
        found.retain(|one| {
            suffix_key(&one.chassis).ends_with(&suffix) && (state.is_empty() || one.state.label() == state)
        });
        let kinds = sim.kinds()?;
        let kind = |chassis: &str| kinds.get(chassis).copied().unwrap_or(VehicleKind::Registered);
        Ok(found.into_iter().map(|one| (kind(&one.chassis), one)).collect::<Vec<_>>())
    })
    .await?;
    let (listed, rows) = page_of(found, &asked);
    let action = urls::outside(Outside::Conformity);
    let table = if rows.is_empty() {
        nothing("保安基準適合証", &asked, &action)
    } else {
        table(
            "保安基準適合証",
            &COLUMNS,
            &html! {
                @for (kind, one) in &rows {
                    tr {
                        td { a href=(one_address(&one.chassis)) { (one.chassis) } }
                        td { (plate(&one.plate, *kind, false)) }
                        td { (one.inspected_on) }
                        td { (conformity_last_day(one.inspected_on)) }
                        td { (state_tag(one.state)) }
                    }
                }
            },
        )
    };
    let basic = html! {
        (field("chassis", "車台番号（後方一致）").value(asked.get("chassis")).text(25))
        (field("state", "状態").value(asked.get("state")).select(Some("すべて"), STATES.map(|state| (state.label(), state.label()))))
    };
    let new = button::link("保適証の登録", &format!("{action}/one"));
    Ok(user.visit.page(
        "保適証サービス",
        here(Outside::Conformity),
        &html! {
            (SearchPanel { action: &action, basic, details: None }.render())
            (listing(listed, &action, &asked, &new, &table))
        },
    ))
}

/// One certificate with what can be done to it; without one, the form to register it.
pub(super) async fn one(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Response> {
    let chassis = asked.get("chassis").to_owned();
    let (found, vehicle) = look(&app, move |sim| Ok((sim.conformity(&chassis)?, sim.vehicle(&chassis)?))).await?;
    let kind = vehicle.map_or(VehicleKind::Registered, |vehicle| vehicle.class.kind());
    let typed = match &found {
        Some(one) => plate_typed(&one.plate).with("kind", kind_key(kind)),
        None => asked.clone(),
    };
    Ok(page(&app, &user.visit, found.as_ref(), &typed, &Problems::new()))
}

fn page(app: &Shared, visit: &Visit, found: Option<&Conformity>, typed: &Fields, problems: &Problems) -> Response {
    let list = urls::outside(Outside::Conformity);
    let may = |deed: &Deed| found.is_some_and(|one| perform(Some(one), &one.chassis, deed).is_ok());
    let today = app.clocks.business().day();
    let create = Deed::Create { plate: empty_plate(), inspected_on: today };
    let creates = found.is_none() || may(&create);
    let action = format!("{list}/one");
    let chassis = found.map_or("", |one| one.chassis.as_str());
    let typed_day = typed.get("inspected_on");
    let day = if typed_day.is_empty() { today.iso() } else { typed_day.to_owned() };
    let inputs = html! {
        (field("kind", "種類").value(typed.get("kind")).select(None, kinds()))
        (plate_input("番号", typed_plate(typed), true, problems, "車検証の記載どおりに入力します。小板と分類番号なしは、軽自動車だけです。", 12, &plate_flags(typed)))
    };
    let body = html! {
        (error_summary(problems))
        @if let Some(one) = found {
            section .card #head { (Definitions::new()
                .pair("車台番号", one.chassis.as_str())
                .pair("状態", state_tag(one.state))
                .pair("番号", plate(&one.plate, kind_chosen(typed), false))
                .pair("検査をした日", format!("{}（有効期限 {}）", one.inspected_on, conformity_last_day(one.inspected_on)))
                .render()) }
            @if one.state == ConformityState::Reported {
                p .lead { "申請に使われています。補正要求または却下になるまで、引き戻せません。" }
            }
            @if may(&Deed::Correct { plate: empty_plate() }) {
                (form::post(visit, &action, &html! {
                    (form::hidden("chassis", chassis))
                    (form::hidden("deed", "correct"))
                    (group("mend", "修正", &html! {
                        (inputs)
                        div .actions { (button::primary("修正")) }
                    }))
                }))
                p .lead { "車台番号・検査をした日を直すときは、削除して新しく登録してください。" }
            }
        }
        @if creates {
            (form::post(visit, &action, &html! {
                (form::hidden("deed", "create"))
                (group("create", "登録", &html! {
                    @if found.is_some() {
                        (form::hidden("chassis", chassis))
                        (field("chassis", "車台番号").value(chassis).fixed())
                    } @else {
                        (field("chassis", "車台番号").required(true).value(typed.get("chassis")).problems(problems)
                            .rule("車検証の記載どおりに、ハイフンも入力します。").text(25))
                    }
                    (inputs)
                    (field("inspected_on", "検査をした日").required(true).value(&day).problems(problems).rule("この日を1日目として、15日間有効です。").date())
                    div .actions { (button::primary("登録")) }
                }))
            }))
        }
        (action_bar(&button::link("一覧に戻る", &list), &html! {
            @for (deed, key, danger) in [(Deed::Withdraw, "withdraw", false), (Deed::Register, "register", false), (Deed::Delete, "delete", true)] {
                @if may(&deed) {
                    (form::inline(visit, &action, &html! {
                        (form::hidden("chassis", chassis))
                        (form::hidden("deed", key))
                        button class=(if danger { "button danger" } else { "button primary" }) type="submit" { (deed.label()) }
                    }))
                }
            }
        }))
    };
    let title = if found.is_some() { "保安基準適合証" } else { "保安基準適合証 登録" };
    page_with(visit, problems, title, here(Outside::Conformity), &body)
}

fn empty_plate() -> crate::domain::plate::Plate {
    crate::domain::plate::Plate {
        region: String::new(),
        class: String::new(),
        kana: String::new(),
        serial: 0,
        small: false,
    }
}

/// One of the deeds.
pub(super) async fn act_on(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let asked = posted.get("chassis").to_owned();
    let found = look(&app, move |sim| sim.conformity(&asked)).await?;
    let mut problems = Problems::new();
    let kind = kind_chosen(&posted);
    let deed = match posted.get("deed") {
        "withdraw" => Some(Deed::Withdraw),
        "register" => Some(Deed::Register),
        "delete" => Some(Deed::Delete),
        "correct" => read_plate(&app, kind, &posted, &mut problems).map(|plate| Deed::Correct { plate }),
        _ => {
            let plate = read_plate(&app, kind, &posted, &mut problems);
            let day = Day::parse(posted.get("inspected_on"))
                .filter(|day| *day <= app.clocks.business().day())
                .ok_or("検査をした日を、今日までの年・月・日で入力してください。例：2025/01/06");
            let day = problems.take("inspected_on", day);
            plate.zip(day).map(|(plate, inspected_on)| Deed::Create { plate, inspected_on })
        }
    };
    let number = match &found {
        Some(one) => Some(one.chassis.clone()),
        None => problems.take("chassis", chassis::parse(kind, posted.get("chassis"), false)).map(|read| read.number),
    };
    let (Some(deed), Some(number)) = (deed.filter(|_| problems.is_empty()), number) else {
        return Ok(page(&app, &user.visit, found.as_ref(), &posted, &problems));
    };
    let to = one_address(&number);
    let done = Act {
        posted: &posted,
        action: "sim.conformity",
        subject: format!("conformity {number}"),
        to: &to,
        said: format!("「{}」を行いました。", deed.label()),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| sim.conformity_deed(&number, &deed)).await
}
