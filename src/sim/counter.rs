//! Where the portal's rules meet its data file: looks up what a step needs, and writes what it did.

use super::oss_portal::{Effect, Facts, Step};
use super::rules::{self, commission_number};
use super::tables::{Change, Look};
use super::world::{Account, Card, ClaimState, Commissioned, Conformity, Policy, PortalFiling, Settings, Vehicle};
use crate::domain::reference::Tables;
use crate::domain::text::search_key;
use crate::domain::time::{BusinessTime, Day};
use crate::portal::document;
use crate::portal::gateway::{ApplicationDocument, Event};
use crate::store::Error;
use crate::store::kit::Transaction;

/// Everything that can be looked up about one filing.
pub(super) struct Known {
    application: Option<ApplicationDocument>,
    vehicle: Option<Vehicle>,
    conformity: Option<Conformity>,
    policies: Vec<Policy>,
    card: Option<Card>,
    accounts: Vec<Account>,
    barred: bool,
    commission: Option<Commissioned>,
    earlier: Option<PortalFiling>,
    settings: Settings,
    receipt: String,
}

impl Known {
    pub(super) fn about(tx: &impl Look, filing: &PortalFiling, today: Day) -> Result<Self, Error> {
        let application = document::read(&filing.document).ok();
        let mut known = Self {
            application: None,
            vehicle: None,
            conformity: None,
            policies: Vec::new(),
            card: None,
            accounts: Vec::new(),
            barred: false,
            commission: None,
            earlier: None,
            settings: tx.settings()?,
            // 19 digits: the day and a number that never repeats.
            receipt: format!("{:08}{:011}", today.number(), tx.receipts()?.saturating_add(1)),
        };
        if let Some(application) = &application {
            let chassis = application.chassis.number.as_str();
            known.vehicle = tx.vehicle(chassis)?;
            known.conformity = tx.conformity(chassis)?;
            known.policies = tx.policies(chassis)?;
            known.card = tx.card(chassis)?;
            let trade_name = search_key(rules::agent(application, "trade_name"));
            known.barred = tx.barred(&trade_name)?.contains(&application.procedure);
            if let Some(number) = commission_number(application) {
                known.commission = tx.commissioned(number)?;
            }
        }
        for claim in &filing.claims {
            if let ClaimState::Ordered { account, .. } = &claim.state
                && let Some(account) = tx.account(account)?
            {
                known.accounts.push(account);
            }
        }
        if let Some(earlier) = &filing.earlier {
            known.earlier = tx.filing_by_receipt(earlier)?;
            // One that ended before any fee says nothing of what was paid before it.
            while let Some(before) =
                known.earlier.as_ref().filter(|one| one.claims.is_empty()).and_then(|one| one.earlier.clone())
            {
                known.earlier = tx.filing_by_receipt(&before)?;
            }
        }
        known.application = application;
        Ok(known)
    }

    pub(super) fn facts<'a>(&'a self, tables: &'a Tables) -> Facts<'a> {
        Facts {
            application: self.application.as_ref(),
            vehicle: self.vehicle.as_ref(),
            conformity: self.conformity.as_ref(),
            policies: &self.policies,
            card: self.card.as_ref(),
            accounts: &self.accounts,
            barred: self.barred,
            commission: self.commission.as_ref(),
            earlier: self.earlier.as_ref(),
            settings: &self.settings,
            tables,
            receipt: &self.receipt,
        }
    }
}

/// Writes what a step did: the filing, its events, and what changed elsewhere.
pub(super) fn apply(tx: &Transaction, before: &PortalFiling, step: Step, now: BusinessTime) -> Result<(), Error> {
    let filing = step.filing;
    if before.receipt.is_none() && filing.receipt.is_some() {
        tx.take_receipt()?;
    }
    let chassis = document::read(&filing.document).map(|application| application.chassis.number).unwrap_or_default();
    for effect in step.effects {
        change(tx, &filing, &chassis, effect)?;
    }
    for what in step.happenings {
        tx.add_event(Event { number: 0, filing: filing.number, at: now, what })?;
    }
    tx.put_filing(&filing)
}

fn change(tx: &Transaction, filing: &PortalFiling, chassis: &str, effect: Effect) -> Result<(), Error> {
    match effect {
        Effect::Take { account, amount } => {
            if let Some(mut account) = tx.account(&account)? {
                account.balance = account.balance.saturating_sub(amount.0.into());
                account.taken += u64::from(amount.0);
                tx.put_account(&account)?;
            }
        }
        Effect::Charge(amount) => {
            if let Some(mut card) = tx.card(chassis)? {
                card.charged += u64::from(amount.0);
                tx.put_card(&card)?;
            }
        }
        Effect::NewCard => {
            let charged = tx.card(chassis)?.map_or(0, |card| card.charged);
            tx.put_card(&Card { chassis: chassis.to_owned(), accepts: true, charged })?;
        }
        Effect::Conformity(state) => {
            if let Some(conformity) = tx.conformity(chassis)? {
                tx.put_conformity(&Conformity { state, ..conformity })?;
            }
        }
        Effect::Renew(expires_on) => {
            if let Some(vehicle) = tx.vehicle(chassis)? {
                tx.put_vehicle(&Vehicle { expires_on, ..vehicle })?;
            }
        }
        Effect::Notify(notice) => tx.put_rewriting_notice(&notice)?,
        Effect::Rewritten(day) => {
            if let Some(mut notice) = tx.rewriting_notice(filing.number)? {
                notice.rewritten = Some(day);
                tx.put_rewriting_notice(&notice)?;
            }
        }
    }
    Ok(())
}
