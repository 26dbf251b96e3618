//! The inspection manual's walks for registered vehicles: section 4 and the agent's half of it.

mod certificate;
mod troubles;

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("inspection"));

/// A vehicle that nobody wrote about before.
struct Vehicle {
    serial: String,
    chassis: String,
}

impl Vehicle {
    fn fresh() -> Self {
        static COUNTER: AtomicU16 = AtomicU16::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Self { serial: (7_101 + number).to_string(), chassis: format!("WALK-{:07}", 5_500_001 + u32::from(number)) }
    }

    /// One whose chassis number decides what the portal does.
    fn magic(ending: &str) -> Self {
        let fresh = Self::fresh();
        Self { chassis: format!("{}{ending}", fresh.chassis), ..fresh }
    }

    fn plate(&self) -> String {
        format!("品川-300-さ-{}", self.serial)
    }
}

fn enter(test: &str, application: &str, role: &str) -> Page {
    let who = STAGE.person(application, role);
    let page = STAGE.browser(&format!("{test}-{application}"));
    page.open(&who.url);
    sign_in(&page, application, role);
    page
}

fn sign_in(page: &Page, application: &str, role: &str) {
    let who = STAGE.person(application, role);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
}

const PLATE: &str = "自動車登録番号（標板）";

/// 依頼データ初期登録 up to 確定 (P40).
fn fill_initial(page: &Page, vehicle: &Vehicle) {
    begin_initial(page, vehicle);
    // The agent of the workshop's region stands there by itself.
    page.holds("代理人", "あおぞら行政書士事務所");
    page.holds("代理人の拠点", "みどり本所");
}

/// The same up to 代理人.
fn begin_initial(page: &Page, vehicle: &Vehicle) {
    page.menu("継続検査");
    page.menu("依頼データ初期登録");
    page.at("【継続検査】依頼データ初期登録");
    page.says("変更できません");
    for (part, value) in [("地名", "品川"), ("分類", "300"), ("仮名", "さ"), ("番号", vehicle.serial.as_str())]
    {
        page.fill_in(PLATE, part, value);
    }
    page.fill("車台番号", &vehicle.chassis);
    page.choose("拠点", "北工場");
}

/// Writes a request down and returns its 申請ID.
fn register(page: &Page, vehicle: &Vehicle) -> String {
    fill_initial(page, vehicle);
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.reads("自動車登録番号", &vehicle.plate());
    page.value_of("申請ID")
}

/// 依頼データ更新 (P42): what the certificate says.
fn fill_update(page: &Page) {
    page.button("依頼データ更新");
    page.at("【継続検査】依頼データ更新");
    page.choose("名義", "法人");
    page.fill("氏名又は名称（漢字）", "株式会社見本運輸");
    page.fill("代表者名（漢字）", "見本　太郎");
    page.fill("住所1", "東京都みどり区あおば町");
    page.fill("住所2", "２丁目２２－２２２");
    page.choose("車検証有効期間", "2年指定整備車");
    page.choose("電子車検証更新区分", "運輸支局等");
}

/// Registers, completes and sends a request; the page is its 照会.
fn send(page: &Page, vehicle: &Vehicle) -> String {
    send_with(page, vehicle, |_| {})
}

/// The same with something more in 依頼データ更新.
fn send_with(page: &Page, vehicle: &Vehicle, more: impl FnOnce(&Page)) -> String {
    let id = register(page, vehicle);
    fill_update(page);
    more(page);
    page.fill("オプションコード", "OPTNCD");
    page.fill("独自項目1", "DKZ1");
    page.fill("メモ", "鍵は受付にあります。");
    page.check("送信");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.reads("申請ステータス", "受付前");
    id
}

/// The agent takes the request and files it; the page is 申請データ検索.
fn file(page: &Page, id: &str) {
    page.menu("継続検査");
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    page.link(id);
    page.at("【継続検査】依頼データ照会");
    page.reads("申請ステータス", "受付前");
    page.button("受付");
    page.reads("申請ステータス", "受付済");
    page.look_over();
    page.button("申請");
    page.at("【継続検査】申請");
    page.says("委任を受けて");
    page.button("確定");
    page.at("【継続検査】申請データ検索");
    page.banner("申請しました");
}

fn application(page: &Page, id: &str) {
    page.menu("申請データ検索");
    page.at("【継続検査】申請データ検索");
    page.link(id);
    page.at("【継続検査】申請データ照会");
}

