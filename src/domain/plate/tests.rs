use super::*;
use crate::domain::procedure::VehicleKind::{self, Light, Registered};
use crate::domain::reference::{self, Regions};
use proptest::prelude::*;

fn typed(region: &str, class: &str, kana: &str, serial: &str) -> PlateInput {
    let owned = str::to_owned;
    PlateInput {
        region: owned(region),
        class: owned(class),
        kana: owned(kana),
        serial: owned(serial),
        ..PlateInput::default()
    }
}

fn regions() -> &'static Regions {
    &reference::for_tests().regions
}

fn shown(vehicle: VehicleKind, input: &PlateInput) -> String {
    parse(vehicle, input, regions()).unwrap().0.to_string()
}

/// The sentences of everything that is wrong with an input.
fn refused(vehicle: VehicleKind, input: &PlateInput) -> String {
    let problems = parse(vehicle, input, regions()).unwrap_err();
    problems.iter().map(|problem| format!("{}: {}\n", problem.field, problem.message)).collect()
}

#[test]
fn plates_are_typed_in_many_ways_and_kept_in_one() {
    for (region, class, kana, serial, kept) in [
        ("品川", "600", "さ", "1111", "品川-600-さ-1111"),
        (" 品　川 ", "６００", "サ", "１１－１１", "品川-600-さ-1111"),
        ("ナニワ", "3a5", "ｻ", "・・・7", "なにわ-3A5-さ-7"),
        ("袖ケ浦", "33", "y", "・123", "袖ヶ浦-33-Ｙ-123"),
        ("とちぎ", "5", "を", "0012", "とちぎ-5-を-12"),
        ("十勝", "30c", "れ", "・1-23", "十勝-30C-れ-123"),
        ("富士山", "9XY", "Ｅ", "..12", "富士山-9XY-Ｅ-12"),
    ] {
        let (plate, warnings) = parse(Registered, &typed(region, class, kana, serial), regions()).unwrap();
        assert_eq!(plate.to_string(), kept);
        assert_eq!(warnings, Vec::<String>::new(), "{kept}");
    }
}

fn dotted(plate: &Plate) -> String {
    let mut text = String::new();
    plate.put_serial(&mut text);
    text
}

#[test]
fn serials_stand_on_the_plate_with_dots() {
    let dotted = |serial| {
        dotted(&Plate { region: String::new(), class: String::new(), kana: String::new(), serial, small: false })
    };
    assert_eq!([7, 12, 123, 1234, 9999, 1001].map(dotted), ["・・・7", "・・12", "・123", "12-34", "99-99", "10-01"]);
}

#[test]
fn old_markings_are_accepted_and_looked_at_again() {
    for (region, today) in [("品", "品川"), ("埼玉", "大宮"), ("嶋", "島根"), ("沖繩", "沖縄"), ("東", "品川")]
    {
        let (plate, warnings) = parse(Registered, &typed(region, "55", "さ", "1"), regions()).unwrap();
        assert_eq!(plate.region, region);
        assert!(warnings.iter().any(|w| w.contains(today) && w.contains("車検証")), "{warnings:?}");
    }
    let (plate, warnings) = parse(Registered, &typed("", "5", "さ", "1234"), regions()).unwrap();
    assert_eq!(plate.to_string(), "5-さ-1234");
    assert!(warnings[0].contains("地名が入力されていません"));
    for class in ["599", "10", "09", "90"] {
        let (_, warnings) = parse(Registered, &typed("品川", class, "さ", "1"), regions()).unwrap();
        assert!(warnings.iter().any(|w| w.contains("車検証")), "{class}");
    }
}

