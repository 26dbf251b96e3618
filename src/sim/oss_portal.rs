//! The OSS portal as a state machine: what it does with one filing when it turns to it. Pure: it sees the filing and
//! what can be looked up, and answers with the filing afterwards, what happened, and what changes in the world.

mod hold;

pub use hold::ask;

use super::pace;
use super::rules::{self, Case, Finding};
use super::tariff;
use super::world::{
    Account, Card, Claim, ClaimState, Commissioned, Conformity, ConformityState, Outcome, Policy, PortalFiling,
    RewritingNotice, Settings, Vehicle,
};
use super::{magic, world};
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::procedure::{self, Procedure, Waiver};
use crate::domain::reference::Tables;
use crate::domain::request::{Hold, PortalStatus};
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::{ApplicationDocument, Commission, Happening};

/// What the portal can look up about one filing.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What the document says; none when it can't be read.
    pub application: Option<&'a ApplicationDocument>,
    /// The vehicle with that chassis number.
    pub vehicle: Option<&'a Vehicle>,
    /// Its conformity certificate.
    pub conformity: Option<&'a Conformity>,
    /// Its insurance.
    pub policies: &'a [Policy],
    /// Its card.
    pub card: Option<&'a Card>,
    /// The accounts that are being asked.
    pub accounts: &'a [Account],
    /// The office takes no application for this procedure from this agent.
    pub barred: bool,
    /// Who holds the commission number that was given.
    pub commission: Option<&'a Commissioned>,
    /// The earlier filing it refers to.
    pub earlier: Option<&'a PortalFiling>,
    /// How the world behaves.
    pub settings: &'a Settings,
    /// Tariffs, terms, holidays.
    pub tables: &'a Tables,
    /// The next free 受付番号.
    pub receipt: &'a str,
}

/// What changes in the world outside the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Money is taken from an account.
    Take {
        /// Which account.
        account: String,
        /// How much.
        amount: Yen,
    },
    /// The vehicle's card is charged.
    Charge(Yen),
    /// The vehicle gets a card that accepts charges.
    NewCard,
    /// The conformity certificate changes its state.
    Conformity(ConformityState),
    /// The vehicle's new expiry.
    Renew(Day),
    /// The holder of a commission number is told.
    Notify(RewritingNotice),
    /// The certificate was rewritten or handed out.
    Rewritten(Day),
}

/// What the portal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The filing afterwards.
    pub filing: PortalFiling,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// What changes elsewhere.
    pub effects: Vec<Effect>,
}

/// What the portal does in a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Receive,
    BeginReception,
    DecideReception,
    Collect,
    DecideReview,
    GiveUpCorrection,
    Issue,
    Withdraw,
}

/// What the portal does when it turns to a filing, by status. A status without a row is an end.
const ACTS: &[(PortalStatus, Act)] = &[
    (PortalStatus::Processing, Act::Receive),
    (PortalStatus::Received, Act::BeginReception),
    (PortalStatus::ReceptionReview, Act::DecideReception),
    (PortalStatus::AwaitingInspectionFee, Act::Collect),
    (PortalStatus::AwaitingInformationFee, Act::Collect),
    (PortalStatus::AwaitingFees, Act::Collect),
    (PortalStatus::Review, Act::DecideReview),
    (PortalStatus::AwaitingWeightTax, Act::Collect),
    (PortalStatus::AwaitingRepayment, Act::Collect),
    (PortalStatus::CorrectionRequested, Act::GiveUpCorrection),
    (PortalStatus::AwaitingIssue, Act::Issue),
    (PortalStatus::Withdrawing, Act::Withdraw),
];

/// How many times longer a review takes that has to look up a reissued certificate by hand.
const BY_HAND: i64 = 3;
/// Steps until a garage that is only acted has registered another card.
const CARD_STEPS: i64 = 10;
/// Seconds until the portal looks again at a filing with which it could do nothing.
const LATER: i64 = 3_600;

