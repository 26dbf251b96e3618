//! Boxes above a page's content: what an action did, what has to be corrected, what comes next.

use crate::domain::problem::Problems;
use maud::{Markup, html};

/// What an action did. Shown once on the page it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Good news, or a warning.
    pub ok: bool,
    /// One polite sentence.
    pub message: String,
    /// Further lines, such as the reason for each row that failed.
    pub lines: Vec<String>,
    /// Shows a secret: its page is neither compressed nor kept by the browser.
    pub secret: bool,
}

impl Banner {
    /// It happened.
    pub fn ok(message: impl Into<String>) -> Self {
        Self { ok: true, message: message.into(), lines: Vec::new(), secret: false }
    }

    /// It did not happen, or only in part.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { ok: false, message: message.into(), lines: Vec::new(), secret: false }
    }

    /// Adds lines below the sentence.
    pub fn with_lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Marks that it shows a secret, this once.
    pub fn once_only(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The box.
    pub fn render(&self) -> Markup {
        html! {
            div class={ "banner " (if self.ok { "ok" } else { "warning" }) } role="status" {
                p { strong { (self.message) } }
                @if !self.lines.is_empty() { ul { @for line in &self.lines { li { (line) } } } }
            }
        }
    }
}

/// Everything to correct, each linked to its field. Empty when nothing is wrong. Stands first on the page.
pub fn error_summary(problems: &Problems) -> Markup {
    html! {
        @if !problems.is_empty() {
            div .banner.error-summary #error-summary role="alert" tabindex="-1" autofocus {
                p { strong { "入力内容を確認してください（" (problems.len()) "件）" } }
                ul { @for problem in problems.iter() { li { a href={ "#" (problem.field) } { (problem.message) } } } }
            }
        }
    }
}

/// Why it did not work, where the sentences stand close enough to their fields to need no links.
pub fn refusal(problems: &Problems) -> Markup {
    html! {
        div .banner.error-summary #error-summary role="alert" tabindex="-1" {
            @for problem in problems.iter() { p { (problem.message) } }
        }
    }
}

/// One line: who has to do what next, and until when.
pub fn next_step(sentence: &str, mine: bool, deadline: Option<&str>) -> Markup {
    html! {
        p class=(if mine { "banner next mine" } else { "banner next" }) {
            strong { "次の対応：" } (sentence)
            @if let Some(deadline) = deadline { span .deadline { "（" (deadline) "）" } }
        }
    }
}
