//! 依頼人証明書: 登録 from a .p12 file, and 照会 (client guide P4).

use super::organizations::ORGANIZATIONS;
use crate::app::{App, Shared};
use crate::domain::ids::ClientOrganizationId;
use crate::domain::problem::Problems;
use crate::domain::time::BusinessTime;
use crate::service::administration::client_certificates::{self as certificates, CertificateView};
use crate::service::administration::client_organization as organization;
use crate::web::key_file;
use crate::web::kit::address::Numbered;
use crate::web::kit::directory;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

const COLUMNS: [Column<'_>; 5] = [
    Column::new("登録日時"),
    Column::new("氏名又は名称（漢字）"),
    Column::new("代表者氏名（漢字）"),
    Column::new("証明書有効期限"),
    Column::new("状態"),
];

/// Said wherever somebody might think that they need one.
const NOT_NEEDED: &str = "継続検査と（軽）継続検査だけを利用する場合、依頼人証明書の登録は不要です。";

/// The block of 依頼人組織照会.
pub(super) fn block(app: &App, opened: &Opened, id: ClientOrganizationId, all: &[CertificateView]) -> Markup {
    let now = app.clocks.business();
    html! {
        section .card #certificates {
            h2 { "依頼人証明書" }
            @if all.is_empty() {
                p .muted { "依頼人証明書は登録されていません。" (NOT_NEEDED) }
            } @else {
                (table("依頼人証明書の一覧", &COLUMNS, &html! {
                    @for certificate in all {
                        tr {
                            td { a href=(opened.below(id, &format!("certificates/{}", certificate.number))) { (certificate.registered_at) } }
                            td .name { (certificate.name) }
                            td .name { @if certificate.representative.is_empty() { "―" } @else { (certificate.representative) } }
                            td { (certificate.valid_until.day()) }
                            td { (condition(certificate, now)) }
                        }
                    }
                }))
            }
        }
    }
}

fn condition(certificate: &CertificateView, now: BusinessTime) -> Markup {
    if now > certificate.valid_until { tag(Tone::Stopped, "期限切れ") } else { tag(Tone::Done, "有効期間内") }
}

/// 依頼人証明書登録.
pub(super) async fn new(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    organization::view(&app, &admin.actor, id)?;
    Ok(form_page(&app, &admin, id, &asked, &Problems::new()))
}

fn form_page(
    app: &App,
    admin: &ClientAdministrator,
    id: ClientOrganizationId,
    asked: &Fields,
    problems: &Problems,
) -> Response {
    let opened = ORGANIZATIONS.opened(asked);
    let content = html! {
        div .card { div .rows { (key_file::rows("商業登記電子証明書など", "電子証明書のパスワード（PINコード）", problems)) } }
        (action_bar(
            &html! { (button::primary("確定")) (button::link("戻る", &opened.record(id))) },
            &Markup::default(),
        ))
    };
    let body = html! {
        (error_summary(problems))
        div .banner role="note" {
            p { strong { (NOT_NEEDED) } "継続検査の申請には、代理人の電子証明書で署名します。" }
        }
        p .lead { "依頼人の電子証明書ファイルを登録します。登録した内容は「依頼人組織照会」に表示します。秘密鍵は保存しません。" }
        (key_file::practice_note(app, &opened.below(id, "certificates/practice.p12")))
        (form::upload(&admin.visit, &opened.below(id, "certificates/new"), &content))
    };
    let status = directory::status(problems, &Markup::default());
    (status, admin.visit.page("依頼人証明書登録", ORGANIZATIONS.here(), &body)).into_response()
}

/// 確定 of 依頼人証明書登録.
pub(super) async fn register(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    organization::view(&app, &admin.actor, id)?;
    let done = match key_file::taken(&posted) {
        Ok(uploaded) => form::problems(certificates::register(&app, &admin.actor, id, uploaded, posted.once()?).await)?,
        Err(problems) => Err(problems),
    };
    Ok(match done {
        Ok(number) => {
            let to = ORGANIZATIONS.opened(&asked).below(id, &format!("certificates/{number}"));
            admin.visit.redirect(&to, Banner::ok("依頼人証明書を登録しました。"))
        }
        Err(problems) => form_page(&app, &admin, id, &asked, &problems),
    })
}

/// A certificate to practise with.
pub(super) async fn practice(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<ClientOrganizationId>,
) -> Result<Response> {
    Ok(key_file::practice(certificates::practice(&app, &admin.actor, id).await?))
}

/// 依頼人証明書照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Numbered(id, number): Numbered<ClientOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let certificate = certificates::view(&app, &admin.actor, id, number)?;
    let opened = ORGANIZATIONS.opened(&asked);
    let body = html! {
        section .card #head {
            div .head { (condition(&certificate, app.clocks.business())) }
            (Definitions::new()
                .pair("登録日時", certificate.registered_at.to_string())
                .pair("証明書有効期限", certificate.valid_until.day().to_string())
                .pair("氏名又は名称（漢字）", certificate.name.as_str())
                .pair("代表者氏名（漢字）", certificate.representative.as_str())
                .pair("住所", certificate.details.subject.address())
                .pair("有効期間の開始日", certificate.valid_from.day().to_string())
                .render())
        }
        (key_file::issued(&certificate.details))
        (action_bar(&button::link("依頼人組織照会に戻る", &opened.record(id)), &Markup::default()))
    };
    Ok(admin.visit.page("依頼人証明書照会", ORGANIZATIONS.here(), &body).into_response())
}
