//! 検査審査 and 補正: what an official finds, what is asked for, and what answers it.

use super::{Desk, Effect, Facts, Step, hold};
use crate::domain::correction::{Matter, matters};
use crate::domain::request::PortalStatus;
use crate::domain::time::BusinessTime;
use crate::portal::gateway::Happening;
use crate::sim::rules::{self, Finding};
use crate::sim::world::{ConformityState, Outcome, PortalFiling};

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
    desk.request_correction(&[Finding::Correct(reason.to_owned(), Vec::new())]);
    desk.done()
}

/// 検査補正要求 of an official: what is wrong, and what the official names as to be mended.
///
/// # Errors
/// Why it can't be asked for, in Japanese.
pub fn ask_correction(
    filing: &PortalFiling,
    (reasons, named): (&[String], &[Matter]),
    facts: &Facts<'_>,
    now: BusinessTime,
) -> Result<Step, String> {
    if filing.status != PortalStatus::Review || hold::stands_still(filing) {
        return Err("この申請は、いま検査審査中ではありません。".to_owned());
    }
    let mut desk = Desk::new(filing, facts, now);
    desk.obtain();
    let findings: Vec<Finding> =
        reasons.iter().map(|reason| Finding::Correct(reason.clone(), named.to_vec())).collect();
    desk.request_correction(&findings);
    Ok(desk.done())
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

impl Desk<'_> {
    /// Fetches the certificates that are there.
    pub(super) fn obtain(&mut self) {
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

    pub(super) fn begin_review(&mut self) {
        self.obtain();
        self.enter(PortalStatus::Review, Happening::ReviewStarted);
    }

    pub(super) fn decide_review(&mut self) {
        self.filing.released = false;
        self.obtain();
        let findings = self.case().map_or_else(Vec::new, |case| rules::findings(rules::REVIEW, &case));
        let term = self.case().and_then(|case| case.new_term());
        let is_refusal = |finding: &&Finding| matches!(finding, Finding::Refuse(_));
        if findings.iter().any(|finding| is_refusal(&finding)) {
            let reasons = findings.iter().filter(is_refusal).map(|finding| finding.sentence().to_owned()).collect();
            self.filing.outcome = None;
            self.free_conformity(ConformityState::Rejected);
            self.enter(PortalStatus::Rejected, Happening::Rejected { reasons });
        } else if !findings.is_empty() {
            self.request_correction(&findings);
        } else if let Some(term) = term {
            self.filing.expires_on = Some(term.expires);
            self.proceed();
        }
    }

    fn request_correction(&mut self, findings: &[Finding]) {
        let deadline = self.today().plus_days(i32::from(self.facts.settings.correction_days.max(1)) - 1);
        self.filing.outcome = None;
        self.filing.shortening_asked |= findings.iter().any(|finding| matches!(finding, Finding::AskShortening(_)));
        self.filing.correction_until = Some(deadline);
        self.filing.expires_on = None;
        self.free_conformity(ConformityState::Registered);
        let reasons = findings.iter().map(|finding| finding.sentence().to_owned()).collect();
        let mut named: Vec<Matter> = Vec::new();
        for matter in findings.iter().flat_map(Finding::named) {
            // What is only a note in this procedure can't be mended there.
            if matters(self.procedure()).contains(matter) && !named.contains(matter) {
                named.push(*matter);
            }
        }
        self.enter(PortalStatus::CorrectionRequested, Happening::CorrectionRequested { reasons, deadline, named });
    }

    /// The application lets go of the conformity certificate.
    pub(super) fn free_conformity(&mut self, state: ConformityState) {
        if self.filing.conformity_obtained {
            self.filing.conformity_obtained = false;
            self.effects.push(Effect::Conformity(state));
        }
    }

    /// The review ended well: looks once more whether the term is still covered (the day may have moved on), charges
    /// the card, and is done.
    pub(super) fn complete(&mut self) {
        let Some(term) = self.case().and_then(|case| case.new_term()) else { return };
        let covered = rules::insured_for(self.facts.policies, self.today(), term.expires);
        if !covered && self.forced != Some(Outcome::Approve) {
            let sentence = "納付までに日がたったため、自賠責の期間が新しい有効期間に対して不足しました。".to_owned();
            return self.request_correction(&[Finding::Correct(sentence, vec![Matter::Insurance])]);
        }
        self.filing.expires_on = Some(term.expires);
        if self.cashless() { self.charge_with(false) } else { self.finish(term.expires) }
    }
}
