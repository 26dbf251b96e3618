//! ログイン, パスワード更新, ログアウト, and what guards every form.

use crate::kit::{INITIAL, PASSWORD, TestApp};
use ainas::domain::role::Application::{Agent, Client};
use axum::http::StatusCode;

const NEW: &str = "Kawasemi-2026x";

#[tokio::test]
async fn a_user_signs_in_reads_notices_and_leaves() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    let page = browser.get("/client?page=2").await;
    assert_eq!((page.title().as_str(), page.status), ("ログイン", StatusCode::OK));
    let page = browser.sign_in(Client, "C-Staff", PASSWORD).await;
    assert_eq!(page.title(), "お知らせ案内検索");
    page.shows("OSS申請共同利用システム（依頼人業務アプリケーション）")
        .shows("青葉 花子")
        .shows("みどり自動車整備")
        .shows("訓練環境 ― 実際の申請は行われません")
        .shows("1 - 20 / 23 件")
        .shows("登録日 重要度 対象 件名 内容 リンク");
    let page = browser.post("/client/sign-out", &[]).await;
    assert_eq!(page.title(), "ログイン");
    page.shows("ログアウトしました。");
    assert!(browser.session(Client).is_none());
    assert_eq!(browser.get("/client").await.title(), "ログイン");
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_page_that_was_asked_for() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    browser.get("/client?size=50&published_from=2026-11-30").await;
    let page = browser.post("/client/sign-in", &[("login_id", "c-staff"), ("password", PASSWORD)]).await;
    assert_eq!(page.path, "/client?size=50&published_from=2026-11-30");
    page.shows("全 1 件");
}

