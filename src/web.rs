//! The browser side. Pages are compositions of the kit's components; what may happen is decided in `service`.

mod agent;
mod client;
mod downloads;
mod edge;
mod gate;
mod help;
mod key_file;
pub mod kit;
mod my_users;
mod notices;
mod outside;
pub mod procedure;
pub mod routes;
mod sign_in;
mod start;
mod users;
mod work;

use crate::app::Shared;
use crate::listener::{Peer, Trouble};
use crate::service::error::Error;
use crate::telemetry::RequestId;
use axum::Router;
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use kit::error::Failure;
use kit::visit::{Inner, Visit};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// Everything a browser can ask, ready to be served.
///
/// # Errors
/// When the store can't be read.
pub fn router(app: &Shared) -> Result<Router, Error> {
    let edge = edge::Edge::new(app)?;
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        DefaultPredicate::new().and(keeps_no_secret).and(NotForContentType::const_new("application/vnd")),
    );
    Ok(routes::router(app.sim.is_some())
        .fallback(async || Failure::Status(StatusCode::NOT_FOUND))
        .with_state(app.clone())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(edge, edge::pass))
        .layer(compression))
}

/// The page for what goes wrong before or behind the router: a strange host name, a body too large, a handler that
/// takes too long.
pub fn trouble(trouble: Trouble, id: &RequestId, _: &Peer) -> Response {
    let visit = Visit::new(Inner::stranger(None));
    let mut response = Failure::Status(trouble.status()).page(&visit, id.as_str(), None).into_response();
    edge::harden(response.headers_mut());
    response
}

/// The length of a compressed page tells something of what is in it.
fn keeps_no_secret(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<kit::form::Secret>().is_none()
}

/// A bad handler is one error page, never the end of the node.
#[expect(clippy::needless_pass_by_value, reason = "the layer asks for this signature")]
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        cause.downcast_ref::<&str>().map(ToString::to_string).or_else(|| cause.downcast_ref::<String>().cloned());
    Failure::from(Error::internal(format!("panic: {}", text.unwrap_or_default()))).into_response()
}
