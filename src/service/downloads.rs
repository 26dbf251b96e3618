//! Lists as files: which there are for whom, and going through them in parts. Each part has a snapshot of its own and
//! reads the actor again, so that a long download holds neither memory nor pages, and ends when the user does.

mod people;
mod records;
mod table;

use super::audit;
use super::error::{Error, Result};
use super::reason::Reason;
use crate::app::{App, Shared};
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::procedure::{self, Procedure};
use crate::domain::request::Status;
use crate::domain::role::AgentRole;
use crate::domain::search::{Conditions, Order, Page};
use crate::report::csv::{self, Encoding};
use crate::report::{Cell, Column, Format, excel};
use crate::service::requests::view::scope;
use crate::store::Read;
use std::io::{BufWriter, Read as _, Seek, SeekFrom};
use std::sync::Arc;
use table::Table;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Rows of a part.
const PART: usize = 500;
/// Bytes of a part of a finished file.
const CHUNK: u64 = 64 << 10;
/// Workbooks that are made at once; the next waits.
const WORKBOOKS: usize = 2;

/// Keeps the number of workbooks that are made at once.
#[derive(Debug)]
pub struct Workbooks(Arc<Semaphore>);

impl Default for Workbooks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(WORKBOOKS)))
    }
}

/// A list that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// 依頼人ユーザー or 代理人ユーザー.
    Users,
    /// 依頼人拠点 or 代理人拠点.
    Branches,
    /// 依頼データ or 申請データ.
    Requests(Box<Requests>),
}

/// Requests of one procedure, in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// The procedure's code.
    pub procedure: u8,
    /// 申請データ rather than 依頼データ: with 状況照会 and 納付情報.
    pub filed: bool,
    /// Conditions of a search; its statuses are those of the page.
    pub conditions: Conditions,
    /// As on the screen.
    pub order: Order,
}

impl Requests {
    /// Everything that the user may see.
    pub fn all(procedure: &Procedure, filed: bool, actor: &Actor) -> Self {
        let statuses = if filed { procedure.application_statuses } else { procedure.request_statuses };
        let garage = matches!(actor, Actor::Client(_));
        let statuses = statuses.iter().copied().filter(|status| garage || *status != Status::Draft).collect();
        let conditions = Conditions { statuses, ..Conditions::default() };
        Self { procedure: procedure.code, filed, conditions, order: Order::Newest }
    }
}

impl List {
    /// What it is called, on pages and in the file's name.
    pub fn title(&self, actor: &Actor) -> String {
        let side = if matches!(actor, Actor::Client(_)) { "依頼人" } else { "代理人" };
        match self {
            Self::Users => format!("{side}ユーザー"),
            Self::Branches => format!("{side}拠点"),
            Self::Requests(requests) => {
                let noun = if requests.filed { "申請データ" } else { "依頼データ" };
                let label = procedure::by_code(requests.procedure).map_or("", |procedure| procedure.label);
                format!("【{label}】{noun}")
            }
        }
    }

    /// Its name in addresses and in the audit.
    pub fn key(&self) -> String {
        match self {
            Self::Users => "users".to_owned(),
            Self::Branches => "branches".to_owned(),
            Self::Requests(requests) => {
                let kind = if requests.filed { "applications" } else { "requests" };
                format!("{}.{kind}", procedure::by_code(requests.procedure).map_or("", |procedure| procedure.slug))
            }
        }
    }
}

/// The lists that 各種ダウンロード offers to this user.
pub fn offered(actor: &Actor) -> Vec<List> {
    let requests = procedure::ALL.iter().flat_map(|procedure| {
        [false, true].map(|filed| List::Requests(Box::new(Requests::all(procedure, filed, actor))))
    });
    [List::Users, List::Branches].into_iter().filter(|list| may(actor, list)).chain(requests).collect()
}

