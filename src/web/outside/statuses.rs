//! How every status is reached by hand in a demo or training node: one row for each, so that a status without a way
//! does not compile.

use super::cards::numbers;
use super::filing::decision;
use super::filings::portal_tag;
use crate::domain::procedure;
use crate::domain::request::{PortalStatus as Portal, Status};
use crate::sim::magic;
use crate::sim::world::Outcome;
use crate::web::kit::prelude::*;

/// What passes by in seconds stays only when the office waits for somebody.
const HOLD: &str = "すぐに次へ進みます。とどめるには、先に模擬環境の「環境設定」で「進み方」を「手動」にします。";

/// The tables of the help page.
pub(in crate::web) fn ways() -> Markup {
    let columns = [Column::new("ステータス"), Column::new("手続"), Column::new("出し方")];
    let requests = [Column::new("ステータス"), Column::new("出し方")];
    html! {
        section .card {
            h2 { "申請ステータス" }
            (table("申請ステータスの出し方", &requests, &html! {
                @for status in Status::ALL { tr { td .subject { (status_tag(*status, None)) } td .wrap { (of_request(*status)) } } }
            }))
        }
        section .card {
            h2 { "OSSステータス" }
            (table("OSSステータスの出し方", &columns, &html! {
                @for portal in Portal::ALL {
                    tr {
                        td .subject { (portal_tag(*portal)) }
                        td { (procedures(*portal)) }
                        td .wrap { (of_portal(*portal)) }
                    }
                }
            }))
        }
        section .card {
            h2 { "結果が決まる車台番号" }
            p { "末尾が次の車台番号は、台帳に関係なく結果が決まります。例：" code { "ABC-TEST-02" } "。補正や再申請のあとは、通常どおり進みます。" }
            (table("結果が決まる車台番号", &[Column::new("末尾"), Column::new("結果")], &html! {
                @for magic in magic::TABLE { tr { td .subject { code { (magic.ending) } } td .wrap { (magic.description) } } }
            }))
        }
        section .card {
            h2 { "試験用のカード番号" }
            (numbers())
        }
    }
}

fn procedures(portal: Portal) -> String {
    let with = procedure::ALL.iter().filter(|procedure| procedure.portal_statuses.contains(&portal));
    with.map(|procedure| procedure.label).collect::<Vec<_>>().join("、")
}

/// The ending of a chassis number that makes this happen.
fn ending(outcome: Outcome) -> &'static str {
    magic::TABLE.iter().find(|magic| magic.outcome == outcome).map_or("", |magic| magic.ending)
}

fn of_request(status: Status) -> String {
    match status {
        Status::Draft => {
            "依頼人の担当者が「依頼データ初期登録」で確定します。受付前の「依頼取消」、代理人の「差戻し」でも戻ります。"
                .to_owned()
        }
        Status::Sent => "依頼人の担当者（送信可）が「依頼データ更新」で「送信」にチェックして確定します。".to_owned(),
        Status::Accepted => "代理人の担当者が、受付前の依頼データで「受付」を押します。".to_owned(),
        Status::Filed => "代理人の担当者が、受付済の依頼データで「申請」を押します。".to_owned(),
        Status::CorrectionRequested => format!(
            "車台番号の末尾を {} か {} にして申請し、手数料を納付します。模擬環境の審査で職員が「{}」や「補正を求める」を押しても出ます。",
            ending(Outcome::ConformityMissing),
            ending(Outcome::InsuranceShort),
            decision(Outcome::ConformityMissing),
        ),
        Status::Suspended => {
            "申請中に代理人が「中断予約」を押します。納付待ちなど、審査窓口が次の段階に移るところで中断中になります。"
                .to_owned()
        }
        Status::Resuming => format!(
            "模擬環境の「環境設定」で「進み方」を「手動」にし、中断中の申請で代理人が「再開」を押します。継続検査だけのステータスで、職員が「{}」を押すまで続きます。",
            "再開する"
        ),
        Status::Withdrawing => format!("代理人が「取下」を押します。{HOLD}"),
        Status::Completed => {
            format!("末尾が {} の車台番号で申請し、すべての手数料と税を納付します。", ending(Outcome::Approve))
        }
        Status::Failed => {
            "OSSステータスが「却下」「無効」「未受付」「取下」のどれかになると、エラーになります。".to_owned()
        }
    }
}

