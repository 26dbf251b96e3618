//! Which class numbers and kana plates carry, by kind of vehicle.

use crate::domain::procedure::VehicleKind;

/// Letters that stand in class numbers.
const LETTERS: &str = "ACFHKLMPXY";

/// Kana that no plate carries: easily misread, or ill-sounding.
pub(super) const UNUSED_KANA: &str = "おしへんゐゑ";

const KANA: &str = "あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわを";

/// What plates of one kind of vehicle look like.
pub(super) struct Grammar {
    first_digits: &'static str,
    second_letters: &'static str,
    kana_letters: &'static str,
    /// What class numbers are allowed, for the error sentence.
    pub(super) class_rule: &'static str,
    /// What kana are allowed, for the error sentence.
    pub(super) kana_rule: &'static str,
    /// An example of a class number.
    pub(super) class_example: &'static str,
    /// Whether a plate may have no class number (分類番号なし).
    pub(super) may_lack_class: bool,
}

static REGISTERED: Grammar = Grammar {
    first_digits: "0123456789",
    second_letters: LETTERS,
    kana_letters: "ＥＨＫＭＴＹ",
    class_rule: "数字1～2桁、または3桁（1文字目は数字、2・3文字目は数字かＡＣＦＨＫＬＭＰＸＹ）",
    kana_rule: "お・し・へ・んを除くひらがな1文字、またはＥ・Ｈ・Ｋ・Ｍ・Ｔ・Ｙ",
    class_example: "600",
    may_lack_class: false,
};

static LIGHT: Grammar = Grammar {
    first_digits: "45678",
    second_letters: "PXY",
    kana_letters: "ＡＢ",
    class_rule: "4～8で始まる1～3桁（2文字目は数字かＰＸＹ、3文字目は数字かＡＣＦＨＫＬＭＰＸＹ）",
    kana_rule: "お・し・へ・んを除くひらがな1文字、またはＡ・Ｂ",
    class_example: "580",
    may_lack_class: true,
};

/// 小板: class numbers of that time began with any digit.
static SMALL_LIGHT: Grammar = Grammar {
    first_digits: "0123456789",
    second_letters: "PXY",
    kana_letters: "ＡＢ",
    class_rule: "数字で始まる1～3桁（2文字目は数字かＰＸＹ、3文字目は数字かＡＣＦＨＫＬＭＰＸＹ）",
    kana_rule: "お・し・へ・んを除くひらがな1文字、またはＡ・Ｂ",
    class_example: "66",
    may_lack_class: true,
};

/// What plates of this kind look like.
pub(super) fn of(vehicle: VehicleKind, small: bool) -> &'static Grammar {
    match (vehicle, small) {
        (VehicleKind::Registered, _) => &REGISTERED,
        (VehicleKind::Light, false) => &LIGHT,
        (VehicleKind::Light, true) => &SMALL_LIGHT,
    }
}

impl Grammar {
    /// Whether this is a class number: one or two digits, or three characters of which the first is a digit.
    pub(super) fn class(&self, class: &str) -> bool {
        let chars: Vec<char> = class.chars().collect();
        let digit = |c: &char| c.is_ascii_digit();
        match chars.as_slice() {
            [first] => self.first_digits.contains(*first),
            [first, second] => self.first_digits.contains(*first) && digit(second),
            [first, second, third] => {
                self.first_digits.contains(*first)
                    && (digit(second) || self.second_letters.contains(*second))
                    && (digit(third) || LETTERS.contains(*third))
            }
            _ => false,
        }
    }

    /// Whether plates carry this kana or letter.
    pub(super) fn kana(&self, kana: char) -> bool {
        KANA.contains(kana) || self.kana_letters.contains(kana)
    }
}
