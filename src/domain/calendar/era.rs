//! 和暦.

use crate::domain::time::Day;

/// An era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Era {
    /// 令和.
    pub name: &'static str,
    /// Its first day, `yyyymmdd`.
    first: u32,
}

/// Newest first. The Gregorian calendar holds since 明治6年 (1873).
const ERAS: [Era; 5] = [
    Era { name: "令和", first: 20_190_501 },
    Era { name: "平成", first: 19_890_108 },
    Era { name: "昭和", first: 19_261_225 },
    Era { name: "大正", first: 19_120_730 },
    Era { name: "明治", first: 18_730_101 },
];

/// A year of an era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraYear {
    /// The era.
    pub era: Era,
    /// From 1 (元年).
    pub year: i16,
}

/// The era and its year on a day; none before 1873.
pub fn era_year(day: Day) -> Option<EraYear> {
    let era = ERAS.into_iter().find(|era| era.first <= day.number())?;
    let first_year = if era.name == "明治" { 1868 } else { i16::try_from(era.first / 10_000).ok()? };
    Some(EraYear { era, year: day.parts().0 - first_year + 1 })
}

/// The day of a year of an era; none when the era has no such day.
pub fn in_era(name: &str, year: i16, month: i8, date: i8) -> Option<Day> {
    let era = ERAS.into_iter().find(|era| era.name == name)?;
    let first_year = i16::try_from(era.first / 10_000).ok()?;
    let day = Day::new(first_year + year - 1, month, date)?;
    era_year(day).filter(|found| found.era == era && found.year == year).map(|_| day)
}

/// `令和7年1月6日`, `令和元年5月1日`; before 1873 in the western form.
pub fn show_era(day: Day) -> String {
    let Some(EraYear { era, year }) = era_year(day) else {
        return day.to_string();
    };
    let (_, month, date) = day.parts();
    let year = if year == 1 { "元".to_owned() } else { year.to_string() };
    format!("{}{year}年{month}月{date}日", era.name)
}
