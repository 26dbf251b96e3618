//! What the office of a garage does besides its requests: notices, and going from one of one's users to the other.

use crate::harness::{Page, SignIn, Stage, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("garage-office"));

fn enter(test: &str, who: &SignIn) -> Page {
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page
}

/// お知らせ案内検索 (P15, P27; agent guide): 登録日 and 対象, newest first, several pages, back by the header's title.
#[test]
fn notices_are_searched_and_paged() {
    for application in ["client", "agent"] {
        let page =
            enter(&format!("notices_are_searched_and_paged-{application}"), STAGE.person(application, "administrator"));
        let list = page.table(None);
        assert_eq!(list.columns, ["登録日", "重要度", "対象", "件名", "内容", "リンク"]);
        assert_eq!(list.len(), 20);
        page.says("1 - 20 / ");
        let days = list.column("登録日").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(days.is_sorted_by(|newer, older| newer >= older), "{days:?}");
        assert!(list.column("重要度").contains(&"重要"));
        page.link("2");
        page.says("21 - 40 / ");
        assert!(page.table(None).column("登録日")[0] <= days[19].as_str());
        page.link("< 前");
        page.says("1 - 20 / ");
        page.check("軽自動車申請を行う利用者様");
        page.button("検索");
        page.at("お知らせ案内検索");
        let list = page.table(None);
        assert!(list.column("対象").iter().all(|whom| *whom == "軽自動車申請を行う利用者様"), "{list:?}");
        page.says(&format!("全 {} 件", list.len()));
        page.check_in("対象", "登録車申請を行う利用者様");
        page.fill_in("登録日", "登録日（から）", "2031-01-02");
        page.fill_in("登録日", "登録日（まで）", "2031-01-01");
        page.button("検索");
        let problems = page.problems().join(" ");
        assert!(problems.contains("始まりの日"), "{problems}");
        page.look_over();
        page.fill_in("登録日", "登録日（まで）", "2031-01-03");
        page.button("検索");
        page.says("0 件を表示");
        page.look_over();
        page.link("リセット");
        page.says("1 - 20 / ");
    }
}

/// B11: one sign-in; from the garage's page to the agent's and back by the header, each with a session of its own; a
/// further user is added by its password, and let go.
#[test]
fn switching_needs_no_second_sign_in() {
    let who = STAGE.holder_of_several("client");
    let page = enter("switching_needs_no_second_sign_in", who);
    page.says("雲井 実");
    page.menu("ユーザー切替");
    page.look_over();
    assert!(page.address().ends_with("/client"));
    let agent = "雲井 実(担当者) あおぞら行政書士事務所 代理人業務アプリケーション";
    page.menu(agent);
    page.at("お知らせ案内検索");
    page.says("代理人業務アプリケーション");
    page.menu("依頼データ検索");
    page.at("【継続検査】依頼データ検索");
    page.menu("ユーザー切替");
    page.menu("雲井 実(担当者(送信可)) みどり自動車整備株式会社 依頼人業務アプリケーション");
    page.at("お知らせ案内検索");
    page.says("依頼人業務アプリケーション");

    // The page of one's users: a slip, then a third user, and a way to let it go.
    page.menu("雲井 実");
    page.at("ユーザー切替");
    assert_eq!(page.table(None).column("ユーザー名"), ["雲井 実"]);
    let other = STAGE.person("client", "staff_no_send");
    page.choose("アプリケーション", "依頼人業務アプリケーション");
    page.fill("ログインID", &other.login_id);
    page.fill("パスワード", "Chigau-0000");
    page.button("追加");
    let problems = page.problems().join(" ");
    assert!(problems.contains("パスワードが違います"), "{problems}");
    page.look_over();
    assert_eq!(page.typed("ログインID"), other.login_id);
    page.fill("パスワード", &other.password);
    page.button("追加");
    page.banner("を追加しました");
    page.at("ユーザー切替");
    assert_eq!(page.table(None).len(), 2);
    let added = page.table(None).column("ユーザー名")[0].to_owned();
    page.button(&format!("解除:{added}"));
    page.banner("解除しました");
    assert_eq!(page.table(None).len(), 1);

    // Signing out of one application leaves the other's session alone.
    page.menu("ログアウト");
    page.at("ログイン");
    page.open(&format!("{}/agent", who.url.trim_end_matches("/client")));
    page.at("お知らせ案内検索");
    page.says("代理人業務アプリケーション");

    // Whoever holds one user only is not offered any.
    let single = enter("switching_needs_no_second_sign_in-single", STAGE.person("client", "administrator"));
    assert!(!single.pressables("menu").contains(&"ユーザー切替".to_owned()));
}

