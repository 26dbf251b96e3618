//! What staff of a garage and of an agent do with requests, page by page.

use crate::kit::world::{AGENT, GARAGE, NORTH, SOUTH};
use crate::kit::{Browser, COMPLETE, Page, TestApp};
use ainas::config::{PortalGateway, Review};
use ainas::domain::agent_certificate::AgentCertificate;
use ainas::domain::ids::RequestId;
use ainas::domain::payment::Means;
use ainas::domain::procedure::VehicleKind;
use ainas::domain::request::Status;
use ainas::pki::certificate::Subject;
use ainas::service::administration::certificates::sealed;
use ainas::service::error::Error;
use ainas::service::{key_files, payments};
use ainas::sim::world::Account;
use axum::http::StatusCode;

const NEW: &str = "/client/inspection/requests/new";
const REQUESTS: &str = "/client/inspection/requests";
const APPLICATIONS: &str = "/client/inspection/applications";

/// A vehicle that the portal passes.
const VEHICLE: [(&str, &str); 5] = [
    ("plate.region", "品川"),
    ("plate.class", "３００"),
    ("plate.kana", "サ"),
    ("plate.serial", "12-34"),
    ("chassis", "zvw30-TEST-01"),
];

fn request(id: impl std::fmt::Display, verb: &str) -> String {
    format!("{REQUESTS}/{id}{}{verb}", if verb.is_empty() { "" } else { "/" })
}

fn id_of(page: &Page) -> RequestId {
    page.path
        .split(['/', '?'])
        .find_map(|part| part.parse().ok())
        .unwrap_or_else(|| panic!("no 申請ID in {}", page.path))
}

async fn registered(browser: &mut Browser<'_>) -> RequestId {
    browser.get(NEW).await;
    let page = browser.post(NEW, &VEHICLE).await;
    assert_eq!(page.title(), "【継続検査】依頼データ照会", "{}", page.text());
    id_of(&page)
}

async fn sent(browser: &mut Browser<'_>) -> RequestId {
    let id = registered(browser).await;
    browser.get(&request(id, "edit")).await;
    let fields = [COMPLETE.as_slice(), &[("send", "on")]].concat();
    browser.post(&request(id, "edit"), &fields).await.shows("代理人に送信しました。").shows("受付前");
    id
}

/// A node whose agent can sign and whose portal does not wait.
pub(crate) async fn filing_node() -> TestApp {
    let node = TestApp::configured(|config| {
        config.portal.gateway = PortalGateway::Simulated;
        config.portal.review = Review::Instant;
        config.portal.step_seconds = 0;
    })
    .await;
    let now = node.app.clocks.business();
    let (from, until) = (now.plus(-86_400), now.plus(365 * 86_400));
    let subject = Subject {
        common_name: "青空 太郎".to_owned(),
        organization: "あおぞら行政書士事務所".to_owned(),
        prefecture: "東京都".to_owned(),
        locality: "みどり区".to_owned(),
        street: "あおば町1-1".to_owned(),
        serial_number: String::new(),
    };
    let (file, content) = key_files::practice_file(&subject, from, until).unwrap();
    let certificate =
        AgentCertificate { usable_from: Some(from.day()), ..sealed(&node.app.key, (AGENT, 1), &file, &content, from) };
    node.app.store.write(move |tx| tx.put_agent_certificate(&certificate)).await.unwrap();
    let app = node.app.clone();
    tokio::task::spawn_blocking(move || {
        let garage = app.store.read(|tx| tx.client_organization(GARAGE)).unwrap().unwrap();
        let sim = app.sim.as_ref().unwrap();
        for (name, means) in [
            (payments::garage_account(&garage, VehicleKind::Registered), Means::DirectDebit),
            (payments::advance_account(AGENT), Means::Advance),
        ] {
            sim.put_account(Account { name, means, balance: 1_000_000, taken: 0, open: true }).unwrap();
        }
    })
    .await
    .unwrap();
    node
}

