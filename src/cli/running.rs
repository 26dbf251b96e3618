//! What every command that serves has in common: sockets, certificates, jobs, and an orderly end.

use super::CliError;
use crate::app::Shared;
use crate::config::Config;
use crate::domain::time::SystemTime;
use crate::folder::DataFolder;
use crate::job;
use crate::listener::{Limits, Server, TlsMaterial, health};
use crate::pki::Authority;
use crate::store::WriterState;
use crate::web;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Binds the configured listeners with the certificates of the data folder.
///
/// # Errors
/// A sentence for whoever started the node.
pub(super) fn bind(folder: &DataFolder, config: &Config, now: SystemTime) -> Result<Server, CliError> {
    let material = material(folder, config, now)?;
    Server::bind(&config.listeners, &material, Limits::from(&config.limits)).map_err(CliError::from)
}

fn material(folder: &DataFolder, config: &Config, now: SystemTime) -> Result<TlsMaterial, CliError> {
    let authority = Authority::load(&folder.pki())?;
    let mut hosts: Vec<String> = Vec::new();
    for listener in &config.listeners {
        hosts.extend(listener.public_host().map(str::to_owned));
        hosts.extend(listener.names.iter().cloned());
        if listener.address.ip().is_loopback() || listener.address.ip().is_unspecified() {
            hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        }
    }
    hosts.sort();
    hosts.dedup();
    let identity = authority.server_identity(&folder.pki(), &hosts, now)?;
    Ok(TlsMaterial { identity, client_root: authority.certificate().clone() })
}

/// Serves until SIGTERM or SIGINT, or until the writer of the store has failed; reloads certificates on SIGHUP.
///
/// # Errors
/// When the writer failed: the process has to end, so that whoever supervises it starts a new one.
pub(super) async fn run(app: Shared, server: Server) -> Result<(), CliError> {
    let router = web::router(&app).map_err(|e| CliError::new(e.to_string()))?;
    let (stop, stopped) = watch::channel(false);
    let reloader = server.reloader();
    let health = match app.config.health.address {
        Some(address) => Some(health::bind(address)?),
        None => None,
    };
    let serving = tokio::spawn(server.run(router, web::trouble, until(stopped.clone())));
    let watching = health.map(|server| tokio::spawn(health::run(server, ready(&app), until(stopped.clone()))));
    let jobs = tokio::spawn(job::run(Shared::clone(&app), until(stopped.clone())));
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut writer = app.store.state_changes();
    let failed = loop {
        tokio::select! {
            _ = terminate.recv() => break false,
            _ = interrupt.recv() => break false,
            _ = hang_up.recv() => {
                match material(&app.folder, &app.config, app.clocks.system()) {
                    Ok(material) => match reloader.reload(&material) {
                        Ok(()) => tracing::info!("certificates reloaded"),
                        Err(e) => tracing::error!(error = %e, "certificates not reloaded; the old ones stay"),
                    },
                    Err(e) => tracing::error!(error = %e, "certificates not reloaded; the old ones stay"),
                }
            }
            changed = writer.changed() => {
                if changed.is_err() || *writer.borrow() == WriterState::Failed {
                    break true;
                }
            }
        }
    };
    tracing::info!("stopping");
    stop.send_replace(true);
    let _ = serving.await;
    if let Some(watching) = watching {
        let _ = watching.await;
    }
    let _ = jobs.await;
    let store = app.store.clone();
    drop(app);
    let _ = tokio::task::spawn_blocking(move || store.shutdown()).await;
    if failed {
        Err(CliError::new("データファイルに書き込めなくなったため、終了します。"))
    } else {
        Ok(())
    }
}

fn ready(app: &Shared) -> health::Readiness {
    let app = Shared::clone(app);
    Arc::new(move || match app.store.state() {
        WriterState::Running => Ok(()),
        WriterState::Full => Err("the disk is full"),
        WriterState::Failed => Err("the data file can't be written"),
    })
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
