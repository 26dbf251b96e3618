//! An empty table for people to fill in: headings with their rules as notes, lists to choose from, and a second sheet
//! that says it all once more.

use super::excel::{heading, sheet_name};
use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError,
};

/// Rows that offer lists to choose from: as many as an upload takes.
const ROWS: u32 = 10_000;

/// A column to fill in.
#[derive(Debug, Clone)]
pub struct Input {
    /// The heading.
    pub label: String,
    /// Every row needs it.
    pub required: bool,
    /// The input rule.
    pub rule: String,
    /// Values to choose from; empty for free text.
    pub choices: Vec<String>,
}

/// The workbook: the table, 入力のしかた, and the values to choose from.
///
/// # Errors
/// Only if a text is longer than Excel takes.
pub fn workbook(title: &str, inputs: &[Input]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    table(workbook.add_worksheet(), title, inputs)?;
    rules(workbook.add_worksheet(), inputs)?;
    choices(workbook.add_worksheet(), inputs)?;
    workbook.save_to_buffer()
}

fn table(sheet: &mut Worksheet, title: &str, inputs: &[Input]) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(title))?;
    let (text, head) = (Format::new().set_num_format("@"), heading());
    let needed = heading().set_font_color(Color::RGB(0xCE_00_00));
    for (at, input) in (0_u16..).zip(inputs) {
        // Text, so that 001 stays 001 and nothing that is typed is calculated.
        sheet.set_column_format(at, &text)?;
        sheet.set_column_width(at, width(&input.label))?;
        sheet.write_string_with_format(0, at, &input.label, if input.required { &needed } else { &head })?;
        let mark = if input.required { "※必須\n" } else { "" };
        sheet.insert_note(
            0,
            at,
            &Note::new(format!("{mark}{}", input.rule)).add_author_prefix(false).set_width(320),
        )?;
        if let Some(last) = input.choices.len().checked_sub(1) {
            let column = column_name(at);
            let list = Formula::new(format!("={SHEET}!${column}$2:${column}${}", last + 2));
            // What is typed by hand is checked when it is uploaded, with a better sentence.
            let list = DataValidation::new().allow_list_formula(list).show_error_message(false);
            sheet.add_data_validation(1, at, ROWS, at, &list)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn rules(sheet: &mut Worksheet, inputs: &[Input]) -> Result<(), XlsxError> {
    sheet.set_name("入力のしかた")?;
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border_bottom(FormatBorder::Hair);
    let head = heading();
    for (at, (label, width)) in (0_u16..).zip([("列", 40.0), ("必須", 8.0), ("入力の規則", 90.0), ("選べる値", 50.0)])
    {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, label, &head)?;
    }
    for (row, input) in (1_u32..).zip(inputs) {
        let shown: Vec<&str> = input.choices.iter().take(12).map(String::as_str).collect();
        let more = if input.choices.len() > shown.len() { "　ほか" } else { "" };
        sheet.write_string_with_format(row, 0, &input.label, &wrap)?;
        sheet.write_string_with_format(row, 1, if input.required { "必須" } else { "" }, &wrap)?;
        sheet.write_string_with_format(row, 2, &input.rule, &wrap)?;
        sheet.write_string_with_format(row, 3, format!("{}{more}", shown.join("、")), &wrap)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The sheet with the values to choose from.
const SHEET: &str = "選択肢";

fn choices(sheet: &mut Worksheet, inputs: &[Input]) -> Result<(), XlsxError> {
    sheet.set_name(SHEET)?;
    let (text, head) = (Format::new().set_num_format("@"), heading());
    for (at, input) in (0_u16..).zip(inputs).filter(|(_, input)| !input.choices.is_empty()) {
        sheet.set_column_width(at, width(&input.label))?;
        sheet.write_string_with_format(0, at, &input.label, &head)?;
        for (row, choice) in (1_u32..).zip(&input.choices) {
            sheet.write_string_with_format(row, at, choice, &text)?;
        }
    }
    Ok(())
}

/// Headings are mostly full-width.
fn width(label: &str) -> f64 {
    let characters = u16::try_from(label.chars().count()).unwrap_or(20);
    f64::from((characters * 2 + 2).clamp(12, 44))
}

/// `A`, `B` … `AA`.
fn column_name(at: u16) -> String {
    let mut name = Vec::new();
    let mut rest = u32::from(at) + 1;
    while rest > 0 {
        rest -= 1;
        name.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Reader, Xlsx};
    use std::io::Cursor;

    #[test]
    fn a_table_to_fill_in_has_its_rules_and_choices() {
        let input = |label: &str, choices: &[&str]| Input {
            label: label.to_owned(),
            required: choices.is_empty(),
            rule: "規則です。".to_owned(),
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        };
        let inputs = [input("車台番号", &[]), input("名義", &["個人", "法人"])];
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook("【継続検査】依頼データ", &inputs).unwrap())).unwrap();
        assert_eq!(book.sheet_names(), ["【継続検査】依頼データ", "入力のしかた", "選択肢"]);
        let cells = |book: &mut Xlsx<_>, sheet: &str| -> Vec<Vec<String>> {
            let range = book.worksheet_range(sheet).unwrap();
            range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
        };
        assert_eq!(cells(&mut book, "【継続検査】依頼データ"), [["車台番号", "名義"]]);
        assert_eq!(cells(&mut book, "入力のしかた")[1][..3], ["車台番号", "必須", "規則です。"]);
        assert_eq!(cells(&mut book, "選択肢"), [["名義"], ["個人"], ["法人"]]);
        assert_eq!(["A", "Z", "AA", "AZ", "BA"], [0, 25, 26, 51, 52].map(column_name).each_ref().map(String::as_str));
    }
}
