//! Inputs that several of the outside systems have: which kind of vehicle, and its plate.

use crate::app::Shared;
use crate::domain::plate::{self, Plate, PlateInput};
use crate::domain::problem::Problems;
use crate::domain::procedure::VehicleKind;
use crate::web::kit::prelude::*;

/// The choices under 種類.
pub(super) fn kinds() -> [(&'static str, &'static str); 2] {
    [("registered", "登録車"), ("light", "軽自動車")]
}

/// What was chosen there.
pub(super) fn kind_chosen(typed: &Fields) -> VehicleKind {
    if typed.get("kind") == "light" { VehicleKind::Light } else { VehicleKind::Registered }
}

/// The form value of a kind.
pub(super) fn kind_key(kind: VehicleKind) -> &'static str {
    match kind {
        VehicleKind::Registered => "registered",
        VehicleKind::Light => "light",
    }
}

/// The four boxes and the flags of old plates filled with a plate.
pub(super) fn plate_typed(plate: &Plate) -> Fields {
    let on = |flag: bool| if flag { "on" } else { "" };
    Fields::default()
        .with("plate.small", on(plate.small))
        .with("plate.no_class", on(plate.class.is_empty()))
        .with("plate.region", &plate.region)
        .with("plate.class", &plate.class)
        .with("plate.kana", &plate.kana)
        .with("plate.serial", plate.serial)
}

/// What stands in the four boxes.
pub(super) fn typed_plate(typed: &Fields) -> PlateTyped<'_> {
    PlateTyped {
        region: typed.get("plate.region"),
        class: typed.get("plate.class"),
        kana: typed.get("plate.kana"),
        serial: typed.get("plate.serial"),
    }
}

/// The plate that was typed for this kind of vehicle. What is only unusual is taken as it is.
pub(super) fn read_plate(app: &Shared, kind: VehicleKind, typed: &Fields, problems: &mut Problems) -> Option<Plate> {
    let input = PlateInput {
        region: typed.get("plate.region").to_owned(),
        class: typed.get("plate.class").to_owned(),
        kana: typed.get("plate.kana").to_owned(),
        serial: typed.get("plate.serial").to_owned(),
        small: typed.has("plate.small"),
        no_class: typed.has("plate.no_class"),
    };
    match plate::parse(kind, &input, &app.tables.regions) {
        Ok((plate, _)) => Some(plate),
        Err(wrong) => {
            wrong.iter().for_each(|problem| problems.add(problem.field.clone(), problem.message.clone()));
            None
        }
    }
}
