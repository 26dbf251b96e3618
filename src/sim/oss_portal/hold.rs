//! 中断, 再開 and 取下: what an applicant may ask while a filing is under way. No source tells how the portal does it;
//! what is chosen stands with `workflow::PORTAL_RULES`.

use super::{Desk, Facts, Step, waits_for_official};
use crate::domain::request::{Ask, Hold, PortalStatus, Status};
use crate::domain::time::BusinessTime;
use crate::domain::workflow::SUSPENDABLE;
use crate::portal::gateway::Happening;
use crate::sim::world::{ClaimState, ConformityState, PortalFiling};

/// Takes what the applicant asks.
///
/// # Errors
/// Why not, in Japanese.
pub fn ask(filing: &PortalFiling, ask: Ask, facts: &Facts<'_>, now: BusinessTime) -> Result<Step, String> {
    let live = SUSPENDABLE.contains(&filing.status);
    let mut desk = Desk::new(filing, facts, now);
    match (ask, filing.hold) {
        (Ask::Suspend, None | Some(Hold::Reserved)) if live => {
            desk.filing.hold = Some(Hold::Reserved);
            if waits_for_official(filing) || desk.asks_a_bank() {
                // Whoever is at work finishes first.
                return Ok(desk.unchanged());
            }
        }
        (Ask::Suspend, _) => return Err("この申請は、いま中断できません。".to_owned()),
        (Ask::CancelSuspension, None | Some(Hold::Reserved)) if live => {
            desk.filing.hold = None;
            return Ok(desk.unchanged());
        }
        (Ask::CancelSuspension, _) => return Err("この申請には、いま中断の予約がありません。".to_owned()),
        (Ask::Resume, Some(Hold::Suspended)) => {
            if desk.procedure().application_statuses.contains(&Status::Resuming) {
                desk.filing.hold = Some(Hold::Resuming);
            } else {
                desk.resume();
            }
        }
        (Ask::Resume, _) => return Err("この申請は、いま中断していません。".to_owned()),
        (Ask::Withdraw, _) if live || filing.status == PortalStatus::CorrectionRequested => {
            desk.filing.hold = None;
            desk.filing.correction_until = None;
            desk.enter(PortalStatus::Withdrawing, Happening::Withdrawing);
        }
        (Ask::Withdraw, _) => {
            return Err(format!("この申請は「{}」のため、取下げできません。", filing.status.label()));
        }
    }
    Ok(desk.done())
}

/// Whether nothing is done to the filing and nothing may be paid.
pub(super) fn stands_still(filing: &PortalFiling) -> bool {
    matches!(filing.hold, Some(Hold::Suspended | Hold::Resuming))
}

impl Desk<'_> {
    /// Nothing happened but a note in the margin: whoever is at work goes on with it.
    fn unchanged(self) -> Step {
        Step { filing: self.filing, happenings: self.happenings, effects: self.effects }
    }

    fn asks_a_bank(&self) -> bool {
        self.filing.claims.iter().any(|claim| matches!(claim.state, ClaimState::Ordered { .. }))
    }

    /// After each step: a reservation comes into force, unless a bank is being asked or nothing is left to suspend.
    pub(super) fn suspend_if_reserved(&mut self) {
        if !SUSPENDABLE.contains(&self.filing.status) {
            self.filing.hold = None;
        } else if self.filing.hold == Some(Hold::Reserved) && !self.asks_a_bank() {
            self.filing.hold = Some(Hold::Suspended);
            self.happenings.push(Happening::Suspended);
        }
    }

    /// 再開: on where it was suspended.
    pub(super) fn resume(&mut self) {
        self.filing.released = false;
        self.filing.hold = None;
        self.happenings.push(Happening::Resumed);
    }

    /// 取下. What a bank was asked for before is settled first: money that moves is never without a record.
    pub(super) fn withdraw(&mut self) {
        self.filing.released = false;
        let ordered = |state: &ClaimState| matches!(state, ClaimState::Ordered { .. });
        let asked: Vec<_> =
            self.filing.claims.iter().filter(|claim| ordered(&claim.state)).map(|claim| claim.kind).collect();
        asked.into_iter().for_each(|kind| self.settle(kind));
        self.free_conformity(ConformityState::Registered);
        self.enter(PortalStatus::Withdrawn, Happening::Withdrawn);
    }
}
