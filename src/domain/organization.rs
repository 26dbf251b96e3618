//! Client and agent organizations and their branches.

use super::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId};
use super::user::PasswordHash;
use minicbor::{Decode, Encode};

/// 依頼人組織: a garage company.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ClientOrganization {
    /// 依頼人組織ID.
    #[n(0)]
    pub id: ClientOrganizationId,
    /// 依頼人組織名, full-width, 1–40.
    #[n(1)]
    pub name: String,
    /// 依頼人組織名（略称）, full-width, 1–10.
    #[n(2)]
    pub short_name: String,
    /// 会員コード, the first half of 配布先識別番号.
    #[n(3)]
    pub member_code: String,
    /// The initial sign-in password of the 利用登録通知書, as a hash.
    #[n(4)]
    pub initial_password: Option<PasswordHash>,
    /// The initial API password of the 利用登録通知書, as a hash.
    #[n(5)]
    pub initial_api_password: Option<PasswordHash>,
    /// Direct-debit accounts by vehicle kind: whether the account for registered vehicles is open (開通).
    #[n(6)]
    pub registered_account_open: bool,
    /// Whether the account for light vehicles is open.
    #[n(7)]
    pub light_account_open: bool,
    /// False once suspended or left.
    #[n(8)]
    pub active: bool,
    /// Grows by one with every change.
    #[n(9)]
    pub version: u32,
}

/// 依頼人拠点: a workshop.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Branch {
    /// The node's own number.
    #[n(0)]
    pub id: BranchId,
    /// Whose workshop it is.
    #[n(1)]
    pub organization: ClientOrganizationId,
    /// 依頼人拠点コード, 1–7 half-width alphanumerics, unique in the organization, never changed.
    #[n(2)]
    pub code: String,
    /// 依頼人拠点名, full-width, 1–40.
    #[n(3)]
    pub name: String,
    /// 依頼人拠点名（略称）, full-width, 1–10; what selects and lists show.
    #[n(4)]
    pub short_name: String,
    /// 記録等事務代行者委託番号, exactly 10 half-width alphanumerics, if the branch holds one.
    #[n(5)]
    pub commission_number: Option<String>,
    /// The agent branch that the request form shows first.
    #[n(6)]
    pub default_agent: Option<AgentBranchId>,
    /// False once deleted; the row stays because requests name it.
    #[n(7)]
    pub active: bool,
    /// Grows by one with every change.
    #[n(8)]
    pub version: u32,
}

/// 代理人組織.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AgentOrganization {
    /// 代理人組織ID.
    #[n(0)]
    pub id: AgentOrganizationId,
    /// 代理人組織名.
    #[n(1)]
    pub name: String,
    /// 代理人組織名（略称）.
    #[n(2)]
    pub short_name: String,
    /// Procedure codes this agent may file (the 可否 flags).
    #[n(3)]
    pub procedures: Vec<u8>,
    /// The initial sign-in password of the 利用登録通知書, as a hash.
    #[n(4)]
    pub initial_password: Option<PasswordHash>,
    /// 代理人ステータス: whether OSS申請可能.
    #[n(5)]
    pub active: bool,
    /// Grows by one with every change.
    #[n(6)]
    pub version: u32,
}

/// 代理人拠点.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AgentBranch {
    /// The node's own number.
    #[n(0)]
    pub id: AgentBranchId,
    /// Whose branch it is.
    #[n(1)]
    pub organization: AgentOrganizationId,
    /// 代理人拠点ID, 1–10 half-width alphanumerics, unique on the node.
    #[n(2)]
    pub code: String,
    /// 代理人拠点名.
    #[n(3)]
    pub name: String,
    /// 代理人拠点名（略称）.
    #[n(4)]
    pub short_name: String,
    /// 記録等事務代行者委託番号 of the branch.
    #[n(5)]
    pub commission_number: Option<String>,
    /// False once deleted.
    #[n(6)]
    pub active: bool,
    /// Grows by one with every change.
    #[n(7)]
    pub version: u32,
}

/// 代理人証明書: what signs filings. The private key is sealed under the node key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AgentCertificate {
    /// Whose certificate it is.
    #[n(0)]
    pub organization: AgentOrganizationId,
    /// Number within the organization, from 1.
    #[n(1)]
    pub number: u32,
    /// 登録日時.
    #[n(2)]
    pub registered_at: super::time::BusinessTime,
    /// The certificate, DER (X.509).
    #[cbor(n(3), with = "minicbor::bytes")]
    pub certificate: Vec<u8>,
    /// The private key, PKCS#8 DER, sealed; AAD names this table and record.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub sealed_key: Vec<u8>,
    /// 屋号（漢字） as in the certificate (O).
    #[n(5)]
    pub trade_name: String,
    /// 氏名又は代表者名（漢字） as in the certificate (CN).
    #[n(6)]
    pub person_name: String,
    /// 住所 as in the certificate.
    #[n(7)]
    pub address: String,
    /// First day on which it may sign: 利用開始日.
    #[n(8)]
    pub usable_from: super::time::Day,
    /// 証明書有効期限.
    #[n(9)]
    pub valid_until: super::time::BusinessTime,
}

impl AgentCertificate {
    /// Where a sealed key belongs: table and record, part of what the seal vouches for.
    pub fn place(organization: AgentOrganizationId, number: u32) -> String {
        format!("agent_certificates/{organization}/{number}")
    }
}
