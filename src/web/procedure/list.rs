//! The rows of a list, in the manual's columns.

use super::place::{Kind, Place};
use super::query::Query;
use crate::domain::next_step::{Doer, next_step};
use crate::domain::request::Status;
use crate::domain::search::Row;
use crate::service::requests::view::Listing;
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use maud::{PreEscaped, Render};

/// The id of the form that the boxes before the rows of an agent's 依頼データ belong to.
pub const CHOSEN_FORM: &str = "chosen";
/// The name of the boxes before the rows of 依頼データ; `id` is a condition of the list.
pub const PICK: &str = "pick";
/// Asks for everything that the list finds instead of chosen rows.
pub const ALL: &str = "all";

/// Bytes that a row usually takes, and some more.
const ROW_LENGTH: usize = 1_024;

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
    let table = table(&place.title("の一覧"), &columns(place, boxes), &lines(place, found, &behind, boxes));
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

/// 依頼人 and 拠点 of an agent's list; 拠点 and 代理人, with the agent's branch below its organization, of a garage's.
struct Whose<'a> {
    is_agent: bool,
    other: &'a str,
    branch: &'a str,
}

impl Render for Whose<'_> {
    fn render_to(&self, page: &mut String) {
        page.push_str("<td>");
        if self.is_agent {
            Text(self.other).render_to(page);
            page.push_str("</td><td>");
            Text(self.branch).render_to(page);
        } else {
            Text(self.branch).render_to(page);
            page.push_str("</td><td class=\"name agent\">");
            match self.other.rsplit_once('　') {
                Some((organization, branch)) => {
                    Text(organization).render_to(page);
                    page.push_str("<small>");
                    Text(branch).render_to(page);
                    page.push_str("</small>");
                }
                None => Text(self.other).render_to(page),
            }
        }
        page.push_str("</td>");
    }
}

fn name(name: Option<&String>) -> &str {
    name.map_or("", String::as_str)
}

/// The rows, with what all of them share made once.
fn lines(place: &Place, found: &Listing, behind: &str, boxes: bool) -> Markup {
    let address = escaped(&format!("{}/", place.list()));
    let behind = if behind.is_empty() { escaped("") } else { escaped(&format!("?{behind}")) };
    let vehicle = place.procedure.vehicle;
    let (is_agent, filed) = (place.is_agent(), place.kind == Kind::Applications);
    let rows = &found.found.rows;
    // Drawn one by one into memory that is there: a growing text would be copied again and again.
    let mut page = String::with_capacity(rows.len() * ROW_LENGTH);
    for row in rows {
        let branch = name(found.branches.get(&row.branch));
        let other =
            if is_agent { name(found.clients.get(&row.client)) } else { name(found.agents.get(&row.agent_branch)) };
        let step = next_step(row.status, row.portal_status, row.returned, place.side());
        let id = row.id.0;
        let line = html! {
            tr {
                @if boxes {
                    td .pick {
                        @if is_agent || is_draft(row) {
                            input type="checkbox" name=(PICK) value=(id) form=(CHOSEN_FORM) aria-label={ "申請ID " (id) };
                        }
                    }
                }
                td { a href={ (address) (id) (behind) } { (id) } }
                td { (status_tag(row.status, row.portal_status)) @if row.returned && row.status.is_request() { small { "差戻し" } } @if row.by_agent { small { "代行入力" } } }
                @if filed {
                    td .portal { (Text(row.portal_status.map_or("", |portal| portal.label()))) }
                    (Whose { is_agent, other, branch })
                }
                td { @if let Some(number) = &row.plate { (plate(number, vehicle, false)) } }
                td { @if let Some(chassis) = &row.chassis { (Text(&chassis.number)) } }
                td .name { (Text(&row.user_name)) }
                @if !filed { (Whose { is_agent, other, branch }) }
                td .step {
                    @match step.doer {
                        Doer::Nobody => { (Text(step.short)) }
                        Doer::You => { strong { (Text(Doer::You.label())) "：" (Text(step.short)) } }
                        other => { (Text(other.label())) "：" (Text(step.short)) }
                    }
                }
                td { @if let Some(at) = if filed { row.filed_at } else { row.requested_at } { (DayAndTime(at)) } @else { "―" } }
            }
        };
        line.render_to(&mut page);
    }
    PreEscaped(page)
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
