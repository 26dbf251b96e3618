//! When the portal turns to a filing next: office hours, seconds per step, deadlines. Pure.

use super::world::{ClaimState, Outcome, PortalFiling, Settings, Speed};
use crate::domain::calendar::{Holidays, OfficeHours, next_working_day};
use crate::domain::request::{Hold, PortalStatus};
use crate::domain::time::{BusinessTime, Day};

/// Who moves a filing out of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A machine, day and night; realistic seconds.
    Machine(i64),
    /// An official, in office hours; realistic minutes of work.
    Official(i64),
    /// The counter, or whoever rewrites the certificate: on the next working day.
    Counter,
    /// Whoever has to pay.
    Payer,
    /// Whoever has to correct.
    Applicant,
}

/// One row per status in which a filing does not stay for ever.
const TABLE: &[(PortalStatus, By)] = &[
    (PortalStatus::Processing, By::Machine(60)),
    (PortalStatus::Received, By::Machine(60)),
    (PortalStatus::ReceptionReview, By::Official(30)),
    (PortalStatus::AwaitingInspectionFee, By::Payer),
    (PortalStatus::AwaitingInformationFee, By::Payer),
    (PortalStatus::AwaitingFees, By::Payer),
    (PortalStatus::Review, By::Official(120)),
    (PortalStatus::AwaitingWeightTax, By::Payer),
    (PortalStatus::AwaitingRepayment, By::Payer),
    (PortalStatus::CorrectionRequested, By::Applicant),
    (PortalStatus::AwaitingIssue, By::Counter),
    (PortalStatus::Withdrawing, By::Official(30)),
];

/// Realistic minutes an official needs to let a suspended filing go on.
const RESUMPTION: i64 = 30;

/// Seconds a bank or card company takes when realistic.
const BANK: i64 = 600;
/// When the counter hands out, when realistic.
const COUNTER: (i8, i8) = (10, 0);
/// How much longer everything takes for [`Outcome::Slow`], and the least in seconds.
const SLOW: (i64, i64) = (10, 60);

/// When the portal turns to this filing next, given that it has had its status since `filing.since`. None when it
/// waits for somebody without a deadline, or has ended.
pub(super) fn next(
    filing: &PortalFiling,
    forced: Option<Outcome>,
    settings: &Settings,
    holidays: &Holidays,
) -> Option<BusinessTime> {
    let (_, by) = TABLE.iter().find(|(status, _)| *status == filing.status)?;
    let by = match filing.hold {
        // Deadlines run on.
        Some(Hold::Suspended) => &By::Payer,
        Some(Hold::Resuming) => &By::Official(RESUMPTION),
        _ => by,
    };
    let since = filing.since;
    let slow = forced == Some(Outcome::Slow);
    let stretch = |seconds: i64| if slow { (seconds * SLOW.0).max(SLOW.1) } else { seconds };
    let step = i64::from(settings.step_seconds);
    let machine =
        |realistic: i64| since.plus(stretch(if settings.speed == Speed::Realistic { realistic } else { step }));
    match *by {
        By::Machine(seconds) => Some(machine(seconds)),
        By::Official(minutes) => match settings.speed {
            Speed::Instant => Some(since.plus(stretch(step))),
            Speed::Realistic => Some(after_office_work(since, stretch(minutes * 60), holidays)),
            Speed::Manual => filing.released.then_some(since),
        },
        By::Counter if filing.released => Some(since),
        By::Counter if forced == Some(Outcome::AtCounter) => None,
        By::Counter => match settings.speed {
            Speed::Instant => Some(since.plus(stretch((20 * step).max(60)))),
            Speed::Realistic => Some(BusinessTime::at(next_working_day(since.day(), holidays), COUNTER.0, COUNTER.1)),
            Speed::Manual => None,
        },
        By::Payer if filing.claims.iter().any(|claim| matches!(claim.state, ClaimState::Ordered { .. })) => {
            Some(machine(BANK))
        }
        By::Payer => {
            filing.claims.iter().filter(|claim| claim.state == ClaimState::Open).map(|claim| after(claim.due)).min()
        }
        By::Applicant => filing.correction_until.map(after),
    }
}

/// The first moment after a day.
fn after(day: Day) -> BusinessTime {
    BusinessTime::at(day.plus_days(1), 0, 0)
}

/// The moment at which this much work is done, when it is begun and handed on only in office hours.
fn after_office_work(since: BusinessTime, seconds: i64, holidays: &Holidays) -> BusinessTime {
    let hours = OfficeHours::REVIEW;
    hours.next_open(hours.next_open(since, holidays).plus(seconds), holidays)
}
