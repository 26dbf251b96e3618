//! Names and codes that administrators type (client guide P4–P9, manual J456, J550): one rule each, with the sentence
//! that stands beside the field. The other width is converted, not refused.

use super::problem::Problems;
use super::text;

/// How a name or code is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What the field is called.
    pub label: &'static str,
    /// The rule, shown with the field before anything is wrong.
    pub rule: &'static str,
    kind: Kind,
    min: usize,
    max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// 半角英数字.
    Alphanumeric,
    /// 全角.
    Full,
    /// Full- and half-width, no symbols, single half-width spaces inside.
    PersonName,
    /// 全角カタカナ, with spaces, letters and digits of the same width.
    Kana,
    /// `123-4567`.
    PostalCode,
    /// Whatever stands in another document: no width is converted.
    AsWritten,
}

/// ログインID.
pub const LOGIN_ID: Rule = Rule {
    label: "ログインID",
    rule: "半角英数字1～32文字です。例：tanaka01",
    kind: Kind::Alphanumeric,
    min: 1,
    max: 32,
};

/// ユーザー名. Full-width （ ） ・ ー 々 stand in the manual's own samples and are allowed.
pub const USER_NAME: Rule = Rule {
    label: "ユーザー名",
    rule: "全角・半角1～10文字です。記号は使えません（丸かっこ・中点・長音・半角空白は使えます）。例：利活用 花子",
    kind: Kind::PersonName,
    min: 1,
    max: 10,
};

/// 依頼人組織名.
pub const ORGANIZATION_NAME: Rule = Rule {
    label: "依頼人組織名",
    rule: "全角1～40文字です。英数字も全角で入力します。",
    kind: Kind::Full,
    min: 1,
    max: 40,
};

/// 依頼人組織名（略称）.
pub const ORGANIZATION_SHORT_NAME: Rule = Rule {
    label: "依頼人組織名（略称）",
    rule: "全角1～10文字です。英数字も全角で入力します。",
    kind: Kind::Full,
    min: 1,
    max: 10,
};

/// 依頼人拠点コード.
pub const BRANCH_CODE: Rule = Rule {
    label: "依頼人拠点コード",
    rule: "半角英数字1～7文字です。組織の中で重複できず、登録後は変更できません。例：001",
    kind: Kind::Alphanumeric,
    min: 1,
    max: 7,
};

/// 依頼人拠点名.
pub const BRANCH_NAME: Rule = Rule {
    label: "依頼人拠点名",
    rule: "全角1～40文字です。英数字も全角で入力します。",
    kind: Kind::Full,
    min: 1,
    max: 40,
};

/// 依頼人拠点名（略称）.
pub const BRANCH_SHORT_NAME: Rule = Rule {
    label: "依頼人拠点名（略称）",
    rule: "全角1～10文字です。英数字も全角で入力します。",
    kind: Kind::Full,
    min: 1,
    max: 10,
};

/// 記録等事務代行者委託番号; blank where the branch holds none.
pub const COMMISSION_NUMBER: Rule = Rule {
    label: "記録等事務代行者委託番号",
    rule: "半角英数字10文字です。お持ちの場合だけ、正確に入力します。例：A123456789",
    kind: Kind::Alphanumeric,
    min: 10,
    max: 10,
};

/// 代理人組織名.
pub const AGENT_NAME: Rule = Rule { label: "代理人組織名", ..ORGANIZATION_NAME };

/// 代理人組織名（略称）.
pub const AGENT_SHORT_NAME: Rule = Rule { label: "代理人組織名（略称）", ..ORGANIZATION_SHORT_NAME };

/// 代理人拠点ID.
pub const AGENT_BRANCH_CODE: Rule = Rule {
    label: "代理人拠点ID",
    rule: "半角英数字1～10文字です。ほかの拠点と重複できず、登録後は変更できません。例：AZ001",
    kind: Kind::Alphanumeric,
    min: 1,
    max: 10,
};

/// 代理人拠点名.
pub const AGENT_BRANCH_NAME: Rule = Rule { label: "代理人拠点名", ..BRANCH_NAME };

/// 代理人拠点名（略称）.
pub const AGENT_BRANCH_SHORT_NAME: Rule = Rule { label: "代理人拠点名（略称）", ..BRANCH_SHORT_NAME };

/// 管轄地域.
pub const AGENT_BRANCH_REGION: Rule = Rule {
    label: "管轄地域",
    rule: "全角1～10文字です。運輸支局等の地域名を入力します。例：東京",
    kind: Kind::Full,
    min: 1,
    max: 10,
};

/// 屋号（カナ） of a 代理人証明書.
pub const TRADE_NAME_KANA: Rule = Rule {
    label: "屋号（カナ）",
    rule: "全角カタカナ1～64文字です。空白も含めて正確に入力します。例：リカツヨウギョウセイショシジムショ",
    kind: Kind::Kana,
    min: 1,
    max: 64,
};

/// 氏名又は代表者名（カナ） of a 代理人証明書.
pub const PERSON_NAME_KANA: Rule = Rule {
    label: "氏名又は代表者名（カナ）",
    rule: "全角カタカナ1～64文字です。空白も含めて正確に入力します。例：リカツヨウ　タロウ",
    kind: Kind::Kana,
    min: 1,
    max: 64,
};

