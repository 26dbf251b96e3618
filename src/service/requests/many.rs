//! 一括送信 and 一括申請 before they begin: with which of the chosen requests it can be done, and why not with the others.

use super::{sendable, within};
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::ids::{ClientOrganizationId, RequestId};
use crate::domain::procedure::Procedure;
use crate::domain::request::{ServiceRequest, Status};
use crate::domain::search::{Conditions, Order, Page};
use crate::service::error::{Error, Result};
use crate::service::filing;
use crate::service::reason::Reason;
use crate::service::requests::view::scope;
use crate::service::work::MOST;
use crate::store::Read;
use ring::digest;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Of each sort, how many are shown; beyond, only their number.
pub const LISTED: usize = 200;

/// What would happen.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// Those with which it can be done, in the order chosen.
    pub ready: Vec<RequestId>,
    /// The first of these.
    pub shown: Vec<ServiceRequest>,
    /// How many can't.
    pub refused: usize,
    /// The first of these, and why.
    pub reasons: Vec<(ServiceRequest, String)>,
    /// 依頼人（略称） of those that are shown.
    pub clients: BTreeMap<ClientOrganizationId, String>,
}

impl Preview {
    /// One word for exactly these requests, so that 確定 does what was shown.
    pub fn mark(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        self.ready.iter().for_each(|id| context.update(&id.0.to_be_bytes()));
        context.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is done to many requests at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// 一括送信.
    Send,
    /// 一括申請.
    File,
}

impl Act {
    /// The status in which a request waits for it.
    fn from(self) -> Status {
        match self {
            Self::Send => Status::Draft,
            Self::File => Status::Accepted,
        }
    }

    /// Why it can't be done with a request that was chosen in a list.
    fn why_not(self, error: &Error, request: &ServiceRequest) -> String {
        match (error, self, request.status) {
            (Error::Refused(Reason::WrongStatus { .. }), Self::File, Status::Sent) => {
                "まだ受付していません。先に「受付」をしてください。".to_owned()
            }
            (Error::Refused(Reason::WrongStatus { status, .. }), ..) => {
                let verb = if self == Self::Send { "送信" } else { "申請" };
                format!("申請ステータスが「{status}」のため、{verb}できません。")
            }
            _ => error.in_a_row(),
        }
    }

    /// Whether it would succeed now.
    fn check(self, app: &App, tx: &Read, actor: &Actor, request: &ServiceRequest, now: Moment) -> Result<()> {
        match self {
            Self::Send => sendable(tx, actor, request, now),
            Self::File => filing::fileable(app, tx, actor, request.id, now),
        }
    }
}

/// Looks at the chosen requests. Those that the actor may not know of, and those of another procedure, are left out
/// without a word.
///
/// # Errors
/// Only of the store.
pub fn preview(app: &App, actor: &Actor, procedure: &Procedure, act: Act, ids: &[RequestId]) -> Result<Preview> {
    let now = app.clocks.now();
    app.store.read(|tx| {
        let mut preview = Preview::default();
        for id in ids {
            let Some(request) = within(tx, actor, *id)?.filter(|request| request.procedure == procedure.code) else {
                continue;
            };
            let (shown, outcome) = match act.check(app, tx, actor, &request, now) {
                Ok(()) => {
                    preview.ready.push(*id);
                    (preview.shown.len(), None)
                }
                Err(error @ Error::Internal(_)) => return Err(error),
                Err(error) => {
                    preview.refused += 1;
                    (preview.reasons.len(), Some(act.why_not(&error, &request)))
                }
            };
            if shown >= LISTED {
                continue;
            }
            if let Entry::Vacant(name) = preview.clients.entry(request.client) {
                name.insert(
                    tx.client_organization(request.client)?.map_or_else(String::new, |client| client.short_name),
                );
            }
            match outcome {
                None => preview.shown.push(request),
                Some(reason) => preview.reasons.push((request, reason)),
            }
        }
        Ok(preview)
    })
}

/// All requests that a search finds and that wait for this, in its order.
///
/// # Errors
/// `Refused` when there are more than one piece of work takes.
pub fn found(
    app: &App,
    actor: &Actor,
    procedure: &Procedure,
    act: Act,
    conditions: &Conditions,
    order: Order,
) -> Result<Vec<RequestId>> {
    if !conditions.statuses.contains(&act.from()) {
        return Ok(Vec::new());
    }
    let conditions = Conditions { statuses: vec![act.from()], ..conditions.clone() };
    let page = Page { number: 1, size: u32::try_from(MOST).unwrap_or(u32::MAX) };
    let found = app.store.read(|tx| tx.search(scope(actor), procedure.code, &conditions, order, page))?;
    match usize::try_from(found.total) {
        Ok(items) if items <= MOST => Ok(found.rows.into_iter().map(|row| row.id).collect()),
        _ => Err(Reason::WorkTooLarge { items: usize::try_from(found.total).unwrap_or(usize::MAX), most: MOST }.into()),
    }
}
