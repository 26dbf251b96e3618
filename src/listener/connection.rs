//! One connection: handshake, protocol, and the end of it.

use super::activity::{Activity, Verdict, Watched};
use super::peer::{ClientCertificate, ListenerInfo, Peer};
use super::request::{Handling, answer};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What a connection that said good-bye gets for its last bytes.
const FAREWELL: Duration = Duration::from_secs(2);
const TLS_HANDSHAKE: u8 = 22;
/// Kept in memory for one HTTP/2 stream that is read slowly.
const SEND_BUFFER: usize = 64 * 1024;

/// Serves a connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    listener: Arc<ListenerInfo>,
    handling: Arc<Handling>,
    stop: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        let peer = Peer { address, certificate: None, listener };
        return converse(stream, false, peer, handling, stop).await;
    };
    let handshake = tokio::time::timeout(handling.limits.handshake, handshake(stream, tls, &listener)).await;
    let stream = match handshake {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(peer = %address, %error, "handshake failed"),
        Err(_elapsed) => return tracing::debug!(peer = %address, "handshake takes too long"),
    };
    let (_, session) = stream.get_ref();
    let http2 = session.alpn_protocol() == Some(b"h2");
    let shown = session.peer_certificates().and_then(<[_]>::first);
    let certificate = match shown.map(|der| ClientCertificate::read(der)).transpose() {
        Ok(certificate) => certificate.map(Arc::new),
        Err(error) => return tracing::warn!(peer = %address, %error, "verified client certificate can't be read"),
    };
    converse(stream, http2, Peer { address, certificate, listener }, handling, stop).await;
}

async fn handshake(
    mut stream: TcpStream,
    tls: Arc<ServerConfig>,
    listener: &ListenerInfo,
) -> std::io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first[0] != TLS_HANDSHAKE {
        // Somebody typed http://, or no client of ours at all.
        if first[0].is_ascii_uppercase() {
            let url = &listener.public_url;
            let page = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {url}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(page.as_bytes()).await?;
            stream.shutdown().await?;
        }
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "not TLS"));
    }
    TlsAcceptor::from(tls).accept(stream).await
}

/// HTTP on an open stream.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    http2: bool,
    peer: Peer,
    handling: Arc<Handling>,
    mut stop: watch::Receiver<bool>,
) {
    let limits = &handling.limits;
    let activity = Activity::new(http2);
    let io = TokioIo::new(Watched { inner: stream, activity: Arc::clone(&activity) });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // This timer also runs between requests; the head itself has the shorter limit of `Activity`.
        .header_read_timeout(limits.idle + FAREWELL)
        .max_buf_size(limits.header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.idle / 3)
        .keep_alive_timeout(limits.idle / 3)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(SEND_BUFFER);
    let builder = if http2 { builder.http2_only() } else { builder.http1_only() };
    let service = service_fn({
        let (handling, activity) = (Arc::clone(&handling), Arc::clone(&activity));
        let peer = peer.clone();
        move |request| answer(Arc::clone(&handling), peer.clone(), Arc::clone(&activity), request)
    });
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut leaving = false;
    let mut look = tokio::time::Instant::now() + limits.header.min(limits.idle);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(peer = %peer.address, %error, "connection ended early");
                }
                return;
            }
            _ = stop.wait_for(|&stop| stop), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = tokio::time::sleep_until(look) => match activity.verdict(limits) {
                Verdict::Fine(again) => look = tokio::time::Instant::now() + again,
                Verdict::Idle if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                    look = tokio::time::Instant::now() + FAREWELL;
                }
                Verdict::Idle => return,
                Verdict::Cut(why) => return tracing::debug!(peer = %peer.address, why, "connection cut"),
            },
        }
    }
}
