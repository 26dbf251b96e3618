//! Which passwords are allowed (manual J384): half-width, 8–39 characters, three of four kinds. Hashing is not done here.

use super::text;

/// Passwords and words that everybody tries first: one a line, NFKC and lower case.
const WEAK: &str = include_str!("../../assets/reference/weak_passwords.txt");

/// The shortest password, in characters.
pub const MIN: usize = 8;

/// The longest password, in characters.
pub const MAX: usize = 39;

/// Digits and signs that, put behind a known word, don't make it harder to guess: `Sakura2026!`.
const TAIL: usize = 5;

/// The rule, shown beside the field.
pub const RULE: &str =
    "半角8～39文字。英大文字・英小文字・数字・記号のうち3種類以上を使います。ログインIDと同じものは使えません。";

/// Checks a new password.
///
/// # Errors
/// What is wrong and what is allowed, as sentences.
pub fn check(password: &str, login_id: &str) -> Result<(), String> {
    if password.is_empty() {
        return Err("パスワードを入力してください。".to_owned());
    }
    if !password.chars().all(|c| c.is_ascii_graphic()) {
        return Err(
            "パスワードに使えない文字があります。半角の英字・数字・記号だけで入力してください（空白は使えません）。"
                .to_owned(),
        );
    }
    if !(MIN..=MAX).contains(&password.len()) {
        return Err(format!("パスワードは{MIN}～{MAX}文字で入力してください（いまは{}文字です）。", password.len()));
    }
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit, char::is_ascii_punctuation];
    if kinds.iter().filter(|kind| password.chars().any(|c| kind(&c))).count() < 3 {
        return Err("パスワードには、英大文字・英小文字・数字・記号のうち3種類以上を使ってください。".to_owned());
    }
    let folded = fold(password);
    if folded == fold(login_id) {
        return Err("ログインIDと同じパスワードは使えません。別のパスワードを入力してください。".to_owned());
    }
    if WEAK.lines().any(|word| folded.strip_prefix(word).is_some_and(is_weak_tail)) {
        return Err(
            "よく使われるパスワードのため、推測されるおそれがあります。別のパスワードを入力してください。".to_owned()
        );
    }
    Ok(())
}

fn is_weak_tail(tail: &str) -> bool {
    tail.len() <= TAIL && !tail.bytes().any(|b| b.is_ascii_alphabetic())
}

fn fold(text: &str) -> String {
    text::normalise(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_list_is_in_the_form_that_is_compared() {
        for weak in WEAK.lines() {
            assert_eq!(weak, fold(weak));
        }
    }

    #[test]
    fn the_manuals_rule() {
        for good in ["Kazemor7", "kaze-mori7", "KAZE-MORI7", "Kaze-Mori", &format!("A1{}", "b".repeat(37))] {
            assert_eq!(check(good, "tanaka"), Ok(()), "{good}");
        }
        for (bad, says) in [
            ("", "入力してください"),
            ("Abcde1!", "いまは7文字"),
            (&format!("A1{}", "b".repeat(38)), "いまは40文字"),
            ("abcdefg1", "3種類以上"),
            ("ABCDEFG!", "3種類以上"),
            ("Ａbcdefg1", "使えない文字"),
            ("Abcdef 1", "空白は使えません"),
            ("Password1!", "推測されるおそれ"),
            ("Sakura2026!", "推測されるおそれ"),
            ("P@ssw0rd", "推測されるおそれ"),
            ("Tanaka001", "ログインIDと同じ"),
        ] {
            let sentence = check(bad, "tanaka001").unwrap_err();
            assert!(sentence.contains(says), "{bad}: {sentence}");
        }
    }

    proptest! {
        #[test]
        fn three_kinds_in_range_are_enough(tail in "[!-~]{8,34}") {
            let password = format!("aA1{tail}zq");
            prop_assert_eq!(check(&password, "x"), Ok(()));
        }
    }
}
