//! The load: keep-alive connections from one thread, each asking again as soon as it is answered.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Whom to ask, and how.
#[derive(Clone)]
pub(super) struct Target {
    /// Where.
    pub(super) address: SocketAddr,
    /// With TLS.
    pub(super) tls: Option<TlsConnector>,
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }
}

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Amount {
    /// For this long.
    For(Duration),
    /// So many in all.
    Times(usize),
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// Requests a second.
    pub(super) rate: f64,
    /// Of each request, ascending.
    pub(super) latencies: Vec<Duration>,
}

impl Outcome {
    /// The latency that this share of all requests stayed within.
    pub(super) fn within(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = (last as f64 * share).round() as usize;
        self.latencies.get(place).copied().unwrap_or_default()
    }

    /// Milliseconds that 99 of 100 stayed within.
    pub(super) fn p99_ms(&self) -> f64 {
        self.within(0.99).as_secs_f64() * 1_000.0
    }
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Its head, as text.
    pub(super) head: String,
    /// Its body.
    pub(super) body: Vec<u8>,
}

/// Asks with so many clients. `make` gives the n-th request; any answer but those `expected` ends it with an error.
pub(super) fn run(
    target: impl Into<Target>,
    clients: usize,
    amount: Amount,
    expected: &'static [u16],
    make: impl Fn(usize) -> Vec<u8> + 'static,
) -> io::Result<Outcome> {
    let target = target.into();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        let shared = Rc::new((std::cell::Cell::new(0_usize), make));
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(Connection::open(&target).await?);
        }
        let start = Instant::now();
        let tasks: Vec<_> = connections
            .into_iter()
            .map(|mut connection| {
                let shared = Rc::clone(&shared);
                tokio::task::spawn_local(async move {
                    let mut latencies = Vec::new();
                    loop {
                        let turn = shared.0.get();
                        let more = match amount {
                            Amount::For(time) => start.elapsed() < time,
                            Amount::Times(times) => turn < times,
                        };
                        if !more {
                            return Ok(latencies);
                        }
                        shared.0.set(turn + 1);
                        let request = shared.1(turn);
                        let asked = Instant::now();
                        let answer = connection.ask(&request).await?;
                        latencies.push(asked.elapsed());
                        if !expected.contains(&answer.status) {
                            return Err(io::Error::other(format!(
                                "answer {} instead of {expected:?} to {}",
                                answer.status,
                                String::from_utf8_lossy(&request).lines().next().unwrap_or_default()
                            )));
                        }
                    }
                })
            })
            .collect();
        let mut latencies: Vec<Duration> = Vec::new();
        for task in tasks {
            latencies.extend(task.await.map_err(io::Error::other)??);
        }
        let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
        latencies.sort_unstable();
        Ok(Outcome { rate, latencies })
    })
}

/// Asks once.
pub(super) fn once(target: impl Into<Target>, request: &[u8]) -> io::Result<Answer> {
    let target = target.into();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { Connection::open(&target).await?.ask(request).await })
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(Target { address, tls }: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match tls {
            Some(tls) => Box::new(tls.connect(address.ip().into(), stream).await?),
            None => Box::new(stream),
        };
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
        };
        let text = String::from_utf8_lossy(self.buffer.get(..head).unwrap_or_default()).into_owned();
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        // A download comes in parts and is the last thing that is asked of its connection.
        let length: Option<usize> = header(&text, "content-length").and_then(|length| length.parse().ok());
        if length.is_none() && header(&text, "transfer-encoding") != Some("chunked") {
            return Err(io::Error::other("an answer without length"));
        }
        let whole = |buffer: &[u8]| match length {
            Some(length) => buffer.len() >= head + 4 + length,
            None => buffer.ends_with(b"\r\n0\r\n\r\n"),
        };
        while !whole(&self.buffer) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = self.buffer.get(head + 4..).unwrap_or_default().to_vec();
        Ok(Answer { status, head: text, body })
    }
}

/// The value of a header.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
