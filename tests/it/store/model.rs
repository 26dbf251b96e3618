//! The plainest thing that answers as the store should: all requests in a map, every condition spelled out.

use ainas::domain::chassis::{self, ChassisNumber};
use ainas::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId, RequestId};
use ainas::domain::plate::Plate;
use ainas::domain::procedure::inspection::no;
use ainas::domain::request::{FilingKind, Origin, PortalStatus, ServiceRequest, Status, Value};
use ainas::domain::search::{Conditions, Found, Order, Page, Row, Scope};
use ainas::domain::text::search_key;
use ainas::domain::time::{BusinessTime, Day};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

pub const NAMES: &[&str] = &["", "髙橋　一郎", "高橋花子", "株式会社ＡＢＣモータース", "ﾔﾏﾀﾞ", "山田　太郎", "田中"];
pub const CHASSIS: &[&str] = &["NZE141-1234567", "NZE141-7654321", "GRS200-0001234", "A-1", "LA100S-1234567"];
const MEMOS: &[&str] = &["", "至急", "代車あり\n至急", "来週"];
const CUSTOMS: &[&str] = &["", "A001", "a001-2", "B"];
const REGIONS: &[&str] = &["品川", "横浜", ""];
const CLASSES: &[&str] = &["300", "500", "30A"];
const KANA: &[&str] = &["さ", "れ"];

#[derive(Debug, Default)]
pub struct Model {
    pub requests: BTreeMap<u64, ServiceRequest>,
}

pub fn plate() -> impl Strategy<Value = Plate> {
    (select(REGIONS), select(CLASSES), select(KANA), 1_u16..4, any::<bool>()).prop_map(
        |(region, class, kana, serial, small)| Plate {
            region: region.to_owned(),
            class: class.to_owned(),
            kana: kana.to_owned(),
            serial,
            small,
        },
    )
}

pub fn chassis_number() -> impl Strategy<Value = ChassisNumber> {
    (select(CHASSIS), any::<bool>())
        .prop_map(|(number, officially_stamped)| ChassisNumber { number: number.to_owned(), officially_stamped })
}

fn day() -> impl Strategy<Value = Day> {
    (1_i8..4).prop_map(|day| Day::new(2026, 4, day).unwrap())
}

fn moment() -> impl Strategy<Value = BusinessTime> {
    (1_700_000_000_i64..1_900_000_000).prop_map(BusinessTime::from_unix)
}

/// Anything that can be stored, with an id to be set.
pub fn request() -> impl Strategy<Value = ServiceRequest> {
    let whose = (1_u32..3, 1_u32..4, 1_u32..3, 1_u32..4);
    let vehicle = (prop::option::of(plate()), prop::option::of(chassis_number()), prop::option::of(1_u16..4));
    let state = (
        select(Status::ALL),
        prop::option::of(select(PortalStatus::ALL)),
        select(FilingKind::ALL),
        prop::option::of(moment()),
        prop::option::of(moment()),
        prop::option::of(day()),
        any::<bool>(),
    );
    let texts = (select(NAMES), select(MEMOS), select(CUSTOMS), select(CUSTOMS), any::<bool>(), 0_u8..6);
    (whose, vehicle, state, texts).prop_map(|(whose, (plate, chassis, office), state, texts)| {
        let (status, portal_status, kind, requested_at, filed_at, completed_on, returned) = state;
        let (name, memo, custom, other, cashless, division) = texts;
        let mut fields = BTreeMap::new();
        for (no, text) in [(no::NAME, name), (no::MEMO, memo), (no::CUSTOM_1, custom), (no::CUSTOM_1 + 4, other)] {
            if !text.is_empty() {
                fields.insert(no, Value::Text(text.to_owned()));
            }
        }
        fields.insert(no::CASHLESS, Value::Flag(cashless));
        if division > 0 {
            fields.insert(no::RENEWAL_DIVISION, Value::Choice(division));
        }
        let by = ainas::domain::request::Stamp {
            user: ainas::domain::ids::UserId(1),
            name: "担当".to_owned(),
            at: BusinessTime::from_unix(0),
        };
        ServiceRequest {
            id: RequestId(0),
            procedure: 1,
            client: ClientOrganizationId(whose.0),
            branch: BranchId(whose.1),
            agent: AgentOrganizationId(whose.2),
            agent_branch: AgentBranchId(whose.3),
            plate,
            chassis,
            status,
            portal_status,
            version: 1,
            kind,
            created_at: BusinessTime::from_unix(0),
            requested_at,
            accepted_at: None,
            filed_at,
            completed_on,
            client_updated: None,
            agent_updated: None,
            returned: returned.then(|| ainas::domain::request::Returned { by, reason: "記載もれ".to_owned() }),
            office,
            origin: if cashless { Origin::Screen } else { Origin::Agent },
            management_number: None,
            external_reference: None,
            fields,
            filings: 0,
            history: 0,
            hold: None,
        }
    })
}

