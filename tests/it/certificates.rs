//! 代理人証明書: registered from files of all kinds, completed with the password at every time, and used by the next
//! filing. Everything that is wrong is said at its field, and nothing is saved.

use crate::kit::world::{AGENT, AGENT_MAIN, NORTH};
use crate::kit::{Browser, TestApp};
use ainas::config::{PortalGateway, Review};
use ainas::domain::agent_certificate::AgentCertificate;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::ids::RequestId;
use ainas::domain::plate::Plate;
use ainas::domain::procedure::inspection::{self, division, no};
use ainas::domain::request::{PortalStatus, Value};
use ainas::domain::workflow::Action;
use ainas::pki::certificate::Subject;
use ainas::pki::signing;
use ainas::service::error::Error;
use ainas::service::key_files::{PRACTICE_PASSWORD, practice_file};
use ainas::service::once::Token;
use ainas::service::requests::NewRequest;
use ainas::service::{filing, requests};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::process::Command;

const ORGANIZATION: &str = "/agent/organizations/1001";
const REGISTER: &str = "/agent/organizations/1001/certificates/new";
const JAVA: &[u8] = include_bytes!("../fixtures/p12/java-rsa.p12");
const JAVA_PASSWORD: &str = "Himitsu-1";

/// What the guide has typed, in its five places.
const FIVE: [(&str, &str); 5] = [
    ("trade_name_kana", "タカハシギョウセイショシジムショ"),
    ("person_name_kana", "タカハシ　ハナコ"),
    ("postal_code", "140-0011"),
    ("usable_from", "2026-12-01"),
    ("certificate_password", JAVA_PASSWORD),
];

fn certificates(node: &TestApp) -> Vec<AgentCertificate> {
    node.app.store.read(|tx| Ok::<_, Error>(tx.agent_certificates(AGENT)?)).unwrap()
}

/// The page after 確定 of 代理人証明書登録.
async fn upload(browser: &mut Browser<'_>, name: &str, content: &[u8], password: &str) -> crate::kit::Page {
    browser.get(REGISTER).await;
    browser.post_files(REGISTER, &[("certificate_password", password)], &[("file", name, content)]).await
}

fn subject() -> Subject {
    Subject {
        common_name: "空野　晴".to_owned(),
        organization: "あおぞら行政書士事務所".to_owned(),
        prefecture: "東京都".to_owned(),
        locality: "品川区".to_owned(),
        street: "東大井1-2-3　青空ビル".to_owned(),
        serial_number: String::new(),
    }
}

/// A file that is valid between these days around now.
fn file(node: &TestApp, from: i64, until: i64) -> Vec<u8> {
    let now = node.clocks.business();
    practice_file(&subject(), now.plus(from * 86_400), now.plus(until * 86_400)).unwrap().1
}

