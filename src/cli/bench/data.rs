//! The data set: one garage, one agent, and as many requests as asked for, written by the same accessor as always, so
//! that every index is the real one. Everything follows from a request's number: the same size gives the same data.

use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId, UserId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use crate::domain::plate::Plate;
use crate::domain::procedure::inspection::{self, no};
use crate::domain::request::{FilingKind, Origin, PortalStatus, ServiceRequest, Stamp, Status, Value};
use crate::domain::role::{AgentRole, Application, ClientRole};
use crate::domain::time::{BusinessTime, Day};
use crate::domain::user::{Membership, PasswordState, User};
use crate::service::error::Error;
use crate::store::Write;
use std::collections::BTreeMap;

/// Who signs in.
pub(super) const LOGIN: &str = "bench-staff";
/// Who counts statistics.
pub(super) const AGENT_LOGIN: &str = "bench-agent";
/// With what.
pub(super) const PASSWORD: &str = "Keisoku-2026";

const GARAGE: ClientOrganizationId = ClientOrganizationId(102_400_001);
const AGENT: AgentOrganizationId = AgentOrganizationId(1);
/// 拠点 of the garage.
pub(super) const BRANCHES: u32 = 5;
const AGENT_BRANCHES: u32 = 3;
/// Requests in one transaction.
const BATCH: u64 = 5_000;
/// The share of 手続完了, in hundredths: an office that has been at it for a while.
pub(super) const COMPLETED: u64 = 93;
/// Days over which completions are spread, and how long ago the last was.
pub(super) const DAYS: (u64, i32) = (1_000, 40);

/// Part of a name that one request in forty bears.
pub(super) const NAME_PART: &str = "佐藤　太郎";

/// The garage, the agent and who works there. Nothing when they are there already.
pub(super) fn people(app: &App) -> Result<(), Error> {
    let (there, counting) = app.store.read(|tx| {
        Ok::<_, Error>((tx.client_organization(GARAGE)?, tx.user_by_login(Application::Agent, AGENT_LOGIN)?))
    })?;
    if counting.is_some() {
        return Ok(());
    }
    let new = there.is_none();
    let password = app.passwords.hash_blocking(PASSWORD)?;
    let now = app.clocks.system();
    app.store.write_blocking(move |tx| {
        if new {
            organizations(tx)?;
        }
        let staff = Membership::Client { organization: GARAGE, branch: None, role: ClientRole::StaffMaySend };
        let counting = Membership::Agent { organization: AGENT, branch: None, role: AgentRole::Administrator };
        // A data set that was kept from an earlier version has the first of them.
        for (login, membership) in [(LOGIN, staff), (AGENT_LOGIN, counting)].into_iter().skip(usize::from(!new)) {
            let (id, person) = (tx.next_user_id()?, tx.next_person_id()?);
            tx.put_user(&User {
                id,
                person,
                login_id: login.to_owned(),
                name: "計測担当".to_owned(),
                membership,
                password: password.clone(),
                password_state: PasswordState::Chosen { at: now, expires: None },
                password_history: Vec::new(),
                last_sign_in: None,
                active: true,
                version: 1,
            })?;
        }
        Ok::<_, Error>(())
    })
}

/// The garage's user, as somebody who acts.
pub(super) fn staff(app: &App) -> Result<ClientActor, Error> {
    app.store.read(|tx| {
        let user = tx.user_by_login(Application::Client, LOGIN)?.ok_or(Error::SignedOut)?;
        tx.client_actor(user.id)?.ok_or(Error::SignedOut)
    })
}

