//! The client operations guide's pages for administrators, step by step: organization, branches, users, API keys.

use crate::harness::{Page, Stage, key_file, plain};
use std::sync::LazyLock;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::start("client-administration"));

/// The password of a user registered here, and the one they choose.
const GIVEN: &str = "Hajimete-26a";
const CHOSEN: &str = "Erabimashita-26";

fn administrator(test: &str) -> Page {
    let who = STAGE.person("client", "administrator");
    let page = STAGE.browser(test);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.at("お知らせ案内検索");
    page
}

/// Somebody in a browser of their own.
fn visitor(test: &str, login_id: &str, password: &str) -> Page {
    let page = STAGE.browser(test);
    page.open(&STAGE.person("client", "administrator").url);
    page.sign_in(login_id, password);
    page
}

/// 依頼人拠点登録 up to 確定.
fn register_branch(page: &Page, code: &str, name: &str) {
    page.menu("依頼人拠点管理");
    page.at("依頼人拠点検索");
    page.button("依頼人拠点登録");
    page.at("依頼人拠点登録");
    page.fill("依頼人拠点コード", code);
    page.fill("依頼人拠点名", name);
    page.fill("依頼人拠点名（略称）", name);
    page.button("確定");
}

/// 依頼人担当者ユーザー登録 of somebody for all branches.
fn register_staff(page: &Page, login_id: &str, role: &str) {
    page.menu("依頼人ユーザー管理");
    page.at("依頼人ユーザー検索");
    page.button("依頼人担当者ユーザー登録");
    page.at("依頼人担当者ユーザー登録");
    page.fill("ログインID", login_id);
    page.fill("ユーザー名", "見本　新人");
    page.fill("パスワード", GIVEN);
    page.fill("パスワード（確認）", GIVEN);
    page.choose("権限", role);
    page.button("確定");
    page.at("依頼人ユーザー照会");
    page.reads("ログインID", login_id);
}

/// The first sign-in of somebody registered here, up to the notices.
fn first_sign_in(test: &str, login_id: &str) -> Page {
    let page = visitor(test, login_id, GIVEN);
    page.at("パスワード更新");
    page.fill("パスワード", CHOSEN);
    page.fill("パスワード（確認）", CHOSEN);
    page.button("確定");
    page.at("お知らせ案内検索");
    page
}

fn open_user(page: &Page, login_id: &str) {
    page.menu("依頼人ユーザー管理");
    page.at("依頼人ユーザー検索");
    page.link(login_id);
    page.at("依頼人ユーザー照会");
}

/// C4: 依頼人組織管理 → 依頼人組織ID → 依頼人組織更新; both names changed, an 11-character 略称 refused.
/// C14: APIキー登録 shows a new key of 32 hexadecimal digits.
#[test]
fn c4_organization_names_and_c14_api_key() {
    let page = administrator("c4_organization");
    page.menu("依頼人組織管理");
    page.at("依頼人組織検索");
    page.look_over();
    let id = page.table(None).column("依頼人組織ID")[0].to_owned();
    page.link(&id);
    page.at("依頼人組織照会");
    page.look_over();
    page.button("依頼人組織更新");
    page.at("依頼人組織更新");
    page.fill("依頼人組織名（略称）", "一二三四五六七八九十一");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("10文字")), "{:?}", page.problems());
    page.look_over();
    page.fill("依頼人組織名", "みどり新自動車整備株式会社");
    page.fill("依頼人組織名（略称）", "みどり新自動車");
    page.button("確定");
    page.at("依頼人組織照会");
    page.reads("依頼人組織名", "みどり新自動車整備株式会社");
    page.reads("依頼人組織名（略称）", "みどり新自動車");

    page.button("APIキー登録");
    page.at("依頼人組織照会");
    let keys = page.table(Some("APIキー"));
    let fits = |key: &str| key.len() == 32 && key.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    let key = keys.column("APIキー").into_iter().find_map(|key| key.split_whitespace().next().filter(|key| fits(key)));
    let key = key.expect("a new key").to_owned();
    page.look_over();
    page.link(&format!("失効 {key}"));
    page.at("APIキー失効");
    page.look_over();
    page.button("確定");
    page.at("依頼人組織照会");
    page.banner("失効させました");
    page.says("APIキーは登録されていません。");
    page.look_over();
}

