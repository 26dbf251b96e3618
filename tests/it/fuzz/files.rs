//! Files and what is kept: certificates and keys, signed documents, tables to import, records of the data file.

use super::spoiled::{Hand, bytes, copies};
use crate::kit::{Browser, Page, TestApp, rounds};
use ainas::config::PortalGateway;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::ids::{RequestId, SubmissionNumber};
use ainas::domain::plate::Plate;
use ainas::domain::time::BusinessTime;
use ainas::pki::certificate::{Details, Subject};
use ainas::pki::{Authority, p12, signing};
use ainas::portal::document;
use ainas::portal::gateway::{ApplicationDocument, Command};
use ainas::service::key_files::practice_file;
use ainas::store::codec::{self, Record};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const JAVA: &[u8] = include_bytes!("../../fixtures/p12/java-ec.p12");
const FROM: BusinessTime = BusinessTime::from_unix(1_760_000_000);

/// A certificate for practice, its key, and its authority's certificate.
fn identity() -> p12::KeyFile {
    let subject = Subject {
        common_name: "髙橋　花子".to_owned(),
        organization: "髙橋行政書士事務所".to_owned(),
        street: "一丁目１番".to_owned(),
        ..Subject::default()
    };
    practice_file(&subject, FROM, FROM.plus(730 * 86_400)).unwrap().0
}

/// A file as OpenSSL writes it, whose password is no work at all.
fn quick_p12(folder: &Path) -> Vec<u8> {
    let run = |line: &str| {
        let done = std::process::Command::new("openssl").current_dir(folder).args(line.split(' ')).output().unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=x/O=y -keyout key -out pem",
    );
    run("pkcs12 -export -iter 1 -passout pass:Himitsu-1 -inkey key -in pem -out p12");
    std::fs::read(folder.join("p12")).unwrap()
}

#[test]
fn key_files() {
    let folder = tempfile::tempdir().unwrap();
    let good = quick_p12(folder.path());
    bytes(&[&good], 400, |content| {
        if let Ok(read) = p12::read(content, "Himitsu-1") {
            assert_eq!((read.details.subject.common_name.as_str(), content.len()), ("x", good.len()));
        }
    });
    bytes(&[JAVA], 12, |content| drop(p12::read(content, "Himitsu-1")));
}

#[test]
fn certificates_and_keys() {
    let one = identity();
    bytes(&[&one.certificate, one.key.reveal()], 1_500, |der| {
        if let Ok(details) = Details::read(der) {
            assert!(details.subject.address().len() <= der.len() * 4 && details.serial.len() <= der.len() * 2);
        }
        // Whatever passes for a pair is the very pair.
        if signing::fits(der, one.key.reveal()).is_ok() {
            assert!(signing::sign(b"x", der, one.key.reveal(), FROM).is_ok());
        }
        let _ = signing::fits(&one.certificate, der);
    });
}

#[test]
fn the_files_of_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let now = ainas::clock::Clocks::machine().system();
    let authority = Authority::create("試験", &[], now).unwrap();
    authority.save(folder.path()).unwrap();
    authority.server_identity(folder.path(), &["localhost".to_owned()], now).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let good = std::fs::read(&file).unwrap();
        bytes(&[&good], 60, |content| {
            std::fs::write(&file, content).unwrap();
            if let Ok(authority) = Authority::load(folder.path()) {
                let _ = authority.server_identity(folder.path(), &["localhost".to_owned()], now);
            }
        });
        std::fs::write(&file, good).unwrap();
    }
}

fn application() -> ApplicationDocument {
    let plate = Plate {
        region: "品川".to_owned(),
        class: "600".to_owned(),
        kana: "さ".to_owned(),
        serial: 1_111,
        small: false,
    };
    ApplicationDocument {
        request: RequestId(100_000_001),
        procedure: 1,
        office: "東京運輸支局".to_owned(),
        plate,
        chassis: ChassisNumber { number: "SX31-9000001".to_owned(), officially_stamped: false },
        fields: vec![("name".to_owned(), "検査　太郎".to_owned()), ("cashless".to_owned(), "1".to_owned())],
        agent: vec![("trade_name".to_owned(), "Ａ＆Ｂ <行政書士>".to_owned())],
        distribution: "1845678-001".to_owned(),
    }
}

