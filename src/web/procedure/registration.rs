//! The form of 依頼データ初期登録 (inspection manual P40) and 代行入力: what can't be changed afterwards, so doubtful input is
//! asked about first.

use crate::app::App;
use crate::domain::chassis;
use crate::domain::ids::{AgentBranchId, BranchId};
use crate::domain::organization::AgentBranch;
use crate::domain::plate::{self, PlateInput};
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::request::ServiceRequest;
use crate::domain::template::Template;
use crate::service::error::Error;
use crate::service::reason::Reason;
use crate::service::requests::NewRequest;
use crate::service::requests::view::{Beginning, Choices};
use crate::web::kit::button::Key;
use crate::web::kit::prelude::*;
use crate::web::procedure::search::{agents, branches};
use axum::response::Response;
use std::collections::BTreeMap;

/// 拠点.
const BRANCH: &str = "branch";
/// 代理人 (the organization).
const AGENT: &str = "agent";
/// 代理人拠点.
const AGENT_BRANCH: &str = "agent_branch";
/// 申請テンプレート.
const TEMPLATE: &str = "template";
/// The box that goes on in spite of a doubtful plate.
const PLATE_CONFIRMED: &str = "plate_confirmed";
/// The box that goes on although the vehicle has a request.
const VEHICLE_CONFIRMED: &str = "same_vehicle_confirmed";

/// The page of the form, for either side.
pub struct Sheet<'a> {
    /// The page's reader.
    pub visit: &'a Visit,
    /// The chosen procedure.
    pub procedure: &'static Procedure,
    /// What there is to choose from.
    pub choices: &'a Choices,
    /// Where it stands, and its title.
    pub menu: (Menu, &'static str),
    /// Where it is sent.
    pub action: String,
    /// A garage chooses among agents; an agent has only itself.
    pub asks_agent: bool,
    /// Fields above those of the vehicle, with what was typed.
    pub first: Markup,
    /// Links beside 確定.
    pub beside: Markup,
}