#[tokio::test]
async fn the_guide_from_the_file_to_the_certificate_in_use() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    admin.get("/agent").await.shows("代理人組織管理").shows("申請に使える電子証明書（代理人証明書）がありません。");
    let list = admin.get("/agent/organizations").await;
    list.shows("代理人組織検索").shows("1001").shows("OSS申請可能").shows("全 1 件");
    let page = admin.get(ORGANIZATION).await;
    page.shows("新車新規申請可否 不可").shows("継続検査申請可否 可能").shows("（軽）継続検査申請可否 可能");
    let page = upload(&mut admin, "行政書士電子証明書.p12", JAVA, JAVA_PASSWORD).await;
    assert_eq!(page.title(), "代理人証明書照会", "{}", page.text());
    page.shows("登録日時 2026/12/01 10:00").shows("屋号（カナ） ―").shows("屋号（漢字） 髙橋行政書士事務所");
    page.shows("氏名又は代表者名（漢字） 髙橋 花子")
        .shows("住所（都道府県～番地） 東京都品川区東大井一丁目１２番１７号");
    page.shows("利用開始日 ―").shows("入力待ち");
    let number = certificates(&node).last().unwrap().number;
    let edit = format!("{ORGANIZATION}/certificates/{number}/edit");

    // Each of the five is missed, and the password is verified at every time.
    let page = admin.get(&edit).await;
    page.shows("電子証明書の内容通りに入力してください。");
    for (name, _) in FIVE {
        admin.get(&edit).await;
        let typed: Vec<_> =
            FIVE.into_iter().map(|(field, value)| (field, if field == name { "" } else { value })).collect();
        let page = admin.post(&edit, &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.body.contains(&format!("id=\"{name}-error\"")), "{name}: {}", page.text());
    }
    admin.get(&edit).await;
    let wrong: Vec<_> = FIVE
        .into_iter()
        .map(|(field, value)| (field, if value == JAVA_PASSWORD { "himitsu-1" } else { value }))
        .collect();
    admin.post(&edit, &wrong).await.shows("証明書パスワードが違います。");
    admin.get(&edit).await;
    let early = [FIVE.as_slice(), &[("usable_from", "2020-01-01")]].concat();
    let early: Vec<_> = early.into_iter().filter(|field| *field != ("usable_from", "2026-12-01")).collect();
    admin.post(&edit, &early).await.shows("電子証明書の有効期間（");
    assert_eq!(certificates(&node).last().unwrap().usable_from, None, "nothing was saved");

    admin.get(&edit).await;
    let page = admin.post(&edit, &FIVE).await;
    page.shows("代理人証明書を更新しました。").shows("申請に使用中").shows("利用開始日 2026/12/01").hides("異なります");
    admin.get(ORGANIZATION).await.shows("髙橋 花子").shows("申請に使用中").hides("がありません");
    assert!(
        node.app
            .store
            .read(|tx| {
                let rows = tx.audit_rows(None, 10)?;
                Ok::<_, Error>(rows.iter().any(|(_, row)| {
                    row.action == "certificate.update" && row.details.contains(&"usable_from".to_owned())
                }))
            })
            .unwrap()
    );

    // Somebody else was quicker.
    let mut other = admin.twin();
    other.get(&edit).await;
    admin.get(&edit).await;
    let later = [("usable_from", "2026-12-05"), ("certificate_password", JAVA_PASSWORD)];
    admin.post(&edit, &later).await.shows("更新しました").shows("2026/12/05から使用");
    let mine = [("postal_code", "1400012"), ("certificate_password", JAVA_PASSWORD)];
    // The code is completed and shown before it is saved.
    other.post(&edit, &mine).await.shows("まだ保存していません");
    let mine = [("certificate_password", JAVA_PASSWORD)];
    other.post(&edit, &mine).await.shows("別の人が先に更新しました").shows("2026/12/05").shows("2026/12/01");

    // A difference from the certificate is kept, and said until it is mended.
    admin.get(&edit).await;
    let differing = [("person_name", "高橋　花子"), ("certificate_password", JAVA_PASSWORD)];
    admin.post(&edit, &differing).await.shows("氏名又は代表者名（漢字）が電子証明書の内容と異なります。");
}

#[tokio::test]
async fn every_wrong_file_is_refused_with_its_own_sentence_and_nothing_is_saved() {
    let node = TestApp::new().await;
    let before = certificates(&node).len();
    let mut admin = node.as_user("a-admin").await;
    let good = file(&node, -1, 300);
    let large = vec![0x30; 70 << 10];
    let pem = b"-----BEGIN CERTIFICATE-----".to_vec();
    let (expired, early) = (file(&node, -400, -1), file(&node, 2, 300));
    for (name, content, password, says) in [
        ("a.pfx", &good, PRACTICE_PASSWORD, "「.pfx」のファイルは登録できません。拡張子が「.p12」"),
        ("a.cer", &good, PRACTICE_PASSWORD, "拡張子が「.p12」の電子証明書のファイルを選んでください。"),
        ("a.p12", &pem, PRACTICE_PASSWORD, "電子証明書のファイル（.p12）ではありません"),
        ("a.p12", &good, "Renshu-2025", "証明書パスワードが違います。"),
        ("a.p12", &good, "", "証明書パスワードを入力してください。"),
        ("a.p12", &expired, PRACTICE_PASSWORD, "有効期限（2026/11/30）が切れています。"),
        ("a.p12", &early, PRACTICE_PASSWORD, "まだ使えません。有効期間は2026/12/03から"),
        ("a.p12", &large, PRACTICE_PASSWORD, "「a.p12」は大きすぎます。64 KB以下"),
        ("a.p12", &Vec::new(), PRACTICE_PASSWORD, "空のファイルです"),
        ("", &Vec::new(), PRACTICE_PASSWORD, "ファイルを選んでください。"),
    ] {
        let page = upload(&mut admin, name, content, password).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", page.text());
        page.shows("代理人証明書登録").shows(says).shows("もう一度選んでください");
        assert!(!page.body.contains(&format!("value=\"{PRACTICE_PASSWORD}")), "the password comes back");
    }
    assert_eq!(certificates(&node).len(), before);
    upload(&mut admin, "a.p12", &good, PRACTICE_PASSWORD).await.shows("住所（建物名等） 青空ビル");
    upload(&mut admin, "b.p12", &good, PRACTICE_PASSWORD).await.shows("2026/12/01 10:00に登録済みです");
    // The key is nowhere to be read: the file and the key are sealed.
    let kept = certificates(&node).pop().unwrap();
    assert!(!kept.sealed_file.windows(64).any(|part| good.windows(64).any(|other| other == part)));
}

