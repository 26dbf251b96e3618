//! 申請テンプレート: named defaults for a new request. Which fields one can hold follows from the procedure's data, so that
//! a new procedure has templates without another word.

use super::field;
use super::ids::{AgentBranchId, BranchId, ClientOrganizationId, TemplateId};
use super::problem::Problems;
use super::procedure::{Editor, Field, FieldKind, Procedure, Section};
use super::request::Values;
use super::text;
use minicbor::{Decode, Encode};

/// A named set of defaults.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Template {
    /// The node's own number.
    #[n(0)]
    pub id: TemplateId,
    /// Whose.
    #[n(1)]
    pub organization: ClientOrganizationId,
    /// The one branch it is for; none for all.
    #[n(2)]
    pub branch: Option<BranchId>,
    /// The procedure's code.
    #[n(3)]
    pub procedure: u8,
    /// テンプレート名.
    #[n(4)]
    pub name: String,
    /// 代理人, by branch.
    #[n(5)]
    pub agent_branch: Option<AgentBranchId>,
    /// Chosen by itself for a new request of its branch, or of all branches.
    #[n(6)]
    pub usual: bool,
    /// Values by field number.
    #[n(7)]
    pub fields: Values,
    /// Grows by one with every change.
    #[n(8)]
    pub version: u32,
}

impl Template {
    /// Whether a new request of this branch can begin with it.
    pub fn serves(&self, procedure: &Procedure, branch: BranchId) -> bool {
        self.procedure == procedure.code && self.branch.is_none_or(|own| own == branch)
    }

    /// What it fills in; values of fields that a template no longer holds are left out.
    pub fn values(&self, procedure: &Procedure) -> Values {
        let held = |no: &u16| fields(procedure).any(|field| field.no == *no);
        self.fields.iter().filter(|(no, _)| held(no)).map(|(no, value)| (*no, value.clone())).collect()
    }
}

/// The template that is chosen by itself for a new request of this branch: the branch's own, else the organization's.
pub fn usual<'t>(templates: &'t [Template], procedure: &Procedure, branch: BranchId) -> Option<&'t Template> {
    let usual = |own: bool| {
        templates.iter().find(|each| each.usual && each.serves(procedure, branch) && each.branch.is_some() == own)
    };
    usual(true).or_else(|| usual(false))
}

/// The blocks of a template's pages with their fields, the head's first.
pub fn blocks(procedure: &Procedure) -> impl Iterator<Item = (Option<&'static Section>, Vec<&'static Field>)> {
    let head = (None, procedure.head.iter().filter(|field| holds(field)).collect::<Vec<_>>());
    let sections = procedure
        .sections
        .iter()
        .filter(|section| section.id != USER)
        .map(|section| (Some(section), section.fields.iter().filter(|field| holds(field)).collect()));
    std::iter::once(head).chain(sections).filter(|(_, fields)| !fields.is_empty())
}

/// Every field that a template of this procedure can hold.
pub fn fields(procedure: &Procedure) -> impl Iterator<Item = &'static Field> {
    blocks(procedure).flat_map(|(_, fields)| fields)
}

/// The block of the vehicle's user, who is another one each time.
const USER: &str = "user";

/// What differs with every vehicle or day has no default.
fn holds(field: &Field) -> bool {
    let kept = match field.kind {
        FieldKind::Text { .. }
        | FieldKind::Choice(_)
        | FieldKind::Flag { .. }
        | FieldKind::CommissionNumber
        | FieldKind::Memo { .. } => true,
        FieldKind::Date | FieldKind::PrefectureAddress { .. } | FieldKind::ManagementNumber => false,
    };
    kept && field.editor == Editor::Both
}

/// The longest name.
pub const LONGEST_NAME: usize = 20;

/// テンプレート名, as it is kept.
///
/// # Errors
/// What is wrong and what is allowed, as a sentence.
pub fn name(typed: &str) -> Result<String, String> {
    let name = text::trim(typed);
    if name.is_empty() {
        return Err(format!("テンプレート名を入力してください。{NAME_RULE}"));
    }
    if text::unprintable(name, false).is_some() {
        return Err(format!("テンプレート名に、表示できない文字が含まれています。{NAME_RULE}"));
    }
    match name.chars().count() {
        length if length > LONGEST_NAME => Err(format!("テンプレート名が長すぎます（{length}文字）。{NAME_RULE}")),
        _ => Ok(name.to_owned()),
    }
}

