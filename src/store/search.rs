//! Lists of requests: conditions, exact totals, pages. Each list (an organization's, of one procedure) has its search
//! data in blocks (`block`), a summary of each block, the sum of each group of blocks, and counters by own branch and
//! status (`counts`). Conditions without texts or numbers are answered by those alone; chassis numbers and plates have
//! indexes that name the few rows to look at; anything else runs over the columns it is about, once for all pages
//! while the list does not change (`matches`). A page reads the few chunks in which its rows stand, which both sides
//! share, and no records.

mod beside;
mod block;
pub(super) mod check;
mod column;
mod counts;
mod cursor;
mod matches;
mod plan;
mod upkeep;

use super::kit::Source;
use super::tables::{
    REQUESTS_BY_CHASSIS, REQUESTS_BY_PLATE, SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_GROUPS, SEARCH_ROWS,
    SEARCH_SUMMARIES, SEARCH_VERSIONS,
};
use super::{Error, Tables};
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId};
use crate::domain::request::ServiceRequest;
use crate::domain::search::{Conditions, Found, Order, Page, Row, Scope};
use block::{CHUNK_BITS, Keyed, Number};
use column::{Bits, Numbers};
use counts::{Counts, GROUP_BITS, Summary};
use cursor::Cursors;
use matches::{Asked, Found as Match, Matches};
use plan::{Columns, Plan};
use redb::ReadableTable;
use std::collections::BTreeSet;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

pub(super) use matches::Kept;
pub(super) use upkeep::rebuild;

/// The first parts of the keys of a list: side, organization, procedure.
pub(super) type ListKey = (u8, u32, u8);

/// Whose list: an organization's, of one procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKey {
    /// A garage's.
    Client(ClientOrganizationId, u8),
    /// An agent's.
    Agent(AgentOrganizationId, u8),
}

impl ScopeKey {
    /// The list that a scope looks into.
    pub fn of(scope: Scope, procedure: u8) -> Self {
        match scope {
            Scope::Client(organization, _) => Self::Client(organization, procedure),
            Scope::Agent(organization, _) => Self::Agent(organization, procedure),
        }
    }

    fn key(self) -> ListKey {
        match self {
            Self::Client(organization, procedure) => (1, organization.0, procedure),
            Self::Agent(organization, procedure) => (2, organization.0, procedure),
        }
    }

    /// The column of the list's own branches.
    fn own(self) -> Number {
        match self {
            Self::Client(..) => Number::Branch,
            Self::Agent(..) => Number::AgentBranch,
        }
    }
}

/// The two lists that a request is in.
fn scopes(request: &ServiceRequest) -> [ScopeKey; 2] {
    [ScopeKey::Client(request.client, request.procedure), ScopeKey::Agent(request.agent, request.procedure)]
}

fn missing() -> Error {
    Error::corrupt("search_columns", "search data are missing")
}

/// Which rows of all that meet the conditions make the page, and from which end they are counted.
struct Window {
    backwards: bool,
    skip: u64,
    take: u64,
}

impl Window {
    /// Of the rows of a block, before which so many were seen, those in the window, in its order.
    fn of(&self, bits: Bits, seen: u64) -> Vec<usize> {
        let skip = usize::try_from(self.skip.saturating_sub(seen)).unwrap_or(usize::MAX);
        let take = usize::try_from((self.skip + self.take).saturating_sub(seen.max(self.skip))).unwrap_or(0);
        if self.backwards {
            bits.rows().rev().skip(skip).take(take).collect()
        } else {
            bits.rows().skip(skip).take(take).collect()
        }
    }
}

impl<S: Source> Tables<S> {
    /// A page of a list and its exact total. An agent's list never holds 依頼前.
    ///
    /// # Errors
    /// The database's.
    pub fn search(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        page: Page,
    ) -> Result<Found, Error> {
        let Some((list, mut plan)) = self.planned(scope, procedure, conditions)? else {
            return Ok(Found { total: 0, rows: Vec::new() });
        };
        let (total, matches) = if plan.is_plain() {
            (self.counted(list, &plan)?, None)
        } else {
            let matches = self.matches(list, scope, &mut plan, conditions)?;
            (matches.total, Some(matches))
        };
        let skip = u64::from(page.number.saturating_sub(1)) * u64::from(page.size);
        let take = u64::from(page.size).min(total.saturating_sub(skip));
        let mut window = Window { backwards: order == Order::Newest, skip, take };
        // Nearer to the other end.
        let turned = skip > total / 2;
        if turned {
            window.backwards = !window.backwards;
            window.skip = total.saturating_sub(skip + take);
        }
        let mut rows = Vec::with_capacity(page.size as usize);
        if take > 0 {
            match matches {
                None => self.plain_page(list, &plan, &window, &mut rows)?,
                Some(matches) => self.page_of(list, &matches, &window, &mut rows)?,
            }
        }
        if turned {
            rows.reverse();
        }
        Ok(Found { total, rows })
    }

