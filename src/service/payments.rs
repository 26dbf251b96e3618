//! 登録車OSS納付: which fees wait for the agent, and ordering their payment. The portal asks the account; what comes of
//! it is told by events.

use super::audit;
use super::error::{Error, Result};
use super::once::Token;
use super::reason::Reason;
use super::requests::{subject, view};
use super::work::Step;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::ids::{AgentOrganizationId, RequestId, SubmissionNumber};
use crate::domain::money::Yen;
use crate::domain::organization::ClientOrganization;
use crate::domain::payment::{Means, Payment, PaymentKind, PaymentStatus};
use crate::domain::plate::Plate;
use crate::domain::procedure::{Procedure, VehicleKind};
use crate::domain::request::{PortalStatus, Status};
use crate::domain::role::AgentRole;
use crate::domain::search::{Conditions, Order, Page};
use crate::domain::time::Day;
use crate::domain::work::Outcome;
use crate::domain::workflow;
use crate::secret;
use crate::store::{Due, JobKind, Read, Write};
use std::collections::BTreeMap;

/// The most applications that are looked at; whoever has more pays some first.
const MOST: u32 = 1_000;

/// What waits to be paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Awaited {
    /// By 申請ID.
    pub rows: Vec<AwaitedPayment>,
    /// Applications beyond those that were looked at.
    pub more: u64,
}

/// A fee that waits to be paid, or was ordered and is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedPayment {
    /// 申請ID.
    pub request: RequestId,
    /// 自動車登録番号.
    pub plate: Option<Plate>,
    /// 依頼人（略称）.
    pub client: String,
    /// 拠点（略称）.
    pub branch: String,
    /// 手数料・税種別.
    pub kind: PaymentKind,
    /// 税手数料額.
    pub amount: Yen,
    /// 推定.
    pub inferred: bool,
    /// 見込.
    pub expected: bool,
    /// 納付期限日.
    pub due: Day,
    /// How it is paid.
    pub means: Means,
    /// From which account.
    pub account: String,
    /// 納付状況.
    pub status: PaymentStatus,
    /// Why the account refused it.
    pub refusal: Option<String>,
    /// Whether it can be ordered now.
    pub payable: bool,
}

/// The name of a garage's direct-debit account.
pub fn garage_account(client: &ClientOrganization, vehicle: VehicleKind) -> String {
    let which = match vehicle {
        VehicleKind::Registered => "登録車",
        VehicleKind::Light => "軽",
    };
    format!("{}（{which}口座）", client.member_code)
}

/// The name of the account from which an agent advances fees.
pub fn advance_account(agent: AgentOrganizationId) -> String {
    format!("{agent}（立替口座）")
}

/// Whose accounts there are: the names of garages and agents by those of their accounts.
///
/// # Errors
/// Only of the store.
pub fn account_holders(app: &App) -> Result<BTreeMap<String, String>> {
    app.store.read(|tx| {
        let mut holders = BTreeMap::new();
        for client in tx.client_organizations()? {
            for vehicle in [VehicleKind::Registered, VehicleKind::Light] {
                holders.insert(garage_account(&client, vehicle), client.short_name.clone());
            }
        }
        for agent in tx.agent_organizations()? {
            holders.insert(advance_account(agent.id), agent.short_name);
        }
        Ok(holders)
    })
}

/// The accounts from which the fees of a request are usually paid; none when there is no such request.
///
/// # Errors
/// Only of the store.
pub fn usual_accounts(app: &App, id: RequestId) -> Result<Vec<String>> {
    app.store.read(|tx| {
        let Some(request) = tx.request(id)? else { return Ok(Vec::new()) };
        let client = tx.client_organization(request.client)?.ok_or(Error::NotFound)?;
        Ok(vec![garage_account(&client, request.procedure().vehicle), advance_account(request.agent)])
    })
}

fn account(client: &ClientOrganization, vehicle: VehicleKind, agent: AgentOrganizationId, means: Means) -> String {
    match means {
        Means::DirectDebit => garage_account(client, vehicle),
        Means::Advance => advance_account(agent),
        Means::Card => "登録済みのカード".to_owned(),
    }
}

/// Fees of this procedure that wait within the agent's scope, by 申請ID; those that were ordered stand among them until
/// they are settled.
///
/// # Errors
/// Only of the store.
pub fn awaiting(app: &App, actor: &AgentActor, procedure: &Procedure) -> Result<Awaited> {
    let mut portal_statuses: Vec<PortalStatus> = procedure.payments.iter().map(|rule| rule.awaited_in).collect();
    portal_statuses.push(PortalStatus::AwaitingRepayment);
    let conditions = Conditions { statuses: vec![Status::Filed], portal_statuses, ..Conditions::default() };
    let page = Page { number: 1, size: MOST };
    let scope = view::scope(&Actor::Agent(actor.clone()));
    app.store.read(|tx| {
        let found = tx.search(scope, procedure.code, &conditions, Order::Oldest, page)?;
        let more = found.total - found.rows.len() as u64;
        let mut rows = Vec::new();
        for row in found.rows {
            rows.extend(rows_of(tx, procedure, actor.organization(), row.id)?);
        }
        Ok(Awaited { rows, more })
    })
}

