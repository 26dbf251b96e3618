//! 申請データ統計検索: conditions, a chart, tables of everything in it, and the same as a file.

use crate::app::{App, Shared};
use crate::domain::problem::Problems;
use crate::domain::procedure;
use crate::domain::request::Status;
use crate::domain::search::Conditions;
use crate::domain::statistics::{Measures, Span, Unit};
use crate::domain::text;
use crate::domain::time::Day;
use crate::service::administration::users::{Place, places};
use crate::service::statistics::{self, Counted, Part, Wanted};
use crate::web::kit::chart::Bars;
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const TITLE: &str = "申請データ統計検索";

/// Names of the conditions in addresses.
const CONDITIONS: [&str; 7] = ["unit", "period_from", "period_to", "procedure", "client", "branch", "status"];

/// What is counted, as the headings of tables and the names in the chart.
const COUNTS: [&str; 3] = ["依頼", "申請", "手続完了"];

/// The most rows of a table; the file has all.
const MOST: usize = 100;

/// The page.
pub(super) async fn show(State(app): State<Shared>, admin: AgentAdministrator, asked: Fields) -> Result<Response> {
    match wanted(&app, &asked) {
        Ok(wanted) => {
            let counted = statistics::count(&app, &admin.actor, wanted.clone()).await?;
            let found = results(&asked, &wanted, &counted);
            page(&app, &admin, &asked, &Problems::new(), &found)
        }
        Err(problems) => page(&app, &admin, &asked, &problems, &Markup::default()),
    }
}

/// The file.
pub(super) async fn file(State(app): State<Shared>, admin: AgentAdministrator, asked: Fields) -> Result<Response> {
    match wanted(&app, &asked) {
        Ok(wanted) => {
            let format = download::format(&asked);
            let (name, bytes) = statistics::file(&app, &admin.actor, wanted, format).await?;
            Ok(download::whole(&name, format.content_type(), bytes))
        }
        Err(problems) => page(&app, &admin, &asked, &problems, &Markup::default()),
    }
}

/// The conditions of an address.
fn wanted(app: &App, asked: &Fields) -> std::result::Result<Wanted, Problems> {
    let mut problems = Problems::new();
    let unit = Unit::ALL.into_iter().find(|unit| unit.key() == asked.get("unit")).unwrap_or(Unit::Month);
    let day = |name: &str| {
        let typed = text::normalise(asked.get(name));
        if typed.is_empty() {
            return Ok(None);
        }
        Day::parse(&typed).map(Some).ok_or("日付は 2025/01/06 の形で入力してください。")
    };
    let from = problems.take("period", day("period_from")).flatten();
    let to = problems.take("period", day("period_to")).flatten();
    let to = to.unwrap_or_else(|| app.clocks.business().day());
    let span = Span { from: from.unwrap_or(Span::usual(unit, to).from), to, unit };
    if span.from > span.to {
        problems.add("period", "終わりの日は、始めの日以後の日にしてください。");
    } else if span.periods().len() > unit.most() {
        let most = match unit {
            Unit::Day => "日別は92日以内",
            Unit::Month => "月別は60か月以内",
        };
        problems.add("period", format!("期間が長すぎます。{most}で指定してください。"));
    }
    let client = match text::normalise(asked.get("client")) {
        typed if typed.is_empty() => None,
        typed => problems
            .take(
                "client",
                typed
                    .parse()
                    .map(Some)
                    .map_err(|()| "依頼人組織IDは半角数字9文字で入力してください（例：102400005）。"),
            )
            .flatten(),
    };
    let seen = Status::ALL.iter().copied().filter(|status| *status != Status::Draft);
    let mut statuses: Vec<Status> = seen.clone().filter(|status| has(asked, *status)).collect();
    if statuses.is_empty() {
        statuses = seen.collect();
    }
    let procedure = procedure::ALL.iter().find(|one| one.slug == asked.get("procedure")).map(|one| one.code);
    let conditions = Conditions { client, agent_branch: asked.parsed("branch"), statuses, ..Conditions::default() };
    problems.or(Wanted { span, procedure, conditions })
}

fn has(asked: &Fields, status: Status) -> bool {
    asked.all("status").any(|code| code == status.code().to_string())
}

