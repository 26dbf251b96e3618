//! The rows of a list, in the manual's columns.

use super::place::{Kind, Place};
use super::query::Query;
use crate::domain::ids::RequestId;
use crate::domain::next_step::{Doer, next_step};
use crate::domain::request::Status;
use crate::domain::search::Row;
use crate::domain::time::BusinessTime;
use crate::service::requests::view::Listing;
use crate::web::kit::download;
use crate::web::kit::prelude::*;

/// The id of the form that the boxes before the rows of an agent's 依頼データ belong to.
pub const CHOSEN_FORM: &str = "chosen";
/// The name of the boxes before the rows of 依頼データ; `id` is a condition of the list.
pub const PICK: &str = "pick";
/// Asks for everything that the list finds instead of chosen rows.
pub const ALL: &str = "all";

/// Count, pages, table — or what to do when there is nothing. `may_send` puts boxes before what a garage can send.
pub fn list(place: &Place, query: &Query, found: &Listing, may_send: bool) -> Markup {
    let page = query.page();
    let listed = Listed { total: found.found.total, page: page.number, size: page.size };
    let rows = &found.found.rows;
    let asked = query.fields();
    if rows.is_empty() {
        return listing(listed, &place.list(), &asked, &Markup::default(), &empty(place, query, listed));
    }
    let behind = query.text();
    // Boxes stand before the rows only where several can be dealt with at once.
    let boxes = place.kind == Kind::Requests && (place.is_agent() || may_send && rows.iter().any(is_draft));
    let table = table(
        &place.title("の一覧"),
        &columns(place, boxes),
        &html! { @for row in rows { (line(place, row, found, &behind, boxes)) } },
    );
    let conditions = query.at_page(1).fields().with("size", "");
    let download = html! {
        @if place.kind == Kind::Requests && !place.is_agent() {
            a .button.small href=(urls::imports(place.procedure)) { "一括登録" }
        }
        (download::form(&format!("{}/download", place.list()), &conditions))
    };
    html! {
        (listing(listed, &place.list(), &asked, &download, &table))
        @if boxes && !place.is_agent() { (sending(place, query)) }
    }
}

/// What can be done to several of a garage's requests. It only asks, so it carries no token and can be kept with the
/// list.
fn sending(place: &Place, query: &Query) -> Markup {
    let (address, asked) = (urls::send(place.procedure), query.fields());
    form::get(
        CHOSEN_FORM,
        &address,
        &html! {
            @for (name, value) in asked.iter() { (form::hidden(name, value)) }
            (action_bar(
                &html! {
                    span .chosen { "選択した依頼データを" }
                    button .button.primary type="submit" { "一括送信" }
                    (choose_all(PICK))
                },
                &html! {
                    (button::plain_link("検索結果をすべて一括送信", &asked.with(ALL, "1").on(&address)))
                    (button::plain_link("一括処理の一覧", &urls::works(place.application)))
                },
            ))
        },
    )
}

fn columns(place: &Place, boxes: bool) -> Vec<Column<'static>> {
    let mut columns = Vec::with_capacity(11);
    if boxes {
        columns.push(Column { label: "選択", class: "pick" });
    }
    columns.extend([Column::new("申請ID"), Column::new("申請ステータス")]);
    let whose = if place.is_agent() {
        [Column::new("依頼人"), Column::new("拠点")]
    } else {
        [Column::new("拠点"), Column::new("代理人")]
    };
    let vehicle = [Column::new(place.procedure.plate_label), Column::new("車台番号"), Column::new("使用者")];
    match place.kind {
        Kind::Applications => {
            columns.push(Column::new("OSSステータス"));
            columns.extend(whose);
            columns.extend(vehicle);
            columns.extend([Column::new("次の対応"), Column::new("申請日時")]);
        }
        Kind::Requests => {
            columns.extend(vehicle);
            columns.extend(whose);
            columns.extend([Column::new("次の対応"), Column::new("依頼日時")]);
        }
    }
    columns
}

fn is_draft(row: &Row) -> bool {
    row.status == Status::Draft
}

