//! お知らせ案内検索, the first page of every user: conditions, order, and what can't be read.

use crate::kit::TestApp;
use axum::http::StatusCode;

#[tokio::test]
async fn notices_are_found_by_day_and_by_whom_they_are_for() {
    let node = TestApp::new().await;
    for (login, home) in [("c-staff", "/client"), ("a-staff", "/agent"), ("a-admin", "/agent")] {
        let mut reader = node.as_user(login).await;
        let page = reader.get(home).await;
        page.shows("1 - 20 / 23 件").shows("お知らせその1").shows("全ての利用者様").shows("重要");
        let newest = page.body.find("お知らせその1<").unwrap();
        assert!(newest < page.body.find("お知らせその2<").unwrap(), "newest first");
        reader.get(&format!("{home}?page=2")).await.shows("お知らせその23").hides("お知らせその20");
        // The world stands on 2026-12-01; notice n is n days old.
        let page = reader.get(&format!("{home}?published_from=2026-11-28&published_to=２０２６/１１/２９")).await;
        page.shows("全 2 件").shows("お知らせその2").shows("お知らせその3").hides("お知らせその4");
        reader.get(&format!("{home}?audience=light&audience=registered")).await.shows("全 16 件");
        reader
            .get(&format!("{home}?published_from=2027-01-01"))
            .await
            .shows("該当するお知らせはありません")
            .shows("0 件");
        for wrong in ["published_from=2026-13-01", "published_from=2026-11-29&published_to=2026-11-28"] {
            let page = reader.get(&format!("{home}?{wrong}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            page.shows("入力内容を確認してください").hides("お知らせその1");
        }
    }
}
