//! Offices an application goes to (申請先): 運輸支局 and the like for registered vehicles, 軽自動車検査協会 for light ones.

use super::table::{self, TableError};
use crate::domain::procedure::VehicleKind;

/// An office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// For which vehicles.
    pub vehicle: VehicleKind,
    /// The stored number, unique among the offices for these vehicles.
    pub number: u16,
    /// The name on pages: 東京運輸支局.
    pub name: String,
    /// 都道府県.
    pub prefecture: String,
    /// Regions whose plates are looked after here.
    pub regions: Vec<String>,
}

/// All offices, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct Offices(Vec<Office>);

impl Offices {
    pub(super) fn load(text: &str) -> Result<Self, TableError> {
        let mut offices = Self::default();
        for office in table::rows("offices", text, |row| {
            Ok(Office {
                vehicle: row.read("vehicle", vehicle)?,
                number: row.read("number", |text| text.parse().ok())?,
                name: row.text("name")?.to_owned(),
                prefecture: row.text("prefecture")?.to_owned(),
                regions: row.text("regions")?.split('、').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            })
        })? {
            offices.put(office);
        }
        Ok(offices)
    }

    /// Adds an office, or replaces the one of the same number.
    pub(super) fn put(&mut self, office: Office) {
        match self.0.iter_mut().find(|row| row.vehicle == office.vehicle && row.number == office.number) {
            Some(row) => *row = office,
            None => self.0.push(office),
        }
    }

    /// The office with this number.
    pub fn get(&self, vehicle: VehicleKind, number: u16) -> Option<&Office> {
        self.of(vehicle).find(|office| office.number == number)
    }

    /// All offices for these vehicles.
    pub fn of(&self, vehicle: VehicleKind) -> impl Iterator<Item = &Office> {
        self.0.iter().filter(move |office| office.vehicle == vehicle)
    }

    /// The first office that looks after a region of today.
    pub fn of_region(&self, vehicle: VehicleKind, region: &str) -> Option<&Office> {
        self.of(vehicle).find(|office| office.regions.iter().any(|name| name == region))
    }
}

/// `registered` or `light`.
pub(in crate::domain) fn vehicle(text: &str) -> Option<VehicleKind> {
    match text {
        "registered" => Some(VehicleKind::Registered),
        "light" => Some(VehicleKind::Light),
        _ => None,
    }
}
