use super::*;
use crate::domain::chassis::ChassisNumber;
use crate::domain::happening::{Commission, Event, Happening};
use crate::domain::ids::*;
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind, PaymentStatus};
use crate::domain::procedure::inspection::{PROCEDURE, fact};
use crate::domain::procedure::{self, FactSource, Procedure};
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
        Happening::CorrectionRequested { reasons: vec!["自賠責".into()], deadline: day(), named: vec![] },
        Happening::Rejected { reasons: vec!["使用者".into()] },
        Happening::Voided { reasons: vec!["期限".into()] },
        Happening::Completed {
            completed_on: day(),
            ready_on: day(),
            expires_on: day(),
            commission: None,
            counter_code: None,
        },
        Happening::Issued { on: day() },
        Happening::Suspended,
        Happening::Resumed,
        Happening::Withdrawing,
        Happening::Withdrawn,
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
fn an_agent_deletes_only_what_it_wrote_for_the_garage() {
    let staff = agent(AgentRole::Staff);
    let deletable = |request: &ServiceRequest| available(request, &staff).contains(&ActionKind::Delete);
    let sent = request(Status::Accepted, None);
    assert!(!deletable(&sent));
    let entry = ServiceRequest { origin: Origin::Agent, ..sent };
    assert!(deletable(&entry));
    assert!(!available(&entry, &client(ClientRole::StaffMaySend)).contains(&ActionKind::Delete));
    assert!(!deletable(&ServiceRequest { filings: 1, ..entry.clone() }), "fees were paid");
    let stamp = Stamp { user: UserId(1), name: "青葉 花子".into(), at: BusinessTime::from_unix(0) };
    assert!(!deletable(&ServiceRequest { client_updated: Some(stamp), ..entry }), "the garage's by now");
}

#[test]
fn every_portal_status_of_the_procedure_is_reached() {
    let reached = reachable();
    for status in PROCEDURE.portal_statuses {
        assert!(reached.contains(status), "{}", status.label());
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
            PortalStatus::Issued
                | PortalStatus::Rejected
                | PortalStatus::NotAccepted
                | PortalStatus::Void
                | PortalStatus::Withdrawn
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
        Action::SetPowerOfAttorney(Values::new()),
        Action::Send,
        Action::Delete,
        Action::Cancel,
        Action::Accept,
        Action::SendBack("理由".into()),
        Action::File,
        Action::Correct(Values::new()),
        Action::Reapply,
        Action::UpdateMemo("メモ".into()),
        Action::Ask(Ask::Suspend),
        Action::Ask(Ask::CancelSuspension),
        Action::Ask(Ask::Resume),
        Action::Ask(Ask::Withdraw),
    ];
    let portals = || std::iter::once(None).chain(PortalStatus::ALL.iter().copied().map(Some));
    let holds = || std::iter::once(None).chain(Hold::ALL.iter().copied().map(Some));
    for status in Status::ALL {
        for (portal, hold) in portals().flat_map(|portal| holds().map(move |hold| (portal, hold))) {
            let request = |status, portal| ServiceRequest { hold, ..request(status, portal) };
            for actor in &actors {
                let shown = available(&request(*status, portal), actor);
                for action in &actions {
                    let mut after = request(*status, portal);
                    let before = after.clone();
                    let done = perform(&mut after, action, actor, BusinessTime::from_unix(1));
                    assert_eq!(
                        done.is_ok(),
                        shown.contains(&action.kind()),
                        "{status:?} {portal:?} {hold:?} {action:?}"
                    );
                    assert_eq!(done.is_err(), after == before, "a refusal changes nothing");
                }
            }
        }
    }
}

