//! Work that follows from what people did, and what the outside world did meanwhile: hands commands to the portal and
//! takes its events over. Calls the gateway on threads that may wait and never inside a transaction. Decides nothing:
//! what an event does is the workflow's table.

mod events;
mod purge;
mod submit;
mod work;

use crate::app::{App, Shared};
use crate::service::error::{Error, Result};
use crate::store::Tables;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The longest time without looking, in seconds: the business clock may have been set meanwhile.
const LONGEST: i64 = 60;
/// The shortest, in milliseconds, so that something that can't be done does not keep the machine busy.
const SHORTEST: u64 = 250;
/// How long to wait for a store that could not be written.
const WRITABLE_AGAIN: Duration = Duration::from_secs(2);
/// The most rounds in a row; a round that brings about another one for ever is a mistake.
const ROUNDS: usize = 10_000;

/// Wakes the job runner, and lets only one run at a time.
#[derive(Debug, Default)]
pub struct Bell {
    notify: Notify,
    turn: Mutex<()>,
    /// When old sessions were last cleared away, by the system clock; 0 is never.
    purged: AtomicI64,
    /// The node is about to end: no further round.
    stopping: AtomicBool,
}

impl Bell {
    /// There is something to do.
    pub fn ring(&self) {
        self.notify.notify_one();
    }
}

impl App {
    /// Does everything that is due now, and what follows from it, until nothing is left. Answers how many things were
    /// done.
    ///
    /// # Errors
    /// Only of the store; what the portal refuses is kept with the job.
    pub async fn run_due_jobs(self: &Shared) -> Result<usize> {
        let app = Shared::clone(self);
        tokio::task::spawn_blocking(move || run_due(&app)).await.map_err(Error::internal)?
    }
}

/// Runs jobs until told to stop.
pub async fn run(app: Shared, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        let round = app.run_due_jobs();
        tokio::pin!(round);
        let result = tokio::select! {
            () = &mut stop => {
                // What is being done is finished; what is left goes on after the next start.
                app.bell.stopping.store(true, Ordering::Relaxed);
                drop(round.await);
                return;
            }
            result = &mut round => result,
        };
        let pause = match result {
            Ok(_) => pause(&app),
            Err(error) => {
                tracing::error!(%error, "jobs can't be run");
                WRITABLE_AGAIN
            }
        };
        tokio::select! {
            () = &mut stop => return,
            () = app.bell.notify.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// How long there is nothing to do.
fn pause(app: &App) -> Duration {
    let (system, business) = (app.clocks.system(), app.clocks.business());
    // Without a gateway, what is to be sent waits for a person, however long it has been due.
    let jobs = match app.gateway {
        Some(_) => app.store.read(Tables::next_due).unwrap_or_default(),
        None => (None, None),
    };
    // Work that is still open here could not be written: the disk is full, for one.
    if app.store.read(Tables::open_works).is_ok_and(|open| !open.is_empty()) {
        return WRITABLE_AGAIN;
    }
    let world = app.sim.as_ref().and_then(|sim| sim.next_due().unwrap_or_default());
    let seconds = [
        jobs.0.map(|due| due.since(system)),
        jobs.1.map(|due| due.since(business)),
        world.map(|due| due.since(business)),
    ]
    .into_iter()
    .flatten()
    .min()
    .unwrap_or(LONGEST);
    let seconds = u64::try_from(seconds.clamp(0, LONGEST)).unwrap_or_default();
    Duration::from_secs(seconds).max(Duration::from_millis(SHORTEST))
}

fn run_due(app: &App) -> Result<usize> {
    let _turn = app.bell.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let mut done = 0;
    for _ in 0..ROUNDS {
        let some = if app.bell.stopping.load(Ordering::Relaxed) { 0 } else { round(app)? };
        if some == 0 {
            return Ok(done);
        }
        done += some;
    }
    tracing::error!("jobs bring about each other without end");
    Ok(done)
}

fn round(app: &App) -> Result<usize> {
    let mut done = work::due(app)?;
    if let Some(gateway) = &app.gateway {
        done += submit::due(app, gateway.as_ref())?;
    }
    if let Some(sim) = &app.sim {
        done += sim.tick(app.clocks.business())?;
    }
    if let Some(gateway) = &app.gateway {
        done += events::poll(app, gateway.as_ref())?;
    }
    let system = app.clocks.system();
    if purge::is_due(system, app.bell.purged.load(Ordering::Relaxed)) {
        purge::run(app)?;
        app.bell.purged.store(system.unix(), Ordering::Relaxed);
    }
    Ok(done)
}