fn writes_and_sends(page: &Page) {
    let vehicle = Vehicle::fresh();
    // A slip of the pen: the form comes back with what was typed, and says what is wrong.
    fill_initial(page, &vehicle);
    page.fill_in(PLATE, "仮名", "お");
    page.fill("車台番号", "ＣＡＲ－あ１");
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("仮名") && problems.contains("車台番号"), "{problems}");
    page.at("【継続検査】依頼データ初期登録");
    assert_eq!(page.typed("車台番号"), "ＣＡＲ－あ１");
    assert_eq!((page.typed("地名"), page.typed("番号")), ("品川".to_owned(), vehicle.serial.clone()));
    assert_eq!(
        (page.chosen("拠点"), page.chosen("代理人")),
        ("北工場".to_owned(), "あおぞら行政書士事務所".to_owned())
    );
    page.fill_in(PLATE, "仮名", "さ");
    page.fill("車台番号", &vehicle.chassis);
    page.button("確定");

    page.at("【継続検査】依頼データ照会");
    page.banner("登録しました");
    let id = page.value_of("申請ID");
    for (label, value) in [
        ("申請ステータス", "依頼前"),
        ("自動車登録番号", vehicle.plate().as_str()),
        ("車台番号", vehicle.chassis.as_str()),
        ("職権打刻フラグ", "職権打刻なし"),
        ("申請種別", "初回"),
        ("キャッシュレス利用", "無"),
    ] {
        page.reads(label, value);
    }
    assert!(page.value_of("依頼人").contains("みどり自動車整備") && page.value_of("依頼人").contains("北工場"));
    for button in ["一覧に戻る", "依頼データ更新", "依頼データ削除"] {
        assert!(page.offers(button), "{button}: {:?}", page.pressables("page"));
    }

    // Without 送信 it is only saved, complete or not.
    page.button("依頼データ更新");
    page.at("【継続検査】依頼データ更新");
    page.fill("氏名又は名称（漢字）", "株式会社見本運輸");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.banner("保存");
    page.reads("申請ステータス", "依頼前");
    page.reads("氏名又は名称（漢字）", "株式会社見本運輸");

    // With 送信 everything that is required has to be there, and what was typed stays.
    page.button("依頼データ更新");
    page.at("【継続検査】依頼データ更新");
    page.fill("住所1", "東京都みどり区あおば町");
    page.check("送信");
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("名義") && problems.contains(&plain("住所２")), "{problems}");
    page.at("【継続検査】依頼データ更新");
    assert_eq!(page.typed("住所1"), "東京都みどり区あおば町");
    assert_eq!(page.checked("送信"), Some(true));
    page.button("戻る");
    page.at("【継続検査】依頼データ照会");

    fill_update(page);
    page.fill("申請予定日", "2030-12-04");
    page.check("送信");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.banner("送信しました");
    page.reads("申請ステータス", "受付前");
    page.reads("申請予定日", "2030/12/04");
    page.reads("代表者名（漢字）", "見本　太郎");
    assert!(!page.offers("依頼データ更新") && !page.offers("依頼データ削除"));

    page.button("一覧に戻る");
    page.at("【継続検査】依頼データ検索");
    let table = page.table(None);
    let row = table.column("申請ID").iter().position(|cell| *cell == id).expect("the request in its list");
    assert_eq!(table.column("申請ステータス")[row], "受付前");
}

/// J4-2: 継続検査 → 依頼データ初期登録 → 確定 → 依頼データ照会 → 依頼データ更新 → 送信 → 確定 → 受付前.
#[test]
fn j4_2_writes_and_sends_a_request() {
    writes_and_sends(&enter("j4_2_writes_and_sends_a_request", "client", "staff_send"));
}

/// The same with a window of 375 pixels.
#[test]
fn j4_2_on_a_phone() {
    let who = STAGE.person("client", "staff_send");
    let page = STAGE.browser("j4_2_on_a_phone");
    page.narrow();
    page.open(&who.url);
    sign_in(&page, "client", "staff_send");
    writes_and_sends(&page);
}

/// Scripts only add comfort: without them the agent is chosen by hand, and all the rest is the same.
#[test]
fn j4_2_without_scripts() {
    let who = STAGE.person("client", "staff_send");
    let page = STAGE.browser("j4_2_without_scripts");
    page.without_scripts();
    page.open(&who.url);
    sign_in(&page, "client", "staff_send");
    let vehicle = Vehicle::fresh();
    begin_initial(&page, &vehicle);
    page.choose("代理人", "あおぞら行政書士事務所");
    page.choose("代理人の拠点", "みどり本所");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.reads("車台番号", &vehicle.chassis);
    fill_update(&page);
    page.check("送信");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.reads("申請ステータス", "受付前");
    // A second look, as with the browser's way back: the form is gone, nothing is sent twice.
    page.back();
    page.reload();
    assert!(!page.offers("確定"), "{:?}", page.pressables("page"));
}

