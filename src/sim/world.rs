//! What the outside world keeps: vehicles, certificates, insurance, accounts, cards, and the portal's own filings.
//! Stored in the world's own file; the node never reads it.

use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::money::Yen;
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::plate::Plate;
use crate::domain::procedure::VehicleKind;
use crate::domain::request::{Hold, PortalStatus};
use crate::domain::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// A vehicle in the register (車両台帳). Its key is the chassis number.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Vehicle {
    /// 車台番号.
    #[n(0)]
    pub chassis: String,
    /// 自動車登録番号.
    #[n(1)]
    pub plate: Plate,
    /// 使用者の氏名又は名称.
    #[n(2)]
    pub user_name: String,
    /// 使用者の住所, in one piece.
    #[n(3)]
    pub user_address: String,
    /// 有効期間満了日.
    #[n(4)]
    pub expires_on: Day,
    /// 車両重量 (for goods vehicles 車両総重量), in kg.
    #[n(5)]
    pub weight_kg: u32,
    /// What the weight tax is reckoned by.
    #[n(6)]
    pub class: VehicleClass,
    /// The first day of the month of 初度登録.
    #[n(7)]
    pub first_registered: Day,
    /// Whether the reduced tariff holds, or none.
    #[n(8)]
    pub tax: TaxCategory,
    /// 放置違反金 not paid.
    #[n(9)]
    pub unpaid_fine: bool,
    /// 公用車, whose fees an authority's power of attorney waives.
    #[n(10)]
    pub public: bool,
    /// Learned from an application, so that the next application may teach something else.
    #[n(11)]
    pub learned: bool,
    /// 電子車検証管理番号 of a reissued certificate.
    #[n(12)]
    pub reissued: Option<String>,
}

/// What the weight tax is reckoned by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum VehicleClass {
    /// 乗用自動車（自家用）.
    #[n(1)]
    Passenger,
    /// 貨物自動車（自家用）.
    #[n(2)]
    Cargo,
    /// 軽自動車（自家用）.
    #[n(3)]
    Light,
    /// 軽自動車（事業用）.
    #[n(4)]
    LightBusiness,
}

impl VehicleClass {
    /// Registered or light.
    pub fn kind(self) -> VehicleKind {
        match self {
            Self::Passenger | Self::Cargo => VehicleKind::Registered,
            Self::Light | Self::LightBusiness => VehicleKind::Light,
        }
    }
}

/// 自動車重量税の区分 that the register notes; the age is reckoned from the first registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum TaxCategory {
    /// 本則税率.
    #[n(1)]
    Reduced,
    /// 当分の間税率, by age.
    #[n(2)]
    Standard,
    /// 免税.
    #[n(3)]
    Exempt,
}

/// 電子保安基準適合証: one per chassis number, the latest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Conformity {
    /// 車台番号.
    #[n(0)]
    pub chassis: String,
    /// 自動車登録番号 as the garage typed it.
    #[n(1)]
    pub plate: Plate,
    /// 検査をした日. Valid 15 days, counting this one.
    #[n(2)]
    pub inspected_on: Day,
    /// State in the certificate service.
    #[n(3)]
    pub state: ConformityState,
    /// Somebody did something with it by hand: nobody else mends it until it has served.
    #[cbor(n(4), default)]
    pub by_hand: bool,
}

/// States of the certificate service (保適証サービス).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ConformityState {
    /// 作成中.
    #[n(1)]
    Draft,
    /// 作成済.
    #[n(2)]
    Registered,
    /// 報告済: an application uses it; it can't be withdrawn.
    #[n(3)]
    Reported,
    /// 申請完.
    #[n(4)]
    Finished,
    /// 却下.
    #[n(5)]
    Rejected,
    /// 削除.
    #[n(6)]
    Deleted,
}

impl ConformityState {
    /// The word of the service.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "作成中",
            Self::Registered => "作成済",
            Self::Reported => "報告済",
            Self::Finished => "申請完",
            Self::Rejected => "却下",
            Self::Deleted => "削除",
        }
    }
}

/// 自賠責: one contract. Begins and ends at noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Policy {
    /// 保険始期.
    #[n(0)]
    pub from: Day,
    /// 保険終期.
    #[n(1)]
    pub until: Day,
}

/// An account that fees are taken from: a garage's for ダイレクト納付, an agent's for 立替.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Account {
    /// How the payer names it in an order.
    #[n(0)]
    pub name: String,
    /// For which means of payment.
    #[n(1)]
    pub means: Means,
    /// What can still be taken, in yen.
    #[n(2)]
    pub balance: u64,
    /// What was taken so far, in yen.
    #[n(3)]
    pub taken: u64,
    /// 開通.
    #[n(4)]
    pub open: bool,
}