pub fn scope() -> impl Strategy<Value = Scope> {
    (any::<bool>(), 1_u32..3, prop::option::weighted(0.3, 1_u32..4)).prop_map(|(client, organization, branch)| {
        if client {
            Scope::Client(ClientOrganizationId(organization), branch.map(BranchId))
        } else {
            Scope::Agent(AgentOrganizationId(organization), branch.map(AgentBranchId))
        }
    })
}

/// Mostly one or two conditions: more and nothing is left to find.
pub fn conditions() -> impl Strategy<Value = Conditions> {
    let plate = (rare(select(REGIONS)), rare(select(CLASSES)), rare(select(KANA)), rare(1_u16..4));
    let texts = (
        rare(select(&["4567", "nze141-1234567", "１", "-", "ZZ"][..])),
        rare(select(&["高橋", "ヤマダ", "abc", "太郎", "　", "田"][..])),
        rare(select(&["至急", "代車"][..])),
        rare(select(&["a001", "B", "a0012"][..])),
    );
    let facts = (rare(any::<bool>()), rare(1_u16..4), rare(1_u32..4), rare(1_u32..3), rare(1_u32..4));
    let days = (rare(day()), rare(day()));
    let sets = (
        prop::collection::vec(1_u8..6, 0..2),
        prop::collection::vec(select(Status::ALL), 0..6),
        rare(prop::collection::vec(select(PortalStatus::ALL), 0..6)),
        prop::option::weighted(0.05, 100_000_001_u64..100_000_400),
    );
    (plate, texts, facts, days, sets).prop_map(|(plate, texts, facts, days, sets)| {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Conditions {
            id: sets.3.map(RequestId),
            region: text(plate.0),
            class: text(plate.1),
            kana: text(plate.2),
            serial: plate.3,
            chassis_suffix: text(texts.0),
            cashless: facts.0,
            user_name: text(texts.1),
            office: facts.1,
            agent_branch: facts.2.map(AgentBranchId),
            client: facts.3.map(ClientOrganizationId),
            branch: facts.4.map(BranchId),
            completed_from: days.0,
            completed_to: days.1,
            memo: text(texts.2),
            custom: text(texts.3),
            divisions: sets.0,
            receiving: Vec::new(),
            statuses: sets.1,
            portal_statuses: sets.2.unwrap_or_default(),
        }
    })
}

fn rare<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    prop::option::weighted(0.08, strategy)
}

fn in_scope(scope: Scope, request: &ServiceRequest) -> bool {
    match scope {
        Scope::Client(organization, branch) => {
            request.client == organization && branch.is_none_or(|own| own == request.branch)
        }
        Scope::Agent(organization, branch) => {
            request.agent == organization
                && branch.is_none_or(|own| own == request.agent_branch)
                && request.status != Status::Draft
        }
    }
}

