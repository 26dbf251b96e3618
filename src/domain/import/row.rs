//! One row: from cells to a request, or everything that is wrong with it.

use super::{Column, Part};
use crate::domain::asked;
use crate::domain::chassis::{self, ChassisNumber};
use crate::domain::field;
use crate::domain::ids::{AgentBranchId, BranchId};
use crate::domain::organization::{Branch, ClientOrganization};
use crate::domain::plate::{self, Plate, PlateInput};
use crate::domain::procedure::common;
use crate::domain::procedure::{Procedure, VehicleKind};
use crate::domain::reference::Regions;
use crate::domain::request::Values;
use crate::domain::text;

/// A branch or agent branch that a cell can name.
#[derive(Debug, Clone)]
pub struct Place<Id> {
    /// Which.
    pub id: Id,
    /// 依頼人拠点コード or 代理人拠点ID.
    pub code: String,
    /// The search keys of code and names: made once, not for each row.
    key: String,
    names: Vec<String>,
}

impl<Id> Place<Id> {
    /// Named by its code, and by names that several may share.
    pub fn new(id: Id, code: String, names: &[String]) -> Self {
        let names = names.iter().map(|name| text::search_key(name)).collect();
        Self { id, key: text::search_key(&code), code, names }
    }
}

/// What the rows of an upload can choose from.
#[derive(Debug, Clone)]
pub struct Offer<'a> {
    /// The user's organization, which says what agents may be asked.
    pub organization: ClientOrganization,
    /// The user's branches.
    pub branches: Vec<(Place<BranchId>, Branch)>,
    /// Agent branches that file the procedure.
    pub agents: Vec<Place<AgentBranchId>>,
    /// Regions of plates.
    pub regions: &'a Regions,
}

/// What a row would register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// 自動車登録番号.
    pub plate: Plate,
    /// 車台番号.
    pub chassis: ChassisNumber,
    /// 拠点.
    pub branch: BranchId,
    /// 代理人拠点.
    pub agent_branch: AgentBranchId,
    /// Values of the procedure's fields.
    pub values: Values,
}

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What it would register; none with problems.
    pub row: Option<NewRow>,
    /// Heading, and what is wrong below it.
    pub problems: Vec<(String, String)>,
    /// What should be looked at, though it may be right.
    pub doubts: Vec<String>,
    /// Heading, and what is missing before it can be sent.
    pub unsendable: Vec<(String, String)>,
}

/// Checks the cells of a row, which are in the order of `columns`.
pub fn check(procedure: &Procedure, columns: &[Column], cells: &[String], offer: &Offer<'_>) -> Checked {
    let mut checked = Checked::default();
    let mut plate = PlateInput::default();
    let (mut stamped, mut chassis, mut branch, mut agent) = (false, "", "", "");
    let mut values = common::initial_values();
    let label_of = |key: &str| columns.iter().find(|column| column.key == key).map_or("", |column| &column.label);
    for (column, cell) in columns.iter().zip(cells) {
        let mut wrong = |message: String| checked.problems.push((column.label.clone(), message));
        match column.part {
            Part::Region => plate.region.clone_from(cell),
            Part::Class => plate.class.clone_from(cell),
            Part::Kana => plate.kana.clone_from(cell),
            Part::Serial => plate.serial.clone_from(cell),
            Part::Small => match field::yes_or_no(cell, "小板", "小板以外") {
                Some(small) => plate.small = small,
                None => wrong("「小板」か「小板以外」で入力してください。".to_owned()),
            },
            Part::Stamped => match field::yes_or_no(cell, "職権打刻あり", "職権打刻なし") {
                Some(yes) => stamped = yes,
                None => wrong("「職権打刻あり」か「職権打刻なし」で入力してください。".to_owned()),
            },
            Part::Chassis => chassis = cell,
            Part::Branch => branch = cell,
            Part::Agent => agent = cell,
            Part::Field(described) => match field::parse(described, cell) {
                Ok(Some(value)) => drop(values.insert(described.no, value)),
                Ok(None) => {}
                Err(message) => wrong(message),
            },
        }
    }
    plate.no_class = procedure.vehicle == VehicleKind::Light && plate.class.is_empty();
    let plate = match plate::parse(procedure.vehicle, &plate, offer.regions) {
        Ok((plate, doubts)) => {
            checked.doubts = doubts;
            Some(plate)
        }
        Err(problems) => {
            let named = problems.iter().map(|p| (label_of(&p.field).to_owned(), p.message.clone().into_owned()));
            checked.problems.extend(named);
            None
        }
    };
    let chassis = chassis::parse(procedure.vehicle, chassis, stamped)
        .map_err(|message| checked.problems.push((label_of("chassis").to_owned(), message)))
        .ok();
    let branches: Vec<&Place<BranchId>> = offer.branches.iter().map(|(place, _)| place).collect();
    let branch = find(&branches, branch, "拠点")
        .map_err(|message| checked.problems.push((label_of("branch").to_owned(), message)))
        .ok()
        .and_then(|id| offer.branches.iter().map(|(_, branch)| branch).find(|branch| branch.id == id));
    let agent = find_agent(offer, branch, agent)
        .map_err(|message| checked.problems.push((label_of("agent").to_owned(), message)))
        .unwrap_or_default();
    for problem in field::missing(procedure, &values).iter() {
        checked.unsendable.push((label_of(&problem.field).to_owned(), problem.message.clone().into_owned()));
    }
    if let (true, Some(plate), Some(chassis), Some(branch), Some(agent_branch)) =
        (checked.problems.is_empty(), plate, chassis, branch, agent)
    {
        checked.row = Some(NewRow { plate, chassis, branch: branch.id, agent_branch, values });
    }
    // Left to right, as people read the row.
    let at = |label: &str| columns.iter().position(|column| column.label == label);
    checked.problems.sort_by_key(|(label, _)| at(label));
    checked
}

