//! `ainas check`: whether the data file is whole and everything in it fits together. The node must not be running.
//! Changes nothing of what is in it.

use super::{Exit, Failure, Settings, say};
use crate::app::store_options;
use crate::folder::DataFolder;
use crate::secret::NodeKey;
use crate::store::check::{Discrepancy, check_file};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
#[command(override_usage = "ainas check --data フォルダー [--json]")]
#[command(next_help_heading = "オプション")]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// 結果をJSONで表示します
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    discrepancies: &'a [Discrepancy],
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.settings.load()?;
    let folder = DataFolder::open(&config.node.data)?;
    let key = NodeKey::load(&folder.node_key())?;
    let found = check_file(&folder.store(), &store_options(&key, &config))
        .map_err(|error| Failure::new(Exit::Data, error.sentence()))?;
    if arguments.json {
        let report = Report { ok: found.is_empty(), discrepancies: &found };
        say(&serde_json::to_string(&report).map_err(|e| Failure::new(Exit::Failed, e))?);
    } else if found.is_empty() {
        say(
            "問題は見つかりませんでした。ファイルは壊れておらず、索引、検索データ、件数、監査記録は、すべて記録と一致しています。",
        );
    } else {
        found.iter().for_each(|Discrepancy { table, what }| say(&format!("{table}: {what}")));
    }
    if found.is_empty() {
        return Ok(());
    }
    let sentence = format!("不整合が{}件あります。このデータは使わず、バックアップから復元してください。", found.len());
    Err(Failure::new(Exit::Data, sentence))
}
