//! Over real sockets: certificates, limits, names, reload, stop.

use ainas::config::{ClientCertificates, Listener, Served};
use ainas::domain::time::SystemTime;
use ainas::listener::{Limits, Peer, Reloader, Server, TlsMaterial, Trouble};
use ainas::pki::{Authority, ClientSubject, IssuedClient};
use ainas::telemetry::RequestId;
use axum::body::Bytes;
use axum::extract::Extension;
use axum::http::{Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use rustls_pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// A running server on a port of its own.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Authority,
    reloader: Reloader,
    /// `/slow` tells that it runs, and answers when it may.
    slow_runs: Arc<Notify>,
    slow_may_end: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

/// Certificates of these tests are made by the machine's date, since clients check them by it.
fn now() -> SystemTime {
    ainas::clock::Clocks::machine().system()
}

fn material(authority: &Authority) -> TlsMaterial {
    let identity = authority.issue_server(&["localhost".to_owned()], now()).unwrap();
    TlsMaterial { identity, client_root: authority.certificate().clone() }
}

pub(crate) async fn start(mode: ClientCertificates, limits: Limits) -> Running {
    let authority = Authority::create("試験", &[], now()).unwrap();
    let listener = Listener {
        address: "127.0.0.1:0".parse().unwrap(),
        client_certificate: mode,
        applications: vec![Served::Client],
        public_url: "https://localhost:0".to_owned(),
        names: Vec::new(),
    };
    let server = Server::bind(&[listener], &material(&authority), limits).unwrap();
    let (slow_runs, slow_may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (runs, may_end) = (Arc::clone(&slow_runs), Arc::clone(&slow_may_end));
    let router = axum::Router::new()
        .route("/client/who", get(who))
        .route("/client/panic", get(panics))
        .route("/client/length", post(async |body: Bytes| body.len().to_string()))
        .route("/office/who", get(who))
        .route(
            "/client/slow",
            get(async move || {
                runs.notify_one();
                may_end.notified().await;
                "done"
            }),
        );
    let (stop, stopped) = oneshot::channel();
    let (address, reloader) = (server.addresses()[0], server.reloader());
    let ended = tokio::spawn(server.run(router, trouble, async {
        let _ = stopped.await;
    }));
    Running { address, authority, reloader, slow_runs, slow_may_end, stop: Some(stop), ended }
}

async fn who(version: Version, Extension(peer): Extension<Peer>) -> String {
    let name = peer.certificate.map_or("なし".to_owned(), |certificate| certificate.subject.common_name.clone());
    format!("{name} {version:?}")
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

fn trouble(trouble: Trouble, id: &RequestId, _: &Peer) -> Response {
    format!("{trouble:?} {id}").into_response()
}

/// Shows its certificate as long as it is told to.
#[derive(Debug)]
pub(crate) struct Shown {
    key: Option<Arc<CertifiedKey>>,
    show: AtomicBool,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.key.clone().filter(|_| self.show.load(Ordering::Relaxed))
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

pub(crate) fn client(
    root: &Authority,
    certificate: Option<&IssuedClient>,
    http2: bool,
) -> (Arc<ClientConfig>, Arc<Shown>) {
    let mut roots = RootCertStore::empty();
    roots.add(root.certificate().clone()).unwrap();
    let key = certificate.map(|issued| {
        let key = rustls::crypto::ring::sign::any_supported_type(&issued.private_key()).unwrap();
        Arc::new(CertifiedKey::new(vec![issued.certificate.clone()], key))
    });
    let shown = Arc::new(Shown { key, show: AtomicBool::new(true) });
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesClientCert>);
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    (Arc::new(config), shown)
}

fn issue(authority: &Authority, name: &str) -> IssuedClient {
    let subject = ClientSubject { common_name: name.to_owned(), organization: "整備工場".to_owned() };
    authority.issue_client(&subject, now(), 30).unwrap()
}

impl Running {
    pub(crate) async fn tls(&self, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        TlsConnector::from(Arc::clone(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    /// A connection for requests, without a client certificate.
    async fn connect(&self) -> Sender {
        let (config, _) = client(&self.authority, None, false);
        sender(self.tls(&config).await.unwrap()).await.unwrap()
    }

    fn request(&self, path: &str) -> Request<Full<Bytes>> {
        let host = format!("localhost:{}", self.address.port());
        Request::get(path).header("host", host).body(Full::default()).unwrap()
    }

    async fn get(&self, sender: &mut Sender, path: &str) -> (StatusCode, String) {
        text(sender.send_request(self.request(path)).await.unwrap()).await
    }

    /// Everything still works for somebody who behaves.
    pub(crate) async fn works(&self) {
        let answer = self.get(&mut self.connect().await, "/client/who").await;
        assert_eq!(answer, (StatusCode::OK, "なし HTTP/1.1".to_owned()));
    }

    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.ended.await.unwrap();
    }
}

async fn sender(stream: TlsStream<TcpStream>) -> hyper::Result<Sender> {
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn text(response: hyper::Response<hyper::body::Incoming>) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn certificates_are_not_asked_for_or_welcome_or_required() {
    use ClientCertificates::{Off, Optional, Required};
    for (mode, without, ours, foreign) in [
        (Off, Some("なし"), Some("なし"), Some("なし")),
        (Optional, Some("なし"), Some("山田　太郎"), None),
        (Required, None, Some("山田　太郎"), None),
    ] {
        let server = start(mode, Limits::default()).await;
        let other = Authority::create("別の認証局", &[], now()).unwrap();
        let (own, strange) = (issue(&server.authority, "山田　太郎"), issue(&other, "山田　太郎"));
        for (certificate, expected) in [(None, without), (Some(&own), ours), (Some(&strange), foreign)] {
            let (config, _) = client(&server.authority, certificate, false);
            let answer = async {
                let mut sender = sender(server.tls(&config).await.ok()?).await.ok()?;
                let response = sender.send_request(server.request("/client/who")).await.ok()?;
                Some(text(response).await.1)
            };
            let seen = answer.await;
            assert_eq!(seen.as_deref().map(|text| text.trim_end_matches(" HTTP/1.1")), expected, "{mode:?}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn http2_serves_many_requests_on_one_connection() {
    let server = start(ClientCertificates::Off, Limits::default()).await;
    let (config, _) = client(&server.authority, None, true);
    let stream = server.tls(&config).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let url = |path: &str| format!("https://localhost:{}{path}", server.address.port());
    let mut send = |path: &str| sender.send_request(Request::get(url(path)).body(Full::<Bytes>::default()).unwrap());
    let slow = send("/client/slow");
    let slow = tokio::spawn(slow);
    server.slow_runs.notified().await;
    // A panic beside it harms nobody.
    assert_eq!(send("/client/panic").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(send("/client/who").await.unwrap()).await.1, "なし HTTP/2.0");
    server.slow_may_end.notify_one();
    assert_eq!(text(slow.await.unwrap().unwrap()).await.1, "done");
    drop(sender);
    server.stop().await;
}

#[tokio::test]
async fn a_panic_is_one_page_and_the_connection_goes_on() {
    let server = start(ClientCertificates::Off, Limits { body_bytes: 1_000, ..Limits::default() }).await;
    let mut sender = server.connect().await;
    let response = sender.send_request(server.request("/client/panic")).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(text(response).await, (StatusCode::INTERNAL_SERVER_ERROR, format!("Panicked {id}")));
    assert_eq!(server.get(&mut sender, "/client/who").await.0, StatusCode::OK);
    // Applications of other listeners, other hosts, and bodies beyond the limit.
    assert_eq!(server.get(&mut sender, "/office/who").await.0, StatusCode::NOT_FOUND);
    for host in ["attacker.example", "localhost", "localhost:1"] {
        let request = Request::get("/client/who").header("host", host).body(Full::default()).unwrap();
        let (status, page) = text(sender.send_request(request).await.unwrap()).await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{page}");
    }
    let post = |length: usize| {
        let host = format!("localhost:{}", server.address.port());
        Request::post("/client/length").header("host", host).body(Full::from(vec![b'x'; length])).unwrap()
    };
    assert_eq!(text(sender.send_request(post(1_000)).await.unwrap()).await.1, "1000");
    let mut fresh = server.connect().await;
    assert_eq!(fresh.send_request(post(1_001)).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    server.works().await;
    drop((sender, fresh));
    server.stop().await;
}

#[tokio::test]
async fn slow_clients_and_garbage_are_cut_and_harm_nobody() {
    let short = Duration::from_millis(150);
    let limits = Limits { handshake: short, header: short, body: short, ..Limits::default() };
    let server = start(ClientCertificates::Off, limits).await;
    let (config, _) = client(&server.authority, None, false);
    let host = format!("host: localhost:{}\r\n", server.address.port());

    // Says nothing at all; says nothing after the handshake; stops in the head; stops in the body.
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut quiet = server.tls(&config).await.unwrap();
    let mut head = server.tls(&config).await.unwrap();
    head.write_all(b"GET /client/who HTTP/1.1\r\nhost: local").await.unwrap();
    let mut body = server.tls(&config).await.unwrap();
    let start = format!("POST /client/length HTTP/1.1\r\n{host}content-length: 9\r\n\r\nabc");
    body.write_all(start.as_bytes()).await.unwrap();
    server.works().await;
    let mut rest = Vec::new();
    assert_eq!(silent.read_to_end(&mut rest).await.unwrap(), 0);
    let _ = quiet.read_to_end(&mut rest).await;
    let _ = head.read_to_end(&mut rest).await;
    assert_eq!(rest, b"", "nothing is answered to half a request");
    let _ = body.read_to_end(&mut rest).await;
    assert!(rest.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&rest));

    // No TLS: people who typed http:// are sent on, anything else is cut.
    for (bytes, answer) in [
        (
            &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
            format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: https://localhost:{}/\r\n", server.address.port()),
        ),
        (&b"\x00\x01garbage"[..], String::new()),
        (&b"\x16\x03\x01\xff\xff\xff\xff\xff\xff"[..], String::new()),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        let said = String::from_utf8_lossy(&rest);
        assert!(said.starts_with(&answer) && (said.is_empty() || !answer.is_empty() || bytes[0] == 0x16), "{said:?}");
    }

    // Goes away in the middle of an answer.
    let mut leaver = server.tls(&config).await.unwrap();
    leaver.write_all(format!("GET /client/slow HTTP/1.1\r\n{host}\r\n").as_bytes()).await.unwrap();
    server.slow_runs.notified().await;
    drop(leaver);
    server.works().await;
    server.stop().await;
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let server = start(ClientCertificates::Off, Limits { connections_per_address: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    let (config, _) = client(&server.authority, None, false);
    assert!(server.tls(&config).await.is_err(), "a third connection");
    for sender in [&mut first, &mut second] {
        assert_eq!(server.get(sender, "/client/who").await.0, StatusCode::OK);
    }
    drop(first);
    // Its place is free as soon as the server has noticed.
    while server.tls(&config).await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(second);
    server.stop().await;
}

#[tokio::test]
async fn a_reload_shows_the_new_certificate_and_forgets_old_sessions() {
    let server = start(ClientCertificates::Required, Limits::default()).await;
    let own = issue(&server.authority, "山田　太郎");
    let (config, shown) = client(&server.authority, Some(&own), false);
    let mut open = sender(server.tls(&config).await.unwrap()).await.unwrap();
    assert_eq!(server.get(&mut open, "/client/who").await.1, "山田　太郎 HTTP/1.1");

    // A remembered session brings its certificate along, although none is shown again.
    shown.show.store(false, Ordering::Relaxed);
    let resumed = server.tls(&config).await.unwrap();
    assert_eq!(resumed.get_ref().1.handshake_kind(), Some(HandshakeKind::Resumed));
    let mut resumed = sender(resumed).await.unwrap();
    assert_eq!(server.get(&mut resumed, "/client/who").await.1, "山田　太郎 HTTP/1.1");

    let before = server.tls(&config).await.unwrap().get_ref().1.peer_certificates().unwrap()[0].clone();
    server.reloader.reload(&material(&server.authority)).unwrap();
    // After a reload nobody comes in without showing it; open connections go on.
    let refused = async {
        let mut sender = sender(server.tls(&config).await.ok()?).await.ok()?;
        sender.send_request(server.request("/client/who")).await.ok()
    };
    assert!(refused.await.is_none());
    assert_eq!(server.get(&mut open, "/client/who").await.0, StatusCode::OK);
    shown.show.store(true, Ordering::Relaxed);
    let fresh = server.tls(&config).await.unwrap();
    assert_ne!(fresh.get_ref().1.peer_certificates().unwrap()[0], before);
    let mut fresh = sender(fresh).await.unwrap();
    assert_eq!(server.get(&mut fresh, "/client/who").await.1, "山田　太郎 HTTP/1.1");

    // Material that can't be used changes nothing.
    let mut wrong = material(&server.authority);
    wrong.identity.chain.clear();
    assert!(server.reloader.reload(&wrong).is_err());
    let mut after = sender(server.tls(&config).await.unwrap()).await.unwrap();
    assert_eq!(server.get(&mut after, "/client/who").await.0, StatusCode::OK);
    drop((open, resumed, fresh, after));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_open_requests_finish() {
    let mut server = start(ClientCertificates::Off, Limits::default()).await;
    let mut busy = server.connect().await;
    let request = server.request("/client/slow");
    let slow = tokio::spawn(async move { text(busy.send_request(request).await.unwrap()).await });
    server.slow_runs.notified().await;
    server.stop.take().unwrap().send(()).unwrap();
    // The port closes at once.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.slow_may_end.notify_one();
    assert_eq!(slow.await.unwrap(), (StatusCode::OK, "done".to_owned()));
    server.ended.await.unwrap();

    // One that never ends is cut when the time is over.
    let limits = Limits { stop: Duration::from_millis(50), ..Limits::default() };
    let server = start(ClientCertificates::Off, limits).await;
    let mut busy = server.connect().await;
    let request = server.request("/client/slow");
    let slow = tokio::spawn(async move { busy.send_request(request).await.is_err() });
    server.slow_runs.notified().await;
    server.stop().await;
    assert!(slow.await.unwrap());
}
