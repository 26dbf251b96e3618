//! 証拠ファイル and what is taken along from 転記: files beside what was written down by hand.

use crate::kit::{Browser, Page, TestApp};
use crate::manual::{application, filed};
use ainas::domain::ids::RequestId;
use ainas::domain::proof::{LARGEST, MOST};
use ainas::service::error::Error;
use ainas::store::check;
use axum::http::StatusCode;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00";

async fn received(agent: &mut Browser<'_>, id: RequestId, file: (&str, &[u8])) -> Page {
    let address = application(id, "/portal/received");
    agent.get(&address).await;
    agent.post_files(&address, &[("receipt", "2026120100000000001")], &[("proof", file.0, file.1)]).await
}

fn kept(node: &TestApp, id: RequestId) -> Vec<(String, &'static str, u32)> {
    let proofs = node.app.store.read(|tx| Ok::<_, Error>(tx.proofs(id)?)).unwrap();
    proofs.into_iter().map(|proof| (proof.file_name(), proof.kind.label(), proof.entry)).collect()
}

#[tokio::test]
async fn a_proof_is_kept_with_what_was_seen_and_comes_back_as_it_was() {
    let node = TestApp::new().await;
    let id = filed(&node, "1111").await;
    let mut agent = node.as_user("a-staff").await;
    // Before anything was seen there is nothing to prove.
    agent.get(&application(id, "/portal")).await.shows("証拠ファイルはまだありません").hides("証拠ファイルを追加");

    // What is not what it says is refused, and nothing is written down with it.
    let page = received(&mut agent, id, ("受付.pdf", b"<html><script>alert(1)</script>")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("「受付.pdf」は、PDF・PNG・JPEGのいずれでもありません").shows("もう一度選んでください");
    let page = received(&mut agent, id, ("大きい.pdf", &[PDF, &vec![b' '; LARGEST]].concat())).await;
    page.shows("「大きい.pdf」は大きすぎます。5 MB以下");
    assert!(kept(&node, id).is_empty());

    received(&mut agent, id, ("C:\\控え\\受付.html", PDF))
        .await
        .shows("「申請受付（受付番号が付いた）」を記録しました");
    let page = agent.get(&application(id, "/portal")).await;
    page.shows("受付.pdf").shows("申請受付").shows("代理 花江").shows("1 KB");
    let file = agent.get_only(&application(id, "/proofs/1")).await;
    assert_eq!((file.status, file.bytes.as_slice()), (StatusCode::OK, PDF));
    assert_eq!(file.header("content-type"), "application/pdf");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"download.pdf\""));
    assert_eq!((file.header("x-content-type-options"), file.header("cache-control")), ("nosniff", "no-store"));

    // One more for the same, later; the same form sent twice adds it once.
    let add = application(id, "/proofs");
    agent.get(&application(id, "/portal")).await;
    let page = agent.post_files(&add, &[], &[("proof", "写真.png", JPEG)]).await;
    page.shows("証拠ファイルを追加しました").shows("写真.jpg");
    let entry = kept(&node, id)[1].2;
    assert_eq!(kept(&node, id), [("受付.pdf".to_owned(), "PDF", entry), ("写真.jpg".to_owned(), "JPEG", entry)]);
    for _ in 0..2 {
        let again = agent.forge_files(&add, &[("entry", &entry.to_string())], &[("proof", "a.jpg", JPEG)]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(kept(&node, id).len(), 3);
    agent.get(&application(id, "/portal")).await;
    agent.post_files(&add, &[], &[]).await.shows("ファイルを選んでください");
    let elsewhere = agent.forge_files(&add, &[("entry", "0")], &[("proof", "b.jpg", JPEG)]).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY, "only what was seen can be proved");

    // Nobody else's: neither another agent, nor the garage.
    for login in ["y-staff", "a-side", "c-staff"] {
        let mut other = node.as_user(login).await;
        assert_ne!(other.get_only(&application(id, "/proofs/1")).await.status, StatusCode::OK, "{login}");
        let forged = other.forge_files(&add, &[("entry", &entry.to_string())], &[("proof", "c.jpg", JPEG)]).await;
        assert_ne!(forged.status, StatusCode::SEE_OTHER, "{login}");
    }
    assert_eq!(agent.get_only(&application(id, "/proofs/9")).await.status, StatusCode::NOT_FOUND);
    let light = application(id, "/proofs/1").replace("inspection", "light-inspection");
    assert_eq!(agent.get_only(&light).await.status, StatusCode::NOT_FOUND);
    assert_eq!(kept(&node, id).len(), 3);
    assert_eq!(node.app.store.read(check::check).unwrap(), []);
    let audit = node.app.store.read(|tx| Ok::<_, Error>(tx.audit_rows(None, 1_000)?)).unwrap();
    let noted = |action: &str, detail: &str| {
        audit.iter().any(|(_, row)| row.action == action && row.details.iter().any(|one| one == detail))
    };
    assert!(
        noted("request.report", "proof PDF") && noted("request.proof", "proof JPEG") && noted("download", "proof PDF")
    );
    assert!(!format!("{audit:?}").contains("受付.pdf"), "a file's name may be a person's");
}

