//! The tables of the world's data file, and how they are read. The only file of the simulators that names the database.

use super::world::{Account, Card, Commissioned, Conformity, Policy, PortalFiling, RewritingNotice, Settings, Vehicle};
use crate::domain::ids::SubmissionNumber;
use crate::domain::time::BusinessTime;
use crate::portal::gateway::Event;
use crate::store::Error;
use crate::store::codec::Record;
use crate::store::kit::{Records, Registered, Source, Transaction, decoded};
use minicbor::{Decode, Encode};
use redb::{ReadableTable, TableDefinition, TableHandle};

/// The newest schema of the file.
pub(super) const SCHEMA: u32 = 1;

type Values<K, V> = TableDefinition<'static, K, V>;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $kind:ty;)*) => {
        $($(#[$doc])* const $name: $kind = TableDefinition::new($text);)*

        /// All of them.
        pub(super) const ALL: &[Registered] = &[$(Registered {
            name: $text,
            create: |tx| tx.open_table($name).map(drop),
        },)*];
    };
}

tables! {
    /// 車台番号 → `Vehicle`.
    VEHICLES = "vehicles": Records<&'static str>;
    /// 車台番号 → `Conformity`.
    CONFORMITY = "conformity": Records<&'static str>;
    /// 車台番号 → `Policies`.
    POLICIES = "policies": Records<&'static str>;
    /// 車台番号 → `Card`.
    CARDS = "cards": Records<&'static str>;
    /// Name → `Account`.
    ACCOUNTS = "accounts": Records<&'static str>;
    /// 委託番号 → `Commissioned`.
    COMMISSIONED = "commissioned": Records<&'static str>;
    /// Search key of 屋号 → `Barred`.
    BARRED = "barred_agents": Records<&'static str>;
    /// Submission number → `RewritingNotice`.
    NOTICES = "rewriting_notices": Records<[u8; 16]>;
    /// Submission number → `PortalFiling`.
    FILINGS = "filings": Records<[u8; 16]>;
    /// Index: 受付番号 → submission number.
    RECEIPTS = "receipts": Values<&'static str, [u8; 16]>;
    /// Index: (when the portal turns to it next in Unix seconds, submission number).
    DUE = "due": Values<(i64, [u8; 16]), ()>;
    /// Event number → `Event`.
    EVENTS = "events": Records<u64>;
    /// Submission number of every command that was taken → the filing's.
    HANDLED = "handled": Values<[u8; 16], [u8; 16]>;
    /// "settings" → `Settings`.
    SETTINGS = "settings": Records<&'static str>;
    /// Name of a sequence → the last number taken.
    SEQUENCES = "sequences": Values<&'static str, u64>;
}

