//! The demo's past: forty days of work, done by the same use cases that people use, with the business clock set back.
//! So every record, history line, payment and portal filing is a real one.

use super::cast::{AGENTS, GARAGES};
use super::foundation;
use super::people::{DemoVehicle, vehicle};
use crate::app::Shared;
use crate::domain::actor::{AgentActor, ClientActor};
use crate::domain::calendar::{is_working_day, next_working_day};
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, RequestId};
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::procedure::common::{division, no};
use crate::domain::procedure::{Procedure, VehicleKind, inspection, light_inspection};
use crate::domain::request::{Ask, Value, Values};
use crate::domain::role::{Application, ClientRole};
use crate::domain::time::{BusinessTime, Day};
use crate::domain::workflow::Action;
use crate::service::error::{Error, Result};
use crate::service::once::Token;
use crate::service::requests::{self, NewRequest};
use crate::service::{asking, filing, payments};
use crate::sim::Seed;
use crate::sim::world::{
    Account, Commissioned, Conformity, ConformityState, Policy, Settings, Speed, TaxCategory, Vehicle, VehicleClass,
};

/// How many vehicles the register has.
const VEHICLES: u32 = 200;
/// What every account holds, in yen.
const BALANCE: u64 = 30_000_000;

/// How far a request of the past has come by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Draft,
    Returned,
    Sent,
    Accepted,
    AwaitingInspectionFee,
    AwaitingInformationFee,
    AwaitingWeightTax,
    /// 中断中.
    Suspended,
    /// 取下.
    Withdrawn,
    /// 無効: nobody paid in time.
    Unpaid,
    /// A magic chassis number decides.
    Magic(&'static str),
    Completed,
}

/// What the most recent days left unfinished, oldest first. Four in a row are of both garages and of both procedures, so
/// that either agent's lists show them.
const RECENT: &[(Fate, usize)] = &[
    (Fate::Magic("-TEST-04"), 4),
    (Fate::Completed, 6),
    (Fate::Magic("-TEST-05"), 4),
    (Fate::Magic("-TEST-02"), 4),
    (Fate::Completed, 4),
    (Fate::Magic("-TEST-03"), 2),
    (Fate::Withdrawn, 4),
    (Fate::Suspended, 4),
    (Fate::AwaitingWeightTax, 6),
    (Fate::Magic("-TEST-11"), 4),
    (Fate::Magic("-TEST-06"), 4),
    (Fate::AwaitingInformationFee, 4),
    (Fate::AwaitingInspectionFee, 7),
    (Fate::Accepted, 8),
    (Fate::Returned, 3),
    (Fate::Sent, 11),
    (Fate::Draft, 10),
];
/// On so many working days.
const RECENT_DAYS: usize = 6;
/// At their end before those.
const FINISHED: usize = 62;
/// Of these, the ones whose fee nobody paid: old enough that its deadline has passed, of both garages and procedures.
const UNPAID: [usize; 4] = [0, 1, 2, 5];

/// All requests in their order. Every third, and the last of each kind, is for a light vehicle.
fn fates() -> Vec<(Fate, &'static Procedure)> {
    let groups = std::iter::once((Fate::Completed, FINISHED)).chain(RECENT.iter().copied());
    let procedure = |place: usize, count: usize| -> &'static Procedure {
        if place % 3 == 2 || place + 1 == count { &light_inspection::PROCEDURE } else { &inspection::PROCEDURE }
    };
    let mut fates: Vec<_> =
        groups.flat_map(|(fate, count)| (0..count).map(move |place| (fate, procedure(place, count)))).collect();
    for place in UNPAID {
        fates.iter_mut().skip(place).take(1).for_each(|(fate, _)| *fate = Fate::Unpaid);
    }
    fates
}

