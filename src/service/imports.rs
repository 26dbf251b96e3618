//! 依頼データ一括登録: a file becomes a table with everything that is wrong with it, and the chosen rows become requests,
//! as long work. A row becomes one request at most, however often it is tried.

pub(super) mod read;
mod result;

pub use result::{File, result, template};

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use super::requests::{self, How, NewRequest, Writing};
use super::work::{self, Step};
use crate::app::App;
use crate::domain::actor::{Actor, ClientActor};
use crate::domain::chassis::{ChassisNumber, suffix_key};
use crate::domain::ids::{AgentOrganizationId, ImportId, RequestId, WorkId};
use crate::domain::import::{
    self, Cell, Checked, Column, Finding, Import, ImportRow, Mapping, Offer, Place, check, columns,
};
use crate::domain::plate::Plate;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Regions;
use crate::domain::request::ServiceRequest;
use crate::domain::role::ClientRole;
use crate::domain::search::Scope;
use crate::domain::time::{BusinessTime, Day, SystemTime};
use crate::domain::work::{Outcome, Subject, Work, WorkKind, WorkState};
use crate::store::{Read, Source, Tables};
use ring::digest;
use std::collections::HashMap;

/// The largest file.
pub const LARGEST: usize = 10 << 20;
/// Days that an upload is kept.
pub const KEPT_DAYS: i64 = 30;
/// Rows that are written in one transaction.
const PART: usize = 1_000;
/// Other requests of its vehicle that a row names.
const NAMED: usize = 5;
/// Days after completion in which another request of the vehicle is doubtful.
const RECENT_DAYS: i32 = 30;

