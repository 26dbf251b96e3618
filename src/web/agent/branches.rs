//! 代理人拠点: 検索, 照会, 登録, 更新, 削除, and the ready list of the associations' branches.

use crate::app::{App, Shared};
use crate::domain::ids::AgentBranchId;
use crate::domain::organization::AgentBranch;
use crate::domain::problem::Problems;
use crate::domain::rules::{self, Entry};
use crate::service::administration::agent_branches::{self as branches, AgentBranchInput};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

static BRANCHES: Directory = Directory {
    noun: "代理人拠点",
    menu: Menu::AgentBranches,
    path: urls::AGENT_BRANCHES,
    conditions: &["code", "name", "short_name", "region", "commission_number"],
};

const COLUMNS: [Column<'_>; 5] = [
    Column::new("代理人拠点ID"),
    Column::new("代理人拠点名"),
    Column::new("代理人拠点名（略称）"),
    Column::new("管轄地域"),
    Column::new("記録等事務代行者委託番号"),
];

/// Labels of what a form takes, by the names of its fields.
const FIELDS: [(&str, &str); 4] = [
    ("name", "代理人拠点名"),
    ("short_name", "代理人拠点名（略称）"),
    ("region", "管轄地域"),
    ("commission_number", "記録等事務代行者委託番号"),
];

/// 代理人拠点検索.
pub(super) async fn search(State(app): State<Shared>, admin: AgentAdministrator, asked: Fields) -> Result<Markup> {
    let opened = BRANCHES.opened(&asked);
    let wanted = ["code", "name", "short_name", "region", "commission_number"].map(|name| opened.asked(name));
    let found = branches::search(&app, &admin.actor, wanted)?;
    let row = |branch: &AgentBranch| {
        html! {
            (opened.key(branch.id, &branch.code))
            td .name { (branch.name) }
            td { (branch.short_name) }
            td { (branch.region) }
            td { (branch.commission_number.as_deref().unwrap_or("―")) }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: html! {
                @for (column, name) in COLUMNS.iter().zip(BRANCHES.conditions) {
                    (field(name, column.label).value(opened.asked(name)).text(40))
                }
            },
            columns: &COLUMNS,
            found,
            row: &row,
            actions: html! {
                (button::primary_link("代理人拠点登録", &opened.beside("new")))
                (button::link("振興会の一覧から追加", &opened.beside("associations")))
            },
        },
    ))
}

