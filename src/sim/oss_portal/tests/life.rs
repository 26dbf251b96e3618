//! One request with everything around it, without a data file: the portal's steps, what people do in between, and the
//! node that follows by events. After each step portal and node agree, and every yen is accounted for.

use super::*;
use crate::domain::actor::{Actor, AgentActor, ClientActor};
use crate::domain::happening::Event;
use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, PersonId, UserId};
use crate::domain::payment::PaymentStatus;
use crate::domain::request::{Ask, Filing, ServiceRequest, Stamp, Status, Value, Values};
use crate::domain::role::{AgentRole, ClientRole};
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use crate::domain::workflow::{self, Action, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// What each account holds at first, in yen.
pub(super) const BALANCE: u64 = 100_000;

const CLIENT: ClientOrganizationId = ClientOrganizationId(102_400_005);
const AGENT: AgentOrganizationId = AgentOrganizationId(1);

/// A request, its filings, and the world.
pub(super) struct Life {
    pub(super) scene: Scene,
    pub(super) accounts: BTreeMap<String, Account>,
    /// What was taken by each means, of all filings together.
    pub(super) taken: BTreeMap<&'static str, u64>,
    pub(super) request: ServiceRequest,
    /// The last filing as the node holds it; before the first one it says nothing.
    pub(super) filing: Filing,
    /// Every OSSステータス since the last filing, in order.
    pub(super) way: Vec<PortalStatus>,
    pub(super) notices: Vec<RewritingNotice>,
    /// Earlier filings as the portal holds them, and what all of them together were paid.
    past: Vec<PortalFiling>,
    paid_before: u64,
    filed: ApplicationDocument,
    events: u64,
    amounts: BTreeMap<PaymentKind, Yen>,
}

impl Life {
    /// A request that the agent has accepted.
    pub(super) fn of(mut scene: Scene, procedure: &'static Procedure) -> Self {
        let now = scene.now;
        // Nothing is at the portal yet.
        (scene.filing.status, scene.filing.due, scene.filing.receipt) = (PortalStatus::Processing, None, None);
        let request = ServiceRequest {
            status: Status::Accepted,
            chassis: Some(scene.document.chassis.clone()),
            ..ServiceRequest::draft(
                RequestId(100_000_001),
                procedure.code,
                (CLIENT, BranchId(1)),
                (AGENT, AgentBranchId(1)),
                now,
            )
        };
        let filing = Filing {
            request: request.id,
            attempt: 0,
            submission: scene.filing.number,
            receipt: None,
            document: Vec::new(),
            signature: Vec::new(),
            filed_at: now,
            filed_by: Stamp { user: UserId(1), name: "代理".into(), at: now },
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
            filed: scene.document.clone(),
            scene,
            accounts: accounts.into_iter().map(|account| (account.name.clone(), account)).collect(),
            taken: BTreeMap::new(),
            request,
            filing,
            way: Vec::new(),
            notices: Vec::new(),
            past: Vec::new(),
            paid_before: 0,
            events: 0,
            amounts: BTreeMap::new(),
        }
    }

    pub(super) fn tell<T>(&self, ask: impl FnOnce(&PortalFiling, &Facts<'_>, BusinessTime) -> T) -> T {
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        self.scene.look(&accounts, |facts| ask(&self.scene.filing, facts, self.scene.now))
    }

    /// A person does something that the node's own table knows.
    pub(super) fn perform(&mut self, action: &Action, actor: &Actor) -> Result<(), Refusal> {
        workflow::perform(&mut self.request, action, actor, self.scene.now).map(drop)
    }

    /// The application goes to the portal, as filing and handing over do it.
    pub(super) fn hand_over(&mut self) {
        let now = self.scene.now;
        self.request.filings += 1;
        self.request.portal_status = Some(PortalStatus::Processing);
        if rules::field(&self.scene.document, "cashless") == "1" {
            let field = self.request.procedure().field("cashless").unwrap();
            self.request.fields.insert(field.no, Value::Flag(true));
        }
        let attempt = self.request.filings;
        let number = SubmissionNumber([u8::try_from(attempt).unwrap(); 16]);
        let earlier = self.scene.filing.clone();
        self.scene.filing = PortalFiling {
            number,
            request: self.request.id,
            filed_at: now,
            receipt: None,
            earlier: None,
            status: PortalStatus::Processing,
            since: now,
            due: Some(now),
            claims: Vec::new(),
            conformity_obtained: false,
            insurance_obtained: false,
            correction_until: None,
            corrections: 0,
            shortening_asked: false,
            released: false,
            expires_on: None,
            hold: None,
            ..earlier.clone()
        };
        if attempt > 1 {
            self.paid_before += paid_at_the_portal(&earlier);
            self.past.push(earlier);
        }
        // As the counter does it: one that ended before any fee says nothing of what was paid before it.
        let mut before = self.past.iter().filter(|filing| filing.request == self.request.id);
        self.scene.filing.earlier = before.clone().next_back().and_then(|filing| filing.receipt.clone());
        self.scene.earlier = before.rfind(|filing| !filing.claims.is_empty()).cloned();
        self.filing = Filing {
            request: self.request.id,
            attempt,
            submission: number,
            receipt: None,
            filed_at: now,
            portal_status: PortalStatus::Processing,
            facts: Values::new(),
            payments: Vec::new(),
            correction: None,
            failure: Vec::new(),
            last_event: 0,
            ..self.filing.clone()
        };
        self.filed = self.scene.document.clone();
        self.way = vec![PortalStatus::Processing];
        self.amounts.clear();
        self.scene.filing.due = self.tell(|filing, facts, _| due(filing, facts));
    }

    /// The corrected document goes to the portal, which may not take it.
    pub(super) fn hand_over_correction(&mut self) -> Result<(), String> {
        use crate::portal::document::write;
        let (old, new) = (write(&self.filed), write(&self.scene.document));
        let unfit = super::super::super::unfit(&old, &new, self.scene.filing.signer.as_ref());
        let step = match unfit {
            _ if self.scene.filing.status != PortalStatus::CorrectionRequested => self.tell(correct)?,
            Some(reason) => self.tell(|filing, facts, now| refuse_correction(filing, reason, facts, now)),
            None => self.tell(correct)?,
        };
        self.take(step);
        Ok(())
    }

    /// 再利用: a new request with the same values; the old one stays as it is.
    pub(super) fn reuse(&mut self) {
        let RequestId(number) = self.request.id;
        let procedure = self.request.procedure;
        self.request = ServiceRequest {
            status: Status::Accepted,
            chassis: self.request.chassis.clone(),
            ..ServiceRequest::draft(
                RequestId(number + 1),
                procedure,
                (CLIENT, BranchId(1)),
                (AGENT, AgentBranchId(1)),
                self.scene.now,
            )
        };
        self.paid_before += paid_at_the_portal(&self.scene.filing);
        self.past.push(self.scene.filing.clone());
        self.scene.filing.claims.clear();
    }

    /// What the portal did: money moves, and the node takes the events over.
    pub(super) fn take(&mut self, step: Step) {
        let before = self.scene.filing.status;
        for effect in step.effects {
            match effect {
                Effect::Take { account, amount } => {
                    let account = self.accounts.get_mut(&account).unwrap();
                    account.balance -= u64::from(amount.0);
                    account.taken += u64::from(amount.0);
                    *self.taken.entry(account.means.label()).or_default() += u64::from(amount.0);
                }
                Effect::Charge(amount) => {
                    *self.taken.entry(Means::Card.label()).or_default() += u64::from(amount.0);
                }
                Effect::NewCard => self.new_card(),
                Effect::Conformity(state) => {
                    if let Some(conformity) = &mut self.scene.conformity {
                        conformity.state = state;
                    }
                }
                Effect::Renew(expires_on) => {
                    if let Some(vehicle) = &mut self.scene.vehicle {
                        vehicle.expires_on = expires_on;
                    }
                }
                Effect::Notify(notice) => self.notices.push(notice),
                Effect::Rewritten(day) => self.notices.iter_mut().for_each(|notice| notice.rewritten = Some(day)),
            }
        }
        self.scene.filing = step.filing;
        step.happenings.into_iter().for_each(|what| self.follow(what));
        assert_eq!(self.scene.filing.status, self.filing.portal_status, "portal and node agree");
        assert!(!has_ended(before) || before == self.scene.filing.status, "nothing leaves an end");
        self.count();
    }

    /// The node takes one event over.
    fn follow(&mut self, what: Happening) {
        self.events += 1;
        let procedure = self.request.procedure();
        let event = Event { number: self.events, filing: self.filing.submission, at: self.scene.now, what };
        let at = self.filing.portal_status;
        workflow::apply(&mut self.request, &mut self.filing, &event)
            .unwrap_or_else(|refused| panic!("{refused} ({})", at.label()));
        let now = self.filing.portal_status;
        assert!(procedure.portal_statuses.contains(&now), "{} is no status of {}", now.label(), procedure.label);
        assert_eq!(self.request.status, workflow::standing(&self.request, now));
        if now != at {
            self.way.push(now);
        }
    }

    /// Every yen: what was taken is what portal and node say was paid; an amount never changes once it was issued.
    fn count(&mut self) {
        let taken = self.taken.values().sum::<u64>() - self.paid_before;
        assert_eq!(paid_at_the_portal(&self.scene.filing), taken);
        let paid = |payment: &&crate::domain::payment::Payment| {
            payment.status == PaymentStatus::Paid && payment.payer_account.is_some()
        };
        let in_the_node: u64 =
            self.filing.payments.iter().filter(paid).map(|payment| u64::from(payment.amount.0)).sum();
        assert_eq!(in_the_node, taken);
        for claim in &self.scene.filing.claims {
            assert_eq!(*self.amounts.entry(claim.kind).or_insert(claim.amount), claim.amount, "fixed at issue");
        }
    }

    /// Everything that is due until then.
    pub(super) fn advance_to(&mut self, until: BusinessTime) {
        for _ in 0..40 {
            let Some(due) = self.scene.filing.due.filter(|due| *due <= until) else { break };
            self.scene.now = due.max(self.scene.now);
            let Some(step) = self.tell(step) else { break };
            self.take(step);
        }
        self.scene.now = until;
    }

    pub(super) fn new_card(&mut self) {
        self.scene.card = Some(Card { chassis: String::new(), accepts: true, charged: 0 });
    }

    /// The OSSステータス it went through.
    pub(super) fn seen(&self) -> BTreeSet<PortalStatus> {
        self.way.iter().copied().collect()
    }
}

fn paid_at_the_portal(filing: &PortalFiling) -> u64 {
    let paid = |claim: &&Claim| matches!(claim.state, ClaimState::Paid { .. });
    filing.claims.iter().filter(paid).map(|claim| u64::from(claim.amount.0)).sum()
}

/// What an applicant asks of the portal, after the node has noted it.
pub(super) fn ask_of(life: &mut Life, asked: Ask) -> Result<(), String> {
    let step = life.tell(|filing, facts, now| ask(filing, asked, facts, now))?;
    life.take(step);
    Ok(())
}

fn user(membership: Membership) -> User {
    User {
        id: UserId(1),
        person: PersonId(1),
        login_id: "aa001".into(),
        name: "青葉　花子".into(),
        membership,
        password: PasswordHash(String::new()),
        password_state: PasswordState::Chosen { at: SystemTime::from_unix(0), expires: None },
        password_history: vec![],
        last_sign_in: None,
        active: true,
        version: 1,
    }
}

pub(super) fn client(role: ClientRole) -> Actor {
    Actor::Client(ClientActor::of(&user(Membership::Client { organization: CLIENT, branch: None, role })).unwrap())
}

pub(super) fn agent(role: AgentRole) -> Actor {
    Actor::Agent(AgentActor::of(&user(Membership::Agent { organization: AGENT, branch: None, role })).unwrap())
}
