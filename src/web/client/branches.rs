//! 依頼人拠点: 検索, 照会, 登録, 更新, 削除 (client guide P5–7, P13; inspection manual P16–18, P28–30). Staff see 照会 of
//! their branches, from their requests.

use crate::app::{App, Shared};
use crate::domain::administration::{Task, may};
use crate::domain::ids::BranchId;
use crate::domain::organization::Branch;
use crate::domain::problem::Problems;
use crate::domain::report::{Report, Reported};
use crate::domain::role::Application;
use crate::domain::rules::{self, Entry};
use crate::service::administration::branches::{self, BranchInput, BranchView, Wanted};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

static BRANCHES: Directory = Directory {
    noun: "依頼人拠点",
    menu: Menu::ClientBranches,
    path: urls::CLIENT_BRANCHES,
    conditions: &["code", "name", "short_name", "commission_number"],
};

const COLUMNS: [Column<'_>; 4] = [
    Column::new("依頼人拠点コード"),
    Column::new("依頼人拠点名"),
    Column::new("依頼人拠点名（略称）"),
    Column::new("記録等事務代行者委託番号"),
];

/// Labels of what a form takes, by the names of its fields.
const FIELDS: [(&str, &str); 3] = [
    ("name", "依頼人拠点名"),
    ("short_name", "依頼人拠点名（略称）"),
    ("commission_number", "記録等事務代行者委託番号"),
];

/// 依頼人拠点検索.
pub(super) async fn search(State(app): State<Shared>, admin: ClientAdministrator, asked: Fields) -> Result<Markup> {
    let opened = BRANCHES.opened(&asked);
    let wanted = Wanted {
        code: opened.asked("code"),
        name: opened.asked("name"),
        short_name: opened.asked("short_name"),
        commission_number: opened.asked("commission_number"),
    };
    let found = branches::search(&app, &admin.actor, &wanted)?;
    let row = |branch: &Branch| {
        html! {
            (opened.key(branch.id, &branch.code))
            td .name { (branch.name) }
            td { (branch.short_name) }
            td { (branch.commission_number.as_deref().unwrap_or("―")) }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: html! {
                @for column in COLUMNS.iter().zip(BRANCHES.conditions) {
                    (field(column.1, column.0.label).value(opened.asked(column.1)).text(40))
                }
            },
            columns: &COLUMNS,
            found,
            row: &row,
            actions: html! {
                @if may(&admin.actor, Task::AddBranch) {
                    (button::primary_link(&opened.title("登録"), &opened.beside("new")))
                }
            },
        },
    ))
}

/// 依頼人拠点照会.
pub(super) async fn show(
    State(app): State<Shared>,
    user: ClientUser,
    Id(id): Id<BranchId>,
    asked: Fields,
) -> Result<Response> {
    let BranchView { branch, reports } = branches::view(&app, &user.actor, id)?;
    let opened = BRANCHES.opened(&asked);
    let blocks = html! {
        section .card #head { (definitions(&branch).render()) }
        @if !reports.is_empty() {
            section .card #reports {
                h2 { "変更の記録" }
                p .rule { "拠点の登録・更新・削除は、システムの運営者と代理人への報告として記録されます。" }
                (report_list(&reports))
            }
        }
    };
    if user.actor.role().is_staff() {
        let back = urls::inside(Application::Client, asked.get("back"));
        let body = html! { (blocks) (action_bar(&button::link("戻る", &back), &html! {})) };
        return Ok(user.visit.page("依頼人拠点照会", Here::NONE, &body).into_response());
    }
    let actions = html! {
        @if may(&user.actor, Task::ChangeBranch(id)) {
            (button::primary_link(&opened.title("更新"), &opened.below(id, "edit")))
        }
        @if may(&user.actor, Task::RemoveBranch) {
            (button::danger_link(&opened.title("削除"), &opened.below(id, "delete")))
        }
    };
    Ok(opened.show(&user.visit, &blocks, &actions).into_response())
}

fn definitions(branch: &Branch) -> Definitions {
    Definitions::new()
        .pair("依頼人拠点コード", branch.code.as_str())
        .pair("依頼人拠点名", branch.name.as_str())
        .pair("依頼人拠点名（略称）", branch.short_name.as_str())
        .pair("記録等事務代行者委託番号", branch.commission_number.as_deref().unwrap_or_default())
}

fn report_list(reports: &[Report]) -> Markup {
    html! {
        ol .history {
            @for report in reports {
                li {
                    span .at { (report.at) }
                    div {
                        p { span .side { (report.by_name) } strong { (report.what.label()) } }
                        @if let Reported::BranchChanged(_, parts) = &report.what {
                            p .more-of { "変更した項目：" (parts.iter().map(|part| part.label()).collect::<Vec<_>>().join("、")) }
                        }
                    }
                }
            }
        }
    }
}

/// 依頼人拠点登録.
pub(super) async fn new(admin: ClientAdministrator, asked: Fields) -> Result<Response> {
    let opened = BRANCHES.opened(&asked);
    Ok(register_form(&opened, &admin, &Fields::default(), &Problems::new(), Markup::default()))
}

fn register_form(
    opened: &Opened,
    admin: &ClientAdministrator,
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
                (field("code", "依頼人拠点コード").required(true).value(typed.get("code")).problems(problems)
                    .ruled(&rules::BRANCH_CODE))
                (inputs(typed, problems))
            },
            back: &opened.list(),
        },
    )
}