/// Reads and checks a file and keeps it for its owner to look at.
///
/// # Errors
/// `Invalid` with what the file as a whole lacks, under `file`.
pub async fn upload(
    app: &App,
    actor: &ClientActor,
    procedure: &'static Procedure,
    name: &str,
    content: &[u8],
    once: Token,
) -> Result<ImportId> {
    let (owner, organization) = (actor.user(), actor.organization());
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, content).as_ref());
    let once = once.of(("import", procedure.code, sum));
    if let Some(earlier) = app.store.read(|tx| Ok::<_, Error>(tx.submission(owner, once.as_str())?))? {
        return earlier.parse().map_err(|()| Error::internal("a stored outcome is no number"));
    }
    let (content, tables) = (content.to_vec(), std::sync::Arc::clone(&app.tables));
    let (store, actor, now) = (app.store.clone(), actor.clone(), app.clocks.business());
    let (mapping, rows) = tokio::task::spawn_blocking(move || {
        let sheet = read::table(&content).map_err(|message| Problems::one("file", message))?;
        let columns = columns(procedure);
        let mapping = Mapping::of(&columns, &sheet.headings).map_err(|wrong| {
            let mut problems = Problems::new();
            wrong.into_iter().for_each(|message| problems.add("file", message));
            problems
        })?;
        let rows = store.read(|tx| {
            let offer = offer(tx, &actor, procedure, &tables.regions)?;
            let mut rows = Vec::with_capacity(sheet.rows.len());
            for (line, cells) in &sheet.rows {
                let cells = mapping.cells(cells);
                let mut checked = check(procedure, &columns, &cells, &offer);
                if let (Some(row), true) = (&checked.row, checked.unsendable.is_empty()) {
                    let agent = tx.agent_branch(row.agent_branch)?.map(|branch| branch.organization);
                    let draft = draft(&actor, procedure, row, agent.ok_or(Error::NotFound)?, now);
                    if let Err(Error::Refused(reason)) = requests::check_sendable(tx, &draft) {
                        checked.unsendable.push((String::new(), reason.sentence()));
                    }
                }
                rows.push((*line, cells, checked));
            }
            doubt_twins(tx, &actor, procedure, now.day(), &mut rows)?;
            Ok::<_, Error>(rows)
        })?;
        let rows: Vec<ImportRow> =
            rows.into_iter().map(|(line, cells, checked)| kept(&columns, line, cells, checked)).collect();
        Ok::<_, Error>((mapping, rows))
    })
    .await
    .map_err(Error::internal)??;
    let count =
        |test: &dyn Fn(&&ImportRow) -> bool| u32::try_from(rows.iter().filter(test).count()).unwrap_or(u32::MAX);
    let good = |row: &&ImportRow| row.problems.is_empty();
    let now = app.clocks.now();
    let id = app.store.write(move |tx| Ok::<_, Error>(tx.next_import_id()?)).await?;
    let import = Import {
        id,
        organization,
        owner,
        procedure: procedure.code,
        name: name.to_owned(),
        digest: sum,
        uploaded: now.system,
        unknown: mapping.unknown,
        rows: count(&|_| true),
        good: count(&good),
        doubtful: count(&|row| good(row) && !row.doubts.is_empty()),
        sendable: count(&|row| good(row) && row.unsendable.is_empty()),
    };
    for (part, rows) in (0_u32..).zip(rows.chunks(PART)) {
        let (rows, first) = (rows.to_vec(), part.saturating_mul(u32::try_from(PART).unwrap_or(u32::MAX)));
        app.store
            .write(move |tx| {
                (first..).zip(&rows).try_for_each(|(number, row)| tx.put_import_row(id, number, row))?;
                Ok::<_, Error>(())
            })
            .await?;
    }
    app.store
        .write(move |tx| {
            let details = vec![format!("rows {}", import.rows), format!("good {}", import.good)];
            audit::note(tx, now, owner, "import.upload", format!("import {id}"), details)?;
            tx.put_import(&import)?;
            tx.put_submission(owner, once.as_str(), &id.to_string(), now.system)?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(id)
}

/// A row with what was found, as it is kept.
fn kept(columns: &[Column], line: u32, cells: Vec<String>, checked: Checked) -> ImportRow {
    let findings =
        |found: Vec<(String, String)>| found.into_iter().map(|(column, message)| Finding { column, message }).collect();
    let cells = columns.iter().zip(cells).filter(|(_, text)| !text.is_empty());
    ImportRow {
        line,
        cells: cells.map(|(column, text)| Cell { key: column.key.to_owned(), text }).collect(),
        problems: findings(checked.problems),
        doubts: checked.doubts,
        unsendable: findings(checked.unsendable),
        request: None,
    }
}

/// What the rows can choose from.
fn offer<'a, S: Source>(
    tx: &Tables<S>,
    actor: &ClientActor,
    procedure: &Procedure,
    regions: &'a Regions,
) -> Result<Offer<'a>> {
    let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
    let mut branches = Vec::new();
    for branch in tx.branches_of(actor.organization())? {
        if branch.active && actor.covers(branch.organization, branch.id) {
            let names = [branch.short_name.clone(), branch.name.clone()];
            branches.push((Place::new(branch.id, branch.code.clone(), &names), branch));
        }
    }
    let mut agents = Vec::new();
    for agent in tx.agent_organizations()? {
        if !agent.active || !agent.procedures.contains(&procedure.code) {
            continue;
        }
        for branch in tx.agent_branches_of(agent.id)?.into_iter().filter(|branch| branch.active) {
            let names = [
                format!("{}　{}", agent.short_name, branch.short_name),
                format!("{}　{}", agent.name, branch.name),
                branch.short_name,
                branch.name,
            ];
            agents.push(Place::new(branch.id, branch.code, &names));
        }
    }
    Ok(Offer { organization, branches, agents, regions })
}

/// The request that a row would become, as far as it can be told before it has an ID.
fn draft(
    actor: &ClientActor,
    procedure: &Procedure,
    row: &import::NewRow,
    agent: AgentOrganizationId,
    now: BusinessTime,
) -> ServiceRequest {
    ServiceRequest {
        plate: Some(row.plate.clone()),
        chassis: Some(row.chassis.clone()),
        fields: row.values.clone(),
        ..ServiceRequest::draft(
            RequestId(0),
            procedure.code,
            (actor.organization(), row.branch),
            (agent, row.agent_branch),
            now,
        )
    }
}

