//! Organizations, branches, users, certificates and notices of the demo world, as an operator would have entered them.

use super::cast::{AGENTS, Agent, GARAGES, Garage, OUTSIDE, PASSWORD};
use super::notices;
use crate::app::App;
use crate::domain::agent_certificate::AgentCertificate;
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, PersonId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::procedure;
use crate::domain::procedure::common::{division, no};
use crate::domain::procedure::inspection;
use crate::domain::request::{Value, Values};
use crate::domain::role::Application;
use crate::domain::template::Template;
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use crate::pki::certificate::Subject;
use crate::service::administration::certificates;
use crate::service::error::{Error, Result};
use crate::service::key_files;
use crate::store::{Notice, Write};

/// How long an initial password can be used after the issue (engineering decision E3).
const INITIAL_DAYS: i64 = 90;
/// How far back the demo's past reaches, in days.
pub(super) const PAST_DAYS: i64 = 40;
const DAY: i64 = 86_400;

/// Hashes that are computed before the transaction, because each takes its time.
struct Hashes {
    chosen: PasswordHash,
    garages: Vec<(PasswordHash, PasswordHash)>,
    agents: Vec<PasswordHash>,
}

/// Writes everything in one transaction.
///
/// # Errors
/// Of the store; of the machine when it can't make keys.
pub(super) fn lay(app: &App) -> Result<()> {
    let system = app.clocks.system();
    let today = app.clocks.business().day();
    let hash = |password: &str| app.passwords.hash_blocking(password);
    let hashes = Hashes {
        chosen: hash(PASSWORD)?,
        garages: GARAGES
            .iter()
            .map(|garage| Ok((hash(garage.initial_password)?, hash(garage.initial_api_password)?)))
            .collect::<Result<_>>()?,
        agents: AGENTS.iter().map(|agent| hash(agent.initial_password)).collect::<Result<_>>()?,
    };
    let certificates: Vec<AgentCertificate> =
        AGENTS.iter().map(|agent| certificate(app, agent)).collect::<Result<_>>()?;
    app.store.write_blocking(move |tx| {
        for notice in notices::until(today) {
            let id = tx.next_notice_id()?;
            tx.put_notice(&Notice { id, ..notice })?;
        }
        let mut agent_branches = Vec::new();
        for (agent, initial) in AGENTS.iter().zip(&hashes.agents) {
            lay_agent(tx, agent, initial, &hashes.chosen, system, &mut agent_branches)?;
        }
        for certificate in &certificates {
            tx.put_agent_certificate(certificate)?;
        }
        for (garage, (initial, api)) in GARAGES.iter().zip(&hashes.garages) {
            lay_garage(tx, garage, (initial, api), &hashes.chosen, system, &agent_branches)?;
        }
        for (role, login_id, name) in OUTSIDE {
            let membership = Membership::Simulator { role };
            let person = tx.next_person_id()?;
            put_user(tx, (login_id, name), person, membership, (hashes.chosen.clone(), chosen_state(system)))?;
        }
        Ok::<_, Error>(())
    })
}

/// A signing certificate that began before the demo's past and lasts for two years more.
fn certificate(app: &App, agent: &Agent) -> Result<AgentCertificate> {
    let now = app.clocks.business();
    let from = now.plus(-(PAST_DAYS + 30) * DAY);
    let until = now.plus(730 * DAY);
    let subject = Subject {
        common_name: agent.person.to_owned(),
        organization: agent.name.to_owned(),
        prefecture: agent.prefecture.to_owned(),
        locality: agent.locality.to_owned(),
        street: agent.street.to_owned(),
        serial_number: String::new(),
    };
    let (file, content) = key_files::practice_file(&subject, from, until)?;
    Ok(AgentCertificate {
        usable_from: Some(from.day()),
        trade_name_kana: agent.kana.0.to_owned(),
        person_name_kana: agent.kana.1.to_owned(),
        postal_code: agent.postal_code.to_owned(),
        ..certificates::sealed(&app.key, (AgentOrganizationId(agent.id), 1), &file, &content, from)
    })
}

