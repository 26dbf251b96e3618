//! Whole lives, from 初期登録 on: the garage, the agent, strangers, officials and the clock in any order. After every
//! step each status was reached by a row of the tables, one filing and one payment of a kind are in effect, and at the
//! end every yen is accounted for. A seed that fails, fails again.

use super::*;
use ainas::domain::actor::Actor;
use ainas::domain::request::{HistoryEntry, Side};
use ainas::domain::workflow::{self, ActionKind, TRANSITIONS};

/// Requests of one world that were written anew; reuse adds more.
const MOST: usize = 6;
/// Things that happen.
const STEPS: usize = 600;

struct Whole {
    office: Office,
    dice: Dice,
    seed: u64,
    /// Every request that is there, with its vehicle and how much of its history was looked at.
    ids: BTreeMap<RequestId, (String, usize)>,
    /// Garage staff who may not send, and staff of another garage and another agent.
    others: (ClientActor, ClientActor, AgentActor),
    /// Actions that were done at least once.
    done: BTreeSet<ActionKind>,
}

impl Whole {
    async fn begin(seed: u64) -> Self {
        let office = Office::new().await;
        // Slow enough that people come in between.
        let slow = Settings { step_seconds: 40, ..Settings::default() };
        office.sim.set_settings(&slow, office.now()).unwrap();
        let user = |login| office.node.world.user(login);
        let (quiet, garage, agent) = (user("c-nosend"), user("x-staff"), user("y-staff"));
        let others = office.node.app.store.read(|tx| {
            let client = |id| tx.client_actor(id);
            Ok::<_, Error>((client(quiet)?.unwrap(), client(garage)?.unwrap(), tx.agent_actor(agent)?.unwrap()))
        });
        let (ids, done) = (BTreeMap::new(), BTreeSet::new());
        Self { office, dice: Dice(seed), seed, ids, others: others.unwrap(), done }
    }

    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.dice.roll(sides as u64)).unwrap()
    }

    async fn register(&mut self) {
        if self.ids.len() >= MOST {
            return;
        }
        let ending = ENDINGS[self.roll(ENDINGS.len() - 1)];
        let chassis = format!("W{}-{}{ending}", self.seed, self.ids.len());
        self.office.vehicle(&chassis);
        let new = NewRequest {
            plate: plate(),
            chassis: ChassisNumber { number: chassis.clone(), officially_stamped: false },
            branch: NORTH,
            agent_branch: AGENT_MAIN,
            template: None,
            same_vehicle_confirmed: true,
        };
        let (app, garage) = (&self.office.node.app, &self.office.garage);
        let id = requests::register(app, garage, &inspection::PROCEDURE, new, Token::random()).await.unwrap();
        self.ids.insert(id, (chassis, 0));
    }

    /// Mostly something that can be done, so that lives go on; seldom 削除, which ends them.
    fn choose(&mut self, id: RequestId, by_garage: bool) -> ActionKind {
        let actor: Actor = if by_garage { self.office.garage.clone().into() } else { self.office.agent.clone().into() };
        let mut offered = workflow::available(&self.office.request(id), &actor);
        offered.retain(|action| *action != ActionKind::Delete || self.dice.roll(6) == 0);
        if offered.is_empty() || self.roll(5) == 0 {
            return ActionKind::ALL[self.roll(ActionKind::ALL.len() - 1)];
        }
        let onwards = [ActionKind::Send, ActionKind::Accept, ActionKind::File, ActionKind::Correct, ActionKind::Resume];
        match onwards.into_iter().find(|action| offered.contains(action)) {
            Some(onwards) if self.roll(2) == 0 => onwards,
            _ => offered[self.roll(offered.len())],
        }
    }

    /// Somebody tries something; whether it is done is the tables' business.
    async fn act(&mut self, id: RequestId) {
        let by_garage = self.roll(2) == 0;
        let action = self.choose(id, by_garage);
        let (office, app) = (&self.office, &self.office.node.app);
        let (garage, agent) = (office.garage.clone(), office.agent.clone());
        let actor: Actor = if by_garage { garage.clone().into() } else { agent.clone().into() };
        let request = office.request(id);
        let (once, version) = (Token::random(), request.version);
        let more = if self.dice.roll(3) == 0 { vec![cashless()] } else { Vec::new() };
        let values = Office::complete_values(&more);
        let simple = match action {
            ActionKind::Cancel => Some(Action::Cancel),
            ActionKind::Accept => Some(Action::Accept),
            ActionKind::SendBack => Some(Action::SendBack("記載もれがあります。".to_owned())),
            ActionKind::Reapply => Some(Action::Reapply),
            _ => None,
        };
        let asked = match action {
            ActionKind::Suspend => Some(Ask::Suspend),
            ActionKind::CancelSuspension => Some(Ask::CancelSuspension),
            ActionKind::Resume => Some(Ask::Resume),
            ActionKind::Withdraw => Some(Ask::Withdraw),
            _ => None,
        };
        let done = match action {
            ActionKind::Update if by_garage => {
                let send = self.dice.roll(2) == 0;
                requests::update(app, &garage, id, version, values, send, once).await.is_ok()
            }
            ActionKind::Update => requests::agent_update(app, &agent, id, version, values, None, once).await.is_ok(),
            ActionKind::SetPowerOfAttorney => {
                requests::set_power_of_attorney(app, &garage, id, version, BTreeMap::new(), once).await.is_ok()
            }
            ActionKind::Send => requests::send(app, &garage, id, once).await.is_ok(),
            ActionKind::File => filing::file(app, &agent, id, once).await.is_ok(),
            ActionKind::Correct => office.correct_with(id, request.fields.clone()).await.is_ok(),
            ActionKind::UpdateMemo => {
                let memo = request.text(no::MEMO).to_owned();
                requests::update_memo(app, actor, id, memo, format!("メモ{version}"), once).await.is_ok()
            }
            ActionKind::Delete => {
                let deleted = requests::delete(app, actor, id, Some(version), once).await.is_ok();
                if deleted {
                    assert_eq!(request.filings, 0, "seed {}: {id} was filed and is gone", self.seed);
                    self.ids.remove(&id);
                }
                deleted
            }
            ActionKind::Reuse => match requests::reuse::reuse(app, actor, id, once).await {
                Ok(made) => {
                    let chassis = made.chassis.map(|chassis| chassis.number).unwrap_or_default();
                    self.ids.insert(made.id, (chassis, 0));
                    true
                }
                Err(_) => false,
            },
            _ => match (simple, asked) {
                (Some(simple), _) => requests::act(app, actor, id, simple, once).await.is_ok(),
                (_, Some(asked)) => self.office.ask(id, asked).await.is_ok(),
                _ => false,
            },
        };
        if done {
            self.done.insert(action);
        }
    }

    /// Those who may not: nothing happens, and strangers don't even learn that there is something.
    async fn intrude(&mut self, id: RequestId) {
        let app = &self.office.node.app;
        let before = self.office.request(id);
        let (quiet, garage, agent) = self.others.clone();
        assert!(requests::send(app, &quiet, id, Token::random()).await.is_err());
        for action in [Action::Cancel, Action::Accept, Action::Reapply, Action::SendBack("x".to_owned())] {
            for actor in [Actor::from(garage.clone()), agent.clone().into()] {
                let done = requests::act(app, actor, id, action.clone(), Token::random()).await;
                assert!(matches!(done, Err(Error::NotFound)), "seed {}: {done:?}", self.seed);
            }
        }
        assert!(matches!(filing::file(app, &agent, id, Token::random()).await, Err(Error::NotFound)));
        assert_eq!(self.office.request(id), before, "seed {}", self.seed);
    }

    /// An official decides about a filing or asks for something, whether it is their turn or not.
    fn officiate(&mut self, id: RequestId) {
        let outcomes = [Outcome::ByRegister, Outcome::Approve, Outcome::ConformityMissing, Outcome::InsuranceShort];
        let outcome = outcomes[self.roll(outcomes.len())];
        let Some(filing) = self.office.filings(id).pop() else { return };
        let (sim, now) = (&self.office.sim, self.office.now());
        if self.dice.roll(3) == 0 {
            let _ = sim.ask_correction(filing.submission, &["番地が異なります。".to_owned()], &[], now);
        } else {
            let _ = sim.decide(filing.submission, outcome, now);
        }
    }

    async fn step(&mut self) {
        let ids: Vec<RequestId> = self.ids.keys().copied().collect();
        let id = if ids.is_empty() { None } else { Some(ids[self.roll(ids.len())]) };
        match (self.roll(18), id) {
            (0 | 1, _) | (_, None) => self.register().await,
            (2..=8, Some(id)) => self.act(id).await,
            (9 | 10, Some(id)) => {
                for kind in KINDS {
                    let _ = self.office.order(id, kind).await;
                }
            }
            (11, Some(id)) => self.intrude(id).await,
            (12 | 16, Some(id)) => self.officiate(id),
            (13, Some(id)) => self.office.mend(&self.ids[&id].0),
            (14, _) if self.roll(6) == 0 => {
                let days = i64::try_from(5 + self.roll(40)).unwrap();
                self.office.later(days * 86_400).await;
            }
            _ => {
                let seconds = i64::try_from(self.roll(90)).unwrap();
                self.office.later(seconds).await;
            }
        }
    }

    /// What must hold at any moment.
    fn check(&mut self) {
        let (office, seed) = (&self.office, self.seed);
        for (id, (_, seen)) in &mut self.ids {
            let (request, history) =
                office.node.app.store.read(|tx| Ok::<_, Error>((tx.request(*id)?.unwrap(), tx.history(*id)?))).unwrap();
            for at in (*seen).max(1)..history.len() {
                assert_eq!(history[at].from, history[at - 1].to, "seed {seed}, {id}: a step that nobody took");
            }
            history.iter().skip(*seen).for_each(|entry| by_the_table(entry, seed));
            *seen = history.len();
            assert_eq!(history.last().unwrap().to, Some(request.status), "seed {seed}, {id}");
            let filings = office.filings(*id);
            assert_eq!(filings.len(), usize::from(request.filings), "seed {seed}, {id}");
            // Only the last can still be on its way.
            for earlier in filings.iter().rev().skip(1) {
                let ended = workflow_status(earlier.portal_status) == Status::Failed;
                assert!(ended, "seed {seed}, {id}: two filings in effect");
            }
            for kind in KINDS {
                let paid = |filing: &&Filing| {
                    filing
                        .payment(kind)
                        .is_some_and(|payment| payment.status == PaymentStatus::Paid && payment.payer_account.is_some())
                };
                assert!(filings.iter().filter(paid).count() <= 1, "seed {seed}, {id}: paid twice");
            }
        }
    }

    /// Everything comes to its end.
    async fn end(&mut self) {
        let office = &self.office;
        office.sim.set_settings(&Settings::default(), office.now()).unwrap();
        office.later(700).await;
        for (id, (chassis, _)) in &self.ids {
            let (app, once) = (&office.node.app, Token::random);
            office.mend(chassis);
            for _ in 0..4 {
                let request = office.request(*id);
                match request.status {
                    Status::Draft => {
                        let values = Office::complete_values(&[]);
                        requests::update(app, &office.garage, *id, request.version, values, true, once())
                            .await
                            .unwrap();
                    }
                    Status::Sent => {
                        requests::act(app, office.agent.clone(), *id, Action::Accept, once()).await.unwrap();
                    }
                    Status::Accepted => office.file(*id).await,
                    _ => break,
                }
            }
            finish(office, *id).await;
        }
    }
}