/// All insurance of one vehicle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
struct Policies(#[n(0)] Vec<Policy>);

/// Codes of the procedures that an agent may not apply for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
struct Barred(#[n(0)] Vec<u8>);

impl Record for Barred {}
impl Record for Vehicle {}
impl Record for Conformity {}
impl Record for Policies {}
impl Record for Card {}
impl Record for Account {}
impl Record for Commissioned {}
impl Record for RewritingNotice {}
impl Record for PortalFiling {}
impl Record for Event {}
impl Record for Settings {}

const SETTINGS_KEY: &str = "settings";
const EVENT: &str = "event";
const RECEIPT: &str = "receipt";

/// What can be looked up, in a snapshot and in a write.
pub(super) trait Look: Source {
    fn vehicle(&self, chassis: &str) -> Result<Option<Vehicle>, Error> {
        self.record(VEHICLES, chassis)
    }

    fn conformity(&self, chassis: &str) -> Result<Option<Conformity>, Error> {
        self.record(CONFORMITY, chassis)
    }

    fn policies(&self, chassis: &str) -> Result<Vec<Policy>, Error> {
        Ok(self.record::<_, Policies>(POLICIES, chassis)?.unwrap_or_default().0)
    }

    fn card(&self, chassis: &str) -> Result<Option<Card>, Error> {
        self.record(CARDS, chassis)
    }

    fn account(&self, name: &str) -> Result<Option<Account>, Error> {
        self.record(ACCOUNTS, name)
    }

    fn commissioned(&self, number: &str) -> Result<Option<Commissioned>, Error> {
        self.record(COMMISSIONED, number)
    }

    fn barred(&self, trade_name: &str) -> Result<Vec<u8>, Error> {
        Ok(self.record::<_, Barred>(BARRED, trade_name)?.unwrap_or_default().0)
    }

    fn rewriting_notice(&self, filing: SubmissionNumber) -> Result<Option<RewritingNotice>, Error> {
        self.record(NOTICES, filing.0)
    }

    fn filing(&self, number: SubmissionNumber) -> Result<Option<PortalFiling>, Error> {
        self.record(FILINGS, number.0)
    }

    /// Every record of a table, in the order of its keys.
    fn all<K: redb::Key + 'static, T: Record>(&self, records: Records<K>) -> Result<Vec<T>, Error> {
        let table = self.table(records)?;
        table.iter()?.map(|row| decoded(records.name(), row?.1.value())).collect()
    }

    fn vehicles(&self) -> Result<Vec<Vehicle>, Error> {
        self.all(VEHICLES)
    }

    fn conformities(&self) -> Result<Vec<Conformity>, Error> {
        self.all(CONFORMITY)
    }

    fn insurance(&self) -> Result<Vec<(String, Vec<Policy>)>, Error> {
        let table = self.table(POLICIES)?;
        let mut all = Vec::new();
        for row in table.iter()? {
            let (chassis, policies) = row?;
            all.push((chassis.value().to_owned(), decoded::<Policies>(POLICIES.name(), policies.value())?.0));
        }
        Ok(all)
    }

    fn accounts(&self) -> Result<Vec<Account>, Error> {
        self.all(ACCOUNTS)
    }

    fn cards(&self) -> Result<Vec<Card>, Error> {
        self.all(CARDS)
    }

    fn holders(&self) -> Result<Vec<Commissioned>, Error> {
        self.all(COMMISSIONED)
    }

    fn rewriting_notices(&self) -> Result<Vec<RewritingNotice>, Error> {
        self.all(NOTICES)
    }

    fn filing_by_receipt(&self, receipt: &str) -> Result<Option<PortalFiling>, Error> {
        match self.value(RECEIPTS, receipt)? {
            Some(number) => self.filing(SubmissionNumber(number)),
            None => Ok(None),
        }
    }

    fn filings(&self) -> Result<Vec<PortalFiling>, Error> {
        self.all(FILINGS)
    }

    /// The filing that a command with this number led to.
    fn handled(&self, number: SubmissionNumber) -> Result<Option<SubmissionNumber>, Error> {
        Ok(self.value(HANDLED, number.0)?.map(SubmissionNumber))
    }

    fn settings(&self) -> Result<Settings, Error> {
        Ok(self.record(SETTINGS, SETTINGS_KEY)?.unwrap_or_default())
    }

    /// Filings that the portal turns to by now, those due first in front, at most `limit`.
    fn due(&self, now: BusinessTime, limit: usize) -> Result<Vec<SubmissionNumber>, Error> {
        let table = self.table(DUE)?;
        let rows = table.range(..=(now.unix(), [u8::MAX; 16]))?;
        rows.take(limit).map(|row| Ok(SubmissionNumber(row?.0.value().1))).collect()
    }

    fn next_due(&self) -> Result<Option<BusinessTime>, Error> {
        Ok(self.table(DUE)?.first()?.map(|(key, _)| BusinessTime::from_unix(key.value().0)))
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Event>, Error> {
        let table = self.table(EVENTS)?;
        let rows = table.range(after.saturating_add(1)..)?;
        rows.take(limit).map(|row| decoded(EVENTS.name(), row?.1.value())).collect()
    }

    /// The number of receipts given so far.
    fn receipts(&self) -> Result<u64, Error> {
        Ok(self.value(SEQUENCES, RECEIPT)?.unwrap_or(0))
    }
}

impl<S: Source> Look for S {}

/// What changes in a write.
pub(super) trait Change {
    fn put_vehicle(&self, vehicle: &Vehicle) -> Result<(), Error>;
    fn put_conformity(&self, conformity: &Conformity) -> Result<(), Error>;
    fn put_policies(&self, chassis: &str, policies: Vec<Policy>) -> Result<(), Error>;
    fn put_card(&self, card: &Card) -> Result<(), Error>;
    fn put_account(&self, account: &Account) -> Result<(), Error>;
    fn put_commissioned(&self, holder: &Commissioned) -> Result<(), Error>;
    fn put_barred(&self, trade_name: &str, procedures: Vec<u8>) -> Result<(), Error>;
    fn put_rewriting_notice(&self, notice: &RewritingNotice) -> Result<(), Error>;
    fn put_settings(&self, settings: &Settings) -> Result<(), Error>;
    fn put_handled(&self, number: SubmissionNumber, filing: SubmissionNumber) -> Result<(), Error>;
    /// Record and both indexes.
    fn put_filing(&self, filing: &PortalFiling) -> Result<(), Error>;
    /// Adds an event under the next number.
    fn add_event(&self, event: Event) -> Result<(), Error>;
    /// Takes the next number of a receipt.
    fn take_receipt(&self) -> Result<u64, Error>;
}

impl Change for Transaction {
    fn put_vehicle(&self, vehicle: &Vehicle) -> Result<(), Error> {
        self.put(VEHICLES, vehicle.chassis.as_str(), vehicle)
    }

    fn put_conformity(&self, conformity: &Conformity) -> Result<(), Error> {
        self.put(CONFORMITY, conformity.chassis.as_str(), conformity)
    }

    fn put_policies(&self, chassis: &str, policies: Vec<Policy>) -> Result<(), Error> {
        self.put(POLICIES, chassis, &Policies(policies))
    }

    fn put_card(&self, card: &Card) -> Result<(), Error> {
        self.put(CARDS, card.chassis.as_str(), card)
    }

    fn put_account(&self, account: &Account) -> Result<(), Error> {
        self.put(ACCOUNTS, account.name.as_str(), account)
    }

    fn put_commissioned(&self, holder: &Commissioned) -> Result<(), Error> {
        self.put(COMMISSIONED, holder.number.as_str(), holder)
    }

    fn put_barred(&self, trade_name: &str, procedures: Vec<u8>) -> Result<(), Error> {
        self.put(BARRED, trade_name, &Barred(procedures))
    }

    fn put_rewriting_notice(&self, notice: &RewritingNotice) -> Result<(), Error> {
        self.put(NOTICES, notice.filing.0, notice)
    }

    fn put_settings(&self, settings: &Settings) -> Result<(), Error> {
        self.put(SETTINGS, SETTINGS_KEY, settings)
    }

    fn put_handled(&self, number: SubmissionNumber, filing: SubmissionNumber) -> Result<(), Error> {
        self.set(HANDLED, number.0, filing.0)
    }

    fn put_filing(&self, filing: &PortalFiling) -> Result<(), Error> {
        let old = self.filing(filing.number)?;
        if let Some(due) = old.and_then(|old| old.due) {
            self.remove(DUE, (due.unix(), filing.number.0))?;
        }
        if let Some(due) = filing.due {
            self.set(DUE, (due.unix(), filing.number.0), ())?;
        }
        if let Some(receipt) = &filing.receipt {
            self.set(RECEIPTS, receipt.as_str(), filing.number.0)?;
        }
        self.put(FILINGS, filing.number.0, filing)
    }

    fn add_event(&self, event: Event) -> Result<(), Error> {
        let number = self.next(SEQUENCES, EVENT, 1)?;
        self.put(EVENTS, number, &Event { number, ..event })
    }

    fn take_receipt(&self) -> Result<u64, Error> {
        self.next(SEQUENCES, RECEIPT, 1)
    }
}
