//! Long work: many things that one person asked for at once, done in their order in the background while they do
//! something else. `begin` writes the work with its items and answers at once; the job runner calls `advance`; the page
//! `/{application}/work/{id}` shows progress and, item by item, what came of it.
//!
//! A few items at a time are a transaction, in which the owner is read again, each thing is done and its outcome is
//! noted. So a restart goes on exactly where it stopped: an item without an outcome was not done. An item that can't be
//! done changes nothing, is noted with its reason and keeps none of the others. Whoever loses the right, or is deleted,
//! stops their work; 中止 stops it between two transactions. Ended work is kept for [`KEPT_DAYS`].
//!
//! A new kind: a variant of `WorkKind` (and of `Subject`) in `domain::work`, its lines in the golden records of
//! `store::codec`, a function in `kinds` from items to their [`Step`]s, and how they are shown in `web::work`.

mod kinds;

pub use kinds::Step;

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::ids::{UserId, WorkId};
use crate::domain::import::ImportRow;
use crate::domain::request::ServiceRequest;
use crate::domain::time::SystemTime;
use crate::domain::work::{Outcome, Subject, Work, WorkItem, WorkKind, WorkState};
use crate::store::{Read, Source, Tables, Write};

/// The most items of one piece of work.
pub const MOST: usize = 10_000;
/// Days that ended work is kept.
pub const KEPT_DAYS: i64 = 30;

/// Begins a piece of work; answers its number, under which its page stands.
///
/// # Errors
/// `Refused` without items or with more than [`MOST`]; `Forbidden` for those who may not do this to any item.
pub async fn begin(app: &App, actor: &Actor, kind: WorkKind, subjects: Vec<Subject>, once: Token) -> Result<WorkId> {
    let now = app.clocks.now();
    let owner = actor.user();
    let once = once.of(("work", &kind, &subjects));
    let items = u32::try_from(subjects.len()).ok().filter(|count| (1..=MOST).contains(&subjects.len()) && *count > 0);
    let items = items.ok_or(Reason::WorkTooLarge { items: subjects.len(), most: MOST })?;
    let id = app
        .store
        .write(move |tx| {
            let actor = again(tx, owner)?.ok_or(Error::SignedOut)?;
            if let Some(earlier) = tx.submission(owner, once.as_str())? {
                return earlier.parse().map_err(|()| Error::internal("a stored outcome is no number"));
            }
            if !kinds::may(&actor, &kind) {
                return Err(Error::Forbidden);
            }
            let id = tx.next_work_id()?;
            let (kind, state) = (kind.clone(), WorkState::Open);
            audit::note(tx, now, owner, kind.key(), format!("work {id}"), vec![items.to_string()])?;
            for (number, subject) in (0..).zip(&subjects) {
                tx.put_work_item(id, number, &WorkItem { subject: subject.clone(), outcome: None })?;
            }
            tx.put_work(&Work { id, owner, kind, state, created: now.system, ended: None, items, done: 0, failed: 0 })?;
            tx.put_submission(owner, once.as_str(), &id.to_string(), now.system)?;
            Ok(id)
        })
        .await?;
    app.bell.ring();
    Ok(id)
}

/// 中止: what had its turn stays done, the rest stays undone. Nothing happens to work that ended already.
///
/// # Errors
/// `NotFound` when it is not the actor's.
pub async fn cancel(app: &App, actor: &Actor, id: WorkId) -> Result<Work> {
    let now = app.clocks.now();
    let owner = actor.user();
    app.store
        .write(move |tx| {
            let mut work = owned(tx, owner, id)?;
            if work.state == WorkState::Open {
                work.end(WorkState::Cancelled, now.system);
                audit::note(tx, now, owner, "work.cancel", format!("work {id}"), vec![work.left().to_string()])?;
                tx.put_work(&work)?;
            }
            Ok(work)
        })
        .await
}

