//! How the simulated world behaves: pace, learning, days for corrections, the business clock, and a wire that fails.

use super::{Act, act, here, look};
use crate::app::Shared;
use crate::domain::problem::Problems;
use crate::domain::text;
use crate::domain::time::BusinessTime;
use crate::sim::magic;
use crate::sim::world::{Settings, Speed};
use crate::sim::{Faults, SimError};
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

const SPEEDS: [(&str, Speed, &str); 3] = [
    ("instant", Speed::Instant, "すぐに（決めた秒数ごとに進みます）"),
    ("realistic", Speed::Realistic, "実際に近く（運輸支局等の開庁日・受付時間に進みます）"),
    ("manual", Speed::Manual, "手動（審査と交付は、職員・講師の処理を待ちます）"),
];

/// How many days the clock is moved on at once, at most.
const MOST_DAYS: u32 = 400;
/// How many days it may be ahead altogether, at most: certificates of the demo end some day.
const MOST_AHEAD: i64 = 3_650;
const DAY: i64 = 86_400;

/// The page.
pub(super) async fn show(State(app): State<Shared>, user: Instructor) -> Result<Response> {
    let (settings, faults) = look(&app, |sim| Ok((sim.settings()?, sim.wire().faults()))).await?;
    Ok(page(&app, &user.visit, &settings, &stored(&settings, faults), &Problems::new()))
}

/// The form as the world fills it. Faults go down as they happen; what is left of them stays.
fn stored(settings: &Settings, faults: Faults) -> Fields {
    let speed = SPEEDS.iter().find(|(_, speed, _)| *speed == settings.speed).map_or("", |(key, ..)| *key);
    Fields::default()
        .with("speed", speed)
        .with("step_seconds", settings.step_seconds)
        .with("correction_days", settings.correction_days)
        .with("learn", if settings.learn { "on" } else { "" })
        .with("advance", 0)
        .with("unavailable", faults.unavailable)
        .with("lost_answers", faults.lost_answers)
        .with("repeated_events", faults.repeated_events)
        .with("silent", faults.silent)
}

fn page(app: &Shared, visit: &Visit, settings: &Settings, typed: &Fields, problems: &Problems) -> Response {
    let one = |key: &'static str, label: &'static str| field(key, label).value(typed.get(key)).problems(problems);
    let body = html! {
        (error_summary(problems))
        (form::post(visit, &urls::outside(Outside::Settings), &html! {
            (group("pace", "審査の進み方", &html! {
                (one("speed", "進み方").select(None, SPEEDS.iter().map(|(key, _, label)| (*key, *label))))
                (one("step_seconds", "1段階の秒数").rule("「すぐに」と「手動」のときに、次の段階へ進むまでの秒数です。0～3600。").text(4))
                (one("correction_days", "補正の日数").rule("補正を求めた日を1日目とする日数です。1～90（推定値）。").text(3))
                (one("learn", "知らない車両").rule("台帳にない車両・口座・カードを、初めて見たときに登録します。保適証と自賠責も用意されます。").check("登録する"))
            }))
            (group("clock", "業務の時計", &html! {
                (field("now", "現在").value(&clock(app.clocks.business(), settings.clock_ahead)).fixed())
                (one("advance", "時計を進める日数").rule("期限、有効期間、開庁日などの基準になる時計を、この日数だけ進めます。0～400。戻すことはできません。ログインや操作の記録の時刻は変わりません。").text(3))
            }))
            (group("wire", "通信の障害", &html! {
                (one("unavailable", "届かない").rule("これからの送信が、この回数だけポータルに届きません。0～100。").text(3))
                (one("lost_answers", "返事が失われる").rule("これからの送信は届きますが、返事がこの回数だけ失われます。0～100。").text(3))
                (one("repeated_events", "同じ通知が繰り返される").rule("次からこの回数だけ、前にあった通知がもう一度届きます。0～100。").text(3))
                (one("silent", "通知が遅れる").rule("これからこの回数だけ、通知の問合せに答えません。通知は、そのあとにまとめて届きます。0～100。").text(3))
            }))
            (section("magic", "結果が決まる車台番号", &html! {
                p { "車台番号の末尾が次のものは、台帳に関係なく結果が決まります。" }
                (table("結果が決まる車台番号", &[Column::new("末尾"), Column::new("結果")], &html! {
                    @for magic in magic::TABLE { tr { td .subject { code { (magic.ending) } } td .wrap { (magic.description) } } }
                }))
            }))
            (action_bar(&button::primary("確定"), &Markup::default()))
        }))
    };
    page_with(visit, problems, "環境設定", here(Outside::Settings), &body)
}