#[tokio::test]
async fn nothing_tells_whether_a_login_id_exists() {
    let node = TestApp::new().await;
    let mut pages = Vec::new();
    for login in ["c-staff", "nobody-here", "a-staff"] {
        let mut browser = node.browser();
        let page = browser.sign_in(Client, login, "Chigau-0000").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        pages.push(page.text().replace(page.header("x-request-id"), ""));
        for _ in 0..9 {
            browser.sign_in(Client, login, "Chigau-0000").await;
        }
        browser.sign_in(Client, login, PASSWORD).await.shows("約15分後に");
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
}

#[tokio::test]
async fn many_tries_at_the_same_time_are_no_more_than_ten() {
    let node = TestApp::new().await;
    let node = &node;
    let tries = (0..30).map(|number| async move {
        let password = if number == 29 { PASSWORD.to_owned() } else { format!("Wrong-{number}") };
        node.browser().sign_in(Client, "c-staff", &password).await.text()
    });
    let pages = futures_util::future::join_all(tries).await;
    assert_eq!(pages.iter().filter(|page| page.contains("パスワードが違います")).count(), 10);
    assert!(pages[29].contains("ログインを一時的に止めています"), "{}", pages[29]);
}

#[tokio::test]
async fn ten_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    for _ in 0..10 {
        browser.sign_in(Client, "c-staff", "Chigau-0000").await.shows("ログインIDまたはパスワードが違います");
    }
    assert_eq!(browser.sign_in(Client, "c-staff", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another account, and the same name in the other application, are not touched.
    assert_eq!(node.as_user("c-north").await.shown().title(), "お知らせ案内検索");
    assert_eq!(node.as_user("a-staff").await.shown().title(), "お知らせ案内検索");
    node.clocks.advance(15 * 60 + 1);
    assert_eq!(browser.sign_in(Client, "c-staff", PASSWORD).await.title(), "お知らせ案内検索");
}

#[tokio::test]
async fn an_initial_password_leads_only_to_a_new_one_and_only_once() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    let page = browser.sign_in(Client, "c-new", INITIAL).await;
    assert_eq!(page.title(), "パスワード更新");
    page.shows("ログインID c-new").shows("ユーザー名 新人 四郎").hides("依頼データ検索");
    for path in ["/client", "/client/sign-in"] {
        assert_eq!(browser.get(path).await.title(), "パスワード更新", "{path}");
    }
    // The initial password has had its one sign-in.
    node.browser().sign_in(Client, "c-new", INITIAL).await.shows("使用済みか、有効期限が切れています");

    browser.get("/client/password").await;
    let page = browser.post("/client/password", &[("password", "abc"), ("password_again", "abc")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("8～39文字");
    assert!(!page.body.contains("value=\"abc\""), "a password is never sent back");
    browser
        .post("/client/password", &[("password", NEW), ("password_again", "Kawasemi-2027x")])
        .await
        .shows("一致していません");
    browser.post("/client/password", &[("password", INITIAL), ("password_again", INITIAL)]).await.shows("最近使った");
    let before = browser.session(Client).unwrap().to_owned();
    let mut twin = browser.twin();
    let page = browser.post("/client/password", &[("password", NEW), ("password_again", NEW)]).await;
    assert_eq!(page.title(), "お知らせ案内検索");
    page.shows("パスワードを更新しました。");
    assert_ne!(browser.session(Client).unwrap(), before, "the session rotates");
    assert_eq!(twin.get("/client").await.title(), "ログイン", "every other session ends");
    browser.get("/client").await.hides("パスワードを更新しました。");
    assert_eq!(node.browser().sign_in(Client, "c-new", NEW).await.title(), "お知らせ案内検索");
    node.browser().sign_in(Client, "c-new", INITIAL).await.shows("パスワードが違います");
}

#[tokio::test]
async fn five_wrong_tries_end_an_initial_password_and_so_does_time() {
    let node = TestApp::new().await;
    for _ in 0..5 {
        node.browser().sign_in(Client, "c-new", "Chigau-0000").await;
    }
    node.browser().sign_in(Client, "c-new", INITIAL).await.shows("「パスワード再設定」を依頼してください");
    node.clocks.advance(72 * 3600 + 1);
    node.browser().sign_in(Agent, "a-new", INITIAL).await.shows("「パスワード再設定」を依頼してください");
}

#[tokio::test]
async fn an_expired_password_has_to_be_changed() {
    let node = TestApp::new().await;
    node.clocks.advance(90 * 24 * 3600 + 1);
    let mut browser = node.browser();
    assert_eq!(browser.sign_in(Agent, "a-staff", PASSWORD).await.title(), "パスワード更新");
    let page = browser.post("/agent/password", &[("password", NEW), ("password_again", NEW)]).await;
    assert_eq!(page.title(), "お知らせ案内検索");
}

#[tokio::test]
async fn a_session_ends_when_idle_after_half_a_day_and_with_the_user() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    for _ in 0..3 {
        node.clocks.advance(59 * 60);
        assert_eq!(browser.get("/client").await.title(), "お知らせ案内検索");
    }
    node.clocks.advance(60 * 60 + 1);
    let page = browser.forge("/client/inspection/requests/new", &[]).await;
    assert_eq!((page.status, page.title().as_str()), (StatusCode::UNAUTHORIZED, "ログインが必要です"));
    assert!(page.body.contains("/client/sign-in?next=%2Fclient"), "from here back to where the form was");
    assert_eq!(browser.get("/client").await.title(), "ログイン");

    let mut browser = node.as_user("c-staff").await;
    for _ in 0..13 {
        node.clocks.advance(55 * 60);
        browser.get("/client").await;
    }
    node.clocks.advance(10 * 60);
    assert_eq!(browser.get("/client").await.title(), "ログイン", "twelve hours are the end");

    let mut browser = node.as_user("c-staff").await;
    node.remove_user("c-staff").await;
    assert_eq!(browser.get("/client").await.title(), "ログイン");
    node.browser().sign_in(Client, "c-staff", PASSWORD).await.shows("パスワードが違います");
}

#[tokio::test]
async fn each_application_has_a_session_of_its_own() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    assert_eq!(browser.get("/agent").await.title(), "ログイン");
    browser.sign_in(Agent, "a-staff", PASSWORD).await.shows("代理 花江");
    browser.get("/client").await.shows("青葉 花子");
    // A token of one application opens nothing in the other.
    let token = browser.session(Client).unwrap().to_owned();
    let page = node
        .browser()
        .raw_post("/agent/sign-out", "", &[("cookie", &format!("__Host-ainas-agent-test00={token}"))])
        .await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    let token = browser.token().unwrap();
    let body = format!("csrf={token}");
    for headers in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "")][..],
        &[("origin", "null"), ("sec-fetch-site", "")][..],
        &[("origin", ""), ("sec-fetch-site", "")][..],
        &[("origin", "https://ainas.test:9443"), ("sec-fetch-site", "same-site")][..],
    ] {
        let page = browser.raw_post("/client/sign-out", &body, headers).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?}");
        page.shows("操作を確認できませんでした");
    }
    let stranger = node.as_user("x-staff").await.token().unwrap();
    let other = if token.ends_with('0') { '1' } else { '0' };
    let spoiled = format!("csrf={}{other}", &token[..token.len() - 1]);
    for body in ["", "csrf=", "csrf=00", &format!("csrf={stranger}"), &spoiled] {
        let page = browser.raw_post("/client/sign-out", body, &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{body}");
    }
    let page = browser.raw_post("/client/sign-out", &body, &[("content-type", "text/plain")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/client").await.title(), "お知らせ案内検索", "still signed in");
}

#[tokio::test]
async fn the_cookie_and_every_page_are_guarded() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    browser.get("/client/sign-in").await;
    let form = browser.shown().form("/client/sign-in").filled(&[("login_id", "c-staff"), ("password", PASSWORD)]);
    let page = browser.raw_post("/client/sign-in", &form.encoded(), &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-ainas-client-test00="), "{cookie}");
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    for path in ["/", "/client", "/client/sign-in", "/nowhere", "/trust", "/livez", "/client/nowhere"] {
        let page = browser.get_only(path).await;
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cache-control"), "private, no-cache", "{path}");
        assert_eq!(page.header("x-request-id").len(), 12, "{path}");
        assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "{path}");
    }
    let page = browser.get("/client").await;
    let out = browser.raw_post("/client/sign-out", &page.form("/client/sign-out").encoded(), &[]).await;
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn what_goes_wrong_is_a_japanese_page() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    let page = browser.get("/client/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.shows("ページが見つかりません").shows("お問い合わせ番号：").shows("前の画面に戻る");
    for path in [
        "/client/nothing/requests",
        "/client/inspection/requests/abc",
        "/client/inspection/requests/%00%FF",
        "/assets/../x",
    ] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
        page.shows("お問い合わせ番号：");
    }
    let page = browser.get_with("/nowhere", &[("referer", "https://ainas.test:8443//evil.example/")]).await;
    page.hides("前の画面に戻る");
    let page = browser.raw_post("/client", "", &[]).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    page.shows("この操作はできません");
    let page = node.browser().raw_post("/client/sign-in", &"a".repeat(65 << 10), &[]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "a stranger sends short forms only");
    let page = browser.raw_post("/client/sign-out", &"a".repeat(3 << 20), &[]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.shows("送られた内容が大きすぎます");
}

#[tokio::test]
async fn outside_the_hours_there_is_one_clear_page() {
    let node = TestApp::configured(|config| config.hours.enabled = true).await;
    assert_eq!(node.browser().get("/client/sign-in").await.title(), "ログイン");
    node.clocks.advance(12 * 3600);
    let page = node.browser().get("/client/sign-in").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    page.shows("ただいまご利用時間外です").shows("08:00 から 22:00 まで");
    assert_eq!(node.browser().get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn assets_are_kept_for_good_and_only_under_their_own_name() {
    let node = TestApp::new().await;
    let mut browser = node.browser();
    let page = browser.get("/").await;
    page.shows("依頼人業務アプリケーション").shows("代理人業務アプリケーション");
    let css = page.body.split_once("href=\"/assets/app.").unwrap().1.split_once('"').unwrap().0.to_owned();
    let asset = browser.get(&format!("/assets/app.{css}")).await;
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(browser.get("/assets/app.css").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/oss_agt/").await.path, "/agent/sign-in");
}
