//! What happens on one connection, and when a connection has to go: too slow with a request's head, too long without
//! one, or stuck in an answer nobody reads.

use super::limits::Limits;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Writes of fewer bytes, such as answers to HTTP/2 pings, are no sign that somebody reads.
const NOTABLE_WRITE: usize = 512;
const NEVER: u64 = u64::MAX;

/// What happened on a connection so far. Times are counted in milliseconds from its opening.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    /// The last thing that counts as going on.
    last: AtomicU64,
    /// The first byte of a request whose head is not complete.
    head_began: AtomicU64,
    /// Requests not yet answered to the end.
    open: AtomicU32,
    /// HTTP/2 reads control frames between requests, so bytes don't mean that a head has begun.
    one_at_a_time: bool,
}

/// What to do with a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again after this time.
    Fine(Duration),
    /// Nobody uses it: say good-bye.
    Idle,
    /// Cut it.
    Cut(&'static str),
}

impl Activity {
    pub(super) fn new(http2: bool) -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            last: AtomicU64::new(0),
            head_began: AtomicU64::new(if http2 { NEVER } else { 0 }),
            open: AtomicU32::new(0),
            one_at_a_time: !http2,
        })
    }

    fn now(&self) -> u64 {
        milliseconds(self.opened.elapsed())
    }

    pub(super) fn touch(&self) {
        self.touch_at(self.now());
    }

    fn touch_at(&self, now: u64) {
        self.last.store(now, Ordering::Relaxed);
    }

    /// A request's head is complete; the request is open until the guard goes.
    pub(super) fn begin(self: &Arc<Self>) -> OpenRequest {
        self.begin_at(self.now());
        OpenRequest(Arc::clone(self))
    }

    fn begin_at(&self, now: u64) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.head_began.store(NEVER, Ordering::Relaxed);
        self.touch_at(now);
    }

    fn end_at(&self, now: u64) {
        self.touch_at(now);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    fn received_at(&self, now: u64) {
        if self.one_at_a_time && self.open.load(Ordering::Relaxed) == 0 {
            let _ = self.head_began.compare_exchange(NEVER, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        self.verdict_at(limits, self.now())
    }

    fn verdict_at(&self, limits: &Limits, now: u64) -> Verdict {
        let left = |began: u64, limit: Duration| {
            began.saturating_add(milliseconds(limit)).checked_sub(now).filter(|&left| left > 0)
        };
        let last = self.last.load(Ordering::Relaxed);
        if self.open.load(Ordering::Relaxed) > 0 {
            return match left(last, limits.request + limits.body + limits.idle) {
                Some(left) => Verdict::Fine(Duration::from_millis(left)),
                None => Verdict::Cut("nothing moves"),
            };
        }
        let Some(until_idle) = left(last, limits.idle) else { return Verdict::Idle };
        let until_head = match self.head_began.load(Ordering::Relaxed) {
            // A head may begin at any moment, so look again no later than its limit.
            NEVER => milliseconds(limits.header),
            began => match left(began, limits.header) {
                Some(left) => left,
                None => return Verdict::Cut("head takes too long"),
            },
        };
        Verdict::Fine(Duration::from_millis(until_idle.min(until_head)))
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER - 1)
}

/// A request that is not answered to the end.
#[derive(Debug)]
pub(super) struct OpenRequest(Arc<Activity>);

impl OpenRequest {
    pub(super) fn touch(&self) {
        self.0.touch();
    }

    pub(super) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.0)
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.end_at(self.0.now());
    }
}

/// A stream that notes when something moves.
pub(super) struct Watched<S> {
    pub(super) inner: S,
    pub(super) activity: Arc<Activity>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        if buf.filled().len() > before {
            self.activity.received_at(self.activity.now());
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> Watched<S> {
    fn written(&self, result: std::io::Result<usize>) -> std::io::Result<usize> {
        if matches!(result, Ok(bytes) if bytes >= NOTABLE_WRITE) {
            self.activity.touch();
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        Poll::Ready(self.written(result))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs));
        Poll::Ready(self.written(result))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_when_it_is_slow_idle_or_stuck() {
        let seconds = Duration::from_secs;
        let limits = Limits {
            header: seconds(10),
            idle: seconds(75),
            request: seconds(60),
            body: seconds(30),
            ..Limits::default()
        };
        let activity = Activity::new(false);
        let at = |second: u64| activity.verdict_at(&limits, second * 1_000);
        // The first head has to come soon.
        assert_eq!(at(4), Verdict::Fine(seconds(6)));
        assert_eq!(at(10), Verdict::Cut("head takes too long"));
        // An open request has time, as long as something moves now and then.
        activity.begin_at(9_000);
        assert_eq!(at(9 + 164), Verdict::Fine(seconds(1)));
        activity.touch_at(100_000);
        assert_eq!(at(264), Verdict::Fine(seconds(1)));
        assert_eq!(at(265), Verdict::Cut("nothing moves"));
        // Between requests it may rest, but a head that has begun has to end.
        activity.end_at(300_000);
        assert_eq!(at(320), Verdict::Fine(seconds(10)));
        activity.received_at(321_000);
        activity.received_at(330_000);
        assert_eq!(at(330), Verdict::Fine(seconds(1)));
        assert_eq!(at(331), Verdict::Cut("head takes too long"));
        activity.begin_at(331_000);
        activity.end_at(331_000);
        assert_eq!(at(331 + 75), Verdict::Idle);
        // HTTP/2 reads between requests without a head beginning.
        let http2 = Activity::new(true);
        http2.received_at(1_000);
        assert_eq!(http2.verdict_at(&limits, 60_000), Verdict::Fine(seconds(10)));
        assert_eq!(http2.verdict_at(&limits, 75_000), Verdict::Idle);
    }
}