/// Does the next items of a piece of work, at most `most`, in one transaction; answers how many had their turn. Waits for
/// the writer: for the job runner's thread only.
///
/// # Errors
/// Of the store, when nothing can be written at the moment: the items keep their turn.
pub fn advance(app: &App, id: WorkId, most: u32) -> Result<u32> {
    let Some(part) = app.store.read(|tx| next(tx, id, most))? else { return Ok(0) };
    let first = (part.from, part.subjects.len());
    match (take(app, part), first) {
        // Nothing is wrong with the items: they wait.
        (Err(error @ (Error::Busy | Error::StorageFull)), _) => Err(error),
        (Err(error), (number, ..=1)) => give_up(app, id, number, &error),
        // One failed after writing, so that none was kept. Which one, shows when each is done alone.
        (Err(_), _) => (0..most).try_fold(0, |done, _| Ok(done + advance(app, id, 1)?)),
        (done, _) => done,
    }
}

/// Items whose turn it is, and for whom.
struct Part {
    work: Work,
    /// The number of the first.
    from: u32,
    subjects: Vec<Subject>,
    actor: Option<Actor>,
}

fn next(tx: &Read, id: WorkId, most: u32) -> Result<Option<Part>> {
    let Some(work) = tx.work(id)?.filter(|work| work.state == WorkState::Open) else { return Ok(None) };
    let (from, most) = (work.handled(), usize::try_from(most).unwrap_or(usize::MAX));
    let mut subjects = Vec::new();
    tx.each_work_item(id, from, |_, item| {
        subjects.push(item.subject);
        subjects.len() < most
    })?;
    if subjects.is_empty() {
        return Err(Error::internal(format!("work {id} has no item {from}")));
    }
    let actor = again(tx, work.owner)?;
    Ok(Some(Part { work, from, subjects, actor }))
}

/// The turn of some items; how many had it.
fn take(app: &App, part: Part) -> Result<u32> {
    let now = app.clocks.now();
    let Part { work: Work { id, owner, kind, .. }, from, subjects, actor } = part;
    let steps = match actor.filter(|actor| kinds::may(actor, &kind)) {
        Some(actor) => kinds::steps(app, &actor, &kind, &subjects, now)?,
        None => Vec::new(),
    };
    let steps = steps.into_iter().map(|step| step.map_err(|error| why(id, &error)));
    let mut items: Vec<_> = subjects.into_iter().zip(steps).collect();
    app.store.write_blocking(move |tx| {
        let Some(mut work) = tx.work(id)?.filter(|work| work.state == WorkState::Open && work.handled() == from) else {
            return Ok(0);
        };
        let Some(actor) = again(tx, owner)?.filter(|actor| kinds::may(actor, &work.kind)) else {
            work.end(WorkState::Stopped, now.system);
            tx.put_work(&work)?;
            return Ok(0);
        };
        for (subject, step) in &mut items {
            let outcome = match step {
                Ok(step) => tx.apart(|tx| step(tx, &actor, now))?.map_err(|error| why(id, &error)),
                Err(reason) => Err(reason.clone()),
            };
            note(tx, &mut work, subject, outcome.unwrap_or_else(|reason| Outcome::Failed { reason }), now)?;
        }
        tx.put_work(&work)?;
        Ok(work.handled() - from)
    })
}

/// Why an item is not done, for its owner; what is our fault is for the log.
fn why(id: WorkId, error: &Error) -> String {
    if let Error::Internal(cause) = error {
        tracing::error!(work = id.0, %cause, "an item of long work failed");
    }
    error.in_a_row()
}

/// Notes that an item failed after writing, so that nothing of it was kept.
fn give_up(app: &App, id: WorkId, number: u32, error: &Error) -> Result<u32> {
    let (reason, now) = (why(id, error), app.clocks.now());
    app.store.write_blocking(move |tx| {
        let Some(mut work) = tx.work(id)?.filter(|work| work.state == WorkState::Open && work.handled() == number)
        else {
            return Ok(0);
        };
        let item = tx.work_item(id, number)?.ok_or_else(|| Error::internal("an item of long work is gone"))?;
        note(tx, &mut work, &item.subject, Outcome::Failed { reason: reason.clone() }, now)?;
        tx.put_work(&work)?;
        Ok(1)
    })
}