#[tokio::test]
async fn a_form_sent_twice_registers_once() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    admin.get(REGISTER).await;
    let mut twin = admin.twin();
    let content = file(&node, -1, 300);
    let fields = [("certificate_password", PRACTICE_PASSWORD)];
    let first = admin.forge_files(REGISTER, &fields, &[("file", "a.p12", &content)]).await;
    twin.get(REGISTER).await;
    let second = twin.forge_files(REGISTER, &fields, &[("file", "a.p12", &content)]).await;
    assert_eq!((first.status, first.header("location")), (second.status, second.header("location")));
    assert_eq!(certificates(&node).iter().filter(|one| one.person_name == "空野　晴").count(), 1);
}

#[tokio::test]
async fn the_end_is_announced_to_all_users_of_the_agent() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    upload(&mut admin, "a.p12", &file(&node, -1, 65), PRACTICE_PASSWORD).await;
    let number = certificates(&node).last().unwrap().number;
    let edit = format!("{ORGANIZATION}/certificates/{number}/edit");
    admin.get(&edit).await;
    let five = FIVE.map(|(name, value)| (name, if value == JAVA_PASSWORD { PRACTICE_PASSWORD } else { value }));
    admin.post(&edit, &five).await.shows("更新しました");
    admin.get("/agent").await.hides("有効期限まで");
    for (days, says) in [(6, "あと59日"), (30, "あと29日"), (29, "今日（")] {
        node.clocks.advance(days * 86_400);
        for login in ["a-admin", "a-staff"] {
            node.as_user(login).await.get("/agent").await.shows(says);
        }
        node.as_user("y-staff").await.get("/agent").await.hides(says);
    }
    node.clocks.advance(86_400);
    let page = node.as_user("a-staff").await.get("/agent").await;
    page.shows("申請に使える電子証明書（代理人証明書）がありません。").shows("管理者に、新しい電子証明書の登録を依頼");
}

#[tokio::test]
async fn practice_files_are_made_outside_production_only() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("a-admin").await;
    let page = admin.get(REGISTER).await;
    page.shows("練習用の電子証明書").shows(PRACTICE_PASSWORD);
    let page = admin.get(&format!("{ORGANIZATION}/certificates/practice.p12")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-disposition").contains(".p12"));
}

/// A node on which a request to the agent is accepted and can be filed.
async fn filing_node() -> (TestApp, RequestId) {
    let node = TestApp::configured(|config| {
        config.portal.gateway = PortalGateway::Simulated;
        config.portal.review = Review::Instant;
        config.portal.step_seconds = 0;
    })
    .await;
    let (garage, agent) = (node.world.user("c-staff"), node.world.user("a-staff"));
    let actors =
        node.app.store.read(|tx| Ok::<_, Error>((tx.client_actor(garage)?.unwrap(), tx.agent_actor(agent)?.unwrap())));
    let (garage, agent) = actors.unwrap();
    let new = NewRequest {
        plate: Plate { region: "品川".into(), class: "600".into(), kana: "さ".into(), serial: 1_111, small: false },
        chassis: ChassisNumber { number: "SX31-9000001".to_owned(), officially_stamped: false },
        branch: NORTH,
        agent_branch: AGENT_MAIN,
        template: None,
        same_vehicle_confirmed: true,
    };
    let app = &node.app;
    let id = requests::register(app, &garage, &inspection::PROCEDURE, new, Token::random()).await.unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let values = BTreeMap::from([
        (no::OWNERSHIP, Value::Choice(1)),
        (no::NAME, text("検査　太郎")),
        (no::ADDRESS_1, text("東京都品川区")),
        (no::ADDRESS_2, text("東大井１丁目１番")),
        (no::TERM, Value::Choice(2)),
        (no::RENEWAL_DIVISION, Value::Choice(division::OFFICE)),
    ]);
    requests::update(app, &garage, id, 1, values, true, Token::random()).await.unwrap();
    requests::act(app, agent, id, Action::Accept, Token::random()).await.unwrap();
    (node, id)
}

