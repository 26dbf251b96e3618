//! （軽）継続検査 from the request to the counter.

use super::*;
use ainas::domain::procedure::light_inspection::PROCEDURE as LIGHT;

const CHASSIS: &str = "KDA11S-0000001";
const REISSUED: &str = "12345051205";

fn light_plate() -> Plate {
    Plate { region: "品川".into(), class: "66".into(), kana: "あ".into(), serial: 1_234, small: true }
}

impl Office {
    /// A light vehicle with everything in order but what `change` makes of it, and the garage's light account.
    pub(super) fn light_vehicle(&self, chassis: &str, change: fn(&mut Vehicle)) {
        self.vehicle(chassis);
        let mut vehicle =
            Vehicle { plate: light_plate(), class: VehicleClass::Light, ..self.sim.vehicle(chassis).unwrap().unwrap() };
        change(&mut vehicle);
        self.sim.put_vehicle(vehicle).unwrap();
        let (state, inspected_on) = (ConformityState::Registered, self.today());
        let certificate =
            Conformity { chassis: chassis.to_owned(), plate: light_plate(), inspected_on, state, by_hand: false };
        self.sim.put_conformity(certificate).unwrap();
        let name = self.light_account();
        if self.sim.account(&name).unwrap().is_none() {
            let account = Account { name, means: Means::DirectDebit, balance: BALANCE, taken: 0, open: true };
            self.sim.put_account(account).unwrap();
        }
    }

    pub(super) fn light_account(&self) -> String {
        let client = self.node.app.store.read(|tx| Ok::<_, Error>(tx.client_organization(GARAGE)?.unwrap())).unwrap();
        payments::garage_account(&client, VehicleKind::Light)
    }

    /// Registered and filled in; not sent.
    async fn light_draft(&self, chassis: &str, more: &[(u16, Value)]) -> (RequestId, BTreeMap<u16, Value>) {
        let app = &self.node.app;
        let new = NewRequest {
            plate: light_plate(),
            chassis: ChassisNumber { number: chassis.to_owned(), officially_stamped: false },
            branch: NORTH,
            agent_branch: AGENT_MAIN,
            template: None,
            same_vehicle_confirmed: true,
        };
        let id = requests::register(app, &self.garage, &LIGHT, new, Token::random()).await.unwrap();
        let text = |text: &str| Value::Text(text.to_owned());
        let mut values = BTreeMap::from([
            (no::NAME, text("検査　太郎")),
            (no::ADDRESS_1, text("東京都品川区")),
            (no::ADDRESS_2, text("東大井１丁目１番")),
            (no::RECEIVING, Value::Choice(2)),
            (no::RENEWAL_DIVISION, Value::Choice(division::OFFICE)),
        ]);
        values.extend(more.iter().cloned());
        (id, values)
    }

    pub(super) async fn light_accepted(&self, chassis: &str, more: &[(u16, Value)]) -> RequestId {
        let (id, values) = self.light_draft(chassis, more).await;
        requests::update(&self.node.app, &self.garage, id, 1, values, true, Token::random()).await.unwrap();
        requests::act(&self.node.app, self.agent.clone(), id, Action::Accept, Token::random()).await.unwrap();
        id
    }

    async fn light_filed(&self, more: &[(u16, Value)]) -> RequestId {
        let id = self.light_accepted(CHASSIS, more).await;
        self.file(id).await;
        id
    }
}

#[tokio::test]
async fn a_light_vehicle_goes_its_own_way_to_the_counter() {
    let office = Office::new().await;
    office.light_vehicle(CHASSIS, |vehicle| vehicle.reissued = Some(REISSUED.to_owned()));
    let id = office.light_filed(&[(no::MANAGEMENT_NUMBER, Value::Text(REISSUED.to_owned()))]).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingFees));
    // Both fees wait together, and either may be paid first; both are the agent's to advance.
    let rows = payments::awaiting(&office.node.app, &office.agent, &LIGHT).unwrap().rows;
    let shown: Vec<_> = rows.iter().map(|row| (row.kind, row.amount.0, row.means, row.payable)).collect();
    assert_eq!(shown, [(FEE, 1_450, Means::Advance, true), (INFORMATION, 400, Means::Advance, true)]);
    office.pay(id, INFORMATION).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingFees));
    office.pay(id, FEE).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingWeightTax));
    office.pay(id, TAX).await;
    assert_eq!(office.at(id), (Status::Completed, PortalStatus::AwaitingIssue));
    assert_eq!(office.filing(id).payment(TAX).unwrap().amount.0, 6_600);
    assert_eq!(office.sim.account(&office.light_account()).unwrap().unwrap().taken, 6_600);
    assert_eq!(office.sim.account(&payments::advance_account(AGENT)).unwrap().unwrap().taken, 1_850);
    assert_eq!(office.garage_account().taken, 0, "the account for registered vehicles is another");

    let code = office.filing(id).facts.get(&fact::COUNTER_CODE).cloned();
    assert!(matches!(&code, Some(Value::Text(code)) if code.contains(CHASSIS)), "{code:?}");
    office.later(60).await;
    assert_eq!(office.at(id), (Status::Completed, PortalStatus::Issued));
    assert_eq!(office.way(id), LIGHT.portal_path[1..]);
    let filing = office.filing(id);
    for fact in LIGHT.facts {
        // The office hands out by itself: nobody rewrites the certificate for it.
        let commissioned = fact.set_by == ainas::domain::procedure::FactSource::Commissioned;
        assert_eq!(filing.facts.contains_key(&fact.no), !commissioned, "{}", fact.label);
    }
    for fact in [fact::MESSAGE, fact::OFFICE_NOTICE, fact::DEADLINE_NOTICE] {
        assert_eq!(filing.facts.get(&fact), Some(&Value::Text("無".to_owned())));
    }
}

