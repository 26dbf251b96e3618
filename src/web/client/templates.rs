//! 申請テンプレート: 検索, 照会, 登録, 更新, 削除 of named defaults for new requests.

use crate::app::Shared;
use crate::domain::field as rules;
use crate::domain::ids::TemplateId;
use crate::domain::problem::Problems;
use crate::domain::procedure::{self, Procedure};
use crate::domain::template;
use crate::service::administration::templates::{self, Choices, Input, View, Wanted};
use crate::service::error::Error;
use crate::web::kit::address::Id;
use crate::web::kit::detail;
use crate::web::kit::directory::{self, Ask, Directory, Form, Opened, Search};
use crate::web::kit::prelude::*;
use crate::web::procedure::address::Chosen;
use crate::web::procedure::edit::{Filled, control, in_words};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

static TEMPLATES: Directory = Directory {
    noun: "申請テンプレート",
    menu: Menu::ClientTemplates,
    path: urls::CLIENT_TEMPLATES,
    conditions: &["name", "procedure", "branch"],
};

const COLUMNS: [Column<'_>; 5] = [
    Column::new("テンプレート名"),
    Column::new("手続"),
    Column::new("依頼人拠点"),
    Column::new("代理人"),
    Column::new("既定"),
];

/// What stands for no branch.
const ALL_BRANCHES: &str = "すべての拠点";

/// 申請テンプレート検索.
pub(super) async fn search(State(app): State<Shared>, admin: ClientAdministrator, asked: Fields) -> Result<Markup> {
    let opened = TEMPLATES.opened(&asked);
    let wanted = Wanted {
        name: opened.asked("name"),
        procedure: opened.asked("procedure"),
        branch: opened.asked("branch").parse().ok(),
    };
    let found = templates::search(&app, &admin.actor, &wanted)?;
    let branches = branches_of(&app, &admin)?;
    let row = |view: &View| {
        html! {
            (opened.key(view.template.id, &view.template.name))
            td { (view.procedure.label) }
            td { (view.branch.as_deref().unwrap_or(ALL_BRANCHES)) }
            td .name { @if view.agent.is_empty() { "―" } @else { (view.agent) } }
            td { @if view.template.usual { "既定" } @else { "―" } }
        }
    };
    Ok(opened.search(
        &admin.visit,
        Search {
            conditions: html! {
                (field("name", "テンプレート名").value(opened.asked("name")).text(template::LONGEST_NAME))
                (field("procedure", "手続").value(opened.asked("procedure"))
                    .select(Some("すべて"), procedure::ALL.iter().map(|procedure| (procedure.slug, procedure.label))))
                (field("branch", "依頼人拠点").value(opened.asked("branch"))
                    .select(Some("すべて"), branches.iter().map(|(id, name)| (id.as_str(), name.as_str()))))
            },
            columns: &COLUMNS,
            found,
            row: &row,
            actions: html! {
                @for procedure in procedure::ALL {
                    @let label = format!("【{}】{}", procedure.label, opened.title("登録"));
                    (button::primary_link(&label, &opened.beside(&format!("new/{}", procedure.slug))))
                }
            },
        },
    ))
}

fn branches_of(app: &Shared, admin: &ClientAdministrator) -> Result<Vec<(String, String)>, Error> {
    let branches = crate::service::administration::branches::all(app, &admin.actor)?;
    Ok(branches.into_iter().map(|branch| (branch.id.to_string(), branch.short_name)).collect())
}

