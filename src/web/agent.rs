//! 代理人業務アプリケーション: what an agent's staff do with requests that arrived and with what they filed. Handlers
//! parse, ask the service and answer; what may happen is decided below.

mod chosen;
mod lists;
mod payments;
mod portal;
mod record;

use super::routes::{AGENT_STAFF, Foreign, Route, route};

/// The addresses of an agent's staff.
pub(super) const ROUTES: &[Route] = &[
    route!(get "/agent/{procedure}/requests", AGENT_STAFF, Foreign::None, lists::requests),
    route!(post "/agent/{procedure}/requests/chosen", AGENT_STAFF, Foreign::LeftOut, chosen::act),
    route!(post "/agent/{procedure}/requests/file", AGENT_STAFF, Foreign::LeftOut, chosen::file),
    route!(get "/agent/{procedure}/requests/{id}", AGENT_STAFF, Foreign::NotFound, record::request),
    route!(get "/agent/{procedure}/requests/{id}/edit", AGENT_STAFF, Foreign::NotFound, record::edit),
    route!(post "/agent/{procedure}/requests/{id}/edit", AGENT_STAFF, Foreign::NotFound, record::update),
    route!(post "/agent/{procedure}/requests/{id}/accept", AGENT_STAFF, Foreign::NotFound, record::accept),
    route!(get "/agent/{procedure}/requests/{id}/return", AGENT_STAFF, Foreign::NotFound, record::ask_return),
    route!(post "/agent/{procedure}/requests/{id}/return", AGENT_STAFF, Foreign::NotFound, record::send_back),
    route!(get "/agent/{procedure}/applications", AGENT_STAFF, Foreign::None, lists::applications),
    route!(get "/agent/{procedure}/applications/{id}", AGENT_STAFF, Foreign::NotFound, record::application),
    route!(get "/agent/{procedure}/applications/{id}/memo", AGENT_STAFF, Foreign::NotFound, record::memo),
    route!(post "/agent/{procedure}/applications/{id}/memo", AGENT_STAFF, Foreign::NotFound, record::update_memo),
    route!(post "/agent/{procedure}/applications/{id}/correct", AGENT_STAFF, Foreign::NotFound, record::correct),
    route!(post "/agent/{procedure}/applications/{id}/reapply", AGENT_STAFF, Foreign::NotFound, record::reapply),
    route!(get "/agent/{procedure}/applications/{id}/portal", AGENT_STAFF, Foreign::NotFound, portal::show),
    route!(get "/agent/{procedure}/applications/{id}/portal/{event}", AGENT_STAFF, Foreign::NotFound, portal::ask),
    route!(post "/agent/{procedure}/applications/{id}/portal/{event}", AGENT_STAFF, Foreign::NotFound, portal::report),
    route!(get "/agent/{procedure}/transcription", AGENT_STAFF, Foreign::None, portal::list),
    route!(post "/agent/{procedure}/transcription", AGENT_STAFF, Foreign::LeftOut, portal::receipts),
    route!(get "/agent/{procedure}/payments", AGENT_STAFF, Foreign::None, payments::show),
    route!(post "/agent/{procedure}/payments/confirm", AGENT_STAFF, Foreign::LeftOut, payments::ask),
    route!(post "/agent/{procedure}/payments", AGENT_STAFF, Foreign::LeftOut, payments::pay),
];
