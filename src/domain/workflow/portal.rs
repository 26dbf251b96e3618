//! What the portal's events do: the second table, and the only way to a new OSSステータス.

use crate::domain::correction::Correction;
use crate::domain::happening::{Event, Happening};
use crate::domain::ids::{SubmissionNumber, UserId};
use crate::domain::payment::{Means, Payment, PaymentKind, PaymentStatus};
use crate::domain::procedure::Waiver;
use crate::domain::procedure::common::{fact, no};
use crate::domain::request::{Ask, Filing, HistoryEntry, Hold, PortalStatus, ServiceRequest, Side, Status, Value};
use crate::domain::time::BusinessTime;

/// A row of the table of portal statuses.
#[derive(Debug)]
pub struct PortalRule {
    /// The kind of event, as [`event_name`] names it.
    pub event: &'static str,
    /// May come in these.
    pub from: &'static [PortalStatus],
    /// Leads here; none: the status stays (or, for a fee, goes where the procedure says that fee is awaited).
    pub to: Option<PortalStatus>,
    /// In a suspension, out of it, or both.
    pub suspension: Suspension,
}

/// Whether an event can come in a suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// Only out of it.
    Outside,
    /// Only in it.
    Inside,
    /// Both.
    Either,
}

impl PortalRule {
    /// Whether this rule is about a filing that stands like this.
    pub fn fits(&self, portal: PortalStatus, hold: Option<Hold>) -> bool {
        let suspended = matches!(hold, Some(Hold::Suspended | Hold::Resuming));
        let fits = match self.suspension {
            Suspension::Outside => !suspended,
            Suspension::Inside => suspended,
            Suspension::Either => true,
        };
        fits && self.from.contains(&portal)
    }
}

const fn rule(event: &'static str, from: &'static [P], to: Option<P>) -> PortalRule {
    PortalRule { event, from, to, suspension: Suspension::Outside }
}

const fn either(event: &'static str, from: &'static [P], to: Option<P>) -> PortalRule {
    PortalRule { event, from, to, suspension: Suspension::Either }
}

use PortalStatus as P;

/// While the portal still works on a filing.
const LIVE: &[P] = &[
    P::Processing,
    P::Received,
    P::ReceptionReview,
    P::AwaitingInspectionFee,
    P::AwaitingInformationFee,
    P::AwaitingFees,
    P::Review,
    P::AwaitingWeightTax,
    P::AwaitingRepayment,
    P::CorrectionRequested,
];

const AWAITING: &[P] =
    &[P::AwaitingInspectionFee, P::AwaitingInformationFee, P::AwaitingFees, P::AwaitingWeightTax, P::AwaitingRepayment];

/// Where a filing can be suspended: it was received, and no correction is asked for.
pub const SUSPENDABLE: &[P] = &[
    P::Received,
    P::ReceptionReview,
    P::AwaitingInspectionFee,
    P::AwaitingInformationFee,
    P::AwaitingFees,
    P::Review,
    P::AwaitingWeightTax,
    P::AwaitingRepayment,
];

/// Where a payment may be settled: where one is awaited, and in the review of an application that is paid by card.
const SETTLING: &[P] = &[
    P::AwaitingInspectionFee,
    P::AwaitingInformationFee,
    P::AwaitingFees,
    P::AwaitingWeightTax,
    P::AwaitingRepayment,
    P::Review,
];

