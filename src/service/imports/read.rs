//! From an uploaded file to a table of texts. Files come from strangers' machines: nothing in them is run, calculated or
//! believed, and what is unpacked is counted while it is unpacked.

use crate::domain::import::MOST_ROWS;
use crate::domain::text;
use crate::report::csv::plain;
use calamine::{Data, Reader, Xlsx};
use encoding_rs::{SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{Cursor, Read};

/// The most columns that are looked at.
const MOST_COLUMNS: usize = 256;
/// The most characters of a cell; none of ours takes more than 400.
const MOST_CHARACTERS: usize = 2_000;
/// The most parts of an Excel file.
const MOST_PARTS: usize = 500;
/// The most bytes that an Excel file may unpack to.
const MOST_UNPACKED: u64 = 96 << 20;

/// A table as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::service) struct Sheet {
    /// The cells of the first line.
    pub(in crate::service) headings: Vec<String>,
    /// The other lines that have something in them, with the number under which people see them.
    pub(in crate::service) rows: Vec<(u32, Vec<String>)>,
}

/// The table in a file.
///
/// # Errors
/// A sentence: what is the matter, and which files can be read.
pub(in crate::service) fn table(content: &[u8]) -> Result<Sheet, String> {
    let sheet = if content.starts_with(b"PK\x03\x04") {
        excel(content)?
    } else if content.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err("古い形式（.xls）か、パスワードの付いたExcelファイルです。パスワードを付けずに、Excelブック（.xlsx）で保存し直してください。".to_owned());
    } else {
        csv(&decoded(content)?)?
    };
    if sheet.headings.is_empty() {
        return Err("ファイルの1行目に見出しがありません。テンプレートをダウンロードして使ってください。".to_owned());
    }
    if sheet.rows.is_empty() {
        return Err("見出しの下にデータの行がありません。2行目から入力してください。".to_owned());
    }
    Ok(sheet)
}

/// Puts rows together, within limits.
#[derive(Default)]
struct Builder {
    sheet: Sheet,
    line: Vec<String>,
}

impl Builder {
    fn cell(&mut self, column: usize, content: &str) -> Result<(), String> {
        if content.is_empty() {
            return Ok(());
        }
        if column >= MOST_COLUMNS {
            return Err(format!("列が多すぎます。{MOST_COLUMNS}列までのファイルにしてください。"));
        }
        if content.chars().count() > MOST_CHARACTERS {
            return Err(format!("{MOST_CHARACTERS}文字を超えるセルがあります。項目の文字数を確認してください。"));
        }
        if self.line.len() <= column {
            self.line.resize(column + 1, String::new());
        }
        self.line.iter_mut().skip(column).take(1).for_each(|cell| content.clone_into(cell));
        Ok(())
    }

    /// Ends the line with this number, from 1.
    fn end(&mut self, number: u32) -> Result<(), String> {
        let line = std::mem::take(&mut self.line);
        if line.iter().all(|cell| text::trim(cell).is_empty()) {
            return Ok(());
        }
        if self.sheet.headings.is_empty() {
            self.sheet.headings = line;
            return Ok(());
        }
        if self.sheet.rows.len() >= MOST_ROWS {
            return Err(format!(
                "行が多すぎます。一度に登録できるのは{MOST_ROWS}行までです。ファイルを分けてください。"
            ));
        }
        self.sheet.rows.push((number, line));
        Ok(())
    }
}

/// UTF-8 (with mark or valid), UTF-16 with mark as Excel's Unicode text, else Shift_JIS.
fn decoded(content: &[u8]) -> Result<String, String> {
    let (encoding, content) = match content {
        [0xef, 0xbb, 0xbf, rest @ ..] => (UTF_8, rest),
        [0xff, 0xfe, rest @ ..] => (UTF_16LE, rest),
        [0xfe, 0xff, rest @ ..] => (UTF_16BE, rest),
        _ if std::str::from_utf8(content).is_ok() => (UTF_8, content),
        _ => (SHIFT_JIS, content),
    };
    let (text, broken) = encoding.decode_without_bom_handling(content);
    if broken || text.contains('\0') {
        return Err("読み取れないファイルです。CSV（UTF-8またはShift_JIS）か、Excelブック（.xlsx）を選んでください。"
            .to_owned());
    }
    Ok(text.into_owned())
}

