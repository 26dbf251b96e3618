//! The government's portal as the node sees it: two calls. Commands go in under a submission number; everything that
//! happens comes back as events. Status only ever changes by events, whether a simulator or a person reports them.

use crate::domain::chassis::ChassisNumber;
pub use crate::domain::happening::{Commission, Event, Happening};
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::plate::Plate;
use crate::domain::request::Ask;
use crate::domain::time::BusinessTime;
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
    /// 中断予約, its cancellation, 再開 or 取下.
    #[n(4)]
    Ask {
        /// The filing.
        #[n(0)]
        filing: SubmissionNumber,
        /// What is asked.
        #[n(1)]
        ask: Ask,
    },
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
