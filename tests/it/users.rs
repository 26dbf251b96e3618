//! 依頼人ユーザー, 依頼人組織 and API keys by administrators and branch managers.

use crate::kit::world::{GARAGE, KEY, NORTH, SOUTH};
use crate::kit::{Browser, INITIAL, PASSWORD, TestApp};
use ainas::config::PasswordReset;
use ainas::domain::organization::ClientOrganization;
use ainas::domain::role::Application::Client;
use ainas::domain::user::PasswordState;
use ainas::service::error::Error;
use axum::http::StatusCode;

const NEW: [(&str, &str); 5] = [
    ("login_id", "tanaka01"),
    ("name", "田中 一葉"),
    ("password", "Kawasemi-2026x"),
    ("password_again", "Kawasemi-2026x"),
    ("role", "staff_no_send"),
];

fn address(node: &TestApp, login: &str, verb: &str) -> String {
    format!("/client/users/{}{verb}", node.world.user(login))
}

/// Opens a page with a form to itself, and sends it with these fields.
async fn submit(browser: &mut Browser<'_>, address: &str, fields: &[(&str, &str)]) -> crate::kit::Page {
    let page = browser.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.text());
    browser.post(address, fields).await
}

#[tokio::test]
async fn users_are_listed_by_login_id_and_found_by_every_condition() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get("/client/users").await;
    page.shows("全 9 件").shows("ログインID ユーザー名 依頼人拠点 権限 最終ログイン日時").hides("x-staff");
    page.shows("依頼人担当者ユーザー登録").shows("依頼人拠点管理者ユーザー登録");
    admin.get("/client/users?login_id=SOUTH").await.shows("全 2 件");
    admin.get("/client/users?name=%E9%9D%92%E8%91%89").await.shows("全 1 件").shows("青葉 花子");
    admin.get(&format!("/client/users?branch={SOUTH}&role=staff_send")).await.shows("全 1 件").shows("c-south");
    admin.get("/client/users?role=administrator&role=branch_manager").await.shows("全 3 件");
}

#[tokio::test]
async fn a_registered_user_signs_in_chooses_a_password_and_works() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = submit(&mut admin, "/client/users/new", &NEW).await;
    assert_eq!(page.title(), "依頼人ユーザー照会");
    page.shows("ユーザーを登録しました。").shows("すべての拠点").shows("担当者（送信不可）").hides("Kawasemi");

    let mut user = node.browser();
    assert_eq!(user.sign_in(Client, "TANAKA01", "Kawasemi-2026x").await.title(), "パスワード更新");
    user.shown().hides("再設定しました");
    let new = [("password", "Kingyo-Matsuri-3"), ("password_again", "Kingyo-Matsuri-3")];
    user.post("/client/password", &new).await.shows("依頼データ検索");

    let page = submit(&mut admin, "/client/users/new", &NEW).await;
    page.shows("ログインID「tanaka01」は、すでに使われています。");
    assert!(!page.body.contains("Kawasemi"), "passwords are not kept on the page");
    let wrong = [("login_id", "田中"), ("name", "田@中"), ("password", "abc"), ("role", "administrator")];
    let page = submit(&mut admin, "/client/users/new", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("（4件）").shows("権限を一覧から選んでください。");
}

#[tokio::test]
async fn a_reset_ends_sessions_restores_the_notices_password_and_tells_who_did_it() {
    let node = TestApp::new().await;
    let (mut admin, mut user) = (node.as_user("c-admin").await, node.as_user("c-north").await);
    let address = address(&node, "c-north", "/reset-password");
    let page = submit(&mut admin, &address, &[]).await;
    page.shows("パスワードを再設定しました。").shows("「利用登録通知書」に記載の初期パスワード").hides(INITIAL);
    assert_eq!(user.get("/client").await.title(), "ログイン", "open sessions end");
    user.sign_in(Client, "c-north", PASSWORD).await.shows("パスワードが違います");
    let page = user.sign_in(Client, "c-north", INITIAL).await;
    assert_eq!(page.title(), "パスワード更新");
    page.shows("管理 一郎さんがあなたのパスワードを再設定しました");

    submit(&mut admin, &address, &[]).await.shows("再設定しました");
    node.clocks.advance(72 * 3600 + 1);
    node.browser().sign_in(Client, "c-north", INITIAL).await.shows("有効期限が切れています");
}

