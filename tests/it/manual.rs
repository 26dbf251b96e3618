//! Filing for real, by hand: the node guides and records, and nothing comes from a simulator.

use crate::kit::{Browser, COMPLETE, TestApp};
use ainas::config::PortalGateway;
use ainas::domain::ids::RequestId;
use ainas::domain::request::{PortalStatus, Status};
use ainas::service::error::Error;
use axum::http::StatusCode;

const NEW: &str = "/client/inspection/requests/new";
const LIST: &str = "/agent/inspection/transcription";

/// A garage's request that its agent has filed, without any certificate on the node.
pub(crate) async fn filed(node: &TestApp, serial: &str) -> RequestId {
    let mut garage = node.as_user("c-staff").await;
    garage.get(NEW).await;
    let vehicle = [
        ("plate.region", "品川"),
        ("plate.class", "300"),
        ("plate.kana", "さ"),
        ("plate.serial", serial),
        ("chassis", &format!("HAND-{serial}")),
        ("branch", "1"),
        ("agent", "1001"),
        ("agent_branch", "1"),
    ];
    let page = garage.post(NEW, &vehicle).await;
    assert_eq!(page.title(), "【継続検査】依頼データ照会", "{}", page.text());
    let id: RequestId = page.path.split(['/', '?']).find_map(|part| part.parse().ok()).unwrap();
    let edit = format!("/client/inspection/requests/{id}/edit");
    garage.get(&edit).await;
    let complete = [COMPLETE.as_slice(), &[("send", "on")]].concat();
    garage.post(&edit, &complete).await.shows("受付前");
    let mut agent = node.as_user("a-staff").await;
    let request = format!("/agent/inspection/requests/{id}");
    agent.get(&request).await;
    agent.post(&format!("{request}/accept"), &[]).await.shows("受付済");
    agent.get(&request).await;
    agent.post("/agent/inspection/requests/chosen", &[]).await;
    agent.post("/agent/inspection/requests/file", &[]).await.shows("1件を申請しました");
    id
}

pub(crate) fn application(id: RequestId, verb: &str) -> String {
    format!("/agent/inspection/applications/{id}{verb}")
}

/// Reports something through its form; the page afterwards.
async fn report(agent: &mut Browser<'_>, id: RequestId, event: &str, fields: &[(&str, &str)]) -> crate::kit::Page {
    let address = application(id, &format!("/portal/{event}"));
    agent.get(&address).await;
    agent.post(&address, fields).await
}

