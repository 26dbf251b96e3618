//! Buttons: links that go somewhere, and submits that do something. The manual's labels, nothing else on them.

use super::form;
use super::visit::Visit;
use maud::{Markup, html};

/// The one main action of a form.
pub fn primary(label: &str) -> Markup {
    html! { button .button.primary type="submit" { (label) } }
}

/// Keys that lead to a button, with Alt (Firefox: Alt and Shift). The help page `keys` lists them.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// 確定.
    Confirm,
    /// 戻る, 一覧に戻る.
    Back,
    /// 続けて登録.
    Next,
    /// 依頼データ更新.
    Update,
}

impl Key {
    fn letter(self) -> &'static str {
        match self {
            Self::Confirm => "k",
            Self::Back => "b",
            Self::Next => "n",
            Self::Update => "u",
        }
    }
}

/// The one main action of a form, by a key too.
pub fn primary_keyed(label: &str, key: Key) -> Markup {
    html! { button .button.primary type="submit" accesskey=(key.letter()) { (label) } }
}

/// Goes to a page, by a key too.
pub fn link_keyed(label: &str, href: &str, key: Key) -> Markup {
    html! { a .button href=(href) accesskey=(key.letter()) { (label) } }
}

/// Which keys there are on this page.
pub fn keys(named: &[(Key, &str)]) -> Markup {
    html! {
        p .keys { "キー操作：" @for (key, what) in named { kbd { "Alt+" (key.letter().to_ascii_uppercase()) } " " (what) "　" } }
    }
}

/// Another submit of the same form, told apart by its name.
pub fn submit(label: &str, name: &str, value: &str) -> Markup {
    html! { button .button type="submit" name=(name) value=(value) { (label) } }
}

/// 印刷, where the browser can be asked to by a script; without one its own menu does it.
pub fn print() -> Markup {
    html! { button .button.small type="button" hidden data-print { "印刷" } }
}

/// Goes to a page.
pub fn link(label: &str, href: &str) -> Markup {
    html! { a .button href=(href) { (label) } }
}

/// Goes to a page; the page's main way on, by a key too.
pub fn primary_link_keyed(label: &str, href: &str, key: Key) -> Markup {
    html! { a .button.primary href=(href) accesskey=(key.letter()) { (label) } }
}

/// Goes to a page; the page's main way on.
pub fn primary_link(label: &str, href: &str) -> Markup {
    html! { a .button.primary href=(href) { (label) } }
}

/// Goes to a page that asks before something is lost.
pub fn danger_link(label: &str, href: &str) -> Markup {
    html! { a .button.danger href=(href) { (label) } }
}

/// Reads like a link, weighs less than a button.
pub fn plain_link(label: &str, href: &str) -> Markup {
    html! { a .button.plain href=(href) { (label) } }
}

/// To the neighbour in the list; shown but dead at the end of it. `key` is `prev` or `next`, for the keyboard.
pub fn neighbour(label: &str, href: Option<&str>, key: &str) -> Markup {
    html! {
        @if let Some(href) = href { a .button href=(href) data-key=(key) rel=(key) { (label) } }
        @else { a .button.dead role="link" aria-disabled="true" { (label) } }
    }
}

/// A form of its own with nothing but this button: does one thing.
pub fn act(visit: &Visit, label: &str, action: &str, primary: bool) -> Markup {
    form::inline(
        visit,
        action,
        &html! {
            button class=(if primary { "button primary" } else { "button" }) type="submit" { (label) }
        },
    )
}
