//! 代理人業務アプリケーション: what an agent's staff do with requests that arrived and with what they filed, and its
//! administrators with the rest. Handlers parse, ask the service and answer; what may happen is decided below.

mod branches;
pub(super) mod certificates;
mod chosen;
mod correction;
mod entry;
mod lists;
mod organization;
mod payments;
mod portal;
mod proofs;
mod record;
mod statistics;

use super::kit::visit::AgentAdministrator;
use super::routes::{AGENT_ADMINISTRATOR, AGENT_STAFF, Foreign, Route, route};
use super::users;
use crate::domain::proof;
use crate::pki::p12;

/// The addresses of an agent's users.
pub(super) const ROUTES: &[Route] = &[
    route!(get "/agent/{procedure}/requests", AGENT_STAFF, Foreign::None, lists::requests),
    route!(get "/agent/{procedure}/requests/download", AGENT_STAFF, Foreign::None, lists::download_requests),
    route!(post "/agent/{procedure}/requests/chosen", AGENT_STAFF, Foreign::LeftOut, chosen::act),
    route!(get "/agent/{procedure}/requests/file", AGENT_STAFF, Foreign::LeftOut, chosen::ask_file),
    route!(post "/agent/{procedure}/requests/file", AGENT_STAFF, Foreign::LeftOut, chosen::file),
    route!(get "/agent/{procedure}/requests/new", AGENT_STAFF, Foreign::None, entry::show),
    route!(post "/agent/{procedure}/requests/new", AGENT_STAFF, Foreign::None, entry::register),
    route!(get "/agent/{procedure}/requests/{id}", AGENT_STAFF, Foreign::NotFound, record::request),
    route!(get "/agent/{procedure}/requests/{id}/edit", AGENT_STAFF, Foreign::NotFound, record::edit),
    route!(post "/agent/{procedure}/requests/{id}/edit", AGENT_STAFF, Foreign::NotFound, record::update),
    route!(post "/agent/{procedure}/requests/{id}/accept", AGENT_STAFF, Foreign::NotFound, record::accept),
    route!(get "/agent/{procedure}/requests/{id}/delete", AGENT_STAFF, Foreign::NotFound, record::ask_delete),
    route!(post "/agent/{procedure}/requests/{id}/delete", AGENT_STAFF, Foreign::NotFound, record::delete),
    route!(get "/agent/{procedure}/requests/{id}/return", AGENT_STAFF, Foreign::NotFound, record::ask_return),
    route!(post "/agent/{procedure}/requests/{id}/return", AGENT_STAFF, Foreign::NotFound, record::send_back),
    route!(get "/agent/{procedure}/applications", AGENT_STAFF, Foreign::None, lists::applications),
    route!(get "/agent/{procedure}/applications/download", AGENT_STAFF, Foreign::None, lists::download_applications),
    route!(get "/agent/{procedure}/applications/{id}", AGENT_STAFF, Foreign::NotFound, record::application),
    route!(get "/agent/{procedure}/applications/{id}/code", AGENT_STAFF, Foreign::NotFound, record::code),
    route!(get "/agent/{procedure}/applications/{id}/memo", AGENT_STAFF, Foreign::NotFound, record::memo),
    route!(post "/agent/{procedure}/applications/{id}/memo", AGENT_STAFF, Foreign::NotFound, record::update_memo),
    route!(get "/agent/{procedure}/applications/{id}/correct", AGENT_STAFF, Foreign::NotFound, correction::ask),
    route!(post "/agent/{procedure}/applications/{id}/correct", AGENT_STAFF, Foreign::NotFound, correction::correct),
    route!(get "/agent/{procedure}/applications/{id}/reuse", AGENT_STAFF, Foreign::NotFound, record::ask_reuse),
    route!(post "/agent/{procedure}/applications/{id}/reuse", AGENT_STAFF, Foreign::NotFound, record::reuse),
    route!(post "/agent/{procedure}/applications/{id}/reapply", AGENT_STAFF, Foreign::NotFound, record::reapply),
    route!(get "/agent/{procedure}/applications/{id}/portal", AGENT_STAFF, Foreign::NotFound, portal::show),
    route!(get "/agent/{procedure}/applications/{id}/portal/{event}", AGENT_STAFF, Foreign::NotFound, portal::ask),
    route!(post "/agent/{procedure}/applications/{id}/portal/{event}", AGENT_STAFF, Foreign::NotFound, portal::report, file proof::LARGEST),
    route!(get "/agent/{procedure}/applications/{id}/transcript", AGENT_STAFF, Foreign::NotFound, portal::file),
    route!(post "/agent/{procedure}/applications/{id}/proofs", AGENT_STAFF, Foreign::NotFound, proofs::attach, file proof::LARGEST),
    route!(get "/agent/{procedure}/applications/{id}/proofs/{proof}", AGENT_STAFF, Foreign::NotFound, proofs::open),
    route!(get "/agent/{procedure}/transcription", AGENT_STAFF, Foreign::None, portal::list),
    route!(post "/agent/{procedure}/transcription", AGENT_STAFF, Foreign::LeftOut, portal::receipts),
    route!(post "/agent/{procedure}/applications/{id}/suspend", AGENT_STAFF, Foreign::NotFound, record::suspend),
    route!(
        post "/agent/{procedure}/applications/{id}/cancel-suspension",
        AGENT_STAFF,
        Foreign::NotFound,
        record::cancel_suspension
    ),
    route!(post "/agent/{procedure}/applications/{id}/resume", AGENT_STAFF, Foreign::NotFound, record::resume),
    route!(get "/agent/{procedure}/applications/{id}/withdraw", AGENT_STAFF, Foreign::NotFound, record::ask_withdrawal),
    route!(post "/agent/{procedure}/applications/{id}/withdraw", AGENT_STAFF, Foreign::NotFound, record::withdraw),
    route!(get "/agent/{procedure}/payments", AGENT_STAFF, Foreign::None, payments::show),
    route!(post "/agent/{procedure}/payments/confirm", AGENT_STAFF, Foreign::LeftOut, payments::ask),
    route!(post "/agent/{procedure}/payments", AGENT_STAFF, Foreign::LeftOut, payments::pay),
    route!(get "/agent/statistics", AGENT_ADMINISTRATOR, Foreign::None, statistics::show),
    route!(get "/agent/statistics/file", AGENT_ADMINISTRATOR, Foreign::None, statistics::file),
    route!(get "/agent/users", AGENT_ADMINISTRATOR, Foreign::None, users::search::<AgentAdministrator>),
    route!(get "/agent/users/new", AGENT_ADMINISTRATOR, Foreign::None, users::forms::new_staff::<AgentAdministrator>),
    route!(post "/agent/users/new", AGENT_ADMINISTRATOR, Foreign::None, users::forms::register_staff::<AgentAdministrator>),
    route!(get "/agent/users/{user}", AGENT_ADMINISTRATOR, Foreign::NotFound, users::show::<AgentAdministrator>),
    route!(get "/agent/users/{user}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, users::forms::edit::<AgentAdministrator>),
    route!(post "/agent/users/{user}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, users::forms::update::<AgentAdministrator>),
    route!(get "/agent/users/{user}/reset-password", AGENT_ADMINISTRATOR, Foreign::NotFound, users::ask_reset::<AgentAdministrator>),
    route!(post "/agent/users/{user}/reset-password", AGENT_ADMINISTRATOR, Foreign::NotFound, users::reset::<AgentAdministrator>),
    route!(get "/agent/users/{user}/delete", AGENT_ADMINISTRATOR, Foreign::NotFound, users::ask_delete::<AgentAdministrator>),
    route!(post "/agent/users/{user}/delete", AGENT_ADMINISTRATOR, Foreign::NotFound, users::delete::<AgentAdministrator>),
    route!(get "/agent/organizations", AGENT_ADMINISTRATOR, Foreign::None, organization::search),
    route!(get "/agent/organizations/{agent}", AGENT_ADMINISTRATOR, Foreign::NotFound, organization::show),
    route!(get "/agent/organizations/{agent}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, organization::edit),
    route!(post "/agent/organizations/{agent}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, organization::update),
    route!(get "/agent/organizations/{agent}/certificates/new", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::new),
    route!(post "/agent/organizations/{agent}/certificates/new", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::register, file p12::LARGEST),
    route!(get "/agent/organizations/{agent}/certificates/practice.p12", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::practice),
    route!(get "/agent/organizations/{agent}/certificates/{certificate}", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::show),
    route!(get "/agent/organizations/{agent}/certificates/{certificate}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::edit),
    route!(post "/agent/organizations/{agent}/certificates/{certificate}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, certificates::update),
    route!(get "/agent/branches", AGENT_ADMINISTRATOR, Foreign::None, branches::search),
    route!(get "/agent/branches/new", AGENT_ADMINISTRATOR, Foreign::None, branches::new),
    route!(post "/agent/branches/new", AGENT_ADMINISTRATOR, Foreign::None, branches::register),
    route!(get "/agent/branches/associations", AGENT_ADMINISTRATOR, Foreign::None, branches::associations),
    route!(post "/agent/branches/associations", AGENT_ADMINISTRATOR, Foreign::None, branches::take),
    route!(get "/agent/branches/{agent_branch}", AGENT_ADMINISTRATOR, Foreign::NotFound, branches::show),
    route!(get "/agent/branches/{agent_branch}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, branches::edit),
    route!(post "/agent/branches/{agent_branch}/edit", AGENT_ADMINISTRATOR, Foreign::NotFound, branches::update),
    route!(get "/agent/branches/{agent_branch}/delete", AGENT_ADMINISTRATOR, Foreign::NotFound, branches::ask_delete),
    route!(post "/agent/branches/{agent_branch}/delete", AGENT_ADMINISTRATOR, Foreign::NotFound, branches::delete),
];
