//! CSV as Japanese offices exchange it: CRLF, quotes where needed, UTF-8 with a byte order mark or Shift_JIS
//! (Windows-31J). No cell can act as a formula, and no character is lost in silence.

use super::{Cell, Column};
use encoding_rs::{EncoderResult, SHIFT_JIS};

/// Stands for a character that Shift_JIS does not have.
pub const REPLACEMENT: char = '〓';

/// Heading of the last column of a Shift_JIS file, which names the characters that were replaced in the row.
pub const REPLACED: &str = "置き換えた文字";

/// How the text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with a byte order mark before the first line.
    Utf8,
    /// Shift_JIS as Windows knows it (cp932).
    ShiftJis,
}

/// Writes a file piece by piece.
#[derive(Debug, Clone)]
pub struct Writer {
    encoding: Encoding,
    /// The headings, to name the cell in which a character was replaced.
    columns: Vec<String>,
    replaced: u64,
}

impl Writer {
    /// A file with these columns.
    pub fn new(encoding: Encoding, columns: &[Column]) -> Self {
        Self { encoding, columns: columns.iter().map(|column| column.label.clone()).collect(), replaced: 0 }
    }

    /// How many characters were replaced so far.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// The first bytes: mark and headings.
    ///
    /// # Errors
    /// Never on the way to memory; the library's type asks for it.
    pub fn head(&self) -> Result<Vec<u8>, csv::Error> {
        let mark: &[u8] = if self.encoding == Encoding::Utf8 { "\u{feff}".as_bytes() } else { &[] };
        let last = (self.encoding == Encoding::ShiftJis).then_some(REPLACED);
        let headings = self.columns.iter().map(String::as_str).chain(last);
        let mut line = line_writer();
        line.write_record(headings.map(|heading| {
            let text = neutral(heading);
            match self.encoding {
                Encoding::Utf8 => text.into_bytes(),
                Encoding::ShiftJis => shift_jis(&text, &mut |_| {}),
            }
        }))?;
        Ok([mark, &bytes(line)?].concat())
    }

    /// The bytes of some rows.
    ///
    /// # Errors
    /// Never on the way to memory; the library's type asks for it.
    pub fn rows<'r>(&mut self, rows: impl IntoIterator<Item = &'r Vec<Cell>>) -> Result<Vec<u8>, csv::Error> {
        let mut lines = line_writer();
        for row in rows {
            match self.encoding {
                Encoding::Utf8 => lines.write_record(row.iter().map(|cell| neutral(&cell.text())))?,
                Encoding::ShiftJis => lines.write_record(self.shift_jis_row(row))?,
            }
        }
        bytes(lines)
    }

    /// The cells of a row, and behind them which characters were replaced.
    fn shift_jis_row(&mut self, row: &[Cell]) -> Vec<Vec<u8>> {
        let mut cells = Vec::with_capacity(row.len() + 1);
        let mut report: Vec<String> = Vec::new();
        for (cell, heading) in row.iter().zip(&self.columns) {
            let mut lost: Vec<String> = Vec::new();
            cells.push(shift_jis(&neutral(&cell.text()), &mut |c| {
                self.replaced += 1;
                let code = format!("U+{:04X}", u32::from(c));
                if !lost.contains(&code) {
                    lost.push(code);
                }
            }));
            if !lost.is_empty() {
                report.push(format!("{heading}：{}", lost.join("、")));
            }
        }
        cells.push(shift_jis(&report.join("／"), &mut |_| {}));
        cells
    }
}

fn line_writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// What spreadsheets take for the beginning of a formula; in Japanese ones the full-width forms too.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Whether an apostrophe goes before it or was put there: apostrophes are looked through, so that taking exactly one
/// away gives back exactly what was written.
fn dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(begins_formula)
}

/// The text with one apostrophe before it when a spreadsheet would calculate it.
pub fn neutral(text: &str) -> String {
    if dangerous(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text as it was before [`neutral`].
pub fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if dangerous(rest) => rest,
        _ => text,
    }
}

/// Shift_JIS bytes. Characters that only look alike in another code point are mapped; the rest becomes 〓 and is told.
fn shift_jis(text: &str, lost: &mut dyn FnMut(char)) -> Vec<u8> {
    let mut mapped = String::with_capacity(text.len());
    mapped.extend(text.chars().map(twin));
    let mut out = Vec::with_capacity(mapped.len());
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut rest = mapped.as_str();
    loop {
        let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len() * 2);
        out.reserve(room);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return out,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(c) => {
                lost(c);
                out.extend_from_slice(&SHIFT_JIS.encode(REPLACEMENT.encode_utf8(&mut [0; 4])).0);
            }
        }
    }
}