#[tokio::test]
async fn what_needs_a_notice_is_not_offered_without_one() {
    let node = TestApp::new().await;
    let lost = node.app.store.write(|tx| {
        let garage = tx.client_organization(GARAGE)?.unwrap();
        tx.put_client_organization(&ClientOrganization { initial_password: None, initial_api_password: None, ..garage })
    });
    lost.await.unwrap();
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get(&address(&node, "c-north", "/reset-password")).await;
    page.shows("初期パスワードが登録されていないため、再設定できません").shows("戻る").hides("確定");
    let page = admin.get(&format!("/client/organizations/{GARAGE}")).await;
    page.shows("API初期パスワードが登録されていないため").hides("「APIキー登録」で登録します");
    assert!(!page.body.contains("/api-keys\""), "no button");
}

#[tokio::test]
async fn a_reset_with_a_password_of_its_own_shows_it_once() {
    let node = TestApp::configured(|config| config.accounts.reset = PasswordReset::OneTime).await;
    let mut admin = node.as_user("c-admin").await;
    let page = submit(&mut admin, &address(&node, "c-north", "/reset-password"), &[]).await;
    assert_eq!(page.header("cache-control"), "no-store");
    let text = page.text();
    let word = text.split_once("新しいパスワード：").unwrap().1.split_whitespace().next().unwrap().to_owned();
    assert_eq!(node.browser().sign_in(Client, "c-north", &word).await.title(), "パスワード更新");
    admin.get(&page.path).await.hides(&word);
}

#[tokio::test]
async fn a_change_counts_in_open_sessions_at_once() {
    let node = TestApp::new().await;
    let (mut admin, mut user) = (node.as_user("c-admin").await, node.as_user("c-north").await);
    let request = format!("/client/inspection/requests/{}", node.world.draft);
    assert_eq!(user.get(&request).await.status, StatusCode::OK);
    let address = address(&node, "c-north", "/edit");
    let south = SOUTH.to_string();
    let fields = [("name", "北野 次郎"), ("branch", south.as_str()), ("role", "staff_no_send")];
    submit(&mut admin, &address, &fields).await.shows("ユーザーを更新しました。").shows("担当者（送信不可）");
    let page = user.get(&request).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "the other branch's data are gone at once");
    page.shows("北野 次郎").shows("南工場");
}

#[tokio::test]
async fn a_deleted_user_is_out_and_the_login_id_is_free() {
    let node = TestApp::new().await;
    let (mut admin, mut user) = (node.as_user("c-admin").await, node.as_user("c-north").await);
    let page = submit(&mut admin, &address(&node, "c-north", "/delete"), &[]).await;
    assert_eq!(page.title(), "依頼人ユーザー検索");
    page.shows("ユーザーを削除しました。").hides("c-north");
    assert_eq!(user.get("/client").await.title(), "ログイン");
    user.sign_in(Client, "c-north", PASSWORD).await.shows("パスワードが違います");
}

#[tokio::test]
async fn the_last_administrator_stays_and_nobody_acts_on_themselves() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get(&address(&node, "c-admin", "")).await;
    page.shows("依頼人管理者ユーザー更新").hides("削除").hides("再設定");
    for verb in ["/delete", "/reset-password"] {
        assert_eq!(
            admin.forge(&address(&node, "c-admin", verb), &[("version", "1")]).await.status,
            StatusCode::FORBIDDEN
        );
    }
    // Only the name of an administrator can be changed here.
    let north = NORTH.to_string();
    let fields = [("name", "管理 二郎"), ("branch", north.as_str()), ("role", "staff_send")];
    submit(&mut admin, &address(&node, "c-admin", "/edit"), &fields).await.shows("管理 二郎").shows("権限 管理者");
    let none = [("login_id", "boss"), ("name", "上"), ("role", "administrator")];
    assert_eq!(
        admin.forge("/client/users/new", &none).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "no form makes an administrator"
    );
}

