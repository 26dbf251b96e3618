//! The pages of an agent's administrators that no guide shows, step by step: users and statistics.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("agent-administration"));

/// The password of a user registered here, and the one they choose.
const GIVEN: &str = "Hajimete-26a";
const CHOSEN: &str = "Erabimashita-26";

fn sign_in(page: &Page, login_id: &str, password: &str) {
    page.at("ログイン");
    page.fill("ログインID", login_id);
    page.fill("パスワード", password);
    page.button("ログイン");
}

fn administrator(test: &str) -> Page {
    let who = STAGE.person("agent", "administrator");
    let page = STAGE.browser(test);
    page.open(&who.url);
    sign_in(&page, &who.login_id, &who.password);
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
    sign_in(&staff, "minami07", GIVEN);
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
