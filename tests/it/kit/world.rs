//! The world of the tests: two garages and two agents, with a user for every role and state.

use super::{INITIAL, PASSWORD};
use ainas::app::Shared;
use ainas::domain::api_key::ApiKey;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::client_certificate::ClientCertificate;
use ainas::domain::ids::{
    AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, ImportId, RequestId, TemplateId, UserId, WorkId,
};
use ainas::domain::import::Import;
use ainas::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use ainas::domain::plate::Plate;
use ainas::domain::procedure::inspection;
use ainas::domain::proof::{Proof, ProofContent, ProofKind};
use ainas::domain::request::{FilingKind, Origin, ServiceRequest, Stamp, Status, Value};
use ainas::domain::role::{AgentRole, Application, ClientRole, SimulatorRole};
use ainas::domain::template::Template;
use ainas::domain::time::SystemTime;
use ainas::domain::user::{Membership, PasswordState, User};
use ainas::domain::work::{Subject, Work, WorkItem, WorkKind, WorkState};
use ainas::pki::p12;
use ainas::service::administration::certificates::sealed;
use ainas::service::error::Error;
use ainas::store::{Audience, Notice};
use std::collections::BTreeMap;

/// みどり自動車整備, with 北工場 and 南工場.
pub(crate) const GARAGE: ClientOrganizationId = ClientOrganizationId(102_400_005);
/// あかね整備, with 本社工場.
pub(crate) const OTHER_GARAGE: ClientOrganizationId = ClientOrganizationId(102_400_006);
/// あおぞら行政書士事務所, with 本所 and 支所.
pub(crate) const AGENT: AgentOrganizationId = AgentOrganizationId(1001);
/// ひかり行政書士事務所, with 本所.
pub(crate) const OTHER_AGENT: AgentOrganizationId = AgentOrganizationId(1002);

/// An APIキー of the garage.
pub(crate) const KEY: &str = "48A1AF3B707F4CA9A4CA5A1C067DD39C";

/// A template of 北工場.
pub(crate) const TEMPLATE: TemplateId = TemplateId(1);

/// Branches by their numbers.
pub(crate) const NORTH: BranchId = BranchId(1);
/// 南工場.
pub(crate) const SOUTH: BranchId = BranchId(2);
/// 本社工場 of the other garage.
pub(crate) const OTHER_BRANCH: BranchId = BranchId(3);
/// 本所 of the agent.
pub(crate) const AGENT_MAIN: AgentBranchId = AgentBranchId(1);
/// 支所 of the agent.
pub(crate) const AGENT_SIDE: AgentBranchId = AgentBranchId(2);
/// 本所 of the other agent.
pub(crate) const OTHER_AGENT_MAIN: AgentBranchId = AgentBranchId(3);

/// The file of the agent's 代理人証明書 number 1, under the password `Himitsu-1`.
const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/p12/java-ec.p12");

/// Who and what is there.
pub(crate) struct World {
    users: BTreeMap<&'static str, (UserId, Membership, bool)>,
    /// 依頼前, of 北工場, to 本所.
    pub(crate) draft: RequestId,
    /// 受付前, of 北工場, to 本所.
    pub(crate) sent: RequestId,
    /// An upload of c-staff, without rows.
    pub(crate) import: ImportId,
    /// Long work of c-staff that was stopped before its first item.
    pub(crate) work: WorkId,
    /// The same of a-staff.
    pub(crate) agent_work: WorkId,
}

impl World {
    /// Where a user signs in.
    pub(crate) fn application(&self, login: &str) -> Application {
        self.users[login].1.application()
    }

    /// 権限 in the client application.
    pub(crate) fn client_role(&self, login: &str) -> Option<ClientRole> {
        match self.users[login].1 {
            Membership::Client { role, .. } => Some(role),
            _ => None,
        }
    }

    /// 権限 in the agent application.
    pub(crate) fn agent_role(&self, login: &str) -> Option<AgentRole> {
        match self.users[login].1 {
            Membership::Agent { role, .. } => Some(role),
            _ => None,
        }
    }

