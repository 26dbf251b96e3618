//! 全角 and 半角. What is typed in the other width is converted, not refused (client guide: input rules).

/// Half-width forms U+FF61–FF9F in order, as the full-width characters they stand for.
const HALF_KATAKANA: [char; 63] = [
    '。', '「', '」', '、', '・', 'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー', 'ア', 'イ', 'ウ',
    'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ', 'チ', 'ツ', 'テ', 'ト', 'ナ', 'ニ',
    'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'マ', 'ミ', 'ム', 'メ', 'モ', 'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル',
    'レ', 'ロ', 'ワ', 'ン', '゛', '゜',
];

/// Half-width letters, digits, signs, spaces and katakana as full-width ones; voicing marks join the kana before
/// them. Kanji keep the form in which they were typed.
pub fn to_full_width(text: &str) -> String {
    let mut wide = String::with_capacity(text.len());
    for c in text.chars() {
        let mark = match c {
            'ﾞ' | '\u{3099}' => Some('\u{3099}'),
            'ﾟ' | '\u{309a}' => Some('\u{309a}'),
            _ => None,
        };
        if let Some(mark) = mark {
            let voiced = wide.chars().next_back().and_then(|base| unicode_normalization::char::compose(base, mark));
            if let Some(voiced) = voiced {
                wide.pop();
                wide.push(voiced);
                continue;
            }
        }
        wide.push(wide_form(c));
    }
    wide
}

fn wide_form(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' => '\u{3000}',
        '‐' | '‑' | '‒' | '–' | '−' | '\u{ad}' => '－',
        '〜' => '～',
        '¥' => '￥',
        '¢' => '￠',
        '£' => '￡',
        '¬' => '￢',
        '\u{3099}' => '゛',
        '\u{309a}' => '゜',
        '\u{ff61}'..='\u{ff9f}' => {
            usize::try_from(u32::from(c) - 0xff61).ok().and_then(|at| HALF_KATAKANA.get(at)).copied().unwrap_or(c)
        }
        _ => c,
    }
}

/// Full-width letters, digits, signs and spaces as half-width ones, dashes as `-`. Kana and kanji stay as they are.
pub fn to_half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' => ' ',
            '‐'..='―' | '−' | '\u{ad}' => '-',
            '￥' => '¥',
            _ => c,
        })
        .collect()
}

/// Whether a character is full-width: not ASCII or Latin-1 (but for the signs of JIS X 0208), not a half-width form.
pub fn is_full_width(c: char) -> bool {
    match c {
        '§' | '¨' | '°' | '±' | '´' | '¶' | '×' | '÷' => true,
        '\u{ff61}'..='\u{ffdc}' | '\u{ffe8}'..='\u{ffee}' => false,
        _ => u32::from(c) >= 0x100,
    }
}
