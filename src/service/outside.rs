//! What instructors and officials do in the simulated outside world is audited like everything else, and done once for
//! each form. The world itself is reached by its own pages; it keeps a file of its own, so that neither can be written
//! together with what is done there.

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use crate::app::App;
use crate::domain::actor::SimulatorActor;

/// What is remembered of a form that was taken up.
const TAKEN: &str = "taken";
/// What is remembered of a form that the world refused: it may be sent again.
const REFUSED: &str = "refused";

/// Takes up a form, for somebody who still plays the world; false when it was taken up before, so that a double press
/// does nothing twice.
///
/// # Errors
/// `SignedOut` when the user is gone; the store's.
pub async fn take_up(app: &App, actor: &SimulatorActor, once: &Token) -> Result<bool> {
    let (user, now, once) = (actor.user(), app.clocks.system(), once.clone());
    app.store
        .write(move |tx| {
            tx.simulator_actor(user)?.ok_or(Error::SignedOut)?;
            if tx.submission(user, once.as_str())?.is_some_and(|known| known == TAKEN) {
                return Ok(false);
            }
            tx.put_submission(user, once.as_str(), TAKEN, now)?;
            Ok(true)
        })
        .await
}

/// Whether a form was taken up.
///
/// # Errors
/// The store's.
pub fn was_taken_up(app: &App, actor: &SimulatorActor, once: &Token) -> Result<bool> {
    app.store.read(|tx| Ok(tx.submission(actor.user(), once.as_str())?.is_some_and(|known| known == TAKEN)))
}

/// Lets a form that the world refused be sent again.
///
/// # Errors
/// The store's.
pub async fn let_go(app: &App, actor: &SimulatorActor, once: &Token) -> Result<()> {
    let (user, now, once) = (actor.user(), app.clocks.system(), once.clone());
    app.store.write(move |tx| Ok(tx.put_submission(user, once.as_str(), REFUSED, now)?)).await
}

/// Notes an act in the outside world.
///
/// # Errors
/// The store's.
pub async fn note(app: &App, actor: &SimulatorActor, action: &'static str, subject: String) -> Result<()> {
    let (user, now) = (actor.user(), app.clocks.now());
    app.store.write(move |tx| audit::note(tx, now, user, action, subject.clone(), Vec::new())).await
}
