//! 依頼データ一括登録: from the empty table to requests, with everything that can be wrong on the way.

mod many;

use crate::kit::world::{NORTH, SOUTH};
use crate::kit::{Browser, Page, TestApp};
use ainas::domain::procedure::inspection::no;
use ainas::domain::request::{ServiceRequest, Status};
use axum::http::StatusCode;
use calamine::{Reader, Xlsx};
use std::io::Cursor;

const IMPORT: &str = "/client/inspection/requests/import";
const HEAD: &str = "自動車登録番号（地名）,自動車登録番号（分類）,自動車登録番号（仮名）,自動車登録番号（番号）,車台番号,拠点,\
    名義,氏名又は名称（漢字）,住所1,住所2,車検証有効期間,電子車検証更新区分,申請予定日,メモ";
/// Everything that a request needs to be sent.
const GOOD: &str =
    "品川,300,さ,{n},IMP-{n},北工場,個人,見本　太郎,東京都みどり区,１－２－３,2年指定整備車,運輸支局等,2026/12/24,";

fn good(n: u32) -> String {
    GOOD.replace("{n}", &n.to_string())
}

fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEAD}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

async fn uploaded(staff: &mut Browser<'_>, content: &[u8]) -> Page {
    staff.get(IMPORT).await;
    staff.post_files(IMPORT, &[], &[("file", "12月分.csv", content)]).await
}

async fn requests(node: &TestApp) -> Vec<ServiceRequest> {
    let first = node.world.sent.0 + 1;
    let found = node.app.store.read(|tx| {
        (first..first + 60).map(|id| tx.request(ainas::domain::ids::RequestId(id))).collect::<Result<Vec<_>, _>>()
    });
    found.unwrap().into_iter().flatten().collect()
}