/// C5: a branch is registered, listed and counted. C6, C13: changed, with a 委託番号; its code can't be. C7: deleted; one
/// in use is refused with the reason.
#[test]
fn c5_c6_c7_c13_a_branch_from_registration_to_deletion() {
    let page = administrator("c5_branches");
    page.menu("依頼人拠点管理");
    page.at("依頼人拠点検索");
    page.look_over();
    let before = page.table(None).len();
    register_branch(&page, "０1-", "A工場");
    assert!(page.problems().join(" ").contains(&plain("依頼人拠点コード")), "{:?}", page.problems());
    page.look_over();
    register_branch(&page, "0091", "みなみ新工場");
    page.at("依頼人拠点照会");
    page.button("一覧に戻る");
    assert_eq!(page.table(None).len(), before + 1);
    page.says(&format!("全 {} 件", before + 1));

    page.link("0091");
    page.button("依頼人拠点更新");
    page.at("依頼人拠点更新");
    // Shown, and not to be typed.
    assert!(page.value_of("依頼人拠点コード").ends_with("0091"));
    page.fill("記録等事務代行者委託番号", "ABC");
    page.button("確定");
    assert!(page.problems().join(" ").contains(&plain("10文字")), "{:?}", page.problems());
    page.fill("記録等事務代行者委託番号", "MDR0000091");
    page.fill("依頼人拠点名", "みなみ第二工場");
    page.button("確定");
    page.at("依頼人拠点照会");
    page.reads("記録等事務代行者委託番号", "MDR0000091");
    page.reads("依頼人拠点名", "みなみ第二工場");
    page.look_over();

    page.button("依頼人拠点削除");
    page.at("依頼人拠点削除");
    page.look_over();
    page.button("確定");
    page.at("依頼人拠点検索");
    page.banner("削除しました");
    assert!(!page.table(None).column("依頼人拠点コード").contains(&"0091"));
    // One that people work in stays.
    page.link("001");
    page.button("依頼人拠点削除");
    page.says("削除できません");
    assert!(!page.offers("確定"));
    page.look_over();
    page.button("この拠点のユーザーを表示");
    page.at("依頼人ユーザー検索");
    assert_eq!(page.chosen("依頼人拠点"), "北工場");
    assert!(page.table(None).len() > 0);
}

/// C9: the new user signs in and sees the staff menu; 送信不可 has no 送信. C10: a change takes effect in the open
/// session. C8: after パスワード再設定 the session has ended. C11: a deleted user can't sign in.
#[test]
fn c8_c9_c10_c11_a_user_from_registration_to_deletion() {
    let page = administrator("c9_users");
    page.menu("依頼人ユーザー管理");
    page.at("依頼人ユーザー検索");
    page.look_over();
    page.button("依頼人担当者ユーザー登録");
    page.button("確定");
    assert!(page.problems().len() >= 3, "{:?}", page.problems());
    page.look_over();
    register_staff(&page, "shinjin1", "担当者（送信不可）");
    page.look_over();

    let staff = first_sign_in("c9_staff", "shinjin1");
    for item in ["依頼データ初期登録", "依頼データ検索", "申請データ検索"] {
        assert!(staff.pressables("menu").contains(&item.to_owned()), "{item}");
    }
    staff.menu("依頼データ検索");
    assert!(!staff.offers("一括送信"), "送信不可");

    // C10: may send from now on, in the session that is open.
    open_user(&page, "shinjin1");
    page.button("依頼人担当者ユーザー更新");
    page.at("依頼人担当者ユーザー更新");
    assert!(page.value_of("ログインID").ends_with("shinjin1"));
    page.choose("権限", "担当者（送信可）");
    page.fill("ユーザー名", "見本　改名");
    page.button("確定");
    page.at("依頼人ユーザー照会");
    page.reads("権限", "担当者（送信可）");
    staff.reload();
    assert!(staff.offers("一括送信"), "送信可 at once");

    // C8: the session ends, and the initial password of the notice leads to パスワード更新.
    page.button("依頼人ユーザーパスワード再設定");
    page.at("依頼人ユーザーパスワード再設定");
    page.look_over();
    page.button("確定");
    page.banner("再設定しました");
    staff.reload();
    staff.at("ログイン");
    staff.sign_in("shinjin1", CHOSEN);
    staff.banner("パスワードが違います");
    staff.sign_in("shinjin1", &STAGE.newcomer("client").password);
    staff.at("パスワード更新");

    // C11.
    open_user(&page, "shinjin1");
    page.button("依頼人担当者ユーザー削除");
    page.at("依頼人担当者ユーザー削除");
    page.look_over();
    page.button("確定");
    page.at("依頼人ユーザー検索");
    assert!(!page.table(None).column("ログインID").contains(&"shinjin1"));
    let gone = visitor("c11_gone", "shinjin1", CHOSEN);
    gone.banner("パスワードが違います");
}

