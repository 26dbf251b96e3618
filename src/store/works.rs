//! Long work and its items.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{WORK_ITEMS, WORKS, WORKS_BY_OWNER, WORKS_OPEN};
use super::{Error, Tables};
use crate::domain::ids::{UserId, WorkId};
use crate::domain::time::SystemTime;
use crate::domain::work::{Work, WorkItem, WorkState};
use redb::{ReadableTable, TableHandle};

impl Record for Work {}
impl Record for WorkItem {}

impl<S: Source> Tables<S> {
    /// A piece of work.
    ///
    /// # Errors
    /// The database's.
    pub fn work(&self, id: WorkId) -> Result<Option<Work>, Error> {
        self.source.record(WORKS, id.0)
    }

    /// A user's work, newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn works_of(&self, owner: UserId) -> Result<Vec<Work>, Error> {
        let index = self.source.table(WORKS_BY_OWNER)?;
        let mut works = Vec::new();
        for row in index.range((owner.0, 0)..=(owner.0, u64::MAX))?.rev() {
            works.extend(self.work(WorkId(row?.0.value().1))?);
        }
        Ok(works)
    }

    /// Work with items that wait for their turn, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn open_works(&self) -> Result<Vec<WorkId>, Error> {
        let open = self.source.table(WORKS_OPEN)?;
        let rows = open.iter()?;
        Ok(rows.map(|row| row.map(|(id, _)| WorkId(id.value()))).collect::<Result<_, _>>()?)
    }

    /// An item of a piece of work.
    ///
    /// # Errors
    /// The database's.
    pub fn work_item(&self, id: WorkId, number: u32) -> Result<Option<WorkItem>, Error> {
        self.source.record(WORK_ITEMS, (id.0, number))
    }

    /// Goes over the items of a piece of work in their order, from a number on, until told to stop.
    ///
    /// # Errors
    /// The database's.
    pub fn each_work_item(
        &self,
        id: WorkId,
        from: u32,
        mut visit: impl FnMut(u32, WorkItem) -> bool,
    ) -> Result<(), Error> {
        let table = self.source.table(WORK_ITEMS)?;
        for row in table.range((id.0, from)..=(id.0, u32::MAX))? {
            let (key, bytes) = row?;
            if !visit(key.value().1, decoded(WORK_ITEMS.name(), bytes.value())?) {
                break;
            }
        }
        Ok(())
    }
}

impl Tables<&Transaction> {
    /// The number of new work.
    ///
    /// # Errors
    /// The database's.
    pub fn next_work_id(&mut self) -> Result<WorkId, Error> {
        self.next("work", 1).map(WorkId)
    }

    /// Puts a piece of work.
    ///
    /// # Errors
    /// The database's.
    pub fn put_work(&mut self, work: &Work) -> Result<(), Error> {
        self.source.put(WORKS, work.id.0, work)?;
        self.source.set(WORKS_BY_OWNER, (work.owner.0, work.id.0), ())?;
        match work.state {
            WorkState::Open => self.source.set(WORKS_OPEN, work.id.0, ()),
            _ => self.source.remove(WORKS_OPEN, work.id.0).map(drop),
        }
    }

    /// Puts an item of a piece of work.
    ///
    /// # Errors
    /// The database's.
    pub fn put_work_item(&mut self, id: WorkId, number: u32, item: &WorkItem) -> Result<(), Error> {
        self.source.put(WORK_ITEMS, (id.0, number), item)
    }

    /// Removes one piece of work that ended before a time, with its items. False when there is none.
    ///
    /// # Errors
    /// The database's.
    pub fn purge_work(&mut self, before: SystemTime) -> Result<bool, Error> {
        let old = {
            let table = self.source.table(WORKS)?;
            let mut old = None;
            for row in table.iter()? {
                let work: Work = decoded(WORKS.name(), row?.1.value())?;
                if work.ended.is_some_and(|ended| ended < before) {
                    old = Some(work);
                    break;
                }
            }
            old
        };
        let Some(work) = old else { return Ok(false) };
        for number in 0..work.items {
            self.source.remove(WORK_ITEMS, (work.id.0, number))?;
        }
        self.source.remove(WORKS_BY_OWNER, (work.owner.0, work.id.0))?;
        self.source.remove(WORKS, work.id.0)
    }
}
