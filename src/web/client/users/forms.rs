//! 依頼人担当者ユーザー登録, 依頼人拠点管理者ユーザー登録, and 更新 of each kind of user.

use super::{ALL_BRANCHES, USERS, noun, require};
use crate::app::{App, Shared};
use crate::domain::administration::{STAFF_ROLES, Task};
use crate::domain::ids::UserId;
use crate::domain::problem::Problems;
use crate::domain::role::ClientRole;
use crate::domain::rules::{self, Entry};
use crate::domain::{administration, password};
use crate::service::administration::branches;
use crate::service::administration::users::{self, NewUser, UserInput, UserView};
use crate::service::error::Error;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const NOTE: &str =
    "依頼人拠点を選ぶと、その拠点のデータだけを扱えます。「すべての拠点」のときは、すべての拠点のデータを扱えます。";

/// 依頼人担当者ユーザー登録.
pub(in crate::web::client) async fn new_staff(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
) -> Result<Response> {
    let typed = Fields::default().with("role", ClientRole::StaffMaySend.key());
    let (problems, above) = (Problems::new(), Markup::default());
    register_form(&app, &admin, ClientRole::StaffMaySend, &asked, &typed, &problems, &above)
}

/// 依頼人拠点管理者ユーザー登録.
pub(in crate::web::client) async fn new_manager(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
) -> Result<Response> {
    let (typed, problems, above) = (Fields::default(), Problems::new(), Markup::default());
    register_form(&app, &admin, ClientRole::BranchManager, &asked, &typed, &problems, &above)
}