/// The character as Windows knows it, where Unicode has two for one of JIS X 0208.
fn twin(c: char) -> char {
    match c {
        '〜' => '～',
        '‖' => '∥',
        '—' => '―',
        '−' => '－',
        '¢' => '￠',
        '£' => '￡',
        '¬' => '￢',
        '¥' => '￥',
        '¦' => '￤',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns(labels: &[&str]) -> Vec<Column> {
        labels.iter().map(|label| Column::new(*label, 10)).collect()
    }

    fn row(cells: &[&str]) -> Vec<Cell> {
        cells.iter().map(|cell| Cell::from(*cell)).collect()
    }

    /// What another program reads: the cells of every line.
    fn read(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        reader.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn utf8_carries_a_mark_and_crlf() {
        let mut file = Writer::new(Encoding::Utf8, &columns(&["申請ID", "メモ"]));
        assert_eq!(file.head().unwrap(), "\u{feff}申請ID,メモ\r\n".as_bytes());
        let rows = [vec![Cell::Number(100_000_001), Cell::from("鍵は\"受付\"に、\n車は裏に")], row(&["", "𠮷〜"])];
        let text = String::from_utf8(file.rows(&rows).unwrap()).unwrap();
        assert_eq!(text, "100000001,\"鍵は\"\"受付\"\"に、\n車は裏に\"\r\n,𠮷〜\r\n");
    }

    #[test]
    fn shift_jis_replaces_visibly_and_says_what() {
        let mut file = Writer::new(Encoding::ShiftJis, &columns(&["使用者", "住所"]));
        let bytes = file.rows(&[row(&["𠮷野𠮷〜ラーメン−髙﨑①㈱", "é丁目"]), row(&["山田", ""])]).unwrap();
        let text = encoding_rs::SHIFT_JIS.decode(&bytes).0;
        let expected = "〓野〓～ラーメン－髙﨑①㈱,〓丁目,使用者：U+20BB7／住所：U+00E9\r\n山田,,\r\n";
        assert_eq!((text.as_ref(), file.replaced()), (expected, 3));
        assert!(encoding_rs::SHIFT_JIS.decode(&file.head().unwrap()).0.ends_with("置き換えた文字\r\n"));
    }

    #[test]
    fn nothing_is_calculated() {
        for text in ["=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝１", "'=1", "''@x"] {
            let neutral = neutral(text);
            assert!(neutral.starts_with('\'') && plain(&neutral) == text, "{text:?} {neutral:?}");
        }
        for text in ["", "1", "山田", "'山田", "a=1", "'"] {
            assert_eq!((neutral(text).as_str(), plain(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in prop::collection::vec("[-'=@+＝ ,\"\r\n\tあ𠮷a1]{0,8}", 1..5)) {
            let labels: Vec<String> = (0..cells.len()).map(|n| n.to_string()).collect();
            let labels: Vec<Column> = labels.into_iter().map(|label| Column::new(label, 1)).collect();
            let written: Vec<Cell> = cells.iter().map(|cell| Cell::Text(cell.clone())).collect();
            let bytes = Writer::new(Encoding::Utf8, &labels).rows(&[written]).unwrap();
            let back = read(&bytes);
            let back: Vec<String> =
                back.concat().into_iter().map(|cell| plain(&String::from_utf8(cell).unwrap()).to_owned()).collect();
            prop_assert_eq!(back, cells);
        }

        #[test]
        fn shift_jis_gives_back_its_own_repertoire(bytes in prop::collection::vec(0x20_u8..=0xfc, 0..40)) {
            let text: String = SHIFT_JIS.decode(&bytes).0.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').collect();
            prop_assume!(!SHIFT_JIS.encode(&text).2);
            let mut file = Writer::new(Encoding::ShiftJis, &columns(&["a"]));
            let bytes = file.rows(&[vec![Cell::Text(text.clone())]]).unwrap();
            let back = read(&bytes);
            let cell = back.first().and_then(|row| row.first()).cloned().unwrap_or_default();
            let decoded = SHIFT_JIS.decode(&cell).0.into_owned();
            prop_assert_eq!(plain(&decoded), text.as_str());
            prop_assert_eq!(file.replaced(), 0);
        }
    }
}
