//! One filing before an official: what was applied for, what the registers say, what the rules find, its money, its
//! way, and what can be decided now.

use super::filings::{address, portal_tag};
use super::{Act, CHANGED, act, changed, correction, here, look};
use crate::app::Shared;
use crate::domain::happening::Happening;
use crate::domain::ids::SubmissionNumber;
use crate::domain::observation;
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::problem::Problems;
use crate::domain::procedure::{self, Procedure};
use crate::domain::request::{Hold, PortalStatus, Status};
use crate::domain::role::Application;
use crate::domain::workflow::{event_name, status_of};
use crate::portal::document;
use crate::portal::gateway::{Command, Event};
use crate::secret;
use crate::service::error::Error;
use crate::service::{self, manual};
use crate::sim::view::Examined;
use crate::sim::world::{Account, ClaimState, Outcome, PortalFiling};
use crate::sim::{SimError, rules};
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use crate::web::procedure::place::{Kind, Place};
use axum::extract::{Path, State};
use axum::response::Response;
use std::collections::BTreeMap;

/// What an official can make happen next, in a status: the form value, the label, what it means.
type Decisions = &'static [(Outcome, &'static str, &'static str)];

/// By status.
const DECISIONS: &[(PortalStatus, Decisions)] = &[
    (
        PortalStatus::ReceptionReview,
        &[
            (Outcome::ByRegister, "照合どおりに進める", "下の「照合の結果」のとおりに受け付けるか、未受付にします。"),
            (Outcome::Approve, "受け付ける", "照合の結果にかかわらず受け付けます。"),
            (Outcome::CommissionUnknown, "未受付にする", "委託番号を確認できないものとして、未受付にします。"),
        ],
    ),
    (
        PortalStatus::Review,
        &[
            (Outcome::ByRegister, "照合どおりに進める", "下の「照合の結果」のとおりに審査を終えます。"),
            (Outcome::Approve, "合格にする", "照合の結果にかかわらず合格にします。"),
            (
                Outcome::ConformityMissing,
                "補正を求める（保適証）",
                "保安基準適合証がないものとして、検査補正要求にします。",
            ),
            (
                Outcome::InsuranceShort,
                "補正を求める（自賠責）",
                "自賠責の期間が足りないものとして、検査補正要求にします。",
            ),
            (Outcome::UserMismatch, "却下する", "使用者が登録と異なるものとして、却下します。"),
        ],
    ),
    (
        PortalStatus::AwaitingIssue,
        &[(
            Outcome::ByRegister,
            "交付する",
            "新しい自動車検査証を交付します（記録事務代行者のときは書換えを済ませます）。",
        )],
    ),
    (
        PortalStatus::Withdrawing,
        &[(Outcome::ByRegister, "取り下げる", "取下の依頼を処理します。引落し中の納付は、結果を待って記録します。")],
    ),
];

/// Of a filing that was asked to go on.
const RESUMPTION: Decisions = &[(Outcome::ByRegister, "再開する", "再開の依頼を処理し、中断したところから続けます。")];

/// The label of what an official presses to make this happen; empty when nothing is pressed for it.
pub(super) fn decision(wanted: Outcome) -> &'static str {
    let all = DECISIONS.iter().flat_map(|(_, decisions)| *decisions);
    all.filter(|(outcome, ..)| *outcome == wanted).map(|(_, label, _)| *label).next().unwrap_or_default()
}

fn decisions(filing: &PortalFiling) -> Decisions {
    match filing.hold {
        Some(Hold::Suspended) => &[],
        Some(Hold::Resuming) => RESUMPTION,
        _ => DECISIONS.iter().find(|(status, _)| *status == filing.status).map_or(&[], |(_, decisions)| decisions),
    }
}

/// The accounts that fees can be paid from.
pub(super) struct Payers {
    accounts: Vec<Account>,
    /// Whose they are.
    holders: BTreeMap<String, String>,
    /// Those from which the fees of this filing are usually paid.
    usual: Vec<String>,
}

/// The filing of an address with everything that can be looked up about it, and the accounts there are.
pub(super) async fn examined(app: &Shared, key: &str) -> Result<(Examined, Payers)> {
    let number: SubmissionNumber = key.parse().map_err(|()| Error::NotFound)?;
    let now = app.clocks.business();
    let found = look(app, move |sim| Ok((sim.examine(number, now)?, sim.accounts()?))).await?;
    let (examined, accounts) = found;
    let examined = examined.ok_or(Error::NotFound)?;
    let usual = service::payments::usual_accounts(app, examined.filing.request)?;
    let payers = Payers { accounts, holders: service::payments::account_holders(app)?, usual };
    Ok((examined, payers))
}