/// Doubts about vehicles that stand in the file twice, or have a request already.
fn doubt_twins(
    tx: &Read,
    actor: &ClientActor,
    procedure: &Procedure,
    today: Day,
    rows: &mut [(u32, Vec<String>, Checked)],
) -> Result<()> {
    let mut plates: HashMap<String, Vec<usize>> = HashMap::new();
    let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (_, _, checked)) in rows.iter().enumerate() {
        if let Some(row) = &checked.row {
            plates.entry(row.plate.to_string()).or_default().push(at);
            numbers.entry(suffix_key(&row.chassis.number)).or_default().push(at);
        }
    }
    let mut first: HashMap<usize, usize> = HashMap::new();
    for same in plates.values().chain(numbers.values()) {
        if let [one, others @ ..] = same.as_slice() {
            for other in others {
                let earliest = first.entry(*other).or_insert(*one);
                *earliest = (*earliest).min(*one);
            }
        }
    }
    let mut taken: HashMap<usize, Vec<RequestId>> = HashMap::new();
    for (same, by_plate) in plates.values().map(|same| (same, true)).chain(numbers.values().map(|same| (same, false))) {
        let first = same.first().and_then(|at| rows.get(*at)).and_then(|(_, _, checked)| checked.row.as_ref());
        let Some(row) = first else { continue };
        let (plate, chassis) = if by_plate { (Some(&row.plate), None) } else { (None, Some(&row.chassis)) };
        let Some(requests) = under_way(tx, actor, procedure, (plate, chassis), today)? else { continue };
        for at in same {
            let all = taken.entry(*at).or_default();
            all.extend(&requests);
            all.sort_unstable_by(|one, other| other.cmp(one));
            all.dedup();
        }
    }
    let lines: Vec<u32> = rows.iter().map(|(line, ..)| *line).collect();
    for (at, (_, _, checked)) in rows.iter_mut().enumerate() {
        if let Some(line) = first.get(&at).and_then(|first| lines.get(*first)) {
            checked.doubts.push(format!("{line}行目と同じ車両です。どちらか1行でよいか確認してください。"));
        }
        if let Some(requests) = taken.remove(&at) {
            checked.doubts.push(Reason::SameVehicle { requests, elsewhere: "ほかの拠点" }.sentence());
        }
    }
    Ok(())
}

/// The garage's requests for a vehicle that are under way, or were completed lately, as far as they are named; none when
/// there are none. What another branch has is not named.
fn under_way(
    tx: &Read,
    actor: &ClientActor,
    procedure: &Procedure,
    (plate, chassis): (Option<&Plate>, Option<&ChassisNumber>),
    today: Day,
) -> Result<Option<Vec<RequestId>>> {
    let (scope, since) = (Scope::Client(actor.organization(), None), today.plus_days(-RECENT_DAYS));
    let found = tx.unfinished_of_vehicle(scope, procedure.code, plate, chassis, since)?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut named = Vec::new();
    for id in found {
        named.extend(tx.request_for_client(actor, id)?.map(|request| request.id));
        if named.len() == NAMED {
            break;
        }
    }
    Ok(Some(named))
}

/// Which rows of an upload its page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All.
    All,
    /// Those with problems.
    Bad,
    /// Those to be looked at.
    Doubtful,
}

/// An upload with a page of its rows.
#[derive(Debug, Clone)]
pub struct View {
    /// The upload.
    pub import: Import,
    /// Rows of the page.
    pub rows: Vec<ImportRow>,
    /// Rows on all pages.
    pub total: u32,
    /// Rows that are requests already.
    pub registered: u32,
    /// The same content, uploaded before: when and by whom.
    pub twin: Option<(SystemTime, String)>,
    /// Long work for it, newest first.
    pub works: Vec<Work>,
}

