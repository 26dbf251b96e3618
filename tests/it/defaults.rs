//! 依頼先代理人 and 申請テンプレート: who keeps them, whom they bind, and what a new request makes of them.

use crate::kit::world::{AGENT_MAIN, AGENT_SIDE, NORTH, OTHER_AGENT_MAIN, SOUTH};
use crate::kit::{Browser, Page, TestApp};
use ainas::domain::procedure::common::no;
use ainas::domain::request::{ServiceRequest, Value};
use ainas::service::error::Error;
use axum::http::StatusCode;

const AGENTS: &str = "/client/agents";
const TEMPLATES: &str = "/client/templates";
const NEW: &str = "/client/inspection/requests/new";

const VEHICLE: [(&str, &str); 5] = [
    ("plate.region", "品川"),
    ("plate.class", "300"),
    ("plate.kana", "さ"),
    ("plate.serial", "4321"),
    ("chassis", "ZVW30-7654321"),
];

/// Registers a request with these choices; what the form offers for the rest.
async fn registered(staff: &mut Browser<'_>, chosen: &[(&str, &str)]) -> Page {
    staff.get(NEW).await;
    staff.post(NEW, &[VEHICLE.as_slice(), chosen].concat()).await
}

fn request(node: &TestApp, page: &Page) -> ServiceRequest {
    let id = page.path.rsplit('/').next().unwrap().parse().unwrap();
    node.app.store.read(|tx| Ok::<_, Error>(tx.request(id)?.unwrap())).unwrap()
}

#[tokio::test]
async fn a_branch_asks_only_whom_it_may_and_sees_its_default_first() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    admin
        .get(AGENTS)
        .await
        .shows("全 3 件")
        .shows("組織全体")
        .shows("すべての代理人（3件）")
        .shows("組織の設定と同じ（3件）");
    let whole = format!("{AGENTS}/all/edit");
    let (main, side, other) = (AGENT_MAIN.to_string(), AGENT_SIDE.to_string(), OTHER_AGENT_MAIN.to_string());
    admin.get(&whole).await;
    for (fields, says) in [
        (vec![("range", "listed"), ("agents", "")], "1つ以上選んで"),
        (vec![("range", "listed"), ("agents", "99")], "一覧から選んで"),
        (vec![("range", "listed"), ("agents", main.as_str()), ("default", side.as_str())], "依頼できる代理人の中から"),
    ] {
        let page = admin.post(&whole, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.shows(says);
    }
    let chosen =
        [("range", "listed"), ("agents", side.as_str()), ("agents", other.as_str()), ("default", other.as_str())];
    let page = admin.post(&whole, &chosen).await;
    page.shows("依頼先代理人を更新しました。").shows("選んだ代理人だけ（2件）").shows("支所").hides("AZ001");
    // One branch less; what the organization may not ask is not even offered.
    let south = format!("{AGENTS}/{SOUTH}/edit");
    let page = admin.get(&south).await;
    assert_eq!(page.form(&south).value("default"), Some(""), "本所 is no longer on offer");
    admin.post(&south, &[("range", "listed"), ("agents", side.as_str())]).await.shows("選んだ代理人だけ（1件）");

    // The form: the default of the organization for 北工場, the only one for 南工場.
    let mut north = node.as_user("c-north").await;
    let page = north.get(NEW).await;
    assert_eq!(page.form(NEW).value("agent_branch"), Some(other.as_str()));
    assert!(!page.body.contains("AZ001") && !page.text().contains("本所 支所"), "{}", page.text());
    let mut staff = node.as_user("c-south").await;
    let page = staff.get(NEW).await;
    assert_eq!(page.form(NEW).value("agent_branch"), Some(side.as_str()));
    // Not by another way either.
    let mut staff = node.as_user("c-staff").await;
    staff.get(NEW).await;
    let south = SOUTH.to_string();
    let page = registered(&mut staff, &[("branch", &south), ("agent", ""), ("agent_branch", &other)]).await;
    page.shows("この拠点から依頼できる代理人ではありません。");
    let page = registered(&mut staff, &[("branch", &south), ("agent", ""), ("agent_branch", &side)]).await;
    page.shows("依頼データを登録しました。");
    // What was chosen before is not sent to an agent that may no longer be asked.
    admin.get(&whole).await;
    admin.post(&whole, &[("range", "listed"), ("agents", &main), ("default", "")]).await.shows("更新しました");
    let id = request(&node, &page).id;
    let edit = format!("/client/inspection/requests/{id}/edit");
    staff.get(&edit).await;
    let complete = [
        ("ownership", "individual"),
        ("name", "見本"),
        ("address1", "東京都"),
        ("address2", "１"),
        ("term", "two_years"),
        ("send", "on"),
    ];
    staff.post(&edit, &complete).await.shows("この代理人には依頼できなくなりました。");
}

