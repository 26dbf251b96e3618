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

/// An item's step. What takes long and needs no transaction, such as signing, is done here before the step is answered;
/// the step then refuses what has changed meanwhile.
///
/// # Errors
/// Why it can't be done; nothing was changed.
pub(super) fn step(app: &App, actor: &Actor, kind: &WorkKind, subject: &Subject, now: Moment) -> Result<Step> {
    match (kind, subject) {
        (WorkKind::Send { .. }, Subject::Request(id)) => {
            let id = *id;
            Ok(Box::new(move |tx, actor, now| {
                requests::send_within(tx, actor, id, now)?;
                Ok(Outcome::Done { request: Some(id) })
            }))
        }
        (WorkKind::Import { import, doubtful, send, .. }, Subject::Row(number, _)) => {
            imports::step(app, actor, *import, *number, *doubtful, *send)
        }
        (WorkKind::File { .. }, Subject::Request(id)) => filing::step(app, actor, *id, now),
        (WorkKind::Pay { .. }, Subject::Payment(id, kind, amount)) => payments::step(app, (*id, *kind), *amount),
        (WorkKind::Send { .. } | WorkKind::Import { .. } | WorkKind::File { .. } | WorkKind::Pay { .. }, _) => {
            Err(Error::internal("an item of another kind of work"))
        }
    }
}
