//! A block of search data: up to [`CAPACITY`] requests of one list in the order of their 申請ID. Each number and each text
//! that can be searched for is a column of its own, so that a condition reads only what it is about and runs over it in
//! one sweep; what a list shows stands row by row in chunks of [`CHUNK`], so that a page reads a few of those.

use super::super::Error;
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId};
use crate::domain::plate::Plate;
use crate::domain::procedure::common::no;
use crate::domain::request::{FilingKind, Origin, PortalStatus, ServiceRequest, Status};
use crate::domain::search::Row;
use crate::domain::text;
use crate::domain::time::{BusinessTime, Day};
use ring::digest;

/// Requests in a full block.
pub(in crate::store) const CAPACITY: usize = 416;
/// 申請ID that share a chunk of what is shown, as a power of two.
pub(super) const CHUNK_BITS: u32 = 4;
/// Stands between the parts of a text; never part of UTF-8.
const PART: u8 = 0xFE;

/// A number of a request. The order is the stored one: columns have these numbers as their keys, rows hold them one
/// after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Number {
    /// Less the first of the block in its column; less the first of the chunk in its row.
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
    Region,
    Class,
    Kana,
    /// Key of the user's name.
    Name,
    /// Key of the memo.
    Memo,
    /// Keys of the five fields of one's own.
    Custom,
}

/// All columns of texts.
pub(super) const TEXTS: [Text; 6] = [Text::Region, Text::Class, Text::Kana, Text::Name, Text::Memo, Text::Custom];

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
    pub(crate) const BY_AGENT: u64 = 128;
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
            | bit(chassis.is_some_and(|chassis| chassis.officially_stamped), flag::STAMPED)
            | bit(request.origin == Origin::Agent, flag::BY_AGENT);
        let number = chassis.map_or("", |chassis| &chassis.number);
        let custom: Vec<_> = (no::CUSTOM_1..no::CUSTOM_1 + 5).map(|no| text::search_key(request.text(no))).collect();
        let customs: Vec<&[u8]> = custom.iter().map(String::as_bytes).filter(|custom| !custom.is_empty()).collect();
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
                region.as_bytes().to_vec(),
                class.as_bytes().to_vec(),
                kana.as_bytes().to_vec(),
                text::search_key(name).into_bytes(),
                text::search_key(request.text(no::MEMO)).into_bytes(),
                customs.join(&PART),
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
        put_number(&mut row, self.id() & ((1 << CHUNK_BITS) - 1));
        for number in self.numbers.iter().skip(1) {
            put_number(&mut row, *number);
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

/// The chunk of these rows: each behind its length.
pub(super) fn chunk<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        put_number(&mut bytes, row.len() as u64);
        bytes.extend_from_slice(row);
    }
    bytes
}

/// The rows of a chunk with their 申請ID.
pub(super) fn chunk_rows(chunk: u64, mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let length = usize::try_from(take_number(&mut bytes)).unwrap_or(usize::MAX);
        let (row, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        bytes = rest;
        let place = take_number(&mut { row });
        Some((chunk << CHUNK_BITS | place, row))
    })
}

/// What a list shows, from the row of this request.
pub(super) fn shown(id: u64, mut row: &[u8]) -> Result<Row, Error> {
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
        id: RequestId(id),
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
        by_agent: flags & flag::BY_AGENT != 0,
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
        fn rows_come_back(chunk in 0_u64..1_000, places in prop::collection::btree_set(0_u64..16, 0..16)) {
            let rows: Vec<Vec<u8>> = places.iter().map(|place| {
                let mut row = Vec::new();
                put_number(&mut row, *place);
                row.extend_from_slice("髙田".as_bytes());
                row
            }).collect();
            let bytes = super::chunk(rows.iter().map(Vec::as_slice));
            let back: Vec<_> = chunk_rows(chunk, &bytes).collect();
            let expected: Vec<_> =
                places.iter().map(|place| chunk * 16 + place).zip(rows.iter().map(Vec::as_slice)).collect();
            prop_assert_eq!(back, expected);
        }

        /// Damaged bytes are an error or another row, never a panic.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            chunk_rows(1, &bytes).for_each(|(id, row)| {
                drop(shown(id, row));
                ends_with(row, "1");
            });
        }
    }
}