/// OSSステータス: every way an event can move a filing (decision 11; facts 5.2). No source tells how suspension and
/// withdrawal go; what is chosen: both from the receipt on until the review has ended, a withdrawal also instead of
/// a correction; deadlines run on in a suspension; a payment under way is settled before a withdrawal ends.
pub const PORTAL_RULES: &[PortalRule] = &[
    rule("received", &[P::Processing], Some(P::Received)),
    rule("reception_review_started", &[P::Received], Some(P::ReceptionReview)),
    rule("not_accepted", &[P::Processing, P::Received, P::ReceptionReview], Some(P::NotAccepted)),
    rule("conformity_obtained", LIVE, None),
    rule("insurance_obtained", LIVE, None),
    rule(
        "payment_issued",
        &[
            P::Received,
            P::ReceptionReview,
            P::AwaitingInspectionFee,
            P::AwaitingInformationFee,
            P::AwaitingFees,
            P::AwaitingRepayment,
            P::Review,
        ],
        None,
    ),
    rule("paid", SETTLING, None),
    rule("paid", &[P::Withdrawing], None),
    rule("payment_refused", SETTLING, Some(P::AwaitingRepayment)),
    rule("payment_refused", &[P::Withdrawing], None),
    rule(
        "review_started",
        &[
            P::Received,
            P::ReceptionReview,
            P::AwaitingInspectionFee,
            P::AwaitingInformationFee,
            P::AwaitingFees,
            P::AwaitingRepayment,
            P::CorrectionRequested,
        ],
        Some(P::Review),
    ),
    rule(
        "correction_requested",
        &[P::ReceptionReview, P::Review, P::AwaitingWeightTax, P::AwaitingRepayment],
        Some(P::CorrectionRequested),
    ),
    rule("rejected", &[P::Received, P::ReceptionReview, P::Review, P::CorrectionRequested], Some(P::Rejected)),
    either(
        "voided",
        &[
            P::AwaitingInspectionFee,
            P::AwaitingInformationFee,
            P::AwaitingFees,
            P::AwaitingWeightTax,
            P::AwaitingRepayment,
            P::CorrectionRequested,
        ],
        Some(P::Void),
    ),
    rule("completed", &[P::Review, P::AwaitingWeightTax, P::AwaitingRepayment], Some(P::AwaitingIssue)),
    rule("issued", &[P::AwaitingIssue], Some(P::Issued)),
    rule("suspended", SUSPENDABLE, None),
    PortalRule { event: "resumed", from: SUSPENDABLE, to: None, suspension: Suspension::Inside },
    either("withdrawing", SUSPENDABLE, Some(P::Withdrawing)),
    rule("withdrawing", &[P::CorrectionRequested], Some(P::Withdrawing)),
    rule("withdrawn", &[P::Withdrawing], Some(P::Withdrawn)),
];

/// 申請ステータス that goes with an OSSステータス.
pub fn status_of(portal: PortalStatus) -> Status {
    match portal {
        P::Processing
        | P::Received
        | P::ReceptionReview
        | P::AwaitingInspectionFee
        | P::AwaitingInformationFee
        | P::AwaitingFees
        | P::Review
        | P::AwaitingWeightTax
        | P::AwaitingRepayment => Status::Filed,
        P::CorrectionRequested => Status::CorrectionRequested,
        P::Withdrawing => Status::Withdrawing,
        P::Withdrawn | P::NotAccepted | P::Rejected | P::Void => Status::Failed,
        P::AwaitingIssue | P::Issued => Status::Completed,
    }
}

/// 申請ステータス of a request in this OSSステータス, with what holds it.
pub fn standing(request: &ServiceRequest, portal: PortalStatus) -> Status {
    let status = status_of(portal);
    match request.hold {
        Some(Hold::Suspended) => Status::Suspended,
        Some(Hold::Resuming) if request.procedure().application_statuses.contains(&Status::Resuming) => {
            Status::Resuming
        }
        Some(Hold::Withdrawing) => Status::Withdrawing,
        _ => status,
    }
}

/// 中断予約 as 申請データ照会 shows it: 予約中, 可 or 不可 (J2153 shows 不可 for a completed one; the others are inferred).
pub fn suspension(request: &ServiceRequest) -> &'static str {
    let suspendable = request.portal_status.is_some_and(|portal| SUSPENDABLE.contains(&portal));
    match request.hold {
        Some(hold @ Hold::Reserved) => hold.label(),
        None if suspendable && request.status == Status::Filed => "可",
        _ => "不可",
    }
}

