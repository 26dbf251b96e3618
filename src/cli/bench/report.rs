//! The report, as a table for people and as JSON for machines.

use super::busy::Wait;
use super::measure::Line;
use super::node::Figures;
use serde::Serialize;

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) size: u64,
    pub(super) rounds: u16,
    pub(super) clients: u16,
    pub(super) optimized: bool,
    pub(super) lines: Vec<Line>,
    /// Requests written a second while the data set was made; none when it was there.
    pub(super) load_rate: Option<f64>,
    /// How long a page takes while something else goes on.
    pub(super) waits: Vec<Wait>,
    /// Of a node that serves the data set.
    pub(super) node: Figures,
    /// From starting the program to its first page after kill -9 in the middle of writing, milliseconds.
    pub(super) start_after_kill_ms: f64,
    /// Resident memory after everything, this process with its load, MiB.
    pub(super) resident_mib: Option<f64>,
    /// The data file, MiB.
    pub(super) file_mib: f64,
    /// The data file, for each request, bytes.
    pub(super) file_bytes_per_request: f64,
    /// The data file after compaction, for each byte of the encoded requests; of a new data set.
    pub(super) compacted_ratio: Option<f64>,
    /// The program, MiB.
    pub(super) binary_mib: f64,
}

/// The report for people.
pub(super) fn table(report: &Report) -> String {
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
    lines.push(format!(
        "\n{} {:>10} {:>10} {:>6} {:>9} {:>9}",
        cell("ほかの処理の間", 30),
        "p99 ms",
        "平常 ms",
        "比",
        "処理/秒",
        "その p99"
    ));
    for wait in &report.waits {
        lines.push(format!(
            "{} {:>12.2} {:>12.2} {:>7.2} {:>9.0} {:>9.2}",
            cell(wait.label, 30),
            wait.p99_ms,
            wait.idle_p99_ms,
            wait.ratio,
            wait.meanwhile_rate,
            wait.meanwhile_p99_ms
        ));
    }
    lines.push("\n画面の基準は、同じ大きさの固定の画面を返すだけのサーバーです。".to_owned());
    if let Some(rate) = report.load_rate {
        lines.push(format!("データの作成      毎秒 {rate:.0}件"));
    }
    let node = &report.node;
    lines.push(format!(
        "起動              {:.0} ms、書込み中の強制終了の後 {:.0} ms（プログラムの開始から最初の画面まで）",
        node.start_ms, report.start_after_kill_ms
    ));
    let mib = |mib: Option<f64>| mib.map_or_else(|| "不明".to_owned(), |mib| format!("{mib:.1} MiB"));
    lines.push(format!(
        "メモリ            起動時 {}、一覧の表示後 {}、計測全体の後 {}（計測側を含む）",
        mib(node.idle_mib),
        mib(node.page_mib),
        mib(report.resident_mib)
    ));
    for (label, long) in [("Excel            ", &node.excel), ("統計             ", &node.statistics)] {
        lines.push(format!("{label} 約{}件 {:.2} 秒、メモリ {}", long.requests, long.seconds, mib(long.mib)));
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
