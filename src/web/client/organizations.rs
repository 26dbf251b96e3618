//! 依頼人組織: 検索, 照会 with the API keys and certificates, 更新 (client guide P4, P14). An organization sees itself only.

use super::certificates;
use crate::app::{App, Shared};
use crate::domain::administration::{Task, may};
use crate::domain::api_key::ApiKey;
use crate::domain::ids::ClientOrganizationId;
use crate::domain::organization::ClientOrganization;
use crate::domain::problem::Problems;
use crate::domain::rules::{self, Entry};
use crate::domain::text;
use crate::service::administration::client_certificates;
use crate::service::administration::client_organization::{self as organization, OrganizationInput, OrganizationView};
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) static ORGANIZATIONS: Directory = Directory {
    noun: "依頼人組織",
    menu: Menu::ClientOrganizations,
    path: urls::CLIENT_ORGANIZATIONS,
    conditions: &["id"],
};

const COLUMNS: [Column<'_>; 3] =
    [Column::new("依頼人組織ID"), Column::new("依頼人組織名"), Column::new("依頼人組織名（略称）")];

const KEY_COLUMNS: [Column<'_>; 4] =
    [Column::new("APIキー"), Column::new("パスワード変更日"), Column::new("登録日時"), Column::new("最終利用日時")];

const FIELDS: [(&str, &str); 2] = [("name", "依頼人組織名"), ("short_name", "依頼人組織名（略称）")];

/// 依頼人組織検索.
pub(super) async fn search(State(app): State<Shared>, admin: ClientAdministrator, asked: Fields) -> Result<Markup> {
    let opened = ORGANIZATIONS.opened(&asked);
    let own = organization::view(&app, &admin.actor, admin.actor.organization())?.organization;
    let wanted = text::search_key(opened.asked("id"));
    let found = if own.id.to_string().contains(&wanted) { vec![own] } else { Vec::new() };
    let row = |organization: &ClientOrganization| {
        html! {
            (opened.key(organization.id, &organization.id.to_string()))
            td .name { (organization.name) }
            td { (organization.short_name) }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: field("id", "依頼人組織ID").value(opened.asked("id")).text(9),
            columns: &COLUMNS,
            found,
            row: &row,
            actions: Markup::default(),
        },
    ))
}

/// 依頼人組織照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let OrganizationView { organization, keys } = organization::view(&app, &admin.actor, id)?;
    let opened = ORGANIZATIONS.opened(&asked);
    let manages = may(&admin.actor, Task::ManageOrganization);
    // A new key begins with the password of the 利用登録通知書.
    let has_notice = organization.initial_api_password.is_some();
    let blocks = html! {
        section .card #head {
            (Definitions::new()
                .pair("依頼人組織ID", organization.id.to_string())
                .pair("依頼人組織名", organization.name.as_str())
                .pair("依頼人組織名（略称）", organization.short_name.as_str())
                .render())
        }
        @if manages {
            section .card #api-keys {
                h2 { "APIキー" }
                @if has_notice || !keys.is_empty() { (key_table(&keys)) }
                @if !has_notice { p .rule { (Reason::NoInitialApiPassword.sentence()) } }
            }
        }
        (certificates::block(&app, &opened, id, &client_certificates::all(&app, &admin.actor, id)?))
    };
    let actions = html! {
        @if manages {
            (button::primary_link(&opened.title("更新"), &opened.below(id, "edit")))
            @if has_notice { (button::act(&admin.visit, "APIキー登録", &opened.below(id, "api-keys"), false)) }
            (button::link("依頼人証明書登録", &opened.below(id, "certificates/new")))
        }
    };
    Ok(opened.show(&admin.visit, &blocks, &actions).into_response())
}

fn key_table(keys: &[ApiKey]) -> Markup {
    html! {
        @if keys.is_empty() {
            p .muted { "APIキーは登録されていません。整備業務ソフトなどと連携するときに、「APIキー登録」で登録します。" }
        } @else {
            (table("APIキーの一覧", &[KEY_COLUMNS.as_slice(), &[Column::new("操作")]].concat(), &html! {
                @for key in keys {
                    tr {
                        td { code { (key.key) } }
                        td { @if let Some(at) = key.password_changed() { (at.day()) } @else { "初期パスワード" } }
                        td { (key.registered_at) }
                        td { @if let Some(at) = key.last_used { (at) } @else { "―" } }
                        td { a href=(urls::api_key(&key.key, "revoke")) aria-label={ "失効 " (key.key) } { "失効" } }
                    }
                }
            }))
        }
    }
}