/// The page.
pub(super) async fn show(State(app): State<Shared>, user: SimulatorUser, Path(key): Path<String>) -> Result<Response> {
    let (examined, payers) = examined(&app, &key).await?;
    Ok(show_with(&user.visit, &examined, &payers, &Fields::default(), &Problems::new()))
}

/// The page with what was typed in its form.
pub(super) fn show_with(
    visit: &Visit,
    examined: &Examined,
    payers: &Payers,
    typed: &Fields,
    problems: &Problems,
) -> Response {
    let filing = &examined.filing;
    let procedure = examined.application.as_ref().and_then(|application| procedure::by_code(application.procedure));
    let body = html! {
        (error_summary(problems))
        (jump_links(&[("decide", "処理"), ("match", "照合"), ("payments", "納付"), ("document", "申請書"), ("events", "経過")]))
        section .card #head { (head(examined, procedure).render()) }
        (section("decide", "処理", &html! { (decide_block(visit, filing)) (correction::block(visit, examined, typed, problems)) }))
        (section("match", "照合の結果", &matching(examined)))
        (section("payments", "納付", &payments(visit, filing, payers)))
        (section("document", "申請書", &application(examined, procedure)))
        (section("events", "経過", &events(&examined.filing, &examined.events)))
        (action_bar(&button::link("一覧に戻る", &urls::outside(Outside::Filings)), &html! {
            @if let Some(procedure) = procedure {
                @let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
                (button::plain_link("代理人の申請データ照会", &place.record(filing.request, "")))
            }
        }))
    };
    page_with(visit, problems, "OSSポータル 申請", here(Outside::Filings), &body)
}

fn head(examined: &Examined, procedure: Option<&Procedure>) -> Definitions {
    let filing = &examined.filing;
    let number = examined.application.as_ref().zip(procedure);
    Definitions::new()
        .pair("受付番号", digits(filing.receipt.as_deref().unwrap_or("（未採番）")))
        .pair("OSSステータス", portal_tag(filing.status))
        .pair("中断・再開", filing.hold.map_or("", Hold::label))
        .pair("手続", procedure.map_or("―", |procedure| procedure.label))
        .pair("申請ID", filing.request.to_string())
        .pair("番号", html! { @if let Some((application, procedure)) = number { (plate(&application.plate, procedure.vehicle, false)) } })
        .pair("車台番号", examined.application.as_ref().map_or("", |application| application.chassis.number.as_str()))
        .pair("申請日時", filing.filed_at.to_string())
        .pair("この状態になった日時", filing.since.to_string())
        .pair("次に処理する日時", filing.due.map_or_else(|| "担当者・申請者の操作を待っています".to_owned(), |due| due.to_string()))
        .pair("以前の受付番号", digits(filing.earlier.as_deref().unwrap_or_default()))
        .pair("補正期限", filing.correction_until.map(|day| day.to_string()).unwrap_or_default())
        .pair("新しい有効期間満了日", filing.expires_on.map(|day| day.to_string()).unwrap_or_default())
}

fn decide_block(visit: &Visit, filing: &PortalFiling) -> Markup {
    let decisions = decisions(filing);
    html! {
        @if decisions.is_empty() {
            p { "この状態では、職員が行う処理はありません。" }
        } @else {
            dl .decisions {
                @for (outcome, label, meaning) in decisions {
                    dt {
                        (form::inline(visit, &format!("{}/decide", address(filing)), &html! {
                            (form::hidden("status", &filing.status.code().to_string()))
                            (form::hidden("outcome", outcome_key(*outcome)))
                            button .button type="submit" { (label) }
                        }))
                    }
                    dd { (meaning) }
                }
            }
        }
    }
}

fn outcome_key(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ByRegister => "by_register",
        Outcome::Approve => "approve",
        Outcome::ConformityMissing => "conformity_missing",
        Outcome::InsuranceShort => "insurance_short",
        Outcome::UserMismatch => "user_mismatch",
        Outcome::CommissionUnknown => "commission_unknown",
        Outcome::DebitRefused => "debit_refused",
        Outcome::CardDeclined => "card_declined",
        Outcome::PortalDown => "portal_down",
        Outcome::Slow => "slow",
        Outcome::AgentBarred => "agent_barred",
        Outcome::AtCounter => "at_counter",
    }
}

