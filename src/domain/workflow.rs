//! Who may do what in which status, and what the portal's events do to a filing: two tables, and the only functions
//! that change a status. Buttons, services and tests read the same tables, so a button shows exactly when its POST
//! would succeed.

mod portal;

pub use portal::{
    PORTAL_RULES, PortalRule, SUSPENDABLE, Suspension, Unexpected, apply, ask_refused, awaits_payment,
    correction_refused, event_name, note_hold, order_payment, remarks, standing, status_of, suspension,
};

use super::actor::Actor;
use super::correction::correctable;
use super::power_of_attorney;
use super::procedure::{Editor, Field};
use super::request::{
    Ask, FilingKind, HistoryEntry, Hold, Origin, PortalStatus, Returned, ServiceRequest, Side, Stamp, Status, Value,
    Values,
};
use super::role::{AgentRole, ClientRole};
use super::time::BusinessTime;

/// What a person can do to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// 依頼データ更新.
    Update,
    /// 電子委任状設定.
    SetPowerOfAttorney,
    /// 送信.
    Send,
    /// 依頼データ削除.
    Delete,
    /// 依頼取消.
    Cancel,
    /// 受付.
    Accept,
    /// 差戻し.
    SendBack,
    /// 申請.
    File,
    /// 補正: what the portal asked for has been mended.
    Correct,
    /// 再申請.
    Reapply,
    /// メモ更新.
    UpdateMemo,
    /// 中断予約: the portal stops before its next step.
    Suspend,
    /// 中断予約取消.
    CancelSuspension,
    /// 再開.
    Resume,
    /// 取下.
    Withdraw,
    /// 申請データ再利用.
    Reuse,
}

impl ActionKind {
    /// All, in the order of the buttons.
    pub const ALL: &'static [Self] = &[
        Self::Update,
        Self::SetPowerOfAttorney,
        Self::Send,
        Self::Accept,
        Self::File,
        Self::Correct,
        Self::Resume,
        Self::Reapply,
        Self::UpdateMemo,
        Self::Suspend,
        Self::CancelSuspension,
        Self::Reuse,
        Self::SendBack,
        Self::Cancel,
        Self::Withdraw,
        Self::Delete,
    ];

    /// The name in the audit.
    pub fn key(self) -> &'static str {
        match self {
            Self::Update => "request.update",
            Self::SetPowerOfAttorney => "request.power-of-attorney",
            Self::Send => "request.send",
            Self::Delete => "request.delete",
            Self::Cancel => "request.cancel",
            Self::Accept => "request.accept",
            Self::SendBack => "request.send-back",
            Self::File => "request.file",
            Self::Correct => "request.correct",
            Self::Reapply => "request.reapply",
            Self::UpdateMemo => "request.memo",
            Self::Suspend => "request.suspend",
            Self::CancelSuspension => "request.cancel-suspension",
            Self::Resume => "request.resume",
            Self::Withdraw => "request.withdraw",
            Self::Reuse => "request.reuse",
        }
    }

    /// The label of the button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Update => "依頼データ更新",
            Self::SetPowerOfAttorney => "電子委任状設定",
            Self::Send => "送信",
            Self::Delete => "依頼データ削除",
            Self::Cancel => "依頼取消",
            Self::Accept => "受付",
            Self::SendBack => "差戻し",
            Self::File => "申請",
            Self::Correct => "補正",
            Self::Reapply => "再申請",
            Self::UpdateMemo => "メモ更新",
            Self::Suspend => "中断予約",
            Self::CancelSuspension => "中断予約取消",
            Self::Resume => "再開",
            Self::Withdraw => "取下",
            Self::Reuse => "申請データ再利用",
        }
    }
}

/// An action with what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// New values for the fields that may be typed; a field that is absent becomes empty.
    Update(Values),
    /// 電子委任状設定: 委任状種別 and which fees it waives; what is absent is cleared.
    SetPowerOfAttorney(Values),
    /// 送信.
    Send,
    /// 依頼データ削除: only decides; the caller removes the record.
    Delete,
    /// 依頼取消.
    Cancel,
    /// 受付.
    Accept,
    /// 差戻し, with the reason the garage reads.
    SendBack(String),
    /// 申請.
    File,
    /// 補正, with new values for the fields that it may change; one that is absent becomes empty.
    Correct(Values),
    /// 再申請.
    Reapply,
    /// メモ更新.
    UpdateMemo(String),
    /// 中断予約, its cancellation, 再開 or 取下.
    Ask(Ask),
    /// 申請データ再利用: only decides; the caller makes the new request.
    Reuse,
}

