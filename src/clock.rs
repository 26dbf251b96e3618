//! The node's two clocks. The system clock is the machine's and can't be set; the business clock follows it with an
//! offset, or stands still, outside production.

use crate::domain::time::{BusinessTime, SystemTime};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Both clocks. Shared by everything that asks what time it is.
#[derive(Debug, Default)]
pub struct Clocks {
    /// Seconds added to the system clock, or the frozen moment itself.
    business: AtomicI64,
    frozen: AtomicBool,
    /// Tests only: the moment the system clock stands at; 0 is the machine's clock.
    system: AtomicI64,
}

/// Both clocks at one moment: what a use case takes along into its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// For everything the business has deadlines for.
    pub business: BusinessTime,
    /// For audit, tokens and retries.
    pub system: SystemTime,
}

impl Clocks {
    /// Now, by both.
    pub fn now(&self) -> Moment {
        Moment { business: self.business(), system: self.system() }
    }

    /// Both follow the machine.
    pub fn machine() -> Self {
        Self::default()
    }

    /// Both stand still at this moment: for tests.
    pub fn standing_at(unix: i64) -> Self {
        Self { business: AtomicI64::new(unix), frozen: AtomicBool::new(true), system: AtomicI64::new(unix) }
    }

    /// Now, for sessions, passwords, lock-out, audit and retries.
    pub fn system(&self) -> SystemTime {
        match self.system.load(Ordering::Relaxed) {
            0 => SystemTime::from_unix(machine_seconds()),
            fixed => SystemTime::from_unix(fixed),
        }
    }

    /// Now, for everything the business has deadlines for.
    pub fn business(&self) -> BusinessTime {
        let value = self.business.load(Ordering::Relaxed);
        if self.frozen.load(Ordering::Relaxed) {
            BusinessTime::from_unix(value)
        } else {
            BusinessTime::from_unix(self.system().unix().saturating_add(value))
        }
    }

    /// Sets the business clock; it goes on from there unless `freeze`.
    pub fn set_business(&self, now: BusinessTime, freeze: bool) {
        let value = if freeze { now.unix() } else { now.unix() - self.system().unix() };
        self.business.store(value, Ordering::Relaxed);
        self.frozen.store(freeze, Ordering::Relaxed);
    }

    /// Moves the business clock on by this many seconds.
    pub fn advance_business(&self, seconds: i64) {
        self.business.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The business clock follows the machine so many seconds ahead, unless it stands still.
    pub fn run_ahead(&self, seconds: i64) {
        if !self.frozen.load(Ordering::Relaxed) {
            self.business.store(seconds, Ordering::Relaxed);
        }
    }

    /// Moves both clocks on by this many seconds: for tests.
    pub fn advance(&self, seconds: i64) {
        self.business.fetch_add(seconds, Ordering::Relaxed);
        if self.system.load(Ordering::Relaxed) != 0 {
            self.system.fetch_add(seconds, Ordering::Relaxed);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn machine_seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}
