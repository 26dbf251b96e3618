//! `ainas serve`: runs the node of a data folder until it is told to stop.

use super::{Exit, Failure, Settings, runtime};
use crate::app::App;
use crate::clock::Clocks;
use crate::folder::DataFolder;
use crate::node::{self, Certificates};
use crate::telemetry;
use clap::Args;
use std::sync::Arc;

#[derive(Args)]
#[command(override_usage = "ainas serve [--config ファイル] [--data フォルダー]")]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.settings.load()?;
    let folder = DataFolder::open(&config.node.data)?;
    config
        .check_profile(folder.profile())
        .map_err(|sentence| Failure::new(Exit::Config, format!("設定に誤りがあります。{sentence}")))?;
    telemetry::start(&config.log).map_err(|e| Failure::new(Exit::Config, e))?;
    let clocks = Arc::new(Clocks::machine());
    let certificates = Certificates::open(&folder, &config, Arc::clone(&clocks))?;
    runtime()?.block_on(async {
        // Ports first: opening the store of a large folder for nothing would cost more than a look at the ports.
        let server = certificates.listen(&config)?;
        let app = App::open(folder, config, clocks)?;
        Ok(node::run(&app, server, certificates).await?)
    })
}
