//! お支払い情報登録: a card for each vehicle whose garage pays without an account.

use super::{Act, act, here, look, page_of};
use crate::app::Shared;
use crate::domain::chassis;
use crate::domain::money::Yen;
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use crate::domain::text;
use crate::sim::world::Card;
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

/// Card numbers to try things with: the number, whether charges are accepted, what it stands for.
const NUMBERS: &[(&str, bool, &str)] = &[
    ("4000000000000002", true, "決済できるカード"),
    ("4000000000000010", false, "利用限度額を超えるカード（決済不可）"),
    ("4000000000000028", false, "有効期限が切れたカード（決済不可）"),
];

const COLUMNS: [Column<'_>; 3] = [Column::new("車台番号"), Column::new("カード"), Column::amount("決済累計")];

/// All cards, and the form for another.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Response> {
    page(&app, &user.visit, &asked, &Fields::default(), &Problems::new()).await
}

async fn page(app: &Shared, visit: &Visit, asked: &Fields, typed: &Fields, problems: &Problems) -> Result<Response> {
    let cards = look(app, crate::sim::Sim::cards).await?;
    let (listed, rows) = page_of(cards, asked);
    let action = urls::outside(Outside::Cards);
    let found = if rows.is_empty() {
        empty_state("登録されたカードはありません。", &Markup::default())
    } else {
        table(
            "登録されたカード",
            &COLUMNS,
            &html! {
                @for card in &rows {
                    tr {
                        td { (card.chassis) }
                        td { @if card.accepts { (tag(Tone::Done, "決済できます")) } @else { (tag(Tone::Stopped, "決済不可")) } }
                        td .amount { (Yen(u32::try_from(card.charged).unwrap_or(u32::MAX))) }
                    }
                }
            },
        )
    };
    let body = html! {
        (error_summary(problems))
        (form::post(visit, &action, &group("card", "カードの登録", &html! {
            (field("chassis", "車台番号").required(true).rule("申請に入力した車台番号です。").value(typed.get("chassis")).problems(problems).text(25))
            (field("number", "カード番号").required(true).rule("下の試験用の番号だけを使えます。実際のカード番号は入力しないでください。").value(typed.get("number")).problems(problems).text(19))
            div .actions { (button::primary("登録")) }
        })))
        section .card { h2 { "試験用のカード番号" } (numbers()) }
        (listing(listed, &action, asked, &Markup::default(), &found))
    };
    let title = "くるまの保有関係手続お支払い情報登録サービス";
    Ok(page_with(visit, problems, title, here(Outside::Cards), &body))
}

/// The numbers that can be registered, and what comes of each.
pub(super) fn numbers() -> Markup {
    table(
        "試験用のカード番号",
        &[Column::new("カード番号"), Column::new("結果")],
        &html! { @for (number, _, meaning) in NUMBERS { tr { td .subject { code { (number) } } td .wrap { (meaning) } } } },
    )
}

/// Registers a card. Applications that wait for one are charged at once.
pub(super) async fn register(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let mut problems = Problems::new();
    let number = problems.take("chassis", chassis::parse(VehicleKind::Registered, posted.get("chassis"), false));
    let digits: String = text::normalise(posted.get("number")).chars().filter(char::is_ascii_digit).collect();
    let known = NUMBERS.iter().find(|(number, ..)| *number == digits);
    if known.is_none() {
        problems.add("number", "カード番号は、表にある試験用の番号から入力してください。例：4000000000000002");
    }
    let (Some(number), Some((_, accepts, _))) = (number, known) else {
        return page(&app, &user.visit, &Fields::default(), &posted, &problems).await;
    };
    let to = urls::outside(Outside::Cards);
    let card = Card { chassis: number.number.clone(), accepts: *accepts, charged: 0 };
    let done = Act {
        posted: &posted,
        action: "sim.card",
        subject: format!("card of {}", number.number),
        to: &to,
        said: format!("車台番号 {} のカードを登録しました。", number.number),
    };
    let now = app.clocks.business();
    act(&app, &user.visit, &user.actor, done, move |sim| sim.put_card(card, now)).await
}
