//! Takes long work forward, each piece for a while in turn, so that a large one keeps nobody waiting: neither a small one
//! nor the portal nor whoever changes something meanwhile.

use crate::app::App;
use crate::domain::ids::WorkId;
use crate::service::error::Result;
use crate::service::work;
use std::time::{Duration, Instant};

/// How long a piece of work goes on before the next one has its turn.
const TURN: Duration = Duration::from_millis(250);
/// How long other writes may wait for a part, which is a transaction. Parts grow while they take half of it at most.
const LONG: Duration = Duration::from_millis(40);
/// Items of the first part of a turn.
const FIRST: u32 = 64;
/// The most items of a part: they are all held in memory.
const MOST: u32 = 1_024;

/// Does some of what is open. Answers how many items had their turn.
pub(super) fn due(app: &App) -> Result<usize> {
    let mut done = 0;
    for id in app.store.read(crate::store::Tables::open_works)? {
        match turn(app, id) {
            Ok(items) => done += usize::try_from(items).unwrap_or_default(),
            // The others, and the portal, don't wait for it.
            Err(error) => tracing::error!(work = id.0, %error, "long work can't go on"),
        }
    }
    Ok(done)
}

fn turn(app: &App, id: WorkId) -> Result<u32> {
    let (began, mut size, mut done) = (Instant::now(), FIRST, 0);
    loop {
        let part = Instant::now();
        let items = work::advance(app, id, size)?;
        done += items;
        if items < size || began.elapsed() >= TURN {
            return Ok(done);
        }
        match part.elapsed() {
            took if took <= LONG / 2 => size = (size * 2).min(MOST),
            took if took > LONG => size = (size / 2).max(1),
            _ => {}
        }
    }
}