#[tokio::test]
async fn a_branch_manager_keeps_the_staff_of_their_branch() {
    let node = TestApp::new().await;
    let mut manager = node.as_user("c-manager").await;
    let page = manager.get("/client/users").await;
    page.shows("全 3 件").shows("c-north").hides("c-south").hides("c-admin").hides("依頼人拠点管理者ユーザー登録");
    for login in ["c-south", "c-admin", "c-staff", "x-staff"] {
        let page = manager.get(&address(&node, login, "")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
    }
    let own = manager.get(&address(&node, "c-manager", "")).await;
    own.hides("更新").hides("再設定").hides("削除");
    // The form offers no other branch, and the server takes none.
    manager.get("/client/users/new").await.hides("南工場");
    for branch in [SOUTH.to_string(), String::new()] {
        let fields = [&NEW[..], &[("branch", branch.as_str())]].concat();
        let page = submit(&mut manager, "/client/users/new", &fields).await;
        page.shows("依頼人拠点を一覧から選んでください。");
    }
    let north = NORTH.to_string();
    let fields = [&NEW[..], &[("branch", north.as_str())]].concat();
    submit(&mut manager, "/client/users/new", &fields).await.shows("ユーザーを登録しました。").shows("北工場");
    let moved = [("branch", "2"), ("name", "北野 太郎"), ("role", "staff_send")];
    submit(&mut manager, &address(&node, "c-north", "/edit"), &moved).await.shows("一覧から選んでください");
    submit(&mut manager, &address(&node, "c-north", "/reset-password"), &[]).await.shows("再設定しました");
    submit(&mut manager, &address(&node, "c-new", "/delete"), &[]).await.shows("削除しました");
}

#[tokio::test]
async fn of_two_who_change_a_user_the_second_is_told() {
    let node = TestApp::new().await;
    let (mut first, mut second) = (node.as_user("c-admin").await, node.as_user("c-manager").await);
    let address = address(&node, "c-north", "/edit");
    second.get(&address).await;
    submit(&mut first, &address, &[("name", "北野 一")]).await.shows("更新しました");
    let page = second.post(&address, &[("name", "北野 二")]).await;
    page.shows("別の人が先に更新しました").shows("ユーザー名 北野 一 北野 二");
    second.post(&address, &[]).await.shows("更新しました").shows("北野 二");
}

#[tokio::test]
async fn the_organization_is_renamed_by_the_rule() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin.get("/client/organizations").await.shows("全 1 件").shows(&GARAGE.to_string()).hides("あかね");
    let address = format!("/client/organizations/{GARAGE}");
    let edit = format!("{address}/edit");
    let page = submit(&mut admin, &edit, &[("name", "みどり整備"), ("short_name", "あいうえおかきくけこさ")]).await;
    page.shows("11文字").shows("全角1～10文字です。");
    let page = admin.post(&edit, &[("short_name", "Midori")]).await;
    page.shows("まだ保存していません");
    admin.post(&edit, &[]).await.shows("依頼人組織を更新しました。").shows("みどり整備").shows("Ｍｉｄｏｒｉ");
    // A branch manager sees the names, and nothing to change.
    let mut manager = node.as_user("c-manager").await;
    manager.get(&address).await.shows("みどり整備").hides("APIキー").hides("依頼人組織更新");
    assert_eq!(manager.get("/client/organizations/102400006").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_key_is_issued_shown_in_full_and_revoked() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let address = format!("/client/organizations/{GARAGE}");
    let page = admin.get(&address).await;
    page.shows(KEY).shows("2026/12/01 2026/12/01 10:00");
    let body = page.form(&format!("{address}/api-keys")).encoded();
    let page = admin.post(&format!("{address}/api-keys"), &[]).await;
    page.shows("APIキーを登録しました。").shows("API初期パスワード").shows("初期パスワード 2026/12/01 10:00");
    let keys = node.app.store.read(|tx| Ok::<_, Error>(tx.api_keys_of(GARAGE)?)).unwrap();
    let new = keys.iter().find(|key| key.key != KEY).unwrap();
    let key = new.key.clone();
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{key}");
    page.shows(&key);
    assert!(matches!(new.password_state, PasswordState::Initial { used: false, .. }));
    assert!(node.app.passwords.matches(INITIAL.to_owned(), vec![new.password.clone()]).await.unwrap());
    // The same button's form once more is the same key; a new page makes another.
    admin.raw_post(&format!("{address}/api-keys"), &body, &[]).await;
    assert_eq!(node.app.store.read(|tx| Ok::<_, Error>(tx.api_keys_of(GARAGE)?)).unwrap().len(), 2);
    admin.get(&address).await;
    admin.post(&format!("{address}/api-keys"), &[]).await;

    let revoke = format!("/client/api-keys/{key}/revoke");
    let page = submit(&mut admin, &revoke, &[]).await;
    page.shows("APIキーを失効させました。").hides(&key);
    assert_eq!(admin.get(&revoke).await.status, StatusCode::NOT_FOUND);
    let stranger = node.as_user("x-admin").await.get(&revoke).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}
