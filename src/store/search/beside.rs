//! What stands around one request: its neighbours in a list, how far down the list it is, what follows it, and other
//! requests for its vehicle.

use super::block::{self, Keyed, Number};
use super::column::{Bits, Numbers};
use super::counts::Counts;
use super::cursor::Cursors;
use super::matches::Asked;
use super::plan::Columns;
use super::{Error, Source, Tables};
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::ids::RequestId;
use crate::domain::plate::Plate;
use crate::domain::request::{ServiceRequest, Status};
use crate::domain::search::{Conditions, Order, Page, Scope};
use crate::domain::time::Day;
use crate::store::tables::{REQUESTS_BY_CHASSIS, REQUESTS_BY_PLATE, SEARCH_COLUMNS};
use redb::ReadableTable;
use std::ops::ControlFlow;

impl<S: Source> Tables<S> {
    /// The requests before and after one, in the order of a list and within its conditions. The request itself need
    /// not meet them.
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
        let Some((list, plan)) = self.planned(scope, procedure, conditions)? else { return Ok((None, None)) };
        let own_block = self.block_of(list, id.0)?.map_or(0, |(first, _)| first);
        let asked = Asked { scope, list, conditions: conditions.clone() };
        let kept = if plan.is_plain() || !self.source.is_kept() {
            None
        } else {
            self.shared.kept.get(&asked, self.list_version(list)?)
        };
        let nearest = |backwards: bool| -> Result<Option<RequestId>, Error> {
            let mut found = None;
            let mut look = |first: u64, rows: usize, bits: Bits, columns: &mut dyn Columns| {
                let column = columns.column(first, Number::Id.key())?;
                let column = Numbers::of(column.as_ref());
                let mut ids = bits.rows().filter(|row| *row < rows).map(|row| first + column.at(row));
                found = if backwards { ids.rfind(|other| *other < id.0) } else { ids.find(|other| *other > id.0) };
                Ok(if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            };
            if let Some(matches) = &kept {
                let table = self.source.table(SEARCH_COLUMNS)?;
                let mut columns = Cursors::new(&table, list.key(), backwards);
                for found in matches.nearest(own_block, backwards) {
                    if look(found.first, block::CAPACITY, found.bits, &mut columns)?.is_break() {
                        break;
                    }
                }
            } else {
                let blocks = if backwards { 0..=id.0 } else { own_block..=u64::MAX };
                let nothing = |counts: &Counts| plan.at_most(counts) == 0;
                self.walk(list, blocks, backwards, &nothing, |first, summary, columns| {
                    let all = Bits::first(summary.rows());
                    let bits = self.rows(list, &plan, (first, summary), all, columns)?;
                    look(first, summary.rows(), bits, columns)
                })?;
            }
            Ok(found.map(RequestId))
        };
        let (below, above) = (nearest(true)?, nearest(false)?);
        Ok(match order {
            Order::Newest => (above, below),
            Order::Oldest => (below, above),
        })
    }

