//! Kinds of fields with a form of their own: 電子車検証管理番号, and an address that begins with its prefecture.

use super::line;
use crate::domain::calendar::in_era;
use crate::domain::procedure::{Field, Width};
use crate::domain::text;

/// 都道府県, north to south.
const PREFECTURES: &str = "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 \
    石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 \
    山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県";

/// 住所1 of light vehicles (manual J1778).
pub(super) fn prefecture_address(field: &Field, typed: &str, max: usize) -> Result<String, String> {
    let address = line(field, typed, Width::Full, max)?;
    if PREFECTURES.split_whitespace().any(|prefecture| address.starts_with(prefecture)) {
        return Ok(address);
    }
    Err(format!("{}は、都道府県から入力してください。例：東京都品川区東大井", field.label))
}

/// 電子車検証管理番号 (manual J1910–1926): 13 digits of an electronic certificate; 5 of a paper one, or those and the six
/// of its date in an era.
pub(super) fn management_number(field: &Field, typed: &str) -> Result<String, String> {
    let number: String = text::to_half_width(typed).split_whitespace().collect();
    let quoted = text::quoted(typed, 20);
    let label = field.label;
    if let Some(wrong) = number.chars().find(|c| !c.is_ascii_digit()) {
        return Err(format!(
            "{label}「{quoted}」に「{wrong}」は使えません。数字だけを入力してください。例：12345051205"
        ));
    }
    match number.len() {
        5 | 13 => Ok(number),
        11 if number.get(5..).is_some_and(is_date) => Ok(number),
        11 => Err(format!(
            "{label}「{quoted}」の後ろ6桁は日付ではありません。和暦の年・月・日を2桁ずつ入力してください。例：12345051205（令和5年12月5日）"
        )),
        length => Err(format!(
            "{label}「{quoted}」は使えません（{length}桁）。電子は13桁、紙は5桁、または5桁と日付6桁の11桁で入力してください。例：12345051205"
        )),
    }
}

/// `051205` is 令和5年12月5日. Certificates of 平成 can be in use as well.
fn is_date(digits: &str) -> bool {
    let part = |from: usize| digits.get(from..from + 2).and_then(|part| part.parse::<i8>().ok()).unwrap_or(0);
    ["令和", "平成"].into_iter().any(|era| in_era(era, part(0).into(), part(2), part(4)).is_some())
}
