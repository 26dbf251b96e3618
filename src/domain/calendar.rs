//! Working days, office hours and Japanese eras. Holidays are a table, not a rule: the equinoxes are announced year by
//! year.

mod era;

pub use era::{Era, EraYear, era_year, in_era, show_era};

use super::reference::TableError;
use super::time::{BusinessTime, Day};
use jiff::civil::Weekday;
use std::collections::BTreeMap;

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// When.
    pub day: Day,
    /// 元日, 振替休日 …
    pub name: String,
    /// Computed, not yet announced (見込).
    pub expected: bool,
}

/// Public holidays, substitute holidays included.
#[derive(Debug, Clone, Default)]
pub struct Holidays(BTreeMap<Day, Holiday>);

impl Holidays {
    pub(super) fn load(text: &str) -> Result<Self, TableError> {
        let rows = super::reference::rows("holidays", text, |row| {
            Ok(Holiday {
                day: row.read("day", Day::parse)?,
                name: row.text("name")?.to_owned(),
                expected: row.flag("expected")?,
            })
        })?;
        Ok(Self(rows.into_iter().map(|holiday| (holiday.day, holiday)).collect()))
    }

    /// Adds a holiday, or replaces the one of the same day.
    pub(super) fn put(&mut self, holiday: Holiday) {
        self.0.insert(holiday.day, holiday);
    }

    /// The holiday on a day.
    pub fn on(&self, day: Day) -> Option<&Holiday> {
        self.0.get(&day)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &Holiday> {
        self.0.values()
    }
}

/// A day of any year: month and day.
pub type MonthDay = (i8, i8);

/// Year-end closure of the offices, both days included.
const YEAR_END: (MonthDay, MonthDay) = ((12, 29), (1, 3));

/// Whether offices work: not on Saturdays, Sundays, public holidays and from 12/29 to 1/3.
pub fn is_working_day(day: Day, holidays: &Holidays) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && holidays.on(day).is_none()
        && !within_year(day, YEAR_END)
}

/// Whether a day lies between two days of the year, both included; the span may go over the end of the year.
pub fn within_year(day: Day, (from, to): (MonthDay, MonthDay)) -> bool {
    let (_, month, date) = day.parts();
    let today = (month, date);
    if from <= to { from <= today && today <= to } else { from <= today || today <= to }
}

/// The first working day after `day`.
pub fn next_working_day(day: Day, holidays: &Holidays) -> Day {
    // No closure lasts a month; the bound only keeps an odd table from holding up the program.
    let mut days = (1..=60).map(|by| day.plus_days(by));
    days.find(|day| is_working_day(*day, holidays)).unwrap_or_else(|| day.plus_days(60))
}

/// When an office looks at applications, on working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeHours {
    /// Opens at this hour and minute.
    pub opens: (i8, i8),
    /// Closes at this hour and minute.
    pub closes: (i8, i8),
}

impl OfficeHours {
    /// Reviews: weekdays 9:00–16:45.
    pub const REVIEW: Self = Self { opens: (9, 0), closes: (16, 45) };

    /// Whether the office is at work.
    pub fn is_open(&self, at: BusinessTime, holidays: &Holidays) -> bool {
        let day = at.day();
        is_working_day(day, holidays) && self.opening(day) <= at && at < self.closing(day)
    }

    /// `at` itself when the office is at work, else the next moment at which it opens.
    pub fn next_open(&self, at: BusinessTime, holidays: &Holidays) -> BusinessTime {
        let day = at.day();
        if is_working_day(day, holidays) && at < self.closing(day) {
            return at.max(self.opening(day));
        }
        self.opening(next_working_day(day, holidays))
    }

    fn opening(&self, day: Day) -> BusinessTime {
        BusinessTime::at(day, self.opens.0, self.opens.1)
    }

    fn closing(&self, day: Day) -> BusinessTime {
        BusinessTime::at(day, self.closes.0, self.closes.1)
    }
}

#[cfg(test)]
mod tests;
