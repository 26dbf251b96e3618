//! Sockets, the accept loop with its caps, reload of certificates, and the stop.

use super::connection;
use super::limits::Limits;
use super::peer::ListenerInfo;
use super::request::{Handling, TroublePage};
use super::tls::{TlsError, TlsMaterial, server_config};
use crate::config::{ClientCertificates, Listener};
use arc_swap::ArcSwap;
use axum::Router;
use rustls::ServerConfig;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// Connections the machine keeps waiting for `accept`.
const BACKLOG: u32 = 1_024;
/// A pause after a failed `accept`, which mostly means that file descriptors are used up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The node can't listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The socket.
    #[error("{address} で待ち受けできません。{}", explain(.cause))]
    Socket {
        /// Where.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// Certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Plain HTTP is for loopback only.
    #[error("{0} では、暗号化しない待ち受けはできません")]
    NotLoopback(SocketAddr),
}

fn explain(cause: &std::io::Error) -> String {
    match cause.kind() {
        std::io::ErrorKind::AddrInUse => "ほかのプログラムがこのポートを使っています".to_owned(),
        std::io::ErrorKind::AddrNotAvailable => "このコンピューターのアドレスではありません".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "1024より小さいポートには権限が必要です (CAP_NET_BIND_SERVICE)".to_owned()
        }
        _ => cause.to_string(),
    }
}

impl ListenError {
    /// Whether another program has the port.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Socket { cause, .. } if cause.kind() == std::io::ErrorKind::AddrInUse)
    }
}

/// TLS settings that a reload replaces.
struct Tls {
    mode: ClientCertificates,
    current: ArcSwap<ServerConfig>,
}

struct Socket {
    listener: TcpListener,
    info: Arc<ListenerInfo>,
    tls: Option<Arc<Tls>>,
}

/// Bound sockets, ready to serve.
pub struct Server {
    sockets: Vec<Socket>,
    limits: Limits,
}

/// Replaces the certificates of a running server.
#[derive(Clone)]
pub struct Reloader(Vec<Arc<Tls>>);

impl Reloader {
    /// New connections get the new certificates; when these can't be used, everything stays as it is. Connections
    /// that are open go on.
    ///
    /// # Errors
    /// When the material can't be used.
    pub fn reload(&self, material: &TlsMaterial) -> Result<(), TlsError> {
        let configs = self.0.iter().map(|tls| server_config(material, tls.mode)).collect::<Result<Vec<_>, _>>()?;
        for (tls, config) in self.0.iter().zip(configs) {
            tls.current.store(config);
        }
        Ok(())
    }
}

impl Server {
    /// Binds all listeners of the configuration.
    ///
    /// # Errors
    /// When a socket or the certificates can't be used; the sentence says what to do.
    pub fn bind(listeners: &[Listener], material: &TlsMaterial, limits: Limits) -> Result<Self, ListenError> {
        let mut sockets = Vec::new();
        for listener in listeners {
            let mode = listener.client_certificate;
            let tls = Tls { mode, current: ArcSwap::new(server_config(material, mode)?) };
            let (socket, bound) = bind(listener.address)?;
            let info = Arc::new(ListenerInfo::of(listener, bound));
            sockets.push(Socket { listener: socket, info, tls: Some(Arc::new(tls)) });
        }
        Ok(Self { sockets, limits })
    }

    /// Plain HTTP on loopback, for the health port, benches and tests; no configuration leads here for pages.
    ///
    /// # Errors
    /// When the address is not loopback or can't be used.
    pub fn plain_loopback(address: SocketAddr, limits: Limits) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let (listener, bound) = bind(address)?;
        let info = Arc::new(ListenerInfo::plain(bound));
        Ok(Self { sockets: vec![Socket { listener, info, tls: None }], limits })
    }

    /// What was bound, in the order of the configuration; port 0 is replaced by the port the machine gave.
    pub fn listeners(&self) -> Vec<Arc<ListenerInfo>> {
        self.sockets.iter().map(|socket| Arc::clone(&socket.info)).collect()
    }

    /// The bound addresses, in the order of the configuration.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|socket| socket.listener.local_addr().ok()).collect()
    }

    /// For replacing certificates while it runs.
    pub fn reloader(&self) -> Reloader {
        Reloader(self.sockets.iter().filter_map(|socket| socket.tls.clone()).collect())
    }

    /// Serves until `stop` is done; then accepts no more, lets open requests finish within the limit, and returns.
    pub async fn run(self, router: Router, page: TroublePage, stop: impl Future<Output = ()>) {
        let room = Arc::new(Room::new(&self.limits));
        let handling = Arc::new(Handling { router, page, limits: self.limits });
        let (stopping, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        for socket in self.sockets {
            loops.spawn(accept(socket, Arc::clone(&handling), Arc::clone(&room), stopped.clone()));
        }
        stop.await;
        // Every receiver sees it, whenever it looks.
        stopping.send_replace(true);
        while loops.join_next().await.is_some() {}
    }
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    open().map_err(|cause| ListenError::Socket { address, cause })
}

async fn accept(socket: Socket, handling: Arc<Handling>, room: Arc<Room>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|&stop| stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = socket.listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = room.place(address.ip()) else {
            tracing::debug!(peer = %address, "too many connections");
            continue;
        };
        let tls = socket.tls.as_ref().map(|tls| tls.current.load_full());
        let (info, handling, stop) = (Arc::clone(&socket.info), Arc::clone(&handling), stop.clone());
        connections.spawn(async move {
            connection::serve(stream, address, tls, info, handling, stop).await;
            drop(place);
        });
    }
    drop(socket.listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(handling.limits.stop, all).await.is_err() {
        tracing::warn!("open requests did not finish in time");
    }
}

/// How many connections there may be.
struct Room {
    all: Arc<Semaphore>,
    each: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place; given back when it ends.
struct Place {
    room: Arc<Room>,
    network: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Room {
    fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
            each: limits.connections_per_address,
            taken: Mutex::default(),
        }
    }

    fn place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let network = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(network).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(Place { room: Arc::clone(self), network, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

/// One household has one IPv4 address, but a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
