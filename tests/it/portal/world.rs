//! What people do in the outside world, as pages and lessons do it, and what comes of it in the node.

use super::*;
use ainas::sim::SimError;
use ainas::sim::conformity::Deed;

const CHASSIS: &str = "SX31-9000001";

fn refused(outcome: std::result::Result<(), SimError>) -> String {
    match outcome {
        Err(SimError::Refused(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

impl Office {
    fn state(&self) -> ConformityState {
        self.sim.conformity(CHASSIS).unwrap().unwrap().state
    }
}

/// J4-4: 補正要求 → 引戻し → 訂正 → 再登録 → 補正.
#[tokio::test]
async fn a_certificate_is_taken_back_only_when_the_office_sent_the_case_back() {
    let office = Office::new().await;
    office.vehicle(CHASSIS);
    let wrong = Plate { serial: 2, ..plate() };
    office.sim.conformity_deed(CHASSIS, &Deed::Withdraw).unwrap();
    office.sim.conformity_deed(CHASSIS, &Deed::Correct { plate: wrong }).unwrap();
    office.sim.conformity_deed(CHASSIS, &Deed::Register).unwrap();
    let id = office.accepted(CHASSIS, &[]).await;
    office.file(id).await;
    assert_eq!(office.state(), ConformityState::Reported);
    let no = refused(office.sim.conformity_deed(CHASSIS, &Deed::Withdraw));
    assert!(no.contains("申請に使われて"), "{no}");
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    assert_eq!(office.at(id).1, PortalStatus::CorrectionRequested);
    assert_eq!(office.state(), ConformityState::Registered);
    refused(office.sim.conformity_deed(CHASSIS, &Deed::Correct { plate: plate() }));
    office.sim.conformity_deed(CHASSIS, &Deed::Withdraw).unwrap();
    // Answered too early: it is not registered again yet.
    office.correct(id).await;
    assert!(office.filing(id).correction.unwrap().reasons[0].contains("作成中"));
    office.sim.conformity_deed(CHASSIS, &Deed::Correct { plate: plate() }).unwrap();
    office.sim.conformity_deed(CHASSIS, &Deed::Register).unwrap();
    office.correct(id).await;
    office.pay(id, TAX).await;
    assert_eq!((office.at(id).0, office.state()), (Status::Completed, ConformityState::Finished));
}

/// J4-4: 却下 → 引戻し and 再登録 are a must → 再申請.
#[tokio::test]
async fn after_a_rejection_the_certificate_has_to_be_registered_again() {
    let office = Office::new().await;
    let id = office.filed(CHASSIS, &[(no::NAME, Value::Text("別人".to_owned()))]).await;
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    assert_eq!((office.at(id).1, office.state()), (PortalStatus::Rejected, ConformityState::Rejected));
    let app = &office.node.app;
    requests::act(app, office.agent.clone(), id, Action::Reapply, Token::random()).await.unwrap();
    let request = office.request(id);
    let mut values = request.fields.clone();
    values.insert(no::NAME, Value::Text("検査　太郎".to_owned()));
    requests::agent_update(app, &office.agent, id, request.version, values, request.office, Token::random())
        .await
        .unwrap();
    office.file(id).await;
    assert_eq!(office.at(id).1, PortalStatus::CorrectionRequested, "still 却下");
    let create = Deed::Create { plate: plate(), inspected_on: office.today() };
    refused(office.sim.conformity_deed(CHASSIS, &create));
    office.sim.conformity_deed(CHASSIS, &Deed::Withdraw).unwrap();
    office.sim.conformity_deed(CHASSIS, &Deed::Delete).unwrap();
    office.sim.conformity_deed(CHASSIS, &create).unwrap();
    office.correct(id).await;
    office.pay(id, TAX).await;
    assert_eq!(office.at(id).0, Status::Completed);
}

#[tokio::test]
async fn an_account_without_money_makes_it_wait_for_another_payment() {
    let office = Office::new().await;
    let name = office.garage_account().name;
    let id = office.filed(CHASSIS, &[]).await;
    office.sim.set_account(&name, 1_449, true).unwrap();
    office.pay(id, FEE).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingRepayment));
    office.sim.set_account(&name, 1_450, false).unwrap();
    office.pay(id, FEE).await;
    assert!(office.filing(id).payment(FEE).unwrap().refusal.as_ref().unwrap().contains("開通"));
    office.sim.set_account(&name, 1_450, true).unwrap();
    office.pay(id, FEE).await;
    assert_eq!(office.at(id).1, PortalStatus::AwaitingInformationFee);
    assert_eq!((office.garage_account().balance, office.garage_account().taken), (0, 1_450));
    refused(office.sim.set_account("none", 1, true));
}

#[tokio::test]
async fn a_power_of_attorney_waives_the_fees_of_a_public_vehicle() {
    let office = Office::new().await;
    office.vehicle(CHASSIS);
    let vehicle = office.sim.vehicle(CHASSIS).unwrap().unwrap();
    for (public, chassis) in [(true, CHASSIS), (false, "SX31-9000002")] {
        office.vehicle(chassis);
        office.sim.put_vehicle(Vehicle { public, chassis: chassis.to_owned(), ..vehicle.clone() }).unwrap();
        let app = &office.node.app;
        let new = NewRequest {
            plate: plate(),
            chassis: ChassisNumber { number: chassis.to_owned(), officially_stamped: false },
            branch: NORTH,
            agent_branch: AGENT_MAIN,
            template: None,
            same_vehicle_confirmed: true,
        };
        let id = requests::register(app, &office.garage, &inspection::PROCEDURE, new, Token::random()).await.unwrap();
        let set = BTreeMap::from([
            (no::POWER_OF_ATTORNEY, Value::Choice(1)),
            (no::INSPECTION_FEE_WAIVED, Value::Flag(true)),
            (no::INFORMATION_FEE_WAIVED, Value::Flag(true)),
        ]);
        requests::set_power_of_attorney(app, &office.garage, id, 1, set, Token::random()).await.unwrap();
        let values = Office::complete_values(&[]);
        requests::update(app, &office.garage, id, 2, values, true, Token::random()).await.unwrap();
        let version = office.request(id).version;
        let again =
            requests::set_power_of_attorney(app, &office.garage, id, version, BTreeMap::new(), Token::random()).await;
        assert!(matches!(again, Err(Error::Refused(_))), "it was sent");
        requests::act(app, office.agent.clone(), id, Action::Accept, Token::random()).await.unwrap();
        office.file(id).await;
        if public {
            assert_eq!(office.at(id).1, PortalStatus::AwaitingWeightTax);
            assert_eq!(
                (office.payment(id, FEE), office.payment(id, INFORMATION)),
                (PaymentStatus::Waived, PaymentStatus::Waived)
            );
            office.pay(id, TAX).await;
            assert_eq!((office.at(id).0, office.garage_account().taken), (Status::Completed, 24_600));
        } else {
            assert_eq!(office.at(id).1, PortalStatus::AwaitingInspectionFee, "the vehicle is not a public one");
        }
    }
}

#[tokio::test]
async fn an_agent_who_may_not_apply_is_not_accepted() {
    let office = Office::new().await;
    let agent = "あおぞら行政書士事務所";
    office.sim.bar_agent(agent, inspection::PROCEDURE.code, true).unwrap();
    let id = office.filed(CHASSIS, &[]).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::NotAccepted));
    office.sim.bar_agent(agent, inspection::PROCEDURE.code, false).unwrap();
    requests::act(&office.node.app, office.agent.clone(), id, Action::Reapply, Token::random()).await.unwrap();
    office.file(id).await;
    assert_eq!(office.at(id).1, PortalStatus::AwaitingInspectionFee);
}

