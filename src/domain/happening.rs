//! What happens at the portal, as both a simulator and a person report it. Status only ever changes by these events.

use super::correction::Matter;
use super::ids::SubmissionNumber;
use super::money::Yen;
use super::payment::{Means, PaymentKind};
use super::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// Something that happened at the portal to one filing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Event {
    /// Ascending, without gaps, per portal.
    #[n(0)]
    pub number: u64,
    /// The filing.
    #[n(1)]
    pub filing: SubmissionNumber,
    /// When, by the business clock.
    #[n(2)]
    pub at: BusinessTime,
    /// What.
    #[n(3)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Happening {
    /// 申請受付: the portal gave a 受付番号.
    #[n(1)]
    Received {
        /// 19 digits.
        #[n(0)]
        receipt: String,
    },
    /// 受付審査 began.
    #[n(2)]
    ReceptionReviewStarted,
    /// 未受付, before any fee.
    #[n(3)]
    NotAccepted {
        /// A sentence each.
        #[n(0)]
        reasons: Vec<String>,
    },
    /// The portal fetched the conformity certificate.
    #[n(4)]
    ConformityObtained,
    /// The portal fetched the insurance certificate.
    #[n(5)]
    InsuranceObtained,
    /// A fee or tax was issued and waits to be paid; the amount is fixed from here on.
    #[n(6)]
    PaymentIssued {
        /// Which.
        #[n(0)]
        kind: PaymentKind,
        /// How much.
        #[n(1)]
        amount: Yen,
        /// 納付期限日.
        #[n(2)]
        due: Day,
        /// The tariff row.
        #[n(3)]
        source: String,
        /// 推定.
        #[n(4)]
        inferred: bool,
        /// 見込: the tariff had ended.
        #[n(5)]
        expected: bool,
        /// 免除: nothing is to be paid.
        #[n(6)]
        waived: bool,
        /// Paid under this earlier 受付番号 already.
        #[n(7)]
        carried_over: Option<String>,
    },
    /// Paid.
    #[n(7)]
    Paid {
        /// Which.
        #[n(0)]
        kind: PaymentKind,
        /// 納付完了日.
        #[n(1)]
        on: Day,
        /// How.
        #[n(2)]
        means: Means,
        /// From which account or card.
        #[n(3)]
        account: String,
    },
    /// The account or card refused: 再納付待ち.
    #[n(8)]
    PaymentRefused {
        /// Which.
        #[n(0)]
        kind: PaymentKind,
        /// A sentence.
        #[n(1)]
        reason: String,
    },
    /// 検査審査 began (again, after a correction).
    #[n(9)]
    ReviewStarted,
    /// 検査補正要求.
    #[n(10)]
    CorrectionRequested {
        /// A sentence each.
        #[n(0)]
        reasons: Vec<String>,
        /// 補正期限.
        #[n(1)]
        deadline: Day,
        /// What the portal named; empty when it named nothing in particular.
        #[cbor(n(2), default)]
        named: Vec<Matter>,
    },
    /// 却下.
    #[n(11)]
    Rejected {
        /// A sentence each.
        #[n(0)]
        reasons: Vec<String>,
    },
    /// 無効: a deadline passed.
    #[n(12)]
    Voided {
        /// A sentence each.
        #[n(0)]
        reasons: Vec<String>,
    },
    /// The review ended well and everything is paid: 交付待ち.
    #[n(13)]
    Completed {
        /// 登録完了日.
        #[n(0)]
        completed_on: Day,
        /// 交付準備完了日.
        #[n(1)]
        ready_on: Day,
        /// The new 有効期間満了日.
        #[n(2)]
        expires_on: Day,
        /// Who may rewrite the electronic certificate, when not the office.
        #[n(3)]
        commission: Option<Commission>,
        /// What 認証用二次元コード says, where the office hands out against one.
        #[n(4)]
        counter_code: Option<String>,
    },
    /// 交付完了.
    #[n(14)]
    Issued {
        /// The day.
        #[n(0)]
        on: Day,
    },
    /// 中断: the portal does nothing more until it is asked to go on. Deadlines run on.
    #[n(15)]
    Suspended,
    /// The portal goes on where it was suspended.
    #[n(16)]
    Resumed,
    /// 取下中: the withdrawal was asked for.
    #[n(17)]
    Withdrawing,
    /// 取下.
    #[n(18)]
    Withdrawn,
}

/// 記録等事務代行 as the office found it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Commission {
    /// 記録等事務代行委託番号.
    #[n(0)]
    pub number: String,
    /// 記録等事務代行名称.
    #[n(1)]
    pub name: String,
    /// 記録等事務代行交付可能判定結果.
    #[n(2)]
    pub result: String,
}
