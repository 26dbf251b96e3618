//! The simulated outside world through its own pages.

use crate::kit::{Browser, TestApp};
use ainas::config::{PortalGateway, Review};
use ainas::domain::happening::Happening;
use ainas::domain::ids::SubmissionNumber;
use ainas::domain::payment::Means;
use ainas::domain::request::PortalStatus;
use ainas::portal::gateway::Command;
use ainas::sim::world::{Account, ConformityState};
use axum::http::StatusCode;

const NUMBER: SubmissionNumber = SubmissionNumber([9; 16]);

async fn node() -> TestApp {
    TestApp::configured(|config| {
        config.portal.gateway = PortalGateway::Simulated;
        config.portal.review = Review::Manual;
        config.portal.step_seconds = 0;
    })
    .await
}

const PLATE: [(&str, &str); 4] =
    [("plate.region", "品川"), ("plate.class", "300"), ("plate.kana", "さ"), ("plate.serial", "1234")];

fn one(chassis: &str) -> String {
    format!("/sim/conformity/one?chassis={chassis}")
}

/// Presses the button of a deed on the certificate's page.
async fn press(browser: &mut Browser<'_>, chassis: &str, deed: &str) -> crate::kit::Page {
    browser.get(&one(chassis)).await;
    browser.forge("/sim/conformity/one", &[("chassis", chassis), ("deed", deed)]).await;
    browser.get(&one(chassis)).await
}