    /// 権限 in the simulated outside world.
    pub(crate) fn simulator_role(&self, login: &str) -> Option<SimulatorRole> {
        match self.users[login].1 {
            Membership::Simulator { role } => Some(role),
            _ => None,
        }
    }

    /// Whether a user still has an initial password.
    pub(crate) fn must_change(&self, login: &str) -> bool {
        self.users[login].2
    }

    /// The number of a user.
    pub(crate) fn user(&self, login: &str) -> UserId {
        self.users[login].0
    }
}

fn client(organization: ClientOrganizationId, branch: Option<BranchId>, role: ClientRole) -> Membership {
    Membership::Client { organization, branch, role }
}

fn agent(organization: AgentOrganizationId, branch: Option<AgentBranchId>, role: AgentRole) -> Membership {
    Membership::Agent { organization, branch, role }
}

/// Login ID, name, membership, whether the initial password is in force.
fn people() -> Vec<(&'static str, &'static str, Membership, bool)> {
    use ClientRole::{Administrator, BranchManager, StaffMayNotSend, StaffMaySend};
    vec![
        ("c-admin", "管理 一郎", client(GARAGE, None, Administrator), false),
        ("c-manager", "拠点 次郎", client(GARAGE, Some(NORTH), BranchManager), false),
        ("c-south-manager", "南条 葉子", client(GARAGE, Some(SOUTH), BranchManager), false),
        ("c-staff", "青葉 花子", client(GARAGE, None, StaffMaySend), false),
        ("c-north", "北野 太郎", client(GARAGE, Some(NORTH), StaffMaySend), false),
        ("c-south", "南田 夏子", client(GARAGE, Some(SOUTH), StaffMaySend), false),
        ("c-nosend", "入力 三郎", client(GARAGE, None, StaffMayNotSend), false),
        ("c-new", "新人 四郎", client(GARAGE, Some(NORTH), StaffMaySend), true),
        ("c-removed", "退職 五郎", client(GARAGE, None, StaffMaySend), false),
        ("x-admin", "赤木 一葉", client(OTHER_GARAGE, None, Administrator), false),
        ("x-staff", "赤根 六郎", client(OTHER_GARAGE, None, StaffMaySend), false),
        ("a-admin", "代理 一子", agent(AGENT, None, AgentRole::Administrator), false),
        ("a-staff", "代理 花江", agent(AGENT, None, AgentRole::Staff), false),
        ("a-side", "支所 二子", agent(AGENT, Some(AGENT_SIDE), AgentRole::Staff), false),
        ("a-new", "新人 三子", agent(AGENT, None, AgentRole::Staff), true),
        ("a-removed", "退職 四子", agent(AGENT, None, AgentRole::Staff), false),
        ("y-admin", "光 一代", agent(OTHER_AGENT, None, AgentRole::Administrator), false),
        ("y-staff", "光 五子", agent(OTHER_AGENT, None, AgentRole::Staff), false),
        ("s-instructor", "講師 一美", Membership::Simulator { role: SimulatorRole::Instructor }, false),
        ("s-official", "職員 二美", Membership::Simulator { role: SimulatorRole::Official }, false),
    ]
}

