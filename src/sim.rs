//! The outside world for demo, training and test: the vehicle register, certificates, insurance, accounts, cards, and
//! the OSS portal that looks at all of them. It has its own data file and writer and knows nothing of garages' and
//! agents' applications; the node reaches it through `portal::gateway` only.

pub mod conformity;
mod counter;
mod learn;
pub mod magic;
pub mod oss_portal;
mod pace;
pub mod rules;
mod seed;
mod tables;
mod tariff;
pub mod view;
mod wire;
pub mod world;

pub use seed::Seed;
pub use wire::{Faults, Wire};

use crate::domain::correction::Matter;
use crate::domain::ids::SubmissionNumber;
use crate::domain::reference::Tables;
use crate::domain::request::PortalStatus;
use crate::domain::time::BusinessTime;
use crate::pki::signing;
use crate::portal::document;
use crate::portal::gateway::{Command, Event, GatewayError};
use crate::store::kit::{Database, Transaction};
use crate::store::{Error, OpenError};
use counter::Known;
use std::path::Path;
use std::sync::Arc;
use tables::{Change, Look};
use world::{Outcome, PortalFiling, Settings, Signatory};

/// How many filings one transaction moves on at most.
const BATCH: usize = 200;

/// The world. Cheap to clone. All calls wait for the disk: never call them on an async worker.
#[derive(Clone)]
pub struct Sim {
    database: Database,
    tables: Arc<Tables>,
    wire: Arc<Wire>,
}

