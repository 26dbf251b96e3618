//! 依頼人拠点 by administrators, branch managers and staff.

use crate::kit::TestApp;
use crate::kit::world::{GARAGE, NORTH, SOUTH};
use ainas::domain::report::Reported;
use ainas::service::error::Error;
use axum::http::StatusCode;

const NEW: [(&str, &str); 4] =
    [("code", "003"), ("name", "東工場"), ("short_name", "東工場"), ("commission_number", "HGS0000001")];

#[tokio::test]
async fn a_branch_is_added_changed_and_removed() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin.get("/client/branches").await.shows("全 2 件").shows("依頼人拠点登録");
    admin.get("/client/branches/new").await.shows("登録後は変更できません");
    let page = admin.post("/client/branches/new", &NEW).await;
    assert_eq!(page.title(), "依頼人拠点照会");
    page.shows("依頼人拠点を登録しました。").shows("依頼人拠点コード 003").shows("HGS0000001").shows("変更の記録");
    let address = page.path.clone();
    admin.get("/client/branches").await.shows("全 3 件").shows("東工場");

    let page = admin.get(&format!("{address}/edit")).await;
    assert_eq!(page.form(&format!("{address}/edit")).value("name"), Some("東工場"));
    let page = admin.post(&format!("{address}/edit"), &[("name", "東サービス工場"), ("commission_number", "")]).await;
    page.shows("依頼人拠点を更新しました。")
        .shows("東サービス工場")
        .shows("変更した項目：依頼人拠点名、記録等事務代行者委託番号");

    admin.get(&format!("{address}/delete")).await.shows("この依頼人拠点を削除します。").hides("使用中");
    let page = admin.post(&format!("{address}/delete"), &[]).await;
    assert_eq!(page.title(), "依頼人拠点検索");
    page.shows("依頼人拠点を削除しました。").shows("全 2 件").hides("東サービス工場");
    assert_eq!(admin.get(&address).await.status, StatusCode::NOT_FOUND);

    let reports = node.app.store.read(|tx| Ok::<_, Error>(tx.reports_of(GARAGE, 10)?)).unwrap();
    let labels: Vec<&str> = reports.iter().map(|report| report.what.label()).collect();
    assert_eq!(labels, ["依頼人拠点削除", "依頼人拠点更新", "依頼人拠点登録"]);
    assert!(matches!(&reports[0].what, Reported::BranchRemoved(branch) if branch.name == "東サービス工場"));

    // The code is free again, and stands for the same workshop.
    admin.get("/client/branches/new").await;
    assert_eq!(admin.post("/client/branches/new", &NEW).await.path, address);
}

#[tokio::test]
async fn wrong_input_comes_back_with_its_rule_and_the_other_width_is_shown_before_it_is_saved() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin.get("/client/branches/new").await;
    let fields =
        [("code", "12-3"), ("name", ""), ("short_name", "あいうえおかきくけこさ"), ("commission_number", "A1")];
    let page = admin.post("/client/branches/new", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("入力内容を確認してください（4件）").shows("「-」は使えません").shows("11文字").shows("2文字");
    assert_eq!(page.form("/client/branches/new").value("short_name"), Some("あいうえおかきくけこさ"));

    let fields = [("code", "００３"), ("name", "ABC工場"), ("short_name", "ｱﾍﾞｼ"), ("commission_number", "")];
    let page = admin.post("/client/branches/new", &fields).await;
    page.shows("変換しました").shows("まだ保存していません");
    let form = page.form("/client/branches/new");
    let kept = ["code", "name", "short_name"].map(|name| form.value(name).unwrap_or_default());
    assert_eq!(kept, ["003", "ＡＢＣ工場", "アベシ"]);
    admin.post("/client/branches/new", &[]).await.shows("依頼人拠点を登録しました。").shows("ＡＢＣ工場");

    admin.get("/client/branches/new").await;
    let taken = [("code", "001"), ("name", "北"), ("short_name", "北"), ("commission_number", "")];
    let page = admin.post("/client/branches/new", &taken).await;
    page.shows("依頼人拠点コード「001」は、「北工場」で使われています。");
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_branch_in_use_stays_and_the_page_says_what_holds_it() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let address = format!("/client/branches/{NORTH}/delete");
    let page = admin.get(&address).await;
    page.shows("使用中のため、削除できません").shows("ユーザー3人（c-manager、c-north、c-new）");
    page.shows(&format!("2件（申請ID {}、{}）", node.world.draft, node.world.sent));
    // Nothing that would be refused is offered, but the way on.
    page.hides("確定").shows("この拠点のユーザーを表示");
    let users = format!("/client/users?branch={NORTH}");
    assert!(page.body.contains(&users), "{}", page.body);
    admin.get(&users).await.shows("全 3 件").shows("c-north").hides("c-all");

    // In use only since its page was opened.
    admin.get("/client/branches/new").await;
    let created = admin.post("/client/branches/new", &NEW).await.path;
    let address = format!("{created}/delete");
    let asked = admin.get(&address).await.form(&address).encoded();
    let mut other = node.as_user("c-admin").await;
    other.get("/client/users/new").await;
    let branch = created.rsplit('/').next().unwrap_or_default();
    let person = [
        ("login_id", "higashi1"),
        ("name", "東 太郎"),
        ("password", "Kawasemi-2026x"),
        ("password_again", "Kawasemi-2026x"),
        ("role", "staff_send"),
        ("branch", branch),
    ];
    other.post("/client/users/new", &person).await.shows("ユーザーを登録しました。");
    let page = admin.raw_post(&address, &asked, &[]).await;
    assert_eq!((page.status, page.title().as_str()), (StatusCode::CONFLICT, "依頼人拠点削除"));
    page.shows("ユーザー1人（higashi1）").hides("申請ID").hides("確定");
    admin.get("/client/branches").await.shows("全 3 件");
}

