//! Clears away sessions that have ended and lock-outs that are over. On the system clock.

use crate::app::App;
use crate::domain::time::SystemTime;
use crate::service::error::Result;

/// Seconds between two times.
const EVERY: i64 = 3_600;

pub(super) fn is_due(now: SystemTime, last: i64) -> bool {
    last == 0 || now.unix() - last >= EVERY
}

pub(super) fn run(app: &App, now: SystemTime) -> Result<()> {
    let accounts = &app.config.accounts;
    // Last seen is written with some delay; an hour more keeps every session that might still be used.
    let seen_before = now.plus(-i64::from(accounts.idle_minutes) * 60 - EVERY);
    let created_before = now.plus(-i64::from(accounts.absolute_hours) * 3_600);
    app.store.write_blocking(move |tx| {
        tx.purge_sessions(seen_before, created_before)?;
        tx.purge_failures(now)?;
        Ok(())
    })
}
