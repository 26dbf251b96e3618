//! Users and branches as lists, in the order of their pages.

use super::table::Table;
use crate::domain::actor::Actor;
use crate::domain::organization::{AgentBranch, Branch};
use crate::domain::role::Role;
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordState, User};
use crate::service::error::Result;
use crate::store::Read;

/// A user with the branch they are tied to.
pub(super) struct Person {
    user: User,
    code: String,
    branch: String,
}

/// A branch of either side.
pub(super) struct Workshop {
    code: String,
    name: String,
    short_name: String,
    commission_number: Option<String>,
    agent: String,
}

pub(super) fn user_columns(actor: &Actor) -> Table<Person> {
    let mut table = Table::new();
    table.column("ログインID", 16, |person: &Person| person.user.login_id.clone());
    table.column("ユーザー名", 20, |person| person.user.name.clone());
    let (code, branch) = match actor {
        Actor::Client(_) => ("依頼人拠点コード", "依頼人拠点"),
        Actor::Agent(_) => ("代理人拠点ID", "代理人拠点"),
    };
    table.column(code, 18, |person| person.code.clone());
    table.column(branch, 24, |person| person.branch.clone());
    table.column("権限", 22, |person| match person.user.membership {
        Membership::Client { role, .. } => role.label(),
        Membership::Agent { role, .. } => role.label(),
        Membership::Simulator { .. } | Membership::Operator => "",
    });
    table.column("パスワード有効期限", 20, |person| match person.user.password_state {
        PasswordState::Initial { until, .. } => Some(until.day()),
        PasswordState::Chosen { expires, .. } => expires.map(SystemTime::day),
    });
    table.column("最終ログイン日時", 18, |person| person.user.last_sign_in);
    table
}

pub(super) fn branch_columns(actor: &Actor) -> Table<Workshop> {
    let garage = matches!(actor, Actor::Client(_));
    let side = if garage { "依頼人" } else { "代理人" };
    let mut table = Table::new();
    let code = if garage { "依頼人拠点コード" } else { "代理人拠点ID" };
    table.column(code, 18, |branch: &Workshop| branch.code.clone());
    table.column(format!("{side}拠点名"), 36, |branch| branch.name.clone());
    table.column(format!("{side}拠点名（略称）"), 24, |branch| branch.short_name.clone());
    table.column("記録等事務代行者委託番号", 26, |branch| branch.commission_number.clone());
    if garage {
        table.column("代理人", 40, |branch| branch.agent.clone());
    }
    table
}

/// Active users that the user manages, by login ID.
pub(super) fn users(tx: &Read, actor: &Actor) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    match actor {
        Actor::Client(actor) => {
            for user in tx.users_of_client(actor.organization())? {
                let Membership::Client { branch, .. } = user.membership else { continue };
                // Who is tied to a branch manages its people only.
                if user.active && (actor.branch().is_none() || actor.branch() == branch) {
                    let branch = branch.map(|id| tx.branch(id)).transpose()?.flatten();
                    let (code, branch) = branch.map(|branch| (branch.code, branch.name)).unwrap_or_default();
                    people.push(Person { user, code, branch });
                }
            }
        }
        Actor::Agent(actor) => {
            for user in tx.users_of_agent(actor.organization())? {
                let Membership::Agent { branch, .. } = user.membership else { continue };
                if user.active && (actor.branch().is_none() || actor.branch() == branch) {
                    let branch = branch.map(|id| tx.agent_branch(id)).transpose()?.flatten();
                    let (code, branch) = branch.map(|branch| (branch.code, branch.name)).unwrap_or_default();
                    people.push(Person { user, code, branch });
                }
            }
        }
    }
    people.sort_by_cached_key(|person| person.user.login_id.to_lowercase());
    Ok(people)
}

/// Active branches that are the user's, by code.
pub(super) fn branches(tx: &Read, actor: &Actor) -> Result<Vec<Workshop>> {
    match actor {
        Actor::Client(actor) => {
            let own = tx.branches_of(actor.organization())?;
            let own = own.into_iter().filter(|branch| branch.active && actor.covers(branch.organization, branch.id));
            own.map(|branch| {
                let agent = match branch.default_agent {
                    Some(id) => crate::service::requests::view::agent_name(tx, id)?,
                    None => String::new(),
                };
                let Branch { code, name, short_name, commission_number, .. } = branch;
                Ok(Workshop { code, name, short_name, commission_number, agent })
            })
            .collect()
        }
        Actor::Agent(actor) => {
            let mut own = tx.agent_branches_of(actor.organization())?;
            own.retain(|branch| branch.active && actor.covers(branch.organization, branch.id));
            own.sort_by(|a, b| a.code.cmp(&b.code));
            let workshop = |AgentBranch { code, name, short_name, commission_number, .. }| Workshop {
                code,
                name,
                short_name,
                commission_number,
                agent: String::new(),
            };
            Ok(own.into_iter().map(workshop).collect())
        }
    }
}
