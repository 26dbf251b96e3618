//! 一括送信 before it begins: which of the chosen requests can be sent, and why the others can't.

use super::{sendable, within};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::ids::RequestId;
use crate::domain::procedure::Procedure;
use crate::domain::request::{ServiceRequest, Status};
use crate::domain::search::{Conditions, Order, Page};
use crate::service::error::{Error, Result};
use crate::service::reason::Reason;
use crate::service::requests::view::scope;
use crate::service::work::MOST;
use ring::digest;

/// Of each sort, how many are shown; beyond, only their number.
pub const LISTED: usize = 200;

/// What would happen.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// Those that can be sent, in the order chosen.
    pub ready: Vec<RequestId>,
    /// The first of these.
    pub shown: Vec<ServiceRequest>,
    /// How many can't.
    pub refused: usize,
    /// The first of these, and why.
    pub reasons: Vec<(ServiceRequest, String)>,
}

impl Preview {
    /// One word for exactly these requests, so that 確定 does what was shown.
    pub fn mark(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        self.ready.iter().for_each(|id| context.update(&id.0.to_be_bytes()));
        context.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Looks at the chosen requests. Those that the actor may not know of, and those of another procedure, are left out
/// without a word.
///
/// # Errors
/// Only of the store.
pub fn preview(app: &App, actor: &Actor, procedure: &Procedure, ids: &[RequestId]) -> Result<Preview> {
    let now = app.clocks.now();
    app.store.read(|tx| {
        let mut preview = Preview::default();
        for id in ids {
            let Some(request) = within(tx, actor, *id)?.filter(|request| request.procedure == procedure.code) else {
                continue;
            };
            match sendable(tx, actor, &request, now) {
                Ok(()) => {
                    preview.ready.push(*id);
                    if preview.shown.len() < LISTED {
                        preview.shown.push(request);
                    }
                }
                Err(error @ Error::Internal(_)) => return Err(error),
                Err(error) => {
                    preview.refused += 1;
                    if preview.reasons.len() < LISTED {
                        preview.reasons.push((request, error.in_a_row()));
                    }
                }
            }
        }
        Ok(preview)
    })
}

/// All requests in 依頼前 that a search finds, in its order.
///
/// # Errors
/// `Refused` when there are more than one piece of work takes.
pub fn drafts(
    app: &App,
    actor: &Actor,
    procedure: &Procedure,
    conditions: &Conditions,
    order: Order,
) -> Result<Vec<RequestId>> {
    if !conditions.statuses.contains(&Status::Draft) {
        return Ok(Vec::new());
    }
    let conditions = Conditions { statuses: vec![Status::Draft], ..conditions.clone() };
    let page = Page { number: 1, size: u32::try_from(MOST).unwrap_or(u32::MAX) };
    let found = app.store.read(|tx| tx.search(scope(actor), procedure.code, &conditions, order, page))?;
    match usize::try_from(found.total) {
        Ok(items) if items <= MOST => Ok(found.rows.into_iter().map(|row| row.id).collect()),
        _ => Err(Reason::WorkTooLarge { items: usize::try_from(found.total).unwrap_or(usize::MAX), most: MOST }.into()),
    }
}