/// 郵便番号.
pub const POSTAL_CODE: Rule = Rule {
    label: "郵便番号",
    rule: "半角数字7文字を、ハイフンで区切って入力します。例：123-4567",
    kind: Kind::PostalCode,
    min: 8,
    max: 8,
};

/// 屋号（漢字）: as the certificate says it.
pub const CERTIFICATE_TRADE_NAME: Rule = Rule {
    label: "屋号（漢字）",
    rule: "電子証明書の記載どおりです（64文字まで）。",
    kind: Kind::AsWritten,
    min: 1,
    max: 64,
};

/// 氏名又は代表者名（漢字）: as the certificate says it.
pub const CERTIFICATE_PERSON_NAME: Rule =
    Rule { label: "氏名又は代表者名（漢字）", ..CERTIFICATE_TRADE_NAME };

/// 住所（都道府県～番地）: as the certificate says it.
pub const CERTIFICATE_ADDRESS: Rule = Rule {
    label: "住所（都道府県～番地）",
    rule: "電子証明書の記載どおりです（128文字まで）。",
    kind: Kind::AsWritten,
    min: 1,
    max: 128,
};

/// 住所（建物名等）: as the certificate says it.
pub const CERTIFICATE_BUILDING: Rule = Rule { label: "住所（建物名等）", ..CERTIFICATE_ADDRESS };

impl Rule {
    /// What is kept of what was typed; empty when nothing was.
    ///
    /// # Errors
    /// What is wrong and what is allowed, as sentences.
    pub fn check_optional(&self, typed: &str) -> Result<String, String> {
        let typed = text::trim(typed);
        if typed.is_empty() {
            return Ok(String::new());
        }
        let value = match self.kind {
            Kind::Alphanumeric => text::to_half_width(typed),
            Kind::Full => text::to_full_width(typed),
            Kind::PersonName => person_name(typed),
            Kind::Kana => text::to_katakana(&text::to_full_width(typed)),
            Kind::PostalCode => postal_code(typed),
            Kind::AsWritten => typed.to_owned(),
        };
        if let Some(wrong) = value.chars().find(|c| !self.kind.allows(*c)) {
            let wrong = if text::unprintable(&wrong.to_string(), false).is_some() {
                "表示できない文字".to_owned()
            } else {
                format!("「{wrong}」")
            };
            return Err(format!("{}に{wrong}は使えません。{}", self.label, self.rule));
        }
        let length = value.chars().count();
        if !(self.min..=self.max).contains(&length) {
            return Err(format!("{}の文字数が違います（{length}文字）。{}", self.label, self.rule));
        }
        Ok(value)
    }

    /// The same for a field that must be filled.
    ///
    /// # Errors
    /// What is wrong and what is allowed, as sentences.
    pub fn check(&self, typed: &str) -> Result<String, String> {
        let value = self.check_optional(typed)?;
        if value.is_empty() {
            return Err(format!("{}を入力してください。{}", self.label, self.rule));
        }
        Ok(value)
    }
}

/// Several fields of one form, checked one after the other: what is kept, what is wrong, and what was typed in the other
/// width, which is shown before it is saved.
#[derive(Debug, Default)]
pub struct Entry {
    problems: Problems,
    converted: Vec<(&'static str, String)>,
}

impl Entry {
    /// A field that must be filled; empty when something is wrong with it.
    pub fn required(&mut self, field: &'static str, rule: &Rule, typed: &str) -> String {
        self.take(field, rule.check(typed), typed)
    }

    /// A field that may be left empty.
    pub fn optional(&mut self, field: &'static str, rule: &Rule, typed: &str) -> String {
        self.take(field, rule.check_optional(typed), typed)
    }

    fn take(&mut self, field: &'static str, result: Result<String, String>, typed: &str) -> String {
        let kept = self.problems.take(field, result).unwrap_or_default();
        if !kept.is_empty() && kept != text::trim(typed) {
            self.converted.push((field, kept.clone()));
        }
        kept
    }

    /// Notes a problem that no rule of this file knows.
    pub fn wrong(&mut self, field: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) {
        self.problems.add(field, message);
    }

    /// `value` when nothing is wrong, and beside it what was converted, by field.
    pub fn finish<T>(self, value: T) -> (Result<T, Problems>, Vec<(&'static str, String)>) {
        (self.problems.or(value), self.converted)
    }
}

impl Rule {
    /// How a field converts the other width while it is typed, as the page's script is told: `half`, `full` or `name`;
    /// empty when nothing is converted.
    pub fn width(&self) -> &'static str {
        match self.kind {
            Kind::Alphanumeric | Kind::PostalCode => "half",
            Kind::Full | Kind::Kana => "full",
            Kind::PersonName => "name",
            Kind::AsWritten => "",
        }
    }

