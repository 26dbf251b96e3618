//! 次の対応: who has to do what now, in one sentence per state and reader. Pages show it; nothing decides by it.

use super::procedure::Procedure;
use super::request::{Filing, PortalStatus as Portal, ServiceRequest, Side, Status};
use super::time::Day;

/// Who has to do something, as seen by the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer {
    /// The reader's own side.
    You,
    /// The garage.
    Client,
    /// The agent.
    Agent,
    /// The portal or the office behind it.
    Portal,
    /// Nobody: it is done, or ended for good.
    Nobody,
}

impl Doer {
    /// How pages name them.
    pub fn label(self) -> &'static str {
        match self {
            Self::You => "あなた",
            Self::Client => Side::Client.label(),
            Self::Agent => Side::Agent.label(),
            Self::Portal => "審査窓口",
            Self::Nobody => "",
        }
    }
}

/// What has to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextStep {
    /// By whom.
    pub doer: Doer,
    /// A few words for a list.
    pub short: &'static str,
    /// A sentence for the page of the request.
    pub sentence: &'static str,
}

/// Who acts in a state, and the words for each side.
struct Words {
    /// None: nobody has to.
    actor: Option<Side>,
    /// For the garage: short, sentence.
    client: [&'static str; 2],
    /// For the agent: short, sentence.
    agent: [&'static str; 2],
}

/// The next step of a request in this state, as this side reads it (`Side::Portal` reads as a stranger).
pub fn next_step(status: Status, portal: Option<Portal>, returned: bool, reader: Side) -> NextStep {
    let words = words(status, portal, returned);
    let [short, sentence] = if reader == Side::Agent { words.agent } else { words.client };
    let doer = match words.actor {
        None => Doer::Nobody,
        Some(actor) if actor == reader => Doer::You,
        // Some states ask both sides; each reads its own part.
        Some(_) if asks_both(status, portal) && reader != Side::Portal => Doer::You,
        Some(Side::Client) => Doer::Client,
        Some(Side::Agent) => Doer::Agent,
        Some(Side::Portal) => Doer::Portal,
    };
    NextStep { doer, short, sentence }
}

/// States in which garage and agent both have something to do.
fn asks_both(status: Status, portal: Option<Portal>) -> bool {
    match status {
        Status::CorrectionRequested => true,
        Status::Filed => portal == Some(Portal::AwaitingRepayment),
        Status::Failed => matches!(portal, Some(Portal::Rejected | Portal::NotAccepted | Portal::Void)),
        _ => false,
    }
}

fn each(actor: Side, client: [&'static str; 2], agent: [&'static str; 2]) -> Words {
    Words { actor: Some(actor), client, agent }
}

fn same(actor: Side, words: [&'static str; 2]) -> Words {
    each(actor, words, words)
}

fn nobody(words: [&'static str; 2]) -> Words {
    Words { actor: None, client: words, agent: words }
}

fn words(status: Status, portal: Option<Portal>, returned: bool) -> Words {
    match status {
        Status::Draft if returned => each(
            Side::Client,
            ["訂正して再送信", "差戻しの理由を確認し、「依頼データ更新」で訂正して、もう一度送信してください。"],
            ["訂正・再送信待ち", "依頼人が訂正して、もう一度送信するのを待っています。"],
        ),
        Status::Draft => each(
            Side::Client,
            ["入力して送信", "「依頼データ更新」で必要な項目を入力し、「送信」にチェックを入れて確定してください。"],
            ["送信待ち", "依頼人の送信を待っています。"],
        ),
        Status::Sent => each(
            Side::Agent,
            ["受付待ち", "代理人の受付を待っています。"],
            ["受付", "依頼の内容を確認し、「受付」または「差戻し」をしてください。"],
        ),
        Status::Accepted => each(
            Side::Agent,
            ["申請待ち", "代理人の申請を待っています。"],
            ["申請", "内容を確認し、「申請」をしてください。"],
        ),
        Status::Filed => filed(portal),
        Status::CorrectionRequested => each(
            Side::Agent,
            [
                "保適証等を訂正",
                "代理人と補正の内容を確認し、必要な場合は電子保適証を引戻し・訂正・再登録してください。",
            ],
            ["補正に回答", "補正の内容を依頼人と確認し、「補正」から期限までに回答してください。"],
        ),
        Status::Suspended => each(
            Side::Agent,
            ["再開待ち", "手続は中断しています。代理人の再開を待っています。"],
            [
                "再開または取下",
                "手続は中断しています。再開または取下を行ってください。中断しても納付期限日は延びません。",
            ],
        ),
        Status::Resuming => same(Side::Portal, ["再開処理待ち", "再開の処理を待っています。"]),
        Status::Withdrawing => same(Side::Portal, ["取下処理待ち", "取下の処理を待っています。"]),
        Status::Completed => match portal {
            Some(Portal::Issued) => nobody(["―", "手続はすべて終わりました。"]),
            _ => each(
                Side::Client,
                [
                    "車検証の受取り",
                    "新しい車検証を受け取ってください。窓口では、代理人による申請であることを伝え、旧車検証を返納します。",
                ],
                ["車検証の受取り待ち", "依頼人による車検証の受取りを待っています。"],
            ),
        },
        Status::Failed => failed(portal),
    }
}

fn filed(portal: Option<Portal>) -> Words {
    match portal {
        Some(Portal::AwaitingInspectionFee) => each(
            Side::Agent,
            ["検査登録手数料の納付待ち", "代理人による検査登録手数料の納付を待っています。"],
            ["検査登録手数料を納付", "検査登録手数料を納付してください。"],
        ),
        Some(Portal::AwaitingInformationFee) => each(
            Side::Agent,
            ["技術情報管理手数料の納付待ち", "代理人による技術情報管理手数料の納付を待っています。"],
            ["技術情報管理手数料を納付", "技術情報管理手数料を納付してください。"],
        ),
        Some(Portal::AwaitingFees) => each(
            Side::Agent,
            ["検査手数料等の納付待ち", "代理人による検査手数料等の納付を待っています。"],
            ["検査手数料等を納付", "検査手数料等を納付してください。"],
        ),
        Some(Portal::AwaitingWeightTax) => each(
            Side::Agent,
            ["重量税の納付待ち", "代理人による自動車重量税の納付を待っています。"],
            ["重量税を納付", "自動車重量税を納付してください。"],
        ),
        Some(Portal::AwaitingRepayment) => each(
            Side::Agent,
            [
                "口座・カードを確認",
                "納付できませんでした。口座の残高またはカードの登録を確認し、代理人に連絡してください。",
            ],
            ["確認のうえ再納付", "納付できませんでした。依頼人に口座またはカードを確認し、もう一度納付してください。"],
        ),
        Some(Portal::Review) => same(Side::Portal, ["審査結果待ち", "審査を待っています。手続の必要はありません。"]),
        Some(Portal::CorrectionRequested) => same(
            Side::Portal,
            ["補正の確認待ち", "補正した内容がポータルで受け付けられるのを待っています。手続の必要はありません。"],
        ),
        _ => same(Side::Portal, ["受付審査待ち", "申請の受付を待っています。手続の必要はありません。"]),
    }
}

fn failed(portal: Option<Portal>) -> Words {
    match portal {
        Some(Portal::Rejected) => each(
            Side::Agent,
            [
                "保適証を再登録",
                "却下されました。電子保適証を引戻して再登録し、代理人と内容を確認してください。再申請は代理人が行います。",
            ],
            ["訂正して再申請", "却下されました。依頼人と内容を確認し、訂正して「再申請」を行ってください。"],
        ),
        Some(Portal::NotAccepted) => each(
            Side::Agent,
            [
                "訂正して再申請",
                "受け付けられませんでした。「再申請」から内容を訂正し、もう一度送信してください。代理人も再申請できます。",
            ],
            [
                "訂正して再申請",
                "受け付けられませんでした。内容を訂正し、「再申請」を行ってください。依頼人も再申請できます。",
            ],
        ),
        Some(Portal::Void) => {
            same(Side::Agent, ["再申請", "期限を過ぎたため無効になりました。続けるときは「再申請」を行ってください。"])
        }
        _ => nobody(["―", "取り下げられました。続けるときは「再申請」を行ってください。"]),
    }
}

/// The last day for the next step, when there is one: 補正期限, or 納付期限日 of what is awaited.
pub fn deadline(procedure: &Procedure, request: &ServiceRequest, filing: Option<&Filing>) -> Option<Day> {
    let filing = filing?;
    match (request.status, request.portal_status) {
        (Status::CorrectionRequested, _) => filing.correction.as_ref().map(|correction| correction.deadline),
        (Status::Filed | Status::Suspended | Status::Resuming, Some(Portal::AwaitingRepayment)) => filing
            .payments
            .iter()
            .filter(|payment| payment.status == super::payment::PaymentStatus::Refused)
            .map(|payment| payment.due)
            .min(),
        (Status::Filed | Status::Suspended | Status::Resuming, Some(portal)) => procedure
            .payments
            .iter()
            .filter(|rule| rule.awaited_in == portal)
            .filter_map(|rule| filing.payment(rule.kind))
            .map(|payment| payment.due)
            .min(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state has words, and never are both sides told that the other one acts.
    #[test]
    fn somebody_acts_in_every_state() {
        for &status in Status::ALL {
            for portal in Portal::ALL.iter().copied().map(Some).chain([None]) {
                for returned in [false, true] {
                    let client = next_step(status, portal, returned, Side::Client);
                    let agent = next_step(status, portal, returned, Side::Agent);
                    assert!(!client.sentence.is_empty() && !agent.short.is_empty());
                    match client.doer {
                        Doer::Agent => assert_eq!(agent.doer, Doer::You, "{status:?} {portal:?}"),
                        Doer::Portal | Doer::Nobody => assert_eq!(agent.doer, client.doer, "{status:?} {portal:?}"),
                        Doer::You => assert!(matches!(agent.doer, Doer::Client | Doer::You), "{status:?} {portal:?}"),
                        Doer::Client => panic!("the garage is told about itself: {status:?} {portal:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn the_garage_is_told_what_is_its_own() {
        let step = next_step(Status::Completed, Some(Portal::AwaitingIssue), false, Side::Client);
        assert_eq!((step.doer, step.short), (Doer::You, "車検証の受取り"));
        let step = next_step(Status::Completed, Some(Portal::Issued), false, Side::Client);
        assert_eq!(step.doer, Doer::Nobody);
        let step = next_step(Status::Filed, Some(Portal::AwaitingWeightTax), false, Side::Client);
        assert_eq!(step.doer, Doer::Agent);
    }
}
