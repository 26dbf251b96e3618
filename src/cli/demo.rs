//! `ainas demo`: a small believable world, served over HTTPS on this machine. Made in a moment, kept only on request.

use super::{Exit, Failure};
use crate::app::{App, Shared};
use crate::clock::Clocks;
use crate::config::{Config, PortalGateway, Profile, Review};
use crate::demo::{self, Organization, SignIn};
use crate::folder::DataFolder;
use crate::node::{self, Certificates, RunError};
use crate::secret;
use clap::Args;
use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The port that is tried first.
const PORT: u16 = 8443;

/// How long the portal takes for each step: long enough to see it, too short to wait for.
const STEP_SECONDS: u32 = 2;

/// What the command takes.
#[derive(Debug, Args)]
#[command(override_usage = "ainas demo [オプション]", next_help_heading = "オプション")]
pub(super) struct DemoArgs {
    /// データフォルダー。指定すると終了後も残り、次回はそのまま開きます
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// ポート番号（0 は空いている番号）。指定しないときは 8443、使用中なら空いている番号
    #[arg(long)]
    port: Option<u16>,
    /// 準備ができたら、アドレスと利用者を1行の JSON で標準出力に書きます
    #[arg(long)]
    json: bool,
    /// 模擬ポータルを使わず、実際のポータルに手で申請して経過を記録する進め方にします
    #[arg(long)]
    by_hand: bool,
}

/// What `--json` prints, on one line.
#[derive(Debug, Serialize)]
struct Ready {
    url: String,
    ca_file: PathBuf,
    organizations: Vec<Organization>,
    sign_ins: Vec<SignIn>,
}

/// Runs until it is stopped.
///
/// # Errors
/// A sentence for whoever started it.
pub(super) async fn run(args: DemoArgs) -> Result<(), Failure> {
    let temporary = args.data.is_none().then(Temporary::new).transpose()?;
    let root = args.data.clone().or_else(|| temporary.as_ref().map(|t| t.0.clone())).unwrap_or_default();
    let clocks = Arc::new(Clocks::machine());
    let mut config = config(args.port.unwrap_or(PORT));
    if !root.join("profile").exists() {
        note("デモ用のデータを作成しています…");
        make(&root, &config, &clocks).await?;
    }
    let folder = DataFolder::open(&root)?;
    if folder.profile() != Profile::Demo {
        return Err(Failure::new(
            Exit::Failed,
            format!("{} はデモ用のデータフォルダーではありません。", root.display()),
        ));
    }
    let certificates = Certificates::open(&folder, &config, Arc::clone(&clocks))?;
    let server = match certificates.listen(&config) {
        Err(RunError::Listen(e)) if e.is_in_use() && args.port.is_none() => {
            note(&format!("ポート {PORT} は使用中のため、空いている番号を使います。"));
            config = self::config(0);
            certificates.listen(&config)?
        }
        other => other?,
    };
    for (listener, bound) in config.listeners.iter_mut().zip(server.listeners()) {
        listener.public_url.clone_from(&bound.public_url);
    }
    if args.by_hand {
        // The past was made with the simulated portal; from here on a person reports.
        config.portal.gateway = PortalGateway::Manual;
    }
    let app = App::open(folder, config, clocks)?;
    let url = server.listeners().first().map(|listener| listener.public_url.clone()).unwrap_or_default();
    announce(&app, &url, args.json)?;
    node::run(&app, server, certificates).await?;
    drop(temporary);
    Ok(())
}

/// Makes the demo world. It appears complete or not at all.
async fn make(root: &Path, config: &Config, clocks: &Arc<Clocks>) -> Result<(), Failure> {
    let root = std::path::absolute(root)?;
    let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let staging = root.with_file_name(format!(".{name}.{}", secret::hex(&secret::random::<4>())));
    let made = tokio::select! {
        filled = fill(&staging, config, clocks) => filled.and_then(|()| Ok(std::fs::rename(&staging, &root)?)),
        _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Failed, "中止しました。")),
    };
    if made.is_err() {
        // Best effort: the first failure is what the person has to know.
        let _ = std::fs::remove_dir_all(&staging);
    }
    made
}