fn matching(examined: &Examined) -> Markup {
    let vehicle = examined.vehicle.as_ref();
    let conformity = examined.conformity.as_ref();
    let policies: Vec<String> =
        examined.policies.iter().map(|policy| format!("{}～{}", policy.from, policy.until)).collect();
    let signer = examined.filing.signer.as_ref();
    let pairs = Definitions::new()
        .pair("車両台帳の使用者", vehicle.map_or("（登録なし）", |vehicle| vehicle.user_name.as_str()))
        .pair("車両台帳の住所", vehicle.map_or("", |vehicle| vehicle.user_address.as_str()))
        .pair("有効期間満了日", vehicle.map(|vehicle| vehicle.expires_on.to_string()).unwrap_or_default())
        .pair("放置違反金", vehicle.map_or("", |vehicle| if vehicle.unpaid_fine { "未納" } else { "なし" }))
        .pair(
            "保適証",
            conformity.map_or_else(
                || "（なし）".to_owned(),
                |conformity| format!("{}（検査日 {}）", conformity.state.label(), conformity.inspected_on),
            ),
        )
        .pair("自賠責", if policies.is_empty() { "（なし）".to_owned() } else { policies.join("、") })
        .pair("電子署名", signer.map_or("検証できません", |signer| signer.trade_name.as_str()))
        .pair("署名者", signer.map_or(String::new(), |signer| format!("{}　{}", signer.person_name, signer.address)))
        .pair("記録等事務代行者", examined.commission.as_ref().map_or("", |holder| holder.name.as_str()));
    html! {
        @if !matches!(status_of(examined.filing.status), Status::Completed | Status::Failed) {
            @if examined.findings.is_empty() {
                div .banner.ok { p { "照合で見つかった問題はありません（" (examined.on) " 現在）。" } }
            } @else {
                div .banner.warning { ul { @for finding in &examined.findings { li { (finding) } } } }
            }
        }
        (pairs.render())
    }
}

fn application(examined: &Examined, procedure: Option<&'static Procedure>) -> Markup {
    let Some((application, procedure)) = examined.application.as_ref().zip(procedure) else {
        return html! { p { "申請書を読み取れません。" } };
    };
    html! { @for (heading, lines) in manual::blocks(procedure, application) {
        h3 { (heading) }
        (lines.into_iter().fold(Definitions::new(), |pairs, (label, value)| pairs.pair(label, value)).render())
    } }
}

fn payments(visit: &Visit, filing: &PortalFiling, payers: &Payers) -> Markup {
    if filing.claims.is_empty() {
        return html! { p { "まだ発行された手数料・税はありません。" } };
    }
    let columns = [
        Column::new("手数料・税種別"),
        Column::amount("税手数料額"),
        Column::new("納付期限日"),
        Column::new("状況"),
        Column::new("操作"),
    ];
    let awaited = matches!(
        filing.status,
        PortalStatus::AwaitingInspectionFee
            | PortalStatus::AwaitingInformationFee
            | PortalStatus::AwaitingFees
            | PortalStatus::AwaitingWeightTax
            | PortalStatus::AwaitingRepayment
    ) && !matches!(filing.hold, Some(Hold::Suspended | Hold::Resuming));
    table(
        "納付",
        &columns,
        &html! {
            @for claim in &filing.claims {
                tr {
                    td { (payment_name(filing, claim.kind)) }
                    td .amount { (claim.amount) }
                    td { (claim.due) }
                    td { (state(&claim.state)) @if claim.refusals > 0 { small { "引落し不可 " (claim.refusals) "回" } } }
                    td {
                        @if awaited && claim.state == ClaimState::Open {
                            (form::inline(visit, &format!("{}/pay", address(filing)), &html! {
                                (form::hidden("kind", &claim.kind.code().to_string()))
                                select name="account" aria-label={ (payment_name(filing, claim.kind)) "を納付する口座" } {
                                    @for account in suited(filing, claim.kind, payers) {
                                        option value=(account.name) {
                                            (account.name)
                                            @if let Some(holder) = payers.holders.get(&account.name) { " " (holder) }
                                        }
                                    }
                                }
                                button .button.small type="submit" { "納付" }
                            }))
                        }
                    }
                }
            }
        },
    )
}

/// The accounts that can pay a fee, the one that usually does first.
fn suited<'a>(filing: &PortalFiling, kind: PaymentKind, payers: &'a Payers) -> Vec<&'a Account> {
    let rules = rules::procedure_of(document::read(&filing.document).ok().as_ref()).payments;
    let usual = rules.iter().find(|rule| rule.kind == kind).map(|rule| rule.means);
    let mut suited: Vec<&Account> = payers.accounts.iter().filter(|account| account.means != Means::Card).collect();
    suited.sort_by_key(|account| (!payers.usual.contains(&account.name), Some(account.means) != usual));
    suited
}

