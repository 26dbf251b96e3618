//! Filing for real, by hand: 転記 (what has to be typed at the portal) and 経過の記録 (what was seen there).

use super::chosen::result;
use super::proofs;
use crate::app::{App, Shared};
use crate::domain::actor::Actor;
use crate::domain::correction::{Matter, matters};
use crate::domain::ids::RequestId;
use crate::domain::observation::{self, Input, InputKind, Observation};
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::request::Filing;
use crate::domain::role::Application;
use crate::service;
use crate::service::error::Error;
use crate::service::manual::{self, Block};
use crate::service::reason::Reason;
use crate::service::requests::view::{self, RequestView};
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use crate::web::procedure::address::{Chosen, Named};
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::record::Record;
use crate::web::procedure::show::fixed_head;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Begins the names of the boxes for 受付番号; the 申請ID and the version follow.
const RECEIPT: &str = "receipt.";

/// Opens a filed record where people file by hand; elsewhere these pages don't exist.
pub(super) fn open(app: &App, staff: &AgentStaff, named: Named, asked: &Fields) -> Result<(Record, Filing)> {
    if !manual::is_manual(app) {
        return Err(Error::NotFound.into());
    }
    let Named(procedure, id) = named;
    let record = Record::open(app, &Actor::Agent(staff.actor.clone()), procedure, id, asked)?;
    let status = record.view.request.status.label();
    let filing = record.view.filing.clone().filter(|_| record.place.kind == Kind::Applications);
    let not_filed = || Error::from(Reason::WrongStatus { action: "転記・経過の記録", status });
    Ok((record, filing.ok_or_else(not_filed)?))
}

/// One filing: what to type, and what can be written down next.
pub(super) async fn show(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let (record, filing) = open(&app, &staff, named, &asked)?;
    page(&app, &staff, &record, &filing, &Fields::default(), &Problems::new())
}

/// The page, with what a form on it has to correct.
pub(super) fn page(
    app: &App,
    staff: &AgentStaff,
    record: &Record,
    filing: &Filing,
    typed: &Fields,
    problems: &Problems,
) -> Result<Response> {
    let blocks = manual::transcript(record.place.procedure, filing)?;
    let kept = service::proofs::list(app, &staff.actor, record.view.request.id)?;
    let file = record.place.record(record.view.request.id, "transcript");
    let body = html! {
        (error_summary(problems))
        (fixed_head(&record.place, &record.view))
        (next_observations(record, filing))
        (proofs::section(&staff.visit, record, &kept, typed, problems))
        div .transcript-head {
            p .lead { "申請したときの内容です。上から順に、実際のポータルへ入力してください。「コピー」を押すと、値をそのまま貼り付けられます。" }
            div .take-away {
                (button::print())
                (download::form(&file, &Fields::default()))
            }
        }
        (transcript(&blocks))
        (action_bar(&button::link("戻る", &record.address("")), &Markup::default()))
    };
    Ok(page_with(&staff.visit, problems, &title(record), record.place.here(), &body))
}

/// ダウンロード of what is to be typed.
pub(super) async fn file(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    asked: Fields,
) -> Result<Response> {
    let (record, _) = open(&app, &staff, named, &asked)?;
    let (format, id) = (download::format(&asked), record.view.request.id);
    let (name, bytes) = manual::transcript_file(&app, &staff.actor, record.place.procedure, id, format).await?;
    Ok(download::whole(&name, format.content_type(), bytes))
}

fn title(record: &Record) -> String {
    format!("【{}】転記・経過の記録", record.place.procedure.label)
}

/// What can be written down next, each with its own page.
fn next_observations(record: &Record, filing: &Filing) -> Markup {
    let possible = observation::possible(&record.view.request, filing);
    html! {
        section .card #report {
            h2 { "経過の記録" }
            @if possible.is_empty() {
                p { "OSSステータスは「" (filing.portal_status.label()) "」です。記録する経過はもうありません。" }
            } @else {
                p { "いまのOSSステータスは「" strong { (filing.portal_status.label()) } "」です。ポータルで次に確認したことを選んでください。" }
                ul .choices {
                    @for each in possible {
                        li { (button::link(each.label, &record.address(&format!("portal/{}", each.event)))) }
                    }
                }
            }
        }
    }
}

