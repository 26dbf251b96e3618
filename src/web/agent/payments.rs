//! 登録車OSS納付: what waits to be paid, what will be paid and how much that is, and what came of it.

use super::chosen::result;
use crate::app::{App, Shared};
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::money::Yen;
use crate::domain::payment::PaymentKind;
use crate::domain::procedure::Procedure;
use crate::domain::role::Application;
use crate::domain::work::{Subject, WorkKind};
use crate::service::manual;
use crate::service::payments::{self, Awaited, AwaitedPayment};
use crate::service::work;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::show::{amount, amount_marks};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

/// The name of the boxes; a value is `申請ID:kind`, and `申請ID:kind:amount` once the amount was agreed to.
const ITEM: &str = "item";

/// What waits to be paid.
pub(super) async fn show(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let Awaited { mut rows, mut more } = payments::awaiting(&app, &staff.actor, procedure)?;
    // From one application: what it has to pay, chosen already.
    let only = asked.parsed::<RequestId>("id").filter(|id| rows.iter().any(|row| row.request == *id));
    if let Some(id) = only {
        rows.retain(|row| row.request == id);
        more = 0;
    }
    let body = if !rows.is_empty() && manual::is_manual(&app) {
        html! {
            p .lead { "実際のポータルや金融機関で納付したあと、「記録」から結果を入力してください。この画面からは納付されません。" }
            div .results { p .count { (Listed { total: rows.len() as u64, page: 1, size: u32::MAX }.count()) } }
            (awaited(procedure, &rows, Shown::Report))
        }
    } else if rows.is_empty() {
        let applications = Place { application: Application::Agent, procedure, kind: Kind::Applications }.list();
        empty_state("納付を待っている手数料・税はありません。", &button::link("申請データ検索", &applications))
    } else {
        let confirm = format!("{}/confirm", urls::payments(procedure));
        html! {
            p .lead { "納付する手数料・税を選んで「納付」を押すと、合計額の確認画面に進みます。" }
            (form::post(&staff.visit, &confirm, &html! {
                div .results { p .count { (Listed { total: rows.len() as u64, page: 1, size: u32::MAX }.count()) } }
                (awaited(procedure, &rows, Shown::Choose { checked: only.is_some() }))
                (action_bar(&html! {
                    (button::primary("納付"))
                    (choose_all(ITEM))
                    output .sum-of data-sum=(ITEM) hidden {}
                }, &html! { (button::plain_link("一括処理の一覧", &urls::works(Application::Agent))) }))
            }))
        }
    };
    let body = html! {
        @if let Some(id) = only {
            p .lead { "申請ID " (id) " の納付だけを表示しています。" (button::plain_link("すべて表示する", &urls::payments(procedure))) }
        }
        @if more > 0 {
            p .lead { "納付を待つ申請が多いため、申請IDの小さい順に表示しています。ほかの" (more) "件の申請は、表示中のものを納付すると表示されます。" }
        }
        (body)
    };
    Ok(page(&staff.visit, procedure, &body))
}

fn page(visit: &Visit, procedure: &'static Procedure, body: &Markup) -> Response {
    visit.page(procedure.payment_label, Here::at(Menu::Payments, procedure), body).into_response()
}

/// What the rows are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// To choose from; what can be paid may be chosen already.
    Choose { checked: bool },
    /// As they were chosen, with their sum.
    Chosen,
    /// To write down what was paid elsewhere.
    Report,
}

fn awaited(procedure: &'static Procedure, rows: &[AwaitedPayment], shown: Shown) -> Markup {
    let choose = matches!(shown, Shown::Choose { .. });
    let checked = shown == Shown::Choose { checked: true };
    let mut columns = Vec::with_capacity(11);
    if choose {
        columns.push(Column { label: "選択", class: "pick" });
    }
    columns.extend([
        Column::new("申請ID"),
        Column::new(procedure.plate_label),
        Column::new("依頼人"),
        Column::new("拠点"),
        Column::new("手数料・税種別"),
        Column::amount("税手数料額"),
        Column::new("納付期限日"),
        Column::new("納付方法・口座"),
        Column::new("納付状況"),
    ]);
    if shown == Shown::Report {
        columns.push(Column::new("経過の記録"));
    }
    let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
    let report = |row: &AwaitedPayment| format!("{}?fee={}", place.record(row.request, "portal/paid"), row.kind.code());
    let body = html! {
        @for row in rows {
            tr {
                @if choose {
                    td .pick {
                        input type="checkbox" name=(ITEM) value={ (row.request) ":" (row.kind.code()) } data-amount=(row.amount.0)
                            disabled[!row.payable] checked[checked && row.payable]
                            aria-label={ "申請ID " (row.request) " の" (procedure.payment_name(row.kind)) };
                    }
                }
                td .subject { a href=(place.record(row.request, "")) { (row.request) } }
                td { @if let Some(number) = &row.plate { (plate(number, procedure.vehicle, false)) } }
                td .name { (row.client) }
                td { (row.branch) }
                td { (procedure.payment_name(row.kind)) }
                td .amount { (amount(row.amount, row.inferred, row.expected)) }
                td { (row.due) }
                td { (row.means.label()) small { (row.account) } }
                td .state { (payment_tag(row.status)) @if let Some(refusal) = &row.refusal { small { (refusal) } } }
                @if shown == Shown::Report {
                    td { a .button.small href=(report(row)) aria-label={ "申請ID " (row.request) " の" (procedure.payment_name(row.kind)) "の納付を記録" } { "記録" } }
                }
            }
        }
        @if shown == Shown::Chosen {
            tr .sum {
                th scope="row" colspan="5" { "合計（" (rows.len()) "件）" }
                td .amount { strong { (rows.iter().map(|row| row.amount).sum::<Yen>()) } }
                td colspan="3" {}
            }
        }
    };
    html! {
        (table(procedure.payment_label, &columns, &body))
        (amount_marks(rows.iter().any(|row| row.inferred), rows.iter().any(|row| row.expected)))
    }
}

