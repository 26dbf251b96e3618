//! 依頼人ユーザー: 検索, 照会, パスワード再設定, 削除 (client guide P8–11; inspection manual P19–23).

pub(super) mod forms;

use crate::app::Shared;
use crate::domain::administration::{Task, may};
use crate::domain::ids::UserId;
use crate::domain::role::ClientRole;
use crate::domain::user::PasswordState;
use crate::service::administration::branches;
use crate::service::administration::users::{self, RESET_HOURS, Restored, UserView, Wanted};
use crate::service::error::Error;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

static USERS: Directory = Directory {
    noun: "依頼人ユーザー",
    menu: Menu::ClientUsers,
    path: urls::CLIENT_USERS,
    conditions: &["login_id", "name", "branch", "role"],
};

const COLUMNS: [Column<'_>; 5] = [
    Column::new("ログインID"),
    Column::new("ユーザー名"),
    Column::new("依頼人拠点"),
    Column::new("権限"),
    Column::new("最終ログイン日時"),
];

/// What stands for no branch of one's own.
const ALL_BRANCHES: &str = "すべての拠点";

/// The noun of titles and buttons: each kind of user has its own.
fn noun(role: ClientRole) -> &'static str {
    match role {
        ClientRole::Administrator => "依頼人管理者ユーザー",
        ClientRole::BranchManager => "依頼人拠点管理者ユーザー",
        ClientRole::StaffMaySend | ClientRole::StaffMayNotSend => "依頼人担当者ユーザー",
    }
}

/// 依頼人ユーザー検索.
pub(in crate::web::client) async fn search(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    asked: Fields,
) -> Result<Markup> {
    let opened = USERS.opened(&asked);
    let roles: Vec<ClientRole> =
        ClientRole::ALL.into_iter().filter(|role| opened.asked_all("role").any(|key| key == role.key())).collect();
    let wanted = Wanted {
        login_id: opened.asked("login_id"),
        name: opened.asked("name"),
        branch: opened.asked("branch").parse().ok(),
        roles: roles.clone(),
    };
    let found = users::search(&app, &admin.actor, &wanted)?;
    let options: Vec<(String, String)> = branches::all(&app, &admin.actor)?
        .into_iter()
        .map(|branch| (branch.id.to_string(), branch.short_name))
        .collect();
    let row = |view: &UserView| {
        html! {
            (opened.key(view.user.id, &view.user.login_id))
            td .name { (view.user.name) }
            td { (view.branch.as_ref().map_or(ALL_BRANCHES, |branch| branch.short_name.as_str())) }
            td { (view.subject.role.label()) }
            td { @if let Some(at) = view.user.last_sign_in { (at) } @else { "―" } }
        }
    };
    let staff = ClientRole::StaffMaySend;
    let add = |role| may(&admin.actor, Task::AddUser(role, admin.actor.branch()));
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: html! {
                (field("login_id", "ログインID").value(opened.asked("login_id")).text(32))
                (field("name", "ユーザー名").value(opened.asked("name")).text(10))
                (field("branch", "依頼人拠点").value(opened.asked("branch"))
                    .select(Some(""), options.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
                (field("role", "権限").span(12)
                    .checks(ClientRole::ALL.map(|role| (role.key(), role.label(), roles.contains(&role)))))
            },
            columns: &COLUMNS,
            found,
            row: &row,
            actions: html! {
                @if add(staff) {
                    (button::primary_link(&format!("{}登録", noun(staff)), &opened.beside("new")))
                }
                @if add(ClientRole::BranchManager) {
                    (button::link(&format!("{}登録", noun(ClientRole::BranchManager)), &opened.beside("new-manager")))
                }
            },
        },
    ))
}

/// 依頼人ユーザー照会. After a reset with a password of its own this page shows it, once.
pub(in crate::web::client) async fn show(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, &admin.actor, id)?;
    let opened = USERS.opened(&asked);
    let blocks = html! { section .card #head { (definitions(&view, true).render()) } };
    let noun = noun(view.subject.role);
    let actions = html! {
        @if may(&admin.actor, Task::ChangeUser(view.subject)) {
            (button::primary_link(&format!("{noun}更新"), &opened.below(id, "edit")))
        }
        @if may(&admin.actor, Task::ResetPassword(view.subject)) {
            (button::link("依頼人ユーザーパスワード再設定", &opened.below(id, "reset-password")))
        }
        @if may(&admin.actor, Task::RemoveUser(view.subject)) {
            (button::danger_link(&format!("{noun}削除"), &opened.below(id, "delete")))
        }
    };
    let page = opened.show(&admin.visit, &blocks, &actions);
    let secret = admin.visit.inner().banner.as_ref().is_some_and(|banner| banner.secret);
    Ok(if secret { form::secret(page) } else { page.into_response() })
}

