//! Japanese text: the width rule, normalised forms for comparison and search, characters that can't be kept.

mod variants;
mod width;

pub use variants::variant;
pub use width::{is_full_width, to_full_width, to_half_width};

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// NFKC: `ﾀﾞｲﾊﾂ ＡＢＣ－１２３` becomes `ダイハツ ABC-123`. For comparison only: it destroys ① and ㈱.
pub fn normalise(text: &str) -> String {
    nfkc(text).into_owned()
}

/// Most texts are in this form already, which is seen sooner than they are brought to it.
fn nfkc(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

/// Whether people type this character where a hyphen is meant, the long vowel mark `ー` included.
pub fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '‐'
            ..='―' | '⁃' | '⁻' | '₋' | '−' | '─' | '━' | '⸺' | '⸻' | 'ー' | '﹘' | '﹣' | '－' | 'ｰ'
    )
}

/// Every hyphen, dash and long vowel mark as `-`. For codes and numbers, and for search.
pub fn hyphens(text: &str) -> String {
    text.chars().map(|c| if is_hyphen(c) { '-' } else { c }).collect()
}

/// Katakana as hiragana; anything else stays.
pub fn to_hiragana(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Hiragana as katakana; anything else stays.
pub fn to_katakana(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// What texts are searched by: NFKC, lower case, usual forms of variant characters (髙 → 高), one kind of hyphen, no
/// spaces and nothing invisible. Two texts that people would call the same have the same key.
pub fn search_key(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let key: String = nfkc(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !is_unprintable(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if is_hyphen(c) { '-' } else { variant(c) })
        .collect();
    match nfkc(&key) {
        Cow::Borrowed(_) => key,
        Cow::Owned(key) => key,
    }
}

/// Whether a character can't be seen or kept: control characters, direction marks, zero-width characters, private use.
/// Variation selectors belong to names and are kept, but search leaves them out.
fn is_unprintable(c: char) -> bool {
    c.is_control() || is_invisible(c) || is_variation_selector(c)
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e007f}'
            | '\u{f0000}'..='\u{10ffff}'
    )
}

/// The first character that can't be kept: a control character (a line break too, unless `lines`), an invisible one,
/// one for private use or a replacement character.
pub fn unprintable(text: &str, lines: bool) -> Option<char> {
    text.chars().find(|&c| (c.is_control() && !(lines && c == '\n')) || is_invisible(c))
}

/// Characters that Windows-31J (cp932: JIS X 0208 with the NEC and IBM extensions) does not have, in order and once each:
/// 𠮷, 﨟 … They are kept, but other systems may be unable to print them.
pub fn outside_cp932(text: &str) -> Vec<char> {
    let mut outside: Vec<char> = Vec::new();
    let mut buffer = [0; 4];
    for c in text.chars() {
        let (_, _, lost) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut buffer));
        if lost && !outside.contains(&c) {
            outside.push(c);
        }
    }
    outside
}

/// What was typed, without spaces around it. Spaces inside stay.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// What was typed, for a sentence about it: at most `max` characters, nothing invisible.
pub fn quoted(text: &str, max: usize) -> String {
    let mut visible = trim(text).chars().filter(|c| !is_unprintable(*c));
    let mut quoted: String = visible.by_ref().take(max).collect();
    if visible.next().is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests;