/// A 担当者（送信不可） writes, but finds nothing to send with.
#[test]
fn j4_2_without_the_right_to_send() {
    let page = enter("j4_2_without_the_right_to_send", "client", "staff_no_send");
    register(&page, &Vehicle::fresh());
    fill_update(&page);
    assert_eq!(page.checked("送信"), None);
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.reads("申請ステータス", "依頼前");
}

/// J4-n: 受付 → 申請 → 登録車OSS納付 in the manual's order → review → weight tax → 手続完了, and the garage sees it all.
#[test]
fn j4_n_agent_files_and_pays() {
    let garage = enter("j4_n_agent_files_and_pays", "client", "staff_send");
    let vehicle = Vehicle::fresh();
    let id = send(&garage, &vehicle);
    let agent = enter("j4_n_agent_files_and_pays", "agent", "staff");
    file(&agent, &id);

    application(&garage, &id);
    for (fee, waiting) in [
        ("検査登録手数料", "検査登録手数料納付待ち"),
        ("技術情報管理手数料", "技術情報管理手数料納付待ち"),
        ("自動車重量税", "重量税納付待ち"),
    ] {
        garage.reload_until(waiting, || garage.value_of("申請状況ステータス") == waiting);
        garage.begins("申請ステータス", "申請中");
        agent.menu("登録車OSS納付");
        agent.at("登録車OSS納付");
        // Nothing else can be paid before its turn.
        let table = agent.table(None);
        let awaited: Vec<&str> = table
            .column("申請ID")
            .iter()
            .zip(table.column("手数料・税種別"))
            .filter(|(row, _)| **row == id)
            .map(|(_, fee)| fee)
            .collect();
        assert_eq!(awaited, [fee]);
        agent.check_row(&id);
        agent.button("納付");
        agent.says("次の1件、合計");
        agent.look_over();
        agent.button("確定");
        agent.banner("の納付を手続しました");
        agent.look_over();
    }
    garage.reload_until("手続完了", || garage.has("申請ステータス", "手続完了") == Some(true));
    garage.look_over();

    let payments = garage.table(Some("納付情報"));
    assert_eq!(payments.column("手数料・税種別"), ["検査登録手数料", "技術情報管理手数料", "自動車重量税"]);
    assert_eq!(payments.column("納付状況"), ["納付済", "納付済", "納付済"]);
    for amount in payments.column("税手数料額") {
        let yen: String = amount.chars().take_while(|c| *c != '円').filter(char::is_ascii_digit).collect();
        assert!(amount.contains('円') && yen.parse::<u32>().is_ok_and(|yen| yen > 0), "{amount}");
    }
    for day in payments.column("納付完了日").iter().chain(&payments.column("納付期限日")) {
        assert!(is_day(day), "{day}");
    }
    for fact in ["登録完了日", "交付準備完了日"] {
        assert!(is_day(&garage.value_in("状況照会", fact)), "{fact}");
    }
    for fact in ["受付番号", "状況更新日時", "手続再開ステータス", "保安基準適合証取得", "自賠責保険証取得", "車台番号"]
    {
        let value = garage.value_in("状況照会", fact);
        assert!(!matches!(value.as_str(), "" | "―" | "-"), "{fact} is empty in a completed application");
    }

    // Both sides' lists agree.
    for page in [&garage, &agent] {
        page.menu("申請データ検索");
        page.at("【継続検査】申請データ検索");
        page.fill("申請ID", &id);
        page.button("検索");
        page.says("全 1 件");
        assert_eq!(page.table(None).column("申請ステータス"), ["手続完了"]);
    }
}

/// `2026/11/20`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(digits) && text.len() == "2026/11/20".len()
}

