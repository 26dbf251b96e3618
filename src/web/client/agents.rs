//! 依頼先代理人: 検索, 照会, 更新 — which agent branches the garage, or one branch of it, may ask, and which one its
//! request form shows first.

use crate::app::Shared;
use crate::domain::ids::AgentBranchId;
use crate::domain::problem::Problems;
use crate::domain::procedure;
use crate::service::administration::agents::{self, Choice, Input, Offered, Wanted, Whose};
use crate::service::error::Error;
use crate::web::kit::address::Id;
use crate::web::kit::detail;
use crate::web::kit::directory::{self, Directory, Form, Opened, Search};
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

static AGENTS: Directory = Directory {
    noun: "依頼先代理人",
    menu: Menu::ClientAgents,
    path: urls::CLIENT_AGENTS,
    conditions: &["code", "name", "agent"],
};

const COLUMNS: [Column<'_>; 4] = [
    Column::new("依頼人拠点コード"),
    Column::new("依頼人拠点"),
    Column::new("依頼できる代理人"),
    Column::new("既定の代理人"),
];

/// The value of "only those that are checked below".
const LISTED: &str = "listed";

/// 依頼先代理人検索.
pub(super) async fn search(State(app): State<Shared>, admin: ClientAdministrator, asked: Fields) -> Result<Markup> {
    let opened = AGENTS.opened(&asked);
    let wanted = Wanted { code: opened.asked("code"), name: opened.asked("name"), agent: opened.asked("agent") };
    let found = agents::search(&app, &admin.actor, &wanted)?;
    let row = |choice: &Choice| {
        let code = if choice.code.is_empty() { "組織全体" } else { &choice.code };
        html! {
            (opened.key(choice.whose, code))
            td .name { (choice.name) }
            td { (range(choice)) }
            td { (dash(&usual(choice))) }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: html! {
                (field("code", "依頼人拠点コード").value(opened.asked("code")).text(7))
                (field("name", "依頼人拠点").value(opened.asked("name")).text(40))
                (field("agent", "代理人").value(opened.asked("agent")).text(40))
            },
            columns: &COLUMNS,
            found,
            row: &row,
            actions: Markup::default(),
        },
    ))
}

/// In words, what may be asked.
fn range(choice: &Choice) -> String {
    let count = choice.allowed.len();
    match (choice.whose, &choice.listed) {
        (Whose::Organization, None) => format!("すべての代理人（{count}件）"),
        (Whose::Branch(_), None) => format!("組織の設定と同じ（{count}件）"),
        (_, Some(_)) => format!("選んだ代理人だけ（{count}件）"),
    }
}

/// What the request form shows first, and whether that is the organization's word.
fn usual(choice: &Choice) -> String {
    let name = choice.usual_name();
    let inherited = choice.usual.is_some() && choice.own_default != choice.usual;
    if inherited && choice.whose != Whose::Organization { format!("{name}（拠点の指定なし）") } else { name }
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "―" } else { text }
}

/// 依頼先代理人照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(whose): Id<Whose>,
    asked: Fields,
) -> Result<Markup> {
    let choice = agents::view(&app, &admin.actor, whose)?;
    let opened = AGENTS.opened(&asked);
    let columns = ["地域", "代理人", "代理人拠点ID", "代理人拠点名", "申請できる手続", "既定"].map(Column::new);
    let blocks = html! {
        section .card #head { (definitions(&choice).render()) }
        section .card #agents {
            h2 { "依頼できる代理人" }
            @if choice.allowed.is_empty() { p { "依頼できる代理人がありません。「依頼先代理人更新」で選んでください。" } }
            @else {
                (table("依頼できる代理人", &columns, &html! {
                    @for agent in &choice.allowed {
                        tr {
                            td { (dash(&agent.branch.region)) }
                            td .name { (agent.organization.name) }
                            td { (agent.branch.code) }
                            td .name { (agent.branch.name) }
                            td { (procedures(agent)) }
                            td { @if choice.usual == Some(agent.branch.id) { "既定" } @else { "―" } }
                        }
                    }
                }))
            }
        }
    };
    let actions = html! {
        @if agents::may_change(&admin.actor, whose) {
            (button::primary_link(&opened.title("更新"), &opened.below(whose, "edit")))
        }
    };
    Ok(opened.show(&admin.visit, &blocks, &actions))
}

fn procedures(agent: &Offered) -> String {
    let filed = procedure::ALL.iter().filter(|procedure| agent.organization.procedures.contains(&procedure.code));
    filed.map(|procedure| procedure.label).collect::<Vec<_>>().join("、")
}

fn definitions(choice: &Choice) -> Definitions {
    let whose = match choice.whose {
        Whose::Organization => "組織全体（すべての拠点に適用）".to_owned(),
        Whose::Branch(_) => format!("{}　{}", choice.code, choice.name),
    };
    Definitions::new()
        .pair("依頼人拠点", whose)
        .pair("依頼できる代理人", range(choice))
        .wide("既定の代理人", usual(choice))
}

