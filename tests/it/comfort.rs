//! Working comfortably: entering several requests in a row, and using an ended one again.

use crate::kit::world::{AGENT_MAIN, NORTH};
use crate::kit::{Page, TestApp};
use ainas::domain::ids::RequestId;
use ainas::domain::procedure::inspection::no;
use ainas::domain::request::{Origin, PortalStatus, Status, Value};
use ainas::domain::time::Day;
use ainas::service::error::Error;
use axum::http::StatusCode;

const NEW: &str = "/client/inspection/requests/new";

fn id_of(page: &Page) -> RequestId {
    let found = page.path.split(['/', '?']).find_map(|part| part.parse().ok());
    found.unwrap_or_else(|| panic!("no 申請ID in {}: {}", page.path, page.text()))
}

/// The request that was sent, as it ended.
async fn ended(node: &TestApp, status: Status, portal: PortalStatus) -> RequestId {
    let id = node.world.sent;
    let write = move |tx: &mut ainas::store::Write| {
        let mut request = tx.request(id)?.unwrap();
        request.status = status;
        request.portal_status = Some(portal);
        request.filed_at = request.requested_at;
        request.completed_on = (status == Status::Completed).then(|| Day::new(2026, 11, 20).unwrap());
        request.management_number = Some(77);
        request.external_reference = Some("V-1".to_owned());
        request.origin = Origin::ApiKey("key".to_owned());
        request.fields.insert(no::NAME, Value::Text("見本　太郎".to_owned()));
        request.fields.insert(no::PLANNED_ON, Value::Day(Day::new(2026, 11, 1).unwrap()));
        request.fields.insert(no::INSPECTION_FEE_WAIVED, Value::Flag(true));
        request.fields.insert(no::DECLARATION, Value::Text("申込".to_owned()));
        tx.put_request(&request)
    };
    node.app.store.write(write).await.unwrap();
    id
}

#[tokio::test]
async fn an_ended_application_is_used_again_without_what_belongs_to_the_old_one() {
    for (login, status, expected) in [
        ("c-nosend", Status::Completed, Status::Draft),
        ("c-staff", Status::Failed, Status::Draft),
        ("a-staff", Status::Failed, Status::Accepted),
    ] {
        let node = TestApp::new().await;
        let id = ended(&node, status, PortalStatus::Rejected).await;
        let mut staff = node.as_user(login).await;
        let application = node.world.application(login).slug();
        let shown = format!("/{application}/inspection/applications/{id}");
        let reuse = format!("{shown}/reuse");
        staff.get(&shown).await.shows("申請データ再利用");
        let page = staff.get(&reuse).await;
        page.shows("手数料と税は、もう一度納付が必要です。").shows(&id.to_string());
        if status == Status::Completed {
            page.shows("30日以内に完了した申請があります。");
        }
        let form = page.form(&reuse).encoded();
        let made = staff.raw_post(&reuse, &form, &[]).await;
        let again = staff.raw_post(&reuse, &form, &[]).await;
        assert_eq!(made.header("location"), again.header("location"), "sent twice, made once");
        let page = staff.get(made.header("location")).await;
        page.shows("新しい依頼データを作成しました。").shows("見本 太郎").shows(&format!("申請ID {id} から作成"));
        let new = id_of(&page);
        assert_ne!(new, id);
        staff.get(&shown).await.shows(&format!("申請ID {new} を作成"));
        let read = |id| node.app.store.read(|tx| Ok::<_, Error>(tx.request(id)?.unwrap())).unwrap();
        let (old, new) = (read(id), read(new));
        assert_eq!((old.status, new.status), (status, expected), "{login}");
        assert_eq!((new.plate.clone(), new.chassis.clone()), (old.plate.clone(), old.chassis.clone()));
        assert_eq!((new.management_number, new.external_reference.clone(), new.filings), (None, None, 0));
        assert_eq!(new.origin, Origin::Reuse);
        for gone in [no::PLANNED_ON, no::INSPECTION_FEE_WAIVED, no::DECLARATION] {
            assert!(old.fields.contains_key(&gone) && !new.fields.contains_key(&gone), "{gone}");
        }
    }
}

#[tokio::test]
async fn what_is_under_way_and_what_is_others_is_not_used_again() {
    let node = TestApp::new().await;
    let id = ended(&node, Status::Filed, PortalStatus::Review).await;
    let reuse = format!("/client/inspection/applications/{id}/reuse");
    let mut staff = node.as_user("c-staff").await;
    assert_eq!(staff.get(&reuse).await.status, StatusCode::CONFLICT);
    assert_eq!(staff.forge(&reuse, &[]).await.status, StatusCode::CONFLICT);
    ended(&node, Status::Failed, PortalStatus::Rejected).await;
    let mut stranger = node.as_user("c-south").await;
    assert_eq!(stranger.get(&reuse).await.status, StatusCode::NOT_FOUND);
    stranger.get(NEW).await;
    assert_eq!(stranger.forge(&reuse, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_next_one_begins_with_workshop_and_agent_of_the_one_before() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let page = staff.get(&format!("/client/inspection/requests/{}", node.world.draft)).await;
    page.shows("続けて登録");
    let next = format!("{NEW}?branch={NORTH}&agent_branch={AGENT_MAIN}");
    assert!(page.body.contains(&next.replace('&', "&amp;")), "{}", page.body);
    let page = staff.get(&next).await;
    let form = page.form(NEW);
    assert_eq!((form.value("branch"), form.value("agent_branch")), (Some("1"), Some("1")));
    assert!(page.body.contains("data-begin=\"plate.region\""), "the keyboard begins at the first box");
    // Enter in a box presses the first submit of a form: one that can't be pressed.
    for path in [NEW.to_owned(), format!("/client/inspection/requests/{}/edit", node.world.draft)] {
        let page = staff.get(&path).await;
        let form = page.body.split("data-entry").nth(1).unwrap_or_else(|| panic!("no form for entering on {path}"));
        let first = form.split("<button").nth(1).unwrap().split('>').next().unwrap();
        assert!(first.contains("disabled") && first.contains("hidden"), "{path}: {first}");
    }
}

#[tokio::test]
async fn what_was_converted_is_told_after_saving() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let edit = format!("/client/inspection/requests/{}/edit", node.world.draft);
    staff.get(&edit).await;
    let page = staff.post(&edit, &[("name", "ｶﾌﾞｼｷ ABC"), ("option_code", "ＯＰ１")]).await;
    page.shows("氏名又は名称（漢字）を「ｶﾌﾞｼｷ ABC」から「カブシキ ＡＢＣ」に変換しました。");
    page.shows("オプションコードを「ＯＰ１」から「OP1」に変換しました。");
    staff.get(&edit).await;
    staff.post(&edit, &[("memo", "急ぎ")]).await.hides("変換しました");
}