#[tokio::test]
async fn a_request_is_registered_and_shown() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-north").await;
    let page = staff.get(NEW).await;
    page.shows("【継続検査】依頼データ初期登録").shows("あとから変更できません");
    page.shows("自動車登録番号（標板）").shows("（分類） （仮名） （番号）").shows("職権打刻あり");
    let form = page.form(NEW);
    assert_eq!((form.value("branch"), form.value("agent_branch")), (Some("1"), Some("1")), "both are preset");
    let page = staff.post(NEW, &VEHICLE).await;
    page.shows("依頼データを登録しました。").shows("品川-300-さ-1234").shows("ZVW30-TEST-01").shows("依頼前");
    page.shows("みどり自動車整備 北工場").shows("あおぞら行政書士事務所 本所").shows("次の対応：あなた：");
    page.shows("一覧に戻る前申請ID次申請ID 依頼データ更新電子委任状設定依頼データ削除");
    let id = id_of(&page);
    assert_eq!(staff.get(&format!("{APPLICATIONS}/{id}")).await.path, request(id, ""), "the other kind's address");
}

#[tokio::test]
async fn wrong_input_comes_back_with_everything_typed() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    staff.get(NEW).await;
    let typed = [
        ("plate.region", "しながわ"),
        ("plate.class", "9999"),
        ("plate.kana", "ん"),
        ("plate.serial", "0"),
        ("chassis", ""),
    ];
    let page = staff.post(NEW, &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("入力内容を確認してください（6件）").shows("拠点を一覧から選んでください。");
    let form = page.form(NEW);
    for (name, value) in typed {
        assert_eq!(form.value(name), Some(value), "{name}");
    }
    assert_eq!(page.body.matches("aria-invalid=\"true\"").count(), 6);

    let id = node.world.draft;
    staff.get(&request(id, "edit")).await;
    let page =
        staff.post(&request(id, "edit"), &[("send", "on"), ("name", "見本 太郎"), ("option_code", "あいう")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("住所1を入力してください。").shows("オプションコードに「あ」は使えません。");
    let form = page.form(&request(id, "edit"));
    assert_eq!((form.value("name"), form.value("send")), (Some("見本 太郎"), Some("on")));
    staff.get(&request(id, "")).await.shows("依頼前").hides("見本");
}

#[tokio::test]
async fn a_form_sent_twice_registers_once() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-north").await;
    let form = staff.get(NEW).await.form(NEW).filled(&VEHICLE).encoded();
    let first = staff.raw_post(NEW, &form, &[]).await;
    let second = staff.raw_post(NEW, &form, &[]).await;
    assert_eq!(first.header("location"), second.header("location"));
    staff.get(REQUESTS).await.shows("全 3 件");
}

#[tokio::test]
async fn a_second_request_for_a_vehicle_is_asked_about() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-north").await;
    let first = registered(&mut staff).await;
    staff.get(NEW).await;
    let page = staff.post(NEW, &VEHICLE).await;
    page.shows("登録の前に確認してください。").shows(&first.to_string());
    let page = staff.post(NEW, &[("same_vehicle_confirmed", "on")]).await;
    assert_ne!(id_of(&page), first);
    page.shows("依頼データを登録しました。");
}

#[tokio::test]
async fn a_workshop_is_warned_of_another_ones_request_without_its_number() {
    let node = TestApp::new().await;
    let first = registered(&mut node.as_user("c-north").await).await;
    let mut south = node.as_user("c-south").await;
    south.get(NEW).await;
    let page = south.post(NEW, &VEHICLE).await;
    page.shows("登録の前に確認してください。").shows("ほかの拠点").hides(&first.to_string());
}

#[tokio::test]
async fn a_new_name_shows_in_lists_that_were_drawn_before() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    staff.get(REQUESTS).await.shows("全");
    let app = &node.app;
    app.store
        .write(|tx| {
            for mut branch in tx.branches_of(GARAGE)? {
                branch.short_name = format!("新{}", branch.code);
                tx.put_branch(&branch)?;
            }
            Ok::<_, ainas::store::Error>(())
        })
        .await
        .unwrap();
    staff.get(REQUESTS).await.shows("新001");
}