fn csv(text: &str) -> Result<Sheet, String> {
    // So that a line is counted where it begins.
    let text = text.replace("\r\n", "\n");
    let first = text.lines().next().unwrap_or_default();
    let tabs = first.matches('\t').count() > first.matches(',').count();
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tabs { b'\t' } else { b',' })
        .from_reader(text.as_bytes());
    let mut builder = Builder::default();
    let mut record = csv::StringRecord::new();
    loop {
        let number = u32::try_from(lines.position().line()).unwrap_or(u32::MAX);
        match lines.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(builder.sheet),
            Err(_) => return Err(format!("{number}行目からの内容が読み取れません。CSVとして保存し直してください。")),
        }
        for (column, cell) in record.iter().enumerate() {
            builder.cell(column, plain(cell))?;
        }
        builder.end(number)?;
    }
}

/// The first sheet of a workbook. Formulas count with the value that was saved.
fn excel(content: &[u8]) -> Result<Sheet, String> {
    unpackable(content)?;
    // The reader is somebody else's: should it stumble over a broken file, the file is what is broken.
    let read = std::panic::AssertUnwindSafe(|| first_sheet(content));
    std::panic::catch_unwind(read).unwrap_or_else(|_| Err(broken()))
}

fn broken() -> String {
    "Excelファイルとして読み取れません。壊れていないか確認し、Excelブック（.xlsx）で保存し直してください。".to_owned()
}

/// Unpacks every part once, counting: what the file says about itself is not believed.
fn unpackable(content: &[u8]) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(content)).map_err(|_| broken())?;
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|_| broken())?;
        let name = part.name().map_err(|_| broken())?.to_lowercase();
        let (strings, xml) = (name.ends_with("sharedstrings.xml"), name.ends_with(".xml"));
        let mut watch = Watch::default();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = part.read(&mut buffer).map_err(|_| broken())?;
            if read == 0 {
                break;
            }
            let bytes = u64::try_from(read).unwrap_or(u64::MAX);
            left = left.checked_sub(bytes).ok_or_else(too_large)?;
            if xml {
                watch.see(buffer.get(..read).unwrap_or_default(), strings)?;
            }
        }
    }
    Ok(())
}

fn too_large() -> String {
    format!(
        "展開すると{}MBを超えるExcelファイルです。不要なシートや書式を消すか、CSVで保存してください。",
        MOST_UNPACKED >> 20
    )
}

/// Looks over the parts of a workbook as they are unpacked.
#[derive(Default)]
struct Watch {
    /// The end of what was seen before, in case a word lies across.
    tail: Vec<u8>,
}

/// The attribute by whose value memory is set aside for the texts of a workbook.
const CLAIM: &[u8] = b"uniqueCount";

impl Watch {
    /// XML in an encoding in which words can hide is refused, and so is a claim of more texts than there can be.
    fn see(&mut self, bytes: &[u8], strings: bool) -> Result<(), String> {
        if bytes.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
            return Err(broken());
        }
        if !strings {
            return Ok(());
        }
        self.tail.extend_from_slice(bytes);
        for at in memchr::memmem::find_iter(&self.tail, CLAIM) {
            let value = self.tail.iter().skip(at + CLAIM.len());
            let digits = value.skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
            if digits.count() > 7 {
                return Err(too_large());
            }
        }
        let keep = self.tail.len().saturating_sub(CLAIM.len() + 64);
        self.tail.drain(..keep);
        Ok(())
    }
}

fn first_sheet(content: &[u8]) -> Result<Sheet, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(content)).map_err(|_| broken())?;
    let name = book.sheet_names().into_iter().next().ok_or_else(broken)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| broken())?;
    let mut builder = Builder::default();
    let mut current = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| broken())? {
        let (row, column) = cell.get_position();
        if row < current {
            return Err(broken());
        }
        if row > current {
            builder.end(current.saturating_add(1))?;
            current = row;
        }
        let content = shown(&cell.get_value().clone().into());
        builder.cell(usize::try_from(column).unwrap_or(usize::MAX), &content)?;
    }
    builder.end(current.saturating_add(1))?;
    Ok(builder.sheet)
}

