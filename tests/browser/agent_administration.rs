//! The pages of an agent's administrators that no guide shows, step by step: users and statistics.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("agent-administration"));

/// The password of a user registered here, and the one they choose.
const GIVEN: &str = "Hajimete-26a";
const CHOSEN: &str = "Erabimashita-26";

fn administrator(test: &str) -> Page {
    let who = STAGE.person("agent", "administrator");
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page
}

/// A1: 代理人ユーザー管理, from the registration over the first sign-in, 更新 and パスワード再設定 to 削除.
#[test]
fn a1_a_user_from_registration_to_deletion() {
    let page = administrator("a1_users");
    page.menu("代理人ユーザー管理");
    page.at("代理人ユーザー検索");
    page.look_over();
    page.fill("ログインID", "nobody-here");
    page.button("検索");
    page.look_over();
    page.menu("代理人ユーザー管理");
    page.button("代理人担当者ユーザー登録");
    page.at("代理人担当者ユーザー登録");
    page.look_over();
    page.fill("ユーザー名", "見本@新人");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("ログインID")), "{:?}", page.problems());
    page.look_over();
    page.fill("ログインID", "minami07");
    page.fill("ユーザー名", "見本　新人");
    page.fill("パスワード", GIVEN);
    page.fill("パスワード（確認）", GIVEN);
    page.button("確定");
    page.at("代理人ユーザー照会");
    page.reads("ログインID", "minami07");
    page.reads("権限", "担当者");
    page.look_over();

    let staff = STAGE.browser("a1_users_staff");
    staff.open(&STAGE.person("agent", "administrator").url);
    staff.sign_in("minami07", GIVEN);
    staff.at("パスワード更新");
    staff.fill("パスワード", CHOSEN);
    staff.fill("パスワード（確認）", CHOSEN);
    staff.button("確定");
    staff.at("お知らせ案内検索");
    staff.menu("依頼データ検索");

    page.button("代理人担当者ユーザー更新");
    page.at("代理人担当者ユーザー更新");
    page.fill("ユーザー名", "見本　改名");
    page.look_over();
    page.button("確定");
    page.at("代理人ユーザー照会");
    page.reads("ユーザー名", "見本　改名");
    page.button("代理人ユーザーパスワード再設定");
    page.at("代理人ユーザーパスワード再設定");
    page.look_over();
    page.button("確定");
    page.at("代理人ユーザー照会");
    page.look_over();
    page.button("代理人担当者ユーザー削除");
    page.at("代理人担当者ユーザー削除");
    page.look_over();
    page.button("確定");
    page.at("代理人ユーザー検索");
    assert!(!page.table(None).column("ログインID").contains(&"minami07"));
    page.link(&STAGE.person("agent", "administrator").login_id);
    page.button("代理人管理者ユーザー更新");
    page.at("代理人管理者ユーザー更新");
    page.look_over();
}

/// A1: 申請データ統計検索, by month, by day, with nothing found and with a span that is too long.
#[test]
fn a1_statistics_as_chart_and_tables() {
    let page = administrator("a1_statistics");
    page.menu("申請データ統計検索");
    page.at("申請データ統計検索");
    let counted = page.table(Some("手続別"));
    assert!(counted.column("手続").contains(&"継続検査"), "{counted:?}");
    page.look_over();
    page.choose("集計単位", "日別");
    page.button("検索");
    page.look_over();
    page.fill("依頼人組織ID", "999999999");
    page.button("検索");
    page.look_over();
    page.fill("依頼人組織ID", "みどり");
    page.button("検索");
    assert!(page.problems().join(" ").contains(&plain("半角数字9文字")), "{:?}", page.problems());
    page.look_over();
}

/// A1: 代理人拠点管理, from an association of the ready list over 登録 and 更新 to 削除; one in use is refused with the reason.
#[test]
fn a1_a_branch_from_registration_to_deletion() {
    let page = administrator("a1_branches");
    page.menu("代理人拠点管理");
    page.at("代理人拠点検索");
    page.look_over();
    let before = page.table(None).len();
    page.button("振興会の一覧から追加");
    page.at("振興会の一覧から追加");
    page.button("確定");
    assert_eq!(page.problems().len(), 1);
    page.look_over();
    page.check("富山県自動車整備振興会");
    page.button("確定");
    page.banner("代理人拠点を1件追加しました。");
    page.button("代理人拠点登録");
    page.button("確定");
    assert!(page.problems().len() >= 3, "{:?}", page.problems());
    page.look_over();
    page.fill("代理人拠点ID", "SM901");
    page.fill("代理人拠点名", "湾岸出張所");
    page.fill("代理人拠点名（略称）", "湾岸");
    page.fill("管轄地域", "東京");
    page.button("確定");
    page.at("代理人拠点照会");
    page.look_over();
    page.button("代理人拠点更新");
    page.fill("記録等事務代行者委託番号", "SMB0000901");
    page.look_over();
    page.button("確定");
    page.at("代理人拠点照会");
    page.reads("記録等事務代行者委託番号", "SMB0000901");
    page.button("一覧に戻る");
    assert_eq!(page.table(None).len(), before + 2);
    page.link("SM901");
    page.button("代理人拠点削除");
    page.look_over();
    page.button("確定");
    page.banner("代理人拠点を削除しました。");
    let in_use = page.table(None).column("代理人拠点ID")[0].to_owned();
    page.link(&in_use);
    page.button("代理人拠点削除");
    page.says("削除できません");
    assert!(!page.offers("確定"));
    page.look_over();
}

/// A1: 代理人組織更新 with its thirteen boxes, 各種ダウンロード and お知らせ案内検索 of an agent.
#[test]
fn a1_organization_downloads_and_notices() {
    let page = administrator("a1_organization");
    page.look_over();
    page.menu("代理人組織管理");
    page.at("代理人組織検索");
    page.look_over();
    let id = page.table(None).column("代理人組織ID")[0].to_owned();
    page.link(&id);
    page.at("代理人組織照会");
    page.look_over();
    page.button("代理人組織更新");
    page.at("代理人組織更新");
    page.look_over();
    let name = page.typed("代理人組織名");
    page.fill("代理人組織名", "");
    page.button("確定");
    assert_eq!(page.problems().len(), 1, "{:?}", page.problems());
    page.look_over();
    page.fill("代理人組織名", &name);
    page.check("新車新規");
    page.button("確定");
    page.at("代理人組織照会");
    page.reads("新車新規申請可否", "可能");
    page.menu("各種ダウンロード");
    page.at("各種ダウンロード");
    page.look_over();
    page.button("ダウンロード");
    assert_eq!(page.problems(), [plain("ダウンロードするデータを選んでください。")]);
    page.look_over();
}
