//! Fees and the weight tax: claimed, ordered, taken from an account or a card, overdue.

use super::{ACTS, Act, Desk, Effect, Facts, Step, hold};
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::procedure::Waiver;
use crate::domain::request::PortalStatus;
use crate::domain::time::BusinessTime;
use crate::portal::gateway::Happening;
use crate::sim::tariff;
use crate::sim::world::{Claim, ClaimState, Outcome, PortalFiling, TaxCategory};

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

/// A card was registered for the vehicle: the portal charges it again if it waits for that.
pub fn charge_again(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Option<Step> {
    let mut desk = Desk::new(filing, facts, now);
    if filing.status != PortalStatus::AwaitingRepayment || hold::stands_still(filing) || !desk.cashless() {
        return None;
    }
    desk.complete();
    Some(desk.done())
}

impl Desk<'_> {
    /// Issues what is not issued yet. True when something is left to be paid.
    pub(super) fn demand(&mut self, kinds: &[PaymentKind]) -> bool {
        for kind in kinds {
            let settled = self.filing.claim(*kind).is_some_and(|claim| claim.state.is_settled());
            if !settled {
                self.issue_claim(*kind);
            }
        }
        kinds.iter().any(|kind| !self.filing.claim(*kind).is_some_and(|claim| claim.state.is_settled()))
    }

    /// Fixes amount and due day of a fee, or finds that nothing is to be paid.
    pub(super) fn issue_claim(&mut self, kind: PaymentKind) {
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
            (PaymentKind::WeightTax, _) => vehicle.tax == TaxCategory::Exempt,
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

    pub(super) fn collect(&mut self) {
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
    pub(super) fn expire(&mut self) -> bool {
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
    pub(super) fn settle(&mut self, kind: PaymentKind) {
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

    /// Charges the card for everything together. `fresh`: with a card that was registered just now.
    pub(super) fn charge_with(&mut self, fresh: bool) {
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
}