async fn fill(folder: &Path, config: &Config, clocks: &Arc<Clocks>) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::new(Exit::Failed, format!("デモ用のデータを作成できません。{e}"));
    let created = node::create(folder, Profile::Demo, config, clocks.system()).map_err(|e| failed(&e))?;
    let app = App::open(created.folder, config.clone(), Arc::clone(clocks))?;
    demo::build(&app).await.map_err(|e| failed(&e))?;
    let closing = Shared::clone(&app);
    tokio::task::spawn_blocking(move || closing.close()).await.map_err(|e| failed(&e))
}

/// One listener on loopback, open day and night, with a portal that takes a few seconds per step.
fn config(port: u16) -> Config {
    let mut config = Config::on_loopback(port);
    config.hours.enabled = false;
    config.portal.gateway = PortalGateway::Simulated;
    config.portal.review = Review::Instant;
    config.portal.step_seconds = STEP_SECONDS;
    config
}

/// Says who there is, once the node can be asked.
fn announce(app: &Shared, url: &str, json: bool) -> Result<(), Failure> {
    let ready = Ready {
        url: url.to_owned(),
        ca_file: app.folder.pki().join("ca.pem"),
        organizations: demo::organizations(),
        sign_ins: demo::sign_ins(url),
    };
    let mut out = std::io::stdout().lock();
    if json {
        let line = serde_json::to_string(&ready).map_err(|e| Failure::new(Exit::Failed, e))?;
        writeln!(out, "{line}")?;
    } else {
        table(&mut out, &ready, app.folder.root())?;
    }
    Ok(out.flush()?)
}

fn table(out: &mut impl std::io::Write, ready: &Ready, folder: &Path) -> std::io::Result<()> {
    writeln!(out, "\nAINAS デモ（訓練環境。実際の申請は行われません）\n")?;
    writeln!(out, "  入口        {}", ready.url)?;
    writeln!(out, "  依頼人      {}/client", ready.url)?;
    writeln!(out, "  代理人      {}/agent", ready.url)?;
    writeln!(out, "  模擬環境    {}/sim", ready.url)?;
    writeln!(out, "  認証局      {}（{}/trust に登録の手順があります）", ready.ca_file.display(), ready.url)?;
    writeln!(out, "  データ      {}\n", folder.display())?;
    for organization in &ready.organizations {
        writeln!(out, "{}（組織ID {}）", organization.name, organization.id)?;
        writeln!(out, "  {} {} パスワード", cell("権限", 24), cell("ログインID", 12))?;
        for user in ready.sign_ins.iter().filter(|user| user.organization == organization.id) {
            let role = match user.role {
                "administrator" => "管理者",
                "branch_manager" => "拠点管理者",
                "staff_send" if user.must_change => "担当者（初期パスワード）",
                "staff_send" => "担当者（送信可）",
                "staff_no_send" => "担当者（送信不可）",
                _ => "担当者",
            };
            let also = user.also.map(|login| format!("  （{login} と同じ人。ユーザー切替を使えます）"));
            let also = also.unwrap_or_default();
            writeln!(out, "  {} {} {}{also}", cell(role, 24), cell(user.login_id, 12), user.password)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "模擬環境（外部のシステムの役。講師はすべて、職員はOSSポータルの審査）")?;
    writeln!(out, "  {} {} パスワード", cell("権限", 24), cell("ログインID", 12))?;
    for user in ready.sign_ins.iter().filter(|user| user.app == "sim") {
        let role = if user.role == "instructor" { "講師" } else { "職員" };
        writeln!(out, "  {} {} {}", cell(role, 24), cell(user.login_id, 12), user.password)?;
    }
    writeln!(out, "\n終了するには Ctrl+C を押してください。")
}

/// Text filled up to a width in half-width columns; full-width characters take two.
fn cell(text: &str, width: usize) -> String {
    let columns: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(columns)))
}

/// Progress goes to standard error, so that `--json` stays one line.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A data folder that goes when the demo ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Self, Failure> {
        let name = format!("ainas-demo-{}", secret::hex(&secret::random::<6>()));
        Ok(Self(std::env::temp_dir().join(name)))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(error = %e, "the temporary data folder stays");
        }
    }
}
