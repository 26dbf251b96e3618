//! 代行入力: an agent's staff write requests for garages without a PC, and for no others than those that may ask them.

use crate::kit::world::{AGENT_MAIN, GARAGE, NORTH, OTHER_AGENT_MAIN, OTHER_BRANCH, OTHER_GARAGE, SOUTH};
use crate::kit::{Browser, COMPLETE, Page, TestApp};
use ainas::domain::ids::AgentBranchId;
use ainas::domain::request::Origin;
use axum::http::StatusCode;

const NEW: &str = "/agent/inspection/requests/new";
const LIST: &str = "/agent/inspection/requests";
const GARAGES_LIST: &str = "/client/inspection/requests";

const VEHICLE: [(&str, &str); 6] = [
    ("plate.region", "品川"),
    ("plate.class", "３００"),
    ("plate.kana", "サ"),
    ("plate.serial", "56-78"),
    ("chassis", "zvw30-5678901"),
    ("channel", "fax"),
];

fn for_garage(garage: impl std::fmt::Display) -> String {
    format!("{NEW}?client={garage}")
}

fn id_of(page: &Page) -> String {
    assert_eq!(page.title(), "【継続検査】依頼データ照会", "{}", page.text());
    page.path.rsplit('/').next().unwrap().to_owned()
}

/// Writes one for 北工場; answers its 申請ID.
async fn entered(staff: &mut Browser<'_>) -> String {
    staff.get(&for_garage(GARAGE)).await;
    id_of(&staff.post(NEW, &[VEHICLE.as_slice(), &[("branch", "1")]].concat()).await)
}

