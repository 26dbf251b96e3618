//! Applications and the roles people have in them.

use minicbor::{Decode, Encode};

/// The applications of a node. Each has its own sessions and cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Application {
    /// 依頼人業務アプリケーション.
    #[n(1)]
    Client,
    /// 代理人業務アプリケーション.
    #[n(2)]
    Agent,
    /// 運営者コンソール.
    #[n(3)]
    Operator,
    /// 模擬環境: the simulated outside world, for training and tests.
    #[n(4)]
    Simulator,
}

impl Application {
    /// All, in the order of their codes.
    pub const ALL: &'static [Self] = &[Self::Client, Self::Agent, Self::Operator, Self::Simulator];

    /// The stored number, which never changes.
    pub fn code(self) -> u8 {
        match self {
            Self::Client => 1,
            Self::Agent => 2,
            Self::Operator => 3,
            Self::Simulator => 4,
        }
    }

    /// The first part of its addresses and of its cookie's name.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Agent => "agent",
            Self::Operator => "operator",
            Self::Simulator => "sim",
        }
    }

    /// The name in the header.
    pub fn label(self) -> &'static str {
        match self {
            Self::Client => "依頼人業務アプリケーション",
            Self::Agent => "代理人業務アプリケーション",
            Self::Operator => "運営者コンソール",
            Self::Simulator => "模擬環境",
        }
    }
}

/// Roles of the client application (client guide P8–11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ClientRole {
    /// 管理者.
    #[n(1)]
    Administrator,
    /// 拠点管理者.
    #[n(2)]
    BranchManager,
    /// 担当者（送信可）.
    #[n(3)]
    StaffMaySend,
    /// 担当者（送信不可）.
    #[n(4)]
    StaffMayNotSend,
}

impl ClientRole {
    /// All, in the order of the boxes of 依頼人ユーザー検索.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::BranchManager, Self::StaffMaySend, Self::StaffMayNotSend];

    /// The word in addresses, forms and the audit.
    pub fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::BranchManager => "branch_manager",
            Self::StaffMaySend => "staff_send",
            Self::StaffMayNotSend => "staff_no_send",
        }
    }

    /// The label of every page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Administrator => "管理者",
            Self::BranchManager => "拠点管理者",
            Self::StaffMaySend => "担当者（送信可）",
            Self::StaffMayNotSend => "担当者（送信不可）",
        }
    }

    /// Whether requests are this role's work.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::StaffMaySend | Self::StaffMayNotSend)
    }
}

/// Roles of the agent application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AgentRole {
    /// 管理者.
    #[n(1)]
    Administrator,
    /// 担当者.
    #[n(2)]
    Staff,
}

impl AgentRole {
    /// The label of every page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Administrator => "管理者",
            Self::Staff => "担当者",
        }
    }
}

/// Roles in the simulated outside world (engineering decision E13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SimulatorRole {
    /// 講師: everything.
    #[n(1)]
    Instructor,
    /// 職員: the offices' work with filings, as an official does it.
    #[n(2)]
    Official,
}

impl SimulatorRole {
    /// The label of every page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Instructor => "講師",
            Self::Official => "職員",
        }
    }
}