/// 手続再開ステータス (J2153 shows the last one; the others are inferred).
fn resumption(hold: Option<Hold>) -> &'static str {
    match hold {
        Some(Hold::Suspended) => "再開依頼実施可",
        Some(Hold::Resuming) => "再開依頼処理中",
        _ => "各種再開依頼実施不可",
    }
}

/// 手続再開ステータス follows what the agent asks at once; the portal's next event may be a long time coming.
pub fn note_hold(request: &ServiceRequest, filing: &mut Filing) {
    note(request, filing, fact::RESUMPTION, Value::Text(resumption(request.hold).to_owned()));
}

/// The portal did not do what was asked: the request goes on as if it had not been. `None` when that is long past.
pub fn ask_refused(request: &mut ServiceRequest, ask: Ask, reason: String, at: BusinessTime) -> Option<HistoryEntry> {
    let from = request.status;
    let portal = request.portal_status?;
    if ask.hold().is_some() && request.hold == ask.hold() {
        request.hold = None;
        request.status = standing(request, portal);
    }
    request.version += 1;
    Some(not_done(request, from, ask.label(), reason, at))
}

/// The portal did not take a corrected application: it still waits for one. `None` when that is long past.
pub fn correction_refused(
    request: &mut ServiceRequest,
    filing: &Filing,
    reason: String,
    at: BusinessTime,
) -> Option<HistoryEntry> {
    let from = request.status;
    if (from, filing.portal_status) != (Status::Filed, P::CorrectionRequested) {
        return None;
    }
    request.status = standing(request, filing.portal_status);
    request.version += 1;
    Some(not_done(request, from, "補正", reason, at))
}

fn not_done(request: &ServiceRequest, from: Status, what: &str, reason: String, at: BusinessTime) -> HistoryEntry {
    HistoryEntry {
        at,
        side: Side::Portal,
        name: None,
        user: None,
        what: format!("{what} 不可"),
        from: Some(from),
        to: Some(request.status),
        portal: None,
        detail: Some(reason),
        fields: Vec::new(),
    }
}

/// An event that the table does not allow in this status. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("event {event} can't come in portal status {status:?}")]
pub struct Unexpected {
    /// The event.
    pub event: &'static str,
    /// Where the filing stood.
    pub status: PortalStatus,
}

/// The name of an event's row.
pub fn event_name(happening: &Happening) -> &'static str {
    match happening {
        Happening::Received { .. } => "received",
        Happening::ReceptionReviewStarted => "reception_review_started",
        Happening::NotAccepted { .. } => "not_accepted",
        Happening::ConformityObtained => "conformity_obtained",
        Happening::InsuranceObtained => "insurance_obtained",
        Happening::PaymentIssued { .. } => "payment_issued",
        Happening::Paid { .. } => "paid",
        Happening::PaymentRefused { .. } => "payment_refused",
        Happening::ReviewStarted => "review_started",
        Happening::CorrectionRequested { .. } => "correction_requested",
        Happening::Rejected { .. } => "rejected",
        Happening::Voided { .. } => "voided",
        Happening::Completed { .. } => "completed",
        Happening::Issued { .. } => "issued",
        Happening::Suspended => "suspended",
        Happening::Resumed => "resumed",
        Happening::Withdrawing => "withdrawing",
        Happening::Withdrawn => "withdrawn",
    }
}

