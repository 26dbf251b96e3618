//! Lists that administrators keep — branches, users, organizations — and the pages around them: 検索, 照会, 登録, 更新,
//! 削除. The conditions of a list stand in its address, and every page opened from it keeps them, so that 一覧に戻る leads
//! back to the same rows.

use super::banner::{Banner, error_summary};
use super::detail::{Definitions, action_bar, confirm};
use super::fields::Fields;
use super::layout::{Here, Menu};
use super::list::{Column, Listed, SearchPanel, empty_state, listing, table};
use super::visit::Visit;
use super::{button, detail, form};
use crate::domain::problem::Problems;
use crate::domain::time::Day;
use crate::service::reason::Reason;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::fmt::Display;

/// Longest condition that is looked at.
const LONGEST: usize = 200;

/// Something of which a list is kept.
#[derive(Debug, Clone, Copy)]
pub struct Directory {
    /// The manual's noun, with which titles and buttons begin: 依頼人拠点.
    pub noun: &'static str,
    /// The item of the menu.
    pub menu: Menu,
    /// The address of the list.
    pub path: &'static str,
    /// The names of its conditions.
    pub conditions: &'static [&'static str],
}

/// A directory with the conditions and the page of the list behind the page that is shown.
#[derive(Debug, Clone)]
pub struct Opened {
    directory: &'static Directory,
    behind: Fields,
}

impl Directory {
    /// As an address asks for it; what is no condition of this list is left out.
    pub fn opened(&'static self, asked: &Fields) -> Opened {
        let mut behind = Fields::default();
        for (name, value) in asked.iter() {
            let value = value.trim();
            let known = self.conditions.contains(&name) || matches!(name, "page" | "size");
            if known && !value.is_empty() && value.chars().count() <= LONGEST {
                behind.push(name, value);
            }
        }
        Opened { directory: self, behind }
    }

    /// The place in the menu.
    pub fn here(&self) -> Here {
        Here { menu: Some(self.menu), procedure: None }
    }
}

/// A search page.
pub struct Search<'a, T> {
    /// The fields of the panel.
    pub conditions: Markup,
    /// The columns.
    pub columns: &'a [Column<'a>],
    /// All rows that meet the conditions.
    pub found: Vec<T>,
    /// A row: its first cell links to 照会.
    pub row: &'a dyn Fn(&T) -> Markup,
    /// Buttons below the list.
    pub actions: Markup,
}

/// A form of a directory: 登録 or 更新.
pub struct Form<'a> {
    /// What stands above it: a warning, a note.
    pub above: Markup,
    /// What is wrong with it.
    pub problems: &'a Problems,
    /// Where it is sent.
    pub action: &'a str,
    /// The version of the record that it was made from.
    pub version: Option<u32>,
    /// Its fields.
    pub fields: Markup,
    /// 戻る.
    pub back: &'a str,
}

impl Opened {
    /// The value of a condition, as typed.
    pub fn asked(&self, name: &str) -> &str {
        self.behind.get(name)
    }

    /// The values of a condition with several boxes.
    pub fn asked_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.behind.all(name)
    }

    /// The address of the list as it was left.
    pub fn list(&self) -> String {
        self.behind.on(self.directory.path)
    }

    /// The address of a page beside the list: `new`.
    pub fn beside(&self, verb: &str) -> String {
        self.behind.on(&format!("{}/{verb}", self.directory.path))
    }

    /// The address of 照会.
    pub fn record(&self, id: impl Display) -> String {
        self.behind.on(&format!("{}/{id}", self.directory.path))
    }

    /// The address of a page below 照会: `edit`.
    pub fn below(&self, id: impl Display, verb: &str) -> String {
        self.behind.on(&format!("{}/{id}/{verb}", self.directory.path))
    }

    /// The cell with which a row begins.
    pub fn key(&self, id: impl Display, label: &str) -> Markup {
        html! { td { a href=(self.record(id)) { (label) } } }
    }

    /// `依頼人拠点検索` and its like.
    pub fn title(&self, what: &str) -> String {
        format!("{}{what}", self.directory.noun)
    }

    /// 検索: panel, count, pages, rows, and the buttons below them.
    pub fn search<T>(&self, visit: &Visit, search: Search<'_, T>) -> Markup {
        let path = self.directory.path;
        let (page, size) = Listed::asked(&self.behind);
        let listed = Listed { total: search.found.len() as u64, page, size };
        let rows: Vec<&T> = listed.rows(&search.found).collect();
        let found = if rows.is_empty() {
            self.nothing(listed)
        } else {
            let caption = self.title("の一覧");
            table(&caption, search.columns, &html! { @for row in rows { tr { ((search.row)(row)) } } })
        };
        let body = html! {
            (SearchPanel { action: path, basic: search.conditions, details: None }.render())
            (listing(listed, path, &self.behind, &Markup::default(), &found))
            @if !search.actions.0.is_empty() { (action_bar(&search.actions, &Markup::default())) }
        };
        visit.page(&self.title("検索"), self.directory.here(), &body)
    }

    fn nothing(&self, listed: Listed) -> Markup {
        let (noun, path) = (self.directory.noun, self.directory.path);
        if listed.total > 0 {
            let last = self.behind.with("page", listed.pages()).on(path);
            return empty_state(
                "このページに表示するデータはありません。",
                &button::link("最後のページを表示する", &last),
            );
        }
        if self.behind.any_of(self.directory.conditions) {
            return empty_state(&format!("条件に合う{noun}はありません。"), &button::link("条件をリセットする", path));
        }
        empty_state(&format!("{noun}はまだ登録されていません。"), &Markup::default())
    }

    /// 照会: blocks, then 一覧に戻る and what can be done.
    pub fn show(&self, visit: &Visit, blocks: &Markup, actions: &Markup) -> Markup {
        let body = html! {
            (blocks)
            (action_bar(&button::link("一覧に戻る", &self.list()), actions))
        };
        visit.page(&self.title("照会"), self.directory.here(), &body)
    }

    /// 登録 or 更新: 確定 saves, 戻る leads back.
    pub fn form(&self, visit: &Visit, title: &str, status: StatusCode, form: &Form<'_>) -> Response {
        let body = html! {
            (error_summary(form.problems))
            (form.above)
            (form::post(visit, form.action, &html! {
                @if let Some(version) = form.version { (form::version(version)) }
                div .card { div .rows { (form.fields) } }
                (action_bar(
                    &html! { (button::primary("確定")) (button::link("戻る", form.back)) },
                    &Markup::default(),
                ))
            }))
        };
        (status, visit.page(title, self.directory.here(), &body)).into_response()
    }

    /// 削除 or パスワード再設定: what it will be done to, 確定 and 戻る. What is held shows why, and what leads on.
    pub fn ask(&self, visit: &Visit, title: &str, status: StatusCode, ask: &Ask<'_>) -> Response {
        let body = match &ask.held {
            Some(held) => html! {
                (Banner::warning(held.reason.sentence()).render())
                div .card { (ask.shown.render()) }
                (action_bar(&html! { (button::link("戻る", ask.back)) (held.ways) }, &Markup::default()))
            },
            None => {
                let hidden = form::version(ask.version);
                confirm(visit, ask.action, ask.sentence, &ask.shown.render(), &hidden, ask.back, ask.danger)
            }
        };
        (status, visit.page(title, self.directory.here(), &body)).into_response()
    }
}

