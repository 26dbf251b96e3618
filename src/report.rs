//! Lists as files: columns and cells in, bytes out. Knows no request, no store and no page.

pub mod csv;
pub mod excel;
pub mod form;

use crate::domain::money::Yen;
use crate::domain::time::{BusinessTime, Day, SystemTime};
use std::error::Error;
use std::io::Cursor;
use std::path::Path;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// An Excel workbook (.xlsx).
    Excel,
    /// CSV as UTF-8 with a byte order mark, by which Excel recognises it.
    CsvUtf8,
    /// CSV as Shift_JIS (Windows-31J), for older software.
    CsvShiftJis,
}

impl Format {
    /// All, in the order of every choice.
    pub const ALL: &'static [Self] = &[Self::Excel, Self::CsvUtf8, Self::CsvShiftJis];

    /// The name in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Excel => "xlsx",
            Self::CsvUtf8 => "csv",
            Self::CsvShiftJis => "csv-sjis",
        }
    }

    /// From the name in addresses.
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.key() == key)
    }

    /// The label of a choice.
    pub fn label(self) -> &'static str {
        match self {
            Self::Excel => "Excel",
            Self::CsvUtf8 => "CSV（UTF-8）",
            Self::CsvShiftJis => "CSV（Shift_JIS）",
        }
    }

    /// The ending of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Excel => "xlsx",
            Self::CsvUtf8 | Self::CsvShiftJis => "csv",
        }
    }

    /// Its content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::CsvUtf8 => "text/csv; charset=utf-8",
            Self::CsvShiftJis => "text/csv; charset=Shift_JIS",
        }
    }
}

/// A short list as a whole file, in memory.
///
/// # Errors
/// Of the disk that a workbook is put together on.
pub fn whole(
    format: Format,
    title: &str,
    columns: &[Column],
    rows: &[Vec<Cell>],
    (folder, made): (&Path, BusinessTime),
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let encoding = match format {
        Format::CsvUtf8 => csv::Encoding::Utf8,
        Format::CsvShiftJis => csv::Encoding::ShiftJis,
        Format::Excel => {
            let mut sheet = excel::Writer::new(title, columns, folder, made)?;
            sheet.rows(rows)?;
            let mut bytes = Cursor::new(Vec::new());
            sheet.finish(&mut bytes)?;
            return Ok(bytes.into_inner());
        }
    };
    let mut writer = csv::Writer::new(encoding, columns);
    Ok([writer.head()?, writer.rows(rows)?].concat())
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub label: String,
    /// About how many half-width characters fit; for Excel.
    pub width: u16,
}

impl Column {
    /// A column of this width.
    pub fn new(label: impl Into<String>, width: u16) -> Self {
        Self { label: label.into(), width }
    }
}

/// One value of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, never a formula and never a number.
    Text(String),
    /// A plain number such as 申請ID.
    Number(u64),
    /// A measure with one decimal, in tenths.
    Tenths(u64),
    /// An amount.
    Amount(Yen),
    /// A civil day.
    Day(Day),
    /// A minute in Japan.
    Minute(Day, u8, u8),
}

impl Cell {
    /// The text as CSV shows it, before anything is done against formulas.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Tenths(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
            Self::Amount(yen) => yen.0.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Minute(day, hour, minute) => format!("{day} {hour:02}:{minute:02}"),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<Yen> for Cell {
    fn from(yen: Yen) -> Self {
        Self::Amount(yen)
    }
}

macro_rules! minute {
    ($time:ty) => {
        impl From<$time> for Cell {
            fn from(at: $time) -> Self {
                let local = at.local();
                let part = |value: i8| u8::try_from(value).unwrap_or(0);
                Self::Minute(at.day(), part(local.hour()), part(local.minute()))
            }
        }
    };
}
minute!(BusinessTime);
minute!(SystemTime);

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}
