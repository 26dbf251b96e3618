//! The client operations guide, step by step.

use crate::harness::{Page, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("client-guide"));

fn choose_password(page: &Page, password: &str, again: &str) -> Vec<String> {
    page.fill("パスワード", password);
    page.fill("パスワード（確認）", again);
    page.button("確定");
    page.problems()
}

/// C3: initial password → パスワード更新 → お知らせ案内検索; the old password is refused afterwards, the new one works.
#[test]
fn c3_first_sign_in() {
    let who = STAGE.newcomer("client");
    let page = STAGE.browser("c3_first_sign_in");
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);

    page.at("パスワード更新");
    assert_eq!(page.value_of("ログインID"), who.login_id);
    assert!(!page.value_of("ユーザー名").is_empty());
    // The rule stands there before anything is wrong.
    page.says("8～39文字");
    page.says("3種類以上");
    // There is no way around it.
    page.open(&who.url);
    page.at("パスワード更新");
    assert!(!page.pressables("menu").contains(&"依頼データ検索".to_owned()));

    let new = "Kawazu-Tobu-26";
    for (password, again, says) in [
        ("Kawa-26", "Kawa-26", "8～39文字"),
        ("kawazutobu", "kawazutobu", "3種類以上"),
        ("Ｋawazu-Tobu-26", "Ｋawazu-Tobu-26", "半角"),
        (new, "Kawazu-Tobu-27", "一致"),
        (who.password.as_str(), who.password.as_str(), "パスワード"),
    ] {
        let problems = choose_password(&page, password, again).join(" ");
        assert!(problems.contains(&plain(says)), "{password}: {problems}");
        page.at("パスワード更新");
    }
    page.fill("パスワード", new);
    page.fill("パスワード（確認）", new);
    page.button("確定");

    page.at("お知らせ案内検索");
    page.banner("パスワードを更新しました");
    for item in ["依頼データ初期登録", "依頼データ検索", "申請データ検索", "継続検査", "ログアウト"]
    {
        assert!(page.pressables("menu").contains(&item.to_owned()), "{item}: {:?}", page.pressables("menu"));
    }

    page.menu("ログアウト");
    page.sign_in(&who.login_id, &who.password);
    page.banner("パスワードが違います");
    page.sign_in(&who.login_id, new);
    page.at("お知らせ案内検索");
}
