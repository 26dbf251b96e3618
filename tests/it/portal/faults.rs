//! Single and bulk 申請 and 納付 over a bad wire, with the process killed in between: whatever is lost, late or said
//! twice, each filing and each payment happens exactly once in effect, and every yen is accounted for.

use super::*;
use ainas::domain::ids::WorkId;
use ainas::domain::procedure::Procedure;
use ainas::domain::procedure::light_inspection::PROCEDURE as LIGHT;
use ainas::domain::request::ServiceRequest as Request;
use ainas::domain::work::{Outcome as Done, Subject, WorkKind, WorkState};
use ainas::service::work;

/// Vehicles of one world; every other one is light.
const VEHICLES: usize = 8;
/// Things that happen before the wire is mended.
const EVENTS: usize = 60;

impl Office {
    /// Killed and started again: the wire is whole then, and every open page is lost.
    fn restarted(self) -> Self {
        let Self { node, sim, garage, agent } = self;
        drop(sim);
        let node = node.restarted();
        let sim = node.app.sim.clone().unwrap();
        Self { node, sim, garage, agent }
    }

    /// 一括申請 or 一括納付; the form is sent as often as an impatient hand presses it.
    async fn bulk(&self, kind: WorkKind, subjects: Vec<Subject>, presses: u64) -> Option<WorkId> {
        let (app, actor, once) = (&self.node.app, self.agent.clone().into(), Token::random());
        let mut begun = None;
        for _ in 0..presses {
            let id = work::begin(app, &actor, kind.clone(), subjects.clone(), once.clone()).await.ok()?;
            assert_eq!(*begun.get_or_insert(id), id, "one form, one piece of work");
        }
        begun
    }

    /// A few items of it, as the job's thread does them, without anything else happening.
    async fn some(&self, id: WorkId, most: u32) {
        let app = self.node.app.clone();
        tokio::task::spawn_blocking(move || work::advance(&app, id, most).unwrap()).await.unwrap();
    }

    fn all(&self, ids: &[RequestId]) -> Vec<Request> {
        ids.iter().map(|id| self.request(*id)).collect()
    }
}

/// Some of these, by chance; at least one.
fn some<T: Clone>(dice: &mut Dice, all: &[T]) -> Vec<T> {
    let chosen: Vec<T> = all.iter().filter(|_| dice.roll(2) == 0).cloned().collect();
    if chosen.is_empty() { all.iter().take(1).cloned().collect() } else { chosen }
}

/// What can be paid now, and now and then what can't.
fn payable(office: &Office, dice: &mut Dice, ids: &[RequestId]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for id in some(dice, ids) {
        let Some(filing) = office.filings(id).pop() else { continue };
        for payment in &filing.payments {
            // An amount that is another by then is refused, not paid.
            let amount = if dice.roll(8) == 0 { Yen(payment.amount.0 + 1) } else { payment.amount };
            subjects.push(Subject::Payment(id, payment.kind, amount));
        }
    }
    subjects
}

struct Run {
    office: Office,
    dice: Dice,
    ids: Vec<RequestId>,
    works: Vec<WorkId>,
    restarts: u32,
}

impl Run {
    async fn begin(seed: u64) -> Self {
        let office = Office::new().await;
        let mut ids = Vec::new();
        for number in 0..VEHICLES {
            let chassis = format!("F{seed}-{number:07}");
            if number % 2 == 0 {
                office.vehicle(&chassis);
                ids.push(office.accepted(&chassis, &[]).await);
            } else {
                office.light_vehicle(&chassis, |_| {});
                ids.push(office.light_accepted(&chassis, &[]).await);
            }
        }
        Self { office, dice: Dice(seed), ids, works: Vec::new(), restarts: 0 }
    }

    fn one(&mut self) -> RequestId {
        self.ids[usize::try_from(self.dice.roll(self.ids.len() as u64)).unwrap()]
    }

    /// The requests of one of the procedures, and its code.
    fn of_one(&mut self) -> (Vec<RequestId>, u8) {
        let procedure: &Procedure = if self.dice.roll(2) == 0 { &inspection::PROCEDURE } else { &LIGHT };
        let all = self.office.all(&self.ids).into_iter();
        (all.filter(|one| one.procedure == procedure.code).map(|one| one.id).collect(), procedure.code)
    }

    fn faults(&mut self) {
        let mut count = || u32::try_from(self.dice.roll(4)).unwrap();
        let (unavailable, lost_answers) = (count(), count());
        let (repeated_events, silent) = (count(), count());
        self.office.sim.wire().set(Faults { unavailable, lost_answers, repeated_events, silent });
    }

