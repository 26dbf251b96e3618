//! 代理人拠点 by an agent's administrators, and the ready list of associations.

use crate::kit::TestApp;
use crate::kit::world::AGENT_MAIN;
use axum::http::StatusCode;

const LIST: &str = "/agent/branches";
const NEW: &str = "/agent/branches/new";
const ASSOCIATIONS: &str = "/agent/branches/associations";

#[tokio::test]
async fn a_branch_is_added_changed_and_removed() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    admin.get(LIST).await.shows("代理人拠点検索").shows("全 2 件").shows("AZ001").hides("HK001");
    admin.get(&format!("{LIST}?name=%E6%94%AF")).await.shows("全 1 件").shows("支所");
    admin.get(NEW).await.shows("登録後は変更できません");
    let fields = [
        ("code", "AZ003"),
        ("name", "出張所"),
        ("short_name", "出張所"),
        ("region", "東京"),
        ("commission_number", "AZZ0000003"),
    ];
    let page = admin.post(NEW, &fields).await;
    assert_eq!(page.title(), "代理人拠点照会", "{}", page.text());
    page.shows("代理人拠点を登録しました。").shows("管轄地域 東京").shows("AZZ0000003");
    let address = page.path.clone();
    admin.get(&format!("{address}/edit")).await;
    let page = admin.post(&format!("{address}/edit"), &[("name", "湾岸出張所"), ("region", "")]).await;
    page.shows("代理人拠点を更新しました。").shows("湾岸出張所").shows("管轄地域 ―");
    admin.get(&format!("{address}/delete")).await.shows("この代理人拠点を削除します。");
    let page = admin.post(&format!("{address}/delete"), &[]).await;
    page.shows("代理人拠点を削除しました。").shows("全 2 件");
    assert_eq!(admin.get(&address).await.status, StatusCode::NOT_FOUND);
    // The ID is free again, and stands for the same branch.
    admin.get(NEW).await;
    assert_eq!(admin.post(NEW, &fields).await.path, address);
}

#[tokio::test]
async fn ids_are_unique_on_the_node_and_what_is_in_use_stays() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    for (code, says) in [
        ("az001", "「本所」で使われています"),
        ("HK001", "ほかの代理人で使われています"),
        ("AZ-1", "「-」は使えません"),
        ("", "代理人拠点IDを入力してください。"),
    ] {
        admin.get(NEW).await;
        let page = admin.post(NEW, &[("code", code), ("name", "出張所"), ("short_name", "出張所")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        page.shows(says);
    }
    let delete = format!("{LIST}/{AGENT_MAIN}/delete");
    let page = admin.get(&delete).await;
    page.shows("手続が終わっていない依頼データ・申請データ1件があります").hides("ユーザーは").hides("確定");
    page.hides("この拠点のユーザーを表示");
    let page = admin.get(&format!("{LIST}/2/delete")).await;
    page.shows("この拠点のユーザー1人があります。").shows("この拠点のユーザーを表示").hides("確定");
    assert!(page.body.contains("/agent/users?branch=2"), "{}", page.body);
}

#[tokio::test]
async fn an_edit_of_an_old_page_is_told() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    let edit = format!("{LIST}/{AGENT_MAIN}/edit");
    admin.get(&edit).await;
    let mut other = admin.twin();
    other.get(&edit).await;
    admin.post(&edit, &[("name", "中央本所")]).await.shows("更新しました");
    let page = other.post(&edit, &[("name", "東本所")]).await;
    page.shows("別の人が先に更新しました").shows("中央本所").shows("東本所");
    other.post(&edit, &[]).await.shows("更新しました").shows("東本所");
}

#[tokio::test]
async fn associations_are_third_parties_until_one_is_taken() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    let page = admin.get(ASSOCIATIONS).await;
    page.shows("本システムとは関係のない第三者です").shows("東京都自動車整備振興会").shows("沖縄県自動車整備振興会");
    admin.post(ASSOCIATIONS, &[]).await.shows("一覧から選んでください。");
    admin.get(ASSOCIATIONS).await;
    let page = admin.post(ASSOCIATIONS, &[("number", "18"), ("number", "53")]).await;
    page.shows("代理人拠点を2件追加しました。").shows("全 4 件").shows("SK18").shows("東京都振興会");
    admin.get(ASSOCIATIONS).await.shows("SK18（追加済み）");
    let mut other = node.as_user("y-admin").await;
    other.get(ASSOCIATIONS).await.hides("追加済み");
    let page = other.post(ASSOCIATIONS, &[("number", "18")]).await;
    page.shows("ほかの代理人が使っているため、追加できません：東京都自動車整備振興会");
}
