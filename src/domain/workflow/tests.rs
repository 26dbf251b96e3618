use super::*;
use crate::domain::chassis::ChassisNumber;
use crate::domain::happening::{Event, Happening};
use crate::domain::ids::*;
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind, PaymentStatus};
use crate::domain::procedure::inspection::{PROCEDURE, fact};
use crate::domain::request::{Filing, Values};
use crate::domain::role::Application;
use crate::domain::time::{Day, SystemTime};
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write;

fn user(membership: Membership) -> User {
    User {
        id: UserId(1),
        person: PersonId(1),
        login_id: "aa001".into(),
        name: "青葉 花子".into(),
        membership,
        password: PasswordHash(String::new()),
        password_state: PasswordState::Chosen { at: SystemTime::from_unix(0), expires: None },
        password_history: vec![],
        last_sign_in: None,
        active: true,
        version: 1,
    }
}

fn client(role: ClientRole) -> Actor {
    let user = user(Membership::Client { organization: ClientOrganizationId(102_400_005), branch: None, role });
    assert_eq!(user.membership.application(), Application::Client);
    Actor::Client(crate::domain::actor::ClientActor::of(&user).unwrap())
}

fn agent(role: AgentRole) -> Actor {
    let user = user(Membership::Agent { organization: AgentOrganizationId(1), branch: None, role });
    Actor::Agent(crate::domain::actor::AgentActor::of(&user).unwrap())
}

