//! What instructors and officials do in the simulated outside world is audited like everything else. The world itself
//! is reached by its own pages.

use super::audit;
use super::error::Result;
use crate::app::App;
use crate::domain::actor::SimulatorActor;

/// Notes an act in the outside world.
///
/// # Errors
/// The store's.
pub async fn note(app: &App, actor: &SimulatorActor, action: &'static str, subject: String) -> Result<()> {
    let (user, now) = (actor.user(), app.clocks.now());
    app.store.write(move |tx| audit::note(tx, now, user, action, subject.clone(), Vec::new())).await
}
