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
    /// 依頼先代理人: the agent branches that it may ask; none for all.
    #[n(10)]
    pub agents: Option<Vec<AgentBranchId>>,
    /// The agent branch that request forms show first, where a branch has none of its own.
    #[n(11)]
    pub default_agent: Option<AgentBranchId>,
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
    /// 依頼先代理人: of those that the organization may ask, the ones that this branch may ask; none for all of them.
    #[n(9)]
    pub agents: Option<Vec<AgentBranchId>>,
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
    /// Codes of the procedures this agent may file: the 可否 flags of [`PERMISSIONS`].
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

/// The 可否 flags in the order of 代理人組織照会, by procedure code. Codes are stored: they are never reused. Only some of
/// these procedures are part of this version.
pub const PERMISSIONS: [(u8, &str); 13] = [
    (11, "新車新規"),
    (12, "中古新規"),
    (13, "移転登録"),
    (14, "変更登録"),
    (15, "記載変更"),
    (16, "一時抹消"),
    (17, "永久抹消"),
    (18, "移転一時"),
    (19, "移転永久"),
    (20, "変更一時"),
    (1, "継続検査"),
    (21, "（軽）新車新規"),
    (2, "（軽）継続検査"),
];

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
    /// 管轄地域: 東京; empty for none.
    #[cbor(n(8), default)]
    pub region: String,
}
