//! Conditions made ready to run over blocks: what the summary can answer, what numbers, what texts.

use super::block::{Keyed, Number, RECEIVING_BITS, Text, flag};
use super::column::{Bits, END, Numbers, Texts, Wanted};
use super::counts::{Counts, Summary};
use super::{Error, ScopeKey};
use crate::domain::chassis;
use crate::domain::ids::RequestId;
use crate::domain::request::Status;
use crate::domain::search::{Conditions, Scope};
use crate::domain::text;
use crate::domain::time::Day;
use memchr::memmem::Finder;
use redb::AccessGuard;

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
    /// Conditions on columns of numbers.
    tests: Vec<(Number, Wanted)>,
    texts: Vec<(Text, Finder<'static>)>,
    /// The key that chassis numbers have to end with; empty for any.
    pub(super) chassis: String,
    /// 一連指定番号, which is tested too.
    pub(super) serial: Option<u16>,
}

/// A column of a block, as it lies in the page.
pub(super) struct Column<'a>(pub(super) AccessGuard<'a, &'static [u8]>);

impl AsRef<[u8]> for Column<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.value()
    }
}

/// Where the columns of blocks come from: a snapshot's table or a transaction's.
pub(super) trait Columns {
    /// A column of the block that begins with this 申請ID.
    fn column(&mut self, first: u64, key: u8) -> Result<Column<'_>, Error>;
}

impl Plan {
    pub(super) fn of(scope: Scope, conditions: &Conditions) -> Self {
        let mut plan = Self::within(scope, &conditions.statuses);
        plan.id = conditions.id.map(|RequestId(id)| id);
        let parts =
            [(Text::Region, &conditions.region), (Text::Class, &conditions.class), (Text::Kana, &conditions.kana)];
        for (column, part) in parts {
            if !part.is_empty() {
                plan.text(column, &[&[END], part.as_bytes(), &[END]].concat());
            }
        }
        if let Some(serial) = conditions.serial {
            plan.serial = Some(serial);
            plan.is(Number::Serial, serial.into());
            plan.tests.push((Number::Flags, Wanted::Flag(flag::PLATE, true)));
        }
        plan.chassis = chassis::suffix_key(&conditions.chassis_suffix);
        if let Some(cashless) = conditions.cashless {
            plan.tests.push((Number::Flags, Wanted::Flag(flag::CASHLESS, cashless)));
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
            plan.is(Number::Office, office.into());
        }
        plan.branch(scope, Number::AgentBranch, conditions.agent_branch.map(|id| id.0));
        plan.branch(scope, Number::Branch, conditions.branch.map(|id| id.0));
        if let Some(client) = conditions.client {
            plan.is(Number::Client, client.0.into());
        }
        if conditions.completed_from.is_some() || conditions.completed_to.is_some() {
            let from = conditions.completed_from.map_or(1, Day::number);
            let to = conditions.completed_to.map_or(u32::MAX, Day::number);
            plan.tests.push((Number::Completed, Wanted::Between(from.into(), to.into())));
        }
        if !(conditions.divisions.is_empty() && conditions.receiving.is_empty()) {
            let wanted = choices(&conditions.divisions, &conditions.receiving);
            plan.tests.push((Number::Division, Wanted::codes(wanted)));
        }
        if !conditions.portal_statuses.is_empty() {
            let codes = conditions.portal_statuses.iter().map(|status| status.code());
            plan.tests.push((Number::Portal, Wanted::codes(mask(codes))));
        }
        // The longest needle is the rarest: after it, most blocks need no further column.
        plan.texts.sort_by_key(|(_, finder)| std::cmp::Reverse(finder.needle().len()));
        plan
    }

    /// Every row.
    pub(super) fn all() -> Self {
        Self {
            impossible: false,
            id: None,
            own: None,
            statuses: u64::MAX,
            tests: Vec::new(),
            texts: Vec::new(),
            chassis: String::new(),
            serial: None,
        }
    }