fn page(
    app: &App,
    admin: &AgentAdministrator,
    asked: &Fields,
    problems: &Problems,
    found: &Markup,
) -> Result<Response> {
    let branches: Vec<(String, String)> = places(app, &admin.actor)?
        .into_iter()
        .map(|Place { id, short_name, .. }| (id.to_string(), short_name))
        .collect();
    let (from, to) = (asked.get("period_from"), asked.get("period_to"));
    let basic = html! {
        (field("unit", "集計単位").value(asked.get("unit")).select(None, Unit::ALL.map(|unit| (unit.key(), unit.label()))))
        (field("period", "期間").problems(problems).span(6)
            .rule("空欄のときは、月別は直近12か月、日別は直近31日です。").date_range(from, to))
        (field("procedure", "手続").value(asked.get("procedure"))
            .select(Some("すべて"), procedure::ALL.iter().map(|one| (one.slug, one.label))))
        (field("client", "依頼人組織ID").value(asked.get("client")).problems(problems).text(9))
        (field("branch", "代理人拠点").value(asked.get("branch"))
            .select(Some("すべて"), branches.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
        (field("status", "申請ステータス").span(12).checks(
            Status::ALL.iter().filter(|status| **status != Status::Draft)
                .map(|status| (status.code().to_string(), status.label(), has(asked, *status)))
        ))
    };
    let body = html! {
        (error_summary(problems))
        (SearchPanel { action: urls::AGENT_STATISTICS, basic, details: None }.render())
        (found)
    };
    let here = Here { menu: Some(Menu::AgentStatistics), procedure: None };
    Ok(page_with(&admin.visit, problems, TITLE, here, &body))
}

fn results(asked: &Fields, wanted: &Wanted, counted: &Counted) -> Markup {
    let mut conditions = Fields::default();
    for (name, value) in asked.iter().filter(|(name, _)| CONDITIONS.contains(name)) {
        conditions.push(name, value);
    }
    let Measures { requested, filed, completed, .. } = counted.total;
    if requested + filed + completed == 0 {
        let all = button::link("条件をリセットする", urls::AGENT_STATISTICS);
        return empty_state("この期間に、条件に合う依頼・申請・手続完了はありません。", &all);
    }
    let groups: Vec<(String, Vec<u64>)> = counted
        .periods
        .iter()
        .map(|part| (short(&part.name), vec![part.measures.requested, part.measures.filed, part.measures.completed]))
        .collect();
    let unit = wanted.span.unit.label();
    let trend = format!("{unit}の件数（{} ～ {}）", wanted.span.from, wanted.span.to);
    let statuses: Vec<(String, Vec<u64>)> =
        counted.statuses.iter().map(|(status, count)| ((*status).to_owned(), vec![*count])).collect();
    html! {
        section .card #total {
            h2 { "合計" }
            (Definitions::new()
                .pair("依頼件数", format!("{requested} 件"))
                .pair("申請件数", format!("{filed} 件"))
                .pair("手続完了件数", format!("{completed} 件"))
                .pair("依頼から申請まで（平均）", mean(counted.total.hours_to_filing(), "時間"))
                .pair("依頼から手続完了まで（平均）", mean(counted.total.days_to_completion(), "日"))
                .render())
            p .rule { "依頼・申請・手続完了を、それぞれの日付の期間に数えます。再送信・再申請したものは、最後の依頼日時・申請日時で数えます。" }
            (download::form(&format!("{}/file", urls::AGENT_STATISTICS), &conditions))
        }
        section .card #periods {
            h2 { (unit) }
            (Bars { title: &trend, series: &COUNTS, groups: &groups, unit: "件" }.render())
            (parts("期間", &counted.periods))
        }
        section .card #procedures { h2 { "手続別" } (parts("手続", &counted.procedures)) }
        section .card #clients { h2 { "依頼人別" } (parts("依頼人", &counted.clients)) }
        section .card #branches { h2 { "代理人拠点別" } (parts("代理人拠点", &counted.branches)) }
        @if !statuses.is_empty() {
            section .card #statuses {
                h2 { "申請ステータス別" }
                (Bars { title: "期間内に依頼されたものの現在の申請ステータス", series: &["件数"], groups: &statuses, unit: "件" }.render())
                (table("申請ステータス別の件数", &[Column::new("申請ステータス"), Column::amount("件数")], &html! {
                    @for (status, count) in &counted.statuses { tr { td { (status) } td .amount { (count) } } }
                }))
            }
        }
    }
}

/// A period as it fits below a bar: days without their year.
fn short(name: &str) -> String {
    match name.split_once('/') {
        Some((_, day)) if day.contains('/') => day.to_owned(),
        _ => name.to_owned(),
    }
}

fn mean(tenths: Option<u64>, unit: &str) -> String {
    tenths.map_or_else(|| "―".to_owned(), |tenths| format!("{}.{} {unit}", tenths / 10, tenths % 10))
}

fn parts(label: &str, parts: &[Part]) -> Markup {
    let columns = [
        Column::new(label),
        Column::amount("依頼件数"),
        Column::amount("申請件数"),
        Column::amount("手続完了件数"),
        Column::amount("依頼から申請まで（平均）"),
        Column::amount("依頼から手続完了まで（平均）"),
    ];
    let shown = parts.get(..MOST).unwrap_or(parts);
    let listed = table(
        &format!("{label}別の件数と所要時間"),
        &columns,
        &html! {
            @for Part { name, measures } in shown {
                tr {
                    td { (name) }
                    td .amount { (measures.requested) }
                    td .amount { (measures.filed) }
                    td .amount { (measures.completed) }
                    td .amount { (mean(measures.hours_to_filing(), "時間")) }
                    td .amount { (mean(measures.days_to_completion(), "日")) }
                }
            }
        },
    );
    html! {
        (listed)
        @if parts.len() > shown.len() {
            p .rule { "全 " (parts.len()) " 件のうち、依頼件数の多い " (shown.len()) " 件です。すべてはダウンロードしたファイルにあります。" }
        }
    }
}