    /// Something happens.
    async fn happen(mut self) -> Self {
        match self.dice.roll(12) {
            0 | 1 => self.faults(),
            2 => {
                let (id, once) = (self.one(), Token::random());
                for _ in 0..=self.dice.roll(2) {
                    let _ = filing::file(&self.office.node.app, &self.office.agent, id, once.clone()).await;
                }
            }
            3 | 4 => {
                let (ids, procedure) = self.of_one();
                let subjects = some(&mut self.dice, &ids).into_iter().map(Subject::Request).collect();
                let presses = 1 + self.dice.roll(2);
                self.bulk(WorkKind::File { procedure }, subjects, presses).await;
            }
            5 => {
                let (id, once) = (self.one(), Token::random());
                let kind = KINDS[usize::try_from(self.dice.roll(3)).unwrap()];
                for _ in 0..=self.dice.roll(2) {
                    let order =
                        payments::pay(&self.office.node.app, &self.office.agent, (id, kind), None, once.clone());
                    let _ = order.await;
                }
            }
            6 | 7 => {
                let (ids, procedure) = self.of_one();
                let subjects = payable(&self.office, &mut self.dice, &ids);
                let presses = 1 + self.dice.roll(2);
                self.bulk(WorkKind::Pay { procedure }, subjects, presses).await;
            }
            8 => {
                self.office = self.office.restarted();
                self.restarts += 1;
            }
            9 => {
                let step_seconds = u32::try_from(self.dice.roll(3)).unwrap() * 20;
                let slow = Settings { step_seconds, ..Settings::default() };
                self.office.sim.set_settings(&slow, self.office.now()).unwrap();
            }
            10 => self.office.settle().await,
            _ => {
                let seconds = i64::try_from(self.dice.roll(120)).unwrap();
                self.office.later(seconds).await;
            }
        }
        self
    }

    /// Begins long work and does part of it, so that whatever comes next comes in the middle.
    async fn bulk(&mut self, kind: WorkKind, subjects: Vec<Subject>, presses: u64) {
        if let Some(id) = self.office.bulk(kind, subjects, presses).await {
            self.works.push(id);
            let most = u32::try_from(self.dice.roll(4)).unwrap();
            self.office.some(id, most).await;
        }
    }

    /// The wire is mended, and everything comes to its end.
    async fn mended(&self) {
        let office = &self.office;
        office.sim.wire().set(Faults::default());
        office.sim.set_settings(&Settings::default(), office.now()).unwrap();
        // The longest pause between two tries.
        office.later(700).await;
        for id in &self.ids {
            if office.request(*id).status == Status::Accepted {
                office.file(*id).await;
            }
            finish(office, *id).await;
        }
    }

    fn check(&self, seed: u64) {
        let office = &self.office;
        for request in office.all(&self.ids) {
            assert_eq!((request.filings, request.status), (1, Status::Completed), "seed {seed}, {}", request.id);
        }
        let named: Vec<(RequestId, String)> =
            office.all(&self.ids).into_iter().map(|one| (one.id, one.chassis.unwrap().number)).collect();
        agree(office, &named, seed);
        // Three fees of each vehicle, and not a yen more.
        let half = self.ids.len() as u64 / 2;
        let taken = |name: &str| office.sim.account(name).unwrap().unwrap().taken;
        assert_eq!(office.garage_account().taken, half * (1_450 + 24_600), "seed {seed}");
        assert_eq!(taken(&office.light_account()), half * 6_600, "seed {seed}");
        assert_eq!(taken(&payments::advance_account(AGENT)), half * (400 + 1_450 + 400), "seed {seed}");
        self.results(seed);
    }

    /// Every piece of work has come to its end, and says of no filing and no payment twice that it was done.
    fn results(&self, seed: u64) {
        let mut done = BTreeSet::new();
        self.office
            .node
            .app
            .store
            .read(|tx| {
                for id in &self.works {
                    let work = tx.work(*id)?.unwrap();
                    assert_eq!((work.state, work.left()), (WorkState::Finished, 0), "seed {seed}");
                    for number in 0..work.items {
                        let item = tx.work_item(*id, number)?.unwrap();
                        if let (Subject::Request(_), Some(Done::Done { .. })) = (&item.subject, &item.outcome) {
                            assert!(
                                done.insert(format!("{:?}", item.subject)),
                                "seed {seed}: {:?} twice",
                                item.subject
                            );
                        }
                        assert!(item.outcome.is_some(), "seed {seed}");
                    }
                }
                Ok::<_, Error>(())
            })
            .unwrap();
    }
}

#[tokio::test]
async fn each_filing_and_each_payment_happens_once_through_faults_and_restarts() {
    let rounds = rounds() as u64;
    let (mut restarts, mut works) = (0, 0);
    for seed in (0..rounds).flat_map(|round| [3, 1_913, 40_507].map(|seed| seed + round * 1_000_003)) {
        let mut run = Run::begin(seed).await;
        for _ in 0..EVENTS {
            run = run.happen().await;
        }
        run.mended().await;
        run.check(seed);
        restarts += run.restarts;
        works += run.works.len();
    }
    // The seeds do try what the test is about.
    assert!(restarts >= 3 && works >= 6, "{restarts} restarts, {works} pieces of work");
}