#[test]
fn documents() {
    bytes(&[&document::write(&application())], 1_500, |content| {
        if let Ok(read) = document::read(content) {
            // What XML can't hold is left out when it is written.
            let written = document::write(&read);
            assert_eq!(document::read(&written).map(|read| document::write(&read)), Ok(written));
        }
    });
}

#[test]
fn signatures() {
    let (one, document) = (identity(), document::write(&application()));
    let good = signing::sign(&document, &one.certificate, one.key.reveal(), FROM).unwrap();
    bytes(&[&good, &one.certificate], 1_500, |signature| {
        // Whatever still holds was signed with the same key, for this document and no other. Whether the certificate
        // itself is to be trusted is not asked here.
        if let Ok(signer) = signing::verify(&document, signature) {
            assert!(signing::fits(&signer.certificate, one.key.reveal()).is_ok());
            assert!(signing::verify(b"another", signature).is_err());
        }
    });
    bytes(&[&document], 200, |altered| {
        assert_eq!(signing::verify(altered, &good).is_ok(), altered == document);
    });
}

/// The portal takes or refuses what it is sent, and goes on.
#[tokio::test]
async fn what_the_portal_is_sent() {
    let node = TestApp::configured(|config| config.portal.gateway = PortalGateway::Simulated).await;
    let (one, document) = (identity(), document::write(&application()));
    let signature = signing::sign(&document, &one.certificate, one.key.reveal(), FROM).unwrap();
    let (sim, now, request) = (node.app.sim.clone().unwrap(), node.app.clocks.business(), node.world.sent);
    let submitted = tokio::task::spawn_blocking(move || {
        for (number, copy) in copies(&[&document, &signature], 60).enumerate() {
            // One of the two is whole.
            let (document, signature) =
                if number % 2 == 0 { (copy, signature.clone()) } else { (document.clone(), copy) };
            let mut id = [0; 16];
            id[..8].copy_from_slice(&u64::try_from(number + 1).unwrap().to_le_bytes());
            let filed =
                Command::File { request, document: document.clone(), signature: signature.clone(), earlier: None };
            let _ = sim.submit(&filed, SubmissionNumber(id), now);
            let mut again = id;
            again[15] = 1;
            let correct = Command::Correct { filing: SubmissionNumber(id), document, signature };
            let _ = sim.submit(&correct, SubmissionNumber(again), now);
        }
    });
    submitted.await.unwrap();
    for _ in 0..10 {
        node.clocks.advance(3_600);
        node.app.run_due_jobs().await.unwrap();
    }
}

const IMPORT: &str = "/client/inspection/requests/import";
const TABLE: &str = "自動車登録番号（地名）,自動車登録番号（分類）,自動車登録番号（仮名）,自動車登録番号（番号）,車台番号,拠点,名義,氏名又は名称（漢字）,住所1,住所2,車検証有効期間,電子車検証更新区分,申請予定日,メモ\r\n\
    品川,300,さ,1001,IMP-1001,北工場,個人,見本　太郎,東京都みどり区,１－２－３,2年指定整備車,運輸支局等,2026/12/24,\"二行の\nメモ\"\r\n\
    品川,300,さ,1002,IMP-1002,南工場,法人,髙橋　花子,大阪府見本市,,1年,依頼人,2026-12-25,'=1\r\n";

/// An upload, and what it leads to: the look at its rows, and 登録 of all of them.
async fn import(staff: &mut Browser<'_>, content: &[u8]) -> Page {
    staff.get(IMPORT).await;
    let page = staff.post_files(IMPORT, &[], &[("file", "表.csv", content)]).await;
    let refused = page.status == StatusCode::UNPROCESSABLE_ENTITY;
    assert!(refused || page.status == StatusCode::OK, "{}: \"{}\"", page.text(), content.escape_ascii());
    if !refused {
        let address = page.path.clone();
        let all = staff.get(&format!("{address}?show=bad")).await;
        assert_eq!(all.status, StatusCode::OK, "{}", all.text());
        let made = staff.forge(&address, &[("rows", "all"), ("send", "on"), ("doubtful", "on")]).await;
        assert!(!made.status.is_server_error(), "{}: \"{}\"", made.text(), content.escape_ascii());
    }
    page
}