/// The garage asks only this agent branch from now on.
async fn limited_to(node: &TestApp, agent: AgentBranchId) {
    node.app
        .store
        .write(move |tx| {
            let mut garage = tx.client_organization(GARAGE)?.unwrap();
            garage.agents = Some(vec![agent]);
            tx.put_client_organization(&garage)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_is_written_for_a_garage_which_sees_it() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("a-staff").await;
    let page = staff.get(NEW).await;
    page.shows("代行入力")
        .shows("依頼人を選んでください。")
        .shows("みどり自動車整備 北工場、南工場")
        .shows("あかね整備");
    staff.get(&format!("{NEW}?name=%E3%81%82%E3%81%8B")).await.shows("全 1 件").shows("あかね整備").hides("みどり");
    let page = staff.get(&for_garage(GARAGE)).await;
    page.shows("依頼人 みどり自動車整備（依頼人組織ID 102400005）").hides("申請テンプレート").hides("あかね");
    assert_eq!(page.form(NEW).value("agent_branch"), Some("1"), "the garage's usual one");

    let page = staff.post(NEW, &[("plate.region", "しながわ"), ("chassis", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("依頼の方法を選んでください。").shows("拠点を一覧から選んでください。");
    for marked in ["channel-error", "plate.region-error", "chassis-error", "branch-error"] {
        assert!(page.body.contains(&format!("id=\"{marked}\"")), "{marked}: {}", page.text());
    }
    assert_eq!(page.form(NEW).value("plate.region"), Some("しながわ"));

    let fields = [VEHICLE.as_slice(), &[("branch", "1")]].concat();
    let page = staff.post(NEW, &fields).await;
    let id = id_of(&page);
    page.shows("代行入力で登録し、受付済にしました。")
        .shows("申請ステータス 受付済 代行入力")
        .shows("品川-300-さ-5678");
    page.shows("代理 花江").shows("依頼の方法：FAX").shows("依頼データ削除").shows("続けて代行入力");
    staff.get(LIST).await.shows(&id).shows("代行入力");

    let mut garage = node.as_user("c-north").await;
    garage.get(GARAGES_LIST).await.shows(&id).shows("受付済代行入力");
    let page = garage.get(&format!("{GARAGES_LIST}/{id}")).await;
    page.shows("代理人が代行入力した依頼データです。").shows("依頼の方法：FAX").shows("代理 花江");
    page.hides("依頼データ更新 ").hides("依頼データ削除");
    let mut elsewhere = node.as_user("c-south").await;
    elsewhere.get(GARAGES_LIST).await.hides(&id);

    let rows = node.app.store.read(|tx| tx.audit_rows(None, 20)).unwrap();
    assert!(rows.iter().any(|(_, row)| row.action == "request.enter" && row.subject == format!("request {id}")));
    let request = node.app.store.read(|tx| tx.request(id.parse().unwrap())).unwrap().unwrap();
    assert_eq!((request.client, request.branch, request.origin), (GARAGE, NORTH, Origin::Agent));
    assert_eq!((request.requested_at, request.accepted_at), (Some(request.created_at), Some(request.created_at)));
    // The next of the same workshop.
    let again = format!("{NEW}?branch=1&agent_branch=1&client=102400005&channel=fax");
    assert!(staff.get(&format!("{LIST}/{id}")).await.body.contains(&again.replace('&', "&amp;")));
    let form = staff.get(&again).await.form(NEW);
    assert_eq!((form.value("branch"), form.value("channel")), (Some("1"), Some("fax")));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_writes_one() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("a-staff").await;
    staff.get(&for_garage(GARAGE)).await;
    let fields = [VEHICLE.as_slice(), &[("branch", "1")]].concat();
    let mut twice = Vec::new();
    let form = staff.shown().form(NEW).filled(&fields).encoded();
    for _ in 0..2 {
        twice.push(staff.raw_post(NEW, &form, &[]).await.header("location").to_owned());
    }
    assert_eq!(twice[0], twice[1]);
    // The same vehicle anew is asked about; whoever knows better goes on.
    staff.get(&for_garage(GARAGE)).await;
    let page = staff.post(NEW, &fields).await;
    page.shows("同じ車両の依頼データ・申請データがあります（申請ID").shows("このまま登録します。");
    let page = staff.post(NEW, &[fields.as_slice(), &[("same_vehicle_confirmed", "on")]].concat()).await;
    assert_ne!(twice[0], page.path);
    id_of(&page);
}

#[tokio::test]
async fn other_garages_are_neither_listed_nor_written_for() {
    let node = TestApp::new().await;
    let mut stranger = node.as_user("y-staff").await;
    stranger.get(NEW).await.shows("依頼を受けたことのある依頼人は、まだありません。").hides("みどり").hides("あかね");
    stranger.get(&format!("{NEW}?name=%E3%81%BF%E3%81%A9%E3%82%8A")).await.shows("条件に合う依頼人はありません。");
    stranger.get(&format!("{NEW}?id=abc")).await.shows("数字9けたで入力してください。");
    let page = stranger.get(&format!("{NEW}?id={GARAGE}")).await;
    page.shows("みどり自動車整備はじめての依頼").hides("あかね");
    stranger.get(&for_garage(GARAGE)).await.shows("代理人の拠点");

    // One that asks only its own agents is as unknown as one that is not there.
    limited_to(&node, AGENT_MAIN).await;
    stranger.get(&format!("{NEW}?id={GARAGE}")).await.shows("条件に合う依頼人はありません。").hides("みどり");
    let forged = |garage: &'static str, branch: &'static str| {
        [VEHICLE.as_slice(), &[("client", garage), ("branch", branch), ("agent_branch", "3")]].concat()
    };
    let mut answers = Vec::new();
    for garage in ["102400005", "999999999"] {
        let shown = stranger.get(&for_garage(garage)).await;
        let sent = stranger.forge(NEW, &forged(garage, "1")).await;
        assert_eq!((shown.status, sent.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
        answers.push((shown.text().replace(garage, "?"), sent.text().replace(garage, "?")));
    }
    assert_eq!(answers[0], answers[1]);
    // Branches of one garage don't go with another, nor agents' branches with another agent.
    let mut staff = node.as_user("a-staff").await;
    for (garage, branch, agent_branch, says) in [
        (OTHER_GARAGE, NORTH, AGENT_MAIN, "拠点を一覧から選んでください。"),
        (GARAGE, OTHER_BRANCH, AGENT_MAIN, "拠点を一覧から選んでください。"),
        (GARAGE, SOUTH, OTHER_AGENT_MAIN, "代理人の拠点を一覧から選んでください。"),
    ] {
        staff.get(&for_garage(garage)).await;
        let (branch, agent_branch) = (branch.to_string(), agent_branch.to_string());
        let places = [("branch", branch.as_str()), ("agent_branch", agent_branch.as_str())];
        let page = staff.post(NEW, &[VEHICLE.as_slice(), &places].concat()).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.shows(says);
    }
}

#[tokio::test]
async fn a_branchs_staff_write_for_their_branch_only() {
    let node = TestApp::new().await;
    let mut side = node.as_user("a-side").await;
    side.get(NEW).await.shows("まだありません。").hides("みどり");
    let page = side.get(&for_garage(GARAGE)).await;
    page.shows("支所").hides("本所");
    assert_eq!(page.form(NEW).value("agent_branch"), Some("2"), "there is only one");
    let mut forged = [VEHICLE.as_slice(), &[("branch", "1"), ("agent_branch", "1")]].concat();
    side.post(NEW, &forged).await.shows("代理人の拠点を一覧から選んでください。");
    forged.retain(|(name, _)| *name != "agent_branch");
    side.get(&for_garage(GARAGE)).await;
    let id = id_of(&side.post(NEW, &forged).await);
    // From now on the garage is known to it.
    side.get(NEW).await.shows("みどり自動車整備");
    let mut main = node.as_user("a-staff").await;
    main.get(LIST).await.shows(&id);
    main.get(&for_garage(GARAGE)).await;
    let mut another = VEHICLE;
    (another[3].1, another[4].1) = ("1", "zvw30-1");
    let entry = id_of(&main.post(NEW, &[another.as_slice(), &[("branch", "1")]].concat()).await);
    assert_eq!(side.get(&format!("{LIST}/{entry}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(side.get(&format!("{LIST}/{entry}/delete")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_agent_that_may_not_file_writes_nothing() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("a-staff").await;
    staff.get(&for_garage(GARAGE)).await;
    node.app
        .store
        .write(move |tx| {
            let mut agent = tx.agent_organization(crate::kit::world::AGENT)?.unwrap();
            agent.procedures.retain(|code| *code != 1);
            tx.put_agent_organization(&agent)
        })
        .await
        .unwrap();
    let page = staff.post(NEW, &[VEHICLE.as_slice(), &[("branch", "1")]].concat()).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("この手続の申請は、代理人組織の設定で「不可」になっています。");
    let light = NEW.replace("inspection", "light-inspection");
    staff.get(&format!("{light}?client={GARAGE}")).await.shows("車両番号（標板）").shows("小板フラグ");
}

#[tokio::test]
async fn a_wrong_entry_is_deleted_until_it_is_filed_or_the_garages_own() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("a-staff").await;
    let id = entered(&mut staff).await;
    let delete = format!("{LIST}/{id}/delete");
    staff.get(&delete).await.shows("この依頼データを削除します。").shows("品川-300-さ-5678");
    staff.post(&delete, &[]).await.shows(&format!("依頼データ（申請ID {id}）を削除しました。"));
    assert_eq!(staff.get(&format!("{LIST}/{id}")).await.status, StatusCode::NOT_FOUND);

    let id = entered(&mut staff).await;
    let back = format!("{LIST}/{id}/return");
    staff.get(&back).await;
    staff.post(&back, &[("reason", "内容を確認してください。")]).await.shows("差し戻しました");
    // What the garage sends again is its own request.
    let mut garage = node.as_user("c-north").await;
    let edit = format!("{GARAGES_LIST}/{id}/edit");
    garage.get(&edit).await;
    let complete = [COMPLETE.as_slice(), &[("send", "on")]].concat();
    garage.post(&edit, &complete).await.shows("代理人に送信しました。");
    let record = format!("{LIST}/{id}");
    staff.get(&record).await;
    staff.post(&format!("{record}/accept"), &[]).await.hides("依頼データ削除");
    assert_eq!(staff.get(&format!("{record}/delete")).await.status, StatusCode::CONFLICT);
    // And what a garage sent was never the agent's to delete.
    let sent = format!("{LIST}/{}", node.world.sent);
    staff.get(&sent).await;
    staff.post(&format!("{sent}/accept"), &[]).await.hides("依頼データ削除").hides("代行入力で");
}

#[tokio::test]
async fn an_entry_is_filed_when_the_garages_account_is_open() {
    let node = crate::pages::filing_node().await;
    let open = |open: bool| {
        node.app.store.write(move |tx| {
            let mut garage = tx.client_organization(GARAGE)?.unwrap();
            garage.registered_account_open = open;
            tx.put_client_organization(&garage)
        })
    };
    open(false).await.unwrap();
    let mut staff = node.as_user("a-staff").await;
    let id = entered(&mut staff).await;
    let edit = format!("{LIST}/{id}/edit");
    staff.get(&edit).await;
    staff.post(&edit, &COMPLETE).await.shows("依頼データを更新しました。");
    let (chosen, file) = (format!("{LIST}/chosen"), format!("{LIST}/file"));
    let closed = "ダイレクト納付の口座がまだ開通していないため";
    staff.post(&chosen, &[]).await.shows("選んだ1件は、いまは申請できません。").shows(closed);
    let refused = staff.forge(&file, &[("pick", &id)]).await.header("location").to_owned();
    staff.get(&refused).await.shows(closed);
    open(true).await.unwrap();
    staff.get(&format!("{LIST}/{id}")).await;
    staff.post(&chosen, &[]).await;
    staff.post(&file, &[]).await.shows("1件を申請しました。");
}