#[tokio::test]
async fn rows_become_requests_and_the_result_names_each() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let rows = [
        good(1001),
        good(1002).replace("北工場", "工場長"),
        good(1003).replace(",さ,", ",お,").replace("IMP-1003", "あ"),
        good(1001).replace("IMP-1001", "IMP-9"),
        good(1005).replace("見本　太郎", "").replace("北工場", "002"),
    ];
    let page = uploaded(&mut staff, &file(&rows)).await;
    page.shows("【継続検査】依頼データ一括登録 内容確認").shows("12月分.csv").shows("データの行数 5行");
    page.shows("登録できる行 3行").shows("うち、送信もできる行 2行").shows("登録できない行 2行");
    page.shows("拠点「工場長」は選べません。次のコードなどから選んでください：001、002");
    page.shows("自動車登録番号（仮名）：").shows("車台番号：").shows("2行目と同じ車両です");
    page.shows("氏名又は名称（漢字）を入力してください");
    assert_eq!(requests(&node).await, [], "nothing is registered before 登録");
    let address = page.path.clone();
    staff.get(&format!("{address}?show=bad")).await.shows("3 登録できません").hides("2 登録できます");

    // A row that can't be registered is not passed over in silence when it is named.
    staff.get(&address).await;
    let refused = staff.post(&address, &[("rows", "some"), ("lines", "2-4")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("3行目は登録できません").shows("4行目は登録できません");
    let refused = staff.post(&address, &[("rows", "some"), ("lines", "二")]).await;
    refused.shows("行番号「二」が読み取れません");

    let work = staff.post(&address, &[("rows", "all"), ("send", "on")]).await;
    work.shows("依頼データ一括登録").shows("0 / 1 件");
    node.app.run_due_jobs().await.unwrap();
    let made = requests(&node).await;
    let [sent] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((sent.status, sent.branch, sent.text(no::NAME)), (Status::Sent, NORTH, "見本　太郎"));
    assert_eq!(sent.day(no::PLANNED_ON).map(|day| day.to_string()).as_deref(), Some("2026/12/24"));

    // The others later, with the doubt accepted; the first is not registered twice.
    staff.get(&address).await.shows("登録済みの行 1行");
    let work = staff.post(&address, &[("rows", "all"), ("doubtful", "on")]).await;
    work.shows("0 / 2 件");
    work.shows("5行目 品川 300 さ 1001 見本 太郎 順番待ち");
    node.app.run_due_jobs().await.unwrap();
    let made = requests(&node).await;
    assert_eq!(
        made.iter().map(|r| (r.status, r.branch)).collect::<Vec<_>>(),
        [(Status::Sent, NORTH), (Status::Draft, NORTH), (Status::Draft, SOUTH)]
    );
    staff.get(&work.path).await.shows("終わりました。2件を登録しました。");

    let result = staff.get(&format!("{address}/result?format=csv")).await;
    let lines: Vec<&str> = result.body.lines().collect();
    assert!(lines[1].starts_with(&format!("2,登録しました,{},", sent.id)), "{}", lines[1]);
    assert!(lines[2].starts_with("3,登録できませんでした,,") && lines[2].contains("工場長"), "{}", lines[2]);
    let again = uploaded(&mut staff, &result.bytes).await;
    again.shows("次の列は取り込みません：行、結果、申請ID、理由").shows("データの行数 5行");
    let found = node.app.store.read(ainas::store::check::check).unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn the_same_file_and_the_same_vehicle_are_warned_of() {
    let node = TestApp::new().await;
    let content = file(&[good(1234).replace("300", "330")]);
    let mut staff = node.as_user("c-staff").await;
    let first = uploaded(&mut staff, &content).await;
    first.shows("同じ車両の依頼データ・申請データがあります").shows(&node.world.draft.to_string());
    let mut north = node.as_user("c-north").await;
    let second = uploaded(&mut north, &content).await;
    second.shows("同じ内容のファイルが").shows("青葉 花子さんによってアップロード");
    // Without a look at the doubt there is nothing to register.
    let refused = north.post(&second.path, &[("rows", "all")]).await;
    refused.shows("登録できる行がありません。選び方を確認してください。");
    // Another's upload does not exist.
    assert_eq!(north.get(&first.path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_send_and_who_has_one_workshop_stay_within_it() {
    let node = TestApp::new().await;
    let mut south = node.as_user("c-south").await;
    uploaded(&mut south, &file(&[good(1001)])).await.shows("拠点「北工場」は選べません").shows("登録できる行 0行");
    let mut nosend = node.as_user("c-nosend").await;
    let page = uploaded(&mut nosend, &file(&[good(1001)])).await;
    page.hides("送信フラグ").hides("送信もできる行");
    let address = page.path.clone();
    assert_eq!(nosend.forge(&address, &[("rows", "all"), ("send", "on")]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_template_comes_back_filled_in() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let template = staff.get(&format!("{IMPORT}/template?format=xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(template.bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names, ["【継続検査】依頼データ", "入力のしかた", "選択肢"]);
    let head = book.worksheet_range(&names[0]).unwrap();
    let headings: Vec<String> = head.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(headings[..2], ["自動車登録番号（地名）", "自動車登録番号（分類）"]);
    let csv = staff.get(&format!("{IMPORT}/template?format=csv")).await;
    assert_eq!(csv.body.trim_start_matches('\u{feff}').trim_end(), headings.join(","));
}

#[tokio::test]
async fn what_is_no_table_is_refused_with_a_sentence() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    for (content, says) in [
        (b"\xd0\xcf\x11\xe0rest".to_vec(), "古い形式"),
        (b"PK\x03\x04nothing".to_vec(), "Excelファイルとして読み取れません"),
        (b"\x81\x00\xff\xfe".to_vec(), "読み取れないファイルです"),
        (HEAD.as_bytes().to_vec(), "データの行がありません"),
        (b"a,b\r\n1,2".to_vec(), "見出し「車台番号」の列がありません"),
        (format!("{HEAD},車台番号\r\n{}", good(1)).into_bytes(), "見出し「車台番号」の列が2つあります"),
        (file(&vec![good(1); 10_001]), "行が多すぎます"),
        (file(&[good(1).replace("見本　太郎", &"あ".repeat(2_001))]), "2000文字を超えるセル"),
    ] {
        let page = uploaded(&mut staff, &content).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        page.shows(says).shows("もう一度選んでください");
    }
    staff.get(IMPORT).await;
    staff.post_files(IMPORT, &[], &[]).await.shows("選んで");
}