/// Registers and completes a certificate as the guide does; `person` is what is typed for 氏名又は代表者名（漢字）.
async fn in_use(node: &TestApp, content: &[u8], password: &str, person: &str) -> AgentCertificate {
    let mut admin = node.as_user("a-admin").await;
    upload(&mut admin, "a.p12", content, password).await.shows("登録しました");
    let number = certificates(node).last().unwrap().number;
    let edit = format!("{ORGANIZATION}/certificates/{number}/edit");
    admin.get(&edit).await;
    let typed = FIVE.map(|(name, value)| (name, if value == JAVA_PASSWORD { password } else { value }));
    admin.post(&edit, &[typed.as_slice(), &[("person_name", person)]].concat()).await.shows("更新しました");
    certificates(node).pop().unwrap()
}

async fn file_it(node: &TestApp, id: RequestId) -> ainas::domain::request::Filing {
    let staff = node.world.user("a-staff");
    let agent = node.app.store.read(|tx| Ok::<_, Error>(tx.agent_actor(staff)?.unwrap())).unwrap();
    filing::file(&node.app, &agent, id, Token::random()).await.unwrap();
    node.app.run_due_jobs().await.unwrap();
    node.app.store.read(|tx| Ok::<_, Error>(tx.filings(id)?)).unwrap().pop().unwrap()
}

#[tokio::test]
async fn the_next_filing_is_signed_with_it_and_openssl_agrees() {
    let (node, id) = filing_node().await;
    let certificate = in_use(&node, JAVA, JAVA_PASSWORD, "髙橋　花子").await;
    let filing = file_it(&node, id).await;
    assert_ne!(filing.portal_status, PortalStatus::NotAccepted, "{:?}", filing.failure);
    let signer = signing::verify(&filing.document, &filing.signature).unwrap();
    assert_eq!(signer.certificate, certificate.certificate);
    assert_eq!(signer.details.subject.common_name, "髙橋　花子");
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("document.xml", &filing.document);
    put("signature.der", &filing.signature);
    let line = "cms -verify -binary -inform DER -in signature.der -content document.xml -noverify -out out.xml";
    let output = Command::new("openssl").current_dir(folder.path()).args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_signer_that_differs_from_the_data_is_not_accepted() {
    let (node, id) = filing_node().await;
    in_use(&node, JAVA, JAVA_PASSWORD, "髙田　花子").await;
    let filing = file_it(&node, id).await;
    assert_eq!(filing.portal_status, PortalStatus::NotAccepted);
    assert!(filing.failure.iter().any(|why| why.contains("電子証明書の記載と異なります")), "{:?}", filing.failure);
}

#[tokio::test]
async fn what_is_under_way_is_counted_before_a_certificate_changes() {
    let (node, id) = filing_node().await;
    let mut admin = node.as_user("a-admin").await;
    admin.get(REGISTER).await.hides("申請中の案件が");
    in_use(&node, JAVA, JAVA_PASSWORD, "髙橋　花子").await;
    file_it(&node, id).await;
    let number = certificates(&node).last().unwrap().number;
    for path in [REGISTER.to_owned(), format!("{ORGANIZATION}/certificates/{number}/edit")] {
        admin.get(&path).await.shows("申請中の案件が1件あります。");
    }
}

#[tokio::test]
async fn the_flags_decide_what_may_be_filed() {
    let (node, id) = filing_node().await;
    in_use(&node, JAVA, JAVA_PASSWORD, "髙橋　花子").await;
    let mut admin = node.as_user("a-admin").await;
    let edit = format!("{ORGANIZATION}/edit");
    admin.get(&edit).await.shows("代理人組織更新").shows("運営者に連絡");
    // Every box unchecked but one that no page of this version files.
    let page = admin
        .post(&edit, &[("procedures", "11"), ("name", "あおぞら法務事務所"), ("short_name", "あおぞら法務")])
        .await;
    page.shows("代理人組織を更新しました。")
        .shows("あおぞら法務事務所")
        .shows("新車新規申請可否 可能")
        .shows("継続検査申請可否 不可");
    let staff = node.world.user("a-staff");
    let agent = node.app.store.read(|tx| Ok::<_, Error>(tx.agent_actor(staff)?.unwrap())).unwrap();
    let outcome = filing::file(&node.app, &agent, id, Token::random()).await;
    assert!(matches!(outcome, Err(Error::Refused(ainas::service::reason::Reason::ProcedureNotAllowed))));
    admin.get(&edit).await;
    admin.post(&edit, &[("procedures", "1"), ("procedures", "77")]).await.shows("継続検査申請可否 可能");
    let kept = node.app.store.read(|tx| Ok::<_, Error>(tx.agent_organization(AGENT)?.unwrap())).unwrap();
    assert_eq!(kept.procedures, [1], "what no page offers is not taken");
    file_it(&node, id).await;
}
