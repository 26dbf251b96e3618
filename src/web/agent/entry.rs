//! 代行入力: a request for a garage that has no PC. First the garage is found, then the form is the garage's own.

use crate::app::{App, Shared};
use crate::domain::entry::Channel;
use crate::domain::ids::ClientOrganizationId;
use crate::domain::organization::ClientOrganization;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::role::Application;
use crate::service::error::Error;
use crate::service::requests;
use crate::service::requests::entry::{self, Garage, Wanted};
use crate::service::requests::view::{Choices, RequestView};
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::place::{Kind, Place};
use crate::web::procedure::registration::{self, Said, Sheet};
use axum::extract::State;
use axum::response::Response;

/// The chosen garage.
const CLIENT: &str = "client";
/// 依頼の方法.
const CHANNEL: &str = "channel";
/// The conditions of the search for a garage.
const ID: &str = "id";
const NAME: &str = "name";
/// Longest part of a name that is looked for.
const LONGEST: usize = 40;

const TITLE: &str = "代行入力";

fn address(procedure: &Procedure) -> String {
    urls::new_request(Application::Agent, procedure)
}

/// The form for a garage, once one is chosen; before, the search for it.
pub(super) async fn show(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    if !asked.has(CLIENT) {
        return garages(&app, &staff, procedure, &asked, Problems::new());
    }
    let (garage, choices) = match chosen(&app, &staff, procedure, &asked) {
        Ok(found) => found,
        Err(Error::NotFound) => return unknown(&app, &staff, procedure, asked.get(CLIENT)),
        Err(other) => return Err(other.into()),
    };
    let said = Said { again: registration::is_again(&asked), ..Said::default() };
    let typed = registration::begun(&choices, &asked).with(CHANNEL, asked.get(CHANNEL));
    Ok(registration::page(&sheet(&staff, procedure, (&garage, &choices), &typed, &said.problems), &typed, &said))
}

fn chosen(
    app: &App,
    staff: &AgentStaff,
    procedure: &Procedure,
    asked: &Fields,
) -> Result<(ClientOrganization, Choices), Error> {
    let id: ClientOrganizationId = asked.parsed(CLIENT).ok_or(Error::NotFound)?;
    entry::choices(app, &staff.actor, procedure, id)
}

/// The search again, with what is the matter with the garage that was asked for.
fn unknown(app: &App, staff: &AgentStaff, procedure: &'static Procedure, typed: &str) -> Result<Response> {
    let sentence = "この依頼人組織IDの依頼人には、代行入力できません。番号を確認してください。依頼先代理人を限っている依頼人は、この代理人を加える必要があります。";
    garages(app, staff, procedure, &Fields::default().with(ID, typed), Problems::one(ID, sentence))
}

/// Which garage: those that are known to this agent, or the one whose 依頼人組織ID is typed.
fn garages(
    app: &App,
    staff: &AgentStaff,
    procedure: &'static Procedure,
    asked: &Fields,
    mut problems: Problems,
) -> Result<Response> {
    let (id, name) = (asked.get(ID).trim(), asked.get(NAME).trim());
    let mut wanted = Wanted { id: None, name: name.chars().take(LONGEST).collect() };
    if !id.is_empty() {
        match id.parse() {
            Ok(number) => wanted.id = Some(number),
            Err(()) => problems.add(ID, "依頼人組織IDは、数字9けたで入力してください。例：102400005"),
        }
    }
    let found = if problems.is_empty() { entry::garages(app, &staff.actor, &wanted)? } else { Vec::new() };
    let (page, size) = Listed::asked(asked);
    let listed = Listed { total: found.len() as u64, page, size };
    let rows: Vec<&Garage> = listed.rows(&found).collect();
    let path = address(procedure);
    let columns = [Column::new("依頼人組織ID"), Column::new("依頼人"), Column::new("拠点")];
    let shown = if rows.is_empty() {
        nothing(&path, !id.is_empty() || !name.is_empty())
    } else {
        table(
            "依頼人の一覧",
            &columns,
            &html! { @for garage in rows { tr {
                td { a href=(for_garage(procedure, garage.id)) { (garage.id) } }
                td .name { (garage.name) @if !garage.known { small { "はじめての依頼" } } }
                td .portal { (garage.branches.join("、")) }
            } } },
        )
    };
    let behind = [ID, NAME, "size"].into_iter().filter(|name| !asked.get(name).is_empty());
    let behind = behind.fold(Fields::default(), |behind, name| behind.with(name, asked.get(name)));
    let body = html! {
        (error_summary(&problems))
        p .lead { "PCのない依頼人に代わって、依頼データを入力します。依頼人を選んでください。" }
        (SearchPanel { action: &path, details: None, basic: html! {
            (field(ID, "依頼人組織ID").value(id).problems(&problems).text(9))
            (field(NAME, "依頼人").value(name).span(5).text(LONGEST))
        } }.render())
        @if problems.is_empty() { (listing(listed, &path, &behind, &Markup::default(), &shown)) }
    };
    let title = format!("【{}】{TITLE}", procedure.label);
    Ok(page_with(&staff.visit, &problems, &title, Here::at(Menu::Entry, procedure), &body))
}

