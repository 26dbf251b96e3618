//! The ends: 交付待ち with everything that goes with it, 交付完了, 無効.

use super::{Desk, Effect, Facts, Step};
use crate::domain::request::PortalStatus;
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::{Commission, Happening};
use crate::sim::world::{ConformityState, PortalFiling, RewritingNotice};

/// The certificate is rewritten or handed out, if it waits for that.
pub fn hand_out(filing: &PortalFiling, facts: &Facts<'_>, now: BusinessTime) -> Option<Step> {
    let mut desk = Desk::new(filing, facts, now);
    (filing.status == PortalStatus::AwaitingIssue).then(|| {
        desk.issue();
        desk.done()
    })
}

impl Desk<'_> {
    pub(super) fn finish(&mut self, expires_on: Day) {
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

    pub(super) fn void(&mut self, reason: &str) {
        self.filing.correction_until = None;
        self.free_conformity(ConformityState::Registered);
        self.enter(PortalStatus::Void, Happening::Voided { reasons: vec![reason.to_owned()] });
    }

    pub(super) fn issue(&mut self) {
        let on = self.today();
        self.filing.released = false;
        self.effects.push(Effect::Rewritten(on));
        self.enter(PortalStatus::Issued, Happening::Issued { on });
    }
}
