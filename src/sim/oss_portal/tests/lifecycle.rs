//! Random lives of filings, without a data file: the portal's steps, what people do in between, and the node that
//! follows by events. Whatever comes in whatever order, portal and node agree and no yen is lost.

use super::*;
use crate::domain::happening::Event;
use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, UserId};
use crate::domain::procedure;
use crate::domain::request::{Ask, Filing, ServiceRequest, Stamp, Status, Value, Values};
use crate::domain::workflow;
use std::collections::{BTreeMap, BTreeSet};

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

/// One filing with everything around it.
struct Life {
    scene: Scene,
    accounts: BTreeMap<String, Account>,
    /// Taken from accounts and cards.
    taken: u64,
    request: ServiceRequest,
    filing: Filing,
    events: u64,
    seen: BTreeSet<PortalStatus>,
    amounts: BTreeMap<PaymentKind, Yen>,
}

const BALANCE: u64 = 100_000;

impl Life {
    fn begin(procedure: &'static Procedure, dice: &mut Dice) -> Self {
        let mut scene = Scene::of(procedure);
        scene.filing.status = PortalStatus::Processing;
        scene.filing.receipt = None;
        if dice.one_in(3) && procedure.field("cashless").is_some() {
            scene.field("cashless", "1");
            scene.card =
                (!dice.one_in(3)).then(|| Card { chassis: String::new(), accepts: !dice.one_in(3), charged: 0 });
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
        ];
        scene.filing.outcome = outcomes.get(usize::try_from(dice.roll(14)).unwrap()).copied();
        let filed_at = scene.now;
        let mut request = ServiceRequest {
            portal_status: Some(PortalStatus::Processing),
            status: Status::Filed,
            filings: 1,
            ..ServiceRequest::draft(
                RequestId(100_000_001),
                procedure.code,
                (ClientOrganizationId(102_400_005), BranchId(1)),
                (AgentOrganizationId(1), AgentBranchId(1)),
                filed_at,
            )
        };
        if rules::field(&scene.document, "cashless") == "1" {
            request.fields.insert(procedure.field("cashless").unwrap().no, Value::Flag(true));
        }
        let filing = Filing {
            request: request.id,
            attempt: 1,
            submission: scene.filing.number,
            receipt: None,
            document: Vec::new(),
            signature: Vec::new(),
            filed_at,
            filed_by: Stamp { user: UserId(1), name: "代理".into(), at: filed_at },
            portal_status: PortalStatus::Processing,
            facts: Values::new(),
            payments: Vec::new(),
            correction: None,
            failure: Vec::new(),
            last_event: 0,
            delivered_at: None,
            correction_submission: None,
        };
        let account = |name: &str, means| Account { name: name.into(), means, balance: BALANCE, taken: 0, open: true };
        let accounts = [account("debit", Means::DirectDebit), account("advance", Means::Advance)];
        Self {
            scene,
            accounts: accounts.into_iter().map(|account| (account.name.clone(), account)).collect(),
            taken: 0,
            request,
            filing,
            events: 0,
            seen: BTreeSet::from([PortalStatus::Processing]),
            amounts: BTreeMap::new(),
        }
    }

    fn tell<T>(&self, ask: impl FnOnce(&PortalFiling, &Facts<'_>, BusinessTime) -> T) -> T {
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        self.scene.look(&accounts, |facts| ask(&self.scene.filing, facts, self.scene.now))
    }

    /// What the portal did: money moves, and the node takes the events over.
    fn take(&mut self, step: Step) {
        let before = self.scene.filing.clone();
        for effect in step.effects {
            match effect {
                Effect::Take { account, amount } => {
                    let account = self.accounts.get_mut(&account).unwrap();
                    account.balance -= u64::from(amount.0);
                    self.taken += u64::from(amount.0);
                }
                Effect::Charge(amount) => self.taken += u64::from(amount.0),
                Effect::NewCard => self.scene.card = Some(Card { chassis: String::new(), accepts: true, charged: 0 }),
                Effect::Conformity(state) => {
                    if let Some(conformity) = &mut self.scene.conformity {
                        conformity.state = state;
                    }
                }
                Effect::Renew(_) | Effect::Notify(_) | Effect::Rewritten(_) => {}
            }
        }
        self.scene.filing = step.filing;
        let procedure = self.request.procedure();
        for what in step.happenings {
            self.events += 1;
            let event = Event { number: self.events, filing: self.filing.submission, at: self.scene.now, what };
            let at = self.filing.portal_status;
            workflow::apply(&mut self.request, &mut self.filing, &event)
                .unwrap_or_else(|refused| panic!("{refused} ({})", at.label()));
            assert!(
                procedure.portal_statuses.contains(&self.filing.portal_status),
                "{} is no status of {}",
                self.filing.portal_status.label(),
                procedure.label
            );
            assert_eq!(self.request.status, workflow::standing(&self.request, self.filing.portal_status));
            self.seen.insert(self.filing.portal_status);
        }
        assert_eq!(self.scene.filing.status, self.filing.portal_status, "portal and node agree");
        assert!(!has_ended(before.status) || before.status == self.scene.filing.status, "nothing leaves an end");
        self.count();
    }

    /// Every yen: what was taken is what portal and node say was paid; an amount never changes once it was issued.
    fn count(&mut self) {
        let paid = |claim: &Claim| matches!(claim.state, ClaimState::Paid { .. });
        let at_the_portal: u64 =
            self.scene.filing.claims.iter().filter(|claim| paid(claim)).map(|claim| u64::from(claim.amount.0)).sum();
        assert_eq!(at_the_portal, self.taken);
        let in_the_node: u64 = self
            .filing
            .payments
            .iter()
            .filter(|payment| payment.status == crate::domain::payment::PaymentStatus::Paid)
            .map(|payment| u64::from(payment.amount.0))
            .sum();
        assert_eq!(in_the_node, self.taken);
        for claim in &self.scene.filing.claims {
            assert_eq!(*self.amounts.entry(claim.kind).or_insert(claim.amount), claim.amount, "fixed at issue");
        }
    }

    fn advance(&mut self, seconds: i64) {
        let until = self.scene.now.plus(seconds);
        for _ in 0..40 {
            let Some(due) = self.scene.filing.due.filter(|due| *due <= until) else { break };
            self.scene.now = due.max(self.scene.now);
            let Some(step) = self.tell(step) else { break };
            self.take(step);
        }
        self.scene.now = until;
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
                self.scene.card = Some(Card { chassis: String::new(), accepts: true, charged: 0 });
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
            let mut life = Life::begin(procedure, &mut dice);
            for _ in 0..60 {
                life.live(&mut dice);
            }
            seen.extend(life.seen);
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
