//! What the administrators of a garage change and others have to know of: the operator, and the agent (inspection
//! manual J496, J638: branches that are added or removed have to be reported).

use super::ids::{BranchId, ClientOrganizationId, UserId};
use super::time::BusinessTime;
use minicbor::{Decode, Encode};

/// One report. Names stand as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Report {
    /// When.
    #[n(0)]
    pub at: BusinessTime,
    /// Whose.
    #[n(1)]
    pub organization: ClientOrganizationId,
    /// Who did it.
    #[n(2)]
    pub by: UserId,
    /// ユーザー名 then.
    #[n(3)]
    pub by_name: String,
    /// What.
    #[n(4)]
    pub what: Reported,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Reported {
    /// A branch was added.
    #[n(1)]
    BranchAdded(#[n(0)] BranchThen),
    /// A branch was changed.
    #[n(2)]
    BranchChanged(#[n(0)] BranchThen, #[n(1)] Vec<BranchPart>),
    /// A branch was removed.
    #[n(3)]
    BranchRemoved(#[n(0)] BranchThen),
}

/// A branch as it was.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct BranchThen {
    /// The branch.
    #[n(0)]
    pub id: BranchId,
    /// 依頼人拠点コード.
    #[n(1)]
    pub code: String,
    /// 依頼人拠点名.
    #[n(2)]
    pub name: String,
}

/// What of a branch can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum BranchPart {
    /// 依頼人拠点名.
    #[n(1)]
    Name,
    /// 依頼人拠点名（略称）.
    #[n(2)]
    ShortName,
    /// 記録等事務代行者委託番号.
    #[n(3)]
    CommissionNumber,
}

impl BranchPart {
    /// The field's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "依頼人拠点名",
            Self::ShortName => "依頼人拠点名（略称）",
            Self::CommissionNumber => "記録等事務代行者委託番号",
        }
    }

    /// The field's name in the audit.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ShortName => "short_name",
            Self::CommissionNumber => "commission_number",
        }
    }
}

impl Reported {
    /// The branch that it is about.
    pub fn branch(&self) -> &BranchThen {
        match self {
            Self::BranchAdded(branch) | Self::BranchChanged(branch, _) | Self::BranchRemoved(branch) => branch,
        }
    }

    /// What happened, as a list says it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::BranchAdded(_) => "依頼人拠点登録",
            Self::BranchChanged(..) => "依頼人拠点更新",
            Self::BranchRemoved(_) => "依頼人拠点削除",
        }
    }
}
