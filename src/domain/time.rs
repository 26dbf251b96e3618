//! The two kinds of time, which don't mix, and civil days. What the time *is* comes from `crate::clock`.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, Timestamp, tz};
use minicbor::{Decode, Encode};
use std::fmt;

/// Japan has had one fixed offset since 1951, in hours.
const JAPAN: i8 = 9;

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] i64);

        impl $name {
            /// From seconds since 1970-01-01T00:00:00Z.
            pub const fn from_unix(seconds: i64) -> Self {
                Self(seconds)
            }

            /// Seconds since 1970-01-01T00:00:00Z.
            pub const fn unix(self) -> i64 {
                self.0
            }

            /// This many seconds later (earlier when negative).
            pub const fn plus(self, seconds: i64) -> Self {
                Self(self.0.saturating_add(seconds))
            }

            /// Seconds from `earlier` to this.
            pub const fn since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0)
            }

            /// Day and clock time in Japan.
            pub fn local(self) -> DateTime {
                let timestamp = Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
                tz::offset(JAPAN).to_datetime(timestamp)
            }

            /// The day in Japan.
            pub fn day(self) -> Day {
                Day(self.local().date())
            }

            /// The moment of a clock time in Japan.
            pub fn at(day: Day, hour: i8, minute: i8) -> Self {
                let seconds = tz::offset(JAPAN)
                    .to_timestamp(day.0.at(hour.clamp(0, 23), minute.clamp(0, 59), 0, 0))
                    .map_or(0, Timestamp::as_second);
                Self(seconds)
            }
        }

        /// `2025/01/06 10:19`, the form of every page.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let local = self.local();
                write!(f, "{} {:02}:{:02}", Day(local.date()), local.hour(), local.minute())
            }
        }
    };
}

instant! {
    /// A moment by the business clock, which can be set in demo, training and test: deadlines, working days, fees,
    /// the portal, request times, statements, agents' signing certificates.
    BusinessTime
}
instant! {
    /// A moment by the system clock, which can never be set: sessions, passwords, lock-out, TLS, audit, retries.
    SystemTime
}

/// A civil day in Japan. Stored as `yyyymmdd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// A real day of the calendar, else `None`.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// From `2025/01/06`, `2025-01-06` or `20250106`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, '/' | '-')).collect();
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::from_number(digits.parse().ok()?)
    }

    /// From `yyyymmdd`.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::new(
            i16::try_from(number / 10_000).ok()?,
            i8::try_from(number / 100 % 100).ok()?,
            i8::try_from(number % 100).ok()?,
        )
    }

    /// `yyyymmdd`.
    pub fn number(self) -> u32 {
        let part = |value: i16| u32::try_from(value).unwrap_or(0);
        part(self.0.year()) * 10_000 + part(self.0.month().into()) * 100 + part(self.0.day().into())
    }

    /// Year, month, day.
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// This many days later (earlier when negative).
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(Span::new().days(days)))
    }

    /// This many months later; where the month has no such day, its last (2026-01-31 + 1 month = 2026-02-28).
    pub fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(Span::new().months(months)))
    }

    /// Days from this day to `later`.
    pub fn days_until(self, later: Self) -> i32 {
        self.0.until(later.0).map_or(0, |span| span.get_days())
    }

    /// `2025-01-06`, the value of an HTML date field.
    pub fn iso(self) -> String {
        self.0.to_string()
    }
}

/// `2025/01/06`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}/{month:02}/{day:02}")
    }
}

impl<C> Encode<C> for Day {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u32(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Day {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let number = d.u32()?;
        Self::from_number(number).ok_or_else(|| minicbor::decode::Error::message("not a day of the calendar"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_is_kept_inside_the_month() {
        let day = |y, m, d| Day::new(y, m, d).unwrap();
        assert_eq!(day(2026, 1, 31).plus_months(1), day(2026, 2, 28));
        assert_eq!(day(2024, 2, 29).plus_months(12), day(2025, 2, 28));
        assert_eq!(day(2026, 1, 1).days_until(day(2027, 1, 1)), 365);
    }

    #[test]
    fn a_moment_is_shown_in_japan() {
        let moment = BusinessTime::at(Day::new(2025, 1, 6).unwrap(), 10, 19);
        assert_eq!(moment.to_string(), "2025/01/06 10:19");
        assert_eq!(moment.unix(), 1_736_126_340);
        assert_eq!(BusinessTime::from_unix(moment.unix()).day().iso(), "2025-01-06");
    }

    #[test]
    fn days_are_parsed_in_the_forms_people_type() {
        for text in ["2025/01/06", "2025-01-06", "20250106"] {
            assert_eq!(Day::parse(text).unwrap().number(), 20_250_106);
        }
        for text in ["2025/02/30", "25/01/06", "", "2025/1/6x"] {
            assert!(Day::parse(text).is_none(), "{text}");
        }
    }
}
