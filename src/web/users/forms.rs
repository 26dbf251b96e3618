//! 登録 of 担当者 and 拠点管理者, and 更新 of each kind of user.

use super::{ALL_BRANCHES, Office, RoleOf, Shown, branch_label, noun, require, side};
use crate::app::{App, Shared};
use crate::domain::administration::{Keeper, UserTask, within};
use crate::domain::ids::UserId;
use crate::domain::password;
use crate::domain::problem::Problems;
use crate::domain::role::{Rank, Role};
use crate::domain::rules::{self, Entry};
use crate::service::administration::users::{self, NewUser, UserInput, chooses_role};
use crate::service::error::Error;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

fn note<V: Office>() -> String {
    format!(
        "{}を選ぶと、その拠点のデータだけを扱えます。「{ALL_BRANCHES}」のときは、すべての拠点のデータを扱えます。",
        branch_label::<V>()
    )
}

/// The role that a form of this rank starts with.
fn first<V: Office>(rank: Rank) -> Result<RoleOf<V>, Error> {
    RoleOf::<V>::all().iter().copied().find(|role| role.rank() == rank).ok_or(Error::NotFound)
}

/// 登録 of 担当者.
pub(in crate::web) async fn new_staff<V: Office>(
    State(app): State<Shared>,
    admin: V,
    asked: Fields,
) -> Result<Response> {
    let role = first::<V>(Rank::Staff)?;
    let typed = Fields::default().with("role", role.key());
    let (problems, above) = (Problems::new(), Markup::default());
    register_form(&app, &admin, role, &asked, &typed, &problems, &above)
}

/// 登録 of 拠点管理者.
pub(in crate::web) async fn new_manager<V: Office>(
    State(app): State<Shared>,
    admin: V,
    asked: Fields,
) -> Result<Response> {
    let (typed, problems, above) = (Fields::default(), Problems::new(), Markup::default());
    let role = first::<V>(Rank::BranchManager)?;
    register_form(&app, &admin, role, &asked, &typed, &problems, &above)
}

fn register_form<V: Office>(
    app: &App,
    admin: &V,
    role: RoleOf<V>,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Result<Response> {
    require(admin, UserTask::Add(role, Keeper::branch(admin.actor())))?;
    let opened = V::USERS.opened(asked);
    let status = directory::status(problems, above);
    let above = html! { (above) p .lead { (note::<V>()) } };
    let branch = branch_field(app, admin, typed, problems)?;
    Ok(opened.form(
        admin.visit(),
        &format!("{}登録", noun::<V>(role.rank())),
        status,
        &Form {
            above,
            problems,
            action: &opened.beside(if role.rank() == Rank::Staff { "new" } else { "new-manager" }),
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
                @if chooses_role(role) { (role_field::<V>(typed, problems)) }
            },
            back: &opened.list(),
        },
    ))
}

fn name_field(typed: &Fields, problems: &Problems) -> Markup {
    field("name", "ユーザー名").required(true).value(typed.get("name")).problems(problems).ruled(&rules::USER_NAME)
}

fn role_field<V: Office>(typed: &Fields, problems: &Problems) -> Markup {
    field("role", "権限")
        .required(true)
        .rule("担当者（送信可）は代理人に送信できます。担当者（送信不可）は入力と照会だけができます。")
        .value(typed.get("role"))
        .problems(problems)
        .select(None, RoleOf::<V>::staff().map(|role| (role.key(), role.label())))
}