#[tokio::test]
async fn tables_as_csv() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let shift_jis = encoding_rs::SHIFT_JIS.encode(TABLE).0.into_owned();
    let utf16: Vec<u8> =
        format!("\u{feff}{}", TABLE.replace(',', "\t")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = format!("\u{feff}{TABLE}");
    let good = [TABLE.as_bytes(), marked.as_bytes(), &shift_jis, &utf16];
    let mut read = 0;
    for copy in copies(&good, 60) {
        read += usize::from(import(&mut staff, &copy).await.status == StatusCode::OK);
    }
    assert!(read > good.len(), "some are still tables, so that their cells are looked at");
    node.app.run_due_jobs().await.unwrap();
    assert_eq!(node.app.store.read(ainas::store::check::check).unwrap(), []);
}

/// A workbook whose parts were spoiled before they were packed.
fn repacked(parts: &BTreeMap<String, Vec<u8>>, hand: &mut Hand) -> Vec<u8> {
    let chosen = hand.below(parts.len());
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, content)) in parts.iter().enumerate() {
        file.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        let content = if at == chosen { hand.spoil(&[content]) } else { content.clone() };
        file.write_all(&content).unwrap();
    }
    file.finish().unwrap().into_inner()
}

#[tokio::test]
async fn tables_as_excel() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let good = staff.get(&format!("{IMPORT}/template?format=xlsx")).await.bytes;
    let mut archive = ZipArchive::new(Cursor::new(&good)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.insert(part.name().unwrap().into_owned(), content);
    }
    for copy in copies(&[&good], 40) {
        import(&mut staff, &copy).await;
    }
    for seed in 0..60 * rounds() {
        let mut hand = Hand::new(u64::try_from(seed).unwrap());
        import(&mut staff, &repacked(&parts, &mut hand)).await;
    }
}

/// What a record says of itself when it can be read, it says after being written anew.
fn decode<T: Record + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(record) = codec::decode::<T>(bytes) {
        let again = codec::encode(&record).unwrap();
        assert_eq!(codec::decode::<T>(&again).as_ref(), Ok(&record));
    }
}

#[test]
fn records() {
    let golden = include_str!("../../../src/store/snapshots/ainas__store__codec__tests__records.snap");
    let digits =
        |text: &str| (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let records: Vec<(&str, Vec<u8>)> = golden
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, hex)| hex.len() > 2 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .map(|(name, hex)| (name, digits(hex)))
        .collect();
    assert!(records.len() > 30);
    for (name, good) in &records {
        let decode: fn(&[u8]) = match *name {
            "User" => decode::<ainas::domain::user::User>,
            "Session" => decode::<ainas::store::Session>,
            "Failures" => decode::<ainas::store::Failures>,
            "ClientOrganization" => decode::<ainas::domain::organization::ClientOrganization>,
            "Branch" => decode::<ainas::domain::organization::Branch>,
            "Template" => decode::<ainas::domain::template::Template>,
            "AgentOrganization" => decode::<ainas::domain::organization::AgentOrganization>,
            "AgentBranch" => decode::<ainas::domain::organization::AgentBranch>,
            "AgentCertificate" => decode::<ainas::domain::agent_certificate::AgentCertificate>,
            "ClientCertificate" => decode::<ainas::domain::client_certificate::ClientCertificate>,
            "ServiceRequest" => decode::<ainas::domain::request::ServiceRequest>,
            "Filing" => decode::<ainas::domain::request::Filing>,
            "HistoryEntry" => decode::<ainas::domain::request::HistoryEntry>,
            "Notice" => decode::<ainas::store::Notice>,
            "JobRow" => decode::<ainas::store::JobRow>,
            "FailedJob" => decode::<ainas::store::FailedJob>,
            "Report" => decode::<ainas::domain::report::Report>,
            "ApiKey" => decode::<ainas::domain::api_key::ApiKey>,
            "Work" => decode::<ainas::domain::work::Work>,
            "WorkItem" => decode::<ainas::domain::work::WorkItem>,
            "Import" => decode::<ainas::domain::import::Import>,
            "ImportRow" => decode::<ainas::domain::import::ImportRow>,
            "Proof" => decode::<ainas::domain::proof::Proof>,
            "ProofContent" => decode::<ainas::domain::proof::ProofContent>,
            "AuditRow" => decode::<ainas::store::AuditRow>,
            // Nobody outside the store reads these two.
            "Link" | "Submission" => continue,
            other => panic!("teach this test the record {other}"),
        };
        bytes(&[good], 200, decode);
    }
}
