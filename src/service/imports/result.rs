//! Files around an upload: the empty table before it, and what came of its rows after it.

use super::{offer, owned, works};
use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::ids::ImportId;
use crate::domain::import::{Part, columns, words};
use crate::domain::procedure::{self, Procedure};
use crate::domain::work::{Outcome, Subject};
use crate::report::csv::{self, Encoding};
use crate::report::form::{self, Input};
use crate::report::{self, Cell, Column, Format};
use crate::service::error::{Error, Result};
use std::collections::HashMap;

/// A file in memory.
pub struct File {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub format: Format,
    /// Its content.
    pub content: Vec<u8>,
}

/// The table to fill in, with the user's own branches and agents to choose from.
///
/// # Errors
/// Only of the store.
pub fn template(app: &App, actor: &ClientActor, procedure: &Procedure, format: Format) -> Result<File> {
    let columns = columns(procedure);
    let name = format!("【{}】依頼データ一括登録.{}", procedure.label, format.extension());
    let content = if format == Format::Excel {
        let offer = app.store.read(|tx| offer(tx, actor, procedure, &app.tables.regions))?;
        let inputs = columns.into_iter().map(|column| Input {
            choices: match column.part {
                Part::Branch => offer.branches.iter().map(|(place, _)| place.code.clone()).collect(),
                Part::Agent => offer.agents.iter().map(|place| place.code.clone()).collect(),
                Part::Small => vec!["小板以外".to_owned(), "小板".to_owned()],
                Part::Stamped => vec!["職権打刻なし".to_owned(), "職権打刻あり".to_owned()],
                Part::Field(field) => words(field).into_iter().map(str::to_owned).collect(),
                _ => Vec::new(),
            },
            label: column.label,
            required: column.required,
            rule: column.rule,
        });
        let title = format!("【{}】依頼データ", procedure.label);
        form::workbook(&title, &inputs.collect::<Vec<_>>()).map_err(Error::internal)?
    } else {
        let columns: Vec<Column> = columns.into_iter().map(|column| Column::new(column.label, 20)).collect();
        csv::Writer::new(Encoding::Utf8, &columns).head().map_err(Error::internal)?
    };
    Ok(File { name, format, content })
}

/// Every row of an upload with what came of it: 申請ID, or why not.
///
/// # Errors
/// `NotFound` when it is not the actor's.
pub fn result(app: &App, actor: &ClientActor, id: ImportId, format: Format) -> Result<File> {
    let (import, rows) = app.store.read(|tx| {
        let import = owned(tx, actor, id)?;
        let procedure = procedure::by_code(import.procedure).ok_or(Error::NotFound)?;
        let mut reasons: HashMap<u32, String> = HashMap::new();
        // What was tried last counts.
        for work in works(tx, actor, id)?.into_iter().rev() {
            tx.each_work_item(work.id, 0, |_, item| {
                if let (Subject::Row(number, _), Some(Outcome::Failed { reason })) = (item.subject, item.outcome) {
                    reasons.insert(number, reason);
                }
                true
            })?;
        }
        let columns = columns(procedure);
        let mut rows = Vec::new();
        tx.each_import_row(id, 0, |number, row| {
            let problems: Vec<String> =
                row.problems.iter().map(|found| format!("{}：{}", found.column, found.message)).collect();
            let (result, reason) = match (row.request, reasons.get(&number)) {
                (Some(_), _) => ("登録しました", String::new()),
                (None, Some(reason)) => ("登録できませんでした", reason.clone()),
                (None, None) if !problems.is_empty() => ("登録できませんでした", problems.join("\n")),
                (None, None) => ("登録していません", row.doubts.join("\n")),
            };
            let mut cells = vec![Cell::Number(row.line.into()), result.into()];
            cells.push(row.request.map_or(Cell::Empty, |request| Cell::Number(request.0)));
            cells.push(reason.into());
            cells.extend(row.in_order(&columns).into_iter().map(Cell::from));
            rows.push(cells);
            true
        })?;
        Ok::<_, Error>((import, rows))
    })?;
    let procedure = procedure::by_code(import.procedure).ok_or(Error::NotFound)?;
    let own = [("行", 8), ("結果", 22), ("申請ID", 12), ("理由", 60)];
    let own = own.into_iter().map(|(label, width)| Column::new(label, width));
    let columns: Vec<Column> =
        own.chain(columns(procedure).into_iter().map(|column| Column::new(column.label, 20))).collect();
    let title = format!("【{}】依頼データ一括登録 結果", procedure.label);
    let folder = app.folder.scratch().map_err(Error::internal)?;
    let content = report::whole(format, &title, &columns, &rows, (&folder, app.clocks.business()));
    let content = content.map_err(Error::internal)?;
    Ok(File { name: format!("{title}_{id}.{}", format.extension()), format, content })
}
