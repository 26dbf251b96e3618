//! Lists of requests: conditions, exact totals, pages. Each list (an organization's, of one procedure) has its search
//! data in blocks (`block`), a summary of each block, and counters by own branch and status. A search looks at
//! summaries first, opens only blocks that can hold something, and reads no records.

mod block;
pub(super) mod check;
mod plan;
mod upkeep;

use super::kit::Source;
use super::tables::{SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_SUMMARIES};
use super::{Error, Tables};
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, RequestId};
use crate::domain::plate::Plate;
use crate::domain::request::ServiceRequest;
use crate::domain::search::{Conditions, Found, Order, Page, Row, Scope};
use crate::domain::time::Day;
use block::{Number, Numbers, Summary, Text};
use plan::{Block, Column, Plan};
use redb::ReadableTable;
use std::ops::ControlFlow;

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

    /// The first parts of keys: side, organization, procedure.
    fn key(self) -> (u8, u32, u8) {
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

struct Stored<'t, T> {
    table: &'t T,
    key: (u8, u32, u8, u64),
}

impl<T: ReadableTable<(u8, u32, u8, u64, u8), &'static [u8]>> Block for Stored<'_, T> {
    fn column(&self, number: u8) -> Result<Column<'_>, Error> {
        let (side, organization, procedure, first) = self.key;
        let guard = self.table.get((side, organization, procedure, first, number))?;
        guard.map(Column).ok_or_else(missing)
    }
}

/// Which rows of all that meet the conditions make the page, and from which end they are counted.
struct Window {
    backwards: bool,
    skip: u64,
    take: u64,
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
        let list = ScopeKey::of(scope, procedure);
        let plan = Plan::of(scope, conditions);
        if plan.impossible {
            return Ok(Found { total: 0, rows: Vec::new() });
        }
        let mut window = Window {
            backwards: order == Order::Newest,
            skip: u64::from(page.number.saturating_sub(1)) * u64::from(page.size),
            take: page.size.into(),
        };
        let known = if plan.is_plain() { Some(self.counted(list, &plan)?) } else { None };
        let mut turned = false;
        if let Some(total) = known {
            window.take = window.take.min(total.saturating_sub(window.skip));
            if window.skip > total / 2 {
                // Nearer to the other end.
                turned = true;
                window.backwards = !window.backwards;
                window.skip = total.saturating_sub(window.skip + window.take);
            }
        }
        let (seen, mut rows) = self.run(list, &plan, &window, known.is_some())?;
        if turned {
            rows.reverse();
        }
        Ok(Found { total: known.unwrap_or(seen), rows })
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

