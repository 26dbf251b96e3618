//! Fields of a procedure: from what is typed to the value that is kept, and back. Which fields there are, the procedure
//! says; rules between fields are in `rules`.

mod rules;
mod special;

use super::problem::Problems;
use super::procedure::{Choice, Editor, Field, FieldKind, Procedure, Width};
use super::request::{Value, Values};
use super::text;
use super::time::Day;

/// The form value of a check box that is on.
const ON: &str = "on";

/// The value of what was typed; none when nothing was. Text is kept as it stands after the width rule.
///
/// # Errors
/// What is wrong and what is allowed, as sentences.
pub fn parse(field: &Field, typed: &str) -> Result<Option<Value>, String> {
    let trimmed = text::trim(typed);
    if trimmed.is_empty() {
        return Ok(None);
    }
    let value = match &field.kind {
        FieldKind::Text { width, max } => Value::Text(line(field, trimmed, *width, *max)?),
        FieldKind::Choice(choices) => Value::Choice(choice(field, choices, trimmed)?),
        FieldKind::Flag { on, off, .. } => match yes_or_no(trimmed, on, off) {
            Some(true) => Value::Flag(true),
            Some(false) => return Ok(None),
            None => return Err(format!("{}は、「{on}」か「{off}」で入力してください。", field.label)),
        },
        FieldKind::Date => Value::Day(day(field, trimmed)?),
        FieldKind::PrefectureAddress { max } => Value::Text(special::prefecture_address(field, trimmed, *max)?),
        FieldKind::ManagementNumber => Value::Text(special::management_number(field, trimmed)?),
        FieldKind::CommissionNumber => Value::Text(commission_number(field, trimmed)?),
        FieldKind::Memo { max } => Value::Text(memo(field, trimmed, *max)?),
    };
    Ok(Some(value))
}

/// A check box in words: those that pages show for it, what its form sends, and what people write in tables. Nothing
/// typed is no.
pub fn yes_or_no(typed: &str, on: &str, off: &str) -> Option<bool> {
    let key = text::search_key(typed);
    let is = |words: &[&str]| words.iter().any(|word| text::search_key(word) == key);
    if key.is_empty() || is(&[off, "0", "off", "false", "無", "なし", "否", "いいえ", "×"]) {
        return Some(false);
    }
    is(&[on, ON, "1", "true", "有", "あり", "可", "はい", "○", "〇"]).then_some(true)
}

/// What 照会 shows: the label of a choice, the words of a check box, a day as `2025/01/06`.
pub fn show(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (FieldKind::Choice(choices), Value::Choice(code)) => {
            by_code(choices, *code).map(|choice| choice.label.to_owned()).unwrap_or_default()
        }
        (FieldKind::Flag { on, off, .. }, Value::Flag(set)) => (if *set { *on } else { *off }).to_owned(),
        (_, value) => plain(value),
    }
}

/// What 照会 shows of a field of a request. A check box that was never touched is shown as not checked; any other
/// field without value is empty.
pub fn shown(field: &Field, values: &Values) -> String {
    match (values.get(&field.no), &field.kind) {
        (Some(value), _) => show(field, value),
        (None, FieldKind::Flag { off, .. }) => (*off).to_owned(),
        (None, _) => String::new(),
    }
}

/// The form value: the key of a choice, `on` of a check box, a day as `2025-01-06`. [`parse`] reads it back.
pub fn raw(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (FieldKind::Choice(choices), Value::Choice(code)) => {
            by_code(choices, *code).map(|choice| choice.key.to_owned()).unwrap_or_default()
        }
        (_, Value::Flag(true)) => ON.to_owned(),
        (_, Value::Flag(false)) => String::new(),
        (_, Value::Day(day)) => day.iso(),
        (_, value) => plain(value),
    }
}

/// Checks all fields that are typed, and the rules between them. Fields that actions of their own set are left alone.
/// Required fields are asked for only when the request is to be sent.
///
/// # Errors
/// Everything to correct, under the keys of the fields.
pub fn check_all<'a>(
    procedure: &Procedure,
    input: &dyn Fn(&str) -> Option<&'a str>,
    to_send: bool,
) -> Result<Values, Problems> {
    let mut values = Values::new();
    let mut problems = Problems::new();
    for field in procedure.fields().filter(|field| field.editor == Editor::Both) {
        match parse(field, input(field.key).unwrap_or_default()) {
            Ok(Some(value)) => {
                values.insert(field.no, value);
            }
            Ok(None) => {}
            Err(message) => problems.add(field.key, message),
        }
    }
    if to_send {
        for problem in missing(procedure, &values).iter() {
            // A field that is filled wrongly has its own sentence already.
            if problems.of(&problem.field).is_none() {
                problems.add(problem.field.clone(), problem.message.clone());
            }
        }
    }
    problems.or(values)
}