/// Applies one event of the portal to the request and its last filing. An event that was applied before changes
/// nothing (`Ok(None)`), so that a repeated answer does no harm.
///
/// # Errors
/// [`Unexpected`] when the table has no such way; nothing is changed then.
pub fn apply(
    request: &mut ServiceRequest,
    filing: &mut Filing,
    event: &Event,
) -> Result<Option<HistoryEntry>, Unexpected> {
    if event.number <= filing.last_event {
        return Ok(None);
    }
    let name = event_name(&event.what);
    let rule = PORTAL_RULES
        .iter()
        .find(|rule| rule.event == name && rule.fits(filing.portal_status, request.hold))
        .ok_or(Unexpected { event: name, status: filing.portal_status })?;
    let from = request.status;
    let before = filing.portal_status;
    let to = rule.to.or_else(|| fee_status(request, &event.what)).unwrap_or(before);
    let (what, detail) = record(request, filing, event);
    if to != P::CorrectionRequested {
        filing.correction = None;
    }
    filing.last_event = event.number;
    filing.portal_status = to;
    note(request, filing, fact::UPDATED, Value::Moment(event.at));
    note(request, filing, fact::DETAIL, Value::Text(detail_status(to).to_owned()));
    request.portal_status = Some(to);
    request.hold = held(request.hold, &event.what, to);
    request.status = standing(request, to);
    note_hold(request, filing);
    for (number, remark) in remarks(to) {
        note(request, filing, number, Value::Text(remark.to_owned()));
    }
    request.version += 1;
    Ok(Some(HistoryEntry {
        at: event.at,
        side: Side::Portal,
        name: None,
        user: None,
        what,
        from: Some(from),
        to: Some(request.status),
        portal: (before != to).then_some(to),
        detail,
        fields: Vec::new(),
    }))
}

/// What holds the filing after an event.
fn held(before: Option<Hold>, what: &Happening, to: PortalStatus) -> Option<Hold> {
    match what {
        Happening::Suspended => Some(Hold::Suspended),
        Happening::Resumed => None,
        // A withdrawal that was asked for goes on its way also when a correction is asked for meanwhile.
        _ if to == P::CorrectionRequested => before.filter(|hold| *hold == Hold::Withdrawing),
        _ if SUSPENDABLE.contains(&to) || to == P::Processing => before,
        _ => None,
    }
}

/// Puts a fact of 状況照会 where the procedure has it.
fn note(request: &ServiceRequest, filing: &mut Filing, number: u16, value: Value) {
    let procedure = request.procedure();
    if procedure.fact(number).is_some() || procedure.counter_code == Some(number) {
        filing.facts.insert(number, value);
    }
}

/// The simulated portal's own remarks in a status. Nobody else can tell them.
pub fn remarks(status: PortalStatus) -> [(u16, &'static str); 3] {
    let whether = |some: bool| if some { "有" } else { "無" };
    [
        // What went wrong; what the office asks or tells; what has a last day.
        (fact::MESSAGE, whether(matches!(status, P::AwaitingRepayment | P::NotAccepted | P::Void | P::Withdrawn))),
        (fact::OFFICE_NOTICE, whether(matches!(status, P::CorrectionRequested | P::Rejected | P::AwaitingIssue))),
        (fact::DEADLINE_NOTICE, whether(AWAITING.contains(&status) || status == P::CorrectionRequested)),
    ]
}

/// 申請状況ステータス: the portal's own words, which go on after completion (J2201).
fn detail_status(status: PortalStatus) -> &'static str {
    match status {
        P::Issued => "自動車検査証返付完了",
        other => other.label(),
    }
}

/// Where a fee that was just issued is awaited: nowhere when it is waived, carried over, or charged to a card.
fn fee_status(request: &ServiceRequest, happening: &Happening) -> Option<PortalStatus> {
    let Happening::PaymentIssued { kind, waived: false, carried_over: None, .. } = happening else { return None };
    if request.flag(no::CASHLESS) {
        return None;
    }
    request.procedure().payments.iter().find(|rule| rule.kind == *kind).map(|rule| rule.awaited_in)
}

