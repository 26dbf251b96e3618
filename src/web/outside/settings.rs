//! How the simulated world behaves: pace, learning, days for corrections, the business clock, and a wire that fails.

use super::{Act, act, here, look};
use crate::app::Shared;
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
pub(super) async fn show(State(app): State<Shared>, user: Instructor) -> Result<Markup> {
    let settings = look(&app, crate::sim::Sim::settings).await?;
    let speed = SPEEDS.iter().find(|(_, speed, _)| *speed == settings.speed).map_or("", |(key, ..)| *key);
    let step = settings.step_seconds.to_string();
    let days = settings.correction_days.to_string();
    let body = html! {
        (form::post(&user.visit, &urls::outside(Outside::Settings), &html! {
            (group("pace", "審査の進み方", &html! {
                (field("speed", "進み方").value(speed).select(None, SPEEDS.iter().map(|(key, _, label)| (*key, *label))))
                (field("step_seconds", "1段階の秒数").rule("「すぐに」と「手動」のときに、次の段階へ進むまでの秒数です。0～3600。").value(&step).text(4))
                (field("correction_days", "補正の日数").rule("補正を求めた日を1日目とする日数です。1～90（推定値）。").value(&days).text(3))
                (field("learn", "知らない車両").value(if settings.learn { "on" } else { "" }).rule("台帳にない車両・口座・カードを、初めて見たときに登録します。保適証と自賠責も用意されます。").check("登録する"))
            }))
            (group("clock", "業務の時計", &html! {
                (field("now", "現在").value(&clock(app.clocks.business(), settings.clock_ahead)).fixed())
                (field("advance", "時計を進める日数").rule("期限、有効期間、開庁日などの基準になる時計を、この日数だけ進めます。0～400。戻すことはできません。ログインや操作の記録の時刻は変わりません。").value("0").text(3))
            }))
            (group("wire", "通信の障害", &html! {
                (field("unavailable", "届かない").rule("これからの送信が、この回数だけポータルに届きません。0～100。").value("0").text(3))
                (field("lost_answers", "返事が失われる").rule("これからの送信は届きますが、返事がこの回数だけ失われます。0～100。").value("0").text(3))
                (field("repeated_events", "同じ通知が繰り返される").rule("次からこの回数だけ、前にあった通知がもう一度届きます。0～100。").value("0").text(3))
                (field("silent", "通知が遅れる").rule("これからこの回数だけ、通知の問合せに答えません。通知は、そのあとにまとめて届きます。0～100。").value("0").text(3))
            }))
            (section("magic", "結果が決まる車台番号", &html! {
                p { "車台番号の末尾が次のものは、台帳に関係なく結果が決まります。" }
                (table("結果が決まる車台番号", &[Column::new("末尾"), Column::new("結果")], &html! {
                    @for magic in magic::TABLE { tr { td { code { (magic.ending) } } td .wrap { (magic.description) } } }
                }))
            }))
            (action_bar(&button::primary("確定"), &Markup::default()))
        }))
    };
    Ok(user.visit.page("環境設定", here(Outside::Settings), &body))
}

fn clock(now: BusinessTime, ahead: i64) -> String {
    if ahead == 0 { now.to_string() } else { format!("{now}（{}日進めています）", ahead / DAY) }
}

/// 確定.
pub(super) async fn change(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let to = urls::outside(Outside::Settings);
    let within = |key: &str, most: u32| posted.parsed::<u32>(key).filter(|number| *number <= most);
    let speed = SPEEDS.iter().find(|(key, ..)| *key == posted.get("speed")).map(|(_, speed, _)| *speed);
    let days = within("correction_days", 90).filter(|days| *days >= 1).and_then(|days| u16::try_from(days).ok());
    let (step, unavailable) = (within("step_seconds", 3_600), within("unavailable", 100));
    let (lost, repeated) = (within("lost_answers", 100), within("repeated_events", 100));
    let silent = within("silent", 100);
    let (Some(speed), Some(step_seconds), Some(correction_days)) = (speed, step, days) else {
        let banner =
            Banner::warning("進み方・秒数（0～3600）・補正の日数（1～90）を確認してください。変更していません。");
        return Ok(user.visit.redirect(&to, banner));
    };
    let (Some(unavailable), Some(lost_answers), Some(repeated_events), Some(silent)) =
        (unavailable, lost, repeated, silent)
    else {
        let banner = Banner::warning("通信の障害の回数は、0～100の半角数字で入力してください。変更していません。");
        return Ok(user.visit.redirect(&to, banner));
    };
    let learn = posted.has("learn");
    let Some(days) = within("advance", MOST_DAYS) else {
        let banner = Banner::warning("時計を進める日数は、0～400の半角数字で入力してください。変更していません。");
        return Ok(user.visit.redirect(&to, banner));
    };
    let ahead = i64::from(days) * DAY;
    let (now, clocks) = (app.clocks.business().plus(ahead), Arc::clone(&app.clocks));
    let done = Act {
        action: "sim.settings",
        subject: "world".to_owned(),
        to: &to,
        said: "環境設定を変更しました。進行中の申請にも適用されます。".to_owned(),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| {
        let clock_ahead = sim.settings()?.clock_ahead.saturating_add(ahead);
        if clock_ahead > MOST_AHEAD * DAY {
            return Err(SimError::Refused("時計は、合わせて3,650日まで進められます。変更していません。".to_owned()));
        }
        sim.set_settings(&Settings { speed, step_seconds, learn, correction_days, clock_ahead }, now)?;
        clocks.advance_business(ahead);
        sim.wire().set(Faults { unavailable, lost_answers, repeated_events, silent });
        Ok(())
    })
    .await
}