/// A cell as people see it: whole numbers without a point, days as `2026/12/24`.
fn shown(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => (if *yes { "1" } else { "0" }).to_owned(),
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
            match (hour, minute) {
                (0, 0) => format!("{year:04}/{month:02}/{day:02}"),
                _ => format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}"),
            }
        }
        Data::Error(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    /// A workbook by hand: sheet and texts as given, everything else as small as it gets.
    fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let book = format!(
            r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#
        );
        let target = |id, kind, to| format!(r#"<Relationship Id="{id}" Type="{office}/{kind}" Target="{to}"/>"#);
        let rels = format!(
            r#"<Relationships xmlns="{package}">{}{}</Relationships>"#,
            target("r1", "worksheet", "worksheets/sheet1.xml"),
            target("r2", "sharedStrings", "sharedStrings.xml")
        );
        let root = format!(
            r#"<Relationships xmlns="{package}">{}</Relationships>"#,
            target("r0", "officeDocument", "xl/workbook.xml")
        );
        let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
        let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [
            ("[Content_Types].xml", types.as_bytes()),
            ("_rels/.rels", root.as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
            ("xl/sharedStrings.xml", strings),
            ("xl/worksheets/sheet1.xml", sheet),
        ] {
            file.start_file(name, SimpleFileOptions::default()).unwrap();
            file.write_all(content).unwrap();
        }
        file.finish().unwrap().into_inner()
    }

    fn sheet(rows: &str) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#).into_bytes()
    }

    fn strings(count: &str) -> Vec<u8> {
        format!(r#"<sst uniqueCount="{count}"><si><t>車台番号</t></si></sst>"#).into_bytes()
    }

    const ROWS: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>A-1</t></is></c><c r="C3"><v>1001</v></c></row>"#;

    #[test]
    fn a_workbook_is_read_by_its_lines() {
        let read = table(&workbook(&sheet(ROWS), &strings("1"))).unwrap();
        assert_eq!(read.headings, ["車台番号"]);
        assert_eq!(read.rows, [(3, vec!["A-1".to_owned(), String::new(), "1001".to_owned()])]);
    }

    #[test]
    fn encodings_and_separators_are_told_apart() {
        let expected = Sheet {
            headings: vec!["車台番号".to_owned(), "メモ".to_owned()],
            rows: vec![(2, vec!["A-1".to_owned(), "=1\n髙".to_owned()])],
        };
        let text = "車台番号,メモ\r\nA-1,\"'=1\n髙\"\r\n\r\n";
        let tabs = text.replace(',', "\t");
        let utf16: Vec<u8> = [0xfeff].into_iter().chain(tabs.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let utf8 = format!("\u{feff}{text}");
        for content in [text.as_bytes(), utf8.as_bytes(), &SHIFT_JIS.encode(text).0, tabs.as_bytes(), &utf16] {
            assert_eq!(table(content).unwrap(), expected);
        }
    }

    #[test]
    fn bombs_and_claims_are_refused_before_they_cost_anything() {
        let deep = [b"<a>".repeat(200_000), b"</a>".repeat(200_000)].concat();
        let far = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="XFD2"><v>1</v></c></row>"#;
        let many: String = (2..=10_003).map(|n| format!(r#"<row r="{n}"><c r="A{n}"><v>1</v></c></row>"#)).collect();
        let many = format!(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>{many}"#);
        for (content, says) in [
            (workbook(&sheet(ROWS), &strings("100000000000")), "展開すると"),
            (workbook(&sheet(ROWS), &[strings("1"), vec![b' '; 97 << 20]].concat()), "展開すると"),
            (workbook(&sheet(far), &strings("1")), "列が多すぎます"),
            (workbook(&sheet(&many), &strings("1")), "行が多すぎます"),
            (workbook(&deep, &strings("1")), ""),
            (workbook(b"<worksheet><sheetData><row r=\"4294967295\"><c r=\"A99999999999\"/>", &strings("1")), ""),
            (workbook(&[0xff, 0xfe, 0, 0], &strings("1")), "読み取れません"),
        ] {
            let refused = table(&content).unwrap_err();
            assert!(refused.contains(says), "{says}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_come(bytes: Vec<u8>) {
            let _ = table(&bytes);
            let _ = table(&[b"PK\x03\x04".as_slice(), &bytes].concat());
        }

        #[test]
        fn any_sheet_and_any_damage_can_come(rows in "[<>/ a-zA-Z0-9=\"'&;]{0,60}", at in 0_usize..2_000, byte: u8) {
            let mut content = workbook(&sheet(&rows), &strings("1"));
            let _ = table(&content);
            let last = content.len() - 1;
            content[at.min(last)] = byte;
            let _ = table(&content);
        }
    }
}