    /// How many rows of a list stand before a request, in its order and within its conditions. The request itself need
    /// not meet them.
    ///
    /// # Errors
    /// The database's.
    pub fn standing_before(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        id: RequestId,
    ) -> Result<u64, Error> {
        let Some((list, mut plan)) = self.planned(scope, procedure, conditions)? else { return Ok(0) };
        let Some((own, summary)) = self.block_of(list, id.0)? else {
            return match order {
                Order::Oldest => Ok(0),
                Order::Newest => {
                    Ok(self.search(scope, procedure, conditions, order, Page { number: 1, size: 0 })?.total)
                }
            };
        };
        // Rows in the blocks below its own, all rows, and those of its own block.
        let (mut below, total, bits);
        if plan.is_plain() {
            let counted = std::cell::Cell::new(0);
            let count = |counts: &Counts| {
                counted.set(counted.get() + plan.at_most(counts));
                true
            };
            if let Some(end) = own.checked_sub(1) {
                self.walk(list, 0..=end, false, &count, |_, _, _| Ok(ControlFlow::Continue(())))?;
            }
            below = counted.get();
            total = self.counted(list, &plan)?;
            let table = self.source.table(SEARCH_COLUMNS)?;
            let mut columns = Cursors::new(&table, list.key(), false);
            bits = self.rows(list, &plan, (own, &summary), Bits::first(summary.rows()), &mut columns)?;
        } else {
            let matches = self.matches(list, scope, &mut plan, conditions)?;
            let found = || matches.blocks.iter().take_while(|found| found.first <= own);
            below = found().filter(|found| found.first < own).map(|found| found.bits.count()).sum();
            total = matches.total;
            bits = found().find(|found| found.first == own).map_or_else(Bits::default, |found| found.bits);
        }
        let table = self.source.table(SEARCH_COLUMNS)?;
        let mut columns = Cursors::new(&table, list.key(), false);
        let column = columns.column(own, Number::Id.key())?;
        let column = Numbers::of(column.as_ref());
        let mut itself = 0;
        for row in bits.rows() {
            match (own + column.at(row)).cmp(&id.0) {
                std::cmp::Ordering::Less => below += 1,
                std::cmp::Ordering::Equal => itself = 1,
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(match order {
            Order::Oldest => below,
            Order::Newest => total.saturating_sub(below + itself),
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
        let Some((list, mut plan)) = self.planned(scope, procedure, conditions)?.filter(|_| most > 0) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let backwards = order == Order::Newest;
        let own_block = match after {
            Some(after) => self.block_of(list, after.0)?.map_or(0, |(first, _)| first),
            None if backwards => u64::MAX,
            None => 0,
        };
        let behind = |id: &u64| after.is_none_or(|after| if backwards { *id < after.0 } else { *id > after.0 });
        let mut collect = |first: u64, bits: Bits, columns: &mut dyn Columns| {
            let column = columns.column(first, Number::Id.key())?;
            let column = Numbers::of(column.as_ref());
            let id = |row: usize| first + column.at(row);
            let room = most - found.len();
            if backwards {
                found.extend(bits.rows().rev().map(id).filter(behind).take(room).map(RequestId));
            } else {
                found.extend(bits.rows().map(id).filter(behind).take(room).map(RequestId));
            }
            Ok::<_, Error>(if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        if plan.is_plain() {
            let blocks = if backwards { 0..=own_block } else { own_block..=u64::MAX };
            let nothing = |counts: &Counts| plan.at_most(counts) == 0;
            self.walk(list, blocks, backwards, &nothing, |first, summary, columns| {
                let bits = self.rows(list, &plan, (first, summary), Bits::first(summary.rows()), columns)?;
                collect(first, bits, columns)
            })?;
        } else {
            let matches = self.matches(list, scope, &mut plan, conditions)?;
            let table = self.source.table(SEARCH_COLUMNS)?;
            let mut columns = Cursors::new(&table, list.key(), backwards);
            for block in matches.nearest(own_block, backwards) {
                if collect(block.first, block.bits, &mut columns)?.is_break() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Requests for the same vehicle (same plate or same chassis number) that are under way, or were completed on or
    /// after `since`; newest first. There are few of them at most, so that their records are read: a transaction that
    /// registers many sees the ones before without their search data having been written.
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
        let key = chassis.map(|chassis| chassis::suffix_key(&chassis.number)).filter(|key| !key.is_empty());
        let mut ids = Vec::new();
        if let Some(key) = &key {
            let key = block::backwards(key);
            let table = self.source.table(REQUESTS_BY_CHASSIS)?;
            for row in table.range((key.as_slice(), 0)..=(key.as_slice(), u64::MAX))? {
                ids.push(row?.0.value().1);
            }
        }
        if let Some(plate) = plate {
            let (serial, rest) = block::plate_key(plate);
            let table = self.source.table(REQUESTS_BY_PLATE)?;
            for row in table.range((serial, rest, 0)..=(serial, rest, u64::MAX))? {
                ids.push(row?.0.value().2);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        // Four bytes can stand for two plates.
        fn parts(plate: &Plate) -> (u16, &str, &str, &str) {
            (plate.serial, &plate.region, &plate.class, &plate.kana)
        }
        let wanted = plate.map(parts);
        let same = |request: &ServiceRequest| {
            let chassis = request.chassis.as_ref().map(|chassis| chassis::suffix_key(&chassis.number));
            (key.is_some() && chassis == key) || (wanted.is_some() && request.plate.as_ref().map(parts) == wanted)
        };
        let seen = |request: &ServiceRequest| match scope {
            Scope::Client(organization, branch) => {
                request.client == organization && branch.is_none_or(|own| request.branch == own)
            }
            Scope::Agent(organization, branch) => {
                request.agent == organization
                    && branch.is_none_or(|own| request.agent_branch == own)
                    && request.status != Status::Draft
            }
        };
        let open = |request: &ServiceRequest| match request.status {
            Status::Failed => false,
            Status::Completed => request.completed_on.is_some_and(|day| day >= since),
            _ => true,
        };
        let mut found = Vec::new();
        for id in ids.into_iter().rev().map(RequestId) {
            let request = self.request(id)?.filter(|request| request.procedure == procedure && seen(request));
            found.extend(request.filter(|request| open(request) && same(request)).map(|_| id));
        }
        Ok(found)
    }
}