/// 依頼先代理人更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(whose): Id<Whose>,
    asked: Fields,
) -> Result<Response> {
    let choice = changeable(&app, &admin, whose)?;
    let opened = AGENTS.opened(&asked);
    Ok(form_page(&opened, &admin, &choice, &stored(&choice), &Problems::new(), Markup::default()))
}

fn changeable(app: &Shared, admin: &ClientAdministrator, whose: Whose) -> Result<Choice, Error> {
    let choice = agents::view(app, &admin.actor, whose)?;
    if agents::may_change(&admin.actor, whose) { Ok(choice) } else { Err(Error::Forbidden) }
}

/// The form as the record fills it.
fn stored(choice: &Choice) -> Fields {
    let mut fields = Fields::default();
    fields.push("range", if choice.listed.is_some() { LISTED } else { "" });
    for agent in choice.listed.iter().flatten() {
        fields.push("agents", agent);
    }
    if let Some(default) = choice.own_default {
        fields.push("default", default);
    }
    fields
}

fn form_page(
    opened: &Opened,
    admin: &ClientAdministrator,
    choice: &Choice,
    typed: &Fields,
    problems: &Problems,
    above: Markup,
) -> Response {
    let all = match choice.whose {
        Whose::Organization => "すべての代理人",
        Whose::Branch(_) => "組織の設定と同じ",
    };
    let checked: Vec<&str> = typed.all("agents").collect();
    let names: Vec<(String, String)> =
        choice.open.iter().map(|agent| (agent.branch.id.to_string(), agent.name())).collect();
    let blank = match choice.whose {
        Whose::Organization => "なし",
        Whose::Branch(_) => "組織の設定と同じ",
    };
    opened.form(
        &admin.visit,
        &opened.title("更新"),
        directory::status(problems, &above),
        &Form {
            above,
            problems,
            action: &opened.below(choice.whose, "edit"),
            version: Some(choice.version),
            fields: html! {
                (field("whose", "依頼人拠点").value(&choice.name).fixed())
                (field("range", "依頼できる代理人").value(typed.get("range")).problems(problems)
                    .rule("「選んだ代理人だけ」のときは、下の代理人から選びます。")
                    .select(None, [("", all), (LISTED, "選んだ代理人だけ")]))
                (field("agents", "代理人").problems(problems)
                    .rule("「選んだ代理人だけ」のときに有効です。")
                    .checks(names.iter().map(|(id, name)| (id.as_str(), name.as_str(), checked.contains(&id.as_str())))))
                (field("default", "既定の代理人").value(typed.get("default")).problems(problems)
                    .rule("依頼データ初期登録で、はじめに表示する代理人です。")
                    .select(Some(blank), names.iter().map(|(id, name)| (id.as_str(), name.as_str()))))
            },
            back: &opened.record(choice.whose),
        },
    )
}

/// 確定 of 依頼先代理人更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(whose): Id<Whose>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let choice = changeable(&app, &admin, whose)?;
    let opened = AGENTS.opened(&asked);
    let listed: Vec<AgentBranchId> = posted.ids("agents");
    let input = Input { listed: (posted.get("range") == LISTED).then_some(listed), default: posted.parsed("default") };
    match agents::update(&app, &admin.actor, whose, posted.version()?, input, posted.once()?).await {
        Ok(_) => Ok(admin.visit.redirect(&opened.record(whose), Banner::ok("依頼先代理人を更新しました。"))),
        Err(Error::Conflict) => {
            let now = changeable(&app, &admin, whose)?;
            let differences = [("既定の代理人", "default"), ("依頼できる代理人", "agents")]
                .into_iter()
                .map(|(label, name)| (label, in_words(&now, &stored(&now), name), in_words(&now, &posted, name)))
                .filter(|(_, stored, typed)| stored != typed)
                .collect::<Vec<_>>();
            let above = detail::conflict(&differences);
            Ok(form_page(&opened, &admin, &now, &posted, &Problems::new(), above))
        }
        Err(Error::Invalid(problems)) => {
            let made_from = Choice { version: posted.version()?, ..choice };
            Ok(form_page(&opened, &admin, &made_from, &posted, &problems, Markup::default()))
        }
        Err(other) => Err(other.into()),
    }
}

/// The agents that a field names.
fn in_words(choice: &Choice, fields: &Fields, name: &str) -> String {
    if name == "agents" && fields.get("range") != LISTED {
        return "すべて".to_owned();
    }
    let named = fields.all(name).filter_map(|id| choice.open.iter().find(|agent| agent.branch.id.to_string() == id));
    named.map(Offered::name).collect::<Vec<_>>().join("、")
}
