//! 依頼データ照会 and 申請データ照会: every block in the manual's order (inspection manual P41, P45, P47, P67).

use super::place::{Kind, Place};
use crate::domain::field;
use crate::domain::money::Yen;
use crate::domain::next_step::{Doer, deadline, next_step};
use crate::domain::payment::PaymentStatus;
use crate::domain::procedure::common::fact;
use crate::domain::procedure::{FieldKind, HeadItem, Section, Shown};
use crate::domain::progress::progress;
use crate::domain::request::{Filing, HistoryEntry, Origin, PortalStatus, ServiceRequest, Stamp, Status, Value};
use crate::domain::time::BusinessTime;
use crate::domain::workflow::{self, ActionKind};
use crate::service::requests::view::RequestView;
use crate::web::kit::banner;
use crate::web::kit::prelude::*;

/// Where one can go from the page.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// 一覧に戻る.
    pub list: &'a str,
    /// 前申請ID.
    pub previous: Option<&'a str>,
    /// 次申請ID.
    pub next: Option<&'a str>,
}

/// The page's body. `actions` are the buttons that do something.
pub fn show(place: &Place, view: &RequestView, around: Around<'_>, actions: &Markup) -> Markup {
    let request = &view.request;
    let filed = place.kind == Kind::Applications;
    let mut jumps: Vec<(&str, &str)> = Vec::new();
    if filed {
        jumps.extend([("status", "状況照会"), ("payments", "納付情報")]);
    }
    jumps.extend(place.procedure.sections.iter().map(|section| (section.id, section.label)));
    jumps.push(("history", "履歴"));
    let newest_first: Vec<HistoryEntry> = view.history.iter().rev().cloned().collect();
    html! {
        (notices(place, view))
        @if !place.is_agent() && request.status == Status::Accepted && request.origin == Origin::Agent {
            p .banner { "代理人が代行入力した依頼データです。内容に誤りがあるときは、申請の前に代理人へ連絡してください。" }
        }
        (next(place, view))
        (jump_links(&jumps))
        section .card #head {
            div .head {
                @if let Some(number) = &request.plate { (plate(number, place.procedure.vehicle, true)) }
                (track(&progress(request, view.filing.as_ref(), &view.history)))
            }
            (head(place, view).render())
        }
        @if filed {
            (section("status", "状況照会", &facts(place, view.filing.as_ref(), &view.earlier_receipts).render()))
            (section("payments", "納付情報", &payments(place, view.filing.as_ref())))
        }
        @for block in place.procedure.sections {
            (section(block.id, block.label, &fields(place, view, block).render()))
        }
        (section("history", "履歴", &history(place.procedure, &newest_first)))
        (action_bar(&html! {
            (button::link_keyed("一覧に戻る", around.list, button::Key::Back))
            (button::neighbour("前申請ID", around.previous, "prev"))
            (button::neighbour("次申請ID", around.next, "next"))
        }, actions))
    }
}

/// What went wrong and why, above everything else.
fn notices(place: &Place, view: &RequestView) -> Markup {
    let request = &view.request;
    let filing = view.filing.as_ref();
    html! {
        @if let (Status::Draft, Some(returned)) = (request.status, &request.returned) {
            (notice("代理人から差し戻されました。", &format!("{}　{}", returned.by.at, returned.by.name), [returned.reason.as_str()]))
        }
        @if let (Status::CorrectionRequested, Some(correction)) = (request.status, filing.and_then(|f| f.correction.as_ref())) {
            (super::correction::notice(place, correction, ""))
        }
        @if let (Status::Failed, Some(filing)) = (request.status, filing) {
            (notice(
                &format!("申請は「{}」となりました。", filing.portal_status.label()),
                "",
                filing.failure.iter().map(String::as_str),
            ))
        }
        // After 再申請: what has to be corrected before the next try.
        @if let (Status::Draft | Status::Accepted, Some(filing)) = (request.status, filing) && !filing.failure.is_empty() {
            (notice(
                &format!("前回の申請は「{}」となりました。", filing.portal_status.label()),
                "",
                filing.failure.iter().map(String::as_str),
            ))
        }
        @if let (Status::Filed, Some(filing)) = (request.status, filing) {
            @for payment in filing.payments.iter().filter(|payment| payment.status == PaymentStatus::Refused) {
                (notice(&format!("{}を納付できませんでした。", request.procedure().payment_name(payment.kind)), "", payment.refusal.as_deref()))
            }
        }
    }
}

fn notice<'a>(what: &str, aside: &str, reasons: impl IntoIterator<Item = &'a str>) -> Markup {
    html! {
        div .banner.warning {
            p { strong { (what) } @if !aside.is_empty() { span .deadline { "（" (aside) "）" } } }
            ul { @for reason in reasons { li { (reason) } } }
        }
    }
}

