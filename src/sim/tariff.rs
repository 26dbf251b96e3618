//! What the portal charges: the dated tables, and the card company's fee on the weight tax.

use super::rules::Case;
use super::world::{TaxCategory, VehicleClass};
use crate::domain::fees::{self, Amount, TaxedVehicle};
use crate::domain::money::Yen;
use crate::domain::payment::PaymentKind;

/// The card company's fee on the weight tax, per 10,000 yen begun. No source gives today's figure.
const CARD_FEE: u32 = 99;
/// The unit of that fee, in yen.
const CARD_UNIT: u32 = 10_000;

/// What this fee costs today.
pub(super) fn amount(kind: PaymentKind, case: &Case<'_>, by_card: bool) -> Option<Amount> {
    let (tables, today) = (case.facts.tables, case.now.day());
    match kind {
        PaymentKind::InspectionFee => fees::inspection_fee(tables, case.kind(), today),
        PaymentKind::InformationFee => fees::information_fee(tables, case.kind(), today),
        PaymentKind::WeightTax => {
            let tax = fees::weight_tax(tables, taxed(case)?, today)?;
            Some(if by_card { with_card_fee(tax) } else { tax })
        }
    }
}

fn taxed(case: &Case<'_>) -> Option<TaxedVehicle> {
    let vehicle = case.facts.vehicle?;
    let (year, month, _) = vehicle.first_registered.parts();
    Some(TaxedVehicle {
        class: match vehicle.class {
            VehicleClass::Passenger => fees::VehicleClass::Passenger,
            VehicleClass::Cargo => fees::VehicleClass::CargoPrivate,
            VehicleClass::Light => fees::VehicleClass::LightPrivate,
            VehicleClass::LightBusiness => fees::VehicleClass::LightBusiness,
        },
        weight_kg: vehicle.weight_kg,
        years: case.months()? / 12,
        category: match vehicle.tax {
            TaxCategory::Reduced => fees::TaxCategory::Eco,
            TaxCategory::Standard => fees::age_category(case.kind(), year, month, case.now.day()),
            TaxCategory::Exempt => fees::TaxCategory::Exempt,
        },
    })
}

fn with_card_fee(tax: Amount) -> Amount {
    if tax.yen == Yen(0) {
        return tax;
    }
    let fee = Yen(tax.yen.0.div_ceil(CARD_UNIT).saturating_mul(CARD_FEE));
    Amount {
        yen: tax.yen + fee,
        source: format!("{} ＋ 決済システム利用料 {fee}（推定）", tax.source),
        inferred: true,
        ..tax
    }
}
