//! Keeping the search data in step with the records: the only place that writes them.

use super::super::kit::{Source, Transaction};
use super::super::tables::{SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_SUMMARIES};
use super::super::{Error, Tables};
use super::block::{self, CAPACITY, Entry, Number, Numbers, Summary, TEXTS};
use super::{ScopeKey, missing, scopes};
use crate::domain::request::ServiceRequest;
use redb::ReadableTable;
use std::ops::Range;
use std::sync::Arc;

impl<S: Source> Tables<S> {
    /// The block that a 申請ID belongs to: the last that begins at or before it.
    pub(super) fn block_of(&self, scope: ScopeKey, id: u64) -> Result<Option<(u64, Summary)>, Error> {
        let (side, organization, procedure) = scope.key();
        let table = self.source.table(SEARCH_SUMMARIES)?;
        let mut range = table.range((side, organization, procedure, 0)..=(side, organization, procedure, id))?;
        let Some(found) = range.next_back() else { return Ok(None) };
        let (key, bytes) = found?;
        Ok(Some((key.value().3, Summary::decode(bytes.value()))))
    }

    /// Where a request stands in a block, or where it would.
    pub(super) fn place(&self, scope: ScopeKey, first: u64, id: u64) -> Result<Result<usize, usize>, Error> {
        let (side, organization, procedure) = scope.key();
        let table = self.source.table(SEARCH_COLUMNS)?;
        let bytes = table.get((side, organization, procedure, first, 0))?.ok_or_else(missing)?;
        Ok(Numbers::of(bytes.value()).place(id))
    }
}

impl Tables<&Transaction> {
    /// Brings the search data and counters of both sides from the old record to the new one.
    pub(in crate::store) fn index(
        &mut self,
        old: Option<&ServiceRequest>,
        new: Option<&ServiceRequest>,
    ) -> Result<(), Error> {
        let old = old.map(|request| Ok::<_, Error>((Entry::of(request)?, scopes(request)))).transpose()?;
        let new = new.map(|request| Ok::<_, Error>((Entry::of(request)?, scopes(request)))).transpose()?;
        let mut touched: Vec<_> = [&old, &new].into_iter().flatten().flat_map(|(_, scopes)| *scopes).collect();
        touched.sort_unstable();
        touched.dedup();
        for scope in touched {
            let here = |side: &Option<(Entry, [ScopeKey; 2])>| {
                side.as_ref().filter(|(_, scopes)| scopes.contains(&scope)).map(|(entry, _)| entry.clone())
            };
            self.index_in(scope, here(&old).as_ref(), here(&new).as_ref())?;
            let shared = Arc::clone(&self.shared);
            self.source.after_commit(move || shared.versions.grow(scope));
        }
        Ok(())
    }

    fn index_in(&self, scope: ScopeKey, old: Option<&Entry>, new: Option<&Entry>) -> Result<(), Error> {
        match (old, new) {
            (Some(old), Some(new)) if old == new => return Ok(()),
            (Some(old), Some(new)) => self.replace(scope, old, new)?,
            (Some(old), None) => self.take_out(scope, old)?,
            (None, Some(new)) => self.insert(scope, new)?,
            (None, None) => {}
        }
        let counter = |entry: &Entry| {
            let status = u8::try_from(entry.number(Number::Status)).unwrap_or(0);
            (u32::try_from(entry.number(scope.own())).unwrap_or(0), status)
        };
        let (from, to) = (old.map(counter), new.map(counter));
        if from != to {
            let (side, organization, procedure) = scope.key();
            let mut counters = self.source.table_mut(SEARCH_COUNTERS)?;
            if let Some((branch, status)) = from {
                let key = (side, organization, procedure, branch, status);
                let count = counters.get(key)?.map_or(0, |count| count.value()).saturating_sub(1);
                if count == 0 {
                    counters.remove(key)?;
                } else {
                    counters.insert(key, count)?;
                }
            }
            if let Some((branch, status)) = to {
                let key = (side, organization, procedure, branch, status);
                let count = counters.get(key)?.map_or(0, |count| count.value());
                counters.insert(key, count + 1)?;
            }
        }
        Ok(())
    }

