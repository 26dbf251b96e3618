//! The plate: drawn as people know it, because a plate is recognised faster than a string; and typed in four boxes.

use super::fields::Fields;
use super::quick::Text;
use crate::domain::plate::Plate;
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use maud::{Markup, Render, html};

/// A plate drawn. Screen readers hear it as one line.
pub fn plate(plate: &Plate, kind: VehicleKind, large: bool) -> Drawn<'_> {
    Drawn { plate, kind, large }
}

/// A plate as it is drawn, written where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    plate: &'a Plate,
    kind: VehicleKind,
    large: bool,
}

impl Render for Drawn<'_> {
    fn render_to(&self, page: &mut String) {
        let plate = self.plate;
        // The small plates of old light vehicles are white, with the class before the region.
        let yellow = self.kind == VehicleKind::Light && !plate.small;
        page.push_str(match (yellow, self.large) {
            (false, false) => "<span class=\"plate\"><b>",
            (false, true) => "<span class=\"plate large\"><b>",
            (true, false) => "<span class=\"plate light\"><b>",
            (true, true) => "<span class=\"plate light large\"><b>",
        });
        let (first, second) = if plate.small { (&plate.class, &plate.region) } else { (&plate.region, &plate.class) };
        Text(first).render_to(page);
        page.push(' ');
        Text(second).render_to(page);
        page.push_str("</b><i>");
        Text(&plate.kana).render_to(page);
        page.push_str("</i><em>");
        plate.put_serial(page);
        page.push_str("</em></span>");
    }
}

/// What was typed into the four boxes.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlateTyped<'a> {
    /// 地名.
    pub region: &'a str,
    /// 分類番号.
    pub class: &'a str,
    /// 仮名.
    pub kana: &'a str,
    /// 一連指定番号.
    pub serial: &'a str,
}

/// Four boxes `plate.region`, `plate.class`, `plate.kana`, `plate.serial` under one heading such as
/// 自動車登録番号（標板）; each bracketed word stands before its box. `extra` follows in the same row.
pub fn plate_input(
    label: &str,
    typed: PlateTyped<'_>,
    required: bool,
    problems: &Problems,
    rule: &str,
    span: u8,
    extra: &Markup,
) -> Markup {
    let part = |name: &'static str| problems.of(name).is_some().then_some("true");
    let wrong: Vec<(&str, &str)> = ["plate", "plate.region", "plate.class", "plate.kana", "plate.serial"]
        .into_iter()
        .filter_map(|name| problems.of(name).map(|message| (name, message)))
        .collect();
    let described = {
        let mut ids: Vec<String> = wrong.iter().map(|(name, _)| format!("{name}-error")).collect();
        if !rule.is_empty() {
            ids.insert(0, "plate-rule".to_owned());
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    html! {
        fieldset #plate class={ "field s" (span) } {
            legend { (label) @if required { " " span .required { "※必須" } } }
            div .control {
                @if !rule.is_empty() { p #plate-rule .rule { (rule) } }
                div .plate-input {
                    span { input id="plate.region" name="plate.region" type="text" value=(typed.region) maxlength="12" aria-label="地名"
                        placeholder="地名" autocomplete="off" aria-invalid=[part("plate.region")] aria-describedby=[described.as_deref()]; }
                    span { label for="plate.class" { "（分類）" }
                        input id="plate.class" name="plate.class" type="text" data-full="3" value=(typed.class) maxlength="6" autocomplete="off"
                            aria-invalid=[part("plate.class")] aria-describedby=[described.as_deref()]; }
                    span { label for="plate.kana" { "（仮名）" }
                        input id="plate.kana" name="plate.kana" type="text" data-full="1" value=(typed.kana) maxlength="3" autocomplete="off"
                            aria-invalid=[part("plate.kana")] aria-describedby=[described.as_deref()]; }
                    span { label for="plate.serial" { "（番号）" }
                        input id="plate.serial" name="plate.serial" type="text" data-full="4" value=(typed.serial) maxlength="8" inputmode="numeric"
                            autocomplete="off" aria-invalid=[part("plate.serial")] aria-describedby=[described.as_deref()]; }
                    (extra)
                }
                @for (name, message) in &wrong { p .error id={ (name) "-error" } { "＊" (message) } }
            }
        }
    }
}

/// 小板フラグ and 分類番号フラグ of light vehicles' old plates, as `plate.small` and `plate.no_class`.
pub fn plate_flags(typed: &Fields) -> Markup {
    let flags = [("plate.small", "小板フラグ", "小板"), ("plate.no_class", "分類番号フラグ", "分類番号なし")];
    html! {
        span .plate-flags {
            @for (name, label, beside) in flags {
                span .plate-flag role="group" aria-label=(label) {
                    span { (label) }
                    label .check for=(name) {
                        input type="checkbox" id=(name) name=(name) value="on" checked[typed.has(name)]
                            data-empties=[(name == "plate.no_class").then_some("plate.class")];
                        span { (beside) }
                    }
                }
            }
        }
    }
}
