//! The demo world: small, believable, invented, and always the same but for its dates, which follow today.

mod cast;
mod foundation;
mod notices;
mod past;
mod people;

use crate::app::Shared;
use crate::domain::role::{AgentRole, Role, SimulatorRole};
use crate::service::error::{Error, Result};
use cast::{AGENTS, GARAGES, OUTSIDE, PASSWORD};
use serde::Serialize;

/// An organization of the demo, with the secrets of its 利用登録通知書.
#[derive(Debug, Clone, Serialize)]
pub struct Organization {
    /// `client` or `agent`.
    pub kind: &'static str,
    /// 依頼人組織ID or 代理人組織ID.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// 初期パスワード.
    pub initial_password: &'static str,
    /// API初期パスワード.
    pub api_initial_password: &'static str,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// `client`, `agent` or `sim`.
    pub app: &'static str,
    /// `administrator`, `branch_manager`, `staff_send`, `staff_no_send` or `staff`; of the outside world `instructor` or
    /// `official`.
    pub role: &'static str,
    /// The organization's id; empty for the outside world.
    pub organization: String,
    /// 依頼人拠点コード of a user who is tied to one branch.
    pub branch: Option<&'static str>,
    /// ログインID.
    pub login_id: &'static str,
    /// パスワード.
    pub password: &'static str,
    /// The first sign-in leads to パスワード更新.
    pub must_change: bool,
    /// ログインID of the user in the other application that the same person holds and can switch to.
    pub also: Option<&'static str>,
    /// Where to sign in.
    pub url: String,
}

/// Fills an empty data folder. Takes some seconds.
///
/// # Errors
/// Of the use cases; there should be none.
pub async fn build(app: &Shared) -> Result<()> {
    let laying = Shared::clone(app);
    tokio::task::spawn_blocking(move || foundation::lay(&laying)).await.map_err(Error::internal)??;
    past::live(app).await
}

/// Who there is. A password that was changed meanwhile is no longer the one said here.
pub fn organizations() -> Vec<Organization> {
    let clients = GARAGES.iter().map(|garage| Organization {
        kind: "client",
        id: garage.id.to_string(),
        name: garage.name,
        initial_password: garage.initial_password,
        api_initial_password: garage.initial_api_password,
    });
    let agents = AGENTS.iter().map(|agent| Organization {
        kind: "agent",
        id: agent.id.to_string(),
        name: agent.name,
        initial_password: agent.initial_password,
        api_initial_password: agent.initial_api_password,
    });
    clients.chain(agents).collect()
}

/// Who can sign in, under the node's address.
pub fn sign_ins(url: &str) -> Vec<SignIn> {
    let mut all = Vec::new();
    for garage in &GARAGES {
        for user in garage.users {
            all.push(SignIn {
                app: "client",
                role: user.role.key(),
                organization: garage.id.to_string(),
                branch: user.branch.and_then(|position| garage.branches.get(position)).map(|branch| branch.0),
                login_id: user.login_id,
                password: if user.initial { garage.initial_password } else { PASSWORD },
                must_change: user.initial,
                also: user.also,
                url: format!("{url}/client"),
            });
        }
    }
    for agent in &AGENTS {
        for user in agent.users {
            all.push(SignIn {
                app: "agent",
                role: match user.role {
                    AgentRole::Administrator => "administrator",
                    AgentRole::Staff => "staff",
                },
                organization: agent.id.to_string(),
                branch: None,
                login_id: user.login_id,
                password: PASSWORD,
                must_change: false,
                also: holder(user.login_id),
                url: format!("{url}/agent"),
            });
        }
    }
    all.extend(OUTSIDE.iter().map(|(role, login_id, _)| SignIn {
        app: "sim",
        role: match role {
            SimulatorRole::Instructor => "instructor",
            SimulatorRole::Official => "official",
        },
        organization: String::new(),
        branch: None,
        login_id,
        password: PASSWORD,
        must_change: false,
        also: None,
        url: format!("{url}/sim"),
    }));
    all
}

/// The garage's user whose person holds this agent's user too.
fn holder(agent_login: &str) -> Option<&'static str> {
    GARAGES.iter().flat_map(|garage| garage.users).find(|user| user.also == Some(agent_login)).map(|user| user.login_id)
}
