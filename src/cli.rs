//! The command line: one file per command. Says in Japanese what happened; machines ask with `--json`.

mod demo;
mod running;

use crate::app::StartError;
use crate::config::Log;
use crate::folder::FolderError;
use crate::listener::ListenError;
use crate::pki::PkiError;
use crate::secret::SecretError;
use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// AINAS ノード: 継続検査OSSの申請を依頼人と代理人が共同で進めるためのシステム（非公式）
#[derive(Debug, Parser)]
#[command(name = "ainas", version, about, long_about = None)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 小さなデモ環境をこのコンピューターで動かします
    Demo(demo::DemoArgs),
}

/// A sentence for whoever typed the command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// In these words.
    #[error("{0}")]
    Sentence(String),
    /// A part of the node can't be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Sockets.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Certificates.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The node key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The machine.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl CliError {
    /// In these words.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self::Sentence(sentence.into())
    }
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let command = Command::parse();
    let done = match command.what {
        What::Demo(args) => serving(demo::run(args)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(std::io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Commands that serve need the runtime and the log.
fn serving(command: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    crate::telemetry::start(&Log::default()).map_err(|e| CliError::new(e.to_string()))?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}