/// Writes what the event says into the filing. Returns the words for the history.
fn record(request: &mut ServiceRequest, filing: &mut Filing, event: &Event) -> (String, Option<String>) {
    match &event.what {
        Happening::Received { receipt } => {
            filing.receipt = Some(receipt.clone());
            note(request, filing, fact::RECEIPT, Value::Text(receipt.clone()));
            if let Some(chassis) = &request.chassis {
                note(request, filing, fact::CHASSIS, Value::Text(chassis.number.clone()));
            }
            ("申請受付".to_owned(), Some(format!("受付番号 {receipt}")))
        }
        Happening::ReceptionReviewStarted => ("受付審査 開始".to_owned(), None),
        Happening::ConformityObtained => {
            note(request, filing, fact::CONFORMITY, Value::Text("取得済".to_owned()));
            ("保安基準適合証 取得".to_owned(), None)
        }
        Happening::InsuranceObtained => {
            note(request, filing, fact::INSURANCE, Value::Text("取得済".to_owned()));
            ("自賠責保険証 取得".to_owned(), None)
        }
        Happening::PaymentIssued { kind, amount, .. } => {
            let payment = issued(request, event);
            let what = match payment.as_ref().map(|payment| payment.status) {
                Some(PaymentStatus::Waived) => "免除",
                Some(PaymentStatus::Paid) => "納付済（引継ぎ）",
                _ => "納付情報の発行",
            };
            if let (Waiver::Excluded(box_of_it), Some(PaymentStatus::Waived)) =
                (request.procedure().waiver, payment.as_ref().map(|payment| payment.status))
                && *kind != PaymentKind::WeightTax
            {
                // Found at the portal; from here on the request says so itself, and can't be filed again.
                request.fields.insert(box_of_it, Value::Flag(true));
            }
            if let Some(payment) = payment {
                filing.payments.retain(|old| old.kind != payment.kind);
                filing.payments.push(payment);
            }
            (format!("{} {what}", request.procedure().payment_name(*kind)), Some(amount.to_string()))
        }
        Happening::Paid { kind, on, means, account } => {
            if let Some(payment) = filing.payment_mut(*kind) {
                payment.status = PaymentStatus::Paid;
                payment.paid_on = Some(*on);
                payment.means = *means;
                payment.payer_account = Some(account.clone());
                payment.refusal = None;
                if *means == Means::Advance {
                    payment.advance_on = Some(*on);
                    payment.claimed_period = Some(on.number() / 100);
                }
            }
            (format!("{} 納付済", request.procedure().payment_name(*kind)), Some(means.label().to_owned()))
        }
        Happening::PaymentRefused { kind, reason } => {
            if let Some(payment) = filing.payment_mut(*kind) {
                payment.status = PaymentStatus::Refused;
                payment.submission = None;
                payment.refusal = Some(reason.clone());
            }
            (format!("{} 納付不可", request.procedure().payment_name(*kind)), Some(reason.clone()))
        }
        Happening::ReviewStarted => {
            note(request, filing, fact::REVIEW_REQUESTED, Value::Moment(event.at));
            ("検査審査 開始".to_owned(), None)
        }
        Happening::CorrectionRequested { reasons, deadline, named } => {
            filing.correction =
                Some(Correction { reasons: reasons.clone(), deadline: *deadline, at: event.at, named: named.clone() });
            ("補正要求".to_owned(), Some(format!("{}（期限 {deadline}）", reasons.join(" "))))
        }
        Happening::NotAccepted { reasons } => ended(filing, P::NotAccepted, reasons),
        Happening::Rejected { reasons } => ended(filing, P::Rejected, reasons),
        Happening::Voided { reasons } => ended(filing, P::Void, reasons),
        Happening::Completed { completed_on, ready_on, expires_on, commission, counter_code } => {
            request.completed_on = Some(*completed_on);
            note(request, filing, fact::COMPLETED, Value::Day(*completed_on));
            note(request, filing, fact::READY, Value::Day(*ready_on));
            if let Some(commission) = commission {
                note(request, filing, fact::COMMISSION_NUMBER, Value::Text(commission.number.clone()));
                note(request, filing, fact::COMMISSION_NAME, Value::Text(commission.name.clone()));
                note(request, filing, fact::COMMISSION_RESULT, Value::Text(commission.result.clone()));
            }
            if let Some(code) = counter_code {
                note(request, filing, fact::COUNTER_CODE, Value::Text(code.clone()));
            }
            ("手続完了".to_owned(), Some(format!("新しい有効期間満了日 {expires_on}")))
        }
        Happening::Issued { on } => ("交付完了".to_owned(), Some(on.to_string())),
        Happening::Suspended => ("中断".to_owned(), None),
        Happening::Resumed => ("再開".to_owned(), None),
        Happening::Withdrawing => ("取下 受付".to_owned(), None),
        Happening::Withdrawn => ("取下".to_owned(), None),
    }
}

