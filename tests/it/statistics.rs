//! 申請データ統計検索: exact counts of what an agent may see, as a page and as files.

use crate::kit::world::{AGENT_SIDE, GARAGE, OTHER_GARAGE};
use crate::kit::{Page, TestApp};
use ainas::domain::request::Status;
use ainas::domain::time::{BusinessTime, Day};
use ainas::service::error::Error;
use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;

fn at(month: i8, day: i8) -> BusinessTime {
    BusinessTime::at(Day::new(2026, month, day).unwrap(), 9, 0)
}

/// Three applications of 本所 and one of 支所 beside the request of the world, which was sent on 2026-12-01.
async fn fill(node: &TestApp) {
    let sent = node.world.sent;
    node.app
        .store
        .write(move |tx| {
            let pattern = tx.request(sent)?.unwrap();
            for (month, hours, completed, side) in
                [(9, 12, Some(4), false), (10, 24, Some(5), false), (10, 36, None, false), (11, 3, None, true)]
            {
                let mut request = pattern.clone();
                request.id = tx.next_request_id()?;
                request.requested_at = Some(at(month, 30));
                request.filed_at = Some(at(month, 30).plus(hours * 3600));
                request.completed_on = completed.map(|days| at(month, 30).day().plus_days(days));
                request.status = if completed.is_some() { Status::Completed } else { Status::Filed };
                if side {
                    request.agent_branch = AGENT_SIDE;
                    request.client = OTHER_GARAGE;
                }
                tx.put_request(&request)?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
}

fn csv(page: &Page) -> Vec<Vec<String>> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.body.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn every_request_counts_in_its_months_and_parts() {
    let node = TestApp::new().await;
    fill(&node).await;
    let mut admin = node.as_user("a-admin").await;
    let page = admin.get("/agent/statistics").await;
    page.shows("依頼件数 5 件").shows("申請件数 4 件").shows("手続完了件数 2 件").shows("18.8 時間").shows("4.5 日");
    page.shows("2026/09 1 1 0 12.0 時間 ―").shows("2026/10 2 2 1").shows("2026/11 1 1 1");
    page.shows("みどり自動車整備（102400005） 4 3 2").shows("支所 1 1 0").shows("申請中 2").shows("手続完了 2");
    assert!(page.body.contains("<svg role=\"img\"") && !page.body.contains("style="), "{}", page.body);
    let page = admin.get(&format!("/agent/statistics?client={GARAGE}&status=9")).await;
    page.shows("依頼件数 2 件").hides("支所 1");
    let page = admin.get("/agent/statistics?unit=day&period_from=2026-10-30&period_to=2026-10-31").await;
    page.shows("依頼件数 2 件").shows("申請件数 2 件").shows("手続完了件数 0 件");
    let page = admin.get("/agent/statistics?procedure=light-inspection").await;
    page.shows("条件に合う依頼・申請・手続完了はありません。");
    node.as_user("y-admin").await.get("/agent/statistics").await.hides("みどり自動車整備");
}

#[tokio::test]
async fn a_span_that_makes_no_sense_is_refused_with_what_is_allowed() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    for (query, sentence) in [
        ("unit=day&period_from=2026-01-01&period_to=2026-12-01", "日別は92日以内"),
        ("period_from=1900-01-01&period_to=2026-12-01", "月別は60か月以内"),
        ("period_from=2026-12-02&period_to=2026-12-01", "始めの日以後の日"),
        ("period_from=2026-13-02", "2025/01/06 の形"),
        ("client=%E3%81%82", "半角数字9文字"),
    ] {
        for path in ["/agent/statistics", "/agent/statistics/file"] {
            let page = admin.get(&format!("{path}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            page.shows(sentence);
        }
    }
}

#[tokio::test]
async fn files_hold_the_same_figures() {
    let node = TestApp::new().await;
    fill(&node).await;
    let mut admin = node.as_user("a-admin").await;
    let rows = csv(&admin.get("/agent/statistics/file?format=csv").await);
    assert_eq!(rows[0], ["合計", "", "5", "4", "2", "18.8", "4.5"]);
    assert_eq!(rows.iter().filter(|row| row[0] == "期間").count(), 12);
    assert!(rows.contains(&["期間", "2026/11", "1", "1", "1", "3.0", "5.0"].map(str::to_owned).to_vec()), "{rows:?}");
    let page = admin.get("/agent/statistics/file?format=xlsx").await;
    let mut book = Xlsx::new(Cursor::new(page.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(sheet.get_value((1, 5)), Some(&Data::Float(18.8)));
    assert_eq!(sheet.get_value((1, 2)), Some(&Data::Float(5.0)));
}