/// 代理人拠点照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentBranchId>,
    asked: Fields,
) -> Result<Response> {
    let branch = branches::view(&app, &admin.actor, id)?;
    let opened = BRANCHES.opened(&asked);
    let blocks = html! { section .card #head { (definitions(&branch).render()) } };
    let actions = html! {
        (button::primary_link("代理人拠点更新", &opened.below(id, "edit")))
        (button::danger_link("代理人拠点削除", &opened.below(id, "delete")))
    };
    Ok(opened.show(&admin.visit, &blocks, &actions).into_response())
}

fn definitions(branch: &AgentBranch) -> Definitions {
    Definitions::new()
        .pair("代理人拠点ID", branch.code.as_str())
        .pair("代理人拠点名", branch.name.as_str())
        .pair("代理人拠点名（略称）", branch.short_name.as_str())
        .pair("管轄地域", branch.region.as_str())
        .pair("記録等事務代行者委託番号", branch.commission_number.as_deref().unwrap_or_default())
}

/// 代理人拠点登録.
pub(super) async fn new(admin: AgentAdministrator, asked: Fields) -> Result<Response> {
    let opened = BRANCHES.opened(&asked);
    Ok(register_form(&opened, &admin, &Fields::default(), &Problems::new(), Markup::default()))
}

fn register_form(
    opened: &Opened,
    admin: &AgentAdministrator,
    typed: &Fields,
    problems: &Problems,
    above: Markup,
) -> Response {
    let status = directory::status(problems, &above);
    opened.form(
        &admin.visit,
        &opened.title("登録"),
        status,
        &Form {
            above,
            problems,
            action: &opened.beside("new"),
            version: None,
            fields: html! {
                (field("code", "代理人拠点ID").required(true).value(typed.get("code")).problems(problems)
                    .ruled(&rules::AGENT_BRANCH_CODE))
                (inputs(typed, problems))
            },
            back: &opened.list(),
        },
    )
}

/// What 登録 and 更新 have in common.
fn inputs(typed: &Fields, problems: &Problems) -> Markup {
    let fields = [
        (&rules::AGENT_BRANCH_NAME, true),
        (&rules::AGENT_BRANCH_SHORT_NAME, true),
        (&rules::AGENT_BRANCH_REGION, false),
        (&rules::COMMISSION_NUMBER, false),
    ];
    html! {
        @for ((name, label), (rule, required)) in FIELDS.into_iter().zip(fields) {
            (field(name, label).required(required).value(typed.get(name)).problems(problems).ruled(rule))
        }
    }
}

/// 確定 of 代理人拠点登録.
pub(super) async fn register(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let opened = BRANCHES.opened(&asked);
    let mut entry = Entry::default();
    let code = entry.required("code", &rules::AGENT_BRANCH_CODE, posted.get("code"));
    let input = AgentBranchInput::check(&mut entry, |name| posted.get(name));
    let (checked, converted) = entry.finish((code, input));
    let typed = filled(&posted, &converted);
    let problems = match checked {
        Ok(_) if !converted.is_empty() => {
            return Ok(register_form(&opened, &admin, &typed, &Problems::new(), directory::converted()));
        }
        Ok((code, input)) => match branches::register(&app, &admin.actor, code, input, posted.once()?).await {
            Ok(id) => {
                return Ok(admin.visit.redirect(&opened.record(id), Banner::ok("代理人拠点を登録しました。")));
            }
            Err(Error::Invalid(problems)) => problems,
            Err(other) => return Err(other.into()),
        },
        Err(problems) => problems,
    };
    Ok(register_form(&opened, &admin, &typed, &problems, Markup::default()))
}

/// 代理人拠点更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentBranchId>,
    asked: Fields,
) -> Result<Response> {
    let branch = branches::view(&app, &admin.actor, id)?;
    let opened = BRANCHES.opened(&asked);
    Ok(edit_form(&opened, &admin, &branch, &stored(&branch), &Problems::new(), Markup::default()))
}

/// The form as the record fills it.
fn stored(branch: &AgentBranch) -> Fields {
    let mut fields = Fields::default();
    fields.push("name", &branch.name);
    fields.push("short_name", &branch.short_name);
    fields.push("region", &branch.region);
    fields.push("commission_number", branch.commission_number.as_deref().unwrap_or_default());
    fields
}

fn edit_form(
    opened: &Opened,
    admin: &AgentAdministrator,
    branch: &AgentBranch,
    typed: &Fields,
    problems: &Problems,
    above: Markup,
) -> Response {
    let status = directory::status(problems, &above);
    opened.form(
        &admin.visit,
        &opened.title("更新"),
        status,
        &Form {
            above,
            problems,
            action: &opened.below(branch.id, "edit"),
            version: Some(branch.version),
            fields: html! {
                (field("code", "代理人拠点ID").value(&branch.code).rule("登録後は変更できません。").fixed())
                (inputs(typed, problems))
            },
            back: &opened.record(branch.id),
        },
    )
}

/// 確定 of 代理人拠点更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentBranchId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let branch = branches::view(&app, &admin.actor, id)?;
    let opened = BRANCHES.opened(&asked);
    let mut entry = Entry::default();
    let input = AgentBranchInput::check(&mut entry, |name| posted.get(name));
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    let made_from = AgentBranch { version: posted.version()?, ..branch };
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match branches::update(&app, &admin.actor, id, made_from.version, input, posted.once()?).await {
            Ok(_) => {
                return Ok(admin.visit.redirect(&opened.record(id), Banner::ok("代理人拠点を更新しました。")));
            }
            Err(Error::Conflict) => {
                let now = branches::view(&app, &admin.actor, id)?;
                let above = directory::conflict(&FIELDS, &stored(&now), &typed);
                return Ok(edit_form(&opened, &admin, &now, &typed, &Problems::new(), above));
            }
            Err(Error::Invalid(problems)) => (problems, Markup::default()),
            Err(other) => return Err(other.into()),
        },
        Err(problems) => (problems, Markup::default()),
    };
    Ok(edit_form(&opened, &admin, &made_from, &typed, &problems, above))
}

/// 代理人拠点削除: what will go, or what keeps it.
pub(super) async fn ask_delete(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentBranchId>,
    asked: Fields,
) -> Result<Response> {
    delete_page(&app, &admin, id, &asked, StatusCode::OK)
}

