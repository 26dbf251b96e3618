//! The office's rules one by one: given a good case with one thing changed, when the official decides, then this.

mod lifecycle;

use super::*;
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{RequestId, SubmissionNumber};
use crate::domain::payment::Means;
use crate::domain::plate::Plate;
use crate::domain::procedure;
use crate::sim::world::{Claim, ClaimState, Signatory, TaxCategory, VehicleClass};
use PortalStatus::{
    AwaitingInspectionFee, AwaitingIssue, AwaitingWeightTax, CorrectionRequested, NotAccepted, Rejected, Review,
};
use std::sync::LazyLock;

/// Where nothing more happens.
const ENDS: &[PortalStatus] =
    &[NotAccepted, Rejected, PortalStatus::Void, PortalStatus::Issued, PortalStatus::Withdrawn];

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
}

impl Scene {
    fn good() -> Self {
        Self::of(&procedure::inspection::PROCEDURE)
    }

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
                status: Review,
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
            }),
            policies: vec![Policy { from: day(20_250_115), until: day(20_290_116) }],
            card: None,
            barred: false,
            commission: None,
            earlier: None,
            settings: Settings::default(),
            now,
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
        self.filing.due = Some(self.now);
        self.conformity.as_mut().unwrap().inspected_on = day(number);
        self.filing.signer.as_mut().unwrap().valid_from = self.now;
        self.filing.signer.as_mut().unwrap().valid_until = self.now;
    }

    /// What the portal can look up in this scene.
    fn look<T>(&self, accounts: &[Account], act: impl FnOnce(&Facts<'_>) -> T) -> T {
        static TABLES: LazyLock<Tables> = LazyLock::new(Tables::embedded);
        act(&Facts {
            application: Some(&self.document),
            vehicle: self.vehicle.as_ref(),
            conformity: self.conformity.as_ref(),
            policies: &self.policies,
            card: self.card.as_ref(),
            accounts,
            barred: self.barred,
            commission: self.commission.as_ref(),
            earlier: self.earlier.as_ref(),
            settings: &self.settings,
            tables: &TABLES,
            receipt: "2026120100000000002",
        })
    }

    fn decide(&self, status: PortalStatus) -> Step {
        let mut filing = PortalFiling { status, ..self.filing.clone() };
        if status == Review && rules::field(&self.document, "cashless") != "1" {
            // Who comes to the review has paid the fees.
            let on = self.now.day();
            let state = ClaimState::Paid { means: Means::DirectDebit, account: "1".into(), on };
            filing.claims = [PaymentKind::InspectionFee, PaymentKind::InformationFee]
                .map(|kind| Claim { kind, amount: Yen(400), due: on, state: state.clone(), refusals: 0 })
                .to_vec();
        }
        self.look(&[], |facts| step(&filing, facts, self.now)).unwrap()
    }
}

/// The reasons that were given, in one piece.
fn reasons(step: &Step) -> String {
    step.happenings
        .iter()
        .map(|happening| match happening {
            Happening::NotAccepted { reasons }
            | Happening::Rejected { reasons }
            | Happening::Voided { reasons }
            | Happening::CorrectionRequested { reasons, .. } => reasons.concat(),
            Happening::PaymentRefused { reason, .. } => reason.clone(),
            _ => String::new(),
        })
        .collect()
}

type Row = (&'static str, fn(&mut Scene), PortalStatus, &'static str);

fn check(at: PortalStatus, rows: &[Row]) {
    check_of(&procedure::inspection::PROCEDURE, at, rows);
}

fn check_of(procedure: &Procedure, at: PortalStatus, rows: &[Row]) {
    for (given, change, then, because) in rows {
        let mut scene = Scene::of(procedure);
        change(&mut scene);
        let step = scene.decide(at);
        let said = reasons(&step);
        assert_eq!(step.filing.status, *then, "{given}: {said}");
        assert!(said.contains(because), "{given}: {said}");
        assert!(!said.is_empty() || because.is_empty(), "{given}");
    }
}

