//! 依頼データ and 申請データ as lists: every field of the procedure in the manual's order, 状況照会 and 納付情報. What an
//! upload reads has the headings of the upload, so that a downloaded list can be edited and brought back.

use super::Requests;
use super::table::Table;
use crate::domain::actor::Actor;
use crate::domain::field;
use crate::domain::ids::{AgentBranchId, BranchId, ClientOrganizationId, RequestId};
use crate::domain::import::heading;
use crate::domain::payment::PaymentStatus;
use crate::domain::plate::Plate;
use crate::domain::procedure::{self, Fact, Field, FieldKind, PaymentRule, Procedure, Shown, VehicleKind};
use crate::domain::reference::Tables;
use crate::domain::request::{Filing, PortalStatus, ServiceRequest, Value};
use crate::report::Cell;
use crate::service::error::Result;
use crate::store::Read;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A request with everything a row shows.
pub(super) struct Record {
    request: ServiceRequest,
    filing: Option<Filing>,
    client: Arc<str>,
    /// 依頼人拠点コード and 拠点（略称）.
    branch: (Arc<str>, Arc<str>),
    /// 代理人拠点ID and 代理人.
    agent: (Arc<str>, Arc<str>),
}

/// The columns of a list of requests.
pub(super) fn columns(tables: &Arc<Tables>, actor: &Actor, requests: &Requests) -> Table<Record> {
    let mut table = Table::new();
    let Some(procedure) = procedure::by_code(requests.procedure) else { return table };
    table.column("申請ID", 12, |row: &Record| Cell::Number(row.request.id.0));
    table.column("申請ステータス", 14, |row| row.request.status.label());
    if requests.filed {
        table.column("OSSステータス", 26, |row| row.request.portal_status.map_or("", PortalStatus::label));
    }
    vehicle(&mut table, procedure);
    if matches!(actor, Actor::Agent(_)) {
        table.column("依頼人組織ID", 14, |row| Cell::Number(row.request.client.0.into()));
        table.column("依頼人", 24, |row| Cell::from(&*row.client));
    }
    table.column(heading::BRANCH_CODE, 18, |row| Cell::from(&*row.branch.0));
    table.column(heading::BRANCH, 20, |row| Cell::from(&*row.branch.1));
    table.column(heading::AGENT_BRANCH_ID, 14, |row| Cell::from(&*row.agent.0));
    table.column(heading::AGENT, 34, |row| Cell::from(&*row.agent.1));
    table.column("申請種別", 10, |row| row.request.kind.label());
    table.column("登録方法", 14, |row| row.request.origin.label());
    table.column("依頼日時", 18, |row| row.request.requested_at);
    let (tables, vehicle) = (Arc::clone(tables), procedure.vehicle);
    table.column("申請先", 24, move |row| {
        let office = row.request.office.and_then(|number| tables.offices.get(vehicle, number));
        office.map_or_else(String::new, |office| office.name.clone())
    });
    if requests.filed {
        table.column("申請日時", 18, |row| row.request.filed_at);
        table.column(procedure.completed_label, 14, |row| row.request.completed_on);
    }
    for each in procedure.fields().filter(|field| requests.filed || field.shown != Shown::Application) {
        table.column(each.label, width(each), move |row| value(each, row));
    }
    table.column("依頼人更新者", 20, |row| row.request.client_updated.as_ref().map(|stamp| stamp.name.clone()));
    table.column("依頼人更新日時", 18, |row| row.request.client_updated.as_ref().map(|stamp| stamp.at));
    table.column("代理人更新日時", 18, |row| row.request.agent_updated.as_ref().map(|stamp| stamp.at));
    if requests.filed {
        procedure.facts.iter().for_each(|fact| add_fact(&mut table, fact));
        procedure.payments.iter().for_each(|rule| payment(&mut table, rule));
    } else {
        table.column("差戻しの理由", 40, |row| {
            row.request.returned.as_ref().map(|returned| returned.reason.clone())
        });
    }
    table
}

fn vehicle(table: &mut Table<Record>, procedure: &Procedure) {
    let part = |read: fn(&Plate) -> String| move |row: &Record| row.request.plate.as_ref().map(read);
    let [region, class, kana, serial] = heading::plate(procedure);
    table.column(region, 12, part(|plate| plate.region.clone()));
    table.column(class, 12, part(|plate| plate.class.clone()));
    table.column(kana, 12, part(|plate| plate.kana.clone()));
    table.column(serial, 12, part(|plate| plate.serial.to_string()));
    if procedure.vehicle == VehicleKind::Light {
        table.column(heading::SMALL, 14, part(|plate| (if plate.small { "小板" } else { "小板以外" }).to_owned()));
    }
    table.column(heading::CHASSIS, 24, |row| row.request.chassis.as_ref().map(|chassis| chassis.number.clone()));
    table.column(heading::STAMPED, 16, |row| {
        row.request
            .chassis
            .as_ref()
            .map(|chassis| if chassis.officially_stamped { "職権打刻あり" } else { "職権打刻なし" })
    });
}

