//! 依頼人ユーザー and 代理人ユーザー: 検索, 照会, パスワード再設定, 削除 (client guide P8–11; inspection manual P19–23). The
//! pages of both applications are these; an [`Office`] says what differs.

pub(super) mod forms;

use crate::app::Shared;
use crate::domain::actor::{AgentActor, ClientActor};
use crate::domain::administration::{Keeper, UserTask, may_keep};
use crate::domain::ids::UserId;
use crate::domain::role::{Rank, Role};
use crate::domain::user::PasswordState;
use crate::service::administration::users::{self, RESET_HOURS, Restored, ViewOf, Wanted};
use crate::service::error::Error;
use crate::web::kit::error::Failure;
use crate::web::kit::prelude::*;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An application's administrators at the pages of their users.
pub(super) trait Office: FromRequestParts<Shared, Rejection = Failure> + Send + Sync + 'static {
    /// Who acts.
    type Actor: users::Office;
    /// Its list.
    const USERS: &'static Directory;

    /// Who acts.
    fn actor(&self) -> &Self::Actor;

    /// The page's reader.
    fn visit(&self) -> &Visit;
}

const CONDITIONS: &[&str] = &["login_id", "name", "branch", "role"];

impl Office for ClientAdministrator {
    type Actor = ClientActor;
    const USERS: &'static Directory = &Directory {
        noun: "依頼人ユーザー",
        menu: Menu::ClientUsers,
        path: urls::CLIENT_USERS,
        conditions: CONDITIONS,
    };

    fn actor(&self) -> &ClientActor {
        &self.actor
    }

    fn visit(&self) -> &Visit {
        &self.visit
    }
}

impl Office for AgentAdministrator {
    type Actor = AgentActor;
    const USERS: &'static Directory =
        &Directory {
            noun: "代理人ユーザー", menu: Menu::AgentUsers, path: urls::AGENT_USERS, conditions: CONDITIONS
        };

    fn actor(&self) -> &AgentActor {
        &self.actor
    }

    fn visit(&self) -> &Visit {
        &self.visit
    }
}

/// 権限 of an office's users.
type RoleOf<V> = <<V as Office>::Actor as Keeper>::Role;

/// What an office's users are shown as.
type Shown<V> = ViewOf<<V as Office>::Actor>;

/// What may be done with an office's users.
type TaskOf<V> = UserTask<RoleOf<V>, <<V as Office>::Actor as Keeper>::Branch>;

/// What stands for no branch of one's own.
const ALL_BRANCHES: &str = "すべての拠点";

/// The word with which an office's titles and labels begin.
const fn side<V: Office>() -> &'static str {
    <V::Actor as users::Office>::SIDE
}

/// 依頼人拠点, 代理人拠点.
fn branch_label<V: Office>() -> String {
    format!("{}拠点", side::<V>())
}

/// The noun of titles and buttons: each kind of user has its own.
fn noun<V: Office>(rank: Rank) -> String {
    format!("{}{}ユーザー", side::<V>(), rank.label())
}

