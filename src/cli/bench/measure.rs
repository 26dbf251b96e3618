//! What is measured, and against what. Every figure stands beside its reference from the same moment, because machines
//! are noisy: what counts is the median of the ratios, not a bare figure.

use super::data;
use super::load::{self, Amount, Answer, Outcome, header};
use crate::app::Shared;
use crate::domain::ids::RequestId;
use crate::domain::request::Status;
use crate::domain::time::BusinessTime;
use crate::service::error::Error;
use axum::body::Bytes;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the bare page answers: the bytes of the page it is compared with.
pub(super) type Bare = Arc<Mutex<Bytes>>;

/// A line of the report.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    /// For machines.
    pub(super) key: &'static str,
    /// For people.
    pub(super) label: String,
    /// Requests a second, the median of all rounds.
    pub(super) rate: f64,
    /// What it is compared with, requests a second, the median of all rounds.
    pub(super) reference: f64,
    /// The median of the rounds' ratios.
    pub(super) ratio: f64,
    /// Milliseconds that half of all requests stayed within, the median of all rounds.
    pub(super) p50_ms: f64,
    /// Milliseconds that 99 of 100 requests stayed within, the median of all rounds.
    pub(super) p99_ms: f64,
}

/// How long and with how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) rounds: usize,
    pub(super) clients: usize,
    /// Of one page in one round.
    pub(super) time: Duration,
}

/// Somebody signed in, and where.
pub(super) struct Browser {
    address: SocketAddr,
    cookie: String,
    csrf: String,
}

const SIGN_IN: &str = "/client/sign-in";
const APPLICATIONS: &str = "/client/inspection/applications";
const REQUESTS: &str = "/client/inspection/requests";