fn transcript(blocks: &[Block]) -> Markup {
    html! {
        @for (at, (heading, lines)) in blocks.iter().enumerate() {
            section .card {
                h2 { (heading) }
                dl .definitions.copying {
                    @for (row, (label, value)) in lines.iter().enumerate() {
                        @let id = format!("copy-{at}-{row}");
                        div .wide {
                            dt { (label) }
                            dd {
                                span id=(id) { @if value.is_empty() { "―" } @else { (value) } }
                                @if !value.is_empty() {
                                    " " button .button.small type="button" hidden data-copy=(id) aria-label={ (label) "をコピー" } { "コピー" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn observed(event: &str) -> Result<&'static Observation> {
    Ok(observation::by_event(event).ok_or(Error::NotFound)?)
}

/// The address part behind `portal/`.
pub(super) type Event = Path<(String, String, String)>;

/// The form for one observation.
pub(super) async fn ask(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    Path((_, _, event)): Event,
    asked: Fields,
) -> Result<Response> {
    let (record, filing) = open(&app, &staff, named, &asked)?;
    let observation = observed(&event)?;
    possible(&record, &filing, observation)?;
    let now = app.clocks.business();
    let local = now.local();
    let typed = Fields::default()
        .with("on", now.day().iso())
        .with("time", format!("{:02}:{:02}", local.hour(), local.minute()))
        .with("fee", asked.get("fee"))
        .with("means", usual_means(&record, &asked));
    Ok(form_page(&staff.visit, &record, &filing, observation, &typed, &Problems::new(), &Markup::default()))
}

/// How the fee that the page was opened for is usually paid.
fn usual_means(record: &Record, asked: &Fields) -> String {
    let rule = record.place.procedure.payments.iter().find(|rule| rule.kind.code().to_string() == asked.get("fee"));
    rule.map(|rule| observation::means_key(rule.means).to_owned()).unwrap_or_default()
}

fn possible(record: &Record, filing: &Filing, observation: &Observation) -> Result<()> {
    let fits = observation::possible(&record.view.request, filing).iter().any(|one| one.event == observation.event);
    if fits { Ok(()) } else { Err(manual::not_possible(filing).into()) }
}

fn form_page(
    visit: &Visit,
    record: &Record,
    filing: &Filing,
    observation: &Observation,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Response {
    let address = record.address(&format!("portal/{}", observation.event));
    let body = html! {
        (error_summary(problems))
        (above)
        (fixed_head(&record.place, &record.view))
        (form::upload(visit, &address, &html! {
            (form::version(record.view.request.version))
            (group("seen", observation.label, &html! {
                @for each in observation.inputs { (control(record, filing, observation, each, typed, problems)) }
                (field("on", "確認した日").required(true).value(typed.get("on")).problems(problems).rule("ポータルで起きた日です。わからないときは、確認した日を入力します。").date())
                (field("time", "時刻").required(true).value(typed.get("time")).problems(problems).rule("24時間制で入力します。例：16:22").text(5))
                (proofs::input(problems, !typed.get(service::proofs::FILE).is_empty()))
            }))
            (action_bar(&html! {
                (button::primary("確定"))
                (button::link("戻る", &record.address("portal")))
            }, &Markup::default()))
        }))
    };
    page_with(visit, problems, &title(record), record.place.here(), &body)
}

fn control(
    record: &Record,
    filing: &Filing,
    observation: &Observation,
    input: &Input,
    typed: &Fields,
    problems: &Problems,
) -> Markup {
    let base = field(input.key, input.label)
        .required(input.required)
        .rule(input.rule)
        .value(typed.get(input.key))
        .problems(problems);
    match input.kind {
        InputKind::Receipt => base.text(24),
        InputKind::Fee => {
            let kinds = observation::fees(observation.event, &record.view.request, filing);
            base.select(
                (kinds.len() > 1).then_some("選択してください"),
                kinds.iter().map(|kind| (kind.code().to_string(), record.place.procedure.payment_name(*kind))),
            )
        }
        InputKind::Amount => base.text(10),
        InputKind::Day => base.date(),
        InputKind::Means => base.select(
            Some("選択してください"),
            observation::MEANS.iter().map(|means| (observation::means_key(*means), means.label())),
        ),
        InputKind::Flag(label) => base.check(label),
        InputKind::Reasons => base.area(2_000, 5),
        InputKind::Matters => {
            let procedure = record.place.procedure;
            let chosen = |matter: Matter| typed.all("named").any(|key| key == matter.key(procedure));
            base.checks(
                matters(procedure)
                    .into_iter()
                    .map(|matter| (matter.key(procedure), matter.label(procedure), chosen(matter))),
            )
        }
        InputKind::Line(max) => base.text(max),
    }
}

/// 確定 of the form.
pub(super) async fn report(
    State(app): State<Shared>,
    staff: AgentStaff,
    named: Named,
    Path((_, _, event)): Event,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let (mut record, filing) = open(&app, &staff, named, &asked)?;
    // A form that comes back is still made from what its writer saw.
    record.view.request.version = posted.version()?;
    let observation = observed(&event)?;
    let input = |key: &str| posted.all(key).collect::<Vec<_>>().join("\n");
    let mut problems = Problems::new();
    let mut note = |found: Problems| found.iter().for_each(|p| problems.add(p.field.clone(), p.message.clone()));
    let what = observation::parse(observation, &input, &record.view.request).map_err(&mut note).ok();
    let at = observation::moment(&input, &filing, app.clocks.business()).map_err(&mut note).ok();
    let proof = problems.take(service::proofs::FILE, proofs::taken(&posted));
    let id = record.view.request.id;
    // That a file was chosen; no browser shows it again.
    let chosen = if posted.file_if_any(service::proofs::FILE).is_ok_and(|file| file.is_none()) { "" } else { "1" };
    let typed = Fields::clone(&posted).with(service::proofs::FILE, chosen);
    let refill = |problems: &Problems, above: &Markup| {
        form_page(&staff.visit, &record, &filing, observation, &typed, problems, above)
    };
    let (Some(what), Some(at), Some(proof)) = (what, at, proof) else {
        possible(&record, &filing, observation)?;
        return Ok(refill(&problems, &Markup::default()));
    };
    match manual::report(&app, &staff.actor, id, posted.version()?, (at, what), proof, posted.once()?).await {
        Ok(request) => {
            let place = record.place.with(Kind::of(request.status));
            let to = record.query.on(&place.record(id, ""));
            Ok(staff.visit.redirect(&to, Banner::ok(format!("「{}」を記録しました。", observation.label))))
        }
        Err(Error::Refused(reason @ Reason::TooManyProofs { .. })) => {
            Ok(refill(&Problems::one(service::proofs::FILE, reason.sentence()), &Markup::default()))
        }
        Err(Error::Conflict) => {
            let (record, filing) = open(&app, &staff, named, &asked)?;
            possible(&record, &filing, observation)?;
            let above = Banner::warning(
                "別の人が先に経過を記録しました。いまの状態を確認し、必要ならもう一度「確定」を押してください。",
            )
            .render();
            let page = form_page(&staff.visit, &record, &filing, observation, &typed, &Problems::new(), &above);
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// 転記待ち: filings without 受付番号, where several numbers can be entered at once.
pub(super) async fn list(State(app): State<Shared>, staff: AgentStaff, Chosen(procedure): Chosen) -> Result<Response> {
    Ok(list_page(&staff.visit, procedure, &waiting(&app, &staff, procedure)?, &Fields::default(), &Problems::new()))
}

fn waiting(app: &App, staff: &AgentStaff, procedure: &Procedure) -> Result<Vec<RequestView>> {
    if !manual::is_manual(app) {
        return Err(Error::NotFound.into());
    }
    let actor = Actor::Agent(staff.actor.clone());
    let ids = manual::untyped(app, &staff.actor, procedure)?;
    let mut views = Vec::with_capacity(ids.len());
    for id in ids {
        match view::view(app, &actor, id) {
            Ok(view) => views.push(view),
            Err(Error::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(views)
}

fn list_page(
    visit: &Visit,
    procedure: &'static Procedure,
    views: &[RequestView],
    typed: &Fields,
    problems: &Problems,
) -> Response {
    let place = Place { application: Application::Agent, procedure, kind: Kind::Applications };
    let body = if views.is_empty() {
        empty_state("転記を待っている申請はありません。", &button::link("申請データ検索", &place.list()))
    } else {
        let columns = [
            Column::new("申請ID"),
            Column::new(procedure.plate_label),
            Column::new("車台番号"),
            Column::new("使用者"),
            Column::new("依頼人"),
            Column::new("申請先"),
            Column::new("申請日時"),
            Column::new("受付番号"),
        ];
        html! {
            (error_summary(problems))
            p .lead { "申請IDを押すと、ポータルへ入力する内容が表示されます。ポータルで申請したら、受付番号を入力して確定してください（入力した行だけ記録します）。" }
            (form::post(visit, &urls::transcription(procedure), &html! {
                div .results {
                    p .count { (Listed { total: views.len() as u64, page: 1, size: u32::MAX }.count()) }
                }
                (table("転記待ち", &columns, &html! {
                    @for view in views {
                        @let name = receipt_name(view);
                        tr {
                            td { a href=(place.record(view.request.id, "portal")) { (view.request.id) } }
                            td { @if let Some(number) = &view.request.plate { (plate(number, procedure.vehicle, false)) } }
                            td { @if let Some(chassis) = &view.request.chassis { (chassis.number) } }
                            td .name { (user_name(view)) }
                            td .name { (view.client) }
                            td { (view.office.as_deref().unwrap_or("―")) }
                            td { @if let Some(at) = view.request.filed_at { (at) } }
                            td {
                                input .entry type="text" inputmode="numeric" autocomplete="off" id=(name) name=(name) value=(typed.get(&name)) maxlength="60"
                                    aria-label={ "申請ID " (view.request.id) " の受付番号" }
                                    aria-invalid=[problems.of(&name).map(|_| "true")]
                                    aria-describedby=[problems.of(&name).map(|_| format!("{name}-error"))];
                                @if let Some(problem) = problems.of(&name) { p .error id={ (name) "-error" } { "＊" (problem) } }
                            }
                        }
                    }
                }))
                (action_bar(&button::primary("確定"), &Markup::default()))
            }))
        }
    };
    page_with(
        visit,
        problems,
        &format!("【{}】転記待ち", procedure.label),
        Here::at(Menu::Transcription, procedure),
        &body,
    )
}

fn receipt_name(view: &RequestView) -> String {
    format!("{RECEIPT}{}.{}", view.request.id, view.request.version)
}

fn user_name(view: &RequestView) -> String {
    view.request.procedure().field("name").map(|field| view.request.text(field.no).to_owned()).unwrap_or_default()
}

/// 確定 of 転記待ち.
pub(super) async fn receipts(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let views = waiting(&app, &staff, procedure)?;
    let mut problems = Problems::new();
    let mut typed = Vec::new();
    for (name, value) in posted.iter() {
        let Some((id, version)) = name.strip_prefix(RECEIPT).and_then(|rest| rest.split_once('.')) else { continue };
        let (Ok(id), Ok(version)) = (id.parse::<RequestId>(), version.parse::<u32>()) else { continue };
        if value.trim().is_empty() || typed.len() >= 500 {
            continue;
        }
        match observation::receipt(value) {
            Ok(receipt) => typed.push((id, version, receipt)),
            Err(message) => problems.add(name.to_owned(), message),
        }
    }
    if !problems.is_empty() {
        return Ok(list_page(&staff.visit, procedure, &views, &posted, &problems));
    }
    let to = urls::transcription(procedure);
    if typed.is_empty() {
        let banner = Banner::warning("受付番号が入力されていません。入力した行だけが記録されます。");
        return Ok(staff.visit.redirect(&to, banner));
    }
    let outcomes = manual::receipts(&app, &staff.actor, typed, posted.once()?).await;
    let outcomes = outcomes.into_iter().map(|(id, outcome)| (format!("申請ID {id}"), outcome)).collect();
    Ok(staff.visit.redirect(&to, result("の受付番号を記録しました", outcomes)?))
}
