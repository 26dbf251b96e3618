//! The term of a certificate (車検証の有効期間): new expiry, early renewal, conformity certificate, insurance.
//! Source: 施行規則44条, specification of the lifecycle, rule 6. Windows are data, because they have changed.

use super::reference::{self, Dated, Series, TableError};
use super::time::Day;

/// How early an inspection may be renewed without losing days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlyWindow {
    /// Months before the expiry.
    pub months: i32,
    /// Days before those months in which the office asks before it shortens the term (the conformity certificate stays
    /// valid that long, so that waiting would avoid it).
    pub correction_days: i32,
}

impl EarlyWindow {
    /// In force since 2025-04-01.
    const CURRENT: Self = Self { months: 2, correction_days: 14 };

    /// The first day on which a renewal keeps the whole term: the same day so many months earlier, or the month's last.
    pub fn first_day(&self, expiry: Day) -> Day {
        expiry.plus_months(-self.months)
    }

    /// The first day of the band in which the office asks. The band ends the day before [`Self::first_day`].
    pub fn first_asking_day(&self, expiry: Day) -> Day {
        self.first_day(expiry).plus_days(-self.correction_days)
    }

    /// How a day lies to an expiry.
    pub fn timing(&self, expiry: Day, day: Day) -> Timing {
        if day > expiry {
            Timing::Expired
        } else if day >= self.first_day(expiry) {
            Timing::InTime
        } else if day >= self.first_asking_day(expiry) {
            Timing::Asks
        } else {
            Timing::Early
        }
    }
}

/// How a day lies to the expiry of the current certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Long before the window: shortened without asking.
    Early,
    /// Just before the window: shortened; the office asks first.
    Asks,
    /// In the window: the new term begins after the old one.
    InTime,
    /// After the expiry: the new term begins on that day.
    Expired,
}

/// Early windows over time.
#[derive(Debug, Clone, Default)]
pub struct EarlyWindows(Series<EarlyWindow>);

impl EarlyWindows {
    pub(super) fn load(text: &str) -> Result<Self, TableError> {
        let mut windows = Self::default();
        // Each row holds until the next one begins; the last one put comes first.
        for row in reference::rows("early_windows", text, |row| {
            Ok(Dated {
                validity: row.validity()?,
                value: EarlyWindow {
                    months: row.read("months", |text| text.parse().ok())?,
                    correction_days: row.read("correction_days", |text| text.parse().ok())?,
                },
            })
        })? {
            windows.put(row);
        }
        Ok(windows)
    }

    /// Adds a row, which comes before all others on the days on which it holds.
    pub(super) fn put(&mut self, row: Dated<EarlyWindow>) {
        self.0.put(row);
    }

    /// The window in force on a day.
    pub fn on(&self, day: Day) -> EarlyWindow {
        self.0.on(day).map_or(EarlyWindow::CURRENT, |found| *found.value)
    }
}

/// The window in force on the day of a renewal.
pub fn early_window(windows: &EarlyWindows, day: Day) -> EarlyWindow {
    windows.on(day)
}

/// A new term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTerm {
    /// 有効期間満了日.
    pub expires: Day,
    /// Days of the old term are lost.
    pub shortened: bool,
}

/// The expiry after a renewal that is completed on a day. In the window: current expiry + term; else the day of
/// completion + term − 1 day. Months without such a day end on their last (2/29 → 2/28).
pub fn new_expiry(windows: &EarlyWindows, current: Day, completed: Day, months: u32) -> NewTerm {
    let months = i32::try_from(months).unwrap_or(i32::MAX);
    match windows.on(completed).timing(current, completed) {
        Timing::InTime => NewTerm { expires: current.plus_months(months), shortened: false },
        timing => NewTerm {
            expires: completed.plus_months(months).plus_days(-1),
            shortened: matches!(timing, Timing::Early | Timing::Asks),
        },
    }
}

/// The last day of a conformity certificate: it is valid for 15 days, counting the day of the inspection.
pub fn conformity_last_day(inspected: Day) -> Day {
    inspected.plus_days(14)
}

/// Whether a conformity certificate is valid on a day.
pub fn conformity_valid(inspected: Day, day: Day) -> bool {
    inspected <= day && day <= conformity_last_day(inspected)
}

/// A policy of compulsory insurance (自賠責): it begins on its first day and ends at noon of its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// 保険開始日.
    pub from: Day,
    /// 保険終了日.
    pub to: Day,
}

/// Whether policies cover a certificate from `from` to its expiry. Because they end at noon, the last one must reach the
/// day after the expiry. Several may join, each beginning not later than the one before it ends.
pub fn insurance_covers(policies: &[Policy], from: Day, expiry: Day) -> bool {
    let needed = expiry.plus_days(1);
    let mut reached = from;
    loop {
        let next = policies.iter().filter(|policy| policy.from <= reached).map(|policy| policy.to).max();
        match next {
            Some(to) if to >= needed => return true,
            Some(to) if to > reached => reached = to,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