fn of_portal(portal: Portal) -> String {
    match portal {
        Portal::Processing => format!("「申請」の直後です。末尾が {} の車台番号では、ポータルが応答するまで続きます。", ending(Outcome::PortalDown)),
        Portal::Received => format!("申請がポータルに届いた直後です。末尾が {} の車台番号では、長くとどまります。", ending(Outcome::Slow)),
        Portal::ReceptionReview => format!("申請受付の次です。{HOLD}"),
        Portal::AwaitingInspectionFee => "受付審査が終わると出ます。キャッシュレス利用が「有」のときは出ません。".to_owned(),
        Portal::AwaitingInformationFee => "「登録車OSS納付」で検査登録手数料を納付すると出ます。".to_owned(),
        Portal::AwaitingFees => "申請受付の次に出ます。「軽OSS納付」で2つの手数料を一緒に納付します。".to_owned(),
        Portal::Review => format!("手数料を納付すると出ます。{HOLD}"),
        Portal::AwaitingWeightTax => "審査に合格すると出ます。キャッシュレス利用が「有」のときは出ません。".to_owned(),
        Portal::AwaitingRepayment => format!(
            "末尾が {} の車台番号で申請し、納付します。キャッシュレス利用では末尾 {} です。模擬環境の「ダイレクト納付」で口座の残高を0円にしてから納付しても出ます。",
            ending(Outcome::DebitRefused),
            ending(Outcome::CardDeclined),
        ),
        Portal::CorrectionRequested => format!(
            "末尾が {} か {} の車台番号で申請し、手数料を納付します。「車両台帳」で、放置違反金を未納にした車両、有効期間満了日を2か月と1週間ほど先にした車両（新しい有効期間が短縮されるため）、再交付した番号と異なる電子車検証管理番号を申請した軽自動車でも出ます。",
            ending(Outcome::ConformityMissing),
            ending(Outcome::InsuranceShort),
        ),
        Portal::Withdrawing => format!("代理人が「取下」を押します。{HOLD}"),
        Portal::Withdrawn => "代理人が「取下」を押し、取下の処理が終わると出ます。".to_owned(),
        Portal::NotAccepted => format!(
            "末尾が {} か {} の車台番号で申請します。受付審査で職員が「{}」を押しても出ます。",
            ending(Outcome::CommissionUnknown),
            ending(Outcome::AgentBarred),
            decision(Outcome::CommissionUnknown),
        ),
        Portal::Rejected => format!(
            "末尾が {} の車台番号で申請し、手数料を納付します。審査で職員が「{}」を押しても出ます。",
            ending(Outcome::UserMismatch),
            decision(Outcome::UserMismatch),
        ),
        Portal::Void => "手数料を納付しないまま、または補正をしないまま、模擬環境の「環境設定」で「時計を進める日数」に期限を過ぎる日数（手数料は40日、自動車重量税は400日）を入力します。".to_owned(),
        Portal::AwaitingIssue => format!(
            "自動車重量税を納付すると出ます。キャッシュレス利用が「有」のときは、審査に合格してカードで決済されると出ます。1分ほどで次へ進みます。末尾が {} の車台番号では、職員が「交付する」を押すまで続きます。",
            ending(Outcome::AtCounter),
        ),
        Portal::Issued => "交付待ちのあと、交付されると出ます。進み方が「手動」のときは、職員が「交付する」を押します。電子車検証更新区分が依頼人・代理人のときは、「記録事務代行アプリ」の「書換え」でも出ます。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workflow::ActionKind;
    use crate::web::kit::layout::Outside;

    /// Buttons and fields that no list names.
    const OTHERS: [&str; 9] = [
        "補正を求める",
        "依頼データ初期登録",
        "進み方",
        "手動",
        "時計を進める日数",
        "有",
        "書換え",
        "再開する",
        "交付する",
    ];

    #[test]
    fn every_way_names_things_that_are_there() {
        let statuses = Portal::ALL.iter().map(|status| status.label());
        let payments = procedure::ALL.iter().map(|procedure| procedure.payment_label);
        let actions = ActionKind::ALL.iter().map(|action| action.label());
        let decisions = magic::TABLE.iter().map(|magic| decision(magic.outcome)).filter(|label| !label.is_empty());
        let outside = Outside::ALL.into_iter().map(Outside::label);
        let known: Vec<&str> =
            actions.chain(statuses).chain(payments).chain(decisions).chain(outside).chain(OTHERS).collect();
        let ways = Status::ALL.iter().map(|status| of_request(*status));
        for way in ways.chain(Portal::ALL.iter().map(|portal| of_portal(*portal))) {
            for named in way.split('「').skip(1).filter_map(|rest| rest.split_once('」')).map(|(named, _)| named) {
                assert!(known.contains(&named), "{named} in: {way}");
            }
            assert!(!way.contains("末尾が  ") && way.ends_with('。'), "{way}");
        }
    }

    #[test]
    fn every_ending_has_a_place_in_the_tables() {
        let all: String = Status::ALL.iter().map(|status| of_request(*status)).collect();
        let all = Portal::ALL.iter().fold(all, |all, portal| all + &of_portal(*portal));
        for magic in magic::TABLE {
            assert!(all.contains(magic.ending), "{}", magic.ending);
        }
    }
}
