//! Keeping the search data in step with the records: the only place that writes them. What changes is put off until
//! the batch commits, or until a job of the same batch searches, so that many changes of one block are one.

use super::super::kit::{Deferred, Source, Transaction, decoded};
use super::super::tables::{
    REQUESTS, REQUESTS_BY_CHASSIS, REQUESTS_BY_PLATE, SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_GROUPS, SEARCH_ROWS,
    SEARCH_SUMMARIES, SEARCH_VERSIONS,
};
use super::super::{Error, Tables};
use super::block::{self, CAPACITY, CHUNK_BITS, COLUMNS, Entry, Keyed, Number, TEXTS};
use super::column::{Numbers, Texts};
use super::counts::{Counts, GROUP_BITS, Summary};
use super::{ListKey, ScopeKey, missing, scopes};
use crate::domain::request::ServiceRequest;
use redb::{ReadableTable, Table, TableHandle};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

type Bytes = &'static [u8];

/// A request in a list, before and after.
#[derive(Default)]
struct Change {
    old: Option<Rc<Entry>>,
    new: Option<Rc<Entry>>,
}

/// Changes that wait for the end of the batch.
#[derive(Default)]
struct Pending {
    /// By list and 申請ID.
    lists: BTreeMap<ScopeKey, BTreeMap<u64, Change>>,
    /// What is shown now, by 申請ID; none of what is gone.
    rows: BTreeMap<u64, Option<Rc<Entry>>>,
}

impl Pending {
    fn note(&mut self, scope: ScopeKey, id: u64, old: Option<Rc<Entry>>, new: Option<Rc<Entry>>) {
        let change = self.lists.entry(scope).or_default().entry(id).or_insert_with(|| Change { old, new: None });
        change.new = new;
    }
}

impl Tables<&Transaction> {
    /// Brings the search data and counters of both sides from the old record to the new one.
    pub(in crate::store) fn index(
        &mut self,
        old: Option<&ServiceRequest>,
        new: Option<&ServiceRequest>,
    ) -> Result<(), Error> {
        for scope in note(self.source, old, new)? {
            let shared = Arc::clone(&self.shared);
            self.source.after_commit(move || shared.versions.grow(scope));
        }
        Ok(())
    }
}

/// Makes all search data anew from the records. A migration: earlier ones had other columns.
pub(in crate::store) fn rebuild(tx: &Transaction) -> Result<(), Error> {
    const AT_ONCE: usize = 5_000;
    ["search_columns", "search_summaries", "search_groups", "search_rows", "search_counters"]
        .iter()
        .try_for_each(|name| tx.remove_table(name))?;
    let mut next = 0;
    loop {
        let some: Vec<ServiceRequest> = {
            let table = tx.table(REQUESTS)?;
            let rows = table.range(next..)?.take(AT_ONCE);
            rows.map(|row| decoded(REQUESTS.name(), row?.1.value())).collect::<Result<_, _>>()?
        };
        let Some(last) = some.last() else { return Ok(()) };
        next = last.id.0 + 1;
        some.iter().try_for_each(|request| note(tx, None, Some(request)).map(drop))?;
        tx.settle()?;
    }
}

/// Puts off what changes in the lists of both sides; which lists those are.
fn note(tx: &Transaction, old: Option<&ServiceRequest>, new: Option<&ServiceRequest>) -> Result<Vec<ScopeKey>, Error> {
    let entry = |request: &ServiceRequest| Ok::<_, Error>((Rc::new(Entry::of(request)?), scopes(request)));
    let (old, new) = (old.map(entry).transpose()?, new.map(entry).transpose()?);
    index_vehicle(tx, old.as_ref().map(|(entry, _)| &**entry), new.as_ref().map(|(entry, _)| &**entry))?;
    if let Some(id) = old.as_ref().or(new.as_ref()).map(|(entry, _)| entry.id()) {
        let entry = |side: &Option<(Rc<Entry>, _)>| side.as_ref().map(|(entry, _)| Rc::clone(entry));
        let (was, is) = (entry(&old), entry(&new));
        if was != is {
            tx.defer(|pending: &mut Pending| {
                pending.rows.insert(id, is);
            });
        }
    }
    let mut touched: Vec<_> = [&old, &new].into_iter().flatten().flat_map(|(_, scopes)| *scopes).collect();
    touched.sort_unstable();
    touched.dedup();
    for scope in &touched {
        let here = |side: &Option<(Rc<Entry>, [ScopeKey; 2])>| {
            side.as_ref().filter(|(_, scopes)| scopes.contains(scope)).map(|(entry, _)| Rc::clone(entry))
        };
        let (old, new) = (here(&old), here(&new));
        let Some(id) = old.as_ref().or(new.as_ref()).map(|entry| entry.id()) else { continue };
        tx.defer(|pending: &mut Pending| pending.note(*scope, id, old, new));
    }
    Ok(touched)
}