/// 申請テンプレート照会.
pub(super) async fn show(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<TemplateId>,
    asked: Fields,
) -> Result<Markup> {
    let view = templates::view(&app, &admin.actor, id)?;
    let opened = TEMPLATES.opened(&asked);
    let actions = html! {
        (button::primary_link(&opened.title("更新"), &opened.below(id, "edit")))
        (button::danger_link(&opened.title("削除"), &opened.below(id, "delete")))
    };
    Ok(opened.show(&admin.visit, &html! { section .card #head { (definitions(&view).render()) } }, &actions))
}

fn definitions(view: &View) -> Definitions {
    let usual = if view.template.usual { "依頼データ初期登録で、はじめに選ぶ" } else { "―" };
    let mut pairs = Definitions::new()
        .pair("テンプレート名", view.template.name.as_str())
        .pair("手続", view.procedure.label)
        .pair("依頼人拠点", view.branch.as_deref().unwrap_or(ALL_BRANCHES))
        .pair("既定", usual)
        .wide("代理人", view.agent.as_str());
    let values = view.template.values(view.procedure);
    for field in template::fields(view.procedure) {
        let value = values.get(&field.no).map(|value| rules::show(field, value)).unwrap_or_default();
        pairs = pairs.noted(field.label, value, field.note);
    }
    pairs
}

/// 申請テンプレート登録.
pub(super) async fn new(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let opened = TEMPLATES.opened(&asked);
    let choices = templates::choices(&app, &admin.actor, procedure)?;
    let page = FormPage { opened: &opened, admin: &admin, procedure, choices: &choices, own: None };
    Ok(page.render(&Fields::default(), &Problems::new(), Markup::default()))
}

/// 確定 of 申請テンプレート登録.
pub(super) async fn register(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Chosen(procedure): Chosen,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let opened = TEMPLATES.opened(&asked);
    let done = match read(procedure, &posted) {
        Ok(input) => templates::register(&app, &admin.actor, procedure, input, posted.once()?).await,
        Err(problems) => Err(problems.into()),
    };
    match form::problems(done)? {
        Ok(id) => Ok(admin.visit.redirect(&opened.record(id), Banner::ok("申請テンプレートを登録しました。"))),
        Err(problems) => {
            let choices = templates::choices(&app, &admin.actor, procedure)?;
            let page = FormPage { opened: &opened, admin: &admin, procedure, choices: &choices, own: None };
            Ok(page.render(&posted, &problems, Markup::default()))
        }
    }
}

/// What was typed, after the rules.
fn read(procedure: &Procedure, typed: &Fields) -> Result<Input, Problems> {
    let mut problems = Problems::new();
    let name = problems.take("name", template::name(typed.get("name")));
    let branch = typed.parsed("branch");
    if branch.is_none() && !typed.get("branch").is_empty() {
        problems.add("branch", "依頼人拠点を一覧から選んでください。");
    }
    let agent_branch = typed.parsed("agent_branch");
    if agent_branch.is_none() && !typed.get("agent_branch").is_empty() {
        problems.add("agent_branch", "代理人を一覧から選んでください。");
    }
    let fields = template::check(procedure, &|key| typed.raw(key));
    match (fields, name) {
        (Ok(fields), Some(name)) if problems.is_empty() => {
            Ok(Input { name, branch, agent_branch, usual: typed.has("usual"), fields })
        }
        (fields, _) => {
            for problem in fields.err().iter().flat_map(Problems::iter) {
                problems.add(problem.field.clone(), problem.message.clone());
            }
            Err(problems)
        }
    }
}

/// 申請テンプレート更新.
pub(super) async fn edit(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<TemplateId>,
    asked: Fields,
) -> Result<Response> {
    let view = templates::view(&app, &admin.actor, id)?;
    let opened = TEMPLATES.opened(&asked);
    let choices = templates::choices(&app, &admin.actor, view.procedure)?;
    let own = Some((id, view.template.version));
    let page = FormPage { opened: &opened, admin: &admin, procedure: view.procedure, choices: &choices, own };
    Ok(page.render(&stored(&view), &Problems::new(), Markup::default()))
}

/// The form as the record fills it.
fn stored(view: &View) -> Fields {
    let mut fields = Fields::default();
    fields.push("name", &view.template.name);
    for (name, value) in [
        ("branch", view.template.branch.map(|id| id.to_string())),
        ("agent_branch", view.template.agent_branch.map(|id| id.to_string())),
        ("usual", view.template.usual.then(|| "on".to_owned())),
    ] {
        if let Some(value) = value {
            fields.push(name, value);
        }
    }
    for field in template::fields(view.procedure) {
        if let Some(value) = view.template.fields.get(&field.no) {
            fields.push(field.key, rules::raw(field, value));
        }
    }
    fields
}

/// 確定 of 申請テンプレート更新.
pub(super) async fn update(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<TemplateId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    let view = templates::view(&app, &admin.actor, id)?;
    let opened = TEMPLATES.opened(&asked);
    let version = posted.version()?;
    let done = match read(view.procedure, &posted) {
        Ok(input) => templates::update(&app, &admin.actor, id, version, input, posted.once()?).await,
        Err(problems) => Err(problems.into()),
    };
    let choices = templates::choices(&app, &admin.actor, view.procedure)?;
    let page = |own| FormPage { opened: &opened, admin: &admin, procedure: view.procedure, choices: &choices, own };
    match done {
        Ok(id) => Ok(admin.visit.redirect(&opened.record(id), Banner::ok("申請テンプレートを更新しました。"))),
        Err(Error::Invalid(problems)) => Ok(page(Some((id, version))).render(&posted, &problems, Markup::default())),
        Err(Error::Conflict) => {
            // Read again: what is compared is what the record holds now.
            let now = templates::view(&app, &admin.actor, id)?;
            let above = detail::conflict(&differences(&now, &stored(&now), &posted));
            Ok(page(Some((id, now.template.version))).render(&posted, &Problems::new(), above))
        }
        Err(other) => Err(other.into()),
    }
}

fn differences(view: &View, stored: &Fields, typed: &Fields) -> Vec<(&'static str, String, String)> {
    let name = [("テンプレート名", stored.get("name").to_owned(), typed.get("name").to_owned())];
    let fields = template::fields(view.procedure)
        .map(|field| (field.label, in_words(field, stored.get(field.key)), in_words(field, typed.get(field.key))));
    name.into_iter().chain(fields).filter(|(_, now, mine)| now != mine).collect()
}

/// 申請テンプレート登録 and 更新.
struct FormPage<'a> {
    opened: &'a Opened,
    admin: &'a ClientAdministrator,
    procedure: &'static Procedure,
    choices: &'a Choices,
    /// The one that is changed, and the version that the form was made from.
    own: Option<(TemplateId, u32)>,
}

impl FormPage<'_> {
    fn render(&self, typed: &Fields, problems: &Problems, above: Markup) -> Response {
        let Self { opened, procedure, choices, .. } = self;
        let branches: Vec<(String, &str)> =
            choices.branches.iter().map(|branch| (branch.id.to_string(), branch.short_name.as_str())).collect();
        let agents: Vec<(String, String)> =
            choices.agents.iter().map(|agent| (agent.branch.id.to_string(), agent.name())).collect();
        let (title, action, back) = match self.own {
            Some((id, _)) => (opened.title("更新"), opened.below(id, "edit"), opened.record(id)),
            None => (opened.title("登録"), opened.beside(&format!("new/{}", procedure.slug)), opened.list()),
        };
        let status = directory::status(problems, &above);
        opened.form(&self.admin.visit, &title, status, &Form {
            above,
            problems,
            action: &action,
            version: self.own.map(|(_, version)| version),
            fields: html! {
                (field("procedure", "手続").value(procedure.label).fixed())
                (field("name", "テンプレート名").required(true).value(typed.get("name")).problems(problems)
                    .rule(template::NAME_RULE).text(template::LONGEST_NAME))
                (field("branch", "依頼人拠点").required(!choices.whole).value(typed.get("branch")).problems(problems)
                    .rule("このテンプレートを使う拠点です。")
                    .select(Some(if choices.whole { ALL_BRANCHES } else { "選択してください" }),
                        branches.iter().map(|(id, name)| (id.as_str(), *name))))
                (field("usual", "既定").value(if typed.has("usual") { "on" } else { "" }).problems(problems)
                    .rule("拠点ごとに1つだけ、既定にできます。新しく既定にすると、それまでの既定は外れます。")
                    .check("依頼データ初期登録で、はじめに選ぶ"))
                (field("agent_branch", "代理人").value(typed.get("agent_branch")).problems(problems)
                    .rule("指定しないときは、拠点の既定の代理人を表示します。")
                    .select(Some("指定しない"), agents.iter().map(|(id, name)| (id.as_str(), name.as_str()))))
                @for each in template::fields(procedure) { (control(each, Filled::Typed(typed), problems, false)) }
            },
            back: &back,
        })
    }
}

/// 申請テンプレート削除: what will go.
pub(super) async fn ask_delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<TemplateId>,
    asked: Fields,
) -> Result<Response> {
    let view = templates::view(&app, &admin.actor, id)?;
    let opened = TEMPLATES.opened(&asked);
    Ok(opened.ask(
        &admin.visit,
        &opened.title("削除"),
        StatusCode::OK,
        &Ask {
            held: None,
            sentence: "この申請テンプレートを削除します。登録済みの依頼データは変わりません。",
            shown: definitions(&view),
            action: &opened.below(id, "delete"),
            version: view.template.version,
            back: &opened.record(id),
            danger: true,
        },
    ))
}

/// 確定 of 申請テンプレート削除.
pub(super) async fn delete(
    State(app): State<Shared>,
    admin: ClientAdministrator,
    Id(id): Id<TemplateId>,
    asked: Fields,
    posted: Posted,
) -> Result<Response> {
    templates::remove(&app, &admin.actor, id, posted.version().ok(), posted.once()?).await?;
    let list = TEMPLATES.opened(&asked).list();
    Ok(admin.visit.redirect(&list, Banner::ok("申請テンプレートを削除しました。")))
}