fn for_garage(procedure: &Procedure, garage: ClientOrganizationId) -> String {
    Fields::default().with(CLIENT, garage).on(&address(procedure))
}

fn nothing(path: &str, searched: bool) -> Markup {
    let first = "はじめての依頼人は、依頼人組織IDを9けた入力して検索してください。";
    if searched {
        let sentence = format!("条件に合う依頼人はありません。{first}");
        empty_state(&sentence, &button::link("条件をリセットする", path))
    } else {
        empty_state(&format!("依頼を受けたことのある依頼人は、まだありません。{first}"), &Markup::default())
    }
}

fn sheet<'a>(
    staff: &'a AgentStaff,
    procedure: &'static Procedure,
    (garage, choices): (&ClientOrganization, &'a Choices),
    typed: &Fields,
    problems: &Problems,
) -> Sheet<'a> {
    let shown = format!("{}（依頼人組織ID {}）", garage.name, garage.id);
    let channels = Channel::ALL.into_iter().map(|channel| (channel.key(), channel.label()));
    Sheet {
        visit: &staff.visit,
        procedure,
        choices,
        menu: (Menu::Entry, TITLE),
        action: address(procedure),
        asks_agent: false,
        first: html! {
            (field(CLIENT, "依頼人").value(&shown).fixed())
            (field(CHANNEL, "依頼の方法").required(true).value(typed.get(CHANNEL)).problems(problems)
                .rule("依頼人がどのように依頼したかを、履歴に残します。").select(Some("選択してください"), channels))
            (form::hidden(CLIENT, &garage.id.to_string()))
        },
        beside: button::plain_link("依頼人を選び直す", &address(procedure)),
    }
}

/// The form for another vehicle of the same workshop, asked for in the same way.
pub(super) fn alike(view: &RequestView) -> String {
    let request = &view.request;
    let told = view.history.first().and_then(|entry| Channel::told(entry.detail.as_deref()?));
    let channel = told.map_or("", Channel::key);
    registration::alike(request).with(CLIENT, request.client).with(CHANNEL, channel).on(&address(request.procedure()))
}

/// 確定.
pub(super) async fn register(
    State(app): State<Shared>,
    staff: AgentStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let (garage, choices) = match chosen(&app, &staff, procedure, &posted) {
        Ok(found) => found,
        Err(Error::NotFound) => return unknown(&app, &staff, procedure, posted.get(CLIENT)),
        Err(other) => return Err(other.into()),
    };
    let mut typed = (*posted).clone();
    let channel = Channel::of(posted.get(CHANNEL));
    let mut problems = Problems::new();
    if channel.is_none() {
        problems.add(CHANNEL, "依頼の方法を選んでください。例：FAX");
    }
    let said = match (registration::read(&app, procedure, &choices, &mut typed, problems), channel) {
        (Ok(new), Some(channel)) => {
            let from = (garage.id, channel);
            match requests::enter(&app, &staff.actor, procedure, from, new, posted.once()?).await {
                Ok(id) => {
                    let place = Place { application: Application::Agent, procedure, kind: Kind::Requests };
                    let said = "代行入力で登録し、受付済にしました。続けて「依頼データ更新」で内容を入力してください。";
                    return Ok(staff.visit.redirect(&place.record(id, ""), Banner::ok(said)));
                }
                Err(error) => registration::refused(error)?,
            }
        }
        (Err(said), _) => said,
        (Ok(_), None) => Said::default(),
    };
    Ok(registration::page(&sheet(&staff, procedure, (&garage, &choices), &typed, &said.problems), &typed, &said))
}