fn organizations(tx: &mut Write) -> Result<(), Error> {
    let text = |prefix: &str, number: u32| format!("{prefix}{number}");
    tx.put_client_organization(&ClientOrganization {
        id: GARAGE,
        name: "計測自動車整備".to_owned(),
        short_name: "計測整備".to_owned(),
        member_code: "1000001".to_owned(),
        initial_password: None,
        initial_api_password: None,
        registered_account_open: true,
        light_account_open: true,
        active: true,
        version: 1,
        agents: None,
        default_agent: None,
    })?;
    tx.put_agent_organization(&AgentOrganization {
        id: AGENT,
        name: "計測行政書士事務所".to_owned(),
        short_name: "計測事務所".to_owned(),
        procedures: vec![inspection::PROCEDURE.code],
        initial_password: None,
        active: true,
        version: 1,
    })?;
    for number in 1..=AGENT_BRANCHES {
        let id = tx.next_agent_branch_id()?;
        tx.put_agent_branch(&AgentBranch {
            id,
            organization: AGENT,
            code: text("K", number),
            name: text("支所", number),
            short_name: text("支所", number),
            commission_number: None,
            active: true,
            version: 1,
            region: String::new(),
        })?;
    }
    for number in 1..=BRANCHES {
        let id = tx.next_branch_id()?;
        tx.put_branch(&Branch {
            id,
            organization: GARAGE,
            code: text("00", number),
            name: text("工場", number),
            short_name: text("工場", number),
            commission_number: None,
            default_agent: Some(AgentBranchId(1)),
            active: true,
            version: 1,
            agents: None,
        })?;
    }
    Ok(())
}

/// Requests one after the other, by their 申請ID.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    first: u64,
    /// How many.
    pub(super) count: u64,
}

impl Ids {
    /// The n-th of them, over and over.
    pub(super) fn at(self, number: u64) -> RequestId {
        RequestId(self.first + number % self.count.max(1))
    }
}

/// Adds requests: those that are over or under way, or drafts that can be sent.
pub(super) fn requests(app: &App, count: u64, drafts: bool) -> Result<Ids, Error> {
    let now = app.clocks.business();
    let mut made = Ids { first: 0, count: 0 };
    while made.count < count {
        let batch = BATCH.min(count - made.count);
        let first = app.store.write_blocking(move |tx| {
            let mut first = None;
            for _ in 0..batch {
                let id = tx.next_request_id()?;
                tx.put_request(&request(id, now, drafts))?;
                first = first.or(Some(id.0));
            }
            Ok::<_, Error>(first)
        })?;
        if made.count == 0 {
            made.first = first.unwrap_or(0);
        }
        made.count += batch;
    }
    Ok(made)
}

/// The data set that was kept from another time.
pub(super) fn existing(app: &App, count: u64) -> Result<Ids, Error> {
    let ids = Ids { first: app.config.store.first_request_id, count };
    let complete = app.store.read(|tx| tx.request(ids.at(count.saturating_sub(1))))?.is_some();
    if complete { Ok(ids) } else { Err(Error::internal("the kept data set is smaller")) }
}

/// Those that are 申請データ, at most ten thousand of them, spread over all.
pub(super) fn filed(app: &App, ids: Ids) -> Result<Vec<RequestId>, Error> {
    let step = usize::try_from(ids.count / 10_000).unwrap_or(1).max(1);
    app.store.read(|tx| {
        let mut filed = Vec::new();
        for id in (0..ids.count).step_by(step).map(|number| ids.at(number)) {
            let status = tx.request(id)?.map(|request| request.status);
            filed.extend(status.filter(|status| !status.is_request()).map(|_| id));
        }
        Ok(filed)
    })
}

/// Scatters a number over all others (SplitMix64).
pub(super) fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The last digits of a request's 車台番号.
pub(super) fn chassis_digits(id: RequestId) -> String {
    format!("{:07}", scattered(id.0 ^ 0x00C4_A551) % 10_000_000)
}

/// 一連指定番号 of a request.
pub(super) fn serial(id: RequestId) -> u16 {
    u16::try_from(1 + number(id, 9, 9_999)).unwrap_or(1)
}

/// A day on which about one in a thousand requests was completed.
pub(super) fn day_before(now: BusinessTime, any: u64) -> Day {
    let (days, last) = DAYS;
    now.day().plus_days(-i32::try_from(any % days).unwrap_or(0) - last)
}

/// Part of a name that a few of ten thousand requests bear; one of a thousand.
pub(super) fn name_part(any: u64) -> String {
    format!("自動車{}", any % 1_000)
}

/// One of a list, by a scattered number and the place of the choice.
fn pick<'a>(id: RequestId, place: u64, list: &[&'a str]) -> &'a str {
    let index = scattered(id.0 ^ place << 40) % list.len().max(1) as u64;
    usize::try_from(index).ok().and_then(|index| list.get(index)).copied().unwrap_or_default()
}

