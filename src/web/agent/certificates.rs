//! 代理人証明書: 登録 from a .p12 file, 照会, 更新 with the password at every time (agent guide ③–⑨).

use super::organization::{ORGANIZATIONS, condition};
use crate::app::{App, Shared};
use crate::domain::actor::AgentActor;
use crate::domain::agent_certificate::{ANNOUNCED, State as Condition, Warning};
use crate::domain::ids::AgentOrganizationId;
use crate::domain::problem::Problems;
use crate::domain::role::AgentRole;
use crate::domain::rules::{self, Entry};
use crate::domain::time::Day;
use crate::secret::Secret;
use crate::service::administration::certificates::{self, CertificateInput, CertificateView};
use crate::service::administration::organization;
use crate::service::error::Error;
use crate::service::key_files::PASSWORD;
use crate::web::key_file;
use crate::web::kit::address::Numbered;
use crate::web::kit::directory;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

/// The order, names and labels of 代理人証明書照会 and 更新.
const FIELDS: [(&str, &str); 8] = [
    ("trade_name_kana", "屋号（カナ）"),
    ("trade_name", "屋号（漢字）"),
    ("person_name_kana", "氏名又は代表者名（カナ）"),
    ("person_name", "氏名又は代表者名（漢字）"),
    ("postal_code", "郵便番号"),
    ("address", "住所（都道府県～番地）"),
    ("building", "住所（建物名等）"),
    ("usable_from", "利用開始日"),
];

/// What has to be known about the end of this agent's certificates, above a page. `inside` the pages of certificates,
/// the way there need not be shown.
pub(in crate::web) fn announcement(app: &App, actor: &AgentActor, inside: bool) -> Result<Markup> {
    let Some(warning) = certificates::warning(app, actor)? else { return Ok(Markup::default()) };
    let administers = actor.role() == AgentRole::Administrator;
    let what = match warning {
        Warning::Nothing(None) => {
            "申請に使える電子証明書（代理人証明書）がありません。登録するまで申請できません。".to_owned()
        }
        Warning::Nothing(Some(day)) => {
            format!(
                "いま申請に使える電子証明書（代理人証明書）がありません。次の電子証明書の利用開始日（{day}）まで申請できません。"
            )
        }
        Warning::Ends(day, 0) => format!("電子証明書（代理人証明書）の有効期限は今日（{day}）までです。"),
        Warning::Ends(day, left) => {
            format!("電子証明書（代理人証明書）の有効期限まであと{left}日です（{day}）。期限が切れると申請できません。")
        }
    };
    let urgent = !matches!(warning, Warning::Ends(_, left) if left > ANNOUNCED[1]);
    let next = match (administers, inside) {
        (true, true) => "新しい電子証明書を「代理人証明書登録」で登録してください。",
        (true, false) => "新しい電子証明書を登録してください。",
        (false, _) => "管理者に、新しい電子証明書の登録を依頼してください。",
    };
    Ok(html! {
        div class=(if urgent { "banner warning" } else { "banner" }) role="note" {
            p { strong { (what) } (next)
                @if administers && !inside { " " a href=(urls::agent_organization(actor.organization())) { "代理人組織照会を開く" } }
            }
        }
    })
}

/// Best done while nothing is under way.
fn under_way(app: &App, actor: &AgentActor) -> Result<Markup> {
    Ok(match certificates::under_way(app, actor)? {
        0 => Markup::default(),
        count => html! {
            div .banner.warning role="note" {
                p { strong { "申請中の案件が" (count) "件あります。" }
                    "電子証明書の設定は、申請中の案件がないときに行うことをお勧めします。補正のときは、そのとき使用中の電子証明書で署名します。" }
            }
        },
    })
}

/// 代理人証明書登録.
pub(super) async fn new(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    organization::view(&app, &admin.actor, id)?;
    register_page(&app, &admin, id, &asked, &Problems::new())
}

fn register_page(
    app: &App,
    admin: &AgentAdministrator,
    id: AgentOrganizationId,
    asked: &Fields,
    problems: &Problems,
) -> Result<Response> {
    let opened = ORGANIZATIONS.opened(asked);
    let content = html! {
        div .card { div .rows {
            (key_file::rows("行政書士電子証明書または商業登記電子証明書", "セコムのPINコード、または商業登記電子証明書のパスワード", problems))
        } }
        (action_bar(
            &html! { (button::primary("確定")) (button::link("戻る", &opened.record(id))) },
            &Markup::default(),
        ))
    };
    let body = html! {
        (error_summary(problems))
        (under_way(app, &admin.actor)?)
        p .lead { "署名用証明書ファイルを登録します。" }
        (key_file::practice_note(app, &opened.below(id, "certificates/practice.p12")))
        (form::upload(&admin.visit, &opened.below(id, "certificates/new"), &content))
    };
    let status = directory::status(problems, &Markup::default());
    Ok((status, admin.visit.page("代理人証明書登録", ORGANIZATIONS.here(), &body)).into_response())
}

