//! Writing: 送信 by several at once and writes to the store alone, beside plain fdatasync on the same disk.

use super::browser::Browser;
use super::data::{self, Ids};
use super::load::{self, Amount, Outcome};
use super::measure::{Extent, Line, line, syncs};
use crate::app::Shared;
use crate::domain::ids::RequestId;
use crate::service::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

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
    drafts: Ids,
    extent: Extent,
) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut used = 0;
    for (key, clients, times) in SENDS {
        let mut rounds = Vec::new();
        let mut against = Vec::new();
        for _ in 0..extent.rounds {
            let reference = syncs(folder)?;
            let sample = sent_to(&browser.sending(RequestId(0)), browser.target.address, bare_address);
            let bare = load::run(bare_address, clients, Amount::Times(times * 4), &[303], move |_| sample.clone())?;
            let (sender, from) = (Arc::clone(browser), used);
            let make = move |turn| sender.sending(drafts.at((from + turn) as u64));
            let outcome = load::run(browser.target.clone(), clients, Amount::Times(times), &[303], make)?;
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
pub(super) fn lone_commits(app: &Shared, ids: Ids, extent: Extent) -> Result<Line, Error> {
    const TIMES: usize = 40;
    let mut rounds = Vec::new();
    for round in 0..extent.rounds {
        let reference = syncs(app.folder.root()).map_err(Error::internal)?;
        let start = Instant::now();
        let mut latencies = Vec::new();
        for turn in 0..TIMES {
            let id = ids.at(data::scattered((round * TIMES + turn) as u64));
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