/// What the page says above the form.
#[derive(Debug, Default)]
pub struct Said {
    /// What is wrong with it.
    pub problems: Problems,
    /// Name of the box, and what has to be confirmed.
    pub ask: Option<(&'static str, Vec<String>)>,
    /// One of several in a row: the keyboard begins at the first box.
    pub again: bool,
}

/// What an empty form begins with: the branch and agent that are mostly meant, or those of the one before.
pub fn begun(choices: &Choices, asked: &Fields) -> Fields {
    let mut typed = Fields::default();
    if let [only] = choices.branches.as_slice() {
        typed.push(BRANCH, only.id);
    }
    if let Some(agent) = in_common(choices, |beginning| beginning.agent) {
        preset(&mut typed, choices, agent);
    }
    let mut template = in_common(choices, |beginning| beginning.template);
    // 続けて登録: workshop and agent of the one before.
    if let Some(branch) = asked.parsed::<BranchId>(BRANCH) {
        typed = typed.with(BRANCH, branch);
        if let Some(agent) = asked.parsed(AGENT_BRANCH) {
            preset(&mut typed, choices, agent);
        }
        template = choices.beginnings.get(&branch).and_then(|beginning| beginning.template);
    }
    if let Some(template) = template {
        typed.push(TEMPLATE, template);
    }
    typed
}

/// Whether the address asks for one of several in a row.
pub fn is_again(asked: &Fields) -> bool {
    asked.has(BRANCH)
}

/// What the address of the form for another vehicle says: same workshop, same agent.
pub fn alike(request: &ServiceRequest) -> Fields {
    Fields::default().with(BRANCH, request.branch).with(AGENT_BRANCH, request.agent_branch)
}

/// 確定: what was typed, when it can be registered as it stands; or the form again. `problems` are those of the fields
/// that the caller added.
///
/// # Errors
/// What the page has to say.
pub fn read(
    app: &App,
    procedure: &Procedure,
    choices: &Choices,
    typed: &mut Fields,
    problems: Problems,
) -> Result<NewRequest, Said> {
    let (new, warnings) = vehicle_and_places(app, procedure, choices, typed, problems)
        .map_err(|problems| Said { problems, ..Said::default() })?;
    if warnings.is_empty() || typed.has(PLATE_CONFIRMED) {
        return Ok(new);
    }
    Err(Said { ask: Some((PLATE_CONFIRMED, warnings)), ..Said::default() })
}

/// What the page has to say of a refusal, if the form can mend it.
///
/// # Errors
/// Any other refusal.
pub fn refused(error: Error) -> Result<Said, Error> {
    match error {
        Error::Invalid(problems) => Ok(Said { problems, ..Said::default() }),
        Error::Refused(reason @ Reason::SameVehicle { .. }) => {
            Ok(Said { ask: Some((VEHICLE_CONFIRMED, vec![reason.sentence()])), ..Said::default() })
        }
        other => Err(other),
    }
}

/// What was typed, as a request; or everything that is wrong with it. An agent that was left out is filled in from the
/// branch and has to be looked at once.
fn vehicle_and_places(
    app: &App,
    procedure: &Procedure,
    choices: &Choices,
    typed: &mut Fields,
    mut problems: Problems,
) -> Result<(NewRequest, Vec<String>), Problems> {
    let input = PlateInput {
        region: typed.get("plate.region").to_owned(),
        class: typed.get("plate.class").to_owned(),
        kana: typed.get("plate.kana").to_owned(),
        serial: typed.get("plate.serial").to_owned(),
        small: typed.has("plate.small"),
        no_class: typed.has("plate.no_class"),
    };
    let plate = plate::parse(procedure.vehicle, &input, &app.tables.regions).map_err(|wrong| {
        wrong.iter().for_each(|problem| problems.add(problem.field.clone(), problem.message.clone()));
    });
    let chassis =
        problems.take("chassis", chassis::parse(procedure.vehicle, typed.get("chassis"), typed.has("stamped")));
    let branch: Option<BranchId> =
        typed.parsed("branch").filter(|id| choices.branches.iter().any(|branch| branch.id == *id));
    if branch.is_none() {
        problems.add("branch", "拠点を一覧から選んでください。");
    }
    let agent = agent(choices, branch, typed, &mut problems);
    match (plate, chassis, branch, agent) {
        (Ok((plate, warnings)), Some(chassis), Some(branch), Some(agent_branch)) if problems.is_empty() => {
            let same_vehicle_confirmed = typed.has(VEHICLE_CONFIRMED);
            let template = typed.parsed("template");
            Ok((NewRequest { plate, chassis, branch, agent_branch, template, same_vehicle_confirmed }, warnings))
        }
        _ => Err(problems),
    }
}

fn agent(
    choices: &Choices,
    branch: Option<BranchId>,
    typed: &mut Fields,
    problems: &mut Problems,
) -> Option<AgentBranchId> {
    let organization = typed.get("agent").to_owned();
    let Some(chosen) = typed.parsed::<AgentBranchId>("agent_branch") else {
        let usual = branch
            .and_then(|id| choices.beginnings.get(&id))
            .and_then(|beginning| beginning.agent)
            .or_else(|| in_common(choices, |beginning| beginning.agent));
        match usual {
            Some(usual) if organization.is_empty() => {
                preset(typed, choices, usual);
                problems.add(
                    "agent_branch",
                    "拠点の所在地の代理人を表示しました。確認して、もう一度「確定」を押してください。",
                );
            }
            _ => problems.add("agent_branch", "代理人の拠点を一覧から選んでください。"),
        }
        return None;
    };
    let Some((owner, _)) = choices.agents.iter().find(|(_, own)| own.iter().any(|branch| branch.id == chosen)) else {
        problems.add("agent_branch", "代理人の拠点を一覧から選んでください。");
        return None;
    };
    if !organization.is_empty() && organization != owner.id.to_string() {
        problems.add(
            "agent_branch",
            format!("選んだ拠点は「{}」の拠点です。代理人の組織と拠点を合わせてください。", owner.name),
        );
        return None;
    }
    Some(chosen)
}

/// What all branches on offer begin with, if they do.
fn in_common<T: PartialEq>(choices: &Choices, of: impl Fn(&Beginning) -> Option<T>) -> Option<T> {
    let mut all = choices.beginnings.values().map(of);
    let first = all.next().flatten()?;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// Values by the names of the selects they are for.
type Presets<'a> = BTreeMap<&'a str, String>;

/// The selects of an agent.
fn agent_presets<'a>(sheet: &Sheet<'_>, agent: AgentBranchId) -> Option<Presets<'a>> {
    let mut presets = BTreeMap::from([(AGENT_BRANCH, agent.to_string())]);
    if sheet.asks_agent {
        let owns = |own: &[AgentBranch]| own.iter().any(|branch| branch.id == agent);
        let (owner, _) = sheet.choices.agents.iter().find(|(_, own)| owns(own))?;
        presets.insert(AGENT, owner.id.to_string());
    }
    Some(presets)
}