/// Whether the n-th vehicle is a light one; so are some that nobody has written about.
fn is_light(fates: &[(Fate, &'static Procedure)], number: usize) -> bool {
    fates.get(number).map_or(number.is_multiple_of(4), |(_, procedure)| procedure.vehicle == VehicleKind::Light)
}

/// One garage's staff member with what they choose from, and the agents' staff.
struct Staff {
    garages: Vec<(ClientActor, Vec<(BranchId, AgentBranchId)>)>,
    agents: Vec<AgentActor>,
}

/// Lives through the past. The business clock follows the system's again afterwards.
///
/// # Errors
/// Of the use cases; there should be none.
pub(super) async fn live(app: &Shared) -> Result<()> {
    let now = app.clocks.business();
    let days = working_days(app, now.day());
    seed(app, now.day())?;
    let staff = staff(app)?;
    let settings = at_once(app)?;
    let fates = fates();
    for (number, (fate, procedure)) in fates.iter().enumerate() {
        let Some(day) = day_of(number, &days) else { continue };
        let hour = 9 + i8::try_from(number % 7).unwrap_or(0);
        app.clocks.set_business(BusinessTime::at(day, hour, i8::try_from(number * 7 % 50).unwrap_or(0)), true);
        one(app, &staff, number, (*fate, procedure)).await?;
    }
    app.clocks.set_business(now, false);
    if let (Some(sim), Some(settings)) = (&app.sim, settings) {
        sim.set_settings(&settings, now)?;
    }
    Ok(())
}

/// In the past nobody waits: the office decides at once. Answers how it is set to work from today on.
fn at_once(app: &Shared) -> Result<Option<Settings>> {
    let Some(sim) = &app.sim else { return Ok(None) };
    let settings = sim.settings()?;
    let quick = Settings { speed: Speed::Instant, step_seconds: 0, ..settings.clone() };
    sim.set_settings(&quick, app.clocks.business())?;
    Ok(Some(settings))
}

/// The day of the n-th request: the finished ones evenly over the weeks before, the rest within the last few working
/// days, so that no deadline of theirs has passed.
fn day_of(number: usize, days: &[Day]) -> Option<Day> {
    let before = days.len().saturating_sub(RECENT_DAYS);
    let recent = fates().len() - FINISHED;
    let position = match number.checked_sub(FINISHED) {
        None => number * before / FINISHED,
        Some(number) => before + number * (days.len() - before) / recent,
    };
    days.get(position).copied()
}

/// The working days of the past, up to yesterday.
fn working_days(app: &Shared, today: Day) -> Vec<Day> {
    let past = i32::try_from(foundation::PAST_DAYS).unwrap_or(0);
    (1..=past)
        .rev()
        .map(|back| today.plus_days(-back))
        .filter(|day| is_working_day(*day, &app.tables.holidays))
        .collect()
}

/// Vehicles, certificates, insurance and accounts, as the outside world has them.
fn seed(app: &Shared, today: Day) -> Result<()> {
    let Some(sim) = &app.sim else { return Ok(()) };
    let days = working_days(app, today);
    let mut seed = Seed::default();
    let fates = fates();
    for number in 0..VEHICLES {
        let place = usize::try_from(number).unwrap_or(0);
        let light = is_light(&fates, place);
        let demo = vehicle(number, light);
        let used_on = day_of(place, &days).unwrap_or(today);
        let expires_on = used_on.plus_days(demo.expires_in);
        seed.vehicles.push(Vehicle {
            chassis: demo.chassis.number.clone(),
            plate: demo.plate.clone(),
            user_name: demo.user.clone(),
            user_address: format!("{}{}", demo.address1, demo.address2),
            expires_on,
            weight_kg: demo.weight,
            class: if light { VehicleClass::Light } else { VehicleClass::Passenger },
            first_registered: used_on.plus_months(-12 * demo.age),
            tax: if demo.age < 6 { TaxCategory::Reduced } else { TaxCategory::Standard },
            unpaid_fine: false,
            public: false,
            learned: false,
            reissued: None,
        });
        seed.conformity.push(Conformity {
            chassis: demo.chassis.number.clone(),
            plate: demo.plate.clone(),
            inspected_on: used_on,
            state: ConformityState::Registered,
            by_hand: false,
        });
        let policy = Policy { from: used_on.plus_days(-1), until: expires_on.plus_months(25) };
        seed.policies.push((demo.chassis.number, policy));
    }
    let account = |name: &str, means| Account { name: name.to_owned(), means, balance: BALANCE, taken: 0, open: true };
    let clients = app.store.read(|tx| Ok::<_, Error>(tx.client_organizations()?))?;
    for kind in [VehicleKind::Registered, VehicleKind::Light] {
        let accounts = clients.iter().map(|client| payments::garage_account(client, kind));
        seed.accounts.extend(accounts.map(|name| account(&name, Means::DirectDebit)));
    }
    seed.accounts.extend(
        AGENTS.iter().map(|agent| account(&payments::advance_account(AgentOrganizationId(agent.id)), Means::Advance)),
    );
    for garage in &GARAGES {
        seed.commissioned.extend(garage.branches.iter().filter_map(|(_, name, _, number, _)| {
            number.map(|number| Commissioned { number: number.to_owned(), name: format!("{}　{name}", garage.name) })
        }));
    }
    for agent in &AGENTS {
        seed.commissioned.extend(agent.branches.iter().filter_map(|(_, name, _, number)| {
            number.map(|number| Commissioned { number: number.to_owned(), name: format!("{}　{name}", agent.name) })
        }));
    }
    Ok(sim.seed(seed)?)
}

fn staff(app: &Shared) -> Result<Staff> {
    app.store.read(|tx| {
        let mut staff = Staff { garages: Vec::new(), agents: Vec::new() };
        for garage in &GARAGES {
            let sender = garage.users.iter().find(|user| user.role == ClientRole::StaffMaySend);
            let Some(user) = sender.and_then(|user| tx.user_by_login(Application::Client, user.login_id).transpose())
            else {
                continue;
            };
            let actor = tx.client_actor(user?.id)?.ok_or(Error::NotFound)?;
            let branches = tx
                .branches_of(actor.organization())?
                .into_iter()
                .filter_map(|branch| branch.default_agent.map(|agent| (branch.id, agent)))
                .collect();
            staff.garages.push((actor, branches));
        }
        for agent in &AGENTS {
            let Some(user) = agent.users.last() else { continue };
            let user = tx.user_by_login(Application::Agent, user.login_id)?.ok_or(Error::NotFound)?;
            staff.agents.push(tx.agent_actor(user.id)?.ok_or(Error::NotFound)?);
        }
        Ok(staff)
    })
}

/// One request, from its first line as far as its fate lets it go.
async fn one(app: &Shared, staff: &Staff, number: usize, (fate, procedure): (Fate, &'static Procedure)) -> Result<()> {
    let mut demo = vehicle(u32::try_from(number).unwrap_or(0), procedure.vehicle == VehicleKind::Light);
    if let Fate::Magic(ending) = fate {
        demo.chassis = ChassisNumber { number: format!("DMX{number}{ending}"), officially_stamped: false };
    }
    let Some((garage, branches)) = staff.garages.get(number % staff.garages.len().max(1)) else { return Ok(()) };
    let Some((branch, agent_branch)) = branches.get(number / 2 % branches.len().max(1)).copied() else {
        return Ok(());
    };
    let new = NewRequest {
        plate: demo.plate.clone(),
        chassis: demo.chassis.clone(),
        branch,
        agent_branch,
        template: None,
        same_vehicle_confirmed: false,
    };
    let id = requests::register(app, garage, procedure, new, Token::random()).await?;
    minutes(app, 6);
    let request = requests::view::view(app, &garage.clone().into(), id)?.request;
    let mut values = request.fields.clone();
    values.extend(certificate_values(app, &demo, number, branch)?);
    values.retain(|no, _| procedure.field_by_number(*no).is_some());
    let send = fate != Fate::Draft;
    let request = requests::update(app, garage, id, request.version, values, send, Token::random()).await?;
    let agent = staff.agents.iter().find(|agent| agent.organization() == request.agent);
    let Some(agent) = agent.filter(|_| !matches!(fate, Fate::Draft | Fate::Sent)) else { return Ok(()) };
    minutes(app, 25);
    if fate == Fate::Returned {
        let reason = "住所2の番地が車検証と違うようです。確認して、もう一度送信してください。".to_owned();
        requests::act(app, agent.clone(), id, Action::SendBack(reason), Token::random()).await?;
        return Ok(());
    }
    requests::act(app, agent.clone(), id, Action::Accept, Token::random()).await?;
    if fate == Fate::Accepted {
        return Ok(());
    }
    minutes(app, 4);
    filing::file(app, agent, id, Token::random()).await?;
    app.run_due_jobs().await?;
    let kinds: &[PaymentKind] = match fate {
        Fate::AwaitingInspectionFee | Fate::Unpaid => &[],
        Fate::AwaitingInformationFee | Fate::Suspended | Fate::Withdrawn => &[PaymentKind::InspectionFee],
        Fate::AwaitingWeightTax => &[PaymentKind::InspectionFee, PaymentKind::InformationFee],
        _ => &[PaymentKind::InspectionFee, PaymentKind::InformationFee, PaymentKind::WeightTax],
    };
    for kind in kinds {
        minutes(app, 9);
        if *kind == PaymentKind::WeightTax && number < FINISHED && !number.is_multiple_of(3) {
            next_morning(app);
        }
        pay(app, agent, id, *kind).await?;
    }
    let ask = match fate {
        Fate::Suspended => Ask::Suspend,
        Fate::Withdrawn => Ask::Withdraw,
        _ => return Ok(()),
    };
    minutes(app, 12);
    asking::ask(app, agent, id, ask, Token::random()).await?;
    app.run_due_jobs().await?;
    Ok(())
}

/// Pays a fee if it is waiting: a magic chassis number may have stopped the application before.
async fn pay(app: &Shared, agent: &AgentActor, id: RequestId, kind: PaymentKind) -> Result<()> {
    let view = requests::view::view(app, &agent.clone().into(), id)?;
    let awaited = view.filing.as_ref().is_some_and(|filing| {
        crate::domain::workflow::awaits_payment(&view.request, filing, kind)
            && filing.payment(kind).is_some_and(|payment| payment.refusal.is_none())
    });
    if awaited {
        payments::pay(app, agent, (id, kind), None, Token::random()).await?;
        app.run_due_jobs().await?;
    }
    Ok(())
}

/// What the garage copies from the certificate.
fn certificate_values(app: &Shared, demo: &DemoVehicle, number: usize, branch: BranchId) -> Result<Values> {
    let commissioned = app
        .store
        .read(|tx| Ok::<_, Error>(tx.branch(branch)?.is_some_and(|branch| branch.commission_number.is_some())))?;
    let renewal = if commissioned && number.is_multiple_of(3) { division::CLIENT } else { division::OFFICE };
    let mut values = Values::from([
        (no::OWNERSHIP, Value::Choice(if demo.corporation { 2 } else { 1 })),
        (no::NAME, Value::Text(demo.user.clone())),
        (no::ADDRESS_1, Value::Text(demo.address1.clone())),
        (no::ADDRESS_2, Value::Text(demo.address2.clone())),
        (no::TERM, Value::Choice(2)),
        (no::RENEWAL_DIVISION, Value::Choice(renewal)),
        (no::RECEIVING, Value::Choice(if number.is_multiple_of(3) { 1 } else { 2 })),
        (no::PLANNED_ON, Value::Day(app.clocks.business().day())),
    ]);
    if let Some(representative) = &demo.representative {
        values.insert(no::REPRESENTATIVE, Value::Text(representative.clone()));
    }
    if number.is_multiple_of(5) {
        values.insert(no::MEMO, Value::Text("代車あり。受取りは夕方の予定です。".to_owned()));
    }
    Ok(values)
}

/// Many have their weight tax paid when work begins again.
fn next_morning(app: &Shared) {
    let day = next_working_day(app.clocks.business().day(), &app.tables.holidays);
    app.clocks.set_business(BusinessTime::at(day, 9, 20), true);
}

fn minutes(app: &Shared, minutes: i64) {
    app.clocks.set_business(app.clocks.business().plus(minutes * 60), true);
}
