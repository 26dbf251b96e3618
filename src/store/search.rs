//! Lists of requests: conditions, exact totals, pages.

use super::kit::{Source, Transaction, decoded};
use super::tables::REQUESTS;
use super::{Error, Tables};
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, RequestId};
use crate::domain::plate::Plate;
use crate::domain::procedure::inspection::no;
use crate::domain::request::{ServiceRequest, Status};
use crate::domain::search::{Conditions, Found, Order, Page, Row, Scope};
use crate::domain::time::Day;
use redb::{ReadableTable, TableHandle};
use unicode_normalization::UnicodeNormalization;

/// Whose list: an organization's, of one procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKey {
    /// A garage's.
    Client(ClientOrganizationId, u8),
    /// An agent's.
    Agent(AgentOrganizationId, u8),
}

impl ScopeKey {
    /// The list that a scope looks into.
    pub fn of(scope: Scope, procedure: u8) -> Self {
        match scope {
            Scope::Client(organization, _) => Self::Client(organization, procedure),
            Scope::Agent(organization, _) => Self::Agent(organization, procedure),
        }
    }
}

fn key(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
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
        requested_at: request.requested_at,
        filed_at: request.filed_at,
        completed_on: request.completed_on,
    }
}

fn in_scope(scope: Scope, procedure: u8, request: &ServiceRequest) -> bool {
    request.procedure == procedure
        && match scope {
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
    let suffix = key(&conditions.chassis_suffix);
    conditions.id.is_none_or(|id| id == request.id)
        && plate(&conditions.region, |plate| &plate.region)
        && plate(&conditions.class, |plate| &plate.class)
        && plate(&conditions.kana, |plate| &plate.kana)
        && conditions.serial.is_none_or(|serial| request.plate.as_ref().is_some_and(|plate| plate.serial == serial))
        && (suffix.is_empty()
            || request.chassis.as_ref().is_some_and(|chassis| key(&chassis.number).ends_with(&suffix)))
        && conditions.cashless.is_none_or(|cashless| request.flag(no::CASHLESS) == cashless)
        && key(request.text(no::NAME)).contains(&key(&conditions.user_name))
        && conditions.office.is_none_or(|office| request.office == Some(office))
        && conditions.agent_branch.is_none_or(|branch| request.agent_branch == branch)
        && conditions.client.is_none_or(|client| request.client == client)
        && conditions.branch.is_none_or(|branch| request.branch == branch)
        && conditions.completed_from.is_none_or(|from| request.completed_on.is_some_and(|day| day >= from))
        && conditions.completed_to.is_none_or(|to| request.completed_on.is_some_and(|day| day <= to))
        && key(request.text(no::MEMO)).contains(&key(&conditions.memo))
        && (conditions.custom.is_empty()
            || (no::CUSTOM_1..no::CUSTOM_1 + 5).any(|no| key(request.text(no)).contains(&key(&conditions.custom))))
        && (conditions.divisions.is_empty()
            || request.choice(no::RENEWAL_DIVISION).is_some_and(|code| conditions.divisions.contains(&code)))
        && (conditions.statuses.is_empty() || conditions.statuses.contains(&request.status))
        && (conditions.portal_statuses.is_empty()
            || request.portal_status.is_some_and(|status| conditions.portal_statuses.contains(&status)))
}

impl<S: Source> Tables<S> {
    fn matching(
        &self,
        order: Order,
        mut wanted: impl FnMut(&ServiceRequest) -> bool,
    ) -> Result<Vec<ServiceRequest>, Error> {
        let table = self.source.table(REQUESTS)?;
        let mut found = Vec::new();
        for row in table.iter()? {
            let request: ServiceRequest = decoded(REQUESTS.name(), row?.1.value())?;
            if wanted(&request) {
                found.push(request);
            }
        }
        if order == Order::Newest {
            found.reverse();
        }
        Ok(found)
    }

    /// A page of a list and its exact total. An agent's list never holds 依頼前.
    ///
    /// # Errors
    /// The database's.
    pub fn search(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        page: Page,
    ) -> Result<Found, Error> {
        let all = self.matching(order, |request| in_scope(scope, procedure, request) && meets(conditions, request))?;
        let skip = (page.number.max(1) as usize - 1) * page.size as usize;
        Ok(Found { total: all.len() as u64, rows: all.iter().skip(skip).take(page.size as usize).map(row).collect() })
    }

    /// The rows before and after this one in the list. The row itself need not be in it.
    ///
    /// # Errors
    /// The database's.
    pub fn neighbours(
        &self,
        scope: Scope,
        procedure: u8,
        conditions: &Conditions,
        order: Order,
        id: RequestId,
    ) -> Result<(Option<RequestId>, Option<RequestId>), Error> {
        let all =
            self.matching(Order::Oldest, |request| in_scope(scope, procedure, request) && meets(conditions, request))?;
        let below = all.iter().rev().map(|request| request.id).find(|other| *other < id);
        let above = all.iter().map(|request| request.id).find(|other| *other > id);
        Ok(match order {
            Order::Newest => (above, below),
            Order::Oldest => (below, above),
        })
    }

    /// Requests for the same vehicle (same plate or same chassis number) that are under way, or were completed on or
    /// after `since`; newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn unfinished_of_vehicle(
        &self,
        scope: Scope,
        procedure: u8,
        plate: Option<&Plate>,
        chassis: Option<&ChassisNumber>,
        since: Day,
    ) -> Result<Vec<RequestId>, Error> {
        let all = self.matching(Order::Newest, |request| {
            in_scope(scope, procedure, request)
                && match request.status {
                    Status::Completed => request.completed_on.is_some_and(|day| day >= since),
                    Status::Failed => false,
                    _ => true,
                }
                && (plate.is_some() && plate == request.plate.as_ref()
                    || chassis.zip(request.chassis.as_ref()).is_some_and(|(a, b)| key(&a.number) == key(&b.number)))
        })?;
        Ok(all.iter().map(|request| request.id).collect())
    }
}

impl Tables<&Transaction> {
    /// Brings the search data of both sides from the old record to the new one.
    pub(super) fn index(&mut self, old: Option<&ServiceRequest>, new: Option<&ServiceRequest>) -> Result<(), Error> {
        let mut touched: Vec<_> = [old, new].into_iter().flatten().flat_map(scopes).collect();
        touched.sort();
        touched.dedup();
        for scope in touched {
            let shared = std::sync::Arc::clone(&self.shared);
            self.source.after_commit(move || shared.versions.grow(scope));
        }
        Ok(())
    }
}

fn scopes(request: &ServiceRequest) -> [ScopeKey; 2] {
    [ScopeKey::Client(request.client, request.procedure), ScopeKey::Agent(request.agent, request.procedure)]
}
