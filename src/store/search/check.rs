//! Compares the search data of every list with the records they repeat.

use super::super::check::Findings;
use super::super::kit::{Source, decoded};
use super::super::tables::{
    REQUESTS, REQUESTS_BY_CHASSIS, REQUESTS_BY_PLATE, SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_GROUPS, SEARCH_ROWS,
    SEARCH_SUMMARIES,
};
use super::super::{Error, Tables};
use super::block::{self, CAPACITY, CHUNK_BITS, COLUMNS, Entry, Keyed, Number, TEXTS};
use super::column::{Numbers, Texts};
use super::counts::{Counts, GROUP_BITS, Summary};
use super::{ListKey, ScopeKey, missing, scopes};
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, RequestId};
use crate::domain::request::ServiceRequest;
use redb::{ReadableTable, ReadableTableMetadata, TableHandle};
use std::collections::BTreeMap;

/// What there should be, added up from the blocks.
#[derive(Default)]
struct Sums {
    /// Rows by own branch and status.
    counters: BTreeMap<(u8, u32, u8, u32, u8), u64>,
    groups: BTreeMap<(u8, u32, u8, u64), Counts>,
    /// Rows of each side.
    rows: [u64; 2],
    blocks: u64,
}

impl<S: Source> Tables<S> {
    /// Every block against its records, every record against its blocks, every counter and index against both.
    pub(in crate::store) fn check_search(&self, findings: &mut Findings) -> Result<(), Error> {
        let mut sums = Sums::default();
        let mut before: Option<(ListKey, u64)> = None;
        let table = self.source.table(SEARCH_SUMMARIES)?;
        for row in table.iter()? {
            let (key, bytes) = row?;
            let (side, organization, procedure, first) = key.value();
            let list = (side, organization, procedure);
            let floor = before.filter(|(other, _)| *other == list).map(|(_, last)| last);
            let summary = Summary::decode(bytes.value());
            let last = self.check_block(list, first, &summary, floor, &mut sums, findings)?;
            before = Some((list, last));
        }
        let columns = self.source.table(SEARCH_COLUMNS)?.len()?;
        if columns != sums.blocks * (COLUMNS.len() + TEXTS.len()) as u64 {
            findings.add(SEARCH_COLUMNS.name(), format!("{columns} columns for {} blocks", sums.blocks));
        }
        let stored = {
            let table = self.source.table(SEARCH_COUNTERS)?;
            let rows = table.iter()?;
            rows.map(|row| row.map(|(key, count)| (key.value(), count.value()))).collect::<Result<_, _>>()?
        };
        findings.compare(SEARCH_COUNTERS.name(), &sums.counters, &stored);
        let stored = {
            let table = self.source.table(SEARCH_GROUPS)?;
            let rows = table.iter()?;
            rows.map(|row| row.map(|(key, counts)| (key.value(), Counts::decode(counts.value()))))
                .collect::<Result<_, _>>()?
        };
        findings.compare(SEARCH_GROUPS.name(), &sums.groups, &stored);
        self.check_records(&sums, findings)
    }

    /// The block's last 申請ID.
    fn check_block(
        &self,
        list: ListKey,
        first: u64,
        summary: &Summary,
        floor: Option<u64>,
        sums: &mut Sums,
        findings: &mut Findings,
    ) -> Result<u64, Error> {
        let (side, organization, procedure) = list;
        let scope = match side {
            1 => ScopeKey::Client(ClientOrganizationId(organization), procedure),
            _ => ScopeKey::Agent(AgentOrganizationId(organization), procedure),
        };
        let name = format!("{scope:?} block {first}");
        let table = self.source.table(SEARCH_COLUMNS)?;
        let column = |key: u8| -> Result<Vec<u8>, Error> {
            Ok(table.get((side, organization, procedure, key, first))?.ok_or_else(missing)?.value().to_vec())
        };
        let rows = summary.rows();
        if rows == 0 || rows > CAPACITY {
            findings.add(SEARCH_COLUMNS.name(), format!("{name}: {rows} rows"));
        }
        let ids = column(Number::Id.key())?;
        let ids: Vec<u64> = Numbers::of(&ids).all(rows).map(|id| first + id).collect();
        let mut last = floor;
        let mut entries = Vec::new();
        for id in &ids {
            if last.is_some_and(|last| last >= *id) {
                findings.add(SEARCH_COLUMNS.name(), format!("{name}: {id} is out of order"));
            }
            last = Some(*id);
            match self.request(RequestId(*id))? {
                Some(request) if scopes(&request).contains(&scope) => entries.push(Entry::of(&request)?),
                _ => {
                    findings.add(SEARCH_COLUMNS.name(), format!("{name}: {id} does not belong there"));
                    // The rest of the block can't be compared row by row.
                    return Ok(last.unwrap_or(first));
                }
            }
        }
        for number in COLUMNS.into_iter().filter(|number| *number != Number::Id) {
            let values: Vec<u64> = entries.iter().map(|entry| entry.number(number)).collect();
            if column(number.key())? != Numbers::encode(&values) {
                findings.add(SEARCH_COLUMNS.name(), format!("{name}: {number:?} differs from the records"));
            }
        }
        for text in TEXTS {
            if column(text.key())? != Texts::encode(entries.iter().map(|entry| entry.text(text))) {
                findings.add(SEARCH_COLUMNS.name(), format!("{name}: {text:?} differs from the records"));
            }
        }
        let mut counts = Counts::default();
        let group = sums.groups.entry((side, organization, procedure, first >> GROUP_BITS)).or_default();
        for entry in &entries {
            let (branch, status) = entry.counted(scope.own());
            counts.add((branch, status), 1);
            group.add((branch, status), 1);
            *sums.counters.entry((side, organization, procedure, branch, status)).or_default() += 1;
        }
        let expected = Summary { rows: summary.rows, last: ids.last().copied().unwrap_or(0), counts };
        if *summary != expected {
            findings.add(SEARCH_SUMMARIES.name(), format!("{name}: the summary is not the block's"));
        }
        sums.blocks += 1;
        if let Some(sum) = sums.rows.get_mut(usize::from(side.saturating_sub(1))) {
            *sum += rows as u64;
        }
        Ok(last.unwrap_or(first))
    }