/// What stops a request with these values from being sent: required fields without value, and the rules between fields.
pub fn missing(procedure: &Procedure, values: &Values) -> Problems {
    let mut problems = Problems::new();
    for field in procedure.fields().filter(|field| field.required && !values.contains_key(&field.no)) {
        let verb = if matches!(field.kind, FieldKind::Choice(_)) { "選んで" } else { "入力して" };
        problems.add(field.key, format!("{}を{verb}ください。送信するときは必須です。", field.label));
    }
    rules::to_send(procedure, values, &mut problems);
    problems
}

/// Numbers of the fields that differ, in order.
pub fn changed(before: &Values, after: &Values) -> Vec<u16> {
    let mut numbers: Vec<u16> = before.keys().chain(after.keys()).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.retain(|no| before.get(no) != after.get(no));
    numbers
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Choice(code) => code.to_string(),
        Value::Flag(set) => set.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Moment(at) => at.to_string(),
    }
}

fn by_code(choices: &'static [Choice], code: u8) -> Option<&'static Choice> {
    choices.iter().find(|choice| choice.code == code)
}

fn choice(field: &Field, choices: &[Choice], typed: &str) -> Result<u8, String> {
    choices.iter().find(|choice| choice.key == typed || choice.label == typed).map(|choice| choice.code).ok_or_else(
        || {
            let labels: Vec<&str> = choices.iter().map(|choice| choice.label).collect();
            format!("{}は、{}から選んでください。", field.label, labels.join("・"))
        },
    )
}

fn line(field: &Field, typed: &str, width: Width, max: usize) -> Result<String, String> {
    visible(field, typed, false)?;
    let label = field.label;
    let (value, kind) = match width {
        Width::Full => (text::to_full_width(typed), "全角"),
        Width::HalfAlphanumeric => (text::to_half_width(typed), "半角英数字"),
        Width::Any => (typed.to_owned(), ""),
    };
    let wrong = value.chars().find(|c| match width {
        Width::Full => !text::is_full_width(*c),
        Width::HalfAlphanumeric => !c.is_ascii_alphanumeric(),
        Width::Any => false,
    });
    if let Some(wrong) = wrong {
        return Err(format!("{label}に「{wrong}」は使えません。{kind}{max}文字以内で入力してください。"));
    }
    within(field, &value, kind, max)?;
    Ok(value)
}

fn memo(field: &Field, typed: &str, max: usize) -> Result<String, String> {
    let value = typed.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    visible(field, &value, true)?;
    within(field, &value, "", max)?;
    Ok(value)
}

fn commission_number(field: &Field, typed: &str) -> Result<String, String> {
    let value = text::to_half_width(typed);
    if value.len() == 10 && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(value);
    }
    let length = value.chars().count();
    Err(format!(
        "{}「{}」は使えません（{length}文字）。半角英数字10文字で入力してください。例：A123456789",
        field.label,
        text::quoted(typed, 15)
    ))
}

fn day(field: &Field, typed: &str) -> Result<Day, String> {
    let text = text::hyphens(&text::normalise(typed)).replace(['/', '.', '年', '月'], "-");
    let parts: Vec<&str> = text.trim_end_matches('日').split('-').collect();
    let found = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            year.parse().ok().zip(month.parse().ok()).zip(day.parse().ok()).and_then(|((y, m), d)| Day::new(y, m, d))
        }
        [whole] => Day::parse(whole),
        _ => None,
    };
    found.ok_or_else(|| {
        format!(
            "{}「{}」は日付として読めません。年・月・日を西暦で入力してください。例：2025/01/06",
            field.label,
            text::quoted(typed, 15)
        )
    })
}

fn visible(field: &Field, value: &str, lines: bool) -> Result<(), String> {
    match text::unprintable(value, lines) {
        None => Ok(()),
        Some('\n' | '\r') => Err(format!("{}に改行は使えません。1行で入力してください。", field.label)),
        Some(c) => Err(format!(
            "{}に、表示できない文字（U+{:04X}）が含まれています。その文字を消して入力し直してください。",
            field.label,
            u32::from(c)
        )),
    }
}

fn within(field: &Field, value: &str, kind: &str, max: usize) -> Result<(), String> {
    match value.chars().count() {
        length if length > max => {
            Err(format!("{}が長すぎます（{length}文字）。{kind}{max}文字以内で入力してください。", field.label))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