    /// What the scope alone asks for. An agent's lists never hold 依頼前.
    pub(super) fn within(scope: Scope, statuses: &[Status]) -> Self {
        let all = if statuses.is_empty() { Status::ALL } else { statuses };
        let seen = |status: &&Status| matches!(scope, Scope::Client(..)) || **status != Status::Draft;
        let statuses = mask(all.iter().filter(seen).map(|status| status.code()));
        Self {
            impossible: statuses == 0,
            own: match scope {
                Scope::Client(_, branch) => branch.map(|id| id.0),
                Scope::Agent(_, branch) => branch.map(|id| id.0),
            },
            statuses,
            ..Self::all()
        }
    }

    fn text(&mut self, column: Text, needle: &[u8]) {
        self.texts.push((column, finder(needle)));
    }

    fn is(&mut self, column: Number, wanted: u64) {
        self.tests.push((column, Wanted::Between(wanted, wanted)));
    }

    fn branch(&mut self, scope: Scope, column: Number, wanted: Option<u32>) {
        let Some(wanted) = wanted else { return };
        if column == ScopeKey::of(scope, 0).own() {
            self.impossible |= self.own.is_some_and(|own| own != wanted);
            self.own = Some(wanted);
        } else {
            self.is(column, wanted.into());
        }
    }

    /// Whether summaries and counters answer everything.
    pub(super) fn is_plain(&self) -> bool {
        self.id.is_none() && self.tests.is_empty() && self.texts.is_empty() && self.chassis.is_empty()
    }

    /// Whether rows of this branch and status count.
    pub(super) fn admits(&self, branch: u32, status: u8) -> bool {
        self.own.is_none_or(|own| own == branch) && self.statuses >> status & 1 == 1
    }

    /// At most so many rows meet the conditions; exactly so many when plain.
    pub(super) fn at_most(&self, counts: &Counts) -> u64 {
        let admitted = counts.iter().filter(|(branch, status, _)| self.admits(*branch, *status));
        admitted.map(|(_, _, count)| count).sum()
    }

    /// Which of these rows of a block meet the conditions, but for the chassis number.
    pub(super) fn rows(
        &self,
        (first, summary): (u64, &Summary),
        own: Number,
        among: Bits,
        columns: &mut dyn Columns,
    ) -> Result<Bits, Error> {
        let rows = summary.rows();
        let mut bits = among;
        let mut narrow = |more: Bits| {
            bits = bits.and(more);
            bits.is_empty()
        };
        if narrow(Bits::first(rows)) {
            return Ok(bits);
        }
        if let Some(id) = self.id {
            let Some(row) = id.checked_sub(first) else { return Ok(Bits::default()) };
            let ids = columns.column(first, Number::Id.key())?;
            if narrow(Numbers::of(ids.as_ref()).rows(rows, Wanted::Between(row, row))) {
                return Ok(bits);
            }
        }
        for (number, wanted) in &self.tests {
            let numbers = columns.column(first, number.key())?;
            if narrow(Numbers::of(numbers.as_ref()).rows(rows, *wanted)) {
                return Ok(bits);
            }
        }
        for (text, finder) in &self.texts {
            if narrow(Texts::of(columns.column(first, text.key())?.as_ref()).rows(finder)) {
                return Ok(bits);
            }
        }
        // Last, because it leaves the most: blocks in which nobody is wanted are not opened at all.
        if self.at_most(&summary.counts) < rows as u64 {
            let status = columns.column(first, Number::Status.key())?;
            if narrow(Numbers::of(status.as_ref()).rows(rows, Wanted::codes(self.statuses))) {
                return Ok(bits);
            }
            drop(status);
            if let Some(wanted) = self.own {
                let branches = columns.column(first, own.key())?;
                narrow(Numbers::of(branches.as_ref()).rows(rows, Wanted::Between(wanted.into(), wanted.into())));
            }
        }
        Ok(bits)
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