/// For the script: what belongs to a branch, so that choosing one shows its agent and its template (manual P40).
fn branch_presets(sheet: &Sheet<'_>) -> String {
    let choices = sheet.choices;
    let presets: BTreeMap<String, Presets<'_>> = choices
        .beginnings
        .iter()
        .map(|(branch, beginning)| {
            let mut presets = beginning.agent.and_then(|agent| agent_presets(sheet, agent)).unwrap_or_default();
            if !choices.templates.is_empty() {
                presets.insert("template", beginning.template.map(|id| id.to_string()).unwrap_or_default());
            }
            (branch.to_string(), presets)
        })
        .collect();
    serde_json::to_string(&presets).unwrap_or_default()
}

/// For the script: the agents of templates that name one.
fn template_presets(sheet: &Sheet<'_>) -> String {
    let presets: BTreeMap<String, Presets<'_>> = sheet
        .choices
        .templates
        .iter()
        .filter_map(|template| Some((template.id.to_string(), agent_presets(sheet, template.agent_branch?)?)))
        .collect();
    serde_json::to_string(&presets).unwrap_or_default()
}

/// For the script: which agents and templates each branch can choose.
fn offers(sheet: &Sheet<'_>) -> String {
    let (choices, procedure) = (sheet.choices, sheet.procedure);
    let offers: BTreeMap<String, BTreeMap<&str, Vec<String>>> = choices
        .beginnings
        .iter()
        .map(|(branch, beginning)| {
            let agents = beginning.allowed.iter().map(ToString::to_string).collect();
            let serving = choices.templates.iter().filter(|template| template.serves(procedure, *branch));
            let templates = serving.map(|template| template.id.to_string()).collect();
            (branch.to_string(), BTreeMap::from([("agent_branch", agents), ("template", templates)]))
        })
        .collect();
    serde_json::to_string(&offers).unwrap_or_default()
}

/// Templates with the branch that they are for, where there is more than one to choose from.
fn templates(choices: &Choices) -> Vec<(String, String)> {
    let label = |template: &Template| {
        let branch = choices.branches.iter().find(|branch| Some(branch.id) == template.branch);
        match branch.filter(|_| choices.branches.len() > 1) {
            Some(branch) => format!("{}（{}）", template.name, branch.short_name),
            None => template.name.clone(),
        }
    };
    choices.templates.iter().map(|template| (template.id.to_string(), label(template))).collect()
}

/// Chooses an agent in both selects, if it is on offer.
fn preset(typed: &mut Fields, choices: &Choices, agent: AgentBranchId) {
    let owner = choices.agents.iter().find(|(_, own)| own.iter().any(|branch| branch.id == agent));
    if let Some((owner, _)) = owner {
        *typed = typed.with(AGENT, owner.id).with(AGENT_BRANCH, agent);
    }
}

