//! What an agent's staff do beside one request after the other: requests for garages without a PC, and 申請 and 納付 of many
//! at once.

use crate::harness::{Page, SignIn, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("agent-office"));

fn enter(test: &str, who: &SignIn) -> Page {
    let page = STAGE.browser(&format!("{test}-{}", who.app));
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page
}

/// The other agent, whose requests no other walk touches.
fn colleague(test: &str) -> Page {
    enter(test, STAGE.another("agent", "staff"))
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
    let page = enter("b11_entry", STAGE.person("agent", "staff"));
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
    let garage = enter("b11_entry", STAGE.person("client", "staff_send"));
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

fn requests(page: &Page) {
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
}

/// 申請ID of the rows in a status.
fn in_status(page: &Page, status: &str) -> Vec<String> {
    let table = page.table(None);
    let rows = table.column("申請ID").into_iter().zip(table.column("申請ステータス"));
    rows.filter(|(_, state)| state.contains(status)).map(|(id, _)| id.to_owned()).collect()
}

/// Until the long work on this page has ended; the page follows it by itself.
fn ended(page: &Page) {
    page.says("終わりました。");
    assert!(!page.offers("中止"));
}

/// J4, 一括申請: what can't be filed is said before; what somebody else did meanwhile is said after, row by row.
#[test]
fn j4_many_are_filed_together() {
    let page = colleague("j4_filed");
    requests(&page);
    page.check("すべて選択");
    page.button("申請");
    page.at("【継続検査】申請");
    page.says("申請できない依頼データ");
    page.says("先に「受付」をしてください。");
    page.look_over();
    page.button("戻る");
    page.at("【継続検査】依頼データ検索");
    page.button("申請");
    page.banner("依頼データが選ばれていません。");
    let sent = in_status(&page, "受付前");
    for id in &sent {
        page.check_row(id);
    }
    page.button("受付");
    page.banner(&format!("{}件を受付しました。", sent.len()));
    page.look_over();

    // Everything that the search finds; a colleague files one of it while this page stands.
    page.button("検索結果をすべて一括申請");
    page.at("【継続検査】申請");
    page.says("委任を受けて");
    page.look_over();
    let other = colleague("j4_filed_by_a_colleague");
    requests(&other);
    let waiting = in_status(&other, "受付済");
    let [first, second, ..] = &waiting[..] else { panic!("too few to file: {waiting:?}") };
    other.check_row(first);
    other.button("申請");
    other.button("確定");
    other.banner("1件を申請しました。");
    page.button("確定");
    page.says("確認している間に検索結果が変わりました。");
    page.look_over();

    // Chosen ones: another is sent back meanwhile.
    requests(&page);
    page.check("すべて選択");
    page.button("申請");
    page.says(&format!("次の{}件を申請します。", waiting.len() - 1));
    requests(&other);
    other.link(second);
    other.button("差戻し");
    other.look_over();
    other.fill("差戻しの理由", "車台番号を確認してください。");
    other.button("確定");
    page.button("確定");
    page.at("【継続検査】一括申請の結果");
    ended(&page);
    page.says("1件はできませんでした。");
    page.look_over();
    page.button("できなかったもの（1件）");
    assert_eq!(page.table(None).column("申請ID"), [second.as_str()]);
    page.look_over();
    page.button("一括処理の一覧");
    page.at("一括処理の一覧");
    page.look_over();
}

/// J4, 一括納付: the sum grows while one chooses; 確定 pays what was shown, and says of each what came of it.
#[test]
fn j4_many_are_paid_together() {
    let page = colleague("j4_paid");
    page.menu("登録車OSS納付");
    page.at("登録車OSS納付");
    page.look_over();
    let table = page.table(None);
    let yen =
        |text: &str| text.split('円').next().unwrap_or("").replace(',', "").trim().parse::<u64>().expect("an amount");
    let rows: Vec<(String, u64)> = table
        .column("申請ID")
        .into_iter()
        .zip(table.column("税手数料額"))
        .map(|(id, amount)| (id.to_owned(), yen(amount)))
        .collect();
    let [(one, _), (two, _), (three, _), ..] = &rows[..] else { panic!("too few to pay: {rows:?}") };
    page.says("選択中 0件");
    for id in [one, two, three] {
        page.check_row(id);
    }
    let sum: u64 = rows.iter().take(3).map(|(_, amount)| amount).sum();
    let sum = format!("{},{:03}円", sum / 1_000, sum % 1_000);
    page.says(&format!("選択中 3件 合計 {sum}"));
    page.look_over();
    page.button("納付");
    page.says(&format!("次の3件、合計{sum}を納付します。"));
    page.look_over();
    let other = colleague("j4_paid_by_a_colleague");
    other.menu("登録車OSS納付");
    other.check_row(two);
    other.button("納付");
    other.button("確定");
    other.banner("1件の納付を手続しました。");
    other.look_over();
    page.button("確定");
    page.at("【継続検査】一括納付の結果");
    ended(&page);
    page.says("2件を納付手続に進めました。1件はできませんでした。");
    page.says("いま納付を待っていません");
    page.look_over();
}
