//! 代理人ユーザー by the administrators of an agent: the rules are those of 依頼人ユーザー, in the agent's words.

use crate::kit::world::{AGENT_SIDE, OTHER_AGENT_MAIN};
use crate::kit::{Browser, INITIAL, PASSWORD, Page, TestApp};
use ainas::domain::role::Application::Agent;
use axum::http::StatusCode;

const NEW: [(&str, &str); 4] = [
    ("login_id", "kawa01"),
    ("name", "川瀬 三葉"),
    ("password", "Kawasemi-2026x"),
    ("password_again", "Kawasemi-2026x"),
];

fn address(node: &TestApp, login: &str, verb: &str) -> String {
    format!("/agent/users/{}{verb}", node.world.user(login))
}

/// Opens a page with a form to itself, and sends it with these fields.
async fn submit(browser: &mut Browser<'_>, address: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.text());
    browser.post(address, fields).await
}

#[tokio::test]
async fn users_are_listed_and_found_by_every_condition() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    let page = admin.get("/agent/users").await;
    page.shows("全 5 件")
        .shows("ログインID ユーザー名 代理人拠点 権限 最終ログイン日時")
        .hides("y-staff")
        .hides("依頼人");
    page.shows("代理人担当者ユーザー登録").hides("拠点管理者");
    admin.get("/agent/users?login_id=SIDE").await.shows("全 1 件").shows("支所");
    admin.get(&format!("/agent/users?branch={AGENT_SIDE}&role=staff")).await.shows("全 1 件").shows("a-side");
    admin.get("/agent/users?role=administrator").await.shows("全 1 件").shows("a-admin");
    admin.get("/agent/users?name=%E8%8A%B1%E6%B1%9F").await.shows("全 1 件").shows("a-staff");
    admin.get("/agent/users?login_id=zzz").await.shows("条件に合う代理人ユーザーはありません。");
}

#[tokio::test]
async fn a_registered_user_signs_in_works_for_one_branch_and_is_renamed() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    admin.get("/agent/users/new").await.hides("name=\"role\"").hides("ひかり");
    let foreign = OTHER_AGENT_MAIN.to_string();
    let page = submit(&mut admin, "/agent/users/new", &[&NEW[..], &[("branch", foreign.as_str())]].concat()).await;
    page.shows("代理人拠点を一覧から選んでください。");
    let side = AGENT_SIDE.to_string();
    let page = submit(&mut admin, "/agent/users/new", &[&NEW[..], &[("branch", side.as_str())]].concat()).await;
    assert_eq!(page.title(), "代理人ユーザー照会");
    page.shows("ユーザーを登録しました。").shows("支所").shows("権限 担当者").hides("Kawasemi");
    let mut user = node.browser();
    assert_eq!(user.sign_in(Agent, "KAWA01", "Kawasemi-2026x").await.title(), "パスワード更新");
    let chosen = [("password", "Kingyo-Matsuri-3"), ("password_again", "Kingyo-Matsuri-3")];
    user.post("/agent/password", &chosen).await.shows("依頼データ検索");
    let request = format!("/agent/inspection/requests/{}", node.world.sent);
    assert_eq!(user.get(&request).await.status, StatusCode::NOT_FOUND, "the request is 本所's");

    // The same login ID is free in the other application and taken in this one.
    submit(&mut admin, "/agent/users/new", &NEW).await.shows("「kawa01」は、すでに使われています。");
    let all = [("name", "川瀬 四葉"), ("branch", "")];
    let listed = admin.get("/agent/users?login_id=kawa01").await;
    let path =
        listed.body.split("/agent/users/").nth(1).and_then(|rest| rest.split(['?', '"']).next()).unwrap().to_owned();
    let page = submit(&mut admin, &format!("/agent/users/{path}/edit"), &all).await;
    page.shows("ユーザーを更新しました。").shows("すべての拠点").shows("川瀬 四葉");
    let page = user.get(&request).await;
    assert_eq!(page.status, StatusCode::OK, "counts in the open session at once");
    page.shows("川瀬 四葉");
}

#[tokio::test]
async fn a_reset_restores_the_notices_password_and_a_deleted_user_is_out() {
    let node = TestApp::new().await;
    let (mut admin, mut user) = (node.as_user("a-admin").await, node.as_user("a-side").await);
    let page = submit(&mut admin, &address(&node, "a-side", "/reset-password"), &[]).await;
    page.shows("パスワードを再設定しました。").shows("「利用登録通知書」に記載の初期パスワード").hides(INITIAL);
    assert_eq!(user.get("/agent").await.title(), "ログイン", "open sessions end");
    user.sign_in(Agent, "a-side", PASSWORD).await.shows("パスワードが違います");
    let page = user.sign_in(Agent, "a-side", INITIAL).await;
    assert_eq!(page.title(), "パスワード更新");
    page.shows("代理 一子さんがあなたのパスワードを再設定しました");

    let mut user = node.as_user("a-staff").await;
    let page = submit(&mut admin, &address(&node, "a-staff", "/delete"), &[]).await;
    assert_eq!(page.title(), "代理人ユーザー検索");
    page.shows("ユーザーを削除しました。").hides("a-staff");
    assert_eq!(user.get("/agent").await.title(), "ログイン");
}

#[tokio::test]
async fn administrators_stay_and_nobody_acts_on_themselves_or_on_another_agents_users() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    let page = admin.get(&address(&node, "a-admin", "")).await;
    page.shows("代理人管理者ユーザー更新").hides("削除").hides("再設定");
    for verb in ["/delete", "/reset-password"] {
        let page = admin.forge(&address(&node, "a-admin", verb), &[("version", "1")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let fields = [("name", "代理 二子"), ("branch", "2"), ("role", "staff")];
    let page = submit(&mut admin, &address(&node, "a-admin", "/edit"), &fields).await;
    page.shows("代理 二子").shows("権限 管理者").shows("すべての拠点");
    for login in ["y-staff", "y-admin", "c-staff"] {
        assert_eq!(admin.get(&address(&node, login, "")).await.status, StatusCode::NOT_FOUND, "{login}");
    }
    // No form makes an administrator.
    let page = submit(&mut admin, "/agent/users/new", &[&NEW[..], &[("role", "administrator")]].concat()).await;
    page.shows("権限 担当者");
}

#[tokio::test]
async fn of_two_who_change_a_user_the_second_is_told() {
    let node = TestApp::new().await;
    let (mut first, mut second) = (node.as_user("a-admin").await, node.as_user("a-admin").await);
    let address = address(&node, "a-side", "/edit");
    second.get(&address).await;
    submit(&mut first, &address, &[("name", "支所 三子")]).await.shows("更新しました");
    let page = second.post(&address, &[("name", "支所 四子")]).await;
    page.shows("別の人が先に更新しました").shows("ユーザー名 支所 三子 支所 四子");
    second.post(&address, &[]).await.shows("更新しました").shows("支所 四子");
}
