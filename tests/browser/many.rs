//! What a garage does to many requests at once: 依頼データ一括登録 from a file, 一括送信 from the list, and the pages on which
//! the long work is followed.

use crate::harness::{Page, Stage, plain};
use std::path::Path;
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("many"));

const HEAD: &str = "自動車登録番号（地名）,自動車登録番号（分類）,自動車登録番号（仮名）,自動車登録番号（番号）,車台番号,依頼人拠点コード,\
    代理人拠点ID,名義,氏名又は名称（漢字）,住所1,住所2,車検証有効期間,電子車検証更新区分,メモ,社内番号";

/// A row that can be sent. 代理人拠点ID and 電子車検証更新区分 are left empty, as people do who mean the usual.
fn row(n: u32) -> String {
    format!("品川,301,さ,{n},MANY-{n},001,,個人,見本　太郎,東京都みどり区,１－２－３,2年指定整備車,,代車あり,S-{n}")
}

fn enter(test: &str) -> Page {
    let who = STAGE.person("client", "staff_send");
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page
}

fn file(folder: &Path, name: &str, rows: &[String]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("{HEAD}\r\n{}\r\n", rows.join("\r\n"))).expect("a file");
    path.to_string_lossy().into_owned()
}

fn upload(page: &Page, path: &str) {
    page.menu("依頼データ初期登録");
    page.at("【継続検査】依頼データ初期登録");
    page.link("依頼データ一括登録");
    page.at("【継続検査】依頼データ一括登録");
    page.fill("ファイル", path);
    page.button("アップロード");
    page.at("【継続検査】依頼データ一括登録 内容確認");
}

/// Until the long work on this page has ended; the page follows it by itself.
fn ended(page: &Page) {
    page.says("終わりました。");
    assert!(!page.offers("中止"));
}

/// From the table to requests: every problem by row and column first, then the chosen rows, then what came of each.
#[test]
fn many_requests_from_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = enter("many_requests_from_a_file");
    page.menu("依頼データ初期登録");
    page.link("依頼データ一括登録");
    page.at("【継続検査】依頼データ一括登録");
    page.look_over();
    page.button("アップロード");
    assert!(page.problems().join(" ").contains("選んで"), "{:?}", page.problems());
    page.look_over();
    let wrong = folder.path().join("売上.csv");
    std::fs::write(&wrong, "日付,売上\r\n2026/12/01,100\r\n").expect("a file");
    page.fill("ファイル", &wrong.to_string_lossy());
    page.button("アップロード");
    assert!(page.problems().join(" ").contains("見出し「車台番号」の列がありません"), "{:?}", page.problems());

    let rows = [
        row(2001),
        row(2002).replace(",001,", ",みなみ,").replace("2年指定整備車", "5年"),
        row(2003).replace(",さ,", ",お,").replace("MANY-2003", "車台"),
        row(2001).replace("MANY-2001", "MANY-2004"),
        row(2005).replace("見本　太郎", ""),
    ];
    upload(&page, &file(folder.path(), "12月分.csv", &rows));
    page.says("次の列は取り込みません：社内番号");
    page.reads("データの行数", "5行");
    page.reads("登録できる行", "3行");
    page.reads("うち、送信もできる行", "2行");
    let judged = page.table(None);
    assert_eq!(judged.column("判定"), ["登録できます", "登録できません", "登録できません", "確認", "登録できます"]);
    page.look_over();
    page.link("登録できない行（2行）");
    page.says("拠点「みなみ」は選べません");
    page.look_over();
    page.link("すべて（5行）");
    page.check("行番号を指定する");
    page.fill("行番号", "2-4");
    page.button("登録");
    let problems = page.problems().join(" ");
    assert!(problems.contains("3行目は登録できません"), "{problems}");
    page.look_over();

    page.check("登録できる行だけ（3行）");
    page.check("送信");
    page.button("登録");
    page.at("【継続検査】依頼データ一括登録の結果");
    ended(&page);
    page.says("1件を登録して送信しました。");
    page.look_over();
    page.button("依頼データ一括登録");
    page.at("【継続検査】依頼データ一括登録 内容確認");
    page.reads("登録済みの行", "1行");
    page.look_over();

    // Long enough to be seen on its way.
    let rows: Vec<String> = (1..=300).map(|n| row(4000 + n)).collect();
    upload(&page, &file(folder.path(), "年末.csv", &rows));
    page.says("1 - 20 / 300 件");
    page.button("登録");
    page.at("【継続検査】依頼データ一括登録の結果");
    page.look_over();
    ended(&page);
    page.says("300件を登録しました。");
}

/// Two drafts and one that lacks something are chosen in the list; what can't be sent is said before and after.
#[test]
fn chosen_requests_are_sent_together() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = enter("chosen_requests_are_sent_together");
    let rows = [row(3001), row(3002), row(3003).replace("見本　太郎", "")];
    upload(&page, &file(folder.path(), "送信.csv", &rows));
    page.button("登録");
    ended(&page);
    page.button("一括処理の一覧");
    page.at("一括処理の一覧");
    page.look_over();

    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    for chassis in ["MANY-3001", "MANY-3002", "MANY-3003"] {
        page.check_row(chassis);
    }
    page.button("一括送信");
    page.at("【継続検査】一括送信");
    page.says("次の2件を代理人に送信します。送信できない1件は送信しません。");
    assert_eq!(page.table(Some("送信できない依頼データ")).column("車台番号"), ["MANY-3003"]);
    page.look_over();
    page.button("確定");
    page.at("【継続検査】一括送信の結果");
    ended(&page);
    page.says("2件を送信しました。");
    let table = page.table(None);
    assert_eq!(table.column("結果"), [plain("できました"), plain("できました")]);
    page.look_over();
}

/// 詳細条件 stay as they were left: in the address, over 検索, other pages and going back; those in use are shown.
#[test]
fn folded_conditions_stay_folded() {
    let page = enter("folded_conditions_stay_folded");
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    page.button("詳細条件を隠す");
    assert!(page.offers("詳細条件を表示") && page.address().contains("details=closed"), "{}", page.address());
    page.button("検索");
    page.at("【継続検査】依頼データ検索");
    assert!(page.offers("詳細条件を表示"));
    page.reload();
    page.at("【継続検査】依頼データ検索");
    assert!(page.offers("詳細条件を表示"));
    page.look_over();
    page.button("詳細条件を表示");
    assert!(page.address().contains("details=open"), "{}", page.address());
    page.fill("メモ", "どこにもない言葉");
    page.button("検索");
    page.says("0 件を表示");
    page.look_over();
    page.button("詳細条件を隠す");
    page.reload();
    page.at("【継続検査】依頼データ検索");
    assert!(page.offers("詳細条件を隠す"), "in use");
}
