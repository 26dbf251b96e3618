//! The outside systems as instructors and officials use them.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("outside"));

fn enter(test: &str, role: &str) -> Page {
    let who = STAGE.person("sim", role);
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("OSSポータル 申請一覧");
    page
}

/// Every system of the menu, filled and with a form in error; 保適証 goes through 引戻し, 修正 and 再登録.
#[test]
fn an_instructor_plays_the_outside_world() {
    let page = enter("outside_instructor", "instructor");
    page.look_over();
    let first = page.table(None).column("受付番号").first().map(|number| (*number).to_owned()).expect("filings");
    page.link(&first);
    page.at("OSSポータル 申請");
    page.look_over();

    page.menu("車両台帳");
    page.look_over();
    page.link("車両の登録");
    page.fill("車台番号", "あ");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("車両重量")));
    page.look_over();

    page.menu("保適証サービス");
    page.look_over();
    page.link("保適証の登録");
    for (part, value) in [("地名", "品川"), ("分類", "300"), ("仮名", "さ"), ("番号", "1234")] {
        page.fill_in("番号", part, value);
    }
    page.fill("車台番号", "OUTSIDE-0000001");
    page.button("登録");
    page.at("保安基準適合証");
    page.reads("状態", "作成済");
    page.button("引戻し");
    page.reads("状態", "作成中");
    page.look_over();
    page.fill_in("番号", "地名", "練馬");
    page.button("修正");
    page.button("再登録");
    page.reads("状態", "作成済");

    page.menu("自賠責");
    page.look_over();
    page.menu("ダイレクト納付");
    page.look_over();
    page.menu("お支払い情報登録");
    page.fill("車台番号", "OUTSIDE-0000001");
    page.fill("カード番号", "4111111111111111");
    page.button("登録");
    assert!(page.problems().join(" ").contains(&plain("試験用の番号")));
    page.look_over();
    page.menu("記録事務代行アプリ");
    page.look_over();
    page.menu("環境設定");
    page.look_over();
}

/// 職員 has the office's work, and nothing else.
#[test]
fn an_official_has_the_offices_work() {
    let page = enter("outside_official", "official");
    assert!(!page.pressables("menu").contains(&plain("車両台帳")), "{:?}", page.pressables("menu"));
    page.choose("OSSステータス", "検査補正要求");
    page.button("検索");
    assert!(page.table(None).column("OSSステータス").iter().all(|status| status.contains(&plain("補正"))));
}

/// Every hard status by hand, as the help page tells: 受付審査中 and 検査審査中 wait for an official; 検査補正要求 with
/// fields that the official names; 中断中, 再開中 and on; 手続完了.
#[test]
fn an_official_names_what_is_to_be_mended_and_lets_go_on() {
    let test = "outside_by_hand";
    let official = enter(test, "instructor");
    official.menu("環境設定");
    official.choose("進み方", "手動（審査と交付は、職員・講師の処理を待ちます）");
    official.button("確定");

    let who = STAGE.person("agent", "staff");
    let agent = STAGE.browser(&format!("{test}-agent"));
    agent.open(&who.url);
    agent.sign_in(&who.login_id, &who.password);
    agent.at("お知らせ案内検索");
    agent.menu("継続検査");
    agent.menu("依頼データ検索");
    agent.check_in("申請ステータス", "受付済");
    agent.button("検索");
    let id = agent.table(None).column("申請ID").first().map(|id| (*id).to_owned()).expect("one that was accepted");
    agent.link(&id);
    agent.button("申請");
    agent.button("確定");
    agent.banner("申請しました");
    agent.menu("申請データ検索");
    agent.link(&id);
    let until = |status: &str| agent.reload_until(status, || agent.value_of("申請ステータス").contains(status));
    until("受付審査中");

    official.menu("OSSポータル");
    official.fill("受付番号・申請ID", &id);
    official.button("検索");
    let receipt = official.table(None).column("受付番号").first().map(|number| (*number).to_owned()).expect("a filing");
    official.link(&receipt);
    official.button("照合どおりに進める");
    for (waiting, fee) in
        [("検査登録手数料納付待ち", "検査登録手数料"), ("技術情報管理手数料納付待ち", "技術情報管理手数料")]
    {
        until(waiting);
        // From the application to its fee and back.
        agent.button("登録車OSS納付");
        agent.says("の納付だけを表示しています");
        assert_eq!(agent.table(None).column("手数料・税種別"), [fee]);
        agent.look_over();
        agent.button("納付");
        agent.button("確定");
        agent.banner("の納付を手続しました");
        agent.menu("申請データ検索");
        agent.link(&id);
    }
    until("検査審査中");
    assert!(!agent.offers("登録車OSS納付") || !agent.offers("OSSポータルで見る"));

    official.reload();
    official.says("項目を指定して補正を求める");
    official.button("補正を求める");
    assert!(official.problems().join(" ").contains("補正の内容"));
    official.look_over();
    official.fill("補正の内容", "使用者の住所の番地が、車検証と異なります。");
    official.check_in("補正を求める項目", "住所2");
    official.button("補正を求める");
    official.says("補正を待っています");
    official.look_over();

    until("補正要求");
    agent.says("番地が、車検証と異なります");
    agent.button("補正");
    agent.at("【継続検査】申請データ補正");
    agent.look_over();
    agent.fill("住所2", "");
    agent.button("確定");
    assert!(agent.problems().join(" ").contains(&plain("住所２")), "{:?}", agent.problems());
    agent.look_over();
    agent.fill("住所2", "９－９");
    agent.button("確定");
    agent.banner("補正を行いました");
    until("検査審査中");
    agent.reads("住所2", "９－９");

    // 中断予約 waits for whoever is at work; then 再開 waits for an official.
    agent.button("中断予約");
    agent.reads("中断予約", "予約中");
    official.reload();
    official.button("合格にする");
    until("中断中");
    agent.look_over();
    agent.button("再開");
    until("再開中");
    official.reload();
    official.look_over();
    official.button("再開する");
    until("申請中");
    agent.button("登録車OSS納付");
    agent.button("納付");
    agent.button("確定");
    agent.menu("申請データ検索");
    agent.link(&id);
    until("交付待ち");
    official.reload();
    official.button("交付する");
    until("交付完了");
}
