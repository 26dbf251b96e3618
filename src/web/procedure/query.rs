//! What stands behind the `?` of a list: conditions as typed, page, page size and order. Parsed leniently, written back
//! in one form, so that an address can be kept, shared and used as the key of a cache.

use super::place::Place;
use crate::domain::chassis;
use crate::domain::plate;
use crate::domain::problem::Problems;
use crate::domain::procedure::{Choice, Field, FieldKind};
use crate::domain::reference::Regions;
use crate::domain::request::{PortalStatus, Status};
use crate::domain::search::{Conditions, Order, Page};
use crate::domain::text;
use crate::domain::time::Day;
use crate::web::kit::fields::Fields;
use crate::web::kit::list::{FOLD, Fold, SIZES};
use std::str::FromStr;

/// Conditions with one value, in the order of the address.
const SINGLE: [&str; 16] = [
    "id",
    "plate.region",
    "plate.class",
    "plate.kana",
    "plate.serial",
    "chassis",
    "cashless",
    "user",
    "office",
    "agent",
    "client",
    "branch",
    "completed_from",
    "completed_to",
    "memo",
    "custom",
];

/// Conditions that stand behind 詳細条件.
const DETAILED: [&str; 9] =
    ["user", "branch", "office", "agent", "client", "completed_from", "completed_to", "memo", "custom"];

/// Longest value that is looked at; longer ones match nothing anyway.
const LONGEST: usize = 200;

/// The part of a list's address behind the `?`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    single: [String; SINGLE.len()],
    /// Keys of 電子車検証更新区分.
    divisions: Vec<String>,
    /// Keys of 車検証等受取区分.
    receiving: Vec<String>,
    /// Codes of 申請ステータス.
    statuses: Vec<u8>,
    /// Codes of OSSステータス.
    portals: Vec<u8>,
    page: Option<u32>,
    size: Option<u32>,
    oldest_first: bool,
    fold: Option<Fold>,
}

impl Query {
    /// From an address. Unknown names and impossible numbers are ignored; what people type is kept as typed.
    pub fn of(fields: &Fields) -> Self {
        let mut query = Self::default();
        for (name, value) in fields.iter() {
            let value = value.trim();
            if value.is_empty() || value.chars().count() > LONGEST {
                continue;
            }
            match name {
                "division" => add(&mut query.divisions, value.to_owned()),
                "receiving" => add(&mut query.receiving, value.to_owned()),
                "status" => value.parse().into_iter().for_each(|code| add(&mut query.statuses, code)),
                "portal" => value.parse().into_iter().for_each(|code| add(&mut query.portals, code)),
                "page" => query.page = value.parse().ok().filter(|page| *page > 1),
                "size" => query.size = value.parse().ok().filter(|size| SIZES.contains(size) && *size != SIZES[0]),
                FOLD => query.fold = Fold::of(value),
                "order" => query.oldest_first = value == "oldest",
                name => {
                    if let Some(slot) = slot(name).and_then(|i| query.single.get_mut(i)) {
                        value.clone_into(slot);
                    }
                }
            }
        }
        query.divisions.sort_unstable();
        query.receiving.sort_unstable();
        query.statuses.sort_unstable();
        query.portals.sort_unstable();
        query
    }

    /// What was typed under this name; empty when nothing.
    pub fn get(&self, name: &str) -> &str {
        slot(name).and_then(|i| self.single.get(i)).map_or("", String::as_str)
    }

    /// Whether this box of 電子車検証更新区分 is checked.
    pub fn has_division(&self, key: &str) -> bool {
        self.divisions.iter().any(|chosen| chosen == key)
    }

    /// Whether this box of 車検証等受取区分 is checked.
    pub fn has_receiving(&self, key: &str) -> bool {
        self.receiving.iter().any(|chosen| chosen == key)
    }

    /// Whether this box of 申請ステータス is checked.
    pub fn has_status(&self, status: Status) -> bool {
        self.statuses.contains(&status.code())
    }

    /// Whether this box of OSSステータス is checked.
    pub fn has_portal(&self, portal: PortalStatus) -> bool {
        self.portals.contains(&portal.code())
    }

    /// Whether any condition is set.
    pub fn is_filtered(&self) -> bool {
        self.single.iter().any(|value| !value.is_empty())
            || !(self.divisions.is_empty()
                && self.receiving.is_empty()
                && self.statuses.is_empty()
                && self.portals.is_empty())
    }