/// The indexes that both sides share.
fn index_vehicle(tx: &Transaction, old: Option<&Entry>, new: Option<&Entry>) -> Result<(), Error> {
    let chassis = |entry: Option<&Entry>| {
        let entry = entry.filter(|entry| !entry.chassis.is_empty())?;
        Some((entry.chassis.clone(), entry.id()))
    };
    let (from, to) = (chassis(old), chassis(new));
    if from != to {
        let mut table = tx.table_mut(REQUESTS_BY_CHASSIS)?;
        if let Some((key, id)) = &from {
            table.remove((key.as_slice(), *id))?;
        }
        if let Some((key, id)) = &to {
            table.insert((key.as_slice(), *id), ())?;
        }
    }
    let plate = |entry: Option<&Entry>| entry.and_then(|entry| Some((entry.plate?, entry.id())));
    let (from, to) = (plate(old), plate(new));
    if from != to {
        let mut table = tx.table_mut(REQUESTS_BY_PLATE)?;
        if let Some(((serial, rest), id)) = from {
            table.remove((serial, rest, id))?;
        }
        if let Some(((serial, rest), id)) = to {
            table.insert((serial, rest, id), ())?;
        }
    }
    Ok(())
}

impl Deferred for Pending {
    fn write(self: Box<Self>, tx: &Transaction) -> Result<(), Error> {
        let mut sheets = Sheets {
            summaries: tx.table_mut(SEARCH_SUMMARIES)?,
            columns: tx.table_mut(SEARCH_COLUMNS)?,
            groups: tx.table_mut(SEARCH_GROUPS)?,
            counters: tx.table_mut(SEARCH_COUNTERS)?,
            versions: tx.table_mut(SEARCH_VERSIONS)?,
        };
        self.lists.into_iter().try_for_each(|(scope, changes)| sheets.change(scope, changes))?;
        write_rows(&mut tx.table_mut(SEARCH_ROWS)?, &self.rows)
    }
}

/// Brings what is shown up to date, chunk by chunk.
fn write_rows(table: &mut Table<u64, Bytes>, changes: &BTreeMap<u64, Option<Rc<Entry>>>) -> Result<(), Error> {
    let mut changes = changes.iter().peekable();
    while let Some(chunk) = changes.peek().map(|(id, _)| **id >> CHUNK_BITS) {
        let mut rows: BTreeMap<u64, Vec<u8>> = match table.get(chunk)? {
            Some(bytes) => block::chunk_rows(chunk, bytes.value()).map(|(id, row)| (id, row.to_vec())).collect(),
            None => BTreeMap::new(),
        };
        while let Some((id, entry)) = changes.next_if(|(id, _)| **id >> CHUNK_BITS == chunk) {
            match entry {
                Some(entry) => rows.insert(*id, entry.row()),
                None => rows.remove(id),
            };
        }
        if rows.is_empty() {
            table.remove(chunk)?;
        } else {
            table.insert(chunk, block::chunk(rows.values().map(Vec::as_slice)).as_slice())?;
        }
    }
    Ok(())
}

/// Everything the search data of lists stand in, open for writing.
struct Sheets<'tx> {
    summaries: Table<'tx, (u8, u32, u8, u64), Bytes>,
    columns: Table<'tx, (u8, u32, u8, u8, u64), Bytes>,
    groups: Table<'tx, (u8, u32, u8, u64), Bytes>,
    counters: Table<'tx, (u8, u32, u8, u32, u8), u64>,
    versions: Table<'tx, ListKey, u64>,
}

/// Where a row of the new block comes from.
#[derive(Clone, Copy)]
enum From<'a> {
    /// This row of the old one.
    Old(usize),
    New(&'a Entry),
}

/// A block as it is and as it shall be.
struct Plan<'a> {
    own: Number,
    list: ListKey,
    first: u64,
    /// Rows of the old block.
    before: usize,
    rows: Vec<From<'a>>,
    /// From here on rows have moved; none when all stay where they are.
    moved: Option<usize>,
    /// Rows that stay but change: place, old, new.
    replaced: Vec<(usize, &'a Entry, &'a Entry)>,
}

