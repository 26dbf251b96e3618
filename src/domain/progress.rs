//! The way of a request as a track of a few steps, from the request to the issue. Driven by the procedure's own tables.

use super::procedure::Procedure;
use super::request::{Filing, HistoryEntry, PortalStatus as Portal, ServiceRequest, Status};
use super::time::BusinessTime;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind.
    Done,
    /// Here it stands.
    Now,
    /// Here it stopped and needs somebody.
    Stopped,
    /// Ahead.
    Ahead,
}

/// One step of the track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens in it.
    pub label: &'static str,
    /// How far it is.
    pub state: State,
    /// When it was reached.
    pub at: Option<BusinessTime>,
}

/// What belongs to which step: portal statuses of the procedure's way, folded into the words people use.
fn label(procedure: &Procedure, portal: Portal) -> &'static str {
    let pays = procedure.payments.iter().any(|rule| rule.awaited_in == portal);
    match portal {
        Portal::AwaitingWeightTax => "重量税納付",
        _ if pays => "手数料納付",
        Portal::Review => "審査",
        Portal::AwaitingIssue | Portal::Issued => portal.label(),
        _ => "受付審査",
    }
}

/// The track. `history` gives the times; without it only those of the head are known.
pub fn progress(request: &ServiceRequest, filing: Option<&Filing>, history: &[HistoryEntry]) -> Vec<Step> {
    let procedure = request.procedure();
    let card = procedure.field("cashless").is_some_and(|field| request.flag(field.no));
    let mut steps: Vec<(&'static str, Option<BusinessTime>)> =
        vec![("依頼", request.requested_at), ("受付", request.accepted_at), ("申請", request.filed_at)];
    let before_portal = steps.len();
    let since = filing.map(|filing| filing.filed_at);
    for &portal in procedure.portal_path {
        // A card is charged at the end, so that nobody waits for a payment.
        if card && procedure.payments.iter().any(|rule| rule.awaited_in == portal) {
            continue;
        }
        let label = label(procedure, portal);
        let reached = since.and_then(|since| {
            history.iter().find(|entry| entry.portal == Some(portal) && entry.at >= since).map(|entry| entry.at)
        });
        match steps.last_mut() {
            Some((last, at)) if *last == label => *at = at.or(reached),
            _ => steps.push((label, reached)),
        }
    }
    // The first step that is not behind.
    let current = match request.status {
        Status::Draft => 0,
        Status::Sent => 1,
        Status::Accepted => 2,
        _ => {
            let here = request.portal_status.and_then(|portal| {
                let stood = side_exit(procedure, portal, filing, history).unwrap_or(portal);
                let label = label(procedure, stood);
                steps.iter().position(|(step, _)| *step == label)
            });
            here.unwrap_or(before_portal)
        }
    };
    let finished = request.portal_status == Some(Portal::Issued) && request.status == Status::Completed;
    let stopped = matches!(request.status, Status::Failed | Status::CorrectionRequested | Status::Suspended)
        || request.portal_status == Some(Portal::AwaitingRepayment);
    steps
        .into_iter()
        .enumerate()
        .map(|(i, (label, at))| {
            let state = match i {
                _ if finished || i < current => State::Done,
                _ if i > current => State::Ahead,
                _ if stopped => State::Stopped,
                _ => State::Now,
            };
            Step { label, state, at: if state == State::Ahead { None } else { at } }
        })
        .collect()
}

/// For a status beside the way: the status of the way at which it left.
fn side_exit(
    procedure: &Procedure,
    portal: Portal,
    filing: Option<&Filing>,
    history: &[HistoryEntry],
) -> Option<Portal> {
    if procedure.portal_path.contains(&portal) {
        return None;
    }
    if portal == Portal::NotAccepted {
        return Some(Portal::Received);
    }
    if portal == Portal::AwaitingRepayment {
        let refused = filing?
            .payments
            .iter()
            .find(|payment| payment.status == super::payment::PaymentStatus::Refused)
            .map(|payment| payment.kind)?;
        return procedure.payments.iter().find(|rule| rule.kind == refused).map(|rule| rule.awaited_in);
    }
    let since = filing?.filed_at;
    let mut seen = history.iter().rev().filter(|entry| entry.at >= since).filter_map(|entry| entry.portal);
    // 再納付待ち is on nobody's way either: what was refused there had been waited for before.
    seen.find(|seen| procedure.portal_path.contains(seen)).or(Some(Portal::Review))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId};
    use crate::domain::procedure::inspection::{PROCEDURE, no};
    use crate::domain::request::Value;

    fn request(status: Status, portal_status: Option<Portal>) -> ServiceRequest {
        ServiceRequest {
            status,
            portal_status,
            ..ServiceRequest::draft(
                RequestId(100_000_001),
                PROCEDURE.code,
                (ClientOrganizationId(102_400_005), BranchId(1)),
                (AgentOrganizationId(1), AgentBranchId(1)),
                BusinessTime::from_unix(0),
            )
        }
    }

    /// Behind, here, ahead — in this order, with one step in the middle until all is done.
    #[test]
    fn a_track_stands_at_one_step() {
        for &status in Status::ALL {
            for portal in Portal::ALL.iter().copied().map(Some).chain([None]) {
                let steps = progress(&request(status, portal), None, &[]);
                let here = steps.iter().filter(|step| matches!(step.state, State::Now | State::Stopped)).count();
                let finished = steps.iter().all(|step| step.state == State::Done);
                assert!(here == 1 || finished, "{status:?} {portal:?}");
                let order = |step: &Step| match step.state {
                    State::Done => 0,
                    State::Now | State::Stopped => 1,
                    State::Ahead => 2,
                };
                assert!(steps.is_sorted_by_key(order), "{status:?} {portal:?}");
            }
        }
    }

    #[test]
    fn a_card_is_charged_without_waiting() {
        let mut request = request(Status::Filed, Some(Portal::Review));
        let labels = |request: &ServiceRequest| {
            progress(request, None, &[]).iter().map(|step| step.label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(&request), "依頼 受付 申請 受付審査 手数料納付 審査 重量税納付 交付待ち 交付完了");
        request.fields.insert(no::CASHLESS, Value::Flag(true));
        assert_eq!(labels(&request), "依頼 受付 申請 受付審査 審査 交付待ち 交付完了");
    }
}