#[tokio::test]
async fn a_request_keeps_so_many_proofs_and_no_more() {
    let node = TestApp::new().await;
    let id = filed(&node, "1111").await;
    let mut agent = node.as_user("a-staff").await;
    received(&mut agent, id, ("1.pdf", PDF)).await;
    let entry = kept(&node, id)[0].2.to_string();
    for number in 2..=MOST {
        let content = [PDF, number.to_string().as_bytes()].concat();
        agent.forge_files(&application(id, "/proofs"), &[("entry", &entry)], &[("proof", "x.pdf", &content)]).await;
    }
    assert_eq!(kept(&node, id).len(), 20);
    let one_more = [("proof", "y.pdf", JPEG)];
    let page = agent.forge_files(&application(id, "/proofs"), &[("entry", &entry)], &one_more).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("1つの申請に20件まで");
    agent.get(&application(id, "/portal")).await.shows("20件あるため").hides("追加するファイル");
    let address = application(id, "/portal/review_started");
    agent.get(&address).await;
    let page = agent.post_files(&address, &[], &one_more).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("1つの申請に20件まで").shows("もう一度選んでください");
    assert_eq!(kept(&node, id).len(), 20);
}

#[tokio::test]
async fn what_is_to_be_typed_is_taken_along_as_a_file() {
    let node = TestApp::new().await;
    let id = filed(&node, "1111").await;
    let mut agent = node.as_user("a-staff").await;
    agent.get(&application(id, "/portal")).await.shows("ダウンロード").shows("印刷");
    let file = agent.get_only(&application(id, "/transcript?format=csv")).await;
    assert!(file.bytes.starts_with(b"\xef\xbb\xbf"), "a byte order mark, for Excel");
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "順番,区分,項目,入力する内容");
    assert!(lines[1].starts_with("1,申請先・自動車,申請先,"), "{}", lines[1]);
    let place = |words: &str| lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}"));
    assert!(place("品川") < place("HAND-1111") && place("HAND-1111") < place("見本　太郎"));
    // 1-2-3 was converted, as the page shows it.
    assert!(place("見本　太郎") < place("１－２－３") && place("１－２－３") < place("代理人,"));
    let file = agent.get_only(&application(id, "/transcript?format=csv-sjis")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=Shift_JIS");
    assert!(file.bytes.starts_with(b"\x8f\x87\x94\xd4,"), "順番 as Shift_JIS");
    let book = agent.get_only(&application(id, "/transcript?format=xlsx")).await;
    assert!(book.bytes.starts_with(b"PK"));
    for login in ["y-staff", "c-staff"] {
        let mut other = node.as_user(login).await;
        assert_ne!(other.get_only(&application(id, "/transcript")).await.status, StatusCode::OK, "{login}");
    }
}