#[tokio::test]
async fn officials_let_a_filing_go_on_and_a_garage_rewrites_the_certificate() {
    let office = Office::new().await;
    office
        .sim
        .put_commissioned(ainas::sim::world::Commissioned { number: "A123456789".into(), name: "北工場".into() })
        .unwrap();
    office.sim.set_settings(&Settings { speed: Speed::Manual, ..Settings::default() }, office.now()).unwrap();
    let by_number = [
        (no::RENEWAL_DIVISION, Value::Choice(division::CLIENT_BY_NUMBER)),
        (no::COMMISSION_NUMBER, Value::Text("A123456789".to_owned())),
    ];
    let id = office.filed(CHASSIS, &by_number).await;
    let number = office.filing(id).submission;
    assert_eq!(office.at(id).1, PortalStatus::ReceptionReview);
    office.sim.decide(number, Outcome::ByRegister, office.now()).unwrap();
    office.settle().await;
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    office.sim.decide(number, Outcome::ByRegister, office.now()).unwrap();
    office.settle().await;
    refused(office.sim.rewrite(number, office.now()));
    office.pay(id, TAX).await;
    assert_eq!(office.at(id).1, PortalStatus::AwaitingIssue);
    let facts = office.filing(id).facts;
    assert_eq!(facts.get(&fact::COMMISSION_RESULT), Some(&Value::Text("交付可".to_owned())));
    office.sim.rewrite(number, office.now()).unwrap();
    office.settle().await;
    assert_eq!(office.at(id).1, PortalStatus::Issued);
    refused(office.sim.rewrite(number, office.now()));
}