    /// Whether a condition behind 詳細条件 is set.
    pub fn is_detailed(&self) -> bool {
        DETAILED.iter().any(|name| !self.get(name).is_empty())
            || !(self.divisions.is_empty()
                && self.receiving.is_empty()
                && self.statuses.is_empty()
                && self.portals.is_empty())
    }

    /// Whether 詳細条件 are shown, if somebody said so.
    pub fn fold(&self) -> Option<Fold> {
        self.fold
    }

    /// Which page.
    pub fn page(&self) -> Page {
        Page { number: self.page.unwrap_or(1), size: self.size.unwrap_or(SIZES[0]) }
    }

    /// In which order.
    pub fn order(&self) -> Order {
        if self.oldest_first { Order::Oldest } else { Order::Newest }
    }

    /// The same list at another page.
    pub fn at_page(&self, number: u32) -> Self {
        Self { page: Some(number).filter(|page| *page > 1), ..self.clone() }
    }

    /// The pairs in the one form in which they are written.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in SINGLE.iter().zip(&self.single).filter(|(_, value)| !value.is_empty()) {
            fields.push(name, value);
        }
        self.divisions.iter().for_each(|key| fields.push("division", key));
        self.receiving.iter().for_each(|key| fields.push("receiving", key));
        self.statuses.iter().for_each(|code| fields.push("status", code));
        self.portals.iter().for_each(|code| fields.push("portal", code));
        if self.oldest_first {
            fields.push("order", "oldest");
        }
        self.fold.iter().for_each(|fold| fields.push(FOLD, fold.key()));
        self.size.iter().for_each(|size| fields.push("size", size));
        self.page.iter().for_each(|page| fields.push("page", page));
        fields
    }

    /// What stands behind the `?`; empty when nothing is set.
    pub fn text(&self) -> String {
        self.fields().query()
    }

    /// The query behind a path.
    pub fn on(&self, path: &str) -> String {
        self.fields().on(path)
    }

    /// The conditions it stands for.
    ///
    /// # Errors
    /// What can't be understood, by the name of its field.
    pub fn conditions(&self, place: &Place, regions: &Regions) -> Result<Conditions, Problems> {
        let mut problems = Problems::new();
        let mut wanted = Conditions {
            region: plate::region_part(self.get("plate.region"), regions),
            class: plate::class_part(self.get("plate.class")),
            kana: plate::kana_part(self.get("plate.kana")),
            chassis_suffix: chassis::suffix_key(self.get("chassis")),
            cashless: match self.get("cashless") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            user_name: self.get("user").to_owned(),
            memo: self.get("memo").to_owned(),
            custom: self.get("custom").to_owned(),
            ..Conditions::default()
        };
        wanted.id = self.number("id", &mut problems, "申請IDは1～10桁の数字で入力してください。例：100051889");
        wanted.serial = self.serial(&mut problems);
        wanted.office = self.number("office", &mut problems, "申請先は一覧から選んでください。");
        wanted.branch = self.number("branch", &mut problems, "拠点は一覧から選んでください。");
        wanted.agent_branch = self.number("agent", &mut problems, "代理人は一覧から選んでください。");
        wanted.client = self.number("client", &mut problems, "依頼人は一覧から選んでください。");
        wanted.completed_from = self.day("completed_from", &mut problems);
        wanted.completed_to = self.day("completed_to", &mut problems);
        if let (Some(from), Some(to)) = (wanted.completed_from, wanted.completed_to)
            && from > to
        {
            problems.add("completed", "終わりの日は、始めの日以後の日にしてください。");
        }
        wanted.divisions = codes(choices(place, DIVISION), &self.divisions);
        wanted.receiving = codes(choices(place, RECEIVING), &self.receiving);
        let offered = place.statuses();
        wanted.statuses = offered.iter().copied().filter(|status| self.has_status(*status)).collect();
        if wanted.statuses.is_empty() {
            wanted.statuses = offered;
        }
        wanted.portal_statuses =
            place.procedure.portal_statuses.iter().copied().filter(|portal| self.has_portal(*portal)).collect();
        problems.or(wanted)
    }

    fn number<T: FromStr>(&self, name: &'static str, problems: &mut Problems, message: &'static str) -> Option<T> {
        let typed = text::normalise(self.get(name));
        if typed.is_empty() {
            return None;
        }
        problems.take(name, typed.parse().map_err(|_| message))
    }

    fn serial(&self, problems: &mut Problems) -> Option<u16> {
        let typed = self.get("plate.serial");
        if typed.is_empty() {
            return None;
        }
        problems.take("plate.serial", plate::serial_part(typed))
    }

    fn day(&self, name: &'static str, problems: &mut Problems) -> Option<Day> {
        let typed = text::normalise(self.get(name));
        if typed.is_empty() {
            return None;
        }
        problems.take("completed", Day::parse(&typed).ok_or("日付は 2025/01/06 の形で入力してください。"))
    }
}

