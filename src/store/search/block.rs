//! A block of search data: up to [`CAPACITY`] requests of one list in the order of their 申請ID. Numbers stand column
//! by column, texts one after the other, so that a condition runs over memory in one sweep. One page of the file holds
//! the numbers of a full block.

use super::super::Error;
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId};
use crate::domain::plate::Plate;
use crate::domain::procedure::common::no;
use crate::domain::request::{FilingKind, PortalStatus, ServiceRequest, Status};
use crate::domain::search::Row;
use crate::domain::text;
use crate::domain::time::{BusinessTime, Day};

/// Requests in a full block.
pub(in crate::store) const CAPACITY: usize = 416;
/// Stands before the first text, between texts and after the last; never part of UTF-8.
pub(super) const END: u8 = 0xFF;
/// Stands between the parts of a text; never part of UTF-8.
pub(super) const PART: u8 = 0xFE;

/// A column of numbers. The order is the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Number {
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
    Requested,
    Filed,
    Completed,
}

const NUMBERS: usize = 13;
/// Bytes of each column's numbers.
const WIDTHS: [usize; NUMBERS] = [5, 1, 1, 1, 1, 4, 4, 4, 2, 2, 5, 5, 4];
/// Bytes of all numbers of a request.
const WIDTH: usize = 39;

/// A column of texts, stored under this number (0 is the numbers').
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Text {
    /// Key of the chassis number.
    Chassis = 1,
    /// Key of the user's name.
    Name = 2,
    /// Region, class, kana.
    Plate = 3,
    /// Key of the memo.
    Memo = 4,
    /// Keys of the five fields of one's own.
    Custom = 5,
    /// Name and chassis number as typed.
    Shown = 6,
}

/// The number of text columns.
pub(in crate::store) const TEXTS: usize = 6;

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
    texts: [Vec<u8>; TEXTS],
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
        let plate_parts = plate.map_or([""; 3], |plate| [&plate.region, &plate.class, &plate.kana]);
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
                moment(request.requested_at),
                moment(request.filed_at),
                request.completed_on.map_or(0, Day::number).into(),
            ],
            texts: [
                chassis::suffix_key(number).into_bytes(),
                text::search_key(request.text(no::NAME)).into_bytes(),
                plate_parts.map(str::as_bytes).join(&PART),
                text::search_key(request.text(no::MEMO)).into_bytes(),
                if customs.iter().all(|custom| custom.is_empty()) { Vec::new() } else { customs.join(&PART) },
                [request.text(no::NAME).as_bytes(), number.as_bytes()].join(&PART),
            ],
        })
    }

    pub(in crate::store) fn id(&self) -> u64 {
        self.number(Number::Id)
    }

    pub(super) fn number(&self, column: Number) -> u64 {
        self.numbers[column as usize]
    }

    pub(super) fn same_text(&self, other: &Self, column: usize) -> bool {
        self.texts[column] == other.texts[column]
    }
}

/// Seconds since 1970, plus one; 0 is none.
fn moment(at: Option<BusinessTime>) -> u64 {
    at.map_or(0, |at| u64::try_from(at.unix()).unwrap_or(0).min((1 << 40) - 2) + 1)
}

/// The numbers of a block.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    bytes: &'a [u8],
    rows: usize,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, rows: bytes.len() / WIDTH }
    }

    pub(super) fn rows(self) -> usize {
        self.rows
    }

    /// One column.
    pub(super) fn column(self, column: Number) -> &'a [u8] {
        let before: usize = WIDTHS.iter().take(column as usize).sum();
        let start = before * self.rows;
        self.bytes.get(start..start + WIDTHS[column as usize] * self.rows).unwrap_or(&[])
    }

    /// The numbers of one column, row by row.
    pub(super) fn values(self, column: Number) -> impl Iterator<Item = u64> + 'a {
        self.column(column).chunks_exact(WIDTHS[column as usize]).map(little)
    }

    pub(super) fn value(self, column: Number, row: usize) -> u64 {
        let width = WIDTHS[column as usize];
        self.column(column).get(row * width..(row + 1) * width).map_or(0, little)
    }

    /// Where a request stands, or where it would.
    pub(super) fn place(self, id: u64) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low.midpoint(high);
            match self.value(Number::Id, middle).cmp(&id) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// The same with other rows in the place of these.
    pub(super) fn splice(self, place: std::ops::Range<usize>, entries: &[&Entry]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity((self.rows + entries.len()) * WIDTH);
        for (column, width) in COLUMNS.into_iter().zip(WIDTHS) {
            let old = self.column(column);
            bytes.extend_from_slice(old.get(..place.start * width).unwrap_or(&[]));
            for entry in entries {
                bytes.extend_from_slice(&entry.number(column).to_le_bytes()[..width]);
            }
            bytes.extend_from_slice(old.get(place.end * width..).unwrap_or(&[]));
        }
        bytes
    }
}

const COLUMNS: [Number; NUMBERS] = [
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
    Number::Requested,
    Number::Filed,
    Number::Completed,
];

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The texts of a column, row by row.
pub(super) fn texts(column: &[u8]) -> impl Iterator<Item = &[u8]> {
    column.get(1..column.len().saturating_sub(1)).into_iter().flat_map(|inner| inner.split(|byte| *byte == END))
}

