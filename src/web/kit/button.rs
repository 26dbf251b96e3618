//! Buttons: links that go somewhere, and submits that do something. The manual's labels, nothing else on them.

use super::form;
use super::visit::Visit;
use maud::{Markup, html};

/// The one main action of a form.
pub fn primary(label: &str) -> Markup {
    html! { button .button.primary type="submit" { (label) } }
}

/// Another submit of the same form, told apart by its name.
pub fn submit(label: &str, name: &str, value: &str) -> Markup {
    html! { button .button type="submit" name=(name) value=(value) { (label) } }
}

/// Goes to a page.
pub fn link(label: &str, href: &str) -> Markup {
    html! { a .button href=(href) { (label) } }
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