/// Notes what came of the next item; the caller puts the work.
fn note(tx: &mut Write, work: &mut Work, subject: &Subject, outcome: Outcome, now: Moment) -> Result<()> {
    let number = work.handled();
    work.count(&outcome, now.system);
    Ok(tx.put_work_item(work.id, number, &WorkItem { subject: subject.clone(), outcome: Some(outcome) })?)
}

/// Removes work that ended long ago.
///
/// # Errors
/// Only of the store.
pub fn purge(app: &App) -> Result<()> {
    let before: SystemTime = app.clocks.system().plus(-KEPT_DAYS * 24 * 60 * 60);
    while app.store.write_blocking(move |tx| Ok::<_, Error>(tx.purge_work(before)?))? {}
    Ok(())
}

/// A user as somebody who acts, as they are now.
fn again<S: Source>(tx: &Tables<S>, user: UserId) -> Result<Option<Actor>> {
    if let Some(client) = tx.client_actor(user)? {
        return Ok(Some(Actor::Client(client)));
    }
    Ok(tx.agent_actor(user)?.map(Actor::Agent))
}

/// Somebody's own work. Others' does not exist.
fn owned<S: Source>(tx: &Tables<S>, owner: UserId, id: WorkId) -> Result<Work> {
    tx.work(id)?.filter(|work| work.owner == owner).ok_or(Error::NotFound)
}

/// Which items of a piece of work a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All.
    All,
    /// Those that failed.
    Failed,
}

/// An item as its page shows it.
#[derive(Debug, Clone)]
pub struct ItemView {
    /// From 1.
    pub number: u32,
    /// What it is, and what came of it.
    pub item: WorkItem,
    /// The request that it is about, when its reader may see it.
    pub request: Option<ServiceRequest>,
    /// The row of an upload that is no request yet, as long as it is kept.
    pub row: Option<ImportRow>,
}

/// A piece of work with a page of its items.
#[derive(Debug, Clone)]
pub struct WorkView {
    /// The work.
    pub work: Work,
    /// Items of the page.
    pub items: Vec<ItemView>,
    /// Items on all pages.
    pub total: u32,
}

/// The page of a piece of work: `skip` items of those shown are on earlier pages, at most `take` on this one.
///
/// # Errors
/// `NotFound` when it is not the actor's.
pub fn view(app: &App, actor: &Actor, id: WorkId, shown: Shown, skip: u32, take: u32) -> Result<WorkView> {
    app.store.read(|tx| {
        let work = owned(tx, actor.user(), id)?;
        let mut items = Vec::new();
        let mut seen = 0_u32;
        tx.each_work_item(id, 0, |number, item| {
            let wanted = shown == Shown::All || matches!(item.outcome, Some(Outcome::Failed { .. }));
            if wanted {
                if seen >= skip && seen - skip < take {
                    items.push(ItemView { number: number.saturating_add(1), item, request: None, row: None });
                }
                seen = seen.saturating_add(1);
            }
            true
        })?;
        for shown in &mut items {
            if let (WorkKind::Import { import, .. }, Subject::Row(number, _)) = (&work.kind, &shown.item.subject) {
                shown.row = tx.import_row(*import, *number)?.filter(|row| row.request.is_none());
            }
            let about = match &shown.item.outcome {
                Some(Outcome::Done { request: Some(request) }) => Some(*request),
                _ => shown.item.subject.request(),
            };
            if let Some(request) = about {
                shown.request = match actor {
                    Actor::Client(client) => tx.request_for_client(client, request)?,
                    Actor::Agent(agent) => tx.request_for_agent(agent, request)?,
                };
            }
        }
        Ok(WorkView { work, items, total: seen })
    })
}

/// One's own work, newest first.
///
/// # Errors
/// Only of the store.
pub fn recent(app: &App, actor: &Actor) -> Result<Vec<Work>> {
    app.store.read(|tx| Ok(tx.works_of(actor.user())?))
}