/// Why the world did not do something.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// It makes no sense; a Japanese sentence says why.
    #[error("refused: {0}")]
    Refused(String),
    /// The data file.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Sim {
    /// Opens the world's file, creating it as needed.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, tables: Arc<Tables>, settings: &Settings) -> Result<Self, OpenError> {
        let how = crate::store::kit::Settings {
            cache_bytes: 16 << 20,
            ..crate::store::kit::Settings::new("ainas-sim", tables::ALL, tables::SCHEMA)
        };
        let database = Database::open(path, &how)?;
        let sim = Self { database, tables, wire: Arc::default() };
        let settings = settings.clone();
        sim.database.write_blocking(move |tx| {
            // Time that has passed stays passed.
            let clock_ahead = tx.settings()?.clock_ahead;
            tx.put_settings(&Settings { clock_ahead, ..settings })
        })?;
        Ok(sim)
    }

    /// Takes a command. The same number twice is the same act.
    ///
    /// # Errors
    /// [`SimError::Refused`] when the command makes no sense.
    pub fn submit(&self, command: &Command, number: SubmissionNumber, now: BusinessTime) -> Result<(), SimError> {
        self.tick(now)?;
        let tables = Arc::clone(&self.tables);
        // Reading and verifying take a while; the writer need not wait for them.
        let signer = match command {
            Command::File { document, signature, .. } | Command::Correct { document, signature, .. } => {
                signatory(document, signature)
            }
            Command::Pay { .. } | Command::Ask { .. } => None,
        };
        let command = command.clone();
        self.database.write_blocking(move |tx| {
            if tx.handled(number)?.is_some() {
                return Ok(());
            }
            let filing = match &command {
                Command::File { .. } => {
                    file(tx, &command, signer.clone(), number, &tables, now)?;
                    number
                }
                Command::Pay { filing, .. } => {
                    pay(tx, &command, &tables, now)?;
                    *filing
                }
                Command::Correct { filing, .. } => {
                    correct(tx, &command, signer.clone(), &tables, now)?;
                    *filing
                }
                Command::Ask { filing, ask } => {
                    let before = tx.filing(*filing)?.ok_or_else(unknown)?;
                    let known = Known::about(tx, &before, now.day())?;
                    let step = oss_portal::ask(&before, *ask, &known.facts(&tables), now).map_err(SimError::Refused)?;
                    counter::apply(tx, &before, step, now)?;
                    *filing
                }
            };
            Ok(tx.put_handled(number, filing)?)
        })
    }

    /// Events after this number, in order, at most `limit`.
    ///
    /// # Errors
    /// The data file's.
    pub fn events(&self, after: u64, limit: usize) -> Result<Vec<Event>, Error> {
        self.database.read(|tx| tx.events(after, limit))
    }

    /// Moves on everything that is due, each filing at its own time, even when the clock has jumped. Answers how many
    /// steps were taken.
    ///
    /// # Errors
    /// The data file's.
    pub fn tick(&self, now: BusinessTime) -> Result<usize, Error> {
        let mut steps = 0;
        while self.database.read(Look::next_due)?.is_some_and(|due| due <= now) {
            let tables = Arc::clone(&self.tables);
            steps += self.database.write_blocking(move |tx| {
                let due = tx.due(now, BATCH)?;
                for number in &due {
                    step(tx, *number, &tables)?;
                }
                Ok::<_, Error>(due.len())
            })?;
        }
        Ok(steps)
    }

    /// When there is something to do next.
    ///
    /// # Errors
    /// The data file's.
    pub fn next_due(&self) -> Result<Option<BusinessTime>, Error> {
        self.database.read(Look::next_due)
    }

    /// A filing as the portal holds it.
    ///
    /// # Errors
    /// The data file's.
    pub fn filing(&self, number: SubmissionNumber) -> Result<Option<PortalFiling>, Error> {
        self.database.read(|tx| tx.filing(number))
    }

    /// All filings.
    ///
    /// # Errors
    /// The data file's.
    pub fn filings(&self) -> Result<Vec<PortalFiling>, Error> {
        self.database.read(Look::filings)
    }

    /// The instructor decides: this is what happens to the filing next, and with manual review it happens now.
    ///
    /// # Errors
    /// [`SimError::Refused`] when there is no such filing or it has ended.
    pub fn decide(&self, number: SubmissionNumber, outcome: Outcome, now: BusinessTime) -> Result<(), SimError> {
        let tables = Arc::clone(&self.tables);
        self.database.write_blocking(move |tx| {
            let mut filing = tx.filing(number)?.ok_or_else(unknown)?;
            if oss_portal::has_ended(filing.status) {
                return Err(SimError::Refused("この申請は、すでに終わっています。".to_owned()));
            }
            filing.outcome = Some(outcome);
            filing.released = oss_portal::waits_for_official(&filing);
            schedule(tx, &mut filing, &tables, now)?;
            Ok(tx.put_filing(&filing)?)
        })
    }

    /// An official asks for a correction: a sentence for each thing that is wrong, and what is to be mended.
    ///
    /// # Errors
    /// [`SimError::Refused`] when the filing is not in its review.
    pub fn ask_correction(
        &self,
        number: SubmissionNumber,
        reasons: &[String],
        named: &[Matter],
        now: BusinessTime,
    ) -> Result<(), SimError> {
        let (tables, reasons, named) = (Arc::clone(&self.tables), reasons.to_vec(), named.to_vec());
        self.database.write_blocking(move |tx| {
            let before = tx.filing(number)?.ok_or_else(unknown)?;
            let known = Known::about(tx, &before, now.day())?;
            let step = oss_portal::ask_correction(&before, (&reasons, &named), &known.facts(&tables), now)
                .map_err(SimError::Refused)?;
            Ok(counter::apply(tx, &before, step, now)?)
        })
    }

    /// 書換え by the holder of the commission number: 交付完了.
    ///
    /// # Errors
    /// [`SimError::Refused`] when the filing is not to be rewritten, or was already.
    pub fn rewrite(&self, number: SubmissionNumber, now: BusinessTime) -> Result<(), SimError> {
        let tables = Arc::clone(&self.tables);
        self.database.write_blocking(move |tx| {
            let before = tx.filing(number)?.ok_or_else(unknown)?;
            let notice = tx.rewriting_notice(number)?.filter(|notice| notice.rewritten.is_none());
            let known = Known::about(tx, &before, now.day())?;
            let step = notice.and_then(|_| oss_portal::hand_out(&before, &known.facts(&tables), now));
            let step = step.ok_or_else(|| SimError::Refused("書き換えできる車検証ではありません。".to_owned()))?;
            Ok(counter::apply(tx, &before, step, now)?)
        })
    }

    /// How the world behaves.
    ///
    /// # Errors
    /// The data file's.
    pub fn settings(&self) -> Result<Settings, Error> {
        self.database.read(Look::settings)
    }

    /// Changes how the world behaves; filings under way follow.
    ///
    /// # Errors
    /// The data file's.
    pub fn set_settings(&self, settings: &Settings, now: BusinessTime) -> Result<(), Error> {
        let (settings, tables) = (settings.clone(), Arc::clone(&self.tables));
        self.database.write_blocking(move |tx| {
            tx.put_settings(&settings)?;
            for mut filing in tx.filings()? {
                schedule(tx, &mut filing, &tables, now)?;
                tx.put_filing(&filing)?;
            }
            Ok(())
        })
    }

    /// The wire to the portal, which can be made to fail.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Finishes the writes that wait and closes the file.
    pub fn shutdown(&self) {
        self.database.shutdown();
    }
}

fn unknown() -> SimError {
    SimError::Refused("該当する申請がありません。".to_owned())
}

impl From<SimError> for GatewayError {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Refused(reason) => Self::Refused(reason),
            // A portal whose machine is broken does not answer.
            SimError::Store(_) => Self::Unavailable,
        }
    }
}