    /// The most characters it takes.
    pub fn longest(&self) -> usize {
        self.max
    }
}

impl Kind {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Alphanumeric => c.is_ascii_alphanumeric(),
            Self::Full => text::is_full_width(c) && text::unprintable(c.encode_utf8(&mut [0; 4]), false).is_none(),
            Self::Kana => {
                matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | 'ヽ' | 'ヾ' | '　' | '（' | '）' | '．' | '－' | '＆')
                    || matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
            }
            Self::PostalCode => c.is_ascii_digit() || c == '-',
            Self::AsWritten => text::unprintable(c.encode_utf8(&mut [0; 4]), false).is_none(),
            Self::PersonName => c.is_alphanumeric() || matches!(c, ' ' | '（' | '）' | '・' | 'ー' | '々' | '〆'),
        }
    }
}

/// Seven digits, however they are written.
fn postal_code(typed: &str) -> String {
    let plain = text::hyphens(&text::normalise(typed));
    let plain = plain.trim_start_matches('〒').trim();
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    match digits.split_at_checked(3) {
        Some((head, tail)) if digits.len() == 7 && plain.len() <= 8 => format!("{head}-{tail}"),
        _ => plain.to_owned(),
    }
}

/// One half-width space between parts; brackets and half-width kana full-width.
fn person_name(typed: &str) -> String {
    let spaced = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let kana = |c: char| matches!(c, '｡'..='ﾟ' | '(' | ')' | '\u{3099}' | '\u{309a}');
    if spaced.contains(kana) {
        let mut wide = String::new();
        for part in spaced.split_inclusive(|c: char| !kana(c)) {
            // A run of half-width kana ends with one other character, which keeps its width.
            let at = part.find(|c: char| !kana(c)).unwrap_or(part.len());
            let (run, rest) = part.split_at(at);
            wide.push_str(&text::to_full_width(run));
            wide.push_str(rest);
        }
        return wide;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Rule; 8] = [
        LOGIN_ID,
        USER_NAME,
        ORGANIZATION_NAME,
        ORGANIZATION_SHORT_NAME,
        BRANCH_CODE,
        BRANCH_NAME,
        BRANCH_SHORT_NAME,
        COMMISSION_NUMBER,
    ];

    #[test]
    fn names_and_codes_of_the_manuals() {
        for (rule, typed, kept) in [
            (LOGIN_ID, " Ｔanaka01 ", "Tanaka01"),
            (USER_NAME, "利活用　担当一郎", "利活用 担当一郎"),
            (USER_NAME, "依頼 拠点(全拠点)", "依頼 拠点（全拠点）"),
            (USER_NAME, "ﾀﾅｶﾞ Ken", "タナガ Ken"),
            (ORGANIZATION_SHORT_NAME, "利活用自動車 A", "利活用自動車　Ａ"),
            (BRANCH_CODE, "００１", "001"),
            (BRANCH_NAME, "練馬工場", "練馬工場"),
            (COMMISSION_NUMBER, "a123456789", "a123456789"),
        ] {
            assert_eq!(rule.check(typed).as_deref(), Ok(kept));
        }
        assert_eq!(COMMISSION_NUMBER.check_optional(" 　"), Ok(String::new()));
    }

    #[test]
    fn refusals_repeat_the_rule() {
        for (rule, typed, says) in [
            (LOGIN_ID, "", "入力してください"),
            (LOGIN_ID, "tanaka_01", "「_」は使えません"),
            (LOGIN_ID, &"a".repeat(33), "33文字"),
            (USER_NAME, "田中@太郎", "「@」は使えません"),
            (USER_NAME, "あいうえおかきくけこさ", "11文字"),
            (BRANCH_CODE, "12345678", "8文字"),
            (BRANCH_SHORT_NAME, "あいうえおかきくけこさ", "11文字"),
            (BRANCH_NAME, "工場\u{200b}", "表示できない文字"),
            (COMMISSION_NUMBER, "A12345678", "9文字"),
        ] {
            let sentence = rule.check(typed).unwrap_err();
            assert!(sentence.contains(says) && sentence.ends_with(rule.rule), "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(at in 0usize..8, typed in "\\PC{0,20}") {
            if let Ok(kept) = ALL[at].check_optional(&typed) {
                prop_assert_eq!(ALL[at].check_optional(&kept), Ok(kept));
            }
        }
    }

    #[test]
    fn what_a_certificate_says_is_typed_exactly() {
        let kana = |typed| TRADE_NAME_KANA.check(typed);
        assert_eq!(kana("ﾀｶﾊｼ ぎょうせい").as_deref(), Ok("タカハシ　ギョウセイ"));
        assert!(kana("髙橋").unwrap_err().contains("「髙」は使えません"));
        for typed in ["140-0011", "1400011", "１４０－００１１", "〒140ー0011"] {
            assert_eq!(POSTAL_CODE.check(typed).as_deref(), Ok("140-0011"), "{typed}");
        }
        for typed in ["140-001", "14-000111", "140 0011 2", "abc-defg"] {
            assert!(POSTAL_CODE.check(typed).is_err(), "{typed}");
        }
        assert_eq!(CERTIFICATE_PERSON_NAME.check("Ｔaro 髙橋").as_deref(), Ok("Ｔaro 髙橋"), "no width is converted");
    }
}
