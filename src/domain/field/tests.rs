use super::*;
use crate::domain::procedure::{self, common::no, inspection::PROCEDURE, light_inspection};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A form that is ready to send.
fn complete() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("ownership", "individual"),
        ("name", "山田　太郎"),
        ("address1", "東京都品川区東大井"),
        ("address2", "１－１２－１７"),
        ("term", "two_years"),
        ("renewal_division", "office"),
    ])
}

fn check(form: &BTreeMap<&'static str, &'static str>, to_send: bool) -> Result<Values, Problems> {
    check_all(&PROCEDURE, &|key| form.get(key).copied(), to_send)
}

fn field(key: &str) -> &'static Field {
    PROCEDURE.field(key).unwrap()
}

#[test]
fn a_complete_form_can_be_sent() {
    let values = check(&complete(), true).unwrap();
    assert_eq!(values.get(&no::TERM), Some(&Value::Choice(2)));
    assert_eq!(shown(field("term"), &values), "2年指定整備車");
    assert_eq!(shown(field("fine_receipt"), &values), "放置違反金の領収書なし");
    assert_eq!(shown(field("cashless"), &values), "無");
    assert_eq!(shown(field("memo"), &values), "");
}

#[test]
fn required_fields_are_asked_for_when_sending_only() {
    assert_eq!(check(&BTreeMap::new(), false).unwrap(), Values::new());
    let problems = check(&BTreeMap::new(), true).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_ref()).collect();
    assert_eq!(fields, ["ownership", "name", "address1", "address2", "term", "renewal_division"]);
    assert!(problems.of("name").unwrap().contains("入力してください"));
    assert!(problems.of("term").unwrap().contains("選んでください"));
    let blank = BTreeMap::from([("name", " 　 ")]);
    assert!(check(&blank, true).unwrap_err().of("name").is_some());
    assert_eq!(check(&blank, false).unwrap(), Values::new());
}

#[test]
fn a_wrong_field_gets_one_sentence() {
    let mut form = complete();
    form.insert("term", "five_years");
    let problems = check(&form, true).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems.of("term").unwrap(),
        "車検証有効期間は、2年指定整備車・1年指定整備車・3年指定整備車から選んでください。"
    );
}

#[test]
fn the_commission_number_belongs_to_divisions_by_number() {
    for (division, number, to_send, refused) in [
        ("client_by_number", "", true, true),
        ("agent_by_number", "", true, true),
        ("client_by_number", "A123456789", true, false),
        ("client_by_number", "Ａ１２３４５６７８９", true, false),
        ("office", "A123456789", true, true),
        ("client", "A123456789", true, true),
        ("client", "", true, false),
        ("office", "A123456789", false, false),
        ("client_by_number", "", false, false),
        ("client_by_number", "A12345678", false, true),
        ("client_by_number", "A12345678-", true, true),
    ] {
        let mut form = complete();
        form.insert("renewal_division", division);
        form.insert("commission_number", number);
        let result = check(&form, to_send);
        let sentence = result.as_ref().err().and_then(|problems| problems.of("commission_number"));
        assert_eq!(sentence.is_some(), refused, "{division} {number:?} {to_send}: {result:?}");
        if let Ok(values) = result.as_ref()
            && !number.is_empty()
        {
            assert_eq!(shown(field("commission_number"), values), "A123456789");
        }
    }
}

