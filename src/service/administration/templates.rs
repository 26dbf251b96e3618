//! 申請テンプレート: the named defaults that a garage keeps for its requests.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::once::Token;
use super::act;
use super::agents::{Offered, on_offer};
use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::administration::{self, Task};
use crate::domain::asked;
use crate::domain::ids::{AgentBranchId, BranchId, TemplateId};
use crate::domain::organization::Branch;
use crate::domain::problem::Problems;
use crate::domain::procedure::{self, Procedure};
use crate::domain::request::Values;
use crate::domain::template::Template;
use crate::domain::text;
use crate::store::{Source, Tables, Write};

/// The most templates of one garage.
const MOST: usize = 200;

/// What a form takes, after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// テンプレート名.
    pub name: String,
    /// The one branch it is for; none for all.
    pub branch: Option<BranchId>,
    /// 代理人, by branch.
    pub agent_branch: Option<AgentBranchId>,
    /// Chosen by itself.
    pub usual: bool,
    /// Values of the procedure's fields.
    pub fields: Values,
}

/// A template with the names around it.
#[derive(Debug, Clone)]
pub struct View {
    /// The record.
    pub template: Template,
    /// Its procedure.
    pub procedure: &'static Procedure,
    /// 依頼人拠点（略称）; none for all.
    pub branch: Option<String>,
    /// 代理人; empty for none.
    pub agent: String,
}

/// What a form offers to choose from.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The branches that the actor administers.
    pub branches: Vec<Branch>,
    /// Whether it may be for all branches.
    pub whole: bool,
    /// Agent branches that the organization may ask and that file the procedure.
    pub agents: Vec<Offered>,
}

/// Which templates a list shows.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Part of テンプレート名.
    pub name: &'a str,
    /// 手続, by its slug; empty for all.
    pub procedure: &'a str,
    /// 依頼人拠点; none for all.
    pub branch: Option<BranchId>,
}

/// 申請テンプレート検索: those that the actor administers, by procedure and name.
///
/// # Errors
/// The store's.
pub fn search(app: &App, actor: &ClientActor, wanted: &Wanted<'_>) -> Result<Vec<View>> {
    let key = text::search_key(wanted.name);
    app.store.read(|tx| {
        let mut found = Vec::new();
        for template in tx.templates_of(actor.organization())?.into_iter().filter(|each| may(actor, each.branch)) {
            found.extend(named(tx, template)?);
        }
        found.retain(|view| {
            text::search_key(&view.template.name).contains(key.as_str())
                && (wanted.procedure.is_empty() || view.procedure.slug == wanted.procedure)
                && wanted.branch.is_none_or(|branch| view.template.branch == Some(branch))
        });
        found.sort_by(|a, b| {
            let key = |view: &View| (view.procedure.code, view.template.name.clone(), view.template.id);
            key(a).cmp(&key(b))
        });
        Ok(found)
    })
}

/// 申請テンプレート照会.
///
/// # Errors
/// `NotFound` outside what the actor administers.
pub fn view(app: &App, actor: &ClientActor, id: TemplateId) -> Result<View> {
    app.store.read(|tx| named(tx, find(tx, actor, id)?)?.ok_or(Error::NotFound))
}

/// What a form offers.
///
/// # Errors
/// The store's.
pub fn choices(app: &App, actor: &ClientActor, procedure: &Procedure) -> Result<Choices> {
    app.store.read(|tx| {
        let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
        let mut branches = tx.branches_of(organization.id)?;
        branches.retain(|branch| branch.active && actor.covers(branch.organization, branch.id));
        let mut agents = on_offer(tx)?;
        agents.retain(|agent| {
            agent.organization.procedures.contains(&procedure.code)
                && asked::admits(organization.agents.as_deref(), agent.branch.id)
        });
        Ok(Choices { branches, whole: may(actor, None), agents })
    })
}

/// 申請テンプレート登録.
///
/// # Errors
/// `Invalid` for a name that is taken, a branch or agent that can't be chosen; `Forbidden`.
pub async fn register(
    app: &App,
    actor: &ClientActor,
    procedure: &'static Procedure,
    input: Input,
    once: Token,
) -> Result<TemplateId> {
    let once = once.of(("template.register", procedure.code, &input));
    act(app, actor, once, move |tx, actor, now| {
        let all = tx.templates_of(actor.organization())?;
        if all.len() >= MOST {
            return Err(Problems::one("name", format!("申請テンプレートは{MOST}件まで登録できます。")).into());
        }
        check(tx, actor, procedure, &all, None, &input)?;
        let template = Template {
            id: tx.next_template_id()?,
            organization: actor.organization(),
            branch: input.branch,
            procedure: procedure.code,
            name: input.name.clone(),
            agent_branch: input.agent_branch,
            usual: input.usual,
            fields: input.fields.clone(),
            version: 1,
        };
        only_usual(tx, &all, &template)?;
        tx.put_template(&template)?;
        audit::note(tx, now, actor.user(), "template.register", subject(template.id), Vec::new())?;
        Ok(template.id)
    })
    .await
}