/// What the instructor (first) or a magic chassis number makes happen to this filing. What a magic number spoils, it
/// spoils once.
pub fn forced(filing: &PortalFiling, facts: &Facts<'_>) -> Option<Outcome> {
    let magic = || magic::outcome(&facts.application?.chassis.number);
    let fresh = |outcome: &Outcome| match outcome {
        Outcome::UserMismatch | Outcome::CommissionUnknown | Outcome::AgentBarred => filing.earlier.is_none(),
        Outcome::ConformityMissing | Outcome::InsuranceShort => filing.corrections == 0,
        Outcome::DebitRefused | Outcome::CardDeclined => filing.claims.iter().all(|claim| claim.refusals == 0),
        _ => true,
    };
    filing.outcome.or_else(|| magic().filter(fresh))
}

/// What the portal does with this filing now. None when it is not due.
pub fn step(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Option<Step> {
    if filing.due.is_none_or(|due| due > now) {
        return None;
    }
    let (_, act) = ACTS.iter().find(|(status, _)| *status == filing.status)?;
    let mut desk = Desk::new(filing, facts, now);
    match (filing.hold, act) {
        (Some(Hold::Suspended), _) => drop(desk.expire()),
        (Some(Hold::Resuming), _) => desk.resume(),
        (_, Act::Receive) => desk.receive(),
        (_, Act::BeginReception) => desk.begin_reception(),
        (_, Act::DecideReception) => desk.decide_reception(),
        (_, Act::Collect) => desk.collect(),
        (_, Act::DecideReview) => desk.decide_review(),
        (_, Act::GiveUpCorrection) => desk.void("補正期限までに補正がありませんでした。"),
        (_, Act::Issue) => desk.issue(),
        (_, Act::Withdraw) => desk.withdraw(),
    }
    let mut step = desk.done();
    if step.happenings.is_empty() && step.filing.due.is_some_and(|due| due <= now) {
        // Nothing could be done; look again later, not for ever now.
        step.filing.due = Some(now.plus(LATER));
    }
    Some(step)
}

/// When the portal turns to this filing next.
pub fn due(filing: &PortalFiling, facts: &Facts<'_>) -> Option<BusinessTime> {
    let due = pace::next(filing, forced(filing, facts), facts.settings, &facts.tables.holidays);
    let cashless = facts.application.is_some_and(|application| rules::field(application, "cashless") == "1");
    if filing.status == PortalStatus::Review && rules::checked_by_hand(facts) {
        return due.map(|due| due.plus(due.unix().saturating_sub(filing.since.unix()) * (BY_HAND - 1)));
    }
    if filing.status == PortalStatus::AwaitingRepayment
        && !hold::stands_still(filing)
        && facts.settings.learn
        && cashless
    {
        // The garage registers another card by itself; there is nobody else to do it.
        return Some(filing.since.plus(i64::from(facts.settings.step_seconds.max(1)) * CARD_STEPS));
    }
    due
}

/// Whether a filing in this status has ended: the portal does nothing more with it.
pub fn has_ended(status: PortalStatus) -> bool {
    ACTS.iter().all(|(from, _)| *from != status)
}

/// Whether a filing waits for an official.
pub fn waits_for_official(filing: &PortalFiling) -> bool {
    match filing.hold {
        Some(Hold::Suspended) => false,
        Some(Hold::Resuming) => true,
        _ => matches!(
            filing.status,
            PortalStatus::ReceptionReview
                | PortalStatus::Review
                | PortalStatus::AwaitingIssue
                | PortalStatus::Withdrawing
        ),
    }
}

/// 納付: somebody orders the payment of a fee. Nothing is taken yet; the portal asks the account next.
///
/// # Errors
/// Why it can't be ordered, in Japanese.
pub fn order(
    filing: &PortalFiling,
    (kind, means, account): (PaymentKind, Means, &str),
    facts: &Facts<'_>,
    now: BusinessTime,
) -> Result<Step, String> {
    let awaiting = ACTS.iter().any(|(status, act)| *status == filing.status && *act == Act::Collect);
    let held = hold::stands_still(filing);
    let mut desk = Desk::new(filing, facts, now);
    let name = desk.procedure().payment_name(kind);
    match desk.filing.claim_mut(kind) {
        Some(claim) if awaiting && !held && claim.state == ClaimState::Open && now.day() <= claim.due => {
            claim.state = ClaimState::Ordered { means, account: account.to_owned() };
        }
        _ => return Err(format!("{name}は、いま納付を待っていません。")),
    }
    Ok(desk.done())
}

/// 補正: the applicant says that what was asked has been mended. The review begins anew.
///
/// # Errors
/// Why it is not taken, in Japanese.
pub fn correct(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Result<Step, String> {
    may_correct(filing, now)?;
    let mut desk = Desk::new(filing, facts, now);
    desk.filing.corrections += 1;
    desk.filing.correction_until = None;
    desk.filing.expires_on = None;
    desk.begin_review();
    Ok(desk.done())
}

/// 補正 that can't be taken as it is: asked for again, with the reason.
pub fn refuse_correction(filing: &PortalFiling, reason: &str, facts: &Facts<'_>, now: BusinessTime) -> Step {
    let mut desk = Desk::new(filing, facts, now);
    desk.begin_review();
    desk.ask_correction(vec![Finding::Correct(reason.to_owned())]);
    desk.done()
}

/// Whether a correction is awaited.
///
/// # Errors
/// Why not, in Japanese.
pub fn may_correct(filing: &PortalFiling, now: BusinessTime) -> Result<(), String> {
    if filing.status != PortalStatus::CorrectionRequested {
        return Err("この申請は、いま補正を待っていません。".to_owned());
    }
    if filing.correction_until.is_some_and(|until| now.day() > until) {
        return Err("補正期限を過ぎています。".to_owned());
    }
    Ok(())
}

/// The certificate is rewritten or handed out, if it waits for that.
pub fn hand_out(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Option<Step> {
    let mut desk = Desk::new(filing, facts, now);
    (filing.status == PortalStatus::AwaitingIssue).then(|| {
        desk.issue();
        desk.done()
    })
}

/// A card was registered for the vehicle: the portal charges it again if it waits for that.
pub fn charge_again(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Option<Step> {
    let mut desk = Desk::new(filing, facts, now);
    if filing.status != PortalStatus::AwaitingRepayment || hold::stands_still(filing) || !desk.cashless() {
        return None;
    }
    desk.complete();
    Some(desk.done())
}

/// One turn of the portal to one filing.
struct Desk<'a> {
    filing: PortalFiling,
    facts: &'a Facts<'a>,
    now: BusinessTime,
    forced: Option<Outcome>,
    happenings: Vec<Happening>,
    effects: Vec<Effect>,
}

impl<'a> Desk<'a> {
    fn new(filing: &PortalFiling, facts: &'a Facts<'a>, now: BusinessTime) -> Self {
        let forced = forced(filing, facts);
        Self { filing: filing.clone(), facts, now, forced, happenings: Vec::new(), effects: Vec::new() }
    }

    fn done(mut self) -> Step {
        self.suspend_if_reserved();
        self.filing.since = self.now;
        self.filing.due = due(&self.filing, self.facts);
        Step { filing: self.filing, happenings: self.happenings, effects: self.effects }
    }

    fn case(&self) -> Option<Case<'_>> {
        let application = self.facts.application?;
        Some(Case { application, filing: &self.filing, facts: self.facts, now: self.now, forced: self.forced })
    }

    fn today(&self) -> Day {
        self.now.day()
    }

    fn enter(&mut self, status: PortalStatus, happening: Happening) {
        self.filing.status = status;
        self.happenings.push(happening);
    }

    fn procedure(&self) -> &'static Procedure {
        rules::procedure_of(self.facts.application)
    }

    fn cashless(&self) -> bool {
        self.field("cashless") == "1"
    }

    fn field(&self, key: &str) -> &'a str {
        self.facts.application.map_or("", |application| rules::field(application, key))
    }

    fn receive(&mut self) {
        let known = |application: &ApplicationDocument| procedure::by_code(application.procedure).is_some();
        if !self.facts.application.is_some_and(known) {
            let reasons = vec!["申請データの形式に誤りがあります。".to_owned()];
            return self.enter(PortalStatus::NotAccepted, Happening::NotAccepted { reasons });
        }
        let receipt = self.facts.receipt.to_owned();
        self.filing.receipt = Some(receipt.clone());
        self.enter(PortalStatus::Received, Happening::Received { receipt });
    }

    /// Where the way has no 受付審査 of its own, a machine looks at once.
    fn begin_reception(&mut self) {
        if !self.procedure().portal_path.contains(&PortalStatus::ReceptionReview) {
            return self.decide_reception();
        }
        self.enter(PortalStatus::ReceptionReview, Happening::ReceptionReviewStarted);
    }

    fn decide_reception(&mut self) {
        self.filing.released = false;
        let findings = self.case().map_or_else(Vec::new, |case| rules::findings(rules::RECEPTION, &case));
        let reasons: Vec<String> = findings.into_iter().map(sentence).collect();
        if reasons.is_empty() {
            if self.excluded() {
                return self.exclude();
            }
            // From here on the garage can't take the certificate back.
            self.obtain();
            return self.proceed();
        }
        self.filing.outcome = None;
        self.enter(PortalStatus::NotAccepted, Happening::NotAccepted { reasons });
    }

    /// A vehicle whose fees are waived, in a procedure that is not for such vehicles.
    fn excluded(&self) -> bool {
        matches!(self.procedure().waiver, Waiver::Excluded(_))
            && self.facts.vehicle.is_some_and(|vehicle| vehicle.public)
    }

    fn exclude(&mut self) {
        self.issue_claim(PaymentKind::InspectionFee);
        self.issue_claim(PaymentKind::InformationFee);
        let reasons = vec!["検査手数料等が無料となる車両は、軽OSSの対象外です。窓口で申請してください。".to_owned()];
        self.enter(PortalStatus::Rejected, Happening::Rejected { reasons });
    }

    /// Goes on along the procedure's way to the first thing that is still to be done.
    fn proceed(&mut self) {
        let procedure = self.procedure();
        for status in procedure.portal_path {
            let awaited: Vec<PaymentKind> =
                procedure.payments.iter().filter(|rule| rule.awaited_in == *status).map(|rule| rule.kind).collect();
            if !awaited.is_empty() && !self.cashless() && self.demand(&awaited) {
                self.filing.status = *status;
                return;
            }
            match status {
                PortalStatus::Review if self.filing.expires_on.is_none() => return self.begin_review(),
                PortalStatus::AwaitingIssue => return self.complete(),
                _ => {}
            }
        }
    }

    /// Issues what is not issued yet. True when something is left to be paid.
    fn demand(&mut self, kinds: &[PaymentKind]) -> bool {
        for kind in kinds {
            let settled = self.filing.claim(*kind).is_some_and(|claim| claim.state.is_settled());
            if !settled {
                self.issue_claim(*kind);
            }
        }
        kinds.iter().any(|kind| !self.filing.claim(*kind).is_some_and(|claim| claim.state.is_settled()))
    }

    /// Fixes amount and due day of a fee, or finds that nothing is to be paid.
    fn issue_claim(&mut self, kind: PaymentKind) {
        let Some(rule) = self.procedure().payments.iter().find(|rule| rule.kind == kind) else { return };
        let today = self.today();
        let due = rule.due_days.map_or_else(|| today.plus_months(12), |days| today.plus_days(days - 1));
        let Some(amount) = self.case().and_then(|case| tariff::amount(kind, &case, self.cashless())) else { return };
        let waived = self.waived(kind);
        let carried_over = if waived { None } else { self.paid_earlier(kind) };
        let state = match (&carried_over, waived) {
            (_, true) => ClaimState::Waived,
            (Some(receipt), false) => ClaimState::CarriedOver(receipt.clone()),
            (None, false) => ClaimState::Open,
        };
        self.filing.claims.retain(|claim| claim.kind != kind);
        self.filing.claims.push(Claim { kind, amount: amount.yen, due, state, refusals: 0 });
        self.happenings.push(Happening::PaymentIssued {
            kind,
            amount: amount.yen,
            due,
            source: amount.source,
            inferred: amount.inferred,
            expected: amount.expected,
            waived,
            carried_over,
        });
    }

    /// 免除: a public vehicle with an authority's power of attorney (rule 9), or a vehicle free of weight tax.
    fn waived(&self, kind: PaymentKind) -> bool {
        let Some(vehicle) = self.facts.vehicle else { return false };
        let authority = vehicle.public && !self.field("power_of_attorney").is_empty();
        match (kind, self.procedure().waiver) {
            (PaymentKind::WeightTax, _) => vehicle.tax == world::TaxCategory::Exempt,
            (_, Waiver::Excluded(_)) => vehicle.public,
            (PaymentKind::InspectionFee, _) => authority && self.field("inspection_fee_waived") == "1",
            (PaymentKind::InformationFee, _) => authority && self.field("information_fee_waived") == "1",
        }
    }

    /// The 受付番号 under which an earlier filing of the same request paid this fee.
    fn paid_earlier(&self, kind: PaymentKind) -> Option<String> {
        let earlier = self.facts.earlier.filter(|earlier| earlier.request == self.filing.request)?;
        match &earlier.claim(kind)?.state {
            ClaimState::Paid { .. } => earlier.receipt.clone(),
            ClaimState::CarriedOver(receipt) => Some(receipt.clone()),
            _ => None,
        }
    }

    /// Fetches the certificates that are there.
    fn obtain(&mut self) {
        let missing = self.forced == Some(Outcome::ConformityMissing);
        let there = self.facts.conformity.is_some_and(|conformity| rules::usable(conformity, self.today()));
        if !self.filing.conformity_obtained && there && !missing {
            self.filing.conformity_obtained = true;
            self.happenings.push(Happening::ConformityObtained);
            self.effects.push(Effect::Conformity(ConformityState::Reported));
        }
        if !self.filing.insurance_obtained && !self.facts.policies.is_empty() {
            self.filing.insurance_obtained = true;
            self.happenings.push(Happening::InsuranceObtained);
        }
    }

    fn begin_review(&mut self) {
        self.obtain();
        self.enter(PortalStatus::Review, Happening::ReviewStarted);
    }

    fn decide_review(&mut self) {
        self.filing.released = false;
        self.obtain();
        let findings = self.case().map_or_else(Vec::new, |case| rules::findings(rules::REVIEW, &case));
        let term = self.case().and_then(|case| case.new_term());
        let is_refusal = |finding: &Finding| matches!(finding, Finding::Refuse(_));
        if findings.iter().any(is_refusal) {
            let reasons = findings.into_iter().filter(is_refusal).map(sentence).collect();
            self.filing.outcome = None;
            self.free_conformity(ConformityState::Rejected);
            self.enter(PortalStatus::Rejected, Happening::Rejected { reasons });
        } else if !findings.is_empty() {
            self.ask_correction(findings);
        } else if let Some(term) = term {
            self.filing.expires_on = Some(term.expires);
            self.proceed();
        }
    }

    fn ask_correction(&mut self, findings: Vec<Finding>) {
        let deadline = self.today().plus_days(i32::from(self.facts.settings.correction_days.max(1)) - 1);
        self.filing.outcome = None;
        self.filing.shortening_asked |= findings.iter().any(|finding| matches!(finding, Finding::AskShortening(_)));
        self.filing.correction_until = Some(deadline);
        self.filing.expires_on = None;
        self.free_conformity(ConformityState::Registered);
        let reasons = findings.into_iter().map(sentence).collect();
        self.enter(PortalStatus::CorrectionRequested, Happening::CorrectionRequested { reasons, deadline });
    }

    /// The application lets go of the conformity certificate.
    fn free_conformity(&mut self, state: ConformityState) {
        if self.filing.conformity_obtained {
            self.filing.conformity_obtained = false;
            self.effects.push(Effect::Conformity(state));
        }
    }

    fn collect(&mut self) {
        let ordered: Vec<PaymentKind> = self
            .filing
            .claims
            .iter()
            .filter(|claim| matches!(claim.state, ClaimState::Ordered { .. }))
            .map(|claim| claim.kind)
            .collect();
        if !ordered.is_empty() {
            ordered.into_iter().for_each(|kind| self.settle(kind));
            if self.filing.claims.iter().all(|claim| claim.state.is_settled()) {
                self.proceed();
            }
            return;
        }
        if !self.expire() && self.cashless() {
            self.effects.push(Effect::NewCard);
            self.charge_with(true);
        }
    }

    /// 無効, when a 納付期限日 has passed.
    fn expire(&mut self) -> bool {
        let today = self.today();
        let late = self.filing.claims.iter().find(|claim| claim.state == ClaimState::Open && claim.due < today);
        let Some(claim) = late else { return false };
        let reason = format!(
            "{}が納付期限日（{}）までに納付されませんでした。",
            self.procedure().payment_name(claim.kind),
            claim.due
        );
        self.void(&reason);
        true
    }

    /// The bank answers.
    fn settle(&mut self, kind: PaymentKind) {
        let on = self.today();
        let taken: u64 = self
            .effects
            .iter()
            .map(|effect| match effect {
                Effect::Take { amount, .. } => u64::from(amount.0),
                _ => 0,
            })
            .sum();
        let Some(claim) = self.filing.claims.iter_mut().find(|claim| claim.kind == kind) else { return };
        let ClaimState::Ordered { means, account } = claim.state.clone() else { return };
        let found = self.facts.accounts.iter().find(|found| found.name == account && found.means == means);
        let forced = self.forced == Some(Outcome::DebitRefused) && means == Means::DirectDebit;
        let refusal = match found {
            None => Some("口座が登録されていません。"),
            Some(found) if !found.open => Some("口座がまだ開通していません。"),
            Some(found) if forced || found.balance < taken + u64::from(claim.amount.0) => {
                Some("残高が不足しているため、引き落とせませんでした。")
            }
            Some(_) => None,
        };
        if let Some(reason) = refusal {
            claim.state = ClaimState::Open;
            claim.refusals += 1;
            let reason = reason.to_owned();
            if forced {
                self.filing.outcome = None;
            }
            return self.enter(PortalStatus::AwaitingRepayment, Happening::PaymentRefused { kind, reason });
        }
        claim.state = ClaimState::Paid { means, account: account.clone(), on };
        self.effects.push(Effect::Take { account: account.clone(), amount: claim.amount });
        self.happenings.push(Happening::Paid { kind, on, means, account });
    }

    /// The review ended well: looks once more whether the term is still covered (the day may have moved on), charges
    /// the card, and is done.
    fn complete(&mut self) {
        let Some(term) = self.case().and_then(|case| case.new_term()) else { return };
        let covered = rules::insured_for(self.facts.policies, self.today(), term.expires);
        if !covered && self.forced != Some(Outcome::Approve) {
            let sentence = "納付までに日がたったため、自賠責の期間が新しい有効期間に対して不足しました。".to_owned();
            return self.ask_correction(vec![Finding::Correct(sentence)]);
        }
        self.filing.expires_on = Some(term.expires);
        if self.cashless() { self.charge_with(false) } else { self.finish(term.expires) }
    }

    /// Charges the card for everything together. `fresh`: with a card that was registered just now.
    fn charge_with(&mut self, fresh: bool) {
        let kinds: Vec<PaymentKind> = self.procedure().payments.iter().map(|rule| rule.kind).collect();
        for kind in &kinds {
            if self.filing.claim(*kind).is_none() {
                self.issue_claim(*kind);
            }
        }
        let (Some(expires_on), on) = (self.filing.expires_on, self.today()) else { return };
        let declined = self.forced == Some(Outcome::CardDeclined);
        let refusal = match self.facts.card {
            _ if fresh => None,
            None => Some("カードが登録されていません。"),
            Some(card) if declined || !card.accepts => Some("カードが利用できませんでした。"),
            Some(_) => None,
        };
        let account = self.facts.application.map_or_else(String::new, |application| application.chassis.number.clone());
        let mut total = Yen(0);
        for claim in self.filing.claims.iter_mut().filter(|claim| !claim.state.is_settled()) {
            let kind = claim.kind;
            self.happenings.push(if let Some(reason) = refusal {
                claim.state = ClaimState::Open;
                claim.refusals += 1;
                Happening::PaymentRefused { kind, reason: reason.to_owned() }
            } else {
                claim.state = ClaimState::Paid { means: Means::Card, account: account.clone(), on };
                total = total + claim.amount;
                Happening::Paid { kind, on, means: Means::Card, account: account.clone() }
            });
        }
        if self.filing.claims.iter().any(|claim| !claim.state.is_settled()) {
            self.filing.outcome = None;
            self.filing.status = PortalStatus::AwaitingRepayment;
            return;
        }
        if total > Yen(0) {
            self.effects.push(Effect::Charge(total));
        }
        self.finish(expires_on);
    }

    fn finish(&mut self, expires_on: Day) {
        let today = self.today();
        self.effects.push(Effect::Renew(expires_on));
        self.effects.push(Effect::Conformity(ConformityState::Finished));
        let mut commission = None;
        if let (Some(holder), Some(application)) = (self.facts.commission, self.facts.application) {
            commission = Some(Commission {
                number: holder.number.clone(),
                name: holder.name.clone(),
                result: "交付可".to_owned(),
            });
            self.effects.push(Effect::Notify(RewritingNotice {
                commission: holder.number.clone(),
                filing: self.filing.number,
                plate: application.plate.clone(),
                chassis: application.chassis.number.clone(),
                expires_on,
                at: self.now,
                rewritten: None,
            }));
        }
        self.filing.outcome = None;
        let counter_code = self.counter_code(commission.is_some());
        self.enter(
            PortalStatus::AwaitingIssue,
            Happening::Completed { completed_on: today, ready_on: today, expires_on, commission, counter_code },
        );
    }

    /// What 認証用二次元コード says, where a counter hands out: 受付番号 and chassis number, and a check of both.
    fn counter_code(&self, commissioned: bool) -> Option<String> {
        self.procedure().counter_code.filter(|_| !commissioned)?;
        let chassis = &self.facts.application?.chassis.number;
        let text = format!("AINAS-KEI:1:{}:{chassis}", self.filing.receipt.as_ref()?);
        let check = ring::digest::digest(&ring::digest::SHA256, &[text.as_bytes(), &self.filing.number.0].concat());
        let check: String = check.as_ref().iter().take(4).map(|byte| format!("{byte:02X}")).collect();
        Some(format!("{text}:{check}"))
    }

    fn void(&mut self, reason: &str) {
        self.filing.correction_until = None;
        self.free_conformity(ConformityState::Registered);
        self.enter(PortalStatus::Void, Happening::Voided { reasons: vec![reason.to_owned()] });
    }

    fn issue(&mut self) {
        let on = self.today();
        self.filing.released = false;
        self.effects.push(Effect::Rewritten(on));
        self.enter(PortalStatus::Issued, Happening::Issued { on });
    }
}

/// What a finding says to the applicant.
pub(super) fn sentence(finding: Finding) -> String {
    match finding {
        Finding::Refuse(sentence) | Finding::Correct(sentence) | Finding::AskShortening(sentence) => sentence,
    }
}

#[cfg(test)]
mod tests;