/// 申請ステータス of a filing that nothing holds.
fn workflow_status(portal: PortalStatus) -> Status {
    match portal {
        PortalStatus::Withdrawn | PortalStatus::NotAccepted | PortalStatus::Rejected | PortalStatus::Void => {
            Status::Failed
        }
        PortalStatus::AwaitingIssue | PortalStatus::Issued => Status::Completed,
        _ => Status::Filed,
    }
}

/// A line of 履歴 that a row of the tables allows.
fn by_the_table(entry: &HistoryEntry, seed: u64) {
    let to = entry.to.unwrap();
    let Some(from) = entry.from else {
        assert!(matches!(to, Status::Draft | Status::Accepted), "seed {seed}: {entry:?}");
        return;
    };
    let rows = TRANSITIONS.iter().filter(|row| row.action.label() == entry.what && row.from == from);
    let leads = |row: &ainas::domain::workflow::Transition| row.to.unwrap_or(from) == to;
    let before_filing = |status| matches!(status, Status::Draft | Status::Sent | Status::Accepted);
    let fits = match entry.side {
        Side::Client => rows.into_iter().any(leads),
        // An order of 納付 moves nothing.
        Side::Agent => rows.into_iter().any(leads) || (from == to && entry.what.ends_with("納付")),
        // The portal moves only what was filed, and nothing leaves its end.
        Side::Portal => {
            let ended = |status| matches!(status, Status::Completed | Status::Failed);
            !before_filing(from) && !before_filing(to) && (!ended(from) || from == to)
        }
    };
    assert!(fits, "seed {seed}: no row leads there: {entry:?}");
}

#[tokio::test]
async fn whatever_people_do_the_tables_the_money_and_the_filings_hold() {
    let mut done = BTreeSet::new();
    for seed in (0..rounds() as u64).flat_map(|round| [5, 271, 8_191].map(|seed| seed + round * 1_000_003)) {
        let mut whole = Whole::begin(seed).await;
        for _ in 0..STEPS {
            whole.step().await;
            whole.check();
        }
        whole.end().await;
        whole.check();
        let ids: Vec<(RequestId, String)> = whole.ids.iter().map(|(id, (chassis, _))| (*id, chassis.clone())).collect();
        agree(&whole.office, &ids, seed);
        assert_eq!(whole.office.node.app.store.read(ainas::store::check::check).unwrap(), []);
        done.extend(whole.done);
    }
    // The seeds do try what the test is about.
    let missed: Vec<_> = ActionKind::ALL.iter().filter(|action| !done.contains(action)).collect();
    assert!(missed.len() < 4, "nobody ever did {missed:?}");
}
