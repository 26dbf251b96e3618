//! 証拠ファイル on the page of 転記・経過の記録: what is kept of a filing, one more to add, and each again as a file.

use super::portal;
use crate::app::Shared;
use crate::domain::problem::Problems;
use crate::domain::proof::{self, MOST, Proof};
use crate::service::error::Error;
use crate::service::proofs::{self, NewProof};
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Named;
use crate::web::procedure::record::Record;
use axum::extract::{Path, State};
use axum::response::Response;

/// The rule of every field that takes a proof.
fn rule() -> String {
    format!(
        "ポータルの画面や控えです（任意）。PDF・PNG・JPEG、1件{}MBまで、1つの申請に{MOST}件まで。",
        proof::LARGEST >> 20
    )
}

/// The field that takes a file, in a form that may come `back`.
pub(super) fn input(problems: &Problems, back: bool) -> Markup {
    field(proofs::FILE, "証拠ファイル").rule(&rule()).problems(problems).file(proof::ENDINGS, back)
}

/// The file that was chosen, if one was.
///
/// # Errors
/// What is wrong with it.
pub(super) fn taken(posted: &Posted) -> Result<Option<NewProof>, String> {
    let file = posted.file_if_any(proofs::FILE)?;
    file.map(|file| NewProof::read(file.name(), file.content())).transpose()
}

/// The part of the page.
pub(super) fn section(visit: &Visit, record: &Record, kept: &[Proof], typed: &Fields, problems: &Problems) -> Markup {
    let history = &record.view.history;
    let words = |place: usize| history.get(place).map(|entry| format!("{} {}", entry.at, entry.what));
    let provable: Vec<(String, String)> = (0..history.len())
        .rev()
        .filter(|place| history.get(*place).is_some_and(proofs::is_provable))
        .filter_map(|place| Some((place.to_string(), words(place)?)))
        .collect();
    let columns = ["ファイル", "経過", "種類", "大きさ", "登録者", "登録日時"].map(Column::new);
    html! {
        section .card #proofs {
            h2 { "証拠ファイル" }
            @if kept.is_empty() {
                p { "証拠ファイルはまだありません。ポータルの画面や控えを、経過と一緒に保存できます。" }
            } @else {
                (table("証拠ファイル", &columns, &html! {
                    @for each in kept {
                        tr {
                            td .wrap { a href=(record.address(&format!("proofs/{}", each.number))) { (each.file_name()) } }
                            td .wrap { (words(usize::try_from(each.entry).unwrap_or(usize::MAX)).unwrap_or_default()) }
                            td { (each.kind.label()) }
                            td .amount { (each.size.div_ceil(1 << 10)) " KB" }
                            td .name { (each.added.name) }
                            td { (each.added.at) }
                        }
                    }
                }))
            }
            @if kept.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) {
                p .rule { (kept.len()) "件あるため、これ以上は追加できません。" }
            } @else if !provable.is_empty() {
                (form::upload(visit, &record.address("proofs"), &html! {
                    div .rows {
                        (field(proofs::ENTRY, "どの経過の証拠か").required(true).value(typed.get(proofs::ENTRY)).problems(problems)
                            .select(
                                (provable.len() > 1).then_some("選択してください"),
                                provable.iter().map(|(place, words)| (place.clone(), words.as_str())),
                            ))
                        (field(proofs::FILE, "追加するファイル").required(true).rule(&rule().replace("（任意）", "")).problems(problems)
                            .file(proof::ENDINGS, !problems.is_empty()))
                    }
                    div .actions { (button::primary("証拠ファイルを追加")) }
                }))
            }
        }
    }
}

/// 証拠ファイルを追加.
pub(super) async fn attach(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let (record, filing) = portal::open(&app, &staff, named, &asked)?;
    let mut problems = Problems::new();
    let entry = problems
        .take(proofs::ENTRY, posted.get(proofs::ENTRY).parse().map_err(|_| "どの経過の証拠かを選んでください。"));
    let file = problems
        .take(proofs::FILE, posted.file(proofs::FILE).and_then(|file| NewProof::read(file.name(), file.content())));
    let added = match (entry, file) {
        (Some(entry), Some(file)) => {
            match proofs::attach(&app, &staff.actor, record.view.request.id, (entry, file), posted.once()?).await {
                Err(Error::Refused(reason)) => Err(Problems::one(proofs::FILE, reason.sentence())),
                other => form::problems(other)?,
            }
        }
        _ => Err(problems),
    };
    match added {
        Ok(()) => Ok(staff.visit.redirect(&record.address("portal"), Banner::ok("証拠ファイルを追加しました。"))),
        Err(problems) => portal::page(&app, &staff, &record, &filing, &posted, &problems),
    }
}

/// One of them as a file.
pub(super) async fn open(
    State(app): State<Shared>,
    staff: AgentStaff,
    Named(procedure, id): Named,
    Path((_, _, number)): Path<(String, String, String)>,
) -> Result<Response> {
    let number = number.parse().map_err(|_| Error::NotFound)?;
    let (proof, bytes) = proofs::open(&app, &staff.actor, (procedure, id), number).await?;
    Ok(download::whole(&proof.file_name(), proof.kind.content_type(), bytes))
}
