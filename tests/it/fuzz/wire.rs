//! The open port: what is no TLS, and what is no HTTP inside it. Whoever sends it gets an answer or is cut, and
//! everybody else is served on.

use super::spoiled::copies;
use crate::listener::{Running, client, start};
use ainas::config::ClientCertificates;
use ainas::listener::Limits;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far beyond every limit of the server: who waits so long waits for ever.
const HANGS: Duration = Duration::from_secs(30);
/// The longest answer.
const MOST: u64 = 64 << 10;

/// Sends all of it, says that nothing more comes, and reads to the end.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, sent: &[u8]) {
    let talk = async {
        let _ = stream.write_all(sent).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.take(MOST + 1).read_to_end(&mut answer).await;
        answer.len() as u64
    };
    let read = timeout(HANGS, talk).await;
    assert!(read.is_ok_and(|length| length <= MOST), "given \"{}\"", sent.escape_ascii());
}

async fn server() -> Running {
    let short = Duration::from_millis(300);
    start(ClientCertificates::Optional, Limits { handshake: short, header: short, body: short, ..Limits::default() })
        .await
}

#[tokio::test]
async fn the_plain_port() {
    let server = server().await;
    let hello: &[u8] = b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03abcdefghabcdefghabcdefghabcdefgh\x00\x00\x04\x13\x01\x13\x02\x01\x00\x00\x10\x00\x2b\x00\x03\x02\x03\x04";
    let good: [&[u8]; 3] =
        [hello, b"GET /client/who?a=1 HTTP/1.1\r\nhost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    for copy in copies(&good, 150) {
        exchange(TcpStream::connect(server.address).await.unwrap(), &copy).await;
    }
    server.works().await;
    server.stop().await;
}

#[tokio::test]
async fn http_inside_tls() {
    let server = server().await;
    let host = format!("localhost:{}", server.address.port());
    let get = format!(
        "GET /client/who HTTP/1.1\r\nhost: {host}\r\ncookie: a=b\r\naccept-encoding: gzip\r\nif-none-match: \"x\"\r\n\r\n"
    );
    let post = format!("POST /client/length HTTP/1.1\r\nhost: {host}\r\ncontent-length: 5\r\n\r\nhello{get}");
    let chunked = format!(
        "POST /client/length HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    );
    // The preface of HTTP/2, SETTINGS, and HEADERS of a GET.
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x00\x03\x01\x05\x00\x00\x00\x01\x82\x84\x87";
    for (good, h2) in [
        ([get.as_bytes(), post.as_bytes(), chunked.as_bytes()].as_slice(), false),
        ([http2.as_slice()].as_slice(), true),
    ] {
        let (config, _) = client(&server.authority, None, h2);
        for copy in copies(good, 60) {
            exchange(server.tls(&config).await.unwrap(), &copy).await;
        }
    }
    server.works().await;
    server.stop().await;
}