#[test]
fn a_sender_may_what_a_non_sender_may_not() {
    let draft = request(Status::Draft, None);
    assert_eq!(
        available(&draft, &client(ClientRole::StaffMayNotSend)),
        [ActionKind::Update, ActionKind::SetPowerOfAttorney, ActionKind::Delete]
    );
    assert_eq!(
        available(&draft, &client(ClientRole::StaffMaySend)),
        [ActionKind::Update, ActionKind::SetPowerOfAttorney, ActionKind::Send, ActionKind::Delete]
    );
    let mut draft = draft;
    let refusal = perform(&mut draft, &Action::Send, &client(ClientRole::StaffMayNotSend), BusinessTime::from_unix(1));
    assert_eq!(refusal, Err(Refusal::NotTheirs));
}

/// What holds a filing, from the reservation to the end of it.
#[test]
fn a_filing_is_suspended_goes_on_and_is_withdrawn() {
    let staff = agent(AgentRole::Staff);
    let mut request = request(Status::Filed, Some(PortalStatus::AwaitingInspectionFee));
    let mut filing = filing(PortalStatus::AwaitingInspectionFee);
    let mut number = 0;
    let mut happen = |request: &mut ServiceRequest, filing: &mut Filing, what: Happening| {
        number += 1;
        apply(request, filing, &event(number, what)).map(|entry| entry.unwrap().what)
    };
    let now = BusinessTime::from_unix(1);
    let ask = |request: &mut ServiceRequest, ask| perform(request, &Action::Ask(ask), &staff, now).map(drop);
    let resumption = |filing: &Filing| filing.facts.get(&fact::RESUMPTION).cloned();
    let says = |text: &str| Some(Value::Text(text.to_owned()));

    assert_eq!(suspension(&request), "可");
    ask(&mut request, Ask::Suspend).unwrap();
    assert_eq!((request.status, suspension(&request)), (Status::Filed, "予約中"));
    ask(&mut request, Ask::CancelSuspension).unwrap();
    ask(&mut request, Ask::Suspend).unwrap();
    happen(&mut request, &mut filing, Happening::Suspended).unwrap();
    assert_eq!((request.status, suspension(&request)), (Status::Suspended, "不可"));
    assert_eq!(request.portal_status, Some(PortalStatus::AwaitingInspectionFee), "the portal's own status stays");
    assert_eq!(resumption(&filing), says("再開依頼実施可"));
    let paid =
        Happening::Paid { kind: PaymentKind::InspectionFee, on: day(), means: Means::DirectDebit, account: "1".into() };
    assert!(happen(&mut request, &mut filing, paid).is_err(), "nothing is paid in a suspension");
    assert!(!awaits_payment(&request, &filing, PaymentKind::InspectionFee));

    ask(&mut request, Ask::Resume).unwrap();
    assert_eq!(request.status, Status::Resuming);
    assert_eq!(ask(&mut request, Ask::Withdraw), Err(Refusal::WrongStatus), "first the portal has to answer");
    happen(&mut request, &mut filing, Happening::Resumed).unwrap();
    assert_eq!((request.status, request.hold), (Status::Filed, None));
    assert_eq!(resumption(&filing), says("各種再開依頼実施不可"));

    ask(&mut request, Ask::Withdraw).unwrap();
    assert_eq!(request.status, Status::Withdrawing);
    let mut refused = request.clone();
    let entry = ask_refused(&mut refused, Ask::Withdraw, "手続が完了しています。".into(), now).unwrap();
    assert_eq!((refused.status, entry.what.as_str()), (Status::Filed, "取下 不可"));
    happen(&mut request, &mut filing, Happening::Withdrawing).unwrap();
    assert_eq!((request.status, filing.portal_status), (Status::Withdrawing, PortalStatus::Withdrawing));
    happen(&mut request, &mut filing, Happening::Withdrawn).unwrap();
    assert_eq!((request.status, filing.portal_status), (Status::Failed, PortalStatus::Withdrawn));
    let client = client(ClientRole::StaffMaySend);
    assert!(available(&request, &client).contains(&ActionKind::Reapply));
    assert!(available(&request, &staff).contains(&ActionKind::Reapply));
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

/// The event that a field of 状況照会 is filled by.
fn sets(source: FactSource) -> &'static str {
    match source {
        FactSource::Received | FactSource::EveryChange => "received",
        FactSource::ConformityObtained => "conformity_obtained",
        FactSource::InsuranceObtained => "insurance_obtained",
        FactSource::ReviewStarted => "review_started",
        FactSource::Completed | FactSource::Commissioned => "completed",
    }
}

