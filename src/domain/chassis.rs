//! Chassis numbers (車台番号), also officially stamped ones (職権打刻).

use super::procedure::VehicleKind;
use super::text;
use minicbor::{Decode, Encode};
use std::fmt;

/// 車台番号, with 職権打刻.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
pub struct ChassisNumber {
    /// Upper case half-width, hyphens as `-`. Officially stamped ones as `国[41]12345国` or `[41]12345`.
    #[n(0)]
    pub number: String,
    /// 職権打刻あり.
    #[n(1)]
    pub officially_stamped: bool,
}

/// The number alone; pages show 職権打刻フラグ beside it.
impl fmt::Display for ChassisNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)
    }
}

/// The parts of an officially stamped number: `国[41]12345国`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The character of the office; none when it was left out.
    pub mark: Option<char>,
    /// The office, two digits.
    pub office: String,
    /// The running number, four or five digits.
    pub serial: String,
}

/// The longest number, in characters: the field of the certificate's two-dimensional code.
pub fn max_length(vehicle: VehicleKind) -> usize {
    match vehicle {
        VehicleKind::Registered => 23,
        VehicleKind::Light => 20,
    }
}

/// NFKC, upper case, every kind of hyphen as `-`, no spaces around.
pub fn normalise(typed: &str) -> String {
    text::hyphens(text::trim(&text::normalise(typed))).to_uppercase()
}

/// Checks a chassis number.
///
/// # Errors
/// What is wrong, what is allowed and an example, as sentences.
pub fn parse(vehicle: VehicleKind, typed: &str, stamped: bool) -> Result<ChassisNumber, String> {
    let number = normalise(typed);
    if number.is_empty() {
        return Err("車台番号を入力してください。車検証のとおりに、ハイフンも入力します。例：CAR-01210002".to_owned());
    }
    let number = if stamped {
        let Some(parts) = stamped_parts(&number) else {
            return Err(format!(
                "職権打刻の車台番号「{}」は使えません。打刻の文字、2桁の番号、4～5桁の番号で入力してください。例：国[41]12345国",
                text::quoted(typed, 25)
            ));
        };
        let mark = parts.mark.map(String::from).unwrap_or_default();
        format!("{mark}[{}]{}{mark}", parts.office, parts.serial)
    } else {
        plain(typed, number)?
    };
    let max = max_length(vehicle);
    if number.chars().count() > max {
        return Err(format!("車台番号が長すぎます。{max}文字以内で入力してください。例：CAR-01210002"));
    }
    Ok(ChassisNumber { number, officially_stamped: stamped })
}

fn plain(typed: &str, number: String) -> Result<String, String> {
    if number.contains(char::is_whitespace) {
        return Err(
            "車台番号の途中に空白があります。車検証のとおりに、ハイフンか、つなげて入力してください。例：CAR-01210002"
                .to_owned(),
        );
    }
    if stamped_parts(&number).is_some_and(|parts| parts.mark.is_some() || number.starts_with('[')) {
        return Err(
            "職権打刻の車台番号のようです。「職権打刻あり」にチェックしてください。例：国[41]12345国".to_owned()
        );
    }
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    if let Some(wrong) = number.chars().find(|c| !allowed(*c)) {
        return Err(format!(
            "車台番号「{}」の「{wrong}」は使えません。英字・数字・ハイフンで入力してください。例：CAR-01210002",
            text::quoted(typed, 25)
        ));
    }
    if !number.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Err("車台番号には英字か数字が必要です。車検証のとおりに入力してください。例：CAR-01210002".to_owned());
    }
    Ok(number)
}

/// The parts of an officially stamped number, with or without character, brackets and closing character.
pub fn stamped_parts(number: &str) -> Option<Stamped> {
    let compact: String = normalise(number).split_whitespace().collect();
    let first = compact.chars().next()?;
    let mark = is_kanji(first).then_some(first);
    let mut rest = compact.as_str();
    if let Some(mark) = mark {
        rest = rest.strip_prefix(mark)?;
        rest = rest.strip_suffix(mark).unwrap_or(rest);
    }
    let (office, serial) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => rest.split_at_checked(2)?,
    };
    let digits =
        |text: &str, length: &[usize]| length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (digits(office, &[2]) && digits(serial, &[4, 5])).then(|| Stamped {
        mark,
        office: office.to_owned(),
        serial: serial.to_owned(),
    })
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Whether two numbers are the same but for hyphens and the like: the most frequent slip between a request and the
/// conformity certificate.
pub fn differs_only_in_hyphens(a: &str, b: &str) -> bool {
    let bare = |number: &str| normalise(number).replace(['-', ' '], "");
    normalise(a) != normalise(b) && bare(a) == bare(b)
}

/// What chassis numbers are searched by, from their end: Latin letters and digits alone, upper case.
pub fn suffix_key(typed: &str) -> String {
    normalise(typed).chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests;
