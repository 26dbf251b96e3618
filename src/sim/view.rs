//! What people see of the world: whole registers, and one filing with everything an official looks at. Reads only.

use super::Sim;
use super::counter::Known;
use super::oss_portal;
use super::rules::{self, Case};
use super::tables::Look;
use super::world::{Account, Card, Commissioned, Conformity, Policy, PortalFiling, RewritingNotice, Vehicle};
use crate::domain::ids::SubmissionNumber;
use crate::domain::procedure::VehicleKind;
use crate::domain::request::PortalStatus;
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::{ApplicationDocument, Event};
use crate::store::Error;
use std::collections::BTreeMap;

/// A filing before an official.
#[derive(Debug, Clone)]
pub struct Examined {
    /// As the portal holds it.
    pub filing: PortalFiling,
    /// What the document says; none when it can't be read.
    pub application: Option<ApplicationDocument>,
    /// 車両台帳.
    pub vehicle: Option<Vehicle>,
    /// 保適証.
    pub conformity: Option<Conformity>,
    /// 自賠責.
    pub policies: Vec<Policy>,
    /// The vehicle's card.
    pub card: Option<Card>,
    /// Who holds the commission number it names.
    pub commission: Option<Commissioned>,
    /// What the rules of the review it waits for find now, a sentence each.
    pub findings: Vec<String>,
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
    /// The day on which all this was looked up.
    pub on: Day,
}

impl Sim {
    /// One filing with everything that can be looked up about it.
    ///
    /// # Errors
    /// The data file's.
    pub fn examine(&self, number: SubmissionNumber, now: BusinessTime) -> Result<Option<Examined>, Error> {
        self.database.read(|tx| {
            let Some(filing) = tx.filing(number)? else { return Ok(None) };
            let known = Known::about(tx, &filing, now.day())?;
            let facts = known.facts(&self.tables);
            let rules = match filing.status {
                PortalStatus::Processing | PortalStatus::Received | PortalStatus::ReceptionReview => rules::RECEPTION,
                _ => rules::REVIEW,
            };
            let findings = facts.application.map_or_else(Vec::new, |application| {
                let forced = oss_portal::forced(&filing, &facts);
                rules::findings(rules, &Case { application, filing: &filing, facts: &facts, now, forced })
            });
            let mut events = tx.events(0, usize::MAX)?;
            events.retain(|event| event.filing == number);
            Ok(Some(Examined {
                application: facts.application.cloned(),
                vehicle: facts.vehicle.cloned(),
                conformity: facts.conformity.cloned(),
                policies: facts.policies.to_vec(),
                card: facts.card.cloned(),
                commission: facts.commission.cloned(),
                findings: findings.iter().map(|finding| finding.sentence().to_owned()).collect(),
                events,
                filing,
                on: now.day(),
            }))
        })
    }

    /// 車両台帳, by chassis number.
    ///
    /// # Errors
    /// The data file's.
    pub fn vehicles(&self) -> Result<Vec<Vehicle>, Error> {
        self.database.read(Look::vehicles)
    }

    /// Which kind each vehicle is, by chassis number.
    ///
    /// # Errors
    /// The data file's.
    pub fn kinds(&self) -> Result<BTreeMap<String, VehicleKind>, Error> {
        Ok(self.vehicles()?.into_iter().map(|vehicle| (vehicle.chassis, vehicle.class.kind())).collect())
    }

    /// All conformity certificates, by chassis number.
    ///
    /// # Errors
    /// The data file's.
    pub fn conformities(&self) -> Result<Vec<Conformity>, Error> {
        self.database.read(Look::conformities)
    }

    /// All insurance, by chassis number.
    ///
    /// # Errors
    /// The data file's.
    pub fn insurance(&self) -> Result<Vec<(String, Vec<Policy>)>, Error> {
        self.database.read(Look::insurance)
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// The data file's.
    pub fn accounts(&self) -> Result<Vec<Account>, Error> {
        self.database.read(Look::accounts)
    }

    /// All cards, by chassis number.
    ///
    /// # Errors
    /// The data file's.
    pub fn cards(&self) -> Result<Vec<Card>, Error> {
        self.database.read(Look::cards)
    }

    /// Holders of commission numbers, by number.
    ///
    /// # Errors
    /// The data file's.
    pub fn holders(&self) -> Result<Vec<Commissioned>, Error> {
        self.database.read(Look::holders)
    }

    /// All notices that a certificate may be rewritten, newest first.
    ///
    /// # Errors
    /// The data file's.
    pub fn rewriting_notices(&self) -> Result<Vec<RewritingNotice>, Error> {
        let mut notices = self.database.read(Look::rewriting_notices)?;
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.at));
        Ok(notices)
    }
}