/// The rule of the name, shown beside it.
pub const NAME_RULE: &str = "20文字以内です。例：北工場 2年車検";

/// The values of what was typed, by the rules of the fields.
///
/// # Errors
/// Everything to correct, under the keys of the fields.
pub fn check<'a>(procedure: &Procedure, input: &dyn Fn(&str) -> Option<&'a str>) -> Result<Values, Problems> {
    let (mut values, mut problems) = (Values::new(), Problems::new());
    for field in fields(procedure) {
        match field::parse(field, input(field.key).unwrap_or_default()) {
            Ok(Some(value)) => {
                values.insert(field.no, value);
            }
            Ok(None) => {}
            Err(message) => problems.add(field.key, message),
        }
    }
    problems.or(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::procedure;
    use crate::domain::procedure::common::no;
    use crate::domain::procedure::inspection;
    use crate::domain::request::Value;
    use proptest::prelude::*;

    fn template(id: u32, branch: Option<u32>, usual: bool) -> Template {
        Template {
            id: TemplateId(id),
            organization: ClientOrganizationId(1),
            branch: branch.map(BranchId),
            procedure: inspection::PROCEDURE.code,
            name: String::new(),
            agent_branch: None,
            usual,
            fields: Values::new(),
            version: 1,
        }
    }

    #[test]
    fn what_belongs_to_one_vehicle_has_no_default() {
        for procedure in procedure::ALL {
            let keys: Vec<&str> = fields(procedure).map(|field| field.key).collect();
            for kept in ["renewal_division", "option_code", "custom1", "custom5", "memo"] {
                assert!(keys.contains(&kept), "{}: {kept}", procedure.label);
            }
            for each in ["name", "address1", "address2", "planned_on", "declaration", "management_number"] {
                assert!(!keys.contains(&each), "{}: {each}", procedure.label);
            }
        }
    }

    #[test]
    fn a_branchs_own_usual_template_comes_before_the_organizations() {
        let usual = |templates: &[Template], branch| {
            usual(templates, &inspection::PROCEDURE, BranchId(branch)).map(|template| template.id.0)
        };
        let templates = [template(1, None, true), template(2, Some(1), true), template(3, Some(2), false)];
        assert_eq!(usual(&templates, 1), Some(2));
        assert_eq!(usual(&templates, 2), Some(1));
        assert_eq!(usual(&templates[1..], 2), None);
    }

    #[test]
    fn a_name_is_short_and_visible() {
        assert_eq!(name(" いつもの　"), Ok("いつもの".to_owned()));
        for wrong in ["", "　", &"長".repeat(21), "北\u{200b}"] {
            assert!(name(wrong).is_err_and(|sentence| sentence.ends_with(NAME_RULE)), "{wrong}");
        }
    }

    proptest! {
        /// What a template takes, a request takes too, with the same meaning.
        #[test]
        fn a_templates_values_are_good_for_a_request(
            memo in "\\PC{0,30}", custom in "\\PC{0,30}", option in "[A-Za-z0-9]{0,20}", division in 0usize..5, name in "\\PC{0,5}"
        ) {
            let division = ["office", "agent", "client", "agent_by_number", "client_by_number"][division];
            let typed = |key: &str| match key {
                "memo" => Some(memo.as_str()),
                "custom1" => Some(custom.as_str()),
                "option_code" => Some(option.as_str()),
                "renewal_division" => Some(division),
                "name" => Some(name.as_str()),
                _ => None,
            };
            if let Ok(values) = check(&inspection::PROCEDURE, &typed) {
                prop_assert!(!values.contains_key(&no::NAME), "only what a template holds");
                let shown = |key: &str| {
                    let field = inspection::PROCEDURE.field(key)?;
                    values.get(&field.no).map(|value| field::raw(field, value))
                };
                let raw: std::collections::BTreeMap<_, _> =
                    inspection::PROCEDURE.fields().filter_map(|field| Some((field.key, shown(field.key)?))).collect();
                let again = field::check_all(&inspection::PROCEDURE, &|key| raw.get(key).map(String::as_str), false);
                prop_assert_eq!(again.ok(), Some(values.clone()));
                let kept = Template { fields: values.clone(), ..template(1, None, false) };
                prop_assert_eq!(kept.values(&inspection::PROCEDURE), values);
            }
            let foreign = Values::from([(no::NAME, Value::Text("x".to_owned()))]);
            let kept = Template { fields: foreign, ..template(1, None, false) };
            prop_assert!(kept.values(&inspection::PROCEDURE).is_empty());
        }
    }
}
