//! The frame of what administrators do: who acts is read again inside the transaction, a form that is sent twice acts
//! once, and the outcome is written with the act.

pub mod agent_branches;
pub mod agents;
pub mod branches;
pub mod certificates;
pub mod client_certificates;
pub mod client_organization;
pub mod organization;
pub mod templates;
pub mod users;

use super::error::{Error, Result};
use super::once::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{AgentActor, ClientActor};
use crate::domain::ids::UserId;
use crate::store::Write;
use std::str::FromStr;

/// Somebody who administers, of either application.
pub trait Administrator: Clone + Send + 'static {
    /// The user.
    fn user(&self) -> UserId;

    /// The same person as the store knows them now.
    ///
    /// # Errors
    /// `SignedOut` when they are no longer a user.
    fn again(&self, tx: &Write) -> Result<Self>;
}

impl Administrator for ClientActor {
    fn user(&self) -> UserId {
        self.user()
    }

    fn again(&self, tx: &Write) -> Result<Self> {
        tx.client_actor(self.user())?.ok_or(Error::SignedOut)
    }
}

impl Administrator for AgentActor {
    fn user(&self) -> UserId {
        self.user()
    }

    fn again(&self, tx: &Write) -> Result<Self> {
        tx.agent_actor(self.user())?.ok_or(Error::SignedOut)
    }
}

/// One act. `f` decides first and writes after; what it answers is the outcome, also of the same form sent again.
pub(super) async fn act<A, T, F>(app: &App, actor: &A, once: Token, mut f: F) -> Result<T>
where
    A: Administrator,
    T: ToString + FromStr + Send + 'static,
    F: FnMut(&mut Write, &A, Moment) -> Result<T> + Send + 'static,
{
    let now = app.clocks.now();
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let actor = actor.again(tx)?;
            if let Some(earlier) = tx.submission(actor.user(), once.as_str())? {
                return earlier.parse().map_err(|_| Error::internal("a stored outcome can't be read"));
            }
            let outcome = f(tx, &actor, now)?;
            tx.put_submission(actor.user(), once.as_str(), &outcome.to_string(), now.system)?;
            Ok(outcome)
        })
        .await
}
