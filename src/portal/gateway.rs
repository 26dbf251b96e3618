//! The government's portal as the node sees it: two calls. Commands go in under a submission number; everything that
//! happens comes back as events. Status only ever changes by events, whether a simulator or a person reports them.

use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::plate::Plate;
use crate::domain::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// What the node asks of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Command {
    /// 申請: a signed application document.
    #[n(1)]
    File {
        /// For people who compare; the portal's own key is the submission number.
        #[n(0)]
        request: RequestId,
        /// UTF-8 XML.
        #[cbor(n(1), with = "minicbor::bytes")]
        document: Vec<u8>,
        /// CMS SignedData, detached.
        #[cbor(n(2), with = "minicbor::bytes")]
        signature: Vec<u8>,
        /// 受付番号 of an earlier filing whose paid fees are carried over.
        #[n(3)]
        earlier: Option<String>,
    },
    /// 納付 of one fee of a filing.
    #[n(2)]
    Pay {
        /// The filing.
        #[n(0)]
        filing: SubmissionNumber,
        /// Which fee.
        #[n(1)]
        kind: PaymentKind,
        /// How.
        #[n(2)]
        means: Means,
        /// The payer: the garage's account for direct debit, the agent's for an advance.
        #[n(3)]
        account: String,
    },
    /// 補正 answered: the garage or the agent has mended what was asked.
    #[n(3)]
    Correct {
        /// The filing.
        #[n(0)]
        filing: SubmissionNumber,
        /// The application document as it stands now.
        #[cbor(n(1), with = "minicbor::bytes")]
        document: Vec<u8>,
        /// CMS SignedData, detached.
        #[cbor(n(2), with = "minicbor::bytes")]
        signature: Vec<u8>,
    },
}

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
    },
    /// 交付完了.
    #[n(14)]
    Issued {
        /// The day.
        #[n(0)]
        on: Day,
    },
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

/// What the application document says. The agent's side writes it as XML, the portal reads it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDocument {
    /// 申請ID.
    pub request: RequestId,
    /// The procedure's code.
    pub procedure: u8,
    /// 申請先, as the office is named.
    pub office: String,
    /// 自動車登録番号.
    pub plate: Plate,
    /// 車台番号.
    pub chassis: ChassisNumber,
    /// Values by field key, as the portal knows them.
    pub fields: Vec<(String, String)>,
    /// 代理人: 屋号, 氏名, 住所 as registered with the certificate.
    pub agent: Vec<(String, String)>,
    /// 配布先識別番号: 会員コード-依頼人拠点コード.
    pub distribution: String,
}

/// Why a call did not get through. The caller tries again later under the same number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No answer: the command may or may not have arrived.
    #[error("the portal did not answer")]
    Unavailable,
    /// The portal knows no such filing, or the command makes no sense for it. Trying again won't help.
    #[error("the portal refused the command: {0}")]
    Refused(String),
}

/// A portal. Called by jobs only, from a blocking thread, never inside a transaction.
pub trait Gateway: Send + Sync {
    /// Hands over a command. The same number twice is the same act.
    ///
    /// # Errors
    /// See [`GatewayError`].
    fn submit(&self, command: &Command, number: SubmissionNumber, now: BusinessTime) -> Result<(), GatewayError>;

    /// Events after this number, in order, at most `limit`.
    ///
    /// # Errors
    /// See [`GatewayError`].
    fn events(&self, after: u64, limit: usize) -> Result<Vec<Event>, GatewayError>;
}
