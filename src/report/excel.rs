//! Excel workbooks: one sheet with a frozen head, real days and numbers, and text that is never a formula. Rows go to a
//! temporary file as they come, so that memory does not grow with the list.

use super::{Cell, Column};
use crate::domain::time::{BusinessTime, Day};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatPattern, Workbook, Worksheet,
    XlsxError,
};
use std::io::{Seek, Write};
use std::path::Path;

/// The most rows of a list that a sheet holds below its head.
pub const MOST_ROWS: u64 = 1_048_575;

/// Writes a workbook row by row.
pub struct Writer {
    workbook: Workbook,
    columns: u16,
    next_row: u32,
    formats: Formats,
}

struct Formats {
    text: Format,
    number: Format,
    tenths: Format,
    amount: Format,
    day: Format,
    minute: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            text: Format::new().set_num_format("@"),
            number: Format::new().set_num_format("0"),
            tenths: Format::new().set_num_format("0.0"),
            amount: Format::new().set_num_format("#,##0"),
            day: Format::new().set_num_format("yyyy/mm/dd"),
            minute: Format::new().set_num_format("yyyy/mm/dd hh:mm"),
        }
    }
}

/// How headings look.
pub(super) fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xEC_EE_F1))
        .set_pattern(FormatPattern::Solid)
        .set_border_bottom(FormatBorder::Thin)
}

impl Writer {
    /// A workbook with one sheet. `folder` is where rows are put aside until the end.
    ///
    /// # Errors
    /// When the folder can't be written to, or the sheet's name can't be one.
    pub fn new(title: &str, columns: &[Column], folder: &Path, made: BusinessTime) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&minute(
            made.day(),
            0,
            0,
        )?));
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(title))?;
        let head = heading();
        let mut count = 0;
        for (at, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, f64::from(column.width))?;
            sheet.write_string_with_format(0, at, &column.label, &head)?;
            count = at + 1;
        }
        sheet.set_freeze_panes(1, 1)?;
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_header(format!("&L{}", title.replace('&', "&&")));
        sheet.set_footer("&C&P / &N");
        Ok(Self { workbook, columns: count, next_row: 1, formats: Formats::new() })
    }

    /// Adds rows below those that are there.
    ///
    /// # Errors
    /// When there are more than a sheet holds, a text is longer than a cell takes, or the disk is full.
    pub fn rows<'r>(&mut self, rows: impl IntoIterator<Item = &'r Vec<Cell>>) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for row in rows {
            for (at, cell) in (0_u16..).zip(row) {
                write(sheet, self.next_row, at, cell, &self.formats)?;
            }
            self.next_row += 1;
        }
        Ok(())
    }

    /// The finished workbook.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn finish(mut self, out: impl Write + Seek + Send) -> Result<(), XlsxError> {
        if self.columns > 0 {
            let last = self.next_row - 1;
            self.workbook.worksheet_from_index(0)?.autofilter(0, 0, last, self.columns - 1)?;
        }
        self.workbook.save_to_writer(out)
    }
}

fn write(sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            sheet.write_string_with_format(row, at, text, &formats.text)?;
        }
        Cell::Number(number) => {
            sheet.write_number_with_format(row, at, *number as f64, &formats.number)?;
        }
        Cell::Tenths(tenths) => {
            sheet.write_number_with_format(row, at, *tenths as f64 / 10.0, &formats.tenths)?;
        }
        Cell::Amount(yen) => {
            sheet.write_number_with_format(row, at, yen.0, &formats.amount)?;
        }
        Cell::Day(day) => {
            sheet.write_datetime_with_format(row, at, &minute(*day, 0, 0)?, &formats.day)?;
        }
        Cell::Minute(day, hour, minutes) => {
            sheet.write_datetime_with_format(row, at, &minute(*day, *hour, *minutes)?, &formats.minute)?;
        }
    }
    Ok(())
}

fn minute(day: Day, hour: u8, minute: u8) -> Result<ExcelDateTime, XlsxError> {
    let (year, month, of_month) = day.parts();
    let part = |value: i8| u8::try_from(value).unwrap_or(1);
    ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(1900), part(month), part(of_month))?.and_hms(
        hour.into(),
        minute,
        0.0,
    )
}

/// A sheet's name has at most 31 characters, none of `[ ] : * ? / \`.
pub(super) fn sheet_name(title: &str) -> String {
    title.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'')).take(31).collect()
}
