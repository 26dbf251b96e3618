//! A node from its first connection to the end of its last: serving, renewing certificates, reload, stop.

use crate::app::Shared;
use crate::clock::Clocks;
use crate::config::Config;
use crate::folder::DataFolder;
use crate::job;
use crate::listener::{Limits, ListenError, Reloader, Server, TlsError, TlsMaterial, health};
use crate::pki::{Authority, PkiError};
use crate::service::error::Error;
use crate::store::{Store, WriterState};
use crate::web;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How often the end of the server certificate is looked at.
const RENEWAL_CHECK: Duration = Duration::from_secs(12 * 3_600);

/// The node can't run, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A port.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Certificates.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The application.
    #[error("データを読めません ({0})")]
    Read(#[from] Error),
    /// Signals of the machine.
    #[error("シグナルを受け取れません ({0})")]
    Signals(std::io::Error),
    /// The writer has ended; going on would answer without keeping anything.
    #[error("データファイルに書き込めなくなったため、停止しました。ログを確認してから、もう一度起動してください")]
    WriterFailed,
}

/// The certificates of a node, read afresh whenever they are needed.
pub struct Certificates {
    authority: Authority,
    folder: PathBuf,
    hosts: Vec<String>,
    clocks: Arc<Clocks>,
}

impl Certificates {
    /// Those of a data folder.
    ///
    /// # Errors
    /// When the authority can't be read.
    pub fn open(folder: &DataFolder, config: &Config, clocks: Arc<Clocks>) -> Result<Self, PkiError> {
        let authority = Authority::load(&folder.pki())?;
        Ok(Self { authority, folder: folder.pki(), hosts: config.host_names(), clocks })
    }

    /// What listeners are made from; renews the server certificate when it ends soon.
    ///
    /// # Errors
    /// When it can't be read or renewed.
    pub fn material(&self) -> Result<TlsMaterial, PkiError> {
        let identity = self.authority.server_identity(&self.folder, &self.hosts, self.clocks.system())?;
        Ok(TlsMaterial { identity, client_root: self.authority.certificate().clone() })
    }

    /// Binds the listeners of the configuration.
    ///
    /// # Errors
    /// When a port or the certificates can't be used.
    pub fn listen(&self, config: &Config) -> Result<Server, RunError> {
        Ok(Server::bind(&config.listeners, &self.material()?, Limits::from(&config.limits))?)
    }

    fn reload(&self, reloader: &Reloader) -> Result<(), ReloadError> {
        reloader.reload(&self.material()?)?;
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error(transparent)]
    Pki(#[from] PkiError),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Serves until SIGTERM or SIGINT; SIGHUP reads the certificates again. Then accepts no more, lets open requests
/// and jobs finish, and closes the store.
///
/// # Errors
/// When it can't begin, or had to end.
pub async fn run(app: &Shared, server: Server, certificates: Certificates) -> Result<(), RunError> {
    let router = web::router(app)?;
    let health = app.config.health.address.map(health::bind).transpose()?;
    let (mut terminate, mut interrupt) = (listen_for(SignalKind::terminate())?, listen_for(SignalKind::interrupt())?);
    let mut hang_up = listen_for(SignalKind::hangup())?;
    let (stopping, stopped) = watch::channel(false);
    let until_stop = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|&stop| stop).await;
        }
    };

    let addresses: Vec<String> = server.addresses().iter().map(ToString::to_string).collect();
    let addresses = addresses.join(" ");
    let reloader = server.reloader();
    let renewal = tokio::spawn(async move {
        let mut check = tokio::time::interval(RENEWAL_CHECK);
        check.reset();
        loop {
            let why = tokio::select! {
                _ = hang_up.recv() => "asked",
                _ = check.tick() => "due",
            };
            match certificates.reload(&reloader) {
                Ok(()) => tracing::info!(why, "certificates read again"),
                Err(error) => tracing::error!(why, %error, "certificates stay as they are"),
            }
        }
    });
    let mut serving = tokio::task::JoinSet::new();
    if let Some(health) = health {
        let store = app.store.clone();
        serving.spawn(health::run(health, Arc::new(move || readiness(&store)), until_stop()));
    }
    serving.spawn(server.run(router, web::trouble, until_stop()));
    serving.spawn(job::run(Arc::clone(app), until_stop()));
    tracing::info!(addresses, profile = app.profile().slug(), version = env!("CARGO_PKG_VERSION"), "serving");

    let result = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = writer_failure(&app.store) => Err(RunError::WriterFailed),
    };
    tracing::info!("stopping");
    stopping.send_replace(true);
    renewal.abort();
    while serving.join_next().await.is_some() {}
    // Waits for the writers, so not on this thread.
    let closing = Arc::clone(app);
    let _ = tokio::task::spawn_blocking(move || closing.close()).await;
    tracing::info!("stopped");
    result
}

fn listen_for(kind: SignalKind) -> Result<tokio::signal::unix::Signal, RunError> {
    signal(kind).map_err(RunError::Signals)
}

/// Done when the writer has failed.
async fn writer_failure(store: &Store) {
    let mut changes = store.state_changes();
    if changes.wait_for(|state| *state == WriterState::Failed).await.is_err() {
        // The store was closed in order; whoever did that ends the node.
        std::future::pending::<()>().await;
    }
}

fn readiness(store: &Store) -> Result<(), &'static str> {
    match store.state() {
        WriterState::Running => Ok(()),
        WriterState::Full => Err("storage full"),
        WriterState::Failed => Err("storage failed"),
    }
}