#[test]
fn the_other_width_is_converted_and_the_length_counted_afterwards() {
    let mut form = complete();
    form.insert("name", "ﾔﾏﾀﾞ (株) ABC-1");
    form.insert("option_code", "ＡＢ１２");
    let values = check(&form, true).unwrap();
    assert_eq!(shown(field("name"), &values), "ヤマダ　（株）　ＡＢＣ－１");
    assert_eq!(shown(field("option_code"), &values), "AB12");
    let voiced = "ﾀﾞ".repeat(60);
    assert_eq!(parse(field("name"), &voiced), Ok(Some(Value::Text("ダ".repeat(60)))));
    let long = "あ".repeat(61);
    let sentence = parse(field("name"), &long).unwrap_err();
    assert_eq!(sentence, "氏名又は名称（漢字）が長すぎます（61文字）。全角60文字以内で入力してください。");
    assert!(parse(field("name"), "Müller").unwrap_err().contains("「ü」は使えません"));
    assert!(parse(field("option_code"), "あ").unwrap_err().contains("半角英数字20文字以内"));
    assert!(parse(field("custom1"), "a\u{200b}b").unwrap_err().contains("U+200B"));
    assert!(parse(field("name"), "山田\n太郎").unwrap_err().contains("改行は使えません"));
}

#[test]
fn memos_keep_their_lines() {
    assert_eq!(parse(field("memo"), "一\r\n二\t三\n"), Ok(Some(Value::Text("一\n二 三".to_owned()))));
    assert!(parse(field("memo"), &"あ".repeat(401)).unwrap_err().contains("400文字以内"));
    assert_eq!(raw(field("memo"), &Value::Text("一\n二".to_owned())), "一\n二");
}

#[test]
fn days_are_read_as_people_write_them() {
    let expected = Ok(Some(Value::Day(Day::new(2025, 1, 6).unwrap())));
    for typed in ["2025-01-06", "2025/01/06", "20250106", "2025/1/6", "２０２５／１／６", "2025年1月6日"] {
        assert_eq!(parse(field("planned_on"), typed), expected, "{typed}");
    }
    for typed in ["2025-02-30", "25/01/06", "明日", "2025-01", "2025-01-06-07"] {
        assert!(parse(field("planned_on"), typed).unwrap_err().contains("例：2025/01/06"), "{typed}");
    }
}

#[test]
fn fixed_fields_are_never_taken_from_input() {
    let mut form = complete();
    form.extend([
        ("inspection_fee_waived", "on"),
        ("power_of_attorney", "office_certificate"),
        ("declaration", "うそ"),
    ]);
    let values = check(&form, true).unwrap();
    for no in [no::INSPECTION_FEE_WAIVED, no::POWER_OF_ATTORNEY, no::DECLARATION] {
        assert!(!values.contains_key(&no));
    }
    let before =
        Values::from([(no::INSPECTION_FEE_WAIVED, Value::Flag(true)), (no::NAME, Value::Text("旧".to_owned()))]);
    let emptied = Values::from([(no::INSPECTION_FEE_WAIVED, Value::Flag(true))]);
    assert_eq!(changed(&before, &emptied), [no::NAME]);
}

