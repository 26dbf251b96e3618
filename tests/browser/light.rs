//! The inspection manual's walk for light vehicles: section 5 and the agent's half of it.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("light"));

const PLATE: &str = "車両番号（標板）";
const TITLE: &str = "【（軽）継続検査】";

fn enter(test: &str, application: &str, role: &str) -> Page {
    let page = STAGE.browser(&format!("{test}-{application}"));
    sign_in(&page, application, role);
    page
}

fn sign_in(page: &Page, application: &str, role: &str) {
    let who = STAGE.person(application, role);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page.menu("（軽）継続検査");
}

fn titled(what: &str) -> String {
    format!("{TITLE}{what}")
}

/// 依頼データ初期登録 (P52), first with what no light vehicle carries.
fn register(page: &Page, chassis: &str, serial: &str) -> String {
    page.menu("依頼データ初期登録");
    page.at(&titled("依頼データ初期登録"));
    page.says("軽OSSの対象外");
    for (part, value) in [("地名", "品川"), ("分類", "300"), ("仮名", "Ｅ"), ("番号", serial)] {
        page.fill_in(PLATE, part, value);
    }
    page.fill("車台番号", chassis);
    page.choose("拠点", "北工場");
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("分類") && problems.contains("仮名"), "{problems}");
    page.look_over();
    page.fill_in(PLATE, "仮名", "あ");
    page.check("小板");
    page.check("分類番号なし");
    page.button("確定");
    page.at(&titled("依頼データ照会"));
    for (label, value) in [
        ("車両番号", format!("品川-あ-{serial}").as_str()),
        ("小板フラグ", "小板"),
        ("車台番号", chassis),
        ("職権打刻フラグ", "職権打刻なし"),
        ("検査手数料等無料化", "無"),
        ("申請種別", "初回"),
        ("申請ステータス", "依頼前"),
    ] {
        page.reads(label, value);
    }
    assert!(page.value_of("申請先").contains("東京"), "{}", page.value_of("申請先"));
    assert!(!page.offers("電子委任状設定"));
    page.value_of("申請ID")
}

/// 依頼データ更新 (P54–56) and 送信.
fn send(page: &Page, id: &str) {
    page.button("依頼データ更新");
    page.at(&titled("依頼データ更新"));
    page.fill("氏名又は名称（漢字）", "株式会社見本運輸");
    page.fill("住所1", "みどり区あおば町");
    page.fill("住所2", "２丁目２２－２２２");
    page.fill("電子車検証管理番号", "12345051305");
    page.check("送信");
    page.button("確定");
    let problems = page.problems().join(" ");
    for label in ["住所1", "電子車検証管理番号", "車検証等受取区分"] {
        assert!(problems.contains(&plain(label)), "{label}: {problems}");
    }
    page.look_over();
    page.fill("住所1", "東京都みどり区あおば町");
    page.fill("電子車検証管理番号", "１２３４５０５１２０５");
    page.check("短縮可");
    page.check("放置違反金の領収書あり");
    page.choose("車検証等受取区分", "依頼人受取");
    page.choose("電子車検証更新区分", "軽検協事務所等");
    page.fill("口座ID", "02");
    page.fill("独自項目1", "DKZ1");
    page.button("確定");
    page.at(&titled("依頼データ照会"));
    page.reads("申請ID", id);
    page.reads("申請ステータス", "受付前");
    page.reads("電子車検証管理番号", "12345051205");
    assert!(!page.value_of("依頼日時").is_empty());
}

/// 受付 and 申請 by the agent.
fn file(page: &Page, id: &str) {
    page.menu("依頼データ検索");
    page.at(&titled("依頼データ検索"));
    page.link(id);
    page.button("受付");
    page.button("申請");
    page.at(&titled("申請"));
    page.button("確定");
    page.at(&titled("申請データ検索"));
    page.banner("申請しました");
}

/// Pays everything of an application that waits now.
fn pay(agent: &Page, id: &str, fees: &[&str]) {
    for fee in fees {
        agent.menu("軽OSS納付");
        agent.at("軽OSS納付");
        agent.look_over();
        agent.check_row_of(id, fee);
        agent.button("納付");
        agent.says("次の1件、合計");
        agent.look_over();
        agent.button("確定");
        agent.banner("の納付を手続しました");
        agent.reload_until("settled", || {
            let table = agent.table(None);
            !table
                .column("申請ID")
                .iter()
                .zip(table.column("納付状況"))
                .any(|(row, state)| *row == id && state == "納付待ち")
        });
    }
}

/// The page of P58 and P60 in the manual's order.
const APPLICATION: &[(&str, &[&str])] = &[
    (
        "head",
        &[
            "申請ID",
            "申請ステータス",
            "中断予約",
            "車両番号",
            "小板フラグ",
            "申請種別",
            "依頼日時",
            "車台番号",
            "職権打刻フラグ",
            "検査手数料等無料化",
            "依頼人",
            "依頼人更新者",
            "依頼人更新日時",
            "代理人",
            "代理人更新日時",
            "申請先",
            "申請日時",
        ],
    ),
    (
        "状況照会",
        &[
            "受付番号",
            "状況更新日時",
            "メッセージ",
            "申請状況ステータス",
            "手続再開ステータス",
            "軽検協事務所等お知らせ",
            "保安基準適合証取得",
            "自賠責保険証取得",
            "期限等お知らせ",
            "検査記録審査依頼日時",
            "検査記録完了日",
            "返付（交付）準備完了日",
            "車台番号",
            "記録等事務代行委託番号",
            "記録等事務代行名称",
            "記録等事務代行交付可能判定結果",
        ],
    ),
    ("納付情報", &["手数料・税種別", "税手数料額", "納付状況", "納付完了日", "納付期限日"]),
    ("使用者", &["氏名又は名称（漢字）", "住所1", "住所2"]),
    (
        "自動車及び諸条件",
        &[
            "車検証有効期間短縮可否",
            "放置違反金納付確認",
            "申請予定日",
            "車検証等受取区分",
            "電子車検証更新区分",
            "記録等事務代行者委託番号（申請個別指定）",
            "電子車検証管理番号",
            "口座ID",
            "オプションコード",
            "独自項目1",
            "独自項目2",
            "独自項目3",
            "独自項目4",
            "独自項目5",
            "メモ",
        ],
    ),
];