/// A filing's whole way, by the events of its procedure.
fn whole_way(procedure: &Procedure, commission: Option<Commission>) -> Vec<Happening> {
    let all = happenings();
    let fee = |wanted: PaymentKind| {
        all.iter().filter(move |what| match what {
            Happening::PaymentIssued { kind, .. } | Happening::Paid { kind, .. } => *kind == wanted,
            _ => false,
        })
    };
    let mut way = vec![all[0].clone()];
    if procedure.portal_path.contains(&PortalStatus::ReceptionReview) {
        way.push(Happening::ReceptionReviewStarted);
    }
    way.extend([Happening::ConformityObtained, Happening::InsuranceObtained]);
    way.extend(fee(PaymentKind::InspectionFee).chain(fee(PaymentKind::InformationFee)).cloned());
    way.push(Happening::ReviewStarted);
    way.extend(fee(PaymentKind::WeightTax).cloned());
    let (completed_on, ready_on, expires_on) = (day(), day(), day());
    way.push(Happening::Completed { completed_on, ready_on, expires_on, commission, counter_code: None });
    way.push(Happening::Issued { on: day() });
    way
}

#[test]
fn every_field_of_the_status_page_is_set_by_its_event_and_by_no_other() {
    let commission = Commission { number: "A123456789".into(), name: "工場".into(), result: "交付可".into() };
    for (procedure, commission) in
        procedure::ALL.iter().flat_map(|one| [(*one, Some(commission.clone())), (*one, None)])
    {
        let commissioned = commission.is_some();
        let mut request =
            ServiceRequest { procedure: procedure.code, ..request(Status::Filed, Some(PortalStatus::Processing)) };
        let mut filing = filing(PortalStatus::Processing);
        for (number, what) in (1..).zip(whole_way(procedure, commission)) {
            let before = filing.facts.clone();
            let name = event_name(&what);
            let event = event(number, what);
            apply(&mut request, &mut filing, &event).unwrap();
            for row in procedure.facts {
                let filled = !before.contains_key(&row.no) && filing.facts.contains_key(&row.no);
                let due = name == sets(row.set_by) && (commissioned || row.set_by != FactSource::Commissioned);
                assert_eq!(filled, due, "{} {}: {name}", procedure.label, row.label);
            }
            assert_eq!(filing.facts.get(&fact::UPDATED), Some(&Value::Moment(event.at)), "{name}");
        }
        assert_eq!((request.status, filing.portal_status), (Status::Completed, PortalStatus::Issued));
        for row in procedure.facts {
            let expected = commissioned || row.set_by != FactSource::Commissioned;
            assert_eq!(filing.facts.contains_key(&row.no), expected, "{} {}", procedure.label, row.label);
        }
        assert!(filing.payments.iter().all(|payment| payment.status == PaymentStatus::Paid));
    }
}

proptest! {
    /// Whatever comes in whatever order: the two statuses always belong together and only table ways are taken.
    #[test]
    fn statuses_stay_together(order in proptest::collection::vec(0usize..24, 1..60)) {
        let all = happenings();
        let mut request = request(Status::Filed, Some(PortalStatus::Processing));
        let mut filing = filing(PortalStatus::Processing);
        for (number, index) in order.into_iter().enumerate() {
            let before = (request.clone(), filing.clone());
            let what = all[index % all.len()].clone();
            match apply(&mut request, &mut filing, &event(number as u64 + 1, what)) {
                Ok(_) => prop_assert_eq!(request.status, standing(&request, filing.portal_status)),
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