#[test]
fn refusals_name_the_field_and_give_an_example() {
    for (input, field, says) in [
        (typed("", "600", "さ", "1"), "plate.region", "地名を入力してください"),
        (typed("彦根", "600", "さ", "1"), "plate.region", "登録されている地名にありません"),
        (typed("品川運輸支局", "600", "さ", "1"), "plate.region", "例：品川"),
        (typed("1品川", "600", "さ", "1"), "plate.region", "二輪車はこの手続の対象外"),
        (typed("Ｃ品川", "600", "さ", "1"), "plate.region", "二輪車はこの手続の対象外"),
        (typed("世田谷区", "600", "さ", "1"), "plate.region", "原動機付自転車"),
        (typed("品川", "", "さ", "1"), "plate.class", "二輪車の標板は、この手続の対象外"),
        (typed("品川", "6000", "さ", "1"), "plate.class", "例：600"),
        (typed("品川", "3B0", "さ", "1"), "plate.class", "ＡＣＦＨＫＬＭＰＸＹ"),
        (typed("品川", "A00", "さ", "1"), "plate.class", "1文字目は数字"),
        (typed("品川", "3A", "さ", "1"), "plate.class", "例：600"),
        (typed("品川", "600", "し", "1"), "plate.kana", "標板に使われない仮名"),
        (typed("品川", "600", "ん", "1"), "plate.kana", "標板に使われない仮名"),
        (typed("品川", "600", "Ａ", "1"), "plate.kana", "Ｅ・Ｈ・Ｋ・Ｍ・Ｔ・Ｙ"),
        (typed("品川", "600", "さき", "1"), "plate.kana", "ひらがな1文字"),
        (typed("品川", "600", "", "1"), "plate.kana", "入力してください"),
        (typed("品川", "600", "さ", "0"), "plate.serial", "1～9999"),
        (typed("品川", "600", "さ", "12345"), "plate.serial", "例：1234"),
        (typed("品川", "600", "さ", "1-234"), "plate.serial", "例：1234"),
        (typed("品川", "600", "さ", "+123"), "plate.serial", "例：1234"),
        (typed("品川", "600", "さ", ""), "plate.serial", "入力してください"),
    ] {
        let sentences = refused(Registered, &input);
        assert!(sentences.starts_with(field) && sentences.lines().count() == 1, "{input:?}: {sentences}");
        assert!(sentences.contains(says) && sentences.contains("例："), "{input:?}: {sentences}");
    }
    assert_eq!(refused(Registered, &PlateInput::default()).lines().count(), 4);
}

#[test]
fn light_vehicles_have_their_own_numbers() {
    assert_eq!(shown(Light, &typed("品川", "500", "さ", "1001")), "品川-500-さ-1001");
    assert_eq!(shown(Light, &typed("品川", "58P", "Ａ", "1")), "品川-58P-Ａ-1");
    assert!(refused(Light, &typed("品川", "300", "さ", "1")).contains("4～8で始まる"));
    assert!(refused(Light, &typed("品川", "5A0", "さ", "1")).contains("ＰＸＹ"));
    assert!(refused(Light, &typed("品川", "", "さ", "1")).contains("分類番号なし"));
    let without = PlateInput { no_class: true, ..typed("品川", "500", "さ", "1") };
    assert_eq!(shown(Light, &without), "品川-さ-1");
    let small = PlateInput { small: true, ..typed("足立", "6", "あ", "1234") };
    assert!(parse(Light, &small, regions()).unwrap().0.small);
    let box_of_light = PlateInput { small: true, no_class: true, ..typed("品川", "600", "さ", "1") };
    let (plate, _) = parse(Registered, &box_of_light, regions()).unwrap();
    assert!(!plate.small && plate.class == "600", "registered vehicles have neither box");
}

proptest! {
    #[test]
    fn any_typing_is_answered(region in "\\PC{0,8}", class in "\\PC{0,5}", kana in "\\PC{0,3}", serial in "\\PC{0,6}") {
        let input = typed(&region, &class, &kana, &serial);
        if let Ok((plate, _)) = parse(Registered, &input, regions()) {
            prop_assert!((1..=9999).contains(&plate.serial));
            prop_assert_eq!(plate.kana.chars().count(), 1);
        }
    }

    #[test]
    fn the_stored_form_is_read_back(at in 0usize..138, class in "[0-9]([0-9ACFHKLMPXY]{2})?", kana in "[あいかきさたなはまやゆらわをＥＹ]", serial in 1u16..=9999) {
        let regions = regions();
        let region = regions.current().nth(at).unwrap().name.clone();
        let plate = Plate { region, class, kana, serial, small: false };
        let again = typed(&plate.region, &plate.class, &plate.kana, &dotted(&plate));
        prop_assert_eq!(parse(Registered, &again, regions).unwrap().0, plate);
    }
}
