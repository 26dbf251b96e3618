//! Takes long work forward, a few items of each piece in turn, so that a large one keeps nobody waiting: neither a small
//! one nor the portal.

use crate::app::App;
use crate::service::error::Result;
use crate::service::work;

/// Items of one piece of work in one round.
const CHUNK: u32 = 20;

/// Does some of what is open. Answers how many items had their turn.
pub(super) fn due(app: &App) -> Result<usize> {
    let mut done = 0;
    for id in app.store.read(crate::store::Tables::open_works)? {
        match work::advance(app, id, CHUNK) {
            Ok(items) => done += usize::try_from(items).unwrap_or_default(),
            // The others, and the portal, don't wait for it.
            Err(error) => tracing::error!(work = id.0, %error, "long work can't go on"),
        }
    }
    Ok(done)
}