/// Users and branches are for those who manage them; an agent's branches no secret among its staff.
fn may(actor: &Actor, list: &List) -> bool {
    match (list, actor) {
        (List::Requests(_), _) | (List::Branches, Actor::Agent(_)) => true,
        (List::Users | List::Branches, Actor::Client(actor)) => !actor.role().is_staff(),
        (List::Users, Actor::Agent(actor)) => actor.role() == AgentRole::Administrator,
    }
}

/// A file on its way, in parts.
pub struct Download {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub format: Format,
    title: String,
    rows: Rows,
    state: State,
}

enum State {
    Head(csv::Writer),
    Lines(csv::Writer),
    Workbook(Arc<Semaphore>),
    File(std::fs::File),
}

/// Begins a download: who may, how much it is, and a line in the audit.
///
/// # Errors
/// `NotFound` for a list that is none of this user's; `Refused` when there are more rows than a sheet holds.
pub async fn begin(app: &Shared, actor: &Actor, list: List, format: Format) -> Result<Download> {
    let (now, title) = (app.clocks.now(), list.title(actor));
    let rows = Rows {
        app: Arc::clone(app),
        actor: actor.clone(),
        source: Source::of(app, actor, &list),
        list,
        after: Place::Start,
    };
    let total = app.store.read(|tx| rows.total(tx))?;
    if format == Format::Excel && total > excel::MOST_ROWS {
        return Err(Reason::TooManyRows { rows: total, most: excel::MOST_ROWS }.into());
    }
    let csv = |encoding| State::Head(csv::Writer::new(encoding, &rows.source.columns()));
    let state = match format {
        Format::Excel => State::Workbook(Arc::clone(&app.workbooks.0)),
        Format::CsvUtf8 => csv(Encoding::Utf8),
        Format::CsvShiftJis => csv(Encoding::ShiftJis),
    };
    let local = now.business.local();
    let made = format!("{}_{:02}{:02}", now.business.day().number(), local.hour(), local.minute());
    let name = format!("{title}_{made}.{}", format.extension());
    let (user, subject) = (actor.user(), format!("list {}", rows.list.key()));
    let conditions = match &rows.list {
        List::Requests(requests) => requests.conditions.names(),
        List::Users | List::Branches => Vec::new(),
    };
    let details = [format!("format {}", format.key()), format!("rows {total}")];
    let details: Vec<String> = details.into_iter().chain(conditions.into_iter().map(str::to_owned)).collect();
    app.store.write(move |tx| audit::note(tx, now, user, "download", subject.clone(), details.clone())).await?;
    Ok(Download { name, format, title, rows, state })
}

impl Download {
    /// What the next part has to wait for, when as many workbooks as may are being made.
    ///
    /// # Errors
    /// Only while the node stops.
    pub async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>> {
        match &self.state {
            State::Workbook(turns) => Arc::clone(turns).acquire_owned().await.map(Some).map_err(Error::internal),
            State::Head(_) | State::Lines(_) | State::File(_) => Ok(None),
        }
    }

    /// The next bytes; none when the file is complete. Waits for the disk: never on an async worker.
    ///
    /// # Errors
    /// `SignedOut` and `NotFound` when the user was removed or changed meanwhile; the store's and the disk's.
    pub fn part(mut self) -> Result<Option<(Vec<u8>, Self)>> {
        let bytes = match &mut self.state {
            State::Head(writer) => {
                let (head, writer) = (writer.head().map_err(Error::internal)?, writer.clone());
                self.state = State::Lines(writer);
                head
            }
            State::Lines(writer) => writer.rows(&self.rows.next()?).map_err(Error::internal)?,
            State::Workbook(_) => {
                let file = self.workbook()?;
                self.state = State::File(file);
                return self.part();
            }
            State::File(file) => {
                let mut bytes = Vec::new();
                file.take(CHUNK).read_to_end(&mut bytes).map_err(Error::internal)?;
                bytes
            }
        };
        Ok(if bytes.is_empty() { None } else { Some((bytes, self)) })
    }