fn state(state: &ClaimState) -> Markup {
    match state {
        ClaimState::Open => tag(Tone::Waiting, "未納付"),
        ClaimState::Ordered { account, .. } => html! { (tag(Tone::Going, "納付待ち")) small { (account) } },
        ClaimState::Paid { on, account, .. } => html! { (tag(Tone::Done, "納付済")) small { (on) " " (account) } },
        ClaimState::Waived => tag(Tone::Idle, "免除"),
        ClaimState::CarriedOver(receipt) => html! { (tag(Tone::Done, "納付済")) small { "受付番号 " (receipt) } },
    }
}

fn events(filing: &PortalFiling, events: &[Event]) -> Markup {
    html! {
        @if events.is_empty() { p { "まだ処理されていません。" } }
        ol .history {
            @for event in events.iter().rev() {
                li { span .at { (event.at) } div { p { strong { (words(filing, event)) } } } }
            }
        }
    }
}

/// 手数料・税種別 as the procedure of the filing calls it.
fn payment_name(filing: &PortalFiling, kind: PaymentKind) -> &'static str {
    rules::procedure_of(document::read(&filing.document).ok().as_ref()).payment_name(kind)
}

/// What happened, in words.
fn words(filing: &PortalFiling, event: &Event) -> String {
    let label = observation::by_event(event_name(&event.what)).map_or("", |observation| observation.label);
    match &event.what {
        Happening::Received { receipt } => format!("申請受付　受付番号 {receipt}"),
        Happening::PaymentIssued { kind, amount, .. } => format!("{label}　{} {amount}", payment_name(filing, *kind)),
        Happening::Paid { kind, .. } => format!("{label}　{}", payment_name(filing, *kind)),
        Happening::PaymentRefused { kind, reason } => format!("{label}　{} {reason}", payment_name(filing, *kind)),
        Happening::CorrectionRequested { reasons, .. }
        | Happening::NotAccepted { reasons }
        | Happening::Rejected { reasons }
        | Happening::Voided { reasons } => format!("{label}　{}", reasons.join(" ")),
        _ => label.to_owned(),
    }
}

/// 処理.
pub(super) async fn decide(
    State(app): State<Shared>,
    user: SimulatorUser,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response> {
    let (examined, _) = examined(&app, &key).await?;
    let filing = examined.filing;
    let to = address(&filing);
    let status = posted.parsed("status").and_then(PortalStatus::from_code);
    let chosen = decisions(&filing).iter().find(|(outcome, ..)| outcome_key(*outcome) == posted.get("outcome"));
    let (Some(status), Some((outcome, label, _))) = (status.filter(|status| *status == filing.status), chosen) else {
        return changed(&app, &user, &posted, &to);
    };
    let (number, outcome, now) = (filing.number, *outcome, app.clocks.business());
    let done = Act {
        posted: &posted,
        action: "sim.decide",
        subject: format!("portal filing {number}"),
        to: &to,
        said: format!("「{label}」を行いました。"),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| {
        // Somebody else may have decided meanwhile.
        if sim.filing(number)?.is_none_or(|filing| filing.status != status) {
            return Err(SimError::Refused(CHANGED.to_owned()));
        }
        sim.decide(number, outcome, now)?;
        sim.tick(now)?;
        Ok(())
    })
    .await
}

/// 納付 at the portal's own counter.
pub(super) async fn pay(
    State(app): State<Shared>,
    user: SimulatorUser,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response> {
    let (examined, payers) = examined(&app, &key).await?;
    let filing = examined.filing;
    let to = address(&filing);
    let kind = posted.parsed("kind").and_then(PaymentKind::from_code);
    let account = payers.accounts.into_iter().find(|account| account.name == posted.get("account"));
    let (Some(kind), Some(account)) = (kind, account) else {
        return Ok(user.visit.redirect(&to, Banner::warning("納付する口座を一覧から選んでください。")));
    };
    let (number, now) = (filing.number, app.clocks.business());
    let done = Act {
        posted: &posted,
        action: "sim.pay",
        subject: format!("portal filing {number}"),
        to: &to,
        said: format!("{}の納付を手続しました。", payment_name(&filing, kind)),
    };
    let order = order(number, kind, &account);
    act(&app, &user.visit, &user.actor, done, move |sim| sim.submit(&order, SubmissionNumber(secret::random()), now))
        .await
}

fn order(filing: SubmissionNumber, kind: PaymentKind, account: &Account) -> Command {
    Command::Pay { filing, kind, means: account.means, account: account.name.clone() }
}
