//! 依頼人証明書: registered from files of all kinds, shown to whoever administers the garage, and nothing of it kept that
//! could sign.

use crate::kit::world::GARAGE;
use crate::kit::{Browser, Page, TestApp};
use ainas::domain::client_certificate::ClientCertificate;
use ainas::pki::certificate::Subject;
use ainas::pki::p12;
use ainas::service::error::Error;
use ainas::service::key_files::{PRACTICE_PASSWORD, practice_file};
use axum::http::StatusCode;

const ORGANIZATION: &str = "/client/organizations/102400005";
const REGISTER: &str = "/client/organizations/102400005/certificates/new";

fn certificates(node: &TestApp) -> Vec<ClientCertificate> {
    node.app.store.read(|tx| Ok::<_, Error>(tx.client_certificates(GARAGE)?)).unwrap()
}

async fn upload(browser: &mut Browser<'_>, name: &str, content: &[u8], password: &str) -> Page {
    browser.get(REGISTER).await;
    browser.post_files(REGISTER, &[("certificate_password", password)], &[("file", name, content)]).await
}

/// A file that is valid between these days around now; without `organization` it is a person's.
fn file(node: &TestApp, organization: &str, from: i64, until: i64) -> Vec<u8> {
    let subject = Subject {
        common_name: "見本　一郎".to_owned(),
        organization: organization.to_owned(),
        prefecture: "東京都".to_owned(),
        locality: "架空区".to_owned(),
        street: "見本町1-2-3".to_owned(),
        ..Subject::default()
    };
    let now = node.clocks.business();
    practice_file(&subject, now.plus(from * 86_400), now.plus(until * 86_400)).unwrap().1
}

#[tokio::test]
async fn what_the_file_says_is_shown() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin.get(ORGANIZATION).await.shows("依頼人証明書登録").shows("髙橋行政書士事務所");
    admin.get(REGISTER).await.shows("依頼人証明書の登録は不要です。").shows("代理人の電子証明書で署名します");
    let company = file(&node, "架空自動車整備株式会社", -1, 300);
    let page = upload(&mut admin, "会社.p12", &company, PRACTICE_PASSWORD).await;
    assert_eq!(page.title(), "依頼人証明書照会", "{}", page.text());
    page.shows("依頼人証明書を登録しました。")
        .shows("登録日時 2026/12/01 10:00")
        .shows("氏名又は名称（漢字） 架空自動車整備株式会社")
        .shows("代表者氏名（漢字） 見本 一郎")
        .shows("住所 東京都架空区見本町1-2-3")
        .shows("証明書有効期限 2027/09/27")
        .shows("有効期間内");
    // A person represents nobody; files of other makers are read as well.
    let person = file(&node, "", -1, 30);
    upload(&mut admin, "a.p12", &person, PRACTICE_PASSWORD).await.shows("（漢字） 見本 一郎 代表者氏名（漢字） ―");
    let java = include_bytes!("../fixtures/p12/java-rsa.p12");
    upload(&mut admin, "b.p12", java, "Himitsu-1").await.shows("代表者氏名（漢字） 髙橋 花子");
    assert_eq!(certificates(&node).iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3, 4]);

    // Past ones stay listed, and say so. A branch manager sees them, and can register none.
    node.clocks.advance(40 * 86_400);
    let mut manager = node.as_user("c-manager").await;
    let page = manager.get(ORGANIZATION).await;
    page.shows("期限切れ").shows("架空自動車整備株式会社").hides("依頼人証明書登録").hides("APIキー");
    manager.get(&format!("{ORGANIZATION}/certificates/2")).await.shows("依頼人証明書照会");
    assert_eq!(manager.get(&format!("{ORGANIZATION}/certificates/9")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_kept() {
    let node = TestApp::new().await;
    let before = certificates(&node);
    let mut admin = node.as_user("c-admin").await;
    let good = file(&node, "", -1, 300);
    let (expired, early) = (file(&node, "", -400, -1), file(&node, "", 2, 300));
    for (name, content, password, says) in [
        ("a.pfx", &good, PRACTICE_PASSWORD, "「.pfx」のファイルは登録できません。"),
        ("a.p12", &b"-----BEGIN CERTIFICATE-----".to_vec(), PRACTICE_PASSWORD, "（.p12）ではありません"),
        ("a.p12", &good, "Renshu-2025", "証明書パスワードが違います。"),
        ("a.p12", &good, "", "証明書パスワードを入力してください。"),
        ("", &Vec::new(), PRACTICE_PASSWORD, "ファイルを選んでください。"),
        ("a.p12", &expired, PRACTICE_PASSWORD, "有効期限（2026/11/30）が切れています。"),
        ("a.p12", &early, PRACTICE_PASSWORD, "まだ使えません。"),
        ("a.p12", &vec![0x30; 70 << 10], PRACTICE_PASSWORD, "大きすぎます。64 KB以下"),
    ] {
        let page = upload(&mut admin, name, content, password).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", page.text());
        page.shows("依頼人証明書登録").shows(says);
        assert!(!page.body.contains(&format!("value=\"{PRACTICE_PASSWORD}")), "the password comes back");
    }
    assert_eq!(certificates(&node), before);
    upload(&mut admin, "a.p12", &good, PRACTICE_PASSWORD).await.shows("登録しました");
    upload(&mut admin, "b.p12", &good, PRACTICE_PASSWORD).await.shows("2026/12/01 10:00に登録済みです。");
    assert_eq!(certificates(&node).len(), before.len() + 1);
}

#[tokio::test]
async fn a_certificate_to_practise_with_can_be_registered() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin.get(REGISTER).await.shows("練習用の電子証明書").shows(PRACTICE_PASSWORD);
    let page = admin.get(&format!("{ORGANIZATION}/certificates/practice.p12")).await;
    assert!(page.header("content-disposition").contains(".p12"));
    let content = page.bytes.clone();
    upload(&mut admin, "practice.p12", &content, PRACTICE_PASSWORD).await.shows("みどり自動車整備");
    // What is kept can sign nothing: it is the certificate and no more.
    let kept = certificates(&node).pop().unwrap();
    let read = p12::read(&content, PRACTICE_PASSWORD).unwrap();
    assert_eq!(kept.certificate, read.certificate);
}
