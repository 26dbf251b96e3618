//! A block of search data: up to [`CAPACITY`] requests of one list in the order of their 申請ID. Each number and each text
//! that can be searched for is a column of its own, so that a condition reads only what it is about and runs over it in
//! one sweep; what a list shows stands row by row in chunks of [`CHUNK`], so that a page reads a few of those.

use super::super::Error;
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId};
use crate::domain::plate::Plate;
use crate::domain::procedure::common::no;
use crate::domain::request::{FilingKind, PortalStatus, ServiceRequest, Status};
use crate::domain::search::Row;
use crate::domain::text;
use crate::domain::time::{BusinessTime, Day};
use ring::digest;

/// Requests in a full block.
pub(in crate::store) const CAPACITY: usize = 416;
/// Rows in a full chunk of what is shown.
pub(super) const CHUNK: usize = 16;
/// Stands before the first text, between texts and after the last; never part of UTF-8.
pub(super) const END: u8 = 0xFF;
/// Stands between the parts of a text; never part of UTF-8.
pub(super) const PART: u8 = 0xFE;

/// A number of a request. The order is the stored one: columns have these numbers as their keys, rows hold them one
/// after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Number {
    /// In its column, less the first of the block.
    Id,
    Status,
    Portal,
    Flags,
    Division,
    Branch,
    Client,
    AgentBranch,
    Office,
    Serial,
    Completed,
    /// Only shown; no column.
    Requested,
    /// Only shown; no column.
    Filed,
}

/// Numbers of a request.
const NUMBERS: usize = 13;
/// Those that are columns, the first ones.
pub(super) const COLUMNS: [Number; 11] = [
    Number::Id,
    Number::Status,
    Number::Portal,
    Number::Flags,
    Number::Division,
    Number::Branch,
    Number::Client,
    Number::AgentBranch,
    Number::Office,
    Number::Serial,
    Number::Completed,
];

/// A column of texts. The order is the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Text {
    /// Region, class, kana.
    Plate,
    /// Key of the user's name.
    Name,
    /// Key of the memo.
    Memo,
    /// Keys of the five fields of one's own.
    Custom,
}

/// All columns of texts.
pub(super) const TEXTS: [Text; 4] = [Text::Plate, Text::Name, Text::Memo, Text::Custom];

/// The stored number of a column.
pub(super) trait Keyed: Copy {
    /// Never changes.
    fn key(self) -> u8;
}

impl Keyed for Number {
    fn key(self) -> u8 {
        self as u8
    }
}

impl Keyed for Text {
    fn key(self) -> u8 {
        // Room for more numbers.
        64 + self as u8
    }
}

pub(super) mod flag {
    pub(crate) const AGAIN: u64 = 1;
    pub(crate) const CASHLESS: u64 = 2;
    pub(crate) const RETURNED: u64 = 4;
    pub(crate) const PLATE: u64 = 8;
    pub(crate) const SMALL: u64 = 16;
    pub(crate) const CHASSIS: u64 = 32;
    pub(crate) const STAMPED: u64 = 64;
}

/// 車検証等受取区分 stands above 電子車検証更新区分 in the same byte; both have few codes.
pub(super) const RECEIVING_BITS: u8 = 4;

/// "None" of 申請先.
const NO_OFFICE: u64 = 0xFFFF;

/// What the search data hold of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Entry {
    numbers: [u64; NUMBERS],
    texts: [Vec<u8>; TEXTS.len()],
    /// Region, class, kana, name, chassis number.
    shown: Vec<u8>,
    /// The key of the chassis number backwards; empty when it has none.
    pub(super) chassis: Vec<u8>,
    /// 一連指定番号 and what stands for the rest of the plate.
    pub(super) plate: Option<(u16, u32)>,
}