    /// Every record in its lists, in what is shown, and in the indexes of vehicles.
    fn check_records(&self, sums: &Sums, findings: &mut Findings) -> Result<(), Error> {
        let table = self.source.table(REQUESTS)?;
        let (by_chassis, by_plate) = (self.source.table(REQUESTS_BY_CHASSIS)?, self.source.table(REQUESTS_BY_PLATE)?);
        let all_listed = sums.rows == [table.len()?; 2];
        let (mut chassis, mut plates) = (0, 0);
        let (mut chunk, mut shown, mut chunks) = (0, Vec::new(), 0);
        for row in table.iter()? {
            let request: ServiceRequest = decoded(REQUESTS.name(), row?.1.value())?;
            let (id, entry) = (request.id, Entry::of(&request)?);
            if chunk != id.0 >> CHUNK_BITS {
                chunks += self.check_shown(chunk, &std::mem::take(&mut shown), findings)?;
                chunk = id.0 >> CHUNK_BITS;
            }
            shown.push(entry.row());
            if !entry.chassis.is_empty() {
                chassis += 1;
                if by_chassis.get((entry.chassis.as_slice(), id.0))?.is_none() {
                    findings.add(REQUESTS_BY_CHASSIS.name(), format!("{id} is missing"));
                }
            }
            if let Some((serial, rest)) = entry.plate {
                plates += 1;
                if by_plate.get((serial, rest, id.0))?.is_none() {
                    findings.add(REQUESTS_BY_PLATE.name(), format!("{id} is missing"));
                }
            }
            for scope in scopes(&request).into_iter().filter(|_| !all_listed) {
                if !self.is_listed(scope, id.0)? {
                    findings.add(SEARCH_COLUMNS.name(), format!("{scope:?}: {id} is missing"));
                }
            }
        }
        chunks += self.check_shown(chunk, &shown, findings)?;
        for (name, expected, stored) in [
            (SEARCH_ROWS.name(), chunks, self.source.table(SEARCH_ROWS)?.len()?),
            (REQUESTS_BY_CHASSIS.name(), chassis, by_chassis.len()?),
            (REQUESTS_BY_PLATE.name(), plates, by_plate.len()?),
        ] {
            if expected != stored {
                findings.add(name, format!("{stored} rows and should be {expected}"));
            }
        }
        Ok(())
    }

    /// What is shown of the requests of a chunk; how many chunks that are.
    fn check_shown(&self, chunk: u64, rows: &[Vec<u8>], findings: &mut Findings) -> Result<u64, Error> {
        if rows.is_empty() {
            return Ok(0);
        }
        let table = self.source.table(SEARCH_ROWS)?;
        let stored = table.get(chunk)?;
        let expected = block::chunk(rows.iter().map(Vec::as_slice));
        if stored.is_none_or(|bytes| bytes.value() != expected) {
            findings.add(SEARCH_ROWS.name(), format!("chunk {chunk} differs from the records"));
        }
        Ok(1)
    }

    fn is_listed(&self, list: ScopeKey, id: u64) -> Result<bool, Error> {
        let Some((first, summary)) = self.block_of(list, id)? else { return Ok(false) };
        let (side, organization, procedure) = list.key();
        let key = (side, organization, procedure, Number::Id.key(), first);
        let table = self.source.table(SEARCH_COLUMNS)?;
        let Some(bytes) = table.get(key)? else { return Ok(false) };
        Ok(Numbers::of(bytes.value()).place(summary.rows(), id - first).is_ok())
    }
}