/// What was chosen, each once, and the amount that was agreed to.
fn chosen(posted: &Posted) -> BTreeMap<(RequestId, PaymentKind), Option<Yen>> {
    posted.all(ITEM).filter_map(item).collect()
}

fn item(value: &str) -> Option<((RequestId, PaymentKind), Option<Yen>)> {
    let mut parts = value.split(':');
    let id = parts.next()?.parse().ok()?;
    let kind = PaymentKind::from_code(parts.next()?.parse().ok()?)?;
    Some(((id, kind), parts.next().and_then(|amount| amount.parse().ok().map(Yen))))
}

fn nothing(visit: &Visit, procedure: &Procedure) -> Response {
    let banner = Banner::warning("納付する手数料・税が選ばれていません。一覧の左端のチェックで選んでください。");
    visit.redirect(&urls::payments(procedure), banner)
}

/// The rows that were chosen and can be paid now, as they are now.
fn payable(
    app: &App,
    staff: &AgentStaff,
    procedure: &Procedure,
    items: &BTreeMap<(RequestId, PaymentKind), Option<Yen>>,
) -> Result<Vec<AwaitedPayment>> {
    let mut rows = payments::awaiting(app, &staff.actor, procedure)?.rows;
    rows.retain(|row| row.payable && items.contains_key(&(row.request, row.kind)));
    Ok(rows)
}

/// What will be paid, and the sum.
pub(super) async fn ask(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let items = chosen(&posted);
    if items.is_empty() {
        return Ok(nothing(&staff.visit, procedure));
    }
    let rows = payable(&app, &staff, procedure, &items)?;
    let gone = items.len().saturating_sub(rows.len());
    if rows.is_empty() {
        let banner = Banner::warning(
            "選んだ手数料・税は、すでに手続されたか、いまは納付できません。納付状況を確認してください。",
        );
        return Ok(staff.visit.redirect(&urls::payments(procedure), banner));
    }
    let total: Yen = rows.iter().map(|row| row.amount).sum();
    let hidden = html! {
        @for row in &rows { (form::hidden(ITEM, &format!("{}:{}:{}", row.request, row.kind.code(), row.amount.0))) }
    };
    let asked = confirm(
        &staff.visit,
        &urls::payments(procedure),
        &format!("次の{}件、合計{total}を納付します。内容を確認のうえ、確定してください。", rows.len()),
        &awaited(procedure, &rows, Shown::Chosen),
        &hidden,
        &urls::payments(procedure),
        false,
    );
    let body = html! {
        @if gone > 0 {
            (Banner::warning(format!("選んだもののうち{gone}件は、すでに手続されたか、いまは納付できないため、除いています。")).render())
        }
        (asked)
    };
    Ok(page(&staff.visit, procedure, &body))
}

/// 確定.
pub(super) async fn pay(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let items = chosen(&posted);
    if items.is_empty() {
        return Ok(nothing(&staff.visit, procedure));
    }
    let once = posted.once()?;
    let mut agreed = Vec::with_capacity(items.len());
    for ((id, kind), amount) in items {
        // Money is only moved by the page that shows how much.
        let Some(amount) = amount else { return Ok(nothing(&staff.visit, procedure)) };
        agreed.push((id, kind, amount));
    }
    if let [(id, kind, amount)] = agreed[..] {
        let outcome = payments::pay(&app, &staff.actor, (id, kind), Some(amount), once).await;
        let item = format!("申請ID {id} {}", procedure.payment_name(kind));
        let banner = result("の納付を手続しました", vec![(item, outcome)])?;
        return Ok(staff.visit.redirect(&urls::payments(procedure), banner));
    }
    let work = WorkKind::Pay { procedure: procedure.code };
    let subjects = agreed.into_iter().map(|(id, kind, amount)| Subject::Payment(id, kind, amount)).collect();
    let id = work::begin(&app, &Actor::Agent(staff.actor.clone()), work, subjects, once).await?;
    let banner = Banner::ok("一括納付を始めました。この画面を閉じても処理は続きます。");
    Ok(staff.visit.redirect(&urls::work(Application::Agent, id), banner))
}