#[tokio::test]
async fn conditions_stand_in_the_address_and_lead_back() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get("/client/branches?name=%E5%8C%97").await;
    page.shows("全 1 件").hides("南工場");
    let link = format!("/client/branches/{NORTH}?name=%E5%8C%97");
    assert!(page.body.contains(&link));
    let page = admin.get(&link).await;
    assert!(page.body.contains("href=\"/client/branches?name=%E5%8C%97\""), "一覧に戻る keeps the conditions");
    admin.get("/client/branches?code=zzz").await.shows("0 件を表示").shows("条件に合う依頼人拠点はありません。");
    admin.get("/client/branches?page=9").await.shows("0 件を表示（全 2 件）");
}

#[tokio::test]
async fn of_two_who_change_a_branch_the_second_is_told() {
    let node = TestApp::new().await;
    let (mut first, mut second) = (node.as_user("c-admin").await, node.as_user("c-manager").await);
    let address = format!("/client/branches/{NORTH}/edit");
    first.get(&address).await;
    second.get(&address).await;
    first.post(&address, &[("name", "北第一工場")]).await.shows("更新しました");
    let page = second.post(&address, &[("name", "北本店")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("別の人が先に更新しました").shows("依頼人拠点名 北第一工場 北本店");
    second.post(&address, &[]).await.shows("更新しました").shows("北本店");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_adds_one_branch() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get("/client/branches/new").await;
    let body = page.form("/client/branches/new").filled(&NEW).encoded();
    let first = admin.raw_post("/client/branches/new", &body, &[]).await;
    let second = admin.raw_post("/client/branches/new", &body, &[]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(first.header("location"), second.header("location"));
    admin.get("/client/branches").await.shows("全 3 件");
}

#[tokio::test]
async fn a_branch_manager_renames_their_own_branch_only() {
    let node = TestApp::new().await;
    let mut manager = node.as_user("c-manager").await;
    manager.get("/client/branches").await.shows("全 1 件").hides("依頼人拠点登録").hides("南工場");
    let page = manager.get(&format!("/client/branches/{NORTH}")).await;
    page.shows("依頼人拠点更新").hides("依頼人拠点削除");
    assert_eq!(manager.get(&format!("/client/branches/{SOUTH}")).await.status, StatusCode::NOT_FOUND);
    manager.get(&format!("/client/branches/{NORTH}/edit")).await;
    manager.post(&format!("/client/branches/{NORTH}/edit"), &[("short_name", "北")]).await.shows("更新しました");
}

#[tokio::test]
async fn staff_look_at_their_branch_from_a_request() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-north").await;
    let request = format!("/client/inspection/requests/{}", node.world.draft);
    let page = staff.get(&request).await;
    let link = format!("/client/branches/{NORTH}?back={}", request.replace('/', "%2F"));
    assert!(page.body.contains(&link), "the branch leads on");
    let page = staff.get(&link).await;
    page.shows("依頼人拠点コード 001").hides("依頼人拠点更新").hides("依頼人拠点削除");
    assert!(page.body.contains(&format!("href=\"{request}\"")), "and back");
    let page = staff.get(&format!("/client/branches/{NORTH}?back=https://evil.example/")).await;
    assert!(!page.body.contains("evil.example"));
}
