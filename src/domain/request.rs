//! The request: what a garage writes, an agent files, and both follow. One record, one 申請ID.

use super::chassis::ChassisNumber;
use super::correction::Correction;
use super::ids::{
    AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId, SubmissionNumber, UserId,
};
use super::payment::{Payment, PaymentKind};
use super::plate::Plate;
use super::procedure::{self, Procedure};
use super::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = $label] #[n($code)] $variant,)*
        }

        impl $name {
            /// All, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored number, which never changes.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// From the stored number.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The label of every page.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

coded! {
    /// 申請ステータス.
    Status {
        Draft = 1 "依頼前",
        Sent = 2 "受付前",
        Accepted = 3 "受付済",
        Filed = 4 "申請中",
        CorrectionRequested = 5 "補正要求",
        Suspended = 6 "中断中",
        Resuming = 7 "再開中",
        Withdrawing = 8 "取下中",
        Completed = 9 "手続完了",
        Failed = 10 "エラー",
    }
}

impl Status {
    /// 依頼データ (before the filing) or 申請データ (from it on).
    pub fn is_request(self) -> bool {
        matches!(self, Self::Draft | Self::Sent | Self::Accepted)
    }
}

coded! {
    /// OSSステータス.
    PortalStatus {
        Processing = 1 "申請受付処理中",
        Received = 2 "申請受付",
        ReceptionReview = 3 "受付審査中",
        AwaitingInspectionFee = 4 "検査登録手数料納付待ち",
        AwaitingInformationFee = 5 "技術情報管理手数料納付待ち",
        AwaitingFees = 6 "検査手数料等納付待ち",
        Review = 7 "検査審査中",
        AwaitingWeightTax = 8 "重量税納付待ち",
        AwaitingRepayment = 9 "再納付待ち",
        CorrectionRequested = 10 "検査補正要求",
        Withdrawing = 11 "取下中",
        Withdrawn = 12 "取下",
        NotAccepted = 13 "未受付",
        Rejected = 14 "却下",
        Void = 15 "無効",
        AwaitingIssue = 16 "交付待ち",
        Issued = 17 "交付完了",
    }
}

coded! {
    /// What holds a filing beside its OSSステータス: the portal has no status of its own for a suspension.
    Hold {
        Reserved = 1 "予約中",
        Suspended = 2 "中断中",
        Resuming = 3 "再開中",
        Withdrawing = 4 "取下中",
    }
}

coded! {
    /// What an agent asks of the portal about a filing under way.
    Ask {
        Suspend = 1 "中断予約",
        CancelSuspension = 2 "中断予約取消",
        Resume = 3 "再開",
        Withdraw = 4 "取下",
    }
}

impl Ask {
    /// What holds the filing once this was asked.
    pub const fn hold(self) -> Option<Hold> {
        match self {
            Self::Suspend => Some(Hold::Reserved),
            Self::CancelSuspension => None,
            Self::Resume => Some(Hold::Resuming),
            Self::Withdraw => Some(Hold::Withdrawing),
        }
    }
}

coded! {
    /// 申請種別.
    FilingKind {
        First = 1 "初回",
        Again = 2 "再申請",
    }
}

/// The value of a field or fact.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Value {
    /// Text as typed, after the width rule.
    #[n(1)]
    Text(#[n(0)] String),
    /// The code of a choice.
    #[n(2)]
    Choice(#[n(0)] u8),
    /// A check box.
    #[n(3)]
    Flag(#[n(0)] bool),
    /// A civil day.
    #[n(4)]
    Day(#[n(0)] Day),
    /// A moment.
    #[n(5)]
    Moment(#[n(0)] BusinessTime),
}

/// Values by field number.
pub type Values = BTreeMap<u16, Value>;

/// Who changed something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Stamp {
    /// The user.
    #[n(0)]
    pub user: UserId,
    /// ユーザー名 at that time.
    #[n(1)]
    pub name: String,
    /// When.
    #[n(2)]
    pub at: BusinessTime,
}

/// 差戻し: a fact, kept until the request is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Returned {
    /// Who, and when.
    #[n(0)]
    pub by: Stamp,
    /// What the agent wrote.
    #[n(1)]
    pub reason: String,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Origin {
    /// Typed in the client application.
    #[n(1)]
    Screen,
    /// Sent by linked software under this key.
    #[n(2)]
    ApiKey(#[n(0)] String),
    /// Typed by the agent for the garage (代行入力).
    #[n(3)]
    Agent,
    /// A row of 依頼データ一括登録.
    #[n(4)]
    Import,
    /// 申請データ再利用, by either side.
    #[n(5)]
    Reuse,
}

impl Origin {
    /// What lists say under 登録方法.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Screen => "依頼人の入力",
            Self::ApiKey(_) => "システム連携",
            Self::Agent => "代行入力",
            Self::Import => "一括登録",
            Self::Reuse => "再利用",
        }
    }
}

/// The head of a request; its procedure's fields are in `fields`, its filings apart.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ServiceRequest {
    /// 申請ID.
    #[n(0)]
    pub id: RequestId,
    /// The code of the procedure.
    #[n(1)]
    pub procedure: u8,
    /// 依頼人.
    #[n(2)]
    pub client: ClientOrganizationId,
    /// 拠点.
    #[n(3)]
    pub branch: BranchId,
    /// 代理人.
    #[n(4)]
    pub agent: AgentOrganizationId,
    /// 代理人拠点.
    #[n(5)]
    pub agent_branch: AgentBranchId,
    /// 自動車登録番号.
    #[n(6)]
    pub plate: Option<Plate>,
    /// 車台番号 and 職権打刻フラグ.
    #[n(7)]
    pub chassis: Option<ChassisNumber>,
    /// 申請ステータス.
    #[n(8)]
    pub status: Status,
    /// OSSステータス of the last filing.
    #[n(9)]
    pub portal_status: Option<PortalStatus>,
    /// Grows by one with every change; an edit names the version it was made from.
    #[n(10)]
    pub version: u32,
    /// 申請種別.
    #[n(11)]
    pub kind: FilingKind,
    /// First saved.
    #[n(12)]
    pub created_at: BusinessTime,
    /// 依頼日時: when it was last sent to the agent.
    #[n(13)]
    pub requested_at: Option<BusinessTime>,
    /// When the agent accepted it.
    #[n(14)]
    pub accepted_at: Option<BusinessTime>,
    /// 申請日時: when it was last filed.
    #[n(15)]
    pub filed_at: Option<BusinessTime>,
    /// 登録完了日.
    #[n(16)]
    pub completed_on: Option<Day>,
    /// 依頼人更新者, 依頼人更新日時.
    #[n(17)]
    pub client_updated: Option<Stamp>,
    /// 代理人更新日時 (and who).
    #[n(18)]
    pub agent_updated: Option<Stamp>,
    /// 差戻し, until sent again.
    #[n(19)]
    pub returned: Option<Returned>,
    /// 申請先: the number of an office in the reference table.
    #[n(20)]
    pub office: Option<u16>,
    /// Where it came from.
    #[n(21)]
    pub origin: Origin,
    /// 管理番号 of linked software.
    #[n(22)]
    pub management_number: Option<u64>,
    /// Free text of linked software.
    #[n(23)]
    pub external_reference: Option<String>,
    /// Values of the procedure's fields.
    #[n(24)]
    pub fields: Values,
    /// How many filings there are; the last one's attempt number.
    #[n(25)]
    pub filings: u16,
    /// How many history rows there are.
    #[n(26)]
    pub history: u32,
    /// 中断予約, 中断, 再開 or 取下 of the last filing.
    #[n(27)]
    pub hold: Option<Hold>,
}

impl ServiceRequest {
    /// A new one of a garage's workshop to an agent's branch: 依頼前, without vehicle and values.
    pub fn draft(
        id: RequestId,
        procedure: u8,
        (client, branch): (ClientOrganizationId, BranchId),
        (agent, agent_branch): (AgentOrganizationId, AgentBranchId),
        created_at: BusinessTime,
    ) -> Self {
        Self {
            id,
            procedure,
            client,
            branch,
            agent,
            agent_branch,
            plate: None,
            chassis: None,
            status: Status::Draft,
            portal_status: None,
            version: 1,
            kind: FilingKind::First,
            created_at,
            requested_at: None,
            accepted_at: None,
            filed_at: None,
            completed_on: None,
            client_updated: None,
            agent_updated: None,
            returned: None,
            office: None,
            origin: Origin::Screen,
            management_number: None,
            external_reference: None,
            fields: Values::new(),
            filings: 0,
            history: 0,
            hold: None,
        }
    }

    /// Its procedure.
    pub fn procedure(&self) -> &'static Procedure {
        // A stored code always has a procedure: codes are append-only and `ainas check` proves it.
        procedure::by_code(self.procedure).unwrap_or(&procedure::inspection::PROCEDURE)
    }

    /// Text of a field, empty when it has none.
    pub fn text(&self, no: u16) -> &str {
        match self.fields.get(&no) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A check box.
    pub fn flag(&self, no: u16) -> bool {
        matches!(self.fields.get(&no), Some(Value::Flag(true)))
    }

    /// The code of a choice.
    pub fn choice(&self, no: u16) -> Option<u8> {
        match self.fields.get(&no) {
            Some(Value::Choice(code)) => Some(*code),
            _ => None,
        }
    }

    /// A day.
    pub fn day(&self, no: u16) -> Option<Day> {
        match self.fields.get(&no) {
            Some(Value::Day(day)) => Some(*day),
            _ => None,
        }
    }
}

/// One filing with the portal. A re-application adds another; payments belong to the filing that paid them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Filing {
    /// Of which request.
    #[n(0)]
    pub request: RequestId,
    /// From 1.
    #[n(1)]
    pub attempt: u16,
    /// Fixed before the first send.
    #[n(2)]
    pub submission: SubmissionNumber,
    /// 受付番号, once the portal has given one (19 digits).
    #[n(3)]
    pub receipt: Option<String>,
    /// The application document, UTF-8 XML, as sent.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub document: Vec<u8>,
    /// CMS SignedData, detached, over the document.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
    /// 申請日時.
    #[n(6)]
    pub filed_at: BusinessTime,
    /// Who filed it.
    #[n(7)]
    pub filed_by: Stamp,
    /// OSSステータス.
    #[n(8)]
    pub portal_status: PortalStatus,
    /// 状況照会, by fact number.
    #[n(9)]
    pub facts: Values,
    /// 納付情報.
    #[n(10)]
    pub payments: Vec<Payment>,
    /// What the portal wants corrected.
    #[n(11)]
    pub correction: Option<Correction>,
    /// Why it ended without completion.
    #[n(12)]
    pub failure: Vec<String>,
    /// The number of the last portal event that was applied.
    #[n(13)]
    pub last_event: u64,
    /// When the portal acknowledged the filing.
    #[n(14)]
    pub delivered_at: Option<BusinessTime>,
    /// The number of the last answered correction, fixed before its first send.
    #[n(15)]
    pub correction_submission: Option<SubmissionNumber>,
}

impl Filing {
    /// The row of this fee, if issued.
    pub fn payment(&self, kind: PaymentKind) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.kind == kind)
    }

    /// The row of this fee, to change.
    pub fn payment_mut(&mut self, kind: PaymentKind) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| payment.kind == kind)
    }
}