/// A card registered for one vehicle (お支払い情報登録).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Card {
    /// 車台番号.
    #[n(0)]
    pub chassis: String,
    /// Whether the issuer accepts charges.
    #[n(1)]
    pub accepts: bool,
    /// What was charged so far, in yen.
    #[n(2)]
    pub charged: u64,
}

/// Somebody entrusted with rewriting electronic certificates (記録等事務代行者).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Commissioned {
    /// 委託番号.
    #[n(0)]
    pub number: String,
    /// 名称.
    #[n(1)]
    pub name: String,
}

/// 書き換え可能のお知らせ to the holder of a commission number.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RewritingNotice {
    /// 委託番号.
    #[n(0)]
    pub commission: String,
    /// The filing.
    #[n(1)]
    pub filing: SubmissionNumber,
    /// 自動車登録番号.
    #[n(2)]
    pub plate: Plate,
    /// 車台番号.
    #[n(3)]
    pub chassis: String,
    /// The expiry to be written.
    #[n(4)]
    pub expires_on: Day,
    /// When the notice was given.
    #[n(5)]
    pub at: BusinessTime,
    /// When the certificate was rewritten.
    #[n(6)]
    pub rewritten: Option<Day>,
}

/// A filing as the portal holds it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PortalFiling {
    /// The number under which it came.
    #[n(0)]
    pub number: SubmissionNumber,
    /// 申請ID.
    #[n(1)]
    pub request: RequestId,
    /// When it came.
    #[n(2)]
    pub filed_at: BusinessTime,
    /// 受付番号.
    #[n(3)]
    pub receipt: Option<String>,
    /// 受付番号 of an earlier filing of the same request.
    #[n(4)]
    pub earlier: Option<String>,
    /// The document as sent last.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub document: Vec<u8>,
    /// Who signed it; none when the signature is wrong.
    #[n(6)]
    pub signer: Option<Signatory>,
    /// OSSステータス.
    #[n(7)]
    pub status: PortalStatus,
    /// Since when it has this status (or since when the account has been asked).
    #[n(8)]
    pub since: BusinessTime,
    /// When the portal turns to it next; none: it waits for somebody.
    #[n(9)]
    pub due: Option<BusinessTime>,
    /// Fees and taxes issued.
    #[n(10)]
    pub claims: Vec<Claim>,
    /// The conformity certificate was fetched.
    #[n(11)]
    pub conformity_obtained: bool,
    /// The insurance certificate was fetched.
    #[n(12)]
    pub insurance_obtained: bool,
    /// The last day for the correction that was asked.
    #[n(13)]
    pub correction_until: Option<Day>,
    /// How many corrections were answered.
    #[n(14)]
    pub corrections: u16,
    /// The garage was asked about the shortened term; an answer means that it agrees.
    #[n(15)]
    pub shortening_asked: bool,
    /// What the instructor wants to happen next.
    #[n(16)]
    pub outcome: Option<Outcome>,
    /// With manual review: the instructor let the next step happen.
    #[n(17)]
    pub released: bool,
    /// The new expiry, once decided.
    #[n(18)]
    pub expires_on: Option<Day>,
    /// Suspended, about to be, or about to go on.
    #[n(19)]
    pub hold: Option<Hold>,
}

impl PortalFiling {
    /// The claim for this fee, if issued.
    pub fn claim(&self, kind: PaymentKind) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.kind == kind)
    }

    /// The claim for this fee, to change.
    pub fn claim_mut(&mut self, kind: PaymentKind) -> Option<&mut Claim> {
        self.claims.iter_mut().find(|claim| claim.kind == kind)
    }
}

/// Who signed a document, as the certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Signatory {
    /// 屋号 (O).
    #[n(0)]
    pub trade_name: String,
    /// 氏名又は代表者名 (CN).
    #[n(1)]
    pub person_name: String,
    /// 住所.
    #[n(2)]
    pub address: String,
    /// The certificate is valid from …
    #[n(3)]
    pub valid_from: BusinessTime,
    /// … to.
    #[n(4)]
    pub valid_until: BusinessTime,
}