/// The agent branch that a cell names, or the usual one of the branch. Without a branch there is nothing to say about an
/// empty cell, nor whether the agent may be asked.
fn find_agent(offer: &Offer<'_>, branch: Option<&Branch>, typed: &str) -> Result<Option<AgentBranchId>, String> {
    let Some(branch) = branch else {
        let agents: Vec<&Place<AgentBranchId>> = offer.agents.iter().collect();
        return if typed.is_empty() { Ok(None) } else { find(&agents, typed, AGENT).map(Some) };
    };
    let may_ask = |agent: &&Place<AgentBranchId>| asked::may_ask(&offer.organization, branch, agent.id);
    let agents: Vec<&Place<AgentBranchId>> = offer.agents.iter().filter(may_ask).collect();
    if typed.is_empty() {
        let on_offer: Vec<AgentBranchId> = agents.iter().map(|place| place.id).collect();
        return asked::usual(&offer.organization, branch, &on_offer)
            .map(Some)
            .ok_or_else(|| "この拠点には、既定の代理人がありません。代理人拠点IDを入力してください。".to_owned());
    }
    find(&agents, typed, AGENT).map(Some)
}

/// The noun of agents' branches.
const AGENT: &str = "代理人拠点";

/// The place that a cell names: by code, then by a name that only one has, then by a code that lost its zeros in a
/// spreadsheet.
fn find<Id: Copy>(places: &[&Place<Id>], typed: &str, noun: &str) -> Result<Id, String> {
    if typed.is_empty() {
        return Err(format!("{noun}を入力してください。"));
    }
    let key = text::search_key(typed);
    let bare = |key: &str| key.trim_start_matches('0').to_owned();
    let meant = |step: u8, place: &Place<Id>| match step {
        0 => place.key == key,
        1 => place.names.contains(&key),
        _ => bare(&place.key) == bare(&key),
    };
    for step in 0..3 {
        let found: Vec<Id> = places.iter().filter(|place| meant(step, place)).map(|place| place.id).collect();
        match found.as_slice() {
            [only] => return Ok(*only),
            [] => {}
            _ => {
                return Err(format!(
                    "「{}」という{noun}がいくつかあります。コードで入力してください。",
                    text::quoted(typed, 20)
                ));
            }
        }
    }
    if places.is_empty() {
        return Err(format!("選べる{noun}がありません。管理者に確認してください。"));
    }
    let some: Vec<&str> = places.iter().take(5).map(|place| place.code.as_str()).collect();
    Err(format!(
        "{noun}「{}」は選べません。次のコードなどから選んでください：{}",
        text::quoted(typed, 20),
        some.join("、")
    ))
}
