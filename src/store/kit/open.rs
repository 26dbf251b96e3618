//! Opening a data file: what kind it is, which schema it has, and bringing it to the newest.

use super::backend::{Act, Fault, Gate, Watched};
use super::{Error, OpenError};
use redb::backends::FileBackend;
use redb::{ReadableDatabase, TableDefinition, TableError, TableHandle, WriteTransaction};
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The one table every data file has: "kind" → what it is, "schema" → number, as text.
pub(super) const FILE: TableDefinition<'static, &'static str, &'static str> = TableDefinition::new("file");

/// A table of a data file, for everything that goes over all of them.
#[derive(Clone, Copy)]
pub struct Registered {
    /// Its name.
    pub name: &'static str,
    /// Opens it, which creates it.
    pub create: fn(&WriteTransaction) -> Result<(), TableError>,
}

/// Brings a file from the schema before to this one. Runs in one transaction with the change of the number.
#[derive(Clone, Copy)]
pub struct Migration {
    /// The schema it leads to.
    pub to: u32,
    /// What it does.
    pub run: Step,
}

/// What a migration does.
pub type Step = fn(&super::Transaction) -> Result<(), Error>;

/// How a data file is opened.
#[derive(Clone)]
pub struct Settings {
    /// What the file is, so that one is never taken for the other.
    pub kind: &'static str,
    /// Its tables.
    pub tables: &'static [Registered],
    /// The newest schema; what a new file gets.
    pub schema: u32,
    /// In ascending order, the last one leading to `schema`; empty for schema 1.
    pub migrations: &'static [Migration],
    /// Memory for pages.
    pub cache_bytes: usize,
    /// Tables of which every commit that may have changed one is counted: see [`super::Database::changes`].
    pub watched: &'static [&'static str],
    /// How many jobs may wait.
    pub queue: usize,
    /// Whether a missing file is created.
    pub create: bool,
    /// Whether the checksum of every page is verified first, which reads the whole file.
    pub verify: bool,
    /// After a full disk, how long to wait before the next try.
    pub retry: Duration,
    /// Stands between the database and the disk; tests only.
    pub gate: Option<Gate>,
}

impl Settings {
    /// The usual values for a kind of file.
    pub fn new(kind: &'static str, tables: &'static [Registered], schema: u32) -> Self {
        Self {
            kind,
            tables,
            schema,
            migrations: &[],
            cache_bytes: 64 << 20,
            watched: &[],
            queue: 4_096,
            create: true,
            verify: false,
            retry: Duration::from_secs(2),
            gate: None,
        }
    }
}

pub(super) struct Opener {
    path: PathBuf,
    settings: Settings,
    pub(super) fault: Fault,
}

impl Opener {
    pub(super) fn new(path: &Path, settings: &Settings) -> Self {
        Self { path: path.to_owned(), settings: settings.clone(), fault: Fault::default() }
    }