/// A column of texts with other rows in the place of these.
pub(super) fn splice_texts(column: &[u8], number: usize, place: std::ops::Range<usize>, entries: &[&Entry]) -> Vec<u8> {
    // Where the text of a row starts: behind its separator.
    let starts = |row: usize| memchr::memchr_iter(END, column).nth(row).map_or(column.len(), |at| at + 1);
    let mut bytes =
        Vec::with_capacity(column.len() + entries.iter().map(|entry| entry.texts[number].len() + 1).sum::<usize>() + 1);
    if column.is_empty() {
        bytes.push(END);
    } else {
        bytes.extend_from_slice(&column[..starts(place.start)]);
    }
    for entry in entries {
        bytes.extend_from_slice(&entry.texts[number]);
        bytes.push(END);
    }
    if !column.is_empty() {
        bytes.extend_from_slice(&column[starts(place.end)..]);
    }
    bytes
}

/// All entries of a block, for `check` and for splitting.
pub(in crate::store) fn entries(numbers: &[u8], columns: &[Vec<u8>; TEXTS]) -> Vec<Entry> {
    let numbers = Numbers::of(numbers);
    let mut texts = columns.each_ref().map(|column| texts(column));
    (0..numbers.rows())
        .map(|row| Entry {
            numbers: COLUMNS.map(|column| numbers.value(column, row)),
            texts: texts.each_mut().map(|column| column.next().unwrap_or_default().to_vec()),
        })
        .collect()
}

/// What a list shows of one row.
pub(super) fn row(numbers: Numbers, row: usize, plate: &[u8], shown: &[u8]) -> Result<Row, Error> {
    let number = |column| numbers.value(column, row);
    let small = |column| u32::try_from(number(column)).unwrap_or(0);
    let code = |column| u8::try_from(number(column)).unwrap_or(0);
    let bad = |what: &str| Error::corrupt("search_columns", what);
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| bad("not UTF-8"));
    let flags = number(Number::Flags);
    let mut parts = plate.split(|byte| *byte == PART);
    let mut part = || utf8(parts.next().unwrap_or_default());
    let (region, class, kana) = (part()?, part()?, part()?);
    let mut shown = shown.split(|byte| *byte == PART);
    let user_name = utf8(shown.next().unwrap_or_default())?;
    let chassis = utf8(shown.next().unwrap_or_default())?;
    let portal = code(Number::Portal);
    let at = |column| {
        let seconds = number(column).checked_sub(1)?;
        Some(BusinessTime::from_unix(i64::try_from(seconds).ok()?))
    };
    Ok(Row {
        id: RequestId(number(Number::Id)),
        status: Status::from_code(code(Number::Status)).ok_or_else(|| bad("unknown status"))?,
        portal_status: match portal {
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
        client: ClientOrganizationId(small(Number::Client)),
        branch: BranchId(small(Number::Branch)),
        agent_branch: AgentBranchId(small(Number::AgentBranch)),
        office: Some(number(Number::Office))
            .filter(|office| *office != NO_OFFICE)
            .and_then(|office| office.try_into().ok()),
        returned: flags & flag::RETURNED != 0,
        requested_at: at(Number::Requested),
        filed_at: at(Number::Filed),
        completed_on: Day::from_number(small(Number::Completed)),
    })
}

/// What can be said of a block without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct Summary {
    /// Rows.
    pub(super) rows: u16,
    /// The highest 申請ID.
    pub(super) last: u64,
    /// The latest completion day; 0 when there is none.
    pub(super) completed: u32,
    /// How many rows there are of each own branch and status, ascending.
    pub(super) counts: Vec<(u32, u8, u16)>,
}

impl Summary {
    /// From the numbers of a block; `own` is the column of the list's own branches.
    pub(super) fn of(numbers: Numbers, own: Number) -> Self {
        let mut counts: Vec<(u32, u8, u16)> = Vec::new();
        for (branch, status) in numbers.values(own).zip(numbers.values(Number::Status)) {
            let (branch, status) = (u32::try_from(branch).unwrap_or(0), u8::try_from(status).unwrap_or(0));
            match counts.iter_mut().find(|(b, s, _)| (*b, *s) == (branch, status)) {
                Some((_, _, count)) => *count += 1,
                None => counts.push((branch, status, 1)),
            }
        }
        counts.sort_unstable();
        Self {
            rows: u16::try_from(numbers.rows()).unwrap_or(u16::MAX),
            last: numbers.values(Number::Id).last().unwrap_or(0),
            completed: numbers.values(Number::Completed).max().and_then(|day| day.try_into().ok()).unwrap_or(0),
            counts,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(14 + self.counts.len() * 7);
        bytes.extend_from_slice(&self.rows.to_le_bytes());
        bytes.extend_from_slice(&self.last.to_le_bytes());
        bytes.extend_from_slice(&self.completed.to_le_bytes());
        for (branch, status, count) in &self.counts {
            bytes.extend_from_slice(&branch.to_le_bytes());
            bytes.push(*status);
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    pub(in crate::store) fn decode(bytes: &[u8]) -> Self {
        let mut summary = Self::default();
        summary.refill(bytes);
        summary
    }

    /// As [`Self::decode`], into the memory of another: a deep page looks at hundreds.
    pub(super) fn refill(&mut self, bytes: &[u8]) {
        let number = |from: usize, to: usize| bytes.get(from..to).map_or(0, little);
        self.rows = u16::try_from(number(0, 2)).unwrap_or(0);
        self.last = number(2, 10);
        self.completed = u32::try_from(number(10, 14)).unwrap_or(0);
        self.counts.clear();
        self.counts.extend(bytes.get(14..).unwrap_or(&[]).chunks_exact(7).filter_map(|chunk| match *chunk {
            [a, b, c, d, status, low, high] => {
                Some((u32::from_le_bytes([a, b, c, d]), status, u16::from_le_bytes([low, high])))
            }
            _ => None,
        }));
    }
}
