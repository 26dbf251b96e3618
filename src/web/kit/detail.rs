//! Pages that show one thing: blocks with jump links, definition tables, the way of an application, history, the bar
//! of actions, and the page that asks before something is lost.

use super::form;
use super::list::{Column, table};
use super::visit::Visit;
use crate::domain::procedure::Procedure;
use crate::domain::progress::{State, Step};
use crate::domain::request::HistoryEntry;
use crate::domain::time::BusinessTime;
use maud::{Markup, Render, html};

/// Label–value pairs in the manual's order, two columns on wide screens.
#[derive(Debug, Default)]
pub struct Definitions(Vec<(String, Option<&'static str>, Markup, bool)>);

impl Definitions {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A pair; an empty value shows as ―.
    pub fn pair(self, label: impl Into<String>, value: impl Render) -> Self {
        self.add(label, None, value, false)
    }

    /// A pair with a mark behind the value, such as メモ用.
    pub fn noted(self, label: impl Into<String>, value: impl Render, note: Option<&'static str>) -> Self {
        self.add(label, note, value, false)
    }

    /// A pair over the whole width.
    pub fn wide(self, label: impl Into<String>, value: impl Render) -> Self {
        self.add(label, None, value, true)
    }

    fn add(mut self, label: impl Into<String>, note: Option<&'static str>, value: impl Render, wide: bool) -> Self {
        self.0.push((label.into(), note, value.render(), wide));
        self
    }

    /// Which pairs take the whole width: those that ask for it, and one that would stand alone before such a pair.
    fn widened(&self) -> Vec<bool> {
        let mut widened = vec![false; self.0.len()];
        let mut alone = None;
        for (at, (.., wide)) in self.0.iter().enumerate() {
            let full = if *wide { alone.take() } else { None };
            for at in full.into_iter().chain(wide.then_some(at)) {
                widened.iter_mut().skip(at).take(1).for_each(|flag| *flag = true);
            }
            if !*wide {
                alone = if alone.is_some() { None } else { Some(at) };
            }
        }
        widened
    }

    /// The table.
    pub fn render(&self) -> Markup {
        html! {
            dl .definitions {
                @for ((label, note, value, _), wide) in self.0.iter().zip(self.widened()) {
                    div .wide[wide] {
                        dt { (label) }
                        dd {
                            @if value.0.is_empty() { "―" } @else { (value) }
                            @if let Some(note) = note { " " span .note { (note) } }
                        }
                    }
                }
            }
        }
    }
}

/// A long number, such as 受付番号: a little smaller where the page is narrow, to stay in one line.
pub fn digits(number: &str) -> Markup {
    html! { @if !number.is_empty() { span .digits { (number) } } }
}

/// Links to the blocks of a long page, which stay in view.
pub fn jump_links(blocks: &[(&str, &str)]) -> Markup {
    html! {
        nav .jump aria-label="ページ内の移動" {
            @for (id, label) in blocks { a href={ "#" (id) } { (label) } }
        }
    }
}

/// A block with heading and トップへ戻る.
pub fn section(id: &str, label: &str, body: &Markup) -> Markup {
    html! {
        section .card id=(id) {
            h2 { (label) }
            (body)
            p .to-top { a href="#top" { "トップへ戻る" } }
        }
    }
}

/// The bar of actions that stays at the lower edge. `start` leads back or on, `end` does things.
pub fn action_bar(start: &Markup, end: &Markup) -> Markup {
    html! {
        div .bar role="group" aria-label="操作" {
            div .start { (start) }
            @if !end.0.is_empty() { div .end { (end) } }
        }
    }
}

/// The way of a request as a track: what is behind, where it stands, what is ahead.
pub fn track(steps: &[Step]) -> Markup {
    html! {
        ol .track {
            @for step in steps {
                @let (class, spoken) = match step.state {
                    State::Done => ("done", "済み"),
                    State::Now => ("now", "現在"),
                    State::Stopped => ("stopped", "停止"),
                    State::Ahead => ("ahead", "これから"),
                };
                li class=(class) aria-current=[matches!(step.state, State::Now | State::Stopped).then_some("step")] {
                    span .visually-hidden { (spoken) "：" }
                    span .step { (step.label) }
                    @if let Some(at) = step.at { span .at { (short(at)) } }
                }
            }
        }
    }
}

/// `11/20 09:02`.
fn short(at: BusinessTime) -> String {
    at.to_string().split_off("2026/".len())
}

/// 履歴, in the order given (newest first on every page). Changed fields are named, never their old values.
pub fn history(procedure: &Procedure, entries: &[HistoryEntry]) -> Markup {
    html! {
        ol .history {
            @for entry in entries {
                li {
                    span .at { (entry.at) }
                    div {
                        p {
                            span .side { (entry.side.label()) @if let Some(name) = &entry.name { "　" (name) } }
                            strong { (entry.what) }
                            @if let Some(to) = entry.to && entry.from != Some(to) {
                                span .change { @if let Some(from) = entry.from { (from.label()) " → " } (to.label()) }
                            }
                            @if let Some(portal) = entry.portal { span .change { "OSSステータス：" (portal.label()) } }
                        }
                        @if let Some(detail) = &entry.detail { p .more-of { (detail) } }
                        @if !entry.fields.is_empty() {
                            @let labels = entry.fields.iter().filter_map(|no| procedure.field_by_number(*no)).map(|field| field.label);
                            p .more-of { "変更した項目：" (labels.collect::<Vec<_>>().join("、")) }
                        }
                    }
                }
            }
        }
    }
}

/// After somebody else was quicker: where what is stored now (second) differs from what was typed (third), by label.
pub fn conflict(differences: &[(&str, String, String)]) -> Markup {
    let or_dash = |text: &str| if text.is_empty() { "―".to_owned() } else { text.to_owned() };
    html! {
        div .banner.warning #error-summary role="alert" tabindex="-1" {
            p { strong { "別の人が先に更新しました。あなたの入力はまだ保存していません。" } }
            p { "下の違いを確認してください。入力した内容は残してあります。このまま「確定」を押すと、あなたの入力で更新します。" }
        }
        @if !differences.is_empty() {
            section .card {
                (table("内容の違い", &[Column::new("項目"), Column::new("いまの内容"), Column::new("あなたの入力")], &html! {
                    @for (label, now, mine) in differences {
                        tr { td { (label) } td { (or_dash(now)) } td { (or_dash(mine)) } }
                    }
                }))
            }
        }
    }
}

/// A page that shows what will happen and asks: 確定 does it, 戻る leads back. `danger` when something is lost.
pub fn confirm(
    visit: &Visit,
    action: &str,
    sentence: &str,
    shown: &Markup,
    hidden: &Markup,
    back: &str,
    danger: bool,
) -> Markup {
    form::post(
        visit,
        action,
        &html! {
            div .banner.ask { p { strong { (sentence) } } }
            div .card { (shown) }
            (hidden)
            (action_bar(
                &html! {
                    button class=(if danger { "button danger-fill" } else { "button primary" }) type="submit" { "確定" }
                    a .button href=(back) { "戻る" }
                },
                &Markup::default(),
            ))
        },
    )
}