impl Action {
    /// Which action.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Update(_) => ActionKind::Update,
            Self::SetPowerOfAttorney(_) => ActionKind::SetPowerOfAttorney,
            Self::Send => ActionKind::Send,
            Self::Delete => ActionKind::Delete,
            Self::Cancel => ActionKind::Cancel,
            Self::Accept => ActionKind::Accept,
            Self::SendBack(_) => ActionKind::SendBack,
            Self::File => ActionKind::File,
            Self::Correct(_) => ActionKind::Correct,
            Self::Reapply => ActionKind::Reapply,
            Self::UpdateMemo(_) => ActionKind::UpdateMemo,
            Self::Ask(Ask::Suspend) => ActionKind::Suspend,
            Self::Ask(Ask::CancelSuspension) => ActionKind::CancelSuspension,
            Self::Ask(Ask::Resume) => ActionKind::Resume,
            Self::Ask(Ask::Withdraw) => ActionKind::Withdraw,
            Self::Reuse => ActionKind::Reuse,
        }
    }
}

/// Who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// 担当者 of the garage, whether they may send or not.
    ClientStaff,
    /// 担当者（送信可） of the garage.
    ClientSender,
    /// 担当者 of the agent.
    AgentStaff,
}

impl Who {
    fn admits(self, actor: &Actor) -> bool {
        match (self, actor) {
            (Self::ClientStaff, Actor::Client(client)) => client.role().is_staff(),
            (Self::ClientSender, Actor::Client(client)) => client.role() == ClientRole::StaffMaySend,
            (Self::AgentStaff, Actor::Agent(agent)) => agent.role() == AgentRole::Staff,
            _ => false,
        }
    }
}

/// A row of the table of statuses.
#[derive(Debug)]
pub struct Transition {
    /// In this status …
    pub from: Status,
    /// … while the portal says one of these; empty: whatever it says …
    pub portal: &'static [PortalStatus],
    /// … and this holds the filing …
    pub held: Held,
    /// … this action …
    pub action: ActionKind,
    /// … leads here (none: the status stays).
    pub to: Option<Status>,
    /// Who may.
    pub who: Who,
}

/// What has to hold a filing, or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Whatever.
    Any,
    /// Nothing.
    Free,
    /// Nothing, or a reservation to suspend it.
    Moving,
    /// This.
    By(Hold),
}

impl Held {
    fn fits(self, hold: Option<Hold>) -> bool {
        match self {
            Self::Any => true,
            Self::Free => hold.is_none(),
            Self::Moving => matches!(hold, None | Some(Hold::Reserved)),
            Self::By(wanted) => hold == Some(wanted),
        }
    }
}

const fn row(from: Status, action: ActionKind, to: Option<Status>, who: Who) -> Transition {
    Transition { from, portal: &[], held: Held::Any, action, to, who }
}

const fn ended(portal: &'static [PortalStatus], to: Status, who: Who) -> Transition {
    Transition { from: Status::Failed, portal, held: Held::Any, action: ActionKind::Reapply, to: Some(to), who }
}

const fn asked(from: Status, held: Held, action: ActionKind, to: Option<Status>) -> Transition {
    let portal = if matches!(from, Status::Filed) { SUSPENDABLE } else { &[] };
    Transition { from, portal, held, action, to, who: Who::AgentStaff }
}

