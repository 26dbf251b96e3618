use super::*;
use crate::domain::procedure::VehicleKind::{Light, Registered};
use proptest::prelude::*;

#[test]
fn numbers_are_kept_in_one_form() {
    for (typed, kept) in [
        ("CAR-01210002", "CAR-01210002"),
        (" ｃａｒ－０１２１０００２ ", "CAR-01210002"),
        ("SX31ー9000001", "SX31-9000001"),
        ("sx31‐9000001", "SX31-9000001"),
        ("WVWZZZ1JZXW000001", "WVWZZZ1JZXW000001"),
        ("1", "1"),
        ("4112345", "4112345"),
    ] {
        let parsed = parse(Registered, typed, false).unwrap();
        assert_eq!((parsed.number.as_str(), parsed.officially_stamped), (kept, false));
    }
}

#[test]
fn stamped_numbers_have_their_own_form() {
    for (typed, kept) in [
        ("国[01]00001国", "国[01]00001国"),
        ("国［０１］０００２国", "国[01]0002国"),
        ("国0100001", "国[01]00001国"),
        ("[41]12345", "[41]12345"),
        ("4112345", "[41]12345"),
        ("国 [41] 12345 国", "国[41]12345国"),
    ] {
        assert_eq!(parse(Light, typed, true).unwrap().number, kept, "{typed}");
    }
    for wrong in ["CAR-01210002", "国[1]00001国", "国[01]001国", "国[01]000011国", "国[01]00001東"] {
        assert!(parse(Light, wrong, true).unwrap_err().contains("例：国[41]12345国"), "{wrong}");
    }
    assert!(parse(Light, "国[41]12345国", false).unwrap_err().contains("「職権打刻あり」にチェック"));
}

#[test]
fn refusals_say_what_is_allowed() {
    for (typed, says) in [
        ("", "入力してください"),
        ("　", "入力してください"),
        ("CAR 01210002", "途中に空白"),
        ("CAR_01210002", "「_」は使えません"),
        ("車台123", "英字・数字・ハイフン"),
        ("---", "英字か数字が必要"),
        ("ABCDEFGHIJ-1234567890123", "23文字以内"),
    ] {
        let sentence = parse(Registered, typed, false).unwrap_err();
        assert!(sentence.contains(says), "{typed}: {sentence}");
    }
    assert!(parse(Registered, &"A".repeat(23), false).is_ok());
    assert!(parse(Light, &"A".repeat(21), false).unwrap_err().contains("20文字以内"));
}

#[test]
fn a_lost_hyphen_is_noticed() {
    assert!(differs_only_in_hyphens("CAR-01210002", "CAR01210002"));
    assert!(!differs_only_in_hyphens("CAR-01210002", "car－01210002"));
    assert!(!differs_only_in_hyphens("CAR-01210002", "CAR-01210003"));
    assert!(!differs_only_in_hyphens("国[01]00001国", "東[01]00001東"));
}

#[test]
fn the_end_of_a_number_finds_it() {
    assert_eq!(suffix_key("国[41]12345国"), "4112345");
    assert!(suffix_key("CAR-01210002").ends_with(&suffix_key("-0121ー0002")));
}

proptest! {
    #[test]
    fn any_typing_is_answered_and_stable(typed in "\\PC{0,30}", stamped: bool) {
        if let Ok(parsed) = parse(Registered, &typed, stamped) {
            prop_assert_eq!(&parse(Registered, &parsed.number, stamped).unwrap(), &parsed);
            prop_assert_eq!(normalise(&parsed.number), parsed.number);
        }
    }
}
