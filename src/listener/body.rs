//! Bodies on their way in and out: a request's body has to keep a pace, an answer keeps its request open.

use super::activity::{Activity, OpenRequest};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Every so many bytes give a slow line another second.
const BYTES_PER_SECOND: u64 = 8 * 1024;

/// The time that a body of this size may take.
pub(super) fn time_for(bytes: u64, least: Duration) -> Duration {
    least + Duration::from_secs(bytes / BYTES_PER_SECOND)
}

/// A request's body that ends with an error when it comes too slowly.
pub(super) struct Paced {
    inner: Incoming,
    activity: Arc<Activity>,
    began: Instant,
    least: Duration,
    received: u64,
    /// Made when the body first has to be waited for; most come with the head.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub(super) fn new(inner: Incoming, activity: Arc<Activity>, least: Duration) -> Self {
        Self { inner, activity, began: Instant::now(), least, received: 0, timer: None }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let end = self.began + time_for(self.received, self.least);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx)
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.received += u64::try_from(data.len()).unwrap_or(u64::MAX);
                    self.activity.touch();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                ready!(self.poll_timer(cx));
                Poll::Ready(Some(Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body; its request is open until the last byte is handed on.
pub(super) struct Answer {
    inner: axum::body::Body,
    open: OpenRequest,
}

impl Answer {
    pub(super) fn new(inner: axum::body::Body, open: OpenRequest) -> Self {
        Self { inner, open }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        self.open.touch();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