/// What pages show of a user; without the times where they do not matter.
fn definitions(view: &UserView, times: bool) -> Definitions {
    let UserView { user, subject, branch } = view;
    let mut pairs = Definitions::new()
        .pair("ログインID", user.login_id.as_str())
        .pair("ユーザー名", user.name.as_str())
        .pair("依頼人拠点", branch.as_ref().map_or(ALL_BRANCHES, |branch| branch.name.as_str()));
    if times {
        pairs = pairs
            .pair("パスワード有効期限", expiry(&user.password_state))
            .pair("最終ログイン日時", user.last_sign_in.map(|at| at.to_string()).unwrap_or_default());
    }
    pairs.pair("権限", subject.role.label())
}

fn expiry(state: &PasswordState) -> String {
    match state {
        PasswordState::Initial { used: true, .. } => "初期パスワード（使用済み）".to_owned(),
        PasswordState::Initial { until, .. } => format!("{until}（初期パスワード）"),
        PasswordState::Chosen { expires: Some(expires), .. } => expires.day().to_string(),
        PasswordState::Chosen { expires: None, .. } => "期限なし".to_owned(),
    }
}

/// 依頼人ユーザーパスワード再設定.
pub(in crate::web::client) async fn ask_reset(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, &admin.actor, id)?;
    require(&admin, Task::ResetPassword(view.subject))?;
    let opened = USERS.opened(&asked);
    Ok(opened.ask(
        &admin.visit,
        "依頼人ユーザーパスワード再設定",
        StatusCode::OK,
        &Ask {
            above: Markup::default(),
            sentence: "このユーザーのパスワードを初期化します。使用中の画面はログアウトされます。",
            shown: definitions(&view, false),
            action: &opened.below(id, "reset-password"),
            version: view.user.version,
            back: &opened.record(id),
            danger: false,
        },
    ))
}

/// 確定 of 依頼人ユーザーパスワード再設定.
pub(in crate::web::client) async fn reset(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let restored = users::reset_password(&app, &admin.actor, id, posted.version().ok(), posted.once()?).await?;
    let until = format!("{RESET_HOURS}時間以内に一度だけログインでき、続けて新しいパスワードの設定が必要です。");
    let done = Banner::ok("パスワードを再設定しました。");
    let banner = match restored {
        Restored::Notice => done.with_lines([format!("「利用登録通知書」に記載の初期パスワードで、{until}")]),
        Restored::OneTime(word) => done
            .with_lines([
                format!("新しいパスワード：{}", word.reveal()),
                format!("このパスワードは今だけ表示します。本人に伝えてください。{until}"),
            ])
            .once_only(),
        Restored::Before => done.with_lines(["この画面からの再設定は、すでに済んでいます。".to_owned()]),
    };
    Ok(admin.visit.redirect(&USERS.opened(&asked).record(id), banner))
}

/// 削除 of a user.
pub(in crate::web::client) async fn ask_delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, &admin.actor, id)?;
    require(&admin, Task::RemoveUser(view.subject))?;
    let opened = USERS.opened(&asked);
    Ok(opened.ask(
        &admin.visit,
        &format!("{}削除", noun(view.subject.role)),
        StatusCode::OK,
        &Ask {
            above: Markup::default(),
            sentence: "このユーザーを削除します。使用中の画面はログアウトされ、以後ログインできません。",
            shown: definitions(&view, true),
            action: &opened.below(id, "delete"),
            version: view.user.version,
            back: &opened.record(id),
            danger: true,
        },
    ))
}

/// 確定 of 削除.
pub(in crate::web::client) async fn delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    users::remove(&app, &admin.actor, id, posted.version().ok(), posted.once()?).await?;
    Ok(admin.visit.redirect(&USERS.opened(&asked).list(), Banner::ok("ユーザーを削除しました。")))
}

fn require(admin: &ClientAdministrator, task: Task) -> Result<(), Error> {
    if may(&admin.actor, task) { Ok(()) } else { Err(Error::Forbidden) }
}