/// About as wide as what mostly stands there.
fn width(field: &Field) -> u16 {
    match &field.kind {
        FieldKind::Text { max, .. } | FieldKind::PrefectureAddress { max } => {
            u16::try_from(*max).unwrap_or(40).clamp(12, 36)
        }
        FieldKind::Choice(_) => 24,
        FieldKind::Flag { .. } => 18,
        FieldKind::Date => 14,
        FieldKind::CommissionNumber | FieldKind::ManagementNumber => 16,
        FieldKind::Memo { .. } => 40,
    }
}

fn value(field: &Field, row: &Record) -> Cell {
    match row.request.fields.get(&field.no) {
        Some(Value::Day(day)) => Cell::Day(*day),
        _ => field::shown(field, &row.request.fields).into(),
    }
}

fn add_fact(table: &mut Table<Record>, fact: &'static Fact) {
    let no = fact.no;
    table.column(format!("状況照会：{}", fact.label), 24, move |row| {
        match row.filing.as_ref().and_then(|filing| filing.facts.get(&no)) {
            None => Cell::Empty,
            Some(Value::Text(text)) => text.clone().into(),
            Some(Value::Choice(code)) => Cell::Number((*code).into()),
            Some(Value::Flag(set)) => (if *set { "有" } else { "無" }).into(),
            Some(Value::Day(day)) => Cell::Day(*day),
            Some(Value::Moment(at)) => (*at).into(),
        }
    });
}

fn payment(table: &mut Table<Record>, rule: &'static PaymentRule) {
    let (kind, label) = (rule.kind, rule.label);
    let of = move |row: &Record| row.filing.as_ref().and_then(|filing| filing.payment(kind)).cloned();
    table.column(format!("{label}：税手数料額"), 18, move |row| of(row).map(|payment| payment.amount));
    table.column(format!("{label}：推定・見込"), 14, move |row| {
        of(row).map_or("", |payment| match (payment.inferred, payment.expected) {
            (true, true) => "推定・見込",
            (true, false) => "推定",
            (false, true) => "見込",
            (false, false) => "",
        })
    });
    table.column(format!("{label}：納付状況"), 14, move |row| {
        of(row).map(|payment| payment.status).map_or("", PaymentStatus::label)
    });
    table.column(format!("{label}：納付完了日"), 14, move |row| of(row).and_then(|payment| payment.paid_on));
    table.column(format!("{label}：納付期限日"), 14, move |row| of(row).map(|payment| payment.due));
}

/// Names that rows refer to, read once for each part.
#[derive(Default)]
struct Names {
    clients: BTreeMap<ClientOrganizationId, Arc<str>>,
    branches: BTreeMap<BranchId, (Arc<str>, Arc<str>)>,
    agents: BTreeMap<AgentBranchId, (Arc<str>, Arc<str>)>,
}

/// The requests with these ids, in this order; one that is gone meanwhile is left out.
pub(super) fn read(tx: &Read, ids: &[RequestId]) -> Result<Vec<Record>> {
    let mut names = Names::default();
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(request) = tx.request(*id)? else { continue };
        let filing = tx.last_filing(&request)?;
        records.push(Record {
            client: names.client(tx, request.client)?,
            branch: names.branch(tx, request.branch)?,
            agent: names.agent(tx, request.agent_branch)?,
            filing,
            request,
        });
    }
    Ok(records)
}

impl Names {
    fn client(&mut self, tx: &Read, id: ClientOrganizationId) -> Result<Arc<str>> {
        if let Some(name) = self.clients.get(&id) {
            return Ok(Arc::clone(name));
        }
        let name: Arc<str> = tx.client_organization(id)?.map_or_else(String::new, |client| client.short_name).into();
        self.clients.insert(id, Arc::clone(&name));
        Ok(name)
    }

    fn branch(&mut self, tx: &Read, id: BranchId) -> Result<(Arc<str>, Arc<str>)> {
        if let Some(names) = self.branches.get(&id) {
            return Ok(names.clone());
        }
        let branch = tx.branch(id)?.map(|branch| (branch.code.into(), branch.short_name.into()));
        let names = branch.unwrap_or_else(|| ("".into(), "".into()));
        self.branches.insert(id, names.clone());
        Ok(names)
    }

    fn agent(&mut self, tx: &Read, id: AgentBranchId) -> Result<(Arc<str>, Arc<str>)> {
        if let Some(names) = self.agents.get(&id) {
            return Ok(names.clone());
        }
        let code = tx.agent_branch(id)?.map_or_else(String::new, |branch| branch.code);
        let names: (Arc<str>, Arc<str>) = (code.into(), crate::service::requests::view::agent_name(tx, id)?.into());
        self.agents.insert(id, names.clone());
        Ok(names)
    }
}

#[cfg(test)]
mod tests;