/// 確定 of 代理人証明書登録.
pub(super) async fn register(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    organization::view(&app, &admin.actor, id)?;
    let uploaded = match key_file::taken(&posted) {
        Ok(uploaded) => uploaded,
        Err(problems) => return register_page(&app, &admin, id, &asked, &problems),
    };
    match form::problems(certificates::register(&app, &admin.actor, id, uploaded, posted.once()?).await)? {
        Ok(number) => {
            let to = ORGANIZATIONS.opened(&asked).below(id, &format!("certificates/{number}"));
            let banner =
                Banner::ok("代理人証明書を登録しました。続けて「代理人証明書更新」で、残りの項目を入力してください。");
            Ok(admin.visit.redirect(&to, banner))
        }
        Err(problems) => register_page(&app, &admin, id, &asked, &problems),
    }
}

/// A certificate to practise with.
pub(super) async fn practice(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Id(id): Id<AgentOrganizationId>,
) -> Result<Response> {
    Ok(key_file::practice(certificates::practice(&app, &admin.actor, id).await?))
}

/// 代理人証明書照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Numbered(id, number): Numbered<AgentOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let view = certificates::view(&app, &admin.actor, id, number)?;
    let opened = ORGANIZATIONS.opened(&asked);
    let now = app.clocks.business();
    let state = view.certificate.state(now);
    let certificate = &view.certificate;
    let typed = stored(&view);
    let mut definitions = Definitions::new().pair("登録日時", certificate.registered_at.to_string());
    for (name, label) in FIELDS.iter().take(7) {
        definitions = definitions.pair(*label, typed.get(name));
    }
    let definitions = definitions
        .pair("証明書有効期限", certificate.valid_until.day().to_string())
        .pair("利用開始日", certificate.usable_from.map(|day| day.to_string()).unwrap_or_default());
    let body = html! {
        @if !view.differing.is_empty() { (Banner::warning(difference(&view.differing)).render()) }
        @if state == Condition::Unfinished {
            p .banner.next.mine { strong { "次の対応：" } "「代理人証明書更新」で、屋号（カナ）、氏名又は代表者名（カナ）、郵便番号、利用開始日、証明書パスワードを入力してください。入力するまで、この電子証明書では申請できません。" }
        }
        section .card #head {
            div .head { (condition(state, view.signs)) }
            (definitions.render())
        }
        (key_file::issued(&view.details))
        (action_bar(
            &button::link("代理人組織照会に戻る", &opened.record(id)),
            &html! { @if state != Condition::Expired {
                (button::primary_link("代理人証明書更新", &opened.below(id, &format!("certificates/{number}/edit"))))
            } },
        ))
    };
    Ok(admin.visit.page("代理人証明書照会", ORGANIZATIONS.here(), &body).into_response())
}

fn difference(labels: &[&str]) -> String {
    format!(
        "{}が電子証明書の内容と異なります。1文字でも（空白も含めて）異なると、申請が「未受付」になります。",
        labels.join("、")
    )
}

/// The form as the record fills it.
fn stored(view: &CertificateView) -> Fields {
    let certificate = &view.certificate;
    let mut fields = Fields::default();
    for (name, value) in [
        ("trade_name_kana", &certificate.trade_name_kana),
        ("trade_name", &certificate.trade_name),
        ("person_name_kana", &certificate.person_name_kana),
        ("person_name", &certificate.person_name),
        ("postal_code", &certificate.postal_code),
        ("address", &certificate.address),
        ("building", &certificate.building),
    ] {
        fields.push(name, value);
    }
    fields.push("usable_from", certificate.usable_from.map(Day::iso).unwrap_or_default());
    fields
}

/// 代理人証明書更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Numbered(id, number): Numbered<AgentOrganizationId>,
    asked: Fields,
) -> Result<Response> {
    let view = certificates::view(&app, &admin.actor, id, number)?;
    let typed = stored(&view);
    edit_page(&app, &admin, &view, &asked, &typed, &Problems::new(), &Markup::default())
}

