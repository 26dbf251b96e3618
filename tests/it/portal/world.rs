//! What people do in the outside world, as pages and lessons do it, and what comes of it in the node.

use super::*;
use ainas::domain::correction::Matter;
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

/// 補正: an official names what is wrong in an application; its agent mends just that, by the last day.
#[tokio::test]
async fn what_an_official_names_stands_first_and_is_mended() {
    let office = Office::new().await;
    office.sim.set_settings(&Settings { speed: Speed::Manual, ..Settings::default() }, office.now()).unwrap();
    let id = office.filed(CHASSIS, &[]).await;
    let number = office.filing(id).submission;
    let mut official = office.node.as_user("s-official").await;
    let at = format!("/sim/filings/{number}");
    official.get(&at).await.hides("補正を求める項目");
    refused(office.sim.ask_correction(number, &["早すぎます。".to_owned()], &[], office.now()));
    office.sim.decide(number, Outcome::ByRegister, office.now()).unwrap();
    office.settle().await;
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    official.get(&at).await.shows("補正を求める項目");
    let ask = format!("{at}/correction");
    let empty = official.post(&ask, &[("reasons", " "), ("named", "address2")]).await;
    empty.shows("補正の内容を入力してください");
    official
        .post(&ask, &[("reasons", "住所の番地が違います。"), ("named", "address2")])
        .await
        .shows("補正を待っています");
    office.settle().await;
    let asked = office.filing(id).correction.unwrap();
    assert_eq!(asked.named, [Matter::Field(no::ADDRESS_2)]);
    assert_eq!(office.state(), ConformityState::Registered, "the office lets go of it");

    let mut garage = office.node.as_user("c-staff").await;
    let application = |who: &str| format!("/{who}/inspection/applications/{id}");
    garage.get(&application("client")).await.shows("住所の番地が違います").shows("住所2").hides("申請データ補正");
    let mut agent = office.node.as_user("a-staff").await;
    agent.get(&application("agent")).await.shows("住所の番地が違います").shows("補正");
    let page = agent.get(&format!("{}/correct", application("agent"))).await;
    let (first, rest) = page.body.split_once("そのほかの項目").unwrap();
    assert!(
        first.contains(r#"name="address2""#) && !rest.contains(r#"name="address2""#),
        "the named field stands first"
    );
    assert!(rest.contains(r#"name="address1""#) && !page.body.contains(r#"name="chassis""#));
    let correct = format!("{}/correct", application("agent"));
    agent.post(&correct, &[("address2", &"０".repeat(90))]).await.shows("入力内容を確認してください");
    agent.post(&correct, &[("address2", "３－３")]).await.shows("補正を行いました");
    // The same form once more, and one from before, change nothing.
    agent.get(&correct).await.shows("できません");
    office.settle().await;
    assert_eq!(office.request(id).text(no::ADDRESS_2), "３－３");
    let document = String::from_utf8(office.filing(id).document).unwrap();
    assert!(document.contains("３－３"), "{document}");
    let history = office.node.app.store.read(|tx| Ok::<_, Error>(tx.history(id)?)).unwrap();
    assert!(history.iter().any(|entry| entry.what == "補正" && entry.fields == [no::ADDRESS_2]), "{history:?}");
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::Review));
}

/// From an application to its fees at the counter of the portal and back, while there is something to pay.
#[tokio::test]
async fn an_application_leads_to_its_fees_while_there_are_any() {
    let office = Office::new().await;
    let (other, id) = (office.filed("SX31-9000002", &[]).await, office.filed(CHASSIS, &[]).await);
    let mut agent = office.node.as_user("a-staff").await;
    let application = format!("/agent/inspection/applications/{id}");
    let fees = format!("/agent/inspection/payments?id={id}");
    let portal = format!("/sim/filings/{}", office.filing(id).submission);
    let page = agent.get(&application).await;
    assert!(page.body.contains(&fees) && page.body.contains(&portal));
    let page = agent.get(&fees).await;
    page.shows("の納付だけを表示しています").shows("全 1 件").hides(&other.to_string());
    assert!(page.body.contains(&application) && page.body.contains(" checked"));
    agent.get("/agent/inspection/payments?id=1").await.shows("全 2 件").hides("だけを表示");
    let mut official = office.node.as_user("s-official").await;
    assert!(official.get(&portal).await.body.contains(&application));
    for kind in [FEE, INFORMATION, TAX] {
        office.pay(id, kind).await;
    }
    let page = agent.get(&application).await;
    assert!(!page.body.contains(&fees) && !page.body.contains(&portal), "nothing is left to do");
}
