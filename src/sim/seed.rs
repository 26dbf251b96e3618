//! What people put into the world: the demo's vehicles, a lesson's mistakes, a test's givens.

use super::counter::{self, Known};
use super::oss_portal;
use super::tables::{Change, Look};
use super::world::{Account, Card, Commissioned, Conformity, Policy, RewritingNotice, Vehicle};
use super::{Sim, SimError};
use crate::domain::ids::SubmissionNumber;
use crate::domain::text::search_key;
use crate::domain::time::BusinessTime;
use crate::portal::document;
use crate::store::Error;
use std::sync::Arc;

/// Many things at once, in one transaction. What is there under the same key is replaced; policies are added.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    /// 車両台帳.
    pub vehicles: Vec<Vehicle>,
    /// 保適証.
    pub conformity: Vec<Conformity>,
    /// 自賠責 by chassis number.
    pub policies: Vec<(String, Policy)>,
    /// Accounts of garages and agents.
    pub accounts: Vec<Account>,
    /// Cards.
    pub cards: Vec<Card>,
    /// Holders of commission numbers.
    pub commissioned: Vec<Commissioned>,
}

impl Sim {
    /// Puts all of this into the world.
    ///
    /// # Errors
    /// The data file's.
    pub fn seed(&self, seed: Seed) -> Result<(), Error> {
        self.database.write_blocking(move |tx| {
            seed.vehicles.iter().try_for_each(|vehicle| tx.put_vehicle(vehicle))?;
            seed.conformity.iter().try_for_each(|conformity| tx.put_conformity(conformity))?;
            for (chassis, policy) in &seed.policies {
                let mut policies = tx.policies(chassis)?;
                policies.push(*policy);
                tx.put_policies(chassis, policies)?;
            }
            seed.accounts.iter().try_for_each(|account| tx.put_account(account))?;
            seed.cards.iter().try_for_each(|card| tx.put_card(card))?;
            seed.commissioned.iter().try_for_each(|holder| tx.put_commissioned(holder))
        })
    }

    /// Puts a vehicle into the register.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_vehicle(&self, vehicle: Vehicle) -> Result<(), Error> {
        self.seed(Seed { vehicles: vec![vehicle], ..Seed::default() })
    }

    /// Registers a conformity certificate, in place of the vehicle's last one.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_conformity(&self, conformity: Conformity) -> Result<(), Error> {
        self.seed(Seed { conformity: vec![conformity], ..Seed::default() })
    }

    /// Adds an insurance contract.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_policy(&self, chassis: &str, policy: Policy) -> Result<(), Error> {
        self.seed(Seed { policies: vec![(chassis.to_owned(), policy)], ..Seed::default() })
    }

    /// Opens an account, or changes it.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_account(&self, account: Account) -> Result<(), Error> {
        self.seed(Seed { accounts: vec![account], ..Seed::default() })
    }

    /// What an account holds from now on, and whether it is open (開通).
    ///
    /// # Errors
    /// [`SimError::Refused`] when there is no such account.
    pub fn set_account(&self, name: &str, balance: u64, open: bool) -> Result<(), SimError> {
        let name = name.to_owned();
        self.database.write_blocking(move |tx| {
            let found = tx.account(&name)?;
            let account = found.ok_or_else(|| SimError::Refused("該当する口座がありません。".to_owned()))?;
            Ok(tx.put_account(&Account { balance, open, ..account })?)
        })
    }

    /// Whether the offices take applications for this procedure from this agent (屋号). All agents are taken at first.
    ///
    /// # Errors
    /// The data file's.
    pub fn bar_agent(&self, trade_name: &str, procedure: u8, barred: bool) -> Result<(), Error> {
        let name = search_key(trade_name);
        self.database.write_blocking(move |tx| {
            let mut procedures = tx.barred(&name)?;
            procedures.retain(|code| *code != procedure);
            if barred {
                procedures.push(procedure);
            }
            tx.put_barred(&name, procedures)
        })
    }

    /// Makes a commission number known to the offices.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_commissioned(&self, holder: Commissioned) -> Result<(), Error> {
        self.seed(Seed { commissioned: vec![holder], ..Seed::default() })
    }

    /// Registers a card for a vehicle. Filings that wait for one are charged at once.
    ///
    /// # Errors
    /// The data file's.
    pub fn put_card(&self, card: Card, now: BusinessTime) -> Result<(), SimError> {
        let tables = Arc::clone(&self.tables);
        self.database.write_blocking(move |tx| {
            let charged = tx.card(&card.chassis)?.map_or(card.charged, |old| old.charged);
            tx.put_card(&Card { charged, ..card.clone() })?;
            for filing in tx.filings()? {
                let known = Known::about(tx, &filing, now.day())?;
                let same = document::read(&filing.document).is_ok_and(|read| read.chassis.number == card.chassis);
                if same && let Some(step) = oss_portal::charge_again(&filing, &known.facts(&tables), now) {
                    counter::apply(tx, &filing, step, now)?;
                }
            }
            Ok(())
        })
    }

    /// A vehicle of the register.
    ///
    /// # Errors
    /// The data file's.
    pub fn vehicle(&self, chassis: &str) -> Result<Option<Vehicle>, Error> {
        self.database.read(|tx| tx.vehicle(chassis))
    }

    /// A vehicle's conformity certificate.
    ///
    /// # Errors
    /// The data file's.
    pub fn conformity(&self, chassis: &str) -> Result<Option<Conformity>, Error> {
        self.database.read(|tx| tx.conformity(chassis))
    }

    /// An account.
    ///
    /// # Errors
    /// The data file's.
    pub fn account(&self, name: &str) -> Result<Option<Account>, Error> {
        self.database.read(|tx| tx.account(name))
    }

    /// A vehicle's card.
    ///
    /// # Errors
    /// The data file's.
    pub fn card(&self, chassis: &str) -> Result<Option<Card>, Error> {
        self.database.read(|tx| tx.card(chassis))
    }

    /// What the holder of a commission number was told about a filing.
    ///
    /// # Errors
    /// The data file's.
    pub fn rewriting_notice(&self, filing: SubmissionNumber) -> Result<Option<RewritingNotice>, Error> {
        self.database.read(|tx| tx.rewriting_notice(filing))
    }
}