/// What 登録 and 更新 have in common.
fn inputs(typed: &Fields, problems: &Problems) -> Markup {
    let fields = [(&rules::BRANCH_NAME, true), (&rules::BRANCH_SHORT_NAME, true), (&rules::COMMISSION_NUMBER, false)];
    html! {
        @for ((name, label), (rule, required)) in FIELDS.into_iter().zip(fields) {
            (field(name, label).required(required).value(typed.get(name)).problems(problems).ruled(rule))
        }
    }
}

/// 確定 of 依頼人拠点登録.
pub(super) async fn register(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let opened = BRANCHES.opened(&asked);
    let mut entry = Entry::default();
    let code = entry.required("code", &rules::BRANCH_CODE, posted.get("code"));
    let input = BranchInput::check(&mut entry, |name| posted.get(name));
    let (checked, converted) = entry.finish((code, input));
    let typed = filled(&posted, &converted);
    let problems = match checked {
        Ok(_) if !converted.is_empty() => {
            return Ok(register_form(&opened, &admin, &typed, &Problems::new(), directory::converted()));
        }
        Ok((code, input)) => match branches::register(&app, &admin.actor, code, input, posted.once()?).await {
            Ok(id) => {
                return Ok(admin.visit.redirect(&opened.record(id), Banner::ok("依頼人拠点を登録しました。")));
            }
            Err(Error::Invalid(problems)) => problems,
            Err(other) => return Err(other.into()),
        },
        Err(problems) => problems,
    };
    Ok(register_form(&opened, &admin, &typed, &problems, Markup::default()))
}

/// 依頼人拠点更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<BranchId>,
    asked: Fields,
) -> Result<Response> {
    let branch = changeable(&app, &admin, id)?;
    let opened = BRANCHES.opened(&asked);
    Ok(edit_form(&opened, &admin, &branch, &stored(&branch), &Problems::new(), Markup::default()))
}

fn changeable(app: &App, admin: &ClientAdministrator, id: BranchId) -> Result<Branch, Error> {
    let branch = branches::view(app, &admin.actor, id)?.branch;
    if may(&admin.actor, Task::ChangeBranch(id)) { Ok(branch) } else { Err(Error::Forbidden) }
}

/// The form as the record fills it.
fn stored(branch: &Branch) -> Fields {
    let mut fields = Fields::default();
    fields.push("name", &branch.name);
    fields.push("short_name", &branch.short_name);
    fields.push("commission_number", branch.commission_number.as_deref().unwrap_or_default());
    fields
}

fn edit_form(
    opened: &Opened,
    admin: &ClientAdministrator,
    branch: &Branch,
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
                (field("code", "依頼人拠点コード").value(&branch.code).rule("登録後は変更できません。").fixed())
                (inputs(typed, problems))
            },
            back: &opened.record(branch.id),
        },
    )
}

/// 確定 of 依頼人拠点更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<BranchId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let branch = changeable(&app, &admin, id)?;
    let opened = BRANCHES.opened(&asked);
    let mut entry = Entry::default();
    let input = BranchInput::check(&mut entry, |name| posted.get(name));
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    // The form comes back as it was made: what happened to the record meanwhile is told at the last step.
    let made_from = Branch { version: posted.version()?, ..branch };
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match branches::update(&app, &admin.actor, id, made_from.version, input, posted.once()?).await {
            Ok(_) => {
                return Ok(admin.visit.redirect(&opened.record(id), Banner::ok("依頼人拠点を更新しました。")));
            }
            Err(Error::Conflict) => {
                let now = changeable(&app, &admin, id)?;
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

/// 依頼人拠点削除: what will go, or what keeps it.
pub(super) async fn ask_delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<BranchId>,
    asked: Fields,
) -> Result<Response> {
    delete_page(&app, &admin, id, &asked, StatusCode::OK)
}

fn delete_page(
    app: &App,
    admin: &ClientAdministrator,
    id: BranchId,
    asked: &Fields,
    status: StatusCode,
) -> Result<Response> {
    let branch = branches::view(app, &admin.actor, id)?.branch;
    let held = branches::holds(app, &admin.actor, id)?.map(|reason| Held { ways: ways(id, &reason), reason });
    let opened = BRANCHES.opened(asked);
    Ok(opened.ask(
        &admin.visit,
        &opened.title("削除"),
        status,
        &Ask {
            held,
            sentence: "この依頼人拠点を削除します。",
            shown: definitions(&branch),
            action: &opened.below(id, "delete"),
            version: branch.version,
            back: &opened.record(id),
            danger: true,
        },
    ))
}

/// To the users of a branch that can't go because of them.
fn ways(id: BranchId, reason: &Reason) -> Markup {
    match reason {
        Reason::BranchInUse { users, .. } if !users.is_empty() => {
            let users = Fields::default().with("branch", id).on(urls::CLIENT_USERS);
            button::link("この拠点のユーザーを表示", &users)
        }
        _ => Markup::default(),
    }
}

/// 確定 of 依頼人拠点削除.
pub(super) async fn delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<BranchId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    match branches::remove(&app, &admin.actor, id, posted.version().ok(), posted.once()?).await {
        Ok(_) => {
            let list = BRANCHES.opened(&asked).list();
            Ok(admin.visit.redirect(&list, Banner::ok("依頼人拠点を削除しました。")))
        }
        Err(Error::Refused(_)) => delete_page(&app, &admin, id, &asked, StatusCode::CONFLICT),
        Err(other) => Err(other.into()),
    }
}