/// 依頼人組織更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let organization = own(&app, &admin, id)?;
    Ok(edit_form(&admin, &organization, &asked, &stored(&organization), &Problems::new(), Markup::default()))
}

fn own(app: &App, admin: &ClientAdministrator, id: ClientOrganizationId) -> Result<ClientOrganization, Error> {
    Ok(organization::view(app, &admin.actor, id)?.organization)
}

fn stored(organization: &ClientOrganization) -> Fields {
    Fields::default().with("name", &organization.name).with("short_name", &organization.short_name)
}

fn edit_form(
    admin: &ClientAdministrator,
    organization: &ClientOrganization,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: Markup,
) -> Response {
    let opened = ORGANIZATIONS.opened(asked);
    let id = organization.id.to_string();
    let fields = [&rules::ORGANIZATION_NAME, &rules::ORGANIZATION_SHORT_NAME];
    opened.form(
        &admin.visit,
        &opened.title("更新"),
        directory::status(problems, &above),
        &Form {
            above,
            problems,
            action: &opened.below(&id, "edit"),
            version: Some(organization.version),
            fields: html! {
                (field("id", "依頼人組織ID").value(&id).fixed())
                @for ((name, label), rule) in FIELDS.into_iter().zip(fields) {
                    (field(name, label).required(true).value(typed.get(name)).problems(problems).ruled(rule))
                }
            },
            back: &opened.record(&id),
        },
    )
}

/// 確定 of 依頼人組織更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut shown = own(&app, &admin, id)?;
    shown.version = posted.version()?;
    let mut entry = Entry::default();
    let input = OrganizationInput::check(&mut entry, |name| posted.get(name));
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match organization::update(&app, &admin.actor, id, shown.version, input, posted.once()?).await {
            Ok(_) => {
                let to = ORGANIZATIONS.opened(&asked).record(id);
                return Ok(admin.visit.redirect(&to, Banner::ok("依頼人組織を更新しました。")));
            }
            Err(Error::Conflict) => {
                shown = own(&app, &admin, id)?;
                (Problems::new(), directory::conflict(&FIELDS, &stored(&shown), &typed))
            }
            Err(Error::Invalid(problems)) => (problems, Markup::default()),
            Err(other) => return Err(other.into()),
        },
        Err(problems) => (problems, Markup::default()),
    };
    Ok(edit_form(&admin, &shown, &asked, &typed, &problems, above))
}

/// APIキー登録: at once, without a form.
pub(super) async fn register_key(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let key = organization::register_key(&app, &admin.actor, id, posted.once()?).await?;
    let banner = Banner::ok(format!("APIキーを登録しました。{key}")).with_lines([
        "パスワードは「利用登録通知書」に記載のAPI初期パスワードです。APIキーとパスワードを連携するシステムに設定し、72時間以内にパスワードを再設定してください。"
            .to_owned(),
    ]);
    Ok(admin.visit.redirect(&ORGANIZATIONS.opened(&asked).record(id), banner))
}

/// APIキー失効: what will no longer get in.
pub(super) async fn ask_revoke(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(key): Id<String>,
) -> Result<Response> {
    let key = organization::key(&app, &admin.actor, &key)?;
    let opened = ORGANIZATIONS.opened(&Fields::default());
    Ok(opened.ask(
        &admin.visit,
        "APIキー失効",
        StatusCode::OK,
        &Ask {
            held: None,
            sentence: "このAPIキーを失効させます。使用中のシステムは連携できなくなり、元に戻せません。",
            shown: Definitions::new()
                .wide("APIキー", html! { code { (key.key) } })
                .pair("登録日時", key.registered_at.to_string())
                .pair("最終利用日時", key.last_used.map(|at| at.to_string()).unwrap_or_default()),
            action: &urls::api_key(&key.key, "revoke"),
            version: key.version,
            back: &opened.record(key.organization),
            danger: true,
        },
    ))
}

/// 確定 of APIキー失効.
pub(super) async fn revoke(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(key): Id<String>,
    posted: Posted,
) -> Result<Response> {
    organization::revoke_key(&app, &admin.actor, key, posted.once()?).await?;
    let to = ORGANIZATIONS.opened(&Fields::default()).record(admin.actor.organization());
    Ok(admin.visit.redirect(&to, Banner::ok("APIキーを失効させました。")))
}
