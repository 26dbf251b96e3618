//! Regions of plates (地名): the current ones, and old markings that stay valid as long as the number is kept.

use super::table::{self, TableError};
use crate::domain::text;
use crate::domain::time::Day;
use std::collections::BTreeMap;

/// A region as it stands on plates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The marking: 品川, or 品 on old plates.
    pub name: String,
    /// In hiragana; empty for old markings.
    pub reading: String,
    /// 都道府県; several are joined with ・.
    pub prefecture: String,
    /// For an old marking (旧表示) the region whose office looks after it today.
    pub today: Option<String>,
    /// First day of issue, where it is known.
    pub valid_from: Option<Day>,
}

impl Region {
    /// Whether plates are still issued with this marking.
    pub fn is_current(&self) -> bool {
        self.today.is_none()
    }
}

/// All regions, in the order of the table (north to south).
#[derive(Debug, Clone, Default)]
pub struct Regions {
    rows: Vec<Region>,
    index: BTreeMap<String, usize>,
}

impl Regions {
    pub(super) fn load(text: &str) -> Result<Self, TableError> {
        let mut regions = Self::default();
        for row in table::rows("regions", text, |row| {
            Ok(Region {
                name: row.text("name")?.to_owned(),
                reading: row.text("reading")?.to_owned(),
                prefecture: row.text("prefecture")?.to_owned(),
                today: row.optional("today", |text| Some(text.to_owned()))?,
                valid_from: row.optional("valid_from", Day::parse)?,
            })
        })? {
            regions.put(row);
        }
        Ok(regions)
    }

    /// Adds a region, or replaces the one of the same name.
    pub(super) fn put(&mut self, region: Region) {
        let key = key(&region.name);
        match self.index.get(&key).and_then(|at| self.rows.get_mut(*at)) {
            Some(row) => *row = region,
            None => {
                self.index.insert(key, self.rows.len());
                self.rows.push(region);
            }
        }
    }

    /// The region with this marking, however its letters are typed (袖ヶ浦 and 袖ケ浦, なにわ and ナニワ).
    pub fn find(&self, name: &str) -> Option<&Region> {
        self.index.get(&key(name)).and_then(|at| self.rows.get(*at))
    }

    /// The regions of which plates are issued today.
    pub fn current(&self) -> impl Iterator<Item = &Region> {
        self.rows.iter().filter(|region| region.is_current())
    }

    /// Every region, old markings last.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.rows.iter()
    }
}

/// What markings are compared by. Old forms of characters stay apart: 沖縄 is current, 沖繩 is old.
fn key(name: &str) -> String {
    let name: String = text::normalise(name).split_whitespace().collect();
    text::to_hiragana(&name).replace('ゖ', "け")
}
