//! The harness itself, on a fixed page: what the eyes see, what they don't, and that the audits find what is wrong.
//! Without this a walk could pass by seeing nothing.

use crate::harness::{Driver, Page};
use std::sync::LazyLock;

static DRIVER: LazyLock<Driver> = LazyLock::new(|| Driver::start("sight", None));

fn fixture(test: &str) -> Page {
    let page = DRIVER.browser(test);
    page.open(concat!("file://", env!("CARGO_MANIFEST_DIR"), "/tests/browser/fixture.html"));
    page
}

#[test]
fn sight_reads_and_fills_by_visible_names() {
    let page = fixture("sight-reads");
    page.banner("登録しました");
    assert_eq!(page.problems(), ["車台番号を入力してください。"]);
    assert_eq!(page.value_in("状況照会", "申請ステータス"), "申請中");
    assert_eq!(page.value_of("申請ステータス"), "申請中");
    let table = page.table(Some("納付情報"));
    assert_eq!(
        (table.len(), table.column("税手数料額"), table.column("納付状況")),
        (1, vec!["1,450円"], vec!["納付済"])
    );
    let labels: Vec<(String, String)> = page.labels();
    let labels: Vec<(&str, &str)> = labels.iter().map(|(block, label)| (block.as_str(), label.as_str())).collect();
    assert_eq!(
        labels,
        [
            ("状況照会", "申請ステータス"),
            ("状況照会", "車台番号"),
            ("納付情報", "税手数料額"),
            ("納付情報", "納付状況")
        ]
    );

    assert_eq!(page.typed("車台番号"), "ABC");
    page.fill("車台番号", "ＣＡＲ-1");
    page.fill_in("自動車登録番号（標板）", "地名", "品川");
    page.fill_in("自動車登録番号（標板）", "分類", "300");
    page.fill("パスワード", "Secret-12");
    page.check_row("1,450円");
    page.fill("申請予定日", "2026-12-04");
    page.choose("拠点", "北工場");
    assert_eq!((page.chosen("拠点"), page.options("拠点").len()), ("北工場".to_owned(), 2));
    assert_eq!(page.checked("送信"), Some(false));
    page.check("送信");
    page.button("確定");
    page.says("ＣＡＲ-1/2026-12-04/北工場/true");
    assert_eq!(page.heading().as_deref(), Some("【継続検査】次の頁"));
}

#[test]
fn sight_misses_what_is_hidden() {
    let page = fixture("sight-hidden");
    assert!(page.offers("確定") && !page.offers("削除") && !page.offers("奥の釦") && !page.offers("ログアウト"));
    assert_eq!(page.pressables("menu"), ["ログアウト", "申請データ検索"]);
    assert_eq!(page.checked("隠れた項目"), None);
    page.button("詳細");
    assert!(page.offers("奥の釦"));
    page.menu("申請データ検索");
    assert!(page.address().ends_with("#a"));
}

#[test]
fn sight_audits_find_what_is_wrong() {
    let page = fixture("sight-audits");
    page.banner("登録しました");
    let before = page.violations();
    assert!(before.iter().any(|found| found.contains("label")), "a box without a name: {before:?}");
    assert_eq!(page.overflow(), 0);
    page.narrow();
    assert_eq!(page.overflow(), 0, "a small page fits a phone");
    page.open("data:text/html,<h1>wide</h1><p style='width:600px'>wide</p>");
    assert_eq!(page.overflow(), 600 + 8 - 375);
}
