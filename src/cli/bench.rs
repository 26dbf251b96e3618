//! `ainas bench`: how fast this machine is at what people do all day, beside what it could do at best. On loopback only,
//! bounded, and gone afterwards.

mod browser;
mod busy;
mod data;
mod import;
mod load;
mod measure;
mod node;
mod pages;
mod report;
mod sends;
mod serving;

use super::{Exit, Failure, say};
use crate::app::{self, App, Shared};
use crate::clock::Clocks;
use crate::config::{Config, PortalGateway, Profile};
use crate::domain::role::Application;
use crate::folder::DataFolder;
use crate::secret;
use crate::store::{self, Read, Store};
use crate::web;
use browser::Browser;
use clap::Args;
use load::Target;
use measure::Extent;
use node::Node;
use pages::Bare;
use report::{Report, table};
use serving::{Serving, bare_page};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Args)]
#[command(
    override_usage = "ainas bench [--size 件数] [--rounds 回数] [--clients 数] [--json]",
    next_help_heading = "オプション"
)]
pub(super) struct Arguments {
    /// 申請データの件数
    #[arg(long, value_name = "件数", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    size: u64,
    /// 同じ計測を繰り返す回数
    #[arg(long, value_name = "回数", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// 画面を開く同時接続の数
    #[arg(long, value_name = "数", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    clients: u16,
    /// 1回の計測の長さ（ミリ秒）
    #[arg(long, value_name = "ミリ秒", default_value_t = 400, value_parser = clap::value_parser!(u64).range(50..=10_000))]
    milliseconds: u64,
    /// データを置くフォルダー。残して、次回はそのまま使います（省略時は一時フォルダー）
    #[arg(long, value_name = "フォルダー")]
    data: Option<PathBuf>,
    /// 結果をJSONで表示します
    #[arg(long)]
    json: bool,
    /// Writes into the folder until it is killed.
    #[arg(long, hide = true)]
    write_until_killed: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.write_until_killed {
        return write_until_killed(arguments);
    }
    let temporary = arguments.data.is_none();
    let root = arguments
        .data
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("ainas-bench-{}", secret::hex(&secret::random::<6>()))));
    let done = bench(arguments, &root);
    if temporary {
        std::fs::remove_dir_all(&root)?;
    }
    let report = done?;
    if arguments.json {
        say(&serde_json::to_string(&report).map_err(|e| Failure::new(Exit::Failed, e))?);
    } else {
        say(&table(&report));
    }
    Ok(())
}