/// The page of P45, P47 and P67 in the manual's order.
const APPLICATION: &[(&str, &[&str])] = &[
    (
        "head",
        &[
            "申請ID",
            "申請ステータス",
            "自動車登録番号",
            "キャッシュレス利用",
            "車台番号",
            "職権打刻フラグ",
            "依頼人",
            "申請種別",
            "依頼日時",
            "代理人",
            "検査手数料無料化",
            "技術情報管理手数料無料化",
            "申請先",
            "依頼人更新者",
            "依頼人更新日時",
            "代理人更新日時",
            "申請日時",
            "中断予約",
        ],
    ),
    (
        "状況照会",
        &[
            "受付番号",
            "状況更新日時",
            "申請状況ステータス",
            "手続再開ステータス",
            "保安基準適合証取得",
            "自賠責保険証取得",
            "登録完了日",
            "交付準備完了日",
            "車台番号",
            "記録等事務代行委託番号",
            "記録等事務代行名称",
            "記録等事務代行交付可能判定結果",
        ],
    ),
    ("納付情報", &["手数料・税種別", "税手数料額", "納付状況", "納付完了日", "納付期限日"]),
    ("使用者", &["委任状種別", "名義", "氏名又は名称（漢字）", "代表者名（漢字）", "住所1", "住所2"]),
    (
        "自動車及び諸条件",
        &[
            "車検証有効期間",
            "車検証有効期間短縮可否",
            "放置違反金納付確認",
            "申請予定日",
            "申込欄",
            "電子車検証更新区分",
            "記録等事務代行者委託番号（申請個別指定）",
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

/// J4-3: 申請データ検索 with conditions → 申請ID → every field of the manual's page, in order.
#[test]
fn j4_3_reads_every_field() {
    let garage = enter("j4_3_reads_every_field", "client", "staff_send");
    let vehicle = Vehicle::fresh();
    let id = send(&garage, &vehicle);
    let agent = enter("j4_3_reads_every_field", "agent", "staff");
    file(&agent, &id);

    garage.menu("継続検査");
    garage.menu("申請データ検索");
    garage.at("【継続検査】申請データ検索");
    // The list is there before anything is asked for.
    assert!(garage.table(None).len() > 0);
    let columns = garage.table(None).columns;
    assert_eq!(columns[..5], ["申請ID", "申請ステータス", "OSSステータス", "拠点", "代理人"].map(plain));
    // The chassis number is known by its end.
    garage.fill("車台番号", &vehicle.chassis[4..]);
    garage.fill_in(PLATE, "番号", &vehicle.serial);
    garage.fill("使用者", "見本運輸");
    garage.choose("拠点", "北工場");
    garage.check_in("電子車検証更新区分", "運輸支局等");
    garage.check_in("申請ステータス", "申請中");
    garage.button("検索");
    garage.says("全 1 件");
    garage.look_over();
    assert_eq!(garage.table(None).column("申請ID"), [id.as_str()]);
    assert_eq!(garage.typed("使用者"), "見本運輸", "the conditions stay");
    let asked = garage.address();
    garage.fill("使用者", "いない人");
    garage.button("検索");
    garage.says("0 件を表示");
    garage.look_over();
    garage.back();
    garage.says("全 1 件");
    assert_eq!(garage.address(), asked);
    garage.link(&id);

    garage.at("【継続検査】申請データ照会");
    for jump in ["状況照会", "使用者", "自動車及び諸条件", "トップへ戻る", "一覧に戻る", "メモ更新"]
    {
        assert!(garage.offers(jump), "{jump}: {:?}", garage.pressables("page"));
    }
    let wanted: Vec<(String, String)> = APPLICATION
        .iter()
        .flat_map(|(block, labels)| labels.iter().map(|label| (plain(block), plain(label))))
        .collect();
    assert_eq!(garage.labels(), wanted);

    garage.begins("申請ステータス", "申請中");
    for (label, value) in [
        ("申請ID", id.as_str()),
        ("自動車登録番号", vehicle.plate().as_str()),
        ("申請種別", "初回"),
        ("名義", "法人"),
        ("氏名又は名称（漢字）", "株式会社見本運輸"),
        ("代表者名（漢字）", "見本　太郎"),
        ("住所1", "東京都みどり区あおば町"),
        ("住所2", "２丁目２２－２２２"),
        ("車検証有効期間", "2年指定整備車"),
        ("電子車検証更新区分", "運輸支局等"),
        ("オプションコード", "OPTNCD"),
        ("独自項目1", "DKZ1"),
        ("メモ", "鍵は受付にあります。"),
    ] {
        garage.reads(label, value);
    }
    assert_eq!(garage.value_in("状況照会", "車台番号"), vehicle.chassis);
    assert!(garage.value_of("申請先").contains("東京"), "the office of 品川");
    assert!(garage.value_of("申込欄").contains("委任を受けて"));
    assert!(garage.value_of("車検証有効期間短縮可否").starts_with("短縮否"));

    garage.button("メモ更新");
    garage.at("【継続検査】メモ更新");
    garage.fill("メモ", "鍵は工場長が持っています。");
    garage.button("確定");
    garage.at("【継続検査】申請データ照会");
    garage.reads("メモ", "鍵は工場長が持っています。");
    garage.button("一覧に戻る");
    garage.at("【継続検査】申請データ検索");
    garage.says("全 1 件");
}
