//! Lists as files: exactly what the list on the screen shows, for exactly those who may see it, in any length.

use crate::kit::world::{NORTH, SOUTH};
use crate::kit::{Page, TestApp};
use ainas::domain::actor::Actor;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::ids::RequestId;
use ainas::domain::procedure::inspection::no;
use ainas::domain::request::{Origin, Status, Value};
use ainas::domain::search::{Conditions, Order};
use ainas::domain::time::Day;
use ainas::report::Format;
use ainas::service::downloads::{self, List, Requests};
use ainas::service::error::Error;
use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;

/// The cells of a CSV file, the headings first.
fn csv(page: &Page) -> Vec<Vec<String>> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.body.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The cells below a heading.
fn column(rows: &[Vec<String>], heading: &str) -> Vec<String> {
    let at = rows[0].iter().position(|cell| cell == heading).unwrap_or_else(|| panic!("{heading}: {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// Requests of both workshops with something in every kind of field.
async fn fill(node: &TestApp, count: u64) -> Vec<RequestId> {
    let draft = node.world.draft;
    node.app
        .store
        .write(move |tx| {
            let pattern = tx.request(draft)?.unwrap();
            let mut ids = Vec::new();
            for number in 0..count {
                let mut request = pattern.clone();
                request.id = tx.next_request_id()?;
                request.branch = if number % 2 == 0 { NORTH } else { SOUTH };
                request.chassis =
                    Some(ChassisNumber { number: format!("NZE141-{number:07}"), officially_stamped: false });
                request.origin =
                    [Origin::Screen, Origin::Agent, Origin::Import, Origin::Reuse][(number % 4) as usize].clone();
                request.fields.insert(no::NAME, Value::Text("𠮷野　太郎".to_owned()));
                request.fields.insert(no::CUSTOM_1, Value::Text("=HYPERLINK(\"http://evil.example\")".to_owned()));
                request.fields.insert(no::PLANNED_ON, Value::Day(Day::new(2026, 12, 24).unwrap()));
                tx.put_request(&request)?;
                ids.push(request.id);
            }
            Ok::<_, Error>(ids)
        })
        .await
        .unwrap()
}

const LIST: &str = "/client/inspection/requests/download";

#[tokio::test]
async fn a_list_is_downloaded_as_it_stands_on_the_screen() {
    let node = TestApp::new().await;
    let ids = fill(&node, 45).await;
    let mut browser = node.as_user("c-staff").await;
    let page = browser.get("/client/inspection/requests?order=oldest&chassis=5&size=50").await;
    let form = page.form(LIST);
    let value = |name: &str| form.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((value("order"), value("chassis"), value("size")), (Some("oldest"), Some("5"), None));

    let file = browser.get(&format!("{LIST}?order=oldest&chassis=5&format=csv")).await;
    let rows = csv(&file);
    let expected: Vec<String> =
        ids.iter().enumerate().filter(|(n, _)| n % 10 == 5).map(|(_, id)| id.to_string()).collect();
    assert_eq!(column(&rows, "申請ID"), expected);
    assert_eq!(column(&rows, "独自項目1")[0], "'=HYPERLINK(\"http://evil.example\")");
    assert_eq!(column(&rows, "氏名又は名称（漢字）")[0], "𠮷野　太郎");
    assert_eq!(column(&rows, "申請予定日")[0], "2026/12/24");
    assert_eq!(column(&rows, "自動車登録番号（番号）")[0], "1234");
    assert_eq!(column(&rows, "登録方法")[..2], ["代行入力", "再利用"]);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let name = "attachment; filename=\"download.csv\"; filename*=UTF-8''%E3%80%90%E7%B6%99";
    assert!(file.header("content-disposition").starts_with(name), "{}", file.header("content-disposition"));
    assert!(file.header("content-disposition").ends_with("_20261201_1000.csv"));

    let all = csv(&browser.get(&format!("{LIST}?format=csv")).await);
    assert_eq!(all.len(), 1 + 45 + 2, "all pages");
    assert_eq!(column(&all, "申請ID")[0], ids[44].to_string(), "newest first, as on the screen");

    let old = browser.get(&format!("{LIST}?format=csv-sjis&id={}", ids[0])).await;
    let text = encoding_rs::SHIFT_JIS.decode(&old.bytes).0.into_owned();
    assert!(text.contains("〓野　太郎") && text.contains("氏名又は名称（漢字）：U+20BB7"), "{text}");
}

#[tokio::test]
async fn excel_holds_days_numbers_and_text_that_stays_text() {
    let node = TestApp::new().await;
    fill(&node, 3).await;
    let file = node.as_user("c-staff").await.get(&format!("{LIST}?format=xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert_eq!(name, "【継続検査】依頼データ");
    assert_eq!(book.worksheet_formula(&name).unwrap().cells().count(), 0, "no formula");
    let sheet = book.worksheet_range(&name).unwrap();
    let at = |heading: &str| sheet.rows().next().unwrap().iter().position(|cell| cell == heading).unwrap();
    let row = sheet.rows().nth(1).unwrap();
    assert!(matches!(row[at("申請ID")], Data::Float(_)), "{:?}", row[at("申請ID")]);
    assert_eq!(row[at("独自項目1")], Data::String("=HYPERLINK(\"http://evil.example\")".to_owned()));
    assert_eq!(row[at("自動車登録番号（番号）")], Data::String("1234".to_owned()));
    let Data::DateTime(day) = row[at("申請予定日")] else { panic!("{:?}", row[at("申請予定日")]) };
    assert_eq!(day.to_ymd_hms_milli(), (2026, 12, 24, 0, 0, 0, 0));
}

#[tokio::test]
async fn nobody_downloads_what_they_can_not_see() {
    let node = TestApp::new().await;
    fill(&node, 6).await;
    let south = csv(&node.as_user("c-south").await.get(&format!("{LIST}?format=csv")).await);
    assert_eq!(column(&south, "拠点"), ["南工場"; 3]);
    let tricked = csv(&node.as_user("c-south").await.get(&format!("{LIST}?format=csv&branch={NORTH}")).await);
    assert_eq!(tricked.len(), 1, "a condition gives no right");
    let other = csv(&node.as_user("x-staff").await.get(&format!("{LIST}?format=csv")).await);
    assert_eq!(other.len(), 1);
    // What was never sent is none of the agent's.
    let agent =
        csv(&node.as_user("a-staff").await.get("/agent/inspection/requests/download?format=csv&status=1").await);
    assert_eq!(column(&agent, "申請ID"), [node.world.sent.to_string()]);

    let mut manager = node.as_user("c-manager").await;
    let page = manager.get("/client/downloads").await;
    page.shows("依頼人ユーザー").shows("【継続検査】申請データ").shows("所属する拠点のデータだけ");
    let users = csv(&manager.get("/client/downloads/file?list=users&format=csv").await);
    assert_eq!(column(&users, "ログインID"), ["c-manager", "c-new", "c-north"]);
    let branches = csv(&manager.get("/client/downloads/file?list=branches&format=csv").await);
    assert_eq!(column(&branches, "依頼人拠点コード"), ["001"]);
    let requests = csv(&manager.get("/client/downloads/file?list=inspection.requests&format=csv").await);
    assert!(column(&requests, "拠点").iter().all(|branch| branch == "北工場"));

    let mut staff = node.as_user("a-staff").await;
    staff.get("/agent/downloads").await.shows("代理人拠点").hides("代理人ユーザー");
    let refused = staff.get("/agent/downloads/file?list=users&format=csv").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("ダウンロードするデータを選んでください");
    let users = csv(&node.as_user("a-admin").await.get("/agent/downloads/file?list=users&format=csv").await);
    assert_eq!(column(&users, "権限").len(), 5);
}

#[tokio::test]
async fn what_can_not_be_understood_comes_back_to_its_page() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin
        .get("/client/downloads/file?list=inspection.applications&completed_from=2026-12-02&completed_to=2026-12-01")
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("終わりの日は、始めの日以後の日にしてください");
    let page = admin.get("/client/downloads/file?list=users&completed_from=2026-11-01").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("申請データを選んだときだけ使えます");
    let page = node.as_user("c-staff").await.get(&format!("{LIST}?id=abc&format=csv")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("申請IDは1～10桁の数字");
}

#[tokio::test]
async fn the_audit_knows_what_was_taken_but_not_what_was_looked_for() {
    let node = TestApp::new().await;
    node.as_user("c-staff").await.get(&format!("{LIST}?user=%E5%B1%B1%E7%94%B0&format=csv")).await;
    let rows = node.app.store.read(|tx| tx.audit_rows(None, 1_000)).unwrap();
    let row = rows.iter().map(|(_, row)| row).find(|row| row.action == "download").expect("a row in the audit");
    assert_eq!((row.subject.as_str(), row.actor), ("list inspection.requests", Some(node.world.user("c-staff"))));
    assert_eq!(row.details, ["format csv", "rows 0", "user"]);
}

/// Whatever its length, a list is in memory only part by part: this is what keeps a million rows within bounds.
#[tokio::test]
async fn a_long_list_goes_out_in_parts_and_ends_with_its_reader() {
    let node = TestApp::new().await;
    let ids = fill(&node, 1_200).await;
    let staff = node.world.user("c-staff");
    let actor = Actor::Client(node.app.store.read(|tx| tx.client_actor(staff)).unwrap().unwrap());
    let list = || {
        let conditions = Conditions { statuses: vec![Status::Draft], ..Conditions::default() };
        List::Requests(Box::new(Requests { procedure: 1, filed: false, conditions, order: Order::Newest }))
    };
    let begin = || downloads::begin(&node.app, &actor, list(), Format::CsvUtf8);
    let mut lines = Vec::new();
    let mut download = begin().await.unwrap();
    while let Some((part, rest)) = download.part().unwrap() {
        lines.push(part.iter().filter(|byte| **byte == b'\n').count());
        download = rest;
    }
    assert_eq!(lines, [1, 500, 500, 201]);

    // What is deleted, sent or written meanwhile brings no row twice and leaves no other out.
    let (_, download) = begin().await.unwrap().part().unwrap().unwrap();
    let (_, download) = download.part().unwrap().unwrap();
    let (gone, sent) = (ids[100], ids[650]);
    node.app
        .store
        .write(move |tx| {
            tx.remove_request(gone)?;
            let mut request = tx.request(sent)?.unwrap();
            request.status = Status::Sent;
            tx.put_request(&request)?;
            let mut new = request.clone();
            new.id = tx.next_request_id()?;
            new.status = Status::Draft;
            tx.put_request(&new)
        })
        .await
        .unwrap();
    let (part, download) = download.part().unwrap().unwrap();
    assert_eq!(part.iter().filter(|byte| **byte == b'\n').count(), 500);
    node.remove_user("c-staff").await;
    assert!(matches!(download.part(), Err(Error::SignedOut)));
}