fn number(id: RequestId, place: u64, below: u32) -> u32 {
    u32::try_from(scattered(id.0 ^ place << 40) % u64::from(below.max(1))).unwrap_or(0)
}

fn request(id: RequestId, now: BusinessTime, draft: bool) -> ServiceRequest {
    let status = if draft {
        Status::Draft
    } else if u64::from(number(id, 1, 100)) < COMPLETED {
        Status::Completed
    } else {
        let open = [Status::Draft, Status::Sent, Status::Accepted, Status::Filed, Status::Failed];
        open.get(number(id, 2, 5) as usize).copied().unwrap_or(Status::Sent)
    };
    let day = day_before(now, number(id, 3, 1_000).into());
    let at = BusinessTime::at(day, 9, 30);
    let stamp = Stamp { user: UserId(1), name: "計測担当".to_owned(), at };
    let filed = !status.is_request();
    ServiceRequest {
        id,
        procedure: inspection::PROCEDURE.code,
        client: GARAGE,
        branch: BranchId(1 + number(id, 4, BRANCHES)),
        agent: AGENT,
        agent_branch: AgentBranchId(1 + number(id, 5, AGENT_BRANCHES)),
        plate: Some(Plate {
            region: pick(id, 6, &["品川", "横浜", "足立", "練馬"]).to_owned(),
            class: pick(id, 7, &["300", "500", "330"]).to_owned(),
            kana: pick(id, 8, &["さ", "す", "の", "み"]).to_owned(),
            serial: serial(id),
            small: false,
        }),
        chassis: Some(ChassisNumber {
            number: format!("{}-{}", pick(id, 10, &["NZE141", "GRS200", "ZVW30", "NHP10"]), chassis_digits(id)),
            officially_stamped: false,
        }),
        status,
        portal_status: match status {
            Status::Completed => Some(PortalStatus::Issued),
            Status::Failed => Some(PortalStatus::Rejected),
            _ => filed.then_some(PortalStatus::Review),
        },
        version: 1,
        kind: FilingKind::First,
        created_at: at,
        requested_at: (status != Status::Draft).then_some(at),
        accepted_at: filed.then_some(at),
        filed_at: filed.then_some(at),
        completed_on: (status == Status::Completed).then_some(day),
        client_updated: Some(stamp.clone()),
        agent_updated: filed.then_some(stamp),
        returned: None,
        office: Some(u16::try_from(1 + number(id, 11, 90)).unwrap_or(1)),
        origin: Origin::Screen,
        management_number: None,
        external_reference: None,
        fields: fields(id),
        filings: 0,
        history: 0,
        hold: None,
    }
}

fn fields(id: RequestId) -> BTreeMap<u16, Value> {
    let family = pick(id, 12, &["佐藤", "鈴木", "高橋", "田中", "渡辺"]);
    let name = if number(id, 13, 4) == 0 {
        format!("株式会社{family}自動車{}", number(id, 14, 1_000))
    } else {
        format!("{family}　{}", pick(id, 15, &["太郎", "花子", "一郎", "美咲", "健", "陽子"]))
    };
    let address = format!("{}丁目{}番{}号", 1 + number(id, 16, 9), 1 + number(id, 17, 30), 1 + number(id, 18, 20));
    let memo = format!("代車{}号。納車は{}日の午後", 1 + number(id, 22, 30), 1 + number(id, 23, 31));
    let mut fields = BTreeMap::from([
        (no::CASHLESS, Value::Flag(number(id, 20, 10) == 0)),
        (no::OWNERSHIP, Value::Choice(1)),
        (no::NAME, Value::Text(name)),
        (no::ADDRESS_1, Value::Text("東京都品川区東品川".to_owned())),
        (no::ADDRESS_2, Value::Text(address)),
        (no::TERM, Value::Choice(2)),
        (no::RENEWAL_DIVISION, Value::Choice(inspection::division::OFFICE)),
        (no::CUSTOM_1, Value::Text(format!("A{:05}", number(id, 21, 100_000)))),
    ]);
    if number(id, 19, 3) == 0 {
        fields.insert(no::MEMO, Value::Text(memo.to_owned()));
    }
    fields
}
