//! Takes the portal's events over, in order, each once.

use crate::app::App;
use crate::domain::happening::Event;
use crate::domain::ids::RequestId;
use crate::domain::request::{Filing, ServiceRequest};
use crate::domain::workflow;
use crate::portal::gateway::Gateway;
use crate::service::error::Result;
use crate::store::{Tables, Write};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Events in one transaction.
const BATCH: usize = 200;

/// Asks for new events until there are none. Answers how many there were. A portal that does not answer is asked again
/// with the next round.
pub(super) fn poll(app: &App, gateway: &dyn Gateway) -> Result<usize> {
    let mut done = 0;
    loop {
        let cursor = app.store.read(Tables::event_cursor)?;
        let Ok(events) = gateway.events(cursor, BATCH) else { return Ok(done) };
        let new: Vec<Event> = events.into_iter().filter(|event| event.number > cursor).collect();
        if new.is_empty() {
            return Ok(done);
        }
        done += new.len();
        app.store.write_blocking(move |tx| take_over(tx, &new))?;
    }
}

/// Applies events to requests and filings and moves the cursor on, all or nothing.
pub(super) fn take_over(tx: &mut Write, events: &[Event]) -> Result<()> {
    let mut cursor = tx.event_cursor()?;
    let mut touched: BTreeMap<RequestId, (ServiceRequest, Filing)> = BTreeMap::new();
    for event in events {
        if event.number <= cursor {
            continue;
        }
        cursor = event.number;
        let Some((id, _)) = tx.filing_by_submission(event.filing)? else {
            tracing::warn!(event = event.number, filing = %event.filing, "the portal tells of a filing nobody knows");
            continue;
        };
        let (request, filing) = match touched.entry(id) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                // Always the last one: events of an earlier one in the same batch are left out below.
                let Some(request) = tx.request(id)? else { continue };
                let Some(filing) = tx.last_filing(&request)? else { continue };
                place.insert((request, filing))
            }
        };
        if filing.submission != event.filing || filing.attempt != request.filings {
            tracing::warn!(event = event.number, request = %id, "the portal tells of an earlier filing that has ended");
            continue;
        }
        match workflow::apply(request, filing, event) {
            Ok(Some(entry)) => {
                filing.delivered_at = filing.delivered_at.or(Some(event.at));
                tx.add_history(request, entry)?;
            }
            Ok(None) => {}
            Err(unexpected) => tracing::error!(event = event.number, request = %id, %unexpected, "event left out"),
        }
    }
    for (request, filing) in touched.values() {
        tx.put_filing(filing)?;
        tx.put_request(request)?;
    }
    Ok(tx.set_event_cursor(cursor)?)
}