/// Writes the world.
pub(crate) async fn seed(app: &Shared) -> World {
    let chosen = app.passwords.hash_blocking(PASSWORD).unwrap();
    let initial = app.passwords.hash_blocking(INITIAL).unwrap();
    let (now, today) = (app.clocks.system(), app.clocks.business().day());
    let created_at = app.clocks.business();
    let key = app.key.clone();
    let certificate = p12::read(CERTIFICATE, "Himitsu-1").unwrap();
    app.store
        .write(move |tx| {
            tx.set_node_id("test00node")?;
            tx.set_profile("test")?;
            for (id, name, short) in
                [(GARAGE, "みどり自動車整備", "みどり自動車"), (OTHER_GARAGE, "あかね整備", "あかね整備")]
            {
                tx.put_client_organization(&ClientOrganization {
                    id,
                    name: name.to_owned(),
                    short_name: short.to_owned(),
                    member_code: "1845678".to_owned(),
                    initial_password: Some(initial.clone()),
                    initial_api_password: Some(initial.clone()),
                    registered_account_open: true,
                    light_account_open: true,
                    active: true,
                    version: 1,
                    agents: None,
                    default_agent: None,
                })?;
            }
            for (id, organization, code, name) in [
                (NORTH, GARAGE, "001", "北工場"),
                (SOUTH, GARAGE, "002", "南工場"),
                (OTHER_BRANCH, OTHER_GARAGE, "001", "本社工場"),
            ] {
                assert_eq!(tx.next_branch_id()?, id);
                tx.put_branch(&Branch {
                    id,
                    organization,
                    code: code.to_owned(),
                    name: name.to_owned(),
                    short_name: name.to_owned(),
                    commission_number: None,
                    default_agent: Some(AGENT_MAIN),
                    active: true,
                    version: 1,
                    agents: None,
                })?;
            }
            for (id, name) in [(AGENT, "あおぞら行政書士事務所"), (OTHER_AGENT, "ひかり行政書士事務所")]
            {
                tx.put_agent_organization(&AgentOrganization {
                    id,
                    name: name.to_owned(),
                    short_name: name.chars().take(4).collect(),
                    procedures: ainas::domain::procedure::ALL.iter().map(|procedure| procedure.code).collect(),
                    initial_password: Some(initial.clone()),
                    active: true,
                    version: 1,
                })?;
            }
            for (id, organization, code, name) in [
                (AGENT_MAIN, AGENT, "AZ001", "本所"),
                (AGENT_SIDE, AGENT, "AZ002", "支所"),
                (OTHER_AGENT_MAIN, OTHER_AGENT, "HK001", "本所"),
            ] {
                assert_eq!(tx.next_agent_branch_id()?, id);
                tx.put_agent_branch(&AgentBranch {
                    id,
                    organization,
                    code: code.to_owned(),
                    name: name.to_owned(),
                    short_name: name.to_owned(),
                    commission_number: None,
                    active: true,
                    version: 1,
                    region: String::new(),
                })?;
            }
            // 代理人証明書更新 is still to be done, so that it signs nothing.
            tx.put_agent_certificate(&sealed(&key, (AGENT, 1), &certificate, CERTIFICATE, created_at))?;
            tx.put_client_certificate(&ClientCertificate {
                organization: GARAGE,
                number: 1,
                registered_at: created_at,
                certificate: certificate.certificate.clone(),
            })?;
            assert_eq!(tx.next_template_id()?, TEMPLATE);
            tx.put_template(&Template {
                id: TEMPLATE,
                organization: GARAGE,
                branch: Some(NORTH),
                procedure: inspection::PROCEDURE.code,
                name: "北のいつもの".to_owned(),
                agent_branch: Some(AGENT_SIDE),
                usual: false,
                fields: BTreeMap::from([(
                    ainas::domain::procedure::common::no::OPTION_CODE,
                    Value::Text("KITA1".to_owned()),
                )]),
                version: 1,
            })?;
            let mut users = BTreeMap::new();
            for (login_id, name, membership, must_change) in people() {
                let (id, person) = (tx.next_user_id()?, tx.next_person_id()?);
                let password_state = if must_change {
                    PasswordState::Initial {
                        since: now,
                        until: now.plus(72 * 3600),
                        by: None,
                        failures: 0,
                        used: false,
                    }
                } else {
                    PasswordState::Chosen { at: now, expires: Some(now.plus(90 * 24 * 3600)) }
                };
                tx.put_user(&User {
                    id,
                    person,
                    login_id: login_id.to_owned(),
                    name: name.to_owned(),
                    membership,
                    password: if must_change { initial.clone() } else { chosen.clone() },
                    password_state,
                    password_history: Vec::new(),
                    last_sign_in: None,
                    active: true,
                    version: 1,
                })?;
                users.insert(login_id, (id, membership, must_change));
            }
            for number in 1..=23 {
                let id = tx.next_notice_id()?;
                tx.put_notice(&Notice {
                    id,
                    published: today.plus_days(-number),
                    important: number == 2,
                    audience: Audience::ALL[usize::try_from(number).unwrap_or(0) % 3],
                    subject: format!("お知らせその{number}"),
                    body: "・一行目です。\n・二行目です。".to_owned(),
                    link: (number % 5 == 0).then(|| "https://example.jp/".to_owned()),
                })?;
            }
            tx.put_api_key(&ApiKey {
                key: KEY.to_owned(),
                organization: GARAGE,
                branch: None,
                password: chosen.clone(),
                password_state: PasswordState::Chosen { at: now, expires: None },
                registered_at: now,
                registered_by: None,
                last_used: None,
                revoked: None,
                version: 1,
            })?;
            let draft = request(tx.next_request_id()?, Status::Draft, "11", created_at);
            tx.put_request(&draft)?;
            let sent = request(tx.next_request_id()?, Status::Sent, "12", created_at);
            tx.put_request(&sent)?;
            let added = Stamp { user: users["a-staff"].0, name: "代理 花江".to_owned(), at: created_at };
            let (name, kind) = ("控え.pdf".to_owned(), ProofKind::Pdf);
            let proof = Proof { request: sent.id, number: 1, entry: 0, name, kind, size: 8, added };
            tx.add_proof(&proof, &ProofContent { bytes: b"%PDF-1.7".to_vec() })?;
            let mut works = Vec::new();
            for login in ["c-staff", "a-staff"] {
                let id = tx.next_work_id()?;
                let item = WorkItem { subject: Subject::Request(draft.id), outcome: None };
                tx.put_work_item(id, 0, &item)?;
                let kind = WorkKind::Send { procedure: inspection::PROCEDURE.code };
                let (owner, state) = (users[login].0, WorkState::Cancelled);
                tx.put_work(&Work {
                    id,
                    owner,
                    kind,
                    state,
                    created: now,
                    ended: Some(now),
                    items: 1,
                    done: 0,
                    failed: 0,
                })?;
                works.push(id);
            }
            let import = import(tx.next_import_id()?, users["c-staff"].0, now);
            tx.put_import(&import)?;
            Ok::<_, Error>(World {
                users,
                draft: draft.id,
                sent: sent.id,
                work: works[0],
                agent_work: works[1],
                import: import.id,
            })
        })
        .await
        .unwrap()
}

