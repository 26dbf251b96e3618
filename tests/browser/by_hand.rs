//! Filing at the real portal by hand: the node tells what to type and keeps what was seen.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start_with("by-hand", &["--by-hand"]));

/// Writes down one observation of the application on the page.
fn report(page: &Page, what: &str, fill: impl FnOnce(&Page)) {
    page.button("転記・経過の記録");
    page.at("【継続検査】転記・経過の記録");
    page.link(what);
    page.says(what);
    fill(page);
    page.button("確定");
    page.at("【継続検査】申請データ照会");
    page.banner(&format!("「{what}」を記録しました"));
}

fn issue(page: &Page, fee: &str, amount: &str) {
    report(page, "手数料・税の納付情報の発行", |page| {
        page.choose("手数料・税種別", fee);
        page.fill("税手数料額", amount);
        page.fill("納付期限日", "2030-12-31");
    });
}

fn paid(page: &Page, means: &str) {
    report(page, "納付の完了", |page| {
        page.fill("納付完了日", "2026-12-01");
        page.choose("納付方法", means);
    });
}

/// A file to prove something with.
fn proof(folder: &std::path::Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path.to_str().expect("a plain name").to_owned()
}

/// J4-n by hand: from 申請 over 転記 and every observation, with proofs, to 交付完了, as an office without any connection
/// does it.
#[test]
fn j4_n_by_hand_to_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let who = STAGE.person("agent", "staff");
    let page = STAGE.browser("j4_n_by_hand");
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    page.check_in("申請ステータス", "受付前");
    page.button("検索");
    let id = page.table(None).column("申請ID").first().map(|id| (*id).to_owned()).expect("a request has arrived");
    page.link(&id);
    page.button("受付");
    page.button("申請");
    page.button("確定");
    page.banner("申請しました");

    page.menu("転記待ち");
    page.at("【継続検査】転記待ち");
    page.look_over();
    page.print(true, 1);
    page.button("確定");
    page.banner("受付番号が入力されていません");
    page.fill(&format!("申請ID {id} の受付番号"), "ABC");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("受付番号は、半角数字")));
    page.look_over();
    page.link(&id);
    page.at("【継続検査】転記・経過の記録");
    page.look_over();
    page.says("証拠ファイルはまだありません");
    page.print(false, 1);
    // Nobody invents a number: it is taken only as somebody typed it.
    page.link("申請受付（受付番号が付いた）");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("受付番号は、半角数字")));
    page.look_over();
    page.fill("受付番号", "2026-1201-0000-0000-123");
    page.fill("証拠ファイル", &proof(folder.path(), "控え.pdf", b"<html>not a PDF</html>"));
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("PDF・PNG・JPEGのいずれでもありません")));
    page.look_over();
    page.fill("証拠ファイル", &proof(folder.path(), "控え.pdf", b"%PDF-1.7 receipt"));
    page.button("確定");
    page.at("【継続検査】申請データ照会");
    page.reads("受付番号", "2026120100000000123");

    page.button("転記・経過の記録");
    page.at("【継続検査】転記・経過の記録");
    assert_eq!(page.table(Some("証拠ファイル")).column("ファイル"), [plain("控え.pdf")]);
    page.fill("追加するファイル", &proof(folder.path(), "画面.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"));
    page.button("証拠ファイルを追加");
    page.banner("証拠ファイルを追加しました");
    assert_eq!(page.table(Some("証拠ファイル")).column("種類"), ["PDF", "JPEG"]);
    page.look_over();
    page.button("戻る");

    issue(&page, "検査登録手数料", "1800");
    page.menu("登録車OSS納付");
    page.at("登録車OSS納付");
    page.says("この画面からは納付されません");
    page.look_over();
    page.link(&id);
    paid(&page, "ダイレクト納付");
    issue(&page, "技術情報管理手数料", "400");
    paid(&page, "立替");
    report(&page, "検査審査の開始", |_| {});
    issue(&page, "自動車重量税", "24,600円");
    paid(&page, "ダイレクト納付");
    report(&page, "審査完了（交付待ち）", |page| {
        page.fill("完了日", "2026-12-01");
        page.fill("交付準備完了日", "2026-12-01");
        page.fill("新しい有効期間満了日", "2029-01-10");
        page.look_over();
    });
    page.begins("申請ステータス", "手続完了");
    report(&page, "交付完了", |page| page.fill("交付日", "2026-12-01"));
    page.has("履歴", "記録");
    page.look_over();
}