fn ended(filing: &mut Filing, how: PortalStatus, reasons: &[String]) -> (String, Option<String>) {
    filing.failure = reasons.to_vec();
    (how.label().to_owned(), Some(reasons.join(" ")))
}

/// The row of 納付情報 for a fee the portal issued.
fn issued(request: &ServiceRequest, event: &Event) -> Option<Payment> {
    let Happening::PaymentIssued { kind, amount, due, source, inferred, expected, waived, carried_over } = &event.what
    else {
        return None;
    };
    let rule = request.procedure().payments.iter().find(|rule| rule.kind == *kind)?;
    let status = match (waived, carried_over) {
        (true, _) => PaymentStatus::Waived,
        (false, Some(_)) => PaymentStatus::Paid,
        (false, None) => PaymentStatus::Unpaid,
    };
    Some(Payment {
        kind: *kind,
        amount: *amount,
        inferred: *inferred,
        expected: *expected,
        source: carried_over
            .as_ref()
            .map_or_else(|| source.clone(), |receipt| format!("{source}（受付番号 {receipt} で納付済）")),
        status,
        issued_at: event.at,
        due: *due,
        paid_on: (status == PaymentStatus::Paid).then(|| event.at.day()),
        means: if request.flag(no::CASHLESS) { Means::Card } else { rule.means },
        payer_account: None,
        advance_on: None,
        claimed_period: None,
        submission: None,
        ordered_by: None,
        refusal: None,
    })
}

/// Whether this fee waits for somebody to order its payment. Nothing is paid while the filing is held.
pub fn awaits_payment(request: &ServiceRequest, filing: &Filing, kind: PaymentKind) -> bool {
    AWAITING.contains(&filing.portal_status)
        && matches!(request.hold, None | Some(Hold::Reserved))
        && filing.payment(kind).is_some_and(|payment| {
            payment.means != Means::Card && matches!(payment.status, PaymentStatus::Unpaid | PaymentStatus::Refused)
        })
}

/// 納付: notes that the payment was ordered under this number. `None` when the fee is not waiting.
pub fn order_payment(
    request: &mut ServiceRequest,
    filing: &mut Filing,
    kind: PaymentKind,
    number: SubmissionNumber,
    by: (UserId, &str),
    now: BusinessTime,
) -> Option<HistoryEntry> {
    if !awaits_payment(request, filing, kind) {
        return None;
    }
    let payment = filing.payment_mut(kind)?;
    payment.status = PaymentStatus::Ordered;
    payment.submission = Some(number);
    payment.ordered_by = Some(by.0);
    payment.refusal = None;
    let means = payment.means.label().to_owned();
    request.version += 1;
    Some(HistoryEntry {
        at: now,
        side: Side::Agent,
        name: Some(by.1.to_owned()),
        user: Some(by.0),
        what: format!("{} 納付", request.procedure().payment_name(kind)),
        from: Some(request.status),
        to: Some(request.status),
        portal: None,
        detail: Some(means),
        fields: Vec::new(),
    })
}