/// 申請テンプレート更新. The procedure never changes.
///
/// # Errors
/// As [`register`]; `Conflict` when somebody changed it since `version`; `NotFound`.
pub async fn update(
    app: &App,
    actor: &ClientActor,
    id: TemplateId,
    version: u32,
    input: Input,
    once: Token,
) -> Result<TemplateId> {
    let once = once.of(("template.update", id, version, &input));
    act(app, actor, once, move |tx, actor, now| {
        let before = find(tx, actor, id)?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        let procedure = procedure::by_code(before.procedure).ok_or(Error::NotFound)?;
        let all = tx.templates_of(actor.organization())?;
        check(tx, actor, procedure, &all, Some(id), &input)?;
        let after = Template {
            branch: input.branch,
            name: input.name.clone(),
            agent_branch: input.agent_branch,
            usual: input.usual,
            fields: input.fields.clone(),
            ..before.clone()
        };
        if after == before {
            return Ok(id);
        }
        let changed = changed(procedure, &before, &after);
        let after = Template { version: version.saturating_add(1), ..after };
        only_usual(tx, &all, &after)?;
        tx.put_template(&after)?;
        audit::note(tx, now, actor.user(), "template.update", subject(id), changed)?;
        Ok(id)
    })
    .await
}

/// 申請テンプレート削除. Requests that began with it keep what it filled in.
///
/// # Errors
/// `Conflict` when somebody changed it since `version`; `NotFound`.
pub async fn remove(
    app: &App,
    actor: &ClientActor,
    id: TemplateId,
    version: Option<u32>,
    once: Token,
) -> Result<TemplateId> {
    let once = once.of(("template.delete", id));
    act(app, actor, once, move |tx, actor, now| {
        let template = find(tx, actor, id)?;
        if version != Some(template.version) {
            return Err(Error::Conflict);
        }
        tx.remove_template(&template)?;
        audit::note(tx, now, actor.user(), "template.delete", subject(id), Vec::new())?;
        Ok(id)
    })
    .await
}

/// Whether the actor administers templates of this branch, or of all.
fn may(actor: &ClientActor, branch: Option<BranchId>) -> bool {
    administration::may(
        actor,
        match branch {
            None => Task::ManageOrganization,
            Some(branch) => Task::ChangeBranch(branch),
        },
    )
}

fn find<S: Source>(tx: &Tables<S>, actor: &ClientActor, id: TemplateId) -> Result<Template> {
    let own = |template: &Template| template.organization == actor.organization() && may(actor, template.branch);
    tx.template(id)?.filter(own).ok_or(Error::NotFound)
}

/// None for a procedure that this version does not know.
fn named<S: Source>(tx: &Tables<S>, template: Template) -> Result<Option<View>> {
    let Some(procedure) = procedure::by_code(template.procedure) else { return Ok(None) };
    let branch = template.branch.map(|id| tx.branch(id)).transpose()?.flatten().map(|branch| branch.short_name);
    let agent = match template.agent_branch.map(|id| tx.agent_branch(id)).transpose()?.flatten() {
        Some(branch) => {
            let organization = tx.agent_organization(branch.organization)?;
            format!("{}　{}", organization.map_or_else(String::new, |agent| agent.name), branch.name)
        }
        None => String::new(),
    };
    Ok(Some(View { template, procedure, branch, agent }))
}

fn check(
    tx: &Write,
    actor: &ClientActor,
    procedure: &Procedure,
    all: &[Template],
    own: Option<TemplateId>,
    input: &Input,
) -> Result<()> {
    let mut problems = Problems::new();
    let organization = tx.client_organization(actor.organization())?.ok_or(Error::NotFound)?;
    let branch = match input.branch {
        Some(id) => {
            let branch = tx.branch(id)?.filter(|branch| branch.active && branch.organization == organization.id);
            if branch.is_none() || !may(actor, Some(id)) {
                problems.add("branch", "依頼人拠点を一覧から選んでください。");
            }
            branch
        }
        None if may(actor, None) => None,
        None => {
            problems.add("branch", "依頼人拠点を一覧から選んでください。");
            None
        }
    };
    if let Some(agent) = input.agent_branch {
        let offered = on_offer(tx)?
            .into_iter()
            .any(|offered| offered.branch.id == agent && offered.organization.procedures.contains(&procedure.code));
        let may_ask = match &branch {
            Some(branch) => asked::may_ask(&organization, branch, agent),
            None => asked::admits(organization.agents.as_deref(), agent),
        };
        if !offered || !may_ask {
            problems.add("agent_branch", "この拠点から依頼できる代理人を、一覧から選んでください。");
        }
    }
    let same = |each: &&Template| {
        Some(each.id) != own
            && (each.procedure, each.branch) == (procedure.code, input.branch)
            && text::search_key(&each.name) == text::search_key(&input.name)
    };
    if let Some(same) = all.iter().find(same) {
        problems.add(
            "name",
            format!("テンプレート名「{}」は、すでに使われています。別の名前を入力してください。", same.name),
        );
    }
    Ok(problems.or(())?)
}

/// One template of each procedure and branch (or of all branches) is chosen by itself: the newest that says so.
fn only_usual(tx: &mut Write, all: &[Template], new: &Template) -> Result<()> {
    let rivals = all.iter().filter(|each| {
        new.usual && each.usual && each.id != new.id && (each.procedure, each.branch) == (new.procedure, new.branch)
    });
    for rival in rivals {
        tx.put_template(&Template { usual: false, version: rival.version.saturating_add(1), ..rival.clone() })?;
    }
    Ok(())
}

/// Keys of what differs.
fn changed(procedure: &Procedure, before: &Template, after: &Template) -> Vec<String> {
    let own = [
        ("name", before.name != after.name),
        ("branch", before.branch != after.branch),
        ("agent_branch", before.agent_branch != after.agent_branch),
        ("usual", before.usual != after.usual),
    ];
    let fields = crate::domain::field::changed(&before.fields, &after.fields);
    let keys = fields.into_iter().filter_map(|no| procedure.field_by_number(no)).map(|field| field.key.to_owned());
    own.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key.to_owned()).chain(keys).collect()
}

fn subject(id: TemplateId) -> String {
    format!("template {id}")
}