/// A fee or tax that the portal wants.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Claim {
    /// Which.
    #[n(0)]
    pub kind: PaymentKind,
    /// How much; fixed at issue.
    #[n(1)]
    pub amount: Yen,
    /// 納付期限日.
    #[n(2)]
    pub due: Day,
    /// Where it stands.
    #[n(3)]
    pub state: ClaimState,
    /// How often it was refused.
    #[n(4)]
    pub refusals: u16,
}

/// Where a claim stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ClaimState {
    /// Nobody has paid or ordered it.
    #[n(1)]
    Open,
    /// The account is being asked.
    #[n(2)]
    Ordered {
        /// How.
        #[n(0)]
        means: Means,
        /// From which account.
        #[n(1)]
        account: String,
    },
    /// Paid.
    #[n(3)]
    Paid {
        /// How.
        #[n(0)]
        means: Means,
        /// From which account or card.
        #[n(1)]
        account: String,
        /// When.
        #[n(2)]
        on: Day,
    },
    /// 免除.
    #[n(4)]
    Waived,
    /// Paid under this earlier 受付番号.
    #[n(5)]
    CarriedOver(#[n(0)] String),
}

impl ClaimState {
    /// Whether nothing more is to be paid.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Paid { .. } | Self::Waived | Self::CarriedOver(_))
    }
}

/// How quickly the office works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Speed {
    /// Each step after some seconds, day and night.
    #[default]
    #[n(1)]
    Instant,
    /// In office hours on working days.
    #[n(2)]
    Realistic,
    /// Reviews wait for the instructor.
    #[n(3)]
    Manual,
}

/// How the simulated world behaves.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Settings {
    /// How quickly the office works.
    #[n(0)]
    pub speed: Speed,
    /// Seconds per step, when not realistic.
    #[n(1)]
    pub step_seconds: u32,
    /// Unknown vehicles, accounts and cards are learned on first sight; and the garage of every vehicle by itself
    /// registers the conformity certificate, insures it for long enough, and mends what a correction asks — except a
    /// certificate that somebody has in hand.
    #[n(2)]
    pub learn: bool,
    /// Days for a correction, counting the day it is asked (no source gives today's number).
    #[n(3)]
    pub correction_days: u16,
    /// Seconds that the business clock was moved on.
    #[n(4)]
    #[cbor(default)]
    pub clock_ahead: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { speed: Speed::Instant, step_seconds: 0, learn: false, correction_days: 14, clock_ahead: 0 }
    }
}

/// What an instructor, or a magic chassis number, makes happen to a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// What the registers say.
    #[n(1)]
    ByRegister,
    /// Approved, whatever the registers say.
    #[n(2)]
    Approve,
    /// 検査補正要求: no conformity certificate.
    #[n(3)]
    ConformityMissing,
    /// 検査補正要求: the insurance is short.
    #[n(4)]
    InsuranceShort,
    /// 却下: the user differs.
    #[n(5)]
    UserMismatch,
    /// 未受付: the commission number is unknown.
    #[n(6)]
    CommissionUnknown,
    /// The first debit is refused.
    #[n(7)]
    DebitRefused,
    /// The first charge is declined.
    #[n(8)]
    CardDeclined,
    /// The portal does not answer the first few times.
    #[n(9)]
    PortalDown,
    /// Everything takes longer.
    #[n(10)]
    Slow,
    /// 未受付: the agent may not apply for this procedure.
    #[n(11)]
    AgentBarred,
    /// The new certificate waits at the counter until an official hands it out.
    #[n(12)]
    AtCounter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_filing_keeps_its_bytes() {
        let filing = PortalFiling {
            number: SubmissionNumber([7; 16]),
            request: RequestId(100_000_001),
            filed_at: BusinessTime::from_unix(1_800_000_000),
            receipt: None,
            earlier: None,
            document: vec![1],
            signer: None,
            status: PortalStatus::Processing,
            since: BusinessTime::from_unix(1_800_000_000),
            due: None,
            claims: vec![Claim {
                kind: PaymentKind::InspectionFee,
                amount: Yen(1_450),
                due: Day::from_number(20_261_220).unwrap(),
                state: ClaimState::Ordered { means: Means::DirectDebit, account: "1845678".to_owned() },
                refusals: 0,
            }],
            conformity_obtained: false,
            insurance_obtained: true,
            correction_until: None,
            corrections: 0,
            shortening_asked: false,
            outcome: Some(Outcome::Approve),
            released: false,
            expires_on: None,
            hold: None,
        };
        let bytes = minicbor::to_vec(&filing).unwrap();
        assert_eq!(minicbor::decode::<PortalFiling>(&bytes).unwrap(), filing);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        insta::assert_snapshot!(hex);
    }
}