/// Who signed a document; none when the signature is wrong.
fn signatory(document: &[u8], signature: &[u8]) -> Option<Signatory> {
    let signer = signing::verify(document, signature).ok()?;
    let details = signer.details;
    Some(Signatory {
        address: details.subject.address(),
        trade_name: details.subject.organization,
        person_name: details.subject.common_name,
        valid_from: BusinessTime::from_unix(details.not_before),
        valid_until: BusinessTime::from_unix(details.not_after),
    })
}

/// When the portal turns to a filing next, without anything having happened to it.
fn schedule(tx: &Transaction, filing: &mut PortalFiling, tables: &Tables, now: BusinessTime) -> Result<(), Error> {
    let known = Known::about(tx, filing, now.day())?;
    filing.due = oss_portal::due(filing, &known.facts(tables)).map(|due| due.max(now));
    Ok(())
}

fn step(tx: &Transaction, number: SubmissionNumber, tables: &Tables) -> Result<(), Error> {
    let Some(filing) = tx.filing(number)? else { return Ok(()) };
    let Some(now) = filing.due else { return Ok(()) };
    let known = Known::about(tx, &filing, now.day())?;
    match oss_portal::step(&filing, &known.facts(tables), now) {
        Some(step) => counter::apply(tx, &filing, step, now),
        None => Ok(()),
    }
}

fn file(
    tx: &Transaction,
    command: &Command,
    signer: Option<Signatory>,
    number: SubmissionNumber,
    tables: &Tables,
    now: BusinessTime,
) -> Result<(), SimError> {
    let Command::File { request, document, earlier, .. } = command else { return Ok(()) };
    let settings = tx.settings()?;
    if let Ok(application) = document::read(document) {
        learn::application(tx, &application, earlier.is_some(), &settings, now)?;
    }
    let mut filing = PortalFiling {
        number,
        request: *request,
        filed_at: now,
        receipt: None,
        earlier: earlier.clone(),
        document: document.clone(),
        signer,
        status: PortalStatus::Processing,
        since: now,
        due: None,
        claims: Vec::new(),
        conformity_obtained: false,
        insurance_obtained: false,
        correction_until: None,
        corrections: 0,
        shortening_asked: false,
        outcome: None,
        released: false,
        expires_on: None,
        hold: None,
    };
    schedule(tx, &mut filing, tables, now)?;
    Ok(tx.put_filing(&filing)?)
}

fn pay(tx: &Transaction, command: &Command, tables: &Tables, now: BusinessTime) -> Result<(), SimError> {
    let Command::Pay { filing, kind, means, account } = command else { return Ok(()) };
    let filing = tx.filing(*filing)?.ok_or_else(unknown)?;
    let known = Known::about(tx, &filing, now.day())?;
    let step =
        oss_portal::order(&filing, (*kind, *means, account), &known.facts(tables), now).map_err(SimError::Refused)?;
    learn::account(tx, account, *means, &tx.settings()?)?;
    Ok(counter::apply(tx, &filing, step, now)?)
}

fn correct(
    tx: &Transaction,
    command: &Command,
    signer: Option<Signatory>,
    tables: &Tables,
    now: BusinessTime,
) -> Result<(), SimError> {
    let Command::Correct { filing, document, .. } = command else { return Ok(()) };
    let before = tx.filing(*filing)?.ok_or_else(unknown)?;
    oss_portal::may_correct(&before, now).map_err(SimError::Refused)?;
    let known = Known::about(tx, &before, now.day())?;
    if let Some(reason) = unfit(&before.document, document, signer.as_ref()) {
        let step = oss_portal::refuse_correction(&before, reason, &known.facts(tables), now);
        return Ok(counter::apply(tx, &before, step, now)?);
    }
    if let Ok(application) = document::read(document) {
        learn::application(tx, &application, true, &tx.settings()?, now)?;
    }
    let amended = PortalFiling { document: document.clone(), signer, ..before.clone() };
    let known = Known::about(tx, &amended, now.day())?;
    let step = oss_portal::correct(&amended, &known.facts(tables), now).map_err(SimError::Refused)?;
    Ok(counter::apply(tx, &before, step, now)?)
}

/// Why a corrected document can't be taken.
fn unfit(old: &[u8], new: &[u8], signer: Option<&Signatory>) -> Option<&'static str> {
    let (Ok(old), Ok(new)) = (document::read(old), document::read(new)) else {
        return Some("申請データの形式に誤りがあります。");
    };
    if signer.is_none() {
        return Some("電子署名を検証できません。");
    }
    let same = (old.request, &old.plate, &old.chassis) == (new.request, &new.plate, &new.chassis);
    if same { None } else { Some("補正では、標板の番号と車台番号を変えられません。") }
}
