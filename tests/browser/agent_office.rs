//! What an agent's staff do beside one request after the other: requests for garages without a PC, and 申請 and 納付 of many
//! at once.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("agent-office"));

fn enter(test: &str, application: &str, role: &str) -> Page {
    let who = STAGE.person(application, role);
    let page = STAGE.browser(&format!("{test}-{application}"));
    page.open(&who.url);
    page.at("ログイン");
    page.fill("ログインID", &who.login_id);
    page.fill("パスワード", &who.password);
    page.button("ログイン");
    page.at("お知らせ案内検索");
    page
}

fn staff(test: &str) -> Page {
    enter(test, "agent", "staff")
}

/// The four boxes of a plate.
fn plate(page: &Page, group: &str, parts: [&str; 4]) {
    for (part, value) in ["地名", "分類", "仮名", "番号"].into_iter().zip(parts) {
        page.fill_in(group, part, value);
    }
}

/// 使用者 and the rest, as the facsimile says.
fn fill_update(page: &Page) {
    page.choose("名義", "個人");
    page.fill("氏名又は名称（漢字）", "見本　太郎");
    page.fill("住所1", "東京都みどり区あおば町");
    page.fill("住所2", "２丁目２２－２２２");
    page.choose("車検証有効期間", "2年指定整備車");
}

/// B11, 代行入力: a garage sends a facsimile; the agent writes it down, files it, and the garage sees it in its lists.
#[test]
fn b11_entry_for_a_garage_without_a_pc() {
    let page = staff("b11_entry");
    page.menu("代行入力");
    page.at("【継続検査】代行入力");
    page.says("みどり自動車整備株式会社");
    page.look_over();
    page.fill("依頼人組織ID", "999999999");
    page.button("検索");
    page.says("条件に合う依頼人はありません。");
    page.look_over();
    page.fill("依頼人組織ID", "みどり");
    page.button("検索");
    assert!(page.problems().join(" ").contains("数字9けた"), "{:?}", page.problems());
    page.look_over();
    page.button("リセット");
    page.link("102400005");
    page.at("【継続検査】代行入力");
    page.says("依頼人組織ID 102400005");
    page.look_over();
    // Nothing is filled in: everything is marked.
    page.button("確定");
    let problems = page.problems().join(" ");
    for missing in ["依頼の方法", "地名", "車台番号", "拠点"] {
        assert!(problems.contains(&plain(missing)), "{missing}: {problems}");
    }
    page.look_over();
    page.choose("依頼の方法", "FAX");
    plate(&page, "自動車登録番号（標板）", ["品川", "300", "さ", "7901"]);
    page.fill("車台番号", "FAXED-0790100");
    page.choose("拠点", "北工場");
    page.holds("代理人の拠点", "みどり本所");
    page.look_over();
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.banner("代行入力で登録し、受付済にしました。");
    page.begins("申請ステータス", "受付済");
    let id = page.value_of("申請ID");
    page.look_over();
    page.button("依頼データ更新");
    page.at("【継続検査】依頼データ更新");
    fill_update(&page);
    page.button("確定");
    page.banner("依頼データを更新しました。");
    // The next one of the same workshop turns out to be wrong, and goes again.
    page.button("続けて代行入力");
    page.at("【継続検査】代行入力");
    page.holds("依頼の方法", "FAX");
    page.holds("拠点", "北工場");
    plate(&page, "自動車登録番号（標板）", ["品川", "300", "さ", "7902"]);
    page.fill("車台番号", "FAXED-0790200");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    let wrong = page.value_of("申請ID");
    page.button("依頼データ削除");
    page.at("【継続検査】依頼データ削除");
    page.look_over();
    page.button("確定");
    page.at("【継続検査】依頼データ検索");
    page.banner(&format!("申請ID {wrong}"));
    page.look_over();

    // The garage sees it before it is filed.
    let garage = enter("b11_entry", "client", "staff_send");
    garage.menu("依頼データ検索");
    garage.at("【継続検査】依頼データ検索");
    garage.look_over();
    garage.link(&id);
    garage.at("【継続検査】依頼データ照会");
    garage.says("代理人が代行入力した依頼データです。");
    garage.says("依頼の方法：FAX");
    assert!(!garage.offers("依頼データ更新") && !garage.offers("依頼データ削除"));
    garage.look_over();

    page.link(&id);
    page.at("【継続検査】依頼データ照会");
    page.button("申請");
    page.at("【継続検査】申請");
    page.button("確定");
    page.at("【継続検査】申請データ検索");
    page.banner("1件を申請しました。");
    page.link(&id);
    page.at("【継続検査】申請データ照会");
    page.says("代行入力");

    // A light vehicle, asked for by telephone, of a garage that never asked before.
    page.menu("（軽）継続検査");
    page.menu("代行入力");
    page.at("【（軽）継続検査】代行入力");
    page.fill("依頼人組織ID", "102400013");
    page.button("検索");
    page.says("はじめての依頼");
    page.look_over();
    page.link("102400013");
    page.at("【（軽）継続検査】代行入力");
    page.choose("依頼の方法", "電話");
    plate(&page, "車両番号（標板）", ["品川", "580", "さ", "7903"]);
    page.fill("車台番号", "FAXED-0790300");
    page.choose("拠点", "本店工場");
    page.look_over();
}
