//! What the world learns when it sees a vehicle, an account or a card for the first time, where it is set to learn
//! (demo) or the chassis number is a magic one.

use super::magic;
use super::rules::{self, commission_number, field};
use super::tables::{Change, Look};
use super::world::{
    Account, Card, Commissioned, Conformity, ConformityState, Policy, Settings, TaxCategory, Vehicle, VehicleClass,
};
use crate::domain::payment::Means;
use crate::domain::procedure::VehicleKind;
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::ApplicationDocument;
use crate::store::Error;
use crate::store::kit::Transaction;

/// A learned vehicle's certificate expires so many days from now: inside the early window.
const EXPIRES_IN: i32 = 30;
/// A learned vehicle's age in months: a second renewal.
const AGE: i32 = -62;
/// A learned vehicle's weight in kg: an ordinary passenger car.
const WEIGHT: u32 = 1_380;
/// Insurance reaches so many months beyond the expiry, which is enough for every term.
const INSURED: i32 = 37;
/// What a learned account holds, in yen.
const BALANCE: u64 = 10_000_000;

/// An application arrived (again): the world gets to know what it does not know yet.
pub(super) fn application(
    tx: &Transaction,
    document: &ApplicationDocument,
    again: bool,
    settings: &Settings,
    now: BusinessTime,
) -> Result<(), Error> {
    let chassis = document.chassis.number.as_str();
    let magic = magic::outcome(chassis).is_some();
    if !settings.learn && !magic {
        return Ok(());
    }
    let today = now.day();
    let known = tx.vehicle(chassis)?;
    let new = known.as_ref().is_none_or(|vehicle| vehicle.learned);
    if new {
        tx.put_vehicle(&vehicle(
            document,
            known.map_or_else(|| today.plus_days(EXPIRES_IN), |old| in_window(old.expires_on, today)),
            today,
        ))?;
    }
    // Where the world learns, nobody else registers certificates, or mends them.
    if new || again || settings.learn {
        certificates(tx, document, today)?;
    }
    if field(document, "cashless") == "1" && tx.card(chassis)?.is_none() {
        tx.put_card(&Card { chassis: chassis.to_owned(), accepts: true, charged: 0 })?;
    }
    if let Some(number) = commission_number(document)
        && !number.is_empty()
        && tx.commissioned(number)?.is_none()
    {
        let name = field(document, "commission_name");
        let name = if name.is_empty() { "記録等事務代行者" } else { name };
        tx.put_commissioned(&Commissioned { number: number.to_owned(), name: name.to_owned() })?;
    }
    Ok(())
}

/// A learned vehicle comes again: its expiry stays when a renewal would not be shortened.
fn in_window(expires_on: Day, today: Day) -> Day {
    if today <= expires_on && expires_on <= today.plus_days(EXPIRES_IN) {
        expires_on
    } else {
        today.plus_days(EXPIRES_IN)
    }
}

fn vehicle(document: &ApplicationDocument, expires_on: Day, today: Day) -> Vehicle {
    Vehicle {
        chassis: document.chassis.number.clone(),
        plate: document.plate.clone(),
        user_name: field(document, "name").to_owned(),
        user_address: format!("{}{}", field(document, "address1"), field(document, "address2")),
        expires_on,
        weight_kg: WEIGHT,
        class: class(document),
        first_registered: today.plus_months(AGE),
        tax: TaxCategory::Standard,
        unpaid_fine: false,
        public: !field(document, "power_of_attorney").is_empty() || field(document, "fees_waived") == "1",
        learned: true,
        reissued: Some(field(document, "management_number")).filter(|number| !number.is_empty()).map(str::to_owned),
    }
}

/// As far as a plate tells: light vehicles for hire carry り or れ.
fn class(document: &ApplicationDocument) -> VehicleClass {
    match rules::procedure_of(Some(document)).vehicle {
        VehicleKind::Registered => VehicleClass::Passenger,
        VehicleKind::Light if ["り", "れ"].contains(&document.plate.kana.as_str()) => VehicleClass::LightBusiness,
        VehicleKind::Light => VehicleClass::Light,
    }
}

fn certificates(tx: &Transaction, document: &ApplicationDocument, today: Day) -> Result<(), Error> {
    let chassis = document.chassis.number.as_str();
    let usable = |conformity: &Conformity| conformity.plate == document.plate && rules::usable(conformity, today);
    let in_hand = |conformity: &Conformity| conformity.by_hand && conformity.state != ConformityState::Finished;
    if !tx.conformity(chassis)?.is_some_and(|conformity| usable(&conformity) || in_hand(&conformity)) {
        tx.put_conformity(&Conformity {
            chassis: chassis.to_owned(),
            plate: document.plate.clone(),
            inspected_on: today,
            state: ConformityState::Registered,
            by_hand: false,
        })?;
    }
    let expires_on = tx.vehicle(chassis)?.map_or(today, |vehicle| vehicle.expires_on).max(today);
    let policy = Policy { from: today.plus_days(-1), until: expires_on.plus_months(INSURED) };
    let mut policies = tx.policies(chassis)?;
    if !rules::insured_for(&policies, today, expires_on.plus_months(36)) {
        policies.push(policy);
        tx.put_policies(chassis, policies)?;
    }
    Ok(())
}

/// A payment was ordered from an account that nobody has opened.
pub(super) fn account(tx: &Transaction, name: &str, means: Means, settings: &Settings) -> Result<(), Error> {
    if settings.learn && means != Means::Card && tx.account(name)?.is_none() {
        tx.put_account(&Account { name: name.to_owned(), means, balance: BALANCE, taken: 0, open: true })?;
    }
    Ok(())
}
