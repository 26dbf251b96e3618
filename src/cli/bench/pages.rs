//! Reading: each page beside a bare page of the same bytes.

use super::browser::{self, APPLICATIONS, Browser, encoded};
use super::data;
use super::load::{self, Amount, Target};
use super::measure::{Extent, Line, line};
use crate::domain::ids::RequestId;
use crate::domain::request::Status;
use crate::domain::role::Application;
use crate::domain::time::BusinessTime;
use axum::body::Bytes;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// What the bare page answers: the bytes of the page it is compared with.
pub(super) type Bare = Arc<Mutex<Bytes>>;

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
        let sample = load::once(browser.target.clone(), &browser.asking(&path(0)))?;
        *bare.lock().unwrap_or_else(PoisonError::into_inner) = Bytes::from(sample.body);
        let mut rounds = Vec::new();
        for round in 0..extent.rounds {
            let amount = Amount::For(extent.time);
            let plain = format!("GET / HTTP/1.1\r\nhost: {bare_address}\r\n\r\n").into_bytes();
            let reference = load::run(bare_address, extent.clients, amount, &[200], move |_| plain.clone())?;
            let (asking, path) = (Arc::clone(browser), Arc::clone(&path));
            let make = move |turn| asking.asking(&path(turn + round * 1_000_003));
            rounds.push((load::run(browser.target.clone(), extent.clients, amount, &[200], make)?, reference.rate));
        }
        lines.push(line(key, label.to_owned(), &rounds));
    }
    Ok(lines)
}

/// ログイン, one after the other: the cost of the password hash, which is meant to be high.
pub(super) fn sign_ins(browser: &Browser, bare_address: SocketAddr, extent: Extent) -> io::Result<Line> {
    let address = browser.target.address;
    let mut rounds = Vec::new();
    for _ in 0..extent.rounds {
        let plain = format!("GET / HTTP/1.1\r\nhost: {bare_address}\r\n\r\n").into_bytes();
        let reference = load::run(bare_address, 1, Amount::Times(100), &[200], move |_| plain.clone())?;
        let outcome = load::run(address, 1, Amount::Times(5), &[303], move |_| {
            browser::sign_in(address, Application::Client, data::LOGIN)
        })?;
        rounds.push((outcome, reference.rate));
    }
    Ok(line("sign_in", "ログイン".to_owned(), &rounds))
}

/// The first page with TLS beside the same without, by the product's own listener.
pub(super) fn encrypted(browser: &Browser, tls: Target, plain: Target, extent: Extent) -> io::Result<Line> {
    let (tls, plain) = (Arc::new(browser.by(tls)), Arc::new(browser.by(plain)));
    let ask = |browser: &Arc<Browser>| {
        let asking = Arc::clone(browser);
        let make = move |_| asking.asking(APPLICATIONS);
        load::run(browser.target.clone(), extent.clients, Amount::For(extent.time), &[200], make)
    };
    let mut rounds = Vec::new();
    for _ in 0..extent.rounds {
        let reference = ask(&plain)?.rate;
        rounds.push((ask(&tls)?, reference));
    }
    Ok(line("tls", "一覧の1ページ目：TLS／暗号化なし".to_owned(), &rounds))
}