fn bench(arguments: &Arguments, root: &Path) -> Result<Report, Failure> {
    let failed = |cause: &dyn std::fmt::Display| Failure::new(Exit::Failed, cause);
    let extent = Extent {
        rounds: arguments.rounds.into(),
        clients: arguments.clients.into(),
        time: Duration::from_millis(arguments.milliseconds),
    };
    let new = !root.join("profile").exists();
    if new {
        let created = crate::node::create(root, Profile::Test, &config(), Clocks::machine().system());
        created.map_err(|e| failed(&e))?;
    }
    let app = open(root)?;
    data::people(&app).map_err(|e| failed(&e))?;
    let start = Instant::now();
    let ids = if new { data::requests(&app, arguments.size, false) } else { data::existing(&app, arguments.size) };
    let ids = ids.map_err(|e| failed(&e))?;
    let load_rate = new.then(|| ids.count as f64 / start.elapsed().as_secs_f64());
    let file = std::fs::metadata(app.folder.store())?.len() as f64;
    let (app, compacted_ratio) = if new {
        let (app, ratio) = compacted(app, root)?;
        (app, Some(ratio))
    } else {
        (app, None)
    };
    let filed = data::filed(&app, ids).map_err(|e| failed(&e))?.into();
    let drafts = |count| data::requests(&app, count, true).map_err(|e| failed(&e));
    let (to_send, to_send_beside) = (drafts(sends::drafts(extent))?, drafts(busy::drafts(extent))?);

    let bare = Bare::default();
    let router = web::router(&app).map_err(|e| failed(&e))?;
    let [tls, plain] = Serving::listeners(&app, &router)?;
    let server = Serving::start(router)?;
    let beside = Serving::start(bare_page(&bare))?;
    let browser = Arc::new(Browser::sign_in(server.address, Application::Client)?);
    let extents = (arguments.size, app.clocks.business());
    let mut lines = pages::pages(&browser, beside.address, &bare, &filed, extents, extent)?;
    let by_tls = Target { address: tls.address, tls: Some(node::connector(root)?) };
    lines.push(pages::encrypted(&browser, by_tls, plain.address.into(), extent)?);
    lines.push(pages::sign_ins(&browser, beside.address, extent)?);
    let waits = vec![busy::writes(&app, &browser, to_send_beside, extent)?, busy::flood(&browser, extent)?];
    lines.extend(sends::sends(&browser, beside.address, root, to_send, extent)?);
    lines.push(sends::lone_commits(&app, ids, extent).map_err(|e| failed(&e))?);
    lines.extend(import::imports(&app, extent).map_err(|e| failed(&e))?);
    let resident_mib = node::resident("self");
    for serving in [tls, plain, server, beside] {
        serving.stop();
    }
    app.store.shutdown();
    drop(app);

    let node = Node::start(root)?;
    let figures = node.figures(arguments.size, extents.1)?;
    node.kill()?;
    kill_while_writing(root)?;
    let node = Node::start(root)?;
    let start_after_kill_ms = node.start_ms();
    node.kill()?;
    let mib = f64::from(1 << 20);
    Ok(Report {
        size: arguments.size,
        rounds: arguments.rounds,
        clients: arguments.clients,
        optimized: !cfg!(debug_assertions),
        lines,
        waits,
        load_rate,
        node: figures,
        start_after_kill_ms,
        resident_mib,
        file_mib: file / mib,
        file_bytes_per_request: file / ids.count.max(1) as f64,
        compacted_ratio,
        binary_mib: std::fs::metadata(std::env::current_exe()?)?.len() as f64 / mib,
    })
}

/// How large the file is after compaction, for each byte of the records; then it is opened again.
fn compacted(app: Shared, root: &Path) -> Result<(Shared, f64), Failure> {
    let failed = |cause: &dyn std::fmt::Display| Failure::new(Exit::Failed, cause);
    let records = app.store.read(Read::encoded_requests).map_err(|e: store::Error| failed(&e))?;
    let (path, options) = (app.folder.store(), app::store_options(&app.key, &app.config));
    app.store.shutdown();
    drop(app);
    Store::compact(&path, &options).map_err(|e| failed(&e))?;
    let ratio = std::fs::metadata(&path)?.len() as f64 / records.max(1) as f64;
    Ok((open(root)?, ratio))
}

/// Another process of this program, killed while it writes.
fn kill_while_writing(root: &Path) -> Result<(), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bench", "--write-until-killed", "--data"])
        .arg(root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let written = child.stdout.take().map(|out| BufReader::new(out).lines().take(200).count());
    child.kill()?;
    child.wait()?;
    if written == Some(200) { Ok(()) } else { Err(Failure::new(Exit::Failed, "the writing process ended by itself")) }
}

fn write_until_killed(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |cause: &dyn std::fmt::Display| Failure::new(Exit::Failed, cause);
    let root = arguments.data.as_deref().ok_or_else(|| failed(&"--data"))?;
    let app = open(root)?;
    loop {
        data::requests(&app, 20, true).map_err(|e| failed(&e))?;
        say("written");
    }
}

fn open(root: &Path) -> Result<Shared, Failure> {
    Ok(App::open(DataFolder::open(root)?, config(), Arc::new(Clocks::machine()))?)
}

fn config() -> Config {
    let mut config = Config::on_loopback(8443);
    config.hours.enabled = false;
    config.portal.gateway = PortalGateway::Manual;
    config
}
