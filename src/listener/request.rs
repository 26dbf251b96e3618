//! One request on its way to the router: number, name of the host, what this listener serves, limits, and an answer
//! even when the handler fails.

use super::activity::{Activity, OpenRequest};
use super::body::{Answer, Paced, time_for};
use super::limits::Limits;
use super::peer::Peer;
use crate::telemetry::RequestId;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::Limited;
use hyper::body::{Body as _, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, StatusCode};
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::Instant;
use tower::Service;

/// What went wrong before or behind the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The handler panicked.
    Panicked,
    /// The handler took too long.
    TooLong,
    /// `Host` is none of the listener's names.
    WrongHost,
    /// The address belongs to an application that this listener does not serve.
    NotServedHere,
    /// The body is too large.
    BodyTooLarge,
}

impl Trouble {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLong => StatusCode::GATEWAY_TIMEOUT,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NotServedHere => StatusCode::NOT_FOUND,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

/// Makes the page for a trouble; its status is set by the listener.
pub type TroublePage = fn(Trouble, &RequestId, &Peer) -> Response;

/// What all requests of a server share.
pub(super) struct Handling {
    pub(super) router: Router,
    pub(super) page: TroublePage,
    pub(super) limits: Limits,
}

/// Answers a request.
pub(super) async fn answer(
    handling: Arc<Handling>,
    peer: Peer,
    activity: Arc<Activity>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let open = activity.begin();
    let began = Instant::now();
    let id = RequestId::fresh();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = match refuse(&peer, &request, &handling.limits) {
        Some(trouble) => troubled(&handling, trouble, &id, &peer),
        None => handle(&handling, &id, &peer, &open, request).await,
    };
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert("x-request-id", value);
    }
    // The query stays out: people search for names. Not at `info`: writing a line costs as much as drawing a page.
    tracing::debug!(
        request = id.as_str(),
        peer = %peer.address.ip(),
        method = method.as_str(),
        path,
        status = response.status().as_u16(),
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    Ok(response.map(|body| Answer::new(body, open)))
}

fn refuse(peer: &Peer, request: &Request<Incoming>, limits: &Limits) -> Option<Trouble> {
    let from_header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(hyper::http::uri::Authority::as_str).or_else(from_header);
    if !host.is_some_and(|host| peer.listener.answers_to(host)) {
        return Some(Trouble::WrongHost);
    }
    if !peer.listener.serves(request.uri().path()) {
        return Some(Trouble::NotServedHere);
    }
    let announced = request.body().size_hint().lower();
    (usize::try_from(announced).unwrap_or(usize::MAX) > limits.body_bytes).then_some(Trouble::BodyTooLarge)
}

async fn handle(
    handling: &Handling,
    id: &RequestId,
    peer: &Peer,
    open: &OpenRequest,
    request: Request<Incoming>,
) -> Response {
    let limits = &handling.limits;
    // A handler that reads a large body over a slow line gets the time the body may take.
    let allowed = match request.body().size_hint().exact() {
        Some(0) => limits.request,
        Some(bytes) => limits.request + time_for(bytes, limits.body),
        None => limits.request + time_for(u64::try_from(limits.body_bytes).unwrap_or(u64::MAX), limits.body),
    };
    let mut request =
        request.map(|body| Body::new(Limited::new(Paced::new(body, open.activity(), limits.body), limits.body_bytes)));
    request.extensions_mut().insert(peer.clone());
    request.extensions_mut().insert(id.clone());
    let mut router = handling.router.clone();
    let handler = AssertUnwindSafe(async move { router.call(request).await }).catch_unwind();
    match tokio::time::timeout(allowed, handler).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_panic)) => {
            tracing::error!(request = id.as_str(), "handler panicked");
            troubled(handling, Trouble::Panicked, id, peer)
        }
        Err(_elapsed) => {
            tracing::error!(request = id.as_str(), "handler took too long");
            troubled(handling, Trouble::TooLong, id, peer)
        }
    }
}

/// The page itself must not fail the connection either.
fn troubled(handling: &Handling, trouble: Trouble, id: &RequestId, peer: &Peer) -> Response {
    let page = std::panic::catch_unwind(AssertUnwindSafe(|| (handling.page)(trouble, id, peer)));
    let mut response = page.unwrap_or_default();
    *response.status_mut() = trouble.status();
    response
}
