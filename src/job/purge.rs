//! Clears away sessions that have ended, lock-outs that are over, long work that ended long ago, and old uploads. On the system clock.

use crate::app::App;
use crate::domain::time::SystemTime;
use crate::service::error::Result;
use crate::service::{imports, sessions, work};

/// Seconds between two times.
const EVERY: i64 = 3_600;

pub(super) fn is_due(now: SystemTime, last: i64) -> bool {
    last == 0 || now.unix() - last >= EVERY
}

pub(super) fn run(app: &App) -> Result<()> {
    sessions::purge(app)?;
    work::purge(app)?;
    imports::purge(app)
}
