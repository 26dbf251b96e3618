use super::*;
use crate::domain::procedure::VehicleKind::{Light, Registered};
use crate::domain::reference::{self, Overlay};
use proptest::prelude::*;

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::new(year, month, day).unwrap()
}

fn amount(found: Option<Amount>) -> (u32, bool, bool) {
    let found = found.unwrap();
    assert!(!found.source.is_empty());
    (found.yen.0, found.inferred, found.expected)
}

#[test]
fn fees_by_day() {
    let tables = reference::for_tests();
    for (date, registered, light, information) in [
        (day(2021, 9, 30), (1000, false, false), (1100, false, false), (0, false, false)),
        (day(2022, 12, 31), (1000, false, false), (1100, false, false), (400, false, false)),
        (day(2023, 1, 1), (1200, false, false), (1200, false, false), (400, false, false)),
        (day(2024, 1, 4), (1200, false, false), (1200, false, false), (400, false, false)),
        (day(2026, 3, 31), (1200, false, false), (1200, false, false), (400, false, false)),
        (day(2026, 4, 1), (1450, true, false), (1450, true, false), (400, true, false)),
        (day(2035, 1, 1), (1450, true, false), (1450, true, false), (400, true, false)),
    ] {
        assert_eq!(amount(inspection_fee(tables, Registered, date)), registered, "{date}");
        assert_eq!(amount(inspection_fee(tables, Light, date)), light, "{date}");
        for vehicle in [Registered, Light] {
            assert_eq!(amount(information_fee(tables, vehicle, date)), information, "{date}");
        }
    }
}

#[test]
fn an_operators_row_comes_first_while_it_holds() {
    let row = FeeRow {
        vehicle: Registered,
        fee: Fee::Inspection,
        validity: Validity { from: Some(day(2027, 4, 1)), to: Some(day(2027, 12, 31)) },
        yen: Yen(1600),
        inferred: false,
        source: "改定の案内".to_owned(),
    };
    let tables = Tables::embedded().with_overlay(3, [Overlay::Fee(row)]);
    assert_eq!(amount(inspection_fee(&tables, Registered, day(2027, 3, 31))).0, 1450);
    assert_eq!(amount(inspection_fee(&tables, Registered, day(2027, 4, 1))), (1600, false, false));
    assert_eq!(amount(inspection_fee(&tables, Light, day(2027, 4, 1))).0, 1450);
    assert_eq!(amount(inspection_fee(&tables, Registered, day(2028, 1, 1))).0, 1450);
    assert_eq!(tables.revision(), "2.3");
}

fn taxed(class: VehicleClass, weight_kg: u32, years: u32, category: TaxCategory, date: Day) -> (u32, bool, bool) {
    amount(weight_tax(reference::for_tests(), TaxedVehicle { class, weight_kg, years, category }, date))
}

#[test]
fn weight_tax_by_class_weight_term_and_age() {
    use TaxCategory::{Eco, Exempt, Over13, Over18, Standard};
    use VehicleClass::{CargoBusiness, CargoPrivate, LightBusiness, LightPrivate, Passenger, SpecialPrivate};
    let today = day(2026, 11, 22);
    for (class, kg, years, category, yen) in [
        (Passenger, 1490, 2, Eco, 15_000),
        (Passenger, 1500, 2, Standard, 24_600),
        (Passenger, 1501, 2, Standard, 32_800),
        (Passenger, 1500, 2, Over13, 34_200),
        (Passenger, 1500, 2, Over18, 37_800),
        (Passenger, 3000, 2, Over18, 75_600),
        (Passenger, 1, 1, Standard, 4_100),
        (LightPrivate, 0, 2, Standard, 6_600),
        (LightPrivate, 900, 2, Over18, 8_800),
        (LightBusiness, 900, 2, Over13, 5_400),
        (CargoPrivate, 2000, 1, Standard, 6_600),
        (CargoPrivate, 2500, 1, Standard, 9_900),
        (CargoPrivate, 2501, 1, Standard, 12_300),
        (CargoPrivate, 8000, 1, Over18, 50_400),
        (CargoBusiness, 7999, 1, Over13, 21_600),
        (SpecialPrivate, 3200, 2, Standard, 32_800),
        (Passenger, 1500, 2, Exempt, 0),
    ] {
        assert_eq!(
            taxed(class, kg, years, category, today),
            (yen, false, false),
            "{class:?} {kg} {years} {category:?}"
        );
    }
    assert_eq!(taxed(Passenger, 1500, 3, Standard, today), (36_900, true, false), "no rate for three years: 推定");
    assert_eq!(taxed(LightPrivate, 0, 1, Standard, today), (3_300, true, false));
}

#[test]
fn days_outside_the_table_take_the_nearest_rate_and_say_so() {
    use {TaxCategory::Standard, VehicleClass::Passenger};
    assert_eq!(taxed(Passenger, 1500, 2, Standard, day(2024, 1, 4)), (24_600, true, false));
    assert_eq!(taxed(Passenger, 1500, 2, Standard, day(2026, 5, 1)), (24_600, false, false));
    assert_eq!(taxed(Passenger, 1500, 2, Standard, day(2028, 4, 30)), (24_600, false, false));
    assert_eq!(taxed(Passenger, 1500, 2, Standard, day(2028, 5, 1)), (24_600, false, true));
}

#[test]
fn age_is_counted_differently_for_light_vehicles() {
    use TaxCategory::{Over13, Over18, Standard};
    for (vehicle, date, category) in [
        (Registered, day(2026, 2, 28), Standard),
        (Registered, day(2026, 3, 1), Over13),
        (Registered, day(2031, 2, 28), Over13),
        (Registered, day(2031, 3, 1), Over18),
        (Light, day(2026, 10, 31), Standard),
        (Light, day(2026, 11, 1), Over13),
        (Light, day(2031, 11, 1), Over18),
    ] {
        assert_eq!(age_category(vehicle, 2013, 5, date), category, "{vehicle:?} {date}");
    }
}

proptest! {
    #[test]
    fn nobody_is_exempt_by_accident(offset in -6000i32..6000, kg in 0u32..30_000, years in 1u32..=3, class in 0usize..6, category in 0usize..4) {
        use TaxCategory::{Eco, Over13, Over18, Standard};
        use VehicleClass::{CargoBusiness, CargoPrivate, LightBusiness, LightPrivate, Passenger, SpecialPrivate};
        let class = [CargoBusiness, CargoPrivate, LightBusiness, LightPrivate, Passenger, SpecialPrivate][class];
        let category = [Eco, Standard, Over13, Over18][category];
        prop_assert!(taxed(class, kg, years, category, day(2026, 11, 22).plus_days(offset)).0 >= 2_500);
    }
}
