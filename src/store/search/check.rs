//! Compares the search data of every list with the records they repeat.

use super::super::check::Findings;
use super::super::kit::{Source, decoded};
use super::super::tables::{REQUESTS, SEARCH_COLUMNS, SEARCH_COUNTERS, SEARCH_SUMMARIES};
use super::super::{Error, Tables};
use super::block::{CAPACITY, Entry, Number, Numbers, Summary, TEXTS, entries, texts};
use super::{ScopeKey, missing, scopes};
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, RequestId};
use crate::domain::request::ServiceRequest;
use redb::{ReadableTable, ReadableTableMetadata, TableHandle};
use std::collections::BTreeMap;

type Counters = BTreeMap<(u8, u32, u8, u32, u8), u64>;

impl<S: Source> Tables<S> {
    /// Every block against its records, every record against its blocks, every counter against both.
    pub(in crate::store) fn check_search(&self, findings: &mut Findings) -> Result<(), Error> {
        let mut counters = Counters::new();
        let mut rows = [0_u64; 2];
        let mut blocks = 0;
        let mut before: Option<((u8, u32, u8), u64)> = None;
        let table = self.source.table(SEARCH_SUMMARIES)?;
        for block in table.iter()? {
            let (key, bytes) = block?;
            let (side, organization, procedure, first) = key.value();
            let list = (side, organization, procedure);
            blocks += 1;
            let floor = before.filter(|(other, _)| *other == list).map(|(_, last)| last);
            let last =
                self.check_block(list, first, &Summary::decode(bytes.value()), floor, &mut counters, findings)?;
            before = Some((list, last.0));
            if let Some(rows) = rows.get_mut(usize::from(side.saturating_sub(1))) {
                *rows += last.1;
            }
        }
        let columns = self.source.table(SEARCH_COLUMNS)?.len()?;
        if columns != blocks * (TEXTS as u64 + 1) {
            findings.add(SEARCH_COLUMNS.name(), format!("{columns} columns for {blocks} blocks"));
        }
        let stored: Counters = {
            let table = self.source.table(SEARCH_COUNTERS)?;
            let rows = table.iter()?;
            rows.map(|row| row.map(|(key, count)| (key.value(), count.value()))).collect::<Result<_, _>>()?
        };
        findings.compare(SEARCH_COUNTERS.name(), &counters, &stored);
        let records = self.source.table(REQUESTS)?.len()?;
        if rows != [records; 2] {
            self.find_missing(findings)?;
        }
        Ok(())
    }

    /// The block's last 申請ID and its number of rows.
    fn check_block(
        &self,
        list: (u8, u32, u8),
        first: u64,
        summary: &Summary,
        floor: Option<u64>,
        counters: &mut Counters,
        findings: &mut Findings,
    ) -> Result<(u64, u64), Error> {
        let (side, organization, procedure) = list;
        let scope = match side {
            1 => ScopeKey::Client(ClientOrganizationId(organization), procedure),
            _ => ScopeKey::Agent(AgentOrganizationId(organization), procedure),
        };
        let name = format!("{scope:?} block {first}");
        let table = self.source.table(SEARCH_COLUMNS)?;
        let column = |number: usize| -> Result<Vec<u8>, Error> {
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            Ok(table.get((side, organization, procedure, first, number))?.ok_or_else(missing)?.value().to_vec())
        };
        let bytes = column(0)?;
        let numbers = Numbers::of(&bytes);
        let mut columns: [Vec<u8>; TEXTS] = Default::default();
        for (index, text) in columns.iter_mut().enumerate() {
            *text = column(index + 1)?;
            if texts(text).count() != numbers.rows() {
                findings.add(SEARCH_COLUMNS.name(), format!("{name}: column {} has other rows", index + 1));
            }
        }
        if *summary != Summary::of(numbers, scope.own()) {
            findings.add(SEARCH_SUMMARIES.name(), format!("{name}: the summary is not the block's"));
        }
        if numbers.rows() == 0 || numbers.rows() > CAPACITY {
            findings.add(SEARCH_COLUMNS.name(), format!("{name}: {} rows", numbers.rows()));
        }
        let mut last = floor;
        for entry in entries(&bytes, &columns) {
            let id = entry.id();
            if last.is_some_and(|last| last >= id) || id < first {
                findings.add(SEARCH_COLUMNS.name(), format!("{name}: {id} is out of order"));
            }
            last = Some(id);
            match self.request(RequestId(id))? {
                Some(request) if scopes(&request).contains(&scope) => {
                    if Entry::of(&request)? != entry {
                        findings.add(SEARCH_COLUMNS.name(), format!("{name}: {id} differs from its record"));
                    }
                }
                _ => findings.add(SEARCH_COLUMNS.name(), format!("{name}: {id} does not belong there")),
            }
            let own = u32::try_from(entry.number(scope.own())).unwrap_or(0);
            let status = u8::try_from(entry.number(Number::Status)).unwrap_or(0);
            *counters.entry((side, organization, procedure, own, status)).or_default() += 1;
        }
        Ok((last.unwrap_or(0), numbers.rows() as u64))
    }

    fn find_missing(&self, findings: &mut Findings) -> Result<(), Error> {
        let table = self.source.table(REQUESTS)?;
        for row in table.iter()? {
            let request: ServiceRequest = decoded(REQUESTS.name(), row?.1.value())?;
            for scope in scopes(&request) {
                let there = match self.block_of(scope, request.id.0)? {
                    Some((first, _)) => self.place(scope, first, request.id.0)?.is_ok(),
                    None => false,
                };
                if !there {
                    findings.add(SEARCH_COLUMNS.name(), format!("{scope:?}: {} is missing", request.id));
                }
            }
        }
        Ok(())
    }
}
