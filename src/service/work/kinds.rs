//! What each kind of long work does to an item, and who may.

use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::role::{AgentRole, ClientRole};
use crate::domain::work::{Outcome, Subject, WorkKind};
use crate::service::error::{Error, Result};
use crate::service::{filing, imports, payments, requests};
use crate::store::Write;

/// What is done to an item, inside the transaction that notes its outcome. As every write it decides first and writes
/// after, and may run more than once. An error undoes it and becomes the item's reason.
pub type Step = Box<dyn FnMut(&mut Write, &Actor, Moment) -> Result<Outcome> + Send>;

/// Whether this user may do this at all. Asked again before each item; when it no longer holds, the work stops.
pub(super) fn may(actor: &Actor, kind: &WorkKind) -> bool {
    match (kind, actor) {
        (WorkKind::Send { .. }, Actor::Client(client)) => client.role() == ClientRole::StaffMaySend,
        (WorkKind::Import { send, .. }, Actor::Client(client)) => {
            client.role().is_staff() && (!send || client.role() == ClientRole::StaffMaySend)
        }
        (WorkKind::File { .. } | WorkKind::Pay { .. }, Actor::Agent(agent)) => agent.role() == AgentRole::Staff,
        (WorkKind::Send { .. } | WorkKind::Import { .. }, Actor::Agent(_))
        | (WorkKind::File { .. } | WorkKind::Pay { .. }, Actor::Client(_)) => false,
    }
}

/// The steps of some items, in their order. What takes long and needs no transaction, such as signing, is done here
/// before they are answered; a step then refuses what has changed meanwhile. An item without a step can't be done;
/// nothing was changed.
///
/// # Errors
/// When none can be done at the moment.
pub(super) fn steps(
    app: &App,
    actor: &Actor,
    kind: &WorkKind,
    subjects: &[Subject],
    now: Moment,
) -> Result<Vec<Result<Step>>> {
    if let WorkKind::Import { import, doubtful, send, .. } = kind {
        return imports::steps(app, actor, *import, subjects, (*doubtful, *send));
    }
    Ok(subjects.iter().map(|subject| step(app, actor, kind, subject, now)).collect())
}

fn step(app: &App, actor: &Actor, kind: &WorkKind, subject: &Subject, now: Moment) -> Result<Step> {
    match (kind, subject) {
        (WorkKind::Send { .. }, Subject::Request(id)) => {
            let id = *id;
            Ok(Box::new(move |tx, actor, now| {
                requests::send_within(tx, actor, id, now)?;
                Ok(Outcome::Done { request: Some(id) })
            }))
        }
        (WorkKind::File { .. }, Subject::Request(id)) => filing::step(app, actor, *id, now),
        (WorkKind::Pay { .. }, Subject::Payment(id, kind, amount)) => payments::step(app, (*id, *kind), *amount),
        (WorkKind::Send { .. } | WorkKind::Import { .. } | WorkKind::File { .. } | WorkKind::Pay { .. }, _) => {
            Err(Error::internal("an item of another kind of work"))
        }
    }
}
