//! Plates (自動車登録番号標, 車両番号標): their parts, how they are typed, checked and shown.

mod grammar;
mod parse;

pub use parse::{PlateInput, class_part, kana_part, parse, region_part, serial_part};

use minicbor::{Decode, Encode};
use std::fmt;

/// 自動車登録番号標 or 車両番号標, as four parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Plate {
    /// 地名; empty on very old plates.
    #[n(0)]
    pub region: String,
    /// 分類番号, upper case half-width; empty with 分類番号なし.
    #[n(1)]
    pub class: String,
    /// 仮名, one full-width character.
    #[n(2)]
    pub kana: String,
    /// 一連指定番号, 1–9999.
    #[n(3)]
    pub serial: u16,
    /// 小板.
    #[n(4)]
    pub small: bool,
}

impl Plate {
    /// Writes the serial as it stands on the plate: `12-34`, `・・・7`.
    pub fn put_serial(&self, text: &mut String) {
        let places = [1_000, 100, 10, 1];
        for (place, unit) in places.into_iter().enumerate() {
            match (self.serial / unit) % 10 {
                _ if self.serial < unit && unit > 1 => text.push('・'),
                digit => text.push(char::from_digit(digit.into(), 10).unwrap_or('・')),
            }
            if place == 1 && self.serial >= 1_000 {
                text.push('-');
            }
        }
    }
}

/// `品川-600-さ-1111`, the form of every page (manual J1185). Parts a plate does not have are left out.
impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.region, &self.class, &self.kana].into_iter().filter(|part| !part.is_empty()) {
            write!(f, "{part}-")?;
        }
        write!(f, "{}", self.serial)
    }
}

#[cfg(test)]
mod tests;
