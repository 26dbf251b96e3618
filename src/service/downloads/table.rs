//! Columns with what stands in them, described together so that they can't drift apart.

use crate::report::{Cell, Column};

type Reader<R> = Box<dyn Fn(&R) -> Cell + Send + Sync>;

/// The columns of a list of `R`.
pub(super) struct Table<R>(Vec<(Column, Reader<R>)>);

impl<R> Table<R> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a column of about this many half-width characters.
    pub(super) fn column<C: Into<Cell>>(
        &mut self,
        label: impl Into<String>,
        width: u16,
        read: impl Fn(&R) -> C + Send + Sync + 'static,
    ) {
        self.0.push((Column::new(label, width), Box::new(move |row| read(row).into())));
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        self.0.iter().map(|(column, _)| column.clone()).collect()
    }

    pub(super) fn rows(&self, rows: &[R]) -> Vec<Vec<Cell>> {
        rows.iter().map(|row| self.0.iter().map(|(_, read)| read(row)).collect()).collect()
    }
}