/// 次の対応.
fn next(place: &Place, view: &RequestView) -> Markup {
    let request = &view.request;
    let step = next_step(request.status, request.portal_status, request.returned.is_some(), place.side());
    let until = deadline(place.procedure, request, view.filing.as_ref()).map(|day| format!("期限 {day}"));
    // Who may not send does the rest.
    let cannot_send = request.status == Status::Draft && !view.available.contains(&ActionKind::Send);
    let entered = request.status == Status::Accepted && request.origin == Origin::Agent;
    let sentence = match step.doer {
        Doer::You if entered && !field::missing(place.procedure, &request.fields).is_empty() => {
            format!("{}：「依頼データ更新」で必要な項目を入力してから、「申請」をしてください。", step.doer.label())
        }
        Doer::You if cannot_send => {
            let task = if request.returned.is_some() {
                "差戻しの理由を確認し、「依頼データ更新」で訂正してください。"
            } else {
                "「依頼データ更新」で必要な項目を入力してください。"
            };
            format!("{}：{task}送信は、担当者（送信可）が行います。", step.doer.label())
        }
        Doer::You => format!("{}：{}", step.doer.label(), step.sentence),
        _ => step.sentence.to_owned(),
    };
    banner::next_step(&sentence, step.doer == Doer::You, until.as_deref())
}

fn time(at: Option<BusinessTime>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn stamped(stamp: Option<&Stamp>) -> String {
    time(stamp.map(|stamp| stamp.at))
}

/// The head block, in the procedure's own order.
fn head(place: &Place, view: &RequestView) -> Definitions {
    let items = match place.kind {
        Kind::Requests => place.procedure.request_head,
        Kind::Applications => place.procedure.application_head,
    };
    items.iter().fold(Definitions::new(), |pairs, item| head_item(pairs, place, view, *item))
}

fn head_item(pairs: Definitions, place: &Place, view: &RequestView, item: HeadItem) -> Definitions {
    let request = &view.request;
    match item {
        HeadItem::Id => pairs.pair("申請ID", request.id.to_string()),
        HeadItem::Status => pairs.pair("申請ステータス", status(request)),
        HeadItem::Plate => pairs.pair(place.procedure.plate_label, vehicle(view).0),
        HeadItem::SmallPlate => pairs.pair("小板フラグ", small_plate(request)),
        HeadItem::Chassis => pairs.pair("車台番号", vehicle(view).1),
        HeadItem::Stamped => pairs.pair("職権打刻フラグ", vehicle(view).2),
        HeadItem::Client => pairs.pair("依頼人", client(place, view)),
        HeadItem::Agent => pairs.pair("代理人", view.agent.as_str()),
        HeadItem::Kind => pairs.pair("申請種別", request.kind.label()),
        HeadItem::RequestedAt => pairs.pair("依頼日時", time(request.requested_at)),
        HeadItem::Office => pairs.pair("申請先", view.office.as_deref().unwrap_or_default()),
        HeadItem::ClientUpdatedBy => {
            pairs.pair("依頼人更新者", request.client_updated.as_ref().map_or("", |stamp| stamp.name.as_str()))
        }
        HeadItem::ClientUpdatedAt => pairs.pair("依頼人更新日時", stamped(request.client_updated.as_ref())),
        HeadItem::AgentUpdatedAt => pairs.pair("代理人更新日時", stamped(request.agent_updated.as_ref())),
        HeadItem::FiledAt => pairs.pair("申請日時", time(request.filed_at)),
        HeadItem::Field(number) => match place.procedure.field_by_number(number) {
            Some(each) => pairs.pair(each.label, field::shown(each, &request.fields)),
            None => pairs,
        },
        HeadItem::WhenSet(number) if request.flag(number) => head_item(pairs, place, view, HeadItem::Field(number)),
        HeadItem::WhenSet(_) => pairs,
        HeadItem::Suspension => pairs.pair("中断予約", workflow::suspension(request)),
        HeadItem::OnceAccepted(inner) => {
            if place.is_agent() || request.status == Status::Accepted {
                head_item(pairs, place, view, *inner)
            } else {
                pairs
            }
        }
    }
}

fn small_plate(request: &ServiceRequest) -> &'static str {
    if request.plate.as_ref().is_some_and(|plate| plate.small) { "小板" } else { "小板以外" }
}

/// 申請ステータス, and what the portal says where that says more.
fn status(request: &ServiceRequest) -> Markup {
    let portal = request.portal_status.filter(|_| !request.status.is_request()).map(PortalStatus::label);
    html! {
        (status_tag(request.status, request.portal_status))
        @if let Some(portal) = portal && portal != request.status.label() { "　" (portal) }
        @if request.origin == Origin::Agent { "　代行入力" }
    }
}

/// 依頼人; the garage's own users get from there to 依頼人拠点照会.
fn client(place: &Place, view: &RequestView) -> Markup {
    let organization = view.client.strip_suffix(view.branch_name.as_str()).filter(|_| !view.branch_name.is_empty());
    html! {
        @if place.is_agent() {
            (view.client) "（依頼人組織ID " (view.request.client) "）"
        } @else if let Some(organization) = organization {
            (organization)
            a href=(urls::client_branch(view.request.branch, &place.record(view.request.id, ""))) { (view.branch_name) }
        } @else {
            (view.client)
        }
    }
}

