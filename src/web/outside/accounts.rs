//! ダイレクト納付: the accounts that fees are taken from.

use super::{Act, act, here, look, page_of};
use crate::app::Shared;
use crate::domain::money::Yen;
use crate::domain::text;
use crate::service::payments;
use crate::sim::world::Account;
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;
use std::collections::BTreeMap;

/// The largest balance that can be set, in yen.
const MOST: u64 = 1_000_000_000;

const COLUMNS: [Column<'_>; 7] = [
    Column::new("口座"),
    Column::new("名義"),
    Column::new("用途"),
    Column::new("状態"),
    Column::amount("引落し累計"),
    Column::amount("残高"),
    Column::new("変更"),
];

/// All accounts, each with its form.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Markup> {
    let accounts = look(&app, crate::sim::Sim::accounts).await?;
    let holders = payments::account_holders(&app)?;
    let (listed, rows) = page_of(accounts, &asked);
    let action = urls::outside(Outside::Accounts);
    let found = if rows.is_empty() {
        empty_state("口座はまだありません。最初の納付のときに、自動で開設されます。", &Markup::default())
    } else {
        table("口座", &COLUMNS, &html! { @for account in &rows { (row(&user.visit, account, &holders)) } })
    };
    Ok(user.visit.page("ダイレクト納付 口座一覧", here(Outside::Accounts), &html! {
        p .lead { "残高が納付額より少ない口座、開通していない口座からの引落しは不可になり、申請は再納付待ちになります。" }
        (listing(listed, &action, &asked, &Markup::default(), &found))
    }))
}

fn yen(amount: u64) -> String {
    Yen(u32::try_from(amount).unwrap_or(u32::MAX)).to_string()
}

fn row(visit: &Visit, account: &Account, holders: &BTreeMap<String, String>) -> Markup {
    html! {
        tr {
            td { (account.name) }
            td .name { (holders.get(&account.name).map_or("―", String::as_str)) }
            td { (account.means.label()) }
            td { @if account.open { (tag(Tone::Done, "開通")) } @else { (tag(Tone::Stopped, "未開通")) } }
            td .amount { (yen(account.taken)) }
            td .amount { (yen(account.balance)) }
            td {
                (form::inline(visit, &urls::outside(Outside::Accounts), &html! {
                    (form::hidden("name", &account.name))
                    input .entry type="text" inputmode="numeric" name="balance" value=(account.balance) maxlength="20" aria-label={ (account.name) "の残高" };
                    label .check { input type="checkbox" name="open" value="on" checked[account.open]; span { "開通" } }
                    button .button.small type="submit" aria-label={ (account.name) "を変更" } { "変更" }
                }))
            }
        }
    }
}

/// Changes balance and state of an account.
pub(super) async fn change(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let to = urls::outside(Outside::Accounts);
    let name = posted.get("name").to_owned();
    let digits = text::normalise(posted.get("balance")).replace([',', '円'], "");
    let Some(balance) = digits.parse::<u64>().ok().filter(|balance| *balance <= MOST) else {
        let banner = Banner::warning(format!(
            "口座「{name}」の残高は、0円から10億円までの数字で入力してください。変更していません。例：500000"
        ));
        return Ok(user.visit.redirect(&to, banner));
    };
    let open = posted.has("open");
    let done = Act {
        posted: &posted,
        action: "sim.account",
        subject: format!("account {name}"),
        to: &to,
        said: format!("口座「{name}」を変更しました。"),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| sim.set_account(&name, balance, open)).await
}
