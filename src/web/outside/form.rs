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

/// Which kind of vehicle a plate is drawn for. Light vehicles have class numbers of their own.
pub(super) fn kind_of(plate: &Plate) -> VehicleKind {
    let light = plate.class.get(..2).is_some_and(|start| matches!(start, "58" | "78" | "48" | "88"));
    if light && plate.small { VehicleKind::Light } else { VehicleKind::Registered }
}

/// The four boxes filled with a plate.
pub(super) fn plate_typed(plate: &Plate) -> Fields {
    Fields::default()
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

/// The plate that was typed. What is only unusual is taken as it is.
pub(super) fn read_plate(app: &Shared, typed: &Fields, problems: &mut Problems) -> (VehicleKind, Option<Plate>) {
    let kind = if typed.get("kind") == "light" { VehicleKind::Light } else { VehicleKind::Registered };
    let input = PlateInput {
        region: typed.get("plate.region").to_owned(),
        class: typed.get("plate.class").to_owned(),
        kana: typed.get("plate.kana").to_owned(),
        serial: typed.get("plate.serial").to_owned(),
        ..PlateInput::default()
    };
    match plate::parse(kind, &input, &app.tables.regions) {
        Ok((plate, _)) => (kind, Some(plate)),
        Err(wrong) => {
            wrong.iter().for_each(|problem| problems.add(problem.field.clone(), problem.message.clone()));
            (kind, None)
        }
    }
}
