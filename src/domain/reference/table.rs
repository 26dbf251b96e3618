//! Reading tab-separated text: header names, and where a cell is when it can't be read.

use crate::domain::reference::Validity;
use crate::domain::time::Day;

/// Why a reference table can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reference table {table}, line {line}: {what}")]
pub struct TableError {
    /// The table.
    pub table: &'static str,
    /// The line, from 1; 0 for the table as a whole.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// A row with access to its cells by column name.
pub(in crate::domain) struct Row<'a> {
    table: &'static str,
    line: usize,
    header: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The cell of a column.
    pub(in crate::domain) fn text(&self, column: &str) -> Result<&'a str, TableError> {
        let found = self.header.iter().position(|name| *name == column).and_then(|at| self.cells.get(at));
        found.copied().ok_or_else(|| self.error(format!("no column {column}")))
    }

    /// The cell, parsed by `parse`.
    pub(in crate::domain) fn read<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, TableError> {
        let text = self.text(column)?;
        parse(text).ok_or_else(|| self.error(format!("{column}: can't read {text:?}")))
    }

    /// The cell, parsed by `parse`; none when it is empty.
    pub(in crate::domain) fn optional<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, TableError> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.read(column, parse).map(Some) }
    }

    /// `yes` or `no`.
    pub(in crate::domain) fn flag(&self, column: &str) -> Result<bool, TableError> {
        self.read(column, |text| match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })
    }

    /// `valid_from` and `valid_to`; a table without `valid_to` is open-ended.
    pub(in crate::domain) fn validity(&self) -> Result<Validity, TableError> {
        let to = if self.header.contains(&"valid_to") { self.optional("valid_to", Day::parse)? } else { None };
        Ok(Validity { from: self.optional("valid_from", Day::parse)?, to })
    }

    /// An error at this row.
    pub(in crate::domain) fn error(&self, what: String) -> TableError {
        TableError { table: self.table, line: self.line, what }
    }
}

/// Reads every row below the header. Lines that begin with `#` are comments.
pub(in crate::domain) fn rows<T>(
    table: &'static str,
    text: &str,
    mut read: impl FnMut(&Row) -> Result<T, TableError>,
) -> Result<Vec<T>, TableError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    lines
        .map(|(at, line)| {
            let row = Row { table, line: at + 1, header: &header, cells: line.split('\t').collect() };
            if row.cells.len() == header.len() {
                read(&row)
            } else {
                Err(row.error(format!("{} cells, the header has {}", row.cells.len(), header.len())))
            }
        })
        .collect()
}