/// 申請ステータス: every way that people can move a request (lifecycle; decisions 5, 9, 15 and E17).
pub const TRANSITIONS: &[Transition] = &[
    row(Status::Draft, ActionKind::Update, None, Who::ClientStaff),
    row(Status::Draft, ActionKind::SetPowerOfAttorney, None, Who::ClientStaff),
    row(Status::Draft, ActionKind::Delete, None, Who::ClientStaff),
    row(Status::Draft, ActionKind::Send, Some(Status::Sent), Who::ClientSender),
    row(Status::Sent, ActionKind::Cancel, Some(Status::Draft), Who::ClientSender),
    row(Status::Sent, ActionKind::Accept, Some(Status::Accepted), Who::AgentStaff),
    row(Status::Sent, ActionKind::SendBack, Some(Status::Draft), Who::AgentStaff),
    row(Status::Accepted, ActionKind::Update, None, Who::AgentStaff),
    // Of an entry of its own only: see `is_entry`.
    row(Status::Accepted, ActionKind::Delete, None, Who::AgentStaff),
    row(Status::Accepted, ActionKind::SendBack, Some(Status::Draft), Who::AgentStaff),
    row(Status::Accepted, ActionKind::File, Some(Status::Filed), Who::AgentStaff),
    row(Status::CorrectionRequested, ActionKind::Correct, Some(Status::Filed), Who::AgentStaff),
    ended(
        &[PortalStatus::Rejected, PortalStatus::NotAccepted, PortalStatus::Void, PortalStatus::Withdrawn],
        Status::Accepted,
        Who::AgentStaff,
    ),
    ended(&[PortalStatus::NotAccepted, PortalStatus::Void, PortalStatus::Withdrawn], Status::Draft, Who::ClientSender),
    asked(Status::Filed, Held::Free, ActionKind::Suspend, None),
    asked(Status::Filed, Held::By(Hold::Reserved), ActionKind::CancelSuspension, None),
    asked(Status::Suspended, Held::By(Hold::Suspended), ActionKind::Resume, Some(Status::Resuming)),
    asked(Status::Filed, Held::Moving, ActionKind::Withdraw, Some(Status::Withdrawing)),
    asked(Status::Suspended, Held::By(Hold::Suspended), ActionKind::Withdraw, Some(Status::Withdrawing)),
    asked(Status::CorrectionRequested, Held::Free, ActionKind::Withdraw, Some(Status::Withdrawing)),
    row(Status::Filed, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Filed, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::CorrectionRequested, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::CorrectionRequested, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Suspended, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Suspended, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Resuming, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Resuming, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Withdrawing, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Withdrawing, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Completed, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Completed, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Failed, ActionKind::UpdateMemo, None, Who::ClientStaff),
    row(Status::Failed, ActionKind::UpdateMemo, None, Who::AgentStaff),
    row(Status::Completed, ActionKind::Reuse, None, Who::ClientStaff),
    row(Status::Completed, ActionKind::Reuse, None, Who::AgentStaff),
    row(Status::Failed, ActionKind::Reuse, None, Who::ClientStaff),
    row(Status::Failed, ActionKind::Reuse, None, Who::AgentStaff),
];

/// Why an action is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody may do it in this status.
    WrongStatus,
    /// Somebody may, but not this actor.
    NotTheirs,
    /// It was filed before: what became of it, and fees that were paid, are known here only.
    AlreadyFiled,
}

/// Whether the agent wrote it for the garage (代行入力), which has not taken it into its own hands since.
fn is_entry(request: &ServiceRequest) -> bool {
    request.origin == Origin::Agent && request.client_updated.is_none()
}

fn find(request: &ServiceRequest, actor: &Actor, action: ActionKind) -> Result<&'static Transition, Refusal> {
    if action == ActionKind::Delete && request.status == Status::Accepted && !is_entry(request) {
        return Err(Refusal::WrongStatus);
    }
    if action == ActionKind::Delete && matches!(request.status, Status::Draft | Status::Accepted) && request.filings > 0
    {
        return Err(Refusal::AlreadyFiled);
    }
    if action == ActionKind::SetPowerOfAttorney && power_of_attorney::fields(request.procedure()).is_empty() {
        return Err(Refusal::WrongStatus);
    }
    let mut refusal = Refusal::WrongStatus;
    for transition in TRANSITIONS {
        let fits = transition.action == action
            && transition.from == request.status
            && (transition.portal.is_empty()
                || request.portal_status.is_some_and(|portal| transition.portal.contains(&portal)))
            && transition.held.fits(request.hold);
        if fits && transition.who.admits(actor) {
            return Ok(transition);
        }
        if fits {
            refusal = Refusal::NotTheirs;
        }
    }
    Err(refusal)
}

