//! Search conditions and what a list shows (inspection manual P45, P47; screen reference 2.4).

use super::chassis::ChassisNumber;
use super::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId};
use super::plate::Plate;
use super::request::{FilingKind, PortalStatus, Status};
use super::time::{BusinessTime, Day};

/// Whose list: one organization's, of one procedure. Lists never mix scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A garage's, all branches or one.
    Client(ClientOrganizationId, Option<BranchId>),
    /// An agent's, all branches or one.
    Agent(AgentOrganizationId, Option<AgentBranchId>),
}

/// What to look for. Empty conditions hold for every row; several conditions must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// 申請ID, exactly.
    pub id: Option<RequestId>,
    /// 地名, exactly.
    pub region: String,
    /// 分類番号, exactly.
    pub class: String,
    /// 仮名, exactly.
    pub kana: String,
    /// 一連指定番号, exactly.
    pub serial: Option<u16>,
    /// 車台番号: its last characters, normalised.
    pub chassis_suffix: String,
    /// キャッシュレス利用.
    pub cashless: Option<bool>,
    /// 使用者: part of the name, as typed.
    pub user_name: String,
    /// 申請先.
    pub office: Option<u16>,
    /// 代理人拠点 (in a garage's list).
    pub agent_branch: Option<AgentBranchId>,
    /// 依頼人 (in an agent's list).
    pub client: Option<ClientOrganizationId>,
    /// 拠点.
    pub branch: Option<BranchId>,
    /// 登録完了日 from.
    pub completed_from: Option<Day>,
    /// 登録完了日 to.
    pub completed_to: Option<Day>,
    /// メモ: part of it.
    pub memo: String,
    /// 独自項目: part of any of the five.
    pub custom: String,
    /// 電子車検証更新区分: any of these codes; empty is all.
    pub divisions: Vec<u8>,
    /// 車検証等受取区分: any of these codes; empty is all.
    pub receiving: Vec<u8>,
    /// 申請ステータス: any of these. Never empty: the page's own set when nothing is chosen.
    pub statuses: Vec<Status>,
    /// OSSステータス: any of these; empty is all.
    pub portal_statuses: Vec<PortalStatus>,
}

impl Conditions {
    /// Names of the conditions that are set, 申請ステータス aside: what was asked, not for whom.
    pub fn names(&self) -> Vec<&'static str> {
        let set = [
            ("id", self.id.is_some()),
            ("plate.region", !self.region.is_empty()),
            ("plate.class", !self.class.is_empty()),
            ("plate.kana", !self.kana.is_empty()),
            ("plate.serial", self.serial.is_some()),
            ("chassis", !self.chassis_suffix.is_empty()),
            ("cashless", self.cashless.is_some()),
            ("user", !self.user_name.is_empty()),
            ("office", self.office.is_some()),
            ("agent", self.agent_branch.is_some()),
            ("client", self.client.is_some()),
            ("branch", self.branch.is_some()),
            ("completed", self.completed_from.is_some() || self.completed_to.is_some()),
            ("memo", !self.memo.is_empty()),
            ("custom", !self.custom.is_empty()),
            ("division", !self.divisions.is_empty()),
            ("receiving", !self.receiving.is_empty()),
            ("portal", !self.portal_statuses.is_empty()),
        ];
        set.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
    }
}

/// How a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// 申請ID, highest first.
    #[default]
    Newest,
    /// 申請ID, lowest first.
    Oldest,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Rows on a page: 20, 50 or 100.
    pub size: u32,
}

/// A page of rows and how many there are in all, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// All rows that meet the conditions.
    pub total: u64,
    /// This page's rows.
    pub rows: Vec<Row>,
}

/// What a list shows of a request. Held in the search data, so that a list reads no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 申請ID.
    pub id: RequestId,
    /// 申請ステータス.
    pub status: Status,
    /// OSSステータス.
    pub portal_status: Option<PortalStatus>,
    /// 申請種別.
    pub kind: FilingKind,
    /// 自動車登録番号.
    pub plate: Option<Plate>,
    /// 車台番号.
    pub chassis: Option<ChassisNumber>,
    /// 使用者, as typed.
    pub user_name: String,
    /// 依頼人.
    pub client: ClientOrganizationId,
    /// 拠点.
    pub branch: BranchId,
    /// 代理人拠点.
    pub agent_branch: AgentBranchId,
    /// 申請先.
    pub office: Option<u16>,
    /// 差戻しされた.
    pub returned: bool,
    /// 代行入力.
    pub by_agent: bool,
    /// 依頼日時.
    pub requested_at: Option<BusinessTime>,
    /// 申請日時.
    pub filed_at: Option<BusinessTime>,
    /// 登録完了日.
    pub completed_on: Option<Day>,
}