impl Sheets<'_> {
    fn change(&mut self, scope: ScopeKey, changes: BTreeMap<u64, Change>) -> Result<(), Error> {
        let list @ (side, organization, procedure) = scope.key();
        let changes: Vec<_> = changes.into_iter().filter(|(_, change)| change.old != change.new).collect();
        let version = self.versions.get(list)?.map_or(0, |version| version.value());
        self.versions.insert(list, version + 1)?;
        let mut counted: BTreeMap<(u32, u8), i64> = BTreeMap::new();
        for (_, Change { old, new }) in &changes {
            old.iter().for_each(|entry| *counted.entry(entry.counted(scope.own())).or_default() -= 1);
            new.iter().for_each(|entry| *counted.entry(entry.counted(scope.own())).or_default() += 1);
        }
        for ((branch, status), difference) in counted.into_iter().filter(|(_, difference)| *difference != 0) {
            let key = (side, organization, procedure, branch, status);
            let count = self.counters.get(key)?.map_or(0, |count| count.value()).saturating_add_signed(difference);
            if count == 0 {
                self.counters.remove(key)?;
            } else {
                self.counters.insert(key, count)?;
            }
        }
        let mut rest = changes.as_slice();
        while let Some((id, _)) = rest.first() {
            let (first, end) = self.bounds(list, *id)?;
            let here = rest.iter().take_while(|(id, _)| end.is_none_or(|end| *id < end)).count();
            let (now, later) = rest.split_at(here);
            rest = later;
            self.change_block(scope, first, now)?;
        }
        Ok(())
    }

    /// The block that a 申請ID belongs to, the last that begins at or before it, and where the next one begins.
    fn bounds(&self, (side, organization, procedure): ListKey, id: u64) -> Result<(Option<u64>, Option<u64>), Error> {
        let key = |first| (side, organization, procedure, first);
        let own = self.summaries.range(key(0)..=key(id))?.next_back().transpose()?;
        let next = self.summaries.range(key(id + 1)..=key(u64::MAX))?.next().transpose()?;
        Ok((own.map(|(key, _)| key.value().3), next.map(|(key, _)| key.value().3)))
    }

    fn change_block(&mut self, scope: ScopeKey, first: Option<u64>, changes: &[(u64, Change)]) -> Result<(), Error> {
        let list @ (side, organization, procedure) = scope.key();
        let summary = match first {
            Some(first) => {
                let bytes = self.summaries.get((side, organization, procedure, first))?.ok_or_else(missing)?;
                Summary::decode(bytes.value())
            }
            None => Summary::default(),
        };
        let first = first.or(changes.first().map(|(id, _)| *id)).unwrap_or(0);
        let before = summary.rows();
        let mut plan =
            Plan { own: scope.own(), list, first, before, rows: Vec::new(), moved: None, replaced: Vec::new() };
        let mut old = 0;
        let ids = self.column(list, first, Number::Id)?;
        for (id, change) in changes {
            let place = Numbers::of(&ids).place(before, id - first);
            let until = place.unwrap_or_else(|place| place);
            plan.rows.extend((old..until).map(From::Old));
            old = until;
            match (place, &change.old, &change.new) {
                (Ok(row), Some(was), Some(is)) => {
                    plan.replaced.push((plan.rows.len(), was, is));
                    plan.rows.push(From::New(is));
                    old = row + 1;
                }
                (Ok(row), Some(_), None) => {
                    plan.moved.get_or_insert(plan.rows.len());
                    old = row + 1;
                }
                (Err(_), None, Some(is)) => {
                    plan.moved.get_or_insert(plan.rows.len());
                    plan.rows.push(From::New(is));
                }
                (Ok(_), ..) => return Err(Error::corrupt("search_columns", "a request is there twice")),
                (Err(_), ..) => return Err(missing()),
            }
        }
        plan.rows.extend((old..before).map(From::Old));
        self.write_block(&plan, &summary)
    }

    fn column(&self, list: ListKey, first: u64, column: impl Keyed) -> Result<Vec<u8>, Error> {
        let (side, organization, procedure) = list;
        let found = self.columns.get((side, organization, procedure, column.key(), first))?;
        Ok(found.map_or_else(Vec::new, |bytes| bytes.value().to_vec()))
    }

    /// Writes a block as planned: as several when it grew too large, not at all when nothing is left of it.
    fn write_block(&mut self, plan: &Plan, summary: &Summary) -> Result<(), Error> {
        if plan.moved.is_none() {
            return self.replace(plan, summary);
        }
        let Plan { list, first, before, .. } = *plan;
        let (side, organization, procedure) = list;
        let ids = self.column(list, first, Number::Id)?;
        let id = |from: &From| match from {
            From::Old(row) => first + Numbers::of(&ids).at(*row),
            From::New(entry) => entry.id(),
        };
        // New ones behind a full block begin another; anything else halves it.
        let grows = plan.rows.iter().skip(before).all(|from| matches!(from, From::New(_)));
        let pieces = plan.rows.len().div_ceil(CAPACITY).max(1);
        let size = if grows { CAPACITY } else { plan.rows.len().div_ceil(pieces).max(1) };
        let cut = |from: &From, piece: usize| if piece == 0 { first } else { id(from) };
        let pieces: Vec<(u64, &[From])> = plan
            .rows
            .chunks(size)
            .enumerate()
            .filter_map(|(piece, rows)| Some((cut(rows.first()?, piece), rows)))
            .collect();
        // Read before the first piece is written over them.
        let numbers = COLUMNS.map(|column| (column, self.column(list, first, column)));
        let texts = TEXTS.map(|text| (text, self.column(list, first, text)));
        self.sum_up(list, first, summary, &Summary::default())?;
        for (column, old) in numbers {
            let old = old?;
            let old = Numbers::of(&old);
            for (start, rows) in &pieces {
                let values: Vec<u64> = rows
                    .iter()
                    .map(|from| match (from, column) {
                        (from, Number::Id) => id(from) - start,
                        (From::Old(row), _) => old.at(*row),
                        (From::New(entry), _) => entry.number(column),
                    })
                    .collect();
                self.put_column(list, *start, column, &Numbers::encode(&values))?;
            }
        }
        for (text, old) in texts {
            let old = old?;
            let old = Texts::of(&old).all();
            for (start, rows) in &pieces {
                let values = rows.iter().map(|from| match from {
                    From::Old(row) => old.get(*row).copied().unwrap_or_default(),
                    From::New(entry) => entry.text(text),
                });
                self.put_column(list, *start, text, &Texts::encode(values))?;
            }
        }
        for (start, froms) in &pieces {
            let own = self.column(list, *start, plan.own)?;
            let (ids, status) = (self.column(list, *start, Number::Id)?, self.column(list, *start, Number::Status)?);
            let new = Summary::of(*start, froms.len(), Numbers::of(&ids), Numbers::of(&own), Numbers::of(&status));
            self.sum_up(list, *start, &Summary::default(), &new)?;
        }
        if pieces.is_empty() {
            let keys = COLUMNS.iter().map(|column| column.key()).chain(TEXTS.iter().map(|text| text.key()));
            for key in keys {
                self.columns.remove((side, organization, procedure, key, first))?;
            }
        }
        Ok(())
    }

    /// Rows change but all stay in their places: only columns in which something differs are written.
    fn replace(&mut self, plan: &Plan, summary: &Summary) -> Result<(), Error> {
        let Plan { list, first, before, .. } = *plan;
        for column in COLUMNS {
            if plan.replaced.iter().all(|(_, old, new)| old.number(column) == new.number(column)) {
                continue;
            }
            let bytes = self.column(list, first, column)?;
            let mut values: Vec<u64> = Numbers::of(&bytes).all(before).collect();
            for (row, _, new) in &plan.replaced {
                values.get_mut(*row).into_iter().for_each(|value| *value = new.number(column));
            }
            self.put_column(list, first, column, &Numbers::encode(&values))?;
        }
        for text in TEXTS {
            if plan.replaced.iter().all(|(_, old, new)| old.text(text) == new.text(text)) {
                continue;
            }
            let bytes = self.column(list, first, text)?;
            let mut values = Texts::of(&bytes).all();
            values.resize(before, &[]);
            for (row, _, new) in &plan.replaced {
                values.get_mut(*row).into_iter().for_each(|value| *value = new.text(text));
            }
            self.put_column(list, first, text, &Texts::encode(values.iter().copied()))?;
        }
        let mut counts = summary.counts.clone();
        for (_, old, new) in &plan.replaced {
            counts.add(old.counted(plan.own), -1);
            counts.add(new.counted(plan.own), 1);
        }
        if counts == summary.counts {
            return Ok(());
        }
        self.sum_up(list, first, summary, &Summary { counts, ..summary.clone() })
    }

    fn put_column(&mut self, list: ListKey, first: u64, column: impl Keyed, bytes: &[u8]) -> Result<(), Error> {
        let (side, organization, procedure) = list;
        self.columns.insert((side, organization, procedure, column.key(), first), bytes)?;
        Ok(())
    }

    /// Brings the summary of a block and the counts of its group from one to the other; none for no rows.
    fn sum_up(&mut self, list: ListKey, first: u64, old: &Summary, new: &Summary) -> Result<(), Error> {
        let (side, organization, procedure) = list;
        let key = (side, organization, procedure, first);
        if new.rows == 0 {
            self.summaries.remove(key)?;
        } else {
            self.summaries.insert(key, new.encode().as_slice())?;
        }
        let key = (side, organization, procedure, first >> GROUP_BITS);
        let mut counts = self.groups.get(key)?.map_or_else(Counts::default, |bytes| Counts::decode(bytes.value()));
        let count = |rows: u64| i64::try_from(rows).unwrap_or(0);
        old.counts.iter().for_each(|(branch, status, rows)| counts.add((branch, status), -count(rows)));
        new.counts.iter().for_each(|(branch, status, rows)| counts.add((branch, status), count(rows)));
        if counts.is_empty() {
            self.groups.remove(key)?;
        } else {
            self.groups.insert(key, counts.encode().as_slice())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kit::{Database, Settings};
    use super::super::super::tables::{SEQUENCES, USERS};
    use super::super::super::{Options, Store, check};
    use super::*;
    use crate::domain::chassis::ChassisNumber;
    use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId};
    use crate::domain::search::{Conditions, Order, Page, Scope};
    use crate::domain::time::BusinessTime;
    use redb::TableDefinition;

    /// As it was in schema 1.
    const OLD_COLUMNS: TableDefinition<'static, (u8, u32, u8, u64, u8), Bytes> = TableDefinition::new("search_columns");

    /// As it was in schema 3.
    const OLD_ROWS: TableDefinition<'static, (u8, u32, u8, u64, u8), Bytes> = TableDefinition::new("search_rows");

    fn request(id: u64) -> ServiceRequest {
        let garage = ClientOrganizationId(1 + u32::try_from(id % 2).unwrap());
        ServiceRequest {
            chassis: Some(ChassisNumber { number: format!("NZE-{id}"), officially_stamped: false }),
            ..ServiceRequest::draft(
                RequestId(id),
                1,
                (garage, BranchId(1)),
                (AgentOrganizationId(2), AgentBranchId(1)),
                BusinessTime::from_unix(0),
            )
        }
    }

    #[test]
    fn a_file_of_an_earlier_schema_gets_its_search_data_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.redb");
        let first = Database::open(&path, &Settings::new("ainas", &[], 1)).unwrap();
        first
            .write_blocking::<_, Error, _>(|tx| {
                (1..=7_000).try_for_each(|id| tx.put(REQUESTS, id, &request(id)))?;
                tx.set(SEQUENCES, "request", 7_000)?;
                tx.set(OLD_COLUMNS, (1, 1, 1, 1, 0), &b"of old"[..])?;
                tx.set(OLD_ROWS, (1, 1, 1, 1, 0), &b"of old"[..])?;
                tx.set(SEARCH_SUMMARIES, (1, 1, 1, 1), &b"of old"[..])?;
                tx.set(SEARCH_COUNTERS, (1, 1, 1, 1, 1), 9)?;
                tx.table_mut(USERS).map(drop)
            })
            .unwrap();
        drop(first);
        let store = Store::open(&path, &Options::default()).unwrap();
        assert_eq!(store.read(check::check).unwrap(), []);
        let wanted = Conditions { chassis_suffix: "999".to_owned(), ..Conditions::default() };
        let found = store
            .read(|tx| {
                let scope = Scope::Client(ClientOrganizationId(2), None);
                tx.search(scope, 1, &wanted, Order::Newest, Page { number: 1, size: 20 })
            })
            .unwrap();
        let ids: Vec<u64> = found.rows.iter().map(|row| row.id.0).collect();
        assert_eq!(ids, [6_999, 5_999, 4_999, 3_999, 2_999, 1_999, 999]);
    }
}
