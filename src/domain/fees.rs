//! Fees and weight tax by day. A tariff is looked up once, when the payment is issued; the amount is stored with it
//! (engineering decision E15). No amount is ever 0 because a row is missing.

mod weight_tax;

pub use weight_tax::{TaxCategory, TaxedVehicle, VehicleClass, WeightTax, WeightTaxRow, age_category};

use super::money::Yen;
use super::procedure::VehicleKind;
use super::reference::{Dated, Fit, Series, TableError, Tables, Validity};
use super::time::Day;

/// An amount and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub yen: Yen,
    /// Where it comes from: the tariff row, in Japanese.
    pub source: String,
    /// It rests on an inference of ours, or on the earliest row because none is as old as that day (推定).
    pub inferred: bool,
    /// The last row had ended on that day; nothing newer is known (見込).
    pub expected: bool,
}

impl Amount {
    fn new(yen: Yen, source: &str, inferred: bool, fit: Fit) -> Self {
        Self { yen, source: source.to_owned(), inferred: inferred || fit == Fit::NotBegun, expected: fit == Fit::Ended }
    }
}

/// Fees of an inspection with a designated garage's conformity certificate, filed over OSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    /// 検査登録手数料 (light: 検査手数料).
    Inspection,
    /// 技術情報管理手数料.
    Information,
}

/// A fee for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeRow {
    /// For which vehicles.
    pub vehicle: VehicleKind,
    /// Which fee.
    pub fee: Fee,
    /// From when to when.
    pub validity: Validity,
    /// How much.
    pub yen: Yen,
    /// The amount rests on an inference (推定).
    pub inferred: bool,
    /// Where it comes from, in Japanese.
    pub source: String,
}

/// All fees over time.
#[derive(Debug, Clone, Default)]
pub struct Fees {
    registered: OfVehicle,
    light: OfVehicle,
}

#[derive(Debug, Clone, Default)]
struct OfVehicle {
    inspection: Series<FeeRow>,
    information: Series<FeeRow>,
}

impl Fees {
    pub(super) fn load(text: &str) -> Result<Self, TableError> {
        let mut fees = Self::default();
        for row in super::reference::rows("fees", text, |row| {
            Ok(FeeRow {
                vehicle: row.read("vehicle", super::reference::vehicle)?,
                fee: row.read("fee", |text| match text {
                    "inspection" => Some(Fee::Inspection),
                    "information" => Some(Fee::Information),
                    _ => None,
                })?,
                validity: row.validity()?,
                yen: row.read("yen", |text| text.parse().ok().map(Yen))?,
                inferred: row.flag("inferred")?,
                source: row.text("source")?.to_owned(),
            })
        })? {
            fees.put(row);
        }
        Ok(fees)
    }

    /// Adds a row, which comes before all others on the days on which it holds.
    pub(super) fn put(&mut self, row: FeeRow) {
        let vehicle = match row.vehicle {
            VehicleKind::Registered => &mut self.registered,
            VehicleKind::Light => &mut self.light,
        };
        let series = match row.fee {
            Fee::Inspection => &mut vehicle.inspection,
            Fee::Information => &mut vehicle.information,
        };
        series.put(Dated { validity: row.validity, value: row });
    }

    /// The fee on a day; none only when the table has no row for it at all.
    pub fn on(&self, vehicle: VehicleKind, fee: Fee, day: Day) -> Option<Amount> {
        let vehicle = match vehicle {
            VehicleKind::Registered => &self.registered,
            VehicleKind::Light => &self.light,
        };
        let series = match fee {
            Fee::Inspection => &vehicle.inspection,
            Fee::Information => &vehicle.information,
        };
        let found = series.on(day)?;
        Some(Amount::new(found.value.yen, &found.value.source, found.value.inferred, found.fit))
    }
}

/// 検査登録手数料 (light: 検査手数料) on the day of issue.
pub fn inspection_fee(tables: &Tables, vehicle: VehicleKind, day: Day) -> Option<Amount> {
    tables.fees.on(vehicle, Fee::Inspection, day)
}

/// 技術情報管理手数料 on the day of issue.
pub fn information_fee(tables: &Tables, vehicle: VehicleKind, day: Day) -> Option<Amount> {
    tables.fees.on(vehicle, Fee::Information, day)
}

/// 自動車重量税 on the day of issue.
pub fn weight_tax(tables: &Tables, vehicle: TaxedVehicle, day: Day) -> Option<Amount> {
    tables.weight_tax.on(vehicle, day)
}

#[cfg(test)]
mod tests;
