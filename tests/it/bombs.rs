//! More than anybody needs, sent on purpose: cut within limits, with a sentence, and the next one is served.

use crate::kit::{Browser, Page, TestApp};
use crate::listener::{client, start};
use ainas::config::ClientCertificates;
use ainas::listener::Limits;
use ainas::portal::document;
use axum::http::StatusCode;
use std::io::{Cursor, Write};
use std::process::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIST: &str = "/client/inspection/requests";
const IMPORT: &str = "/client/inspection/requests/import";
const CERTIFICATE: &str = "/client/organizations/102400005/certificates/new";

/// Parts of a form with files, without its end.
fn part(name: &str, file: Option<&str>, content: &str) -> String {
    let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
    format!("--ainas\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
}

async fn send(staff: &mut Browser<'_>, parts: &str) -> Page {
    let token = part("csrf", None, &staff.token().unwrap());
    let once = part("once", None, "0123456789abcdef0123456789abcdef");
    let body = format!("{token}{once}{parts}--ainas--\r\n");
    staff.raw_post(IMPORT, body, &[("content-type", "multipart/form-data; boundary=ainas")]).await
}

#[tokio::test]
async fn forms_of_thousands_of_parts() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    for (parts, status, says) in [
        (part("x", None, "1").repeat(20_000), StatusCode::UNPROCESSABLE_ENTITY, "選んでください"),
        (part("file", Some("a.csv"), "x").repeat(20_000), StatusCode::UNPROCESSABLE_ENTITY, "データの行がありません"),
        (
            part(&"n".repeat(60_000), Some(&"f".repeat(60_000)), "x").repeat(20),
            StatusCode::UNPROCESSABLE_ENTITY,
            "選んでください",
        ),
        (part("x", None, &"1".repeat(60_000)).repeat(20), StatusCode::PAYLOAD_TOO_LARGE, "大きすぎます"),
        (part("file", Some("a.csv"), &"1".repeat(40 << 20)), StatusCode::PAYLOAD_TOO_LARGE, "大きすぎます"),
    ] {
        staff.get(IMPORT).await;
        let page = send(&mut staff, &parts).await;
        assert_eq!(page.status, status, "{says}: {}", page.text());
        page.shows(says);
    }
    staff.get(IMPORT).await.shows("依頼データ一括登録");
}

#[tokio::test]
async fn addresses_and_forms_of_ten_thousand_fields() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let plain = staff.get(LIST).await;
    // As many as an address holds, and of each kind of field more than there can be.
    for pair in ["status=4&", "division=x&", "memo=a&", "page=99999&", "&", "=&", "%&", "名=%E5&"] {
        let pair: String = pair.chars().map(|c| if c.is_ascii() { c.to_string() } else { "%E5".to_owned() }).collect();
        let page = staff.get_only(&format!("{LIST}?{}", pair.repeat(60_000 / pair.len()))).await;
        assert!(
            page.status == StatusCode::OK && page.bytes.len() < plain.bytes.len() * 2,
            "{pair} {}",
            page.bytes.len()
        );
    }
    let token = staff.token().unwrap();
    for pair in ["&x=1", "&name=1", "&%00=%ff", "&&&"] {
        let body = format!("csrf={token}{}", pair.repeat(10_000));
        let page = staff.raw_post("/client/inspection/requests/new", &body, &[]).await;
        assert!(page.status.is_client_error() && page.bytes.len() < 400 << 10, "{pair}: {}", page.status);
    }
    let body = format!("csrf={token}&memo={}", "x".repeat(4 << 20));
    staff.raw_post("/client/inspection/requests/new", &body, &[]).await.shows("大きすぎます");
}

/// A file that unpacks to far more than it is.
fn packed(name: &str, megabytes: usize) -> Vec<u8> {
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    for part in ["[Content_Types].xml", "xl/workbook.xml", name] {
        file.start_file(part, SimpleFileOptions::default()).unwrap();
        let spaces = vec![b' '; 1 << 20];
        for _ in 0..if part == name { megabytes } else { 0 } {
            file.write_all(&spaces).unwrap();
        }
    }
    file.finish().unwrap().into_inner()
}