/// 検索.
pub(in crate::web) async fn search<V: Office>(State(app): State<Shared>, admin: V, asked: Fields) -> Result<Markup> {
    let opened = V::USERS.opened(&asked);
    let asks = |role: &RoleOf<V>| opened.asked_all("role").any(|key| key == role.key());
    let roles: Vec<RoleOf<V>> = RoleOf::<V>::all().iter().copied().filter(asks).collect();
    let wanted = Wanted {
        login_id: opened.asked("login_id"),
        name: opened.asked("name"),
        branch: opened.asked("branch").parse().ok(),
        roles,
    };
    let found = users::search(&app, admin.actor(), &wanted)?;
    let options: Vec<(String, String)> = users::places(&app, admin.actor())?
        .into_iter()
        .map(|branch| (branch.id.to_string(), branch.short_name))
        .collect();
    let branch = branch_label::<V>();
    let columns = ["ログインID", "ユーザー名", &branch, "権限", "最終ログイン日時"].map(Column::new);
    let row = |view: &Shown<V>| {
        html! {
            (opened.key(view.user.id, &view.user.login_id))
            td .name { (view.user.name) }
            td { (view.branch.as_ref().map_or(ALL_BRANCHES, |branch| branch.short_name.as_str())) }
            td { (view.subject.role.label()) }
            td { @if let Some(at) = view.user.last_sign_in { (at) } @else { "―" } }
        }
    };
    let own = admin.actor().branch();
    let add = |rank| {
        let mut roles = RoleOf::<V>::all().iter().filter(|role| role.rank() == rank);
        roles.next().is_some_and(|role| may_keep(admin.actor(), UserTask::Add(*role, own)))
    };
    Ok(opened.search(
        admin.visit(),
        Search {
            conditions: html! {
                (field("login_id", "ログインID").value(opened.asked("login_id")).text(32))
                (field("name", "ユーザー名").value(opened.asked("name")).text(10))
                (field("branch", &branch).value(opened.asked("branch"))
                    .select(Some(""), options.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
                (field("role", "権限").span(12)
                    .checks(RoleOf::<V>::all().iter().map(|role| (role.key(), role.label(), asks(role)))))
            },
            columns: &columns,
            found,
            row: &row,
            actions: html! {
                @if add(Rank::Staff) {
                    (button::primary_link(&format!("{}登録", noun::<V>(Rank::Staff)), &opened.beside("new")))
                }
                @if add(Rank::BranchManager) {
                    (button::link(&format!("{}登録", noun::<V>(Rank::BranchManager)), &opened.beside("new-manager")))
                }
            },
        },
    ))
}

/// 照会. After a reset with a password of its own this page shows it, once.
pub(in crate::web) async fn show<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, admin.actor(), id)?;
    let opened = V::USERS.opened(&asked);
    let blocks = html! { section .card #head { (definitions::<V>(&view, true).render()) } };
    let noun = noun::<V>(view.subject.role.rank());
    let actions = html! {
        @if may_keep(admin.actor(), UserTask::Change(view.subject)) {
            (button::primary_link(&format!("{noun}更新"), &opened.below(id, "edit")))
        }
        @if may_keep(admin.actor(), UserTask::ResetPassword(view.subject)) {
            (button::link(&opened.title("パスワード再設定"), &opened.below(id, "reset-password")))
        }
        @if may_keep(admin.actor(), UserTask::Remove(view.subject)) {
            (button::danger_link(&format!("{noun}削除"), &opened.below(id, "delete")))
        }
    };
    let page = opened.show(admin.visit(), &blocks, &actions);
    let secret = admin.visit().inner().banner.as_ref().is_some_and(|banner| banner.secret);
    Ok(if secret { form::secret(page) } else { page.into_response() })
}

/// What pages show of a user; without the times where they do not matter.
fn definitions<V: Office>(view: &Shown<V>, times: bool) -> Definitions {
    let users::UserView { user, subject, branch } = view;
    let mut pairs = Definitions::new()
        .pair("ログインID", user.login_id.as_str())
        .pair("ユーザー名", user.name.as_str())
        .pair(branch_label::<V>(), branch.as_ref().map_or(ALL_BRANCHES, |branch| branch.name.as_str()));
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

/// パスワード再設定.
pub(in crate::web) async fn ask_reset<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, admin.actor(), id)?;
    require(&admin, UserTask::ResetPassword(view.subject))?;
    let opened = V::USERS.opened(&asked);
    Ok(opened.ask(
        admin.visit(),
        &opened.title("パスワード再設定"),
        StatusCode::OK,
        &Ask {
            held: users::reset_held(&app, admin.actor())?.map(|reason| Held { reason, ways: Markup::default() }),
            sentence: "このユーザーのパスワードを初期化します。使用中の画面はログアウトされます。",
            shown: definitions::<V>(&view, false),
            action: &opened.below(id, "reset-password"),
            version: view.user.version,
            back: &opened.record(id),
            danger: false,
        },
    ))
}

/// 確定 of パスワード再設定.
pub(in crate::web) async fn reset<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let restored = users::reset_password(&app, admin.actor(), id, posted.version().ok(), posted.once()?).await?;
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
    Ok(admin.visit().redirect(&V::USERS.opened(&asked).record(id), banner))
}

/// 削除 of a user.
pub(in crate::web) async fn ask_delete<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
) -> Result<Response> {
    let view = users::view(&app, admin.actor(), id)?;
    require(&admin, UserTask::Remove(view.subject))?;
    let opened = V::USERS.opened(&asked);
    Ok(opened.ask(
        admin.visit(),
        &format!("{}削除", noun::<V>(view.subject.role.rank())),
        StatusCode::OK,
        &Ask {
            held: None,
            sentence: "このユーザーを削除します。使用中の画面はログアウトされ、以後ログインできません。",
            shown: definitions::<V>(&view, true),
            action: &opened.below(id, "delete"),
            version: view.user.version,
            back: &opened.record(id),
            danger: true,
        },
    ))
}

/// 確定 of 削除.
pub(in crate::web) async fn delete<V: Office>(
    State(app): State<Shared>,
    admin: V,
    Id(id): Id<UserId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    users::remove(&app, admin.actor(), id, posted.version().ok(), posted.once()?).await?;
    Ok(admin.visit().redirect(&V::USERS.opened(&asked).list(), Banner::ok("ユーザーを削除しました。")))
}

fn require<V: Office>(admin: &V, task: TaskOf<V>) -> Result<(), Error> {
    if may_keep(admin.actor(), task) { Ok(()) } else { Err(Error::Forbidden) }
}
