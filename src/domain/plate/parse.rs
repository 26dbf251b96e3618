//! From what people type to a plate. Every sentence says what is wrong, what is allowed, and gives an example.

use super::{Plate, grammar};
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use crate::domain::reference::Regions;
use crate::domain::text;

/// The four inputs and two boxes of 初期登録, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlateInput {
    /// 地名.
    pub region: String,
    /// （分類）.
    pub class: String,
    /// （仮名）.
    pub kana: String,
    /// （番号）.
    pub serial: String,
    /// 小板 (light vehicles only).
    pub small: bool,
    /// 分類番号なし (light vehicles only): empties （分類）.
    pub no_class: bool,
}

/// Checks a plate. Also says what should be looked at again, though it may be right.
///
/// # Errors
/// What to correct, under `plate.region`, `plate.class`, `plate.kana` and `plate.serial`.
pub fn parse(vehicle: VehicleKind, input: &PlateInput, regions: &Regions) -> Result<(Plate, Vec<String>), Problems> {
    let light = vehicle == VehicleKind::Light;
    let small = light && input.small;
    let input = &PlateInput { no_class: light && input.no_class, ..input.clone() };
    let mut problems = Problems::new();
    let mut warnings = Vec::new();
    let region = problems.take("plate.region", region(input, regions, &mut warnings));
    let class = problems.take("plate.class", class(vehicle, small, input, &mut warnings));
    let kana = problems.take("plate.kana", kana(vehicle, small, &input.kana));
    let serial = problems.take("plate.serial", serial_part(&input.serial));
    let (Some(region), Some(class), Some(kana), Some(serial)) = (region, class, kana, serial) else {
        return Err(problems);
    };
    Ok((Plate { region, class, kana, serial, small }, warnings))
}

/// 地名 in its stored form when it is a known region, else as typed without spaces. For search conditions.
pub fn region_part(typed: &str, regions: &Regions) -> String {
    regions.find(typed).map_or_else(|| compact(typed), |region| region.name.clone())
}

/// 分類番号 in its stored form: upper case half-width.
pub fn class_part(typed: &str) -> String {
    compact(typed).to_uppercase()
}

/// 仮名 in its stored form: hiragana, letters full-width and upper case.
pub fn kana_part(typed: &str) -> String {
    text::to_full_width(&text::to_hiragana(&compact(typed)).to_uppercase())
}

/// 一連指定番号 from `1234`, `12-34`, `・・・7` or `０００７`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn serial_part(typed: &str) -> Result<u16, String> {
    let text = text::hyphens(&compact(typed));
    if text.is_empty() {
        return Err("（番号）を入力してください。1～9999の数字です。例：1234".to_owned());
    }
    let text = text.trim_start_matches(['・', '.', '·', '･', '･', '‥', '…', '•']);
    let digits = match text.split_once('-') {
        Some((left, right)) if right.len() == 2 => format!("{left}{right}"),
        Some(_) => return Err(serial_error(typed)),
        None => text.to_owned(),
    };
    let valid = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse() {
        Ok(serial @ 1..) if valid => Ok(serial),
        _ => Err(serial_error(typed)),
    }
}

fn serial_error(typed: &str) -> String {
    format!("（番号）「{}」は使えません。1～9999の数字で入力してください。例：1234、12-34", shown(typed))
}

fn region(input: &PlateInput, regions: &Regions, warnings: &mut Vec<String>) -> Result<String, String> {
    let typed = input.region.as_str();
    let text = compact(typed);
    if text.is_empty() {
        // Plates without region are from the time of one-digit class numbers; anything else was forgotten.
        if !input.no_class && class_part(&input.class).chars().count() != 1 {
            return Err(
                "地名を入力してください。標板の地名を、都道府県や支局の名前を付けずに入力します。例：品川".to_owned()
            );
        }
        warnings.push("地名が入力されていません。地名の無い古い標板かどうか、車検証で確認してください。".to_owned());
        return Ok(String::new());
    }
    if let Some(region) = regions.find(&text) {
        if let Some(today) = &region.today {
            warnings.push(format!(
                "「{}」は古い標板の表示です（現在は「{today}」など）。車検証の記載と同じか確認してください。",
                region.name
            ));
        }
        return Ok(region.name.clone());
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    if rest.len() < text.len() && regions.find(rest).is_some() {
        return Err(format!(
            "地名「{}」は二輪車の標板の形です。二輪車はこの手続の対象外です。四輪の自動車は地名だけを入力してください。例：{rest}",
            shown(typed)
        ));
    }
    if text.ends_with(['市', '区', '町', '村']) {
        return Err(format!(
            "地名「{}」は市区町村の標板（原動機付自転車など）の形で、この手続の対象外です。運輸支局等の地名を入力してください。例：品川",
            shown(typed)
        ));
    }
    Err(format!(
        "地名「{}」は登録されている地名にありません。標板の地名を、都道府県や支局の名前を付けずに入力してください。例：品川、とちぎ",
        shown(typed)
    ))
}

fn class(vehicle: VehicleKind, small: bool, input: &PlateInput, warnings: &mut Vec<String>) -> Result<String, String> {
    let grammar = grammar::of(vehicle, small);
    let (rule, example) = (grammar.class_rule, grammar.class_example);
    let class = class_part(&input.class);
    if grammar.may_lack_class && input.no_class {
        return Ok(String::new());
    }
    if class.is_empty() {
        return Err(if grammar.may_lack_class {
            format!(
                "（分類）を入力してください。{rule}です。分類番号の無い標板は「分類番号なし」にチェックしてください。例：{example}"
            )
        } else {
            format!(
                "（分類）を入力してください。{rule}です。分類番号の無い二輪車の標板は、この手続の対象外です。例：{example}"
            )
        });
    }
    if !grammar.class(&class) {
        return Err(format!(
            "（分類）「{}」は使えません。{rule}で入力してください。例：{example}",
            shown(&input.class)
        ));
    }
    if class.ends_with("99") || (class.len() == 2 && (class.ends_with('0') || class == "09")) {
        warnings.push(format!(
            "分類番号「{class}」は、ふつう標板に使われない番号です。車検証の記載と同じか確認してください。"
        ));
    }
    Ok(class)
}

fn kana(vehicle: VehicleKind, small: bool, typed: &str) -> Result<String, String> {
    let grammar = grammar::of(vehicle, small);
    let rule = grammar.kana_rule;
    let kana = kana_part(typed);
    let mut chars = kana.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Err(format!("（仮名）を入力してください。{rule}です。例：さ")),
        (Some(c), None) if grammar.kana(c) => Ok(kana),
        (Some(c), None) if grammar::UNUSED_KANA.contains(c) => {
            Err(format!("（仮名）「{c}」は標板に使われない仮名です。{rule}で入力してください。例：さ"))
        }
        _ => Err(format!("（仮名）「{}」は使えません。{rule}で入力してください。例：さ", shown(typed))),
    }
}

/// NFKC without spaces.
fn compact(typed: &str) -> String {
    text::normalise(typed).split_whitespace().collect()
}

/// What was typed, short enough for a sentence and without what can't be seen.
fn shown(typed: &str) -> String {
    text::quoted(typed, 12)
}