fn delete_page(
    app: &App,
    admin: &AgentAdministrator,
    id: AgentBranchId,
    asked: &Fields,
    status: StatusCode,
) -> Result<Response> {
    let branch = branches::view(app, &admin.actor, id)?;
    let held = branches::holds(app, &admin.actor, id)?.map(|reason| Held { ways: ways(id, &reason), reason });
    let opened = BRANCHES.opened(asked);
    Ok(opened.ask(
        &admin.visit,
        &opened.title("削除"),
        status,
        &Ask {
            held,
            sentence: "この代理人拠点を削除します。",
            shown: definitions(&branch),
            action: &opened.below(id, "delete"),
            version: branch.version,
            back: &opened.record(id),
            danger: true,
        },
    ))
}

/// To the users of a branch that can't go because of them.
fn ways(id: AgentBranchId, reason: &Reason) -> Markup {
    match reason {
        Reason::AgentBranchInUse { users: 1.., .. } => {
            let users = Fields::default().with("branch", id).on(urls::AGENT_USERS);
            button::link("この拠点のユーザーを表示", &users)
        }
        _ => Markup::default(),
    }
}

/// 確定 of 代理人拠点削除.
pub(super) async fn delete(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentBranchId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    branches::view(&app, &admin.actor, id)?;
    match branches::remove(&app, &admin.actor, id, posted.version()?, posted.once()?).await {
        Ok(_) => {
            let list = BRANCHES.opened(&asked).list();
            Ok(admin.visit.redirect(&list, Banner::ok("代理人拠点を削除しました。")))
        }
        Err(Error::Refused(_)) => delete_page(&app, &admin, id, &asked, StatusCode::CONFLICT),
        Err(other) => Err(other.into()),
    }
}

/// 振興会の一覧から追加.
pub(super) async fn associations(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    asked: Fields,
) -> Result<Response> {
    associations_page(&app, &admin, &asked, &[], &Problems::new())
}

fn associations_page(
    app: &App,
    admin: &AgentAdministrator,
    asked: &Fields,
    chosen: &[u16],
    problems: &Problems,
) -> Result<Response> {
    let opened = BRANCHES.opened(asked);
    let offers = branches::offers(app, &admin.actor)?;
    let columns = ["追加", "運輸局等", "管轄地域", "名称", "代理人拠点ID"].map(Column::new);
    let rows = html! {
        @for offer in &offers {
            @let one = &offer.association;
            tr {
                td .pick {
                    @if offer.taken.is_none() {
                        input type="checkbox" name="number" value=(one.number) checked[chosen.contains(&one.number)] aria-label=(one.name);
                    }
                }
                td { (one.bureau) }
                td { (one.office) }
                td { (one.name) }
                td { @if let Some(id) = offer.taken { a href=(opened.record(id)) { (one.branch_code()) } "（追加済み）" } @else { (one.branch_code()) } }
            }
        }
    };
    let content = html! {
        div #number tabindex="-1" { (table("振興会の一覧", &columns, &rows)) }
        (action_bar(
            &html! {
                @if offers.iter().any(|offer| offer.taken.is_none()) { (button::primary("確定")) }
                (button::link("戻る", &opened.list()))
            },
            &Markup::default(),
        ))
    };
    let body = html! {
        (error_summary(problems))
        div .banner role="note" {
            p { strong { "ここにある団体は、本システムとは関係のない第三者です。" }
                "マニュアルに記載された一覧を、拠点を登録するときの候補として表示しています。チェックを入れた団体だけを、この代理人の拠点として追加します。" }
        }
        (form::post(&admin.visit, &opened.beside("associations"), &content))
    };
    let status = directory::status(problems, &Markup::default());
    Ok((status, admin.visit.page("振興会の一覧から追加", BRANCHES.here(), &body)).into_response())
}

/// 確定 of 振興会の一覧から追加.
pub(super) async fn take(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let chosen: Vec<u16> = posted.ids("number");
    match form::problems(branches::take(&app, &admin.actor, chosen.clone(), posted.once()?).await)? {
        Ok(count) => {
            let banner = Banner::ok(format!("代理人拠点を{count}件追加しました。"));
            Ok(admin.visit.redirect(&BRANCHES.opened(&asked).list(), banner))
        }
        Err(problems) => associations_page(&app, &admin, &asked, &chosen, &problems),
    }
}
