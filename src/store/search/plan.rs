//! Conditions made ready to run over blocks: what the summary can answer, what numbers, what texts.

use super::block::{CAPACITY, END, Number, Numbers, PART, RECEIVING_BITS, Summary, Text, flag, texts};
use super::{Error, ScopeKey};
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::ids::RequestId;
use crate::domain::plate::Plate;
use crate::domain::request::Status;
use crate::domain::search::{Conditions, Scope};
use crate::domain::text;
use crate::domain::time::Day;
use memchr::memmem::Finder;
use redb::AccessGuard;

const WORDS: usize = CAPACITY.div_ceil(64);

/// One bit for each row of a block.
#[derive(Clone, Copy)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    fn of(rows: impl Iterator<Item = bool>) -> Self {
        let mut bits = Self([0; WORDS]);
        for (row, on) in rows.enumerate() {
            if let Some(word) = bits.0.get_mut(row / 64) {
                *word |= u64::from(on) << (row % 64);
            }
        }
        bits
    }

    fn and(self, other: Self) -> Self {
        let mut bits = self;
        bits.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
        bits
    }

    fn or(self, other: Self) -> Self {
        let mut bits = self;
        bits.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
        bits
    }

    fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    fn contains(self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many.
    pub(super) fn count(self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Which rows, ascending.
    pub(super) fn rows(self) -> Vec<usize> {
        (0..CAPACITY).filter(|row| self.contains(*row)).collect()
    }
}

/// A condition on one column of numbers.
enum Test {
    Is(Number, u64),
    Between(Number, u64, u64),
    /// The number is a bit of the mask.
    In(Number, u64),
    Flag(u64, bool),
}

/// The same vehicle, under way or completed since a day.
struct Vehicle {
    since: u64,
    plate: Option<(u64, Finder<'static>)>,
    chassis: Option<Finder<'static>>,
}

/// Conditions, ready to run.
pub(super) struct Plan {
    /// No row can meet them.
    pub(super) impossible: bool,
    /// The one 申請ID asked for.
    pub(super) id: Option<u64>,
    /// The one own branch asked for.
    pub(super) own: Option<u32>,
    /// A bit for each status code.
    statuses: u64,
    tests: Vec<Test>,
    texts: Vec<(Text, Finder<'static>)>,
    vehicle: Option<Vehicle>,
}

/// A column of a block, as it lies in the page.
pub(super) struct Column<'a>(pub(super) AccessGuard<'a, &'static [u8]>);

impl AsRef<[u8]> for Column<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.value()
    }
}

/// Where the columns of a block come from: a snapshot's table or a transaction's.
pub(super) trait Block {
    fn column(&self, number: u8) -> Result<Column<'_>, Error>;
}

impl Plan {
    pub(super) fn of(scope: Scope, conditions: &Conditions) -> Self {
        let mut plan = Self::within(scope, &conditions.statuses);
        plan.id = conditions.id.map(|RequestId(id)| id);
        if let Some(id) = plan.id {
            plan.tests.push(Test::Is(Number::Id, id));
        }
        let parts = [
            (&conditions.region, [END], [PART]),
            (&conditions.class, [PART], [PART]),
            (&conditions.kana, [PART], [END]),
        ];
        for (part, before, after) in parts {
            if !part.is_empty() {
                plan.text(Text::Plate, &[&before, part.as_bytes(), &after].concat());
            }
        }
        if let Some(serial) = conditions.serial {
            plan.tests.push(Test::Is(Number::Serial, serial.into()));
            plan.tests.push(Test::Flag(flag::PLATE, true));
        }
        let suffix = chassis::suffix_key(&conditions.chassis_suffix);
        if !suffix.is_empty() {
            plan.text(Text::Chassis, &[suffix.as_bytes(), &[END]].concat());
        }
        if let Some(cashless) = conditions.cashless {
            plan.tests.push(Test::Flag(flag::CASHLESS, cashless));
        }
        for (column, part) in
            [(Text::Name, &conditions.user_name), (Text::Memo, &conditions.memo), (Text::Custom, &conditions.custom)]
        {
            let key = text::search_key(part);
            if !key.is_empty() {
                plan.text(column, key.as_bytes());
            }
        }
        if let Some(office) = conditions.office {
            plan.tests.push(Test::Is(Number::Office, office.into()));
        }
        plan.branch(scope, Number::AgentBranch, conditions.agent_branch.map(|id| id.0));
        plan.branch(scope, Number::Branch, conditions.branch.map(|id| id.0));
        if let Some(client) = conditions.client {
            plan.tests.push(Test::Is(Number::Client, client.0.into()));
        }
        if conditions.completed_from.is_some() || conditions.completed_to.is_some() {
            let from = conditions.completed_from.map_or(1, Day::number);
            let to = conditions.completed_to.map_or(u32::MAX, Day::number);
            plan.tests.push(Test::Between(Number::Completed, from.into(), to.into()));
        }
        if !(conditions.divisions.is_empty() && conditions.receiving.is_empty()) {
            plan.tests.push(Test::In(Number::Division, choices(&conditions.divisions, &conditions.receiving)));
        }
        if !conditions.portal_statuses.is_empty() {
            let codes = conditions.portal_statuses.iter().map(|status| status.code());
            plan.tests.push(Test::In(Number::Portal, mask(codes)));
        }
        // The longest needle is the rarest: after it, most blocks need no further column.
        plan.texts.sort_by_key(|(_, finder)| std::cmp::Reverse(finder.needle().len()));
        plan
    }

    /// The same vehicle: under way, or completed on or after a day.
    pub(super) fn of_vehicle(scope: Scope, plate: Option<&Plate>, chassis: Option<&ChassisNumber>, since: Day) -> Self {
        let open: Vec<_> = Status::ALL.iter().copied().filter(|status| *status != Status::Failed).collect();
        let mut plan = Self::within(scope, &open);
        let key = chassis.map(|chassis| chassis::suffix_key(&chassis.number)).filter(|key| !key.is_empty());
        plan.impossible |= plate.is_none() && key.is_none();
        plan.vehicle = Some(Vehicle {
            since: since.number().into(),
            plate: plate.map(|plate| {
                let parts = [&plate.region, &plate.class, &plate.kana].map(String::as_bytes).join(&PART);
                (plate.serial.into(), finder(&[&[END], parts.as_slice(), &[END]].concat()))
            }),
            chassis: key.map(|key| finder(&[&[END], key.as_bytes(), &[END]].concat())),
        });
        plan
    }

    /// What the scope alone asks for. An agent's lists never hold 依頼前.
    fn within(scope: Scope, statuses: &[Status]) -> Self {
        let all = if statuses.is_empty() { Status::ALL } else { statuses };
        let seen = |status: &&Status| matches!(scope, Scope::Client(..)) || **status != Status::Draft;
        let statuses = mask(all.iter().filter(seen).map(|status| status.code()));
        Self {
            impossible: statuses == 0,
            id: None,
            own: match scope {
                Scope::Client(_, branch) => branch.map(|id| id.0),
                Scope::Agent(_, branch) => branch.map(|id| id.0),
            },
            statuses,
            tests: Vec::new(),
            texts: Vec::new(),
            vehicle: None,
        }
    }

    fn text(&mut self, column: Text, needle: &[u8]) {
        self.texts.push((column, finder(needle)));
    }

    fn branch(&mut self, scope: Scope, column: Number, wanted: Option<u32>) {
        let Some(wanted) = wanted else { return };
        if column == ScopeKey::of(scope, 0).own() {
            self.impossible |= self.own.is_some_and(|own| own != wanted);
            self.own = Some(wanted);
        } else {
            self.tests.push(Test::Is(column, wanted.into()));
        }
    }

    /// Whether summaries and counters answer everything.
    pub(super) fn is_plain(&self) -> bool {
        self.tests.is_empty() && self.texts.is_empty() && self.vehicle.is_none()
    }

    /// Whether rows of this branch and status count.
    pub(super) fn admits(&self, branch: u32, status: u8) -> bool {
        self.own.is_none_or(|own| own == branch) && self.statuses >> status & 1 == 1
    }

    /// At most so many rows of a block meet the conditions; exactly so many when plain.
    pub(super) fn at_most(&self, summary: &Summary) -> u64 {
        if let Some(vehicle) = &self.vehicle {
            let completed = Status::Completed.code();
            let open =
                summary.counts.iter().any(|(branch, status, _)| *status != completed && self.admits(*branch, *status));
            if !open && u64::from(summary.completed) < vehicle.since {
                return 0;
            }
        }
        let admitted = summary.counts.iter().filter(|(branch, status, _)| self.admits(*branch, *status));
        admitted.map(|(_, _, count)| u64::from(*count)).sum()
    }

    /// The rows of a block that meet the conditions.
    pub(super) fn rows(&self, summary: &Summary, own: Number, block: &dyn Block) -> Result<Bits, Error> {
        let mut bits = Bits::of((0..summary.rows).map(|_| true));
        // Texts first: a rare needle leaves most blocks without a further column to read.
        for (column, finder) in &self.texts {
            bits = bits.and(sweep(block.column(*column as u8)?.as_ref(), finder));
            if bits.is_empty() {
                return Ok(bits);
            }
        }
        let partly = self.at_most(summary) < u64::from(summary.rows);
        if partly || !self.tests.is_empty() || self.vehicle.is_some() {
            let guard = block.column(0)?;
            let numbers = Numbers::of(guard.as_ref());
            if partly {
                bits = bits.and(Bits::of(
                    numbers.column(Number::Status).iter().map(|status| self.statuses >> status & 1 == 1),
                ));
                if let Some(wanted) = self.own {
                    bits = bits.and(Bits::of(numbers.values(own).map(|branch| branch == u64::from(wanted))));
                }
            }
            for test in &self.tests {
                bits = bits.and(test.rows(numbers));
            }
            if let Some(vehicle) = &self.vehicle {
                bits = bits.and(vehicle.rows(numbers, bits, block)?);
            }
        }
        Ok(bits)
    }
}

impl Test {
    fn rows(&self, numbers: Numbers) -> Bits {
        match *self {
            Self::Is(column, wanted) => Bits::of(numbers.values(column).map(|value| value == wanted)),
            Self::Between(column, from, to) => {
                Bits::of(numbers.values(column).map(|value| (from..=to).contains(&value)))
            }
            Self::In(column, mask) => Bits::of(numbers.values(column).map(|value| mask >> value.min(63) & 1 == 1)),
            Self::Flag(bit, on) => Bits::of(numbers.values(Number::Flags).map(|flags| (flags & bit != 0) == on)),
        }
    }
}

impl Vehicle {
    fn rows(&self, numbers: Numbers, among: Bits, block: &dyn Block) -> Result<Bits, Error> {
        let completed = u64::from(Status::Completed.code());
        let recent = numbers
            .values(Number::Status)
            .zip(numbers.values(Number::Completed))
            .map(|(status, day)| status != completed || day >= self.since);
        let recent = among.and(Bits::of(recent));
        let mut same = Bits::of(std::iter::empty());
        if recent.is_empty() {
            return Ok(same);
        }
        if let Some((serial, finder)) = &self.plate {
            let serials = Bits::of(numbers.values(Number::Serial).map(|value| value == *serial));
            if !serials.and(recent).is_empty() {
                same = serials.and(sweep(block.column(Text::Plate as u8)?.as_ref(), finder));
            }
        }
        if let Some(finder) = &self.chassis {
            same = same.or(sweep(block.column(Text::Chassis as u8)?.as_ref(), finder));
        }
        Ok(same.and(recent))
    }
}

fn mask(codes: impl Iterator<Item = u8>) -> u64 {
    codes.fold(0, |mask, code| mask | 1 << code.min(63))
}

/// A bit for each pair of 電子車検証更新区分 and 車検証等受取区分 that is wanted; nothing asked is everything.
fn choices(divisions: &[u8], receiving: &[u8]) -> u64 {
    let wanted = |asked: &[u8], code: u8| asked.is_empty() || (code != 0 && asked.contains(&code));
    mask((0..63).filter(|byte| {
        wanted(divisions, byte & ((1 << RECEIVING_BITS) - 1)) && wanted(receiving, byte >> RECEIVING_BITS)
    }))
}

fn finder(needle: &[u8]) -> Finder<'static> {
    Finder::new(needle).into_owned()
}

/// The rows whose text holds the needle. A needle that begins or ends with a separator is tied to that end of a text.
fn sweep(column: &[u8], finder: &Finder<'_>) -> Bits {
    let mut bits = Bits::of(std::iter::empty());
    let (mut row, mut counted, mut from) = (0, 0, 0);
    while let Some(at) = column.get(from..).and_then(|rest| finder.find(rest)).map(|at| from + at) {
        // Rows before the match: separators up to it, without the one at the very beginning.
        row += memchr::memchr_iter(END, column.get(counted..=at).unwrap_or(&[])).count();
        counted = at + 1;
        if let Some(word) = bits.0.get_mut((row - 1) / 64) {
            *word |= 1 << ((row - 1) % 64);
        }
        match memchr::memchr(END, column.get(at + 1..).unwrap_or(&[])) {
            Some(end) => from = at + 1 + end,
            None => break,
        }
    }
    bits
}

/// The texts of these rows.
pub(super) fn texts_of(column: &[u8]) -> Vec<&[u8]> {
    texts(column).collect()
}
