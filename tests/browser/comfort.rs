//! Working comfortably: keys only, ten in a row, many at once.

use crate::harness::{Page, Stage};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("comfort"));

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const ALT: &str = "\u{E00A}";
const RELEASE: &str = "\u{E000}";

fn alt(letter: char) -> String {
    format!("{ALT}{letter}{RELEASE}")
}

/// Signs in with keys only; the page is お知らせ案内検索.
fn enter(test: &str, role: &str) -> Page {
    let who = STAGE.person("client", role);
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.at("ログイン");
    page.keys(&format!("{}{TAB}{}{ENTER}", who.login_id, who.password));
    page.at("お知らせ案内検索");
    page
}

/// Walks with Tab to a link or button, as somebody without a mouse does.
fn tab_to(page: &Page, label: &str) {
    for _ in 0..80 {
        if page.focused() == crate::harness::plain(label) {
            return;
        }
        page.keys(TAB);
    }
    panic!("Tab never reaches {label}");
}

/// 初期登録 from the first box to its 照会: the plate's boxes lead on by themselves.
fn write_vehicle(page: &Page, number: u32, with_branch: bool) {
    page.keys(&format!("品川{ENTER}"));
    page.keys("300");
    page.keys("さ");
    page.keys(&(7_300 + number).to_string());
    page.keys(&format!("KEYS-{:07}{ENTER}", 1_000 + number));
    if with_branch {
        page.keys(&format!("{TAB}北"));
    }
    page.keys(&alt('k'));
    page.at("【継続検査】依頼データ照会");
}

/// J4-2 without a mouse: sign-in, 初期登録, 更新, 送信; Enter alone never sends.
#[test]
fn j4_2_keyboard_only() {
    let page = enter("j4_2_keyboard_only", "staff_send");
    tab_to(&page, "依頼データ初期登録");
    page.keys(ENTER);
    page.at("【継続検査】依頼データ初期登録");
    tab_to(&page, "地名");
    write_vehicle(&page, 0, true);
    page.reads("自動車登録番号", "品川-300-さ-7300");
    page.reads("車台番号", "KEYS-0001000");
    page.keys(&alt('u'));
    page.at("【継続検査】依頼データ更新");
    tab_to(&page, "名義");
    page.keys(&format!("個{TAB}"));
    // Enter leads on, whatever is checked: the page stays.
    page.keys(&format!("ﾐﾎﾝ 太郎{ENTER}"));
    page.says("変換しました");
    assert_eq!(page.typed("氏名又は名称（漢字）"), "ミホン　太郎");
    page.keys(&format!("{ENTER}東京都みどり区{ENTER}1-2-3{ENTER}2年{TAB}"));
    page.look_over();
    tab_to(&page, "送信");
    page.keys(" ");
    assert_eq!(page.checked("送信"), Some(true));
    page.keys(ENTER);
    assert_eq!(page.heading().as_deref(), Some("【継続検査】依頼データ更新"));
    page.keys(&alt('k'));
    page.at("【継続検査】依頼データ照会");
    page.reads("申請ステータス", "受付前");
    page.reads("氏名又は名称（漢字）", "ミホン　太郎");
}

/// Ten vehicles one after the other: after 確定 the next is one key away, with the workshop and agent of the last.
#[test]
fn j4_2_ten_in_a_row_by_keys() {
    let page = enter("j4_2_ten_in_a_row_by_keys", "staff_send");
    tab_to(&page, "依頼データ初期登録");
    page.keys(ENTER);
    page.at("【継続検査】依頼データ初期登録");
    tab_to(&page, "地名");
    write_vehicle(&page, 1, true);
    for number in 2..=10 {
        page.keys(&alt('n'));
        page.until_heading("【継続検査】依頼データ初期登録");
        assert_eq!(page.focused(), "地名");
        write_vehicle(&page, number, false);
        page.reads("車台番号", &format!("KEYS-{:07}", 1_000 + number));
        assert!(page.value_of("依頼人").contains("北工場"));
    }
}

/// 一括送信: chosen, looked at, sent in the background, each with its result; and help one click away.
#[test]
fn c_many_are_sent_at_once() {
    let page = enter("c_many_are_sent_at_once", "staff_send");
    page.menu("依頼データ初期登録");
    tab_to(&page, "地名");
    write_vehicle(&page, 20, true);
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    page.button("検索結果をすべて一括送信");
    page.at("【継続検査】一括送信");
    page.says("送信できない依頼データ");
    page.narrow();
    page.look_over();
    page.widen();
    page.button("確定");
    page.until_heading("【継続検査】一括送信の結果");
    page.says("終わりました");
    page.look_over();
    page.button("一括処理の一覧");
    page.at("一括処理の一覧");
    page.open(&format!("{}/help", page.origin()));
    page.at("使い方");
    page.fill("使い方を探す", "一括");
    page.button("検索");
    page.at("使い方");
    page.link("一括送信");
    page.at("使い方:一括送信");
}

/// On paper: whose page of when it is, no menus and buttons, nothing cut off; lists of requests lie across the sheet.
#[test]
fn pages_are_ready_to_print() {
    let page = enter("pages_are_ready_to_print", "staff_send");
    page.print(false, 2);
    page.menu("申請データ検索");
    page.at("【継続検査】申請データ検索");
    page.says("みどり自動車整備株式会社");
    page.print(true, 2);
    let first = page.table(None).column("申請ID")[0].to_owned();
    page.link(&first);
    page.at("【継続検査】申請データ照会");
    page.print(false, 3);
    page.menu("依頼データ初期登録");
    page.at("【継続検査】依頼データ初期登録");
    page.print(false, 1);
}

/// The lists of administrators and what is in them, upright on one sheet each; statistics with their charts.
#[test]
fn administration_is_ready_to_print() {
    let page = enter("administration_is_ready_to_print", "administrator");
    for noun in ["依頼人ユーザー", "依頼人組織", "依頼人拠点", "依頼先代理人", "申請テンプレート"]
    {
        page.menu(&format!("{noun}管理"));
        page.at(&format!("{noun}検索"));
        page.print(false, 1);
        let list = page.table(None);
        let first = list.column(&list.columns[0])[0].to_owned();
        page.link(&first);
        page.at(&format!("{noun}照会"));
        page.print(false, 1);
    }
    let who = STAGE.person("agent", "administrator");
    let page = STAGE.browser("administration_is_ready_to_print-agent");
    page.open(&who.url);
    page.fill("ログインID", &who.login_id);
    page.fill("パスワード", &who.password);
    page.button("ログイン");
    page.menu("申請データ統計検索");
    page.at("申請データ統計検索");
    page.print(false, 2);
}

/// What was typed is not left by accident: the browser asks, and the page stays where it is asked to.
#[test]
fn unsaved_entries_are_not_left_by_accident() {
    let page = enter("unsaved_entries_are_not_left_by_accident", "staff_send");
    page.menu("依頼データ初期登録");
    page.at("【継続検査】依頼データ初期登録");
    assert!(!page.would_ask_before_leaving());
    page.fill("車台番号", "KEYS-0009999");
    assert!(page.would_ask_before_leaving());
}