#[test]
fn definitions_are_fit_for_pages_and_storage() {
    for procedure in procedure::ALL {
        let mut keys: Vec<&str> = procedure.fields().map(|field| field.key).collect();
        let mut numbers: Vec<u16> = procedure.fields().map(|field| field.no).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!((keys.len(), numbers.len()), (count, count), "keys and numbers are unique");
        for field in procedure.fields() {
            assert!(field.rule.chars().count() <= 80, "{}: the rule is too long to read", field.key);
            assert!(field.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            if let FieldKind::Choice(choices) = &field.kind {
                let mut codes: Vec<u8> = choices.iter().map(|choice| choice.code).collect();
                codes.sort_unstable();
                codes.dedup();
                assert_eq!(codes.len(), choices.len(), "{}: codes are unique", field.key);
            }
        }
    }
}

/// Stored requests refer to these numbers and codes. Lines may be added; a number or code is never given to anything
/// else.
#[test]
fn stored_numbers_keep_their_meaning() {
    let mut lines = String::new();
    for procedure in procedure::ALL {
        lines.push_str(&format!("{} {} {}\n", procedure.code, procedure.slug, procedure.label));
        for field in procedure.fields() {
            lines.push_str(&format!("  {} {} {}\n", field.no, field.key, field.label));
            if let FieldKind::Choice(choices) = &field.kind {
                for choice in *choices {
                    lines.push_str(&format!("    {} {} {}\n", choice.code, choice.key, choice.label));
                }
            }
        }
        for fact in procedure.facts {
            lines.push_str(&format!("  fact {} {}\n", fact.no, fact.label));
        }
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn a_light_vehicle_has_fields_of_its_own() {
    let light = &light_inspection::PROCEDURE;
    let form = BTreeMap::from([
        ("name", "軽　花子"),
        ("address1", "東京都みどり区あおば町"),
        ("address2", "１－２"),
        ("receiving", "client"),
        ("renewal_division", "office"),
    ]);
    let values = check_all(light, &|key| form.get(key).copied(), true).unwrap();
    assert_eq!(shown(light.field("renewal_division").unwrap(), &values), "軽検協事務所等");
    assert_eq!(shown(light.field("receiving").unwrap(), &values), "依頼人受取");
    let address = light.field("address1").unwrap();
    assert_eq!(parse(address, "京都府　京都市"), Ok(Some(Value::Text("京都府　京都市".to_owned()))));
    for typed in ["みどり区あおば町", "東京みどり区", "1-2"] {
        assert!(parse(address, typed).unwrap_err().contains("都道府県から"), "{typed}");
    }
    // What means the same has the same number and key everywhere.
    for field in light.fields() {
        if let Some(other) = PROCEDURE.field_by_number(field.no) {
            assert_eq!((other.key, other.label), (field.key, field.label));
        }
    }
}

#[test]
fn a_management_number_has_five_eleven_or_thirteen_digits() {
    let number = light_inspection::PROCEDURE.field("management_number").unwrap();
    for (typed, kept) in [
        ("12345", "12345"),
        ("１２３４５０５１２０５", "12345051205"),
        ("12345 310430", "12345310430"),
        ("1234567890123", "1234567890123"),
    ] {
        assert_eq!(parse(number, typed), Ok(Some(Value::Text(kept.to_owned()))), "{typed}");
    }
    for (typed, says) in [
        ("1234", "4桁"),
        ("123456789012", "12桁"),
        ("12345051305", "日付ではありません"),
        ("12345050229", "日付ではありません"),
        ("12345000101", "日付ではありません"),
        ("1234A", "「A」は使えません"),
        ("12345-05120", "「-」は使えません"),
    ] {
        assert!(parse(number, typed).unwrap_err().contains(says), "{typed}");
    }
}

proptest! {
    #[test]
    fn what_a_form_shows_is_read_back_the_same(at in 0usize..36, typed in "\\PC{0,60}|[0-9]{5}|[0-9]{11}|[0-9]{13}|東京都.{0,9}") {
        let typable: Vec<&Field> = procedure::ALL.iter().flat_map(|procedure| procedure.fields()).filter(|field| field.editor == Editor::Both).collect();
        let field = typable[at % typable.len()];
        if let Ok(Some(value)) = parse(field, &typed) {
            prop_assert_eq!(parse(field, &raw(field, &value)), Ok(Some(value)));
        }
    }

    #[test]
    fn every_choice_and_flag_is_read_back(at in 0usize..36) {
        let typable: Vec<&Field> = procedure::ALL.iter().flat_map(|procedure| procedure.fields()).filter(|field| field.editor == Editor::Both).collect();
        let field = typable[at % typable.len()];
        let values = match &field.kind {
            FieldKind::Choice(choices) => choices.iter().map(|choice| Value::Choice(choice.code)).collect(),
            FieldKind::Flag { .. } => vec![Value::Flag(true)],
            _ => vec![],
        };
        for value in values {
            prop_assert!(!show(field, &value).is_empty());
            prop_assert_eq!(parse(field, &raw(field, &value)), Ok(Some(value)));
        }
    }
}