#[tokio::test]
async fn a_light_vehicle_whose_fees_are_waived_is_outside() {
    let office = Office::new().await;
    office.light_vehicle(CHASSIS, |vehicle| vehicle.public = true);
    let id = office.light_filed(&[]).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::Rejected));
    assert_eq!(office.payment(id, FEE), PaymentStatus::Waived);
    assert_eq!(office.sim.account(&payments::advance_account(AGENT)).unwrap().unwrap().taken, 0);
    // The request knows it from here on: a second filing is refused before it is sent.
    assert!(office.request(id).flag(no::FEES_WAIVED));
    let app = &office.node.app;
    requests::act(app, office.agent.clone(), id, Action::Reapply, Token::random()).await.unwrap();
    let outcome = filing::file(app, &office.agent, id, Token::random()).await;
    assert!(matches!(outcome, Err(Error::Refused(Reason::VehicleExcluded))), "{outcome:?}");
}

#[tokio::test]
async fn the_account_for_light_vehicles_is_asked_for_by_itself() {
    let office = Office::new().await;
    office.light_vehicle(CHASSIS, |_| {});
    let app = &office.node.app;
    app.store
        .write(|tx| {
            let client = tx.client_organization(GARAGE)?.unwrap();
            tx.put_client_organization(&ainas::domain::organization::ClientOrganization {
                light_account_open: false,
                ..client
            })?;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    let (id, values) = office.light_draft(CHASSIS, &[]).await;
    let outcome = requests::update(app, &office.garage, id, 1, values, true, Token::random()).await;
    let Err(Error::Refused(reason @ Reason::AccountNotOpen { .. })) = outcome else { panic!("{outcome:?}") };
    assert!(reason.sentence().contains("軽自動車") && !reason.sentence().contains("キャッシュレス"));
    // A registered vehicle is not concerned.
    office.filed("SX31-9000001", &[]).await;
}

#[tokio::test]
async fn one_link_of_the_header_is_where_one_is() {
    let office = Office::new().await;
    let mut agent = office.node.as_user("a-staff").await;
    let page = agent.get("/agent/light-inspection/payments").await;
    let link = |label: &str| {
        let end = page.body.find(&format!(">{label}</a>")).unwrap();
        page.body[..end].rsplit_once("<a ").unwrap().1.to_owned()
    };
    assert!(link("軽OSS納付").contains("aria-current") && !link("登録車OSS納付").contains("aria-current"));
    // A record is found under its own procedure's address only.
    let id = office.light_draft(CHASSIS, &[]).await.0;
    let mut garage = office.node.as_user("c-staff").await;
    assert_eq!(garage.get(&format!("/client/light-inspection/requests/{id}")).await.status, 200);
    assert_eq!(garage.get(&format!("/client/inspection/requests/{id}")).await.status, 404);
}

/// 放置違反金, 再交付 and 短縮 are asked for together, and answered on one page.
#[tokio::test]
async fn three_things_that_were_named_are_corrected_on_one_page() {
    let office = Office::new().await;
    office.light_vehicle(CHASSIS, |vehicle| {
        vehicle.reissued = Some(REISSUED.to_owned());
        vehicle.unpaid_fine = true;
        // Two months and a week ahead: the term would be shortened, so the garage is asked.
        vehicle.expires_on = Day::new(2027, 2, 8).unwrap();
    });
    let id = office.light_filed(&[(no::MANAGEMENT_NUMBER, Value::Text("54321051205".to_owned()))]).await;
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    assert_eq!(office.at(id).1, PortalStatus::CorrectionRequested);
    assert_eq!(office.filing(id).correction.unwrap().reasons.len(), 3);
    let correct = format!("/agent/light-inspection/applications/{id}/correct");
    let mut agent = office.node.as_user("a-staff").await;
    let page = agent.get(&correct).await;
    let (first, rest) = page.body.split_once("そのほかの項目").unwrap();
    for key in ["shortening_allowed", "fine_receipt", "management_number"] {
        assert!(first.contains(&format!("name=\"{key}\"")) && !rest.contains(&format!("name=\"{key}\"")), "{key}");
    }
    page.shows("あと13日").shows("有効期間が短縮されてよいか");
    // An answer without a correction leads back to what is still wrong; the shortening was agreed to by it.
    agent.post(&correct, &[]).await.shows("補正を行いました");
    office.settle().await;
    assert_eq!(office.filing(id).correction.unwrap().reasons.len(), 2);
    agent.get(&correct).await.hides("有効期間が短縮されてよいか");
    let number = ("management_number", "１２３４５０５１２０５");
    agent.post(&correct, &[number, ("fine_receipt", "on")]).await.shows("補正を行いました");
    office.settle().await;
    assert_eq!(office.at(id).1, PortalStatus::AwaitingWeightTax);
    assert_eq!(office.request(id).text(no::MANAGEMENT_NUMBER), REISSUED);
    office.pay(id, TAX).await;
    assert_eq!(office.at(id).0, Status::Completed);
    let expires_on = office.sim.vehicle(CHASSIS).unwrap().unwrap().expires_on;
    assert_eq!(expires_on.to_string(), "2028/11/30", "two years from the day of completion");
}