/// J5: 初期登録 → 更新 → 送信 → 受付 → 申請 → both fees → weight tax → 交付待ち with its code → 交付完了, for a garage and its
/// agent, on this page of the garage's.
fn walk(garage: &Page, test: &str, chassis: &str, serial: &str) {
    let id = register(garage, chassis, serial);
    send(garage, &id);
    let agent = enter(test, "agent", "staff");
    let office = instructor(test);
    pace(&office, "すぐに（決めた秒数ごとに進みます）", 0);
    file(&agent, &id);
    garage.menu("申請データ検索");
    garage.at(&titled("申請データ検索"));
    // Folded on a phone.
    if garage.offers("詳細条件を表示") {
        garage.button("詳細条件を表示");
    }
    garage.check_in("車検証等受取区分", "依頼人受取");
    garage.check_in("電子車検証更新区分", "軽検協事務所等");
    garage.fill("申請ID", &id);
    garage.button("検索");
    garage.says("全 1 件");
    garage.look_over();
    garage.link(&id);
    garage.at(&titled("申請データ照会"));
    let wanted: Vec<(String, String)> = APPLICATION
        .iter()
        .flat_map(|(block, labels)| labels.iter().map(|label| (plain(block), plain(label))))
        .collect();
    assert_eq!(garage.labels(), wanted);
    garage.reload_until("検査手数料等納付待ち", || {
        garage.value_of("申請状況ステータス") == "検査手数料等納付待ち"
    });
    garage.look_over();
    pay(&agent, &id, &["検査手数料", "技術情報管理手数料"]);
    garage.reload_until("重量税納付待ち", || garage.value_of("申請状況ステータス") == "重量税納付待ち");
    pace(&office, "手動（審査と交付は、職員・講師の処理を待ちます）", 0);
    pay(&agent, &id, &["自動車重量税"]);
    garage.reload_until("手続完了", || garage.has("申請ステータス", "手続完了") == Some(true));
    garage.look_over();
    let payments = garage.table(Some("納付情報"));
    assert_eq!(payments.column("手数料・税種別"), ["検査手数料", "技術情報管理手数料", "自動車重量税"]);
    assert_eq!(payments.column("納付状況"), ["納付済", "納付済", "納付済"]);
    for fact in APPLICATION[1].1.iter().filter(|fact| !fact.starts_with("記録等事務代行")) {
        let value = garage.value_in("状況照会", fact);
        assert!(!matches!(value.as_str(), "" | "―"), "{fact} is empty in a completed application");
    }
    garage.print(false, 3);
    garage.button("認証用二次元コードを表示・印刷");
    garage.at(&titled("認証用二次元コード"));
    garage.says("軽自動車税納税証明書");
    assert!(garage.offers("印刷"));
    garage.print(false, 1);
    garage.button("戻る");
    pace(&office, "すぐに（決めた秒数ごとに進みます）", 1);
    garage.reload_until("返付完了", || garage.value_of("申請状況ステータス") == "自動車検査証返付完了");
    assert!(!garage.offers("認証用二次元コードを表示・印刷"));
}

fn instructor(test: &str) -> Page {
    let who = STAGE.person("sim", "instructor");
    let page = STAGE.browser(&format!("{test}-sim"));
    page.open(&who.url);
    page.fill("ログインID", &who.login_id);
    page.fill("パスワード", &who.password);
    page.button("ログイン");
    page.menu("環境設定");
    page
}

/// How the simulated world goes on, as an instructor sets it, without a pause between steps; its clock moves so many
/// days ahead.
fn pace(page: &Page, pace: &str, days: u32) {
    page.choose("進み方", pace);
    page.fill("1段階の秒数", "0");
    page.fill("時計を進める日数", &days.to_string());
    page.button("確定");
    page.banner("環境設定を変更しました");
}

#[test]
fn j5_a_light_vehicle_to_the_counter() {
    let test = "j5_a_light_vehicle_to_the_counter";
    walk(&enter(test, "client", "staff_send"), test, "KWALK-0000001", "8101");
}

/// What a garage does of J5 on a phone: 初期登録 with an old plate, 更新, 送信, and finding it again.
#[test]
fn j5_on_a_phone() {
    let page = STAGE.browser("j5_on_a_phone");
    page.narrow();
    sign_in(&page, "client", "staff_send");
    let id = register(&page, "KWALK-0000002", "8102");
    page.look_over();
    send(&page, &id);
    page.menu("依頼データ検索");
    page.at(&titled("依頼データ検索"));
    page.link(&id);
    page.at(&titled("依頼データ照会"));
    page.reads("小板フラグ", "小板");
    page.reads("車検証等受取区分", "依頼人受取");
    page.look_over();
}
