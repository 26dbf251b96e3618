//! A good case, and what becomes of it: by the table of the rules, and in random lives.

mod life;
mod lifecycle;
mod table;

use super::*;
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::payment::Means;
use crate::domain::plate::Plate;
use crate::domain::procedure;
use crate::sim::world::{Claim, ClaimState, Signatory, TaxCategory, VehicleClass};
use std::sync::LazyLock;

/// Where nothing more happens.
const ENDS: &[PortalStatus] = &[
    PortalStatus::NotAccepted,
    PortalStatus::Rejected,
    PortalStatus::Void,
    PortalStatus::Issued,
    PortalStatus::Withdrawn,
];

fn day(number: u32) -> Day {
    Day::from_number(number).unwrap()
}

/// A case in which nothing is wrong, on Tuesday 2026-12-01 at ten.
struct Scene {
    document: ApplicationDocument,
    filing: PortalFiling,
    vehicle: Option<Vehicle>,
    conformity: Option<Conformity>,
    policies: Vec<Policy>,
    card: Option<Card>,
    barred: bool,
    commission: Option<Commissioned>,
    earlier: Option<PortalFiling>,
    settings: Settings,
    now: BusinessTime,
    /// The document can be read.
    readable: bool,
}

impl Scene {
    fn of(procedure: &Procedure) -> Self {
        let plate =
            Plate { region: "品川".into(), class: "600".into(), kana: "さ".into(), serial: 1_111, small: false };
        let text = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let now = BusinessTime::at(day(20_261_201), 10, 0);
        let chassis = "SX31-9000001".to_owned();
        Self {
            document: ApplicationDocument {
                request: RequestId(100_000_001),
                procedure: procedure.code,
                office: "東京運輸支局".into(),
                plate: plate.clone(),
                chassis: ChassisNumber { number: chassis.clone(), officially_stamped: false },
                fields: text(&[
                    ("ownership", "individual"),
                    ("receiving", "client"),
                    ("name", "検査　太郎"),
                    ("address1", "東京都品川区"),
                    ("address2", "東大井１丁目"),
                    ("term", "two_years"),
                    ("renewal_division", "office"),
                ]),
                agent: text(&[
                    ("trade_name", "青空行政書士"),
                    ("person_name", "空野　晴"),
                    ("address", "東京都港区１"),
                ]),
                distribution: "1845678-001".into(),
            },
            filing: PortalFiling {
                number: SubmissionNumber([1; 16]),
                request: RequestId(100_000_001),
                filed_at: now,
                receipt: Some("2026120100000000001".into()),
                earlier: None,
                document: Vec::new(),
                signer: Some(Signatory {
                    trade_name: "青空行政書士".into(),
                    person_name: "空野　晴".into(),
                    address: "東京都港区１".into(),
                    valid_from: now.plus(-1_000),
                    valid_until: now.plus(1_000),
                }),
                status: PortalStatus::Review,
                since: now,
                due: Some(now),
                claims: Vec::new(),
                conformity_obtained: false,
                insurance_obtained: false,
                correction_until: None,
                corrections: 0,
                shortening_asked: false,
                outcome: None,
                released: false,
                expires_on: None,
                hold: None,
            },
            vehicle: Some(Vehicle {
                chassis: chassis.clone(),
                plate: plate.clone(),
                user_name: "検査 太郎".into(),
                user_address: "東京都品川区東大井1丁目".into(),
                expires_on: day(20_270_115),
                weight_kg: 1_380,
                class: VehicleClass::Passenger,
                first_registered: day(20_221_001),
                tax: TaxCategory::Standard,
                unpaid_fine: false,
                public: false,
                learned: false,
                reissued: None,
            }),
            conformity: Some(Conformity {
                chassis,
                plate,
                inspected_on: day(20_261_130),
                state: ConformityState::Registered,
                by_hand: false,
            }),
            policies: vec![Policy { from: day(20_250_115), until: day(20_290_116) }],
            card: None,
            barred: false,
            commission: None,
            earlier: None,
            settings: Settings::default(),
            now,
            readable: true,
        }
    }

    fn field(&mut self, key: &str, value: &str) {
        self.document.fields.retain(|(name, _)| name != key);
        self.document.fields.push((key.to_owned(), value.to_owned()));
    }

    fn chassis(&mut self, number: &str) {
        self.document.chassis.number = number.to_owned();
    }

    fn vehicle(&mut self) -> &mut Vehicle {
        self.vehicle.as_mut().unwrap()
    }

    /// Filed, and reviewed, on this day.
    fn on(&mut self, number: u32) {
        self.now = BusinessTime::at(day(number), 10, 0);
        self.filing.filed_at = self.now;
        self.conformity.as_mut().unwrap().inspected_on = day(number);
        self.filing.signer.as_mut().unwrap().valid_from = self.now;
        self.filing.signer.as_mut().unwrap().valid_until = self.now;
    }

    /// What the portal can look up in this scene.
    fn look<T>(&self, accounts: &[Account], act: impl FnOnce(&Facts<'_>) -> T) -> T {
        static TABLES: LazyLock<Tables> = LazyLock::new(Tables::embedded);
        act(&Facts {
            application: self.readable.then_some(&self.document),
            vehicle: self.vehicle.as_ref(),
            conformity: self.conformity.as_ref(),
            policies: &self.policies,
            card: self.card.as_ref(),
            accounts,
            barred: self.barred,
            commission: self
                .commission
                .as_ref()
                .filter(|holder| rules::commission_number(&self.document) == Some(&holder.number)),
            earlier: self.earlier.as_ref(),
            settings: &self.settings,
            tables: &TABLES,
            receipt: "2026120100000000002",
        })
    }
}

#[test]
fn every_status_is_an_end_or_has_something_that_happens() {
    use crate::domain::procedure::inspection::PROCEDURE;
    for status in PROCEDURE.portal_statuses {
        let acts = ACTS.iter().filter(|(from, _)| from == status).count();
        assert_eq!(acts, usize::from(!ENDS.contains(status)), "{}", status.label());
    }
}