    /// Visits every row that meets the conditions, by ascending 申請ID. Goes over the whole list: never on an async worker.
    ///
    /// # Errors
    /// The database's.
    pub fn each_row(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        mut visit: impl FnMut(&Row),
    ) -> Result<(), Error> {
        let Some((list, plan)) = self.planned(scope, procedure, conditions)? else { return Ok(()) };
        let nothing = |counts: &Counts| plan.at_most(counts) == 0;
        self.walk(list, 0..=u64::MAX, false, &nothing, |first, summary, columns| {
            let bits = self.rows(list, &plan, (first, summary), Bits::first(summary.rows()), columns)?;
            self.each_shown(first, &bits.rows().collect::<Vec<_>>(), columns, |id, row| {
                visit(&block::shown(id, row)?);
                Ok(())
            })?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// The garages of which an agent's list holds requests. Reads one column of each block, and no rows.
    ///
    /// # Errors
    /// The database's.
    pub fn clients_of(&self, scope: Scope, procedure: u8) -> Result<BTreeSet<ClientOrganizationId>, Error> {
        self.source.settle()?;
        let list = ScopeKey::of(scope, procedure);
        let plan = Plan::within(scope, &[]);
        let mut clients = BTreeSet::new();
        let nothing = |counts: &Counts| plan.at_most(counts) == 0;
        self.walk(list, 0..=u64::MAX, false, &nothing, |first, summary, columns| {
            let bits = self.rows(list, &plan, (first, summary), Bits::first(summary.rows()), columns)?;
            let column = columns.column(first, Number::Client.key())?;
            let numbers = Numbers::of(column.as_ref());
            clients.extend(bits.rows().filter_map(|row| u32::try_from(numbers.at(row)).ok()).map(ClientOrganizationId));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(clients)
    }

    /// The list that is looked into, with what was put off written, and the conditions made ready to run; none when no
    /// row can meet them.
    fn planned(&self, scope: Scope, procedure: u8, conditions: &Conditions) -> Result<Option<(ScopeKey, Plan)>, Error> {
        self.source.settle()?;
        let plan = Plan::of(scope, conditions);
        Ok((!plan.impossible).then(|| (ScopeKey::of(scope, procedure), plan)))
    }

    /// How many rows meet plain conditions, from the counters.
    fn counted(&self, list: ScopeKey, plan: &Plan) -> Result<u64, Error> {
        let (side, organization, procedure) = list.key();
        let (from, to) = plan.own.map_or((0, u32::MAX), |own| (own, own));
        let table = self.source.table(SEARCH_COUNTERS)?;
        let range = (side, organization, procedure, from, 0)..=(side, organization, procedure, to, u8::MAX);
        let mut total = 0;
        for row in table.range(range)? {
            let (key, count) = row?;
            let (_, _, _, branch, status) = key.value();
            if plan.admits(branch, status) {
                total += count.value();
            }
        }
        Ok(total)
    }

    /// A page of plain conditions: groups and blocks outside of the window are only counted.
    fn plain_page(&self, list: ScopeKey, plan: &Plan, window: &Window, rows: &mut Vec<Row>) -> Result<(), Error> {
        let end = window.skip + window.take;
        let seen = std::cell::Cell::new(0);
        let outside = |counts: &Counts| {
            let here = plan.at_most(counts);
            let outside = here == 0 || seen.get() + here <= window.skip || seen.get() >= end;
            if outside {
                seen.set(seen.get() + here);
            }
            outside
        };
        self.walk(list, 0..=u64::MAX, window.backwards, &outside, |first, summary, columns| {
            let bits = self.rows(list, plan, (first, summary), Bits::first(summary.rows()), columns)?;
            self.show(first, &window.of(bits, seen.get()), columns, rows)?;
            seen.set(seen.get() + bits.count());
            Ok(if seen.get() >= end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
    }

    /// A page of rows that were found.
    fn page_of(&self, list: ScopeKey, matches: &Matches, window: &Window, rows: &mut Vec<Row>) -> Result<(), Error> {
        let table = self.source.table(SEARCH_COLUMNS)?;
        let mut columns = Cursors::new(&table, list.key(), window.backwards);
        let mut seen = 0;
        let mut visit = |found: &Match| {
            let count = found.bits.count();
            if seen < window.skip + window.take && seen + count > window.skip {
                self.show(found.first, &window.of(found.bits, seen), &mut columns, rows)?;
            }
            seen += count;
            Ok(())
        };
        if window.backwards {
            matches.blocks.iter().rev().try_for_each(&mut visit)
        } else {
            matches.blocks.iter().try_for_each(&mut visit)
        }
    }

    /// All rows that meet the conditions: kept from before while the list is the same, or looked for now.
    fn matches(
        &self,
        list: ScopeKey,
        scope: Scope,
        plan: &mut Plan,
        conditions: &Conditions,
    ) -> Result<Arc<Matches>, Error> {
        let asked = Asked { scope, list, conditions: conditions.clone() };
        // What a transaction sees may never come to be.
        let version = if self.source.is_kept() { Some(self.list_version(list)?) } else { None };
        if let Some(matches) = version.and_then(|version| self.shared.kept.get(&asked, version)) {
            return Ok(matches);
        }
        let candidates = self.candidates(list, plan)?;
        let mut matches = Matches::default();
        if let Some(candidates) = candidates {
            if plan.id.is_none() {
                // The index said so already.
                plan.chassis.clear();
            }
            self.among(list, plan, &candidates, |first, bits, _| {
                matches.add(first, bits);
                Ok(())
            })?;
        } else {
            let nothing = |counts: &Counts| plan.at_most(counts) == 0;
            self.walk(list, 0..=u64::MAX, false, &nothing, |first, summary, columns| {
                matches.add(first, self.rows(list, plan, (first, summary), Bits::first(summary.rows()), columns)?);
                Ok(ControlFlow::Continue(()))
            })?;
        }
        let matches = Arc::new(matches);
        if let Some(version) = version {
            self.shared.kept.keep(asked, version, &matches);
        }
        Ok(matches)
    }

    /// Grows with every change of a list; within the snapshot.
    fn list_version(&self, list: ScopeKey) -> Result<u64, Error> {
        Ok(self.source.value(SEARCH_VERSIONS, list.key())?.unwrap_or(0))
    }

    /// The few requests that can meet the conditions, ascending, when an index knows them; not all may be in the list.
    /// None when they would be too many to be worth it.
    fn candidates(&self, list: ScopeKey, plan: &Plan) -> Result<Option<Vec<u64>>, Error> {
        if let Some(id) = plan.id {
            return Ok(Some(vec![id]));
        }
        // An index serves all lists of the node: in a small list, looking at each row is sooner done.
        let everything = self.counted(list, &Plan::all())?;
        let most = usize::try_from(everything / 8).unwrap_or(usize::MAX).max(1_000);
        let mut ids = Vec::new();
        if !plan.chassis.is_empty() {
            let key = block::backwards(&plan.chassis);
            let table = self.source.table(REQUESTS_BY_CHASSIS)?;
            for row in table.range((key.as_slice(), 0)..)?.take(most + 1) {
                let guard = row?.0;
                let (found, id) = guard.value();
                if !found.starts_with(&key) {
                    break;
                }
                ids.push(id);
            }
        } else if let Some(serial) = plan.serial {
            let table = self.source.table(REQUESTS_BY_PLATE)?;
            for row in table.range((serial, 0, 0)..=(serial, u32::MAX, u64::MAX))?.take(most + 1) {
                ids.push(row?.0.value().2);
            }
        } else {
            return Ok(None);
        }
        ids.sort_unstable();
        Ok((ids.len() <= most).then_some(ids))
    }

    /// Visits, ascending, the blocks in which any of these requests meets the conditions.
    fn among(
        &self,
        list: ScopeKey,
        plan: &Plan,
        ids: &[u64],
        mut visit: impl FnMut(u64, Bits, &mut dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let table = self.source.table(SEARCH_COLUMNS)?;
        let mut columns = Cursors::new(&table, list.key(), false);
        let mut rest = ids;
        while let Some(id) = rest.first() {
            let Some((first, summary)) = self.block_of(list, *id)? else {
                rest = rest.get(1..).unwrap_or(&[]);
                continue;
            };
            let here = rest.iter().take_while(|id| **id <= summary.last).count().max(1);
            let (now, later) = rest.split_at(here);
            rest = later;
            if plan.at_most(&summary.counts) == 0 {
                continue;
            }
            let mut bits = Bits::default();
            {
                let column = columns.column(first, Number::Id.key())?;
                let column = Numbers::of(column.as_ref());
                for id in now {
                    column.place(summary.rows(), id - first).into_iter().for_each(|row| bits.set(row));
                }
            }
            let bits = self.rows(list, plan, (first, &summary), bits, &mut columns)?;
            if !bits.is_empty() {
                visit(first, bits, &mut columns)?;
            }
        }
        Ok(())
    }

    /// The block that a 申請ID belongs to: the last that begins at or before it.
    fn block_of(&self, list: ScopeKey, id: u64) -> Result<Option<(u64, Summary)>, Error> {
        let (side, organization, procedure) = list.key();
        let table = self.source.table(SEARCH_SUMMARIES)?;
        let mut range = table.range((side, organization, procedure, 0)..=(side, organization, procedure, id))?;
        let Some(found) = range.next_back() else { return Ok(None) };
        let (key, bytes) = found?;
        Ok(Some((key.value().3, Summary::decode(bytes.value()))))
    }

    /// Goes over the blocks that begin in a range of 申請ID, without those, alone or in groups, that `skip` does not
    /// want to see.
    fn walk(
        &self,
        list: ScopeKey,
        blocks: RangeInclusive<u64>,
        backwards: bool,
        skip: &dyn Fn(&Counts) -> bool,
        mut visit: impl FnMut(u64, &Summary, &mut dyn Columns) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let (side, organization, procedure) = list.key();
        let key = |number: u64| (side, organization, procedure, number);
        let (from, to) = (*blocks.start(), *blocks.end());
        let (groups, summaries) = (self.source.table(SEARCH_GROUPS)?, self.source.table(SEARCH_SUMMARIES)?);
        let table = self.source.table(SEARCH_COLUMNS)?;
        let mut columns = Cursors::new(&table, list.key(), backwards);
        let (mut counts, mut summary) = (Counts::default(), Summary::default());
        let mut groups = groups.range(key(from >> GROUP_BITS)..=key(to >> GROUP_BITS))?;
        while let Some(group) = if backwards { groups.next_back() } else { groups.next() } {
            let (group, bytes) = group?;
            let start = group.value().3 << GROUP_BITS;
            let end = start | ((1 << GROUP_BITS) - 1);
            counts.refill(bytes.value());
            if from <= start && end <= to && skip(&counts) {
                continue;
            }
            let mut range = summaries.range(key(start.max(from))..=key(end.min(to)))?;
            while let Some(row) = if backwards { range.next_back() } else { range.next() } {
                let (key, bytes) = row?;
                summary.refill(bytes.value());
                if !skip(&summary.counts) && visit(key.value().3, &summary, &mut columns)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Which of these rows of a block meet the conditions.
    fn rows(
        &self,
        list: ScopeKey,
        plan: &Plan,
        (first, summary): (u64, &Summary),
        among: Bits,
        columns: &mut dyn Columns,
    ) -> Result<Bits, Error> {
        let mut bits = plan.rows((first, summary), list.own(), among, columns)?;
        if plan.chassis.is_empty() || bits.is_empty() {
            return Ok(bits);
        }
        let mut ending = Bits::default();
        let wanted: Vec<_> = bits.rows().collect();
        let mut next = wanted.iter();
        self.each_shown(first, &wanted, columns, |_, row| {
            let ends = block::ends_with(row, &plan.chassis);
            next.next().filter(|_| ends).into_iter().for_each(|row| ending.set(*row));
            Ok(())
        })?;
        bits = bits.and(ending);
        Ok(bits)
    }

    /// Adds what is shown of these rows of a block.
    fn show(&self, first: u64, wanted: &[usize], columns: &mut dyn Columns, rows: &mut Vec<Row>) -> Result<(), Error> {
        self.each_shown(first, wanted, columns, |id, row| {
            rows.push(block::shown(id, row)?);
            Ok(())
        })
    }

    /// Visits what is shown of these rows of a block, in their order.
    fn each_shown(
        &self,
        first: u64,
        wanted: &[usize],
        columns: &mut dyn Columns,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        let ids: Vec<u64> = {
            let column = columns.column(first, Number::Id.key())?;
            let column = Numbers::of(column.as_ref());
            wanted.iter().map(|row| first + column.at(*row)).collect()
        };
        let table = self.source.table(SEARCH_ROWS)?;
        for here in ids.chunk_by(|one, other| one >> CHUNK_BITS == other >> CHUNK_BITS) {
            let chunk = here.first().map_or(0, |id| id >> CHUNK_BITS);
            let bytes = table.get(chunk)?.ok_or_else(missing)?;
            let all: Vec<(u64, &[u8])> = block::chunk_rows(chunk, bytes.value()).collect();
            for id in here {
                let row = all.binary_search_by_key(id, |(id, _)| *id).ok().and_then(|place| all.get(place));
                visit(*id, row.ok_or_else(missing)?.1)?;
            }
        }
        Ok(())
    }
}