/// 電子車検証更新区分 in every procedure that has it.
pub const DIVISION: &str = "renewal_division";
/// 車検証等受取区分 in every procedure that has it.
pub const RECEIVING: &str = "receiving";

/// The choices of a field; none in a procedure that does not have it.
pub fn choices(place: &Place, key: &str) -> &'static [Choice] {
    match place.procedure.field(key) {
        Some(Field { kind: FieldKind::Choice(choices), .. }) => choices,
        _ => &[],
    }
}

fn codes(choices: &[Choice], keys: &[String]) -> Vec<u8> {
    keys.iter().filter_map(|key| choices.iter().find(|choice| choice.key == key)).map(|choice| choice.code).collect()
}

fn slot(name: &str) -> Option<usize> {
    SINGLE.iter().position(|known| *known == name)
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    // More boxes than there are can't be checked.
    if list.len() < 40 && !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Kind;
    use super::*;
    use crate::domain::procedure::inspection;
    use crate::domain::reference::Tables;
    use crate::domain::role::Application;

    fn asked(text: &str) -> Query {
        Query::of(&Fields::parse(text))
    }

    fn place(kind: Kind) -> Place {
        Place { application: Application::Client, procedure: &inspection::PROCEDURE, kind }
    }

    #[test]
    fn an_address_is_written_in_one_form() {
        let query = asked("status=5&status=4&plate.region=%E5%93%81%E5%B7%9D&nonsense=1&id=&page=1&size=20&status=4");
        assert_eq!(query.text(), "plate.region=%E5%93%81%E5%B7%9D&status=4&status=5");
        assert_eq!(Query::of(&query.fields()), query);
        assert_eq!(query.at_page(3).on("/list"), "/list?plate.region=%E5%93%81%E5%B7%9D&status=4&status=5&page=3");
        assert_eq!(Query::default().on("/list"), "/list");
        let folded = asked("details=closed&memo=x");
        assert_eq!((folded.text().as_str(), folded.is_detailed()), ("memo=x&details=closed", true));
        assert_eq!(asked("details=ajar&chassis=1").text(), "chassis=1");
    }

    #[test]
    fn conditions_are_understood_as_people_type_them() {
        let query = asked(
            "id=１０００００００１&plate.class=33a&plate.serial=12-34&plate.kana=サ&cashless=yes&division=client&completed_from=2026-11-01",
        );
        let wanted = query.conditions(&place(Kind::Applications), &Tables::embedded().regions).unwrap();
        assert_eq!(wanted.id.map(|id| id.0), Some(100_000_001));
        assert_eq!((wanted.class.as_str(), wanted.serial, wanted.kana.as_str()), ("33A", Some(1234), "さ"));
        assert_eq!((wanted.cashless, wanted.divisions), (Some(true), vec![inspection::division::CLIENT]));
        assert_eq!(wanted.completed_from, Day::new(2026, 11, 1));
        assert_eq!(wanted.statuses, inspection::PROCEDURE.application_statuses);
    }

    #[test]
    fn what_is_not_understood_is_said_and_kept() {
        let query = asked("id=abc&plate.serial=0&completed_from=2026-12-01&completed_to=2026-11-01&status=4");
        let problems = query.conditions(&place(Kind::Requests), &Tables::embedded().regions).unwrap_err();
        assert!(["id", "plate.serial", "completed"].iter().all(|name| problems.of(name).is_some()));
        assert_eq!(query.get("id"), "abc");
        // A status of the other list is none of this list's.
        let wanted = asked("status=4").conditions(&place(Kind::Requests), &Tables::embedded().regions).unwrap();
        assert_eq!(wanted.statuses, inspection::PROCEDURE.request_statuses);
    }
}