/// Plate, chassis number and 職権打刻 in words.
fn vehicle(view: &RequestView) -> (String, String, &'static str) {
    let plate = view.request.plate.as_ref().map(ToString::to_string).unwrap_or_default();
    let chassis = view.request.chassis.as_ref();
    let stamp = if chassis.is_some_and(|chassis| chassis.officially_stamped) {
        "職権打刻あり"
    } else {
        "職権打刻なし"
    };
    (plate, chassis.map(|chassis| chassis.number.clone()).unwrap_or_default(), stamp)
}

/// What can't be changed any more, above a form: the head of 依頼データ更新.
pub fn fixed_head(place: &Place, view: &RequestView) -> Markup {
    html! { section .card #head { (identity(place, view).render()) } }
}

/// Which record this is.
pub fn identity(place: &Place, view: &RequestView) -> Definitions {
    let (plate, chassis, stamp) = vehicle(view);
    let mut pairs = Definitions::new()
        .pair("申請ID", view.request.id.to_string())
        .pair("申請ステータス", status_tag(view.request.status, view.request.portal_status))
        .pair(place.procedure.plate_label, plate);
    if place.procedure.vehicle.has_old_plates() {
        pairs = pairs.pair("小板フラグ", small_plate(&view.request));
    }
    pairs
        .pair("車台番号", html! { (chassis) "（" (stamp) "）" })
        .pair("依頼人", client(place, view))
        .pair("代理人", view.agent.as_str())
}

/// 状況照会.
fn facts(place: &Place, filing: Option<&Filing>, earlier: &[String]) -> Definitions {
    let mut pairs = Definitions::new();
    for fact in place.procedure.facts {
        let value = filing.and_then(|filing| filing.facts.get(&fact.no)).map(plain).unwrap_or_default();
        pairs = if fact.no == fact::RECEIPT {
            pairs.pair(fact.label, digits(&value))
        } else {
            pairs.pair(fact.label, value)
        };
    }
    if earlier.is_empty() { pairs } else { pairs.wide("以前の受付番号", earlier.join("、")) }
}

/// A value that has no field behind it.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Choice(code) => code.to_string(),
        Value::Flag(set) => (if *set { "有" } else { "無" }).to_owned(),
        Value::Day(day) => day.to_string(),
        Value::Moment(at) => at.to_string(),
    }
}

/// 納付情報: all rows of the procedure, also those that the portal has not issued yet.
fn payments(place: &Place, filing: Option<&Filing>) -> Markup {
    let columns = [
        Column::new("手数料・税種別"),
        Column::amount("税手数料額"),
        Column::new("納付状況"),
        Column::new("納付完了日"),
        Column::new("納付期限日"),
    ];
    let issued = || filing.iter().flat_map(|filing| &filing.payments);
    let marks = amount_marks(issued().any(|payment| payment.inferred), issued().any(|payment| payment.expected));
    let table = table(
        "納付情報",
        &columns,
        &html! {
            @for rule in place.procedure.payments {
                @let issued = filing.and_then(|filing| filing.payment(rule.kind));
                tr {
                    td { (rule.label) }
                    @if let Some(payment) = issued {
                        td .amount { (amount(payment.amount, payment.inferred, payment.expected)) }
                        td { (payment_tag(payment.status)) }
                        td { @if let Some(day) = payment.paid_on { (day) } @else { "―" } }
                        td { (payment.due) }
                    } @else {
                        td .amount { "―" } td { "―" } td { "―" } td { "―" }
                    }
                }
            }
        },
    );
    html! { (table) (marks) }
}

/// An amount, marked when it rests on an inference or on a tariff that has ended.
pub fn amount(amount: Yen, inferred: bool, expected: bool) -> Markup {
    html! {
        (amount)
        @if inferred { " " span .note { "推定" } }
        @if expected { " " span .note { "見込" } }
    }
}

/// What the marks behind amounts mean, where they stand.
pub fn amount_marks(inferred: bool, expected: bool) -> Markup {
    html! {
        @if inferred { p .rule { "「推定」は、公表されている額をもとに推定した額です。" } }
        @if expected { p .rule { "「見込」は、今後の改定により変わることがある額です。" } }
    }
}

/// A block of the procedure's fields.
fn fields(place: &Place, view: &RequestView, block: &Section) -> Definitions {
    let mut pairs = Definitions::new();
    for each in block.fields {
        let stands = match each.shown {
            Shown::Always => true,
            Shown::Application => place.kind == Kind::Applications,
            // An application shows every field of the manual's page, also where nothing was entered.
            Shown::WhenSet => place.kind == Kind::Applications || view.request.fields.contains_key(&each.no),
        };
        if !stands {
            continue;
        }
        let value = field::shown(each, &view.request.fields);
        pairs = match (&each.kind, each.note) {
            (_, Some(note)) => pairs.noted(each.label, value, Some(note)),
            (FieldKind::Memo { .. }, None) => pairs.wide(each.label, value),
            (FieldKind::Text { max, .. }, None) if *max > 40 => pairs.wide(each.label, value),
            _ => pairs.pair(each.label, value),
        };
    }
    pairs
}
