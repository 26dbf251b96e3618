//! `ainas bench`: how fast this machine is at what people do all day, beside what it could do at best. On loopback only,
//! bounded, and gone afterwards.

mod browser;
mod data;
mod import;
mod load;
mod measure;
mod pages;
mod sends;

use super::{Exit, Failure, say};
use crate::app::{self, App, Shared};
use crate::clock::Clocks;
use crate::config::{Config, PortalGateway, Profile};
use crate::domain::ids::RequestId;
use crate::folder::DataFolder;
use crate::secret::{self, NodeKey};
use crate::store::{self, Read, Store};
use crate::web;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use axum::{Form, Router};
use browser::Browser;
use clap::Args;
use measure::{Extent, Line};
use pages::Bare;
use serde::Serialize;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

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

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Report {
    size: u64,
    rounds: u16,
    clients: u16,
    optimized: bool,
    lines: Vec<Line>,
    /// Requests written a second while the data set was made; none when it was there.
    load_rate: Option<f64>,
    /// From opening the folder to a router that answers, milliseconds.
    start_ms: f64,
    /// The same after kill -9 in the middle of writing, milliseconds.
    start_after_kill_ms: f64,
    /// Resident memory after everything, this process with its load, MiB.
    resident_mib: Option<f64>,
    /// The data file, MiB.
    file_mib: f64,
    /// The data file, for each request, bytes.
    file_bytes_per_request: f64,
    /// The data file after compaction, for each byte of the encoded requests; of a new data set.
    compacted_ratio: Option<f64>,
    /// The program, MiB.
    binary_mib: f64,
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
        let folder = DataFolder::create(root, Profile::Test)?;
        NodeKey::generate().save(&folder.node_key())?;
    }
    let app = open(root)?;
    data::people(&app).map_err(|e| failed(&e))?;
    let start = Instant::now();
    let ids: Arc<[RequestId]> = if new {
        data::requests(&app, arguments.size, false).map_err(|e| failed(&e))?.into()
    } else {
        data::existing(&app, arguments.size).map_err(|e| failed(&e))?.into()
    };
    let load_rate = new.then(|| ids.len() as f64 / start.elapsed().as_secs_f64());
    let file = std::fs::metadata(app.folder.store())?.len() as f64;
    let (app, compacted_ratio) = if new {
        let (app, ratio) = compacted(app, root)?;
        (app, Some(ratio))
    } else {
        (app, None)
    };
    let filed = data::filed(&app, &ids).map_err(|e| failed(&e))?.into();
    let drafts: Arc<[RequestId]> = data::requests(&app, sends::drafts(extent), true).map_err(|e| failed(&e))?.into();

    let bare = Bare::default();
    let server = Serving::start(web::router(&app).map_err(|e| failed(&e))?)?;
    let beside = Serving::start(bare_page(&bare))?;
    let browser = Arc::new(Browser::sign_in(server.address)?);
    let mut lines = {
        let extents = (arguments.size, app.clocks.business());
        pages::pages(&browser, beside.address, &bare, &filed, extents, extent)?
    };
    lines.push(pages::sign_ins(&browser, beside.address, extent)?);
    lines.extend(sends::sends(&browser, beside.address, root, &drafts, extent)?);
    lines.push(sends::lone_commits(&app, &ids, extent).map_err(|e| failed(&e))?);
    lines.extend(import::imports(&app, extent).map_err(|e| failed(&e))?);
    let resident_mib = resident();
    server.stop();
    beside.stop();
    app.store.shutdown();
    drop(app);

    let start_ms = start_ms(root)?;
    kill_while_writing(root)?;
    let start_after_kill_ms = self::start_ms(root)?;
    let mib = f64::from(1 << 20);
    Ok(Report {
        size: arguments.size,
        rounds: arguments.rounds,
        clients: arguments.clients,
        optimized: !cfg!(debug_assertions),
        lines,
        load_rate,
        start_ms,
        start_after_kill_ms,
        resident_mib,
        file_mib: file / mib,
        file_bytes_per_request: file / ids.len().max(1) as f64,
        compacted_ratio,
        binary_mib: std::fs::metadata(std::env::current_exe()?)?.len() as f64 / mib,
    })
}

/// From opening the folder to a router that answers.
fn start_ms(root: &Path) -> Result<f64, Failure> {
    let start = Instant::now();
    let app = open(root)?;
    drop(web::router(&app).map_err(|e| Failure::new(Exit::Failed, e))?);
    Ok(start.elapsed().as_secs_f64() * 1_000.0)
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
    let mut config = Config::on_loopback(8443);
    config.hours.enabled = false;
    config.portal.gateway = PortalGateway::Manual;
    Ok(App::open(DataFolder::open(root)?, config, Arc::new(Clocks::machine()))?)
}

/// A page that costs nothing to make.
fn bare_page(bytes: &Bare) -> Router {
    let bytes = Arc::clone(bytes);
    let page = get(move || {
        let body = bytes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) }
    });
    // A form that leads nowhere and is not kept.
    Router::new().route("/", page.post(|_: Form<HashMap<String, String>>| async { Redirect::to("/") }))
}

/// A router on a port of its own and a thread of its own; the load has the other core.
struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Serving {
    fn start(router: Router) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = async { axum::serve(listener, router).await } => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(5));
        });
        Ok(Self { address, stop, thread })
    }

    fn stop(self) {
        // Either may be over already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Resident memory of this process, MiB, where the system says.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024.0)
}

fn table(report: &Report) -> String {
    let mut lines = vec![format!(
        "申請データ {}件、同時接続{}、{}回の中央値（比は同じ回の基準に対する比の中央値）",
        report.size, report.clients, report.rounds
    )];
    if !report.optimized {
        lines.push("注意：最適化していないプログラムの計測です。数値は参考になりません。".to_owned());
    }
    lines.push(format!(
        "\n{} {:>10} {:>10} {:>6} {:>9} {:>9}",
        cell("計測", 30),
        "毎秒",
        "基準",
        "比",
        "p50 ms",
        "p99 ms"
    ));
    for line in &report.lines {
        lines.push(format!(
            "{} {:>12.1} {:>12.1} {:>7.2} {:>9.2} {:>9.2}",
            cell(&line.label, 30),
            line.rate,
            line.reference,
            line.ratio,
            line.p50_ms,
            line.p99_ms
        ));
    }
    lines.push("\n画面の基準は、同じ大きさの固定の画面を返すだけのサーバーです。".to_owned());
    if let Some(rate) = report.load_rate {
        lines.push(format!("データの作成      毎秒 {rate:.0}件"));
    }
    lines.push(format!(
        "起動              {:.0} ms、書込み中の強制終了の後 {:.0} ms",
        report.start_ms, report.start_after_kill_ms
    ));
    if let Some(resident) = report.resident_mib {
        lines.push(format!("メモリ            {resident:.0} MiB（計測側を含む）"));
    }
    lines.push(format!(
        "データファイル    {:.0} MiB（1件あたり {:.0} バイト）",
        report.file_mib, report.file_bytes_per_request
    ));
    if let Some(ratio) = report.compacted_ratio {
        lines.push(format!("圧縮後            申請データの符号化した大きさの {ratio:.2}倍"));
    }
    lines.push(format!("プログラム        {:.1} MiB", report.binary_mib));
    lines.join("\n")
}

/// Text filled up to a width in half-width columns; full-width characters take two.
fn cell(text: &str, width: usize) -> String {
    let columns: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(columns)))
}
