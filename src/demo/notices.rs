//! Notices of the demo world: advice for the first steps, and a year and a half of maintenance, as a node has it.

use crate::domain::time::Day;
use crate::store::{Audience, Notice};

/// How many months of maintenance there were.
const MONTHS: i32 = 18;

/// How many days ago, 重要度, 対象, 件名, 内容, リンク.
type Advice = (i32, bool, Audience, &'static str, &'static str, Option<&'static str>);

const ADVICE: &[Advice] = &[
    (
        0,
        true,
        Audience::All,
        "訓練環境のご案内",
        "この環境は訓練用です。\n・入力した内容が運輸支局等へ送られることはありません。\n・どの車両を入力しても、審査まで進みます。",
        None,
    ),
    (
        1,
        false,
        Audience::All,
        "証明書の登録のお願い",
        "ブラウザーの警告が表示されるときは、リンク先の手順で、このシステムの証明書をパソコンに登録してください。",
        Some("/trust"),
    ),
    (
        2,
        false,
        Audience::All,
        "年末年始のシステム利用時間",
        "12月29日から1月3日までは、システムを利用できません。\n申請予定日を決めるときにご注意ください。",
        None,
    ),
    (
        3,
        false,
        Audience::Light,
        "軽自動車の車両番号の入力について",
        "・小板の車両は「小板フラグ」にチェックしてください。\n・分類番号のない車両は「分類番号なし」にチェックしてください。",
        None,
    ),
    (
        5,
        false,
        Audience::Registered,
        "検査手数料の改定",
        "2026年4月1日から、検査登録手数料と技術情報管理手数料の合計が1,850円になりました。\n内訳は推定です。",
        None,
    ),
    (
        9,
        false,
        Audience::Registered,
        "有効期間の短縮にご注意ください",
        "満了日の2か月前より早く申請すると、新しい有効期間が短縮されます。",
        None,
    ),
    (
        14,
        true,
        Audience::All,
        "車台番号の入力について",
        "ハイフンの抜けによる却下が増えています。\n車検証の記載どおりに入力してください。",
        None,
    ),
    (
        20,
        false,
        Audience::All,
        "記録等事務代行者委託番号の登録",
        "電子車検証更新区分で「依頼人」を選ぶ拠点は、先に委託番号を登録してください。",
        None,
    ),
    (31, false, Audience::All, "パスワードの有効期限", "パスワードは90日ごとに更新してください。", None),
    (
        44,
        false,
        Audience::Light,
        "軽自動車検査手数料の納付について",
        "検査手数料と技術情報管理手数料は、代理人が立て替えて納付します。",
        None,
    ),
    (
        58,
        false,
        Audience::Registered,
        "キャッシュレス利用の前に",
        "クレジットカードで納付するときは、車両ごとに、事前のカード登録が必要です。",
        None,
    ),
    (
        72,
        true,
        Audience::All,
        "自賠責保険証明書の期間について",
        "保険期間の終わりが新しい有効期間の満了日より前のときは、補正が必要になります。\n申請の前に確認してください。",
        None,
    ),
];

/// All notices that are out on this day, oldest first and still without number.
pub(super) fn until(today: Day) -> Vec<Notice> {
    let mut notices: Vec<Notice> = ADVICE
        .iter()
        .map(|(days, important, audience, subject, body, link)| {
            let link = link.map(str::to_owned);
            notice(today.plus_days(-days), *important, *audience, subject, (*body).to_owned(), link)
        })
        .collect();
    for month in 0..MONTHS {
        // Mid-month, announced a week before, done the day after.
        let (year, of_year, _) = today.parts();
        let Some(night) = Day::new(year, of_year, 15).map(|middle| middle.plus_months(-month)) else { continue };
        let planned = format!(
            "{night} の 22:00 から翌日の 8:00 まで、定期保守を行います。\n利用時間外のため、業務への影響はありません。"
        );
        let done = format!("{night} の定期保守は、予定どおり終了しました。");
        for (day, subject, body) in
            [(night.plus_days(-7), "定期保守のお知らせ", planned), (night.plus_days(1), "定期保守の終了について", done)]
        {
            notices.push(notice(day, false, Audience::All, subject, body, None));
        }
    }
    notices.retain(|notice| notice.published <= today);
    notices.sort_by_key(|notice| notice.published);
    notices
}

fn notice(
    published: Day,
    important: bool,
    audience: Audience,
    subject: &str,
    body: String,
    link: Option<String>,
) -> Notice {
    Notice { id: 0, published, important, audience, subject: subject.to_owned(), body, link }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_pages_whatever_the_day() {
        for (month, day) in [(1, 1), (2, 28), (7, 14), (7, 16), (12, 31)] {
            let today = Day::new(2027, month, day).unwrap();
            let notices = until(today);
            assert!(notices.len() > 40, "{}", notices.len());
            assert_eq!(notices.last().map(|notice| notice.published), Some(today));
            assert!(notices.is_sorted_by_key(|notice| notice.published));
            for audience in Audience::ALL {
                assert!(notices.iter().any(|notice| notice.audience == audience));
            }
        }
    }
}
