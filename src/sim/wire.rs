//! The wire between the node and the portal, which can be made to fail: no answer, an answer lost after the command
//! was taken, events told late or twice. In memory only: a restart mends it.

use super::magic;
use super::world::Outcome;
use crate::domain::ids::SubmissionNumber;
use crate::portal::document;
use crate::portal::gateway::Command;
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
    /// So many times the portal does not answer when it is asked for events.
    pub silent: u32,
}

/// How a submission fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// The portal gets it.
    pub arrives: bool,
    /// The node gets the answer.
    pub answered: bool,
}

/// The wire.
#[derive(Default)]
pub struct Wire(Mutex<State>);

#[derive(Default)]
struct State {
    faults: Faults,
    /// How often filings of [`Outcome::PortalDown`] were not answered.
    down: HashMap<SubmissionNumber, u32>,
}

impl Wire {
    /// From now on, this is wrong.
    pub fn set(&self, faults: Faults) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).faults = faults;
    }

    /// What is still wrong.
    pub fn faults(&self) -> Faults {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).faults
    }

    /// How this submission fares.
    pub fn submission(&self, command: &Command, number: SubmissionNumber) -> Passage {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lost = false;
        if is_down(command) {
            let seen = state.down.entry(number).or_default();
            lost = *seen < magic::DOWN_TIMES;
            *seen = seen.saturating_add(1);
        }
        lost = lost || take(&mut state.faults.unavailable);
        let silent = lost || take(&mut state.faults.lost_answers);
        Passage { arrives: !lost, answered: !silent }
    }

    /// Whether the portal does not tell anything this time.
    pub fn is_silent(&self) -> bool {
        take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).faults.silent)
    }

    /// Whether events that were told before come again this time.
    pub fn repeats(&self) -> bool {
        take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).faults.repeated_events)
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
