//! Reference tables: regions, offices, holidays, fees, weight tax, early windows. Read from tab-separated text that is
//! part of the program; an operator's rows lie over it. Knows how rows are written and which one holds on a day, not
//! what they are for: plates, calendar, fees and terms know that.

mod association;
mod dated;
mod office;
mod region;
mod table;

pub use association::Association;
pub use dated::{Dated, Fit, Found, Series, Validity};
pub use office::{Office, Offices};
pub use region::{Region, Regions};
pub use table::TableError;

pub(in crate::domain) use office::vehicle;
pub(in crate::domain) use table::rows;

use super::calendar::{Holiday, Holidays};
use super::fees::{FeeRow, Fees, WeightTax, WeightTaxRow};
use super::procedure::VehicleKind;
use super::term::{EarlyWindow, EarlyWindows};

/// The revision of the embedded rows; grows by one whenever a file under `assets/reference` changes.
pub const EMBEDDED_REVISION: u32 = 2;

/// The text of every table, as in `assets/reference`.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// Regions of plates (地名).
    pub regions: &'static str,
    /// Offices an application goes to (申請先).
    pub offices: &'static str,
    /// Public holidays.
    pub holidays: &'static str,
    /// Inspection and technical information fees.
    pub fees: &'static str,
    /// Weight tax.
    pub weight_tax: &'static str,
    /// How early an inspection may be renewed without losing days.
    pub early_windows: &'static str,
    /// Associations whose branches an agent can take.
    pub associations: &'static str,
}

const EMBEDDED: Texts = Texts {
    regions: include_str!("../../assets/reference/regions.tsv"),
    offices: include_str!("../../assets/reference/offices.tsv"),
    holidays: include_str!("../../assets/reference/holidays.tsv"),
    fees: include_str!("../../assets/reference/fees.tsv"),
    weight_tax: include_str!("../../assets/reference/weight_tax.tsv"),
    early_windows: include_str!("../../assets/reference/early_windows.tsv"),
    associations: include_str!("../../assets/reference/associations.tsv"),
};

/// A row that an operator lays over the embedded ones.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// A region of plates; replaces the one of the same name.
    Region(Region),
    /// An office; replaces the one of the same vehicle kind and number.
    Office(Office),
    /// A public holiday; replaces the one of the same day.
    Holiday(Holiday),
    /// A fee for a time; comes before embedded rows that hold on the same day.
    Fee(FeeRow),
    /// A weight tax for a time; comes before embedded rows that hold on the same day.
    WeightTax(WeightTaxRow),
    /// An early window for a time; comes before embedded rows that hold on the same day.
    EarlyWindow(Dated<EarlyWindow>),
}

/// All reference tables as they hold now. Immutable; a change of the overlay makes a new value with a new revision.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Regions of plates.
    pub regions: Regions,
    /// Offices an application goes to.
    pub offices: Offices,
    /// Public holidays.
    pub holidays: Holidays,
    /// Inspection and technical information fees.
    pub fees: Fees,
    /// Weight tax.
    pub weight_tax: WeightTax,
    /// Early windows.
    pub early_windows: EarlyWindows,
    /// Associations whose branches an agent can take.
    pub associations: Vec<Association>,
    revision: (u32, u32),
}

impl Tables {
    /// The rows that are part of the program.
    #[expect(clippy::expect_used, reason = "the text is part of the program and a test reads all of it")]
    pub fn embedded() -> Self {
        Self::load(&EMBEDDED).expect("the embedded reference tables are well-formed")
    }

    /// Reads tables from their text.
    ///
    /// # Errors
    /// The table, line and column of the first thing that can't be read, or a table that lacks rows it must have.
    pub fn load(texts: &Texts) -> Result<Self, TableError> {
        Ok(Self {
            regions: Regions::load(texts.regions)?,
            offices: Offices::load(texts.offices)?,
            holidays: Holidays::load(texts.holidays)?,
            fees: Fees::load(texts.fees)?,
            weight_tax: WeightTax::load(texts.weight_tax)?,
            early_windows: EarlyWindows::load(texts.early_windows)?,
            associations: association::load(texts.associations)?,
            revision: (EMBEDDED_REVISION, 0),
        })
    }

    /// These tables with an operator's rows over them. `revision` is the overlay's own.
    #[must_use]
    pub fn with_overlay(mut self, revision: u32, rows: impl IntoIterator<Item = Overlay>) -> Self {
        for row in rows {
            match row {
                Overlay::Region(row) => self.regions.put(row),
                Overlay::Office(row) => self.offices.put(row),
                Overlay::Holiday(row) => self.holidays.put(row),
                Overlay::Fee(row) => self.fees.put(row),
                Overlay::WeightTax(row) => self.weight_tax.put(row),
                Overlay::EarlyWindow(row) => self.early_windows.put(row),
            }
        }
        self.revision.1 = revision;
        self
    }

    /// `1.0`: the revision of the embedded rows and of the overlay.
    pub fn revision(&self) -> String {
        format!("{}.{}", self.revision.0, self.revision.1)
    }

    /// 申請先 for a plate's region: the first of its offices. None for a plate without region.
    pub fn default_office(&self, vehicle: VehicleKind, region: &str) -> Option<&Office> {
        let today = self.regions.find(region).map_or(region, |found| found.today.as_deref().unwrap_or(&found.name));
        self.offices.of_region(vehicle, today)
    }
}

/// The embedded tables, read once for all tests.
#[cfg(test)]
pub(in crate::domain) fn for_tests() -> &'static Tables {
    static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(Tables::embedded);
    &TABLES
}

#[cfg(test)]
mod tests;