/// The page of an upload: `skip` rows of those shown are on earlier pages, at most `take` on this one.
///
/// # Errors
/// `NotFound` when it is not the actor's.
pub fn view(app: &App, actor: &ClientActor, id: ImportId, shown: Shown, skip: u32, take: u32) -> Result<View> {
    app.store.read(|tx| {
        let import = owned(tx, actor, id)?;
        let (mut rows, mut seen, mut registered) = (Vec::new(), 0_u32, 0_u32);
        tx.each_import_row(id, 0, |_, row| {
            registered += u32::from(row.request.is_some());
            let wanted = match shown {
                Shown::All => true,
                Shown::Bad => !row.problems.is_empty(),
                Shown::Doubtful => row.problems.is_empty() && !row.doubts.is_empty(),
            };
            if wanted {
                if seen >= skip && seen - skip < take {
                    rows.push(row);
                }
                seen += 1;
            }
            true
        })?;
        let same =
            |other: &&Import| other.id < id && other.digest == import.digest && other.procedure == import.procedure;
        let twin = match tx.imports_of(import.organization)?.iter().find(same) {
            Some(twin) => Some((twin.uploaded, tx.user(twin.owner)?.map_or_else(String::new, |user| user.name))),
            None => None,
        };
        Ok(View { rows, total: seen, registered, twin, works: works(tx, actor, id)?, import })
    })
}

/// One's own uploads of a procedure, newest first.
///
/// # Errors
/// Only of the store.
pub fn recent(app: &App, actor: &ClientActor, procedure: &Procedure) -> Result<Vec<Import>> {
    app.store.read(|tx| {
        let mut imports = tx.imports_of(actor.organization())?;
        imports.retain(|import| import.owner == actor.user() && import.procedure == procedure.code);
        Ok(imports)
    })
}

fn owned<S: Source>(tx: &Tables<S>, actor: &ClientActor, id: ImportId) -> Result<Import> {
    tx.import(id)?
        .filter(|import| import.owner == actor.user() && import.organization == actor.organization())
        .ok_or(Error::NotFound)
}

/// Long work for an upload, newest first.
fn works(tx: &Read, actor: &ClientActor, id: ImportId) -> Result<Vec<Work>> {
    let mut works = tx.works_of(actor.user())?;
    works.retain(|work| matches!(work.kind, WorkKind::Import { import, .. } if import == id));
    Ok(works)
}

/// Which rows are registered, and how.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Numbers of lines, from and to; every row that can be registered when none are given.
    pub lines: Vec<(u32, u32)>,
    /// Rows with doubts too.
    pub doubtful: bool,
    /// 送信 in the same step; rows that can't be sent are not registered.
    pub send: bool,
}

/// 登録: the chosen rows become requests, as long work.
///
/// # Errors
/// `Invalid` when a chosen row can't be registered, or none is left; `Forbidden` to send without the right.
pub async fn begin(app: &App, actor: &ClientActor, id: ImportId, choice: Choice, once: Token) -> Result<WorkId> {
    if choice.send && actor.role() != ClientRole::StaffMaySend {
        return Err(Error::Forbidden);
    }
    let (import, chosen) = app.store.read(|tx| {
        let import = owned(tx, actor, id)?;
        let open = works(tx, actor, id)?.iter().any(|work| work.state == WorkState::Open);
        if open {
            return Err(Error::Refused(Reason::ImportUnderWay));
        }
        let (mut chosen, mut wrong) = (Vec::new(), Vec::new());
        tx.each_import_row(id, 0, |number, row| {
            if choice.lines.is_empty() || choice.lines.iter().any(|(from, to)| (*from..=*to).contains(&row.line)) {
                match refusal(&row, &choice) {
                    None => chosen.push(Subject::Row(number, row.line)),
                    Some(_) if choice.lines.is_empty() || row.request.is_some() => {}
                    Some(why) => wrong.push(format!("{}行目は登録できません。{why}", row.line)),
                }
            }
            true
        })?;
        let mut problems = Problems::new();
        let more = wrong.len().saturating_sub(10);
        wrong.into_iter().take(10).for_each(|message| problems.add("lines", message));
        if more > 0 {
            problems.add("lines", format!("ほかに{more}行あります。"));
        }
        if chosen.is_empty() && problems.is_empty() {
            problems.add("lines", "登録できる行がありません。選び方を確認してください。");
        }
        Ok(problems.or((import, chosen))?)
    })?;
    let kind =
        WorkKind::Import { procedure: import.procedure, import: id, doubtful: choice.doubtful, send: choice.send };
    work::begin(app, &Actor::Client(actor.clone()), kind, chosen, once).await
}