/// The branch; who administers one branch has no other choice.
fn branch_field<V: Office>(app: &App, admin: &V, typed: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let options: Vec<(String, String)> = users::places(app, admin.actor())?
        .into_iter()
        .map(|branch| (branch.id.to_string(), branch.short_name))
        .collect();
    let blank = within(admin.actor(), None).then_some(ALL_BRANCHES);
    Ok(field("branch", &branch_label::<V>())
        .value(typed.get("branch"))
        .problems(problems)
        .select(blank, options.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
}

/// 確定 of 登録 of 担当者.
pub(in crate::web) async fn register_staff<V: Office>(
    State(app): State<Shared>,
    admin: V,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    register(&app, &admin, first::<V>(Rank::Staff)?, &asked, &posted).await
}

/// 確定 of 登録 of 拠点管理者.
pub(in crate::web) async fn register_manager<V: Office>(
    State(app): State<Shared>,
    admin: V,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    register(&app, &admin, first::<V>(Rank::BranchManager)?, &asked, &posted).await
}

async fn register<V: Office>(
    app: &App,
    admin: &V,
    role: RoleOf<V>,
    asked: &Fields,
    posted: &Posted,
) -> Result<Response> {
    let mut entry = Entry::default();
    let raw = |name: &str| posted.raw(name).unwrap_or_default();
    let typed = |name: &str| if name == "password" { raw(name) } else { posted.get(name) };
    let new = NewUser::check(&mut entry, side::<V>(), role, typed, raw("password_again"));
    let (checked, converted) = entry.finish(new);
    let shown = filled(posted, &converted);
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(new) => match users::register(app, admin.actor(), new, posted.once()?).await {
            Ok(id) => {
                let said = Banner::ok("ユーザーを登録しました。")
                    .with_lines(["ログインIDと、入力したパスワードを本人に伝えてください。".to_owned()]);
                return Ok(admin.visit().redirect(&V::USERS.opened(asked).record(id), said));
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
pub(in crate::web) async fn edit<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = changeable(&app, &admin, id)?;
    let typed = stored::<V>(&view);
    edit_form(&app, &admin, &view, &asked, &typed, &Problems::new(), &Markup::default())
}

fn changeable<V: Office>(app: &App, admin: &V, id: UserId) -> Result<Shown<V>, Error> {
    let view = users::view(app, admin.actor(), id)?;
    require(admin, UserTask::Change(view.subject))?;
    Ok(view)
}

/// The form as the record fills it.
fn stored<V: Office>(view: &Shown<V>) -> Fields {
    Fields::default()
        .with("name", &view.user.name)
        .with("branch", view.subject.branch.map(|branch| branch.to_string()).unwrap_or_default())
        .with("role", view.subject.role.key())
}

/// The same in words, for what differs after somebody else was quicker.
fn in_words<V: Office>(app: &App, admin: &V, fields: &Fields) -> Result<Fields, Error> {
    let chosen = fields.get("branch");
    let branch = users::places(app, admin.actor())?
        .into_iter()
        .find(|branch| branch.id.to_string() == chosen)
        .map_or_else(|| ALL_BRANCHES.to_owned(), |branch| branch.short_name);
    let role = RoleOf::<V>::all().iter().find(|role| role.key() == fields.get("role"));
    Ok(fields.with("branch", branch).with("role", role.map_or("", |role| role.label())))
}

fn edit_form<V: Office>(
    app: &App,
    admin: &V,
    view: &Shown<V>,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Result<Response> {
    let opened = V::USERS.opened(asked);
    let (id, role) = (view.user.id, view.subject.role);
    let has_branch = role.rank() != Rank::Administrator;
    let status = directory::status(problems, above);
    let branch = if has_branch { branch_field(app, admin, typed, problems)? } else { Markup::default() };
    Ok(opened.form(
        admin.visit(),
        &format!("{}更新", noun::<V>(role.rank())),
        status,
        &Form {
            above: html! { (above) @if has_branch { p .lead { (note::<V>()) } } },
            problems,
            action: &opened.below(id, "edit"),
            version: Some(view.user.version),
            fields: html! {
                (field("login", "ログインID").value(&view.user.login_id).rule("登録後は変更できません。").fixed())
                (name_field(typed, problems))
                (branch)
                @if chooses_role(role) { (role_field::<V>(typed, problems)) }
            },
            back: &opened.record(id),
        },
    ))
}

/// 確定 of 更新.
pub(in crate::web) async fn update<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut view = changeable(&app, &admin, id)?;
    view.user.version = posted.version()?;
    let mut entry = Entry::default();
    let input = UserInput::check(&mut entry, side::<V>(), view.subject.role, |name| posted.get(name));
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match users::update(&app, admin.actor(), id, view.user.version, input, posted.once()?).await {
            Ok(_) => {
                let to = V::USERS.opened(&asked).record(id);
                return Ok(admin.visit().redirect(&to, Banner::ok("ユーザーを更新しました。")));
            }
            Err(Error::Conflict) => {
                view = changeable(&app, &admin, id)?;
                let branch = branch_label::<V>();
                let labels = [("name", "ユーザー名"), ("branch", branch.as_str()), ("role", "権限")];
                let labels = if chooses_role(view.subject.role) { &labels[..] } else { &labels[..2] };
                let now = in_words(&app, &admin, &stored::<V>(&view))?;
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