impl Entry {
    pub(in crate::store) fn of(request: &ServiceRequest) -> Result<Self, Error> {
        if request.id.0 >= 1 << 40 {
            return Err(Error::corrupt("search_columns", "申請ID out of range"));
        }
        let bit = |on: bool, bit: u64| if on { bit } else { 0 };
        let plate = request.plate.as_ref();
        let chassis = request.chassis.as_ref();
        let flags = bit(request.kind == FilingKind::Again, flag::AGAIN)
            | bit(request.flag(no::CASHLESS), flag::CASHLESS)
            | bit(request.returned.is_some(), flag::RETURNED)
            | bit(plate.is_some(), flag::PLATE)
            | bit(plate.is_some_and(|plate| plate.small), flag::SMALL)
            | bit(chassis.is_some(), flag::CHASSIS)
            | bit(chassis.is_some_and(|chassis| chassis.officially_stamped), flag::STAMPED);
        let number = chassis.map_or("", |chassis| &chassis.number);
        let custom: Vec<_> = (no::CUSTOM_1..no::CUSTOM_1 + 5).map(|no| text::search_key(request.text(no))).collect();
        let customs: Vec<&[u8]> = custom.iter().map(String::as_bytes).collect();
        let [region, class, kana] = plate.map_or([""; 3], |plate| [&plate.region, &plate.class, &plate.kana]);
        let name = request.text(no::NAME);
        Ok(Self {
            numbers: [
                request.id.0,
                request.status.code().into(),
                request.portal_status.map_or(0, PortalStatus::code).into(),
                flags,
                u64::from(request.choice(no::RENEWAL_DIVISION).unwrap_or(0))
                    | u64::from(request.choice(no::RECEIVING).unwrap_or(0)) << RECEIVING_BITS,
                request.branch.0.into(),
                request.client.0.into(),
                request.agent_branch.0.into(),
                request.office.map_or(NO_OFFICE, u64::from),
                plate.map_or(0, |plate| plate.serial).into(),
                request.completed_on.map_or(0, Day::number).into(),
                moment(request.requested_at),
                moment(request.filed_at),
            ],
            texts: [
                [region, class, kana].map(str::as_bytes).join(&PART),
                text::search_key(name).into_bytes(),
                text::search_key(request.text(no::MEMO)).into_bytes(),
                if customs.iter().all(|custom| custom.is_empty()) { Vec::new() } else { customs.join(&PART) },
            ],
            shown: [region, class, kana, name, number].map(str::as_bytes).join(&PART),
            chassis: backwards(&chassis::suffix_key(number)),
            plate: plate.map(plate_key),
        })
    }

    pub(in crate::store) fn id(&self) -> u64 {
        self.number(Number::Id)
    }

    pub(super) fn number(&self, number: Number) -> u64 {
        self.numbers[number as usize]
    }

    /// Own branch and status, which are counted.
    pub(super) fn counted(&self, own: Number) -> (u32, u8) {
        (small(self.number(own)), u8::try_from(self.number(Number::Status)).unwrap_or(0))
    }

    pub(super) fn text(&self, text: Text) -> &[u8] {
        &self.texts[text as usize]
    }

    /// What is shown, as it stands in a chunk.
    pub(super) fn row(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(96);
        for number in self.numbers {
            put_number(&mut row, number);
        }
        row.extend_from_slice(&self.shown);
        row
    }
}

/// The key of a chassis number from its end: what ends alike stands together.
pub(super) fn backwards(suffix_key: &str) -> Vec<u8> {
    suffix_key.bytes().rev().collect()
}

/// The key of a plate: its number, and four bytes that stand for region, class and kana.
pub(super) fn plate_key(plate: &Plate) -> (u16, u32) {
    let parts = [&plate.region, &plate.class, &plate.kana].map(String::as_bytes).join(&PART);
    let digest = digest::digest(&digest::SHA256, &parts);
    (plate.serial, digest.as_ref().iter().take(4).fold(0, |hash, byte| hash << 8 | u32::from(*byte)))
}