    fn replace(&self, scope: ScopeKey, old: &Entry, new: &Entry) -> Result<(), Error> {
        let (first, _) = self.block_of(scope, new.id())?.ok_or_else(missing)?;
        let row = self.place(scope, first, new.id())?.map_err(|_| missing())?;
        let texts: Vec<_> = (0..TEXTS).filter(|text| !old.same_text(new, *text)).collect();
        self.splice(scope, first, row..row + 1, &[new], &texts)
    }

    fn take_out(&self, scope: ScopeKey, old: &Entry) -> Result<(), Error> {
        let (first, summary) = self.block_of(scope, old.id())?.ok_or_else(missing)?;
        let row = self.place(scope, first, old.id())?.map_err(|_| missing())?;
        if summary.rows > 1 {
            return self.splice(scope, first, row..row + 1, &[], &ALL_TEXTS);
        }
        let (side, organization, procedure) = scope.key();
        self.source.remove(SEARCH_SUMMARIES, (side, organization, procedure, first))?;
        let mut columns = self.source.table_mut(SEARCH_COLUMNS)?;
        (0..=TEXTS).try_for_each(|column| {
            columns.remove((side, organization, procedure, first, column_number(column)))?;
            Ok(())
        })
    }

    fn insert(&self, scope: ScopeKey, new: &Entry) -> Result<(), Error> {
        let Some((first, summary)) = self.block_of(scope, new.id())? else {
            return self.splice(scope, new.id(), 0..0, &[new], &ALL_TEXTS);
        };
        if usize::from(summary.rows) >= CAPACITY {
            if new.id() > summary.last {
                return self.splice(scope, new.id(), 0..0, &[new], &ALL_TEXTS);
            }
            // Out of order into a full block: only when a request moves to another list.
            self.split(scope, first)?;
            return self.insert(scope, new);
        }
        match self.place(scope, first, new.id())? {
            Ok(_) => Err(Error::corrupt("search_columns", "a request is there twice")),
            Err(row) => self.splice(scope, first, row..row, &[new], &ALL_TEXTS),
        }
    }

    fn split(&self, scope: ScopeKey, first: u64) -> Result<(), Error> {
        let (side, organization, procedure) = scope.key();
        let all = {
            let table = self.source.table(SEARCH_COLUMNS)?;
            let column = |number: usize| -> Result<Vec<u8>, Error> {
                let key = (side, organization, procedure, first, column_number(number));
                Ok(table.get(key)?.ok_or_else(missing)?.value().to_vec())
            };
            let mut texts: [Vec<u8>; TEXTS] = Default::default();
            for (index, text) in texts.iter_mut().enumerate() {
                *text = column(index + 1)?;
            }
            block::entries(&column(0)?, &texts)
        };
        let middle = all.len() / 2;
        let upper: Vec<_> = all.iter().skip(middle).collect();
        let Some(second) = upper.first().map(|entry| entry.id()) else { return Ok(()) };
        self.splice(scope, first, middle..all.len(), &[], &ALL_TEXTS)?;
        self.splice(scope, second, 0..0, &upper, &ALL_TEXTS)
    }

    /// Puts entries in the place of rows, in the numbers and in these columns of texts, and sums up anew. A block that
    /// is not there yet is empty.
    fn splice(
        &self,
        scope: ScopeKey,
        first: u64,
        rows: Range<usize>,
        entries: &[&Entry],
        texts: &[usize],
    ) -> Result<(), Error> {
        let (side, organization, procedure) = scope.key();
        let summary = {
            let mut columns = self.source.table_mut(SEARCH_COLUMNS)?;
            for text in texts {
                let key = (side, organization, procedure, first, column_number(text + 1));
                let new = {
                    let old = columns.get(key)?;
                    let old = old.as_ref().map_or(&[][..], |old| old.value());
                    block::splice_texts(old, *text, rows.clone(), entries)
                };
                columns.insert(key, new.as_slice())?;
            }
            let key = (side, organization, procedure, first, 0);
            let new = {
                let old = columns.get(key)?;
                Numbers::of(old.as_ref().map_or(&[][..], |old| old.value())).splice(rows, entries)
            };
            columns.insert(key, new.as_slice())?;
            Summary::of(Numbers::of(&new), scope.own())
        };
        self.source.set(SEARCH_SUMMARIES, (side, organization, procedure, first), summary.encode().as_slice())
    }
}

const ALL_TEXTS: [usize; TEXTS] = [0, 1, 2, 3, 4, 5];

fn column_number(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
