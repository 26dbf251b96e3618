use super::*;
use crate::domain::happening::Event;
use crate::domain::ids::*;
use crate::domain::procedure;
use crate::domain::request::{PortalStatus, Stamp, Status, Values};
use crate::domain::workflow;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn now() -> BusinessTime {
    BusinessTime::at(Day::new(2026, 12, 2).unwrap(), 10, 0)
}

fn filed(procedure: u8) -> (ServiceRequest, Filing) {
    let filed_at = BusinessTime::at(Day::new(2026, 12, 1).unwrap(), 9, 30);
    let request = ServiceRequest {
        status: Status::Filed,
        portal_status: Some(PortalStatus::Processing),
        filings: 1,
        ..ServiceRequest::draft(
            RequestId(100_000_001),
            procedure,
            (ClientOrganizationId(102_400_005), BranchId(1)),
            (AgentOrganizationId(1), AgentBranchId(1)),
            filed_at,
        )
    };
    let filing = Filing {
        request: request.id,
        attempt: 1,
        submission: SubmissionNumber([7; 16]),
        receipt: None,
        document: vec![],
        signature: vec![],
        filed_at,
        filed_by: Stamp { user: UserId(1), name: "代理 太郎".into(), at: filed_at },
        portal_status: PortalStatus::Processing,
        facts: Values::new(),
        payments: vec![],
        correction: None,
        failure: vec![],
        last_event: 0,
        delivered_at: None,
        correction_submission: None,
    };
    (request, filing)
}

/// What a careful person types.
fn typed(observation: &Observation, fee: Option<PaymentKind>) -> impl Fn(&str) -> String + use<> {
    let inputs = observation.inputs;
    move |key| {
        let Some(input) = inputs.iter().find(|input| input.key == key) else { return String::new() };
        match input.kind {
            InputKind::Receipt if input.required => "2026-1201-0000-0000-123".into(),
            InputKind::Fee => fee.map(|kind| kind.code().to_string()).unwrap_or_default(),
            InputKind::Amount => "１,８００円".into(),
            InputKind::Day if key == "expires_on" => "2028/12/20".into(),
            InputKind::Day => "2026-12-02".into(),
            InputKind::Means => "direct_debit".into(),
            InputKind::Reasons => "使用者の住所が異なります。\n\n 氏名が異なります。 ".into(),
            InputKind::Line(_) if input.required => "残高不足".into(),
            InputKind::Matters => "conformity\naddress1\nplate".into(),
            InputKind::Receipt | InputKind::Line(_) | InputKind::Flag(_) => String::new(),
        }
    }
}

/// The person's list and the portal's table name the same events.
#[test]
fn everything_the_table_knows_can_be_seen() {
    let table: BTreeSet<&str> = PORTAL_RULES.iter().map(|rule| rule.event).collect();
    let list: BTreeSet<&str> = OBSERVATIONS.iter().map(|observation| observation.event).collect();
    assert_eq!(list, table);
    assert_eq!(list.len(), OBSERVATIONS.len());
}

#[test]
fn nothing_is_offered_that_this_procedure_has_not() {
    let (request, mut filing) = filed(procedure::inspection::PROCEDURE.code);
    filing.portal_status = PortalStatus::Received;
    let events = |filing: &Filing| possible(&request, filing).iter().map(|o| o.event).collect::<Vec<_>>();
    assert!(events(&filing).contains(&"reception_review_started"));
    assert!(!events(&filing).contains(&"paid"), "no fee was issued");
    filing.facts.insert(fact::CONFORMITY, crate::domain::request::Value::Text("取得済".into()));
    assert!(!events(&filing).contains(&"conformity_obtained"));
    filing.portal_status = PortalStatus::Rejected;
    assert!(events(&filing).is_empty());
}

#[test]
fn what_is_typed_wrongly_is_named() {
    let (request, filing) = filed(procedure::inspection::PROCEDURE.code);
    let bad = |event: &str, key: &'static str, value: &'static str| {
        let observation = by_event(event).unwrap();
        let fee = fees(event, &request, &filing).first().copied();
        let good = typed(observation, fee);
        let problems = parse(observation, &|asked| if asked == key { value.to_owned() } else { good(asked) }, &request)
            .unwrap_err();
        assert!(problems.of(key).is_some(), "{event} {key} {value}: {problems:?}");
    };
    bad("received", "receipt", "");
    bad("received", "receipt", "12A4");
    bad("received", "receipt", "1111111111111111111111111111111");
    bad("payment_issued", "amount", "0");
    bad("payment_issued", "amount", "-5");
    bad("payment_issued", "due", "12月");
    bad("payment_issued", "fee", "9");
    bad("rejected", "reasons", " \n ");
    bad("correction_requested", "deadline", "");
    bad("completed", "expires_on", "2026-12-02");
    bad("completed", "commission_number", "A12");
    bad("paid", "fee", "");
    // Nothing was issued, so nothing can be paid.
    let (kind, on) = (PaymentKind::InspectionFee, Day::new(2026, 12, 2).unwrap());
    let paid = Happening::Paid { kind, on, means: Means::Advance, account: String::new() };
    assert!(!fits(&paid, &request, &filing));
}

#[test]
fn a_report_lies_between_the_filing_and_now() {
    let (_, filing) = filed(procedure::inspection::PROCEDURE.code);
    let at = |on: &'static str, time: &'static str| {
        moment(&move |key: &str| if key == "on" { on.to_owned() } else { time.to_owned() }, &filing, now())
    };
    assert_eq!(at("2026-12-01", "9:30").unwrap(), filing.filed_at);
    assert_eq!(at("2026/12/02", "１０：００").unwrap(), now());
    assert!(at("2026-12-01", "9:29").unwrap_err().of("on").is_some());
    assert!(at("2026-12-02", "10:01").unwrap_err().of("on").is_some());
    assert!(at("2026-12-02", "25:00").unwrap_err().of("time").is_some());
    assert!(at("", "").unwrap_err().len() == 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whoever reports only what is offered never meets a refusal, and every filing comes to an end.
    #[test]
    fn what_is_offered_is_accepted(choices in prop::collection::vec(any::<prop::sample::Index>(), 60), which in any::<prop::sample::Index>()) {
        let procedure = which.get(procedure::ALL);
        let (mut request, mut filing) = filed(procedure.code);
        for choice in choices {
            let offered = possible(&request, &filing);
            if offered.is_empty() { break }
            let observation = *choice.get(&offered);
            let fee = fees(observation.event, &request, &filing).first().copied();
            let what = parse(observation, &typed(observation, fee), &request).unwrap();
            prop_assert!(fits(&what, &request, &filing));
            let event = Event { number: filing.last_event + 1, filing: filing.submission, at: now(), what };
            let entry = workflow::apply(&mut request, &mut filing, &event).unwrap();
            prop_assert!(entry.is_some());
            prop_assert!(procedure.portal_statuses.contains(&filing.portal_status), "{:?}", filing.portal_status);
        }
    }
}
