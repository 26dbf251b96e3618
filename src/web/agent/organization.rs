//! 代理人組織: 検索, 照会 with its certificates, 更新 (agent guide ①–③). An agent sees its own organization only.

use crate::app::{App, Shared};
use crate::domain::agent_certificate::{AgentCertificate, State as Condition};
use crate::domain::ids::AgentOrganizationId;
use crate::domain::organization::{AgentOrganization, PERMISSIONS};
use crate::domain::problem::Problems;
use crate::domain::rules::{self, Entry};
use crate::service::administration::certificates;
use crate::service::administration::organization::{self, OrganizationInput};
use crate::service::error::Error;
use crate::web::agent::certificates as pages;
use crate::web::kit::directory::{self, filled};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

pub(super) static ORGANIZATIONS: Directory = Directory {
    noun: "代理人組織",
    menu: Menu::AgentOrganization,
    path: urls::AGENT_ORGANIZATIONS,
    conditions: &["id"],
};

const COLUMNS: [Column<'_>; 4] = [
    Column::new("代理人組織ID"),
    Column::new("代理人組織名"),
    Column::new("代理人組織名（略称）"),
    Column::new("代理人ステータス"),
];

const CERTIFICATE_COLUMNS: [Column<'_>; 6] = [
    Column::new("登録日時"),
    Column::new("屋号（漢字）"),
    Column::new("氏名又は代表者名（漢字）"),
    Column::new("証明書有効期限"),
    Column::new("利用開始日"),
    Column::new("状態"),
];

/// Labels of what 更新 takes besides the boxes, by the names of its fields.
const FIELDS: [(&str, &str); 2] = [("name", "代理人組織名"), ("short_name", "代理人組織名（略称）")];

/// 代理人ステータス.
fn standing(organization: &AgentOrganization) -> &'static str {
    if organization.active { "OSS申請可能" } else { "OSS申請不可" }
}

/// 代理人組織検索.
pub(super) async fn search(State(app): State<Shared>, admin: AgentAdministrator, asked: Fields) -> Result<Markup> {
    let opened = ORGANIZATIONS.opened(&asked);
    let own = organization::view(&app, &admin.actor, admin.actor.organization())?;
    let wanted = crate::domain::text::normalise(opened.asked("id"));
    let found = if own.id.to_string().contains(&wanted) { vec![own] } else { Vec::new() };
    let row = |organization: &AgentOrganization| {
        html! {
            (opened.key(organization.id, &organization.id.to_string()))
            td .name { (organization.name) }
            td { (organization.short_name) }
            td { (standing(organization)) }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: field("id", "代理人組織ID").value(opened.asked("id")).text(9),
            columns: &COLUMNS,
            found,
            row: &row,
            actions: Markup::default(),
        },
    ))
}

/// 代理人組織照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let organization = organization::view(&app, &admin.actor, id)?;
    let certificates = certificates::all(&app, &admin.actor, id)?;
    let opened = ORGANIZATIONS.opened(&asked);
    let mut definitions = Definitions::new()
        .pair("代理人組織ID", organization.id.to_string())
        .pair("代理人組織名", organization.name.as_str())
        .pair("代理人組織名（略称）", organization.short_name.as_str())
        .pair("代理人ステータス", standing(&organization));
    for (code, label) in PERMISSIONS {
        let may = organization.procedures.contains(&code);
        definitions = definitions.pair(format!("{label}申請可否"), if may { "可能" } else { "不可" });
    }
    let blocks = html! {
        (pages::announcement(&app, &admin.actor, true)?)
        section .card #head { (definitions.render()) }
        section .card #certificates {
            h2 { "代理人証明書" }
            (certificate_list(&app, &opened, id, &certificates))
        }
    };
    let actions = html! {
        (button::link("代理人組織更新", &opened.below(id, "edit")))
        (button::primary_link("代理人証明書登録", &opened.below(id, "certificates/new")))
    };
    Ok(opened.show(&admin.visit, &blocks, &actions).into_response())
}

fn certificate_list(app: &App, opened: &Opened, id: AgentOrganizationId, certificates: &[AgentCertificate]) -> Markup {
    let now = app.clocks.business();
    let signing = crate::domain::agent_certificate::signing(certificates, now).map(|signing| signing.number);
    if certificates.is_empty() {
        return html! { p { "代理人証明書はまだ登録されていません。「代理人証明書登録」から、電子証明書のファイル（.p12）を登録してください。" } };
    }
    table(
        "代理人証明書の一覧",
        &CERTIFICATE_COLUMNS,
        &html! {
            @for certificate in certificates {
                tr {
                    td { a href=(opened.below(id, &format!("certificates/{}", certificate.number))) { (certificate.registered_at) } }
                    td .name { (certificate.trade_name) }
                    td .name { (certificate.person_name) }
                    td { (certificate.valid_until.day()) }
                    td { @if let Some(day) = certificate.usable_from { (day) } @else { "―" } }
                    td { (condition(certificate.state(now), signing == Some(certificate.number))) }
                }
            }
        },
    )
}