/// Seconds since 1970, plus one; 0 is none.
fn moment(at: Option<BusinessTime>) -> u64 {
    at.map_or(0, |at| u64::try_from(at.unix()).unwrap_or(0).min((1 << 40) - 2) + 1)
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Seven bits in each byte, lowest first; the highest bit says that more follow.
fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7F);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take_number(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    while let Some((first, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u64::from(first & 0x7F) << shift;
        shift = (shift + 7).min(56);
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

/// A column of numbers: how many bytes each takes, then the numbers; with [`SAME`], one number for all rows.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    width: usize,
    same: bool,
    bytes: &'a [u8],
}

/// Marks a column in which all rows have the same number.
const SAME: u8 = 0x80;

impl<'a> Numbers<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (first, bytes) = bytes.split_first().unwrap_or((&SAME, &[]));
        Self { width: usize::from(first & !SAME), same: first & SAME != 0, bytes }
    }

    pub(super) fn encode(numbers: &[u64]) -> Vec<u8> {
        let highest = numbers.iter().copied().max().unwrap_or(0);
        let width = usize::try_from(u64::BITS.div_ceil(8) - highest.leading_zeros() / 8).unwrap_or(8);
        let mark = u8::try_from(width).unwrap_or(8);
        let first = numbers.first().copied().unwrap_or(0);
        if numbers.iter().all(|number| *number == first) {
            return [&[mark | SAME], &first.to_le_bytes()[..width]].concat();
        }
        let mut bytes = Vec::with_capacity(1 + numbers.len() * width);
        bytes.push(mark);
        numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()[..width]));
        bytes
    }

    /// The number of a row.
    pub(super) fn at(self, row: usize) -> u64 {
        let start = if self.same { 0 } else { row * self.width };
        self.bytes.get(start..start + self.width).map_or(0, little)
    }

    /// All of a block with so many rows.
    pub(super) fn all(self, rows: usize) -> impl Iterator<Item = u64> + 'a {
        (0..rows).map(move |row| self.at(row))
    }

    /// The rows whose number passes a test.
    pub(super) fn rows(self, rows: usize, test: impl Fn(u64) -> bool) -> Bits {
        if self.same || self.width == 0 {
            return if test(self.at(0)) { Bits::first(rows) } else { Bits::default() };
        }
        let bytes = self.bytes.get(..rows * self.width).unwrap_or(&[]);
        match self.width {
            1 => Bits::of(bytes.iter().map(|byte| test(u64::from(*byte)))),
            2 => Bits::of(bytes.as_chunks::<2>().0.iter().map(|pair| test(u64::from(u16::from_le_bytes(*pair))))),
            4 => Bits::of(bytes.as_chunks::<4>().0.iter().map(|four| test(u64::from(u32::from_le_bytes(*four))))),
            width => Bits::of(bytes.chunks_exact(width).map(|number| test(little(number)))),
        }
    }

    /// Where a number stands in an ascending column, or where it would.
    pub(super) fn place(self, rows: usize, wanted: u64) -> Result<usize, usize> {
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = low.midpoint(high);
            match self.at(middle).cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

const WORDS: usize = CAPACITY.div_ceil(64);

/// One bit for each row of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub(super) fn of(rows: impl Iterator<Item = bool>) -> Self {
        let mut bits = Self::default();
        for (row, on) in rows.enumerate() {
            if let Some(word) = bits.0.get_mut(row / 64) {
                *word |= u64::from(on) << (row % 64);
            }
        }
        bits
    }

    /// The first so many rows.
    pub(super) fn first(rows: usize) -> Self {
        let mut bits = Self::default();
        for (word, place) in bits.0.iter_mut().zip(0..) {
            let here = rows.saturating_sub(place * 64).min(64);
            *word = if here == 64 { u64::MAX } else { (1 << here) - 1 };
        }
        bits
    }

    pub(super) fn set(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        let mut bits = self;
        bits.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
        bits
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    pub(super) fn contains(self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many.
    pub(super) fn count(self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Which rows, ascending.
    pub(super) fn rows(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..CAPACITY).filter(move |row| self.contains(*row))
    }
}

/// The texts of a column, row by row; a column without bytes has only empty ones.
pub(super) fn texts(column: &[u8]) -> Vec<&[u8]> {
    match column.get(1..column.len().saturating_sub(1)) {
        None => Vec::new(),
        Some(inner) => inner.split(|byte| *byte == END).collect(),
    }
}

/// The column of these texts.
pub(super) fn text_column<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
    let (rows, length) = texts.clone().fold((0, 0), |(rows, length), text| (rows + 1, length + text.len()));
    let mut bytes = Vec::new();
    if length > 0 {
        bytes.reserve_exact(rows + length + 1);
        bytes.push(END);
        for text in texts {
            bytes.extend_from_slice(text);
            bytes.push(END);
        }
    }
    bytes
}

/// The chunk of these rows: each behind its length.
pub(super) fn chunk<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        put_number(&mut bytes, row.len() as u64);
        bytes.extend_from_slice(row);
    }
    bytes
}

/// The rows of a chunk.
pub(super) fn chunk_rows(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let length = usize::try_from(take_number(&mut bytes)).unwrap_or(usize::MAX);
        let (row, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        bytes = rest;
        Some(row)
    })
}

