//! Another process of this program that serves the data set as any node does, over TLS: how soon it is ready, and what
//! memory it takes.

use super::browser::{APPLICATIONS, Browser};
use super::data;
use super::load::{self, Target};
use crate::domain::request::Status;
use crate::domain::role::Application;
use crate::domain::time::BusinessTime;
use crate::folder::DataFolder;
use crate::pki::Authority;
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use serde::Serialize;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio_rustls::TlsConnector;

/// Rows of the workbook.
const ROWS: u64 = 100_000;

/// What was found of a node.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    /// From starting the program to the first page, milliseconds.
    pub(super) start_ms: f64,
    /// Resident memory when it is ready, MiB.
    pub(super) idle_mib: Option<f64>,
    /// After one page of a list, MiB.
    pub(super) page_mib: Option<f64>,
    /// Excel of a list.
    pub(super) excel: Long,
    /// 申請データ統計検索 over everything.
    pub(super) statistics: Long,
}

/// Something that takes long.
#[derive(Debug, Serialize)]
pub(super) struct Long {
    /// About how many requests it is about.
    pub(super) requests: u64,
    /// Until it was there.
    pub(super) seconds: f64,
    /// The most resident memory meanwhile, MiB.
    pub(super) mib: Option<f64>,
}

/// A running node.
pub(super) struct Node {
    child: Child,
    target: Target,
    start_ms: f64,
}

impl Node {
    /// Starts one on a folder that no process has open, and waits for its first page.
    pub(super) fn start(root: &Path) -> io::Result<Self> {
        let config = root.join("bench.toml");
        std::fs::write(
            &config,
            "[[listeners]]\naddress = \"127.0.0.1:0\"\nclient_certificate = \"off\"\napplications = [\"client\", \"agent\"]\n\
             public_url = \"https://127.0.0.1:0\"\n[hours]\nenabled = false\n",
        )?;
        let tls = connector(root)?;
        let start = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(root)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let found = child.stderr.take().and_then(address);
        let Some(address) = found else {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other("the node did not start"));
        };
        let mut node = Self { child, target: Target { address, tls: Some(tls) }, start_ms: 0.0 };
        let ask = format!("GET /client/sign-in HTTP/1.1\r\nhost: {address}\r\n\r\n");
        let answer = load::once(node.target.clone(), ask.as_bytes())?;
        node.start_ms = start.elapsed().as_secs_f64() * 1_000.0;
        if answer.status == 200 { Ok(node) } else { Err(io::Error::other(format!("sign-in: {}", answer.status))) }
    }

    /// From starting the program to the first page, milliseconds.
    pub(super) fn start_ms(&self) -> f64 {
        self.start_ms
    }

    /// Memory at rest and at what takes most of it, with so many requests.
    pub(super) fn figures(&self, size: u64, now: BusinessTime) -> io::Result<Figures> {
        let idle_mib = self.resident();
        let staff = Browser::sign_in(self.target.clone(), Application::Client)?;
        staff.get(APPLICATIONS)?;
        let page_mib = self.resident();
        // As many days as have so many completed requests.
        let completed = size * data::COMPLETED / 100;
        let (all, last) = data::DAYS;
        let days = (ROWS * all / completed.max(1)).clamp(1, all);
        let from = now.day().plus_days(-i32::try_from(days).unwrap_or(i32::MAX) - last + 1);
        let path =
            format!("{APPLICATIONS}/download?format=xlsx&status={}&completed_from={from}", Status::Completed.code());
        let excel = self.long(completed * days / all, || staff.get(&path).map(drop))?;
        let counting = Browser::sign_in(self.target.clone(), Application::Agent)?;
        let statistics = self.long(size, || counting.get("/agent/statistics").map(drop))?;
        Ok(Figures { start_ms: self.start_ms, idle_mib, page_mib, excel, statistics })
    }

    fn long(&self, requests: u64, what: impl FnOnce() -> io::Result<()>) -> io::Result<Long> {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut most = self.resident();
                while !over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(2));
                    most = [most, self.resident()].into_iter().flatten().reduce(f64::max);
                }
                most
            });
            let start = Instant::now();
            let done = what();
            let seconds = start.elapsed().as_secs_f64();
            over.store(true, Ordering::Relaxed);
            let mib = looking.join().ok().flatten();
            done.map(|()| Long { requests, seconds, mib })
        })
    }

    fn resident(&self) -> Option<f64> {
        resident(&self.child.id().to_string())
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

/// The address it says it serves; what it says afterwards is read and forgotten.
fn address(log: std::process::ChildStderr) -> Option<SocketAddr> {
    let mut lines = BufReader::new(log).lines().map_while(Result::ok);
    let found = lines.find_map(|line| {
        let (_, rest) = line.split_once("\"addresses\":\"")?;
        rest.split('"').next()?.parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    found
}

/// Trusts the authority of a folder and nobody else.
pub(super) fn connector(root: &Path) -> io::Result<TlsConnector> {
    let folder = DataFolder::open(root).map_err(io::Error::other)?;
    let authority = Authority::load(&folder.pki()).map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).map_err(io::Error::other)?;
    let mut provider = rustls::crypto::ring::default_provider();
    // As browsers do, AES of 128 bits first.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    let provider = Arc::new(provider);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Resident memory of a process, MiB, where the system says.
pub(super) fn resident(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024.0)
}