fn meets(conditions: &Conditions, request: &ServiceRequest) -> bool {
    let plate = |part: &str, of: fn(&Plate) -> &str| {
        part.is_empty() || request.plate.as_ref().is_some_and(|plate| of(plate) == part)
    };
    let part = |wanted: &str, text: &str| search_key(text).contains(&search_key(wanted));
    let suffix = chassis::suffix_key(&conditions.chassis_suffix);
    conditions.id.is_none_or(|id| id == request.id)
        && plate(&conditions.region, |plate| &plate.region)
        && plate(&conditions.class, |plate| &plate.class)
        && plate(&conditions.kana, |plate| &plate.kana)
        && conditions.serial.is_none_or(|serial| request.plate.as_ref().is_some_and(|plate| plate.serial == serial))
        && (suffix.is_empty()
            || request.chassis.as_ref().is_some_and(|chassis| chassis::suffix_key(&chassis.number).ends_with(&suffix)))
        && conditions.cashless.is_none_or(|cashless| request.flag(no::CASHLESS) == cashless)
        && part(&conditions.user_name, request.text(no::NAME))
        && conditions.office.is_none_or(|office| request.office == Some(office))
        && conditions.agent_branch.is_none_or(|branch| request.agent_branch == branch)
        && conditions.client.is_none_or(|client| request.client == client)
        && conditions.branch.is_none_or(|branch| request.branch == branch)
        && conditions.completed_from.is_none_or(|from| request.completed_on.is_some_and(|day| day >= from))
        && conditions.completed_to.is_none_or(|to| request.completed_on.is_some_and(|day| day <= to))
        && part(&conditions.memo, request.text(no::MEMO))
        && (no::CUSTOM_1..no::CUSTOM_1 + 5).any(|no| part(&conditions.custom, request.text(no)))
        && (conditions.divisions.is_empty()
            || request.choice(no::RENEWAL_DIVISION).is_some_and(|code| conditions.divisions.contains(&code)))
        && (conditions.statuses.is_empty() || conditions.statuses.contains(&request.status))
        && (conditions.portal_statuses.is_empty()
            || request.portal_status.is_some_and(|status| conditions.portal_statuses.contains(&status)))
}

fn row(request: &ServiceRequest) -> Row {
    Row {
        id: request.id,
        status: request.status,
        portal_status: request.portal_status,
        kind: request.kind,
        plate: request.plate.clone(),
        chassis: request.chassis.clone(),
        user_name: request.text(no::NAME).to_owned(),
        client: request.client,
        branch: request.branch,
        agent_branch: request.agent_branch,
        office: request.office,
        returned: request.returned.is_some(),
        by_agent: request.origin == Origin::Agent,
        requested_at: request.requested_at,
        filed_at: request.filed_at,
        completed_on: request.completed_on,
    }
}

impl Model {
    fn matching(&self, scope: Scope, conditions: &Conditions, order: Order) -> Vec<&ServiceRequest> {
        let all = self.requests.values().filter(|request| in_scope(scope, request) && meets(conditions, request));
        match order {
            Order::Newest => all.rev().collect(),
            Order::Oldest => all.collect(),
        }
    }

    pub fn search(&self, scope: Scope, conditions: &Conditions, order: Order, page: Page) -> Found {
        let all = self.matching(scope, conditions, order);
        let skip = (page.number as usize - 1) * page.size as usize;
        Found { total: all.len() as u64, rows: all.into_iter().skip(skip).take(page.size as usize).map(row).collect() }
    }

    pub fn neighbours(
        &self,
        scope: Scope,
        conditions: &Conditions,
        order: Order,
        id: RequestId,
    ) -> (Option<RequestId>, Option<RequestId>) {
        let ids: Vec<_> = self.matching(scope, conditions, Order::Oldest).iter().map(|request| request.id).collect();
        let below = ids.iter().copied().rfind(|other| *other < id);
        let above = ids.iter().copied().find(|other| *other > id);
        if order == Order::Newest { (above, below) } else { (below, above) }
    }

    pub fn unfinished(
        &self,
        scope: Scope,
        plate: Option<&Plate>,
        chassis: Option<&ChassisNumber>,
        since: Day,
    ) -> Vec<RequestId> {
        let same = |request: &&ServiceRequest| {
            let key = |number: &ChassisNumber| chassis::suffix_key(&number.number);
            let same_plate = plate.zip(request.plate.as_ref()).is_some_and(|(a, b)| {
                (&a.region, &a.class, &a.kana, a.serial) == (&b.region, &b.class, &b.kana, b.serial)
            });
            same_plate || chassis.zip(request.chassis.as_ref()).is_some_and(|(a, b)| key(a) == key(b))
        };
        let open = |request: &&ServiceRequest| match request.status {
            Status::Completed => request.completed_on.is_some_and(|day| day >= since),
            status => status != Status::Failed,
        };
        let all = self.matching(scope, &Conditions::default(), Order::Newest).into_iter();
        all.filter(open).filter(same).map(|request| request.id).collect()
    }
}
