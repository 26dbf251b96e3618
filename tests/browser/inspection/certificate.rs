//! The agent guide: a new certificate from its file, and the next filing signed with it.

use super::{Vehicle, application, enter, file, send};
use crate::harness::key_file;
use std::process::Command;

const PASSWORD: &str = "Himitsu-26";

const SUBJECT: &str = "/C=JP/ST=東京都/L=みどり区/street=あおば町１丁目２番３号/O=あおぞら行政書士事務所/CN=空野　晴";

/// A1: 代理人組織管理 → 代理人証明書登録 → 代理人証明書更新 → five entries; the next filing is signed with it.
#[test]
fn a1_new_certificate() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = key_file(folder.path(), SUBJECT, "行政書士電子証明書.p12", PASSWORD);
    let page = enter("a1_new_certificate", "agent", "administrator");
    page.menu("代理人組織管理");
    page.at("代理人組織検索");
    page.says("全 1 件");
    page.link("2001");
    page.at("代理人組織照会");
    page.reads("代理人ステータス", "OSS申請可能");
    page.reads("継続検査申請可否", "可能");
    page.button("代理人証明書登録");
    page.at("代理人証明書登録");

    // Nothing chosen, then a wrong password: the form comes back, and the file has to be chosen once more.
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("ファイルを選んで") && problems.contains("証明書パスワード"), "{problems}");
    page.look_over();
    page.fill("証明書ファイル", &path);
    page.fill("証明書パスワード", "himitsu-26");
    page.button("確定");
    let problems = page.problems().join(" ");
    assert!(problems.contains("証明書パスワードが違います"), "{problems}");
    page.says("もう一度選んでください");
    page.fill("証明書ファイル", &path);
    page.fill("証明書パスワード", PASSWORD);
    page.button("確定");

    page.at("代理人証明書照会");
    page.banner("登録しました");
    for (label, value) in [
        ("屋号（カナ）", "―"),
        ("屋号（漢字）", "あおぞら行政書士事務所"),
        ("氏名又は代表者名（漢字）", "空野　晴"),
        ("住所（都道府県～番地）", "東京都みどり区あおば町１丁目２番３号"),
        ("利用開始日", "―"),
    ] {
        page.reads(label, value);
    }
    page.button("代理人証明書更新");
    page.at("代理人証明書更新");
    page.button("確定");
    assert_eq!(page.problems().len(), 5, "{:?}", page.problems());
    page.look_over();
    page.fill("屋号（カナ）", "アオゾラギョウセイショシジムショ");
    page.fill("氏名又は代表者名（カナ）", "ソラノ　ハル");
    page.fill("郵便番号", "123-0011");
    page.fill("利用開始日", &today());
    page.fill("証明書パスワード", PASSWORD);
    page.button("確定");
    page.at("代理人証明書照会");
    page.banner("更新しました");
    page.says("申請に使用中");
    page.reads("郵便番号", "123-0011");
    page.narrow();
    page.look_over();

    // The next filing passes the portal, which verifies the signature and compares the signer.
    let garage = enter("a1_new_certificate", "client", "staff_send");
    let id = send(&garage, &Vehicle::fresh());
    let staff = enter("a1_new_certificate-staff", "agent", "staff");
    file(&staff, &id);
    application(&staff, &id);
    // 受付審査 is behind it: a signature that did not hold would have ended there.
    let waiting = "検査登録手数料納付待ち";
    staff.reload_until(waiting, || staff.value_of("申請状況ステータス") == waiting);
}

/// The day on which the demo stands: that of this machine, in Japan.
fn today() -> String {
    let output = Command::new("date").env("TZ", "JST-9").arg("+%Y-%m-%d").output().expect("date is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