fn edit_page(
    app: &App,
    admin: &AgentAdministrator,
    view: &CertificateView,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
    above: &Markup,
) -> Result<Response> {
    let certificate = &view.certificate;
    let (id, number) = (certificate.organization, certificate.number);
    let opened = ORGANIZATIONS.opened(asked);
    let own = |name: &'static str| {
        let label = FIELDS.iter().find(|(field, _)| *field == name).map_or("", |(_, label)| label);
        field(name, label).value(typed.get(name)).problems(problems)
    };
    let has_trade_name = !certificate.trade_name.is_empty();
    let has_address = !certificate.address.is_empty();
    let rows = html! {
        (field("registered_at", "登録日時").value(&certificate.registered_at.to_string()).fixed())
        (own("trade_name_kana").required(has_trade_name).ruled(&rules::TRADE_NAME_KANA))
        (own("trade_name").ruled(&rules::CERTIFICATE_TRADE_NAME))
        (own("person_name_kana").required(true).ruled(&rules::PERSON_NAME_KANA))
        (own("person_name").required(true).ruled(&rules::CERTIFICATE_PERSON_NAME))
        (own("postal_code").required(true).ruled(&rules::POSTAL_CODE))
        (own("address").required(has_address).ruled(&rules::CERTIFICATE_ADDRESS))
        (own("building").ruled(&rules::CERTIFICATE_BUILDING))
        (field("valid_until", "証明書有効期限").value(&certificate.valid_until.day().to_string()).fixed())
        (own("usable_from").required(true)
            .rule("入力当日の日付を入力します。この日から、この電子証明書で申請します。").date())
        (field(PASSWORD, "証明書パスワード").required(true).problems(problems)
            .rule("セコムのPINコード、または商業登記電子証明書のパスワードを、更新のたびに入力します。").password("off"))
    };
    let content = html! {
        (form::version(certificate.version))
        div .card { div .rows { (rows) } }
        (action_bar(
            &html! {
                (button::primary("確定"))
                (button::link("戻る", &opened.below(id, &format!("certificates/{number}"))))
            },
            &Markup::default(),
        ))
    };
    let body = html! {
        (error_summary(problems))
        (above)
        (under_way(app, &admin.actor)?)
        p .lead { "電子証明書の内容通りに入力してください。値に誤りがある場合は申請できません。証明書パスワードは更新の都度入力が必要です。" }
        (form::post(&admin.visit, &opened.below(id, &format!("certificates/{number}/edit")), &content))
    };
    let status = directory::status(problems, above);
    Ok((status, admin.visit.page("代理人証明書更新", ORGANIZATIONS.here(), &body)).into_response())
}

/// 確定 of 代理人証明書更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: AgentAdministrator,
    Numbered(id, number): Numbered<AgentOrganizationId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let mut view = certificates::view(&app, &admin.actor, id, number)?;
    // A form that comes back is still made from what its writer saw.
    view.certificate.version = posted.version()?;
    let mut entry = Entry::default();
    let input = CertificateInput::check(&mut entry, |name| posted.get(name));
    let password = posted.raw(PASSWORD).unwrap_or_default().to_owned();
    if password.is_empty() {
        entry.wrong(PASSWORD, "証明書パスワードを入力してください。");
    }
    let (checked, converted) = entry.finish(input);
    let typed = directory::filled(&posted, &converted);
    let version = view.certificate.version;
    let again = |problems: &Problems, above: &Markup| edit_page(&app, &admin, &view, &asked, &typed, problems, above);
    let input = match checked {
        Ok(input) => input,
        Err(problems) => return again(&problems, &Markup::default()),
    };
    if !converted.is_empty() {
        return again(&Problems::new(), &directory::converted());
    }
    let done =
        certificates::update(&app, &admin.actor, (id, number, version), input, Secret::new(password), posted.once()?);
    match done.await {
        Ok(_) => {
            let to = ORGANIZATIONS.opened(&asked).below(id, &format!("certificates/{number}"));
            Ok(admin.visit.redirect(&to, Banner::ok("代理人証明書を更新しました。")))
        }
        Err(Error::Invalid(problems)) => again(&problems, &Markup::default()),
        Err(Error::Conflict) => {
            let now = certificates::view(&app, &admin.actor, id, number)?;
            let above = directory::conflict(&FIELDS, &stored(&now), &typed);
            edit_page(&app, &admin, &now, &asked, &typed, &Problems::new(), &above)
        }
        Err(other) => Err(other.into()),
    }
}