#[tokio::test]
async fn whoever_is_second_sees_what_differs_and_keeps_what_was_typed() {
    let node = TestApp::new().await;
    let edit = request(node.world.draft, "edit");
    let mut first = node.as_user("c-staff").await;
    let mut second = node.as_user("c-nosend").await;
    first.get(&edit).await;
    second.get(&edit).await;
    first.post(&edit, &[("name", "先の人"), ("memo", "急ぎ")]).await.shows("依頼データを保存しました。");
    let page = second.post(&edit, &[("name", "後の人")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("別の人が先に更新しました。").shows("氏名又は名称（漢字） 先の人 後の人").shows("メモ 急ぎ ―");
    assert_eq!(page.form(&edit).value("name"), Some("後の人"));
    let page = second.post(&edit, &[("memo", "急ぎ")]).await;
    page.shows("依頼データを保存しました。").shows("後の人").shows("急ぎ");
    page.shows("変更した項目：氏名又は名称（漢字）");
}

#[tokio::test]
async fn other_peoples_requests_do_not_exist() {
    let node = TestApp::new().await;
    let (draft, sent) = (node.world.draft, node.world.sent);
    for login in ["x-staff", "c-south"] {
        let mut stranger = node.as_user(login).await;
        for verb in ["", "edit", "delete"] {
            assert_eq!(stranger.get(&request(draft, verb)).await.status, StatusCode::NOT_FOUND, "{login} {verb}");
        }
        stranger.get(REQUESTS).await.shows("0 件を表示").hides(&draft.to_string());
        for verb in ["edit", "delete", "cancel"] {
            let page = stranger.forge(&request(draft, verb), &[("version", "1")]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{login} {verb}");
        }
    }
    for (login, id) in [("a-staff", draft), ("a-side", sent), ("y-staff", sent)] {
        let mut agent = node.as_user(login).await;
        let page = agent.get(&format!("/agent/inspection/requests/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
        agent.get("/agent/inspection/requests").await.hides(&id.to_string());
    }
    let mut stranger = node.as_user("y-staff").await;
    stranger.get("/agent/inspection/requests").await;
    let page =
        stranger.forge("/agent/inspection/requests/chosen", &[("do", "accept"), ("pick", &sent.to_string())]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let status = node.app.store.read(|tx| Ok::<_, Error>(tx.request(sent)?.unwrap().status)).unwrap();
    assert_eq!(status, Status::Sent);
}

#[tokio::test]
async fn who_may_not_send_does_not_send() {
    let node = TestApp::new().await;
    let id = node.world.draft;
    let mut staff = node.as_user("c-nosend").await;
    let page = staff.get(&request(id, "edit")).await;
    page.hides("送信フラグ");
    let version = page.form(&request(id, "edit")).value("version").unwrap().to_owned();
    let fields = [COMPLETE.as_slice(), &[("send", "on"), ("version", &version)]].concat();
    let page = staff.forge(&request(id, "edit"), &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("権限が「担当者（送信不可）」のため、送信できません。");
    let page = staff.get(&request(id, "")).await;
    page.shows("依頼前").hides("見本");
    assert_eq!(staff.forge(&request(node.world.sent, "cancel"), &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_draft_is_deleted_after_a_question_and_a_sent_request_is_taken_back() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let (draft, sent) = (node.world.draft, node.world.sent);
    let page = staff.get(&request(draft, "delete")).await;
    page.shows("この依頼データを削除します。").shows("CAR-0121011").shows("確定 戻る");
    let page = staff.post(&request(draft, "delete"), &[]).await;
    page.shows("を削除しました。").shows("全 1 件");
    assert_eq!(staff.get(&request(draft, "")).await.status, StatusCode::NOT_FOUND);
    let page = staff.get(&request(sent, "")).await;
    page.shows("依頼取消").hides("依頼データ更新").hides("依頼データ削除");
    assert_eq!(staff.get(&request(sent, "edit")).await.status, StatusCode::CONFLICT);
    staff.get(&request(sent, "")).await;
    staff.post(&request(sent, "cancel"), &[]).await.shows("依頼を取り消しました。").shows("依頼データ更新");
}

/// 45 more requests: odd ones of 南工場, every third with a name.
async fn many(node: &TestApp) {
    let draft = node.world.draft;
    node.app
        .store
        .write(move |tx| {
            let pattern = tx.request(draft)?.unwrap();
            for i in 1..=45_u16 {
                let mut request = pattern.clone();
                request.id = tx.next_request_id()?;
                request.branch = if i % 2 == 1 { SOUTH } else { NORTH };
                if let Some(plate) = &mut request.plate {
                    plate.serial = i;
                }
                if let Some(chassis) = &mut request.chassis {
                    chassis.number = format!("NHP10-20{i:05}");
                }
                if i % 3 == 0 {
                    let name = ainas::domain::request::Value::Text("検索　花子".to_owned());
                    request.fields.insert(ainas::domain::procedure::inspection::no::NAME, name);
                }
                tx.put_request(&request)?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_are_filled_at_once_filtered_by_the_address_and_paged() {
    let node = TestApp::new().await;
    many(&node).await;
    let mut staff = node.as_user("c-staff").await;
    let page = staff.get(REQUESTS).await;
    page.shows("1 - 20 / 47 件").shows("< 前123次 >").shows("表示数");
    page.shows("申請ID 申請ステータス 自動車登録番号 車台番号 使用者 拠点 代理人 次の対応 依頼日時");
    assert!(page.body.len() < 40 << 10, "{} bytes of a list", page.body.len());
    staff.get(&format!("{REQUESTS}?page=3")).await.shows("41 - 47 / 47 件");
    staff.get(&format!("{REQUESTS}?size=50")).await.shows("全 47 件");
    let page = staff.get(&format!("{REQUESTS}?branch={SOUTH}&user=%E8%8A%B1%E5%AD%90&page=1")).await;
    page.shows("全 8 件").shows("検索 花子");
    let page = staff.get(&format!("{REQUESTS}?chassis=00012")).await;
    page.shows("全 1 件").shows("NHP10-2000012").shows("品川 330さ・・12");
    assert_eq!(page.form(REQUESTS).value("chassis"), Some("00012"), "the panel keeps what was asked");
    staff.get(&format!("{REQUESTS}?status=2")).await.shows("全 1 件").shows(&node.world.sent.to_string());
    staff
        .get(&format!("{REQUESTS}?plate.serial=9999"))
        .await
        .shows("0 件を表示")
        .shows("条件に合うデータはありません。");
    let page = staff.get(&format!("{REQUESTS}?id=abc")).await;
    page.shows("申請IDは1～10桁の数字で入力してください。");
    assert_eq!(page.form(REQUESTS).value("id"), Some("abc"));
    // From a filtered list to a record, its neighbours in that list, and back.
    let list = format!("{REQUESTS}?branch=2&user=%E8%8A%B1%E5%AD%90");
    let page = staff.get(&list).await;
    let first = page
        .body
        .split("<tbody>")
        .nth(1)
        .unwrap()
        .split(&format!("href=\"{REQUESTS}/"))
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&");
    let page = staff.get(&format!("{REQUESTS}/{first}")).await;
    assert!(page.body.contains("user=%E8%8A%B1%E5%AD%90&amp;branch=2\" data-key=\"next\""), "{}", page.body);
    assert!(!page.body.contains("data-key=\"prev\""));
    // Back to the page of the list on which the record stands, not the one it was opened from.
    let third = staff.get(&format!("{REQUESTS}?page=3")).await;
    let rows = third.body.split("<tbody>").nth(1).unwrap();
    let id = &rows.split(&format!("href=\"{REQUESTS}/")).nth(1).unwrap()[..9];
    let page = staff.get(&format!("{REQUESTS}/{id}?page=1")).await;
    page.shows("一覧に戻る");
    assert!(page.body.contains(&format!("href=\"{REQUESTS}?beside={id}\"")), "the way back of {id}");
    let back = staff.get_only(&format!("{REQUESTS}?beside={id}")).await;
    assert_eq!((back.status, back.header("location")), (StatusCode::SEE_OTHER, &*format!("{REQUESTS}?page=3")));
    let mut south = node.as_user("c-south").await;
    south.get(REQUESTS).await.shows("1 - 20 / 23 件");
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let tag = staff.get(REQUESTS).await.header("etag").to_owned();
    assert!(!tag.is_empty());
    let again = staff.get_with(REQUESTS, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    registered(&mut node.as_user("c-north").await).await;
    let page = staff.get_with(REQUESTS, &[("if-none-match", &tag)]).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows("全 3 件").shows("青葉 花子");
    let mut colleague = node.as_user("c-nosend").await;
    colleague.get_with(REQUESTS, &[("if-none-match", page.header("etag"))]).await.shows("入力 三郎").hides("青葉 花子");
}

#[tokio::test]
async fn an_agent_returns_accepts_files_and_pays_until_the_certificate_can_be_issued() {
    let node = filing_node().await;
    let mut garage = node.as_user("c-north").await;
    let id = sent(&mut garage).await;
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get("/agent/inspection/requests").await;
    page.shows("全 2 件").shows("あなた：受付").shows("登録車OSS納付");

    // 差戻し, with a reason that the garage reads.
    let own = format!("/agent/inspection/requests/{id}");
    agent.get(&own).await.shows("受付").shows("差戻し").shows("申請先");
    agent.get(&format!("{own}/return")).await;
    agent.post(&format!("{own}/return"), &[("reason", "")]).await.shows("差戻しの理由を入力してください。");
    agent.post(&format!("{own}/return"), &[("reason", "住所を確認してください。")]).await.shows("差し戻しました。");
    garage.get(&request(id, "")).await.shows("代理人から差し戻されました。").shows("住所を確認してください。");
    garage.get(&request(id, "edit")).await;
    garage.post(&request(id, "edit"), &[("address2", "4-5-6"), ("send", "on")]).await.shows("代理人に送信しました。");

    // 受付 and 申請 of several at once: each by itself.
    let ids = [("pick", id.to_string()), ("pick", node.world.sent.to_string())];
    let chosen: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (*name, id.as_str())).collect();
    agent.get("/agent/inspection/requests").await;
    let page =
        agent.post("/agent/inspection/requests/chosen", &[chosen.as_slice(), &[("do", "accept")]].concat()).await;
    page.shows("2件を受付しました。").shows("あなた：申請");
    agent.get(&format!("{own}/edit")).await;
    let office = agent.shown().form(&format!("{own}/edit")).value("office").unwrap_or_default().to_owned();
    assert!(!office.is_empty(), "申請先 follows from the plate");
    agent
        .post(&format!("{own}/edit"), &[("memo", "確認済み"), ("office", "")])
        .await
        .shows("申請先を一覧から選んでください。")
        .shows("確認済み");
    let other = if office == "1" { "2" } else { "1" };
    agent
        .post(&format!("{own}/edit"), &[("memo", "確認済み"), ("office", other)])
        .await
        .shows("依頼データを更新しました。")
        .shows("確認済み")
        .shows("申請先：");
    agent.get("/agent/inspection/requests").await;
    let page = agent.post("/agent/inspection/requests/chosen", &[chosen.as_slice(), &[("do", "file")]].concat()).await;
    page.shows("次の1件を申請します。申請できない1件は申請しません。").shows("申込欄").shows("確定 戻る");
    page.shows(&node.world.sent.to_string()).shows("氏名又は名称（漢字）を入力してください。");
    agent.post("/agent/inspection/requests/file", &[]).await.shows("1件を申請しました。");
    assert_eq!(node.app.store.read(|tx| tx.request(node.world.sent)).unwrap().unwrap().status, Status::Accepted);
    node.app.run_due_jobs().await.unwrap();

    // 納付 in the portal's order.
    for fee in ["検査登録手数料", "技術情報管理手数料", "自動車重量税"] {
        let page = agent.get("/agent/inspection/payments").await;
        page.shows(fee).shows("みどり自動車");
        let code = 1 + ["検査登録手数料", "技術情報管理手数料", "自動車重量税"].iter().position(|f| *f == fee).unwrap();
        let item = format!("{id}:{code}");
        let page = agent.post("/agent/inspection/payments/confirm", &[("item", &item)]).await;
        page.shows("次の1件、合計").shows("合計（1件）").shows("確定 戻る");
        agent.post("/agent/inspection/payments", &[]).await.shows("1件の納付を手続しました。");
        node.app.run_due_jobs().await.unwrap();
    }
    agent.get("/agent/inspection/payments").await.shows("納付を待っている手数料・税はありません。");

    // The garage follows it.
    let page = garage.get(APPLICATIONS).await;
    page.shows("申請ID 申請ステータス OSSステータス 拠点 代理人 自動車登録番号 車台番号 使用者 次の対応 申請日時");
    page.shows("手続完了").shows("全 1 件");
    assert_eq!(garage.get(&request(id, "")).await.path, format!("{APPLICATIONS}/{id}"));
    let page = garage.get(&format!("{APPLICATIONS}/{id}")).await;
    page.shows("【継続検査】申請データ照会").shows("状況照会納付情報使用者自動車及び諸条件履歴");
    page.shows("受付番号")
        .shows("保安基準適合証取得 取得済")
        .shows("登録完了日 2026/12/01")
        .shows("検査登録手数料")
        .shows("納付済");
    page.shows("一覧に戻る前申請ID次申請ID メモ更新").hides("再申請");
    assert!(!page.body.contains("/edit"));
    garage.get(&format!("{APPLICATIONS}/{id}/memo")).await;
    let page = garage.post(&format!("{APPLICATIONS}/{id}/memo"), &[("memo", "受取済み")]).await;
    page.shows("メモを更新しました。").shows("受取済み");
}

#[tokio::test]
async fn what_was_rejected_is_filed_again_under_the_same_id() {
    let node = filing_node().await;
    let mut garage = node.as_user("c-north").await;
    garage.get(NEW).await;
    let rejected = [VEHICLE.as_slice(), &[("chassis", "ZVW30-TEST-05")]].concat();
    let rejected: Vec<_> = rejected.into_iter().filter(|(_, value)| *value != "zvw30-TEST-01").collect();
    let id = id_of(&garage.post(NEW, &rejected).await);
    garage.get(&request(id, "edit")).await;
    garage.post(&request(id, "edit"), &[COMPLETE.as_slice(), &[("send", "on")]].concat()).await.shows("送信しました");
    let mut agent = node.as_user("a-staff").await;
    let own = format!("/agent/inspection/requests/{id}");
    agent.get(&own).await;
    agent.post(&format!("{own}/accept"), &[]).await.shows("受付しました。");
    agent.post("/agent/inspection/requests/chosen", &[]).await.shows("次の1件を申請します。");
    agent.post("/agent/inspection/requests/file", &[]).await.shows("1件を申請しました。");
    node.app.run_due_jobs().await.unwrap();
    let page = garage.get(&format!("{APPLICATIONS}/{id}")).await;
    page.shows("申請は「未受付」となりました。").shows("エラー").shows("再申請");
    let page = garage.post(&format!("{APPLICATIONS}/{id}/reapply"), &[]).await;
    page.shows("【継続検査】依頼データ照会").shows("申請種別 再申請").shows("依頼前");
    assert_eq!(id_of(&page), id);
}

/// A form that came back for a slip is still made from what its writer saw: what somebody else saved meanwhile is not
/// overwritten by the second try.
#[tokio::test]
async fn a_form_that_comes_back_overwrites_nobody() {
    let node = TestApp::new().await;
    let mut first = node.as_user("c-north").await;
    let id = registered(&mut first).await;
    let edit = request(id, "edit");
    first.get(&edit).await;
    let mut second = node.as_user("c-staff").await;
    second.get(&edit).await;
    second.post(&edit, &[("memo", "二人目のメモ")]).await.shows("保存しました");
    let back = first.post(&edit, &[("planned_on", "いつか"), ("memo", "一人目のメモ")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = first.post(&edit, &[("planned_on", "")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text());
    told.shows("別の人が先に更新しました");
    second.get(&request(id, "")).await.shows("二人目のメモ").hides("一人目のメモ");
}
