//! 依頼人業務アプリケーション: what a garage's staff do with requests, and its administrators with the rest. Handlers parse, ask the service and answer; what
//! may happen is decided below.

mod agents;
mod branches;
mod certificates;
mod import;
mod lists;
mod organizations;
mod power_of_attorney;
mod record;
mod register;
mod send;
mod templates;

use super::kit::visit::ClientAdministrator;
use super::routes::{
    CLIENT_ADMINISTRATOR, CLIENT_ADMINISTRATORS, CLIENT_MAY_SEND, CLIENT_STAFF, CLIENT_USER, Foreign, Route, route,
};
use super::users;
use crate::pki::p12;
use crate::service::imports::LARGEST;

/// The addresses of a garage's users.
pub(super) const ROUTES: &[Route] = &[
    route!(get "/client/{procedure}/requests", CLIENT_STAFF, Foreign::None, lists::requests),
    route!(get "/client/{procedure}/requests/download", CLIENT_STAFF, Foreign::None, lists::download_requests),
    route!(get "/client/{procedure}/requests/import", CLIENT_STAFF, Foreign::None, import::show),
    route!(post "/client/{procedure}/requests/import", CLIENT_STAFF, Foreign::None, import::upload, file LARGEST),
    route!(get "/client/{procedure}/requests/import/template", CLIENT_STAFF, Foreign::None, import::template),
    route!(get "/client/{procedure}/requests/import/{id}", CLIENT_STAFF, Foreign::NotFound, import::check),
    route!(post "/client/{procedure}/requests/import/{id}", CLIENT_STAFF, Foreign::NotFound, import::register),
    route!(get "/client/{procedure}/requests/import/{id}/result", CLIENT_STAFF, Foreign::NotFound, import::result),
    route!(get "/client/{procedure}/requests/new", CLIENT_STAFF, Foreign::None, register::show),
    route!(post "/client/{procedure}/requests/new", CLIENT_STAFF, Foreign::None, register::register),
    route!(get "/client/{procedure}/requests/send", CLIENT_MAY_SEND, Foreign::LeftOut, send::ask),
    route!(post "/client/{procedure}/requests/send", CLIENT_MAY_SEND, Foreign::LeftOut, send::send),
    route!(get "/client/{procedure}/requests/{id}", CLIENT_STAFF, Foreign::NotFound, record::request),
    route!(get "/client/{procedure}/requests/{id}/edit", CLIENT_STAFF, Foreign::NotFound, record::edit),
    route!(post "/client/{procedure}/requests/{id}/edit", CLIENT_STAFF, Foreign::NotFound, record::update),
    route!(
        get "/client/{procedure}/requests/{id}/power-of-attorney",
        CLIENT_STAFF,
        Foreign::NotFound,
        power_of_attorney::show
    ),
    route!(
        post "/client/{procedure}/requests/{id}/power-of-attorney",
        CLIENT_STAFF,
        Foreign::NotFound,
        power_of_attorney::update
    ),
    route!(get "/client/{procedure}/requests/{id}/delete", CLIENT_STAFF, Foreign::NotFound, record::ask_delete),
    route!(post "/client/{procedure}/requests/{id}/delete", CLIENT_STAFF, Foreign::NotFound, record::delete),
    route!(post "/client/{procedure}/requests/{id}/cancel", CLIENT_MAY_SEND, Foreign::NotFound, record::cancel),
    route!(get "/client/{procedure}/applications", CLIENT_STAFF, Foreign::None, lists::applications),
    route!(get "/client/{procedure}/applications/download", CLIENT_STAFF, Foreign::None, lists::download_applications),
    route!(get "/client/{procedure}/applications/{id}", CLIENT_STAFF, Foreign::NotFound, record::application),
    route!(get "/client/{procedure}/applications/{id}/code", CLIENT_STAFF, Foreign::NotFound, record::code),
    route!(get "/client/{procedure}/applications/{id}/memo", CLIENT_STAFF, Foreign::NotFound, record::memo),
    route!(post "/client/{procedure}/applications/{id}/memo", CLIENT_STAFF, Foreign::NotFound, record::update_memo),
    route!(get "/client/{procedure}/applications/{id}/reuse", CLIENT_STAFF, Foreign::NotFound, record::ask_reuse),
    route!(post "/client/{procedure}/applications/{id}/reuse", CLIENT_STAFF, Foreign::NotFound, record::reuse),
    route!(post "/client/{procedure}/applications/{id}/reapply", CLIENT_MAY_SEND, Foreign::NotFound, record::reapply),
    route!(get "/client/branches", CLIENT_ADMINISTRATORS, Foreign::None, branches::search),
    route!(get "/client/branches/new", CLIENT_ADMINISTRATOR, Foreign::None, branches::new),
    route!(post "/client/branches/new", CLIENT_ADMINISTRATOR, Foreign::None, branches::register),
    route!(get "/client/branches/{branch}", CLIENT_USER, Foreign::NotFound, branches::show),
    route!(get "/client/branches/{branch}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, branches::edit),
    route!(post "/client/branches/{branch}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, branches::update),
    route!(get "/client/branches/{branch}/delete", CLIENT_ADMINISTRATOR, Foreign::NotFound, branches::ask_delete),
    route!(post "/client/branches/{branch}/delete", CLIENT_ADMINISTRATOR, Foreign::NotFound, branches::delete),
    route!(get "/client/users", CLIENT_ADMINISTRATORS, Foreign::None, users::search::<ClientAdministrator>),
    route!(get "/client/users/new", CLIENT_ADMINISTRATORS, Foreign::None, users::forms::new_staff::<ClientAdministrator>),
    route!(post "/client/users/new", CLIENT_ADMINISTRATORS, Foreign::None, users::forms::register_staff::<ClientAdministrator>),
    route!(get "/client/users/new-manager", CLIENT_ADMINISTRATOR, Foreign::None, users::forms::new_manager::<ClientAdministrator>),
    route!(post "/client/users/new-manager", CLIENT_ADMINISTRATOR, Foreign::None, users::forms::register_manager::<ClientAdministrator>),
    route!(get "/client/users/{user}", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::show::<ClientAdministrator>),
    route!(get "/client/users/{user}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::forms::edit::<ClientAdministrator>),
    route!(post "/client/users/{user}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::forms::update::<ClientAdministrator>),
    route!(get "/client/users/{user}/reset-password", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::ask_reset::<ClientAdministrator>),
    route!(post "/client/users/{user}/reset-password", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::reset::<ClientAdministrator>),
    route!(get "/client/users/{user}/delete", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::ask_delete::<ClientAdministrator>),
    route!(post "/client/users/{user}/delete", CLIENT_ADMINISTRATORS, Foreign::NotFound, users::delete::<ClientAdministrator>),
    route!(get "/client/organizations", CLIENT_ADMINISTRATORS, Foreign::None, organizations::search),
    route!(get "/client/organizations/{organization}", CLIENT_ADMINISTRATORS, Foreign::NotFound, organizations::show),
    route!(get "/client/organizations/{organization}/edit", CLIENT_ADMINISTRATOR, Foreign::NotFound, organizations::edit),
    route!(post "/client/organizations/{organization}/edit", CLIENT_ADMINISTRATOR, Foreign::NotFound, organizations::update),
    route!(post "/client/organizations/{organization}/api-keys", CLIENT_ADMINISTRATOR, Foreign::NotFound, organizations::register_key),
    route!(get "/client/organizations/{organization}/certificates/new", CLIENT_ADMINISTRATOR, Foreign::NotFound, certificates::new),
    route!(post "/client/organizations/{organization}/certificates/new", CLIENT_ADMINISTRATOR, Foreign::NotFound, certificates::register, file p12::LARGEST),
    route!(get "/client/organizations/{organization}/certificates/practice.p12", CLIENT_ADMINISTRATOR, Foreign::NotFound, certificates::practice),
    route!(get "/client/organizations/{organization}/certificates/{certificate}", CLIENT_ADMINISTRATORS, Foreign::NotFound, certificates::show),
    route!(get "/client/api-keys/{api_key}/revoke", CLIENT_ADMINISTRATOR, Foreign::NotFound, organizations::ask_revoke),
    route!(post "/client/api-keys/{api_key}/revoke", CLIENT_ADMINISTRATOR, Foreign::NotFound, organizations::revoke),
    route!(get "/client/agents", CLIENT_ADMINISTRATORS, Foreign::None, agents::search),
    route!(get "/client/agents/{branch}", CLIENT_ADMINISTRATORS, Foreign::NotFound, agents::show),
    route!(get "/client/agents/{branch}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, agents::edit),
    route!(post "/client/agents/{branch}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, agents::update),
    route!(get "/client/templates", CLIENT_ADMINISTRATORS, Foreign::None, templates::search),
    route!(get "/client/templates/new/{procedure}", CLIENT_ADMINISTRATORS, Foreign::None, templates::new),
    route!(post "/client/templates/new/{procedure}", CLIENT_ADMINISTRATORS, Foreign::None, templates::register),
    route!(get "/client/templates/{template}", CLIENT_ADMINISTRATORS, Foreign::NotFound, templates::show),
    route!(get "/client/templates/{template}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, templates::edit),
    route!(post "/client/templates/{template}/edit", CLIENT_ADMINISTRATORS, Foreign::NotFound, templates::update),
    route!(get "/client/templates/{template}/delete", CLIENT_ADMINISTRATORS, Foreign::NotFound, templates::ask_delete),
    route!(post "/client/templates/{template}/delete", CLIENT_ADMINISTRATORS, Foreign::NotFound, templates::delete),
];
