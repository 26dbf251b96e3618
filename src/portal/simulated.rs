//! The simulated outside world behind the gateway.

use super::gateway::{Command, Event, Gateway, GatewayError};
use crate::domain::ids::SubmissionNumber;
use crate::domain::time::BusinessTime;
use crate::sim::Sim;

/// The simulated portal, reached over a wire that can be made to fail.
pub struct Simulated(Sim);

impl Simulated {
    /// The portal of this world.
    pub fn new(sim: Sim) -> Self {
        Self(sim)
    }
}

impl Gateway for Simulated {
    fn submit(&self, command: &Command, number: SubmissionNumber, now: BusinessTime) -> Result<(), GatewayError> {
        let passage = self.0.wire().submission(command, number);
        if passage.arrives {
            self.0.submit(command, number, now)?;
        }
        if passage.answered { Ok(()) } else { Err(GatewayError::Unavailable) }
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Event>, GatewayError> {
        if self.0.wire().is_silent() {
            return Err(GatewayError::Unavailable);
        }
        let after = if self.0.wire().repeats() { after.saturating_sub(5) } else { after };
        self.0.events(after, limit).map_err(|_| GatewayError::Unavailable)
    }
}
