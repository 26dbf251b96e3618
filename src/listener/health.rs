//! `/livez` and `/readyz` for monitoring, on loopback and without TLS.

use super::limits::Limits;
use super::peer::Peer;
use super::request::Trouble;
use super::socket::{ListenError, Server};
use crate::telemetry::RequestId;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Says whether the node can work, or why not.
pub type Readiness = Arc<dyn Fn() -> Result<(), &'static str> + Send + Sync>;

/// Binds the port.
///
/// # Errors
/// When the address is not loopback or can't be used.
pub fn bind(address: SocketAddr) -> Result<Server, ListenError> {
    let seconds = Duration::from_secs(5);
    let limits = Limits {
        connections: 64,
        connections_per_address: 64,
        header: seconds,
        request: seconds,
        idle: seconds,
        stop: Duration::from_secs(1),
        ..Limits::default()
    };
    Server::plain_loopback(address, limits)
}

/// Serves it until `stop` is done.
pub async fn run(server: Server, ready: Readiness, stop: impl Future<Output = ()>) {
    let router = Router::new().route("/livez", get(async || "ok\n")).route(
        "/readyz",
        get(async move || match ready() {
            Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
            Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        }),
    );
    server.run(router, plain, stop).await;
}

fn plain(_: Trouble, _: &RequestId, _: &Peer) -> Response {
    Response::default()
}
