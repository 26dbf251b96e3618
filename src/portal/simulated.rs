//! The simulated portal behind the gateway, and the wire to it, which can be made to fail: no answer, an answer lost
//! after the command was taken, events told twice.

use super::document;
use super::gateway::{Command, Event, Gateway, GatewayError};
use crate::domain::ids::SubmissionNumber;
use crate::domain::time::BusinessTime;
use crate::sim::world::Outcome;
use crate::sim::{Sim, magic};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is wrong with the wire. Counts go down as they happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many submissions don't arrive.
    pub unavailable: u32,
    /// So many submissions arrive, but their answers don't.
    pub lost_answers: u32,
    /// So many times, events that were told before come again in front of the new ones.
    pub repeated_events: u32,
}

/// The simulated portal and the wire to it.
pub struct Simulated {
    sim: Sim,
    wire: Mutex<Wire>,
}

#[derive(Default)]
struct Wire {
    faults: Faults,
    /// How often filings of [`Outcome::PortalDown`] were not answered.
    down: HashMap<SubmissionNumber, u32>,
}

impl Simulated {
    /// A wire in order.
    pub fn new(sim: Sim) -> Self {
        Self { sim, wire: Mutex::default() }
    }

    /// From now on, this is wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner).faults = faults;
    }

    /// Whether this submission is lost on the way, or its answer on the way back.
    fn lost(&self, command: &Command, number: SubmissionNumber) -> (bool, bool) {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        if is_down(command) {
            let seen = wire.down.entry(number).or_default();
            if *seen < magic::DOWN_TIMES {
                *seen += 1;
                return (true, false);
            }
        }
        if take(&mut wire.faults.unavailable) {
            return (true, false);
        }
        (false, take(&mut wire.faults.lost_answers))
    }
}

fn take(count: &mut u32) -> bool {
    let some = *count > 0;
    *count = count.saturating_sub(1);
    some
}

fn is_down(command: &Command) -> bool {
    let Command::File { document, .. } = command else { return false };
    document::read(document)
        .is_ok_and(|application| magic::outcome(&application.chassis.number) == Some(Outcome::PortalDown))
}

impl Gateway for Simulated {
    fn submit(&self, command: &Command, number: SubmissionNumber, now: BusinessTime) -> Result<(), GatewayError> {
        let (there, back) = self.lost(command, number);
        if there {
            return Err(GatewayError::Unavailable);
        }
        self.sim.submit(command, number, now)?;
        if back { Err(GatewayError::Unavailable) } else { Ok(()) }
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Event>, GatewayError> {
        let repeat = take(&mut self.wire.lock().unwrap_or_else(PoisonError::into_inner).faults.repeated_events);
        let after = if repeat { after.saturating_sub(5) } else { after };
        self.sim.events(after, limit).map_err(|_| GatewayError::Unavailable)
    }
}
