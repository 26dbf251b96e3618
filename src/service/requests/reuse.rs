//! 申請データ再利用: a new request with the vehicle and the entries of one that ended. The old one stays as it is, but for
//! a line in its history. Fees, receipt numbers and what the portal said are not taken along.

use super::{decide, find, subject};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::problem::Problems;
use crate::domain::procedure::{Editor, Field, FieldKind};
use crate::domain::request::{HistoryEntry, Origin, ServiceRequest, Stamp, Status, Values};
use crate::domain::workflow::{Action, ActionKind};
use crate::service::audit;
use crate::service::error::{Error, Result};
use crate::service::once::Token;
use crate::service::requests::view::scope;
use crate::store::{Read, Source, Tables};

/// Makes the new request: the garage's is 依頼前, the agent's 受付済 (E17 for 再申請, and the same here).
///
/// # Errors
/// `Refused` when the status does not allow it, `Invalid` when workshop or agent are no longer there.
pub async fn reuse(app: &App, actor: impl Into<Actor>, id: RequestId, once: Token) -> Result<ServiceRequest> {
    let now = app.clocks.now();
    let actor = actor.into();
    let once = once.of((ActionKind::Reuse, id));
    app.store
        .write(move |tx| {
            let (actor, earlier) = find(tx, &actor, id)?;
            let mut earlier = earlier.ok_or(Error::NotFound)?;
            if let Some(made) = tx.submission(actor.user(), once.as_str())? {
                let made = made.parse().map_err(|()| Error::internal("a stored outcome is no 申請ID"))?;
                return tx.request(made)?.ok_or(Error::NotFound);
            }
            let entry = decide(&mut earlier.clone(), &Action::Reuse, &actor, now.business)?;
            still_there(tx, &earlier)?;
            let mut request = copy(tx.next_request_id()?, &earlier, &actor, now.business);
            let told = HistoryEntry { detail: Some(format!("申請ID {} を作成", request.id)), ..entry.clone() };
            let begun = HistoryEntry {
                from: None,
                to: Some(request.status),
                detail: Some(format!("申請ID {id} から作成")),
                ..entry
            };
            tx.add_history(&mut earlier, told)?;
            tx.add_history(&mut request, begun)?;
            tx.put_request(&earlier)?;
            tx.put_request(&request)?;
            audit::note(tx, now, actor.user(), ActionKind::Reuse.key(), subject(request.id), vec![subject(id)])?;
            tx.put_submission(actor.user(), once.as_str(), &request.id.to_string(), now.system)?;
            Ok(request)
        })
        .await
}

fn still_there<S: Source>(tx: &Tables<S>, request: &ServiceRequest) -> Result<()> {
    let branch = tx.branch(request.branch)?.is_some_and(|branch| branch.active);
    let agent = tx.agent_branch(request.agent_branch)?.is_some_and(|branch| branch.active);
    if branch && agent {
        return Ok(());
    }
    let sentence = "この申請データの拠点または代理人の拠点は、いまは使われていないため、再利用できません。「依頼データ初期登録」から登録してください。";
    Err(Problems::one("branch", sentence).into())
}

fn copy(
    id: RequestId,
    earlier: &ServiceRequest,
    actor: &Actor,
    now: crate::domain::time::BusinessTime,
) -> ServiceRequest {
    let stamp = Stamp { user: actor.user(), name: actor.name().to_owned(), at: now };
    let draft = ServiceRequest {
        plate: earlier.plate.clone(),
        chassis: earlier.chassis.clone(),
        office: earlier.office,
        fields: carried(earlier),
        origin: Origin::Reuse,
        ..ServiceRequest::draft(
            id,
            earlier.procedure,
            (earlier.client, earlier.branch),
            (earlier.agent, earlier.agent_branch),
            now,
        )
    };
    match actor {
        Actor::Client(_) => ServiceRequest { client_updated: Some(stamp), ..draft },
        Actor::Agent(_) => ServiceRequest {
            status: Status::Accepted,
            requested_at: Some(now),
            accepted_at: Some(now),
            agent_updated: Some(stamp),
            ..draft
        },
    }
}

/// What people typed. What acts of their own set, a planned day that is past, and the number of a certificate that has
/// been replaced since are not taken along.
fn carried(earlier: &ServiceRequest) -> Values {
    let taken = |field: &&Field| {
        let stale = match field.kind {
            FieldKind::Date => true,
            FieldKind::ManagementNumber => earlier.status == Status::Completed,
            _ => false,
        };
        field.editor != Editor::Fixed && !stale
    };
    let typed = earlier.procedure().fields().filter(taken);
    typed.filter_map(|field| Some((field.no, earlier.fields.get(&field.no)?.clone()))).collect()
}

/// Other requests for the same vehicle that are under way or were completed in the last 30 days, this one too when it
/// was: a fee would be paid twice.
///
/// # Errors
/// Only of the store.
pub fn same_vehicle(app: &App, actor: &Actor, request: &ServiceRequest) -> Result<Vec<RequestId>> {
    let since = app.clocks.business().day().plus_days(-30);
    app.store.read(|tx: &Read| {
        let (plate, chassis) = (request.plate.as_ref(), request.chassis.as_ref());
        Ok(tx.unfinished_of_vehicle(scope(actor), request.procedure, plate, chassis, since)?)
    })
}