/// What this actor can do now, in the order of the buttons.
pub fn available(request: &ServiceRequest, actor: &Actor) -> Vec<ActionKind> {
    ActionKind::ALL.iter().copied().filter(|action| find(request, actor, *action).is_ok()).collect()
}

/// Does it, or says why not. The request is only changed when it succeeds. The caller stores the request and adds
/// the history entry.
///
/// # Errors
/// The reason for the refusal.
pub fn perform(
    request: &mut ServiceRequest,
    action: &Action,
    actor: &Actor,
    now: BusinessTime,
) -> Result<HistoryEntry, Refusal> {
    let transition = find(request, actor, action.kind())?;
    let stamp = Stamp { user: actor.user(), name: actor.name().to_owned(), at: now };
    let side = match actor {
        Actor::Client(_) => Side::Client,
        Actor::Agent(_) => Side::Agent,
    };
    let from = request.status;
    let mut changed = Vec::new();
    let mut detail = None;
    match action {
        Action::Update(values) => {
            let typed = request.procedure().fields().filter(|field| field.editor != Editor::Fixed);
            changed = replace_fields(request, values, typed);
        }
        Action::Correct(values) => {
            let fields = request.procedure().fields().filter(|field| correctable(field));
            changed = replace_fields(request, values, fields);
        }
        Action::SetPowerOfAttorney(values) => {
            let fields = power_of_attorney::fields(request.procedure());
            changed = replace_fields(request, values, fields.into_iter());
        }
        Action::UpdateMemo(memo) => changed = replace_memo(request, memo),
        Action::Send => {
            request.requested_at = Some(now);
            request.returned = None;
        }
        Action::Accept => request.accepted_at = Some(now),
        Action::SendBack(reason) => {
            detail = Some(reason.clone());
            request.accepted_at = None;
            request.returned = Some(Returned { by: stamp.clone(), reason: reason.clone() });
        }
        Action::Cancel => request.requested_at = None,
        Action::File => request.filed_at = Some(now),
        Action::Reapply => {
            request.kind = FilingKind::Again;
            request.filed_at = None;
            request.portal_status = None;
            if transition.to == Some(Status::Draft) {
                request.requested_at = None;
                request.accepted_at = None;
            }
        }
        Action::Ask(ask) => request.hold = ask.hold(),
        Action::Delete | Action::Reuse => {}
    }
    if let Some(to) = transition.to {
        request.status = to;
    }
    if let (Action::Ask(_), Some(portal)) = (action, request.portal_status) {
        // Not every procedure has every status: 再開中 is one of registered vehicles (decision 12).
        request.status = standing(request, portal);
    }
    match side {
        Side::Client => request.client_updated = Some(stamp.clone()),
        Side::Agent | Side::Portal => request.agent_updated = Some(stamp.clone()),
    }
    request.version += 1;
    Ok(HistoryEntry {
        at: now,
        side,
        name: Some(stamp.name),
        user: Some(stamp.user),
        what: action.kind().label().to_owned(),
        from: Some(from),
        to: Some(request.status),
        portal: None,
        detail,
        fields: changed,
    })
}

/// Puts new values of these fields in place of the old ones. Returns the numbers that changed.
fn replace_fields(
    request: &mut ServiceRequest,
    values: &Values,
    fields: impl Iterator<Item = &'static Field>,
) -> Vec<u16> {
    let mut changed = Vec::new();
    for field in fields {
        let new = values.get(&field.no);
        if request.fields.get(&field.no) == new {
            continue;
        }
        changed.push(field.no);
        match new {
            Some(value) => request.fields.insert(field.no, value.clone()),
            None => request.fields.remove(&field.no),
        };
    }
    changed
}

fn replace_memo(request: &mut ServiceRequest, memo: &str) -> Vec<u16> {
    let Some(field) = request.procedure().field("memo") else { return Vec::new() };
    let new = (!memo.is_empty()).then(|| Value::Text(memo.to_owned()));
    if request.fields.get(&field.no) == new.as_ref() {
        return Vec::new();
    }
    match new {
        Some(value) => request.fields.insert(field.no, value),
        None => request.fields.remove(&field.no),
    };
    vec![field.no]
}

#[cfg(test)]
mod tests;