#[tokio::test]
async fn a_filing_is_typed_at_the_portal_and_its_way_written_down() {
    let node = TestApp::new().await;
    let id = filed(&node, "1111").await;
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get(&application(id, "/portal")).await;
    for text in ["申請受付処理中", "品川", "300", "HAND-1111", "見本 太郎", "１－２－３", "2年指定整備車", "運輸支局等"]
    {
        page.shows(text);
    }
    // Nothing is invented: no amount, no status, no day that nobody saw.
    let shown = agent.get(&application(id, "")).await;
    shown.shows("申請受付処理中").hides("納付待ち").hides("円");
    report(&mut agent, id, "received", &[("receipt", "2026-1201-0000-0000-001")]).await.shows("申請受付");
    let page =
        report(&mut agent, id, "payment_issued", &[("fee", "1"), ("amount", "1,800"), ("due", "2026-12-30")]).await;
    page.shows("検査登録手数料納付待ち").shows("1,800円");
    // The list of fees leads to the report, and pays nothing itself.
    let fees = agent.get("/agent/inspection/payments").await;
    fees.shows("この画面からは納付されません");
    assert!(fees.body.contains(&format!("{}?fee=1", application(id, "/portal/paid"))));
    let refused = agent.forge("/agent/inspection/payments", &[("item", &format!("{id}:1:1450"))]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    agent.get("/agent/inspection/payments").await.shows("納付は実際のポータルで行います");
    let paid = [("fee", "1"), ("paid_on", "2026-12-01"), ("means", "direct_debit")];
    report(&mut agent, id, "paid", &paid).await.shows("納付済");
    report(&mut agent, id, "payment_issued", &[("fee", "2"), ("amount", "400"), ("due", "2026-12-30")]).await;
    report(&mut agent, id, "paid", &[("fee", "2"), ("paid_on", "2026-12-01"), ("means", "advance")]).await;
    report(&mut agent, id, "review_started", &[]).await.shows("検査審査中");
    report(
        &mut agent,
        id,
        "correction_requested",
        &[("reasons", "使用者の住所\n氏名"), ("deadline", "2026-12-14"), ("named", "address1")],
    )
    .await
    .shows("補正期限 2026/12/14");
    // The field that was named stands first, with what was asked; the vehicle itself can't be changed.
    let correct = application(id, "/correct");
    let page = agent.get(&correct).await;
    page.shows("補正期限 2026/12/14").shows("補正を求められた項目").shows("使用者の住所");
    let empty = agent.post(&correct, &[("address1", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mended = [("address1", "東京都品川区西大井"), ("cashless", "on")];
    agent.post(&correct, &mended).await.shows("申請書を作り直しました").shows("東京都品川区西大井").hides("カード");
    report(&mut agent, id, "review_started", &[]).await.shows("検査審査中");
    report(&mut agent, id, "payment_issued", &[("fee", "3"), ("amount", "24600"), ("due", "2027-12-01")])
        .await
        .shows("重量税納付待ち");
    report(&mut agent, id, "paid", &[("fee", "3"), ("paid_on", "2026-12-01"), ("means", "direct_debit")]).await;
    let days = [("completed_on", "2026-12-01"), ("ready_on", "2026-12-01"), ("expires_on", "2028-12-20")];
    report(&mut agent, id, "completed", &days).await.shows("手続完了").shows("交付待ち");
    report(&mut agent, id, "issued", &[("issued_on", "2026-12-01")]).await.shows("交付完了").shows("記録：代理 花江");
    agent.get(&application(id, "/portal")).await.shows("記録する経過はもうありません");
    // The garage sees the same.
    let mut garage = node.as_user("c-staff").await;
    let page = garage.get(&format!("/client/inspection/applications/{id}")).await;
    page.shows("交付完了").shows("24,600円").shows("2026120100000000001").hides("転記・経過の記録");
    // Nothing is left for a machine to do.
    assert_eq!(node.app.run_due_jobs().await.unwrap(), 0);
}

#[tokio::test]
async fn a_report_is_taken_once_and_never_over_another() {
    let node = TestApp::new().await;
    let id = filed(&node, "1111").await;
    let address = application(id, "/portal/received");
    let mut first = node.as_user("a-staff").await;
    first.get(&address).await;
    let mut second = first.twin();
    second.get(&address).await;
    // Pressed twice.
    let form = first.shown().form(&address).filled(&[("receipt", "1234567890123456789")]);
    for _ in 0..2 {
        let page = first.raw_post(&address, &form.encoded(), &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    }
    // A colleague whose page is older is told, and nothing is overwritten.
    let page = second.post(&address, &[("receipt", "9999999999999999999")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text());
    let page = first.get(&application(id, "")).await;
    page.shows("1234567890123456789").hides("9999999999999999999");
    let history = node.app.store.read(|tx| Ok::<_, Error>(tx.history(id)?)).unwrap();
    assert_eq!(history.iter().filter(|entry| entry.what == "申請受付").count(), 1);
    // What can't follow is refused in words.
    let page = first.get(&application(id, "/portal/completed")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("この経過は記録できません");
    // What is typed wrongly comes back with what was typed.
    let correction = application(id, "/portal/not_accepted");
    first.get(&correction).await;
    let page = first.post(&correction, &[("reasons", ""), ("time", "25:00")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("理由を入力してください").shows("24時間制");
    assert_eq!(page.form(&correction).value("time"), Some("25:00"));
}

#[tokio::test]
async fn several_receipts_are_entered_at_once() {
    let node = TestApp::new().await;
    let (one, two, three) = (filed(&node, "1111").await, filed(&node, "2222").await, filed(&node, "3333").await);
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get(LIST).await;
    page.shows("全 3 件").shows("HAND-2222");
    let name = |id: RequestId| {
        let version = node.app.store.read(|tx| Ok::<_, Error>(tx.request(id)?)).unwrap().unwrap().version;
        format!("receipt.{id}.{version}")
    };
    let (first, second) = (name(one), name(two));
    let page = agent.post(LIST, &[(&first, "１２３４"), (&second, "abc")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("受付番号は、半角数字");
    agent
        .post(LIST, &[(&first, "１２３４"), (&second, "5678")])
        .await
        .shows("2件の受付番号を記録しました")
        .shows("全 1 件");
    let statuses =
        node.app.store.read(|tx| Ok::<_, Error>([tx.request(one)?, tx.request(two)?, tx.request(three)?])).unwrap();
    let portal: Vec<&str> = statuses
        .iter()
        .flatten()
        .filter(|r| r.status == Status::Filed)
        .filter_map(|r| r.portal_status)
        .map(PortalStatus::label)
        .collect();
    assert_eq!(portal, ["申請受付", "申請受付", "申請受付処理中"]);
    // Another agent's filings are left out, whatever is sent.
    let mut stranger = node.as_user("y-staff").await;
    stranger.get(LIST).await.shows("転記を待っている申請はありません");
    let third = name(three);
    let page = stranger.forge(LIST, &[(&third, "4321")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    stranger.get(LIST).await;
    assert!(node.app.store.read(|tx| Ok::<_, Error>(tx.filing(three, 1)?)).unwrap().unwrap().receipt.is_none());
}

#[tokio::test]
async fn where_the_portal_reports_itself_nobody_else_does() {
    let node = TestApp::configured(|config| config.portal.gateway = PortalGateway::Simulated).await;
    let mut agent = node.as_user("a-staff").await;
    assert!(!agent.shown().body.contains("転記待ち"));
    for address in [LIST.to_owned(), application(node.world.sent, "/portal")] {
        assert_eq!(agent.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}
