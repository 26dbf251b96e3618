//! The outside systems as instructors and officials use them.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("outside"));

fn enter(test: &str, role: &str) -> Page {
    let who = STAGE.person("sim", role);
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.at("ログイン");
    page.fill("ログインID", &who.login_id);
    page.fill("パスワード", &who.password);
    page.button("ログイン");
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