fn request(status: Status, portal_status: Option<PortalStatus>) -> ServiceRequest {
    ServiceRequest {
        chassis: Some(ChassisNumber { number: "CAR-0121001".into(), officially_stamped: false }),
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

fn filing(portal_status: PortalStatus) -> Filing {
    Filing {
        request: RequestId(100_000_001),
        attempt: 1,
        submission: SubmissionNumber([7; 16]),
        receipt: None,
        document: vec![],
        signature: vec![],
        filed_at: BusinessTime::from_unix(0),
        filed_by: Stamp { user: UserId(1), name: "代理 太郎".into(), at: BusinessTime::from_unix(0) },
        portal_status,
        facts: Values::new(),
        payments: vec![],
        correction: None,
        failure: vec![],
        last_event: 0,
        delivered_at: None,
        correction_submission: None,
    }
}

fn day() -> Day {
    Day::new(2026, 12, 1).unwrap()
}

fn happenings() -> Vec<Happening> {
    let kinds = [PaymentKind::InspectionFee, PaymentKind::InformationFee, PaymentKind::WeightTax];
    let mut all = vec![
        Happening::Received { receipt: "1911000000000000001".into() },
        Happening::ReceptionReviewStarted,
        Happening::NotAccepted { reasons: vec!["委託番号".into()] },
        Happening::ConformityObtained,
        Happening::InsuranceObtained,
        Happening::ReviewStarted,
        Happening::CorrectionRequested { reasons: vec!["自賠責".into()], deadline: day() },
        Happening::Rejected { reasons: vec!["使用者".into()] },
        Happening::Voided { reasons: vec!["期限".into()] },
        Happening::Completed { completed_on: day(), ready_on: day(), expires_on: day(), commission: None },
        Happening::Issued { on: day() },
    ];
    for kind in kinds {
        all.push(Happening::PaymentIssued {
            kind,
            amount: Yen(1_450),
            due: day(),
            source: "表".into(),
            inferred: true,
            expected: false,
            waived: false,
            carried_over: None,
        });
        all.push(Happening::Paid { kind, on: day(), means: Means::DirectDebit, account: "1".into() });
        all.push(Happening::PaymentRefused { kind, reason: "残高不足".into() });
    }
    all
}

fn event(number: u64, what: Happening) -> Event {
    Event { number, filing: SubmissionNumber([7; 16]), at: BusinessTime::from_unix(number.cast_signed() * 60), what }
}

/// Every OSSステータス that events can lead to from the filing on.
fn reachable() -> BTreeSet<PortalStatus> {
    let mut seen = BTreeSet::from([PortalStatus::Processing]);
    let mut todo = vec![PortalStatus::Processing];
    while let Some(at) = todo.pop() {
        for what in happenings() {
            let mut request = request(status_of(at), Some(at));
            let mut filing = filing(at);
            if apply(&mut request, &mut filing, &event(1, what)).is_ok() && seen.insert(filing.portal_status) {
                todo.push(filing.portal_status);
            }
        }
    }
    seen
}

#[test]
fn what_was_filed_is_never_deleted() {
    let mut request = request(Status::Draft, None);
    request.filings = 1;
    let actor = client(ClientRole::StaffMaySend);
    assert!(!available(&request, &actor).contains(&ActionKind::Delete));
    let now = BusinessTime::from_unix(0);
    assert_eq!(perform(&mut request, &Action::Delete, &actor, now).map(drop), Err(Refusal::AlreadyFiled));
}

#[test]
fn every_portal_status_of_the_procedure_is_reached_or_waits_for_withdrawal() {
    let reached = reachable();
    for status in PROCEDURE.portal_statuses {
        let withdrawal = matches!(status, PortalStatus::Withdrawing | PortalStatus::Withdrawn);
        assert_eq!(reached.contains(status), !withdrawal, "{}", status.label());
    }
    for status in PROCEDURE.portal_path {
        assert!(reached.contains(status), "{}", status.label());
    }
}

#[test]
fn nothing_leaves_the_end_and_everything_else_has_an_exit() {
    for status in reachable() {
        let exits = happenings().into_iter().any(|what| {
            let mut request = request(status_of(status), Some(status));
            let mut filing = filing(status);
            apply(&mut request, &mut filing, &event(1, what)).is_ok() && filing.portal_status != status
        });
        let ended = matches!(
            status,
            PortalStatus::Issued | PortalStatus::Rejected | PortalStatus::NotAccepted | PortalStatus::Void
        );
        assert_eq!(exits, !ended, "{}", status.label());
    }
}

#[test]
fn buttons_show_exactly_what_would_succeed() {
    let actors = [
        client(ClientRole::Administrator),
        client(ClientRole::BranchManager),
        client(ClientRole::StaffMaySend),
        client(ClientRole::StaffMayNotSend),
        agent(AgentRole::Administrator),
        agent(AgentRole::Staff),
    ];
    let actions = [
        Action::Update(Values::new()),
        Action::Send,
        Action::Delete,
        Action::Cancel,
        Action::Accept,
        Action::SendBack("理由".into()),
        Action::File,
        Action::Correct,
        Action::Reapply,
        Action::UpdateMemo("メモ".into()),
    ];
    for status in Status::ALL {
        let portals: Vec<Option<PortalStatus>> =
            std::iter::once(None).chain(PortalStatus::ALL.iter().copied().map(Some)).collect();
        for portal in portals {
            for actor in &actors {
                let shown = available(&request(*status, portal), actor);
                for action in &actions {
                    let mut after = request(*status, portal);
                    let before = after.clone();
                    let done = perform(&mut after, action, actor, BusinessTime::from_unix(1));
                    assert_eq!(done.is_ok(), shown.contains(&action.kind()), "{status:?} {portal:?} {action:?}");
                    assert_eq!(done.is_err(), after == before, "a refusal changes nothing");
                }
            }
        }
    }
}

#[test]
fn a_sender_may_what_a_non_sender_may_not() {
    let draft = request(Status::Draft, None);
    assert_eq!(available(&draft, &client(ClientRole::StaffMayNotSend)), [ActionKind::Update, ActionKind::Delete]);
    assert_eq!(
        available(&draft, &client(ClientRole::StaffMaySend)),
        [ActionKind::Update, ActionKind::Send, ActionKind::Delete]
    );
    let mut draft = draft;
    let refusal = perform(&mut draft, &Action::Send, &client(ClientRole::StaffMayNotSend), BusinessTime::from_unix(1));
    assert_eq!(refusal, Err(Refusal::NotTheirs));
}

#[test]
fn a_repeated_event_changes_nothing() {
    let mut request = request(Status::Filed, Some(PortalStatus::Processing));
    let mut filing = filing(PortalStatus::Processing);
    let received = event(5, Happening::Received { receipt: "1911000000000000001".into() });
    assert!(apply(&mut request, &mut filing, &received).unwrap().is_some());
    let (before, before_filing) = (request.clone(), filing.clone());
    assert_eq!(apply(&mut request, &mut filing, &received), Ok(None));
    assert_eq!((request, filing), (before, before_filing));
}

#[test]
fn a_payment_is_ordered_once() {
    let mut request = request(Status::Filed, Some(PortalStatus::ReceptionReview));
    let mut filing = filing(PortalStatus::ReceptionReview);
    for (number, what) in happenings()
        .into_iter()
        .filter(|what| matches!(what, Happening::PaymentIssued { kind: PaymentKind::InspectionFee, .. }))
        .enumerate()
    {
        apply(&mut request, &mut filing, &event(number as u64 + 1, what)).unwrap();
    }
    assert_eq!(filing.portal_status, PortalStatus::AwaitingInspectionFee);
    let mut order = |number| {
        order_payment(
            &mut request,
            &mut filing,
            PaymentKind::InspectionFee,
            SubmissionNumber([number; 16]),
            (UserId(1), "代理 太郎"),
            BusinessTime::from_unix(9),
        )
    };
    assert!(order(1).is_some());
    assert!(order(2).is_none());
    assert_eq!(filing.payment(PaymentKind::InspectionFee).unwrap().submission, Some(SubmissionNumber([1; 16])));
}

#[test]
fn a_completed_application_has_every_fact_but_those_of_a_commission() {
    let mut request = request(Status::Filed, Some(PortalStatus::Processing));
    let mut filing = filing(PortalStatus::Processing);
    let mut number = 0;
    let mut happen = |what| {
        number += 1;
        apply(&mut request, &mut filing, &event(number, what)).unwrap();
    };
    let all = happenings();
    let issued = |kind: PaymentKind| {
        all.iter().find(|h| matches!(h, Happening::PaymentIssued { kind: k, .. } if *k == kind)).unwrap().clone()
    };
    let paid = |kind: PaymentKind| {
        all.iter().find(|h| matches!(h, Happening::Paid { kind: k, .. } if *k == kind)).unwrap().clone()
    };
    happen(all[0].clone());
    happen(Happening::ReceptionReviewStarted);
    happen(issued(PaymentKind::InspectionFee));
    happen(paid(PaymentKind::InspectionFee));
    happen(issued(PaymentKind::InformationFee));
    happen(paid(PaymentKind::InformationFee));
    happen(Happening::ConformityObtained);
    happen(Happening::InsuranceObtained);
    happen(Happening::ReviewStarted);
    happen(issued(PaymentKind::WeightTax));
    happen(paid(PaymentKind::WeightTax));
    happen(Happening::Completed { completed_on: day(), ready_on: day(), expires_on: day(), commission: None });
    happen(Happening::Issued { on: day() });
    assert_eq!(request.status, Status::Completed);
    for row in PROCEDURE.facts {
        let commission = matches!(row.no, fact::COMMISSION_NUMBER | fact::COMMISSION_NAME | fact::COMMISSION_RESULT);
        assert_eq!(filing.facts.contains_key(&row.no), !commission, "{}", row.label);
    }
    assert!(filing.payments.iter().all(|payment| payment.status == PaymentStatus::Paid));
}

proptest! {
    /// Whatever comes in whatever order: the two statuses always belong together and only table ways are taken.
    #[test]
    fn statuses_stay_together(order in proptest::collection::vec(0usize..20, 1..60)) {
        let all = happenings();
        let mut request = request(Status::Filed, Some(PortalStatus::Processing));
        let mut filing = filing(PortalStatus::Processing);
        for (number, index) in order.into_iter().enumerate() {
            let before = (request.clone(), filing.clone());
            let what = all[index % all.len()].clone();
            match apply(&mut request, &mut filing, &event(number as u64 + 1, what)) {
                Ok(_) => prop_assert_eq!(request.status, status_of(filing.portal_status)),
                Err(_) => prop_assert_eq!(&before, &(request.clone(), filing.clone())),
            }
            prop_assert_eq!(request.portal_status, Some(filing.portal_status));
        }
    }
}

/// The tables as a drawing, for the README and for whoever reviews a change of the tables.
#[test]
fn drawing() {
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for row in TRANSITIONS.iter().filter(|row| row.to.is_some()) {
        let to = row.to.map_or("", Status::label);
        lines.insert(format!("  {} --> {to}: {}", row.from.label(), row.action.label()));
    }
    for rule in PORTAL_RULES {
        if let Some(to) = rule.to {
            for from in rule.from {
                lines.insert(format!("  OSS_{} --> OSS_{}: {}", from.label(), to.label(), rule.event));
            }
        }
    }
    let mut drawing = String::from("stateDiagram-v2\n");
    for line in lines {
        writeln!(drawing, "{line}").unwrap();
    }
    insta::assert_snapshot!(drawing);
}
