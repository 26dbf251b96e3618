//! One labelled control: label, ※必須, rule, control, error. The rule is there before anything is wrong; the error
//! is tied to the control.

use crate::domain::problem::Problems;
use crate::domain::rules::Rule;
use maud::{Markup, html};

/// A field under construction; a method named after the control finishes it.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    required: bool,
    rule: &'a str,
    note: Option<&'a str>,
    value: &'a str,
    problem: Option<&'a str>,
    width: Option<&'static str>,
    span: u8,
}

/// Begins a field. The name is also the id that error links point to.
pub fn field<'a>(name: &'a str, label: &'a str) -> Field<'a> {
    Field { name, label, required: false, rule: "", note: None, value: "", problem: None, width: None, span: 3 }
}

impl<'a> Field<'a> {
    /// Marks it ※必須.
    pub fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    /// The input rule; empty for none.
    pub fn rule(self, rule: &'a str) -> Self {
        Self { rule, ..self }
    }

    /// A mark behind the label, such as メモ用.
    pub fn note(self, note: Option<&'a str>) -> Self {
        Self { note, ..self }
    }

    /// What stands in it.
    pub fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// What is wrong with it.
    pub fn problem(self, problem: Option<&'a str>) -> Self {
        Self { problem, ..self }
    }

    /// What is wrong with it, looked up by its name.
    pub fn problems(self, problems: &'a Problems) -> Self {
        self.problem(problems.of(self.name))
    }

    /// What is typed in the other width is converted while it is typed: `half`, `full` or `name`.
    pub fn width(self, width: &'static str) -> Self {
        Self { width: Some(width), ..self }
    }

    /// How many of the twelve columns of a search panel it takes (3 unless told).
    pub fn span(self, span: u8) -> Self {
        Self { span, ..self }
    }