fn line(place: &Place, row: &Row, found: &Listing, behind: &str, boxes: bool) -> Markup {
    let branch = found.branches.get(&row.branch).map_or("", String::as_str);
    let vehicle = html! {
        td { @if let Some(number) = &row.plate { (plate(number, place.procedure.vehicle, false)) } }
        td { @if let Some(chassis) = &row.chassis { (chassis.number) } }
        td .name { (row.user_name) }
    };
    let whose = html! {
        @if place.is_agent() {
            td { (found.clients.get(&row.client).map_or("", String::as_str)) }
            td { (branch) }
        } @else {
            td { (branch) }
            td .name.agent { (agent(found.agents.get(&row.agent_branch).map_or("", String::as_str))) }
        }
    };
    let at = match place.kind {
        Kind::Applications => row.filed_at,
        Kind::Requests => row.requested_at,
    };
    html! {
        tr {
            @if boxes {
                td .pick {
                    @if place.is_agent() || is_draft(row) {
                        input type="checkbox" name=(PICK) value=(row.id) form=(CHOSEN_FORM) aria-label={ "申請ID " (row.id) };
                    }
                }
            }
            td { a href=(address(place, row.id, behind)) { (row.id) } }
            td { (status_tag(row.status, row.portal_status)) @if row.returned && row.status.is_request() { small { "差戻し" } } @if row.by_agent { small { "代行入力" } } }
            @if place.kind == Kind::Applications {
                td .portal { (row.portal_status.map_or("", |portal| portal.label())) }
                (whose) (vehicle)
            } @else {
                (vehicle) (whose)
            }
            td .step { (next(place, row)) }
            td { @if let Some(at) = at { (at.day()) small { (clock(at)) } } @else { "―" } }
        }
    }
}

/// The agent's organization, and its branch below it.
fn agent(name: &str) -> Markup {
    match name.rsplit_once('　') {
        Some((organization, branch)) => html! { (organization) small { (branch) } },
        None => html! { (name) },
    }
}

/// `09:02`, below the day.
fn clock(at: BusinessTime) -> String {
    let local = at.local();
    format!("{:02}:{:02}", local.hour(), local.minute())
}

fn address(place: &Place, id: RequestId, behind: &str) -> String {
    let mut address = place.record(id, "");
    if !behind.is_empty() {
        address.push('?');
        address.push_str(behind);
    }
    address
}

fn next(place: &Place, row: &Row) -> Markup {
    let step = next_step(row.status, row.portal_status, row.returned, place.side());
    html! {
        @match step.doer {
            Doer::Nobody => { (step.short) }
            Doer::You => { strong { (Doer::You.label()) "：" (step.short) } }
            other => { (other.label()) "：" (step.short) }
        }
    }
}

fn empty(place: &Place, query: &Query, listed: Listed) -> Markup {
    if listed.total > 0 {
        return empty_state(
            "このページに表示するデータはありません。",
            &html! { (button::link("最後のページを表示する", &query.at_page(listed.pages()).on(&place.list()))) },
        );
    }
    if query.is_filtered() {
        return empty_state(
            "条件に合うデータはありません。",
            &html! {
                (button::link("条件をリセットする", &place.list()))
            },
        );
    }
    match (place.kind, place.is_agent()) {
        (Kind::Requests, false) => empty_state(
            "依頼データはまだありません。",
            &html! {
                (button::primary_link("依頼データ初期登録", &urls::new_request(place.application, place.procedure)))
                (button::link("依頼データ一括登録", &urls::imports(place.procedure)))
            },
        ),
        (Kind::Requests, true) => empty_state(
            "対応が必要な依頼データはありません。",
            &html! {
                (button::link("代行入力", &urls::new_request(place.application, place.procedure)))
                (button::link("申請データ検索", &place.with(Kind::Applications).list()))
            },
        ),
        (Kind::Applications, _) => empty_state(
            "申請データはまだありません。",
            &html! { (button::link("依頼データ検索", &place.with(Kind::Requests).list())) },
        ),
    }
}
