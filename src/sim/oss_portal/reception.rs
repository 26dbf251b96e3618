//! 受付審査: what is taken, and what ends as 未受付 before any fee.

use super::{Desk, rules};
use crate::domain::payment::PaymentKind;
use crate::domain::procedure::{self, Waiver};
use crate::domain::request::PortalStatus;
use crate::portal::gateway::{ApplicationDocument, Happening};

impl Desk<'_> {
    pub(super) fn receive(&mut self) {
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
    pub(super) fn begin_reception(&mut self) {
        if !self.procedure().portal_path.contains(&PortalStatus::ReceptionReview) {
            return self.decide_reception();
        }
        self.enter(PortalStatus::ReceptionReview, Happening::ReceptionReviewStarted);
    }

    pub(super) fn decide_reception(&mut self) {
        self.filing.released = false;
        let findings = self.case().map_or_else(Vec::new, |case| rules::findings(rules::RECEPTION, &case));
        let reasons: Vec<String> = findings.iter().map(|finding| finding.sentence().to_owned()).collect();
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
}