/// What a list shows, from a row of a chunk.
pub(super) fn shown(mut row: &[u8]) -> Result<Row, Error> {
    let mut numbers = [0; NUMBERS];
    numbers.iter_mut().for_each(|number| *number = take_number(&mut row));
    let number = |of: Number| numbers[of as usize];
    let code = |of| u8::try_from(number(of)).unwrap_or(0);
    let bad = |what: &str| Error::corrupt("search_rows", what);
    let mut parts = row.split(|byte| *byte == PART);
    let mut part = || {
        let bytes = parts.next().unwrap_or_default();
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| bad("not UTF-8"))
    };
    let (region, class, kana, user_name, chassis) = (part()?, part()?, part()?, part()?, part()?);
    let flags = number(Number::Flags);
    let at = |of| {
        let seconds = number(of).checked_sub(1)?;
        Some(BusinessTime::from_unix(i64::try_from(seconds).ok()?))
    };
    Ok(Row {
        id: RequestId(number(Number::Id)),
        status: Status::from_code(code(Number::Status)).ok_or_else(|| bad("unknown status"))?,
        portal_status: match code(Number::Portal) {
            0 => None,
            code => Some(PortalStatus::from_code(code).ok_or_else(|| bad("unknown portal status"))?),
        },
        kind: if flags & flag::AGAIN == 0 { FilingKind::First } else { FilingKind::Again },
        plate: (flags & flag::PLATE != 0).then(|| Plate {
            region,
            class,
            kana,
            serial: u16::try_from(number(Number::Serial)).unwrap_or(0),
            small: flags & flag::SMALL != 0,
        }),
        chassis: (flags & flag::CHASSIS != 0)
            .then_some(ChassisNumber { number: chassis, officially_stamped: flags & flag::STAMPED != 0 }),
        user_name,
        client: ClientOrganizationId(small(number(Number::Client))),
        branch: BranchId(small(number(Number::Branch))),
        agent_branch: AgentBranchId(small(number(Number::AgentBranch))),
        office: Some(number(Number::Office))
            .filter(|office| *office != NO_OFFICE)
            .and_then(|office| office.try_into().ok()),
        returned: flags & flag::RETURNED != 0,
        requested_at: at(Number::Requested),
        filed_at: at(Number::Filed),
        completed_on: Day::from_number(small(number(Number::Completed))),
    })
}

/// Whether the chassis number of a row ends with this key.
pub(super) fn ends_with(mut row: &[u8], suffix: &str) -> bool {
    for _ in 0..NUMBERS {
        take_number(&mut row);
    }
    let chassis = row.rsplit(|byte| *byte == PART).next().unwrap_or_default();
    std::str::from_utf8(chassis).is_ok_and(|number| chassis::suffix_key(number).ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(
            width in 0_u32..=64,
            raw in prop::collection::vec(any::<u64>(), 1..CAPACITY),
            pivot in any::<prop::sample::Index>(),
        ) {
            let numbers: Vec<u64> = raw.iter().map(|number| number.checked_shr(64 - width).unwrap_or(0)).collect();
            let bytes = Numbers::encode(&numbers);
            let column = Numbers::of(&bytes);
            prop_assert_eq!(column.all(numbers.len()).collect::<Vec<_>>(), numbers.clone());
            let wanted = *pivot.get(&numbers);
            let rows: Vec<_> = column.rows(numbers.len(), |number| number >= wanted).rows().collect();
            let expected: Vec<_> = (0..numbers.len()).filter(|row| numbers[*row] >= wanted).collect();
            prop_assert_eq!(rows, expected);
            let mut sorted = numbers;
            sorted.sort_unstable();
            sorted.dedup();
            let bytes = Numbers::encode(&sorted);
            prop_assert_eq!(Numbers::of(&bytes).place(sorted.len(), wanted), sorted.binary_search(&wanted));
        }

        #[test]
        fn texts_and_rows_come_back(texts in prop::collection::vec("[a-z髙田]{0,6}", 1..40)) {
            let column = text_column(texts.iter().map(String::as_bytes));
            let mut back = super::texts(&column);
            back.resize(texts.len(), b"");
            prop_assert!(back.iter().copied().eq(texts.iter().map(String::as_bytes)));
            let bytes = chunk(texts.iter().map(String::as_bytes));
            let rows: Vec<_> = chunk_rows(&bytes).collect();
            prop_assert!(rows.iter().copied().eq(texts.iter().map(String::as_bytes)));
        }

        /// Damaged bytes are an error or another row, never a panic.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            chunk_rows(&bytes).for_each(|row| {
                drop(shown(row));
                ends_with(row, "1");
            });
            prop_assert!(Numbers::of(&bytes).all(50).count() == 50);
            super::texts(&bytes);
        }
    }

    #[test]
    fn columns_take_no_more_than_they_need() {
        assert_eq!(Numbers::encode(&[7; 416]).len(), 2);
        assert_eq!(Numbers::encode(&[0; 416]).len(), 1);
        assert_eq!(Numbers::encode(&[1, 255]).len(), 3);
        assert_eq!(Numbers::encode(&[1, 256]).len(), 5);
        assert!(text_column([b"".as_slice(); 416].into_iter()).is_empty());
    }
}