/// A page that asks before something is done.
pub struct Ask<'a> {
    /// What stands in the way: then there is nothing to confirm.
    pub held: Option<Held>,
    /// What will happen.
    pub sentence: &'a str,
    /// To what.
    pub shown: Definitions,
    /// Where 確定 leads.
    pub action: &'a str,
    /// The version of the record that is shown.
    pub version: u32,
    /// 戻る.
    pub back: &'a str,
    /// Something is lost.
    pub danger: bool,
}

/// What keeps something from being done.
pub struct Held {
    /// Why not.
    pub reason: Reason,
    /// Links to what has to change first.
    pub ways: Markup,
}

/// The status of a form that comes back.
pub fn status(problems: &Problems, above: &Markup) -> StatusCode {
    if problems.is_empty() && above.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// What was typed, with the conversions that the rules made.
pub fn filled(typed: &Fields, converted: &[(&'static str, String)]) -> Fields {
    converted.iter().fold(typed.clone(), |fields, (name, kept)| fields.with(name, kept))
}

/// After somebody else was quicker: where what is stored differs from what was typed. `fields` are names and labels.
pub fn conflict(fields: &[(&str, &str)], stored: &Fields, typed: &Fields) -> Markup {
    let differences: Vec<(&str, String, String)> = fields
        .iter()
        .filter(|(name, _)| stored.get(name) != typed.get(name))
        .map(|(name, label)| (*label, as_shown(stored.get(name)), as_shown(typed.get(name))))
        .collect();
    detail::conflict(&differences)
}

/// The value of a form as pages show it: a day with slashes.
fn as_shown(value: &str) -> String {
    let day = Day::parse(value).filter(|day| day.iso() == value);
    day.map_or_else(|| value.to_owned(), |day| day.to_string())
}

/// Says that what was typed is shown in the other width, to be looked at before it is saved.
pub fn converted() -> Markup {
    html! {
        div .banner.ask #error-summary role="alert" tabindex="-1" {
            p { strong { "文字の全角・半角を入力規則に合わせて変換しました。" } }
            p { "まだ保存していません。内容を確認し、よろしければもう一度「確定」を押してください。" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BRANCHES: Directory = Directory {
        noun: "依頼人拠点",
        menu: Menu::ClientBranches,
        path: "/client/branches",
        conditions: &["code", "name"],
    };

    #[test]
    fn addresses_keep_the_list_and_nothing_else() {
        let opened = BRANCHES.opened(&Fields::parse("name=%E5%8C%97&page=2&evil=1&code=+&size=50"));
        assert_eq!(opened.list(), "/client/branches?name=%E5%8C%97&page=2&size=50");
        assert_eq!(opened.below(7, "edit"), "/client/branches/7/edit?name=%E5%8C%97&page=2&size=50");
        assert_eq!(BRANCHES.opened(&Fields::default()).record(7), "/client/branches/7");
        assert!(BRANCHES.opened(&Fields::parse(&format!("code={}", "a".repeat(201)))).asked("code").is_empty());
    }
}
