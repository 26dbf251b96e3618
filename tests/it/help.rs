//! Help: every screen of every application leads to a page that explains it.

use crate::kit::TestApp;
use crate::routes::{is_there, node_with, readers};
use ainas::domain::request::PortalStatus;
use ainas::web::routes;
use axum::http::StatusCode;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_screen_leads_to_its_help() {
    let mut missing = BTreeSet::new();
    for outside in [false, true] {
        let node = node_with(outside).await;
        for route in routes::all().filter(|route| route.method == "get" && route.is_outside() == outside) {
            for (login, path) in readers(route, &node).filter(|(login, _)| is_there(login, outside)) {
                let mut browser = node.as_user(login).await;
                let page = browser.get_only(&path).await;
                let screen = page.status == StatusCode::OK && page.header("content-type").starts_with("text/html");
                if screen && page.body.contains("<h1>") && !page.body.contains("この画面の使い方") {
                    missing.insert(format!(
                        "{}: {} ({})",
                        node.world.application(login).slug(),
                        page.title(),
                        route.path
                    ));
                }
            }
        }
    }
    assert!(missing.is_empty(), "screens without a page in assets/help:\n{missing:#?}");
}

#[tokio::test]
async fn help_is_found_by_words_and_needs_no_sign_in() {
    let node = TestApp::new().await;
    let mut anyone = node.browser();
    anyone.get("/help").await.shows("依頼人の画面").shows("代理人の画面").shows("依頼データ初期登録");
    anyone.get("/help?q=一括　中止").await.shows("一括処理の進みと結果").hides("メモ更新");
    anyone.get("/help?q=存在しない言葉").await.shows("見つかりませんでした");
    let page = anyone.get("/help/client-edit").await;
    page.shows("入力のきまり：継続検査").shows("車検証の記載どおりに、全角80文字以内で入力します。");
    let page = anyone.get("/help/statuses").await;
    for status in PortalStatus::ALL {
        page.shows(status.label());
    }
    assert_eq!(anyone.get("/help/nothing").await.status, StatusCode::NOT_FOUND);
}
