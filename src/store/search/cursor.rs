//! Reading the same column of one block after the other without looking for each anew.

use super::super::Error;
use super::plan::{Column, Columns};
use super::{ListKey, missing};
use redb::{Range, ReadableTable};

type Key = (u8, u32, u8, u8, u64);
type Bytes = &'static [u8];

/// Columns of a list. Whoever asks for the blocks in their order is served from where the last one stood.
pub(super) struct Cursors<'t, T> {
    table: &'t T,
    list: ListKey,
    backwards: bool,
    open: Vec<(u8, Range<'t, Key, Bytes>)>,
}

impl<'t, T: ReadableTable<Key, Bytes>> Cursors<'t, T> {
    pub(super) fn new(table: &'t T, list: ListKey, backwards: bool) -> Self {
        Self { table, list, backwards, open: Vec::new() }
    }

    /// From this block on, in the direction of the walk.
    fn from(&self, first: u64, column: u8) -> Result<Range<'t, Key, Bytes>, Error> {
        let (side, organization, procedure) = self.list;
        let key = |first| (side, organization, procedure, column, first);
        let range = if self.backwards { key(0)..=key(first) } else { key(first)..=key(u64::MAX) };
        Ok(self.table.range(range)?)
    }

    fn next(range: &mut Range<'t, Key, Bytes>, backwards: bool, first: u64) -> Result<Option<Column<'t>>, Error> {
        let next = if backwards { range.next_back() } else { range.next() };
        let Some((key, bytes)) = next.transpose()? else { return Ok(None) };
        Ok((key.value().4 == first).then_some(Column(bytes)))
    }
}

impl<'t, T: ReadableTable<Key, Bytes>> Columns for Cursors<'t, T> {
    fn column(&mut self, first: u64, column: u8) -> Result<Column<'_>, Error> {
        let backwards = self.backwards;
        let open = self.open.iter().position(|(open, _)| *open == column);
        if let Some((_, range)) = open.and_then(|place| self.open.get_mut(place))
            && let Some(found) = Self::next(range, backwards, first)?
        {
            return Ok(found);
        }
        // The first of this column, or blocks were left out.
        let mut range = self.from(first, column)?;
        let found = Self::next(&mut range, backwards, first)?.ok_or_else(missing)?;
        match open.and_then(|place| self.open.get_mut(place)) {
            Some((_, open)) => *open = range,
            None => self.open.push((column, range)),
        }
        Ok(found)
    }
}
