//! 依頼データ更新: the procedure's fields as a form, filled from the record or from what was typed
//! (inspection manual P42–43).

use super::panel::Options;
use super::place::Place;
use super::show::fixed_head;
use crate::domain::field as rules;
use crate::domain::problem::Problems;
use crate::domain::procedure::{Editor, Field, FieldKind, Procedure, Width};
use crate::domain::request::Values;
use crate::service::requests::view::RequestView;
use crate::web::kit::button::Key;
use crate::web::kit::detail;
use crate::web::kit::prelude::*;
use std::borrow::Cow;

/// Where the form's values come from.
#[derive(Debug, Clone, Copy)]
pub enum Filled<'a> {
    /// The record.
    Stored(&'a Values),
    /// What was typed; boxes that were not sent are not checked.
    Typed(&'a Fields),
}

impl<'a> Filled<'a> {
    fn value(self, field: &Field) -> Cow<'a, str> {
        match self {
            Self::Typed(typed) => Cow::Borrowed(typed.get(field.key)),
            Self::Stored(values) => {
                values.get(&field.no).map_or(Cow::Borrowed(""), |value| Cow::Owned(rules::raw(field, value)))
            }
        }
    }

    /// Whether a box that is no field of the procedure is checked.
    pub fn checked(self, name: &str) -> bool {
        matches!(self, Self::Typed(typed) if typed.has(name))
    }
}

/// What a form differs in between garage and agent.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// Where it stands.
    pub place: &'a Place,
    /// The record as it is now.
    pub view: &'a RequestView,
    /// What stands in the fields.
    pub filled: Filled<'a>,
    /// What is wrong with it.
    pub problems: &'a Problems,
    /// 送信フラグ, for those who may send.
    pub may_send: bool,
    /// 申請先, for the agent.
    pub offices: Option<&'a Options>,
    /// 戻る.
    pub back: &'a str,
}

/// The page's body below the error summary.
pub fn form(visit: &Visit, action: &str, shown: Form<'_>) -> Markup {
    let Form { place, view, filled, problems, .. } = shown;
    let jumps: Vec<(&str, &str)> = place.procedure.sections.iter().map(|block| (block.id, block.label)).collect();
    let editable = |fields: &'static [Field]| fields.iter().filter(|field| field.editor != Editor::Fixed);
    html! {
        (jump_links(&jumps))
        (fixed_head(place, view))
        (form::entry(visit, action, &html! {
            (form::version(view.request.version))
            p .lead {
                @if shown.may_send { "※必須の項目は、送信するときに入力が必要です。保存だけのときは空欄でもかまいません。" }
                @else { "※必須の項目は、送信・申請までに入力が必要です。" }
            }
            (group("conditions", "", &html! {
                @for each in editable(place.procedure.head) { (control(each, filled, problems, true)) }
                @if let Some(offices) = shown.offices {
                    @let chosen = match filled {
                        Filled::Typed(typed) => typed.get("office").to_owned(),
                        Filled::Stored(_) => view.request.office.map(|number| number.to_string()).unwrap_or_default(),
                    };
                    (field("office", "申請先").value(&chosen).problems(problems).required(true)
                        .rule(place.procedure.office_rule)
                        .select(Some("選択してください"), offices.iter().map(|(value, label)| (value.as_str(), label.as_str()))))
                }
            }))
            @for block in place.procedure.sections {
                (group(block.id, block.label, &html! {
                    @for each in editable(block.fields) { (control(each, filled, problems, true)) }
                }))
            }
            @if shown.may_send {
                (group("sending", "", &field("send", "送信フラグ")
                    .value(if filled.checked("send") { "on" } else { "" })
                    .rule("チェックを入れて確定すると、代理人に送信します。チェックを入れないときは保存だけ行います。")
                    .problems(problems).check("送信")))
            }
            (action_bar(&html! { (button::primary_keyed("確定", Key::Confirm)) (button::link_keyed("戻る", shown.back, Key::Back)) },
                &button::keys(&[(Key::Confirm, "確定"), (Key::Back, "戻る")])))
        }))
    }
}

/// The control of a field, by its kind; `required` where its mark ※必須 belongs.
pub fn control(described: &Field, filled: Filled<'_>, problems: &Problems, required: bool) -> Markup {
    let value = filled.value(described);
    let control = field(described.key, described.label)
        .required(required && described.required)
        .rule(described.rule)
        .note(described.note)
        .value(&value)
        .problems(problems);
    match &described.kind {
        FieldKind::Text { width: Width::Full, max } | FieldKind::PrefectureAddress { max } => {
            control.width("full").text(*max)
        }
        FieldKind::Text { width: Width::HalfAlphanumeric, max } => control.width("half").text(*max),
        FieldKind::Text { max, .. } => control.text(*max),
        FieldKind::Choice(choices) => {
            control.select(Some("選択してください"), choices.iter().map(|choice| (choice.key, choice.label)))
        }
        FieldKind::Flag { label, .. } => control.check(label),
        FieldKind::Date => control.date(),
        FieldKind::CommissionNumber => control.width("half").text(10),
        FieldKind::ManagementNumber => control.width("half").text(13),
        FieldKind::Memo { max } => control.area(*max, 4),
    }
}

/// What was typed in the other width, and how it is kept: a line each.
pub fn conversions(procedure: &Procedure, typed: &Fields, kept: &Values) -> Vec<String> {
    let texts =
        procedure.fields().filter(|field| matches!(field.kind, FieldKind::Text { .. } | FieldKind::CommissionNumber));
    texts
        .filter_map(|field| {
            let kept = rules::raw(field, kept.get(&field.no)?);
            let typed = typed.get(field.key);
            (typed != kept).then(|| format!("{}を「{typed}」から「{kept}」に変換しました。", field.label))
        })
        .collect()
}

/// After somebody else was quicker: what the record holds now beside what was typed, where the two differ.
pub fn conflict(place: &Place, view: &RequestView, typed: &Fields) -> Markup {
    let stored = Filled::Stored(&view.request.fields);
    let changed: Vec<(&str, String, String)> = place
        .procedure
        .fields()
        .filter(|field| field.editor != Editor::Fixed)
        .map(|field| (field, stored.value(field), typed.get(field.key)))
        .filter(|(_, now, mine)| now.as_ref() != *mine)
        .map(|(field, now, mine)| (field.label, in_words(field, &now), in_words(field, mine)))
        .collect();
    detail::conflict(&changed)
}

/// A typed value as 照会 would show it; what can't be read stays as typed.
pub fn in_words(field: &Field, typed: &str) -> String {
    match rules::parse(field, typed) {
        Ok(Some(value)) => rules::show(field, &value),
        Ok(None) => match &field.kind {
            FieldKind::Flag { off, .. } => (*off).to_owned(),
            _ => String::new(),
        },
        Err(_) => typed.to_owned(),
    }
}