#[test]
fn reception_ends_as_not_accepted_before_any_fee() {
    check(
        PortalStatus::ReceptionReview,
        &[
            ("nothing is wrong", |_| {}, AwaitingInspectionFee, ""),
            ("the signature is wrong", |s| s.filing.signer = None, NotAccepted, "電子署名"),
            (
                "the certificate has expired",
                |s| s.filing.signer.as_mut().unwrap().valid_until = s.now.plus(-1),
                NotAccepted,
                "有効期間",
            ),
            (
                "the certificate is not valid yet",
                |s| s.filing.signer.as_mut().unwrap().valid_from = s.now.plus(1),
                NotAccepted,
                "有効期間",
            ),
            ("another person signed", |s| s.document.agent[1].1 = "海野　晴".into(), NotAccepted, "氏名・住所"),
            ("another address", |s| s.document.agent[2].1 = "東京都港区２".into(), NotAccepted, "氏名・住所"),
            (
                "width and spaces don't matter",
                |s| s.document.agent[2].1 = "東京都 港区1".into(),
                AwaitingInspectionFee,
                "",
            ),
            ("an agent who may not apply for this", |s| s.barred = true, NotAccepted, "認められていません"),
            ("magic: the same", |s| s.chassis("A-TEST-10"), NotAccepted, "認められていません"),
            ("no name", |s| s.field("name", ""), NotAccepted, "必須項目"),
            ("an unknown term", |s| s.field("term", "ten_years"), NotAccepted, "必須項目"),
            (
                "a commission number that the office does not know",
                |s| {
                    s.field("renewal_division", "client");
                    s.field("commission_number", "A123456789");
                },
                NotAccepted,
                "委託番号",
            ),
            (
                "a commission number that it knows",
                |s| {
                    s.field("renewal_division", "client_by_number");
                    s.field("commission_number", "A123456789");
                    s.commission = Some(Commissioned { number: "A123456789".into(), name: "工場".into() });
                },
                AwaitingInspectionFee,
                "",
            ),
            ("magic: unknown commission number", |s| s.chassis("A-TEST-05"), NotAccepted, "委託番号"),
            (
                "magic, filed again",
                |s| {
                    s.chassis("A-TEST-05");
                    s.filing.earlier = Some("1".into());
                },
                AwaitingInspectionFee,
                "",
            ),
            ("card: no fee is waited for", |s| s.field("cashless", "1"), Review, ""),
            (
                "both fees waived by an authority's power of attorney",
                |s| {
                    s.vehicle().public = true;
                    s.field("power_of_attorney", "office_certificate");
                    s.field("inspection_fee_waived", "1");
                    s.field("information_fee_waived", "1");
                },
                Review,
                "",
            ),
            (
                "waived without a power of attorney: charged",
                |s| {
                    s.vehicle().public = true;
                    s.field("inspection_fee_waived", "1");
                },
                AwaitingInspectionFee,
                "",
            ),
        ],
    );
}

#[test]
fn a_light_vehicle_is_received_by_a_machine_and_never_without_fees() {
    check_of(
        &procedure::light_inspection::PROCEDURE,
        PortalStatus::Received,
        &[
            ("nothing is wrong", |_| {}, PortalStatus::AwaitingFees, ""),
            ("nobody to receive the certificate", |s| s.field("receiving", ""), NotAccepted, "必須項目"),
            ("the signature is wrong", |s| s.filing.signer = None, NotAccepted, "電子署名"),
            ("its fees are waived", |s| s.vehicle().public = true, Rejected, "軽OSSの対象外"),
        ],
    );
}