/// Which side did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Side {
    /// 依頼人.
    #[n(1)]
    Client,
    /// 代理人.
    #[n(2)]
    Agent,
    /// OSSポータル.
    #[n(3)]
    Portal,
}

impl Side {
    /// The label in the history.
    pub fn label(self) -> &'static str {
        match self {
            Self::Client => "依頼人",
            Self::Agent => "代理人",
            Self::Portal => "OSSポータル",
        }
    }
}

/// A line of the history: who did what, from where to where, and why.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HistoryEntry {
    /// When.
    #[n(0)]
    pub at: BusinessTime,
    /// Which side.
    #[n(1)]
    pub side: Side,
    /// ユーザー名; none for the portal.
    #[n(2)]
    pub name: Option<String>,
    /// The user; none for the portal.
    #[n(3)]
    pub user: Option<UserId>,
    /// What happened, in Japanese: 送信, 受付, 申請, 検査登録手数料 納付済 …
    #[n(4)]
    pub what: String,
    /// 申請ステータス before and after, when it changed.
    #[n(5)]
    pub from: Option<Status>,
    /// 申請ステータス afterwards.
    #[n(6)]
    pub to: Option<Status>,
    /// OSSステータス afterwards, when it changed.
    #[n(7)]
    pub portal: Option<PortalStatus>,
    /// Reason or message.
    #[n(8)]
    pub detail: Option<String>,
    /// Numbers of fields that were changed.
    #[n(9)]
    pub fields: Vec<u16>,
}