fn lay_agent(
    tx: &mut Write,
    agent: &Agent,
    initial: &PasswordHash,
    chosen: &PasswordHash,
    now: SystemTime,
    branches: &mut Vec<AgentBranch>,
) -> Result<()> {
    let id = AgentOrganizationId(agent.id);
    tx.put_agent_organization(&AgentOrganization {
        id,
        name: agent.name.to_owned(),
        short_name: agent.short_name.to_owned(),
        procedures: procedure::ALL.iter().map(|procedure| procedure.code).collect(),
        initial_password: Some(initial.clone()),
        active: true,
        version: 1,
    })?;
    for (code, name, short_name, commission) in agent.branches {
        let branch = AgentBranch {
            id: tx.next_agent_branch_id()?,
            organization: id,
            code: code.to_owned(),
            name: name.to_owned(),
            short_name: short_name.to_owned(),
            commission_number: commission.map(str::to_owned),
            active: true,
            version: 1,
            region: "東京".to_owned(),
        };
        tx.put_agent_branch(&branch)?;
        branches.push(branch);
    }
    for user in agent.users {
        let membership = Membership::Agent { organization: id, branch: None, role: user.role };
        let person = tx.next_person_id()?;
        put_user(tx, (user.login_id, user.name), person, membership, (chosen.clone(), chosen_state(now)))?;
    }
    Ok(())
}

fn lay_garage(
    tx: &mut Write,
    garage: &Garage,
    (initial, api): (&PasswordHash, &PasswordHash),
    chosen: &PasswordHash,
    now: SystemTime,
    agent_branches: &[AgentBranch],
) -> Result<()> {
    let id = ClientOrganizationId(garage.id);
    tx.put_client_organization(&ClientOrganization {
        id,
        name: garage.name.to_owned(),
        short_name: garage.short_name.to_owned(),
        member_code: garage.member_code.to_owned(),
        initial_password: Some(initial.clone()),
        initial_api_password: Some(api.clone()),
        registered_account_open: true,
        light_account_open: true,
        active: true,
        version: 1,
        agents: None,
        default_agent: None,
    })?;
    let mut branches = Vec::new();
    for (code, name, short_name, commission, agent) in garage.branches {
        let branch = Branch {
            id: tx.next_branch_id()?,
            organization: id,
            code: code.to_owned(),
            name: name.to_owned(),
            short_name: short_name.to_owned(),
            commission_number: commission.map(str::to_owned),
            default_agent: agent_branches.get(agent).map(|branch| branch.id),
            active: true,
            version: 1,
            agents: None,
        };
        tx.put_branch(&branch)?;
        branches.push(branch.id);
    }
    if let Some(branch) = branches.first() {
        let template = tx.next_template_id()?;
        tx.put_template(&Template {
            id: template,
            organization: id,
            branch: Some(*branch),
            procedure: inspection::PROCEDURE.code,
            name: "自社で車検証を書換え".to_owned(),
            agent_branch: None,
            usual: false,
            fields: Values::from([
                (no::TERM, Value::Choice(2)),
                (no::RENEWAL_DIVISION, Value::Choice(division::CLIENT)),
                (no::MEMO, Value::Text("鍵と書類は受付にあります。".to_owned())),
            ]),
            version: 1,
        })?;
    }
    for user in garage.users {
        let branch = user.branch.and_then(|position| branches.get(position).copied());
        let membership = Membership::Client { organization: id, branch, role: user.role };
        let (password, state) = if user.initial {
            let until = now.plus(INITIAL_DAYS * DAY);
            (initial, PasswordState::Initial { since: now, until, by: None, failures: 0, used: false })
        } else {
            (chosen, chosen_state(now))
        };
        let held = user.also.map(|login| tx.user_by_login(Application::Agent, login)).transpose()?.flatten();
        let person = held.map_or_else(|| tx.next_person_id(), |held| Ok(held.person))?;
        put_user(tx, (user.login_id, user.name), person, membership, (password.clone(), state))?;
    }
    Ok(())
}

fn chosen_state(now: SystemTime) -> PasswordState {
    PasswordState::Chosen { at: now, expires: Some(now.plus(INITIAL_DAYS * DAY)) }
}

fn put_user(
    tx: &mut Write,
    (login_id, name): (&str, &str),
    person: PersonId,
    membership: Membership,
    (password, password_state): (PasswordHash, PasswordState),
) -> Result<()> {
    let user = User {
        id: tx.next_user_id()?,
        person,
        login_id: login_id.to_owned(),
        name: name.to_owned(),
        membership,
        password,
        password_state,
        password_history: Vec::new(),
        last_sign_in: None,
        active: true,
        version: 1,
    };
    Ok(tx.put_user(&user)?)
}
