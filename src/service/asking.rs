//! 中断予約, its cancellation, 再開 and 取下: noted with the request, and asked of the portal by a job. Whether the portal
//! does it is told by events.

use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use super::requests;
use crate::app::App;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::request::{Ask, ServiceRequest};
use crate::domain::workflow::{self, Action};
use crate::secret;
use crate::store::{Due, JobKind};

/// Asks the portal for something about a filing under way.
///
/// # Errors
/// `Refused` when the status does not allow it.
pub async fn ask(app: &App, actor: &AgentActor, id: RequestId, ask: Ask, once: Token) -> Result<ServiceRequest> {
    if app.gateway.is_none() {
        return Err(Reason::AskedAtThePortal.into());
    }
    let (user, now) = (actor.user(), app.clocks.now());
    let number = SubmissionNumber(secret::random());
    let action = Action::Ask(ask);
    let once = once.of((&action, id));
    let request = app
        .store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            let mut request = tx.request_for_agent(&actor, id)?.ok_or(Error::NotFound)?;
            match requests::step(tx, &mut request, &action, &Actor::Agent(actor), now) {
                Err(Error::Refused(Reason::WrongStatus { .. })) if tx.submission(user, once.as_str())?.is_some() => {
                    return Ok(request);
                }
                other => other?,
            }
            tx.put_request(&request)?;
            if let Some(mut filing) = tx.last_filing(&request)? {
                workflow::note_hold(&request, &mut filing);
                tx.put_filing(&filing)?;
            }
            let job = JobKind::Ask { request: id, attempt: request.filings, ask, number };
            tx.enqueue(Due::System(now.system), job)?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok::<_, Error>(request)
        })
        .await?;
    app.bell.ring();
    Ok(request)
}