    fn run(&self, list: ScopeKey, plan: &Plan, window: &Window, total_known: bool) -> Result<(u64, Vec<Row>), Error> {
        let mut seen = 0;
        let mut rows = Vec::new();
        if window.take == 0 && total_known {
            return Ok((seen, rows));
        }
        let end = window.skip + window.take;
        let blocks = match plan.id {
            // The one block that can hold it.
            Some(id) => match self.first_of_block(list, id)? {
                Some(first) => first..=id,
                None => return Ok((0, rows)),
            },
            None => 0..=u64::MAX,
        };
        self.walk(list, blocks, window.backwards, |summary, block| {
            let most = plan.at_most(summary);
            let outside = seen + most <= window.skip || seen >= end;
            if most == 0 || (plan.is_plain() && outside) {
                seen += most;
                return Ok(ControlFlow::Continue(()));
            }
            let bits = plan.rows(summary, list.own(), block)?;
            let count = bits.count();
            if count > 0 && seen < end && seen + count > window.skip {
                let mut wanted = bits.rows();
                if window.backwards {
                    wanted.reverse();
                }
                let skip = usize::try_from(window.skip.saturating_sub(seen)).unwrap_or(usize::MAX);
                let take = usize::try_from(end - seen.max(window.skip)).unwrap_or(usize::MAX);
                shown(block, wanted.into_iter().skip(skip).take(take), &mut rows)?;
            }
            seen += count;
            let done = total_known && seen >= end;
            Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok((seen, rows))
    }

    fn first_of_block(&self, list: ScopeKey, id: u64) -> Result<Option<u64>, Error> {
        let (side, organization, procedure) = list.key();
        let table = self.source.table(SEARCH_SUMMARIES)?;
        let mut range = table.range((side, organization, procedure, 0)..=(side, organization, procedure, id))?;
        Ok(range.next_back().transpose()?.map(|(key, _)| key.value().3))
    }

    /// Goes over the blocks that begin in a range of 申請ID.
    fn walk(
        &self,
        list: ScopeKey,
        first: std::ops::RangeInclusive<u64>,
        backwards: bool,
        mut visit: impl FnMut(&Summary, &dyn Block) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let (side, organization, procedure) = list.key();
        let summaries = self.source.table(SEARCH_SUMMARIES)?;
        let table = self.source.table(SEARCH_COLUMNS)?;
        let key = |first: u64| (side, organization, procedure, first);
        let mut range = summaries.range(key(*first.start())..=key(*first.end()))?;
        let mut summary = Summary::default();
        while let Some(row) = if backwards { range.next_back() } else { range.next() } {
            let (key, bytes) = row?;
            let block = Stored { table: &table, key: key.value() };
            summary.refill(bytes.value());
            if visit(&summary, &block)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The rows before and after this one in the list. The row itself need not be in it.
    ///
    /// # Errors
    /// The database's.
    pub fn neighbours(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        id: RequestId,
    ) -> Result<(Option<RequestId>, Option<RequestId>), Error> {
        let list = ScopeKey::of(scope, procedure);
        let plan = Plan::of(scope, conditions);
        if plan.impossible {
            return Ok((None, None));
        }
        let own_block = self.first_of_block(list, id.0)?.unwrap_or(0);
        let nearest = |backwards: bool| -> Result<Option<RequestId>, Error> {
            let mut found = None;
            let blocks = if backwards { 0..=id.0 } else { own_block..=u64::MAX };
            self.walk(list, blocks, backwards, |summary, block| {
                if plan.at_most(summary) > 0 {
                    let rows = plan.rows(summary, list.own(), block)?.rows();
                    let guard = block.column(0)?;
                    let mut ids = rows.into_iter().map(|row| Numbers::of(guard.as_ref()).value(Number::Id, row));
                    found = if backwards { ids.rfind(|other| *other < id.0) } else { ids.find(|other| *other > id.0) };
                }
                Ok(if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            Ok(found.map(RequestId))
        };
        let (below, above) = (nearest(true)?, nearest(false)?);
        Ok(match order {
            Order::Newest => (above, below),
            Order::Oldest => (below, above),
        })
    }

    /// The next rows of a list behind `after`, or its first, at most `most`. For going through a long list with a fresh
    /// snapshot for each part: what is done to requests meanwhile never brings a row twice.
    ///
    /// # Errors
    /// The database's.
    pub fn following(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        after: Option<RequestId>,
        most: usize,
    ) -> Result<Vec<RequestId>, Error> {
        let list = ScopeKey::of(scope, procedure);
        let plan = Plan::of(scope, conditions);
        let mut found = Vec::new();
        if plan.impossible || most == 0 {
            return Ok(found);
        }
        let backwards = order == Order::Newest;
        let blocks = match after {
            Some(after) if backwards => 0..=after.0,
            Some(after) => self.first_of_block(list, after.0)?.unwrap_or(0)..=u64::MAX,
            None => 0..=u64::MAX,
        };
        let behind = |id: u64| after.is_none_or(|after| if backwards { id < after.0 } else { id > after.0 });
        self.walk(list, blocks, backwards, |summary, block| {
            if plan.at_most(summary) > 0 {
                let mut rows = plan.rows(summary, list.own(), block)?.rows();
                if backwards {
                    rows.reverse();
                }
                let guard = block.column(0)?;
                let numbers = Numbers::of(guard.as_ref());
                let ids = rows.into_iter().map(|row| numbers.value(Number::Id, row)).filter(|id| behind(*id));
                found.extend(ids.take(most - found.len()).map(RequestId));
            }
            Ok(if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found)
    }

    /// Requests for the same vehicle (same plate or same chassis number) that are under way, or were completed on or
    /// after `since`; newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn unfinished_of_vehicle(
        &self,
        scope: Scope,
        procedure: u8,
        plate: Option<&Plate>,
        chassis: Option<&ChassisNumber>,
        since: Day,
    ) -> Result<Vec<RequestId>, Error> {
        let list = ScopeKey::of(scope, procedure);
        let plan = Plan::of_vehicle(scope, plate, chassis, since);
        let mut found = Vec::new();
        if plan.impossible {
            return Ok(found);
        }
        self.walk(list, 0..=u64::MAX, true, |summary, block| {
            if plan.at_most(summary) > 0 {
                let rows = plan.rows(summary, list.own(), block)?.rows();
                let guard = block.column(0)?;
                let numbers = Numbers::of(guard.as_ref());
                found.extend(rows.into_iter().rev().map(|row| RequestId(numbers.value(Number::Id, row))));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }
}

/// Adds what a list shows of these rows of a block.
fn shown(block: &dyn Block, wanted: impl Iterator<Item = usize>, rows: &mut Vec<Row>) -> Result<(), Error> {
    let (numbers, plates, names) =
        (block.column(0)?, block.column(Text::Plate as u8)?, block.column(Text::Shown as u8)?);
    let (numbers, plates, names) =
        (Numbers::of(numbers.as_ref()), plan::texts_of(plates.as_ref()), plan::texts_of(names.as_ref()));
    for row in wanted {
        let of = |texts: &[&[u8]]| texts.get(row).map_or_else(Vec::new, |text| text.to_vec());
        rows.push(block::row(numbers, row, &of(&plates), &of(&names))?);
    }
    Ok(())
}
