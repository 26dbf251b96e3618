//! Fees and taxes of a filing (rows of 納付情報).

use super::ids::{SubmissionNumber, UserId};
use super::money::Yen;
use super::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// 手数料・税種別.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PaymentKind {
    /// 検査登録手数料 (light: 検査手数料).
    #[n(1)]
    InspectionFee,
    /// 技術情報管理手数料.
    #[n(2)]
    InformationFee,
    /// 自動車重量税.
    #[n(3)]
    WeightTax,
}

impl PaymentKind {
    /// The stored number, which never changes.
    pub fn code(self) -> u8 {
        match self {
            Self::InspectionFee => 1,
            Self::InformationFee => 2,
            Self::WeightTax => 3,
        }
    }

    /// From the stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::InspectionFee, Self::InformationFee, Self::WeightTax].into_iter().find(|kind| kind.code() == code)
    }
}

/// 納付状況.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PaymentStatus {
    /// 未納付: issued, nobody has ordered the payment.
    #[n(1)]
    Unpaid,
    /// 納付待ち: ordered, the bank has not answered.
    #[n(2)]
    Ordered,
    /// 納付済.
    #[n(3)]
    Paid,
    /// 免除.
    #[n(4)]
    Waived,
    /// 不可: refused by the account.
    #[n(5)]
    Refused,
}

impl PaymentStatus {
    /// The label in 納付情報.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unpaid => "未納付",
            Self::Ordered => "納付待ち",
            Self::Paid => "納付済",
            Self::Waived => "免除",
            Self::Refused => "不可",
        }
    }
}

/// How a fee is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Means {
    /// ダイレクト納付 from the garage's account.
    #[n(1)]
    DirectDebit,
    /// 立替: the agent pays first and claims later.
    #[n(2)]
    Advance,
    /// キャッシュレス利用.
    #[n(3)]
    Card,
}

impl Means {
    /// The label on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::DirectDebit => "ダイレクト納付",
            Self::Advance => "立替",
            Self::Card => "キャッシュレス（カード）",
        }
    }
}

/// One fee or tax of one filing. The amount is fixed when the portal issues it and never looked up again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Payment {
    /// Which.
    #[n(0)]
    pub kind: PaymentKind,
    /// How much.
    #[n(1)]
    pub amount: Yen,
    /// The amount rests on an inference of ours (推定).
    #[n(2)]
    pub inferred: bool,
    /// The tariff had ended on the day of issue (見込).
    #[n(3)]
    pub expected: bool,
    /// Where the amount comes from: the tariff row.
    #[n(4)]
    pub source: String,
    /// 納付状況.
    #[n(5)]
    pub status: PaymentStatus,
    /// When the portal issued it.
    #[n(6)]
    pub issued_at: BusinessTime,
    /// 納付期限日.
    #[n(7)]
    pub due: Day,
    /// 納付完了日.
    #[n(8)]
    pub paid_on: Option<Day>,
    /// How it is paid.
    #[n(9)]
    pub means: Means,
    /// The payer's account, as the bank names it.
    #[n(10)]
    pub payer_account: Option<String>,
    /// 立替日.
    #[n(11)]
    pub advance_on: Option<Day>,
    /// The month in which the advance is claimed, `yyyymm`.
    #[n(12)]
    pub claimed_period: Option<u32>,
    /// The number under which the payment was ordered.
    #[n(13)]
    pub submission: Option<SubmissionNumber>,
    /// Who ordered it.
    #[n(14)]
    pub ordered_by: Option<UserId>,
    /// Why the account refused it.
    #[n(15)]
    pub refusal: Option<String>,
}