fn request(
    id: RequestId,
    status: Status,
    chassis: &str,
    created_at: ainas::domain::time::BusinessTime,
) -> ServiceRequest {
    ServiceRequest {
        id,
        procedure: inspection::PROCEDURE.code,
        client: GARAGE,
        branch: NORTH,
        agent: AGENT,
        agent_branch: AGENT_MAIN,
        plate: Some(Plate {
            region: "品川".to_owned(),
            class: "330".to_owned(),
            kana: "さ".to_owned(),
            serial: 1234,
            small: false,
        }),
        chassis: Some(ChassisNumber { number: format!("CAR-01210{chassis}"), officially_stamped: false }),
        status,
        portal_status: None,
        version: 1,
        kind: FilingKind::First,
        created_at,
        requested_at: (status == Status::Sent).then_some(created_at),
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
        fields: BTreeMap::new(),
        filings: 0,
        history: 0,
        hold: None,
    }
}

fn import(id: ImportId, owner: UserId, uploaded: SystemTime) -> Import {
    Import {
        id,
        organization: GARAGE,
        owner,
        procedure: inspection::PROCEDURE.code,
        name: "一括登録.xlsx".to_owned(),
        digest: [0; 32],
        uploaded,
        unknown: Vec::new(),
        rows: 0,
        good: 0,
        doubtful: 0,
        sendable: 0,
    }
}
