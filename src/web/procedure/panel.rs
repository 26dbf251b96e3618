//! 検索条件: the panel above a list, every condition in the manual's order (inspection manual P45, P47).

use super::place::{Kind, Place};
use super::query::{DIVISION, Query, RECEIVING, choices};
use crate::domain::problem::Problems;
use crate::web::kit::field::Field;
use crate::web::kit::list::Details;
use crate::web::kit::prelude::*;
use crate::web::kit::vehicle::PlateTyped;

/// Value and label of the options of a select.
pub type Options = Vec<(String, String)>;

/// What the selects of the panel offer.
#[derive(Debug, Default)]
pub struct Offered {
    /// 申請先.
    pub offices: Options,
    /// 代理人, in groups by organization.
    pub agents: Vec<(String, Options)>,
    /// 拠点（略称）; an agent does not choose from other people's branches.
    pub branches: Options,
}

/// The panel with what was asked for.
pub fn panel(place: &Place, query: &Query, problems: &Problems, offered: &Offered) -> Markup {
    let action = place.list();
    SearchPanel {
        action: &action,
        basic: basic(place, query, problems),
        details: Some(Details {
            fields: details(place, query, problems, offered),
            fold: query.fold(),
            used: query.is_detailed(),
        }),
    }
    .render()
}

fn asked<'a>(name: &'a str, label: &'a str, query: &'a Query, problems: &'a Problems) -> Field<'a> {
    field(name, label).value(query.get(name)).problems(problems)
}

fn labelled(options: &Options) -> impl Iterator<Item = (&str, &str)> {
    options.iter().map(|(value, label)| (value.as_str(), label.as_str()))
}

fn basic(place: &Place, query: &Query, problems: &Problems) -> Markup {
    let plate = PlateTyped {
        region: query.get("plate.region"),
        class: query.get("plate.class"),
        kana: query.get("plate.kana"),
        serial: query.get("plate.serial"),
    };
    let plate_label = format!("{}（標板）", place.procedure.plate_label);
    html! {
        (asked("id", "申請ID", query, problems).span(2).text(10))
        (plate_input(&plate_label, plate, false, problems, "", 5, &Markup::default()))
        (asked("chassis", "車台番号", query, problems).span(3).text(25))
        @if place.procedure.field("cashless").is_some() {
            (asked("cashless", "キャッシュレス利用", query, problems).span(2).select(Some("すべて"), [("yes", "有"), ("no", "無")]))
        }
    }
}

fn details(place: &Place, query: &Query, problems: &Problems, offered: &Offered) -> Markup {
    html! {
        (asked("user", "使用者", query, problems).text(60))
        (asked("office", "申請先", query, problems).select(Some("すべて"), labelled(&offered.offices)))
        (asked("agent", "代理人", query, problems).select_grouped(Some("すべて"), &offered.agents))
        @if place.is_agent() {
            (asked("client", "依頼人組織ID", query, problems).text(9))
        } @else {
            (asked("branch", "拠点", query, problems).select(Some("すべて"), labelled(&offered.branches)))
        }
        @if place.kind == Kind::Applications {
            (field("completed", place.procedure.completed_label).span(4).problems(problems)
                .date_range(query.get("completed_from"), query.get("completed_to")))
        }
        (asked("memo", "メモ", query, problems).span(4).text(40))
        (asked("custom", "独自項目", query, problems).span(4).text(40))
        @if let Some(described) = place.procedure.field(RECEIVING) {
            (field("receiving", described.label).span(12)
                .checks(choices(place, RECEIVING).iter().map(|choice| (choice.key, choice.label, query.has_receiving(choice.key)))))
        }
        @if let Some(described) = place.procedure.field(DIVISION) {
            (field("division", described.label).span(12)
                .checks(choices(place, DIVISION).iter().map(|choice| (choice.key, choice.label, query.has_division(choice.key)))))
        }
        (field("status", "申請ステータス").span(12)
            .checks(place.statuses().iter().map(|status| (status.code().to_string(), status.label(), query.has_status(*status)))))
        @if place.kind == Kind::Applications {
            (field("portal", "OSSステータス").span(12)
                .checks(place.procedure.portal_statuses.iter()
                    .map(|portal| (portal.code().to_string(), portal.label(), query.has_portal(*portal)))))
        }
    }
}