/// Why a row is not registered under a choice.
fn refusal(row: &ImportRow, choice: &Choice) -> Option<&'static str> {
    if row.request.is_some() {
        Some("登録済みです。")
    } else if !row.problems.is_empty() {
        Some("エラーがあります。")
    } else if !row.doubts.is_empty() && !choice.doubtful {
        Some("確認事項があります。「確認事項のある行も登録する」にチェックしてください。")
    } else if choice.send && !row.unsendable.is_empty() {
        Some("送信に必要な項目が足りません。")
    } else {
        None
    }
}

/// The steps of rows in long work. They are read anew: what could be chosen at the upload may be gone.
///
/// # Errors
/// When the upload is gone; of a row, what is wrong with it now.
pub(super) fn steps(
    app: &App,
    actor: &Actor,
    import: ImportId,
    rows: &[Subject],
    (doubtful, send): (bool, bool),
) -> Result<Vec<Result<Step>>> {
    let Actor::Client(client) = actor else { return Err(Error::Forbidden) };
    app.store.read(|tx| {
        let procedure = owned(tx, client, import)?.procedure;
        let procedure = crate::domain::procedure::by_code(procedure).ok_or(Error::NotFound)?;
        let columns = columns(procedure);
        let offer = offer(tx, client, procedure, &app.tables.regions)?;
        let step = |subject: &Subject| {
            let Subject::Row(number, _) = subject else {
                return Err(Error::internal("an item of another kind of work"));
            };
            let row = tx.import_row(import, *number)?.ok_or(Error::NotFound)?;
            let checked = check(procedure, &columns, &row.in_order(&columns), &offer);
            let Some(new) = checked.row else {
                let mut problems = Problems::new();
                for (column, message) in checked.problems {
                    problems.add(column, message);
                }
                return Err(problems.into());
            };
            let office = app.tables.default_office(procedure.vehicle, &new.plate.region).map(|office| office.number);
            Ok(step(procedure, (import, *number), new, office, (doubtful && !row.doubts.is_empty(), send)))
        };
        Ok(rows.iter().map(step).collect())
    })
}

/// The step of a row that can be registered.
fn step(
    procedure: &'static Procedure,
    (import, number): (ImportId, u32),
    new: import::NewRow,
    office: Option<u16>,
    (confirmed, send): (bool, bool),
) -> Step {
    let import::NewRow { plate, chassis, branch, agent_branch, values } = new;
    let new = NewRequest { plate, chassis, branch, agent_branch, template: None, same_vehicle_confirmed: confirmed };
    Box::new(move |tx, actor, now| {
        let mut row = tx.import_row(import, number)?.ok_or(Error::NotFound)?;
        if row.request.is_none() {
            let writing = Writing { new: &new, office, values: &values, send, how: How::Import };
            let request = requests::create(tx, actor, procedure, &writing, now)?;
            row.request = Some(request);
            tx.put_import_row(import, number, &row)?;
        }
        Ok(Outcome::Done { request: row.request })
    })
}

/// Removes uploads that are older than [`KEPT_DAYS`]. For a job; may wait.
///
/// # Errors
/// Only of the store.
pub fn purge(app: &App) -> Result<()> {
    let before = app.clocks.system().plus(-KEPT_DAYS * 24 * 60 * 60);
    loop {
        let left = app.store.write_blocking(move |tx| match tx.old_import(before)? {
            Some(import) => Ok::<_, Error>(Some(tx.remove_import(&import, PART)?)),
            None => Ok(None),
        })?;
        if left.is_none() {
            return Ok(());
        }
    }
}