#[tokio::test]
async fn branch_managers_choose_for_their_branch_only() {
    let node = TestApp::new().await;
    let mut manager = node.as_user("c-manager").await;
    manager.get(AGENTS).await.shows("全 1 件").shows("北工場").hides("組織全体").hides("南工場");
    for whose in ["all".to_owned(), SOUTH.to_string()] {
        for verb in ["", "/edit"] {
            assert_eq!(manager.get(&format!("{AGENTS}/{whose}{verb}")).await.status, StatusCode::NOT_FOUND, "{whose}");
        }
        manager.get(AGENTS).await;
        let page = manager.forge(&format!("{AGENTS}/{whose}/edit"), &[("version", "1")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{whose}");
    }
    let own = format!("{AGENTS}/{NORTH}/edit");
    manager.get(&own).await;
    let mut second = node.as_user("c-admin").await;
    second.get(&own).await;
    manager.post(&own, &[("default", &AGENT_SIDE.to_string())]).await.shows("依頼先代理人を更新しました。");
    let page = second.post(&own, &[("default", &OTHER_AGENT_MAIN.to_string())]).await;
    page.shows("別の人が先に更新しました。").shows("既定の代理人 あおぞら 支所 ひかり行 本所");
}

#[tokio::test]
async fn a_template_fills_a_new_request_of_its_branch() {
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    let page = admin.get(TEMPLATES).await;
    page.shows("全 1 件").shows("北のいつもの").shows("【継続検査】申請テンプレート登録");
    let new = format!("{TEMPLATES}/new/inspection");
    let page = admin.get(&new).await;
    page.hides("氏名又は名称").hides("申請予定日").hides("住所1");
    let page = admin.post(&new, &[("name", ""), ("option_code", "あ"), ("memo", "メモ")]).await;
    page.shows("テンプレート名を入力してください。").shows("オプションコードに");
    assert_eq!(page.form(&new).value("memo"), Some("メモ"), "what was typed stays");
    let fields = [
        ("name", "全店のいつもの"),
        ("usual", "on"),
        ("option_code", "ALL1"),
        ("term", "two_years"),
        ("renewal_division", "agent"),
        ("memo", "鍵は受付"),
    ];
    let page = admin.post(&new, &fields).await;
    page.shows("申請テンプレートを登録しました。").shows("すべての拠点").shows("2年指定整備車").shows("鍵は受付");
    let whole = page.path.clone();
    admin.get(&new).await;
    admin.post(&new, &[("name", "全店のいつもの")]).await.shows("すでに使われています");

    // Chosen by itself; the branch's own, once it has one, comes before.
    let mut staff = node.as_user("c-north").await;
    let page = staff.get(NEW).await;
    assert_eq!(page.form(NEW).value("template"), whole.rsplit('/').next());
    let page = registered(&mut staff, &[]).await;
    page.shows("依頼データを登録しました。").shows("申請テンプレート：全店のいつもの").shows("ALL1").shows("鍵は受付");
    let made = request(&node, &page);
    assert_eq!(made.choice(no::RENEWAL_DIVISION), Some(2));
    assert!(!made.fields.contains_key(&no::NAME));
    let mut manager = node.as_user("c-manager").await;
    let north = format!("{TEMPLATES}/1/edit");
    manager.get(&north).await;
    manager.post(&north, &[("usual", "on")]).await.shows("申請テンプレートを更新しました。");
    let page = staff.get(NEW).await;
    assert_eq!(page.form(NEW).value("template"), Some("1"));
    assert_eq!(page.form(NEW).value("agent_branch"), Some(AGENT_SIDE.to_string().as_str()), "its agent comes along");
    // Without one, nothing but the usual.
    let page = registered(&mut staff, &[("template", ""), ("same_vehicle_confirmed", "on")]).await;
    assert_eq!(request(&node, &page).fields.get(&no::OPTION_CODE), None::<&Value>);

    // Another branch's is not on offer, and not taken.
    let mut south = node.as_user("c-south").await;
    south.get(NEW).await.hides("北のいつもの");
    registered(&mut south, &[("template", "1"), ("same_vehicle_confirmed", "on")])
        .await
        .shows("申請テンプレートを一覧から");
    // Deleted: asked first, requests keep what it filled in.
    admin.get(&format!("{whole}/delete")).await.shows("この申請テンプレートを削除します。");
    admin.post(&format!("{whole}/delete"), &[]).await.shows("申請テンプレートを削除しました。").hides("全店のいつもの");
    assert_eq!(admin.get(&whole).await.status, StatusCode::NOT_FOUND);
    staff.get(&format!("/client/inspection/requests/{}", made.id)).await.shows("ALL1");
    assert_eq!(node.app.store.read(ainas::store::check::check).unwrap(), []);
}

#[tokio::test]
async fn one_template_of_a_branch_is_its_usual_one_and_managers_keep_only_their_own() {
    let node = TestApp::new().await;
    let mut manager = node.as_user("c-manager").await;
    let new = format!("{TEMPLATES}/new/inspection");
    let north = NORTH.to_string();
    manager.get(&new).await;
    for (branch, says) in [("", "依頼人拠点を一覧から"), ("2", "依頼人拠点を一覧から")] {
        manager.post(&new, &[("name", "わが店"), ("branch", branch)]).await.shows(says);
    }
    manager.post(&new, &[("name", "わが店"), ("branch", &north), ("usual", "on")]).await.shows("登録しました");
    manager.get(&new).await;
    manager.post(&new, &[("name", "わが店2"), ("branch", &north), ("usual", "on")]).await.shows("登録しました");
    let templates = node.app.store.read(|tx| Ok::<_, Error>(tx.templates_of(crate::kit::world::GARAGE)?)).unwrap();
    let usual: Vec<&str> = templates.iter().filter(|each| each.usual).map(|each| each.name.as_str()).collect();
    assert_eq!(usual, ["わが店2"]);
    let mut stranger = node.as_user("c-south-manager").await;
    stranger.get(TEMPLATES).await.shows("0 件を表示");
    for verb in ["", "/edit", "/delete"] {
        assert_eq!(stranger.get(&format!("{TEMPLATES}/1{verb}")).await.status, StatusCode::NOT_FOUND);
    }
    // Two at once: the second is told.
    let own = format!("{TEMPLATES}/1/edit");
    let mut admin = node.as_user("c-admin").await;
    admin.get(&own).await;
    manager.get(&own).await;
    manager.post(&own, &[("memo", "先")]).await.shows("更新しました");
    let page = admin.post(&own, &[("memo", "後")]).await;
    page.shows("別の人が先に更新しました。").shows("メモ 先 後");
    admin.post(&own, &[("memo", "後")]).await.shows("更新しました").shows("後");
}