#[tokio::test]
async fn files_that_unpack_to_more_than_they_are() {
    let node = TestApp::new().await;
    let mut staff = node.as_user("c-staff").await;
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..2_000 {
        many.start_file(format!("{number}.xml"), SimpleFileOptions::default()).unwrap();
    }
    for content in [
        packed("xl/worksheets/sheet1.xml", 150),
        packed("xl/media/image1.png", 150),
        many.finish().unwrap().into_inner(),
    ] {
        assert!(content.len() < 1 << 20, "small enough to be taken");
        staff.get(IMPORT).await;
        let page = staff.post_files(IMPORT, &[], &[("file", "表.xlsx", &content)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.shows("展開すると96MBを超えるExcelファイルです").shows("もう一度選んでください");
    }
}

/// A key file whose password would take a machine a long time.
fn slow_key(folder: &std::path::Path, arguments: &str) -> Vec<u8> {
    let line = format!("pkcs12 -export -out p12 -passout pass:x -inkey key -in pem {arguments}");
    let done = Command::new("openssl").current_dir(folder).args(line.split(' ')).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(folder.join("p12")).unwrap()
}

#[tokio::test]
async fn key_files_that_want_absurd_work() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=x -keyout key -out pem";
    assert!(
        Command::new("openssl").current_dir(folder.path()).args(line.split(' ')).output().unwrap().status.success()
    );
    let node = TestApp::new().await;
    let mut admin = node.as_user("c-admin").await;
    // The number of the older schemes, of today's, and of the seal over all.
    let sealed = |bytes: &[u8]| {
        // As OpenSSL writes 2,048 rounds: the last number of the file.
        let at = memchr::memmem::rfind(bytes, &[0x02, 0x02, 0x08, 0x00]).unwrap();
        [&bytes[..at], &[0x02, 0x02, 0x7f, 0xff], &bytes[at + 4..]].concat()
    };
    let good = slow_key(folder.path(), "-iter 2048");
    let files = [
        (slow_key(folder.path(), "-nomac -iter 1000001"), "暗号の形式には対応していません"),
        (slow_key(folder.path(), "-nomac -legacy -iter 1000001"), "暗号の形式には対応していません"),
        (sealed(&good), "証明書パスワードが違います"),
    ];
    for (content, says) in files {
        admin.get(CERTIFICATE).await;
        let page =
            admin.post_files(CERTIFICATE, &[("certificate_password", "x")], &[("file", "a.p12", &content)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", page.text());
        page.shows(says);
    }
}

#[test]
fn documents_that_nest_or_never_end() {
    let deep = format!("<application>{}", "<a>".repeat(1_000_000));
    let attributes = format!("<application {}>", "a=\"1\" ".repeat(100_000));
    let entities = "<!DOCTYPE x [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;\">]><application>&c;</application>";
    for document in [deep.as_str(), &attributes, entities, &" ".repeat(8 << 20), &"<".repeat(1 << 20)] {
        assert!(document::read(document.as_bytes()).is_err());
    }
}

#[tokio::test]
async fn heads_without_end() {
    let server = start(ClientCertificates::Off, Limits::default()).await;
    let host = format!("host: localhost:{}\r\n", server.address.port());
    let (config, _) = client(&server.authority, None, false);
    for head in [
        format!("GET /client/who?{} HTTP/1.1\r\n{host}\r\n", "a=1&".repeat(200_000)),
        format!("GET /client/who HTTP/1.1\r\n{host}{}\r\n", "x-a: b\r\n".repeat(20_000)),
        format!("GET /client/who HTTP/1.1\r\n{host}cookie: {}\r\n\r\n", "a=1; ".repeat(200_000)),
    ] {
        let mut stream = server.tls(&config).await.unwrap();
        // The server may close before it has read all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = (&mut stream).take(64 << 10).read_to_end(&mut answer).await;
        let said = String::from_utf8_lossy(&answer);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
        server.works().await;
    }
    server.stop().await;
}
