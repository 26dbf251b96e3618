//! Uploaded tables of requests on their way: the upload, and its rows beside it.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{IMPORT_ROWS, IMPORTS, IMPORTS_BY_ORGANIZATION};
use super::{Error, Tables};
use crate::domain::ids::{ClientOrganizationId, ImportId};
use crate::domain::import::{Import, ImportRow};
use crate::domain::time::SystemTime;
use redb::{ReadableTable, TableHandle};

impl Record for Import {}
impl Record for ImportRow {}

impl<S: Source> Tables<S> {
    /// An upload.
    ///
    /// # Errors
    /// The database's.
    pub fn import(&self, id: ImportId) -> Result<Option<Import>, Error> {
        self.source.record(IMPORTS, id.0)
    }

    /// The uploads of a garage, newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn imports_of(&self, organization: ClientOrganizationId) -> Result<Vec<Import>, Error> {
        let index = self.source.table(IMPORTS_BY_ORGANIZATION)?;
        let mut imports = Vec::new();
        for row in index.range((organization.0, 0)..=(organization.0, u64::MAX))?.rev() {
            imports.extend(self.import(ImportId(row?.0.value().1))?);
        }
        Ok(imports)
    }

    /// One row of an upload, counted from 0.
    ///
    /// # Errors
    /// The database's.
    pub fn import_row(&self, id: ImportId, number: u32) -> Result<Option<ImportRow>, Error> {
        self.source.record(IMPORT_ROWS, (id.0, number))
    }

    /// Rows of an upload in order, from a number on, as long as `visit` wants more.
    ///
    /// # Errors
    /// The database's.
    pub fn each_import_row(
        &self,
        id: ImportId,
        from: u32,
        mut visit: impl FnMut(u32, ImportRow) -> bool,
    ) -> Result<(), Error> {
        let table = self.source.table(IMPORT_ROWS)?;
        for row in table.range((id.0, from)..=(id.0, u32::MAX))? {
            let (key, bytes) = row?;
            if !visit(key.value().1, decoded(IMPORT_ROWS.name(), bytes.value())?) {
                break;
            }
        }
        Ok(())
    }
}

impl Tables<&Transaction> {
    /// The number of a new upload.
    ///
    /// # Errors
    /// The database's.
    pub fn next_import_id(&mut self) -> Result<ImportId, Error> {
        self.next("import", 1).map(ImportId)
    }

    /// Puts an upload.
    ///
    /// # Errors
    /// The database's.
    pub fn put_import(&mut self, import: &Import) -> Result<(), Error> {
        self.source.set(IMPORTS_BY_ORGANIZATION, (import.organization.0, import.id.0), ())?;
        self.source.put(IMPORTS, import.id.0, import)
    }

    /// Puts a row of an upload.
    ///
    /// # Errors
    /// The database's.
    pub fn put_import_row(&mut self, id: ImportId, number: u32, row: &ImportRow) -> Result<(), Error> {
        self.source.put(IMPORT_ROWS, (id.0, number), row)
    }

    /// Removes at most `most` rows of an upload, and the upload with its last; true when nothing is left of it.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_import(&mut self, import: &Import, most: usize) -> Result<bool, Error> {
        let id = import.id.0;
        let numbers = {
            let table = self.source.table(IMPORT_ROWS)?;
            let rows = table.range((id, 0)..=(id, u32::MAX))?.take(most);
            rows.map(|row| Ok(row?.0.value().1)).collect::<Result<Vec<u32>, Error>>()?
        };
        for number in &numbers {
            self.source.remove(IMPORT_ROWS, (id, *number))?;
        }
        if numbers.len() == most {
            return Ok(false);
        }
        self.source.remove(IMPORTS_BY_ORGANIZATION, (import.organization.0, id))?;
        self.source.remove(IMPORTS, id)?;
        Ok(true)
    }

    /// The oldest upload from before a time.
    ///
    /// # Errors
    /// The database's.
    pub fn old_import(&mut self, before: SystemTime) -> Result<Option<Import>, Error> {
        let table = self.source.table(IMPORTS)?;
        let first = table.first()?.map(|(_, bytes)| decoded::<Import>(IMPORTS.name(), bytes.value())).transpose()?;
        Ok(first.filter(|import| import.uploaded < before))
    }
}
