//! Servers inside the bench: the node's pages, and what they are compared with.

use super::pages::Bare;
use crate::app::Shared;
use crate::cli::{Exit, Failure};
use crate::listener::{Limits, Server};
use crate::node::Certificates;
use crate::web;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use axum::{Form, Router};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A page that costs nothing to make.
pub(super) fn bare_page(bytes: &Bare) -> Router {
    let bytes = Arc::clone(bytes);
    let page = get(move || {
        let body = bytes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) }
    });
    // A form that leads nowhere and is not kept.
    Router::new().route("/", page.post(|_: Form<HashMap<String, String>>| async { Redirect::to("/") }))
}

/// A router on a port of its own and a thread of its own; the load has the other core.
pub(super) struct Serving {
    /// Where.
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Serving {
    /// By axum's own server.
    pub(super) fn start(router: Router) -> std::io::Result<Self> {
        let runtime = runtime()?;
        let listener = runtime.block_on(TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        Ok(Self::on(runtime, address, async { drop(axum::serve(listener, router).await) }))
    }

    /// By the product's own listener, one with TLS and one without.
    pub(super) fn listeners(app: &Shared, router: &Router) -> Result<[Self; 2], Failure> {
        let mut config = app.config.clone();
        for listener in &mut config.listeners {
            listener.address.set_port(0);
        }
        let certificates = Certificates::open(&app.folder, &config, Arc::clone(&app.clocks))?;
        let bind = |tls: bool| -> Result<Self, Failure> {
            let runtime = runtime()?;
            let _inside = runtime.enter();
            let server = if tls {
                certificates.listen(&config)?
            } else {
                let any = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
                let plain = Server::plain_loopback(any, Limits::from(&config.limits));
                plain.map_err(|e| Failure::new(Exit::Failed, e))?
            };
            let address = server.addresses().first().copied();
            let address = address.ok_or_else(|| Failure::new(Exit::Failed, "no listener"))?;
            let serve = server.run(router.clone(), web::trouble, std::future::pending());
            drop(_inside);
            Ok(Self::on(runtime, address, serve))
        };
        Ok([bind(true)?, bind(false)?])
    }

    fn on(runtime: Runtime, address: SocketAddr, serve: impl Future<Output = ()> + Send + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(5));
        });
        Self { address, stop, thread }
    }

    /// Ends it.
    pub(super) fn stop(self) {
        // Either may be over already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}
