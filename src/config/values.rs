//! Values that the configuration file writes as text: times of the day, days of the year, "off".

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A time of the day in Japan, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    /// 0–24; 24 only with minute 0, the end of the day.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
}

/// A day of every year, `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

fn two_numbers(text: &str, separator: char) -> Option<(u8, u8)> {
    let (first, second) = text.split_once(separator)?;
    let number = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u8>().ok()).flatten()
    };
    Some((number(first)?, number(second)?))
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match two_numbers(text, ':') {
            Some((hour, minute)) if (hour < 24 && minute < 60) || (hour, minute) == (24, 0) => {
                Ok(Self { hour, minute })
            }
            _ => Err("時刻は \"08:00\" の形で、00:00 から 24:00 までです".to_owned()),
        }
    }
}

impl FromStr for MonthDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let longest = |month| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        match two_numbers(text, '-') {
            Some((month @ 1..=12, day)) if day >= 1 && day <= longest(month) => Ok(Self { month, day }),
            _ => Err("月日は \"12-29\" の形です".to_owned()),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        day.to_string()
    }
}

/// 0 in the file, `None` in the program.
pub(super) mod zero_is_none {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the shape serde calls")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(value.unwrap_or(0))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        Ok(Some(u32::deserialize(deserializer)?).filter(|&value| value != 0))
    }
}

/// `"off"` or an address in the file, `None` or the address in the program.
pub(super) mod off_or_address {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::net::SocketAddr;

    #[expect(clippy::ref_option, reason = "the shape serde calls")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<SocketAddr>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(address) => serializer.collect_str(address),
            None => serializer.serialize_str("off"),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "off" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                D::Error::custom("\"off\" か、\"127.0.0.1:8440\" のようなIPアドレスとポート番号を書いてください")
            }),
        }
    }
}