#[tokio::test]
async fn a_certificate_is_registered_withdrawn_mended_and_registered_again() {
    let node = node().await;
    let mut instructor = node.as_user("s-instructor").await;
    instructor.get("/sim/conformity/one").await;
    let bad = instructor.post("/sim/conformity/one", &[("chassis", "ABC-1"), ("inspected_on", "2026-12-09")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    bad.shows("検査をした日を、今日までの年・月・日で入力してください");
    let typed = [PLATE.as_slice(), &[("chassis", "ABC-1"), ("inspected_on", "2026-12-01")]].concat();
    instructor.post("/sim/conformity/one", &typed).await.shows("「登録」を行いました").shows("作成済");
    press(&mut instructor, "ABC-1", "delete").await.shows("状態が「作成済」のため、「削除」はできません");
    press(&mut instructor, "ABC-1", "withdraw").await.shows("作成中");
    let mended = [("chassis", "ABC-1"), ("deed", "correct"), ("plate.region", "練馬"), ("plate.class", "300")];
    let mended = [mended.as_slice(), &[("plate.kana", "さ"), ("plate.serial", "1234")]].concat();
    instructor.forge("/sim/conformity/one", &mended).await;
    press(&mut instructor, "ABC-1", "register").await.shows("作成済").shows("練馬");
    let sim = node.app.sim.clone().unwrap();
    let stored = tokio::task::spawn_blocking(move || sim.conformity("ABC-1")).await.unwrap().unwrap().unwrap();
    assert_eq!((stored.state, stored.plate.region.as_str()), (ConformityState::Registered, "練馬"));
}

#[tokio::test]
async fn registers_take_what_is_sensible_and_say_what_is_not() {
    let node = node().await;
    let mut instructor = node.as_user("s-instructor").await;
    instructor.get("/sim/vehicles/edit").await;
    let page = instructor.post("/sim/vehicles/edit", &[("chassis", "あ"), ("weight_kg", "0")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("車台番号").shows("車両重量は、1から30000まで").shows("使用者の住所を");
    let vehicle = [
        ("chassis", "ABC-1"),
        ("user_name", "見本　太郎"),
        ("user_address", "東京都みどり区"),
        ("expires_on", "2027-01-10"),
        ("first_registered", "2020-01-01"),
        ("weight_kg", "１２００"),
        ("unpaid_fine", "on"),
    ];
    let vehicle = [PLATE.as_slice(), &vehicle].concat();
    instructor.post("/sim/vehicles/edit", &vehicle).await.shows("ABC-1").shows("放置違反金 未納");
    instructor.get("/sim/vehicles/edit?chassis=ABC-1").await;
    instructor.post("/sim/vehicles/edit", &[("unpaid_fine", "")]).await.hides("放置違反金 未納");
    // An old light plate stays what it is when something else is changed.
    instructor.get("/sim/vehicles/edit").await;
    let light = [
        ("chassis", "KEI-0000001"),
        ("class", "light"),
        ("plate.small", "on"),
        ("plate.no_class", "on"),
        ("plate.region", "品川"),
        ("plate.class", ""),
        ("plate.kana", "あ"),
        ("plate.serial", "12"),
        ("user_name", "見本　次郎"),
        ("user_address", "東京都みどり区"),
        ("expires_on", "2027-01-10"),
        ("first_registered", "1974-01-01"),
        ("weight_kg", "600"),
        ("reissued", "1234567890123"),
    ];
    instructor.post("/sim/vehicles/edit", &light).await.shows("KEI-0000001");
    instructor.get("/sim/vehicles/edit?chassis=KEI-0000001").await;
    instructor.post("/sim/vehicles/edit", &[("unpaid_fine", "on")]).await.shows("放置違反金 未納");
    let sim = node.app.sim.clone().unwrap();
    let kept = tokio::task::spawn_blocking(move || sim.vehicle("KEI-0000001")).await.unwrap().unwrap().unwrap();
    assert!(kept.unpaid_fine && kept.plate.small && kept.plate.class.is_empty(), "{kept:?}");
    assert_eq!(kept.reissued.as_deref(), Some("1234567890123"));
    instructor.get("/sim/insurance").await;
    let page = instructor.post("/sim/insurance", &[("chassis", "ABC-1"), ("until", "2020-01-01")]).await;
    page.shows("保険終期は、保険始期より後");
    instructor.get("/sim/cards").await;
    let page = instructor.post("/sim/cards", &[("chassis", "ABC-1"), ("number", "4111111111111111")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    instructor.post("/sim/cards", &[("number", "4000 0000 0000 0010")]).await.shows("決済不可");
    let sim = node.app.sim.clone().unwrap();
    let account = Account { name: "G".into(), means: Means::DirectDebit, balance: 10, taken: 0, open: true };
    tokio::task::spawn_blocking(move || sim.put_account(account)).await.unwrap().unwrap();
    instructor.get("/sim/accounts").await.shows("名義");
    instructor.post("/sim/accounts", &[("balance", "-1")]).await.shows("の残高は、0円から");
    instructor.post("/sim/accounts", &[("balance", "5,000"), ("open", "")]).await.shows("5,000円").shows("未開通");
    instructor.get("/sim/settings").await;
    let page = instructor.post("/sim/settings", &[("correction_days", "0"), ("silent", "x"), ("advance", "3")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("（2件）").shows("補正の日数は、1～90の数字").shows("「通知が遅れる」の回数は、0～100の数字");
    assert_eq!(page.form("/sim/settings").value("advance"), Some("3"), "what was typed stays");
    let mended = [("correction_days", "7"), ("silent", "2"), ("advance", "0")];
    let page = instructor.post("/sim/settings", &mended).await;
    page.shows("環境設定を変更しました");
    assert_eq!(page.form("/sim/settings").value("silent"), Some("2"), "a fault stays until it has happened");
}

/// A double press without scripts: the second answers like the first, and moves nothing on.
#[tokio::test]
async fn a_form_of_the_outside_world_acts_once_and_again_after_a_refusal() {
    let node = node().await;
    let mut instructor = node.as_user("s-instructor").await;
    let form = instructor.get("/sim/settings").await.form("/sim/settings").filled(&[("advance", "40")]).encoded();
    let before = node.app.clocks.business();
    for _ in 0..2 {
        let page = instructor.raw_post("/sim/settings", &form, &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        instructor.get("/sim/settings").await.shows("業務の時計を40日進めました。").shows("（40日進めています）");
    }
    assert_eq!(node.app.clocks.business().day(), before.day().plus_days(40));

    let typed = [PLATE.as_slice(), &[("chassis", "ABC-1"), ("inspected_on", "2026-12-01")]].concat();
    instructor.get("/sim/conformity/one").await;
    instructor.post("/sim/conformity/one", &typed).await.shows("「登録」を行いました");
    // The same token: refused as long as it makes no sense, done afterwards, and then not again.
    let deed = |deed: &'static str| [("chassis", "ABC-1"), ("deed", deed)];
    instructor.forge("/sim/conformity/one", &deed("delete")).await;
    instructor.get(&one("ABC-1")).await.shows("「削除」はできません");
    instructor.forge("/sim/conformity/one", &deed("withdraw")).await;
    instructor.forge("/sim/conformity/one", &deed("delete")).await;
    instructor.get(&one("ABC-1")).await.shows("「削除」を行いました");
    instructor.forge("/sim/conformity/one", &deed("delete")).await;
    instructor.get(&one("ABC-1")).await.shows("「削除」を行いました").hides("できません");
}

#[tokio::test]
async fn an_official_decides_once_and_only_what_the_status_allows() {
    let node = node().await;
    let (sim, request, now) = (node.app.sim.clone().unwrap(), node.world.sent, node.app.clocks.business());
    let world = sim.clone();
    tokio::task::spawn_blocking(move || {
        let document = b"nothing that can be read".to_vec();
        world.submit(&Command::File { request, document, signature: Vec::new(), earlier: None }, NUMBER, now).unwrap();
        world.tick(now).unwrap();
    })
    .await
    .unwrap();
    let mut official = node.as_user("s-official").await;
    let address = format!("/sim/filings/{NUMBER}");
    official.get("/sim/filings").await.shows("全 1 件").shows("未受付");
    official.get(&address).await.shows("申請書を読み取れません").shows("この状態では、職員が行う処理はありません");
    // A page that is older than the filing's status decides nothing.
    let decided = [("status", "7"), ("outcome", "approve")];
    official.forge(&format!("{address}/decide"), &decided).await;
    official.get(&address).await.shows("画面を開いたあとに変わりました");
    let events = tokio::task::spawn_blocking(move || sim.events(0, 99)).await.unwrap().unwrap();
    assert!(matches!(events.as_slice(), [event] if matches!(event.what, Happening::NotAccepted { .. })), "{events:?}");
    assert_eq!(official.get("/sim/filings/0000").await.status, StatusCode::NOT_FOUND);
    assert_eq!(PortalStatus::from_code(7), Some(PortalStatus::Review));
}