/// The page, with what was typed.
pub fn page(sheet: &Sheet<'_>, typed: &Fields, said: &Said) -> Response {
    let Sheet { visit, procedure, choices, .. } = *sheet;
    let problems = &said.problems;
    let plate_label = format!("{}（標板）", procedure.plate_label);
    let plate = PlateTyped {
        region: typed.get("plate.region"),
        class: typed.get("plate.class"),
        kana: typed.get("plate.kana"),
        serial: typed.get("plate.serial"),
    };
    let options: Vec<(String, String)> = branches(choices);
    let organizations: Vec<(String, &str)> =
        choices.agents.iter().map(|(agent, _)| (agent.id.to_string(), agent.name.as_str())).collect();
    let own = choices.agents.first().map_or(&[][..], |(_, own)| own.as_slice());
    let templates = templates(choices);
    let stamped = if typed.has("stamped") { "on" } else { "" };
    let body = html! {
        (error_summary(problems))
        div data-by="branch" data-presets=(branch_presets(sheet)) data-offers=(offers(sheet)) data-begin=[said.again.then_some("plate.region")] {
        div data-by="template" data-presets=(template_presets(sheet)) { (form::entry(visit, &sheet.action, &html! {
            @if let Some((name, warnings)) = &said.ask {
                div .banner.ask #error-summary role="alert" tabindex="-1" {
                    p { strong { "登録の前に確認してください。" } }
                    ul { @for warning in warnings { li { (warning) } } }
                    label .check {
                        input type="checkbox" name=(name) value="on";
                        span { "確認しました。このまま登録します。" }
                    }
                }
                // What was confirmed before stays confirmed.
                @for earlier in [PLATE_CONFIRMED, VEHICLE_CONFIRMED] {
                    @if earlier != *name && typed.has(earlier) { (form::hidden(earlier, "on")) }
                }
            }
            p .banner {
                strong { "この画面で登録した内容は、あとから変更できません。" } " 確定する前に、車検証の記載と同じか確認してください。"
                (procedure.initial_note)
            }
            (group("initial", "", &html! {
                (sheet.first)
                @let flags = if procedure.vehicle.has_old_plates() { plate_flags(typed) } else { Markup::default() };
                (plate_input(&plate_label, plate, true, problems, procedure.plate_rule, 12, &flags))
                (field("chassis", "車台番号").required(true).value(typed.get("chassis")).problems(problems)
                    .rule("車検証の記載どおりに、ハイフンも入力します。例：CAR-01210002").text(25))
                (field("stamped", "職権打刻フラグ").value(stamped).check("職権打刻あり"))
                (field("branch", "拠点").required(true).value(typed.get("branch")).problems(problems)
                    .select(Some("選択してください"), options.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
                @if !templates.is_empty() {
                    (field("template", "申請テンプレート").value(typed.get("template")).problems(problems)
                        .rule("登録すると、テンプレートの内容が依頼データに入ります。あとから変更できます。")
                        .select(Some("使わない"), templates.iter().map(|(id, name)| (id.as_str(), name.as_str()))))
                }
                @if sheet.asks_agent { (field("agent", "代理人").required(true).value(typed.get("agent")).problems(problems)
                    .rule("事業場の所在地の代理人が表示されていることを確認します。")
                    .select(Some("選択してください"), organizations.iter().map(|(value, label)| (value.as_str(), *label)))) }
                @let agent_branch = field("agent_branch", "代理人の拠点").required(true).value(typed.get("agent_branch")).problems(problems);
                @if sheet.asks_agent {
                    (agent_branch.select_grouped(Some("選択してください"), &agents(choices)))
                } @else {
                    (agent_branch.select(Some("選択してください"), own.iter().map(|branch| (branch.id.to_string(), branch.short_name.as_str()))))
                }
            }))
            (action_bar(&button::primary_keyed("確定", Key::Confirm), &html! {
                (sheet.beside)
                (button::keys(&[(Key::Confirm, "確定")]))
            }))
        })) } }
    };
    let (menu, title) = sheet.menu;
    page_with(visit, problems, &format!("【{}】{title}", procedure.label), Here::at(menu, procedure), &body)
}