/// C9b: a branch manager sees only their branch.
#[test]
fn c9b_a_branch_manager_sees_only_their_branch() {
    let page = administrator("c9b_administrator");
    page.menu("依頼人ユーザー管理");
    page.button("依頼人拠点管理者ユーザー登録");
    page.at("依頼人拠点管理者ユーザー登録");
    assert!(!page.labels().iter().any(|(label, _)| label.contains(&plain("権限"))), "no 権限 for a manager");
    page.fill("ログインID", "kyoten9");
    page.fill("ユーザー名", "見本　拠点");
    page.fill("パスワード", GIVEN);
    page.fill("パスワード（確認）", GIVEN);
    page.choose("依頼人拠点", "北工場");
    page.button("確定");
    page.at("依頼人ユーザー照会");
    page.button("依頼人拠点管理者ユーザー更新");
    page.at("依頼人拠点管理者ユーザー更新");
    page.look_over();
    page.button("戻る");
    page.at("依頼人ユーザー照会");

    let manager = first_sign_in("c9b_manager", "kyoten9");
    manager.menu("依頼人拠点管理");
    assert_eq!(manager.table(None).len(), 1);
    assert!(!manager.offers("依頼人拠点登録"));
    manager.menu("依頼人ユーザー管理");
    assert!(manager.table(None).column("依頼人拠点").iter().all(|branch| branch.contains("北工場")));
    manager.look_over();

    page.button("依頼人拠点管理者ユーザー削除");
    page.at("依頼人拠点管理者ユーザー削除");
    page.look_over();
    page.button("確定");
    page.at("依頼人ユーザー検索");
    page.link(&STAGE.person("client", "administrator").login_id);
    page.button("依頼人管理者ユーザー更新");
    page.at("依頼人管理者ユーザー更新");
    page.look_over();
}

/// 依頼人証明書 (client guide P4): 依頼人組織照会 → 依頼人証明書登録 → .p12 → 依頼人証明書照会, and the list of them.
#[test]
fn client_certificate_from_its_file() {
    const PASSWORD: &str = "Himitsu-26";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let subject = "/C=JP/ST=東京都/L=みどり区/street=若葉台１丁目２番３号/O=みどり自動車整備株式会社/CN=緑川　一郎";
    let path = key_file(folder.path(), subject, "商業登記電子証明書.p12", PASSWORD);
    let page = administrator("client_certificate");
    page.menu("依頼人組織管理");
    page.at("依頼人組織検索");
    let id = page.table(None).column("依頼人組織ID")[0].to_owned();
    page.link(&id);
    page.at("依頼人組織照会");
    page.says("依頼人証明書は登録されていません。継続検査と（軽）継続検査だけを利用する場合");
    page.button("依頼人証明書登録");
    page.at("依頼人証明書登録");
    page.says("依頼人証明書の登録は不要です。");
    page.look_over();

    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("ファイルを選んで") && problems.contains("証明書パスワード"), "{problems}");
    page.look_over();
    page.fill("証明書ファイル", &path);
    page.fill("証明書パスワード", "himitsu-26");
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("証明書パスワードが違います"), "{problems}");
    page.fill("証明書ファイル", &path);
    page.fill("証明書パスワード", PASSWORD);
    page.button("確定");

    page.at("依頼人証明書照会");
    page.banner("登録しました");
    page.reads("氏名又は名称（漢字）", "みどり自動車整備株式会社");
    page.reads("代表者氏名（漢字）", "緑川　一郎");
    page.reads("住所", "東京都みどり区若葉台１丁目２番３号");
    page.look_over();
    let end = page.value_of("証明書有効期限");
    page.button("依頼人組織照会に戻る");
    page.at("依頼人組織照会");
    let table = page.table(Some("依頼人証明書"));
    assert_eq!(table.column("代表者氏名（漢字）"), [plain("緑川　一郎")]);
    assert_eq!(table.column("証明書有効期限"), [end]);
    page.look_over();
}
