//! Forms that come again: sent twice, or brought back by the back button after the world has gone on.

use crate::kit::TestApp;
use ainas::domain::ids::RequestId;
use ainas::domain::request::{PortalStatus, ServiceRequest, Status};
use ainas::service::error::Error;
use axum::http::StatusCode;

fn address(side: &str, id: RequestId, verb: &str) -> String {
    format!("/{side}/inspection/requests/{id}{verb}")
}

fn stored(node: &TestApp, id: RequestId) -> ServiceRequest {
    node.app.store.read(|tx| Ok::<_, Error>(tx.request(id)?.unwrap())).unwrap()
}

#[tokio::test]
async fn what_is_typed_after_going_back_is_never_lost_in_silence() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let edit = address("client", node.world.draft, "/edit");
    let form = staff.get(&edit).await.form(&edit);
    let first = form.clone().filled(&[("memo", "一回目")]).encoded();
    assert_eq!(staff.raw_post(&edit, &first, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(staff.raw_post(&edit, &first, &[]).await.status, StatusCode::SEE_OTHER, "sent twice");
    assert_eq!(stored(&node, node.world.draft).version, 2);
    // The back button shows the old page; what is typed there now is something else.
    let second = form.filled(&[("memo", "二回目")]).encoded();
    let page = staff.raw_post(&edit, &second, &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("あなたの入力はまだ保存していません。").shows("メモ 一回目 二回目");
    staff.post(&edit, &[]).await.shows("依頼データを保存しました。").shows("二回目");
}

#[tokio::test]
async fn a_person_at_two_places_is_told_at_each_what_was_done_there() {
    let node = TestApp::new().await;
    let mut desk = node.as_user("c-staff").await;
    let mut yard = node.as_user("c-staff").await;
    let (edit, view) = (address("client", node.world.draft, "/edit"), address("client", node.world.draft, ""));
    for place in [&mut desk, &mut yard] {
        let form = place.get(&edit).await.form(&edit).filled(&[("memo", "部品待ち")]).encoded();
        assert_eq!(place.raw_post(&edit, &form, &[]).await.status, StatusCode::SEE_OTHER);
    }
    desk.get(&view).await.shows("依頼データを保存しました。");
    yard.get(&view).await.shows("依頼データを保存しました。");
    desk.get(&view).await.hides("依頼データを保存しました。");
}

#[tokio::test]
async fn a_token_stands_for_one_act_only() {
    let node = TestApp::new().await;
    let id = node.world.sent;
    let mut agent = node.as_user("a-staff").await;
    let accept = address("agent", id, "/accept");
    let form = agent.get(&address("agent", id, "")).await.form(&accept);
    for _ in 0..2 {
        assert_eq!(agent.raw_post(&accept, &form.encoded(), &[]).await.status, StatusCode::SEE_OTHER, "sent twice");
    }
    assert_eq!(stored(&node, id).status, Status::Accepted);
    let back = form.filled(&[("reason", "車検証を確認してください。")]).encoded();
    agent.raw_post(&address("agent", id, "/return"), &back, &[]).await;
    assert_eq!(stored(&node, id).status, Status::Draft);
}

#[tokio::test]
async fn an_old_page_does_what_it_says_when_that_can_be_done_again() {
    let node = TestApp::new().await;
    let id = node.world.sent;
    let mut agent = node.as_user("a-staff").await;
    let mut staff = node.as_user("c-staff").await;
    let accept = address("agent", id, "/accept");
    let form = agent.get(&address("agent", id, "")).await.form(&accept).encoded();
    agent.raw_post(&accept, &form, &[]).await;
    agent.get(&address("agent", id, "/return")).await;
    agent.post(&address("agent", id, "/return"), &[("reason", "氏名が違います。")]).await;
    let edit = address("client", id, "/edit");
    staff.get(&edit).await;
    let complete = [
        ("ownership", "individual"),
        ("name", "見本 太郎"),
        ("address1", "東京都みどり区"),
        ("address2", "1-2-3"),
        ("term", "two_years"),
        ("renewal_division", "office"),
        ("send", "on"),
    ];
    staff.post(&edit, &complete).await.shows("代理人に送信しました。");
    agent.raw_post(&accept, &form, &[]).await;
    assert_eq!(stored(&node, id).status, Status::Accepted, "the page said 受付しました");
}

#[tokio::test]
async fn what_somebody_wrote_meanwhile_is_not_deleted_unseen() {
    let node = TestApp::new().await;
    let id = node.world.draft;
    let (edit, delete) = (address("client", id, "/edit"), address("client", id, "/delete"));
    let mut staff = node.as_user("c-staff").await;
    let mut colleague = node.as_user("c-nosend").await;
    let seen = staff.get(&delete).await.form(&delete).encoded();
    colleague.get(&edit).await;
    colleague.post(&edit, &[("memo", "消さないで")]).await.shows("依頼データを保存しました。");
    assert_eq!(staff.raw_post(&delete, &seen, &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(stored(&node, id).version, 2);
    let seen = staff.get(&delete).await.form(&delete).encoded();
    for _ in 0..2 {
        assert_eq!(staff.raw_post(&delete, &seen, &[]).await.status, StatusCode::SEE_OTHER, "sent twice");
    }
    assert!(node.app.store.read(|tx| Ok::<_, Error>(tx.request(id)?)).unwrap().is_none());
}

#[tokio::test]
async fn a_memo_that_changed_meanwhile_is_shown_before_it_goes() {
    let node = TestApp::new().await;
    let id = node.world.sent;
    node.app
        .store
        .write(move |tx| {
            let mut request = tx.request(id)?.unwrap();
            request.status = Status::Completed;
            request.portal_status = Some(PortalStatus::AwaitingIssue);
            Ok::<_, Error>(tx.put_request(&request)?)
        })
        .await
        .unwrap();
    let memo = |side: &str| format!("/{side}/inspection/applications/{id}/memo");
    let mut garage = node.as_user("c-staff").await;
    let mut agent = node.as_user("a-staff").await;
    garage.get(&memo("client")).await;
    let page = agent.get(&memo("agent")).await;
    let form = page.form(&memo("agent")).filled(&[("memo", "代理人のメモ\r\n二行目")]).encoded();
    for _ in 0..2 {
        assert_eq!(agent.raw_post(&memo("agent"), &form, &[]).await.status, StatusCode::SEE_OTHER, "sent twice");
    }
    let page = garage.post(&memo("client"), &[("memo", "依頼人のメモ")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("あなたの入力はまだ保存していません。").shows("いまのメモ：代理人のメモ 二行目").shows("依頼人のメモ");
    garage.post(&memo("client"), &[]).await.shows("メモを更新しました。").shows("依頼人のメモ");
}