impl Browser {
    /// Signs in as a browser does.
    pub(super) fn sign_in(address: SocketAddr) -> io::Result<Self> {
        let answer = load::once(address, &sign_in(address))?;
        let cookie = header(&answer.head, "set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| io::Error::other(format!("no session: {}", answer.status)))?.to_owned();
        let mut browser = Self { address, cookie, csrf: String::new() };
        let page = browser.get(&format!("{REQUESTS}/new"))?;
        browser.csrf = hidden(&String::from_utf8_lossy(&page.body), "csrf");
        Ok(browser)
    }

    fn get(&self, path: &str) -> io::Result<Answer> {
        let answer = load::once(self.address, &self.asking(path))?;
        if answer.status == 200 { Ok(answer) } else { Err(io::Error::other(format!("{path}: {}", answer.status))) }
    }

    fn asking(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n", self.address, self.cookie).into_bytes()
    }

    /// 送信 of a complete draft, as 依頼データ更新 sends it.
    fn sending(&self, id: RequestId) -> Vec<u8> {
        let body = format!(
            "csrf={}&once={:032x}&version=1&send=on&ownership=individual&name=%E8%A6%8B%E6%9C%AC&address1=%E6%9D%B1%E4%BA%AC\
             &address2=%EF%BC%91&term=two_years&renewal_division=office",
            self.csrf,
            data::scattered(id.0)
        );
        post(self.address, &format!("{REQUESTS}/{id}/edit"), &self.cookie, &body)
    }
}

fn sign_in(address: SocketAddr) -> Vec<u8> {
    post(address, SIGN_IN, "", &format!("login_id={}&password={}", data::LOGIN, data::PASSWORD))
}

fn post(address: SocketAddr, path: &str, cookie: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: https://{address}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let after = page.split_once(&format!("name=\"{name}\" value=\"")).map_or("", |(_, rest)| rest);
    after.split('"').next().unwrap_or_default().to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Reading: each page beside a bare page of the same bytes.
pub(super) fn pages(
    browser: &Arc<Browser>,
    bare_address: SocketAddr,
    bare: &Bare,
    ids: &Arc<[RequestId]>,
    (size, now): (u64, BusinessTime),
    extent: Extent,
) -> io::Result<Vec<Line>> {
    let last_page = (size * 9 / 10 / 20).max(1);
    let all = Arc::clone(ids);
    let of = move |turn: usize| {
        let index = data::scattered(turn as u64) % all.len().max(1) as u64;
        usize::try_from(index).ok().and_then(|index| all.get(index)).copied().unwrap_or(RequestId(0))
    };
    let (suffix, plate, detail) = (of.clone(), of.clone(), of);
    let completed = Status::Completed.code();
    let name = encoded(data::NAME_PART);
    type Path = Box<dyn Fn(usize) -> String + Send + Sync>;
    let cases: Vec<(&'static str, &str, Path)> = vec![
        ("first_page", "一覧の1ページ目", Box::new(|_| APPLICATIONS.to_owned())),
        (
            "random_page",
            "一覧の任意のページ",
            Box::new(move |turn| format!("{APPLICATIONS}?page={}", 1 + data::scattered(turn as u64) % last_page)),
        ),
        (
            "status_branch",
            "検索：ステータス＋拠点",
            Box::new(move |turn| {
                format!(
                    "{APPLICATIONS}?status={completed}&branch={}",
                    1 + data::scattered(turn as u64) % u64::from(data::BRANCHES)
                )
            }),
        ),
        (
            "chassis_suffix",
            "検索：車台番号の末尾",
            Box::new(move |turn| {
                let digits = data::chassis_digits(suffix(turn));
                format!("{APPLICATIONS}?chassis={}", digits.get(3..).unwrap_or_default())
            }),
        ),
        (
            "plate_serial",
            "検索：一連指定番号",
            Box::new(move |turn| format!("{APPLICATIONS}?plate.serial={}", data::serial(plate(turn)))),
        ),
        // What is looked for differs each time: nothing that was found before answers.
        (
            "combination",
            "検索：拠点＋完了日＋電子車検証更新区分",
            Box::new(move |turn| {
                let turn = turn as u64;
                let day = data::day_before(now, data::scattered(turn));
                let branch = 1 + data::scattered(turn ^ 1 << 40) % u64::from(data::BRANCHES);
                format!("{APPLICATIONS}?status={completed}&branch={branch}&completed_from={day}&division=office")
            }),
        ),
        (
            "name_part",
            "検索：使用者の一部（毎回別）",
            Box::new(move |turn| {
                let part = encoded(&data::name_part(data::scattered(turn as u64)));
                format!("{APPLICATIONS}?user={part}")
            }),
        ),
        // As many as one in forty: turning the pages of what was found.
        (
            "name_pages",
            "検索：使用者の一部の任意のページ",
            Box::new(move |turn| {
                let page = 1 + data::scattered(turn as u64) % (last_page / 40).max(1);
                format!("{APPLICATIONS}?user={name}&page={page}")
            }),
        ),
        ("detail", "照会", Box::new(move |turn| format!("{APPLICATIONS}/{}", detail(turn)))),
    ];
    let mut lines = Vec::new();
    for (key, label, path) in cases {
        let path = Arc::new(path);
        // The bare page has the bytes of the first of these.
        let sample = load::once(browser.address, &browser.asking(&path(0)))?;
        *bare.lock().unwrap_or_else(PoisonError::into_inner) = Bytes::from(sample.body);
        let mut rounds = Vec::new();
        for round in 0..extent.rounds {
            let amount = Amount::For(extent.time);
            let plain = format!("GET / HTTP/1.1\r\nhost: {bare_address}\r\n\r\n").into_bytes();
            let reference = load::run(bare_address, extent.clients, amount, 200, move |_| plain.clone())?;
            let (asking, path) = (Arc::clone(browser), Arc::clone(&path));
            let make = move |turn| asking.asking(&path(turn + round * 1_000_003));
            rounds.push((load::run(browser.address, extent.clients, amount, 200, make)?, reference.rate));
        }
        lines.push(line(key, label.to_owned(), &rounds));
    }
    Ok(lines)
}

/// ログイン, one after the other: the cost of the password hash, which is meant to be high.
pub(super) fn sign_ins(browser: &Browser, bare_address: SocketAddr, extent: Extent) -> io::Result<Line> {
    let address = browser.address;
    let mut rounds = Vec::new();
    for _ in 0..extent.rounds {
        let plain = format!("GET / HTTP/1.1\r\nhost: {bare_address}\r\n\r\n").into_bytes();
        let reference = load::run(bare_address, 1, Amount::Times(100), 200, move |_| plain.clone())?;
        let outcome = load::run(address, 1, Amount::Times(5), 303, move |_| sign_in(address))?;
        rounds.push((outcome, reference.rate));
    }
    Ok(line("sign_in", "ログイン".to_owned(), &rounds))
}

/// How many drafts [`sends`] needs.
pub(super) fn drafts(extent: Extent) -> u64 {
    (SENDS.iter().map(|(_, _, times)| times).sum::<usize>() * extent.rounds) as u64
}

/// Clients at once, and how often in one round.
const SENDS: [(&str, usize, usize); 4] =
    [("send_1", 1, 40), ("send_8", 8, 200), ("send_64", 64, 800), ("send_256", 256, 2_048)];

/// 送信 with several clients at once, each beside the rate of plain fdatasync on the same disk.
///
/// The most of them also beside the same form sent to a server that keeps nothing.
pub(super) fn sends(
    browser: &Arc<Browser>,
    bare_address: SocketAddr,
    folder: &Path,
    drafts: &Arc<[RequestId]>,
    extent: Extent,
) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut used = 0;
    for (key, clients, times) in SENDS {
        let mut rounds = Vec::new();
        let mut against = Vec::new();
        for _ in 0..extent.rounds {
            let reference = syncs(folder)?;
            let sample = sent_to(&browser.sending(RequestId(0)), browser.address, bare_address);
            let bare = load::run(bare_address, clients, Amount::Times(times * 4), 303, move |_| sample.clone())?;
            let (sender, all, from) = (Arc::clone(browser), Arc::clone(drafts), used);
            let make = move |turn| sender.sending(all.get(from + turn).copied().unwrap_or(RequestId(0)));
            let outcome = load::run(browser.address, clients, Amount::Times(times), 303, make)?;
            against.push((outcome.clone(), bare.rate));
            rounds.push((outcome, reference));
            used += times;
        }
        lines.push(line(key, format!("送信（同時{clients}）／fdatasync"), &rounds));
        if clients == 256 {
            lines.push(line("send_256_bare", format!("送信（同時{clients}）／保存しない送信"), &against));
        }
    }
    Ok(lines)
}

/// The same request to another address.
fn sent_to(request: &[u8], from: SocketAddr, to: SocketAddr) -> Vec<u8> {
    let text = String::from_utf8_lossy(request).replace(&from.to_string(), &to.to_string());
    let path = text.split(' ').nth(1).unwrap_or("/").to_owned();
    text.replacen(&path, "/", 1).into_bytes()
}

/// Writes to the store one at a time, a commit each, beside fdatasync.
pub(super) fn lone_commits(app: &Shared, ids: &[RequestId], extent: Extent) -> Result<Line, Error> {
    const TIMES: usize = 40;
    let mut rounds = Vec::new();
    for round in 0..extent.rounds {
        let reference = syncs(app.folder.root()).map_err(Error::internal)?;
        let start = Instant::now();
        let mut latencies = Vec::new();
        for turn in 0..TIMES {
            let index = data::scattered((round * TIMES + turn) as u64) % ids.len().max(1) as u64;
            let Some(id) = usize::try_from(index).ok().and_then(|index| ids.get(index)).copied() else { continue };
            let asked = Instant::now();
            app.store.write_blocking(move |tx| {
                let mut request = tx.request(id)?.ok_or(Error::NotFound)?;
                request.version += 1;
                tx.put_request(&request)?;
                Ok::<_, Error>(())
            })?;
            latencies.push(asked.elapsed());
        }
        let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
        latencies.sort_unstable();
        rounds.push((Outcome { rate, latencies }, reference));
    }
    Ok(line("lone_commit", "1件ずつの確定／fdatasync".to_owned(), &rounds))
}

/// fdatasync of 4 KiB each, a second.
fn syncs(folder: &Path) -> io::Result<f64> {
    const TIMES: u32 = 60;
    let path = folder.join("bench.sync");
    let mut file = File::create(&path)?;
    file.write_all(&vec![0; 4_096 * TIMES as usize])?;
    file.sync_all()?;
    let start = Instant::now();
    for turn in 0..TIMES {
        std::os::unix::fs::FileExt::write_all_at(&file, &[7; 4_096], u64::from(turn) * 4_096)?;
        file.sync_data()?;
    }
    let rate = f64::from(TIMES) / start.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    Ok(rate)
}

fn line(key: &'static str, label: String, rounds: &[(Outcome, f64)]) -> Line {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    Line {
        key,
        label,
        rate: median(rounds.iter().map(|(outcome, _)| outcome.rate)),
        reference: median(rounds.iter().map(|(_, reference)| *reference)),
        ratio: median(rounds.iter().map(|(outcome, reference)| outcome.rate / reference)),
        p50_ms: median(rounds.iter().map(|(outcome, _)| ms(outcome.within(0.5)))),
        p99_ms: median(rounds.iter().map(|(outcome, _)| ms(outcome.within(0.99)))),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
