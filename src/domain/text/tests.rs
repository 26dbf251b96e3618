use super::*;
use proptest::prelude::*;

#[test]
fn half_width_typing_becomes_full_width() {
    for (typed, kept) in [
        ("ﾀﾞｲﾊﾂ", "ダイハツ"),
        ("ﾊﾟｰｷﾝｸﾞ", "パーキング"),
        ("ｳﾞｨｰﾄﾞﾙ", "ヴィードル"),
        ("ABC 1-2-3", "ＡＢＣ　１－２－３"),
        ("東京都品川区1-2‐3", "東京都品川区１－２－３"),
        ("ｱﾞ", "ア゛"),
        ("か\u{3099}", "が"),
        ("髙﨑㈱①", "髙﨑㈱①"),
        ("1〜3~5", "１～３～５"),
        ("ﾄﾖﾀﾓｰﾀｰ", "トヨタモーター"),
    ] {
        assert_eq!(to_full_width(typed), kept);
    }
}

#[test]
fn full_width_typing_becomes_half_width() {
    assert_eq!(to_half_width("Ａ１２３－４５　ｂ"), "A123-45 b");
    assert_eq!(to_half_width("１‐２−３―４"), "1-2-3-4");
    assert_eq!(to_half_width("トヨタ"), "トヨタ");
}

#[test]
fn what_people_call_the_same_is_found() {
    for (stored, asked) in [
        ("髙橋　一郎", "高橋一郎"),
        ("山﨑 德治", "山崎徳治"),
        ("ＡＢＣ－１", "abc‐1"),
        ("ﾀﾞｲﾊﾂ", "ダイハツ"),
        ("か゛", "が"),
        ("渡邉", "渡邊"),
        ("葛\u{e0100}城", "葛城"),
        ("トヨタモーター", "トヨタモ－タ－"),
    ] {
        assert_eq!(search_key(stored), search_key(asked), "{stored} {asked}");
    }
    assert_ne!(search_key("斎藤"), search_key("斉藤"));
}

#[test]
fn what_cannot_be_seen_is_found_out() {
    assert_eq!(unprintable("山田\u{200b}", false), Some('\u{200b}'));
    assert_eq!(unprintable("a\tb", false), Some('\t'));
    assert_eq!(unprintable("一行目\n二行目", true), None);
    assert_eq!(unprintable("一行目\n二行目", false), Some('\n'));
    assert_eq!(unprintable("\u{e000}", true), Some('\u{e000}'));
    assert_eq!(unprintable("葛\u{e0100}城 髙 𠮷", false), None);
}

#[test]
fn characters_that_others_may_not_print_are_named() {
    assert_eq!(outside_cp932("𠮷野家　髙﨑㈱①ｱ～－ABC𠮷é"), ['𠮷', 'é']);
    assert_eq!(outside_cp932("葛\u{e0100}飾 内\n"), ['\u{e0100}']);
}

proptest! {
    #[test]
    fn conversions_are_stable(text in "\\PC{0,40}") {
        let full = to_full_width(&text);
        prop_assert_eq!(&to_full_width(&full), &full);
        let half = to_half_width(&text);
        prop_assert_eq!(&to_half_width(&half), &half);
        let key = search_key(&text);
        prop_assert_eq!(&search_key(&key), &key);
        prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
    }

    #[test]
    fn what_is_normal_already_is_left_alone(text in "([ -~가-힣ﾊﾟか\u{3099}\u{309a}e\u{301}ぁ-ヶ一-龠髙]|\\PC){0,20}") {
        prop_assert_eq!(normalise(&text), text.nfkc().collect::<String>());
    }

    #[test]
    fn width_does_not_matter_to_search(text in "[ -~ｦ-ﾟぁ-んァ-ヶ一-龠]{0,30}") {
        prop_assert_eq!(search_key(&to_full_width(&text)), search_key(&text));
    }

    #[test]
    fn ascii_and_kana_always_find_a_full_width_form(text in "[ -~｡-ﾟ]{0,30}") {
        prop_assert!(to_full_width(&text).chars().all(is_full_width));
    }

    #[test]
    fn half_width_returns(text in "[ -~]{0,30}") {
        prop_assert_eq!(to_half_width(&to_full_width(&text)), text);
    }
}