/// What a certificate is good for, in a word.
pub(super) fn condition(state: Condition, signs: bool) -> Markup {
    match state {
        _ if signs => tag(Tone::Done, "申請に使用中"),
        Condition::Expired => tag(Tone::Stopped, "期限切れ"),
        Condition::Unfinished => tag(Tone::Waiting, "入力待ち"),
        Condition::Waiting(day) => tag(Tone::Waiting, &format!("{day}から使用")),
        Condition::Usable => tag(Tone::Idle, "予備"),
    }
}

/// 代理人組織更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let organization = organization::view(&app, &admin.actor, id)?;
    let opened = ORGANIZATIONS.opened(&asked);
    Ok(edit_form(&opened, &admin, &organization, &stored(&organization), &Problems::new(), Markup::default()))
}

/// The form as the record fills it.
fn stored(organization: &AgentOrganization) -> Fields {
    let mut fields = Fields::default();
    fields.push("name", &organization.name);
    fields.push("short_name", &organization.short_name);
    for code in &organization.procedures {
        fields.push("procedures", code);
    }
    fields
}

fn edit_form(
    opened: &Opened,
    admin: &AgentAdministrator,
    organization: &AgentOrganization,
    typed: &Fields,
    problems: &Problems,
    above: Markup,
) -> Response {
    let status = directory::status(problems, &above);
    let chosen: Vec<u8> = typed.all("procedures").filter_map(|code| code.parse().ok()).collect();
    let boxes = PERMISSIONS.map(|(code, label)| (code.to_string(), label, chosen.contains(&code)));
    opened.form(
        &admin.visit,
        &opened.title("更新"),
        status,
        &Form {
            above,
            problems,
            action: &opened.below(organization.id, "edit"),
            version: Some(organization.version),
            fields: html! {
                (field("id", "代理人組織ID").value(&organization.id.to_string()).fixed())
                (field("name", "代理人組織名").required(true).value(typed.get("name")).problems(problems)
                    .ruled(&rules::AGENT_NAME))
                (field("short_name", "代理人組織名（略称）").required(true).value(typed.get("short_name")).problems(problems)
                    .ruled(&rules::AGENT_SHORT_NAME))
                (field("standing", "代理人ステータス").value(standing(organization))
                    .rule("変更が必要なときは、システムの運営者に連絡してください。").fixed())
                (field("procedures", "申請可否").problems(problems)
                    .rule("チェックを入れた手続だけを申請できます。チェックを外すと、その手続の申請はすぐにできなくなります。このシステムで申請できるのは継続検査と（軽）継続検査です。")
                    .checks(boxes))
            },
            back: &opened.record(organization.id),
        },
    )
}

/// 確定 of 代理人組織更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let organization = organization::view(&app, &admin.actor, id)?;
    let opened = ORGANIZATIONS.opened(&asked);
    let mut entry = Entry::default();
    let input = OrganizationInput {
        name: entry.required("name", &rules::AGENT_NAME, posted.get("name")),
        short_name: entry.required("short_name", &rules::AGENT_SHORT_NAME, posted.get("short_name")),
        procedures: posted.ids("procedures"),
    };
    let (checked, converted) = entry.finish(input);
    let typed = filled(&posted, &converted);
    let made_from = AgentOrganization { version: posted.version()?, ..organization };
    let (problems, above) = match checked {
        Ok(_) if !converted.is_empty() => (Problems::new(), directory::converted()),
        Ok(input) => match organization::update(&app, &admin.actor, id, made_from.version, input, posted.once()?).await
        {
            Ok(_) => {
                return Ok(admin.visit.redirect(&opened.record(id), Banner::ok("代理人組織を更新しました。")));
            }
            Err(Error::Conflict) => {
                let now = organization::view(&app, &admin.actor, id)?;
                let above = directory::conflict(&FIELDS, &stored(&now), &typed);
                return Ok(edit_form(&opened, &admin, &now, &typed, &Problems::new(), above));
            }
            Err(Error::Invalid(problems)) => (problems, Markup::default()),
            Err(other) => return Err(other.into()),
        },
        Err(problems) => (problems, Markup::default()),
    };
    Ok(edit_form(&opened, &admin, &made_from, &typed, &problems, above))
}
