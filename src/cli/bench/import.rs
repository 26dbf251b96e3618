//! 依頼データ一括登録: from a file to requests on the disk, through the services of its pages.

use super::data;
use super::load::Outcome;
use super::measure::{Extent, Line, line, syncs};
use crate::app::Shared;
use crate::domain::procedure::inspection;
use crate::domain::work::{Work, WorkState};
use crate::secret;
use crate::service::error::Error;
use crate::service::imports::{self, Choice};
use crate::service::once::Token;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Rows of a file: as many as one takes.
const ROWS: u32 = 10_000;
const HEADINGS: &str = "自動車登録番号（地名）,自動車登録番号（分類）,自動車登録番号（仮名）,自動車登録番号（番号）,車台番号,依頼人拠点コード,\
     名義,氏名又は名称（漢字）,住所1,住所2,車検証有効期間,電子車検証更新区分,申請予定日,メモ";

/// Rows a second: read, checked and kept; and all the way to requests. Each row of the second figure is checked twice, as
/// long as both take.
pub(super) fn imports(app: &Shared, extent: Extent) -> Result<Vec<Line>, Error> {
    let (mut checked, mut registered) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        let reference = syncs(app.folder.root()).map_err(Error::internal)?;
        let (upload, all) = import(app)?;
        checked.push((outcome(upload), reference));
        registered.push((outcome(all), reference));
    }
    Ok(vec![
        line("import_check", "一括登録：内容確認まで".to_owned(), &checked),
        line("import", "一括登録：登録まで".to_owned(), &registered),
    ])
}

fn outcome(time: Duration) -> Outcome {
    Outcome { rate: f64::from(ROWS) / time.as_secs_f64(), latencies: vec![time] }
}

/// One file; how long until it was checked, and until its rows were requests.
fn import(app: &Shared) -> Result<(Duration, Duration), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    runtime.block_on(async {
        let staff = data::staff(app)?;
        let content = file(u64::from_le_bytes(secret::random()));
        let start = Instant::now();
        let procedure = &inspection::PROCEDURE;
        let id = imports::upload(app, &staff, procedure, "計測.csv", content.as_bytes(), Token::random()).await?;
        let upload = start.elapsed();
        let choice = Choice { doubtful: true, ..Choice::default() };
        let work = imports::begin(app, &staff, id, choice, Token::random()).await?;
        app.run_due_jobs().await?;
        let all = start.elapsed();
        match app.store.read(|tx| tx.work(work))? {
            Some(Work { state: WorkState::Finished, done: ROWS, .. }) => Ok((upload, all)),
            other => Err(Error::internal(format!("not every row became a request: {other:?}"))),
        }
    })
}

/// Vehicles that are not there yet; plates may be those of others, as plates are.
fn file(seed: u64) -> String {
    let mut text = HEADINGS.to_owned();
    for row in 0..ROWS {
        let any = data::scattered(seed ^ u64::from(row));
        let (serial, kana) = (1 + row % 9_999, if row < 9_999 { "さ" } else { "す" });
        let (branch, chassis) = (1 + any % u64::from(data::BRANCHES), any % 100_000_000);
        // A String takes everything.
        let _ = write!(
            text,
            "\r\n品川,300,{kana},{serial},NZE141-{chassis:08},00{branch},個人,見本　太郎,東京都品川区東品川,１丁目２番{}号,\
             2年指定整備車,運輸支局等,,代車{}号",
            1 + any % 20,
            1 + any % 30
        );
    }
    text
}
