//! The OSS portal as a state machine: what it does with one filing when it turns to it. Pure: it sees the filing and
//! what can be looked up, and answers with the filing afterwards, what happened, and what changes in the world.

mod completion;
mod hold;
mod payment;
mod reception;
mod review;

pub use completion::hand_out;
pub use hold::ask;
pub use payment::{charge_again, order};
pub use review::{ask_correction, correct, may_correct, refuse_correction};

use super::magic;
use super::pace;
use super::rules::{self, Case};
use super::world::{
    Account, Card, Commissioned, Conformity, ConformityState, Outcome, Policy, PortalFiling, RewritingNotice, Settings,
    Vehicle,
};
use crate::domain::money::Yen;
use crate::domain::payment::PaymentKind;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Tables;
use crate::domain::request::{Hold, PortalStatus};
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::{ApplicationDocument, Happening};

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
}

#[cfg(test)]
mod tests;