fn register_form(
    app: &App,
    admin: &ClientAdministrator,
    role: ClientRole,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Result<Response> {
    require(admin, Task::AddUser(role, admin.actor.branch()))?;
    let opened = USERS.opened(asked);
    let status = directory::status(problems, above);
    let above = html! { (above) p .lead { (NOTE) } };
    let branch = branch_field(app, admin, typed, problems)?;
    Ok(opened.form(
        &admin.visit,
        &format!("{}登録", noun(role)),
        status,
        &Form {
            above,
            problems,
            action: &opened.beside(if role.is_staff() { "new" } else { "new-manager" }),
            version: None,
            fields: html! {
                (field("login_id", "ログインID").required(true).value(typed.get("login_id")).problems(problems)
                    .ruled(&rules::LOGIN_ID))
                (name_field(typed, problems))
                (field("password", "パスワード").required(true).rule(password::RULE).problems(problems)
                    .password("new-password"))
                (field("password_again", "パスワード（確認）").required(true)
                    .rule("確認のため、もう一度入力してください。最初のログインのときに、本人が新しいパスワードを設定します。")
                    .problems(problems).password("new-password"))
                (branch)
                @if role.is_staff() { (role_field(typed, problems)) }
            },
            back: &opened.list(),
        },
    ))
}

fn name_field(typed: &Fields, problems: &Problems) -> Markup {
    field("name", "ユーザー名").required(true).value(typed.get("name")).problems(problems).ruled(&rules::USER_NAME)
}

fn role_field(typed: &Fields, problems: &Problems) -> Markup {
    field("role", "権限")
        .required(true)
        .rule("担当者（送信可）は代理人に送信できます。担当者（送信不可）は入力と照会だけができます。")
        .value(typed.get("role"))
        .problems(problems)
        .select(None, STAFF_ROLES.map(|role| (role.key(), role.label())))
}

/// 依頼人拠点; who administers one branch has no other choice.
fn branch_field(app: &App, admin: &ClientAdministrator, typed: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let options: Vec<(String, String)> = branches::all(app, &admin.actor)?
        .into_iter()
        .map(|branch| (branch.id.to_string(), branch.short_name))
        .collect();
    let blank = administration::within(&admin.actor, None).then_some(ALL_BRANCHES);
    Ok(field("branch", "依頼人拠点")
        .value(typed.get("branch"))
        .problems(problems)
        .select(blank, options.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
}

/// 確定 of 依頼人担当者ユーザー登録.
pub(in crate::web::client) async fn register_staff(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    register(&app, &admin, ClientRole::StaffMaySend, &asked, &posted).await
}

/// 確定 of 依頼人拠点管理者ユーザー登録.
pub(in crate::web::client) async fn register_manager(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    register(&app, &admin, ClientRole::BranchManager, &asked, &posted).await
}

async fn register(
    app: &App,
    admin: &ClientAdministrator,
    role: ClientRole,
    asked: &Fields,
    posted: &Posted,
) -> Result<Response> {
    let mut entry = Entry::default();
    let raw = |name: &str| posted.raw(name).unwrap_or_default();
    let typed = |name: &str| if name == "password" { raw(name) } else { posted.get(name) };
    let new = NewUser::check(&mut entry, role, typed, raw("password_again"));
    let (checked, converted) = entry.finish(new);
    let shown = filled(posted, &converted);
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(new) => match users::register(app, &admin.actor, new, posted.once()?).await {
            Ok(id) => {
                let said = Banner::ok("ユーザーを登録しました。")
                    .with_lines(["ログインIDと、入力したパスワードを本人に伝えてください。".to_owned()]);
                return Ok(admin.visit.redirect(&USERS.opened(asked).record(id), said));
            }
            Err(Error::Invalid(problems)) => (problems, Markup::default()),
            Err(other) => return Err(other.into()),
        },
        Err(problems) => (problems, Markup::default()),
    };
    let above = html! {
        (above)
        p .rule { "パスワードは画面に残していません。もう一度入力してください。" }
    };
    register_form(app, admin, role, asked, &shown, &problems, &above)
}

/// 更新.
pub(in crate::web::client) async fn edit(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = changeable(&app, &admin, id)?;
    let typed = stored(&view);
    edit_form(&app, &admin, &view, &asked, &typed, &Problems::new(), &Markup::default())
}

fn changeable(app: &App, admin: &ClientAdministrator, id: UserId) -> Result<UserView, Error> {
    let view = users::view(app, &admin.actor, id)?;
    require(admin, Task::ChangeUser(view.subject))?;
    Ok(view)
}

/// The form as the record fills it.
fn stored(view: &UserView) -> Fields {
    Fields::default()
        .with("name", &view.user.name)
        .with("branch", view.subject.branch.map(|branch| branch.to_string()).unwrap_or_default())
        .with("role", view.subject.role.key())
}

/// The same in words, for what differs after somebody else was quicker.
fn in_words(app: &App, admin: &ClientAdministrator, fields: &Fields) -> Result<Fields, Error> {
    let chosen = fields.get("branch");
    let branch = branches::all(app, &admin.actor)?
        .into_iter()
        .find(|branch| branch.id.to_string() == chosen)
        .map_or_else(|| ALL_BRANCHES.to_owned(), |branch| branch.short_name);
    let role = ClientRole::ALL.into_iter().find(|role| role.key() == fields.get("role"));
    Ok(fields.with("branch", branch).with("role", role.map_or("", ClientRole::label)))
}

fn edit_form(
    app: &App,
    admin: &ClientAdministrator,
    view: &UserView,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Result<Response> {
    let opened = USERS.opened(asked);
    let (id, role) = (view.user.id, view.subject.role);
    let has_branch = role != ClientRole::Administrator;
    let status = directory::status(problems, above);
    let branch = if has_branch { branch_field(app, admin, typed, problems)? } else { Markup::default() };
    Ok(opened.form(
        &admin.visit,
        &format!("{}更新", noun(role)),
        status,
        &Form {
            above: html! { (above) @if has_branch { p .lead { (NOTE) } } },
            problems,
            action: &opened.below(id, "edit"),
            version: Some(view.user.version),
            fields: html! {
                (field("login", "ログインID").value(&view.user.login_id).rule("登録後は変更できません。").fixed())
                (name_field(typed, problems))
                (branch)
                @if role.is_staff() { (role_field(typed, problems)) }
            },
            back: &opened.record(id),
        },
    ))
}

/// 確定 of 更新.
pub(in crate::web::client) async fn update(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut view = changeable(&app, &admin, id)?;
    view.user.version = posted.version()?;
    let mut entry = Entry::default();
    let input = UserInput::check(&mut entry, view.subject.role, |name| posted.get(name));
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match users::update(&app, &admin.actor, id, view.user.version, input, posted.once()?).await {
            Ok(_) => {
                let to = USERS.opened(&asked).record(id);
                return Ok(admin.visit.redirect(&to, Banner::ok("ユーザーを更新しました。")));
            }
            Err(Error::Conflict) => {
                view = changeable(&app, &admin, id)?;
                let labels = [("name", "ユーザー名"), ("branch", "依頼人拠点"), ("role", "権限")];
                let labels = if view.subject.role.is_staff() { &labels[..] } else { &labels[..2] };
                let now = in_words(&app, &admin, &stored(&view))?;
                let mine = in_words(&app, &admin, &typed)?;
                (Problems::new(), directory::conflict(labels, &now, &mine))
            }
            Err(Error::Invalid(problems)) => (problems, Markup::default()),
            Err(other) => return Err(other.into()),
        },
        Err(problems) => (problems, Markup::default()),
    };
    edit_form(&app, &admin, &view, &asked, &typed, &problems, &above)
}
