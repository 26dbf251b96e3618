use super::*;
use crate::domain::procedure::VehicleKind::{Light, Registered};
use crate::domain::time::Day;

#[test]
fn the_embedded_tables_are_complete() {
    let tables = Tables::embedded();
    assert_eq!(tables.regions.current().count(), 138);
    assert_eq!(tables.offices.of(Registered).count(), 91);
    assert_eq!(tables.offices.of(Light).count(), 90);
    assert_eq!(tables.revision(), "2.0");
    for region in tables.regions.iter() {
        for vehicle in [Registered, Light] {
            assert!(
                tables.default_office(vehicle, &region.name).is_some(),
                "{vehicle:?} {} has no office",
                region.name
            );
        }
    }
    for new in ["十勝", "日光", "江戸川", "安曇野", "南信州"] {
        assert!(tables.regions.find(new).is_some_and(|region| region.valid_from == Day::new(2025, 5, 7)), "{new}");
    }
    assert!(tables.regions.find("彦根").is_none());
}

#[test]
fn an_application_goes_to_the_first_office_of_its_region() {
    let tables = Tables::embedded();
    let name = |vehicle, region| tables.default_office(vehicle, region).map(|office| office.name.as_str());
    for (region, office) in [
        ("品川", "東京運輸支局"),
        ("練馬", "練馬自動車検査登録事務所"),
        ("長崎", "長崎運輸支局"),
        ("富士山", "山梨運輸支局"),
        ("沖縄", "沖縄総合事務局陸運事務所"),
        ("埼玉", "埼玉運輸支局"),
        ("嶋", "島根運輸支局"),
    ] {
        assert_eq!(name(Registered, region), Some(office));
    }
    assert_eq!(name(Light, "品川"), Some("東京主管事務所"));
    assert_eq!(name(Registered, ""), None);
    assert_eq!(tables.offices.get(Registered, 30).map(|office| office.name.as_str()), Some("東京運輸支局"));
}

#[test]
fn a_changed_table_has_a_new_revision() {
    let Texts { regions, offices, holidays, fees, weight_tax, early_windows, associations } = EMBEDDED;
    let bytes = [regions, offices, holidays, fees, weight_tax, early_windows, associations].concat().into_bytes();
    // FNV-1a: enough to notice a change.
    let sum =
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, b| (sum ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    assert_eq!(
        (EMBEDDED_REVISION, sum),
        (2, 2_736_155_173_021_402_950),
        "a table changed: raise EMBEDDED_REVISION and write the new sum here"
    );
}

#[test]
fn a_wrong_table_says_where() {
    let texts = |holidays| Texts { holidays, ..EMBEDDED };
    for (holidays, line, says) in [
        ("day\tname\texpected\tsource\n2026-02-30\tx\tno\ty", 2, "day"),
        ("day\tname\texpected\tsource\n\n2026-01-01\tx\tno", 3, "3 cells"),
        ("day\tname\texpected\tsource\n2026-01-01\tx\tmaybe\ty", 2, "expected"),
        ("day\tname\n2026-01-01\tx", 2, "no column expected"),
    ] {
        let error = Tables::load(&texts(holidays)).unwrap_err();
        assert!(error.line == line && error.table == "holidays" && error.what.contains(says), "{error}");
    }
    let free = Texts {
        weight_tax: "class\tfrom_kg\tto_kg\tunit_kg\tyears\tcategory\tyen\tvalid_from\tvalid_to\tsource\npassenger\t1\t\t500\t2\teco\t0\t\t\tx",
        ..EMBEDDED
    };
    assert!(Tables::load(&free).unwrap_err().what.contains("yen"), "a tariff of nothing is a mistake");
}

#[test]
fn an_operators_rows_replace_or_add() {
    let region = |name: &str| Region {
        name: name.to_owned(),
        reading: "ひこね".to_owned(),
        prefecture: "滋賀県".to_owned(),
        today: None,
        valid_from: None,
    };
    let holiday = |day, name: &str| Holiday { day, name: name.to_owned(), expected: false };
    let extra = Day::new(2027, 6, 1).unwrap();
    let tables = Tables::embedded().with_overlay(
        1,
        [Overlay::Region(region("彦根")), Overlay::Region(region("品川")), Overlay::Holiday(holiday(extra, "臨時"))],
    );
    assert_eq!(tables.regions.current().count(), 139);
    assert_eq!(tables.regions.find("品川").unwrap().reading, "ひこね");
    assert_eq!(tables.holidays.on(extra).unwrap().name, "臨時");
}

#[test]
fn rows_hold_from_day_to_day() {
    let day = |d| Day::new(2026, 1, d).unwrap();
    let row = |from: Option<i8>, to: Option<i8>, value| Dated {
        validity: Validity { from: from.map(day), to: to.map(day) },
        value,
    };
    let mut series = Series::default();
    assert_eq!(series.on(day(1)), None);
    series.put(row(Some(5), Some(9), 'a'));
    series.put(row(Some(12), Some(15), 'b'));
    let found = |series: &Series<char>, d| series.on(day(d)).map(|found| (*found.value, found.fit));
    for (d, expected) in [
        (1, ('a', Fit::NotBegun)),
        (5, ('a', Fit::Holds)),
        (9, ('a', Fit::Holds)),
        (10, ('a', Fit::Ended)),
        (12, ('b', Fit::Holds)),
        (31, ('b', Fit::Ended)),
    ] {
        assert_eq!(found(&series, d), Some(expected), "{d}");
    }
    series.put(row(Some(8), None, 'c'));
    assert_eq!(found(&series, 9), Some(('c', Fit::Holds)), "what was put last comes first");
    assert_eq!(found(&series, 7), Some(('a', Fit::Holds)));
}

#[test]
fn the_associations_are_a_list_to_choose_from() {
    let associations = Tables::embedded().associations;
    assert_eq!(associations.len(), 53);
    let codes: std::collections::BTreeSet<String> = associations.iter().map(super::Association::branch_code).collect();
    assert_eq!(codes.len(), 53);
    for association in &associations {
        crate::domain::rules::AGENT_BRANCH_CODE.check(&association.branch_code()).unwrap();
        crate::domain::rules::AGENT_BRANCH_NAME.check(&association.name).unwrap();
        crate::domain::rules::AGENT_BRANCH_SHORT_NAME.check(&association.short_name()).unwrap();
        crate::domain::rules::AGENT_BRANCH_REGION.check(&association.office).unwrap();
    }
}
