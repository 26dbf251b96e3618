//! Rows that hold for a time. A day always finds one as long as there is any.

use crate::domain::time::Day;

/// From when to when a row holds, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// The first day; open when none.
    pub from: Option<Day>,
    /// The last day; open when none.
    pub to: Option<Day>,
}

impl Validity {
    /// Whether the row holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A value that holds for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// When.
    pub validity: Validity,
    /// What.
    pub value: T,
}

/// The row found for a day.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a, T> {
    /// The value.
    pub value: &'a T,
    /// How it lies to the day.
    pub fit: Fit,
}

/// How a row lies to the day it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It holds on that day.
    Holds,
    /// It had ended; nothing newer is known (見込).
    Ended,
    /// It had not begun; nothing older is known (推定).
    NotBegun,
}

/// Rows of one thing over time. Where several hold on a day, the one that was put last applies, so that an operator's
/// rows come before embedded ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<T>(Vec<Dated<T>>);

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Series<T> {
    /// Adds a row, which comes before all others on the days on which it holds.
    pub fn put(&mut self, row: Dated<T>) {
        self.0.push(row);
    }

    /// The row that holds on a day. Without one: the last row that ended before it, else the earliest one after it.
    /// None only when there is no row at all.
    pub fn on(&self, day: Day) -> Option<Found<'_, T>> {
        let holds = self.0.iter().rev().find(|row| row.validity.holds_on(day));
        let ended = || {
            let rows = self.0.iter().filter(|row| row.validity.to.is_some_and(|to| to < day));
            rows.max_by_key(|row| row.validity.to)
        };
        let later = || {
            let rows = self.0.iter().filter(|row| row.validity.from.is_some_and(|from| day < from));
            rows.min_by_key(|row| row.validity.from)
        };
        let (row, fit) = holds
            .map(|row| (row, Fit::Holds))
            .or_else(|| ended().map(|row| (row, Fit::Ended)))
            .or_else(|| later().map(|row| (row, Fit::NotBegun)))?;
        Some(Found { value: &row.value, fit })
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &Dated<T>> {
        self.0.iter()
    }
}
