//! 申請データ統計検索. Goes over the whole list in a snapshot that stops nobody, on a thread of its own and one at a time.

use super::audit;
use super::error::{Error, Result};
use super::turns::Turns;
use crate::app::Shared;
use crate::domain::actor::{Actor, AgentActor};
use crate::domain::procedure;
use crate::domain::search::Conditions;
use crate::domain::statistics::{Measures, Span, Statistics};
use crate::report::{self, Cell, Column, Format};
use crate::service::requests::view::scope;
use std::sync::Arc;

/// How many wait for their statistics before more are refused.
const QUEUE: usize = 16;

/// Lets one be counted at a time; the next waits.
#[derive(Debug)]
pub struct Counting(Turns);

impl Default for Counting {
    fn default() -> Self {
        Self(Turns::new(1, QUEUE))
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// 期間 and 集計単位.
    pub span: Span,
    /// The code of one procedure; none for all.
    pub procedure: Option<u8>,
    /// 依頼人, 代理人拠点, 申請ステータス.
    pub conditions: Conditions,
}

/// One part of what was counted, with its name.
#[derive(Debug, Clone)]
pub struct Part {
    /// A period, a procedure, a garage, a branch.
    pub name: String,
    /// What was counted of it.
    pub measures: Measures,
}

/// What the page and the file show.
#[derive(Debug, Clone)]
pub struct Counted {
    /// All together.
    pub total: Measures,
    /// By period, oldest first.
    pub periods: Vec<Part>,
    /// By procedure.
    pub procedures: Vec<Part>,
    /// By 依頼人, most requests first.
    pub clients: Vec<Part>,
    /// By 代理人拠点, most requests first.
    pub branches: Vec<Part>,
    /// 申請ステータス and how many.
    pub statuses: Vec<(&'static str, u64)>,
}

/// Counts.
///
/// # Errors
/// `Busy` when too many wait; the store's.
pub async fn count(app: &Shared, actor: &AgentActor, wanted: Wanted) -> Result<Counted> {
    let (node, actor) = (Arc::clone(app), actor.clone());
    app.statistics.0.run(move || gather(&node, &actor, &wanted)).await?
}

fn gather(app: &Shared, actor: &AgentActor, wanted: &Wanted) -> Result<Counted> {
    app.store.read(|tx| {
        let mut all = Statistics::new(wanted.span);
        let scope = scope(&Actor::Agent(actor.clone()));
        let asked = procedure::ALL.iter().filter(|one| wanted.procedure.is_none_or(|code| code == one.code));
        for one in asked {
            tx.each_row(scope, one.code, &wanted.conditions, |row| all.add(one.code, row))?;
        }
        let mut clients = Vec::with_capacity(all.clients.len());
        for (id, measures) in &all.clients {
            let name = tx.client_organization(*id)?.map_or_else(String::new, |garage| garage.name);
            clients.push(Part { name: format!("{name}（{id}）"), measures: *measures });
        }
        let mut branches = Vec::with_capacity(all.branches.len());
        for (id, measures) in &all.branches {
            let name = tx.agent_branch(*id)?.map_or_else(String::new, |branch| branch.name);
            branches.push(Part { name, measures: *measures });
        }
        for parts in [&mut clients, &mut branches] {
            parts.sort_by_key(|part| std::cmp::Reverse(part.measures.requested));
        }
        let unit = wanted.span.unit;
        let label = |code| procedure::by_code(code).map_or("", |procedure| procedure.label).to_owned();
        Ok(Counted {
            total: all.total,
            periods: all
                .periods
                .iter()
                .map(|(start, sums)| Part { name: unit.name(*start), measures: *sums })
                .collect(),
            procedures: all
                .procedures
                .iter()
                .map(|(code, sums)| Part { name: label(*code), measures: *sums })
                .collect(),
            clients,
            branches,
            statuses: all.statuses.iter().map(|(status, count)| (status.label(), *count)).collect(),
        })
    })
}

/// What was counted as a file: its name and bytes. Noted in the audit.
///
/// # Errors
/// The store's and the disk's.
pub async fn file(app: &Shared, actor: &AgentActor, wanted: Wanted, format: Format) -> Result<(String, Vec<u8>)> {
    let now = app.clocks.now();
    let mut names = wanted.conditions.names();
    names.extend(wanted.procedure.map(|_| "procedure"));
    let counted = count(app, actor, wanted).await?;
    let rows = rows(&counted);
    let details = [format!("format {}", format.key()), format!("rows {}", rows.len())];
    let details: Vec<String> = details.into_iter().chain(names.into_iter().map(str::to_owned)).collect();
    let user = actor.user();
    app.store.write(move |tx| audit::note(tx, now, user, "download", "statistics".to_owned(), details.clone())).await?;
    let folder = app.folder.scratch().map_err(Error::internal)?;
    let bytes = tokio::task::spawn_blocking(move || {
        report::whole(format, "申請データ統計", &columns(), &rows, (&folder, now.business))
    });
    let bytes = bytes.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok((format!("申請データ統計_{}.{}", now.business.day().number(), format.extension()), bytes))
}

fn columns() -> [Column; 7] {
    [
        ("集計区分", 18),
        ("項目", 36),
        ("依頼件数", 12),
        ("申請件数", 12),
        ("手続完了件数", 14),
        ("依頼から申請まで（平均・時間）", 30),
        ("依頼から手続完了まで（平均・日）", 32),
    ]
    .map(|(label, width)| Column::new(label, width))
}

fn rows(counted: &Counted) -> Vec<Vec<Cell>> {
    let line = |kind: &str, name: &str, sums: &Measures| {
        let tenths = |value: Option<u64>| value.map_or(Cell::Empty, Cell::Tenths);
        vec![
            kind.into(),
            name.into(),
            Cell::Number(sums.requested),
            Cell::Number(sums.filed),
            Cell::Number(sums.completed),
            tenths(sums.hours_to_filing()),
            tenths(sums.days_to_completion()),
        ]
    };
    let mut rows = vec![line("合計", "", &counted.total)];
    for (kind, parts) in [
        ("期間", &counted.periods),
        ("手続", &counted.procedures),
        ("依頼人", &counted.clients),
        ("代理人拠点", &counted.branches),
    ] {
        rows.extend(parts.iter().map(|part| line(kind, &part.name, &part.measures)));
    }
    rows.extend(counted.statuses.iter().map(|(status, count)| {
        let mut row = vec!["申請ステータス".into(), (*status).into(), Cell::Number(*count)];
        row.resize(7, Cell::Empty);
        row
    }));
    rows
}