    pub(super) fn watched(&self) -> &'static [&'static str] {
        self.settings.watched
    }

    pub(super) fn retry(&self) -> Duration {
        self.settings.retry
    }

    pub(super) fn open(&self) -> Result<redb::Database, OpenError> {
        // Pages that something else has changed may make the database panic: the file is what is broken.
        let opened = catch_unwind(AssertUnwindSafe(|| self.open_whole()));
        opened.unwrap_or_else(|_| Err(OpenError::Damaged("the database panicked".to_owned())))
    }

    fn open_whole(&self) -> Result<redb::Database, OpenError> {
        // What is empty was a data file once, and would become a new one without anybody noticing.
        if self.path.metadata().is_ok_and(|found| found.len() == 0) {
            return Err(OpenError::Damaged("an empty file".to_owned()));
        }
        let file =
            OpenOptions::new().read(true).write(true).create(self.settings.create).truncate(false).open(&self.path)?;
        let backend = Watched::new(FileBackend::new(file)?, self.fault.clone(), self.settings.gate.clone());
        let database = redb::Builder::new()
            .set_cache_size(self.settings.cache_bytes)
            .set_check_integrity_on_open(self.settings.verify)
            .create_with_backend(backend)?;
        let found = self.schema(&database)?;
        if found != Some(self.settings.schema) || !self.is_complete(&database)? {
            self.migrate(&database, found)?;
        }
        Ok(database)
    }

    /// Whether every table exists: a new one alone is not a new schema, because what was there stays as it is.
    fn is_complete(&self, database: &redb::Database) -> Result<bool, Error> {
        let snapshot = database.begin_read()?;
        let names: HashSet<String> = snapshot.list_tables()?.map(|table| table.name().to_owned()).collect();
        Ok(self.settings.tables.iter().all(|table| names.contains(table.name)))
    }

    /// Whether the disk takes something again: a file beside this one. Asked before the database is closed and opened
    /// anew, because without space it could not be opened, and there would be nothing to read from.
    pub(super) fn has_space(&self) -> bool {
        const SOME: &[u8] = &[1; 1 << 20];
        let beside = self.path.with_extension("space");
        let admitted =
            self.settings.gate.as_ref().is_none_or(|gate| gate(Act::Write { offset: 0, data: SOME }).is_ok());
        let written = admitted
            && File::create(&beside).and_then(|mut file| file.write_all(SOME).and_then(|()| file.sync_all())).is_ok();
        drop(std::fs::remove_file(&beside));
        written
    }

    /// The file's schema; none for a new file.
    fn schema(&self, database: &redb::Database) -> Result<Option<u32>, OpenError> {
        let snapshot = database.begin_read().map_err(Error::from)?;
        let table = match snapshot.open_table(FILE) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => {
                return if snapshot.list_tables().map_err(Error::from)?.next().is_none() {
                    Ok(None)
                } else {
                    Err(OpenError::Damaged("no table that says what the file is".to_owned()))
                };
            }
            Err(error) => return Err(Error::from(error).into()),
        };
        let text = |key: &str| -> Result<String, Error> {
            Ok(table.get(key)?.map(|value| value.value().to_owned()).unwrap_or_default())
        };
        let kind = text("kind")?;
        if kind != self.settings.kind {
            return Err(OpenError::OtherKind { found: kind, wanted: self.settings.kind });
        }
        let found: u32 = text("schema")?.parse().map_err(|_| OpenError::Damaged("no schema number".to_owned()))?;
        if found > self.settings.schema {
            return Err(OpenError::NewerVersion { found, known: self.settings.schema });
        }
        Ok(Some(found))
    }

    /// One transaction for each step, with its number; then every table exists.
    fn migrate(&self, database: &redb::Database, found: Option<u32>) -> Result<(), OpenError> {
        for migration in self.settings.migrations.iter().filter(|step| found.is_some_and(|found| step.to > found)) {
            self.step(database, migration.to, Some(migration.run))?;
        }
        Ok(self.step(database, self.settings.schema, None)?)
    }

    fn step(&self, database: &redb::Database, schema: u32, run: Option<Step>) -> Result<(), Error> {
        let mut tx = database.begin_write()?;
        tx.set_quick_repair(true);
        {
            let mut table = tx.open_table(FILE)?;
            table.insert("kind", self.settings.kind)?;
            table.insert("schema", schema.to_string().as_str())?;
        }
        let tx = super::Transaction::new(tx, self.settings.watched);
        match run {
            Some(run) => run(&tx)?,
            None => self.settings.tables.iter().try_for_each(|table| (table.create)(&tx.tx))?,
        }
        super::Source::settle(&tx)?;
        Ok(tx.tx.commit()?)
    }
}

impl Registered {
    /// The table every data file has.
    pub const FILE: &'static str = "file";

    /// Names of all tables that a file of these settings holds, sorted.
    pub fn names(tables: &[Self]) -> Vec<String> {
        let mut names: Vec<_> = tables.iter().map(|table| table.name).chain([FILE.name()]).map(str::to_owned).collect();
        names.sort();
        names
    }
}
