//! What a measurement is. Every figure stands beside its reference from the same moment, because machines are noisy:
//! what counts is the median of the ratios, not a bare figure.

use super::load::Outcome;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

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

/// The line of these rounds, each with its reference.
pub(super) fn line(key: &'static str, label: String, rounds: &[(Outcome, f64)]) -> Line {
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

/// The middle one.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// fdatasync of 4 KiB each, a second.
pub(super) fn syncs(folder: &Path) -> io::Result<f64> {
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