    fn described_by(&self) -> Option<String> {
        let rule = (!self.rule.is_empty()).then(|| format!("{}-rule", self.name));
        let error = self.problem.is_some().then(|| format!("{}-error", self.name));
        match (rule, error) {
            (Some(rule), Some(error)) => Some(format!("{rule} {error}")),
            (rule, error) => rule.or(error),
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.problem.is_some().then_some("true")
    }

    fn wrap(&self, control: &Markup) -> Markup {
        html! {
            div class={ "field s" (self.span) } {
                label for=(self.name) { (self.label) (self.marks()) }
                (self.body(control))
            }
        }
    }

    fn marks(&self) -> Markup {
        html! {
            @if self.required { " " span .required { "※必須" } }
            @if let Some(note) = self.note { " " span .note { (note) } }
        }
    }

    fn body(&self, control: &Markup) -> Markup {
        html! {
            div .control {
                @if !self.rule.is_empty() { p .rule id={ (self.name) "-rule" } { (self.rule) } }
                (control)
                @if let Some(problem) = self.problem { p .error id={ (self.name) "-error" } { "＊" (problem) } }
            }
        }
    }

    /// A line of text of at most `max` characters; the box is as wide as what belongs in it.
    pub fn text(self, max: usize) -> Markup {
        // What is typed in the other width is converted, never cut, so the browser's own limit leaves room.
        let room = max.saturating_mul(2).max(20);
        let width = match max {
            0..=6 => "w6",
            7..=12 => "w12",
            13..=24 => "w24",
            _ => "w",
        };
        self.wrap(&html! {
            input class=(width) type="text" id=(self.name) name=(self.name) value=(self.value) maxlength=(room)
                autocomplete="off" data-width=[self.width] aria-describedby=[self.described_by()] aria-invalid=[self.invalid()]
                aria-required=[self.required.then_some("true")];
        })
    }

    /// A name or code that administrators type: its rule stands beside it, and its width is converted.
    pub fn ruled(self, rule: &'a Rule) -> Markup {
        self.rule(rule.rule).width(rule.width()).text(rule.longest())
    }

    /// The login ID of a sign-in form.
    pub fn login_id(self) -> Markup {
        self.wrap(&html! {
            input .w24 type="text" id=(self.name) name=(self.name) value=(self.value) maxlength="64"
                autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        })
    }

    /// A password, never filled in. `purpose` is `current-password` or `new-password`.
    pub fn password(self, purpose: &str) -> Markup {
        self.wrap(&html! {
            input .w24 type="password" id=(self.name) name=(self.name) maxlength="200" autocomplete=(purpose) required
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        })
    }

    /// One of several values; `blank` is the label of "none of them".
    pub fn select<'o>(
        self,
        blank: Option<&str>,
        options: impl IntoIterator<Item = (impl AsRef<str>, &'o str)>,
    ) -> Markup {
        self.wrap(&html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described_by()] aria-invalid=[self.invalid()]
                aria-required=[self.required.then_some("true")] {
                @if let Some(blank) = blank { option value="" { (blank) } }
                @for (value, label) in options {
                    option value=(value.as_ref()) selected[value.as_ref() == self.value] { (label) }
                }
            }
        })
    }

    /// One of several values in named groups (organization, then its branches).
    pub fn select_grouped(self, blank: Option<&str>, groups: &[(String, Vec<(String, String)>)]) -> Markup {
        self.wrap(&html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described_by()] aria-invalid=[self.invalid()]
                aria-required=[self.required.then_some("true")] {
                @if let Some(blank) = blank { option value="" { (blank) } }
                @for (group, options) in groups {
                    optgroup label=(group) {
                        @for (value, label) in options {
                            option value=(value) selected[value == self.value] { (label) }
                        }
                    }
                }
            }
        })
    }

    /// A civil day, `yyyy-mm-dd`.
    pub fn date(self) -> Markup {
        self.wrap(&html! {
            input .w12 type="date" id=(self.name) name=(self.name) value=(self.value) min="1950-01-01" max="2199-12-31"
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        })
    }

    /// A file to choose. `accept` is the ending that is wanted, such as `.p12`. No browser shows a file again, so in a
    /// form that comes `back` with something to correct it has to be chosen once more; the page says so.
    pub fn file(self, accept: &str, back: bool) -> Markup {
        let again = back.then(|| format!("{}-again", self.name));
        let described = [self.described_by(), again.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.wrap(&html! {
            div .file {
                label .button for=(self.name) { "参照" }
                input type="file" id=(self.name) name=(self.name) accept=(accept)
                    aria-describedby=[(!described.is_empty()).then_some(&described)] aria-invalid=[self.invalid()]
                    aria-required=[self.required.then_some("true")];
            }
            @if let Some(again) = &again {
                p .rule id=(again) { "前の画面で選んだファイルは保持していません。もう一度選んでください。" }
            }
        })
    }

    /// Several lines of at most `max` characters in all.
    pub fn area(self, max: usize, rows: u8) -> Markup {
        self.wrap(&html! {
            textarea id=(self.name) name=(self.name) rows=(rows) maxlength=(max.saturating_mul(2))
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] { "\n" (self.value) }
        })
    }

    /// One check box with its own label; sends `on`. The field's label heads the row.
    pub fn check(self, label: &str) -> Markup {
        let input = html! {
            label .check {
                input type="checkbox" id=(self.name) name=(self.name) value="on" checked[!self.value.is_empty()]
                    aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
                span { (label) }
            }
        };
        html! {
            fieldset class={ "field s" (self.span) } {
                legend { (self.label) (self.marks()) }
                (self.body(&input))
            }
        }
    }

    /// Several check boxes of one name: (value, label, checked).
    pub fn checks<'o>(self, options: impl IntoIterator<Item = (impl AsRef<str>, &'o str, bool)>) -> Markup {
        let inputs = html! {
            div .checks id=(self.name) tabindex="-1" {
                @for (value, label, checked) in options {
                    label .check {
                        input type="checkbox" name=(self.name) value=(value.as_ref()) checked[checked];
                        span { (label) }
                    }
                }
            }
        };
        html! {
            fieldset class={ "field s" (self.span) } {
                legend { (self.label) (self.marks()) }
                (self.body(&inputs))
            }
        }
    }

    /// One of several values, all in sight: (value, label, chosen).
    pub fn radios(self, options: impl IntoIterator<Item = (String, String, bool)>) -> Markup {
        let described = self.described_by();
        let inputs = html! {
            div .checks.radios id=(self.name) tabindex="-1" {
                @for (value, label, chosen) in options {
                    label .check {
                        input type="radio" name=(self.name) value=(value) checked[chosen] aria-describedby=[described.as_deref()];
                        span { (label) }
                    }
                }
            }
        };
        html! {
            fieldset class={ "field s" (self.span) } {
                legend { (self.label) (self.marks()) }
                (self.body(&inputs))
            }
        }
    }

    /// From and to, as `<name>_from` and `<name>_to`.
    pub fn date_range(self, from: &str, to: &str) -> Markup {
        let inputs = html! {
            div .range {
                input type="date" id=(self.name) name={ (self.name) "_from" } value=(from) aria-label={ (self.label) "（から）" }
                    aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
                span aria-hidden="true" { "～" }
                input type="date" name={ (self.name) "_to" } value=(to) aria-label={ (self.label) "（まで）" }
                    aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
            }
        };
        html! {
            fieldset class={ "field s" (self.span) } {
                legend { (self.label) (self.marks()) }
                (self.body(&inputs))
            }
        }
    }

    /// Shown, not to be changed.
    pub fn fixed(self) -> Markup {
        html! {
            div class={ "field s" (self.span) } {
                span .label { (self.label) (self.marks()) }
                (self.body(&html! { p .fixed { @if self.value.is_empty() { "―" } @else { (self.value) } } }))
            }
        }
    }

    /// Several controls that the caller made, under one heading.
    pub fn controls(self, controls: &Markup) -> Markup {
        html! {
            fieldset class={ "field s" (self.span) } {
                legend { (self.label) (self.marks()) }
                (self.body(controls))
            }
        }
    }
}

/// A block of rows in a form: heading and fields, label left, control right.
pub fn group(id: &str, label: &str, fields: &Markup) -> Markup {
    html! {
        section .card id=(id) {
            @if !label.is_empty() { h2 { (label) } }
            div .rows { (fields) }
        }
    }
}