fn rows_of(tx: &Read, procedure: &Procedure, agent: AgentOrganizationId, id: RequestId) -> Result<Vec<AwaitedPayment>> {
    let request = tx.request(id)?.ok_or(Error::NotFound)?;
    let Some(filing) = tx.last_filing(&request)? else { return Ok(Vec::new()) };
    let client = tx.client_organization(request.client)?.ok_or(Error::NotFound)?;
    let branch = tx.branch(request.branch)?.map_or_else(String::new, |branch| branch.short_name);
    let open = |payment: &&Payment| {
        matches!(payment.status, PaymentStatus::Unpaid | PaymentStatus::Ordered | PaymentStatus::Refused)
    };
    Ok(filing
        .payments
        .iter()
        .filter(open)
        .map(|payment| AwaitedPayment {
            request: id,
            plate: request.plate.clone(),
            client: client.short_name.clone(),
            branch: branch.clone(),
            kind: payment.kind,
            amount: payment.amount,
            inferred: payment.inferred,
            expected: payment.expected,
            due: payment.due,
            means: payment.means,
            account: account(&client, procedure.vehicle, agent, payment.means),
            status: payment.status,
            refusal: payment.refusal.clone(),
            payable: workflow::awaits_payment(&request, &filing, payment.kind),
        })
        .collect())
}

/// 納付 of one. With an amount that was agreed to, no other is paid.
///
/// # Errors
/// `Refused` when it does not wait, or not with this amount, and where people pay at the portal themselves.
pub async fn pay(
    app: &App,
    actor: &AgentActor,
    item: (RequestId, PaymentKind),
    agreed: Option<Yen>,
    once: Token,
) -> Result<()> {
    if app.gateway.is_none() {
        return Err(Reason::PaidAtThePortal.into());
    }
    let (user, now) = (actor.user(), app.clocks.now());
    let once = once.of(("pay", item));
    let number = SubmissionNumber(secret::random());
    app.store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            match order(tx, &actor, item, agreed, number, now) {
                // Ordered by this very form. A fee that the account refused since then waits again and is ordered anew.
                Err(Error::Refused(Reason::PaymentNotAwaited)) if tx.submission(user, once.as_str())?.is_some() => {
                    return Ok::<_, Error>(());
                }
                other => other?,
            }
            tx.put_submission(user, once.as_str(), &item.0.to_string(), now.system)?;
            Ok(())
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// 納付 of one of many, as long work does it.
///
/// # Errors
/// `Refused` where people pay at the portal themselves.
pub(super) fn step(app: &App, item: (RequestId, PaymentKind), agreed: Yen) -> Result<Step> {
    if app.gateway.is_none() {
        return Err(Reason::PaidAtThePortal.into());
    }
    let number = SubmissionNumber(secret::random());
    Ok(Box::new(move |tx, actor, now| {
        let Actor::Agent(actor) = actor else { return Err(Error::Forbidden) };
        order(tx, actor, item, Some(agreed), number, now)?;
        Ok(Outcome::Done { request: Some(item.0) })
    }))
}

fn order(
    tx: &mut Write,
    actor: &AgentActor,
    (id, kind): (RequestId, PaymentKind),
    agreed: Option<Yen>,
    number: SubmissionNumber,
    now: Moment,
) -> Result<()> {
    if actor.role() != AgentRole::Staff {
        return Err(Error::Forbidden);
    }
    let mut request = tx.request_for_agent(actor, id)?.ok_or(Error::NotFound)?;
    let mut filing = tx.last_filing(&request)?.ok_or(Error::NotFound)?;
    let client = tx.client_organization(request.client)?.ok_or(Error::NotFound)?;
    let by = (actor.user(), actor.name());
    let entry = workflow::order_payment(&mut request, &mut filing, kind, number, by, now.business)
        .ok_or(Error::Refused(Reason::PaymentNotAwaited))?;
    if let Some(payment) = filing.payment_mut(kind) {
        if agreed.is_some_and(|agreed| agreed != payment.amount) {
            return Err(Reason::AmountChanged { now: payment.amount }.into());
        }
        payment.payer_account = Some(account(&client, request.procedure().vehicle, request.agent, payment.means));
    }
    tx.put_filing(&filing)?;
    tx.add_history(&mut request, entry)?;
    tx.put_request(&request)?;
    tx.enqueue(Due::System(now.system), JobKind::Pay { request: id, attempt: filing.attempt, kind })?;
    audit::note(
        tx,
        now,
        actor.user(),
        "request.pay",
        subject(id),
        vec![request.procedure().payment_name(kind).to_owned()],
    )
}
