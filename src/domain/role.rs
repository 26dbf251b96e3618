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

/// How far a role reaches, in the words that both applications share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// 管理者.
    Administrator,
    /// 拠点管理者.
    BranchManager,
    /// 担当者, of any kind.
    Staff,
}

impl Rank {
    /// The word in titles and buttons.
    pub fn label(self) -> &'static str {
        match self {
            Self::Administrator => "管理者",
            Self::BranchManager => "拠点管理者",
            Self::Staff => "担当者",
        }
    }
}

/// 権限 of an application whose users administrators keep.
pub trait Role: Copy + Eq + std::fmt::Debug + Send + Sync + 'static {
    /// All, in the order of the boxes of the search page.
    fn all() -> &'static [Self];

    /// The word in addresses, forms and the audit.
    fn key(self) -> &'static str;

    /// The label of every page.
    fn label(self) -> &'static str;

    /// How far it reaches.
    fn rank(self) -> Rank;

    /// The kinds of 担当者: what a registration can give, and between which a change can be made.
    fn staff() -> impl Iterator<Item = Self> + Clone {
        Self::all().iter().copied().filter(|role| role.rank() == Rank::Staff)
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

impl Role for ClientRole {
    fn all() -> &'static [Self] {
        &[Self::Administrator, Self::BranchManager, Self::StaffMaySend, Self::StaffMayNotSend]
    }

    fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::BranchManager => "branch_manager",
            Self::StaffMaySend => "staff_send",
            Self::StaffMayNotSend => "staff_no_send",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Administrator => "管理者",
            Self::BranchManager => "拠点管理者",
            Self::StaffMaySend => "担当者（送信可）",
            Self::StaffMayNotSend => "担当者（送信不可）",
        }
    }

    fn rank(self) -> Rank {
        match self {
            Self::Administrator => Rank::Administrator,
            Self::BranchManager => Rank::BranchManager,
            Self::StaffMaySend | Self::StaffMayNotSend => Rank::Staff,
        }
    }
}

impl ClientRole {
    /// Whether requests are this role's work.
    pub fn is_staff(self) -> bool {
        self.rank() == Rank::Staff
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

impl Role for AgentRole {
    fn all() -> &'static [Self] {
        &[Self::Administrator, Self::Staff]
    }

    fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Staff => "staff",
        }
    }

    fn label(self) -> &'static str {
        self.rank().label()
    }

    fn rank(self) -> Rank {
        match self {
            Self::Administrator => Rank::Administrator,
            Self::Staff => Rank::Staff,
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
