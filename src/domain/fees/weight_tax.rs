//! 自動車重量税: an amount per unit of weight or a flat one, by class, term and category.

use super::Amount;
use crate::domain::money::Yen;
use crate::domain::procedure::VehicleKind;
use crate::domain::reference::{Dated, Fit, Series, TableError, Validity, rows};
use crate::domain::time::Day;

/// What the tax goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VehicleClass {
    /// 乗用自動車（自家用）: by vehicle weight, per 0.5 t.
    Passenger,
    /// 軽自動車（自家用）: flat.
    LightPrivate,
    /// 軽自動車（事業用）: flat.
    LightBusiness,
    /// 貨物自動車（自家用）: by gross weight, per 1 t.
    CargoPrivate,
    /// 貨物自動車（事業用）: by gross weight, per 1 t.
    CargoBusiness,
    /// 特種用途自動車（自家用）: by gross weight, per 1 t.
    SpecialPrivate,
}

/// Which rate of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaxCategory {
    /// 免税.
    Exempt,
    /// 本則税率 (エコカー).
    Eco,
    /// 13年未満.
    Standard,
    /// 13年経過.
    Over13,
    /// 18年経過.
    Over18,
}

/// A vehicle as far as the tax is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxedVehicle {
    /// Its class.
    pub class: VehicleClass,
    /// 車両重量, for cargo and special vehicles 車両総重量, in kg. Of no meaning for light vehicles.
    pub weight_kg: u32,
    /// The term of the new certificate in years.
    pub years: u32,
    /// Its category.
    pub category: TaxCategory,
}

/// A rate for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightTaxRow {
    /// The class.
    pub class: VehicleClass,
    /// From this weight on, in kg.
    pub from_kg: u32,
    /// Up to this weight, in kg; open when none.
    pub to_kg: Option<u32>,
    /// The amount is per begun unit of so many kg; flat when none.
    pub unit_kg: Option<u32>,
    /// The term in years.
    pub years: u32,
    /// The category.
    pub category: TaxCategory,
    /// The amount, per unit or flat.
    pub yen: Yen,
    /// From when to when.
    pub validity: Validity,
    /// Where it comes from, in Japanese.
    pub source: String,
}

/// All rates over time.
#[derive(Debug, Clone, Default)]
pub struct WeightTax(Vec<WeightTaxRow>);

impl WeightTax {
    pub(in crate::domain) fn load(text: &str) -> Result<Self, TableError> {
        rows("weight_tax", text, |row| {
            let number = |column| row.optional(column, |text| text.parse::<u32>().ok().filter(|n| *n > 0));
            Ok(WeightTaxRow {
                class: row.read("class", class)?,
                from_kg: number("from_kg")?.unwrap_or(0),
                to_kg: number("to_kg")?,
                unit_kg: number("unit_kg")?,
                years: row.read("years", |text| text.parse().ok().filter(|n| *n > 0))?,
                category: row.read("category", category)?,
                // An amount of nothing is never a tariff; exemption is a category of its own.
                yen: row.read("yen", |text| text.parse().ok().filter(|n| *n > 0).map(Yen))?,
                validity: row.validity()?,
                source: row.text("source")?.to_owned(),
            })
        })
        .map(Self)
    }

    /// Adds a row, which comes before all others on the days on which it holds.
    pub(in crate::domain) fn put(&mut self, row: WeightTaxRow) {
        self.0.push(row);
    }

    /// The tax on a day. After the last table that one applies (見込), before the earliest that one (推定). A term
    /// the table does not have is computed from one it has, in proportion (推定). None only when the table has no rate for
    /// such a vehicle at all.
    pub fn on(&self, vehicle: TaxedVehicle, day: Day) -> Option<Amount> {
        if vehicle.category == TaxCategory::Exempt {
            return Some(Amount::new(Yen(0), "自動車重量税の免税", false, Fit::Holds));
        }
        let terms = [vehicle.years, 1, 2];
        terms.into_iter().find_map(|years| self.of_term(vehicle, years, day))
    }

    /// The tax for the vehicle's term, from the rates for `years`.
    fn of_term(&self, vehicle: TaxedVehicle, years: u32, day: Day) -> Option<Amount> {
        let weight = vehicle.weight_kg.max(1);
        let mut series = Series::default();
        for row in self.0.iter().filter(|row| {
            row.class == vehicle.class
                && row.category == vehicle.category
                && row.years == years
                && (row.unit_kg.is_none() || (row.from_kg <= weight && row.to_kg.is_none_or(|to| weight <= to)))
        }) {
            series.put(Dated { validity: row.validity, value: row });
        }
        let found = series.on(day)?;
        let units = found.value.unit_kg.map_or(1, |unit| weight.div_ceil(unit));
        let amount = u64::from(found.value.yen.0) * u64::from(units) * u64::from(vehicle.years) / u64::from(years);
        let yen = Yen(u32::try_from(amount).ok()?);
        Some(Amount::new(yen, &found.value.source, years != vehicle.years, found.fit))
    }
}

fn class(text: &str) -> Option<VehicleClass> {
    Some(match text {
        "passenger" => VehicleClass::Passenger,
        "light_private" => VehicleClass::LightPrivate,
        "light_business" => VehicleClass::LightBusiness,
        "cargo_private" => VehicleClass::CargoPrivate,
        "cargo_business" => VehicleClass::CargoBusiness,
        "special_private" => VehicleClass::SpecialPrivate,
        _ => return None,
    })
}

fn category(text: &str) -> Option<TaxCategory> {
    Some(match text {
        "eco" => TaxCategory::Eco,
        "standard" => TaxCategory::Standard,
        "over13" => TaxCategory::Over13,
        "over18" => TaxCategory::Over18,
        _ => return None,
    })
}

/// The category by age. Registered vehicles are 13 (18) years old 12 (17) years and 10 months after the month of their
/// first registration; light ones in November of the 13th (18th) year after that of their first inspection.
pub fn age_category(vehicle: VehicleKind, first_year: i16, first_month: i8, day: Day) -> TaxCategory {
    let (year, month, _) = day.parts();
    let months = |year: i16, month: i8| i32::from(year) * 12 + i32::from(month);
    let now = months(year, month);
    let reached = |years: i16| match vehicle {
        VehicleKind::Registered => now >= months(first_year + years - 1, first_month) + 10,
        VehicleKind::Light => now >= months(first_year + years, 11),
    };
    if reached(18) {
        TaxCategory::Over18
    } else if reached(13) {
        TaxCategory::Over13
    } else {
        TaxCategory::Standard
    }
}
