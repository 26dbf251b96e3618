//! Random lives of filings: whatever comes in whatever order, portal and node agree and no yen is lost.

use super::life::{BALANCE, Life, agent};
use super::*;
use crate::domain::procedure;
use crate::domain::request::{Ask, ServiceRequest};
use crate::domain::role::AgentRole;
use crate::domain::workflow::{self, Action};
use std::collections::BTreeSet;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// A filing that was just handed over, with this and that about it.
fn begin(procedure: &'static Procedure, dice: &mut Dice) -> Life {
    let mut scene = Scene::of(procedure);
    if dice.one_in(3) && procedure.field("cashless").is_some() {
        scene.field("cashless", "1");
        scene.card = (!dice.one_in(3)).then(|| Card { chassis: String::new(), accepts: !dice.one_in(3), charged: 0 });
    }
    if dice.one_in(6) {
        scene.vehicle().tax = TaxCategory::Exempt;
    }
    let outcomes = [
        Outcome::Approve,
        Outcome::ConformityMissing,
        Outcome::InsuranceShort,
        Outcome::UserMismatch,
        Outcome::CommissionUnknown,
        Outcome::DebitRefused,
        Outcome::CardDeclined,
        Outcome::Slow,
        Outcome::AtCounter,
    ];
    scene.filing.outcome = outcomes.get(usize::try_from(dice.roll(14)).unwrap()).copied();
    let mut life = Life::of(scene, procedure);
    life.perform(&Action::File, &agent(AgentRole::Staff)).unwrap();
    life.hand_over();
    life
}

impl Life {
    fn advance(&mut self, seconds: i64) {
        self.advance_to(self.scene.now.plus(seconds));
    }

    /// Somebody does something, sensible or not.
    fn live(&mut self, dice: &mut Dice) {
        let done = match dice.roll(10) {
            0..=2 => {
                let kinds = [PaymentKind::InspectionFee, PaymentKind::InformationFee, PaymentKind::WeightTax];
                let kind = kinds[usize::try_from(dice.roll(3)).unwrap()];
                let (means, account) =
                    if dice.one_in(2) { (Means::DirectDebit, "debit") } else { (Means::Advance, "advance") };
                self.tell(|filing, facts, now| order(filing, (kind, means, account), facts, now)).ok()
            }
            3 => {
                self.mend();
                self.tell(correct).ok()
            }
            4 => {
                let ask = Ask::ALL[usize::try_from(dice.roll(3)).unwrap()];
                if workflow_allows(&self.request, ask) {
                    // The node notes it before the portal is asked.
                    self.request.hold = ask.hold();
                    self.request.status = workflow::standing(&self.request, self.filing.portal_status);
                }
                self.tell(|filing, facts, now| super::super::ask(filing, ask, facts, now)).ok()
            }
            5 if dice.one_in(6) => {
                self.tell(|filing, facts, now| super::super::ask(filing, Ask::Withdraw, facts, now)).ok()
            }
            6 => {
                self.new_card();
                self.tell(charge_again)
            }
            7 if dice.one_in(3) => {
                let balance = if dice.one_in(2) { 0 } else { BALANCE };
                self.accounts.get_mut("debit").unwrap().balance = balance;
                None
            }
            8 if dice.one_in(4) => {
                self.advance(i64::try_from(dice.roll(60)).unwrap() * 86_400);
                None
            }
            _ => {
                self.advance(60);
                None
            }
        };
        if let Some(step) = done {
            assert!(!has_ended(self.scene.filing.status), "an end is an end");
            self.take(step);
        }
    }

    /// The garage brings everything in order.
    fn mend(&mut self) {
        let today = self.scene.now.day();
        if let Some(conformity) = &mut self.scene.conformity {
            conformity.inspected_on = today;
            conformity.state = ConformityState::Registered;
        }
        self.scene.policies = vec![Policy { from: today.plus_days(-1), until: today.plus_months(80) }];
    }
}

fn workflow_allows(request: &ServiceRequest, ask: Ask) -> bool {
    let suspendable = request.portal_status.is_some_and(|portal| workflow::SUSPENDABLE.contains(&portal));
    match ask {
        Ask::Suspend => suspendable && request.hold.is_none(),
        Ask::CancelSuspension => request.hold == Some(crate::domain::request::Hold::Reserved),
        Ask::Resume => request.hold == Some(crate::domain::request::Hold::Suspended),
        Ask::Withdraw => false,
    }
}

#[test]
fn portal_and_node_agree_whatever_happens() {
    let rounds: u64 = std::env::var("AINAS_TEST_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for procedure in procedure::ALL {
        let mut seen = BTreeSet::new();
        for seed in 0..400 * rounds {
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut life = begin(procedure, &mut dice);
            for _ in 0..60 {
                life.live(&mut dice);
            }
            seen.extend(life.seen());
        }
        let unreached: Vec<&str> = procedure
            .portal_statuses
            .iter()
            .filter(|status| !seen.contains(status))
            .map(|status| status.label())
            .collect();
        assert!(unreached.is_empty(), "{}: {unreached:?}", procedure.label);
    }
}