    /// Makes the whole workbook, in a file without a name that is gone when it is closed.
    fn workbook(&mut self) -> Result<std::fs::File> {
        let folder = self.rows.app.folder.scratch().map_err(Error::internal)?;
        let (columns, made) = (self.rows.source.columns(), self.rows.app.clocks.business());
        let mut workbook = excel::Writer::new(&self.title, &columns, &folder, made).map_err(Error::internal)?;
        loop {
            let rows = self.rows.next()?;
            if rows.is_empty() {
                break;
            }
            workbook.rows(&rows).map_err(Error::internal)?;
        }
        let mut file = tempfile::tempfile_in(&folder).map_err(Error::internal)?;
        workbook.finish(BufWriter::new(&file)).map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(file)
    }
}

/// Goes through a list.
struct Rows {
    app: Shared,
    actor: Actor,
    list: List,
    source: Source,
    after: Place,
}

/// How far it got.
enum Place {
    Start,
    Behind(RequestId),
    End,
}

/// The columns of a list.
enum Source {
    Users(Table<people::Person>),
    Branches(Table<people::Workshop>),
    Requests(Table<records::Record>),
}

impl Source {
    fn of(app: &App, actor: &Actor, list: &List) -> Self {
        match list {
            List::Users => Self::Users(people::user_columns(actor)),
            List::Branches => Self::Branches(people::branch_columns(actor)),
            List::Requests(requests) => Self::Requests(records::columns(&app.tables, actor, requests)),
        }
    }

    fn columns(&self) -> Vec<Column> {
        match self {
            Self::Users(table) => table.columns(),
            Self::Branches(table) => table.columns(),
            Self::Requests(table) => table.columns(),
        }
    }
}

impl Rows {
    /// How many rows there are now.
    fn total(&self, tx: &Read) -> Result<u64> {
        let actor = again(tx, &self.actor, &self.list)?;
        let rows = match &self.list {
            List::Requests(requests) => {
                let Requests { procedure, conditions, order, .. } = &**requests;
                let page = Page { number: 1, size: 1 };
                return Ok(tx.search(scope(&actor), *procedure, conditions, *order, page)?.total);
            }
            List::Users => people::users(tx, &actor)?.len(),
            List::Branches => people::branches(tx, &actor)?.len(),
        };
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    /// The next rows; none at the end.
    fn next(&mut self) -> Result<Vec<Vec<Cell>>> {
        let Self { app, actor, list, source, after } = self;
        let (rows, place) = app.store.read(|tx| {
            if matches!(after, Place::End) {
                return Ok((Vec::new(), Place::End));
            }
            let actor = again(tx, actor, list)?;
            match source {
                Source::Users(table) => Ok((table.rows(&people::users(tx, &actor)?), Place::End)),
                Source::Branches(table) => Ok((table.rows(&people::branches(tx, &actor)?), Place::End)),
                Source::Requests(table) => {
                    let List::Requests(requests) = list else { return Err(Error::NotFound) };
                    let Requests { procedure, conditions, order, .. } = &**requests;
                    let after = if let Place::Behind(id) = after { Some(*id) } else { None };
                    let ids = tx.following(scope(&actor), *procedure, conditions, *order, after, PART)?;
                    let place = ids.last().map_or(Place::End, |id| Place::Behind(*id));
                    Ok((table.rows(&records::read(tx, &ids)?), place))
                }
            }
        })?;
        self.after = place;
        Ok(rows)
    }
}

/// The actor as they are now, when the list is still theirs.
fn again(tx: &Read, actor: &Actor, list: &List) -> Result<Actor> {
    let actor = match actor {
        Actor::Client(client) => tx.client_actor(client.user())?.map(Actor::Client),
        Actor::Agent(agent) => tx.agent_actor(agent.user())?.map(Actor::Agent),
    };
    let actor = actor.ok_or(Error::SignedOut)?;
    if may(&actor, list) { Ok(actor) } else { Err(Error::NotFound) }
}
