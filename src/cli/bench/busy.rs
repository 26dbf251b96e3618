//! How long a page takes while something else keeps the node busy, beside how long it takes in peace.

use super::browser::{self, APPLICATIONS, Browser};
use super::data::{self, Ids};
use super::load::{self, Amount, Outcome};
use super::measure::{Extent, median};
use crate::app::Shared;
use crate::domain::role::Application;
use crate::secret;
use crate::service::once::Token;
use crate::service::requests;
use serde::Serialize;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A line of the report; medians of all rounds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Wait {
    /// For machines.
    key: &'static str,
    /// For people.
    pub(super) label: &'static str,
    /// Milliseconds that 99 of 100 pages stayed within.
    pub(super) p99_ms: f64,
    /// The same in peace.
    pub(super) idle_p99_ms: f64,
    /// The median of the rounds' ratios.
    pub(super) ratio: f64,
    /// What went on meanwhile, a second.
    pub(super) meanwhile_rate: f64,
    /// Milliseconds that 99 of 100 of those stayed within.
    pub(super) meanwhile_p99_ms: f64,
}

/// Who reads: as many as don't keep the machine busy by themselves.
const READERS: usize = 2;
/// What goes on begins this long before, and goes on this long after.
const MARGIN: Duration = Duration::from_millis(100);
/// Writes a second.
const WRITES: u32 = 1_000;
/// Those who sign in at once.
const SIGNING_IN: usize = 8;

/// How many drafts [`writes`] needs.
pub(super) fn drafts(extent: Extent) -> u64 {
    let seconds = (extent.time + MARGIN * 2).as_secs() + 1;
    seconds * u64::from(WRITES) * extent.rounds as u64
}

/// The first page of a list while a thousand requests of it are sent in each second, each safely on the disk.
pub(super) fn writes(app: &Shared, browser: &Arc<Browser>, drafts: Ids, extent: Extent) -> io::Result<Wait> {
    let each = drafts.count / extent.rounds.max(1) as u64;
    beside("read_while_writing", "一覧：毎秒1,000件の送信中", browser, extent, |round| {
        let app = Arc::clone(app);
        std::thread::spawn(move || sending(&app, drafts, round as u64 * each, extent.time + MARGIN * 2))
    })
}

/// The first page of a list while people sign in as fast as they are let, every other one with a name that is not known.
pub(super) fn flood(browser: &Arc<Browser>, extent: Extent) -> io::Result<Wait> {
    let address = browser.target.address;
    beside("read_while_signing_in", "一覧：ログインの殺到中", browser, extent, |_| {
        std::thread::spawn(move || {
            let make = move |turn: usize| {
                let unknown = format!("bench-{}", secret::hex(&secret::random::<4>()));
                let login = if turn.is_multiple_of(2) { data::LOGIN } else { &unknown };
                browser::sign_in(address, Application::Client, login)
            };
            let time = Amount::For(extent.time + MARGIN * 2);
            // Who is not known, and who comes when too many wait already, is told so.
            load::run(address, SIGNING_IN, time, &[303, 422, 429, 503], make)
        })
    })
}

fn beside(
    key: &'static str,
    label: &'static str,
    browser: &Arc<Browser>,
    extent: Extent,
    begin: impl Fn(usize) -> JoinHandle<io::Result<Outcome>>,
) -> io::Result<Wait> {
    let read = || {
        let asking = Arc::clone(browser);
        let make = move |_| asking.asking(APPLICATIONS);
        load::run(browser.target.clone(), READERS, Amount::For(extent.time), &[200], make)
    };
    let mut rounds = Vec::new();
    for round in 0..extent.rounds {
        let idle = read()?;
        let other = begin(round);
        std::thread::sleep(MARGIN);
        let busy = read()?;
        let meanwhile = other.join().map_err(|_| io::Error::other("what went on meanwhile panicked"))??;
        rounds.push((busy.p99_ms(), idle.p99_ms(), meanwhile));
    }
    Ok(Wait {
        key,
        label,
        p99_ms: median(rounds.iter().map(|(busy, ..)| *busy)),
        idle_p99_ms: median(rounds.iter().map(|(_, idle, _)| *idle)),
        ratio: median(rounds.iter().map(|(busy, idle, _)| busy / idle)),
        meanwhile_rate: median(rounds.iter().map(|(_, _, meanwhile)| meanwhile.rate)),
        meanwhile_p99_ms: median(rounds.iter().map(|(_, _, meanwhile)| meanwhile.p99_ms())),
    })
}

/// 送信 of drafts from a number on, so many in each second, whether or not those before are done.
fn sending(app: &Shared, drafts: Ids, from: u64, time: Duration) -> io::Result<Outcome> {
    let staff = data::staff(app).map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (start, mut tasks, mut latencies) = (Instant::now(), JoinSet::new(), Vec::new());
        let mut tick = tokio::time::interval(Duration::from_millis(4));
        while start.elapsed() < time {
            tick.tick().await;
            for _ in 0..WRITES / 250 {
                let (app, staff) = (Arc::clone(app), staff.clone());
                let id = drafts.at(from + tasks.len() as u64 + latencies.len() as u64);
                tasks.spawn(async move {
                    let asked = Instant::now();
                    requests::send(&app, &staff, id, Token::random()).await.map(|_| asked.elapsed())
                });
            }
            while let Some(done) = tasks.try_join_next() {
                latencies.push(done.map_err(io::Error::other)?.map_err(io::Error::other)?);
            }
        }
        while let Some(done) = tasks.join_next().await {
            latencies.push(done.map_err(io::Error::other)?.map_err(io::Error::other)?);
        }
        let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
        latencies.sort_unstable();
        Ok(Outcome { rate, latencies })
    })
}