/// 依頼先代理人管理 → the branch → 依頼先代理人更新 → 確定; the request form then shows that agent first, and only those.
#[test]
fn agents_default_presets_the_form() {
    let admin = enter("agents_default_presets_the_form-admin", STAGE.person("client", "administrator"));
    admin.menu("依頼先代理人管理");
    admin.at("依頼先代理人検索");
    admin.says("全 4 件");
    admin.link("003");
    admin.at("依頼先代理人照会");
    admin.button("依頼先代理人更新");
    admin.at("依頼先代理人更新");
    admin.choose("依頼できる代理人", "選んだ代理人だけ");
    admin.choose("既定の代理人", "ひばり行政書士 うみべ支店");
    admin.check("ひばり行政書士 さくら本店");
    admin.button("確定");
    let problems = admin.problems().join(" ");
    assert!(problems.contains("依頼できる代理人の中から"), "{problems}");
    admin.look_over();
    admin.check("ひばり行政書士 うみべ支店");
    admin.button("確定");
    admin.at("依頼先代理人照会");
    admin.banner("更新しました");
    admin.reads("依頼できる代理人", "選んだ代理人だけ(2件)");
    admin.reads("既定の代理人", "ひばり行政書士 うみべ支店");
    admin.button("一覧に戻る");
    admin.at("依頼先代理人検索");
    admin.fill("代理人", "いない人");
    admin.button("検索");
    admin.says("0 件を表示");
    admin.look_over();

    let staff = enter("agents_default_presets_the_form-staff", STAGE.person("client", "staff_send"));
    staff.menu("依頼データ初期登録");
    staff.at("【継続検査】依頼データ初期登録");
    staff.choose("拠点", "わかば台");
    staff.holds("代理人", "ひばり行政書士法人");
    staff.holds("代理人の拠点", "うみべ支店");
    staff.choose("拠点", "北工場");
    staff.holds("代理人の拠点", "みどり本所");
}

/// 申請テンプレート管理 → 登録 → 照会; a new request of its branch begins with it. 更新 and 削除.
#[test]
fn template_fills_the_request() {
    let admin = enter("template_fills_the_request-admin", STAGE.person("client", "administrator"));
    admin.menu("申請テンプレート管理");
    admin.at("申請テンプレート検索");
    admin.button("【継続検査】申請テンプレート登録");
    admin.at("申請テンプレート登録");
    admin.fill("オプションコード", "みなみ");
    admin.button("確定");
    let problems = admin.problems().join(" ");
    assert!(problems.contains("テンプレート名") && problems.contains("オプションコード"), "{problems}");
    admin.look_over();
    admin.fill("テンプレート名", "南のいつもの");
    admin.choose("依頼人拠点", "南工場");
    admin.check("依頼データ初期登録で、はじめに選ぶ");
    admin.choose("代理人", "ひばり行政書士 さくら本店");
    admin.choose("車検証有効期間", "2年指定整備車");
    admin.choose("電子車検証更新区分", "代理人");
    admin.fill("オプションコード", "MINAMI");
    admin.fill("メモ", "鍵は受付にあります。");
    admin.button("確定");
    admin.at("申請テンプレート照会");
    admin.banner("登録しました");
    for (label, value) in [
        ("テンプレート名", "南のいつもの"),
        ("手続", "継続検査"),
        ("依頼人拠点", "南工場"),
        ("電子車検証更新区分", "代理人"),
        ("オプションコード", "MINAMI"),
    ] {
        admin.reads(label, value);
    }

    let staff = enter("template_fills_the_request-staff", STAGE.person("client", "staff_send"));
    staff.menu("依頼データ初期登録");
    staff.at("【継続検査】依頼データ初期登録");
    staff.choose("拠点", "南工場");
    staff.holds("申請テンプレート", "南のいつもの（南工場）");
    staff.holds("代理人の拠点", "さくら本店");
    for (part, value) in [("地名", "品川"), ("分類", "300"), ("仮名", "さ"), ("番号", "8123")] {
        staff.fill_in("自動車登録番号（標板）", part, value);
    }
    staff.fill("車台番号", "WALK-8800001");
    staff.button("確定");
    staff.at("【継続検査】依頼データ照会");
    staff.reads("車検証有効期間", "2年指定整備車");
    staff.reads("電子車検証更新区分", "代理人");
    staff.reads("オプションコード", "MINAMI");
    staff.reads("メモ", "鍵は受付にあります。");
    staff.says("申請テンプレート:南のいつもの");

    admin.button("申請テンプレート更新");
    admin.at("申請テンプレート更新");
    admin.fill("オプションコード", "MINAMI2");
    admin.button("確定");
    admin.at("申請テンプレート照会");
    admin.reads("オプションコード", "MINAMI2");
    admin.button("申請テンプレート削除");
    admin.at("申請テンプレート削除");
    admin.button("確定");
    admin.at("申請テンプレート検索");
    admin.banner("削除しました");
    staff.reload();
    staff.reads("オプションコード", "MINAMI");
}

/// 各種ダウンロード, and the same beside every list of requests: chosen by labels, and what is missing is said.
#[test]
fn lists_are_offered_as_files() {
    let page = enter("lists_are_offered_as_files", STAGE.person("client", "administrator"));
    page.menu("各種ダウンロード");
    page.at("各種ダウンロード");
    page.says("【継続検査】申請データ");
    page.says("依頼人拠点");
    page.look_over();
    page.button("ダウンロード");
    page.at("各種ダウンロード");
    assert_eq!(page.problems(), [plain("ダウンロードするデータを選んでください。")]);
    page.look_over();
    let staff = enter("lists_are_offered_as_files-staff", STAGE.person("client", "staff_send"));
    for list in ["依頼データ検索", "申請データ検索"] {
        staff.menu(list);
        staff.at(&format!("【継続検査】{list}"));
        assert_eq!(staff.options("ファイルの形式"), ["Excel", "CSV(UTF-8)", "CSV(Shift_JIS)"]);
        staff.says("ダウンロード");
        assert!(staff.offers("ダウンロード"));
    }
}