/// The early window is from 2026-11-26 on for an expiry on 2027-02-10.
#[test]
fn a_light_vehicle_is_reviewed_by_rules_of_its_own() {
    check_of(
        &procedure::light_inspection::PROCEDURE,
        Review,
        &[
            ("nothing is wrong", |_| {}, AwaitingWeightTax, ""),
            ("it would be shortened", |s| s.vehicle().expires_on = day(20_270_210), CorrectionRequested, "短縮"),
            (
                "it would be shortened, which is agreed",
                |s| {
                    s.vehicle().expires_on = day(20_270_210);
                    s.field("shortening_allowed", "1");
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "shortened before the window: nobody asks",
                |s| s.vehicle().expires_on = day(20_270_310),
                AwaitingWeightTax,
                "",
            ),
            ("an unpaid fine", |s| s.vehicle().unpaid_fine = true, CorrectionRequested, "放置違反金"),
            (
                "an unpaid fine with its receipt",
                |s| {
                    s.vehicle().unpaid_fine = true;
                    s.field("fine_receipt", "1");
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "a reissued certificate, not named",
                |s| s.vehicle().reissued = Some("12345051205".into()),
                AwaitingWeightTax,
                "",
            ),
            (
                "a reissued certificate, by its first five digits",
                |s| {
                    s.vehicle().reissued = Some("12345051205".into());
                    s.field("management_number", "12345");
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "another number than the reissued certificate's",
                |s| {
                    s.vehicle().reissued = Some("1234567890123".into());
                    s.field("management_number", "12345");
                },
                CorrectionRequested,
                "電子車検証管理番号",
            ),
            ("a plate of another vehicle", |s| s.document.plate.serial = 2, Rejected, "車両番号と車台番号"),
        ],
    );
}

#[test]
fn review_rejects_or_asks_for_a_correction() {
    check(
        Review,
        &[
            ("nothing is wrong", |_| {}, AwaitingWeightTax, ""),
            ("an unknown vehicle", |s| s.vehicle = None, Rejected, "車台番号"),
            ("another vehicle's plate", |s| s.vehicle().plate.serial = 2, Rejected, "組合せ"),
            ("another user", |s| s.field("name", "検査　花子"), Rejected, "使用者"),
            ("another address", |s| s.field("address2", "東大井２丁目"), Rejected, "使用者"),
            (
                "what ends it outweighs what could be corrected",
                |s| {
                    s.conformity = None;
                    s.field("name", "検査　花子");
                },
                Rejected,
                "使用者",
            ),
            ("no conformity certificate", |s| s.conformity = None, CorrectionRequested, "登録されていません"),
            (
                "a certificate that was rejected before",
                |s| s.conformity.as_mut().unwrap().state = ConformityState::Rejected,
                CorrectionRequested,
                "却下",
            ),
            (
                "a certificate for another plate",
                |s| s.conformity.as_mut().unwrap().plate.kana = "し".into(),
                CorrectionRequested,
                "申請と異なります",
            ),
            (
                "the fifteenth day, counting that of the inspection",
                |s| s.conformity.as_mut().unwrap().inspected_on = day(20_261_117),
                AwaitingWeightTax,
                "",
            ),
            (
                "the sixteenth day",
                |s| s.conformity.as_mut().unwrap().inspected_on = day(20_261_116),
                CorrectionRequested,
                "15日間",
            ),
            ("no insurance", |s| s.policies.clear(), CorrectionRequested, "登録されていません"),
            (
                "insurance that ends on the day of the new expiry: half a day is missing",
                |s| s.policies[0].until = day(20_290_115),
                CorrectionRequested,
                "不足",
            ),
            (
                "two contracts that join",
                |s| {
                    s.policies[0].until = day(20_270_115);
                    s.policies.push(Policy { from: day(20_270_115), until: day(20_290_116) });
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "two contracts with a day between",
                |s| {
                    s.policies[0].until = day(20_270_115);
                    s.policies.push(Policy { from: day(20_270_116), until: day(20_290_116) });
                },
                CorrectionRequested,
                "不足",
            ),
            ("a fine that was not paid", |s| s.vehicle().unpaid_fine = true, CorrectionRequested, "放置違反金"),
            ("two months before the expiry", |s| s.on(20_261_115), AwaitingWeightTax, ""),
            ("a day earlier: the office asks", |s| s.on(20_261_114), CorrectionRequested, "短縮"),
            ("fourteen days earlier: it still asks", |s| s.on(20_261_101), CorrectionRequested, "短縮"),
            ("fifteen days earlier: shortened without asking", |s| s.on(20_261_031), AwaitingWeightTax, ""),
            (
                "asked, and answered",
                |s| {
                    s.on(20_261_110);
                    s.filing.shortening_asked = true;
                    s.filing.corrections = 1;
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "free of weight tax: nothing is left to be paid",
                |s| s.vehicle().tax = TaxCategory::Exempt,
                AwaitingIssue,
                "",
            ),
            ("magic: approved", |s| s.chassis("A-TEST-01"), AwaitingWeightTax, ""),
            ("magic: no conformity certificate", |s| s.chassis("A-TEST-02"), CorrectionRequested, "適合証"),
            ("magic: short insurance", |s| s.chassis("A-TEST-03"), CorrectionRequested, "不足"),
            (
                "magic, corrected",
                |s| {
                    s.chassis("A-TEST-03");
                    s.filing.corrections = 1;
                },
                AwaitingWeightTax,
                "",
            ),
            ("magic: another user", |s| s.chassis("A-TEST-04"), Rejected, "使用者"),
            (
                "the instructor approves what the rules would not",
                |s| {
                    s.filing.outcome = Some(Outcome::Approve);
                    s.conformity = None;
                    s.policies.clear();
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "not even the instructor approves a vehicle that does not exist",
                |s| {
                    s.filing.outcome = Some(Outcome::Approve);
                    s.vehicle = None;
                },
                Rejected,
                "車台番号",
            ),
            (
                "the instructor outweighs the magic number",
                |s| {
                    s.chassis("A-TEST-04");
                    s.filing.outcome = Some(Outcome::ByRegister);
                },
                AwaitingWeightTax,
                "",
            ),
            (
                "card: charged after the review",
                |s| {
                    s.field("cashless", "1");
                    s.card = Some(Card { chassis: String::new(), accepts: true, charged: 0 });
                },
                AwaitingIssue,
                "",
            ),
            ("card: none registered", |s| s.field("cashless", "1"), PortalStatus::AwaitingRepayment, "カード"),
            (
                "magic: card declined",
                |s| {
                    s.chassis("A-TEST-07");
                    s.field("cashless", "1");
                    s.card = Some(Card { chassis: String::new(), accepts: true, charged: 0 });
                },
                PortalStatus::AwaitingRepayment,
                "利用できません",
            ),
        ],
    );
}

#[test]
fn the_new_term_and_the_state_of_the_certificate_follow_the_decision() {
    let expiry = |on: u32| {
        let mut scene = Scene::good();
        scene.on(on);
        scene.policies[0].until = day(20_310_101);
        scene.filing.outcome = Some(Outcome::Approve);
        scene.decide(Review).filing.expires_on.map(Day::number)
    };
    assert_eq!(expiry(20_261_115), Some(20_290_115), "in the window the whole term is kept");
    assert_eq!(expiry(20_261_031), Some(20_281_030), "too early: from the day of completion");
    assert_eq!(expiry(20_270_116), Some(20_290_115), "after the expiry: from the day of completion");

    let states = |change: fn(&mut Scene)| {
        let mut scene = Scene::good();
        change(&mut scene);
        scene.decide(Review).effects.into_iter().filter_map(|effect| match effect {
            Effect::Conformity(state) => Some(state),
            _ => None,
        })
    };
    assert!(states(|_| {}).eq([ConformityState::Reported]));
    let rejected = states(|s| s.field("name", "別人"));
    assert!(rejected.eq([ConformityState::Reported, ConformityState::Rejected]));
    let asked = states(|s| s.policies.clear());
    assert!(asked.eq([ConformityState::Reported, ConformityState::Registered]));
}

#[test]
fn amounts_and_due_days_are_fixed_at_issue() {
    let issued = |at: PortalStatus, change: fn(&mut Scene)| {
        let mut scene = Scene::good();
        change(&mut scene);
        scene.decide(at).happenings.into_iter().find_map(|happening| match happening {
            Happening::PaymentIssued { kind, amount, due, inferred, waived, carried_over, .. } => {
                Some((kind, amount, due.number(), inferred, waived, carried_over))
            }
            _ => None,
        })
    };
    let fee = issued(PortalStatus::ReceptionReview, |_| {}).unwrap();
    assert_eq!(fee, (PaymentKind::InspectionFee, Yen(1_450), 20_261_230, true, false, None));
    let old = issued(PortalStatus::ReceptionReview, |s| s.on(20_240_104)).unwrap();
    assert_eq!((old.1, old.2, old.3), (Yen(1_200), 20_240_202, false), "the manual's example");
    let tax = issued(Review, |_| {}).unwrap();
    assert_eq!(tax, (PaymentKind::WeightTax, Yen(24_600), 20_271_201, false, false, None));
    let carried = issued(PortalStatus::ReceptionReview, |s| {
        let on = s.now.day();
        let paid = ClaimState::Paid { means: Means::DirectDebit, account: "1".into(), on };
        let claim = Claim { kind: PaymentKind::InspectionFee, amount: Yen(1), due: on, state: paid, refusals: 0 };
        s.earlier = Some(PortalFiling { receipt: Some("2026".into()), claims: vec![claim], ..s.filing.clone() });
    });
    assert_eq!(carried.unwrap().5.as_deref(), Some("2026"));
}

#[test]
fn every_status_is_an_end_or_has_something_that_happens() {
    use crate::domain::procedure::inspection::PROCEDURE;
    for status in PROCEDURE.portal_statuses {
        let acts = ACTS.iter().filter(|(from, _)| from == status).count();
        assert_eq!(acts, usize::from(!ENDS.contains(status)), "{}", status.label());
    }
}
