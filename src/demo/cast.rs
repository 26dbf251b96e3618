//! Who there is in the demo world: two garages with three branches each, two agents, and their users. Invented.

use crate::domain::role::{AgentRole, ClientRole, SimulatorRole};

/// The password of every demo user who has chosen one.
pub(super) const PASSWORD: &str = "Kensa-Demo-26";

/// A garage.
pub(super) struct Garage {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) short_name: &'static str,
    pub(super) member_code: &'static str,
    pub(super) initial_password: &'static str,
    pub(super) initial_api_password: &'static str,
    /// Code, name, short name, commission number, position of the usual agent branch in [`AGENTS`]' branches.
    pub(super) branches: [(&'static str, &'static str, &'static str, Option<&'static str>, usize); 3],
    pub(super) users: &'static [GarageUser],
}

/// A garage's user.
pub(super) struct GarageUser {
    pub(super) role: ClientRole,
    pub(super) login_id: &'static str,
    pub(super) name: &'static str,
    /// Position of the one branch they are tied to.
    pub(super) branch: Option<usize>,
    /// Still has the initial password of the 利用登録通知書.
    pub(super) initial: bool,
    /// The agent's user that the same person holds.
    pub(super) also: Option<&'static str>,
}

/// An agent.
pub(super) struct Agent {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) short_name: &'static str,
    pub(super) person: &'static str,
    /// The firm's and the person's names in kana.
    pub(super) kana: (&'static str, &'static str),
    pub(super) postal_code: &'static str,
    pub(super) initial_password: &'static str,
    pub(super) initial_api_password: &'static str,
    pub(super) prefecture: &'static str,
    pub(super) locality: &'static str,
    pub(super) street: &'static str,
    /// Code, name, short name, commission number.
    pub(super) branches: [(&'static str, &'static str, &'static str, Option<&'static str>); 2],
    pub(super) users: &'static [AgentUser],
}

/// An agent's user.
pub(super) struct AgentUser {
    pub(super) role: AgentRole,
    pub(super) login_id: &'static str,
    pub(super) name: &'static str,
}

const fn user(role: ClientRole, login_id: &'static str, name: &'static str, branch: Option<usize>) -> GarageUser {
    GarageUser { role, login_id, name, branch, initial: false, also: None }
}

const fn newcomer(login_id: &'static str, name: &'static str) -> GarageUser {
    GarageUser { role: ClientRole::StaffMaySend, login_id, name, branch: None, initial: true, also: None }
}

/// The garages.
pub(super) const GARAGES: [Garage; 2] = [
    Garage {
        id: 102_400_005,
        name: "みどり自動車整備株式会社",
        short_name: "みどり自動車整備",
        member_code: "1845678",
        initial_password: "Midori-Hajime-5",
        initial_api_password: "Midori-Renkei-5",
        branches: [
            ("001", "北工場", "北工場", Some("MDR0000001"), 0),
            ("002", "南工場", "南工場", None, 0),
            ("003", "わかば台サービスセンター", "わかば台", None, 1),
        ],
        users: &[
            user(ClientRole::Administrator, "m2kan", "緑川 一郎", None),
            user(ClientRole::BranchManager, "m2kyt", "北村 恵", Some(0)),
            user(ClientRole::StaffMaySend, "m2tan", "青葉 花子", None),
            user(ClientRole::StaffMayNotSend, "m2uke", "若草 健", Some(0)),
            newcomer("m2hjm", "朝日 桜"),
            GarageUser { also: Some("a2tan"), ..user(ClientRole::StaffMaySend, "m2kmo", "雲井 実", None) },
        ],
    },
    Garage {
        id: 102_400_013,
        name: "さくらモータース株式会社",
        short_name: "さくらモータース",
        member_code: "1845901",
        initial_password: "Sakura-Hajime-7",
        initial_api_password: "Sakura-Renkei-7",
        branches: [
            ("001", "本店工場", "本店工場", Some("SKR0000001"), 2),
            ("002", "駅前店", "駅前店", None, 2),
            ("003", "バイパス店", "バイパス店", None, 3),
        ],
        users: &[
            user(ClientRole::Administrator, "s2kan", "桜田 誠", None),
            user(ClientRole::BranchManager, "s2kyt", "花岡 凛", Some(0)),
            user(ClientRole::StaffMaySend, "s2tan", "春野 葵", None),
            user(ClientRole::StaffMayNotSend, "s2uke", "夏川 学", Some(1)),
            newcomer("s2hjm", "秋庭 楓"),
        ],
    },
];

/// The agents.
pub(super) const AGENTS: [Agent; 2] = [
    Agent {
        id: 2_001,
        name: "あおぞら行政書士事務所",
        short_name: "あおぞら行政書士",
        person: "空野　晴",
        kana: ("アオゾラギョウセイショシジムショ", "ソラノ　ハル"),
        postal_code: "123-0011",
        initial_password: "Aozora-Hajime-3",
        initial_api_password: "Aozora-Renkei-3",
        prefecture: "東京都",
        locality: "みどり区",
        street: "あおば町１丁目２番３号",
        branches: [
            ("AOZ01", "みどり本所", "みどり本所", Some("AOZ0000001")),
            ("AOZ02", "わかば台支所", "わかば台支所", None),
        ],
        users: &[
            AgentUser { role: AgentRole::Administrator, login_id: "a2kan", name: "空野 晴" },
            AgentUser { role: AgentRole::Staff, login_id: "a2tan", name: "雲井 実" },
        ],
    },
    Agent {
        id: 2_002,
        name: "ひばり行政書士法人",
        short_name: "ひばり行政書士",
        person: "野原　進",
        kana: ("ヒバリギョウセイショシホウジン", "ノハラ　ススム"),
        postal_code: "123-0045",
        initial_password: "Hibari-Hajime-4",
        initial_api_password: "Hibari-Renkei-4",
        prefecture: "東京都",
        locality: "さくら区",
        street: "はなぞの４丁目５番６号",
        branches: [
            ("HBR01", "さくら本店", "さくら本店", Some("HBR0000001")),
            ("HBR02", "うみべ支店", "うみべ支店", None),
        ],
        users: &[
            AgentUser { role: AgentRole::Administrator, login_id: "h2kan", name: "野原 進" },
            AgentUser { role: AgentRole::Staff, login_id: "h2tan", name: "森下 舞" },
        ],
    },
];

/// Who plays the outside world: role, login ID, name.
pub(super) const OUTSIDE: [(SimulatorRole, &str, &str); 2] =
    [(SimulatorRole::Instructor, "koshi", "講師 見本"), (SimulatorRole::Official, "shokuin", "職員 見本")];