fn clock(now: BusinessTime, ahead: i64) -> String {
    if ahead == 0 { now.to_string() } else { format!("{now}（{}日進めています）", ahead / DAY) }
}

/// What the form asks for: the settings aside from the clock, how many days the clock moves on, and the faults.
fn read(posted: &Fields) -> Result<(Settings, u32, Faults), Problems> {
    let mut problems = Problems::new();
    let mut number = |key: &'static str, label: &str, least: u32, most: u32| {
        let typed = text::normalise(posted.get(key)).parse::<u32>().ok();
        let within = typed.filter(|number| (least..=most).contains(number));
        problems.take(key, within.ok_or_else(|| format!("{label}は、{least}～{most}の数字で入力してください。")))
    };
    let step_seconds = number("step_seconds", "1段階の秒数", 0, 3_600);
    let days = number("correction_days", "補正の日数", 1, 90).and_then(|days| u16::try_from(days).ok());
    let advance = number("advance", "時計を進める日数", 0, MOST_DAYS);
    let mut fault = |key: &'static str, label: &str| number(key, &format!("「{label}」の回数"), 0, 100);
    let unavailable = fault("unavailable", "届かない");
    let lost_answers = fault("lost_answers", "返事が失われる");
    let repeated_events = fault("repeated_events", "同じ通知が繰り返される");
    let silent = fault("silent", "通知が遅れる");
    let speed = SPEEDS.iter().find(|(key, ..)| *key == posted.get("speed")).map(|(_, speed, _)| *speed);
    let speed = problems.take("speed", speed.ok_or("進み方を一覧から選んでください。"));
    let faults = unavailable.zip(lost_answers).zip(repeated_events.zip(silent));
    match (speed, step_seconds, days, advance, faults) {
        (Some(speed), Some(step_seconds), Some(correction_days), Some(advance), Some(faults)) => {
            let ((unavailable, lost_answers), (repeated_events, silent)) = faults;
            let learn = posted.has("learn");
            let settings = Settings { speed, step_seconds, learn, correction_days, clock_ahead: 0 };
            Ok((settings, advance, Faults { unavailable, lost_answers, repeated_events, silent }))
        }
        _ => Err(problems),
    }
}

/// 確定.
pub(super) async fn change(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let to = urls::outside(Outside::Settings);
    let (asked, days, faults) = match read(&posted) {
        Ok(asked) => asked,
        Err(problems) => {
            let settings = look(&app, crate::sim::Sim::settings).await?;
            return Ok(page(&app, &user.visit, &settings, &posted, &problems));
        }
    };
    let ahead = i64::from(days) * DAY;
    let (now, clocks) = (app.clocks.business().plus(ahead), Arc::clone(&app.clocks));
    let moved = if days == 0 { String::new() } else { format!("業務の時計を{days}日進めました。") };
    let done = Act {
        posted: &posted,
        action: "sim.settings",
        subject: "world".to_owned(),
        to: &to,
        said: format!("環境設定を変更しました。{moved}進行中の申請にも適用されます。"),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| {
        let clock_ahead = sim.settings()?.clock_ahead.saturating_add(ahead);
        if clock_ahead > MOST_AHEAD * DAY {
            return Err(SimError::Refused("時計は、合わせて3,650日まで進められます。変更していません。".to_owned()));
        }
        sim.set_settings(&Settings { clock_ahead, ..asked }, now)?;
        clocks.advance_business(ahead);
        sim.wire().set(faults);
        Ok(())
    })
    .await
}
