//! 中断予約, 中断, 再開 and 取下 through the whole node.

use super::*;
use ainas::service::asking;

impl Office {
    pub(super) async fn ask(&self, id: RequestId, ask: Ask) -> Result<()> {
        asking::ask(&self.node.app, &self.agent, id, ask, Token::random()).await.map(drop)
    }

    async fn asked(&self, id: RequestId, ask: Ask) {
        self.ask(id, ask).await.unwrap();
        self.settle().await;
    }
}

#[tokio::test]
async fn a_suspended_filing_goes_on_where_it_stood() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    office.asked(id, Ask::Suspend).await;
    assert_eq!(office.at(id), (Status::Suspended, PortalStatus::AwaitingInspectionFee));
    assert!(matches!(office.order(id, FEE).await, Err(Error::Refused(Reason::PaymentNotAwaited))));
    office.later(20 * 86_400).await;
    assert_eq!(office.at(id).0, Status::Suspended);
    office.asked(id, Ask::Resume).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingInspectionFee));
    office.conformity("SX31-9000001");
    for kind in KINDS {
        office.pay(id, kind).await;
    }
    assert_eq!(office.at(id).0, Status::Completed);
    assert!(matches!(office.ask(id, Ask::Suspend).await, Err(Error::Refused(_))), "it is done");
}

#[tokio::test]
async fn a_reservation_waits_for_whoever_is_at_work() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    office.order(id, FEE).await.unwrap();
    office.ask(id, Ask::Suspend).await.unwrap();
    office.settle().await;
    assert_eq!(office.at(id), (Status::Suspended, PortalStatus::AwaitingInformationFee), "the bank has answered");
    assert_eq!(office.garage_account().taken, 1_450);
    office.asked(id, Ask::Resume).await;
    office.sim.set_settings(&Settings { speed: Speed::Manual, ..Settings::default() }, office.now()).unwrap();
    office.pay(id, INFORMATION).await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::Review));
    office.asked(id, Ask::Suspend).await;
    office.asked(id, Ask::CancelSuspension).await;
    office.asked(id, Ask::Suspend).await;
    assert_eq!(office.at(id).0, Status::Filed, "the official finishes first");
    office.sim.decide(office.filing(id).submission, Outcome::ByRegister, office.now()).unwrap();
    office.settle().await;
    assert_eq!(office.at(id), (Status::Suspended, PortalStatus::AwaitingWeightTax));
    office.asked(id, Ask::Resume).await;
    assert_eq!(office.at(id).0, Status::Resuming, "registered vehicles wait for an official");
    office.sim.decide(office.filing(id).submission, Outcome::ByRegister, office.now()).unwrap();
    office.settle().await;
    assert_eq!(office.at(id), (Status::Filed, PortalStatus::AwaitingWeightTax));
}

#[tokio::test]
async fn a_deadline_runs_on_in_a_suspension() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    office.asked(id, Ask::Suspend).await;
    office.later(29 * 86_400).await;
    assert_eq!(office.at(id).0, Status::Suspended);
    office.later(86_400).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::Void));
}

#[tokio::test]
async fn after_a_withdrawal_fees_are_carried_over_and_the_certificate_is_free() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    office.pay(id, FEE).await;
    office.order(id, INFORMATION).await.unwrap();
    office.settle().await;
    office.asked(id, Ask::Withdraw).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::Withdrawn));
    assert_eq!(office.way(id)[office.way(id).len() - 2..], [PortalStatus::Withdrawing, PortalStatus::Withdrawn]);
    assert_eq!(office.sim.conformity("SX31-9000001").unwrap().unwrap().state, ConformityState::Registered);
    requests::act(&office.node.app, office.agent.clone(), id, Action::Reapply, Token::random()).await.unwrap();
    office.file(id).await;
    assert_eq!(office.at(id).1, PortalStatus::AwaitingWeightTax);
    assert_eq!(office.garage_account().taken, 1_450, "paid once");
}

#[tokio::test]
async fn a_withdrawal_that_comes_too_late_is_refused_and_the_request_goes_on() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    for kind in [FEE, INFORMATION] {
        office.pay(id, kind).await;
    }
    office.order(id, TAX).await.unwrap();
    // The tax is paid while the withdrawal does not get through.
    office.settle().await;
    let mut request = office.request(id);
    request.status = Status::Filed;
    request.portal_status = Some(PortalStatus::AwaitingWeightTax);
    office.node.app.store.write(move |tx| tx.put_request(&request)).await.unwrap();
    office.ask(id, Ask::Withdraw).await.unwrap();
    assert_eq!(office.request(id).status, Status::Withdrawing);
    office.settle().await;
    let history = office.node.app.store.read(|tx| Ok::<_, Error>(tx.history(id)?)).unwrap();
    assert!(history.iter().any(|entry| entry.what == "取下 不可"), "{history:?}");
    assert_ne!(office.request(id).status, Status::Withdrawing);
    assert!(office.node.app.store.read(|tx| Ok::<_, Error>(tx.failed_jobs()?)).unwrap().is_empty());
}

#[tokio::test]
async fn what_the_bank_was_asked_for_is_settled_before_a_withdrawal_ends() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    office.sim.set_settings(&Settings { step_seconds: 60, ..Settings::default() }, office.now()).unwrap();
    office.pay(id, FEE).await;
    assert_eq!(office.payment(id, FEE), PaymentStatus::Ordered);
    office.asked(id, Ask::Withdraw).await;
    assert_eq!(office.at(id), (Status::Withdrawing, PortalStatus::Withdrawing));
    office.later(60).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::Withdrawn));
    assert_eq!((office.payment(id, FEE), office.garage_account().taken), (PaymentStatus::Paid, 1_450));
}

#[tokio::test]
async fn a_button_that_is_pressed_twice_asks_once() {
    let office = Office::new().await;
    let id = office.filed("SX31-9000001", &[]).await;
    let token = Token::random();
    for _ in 0..2 {
        asking::ask(&office.node.app, &office.agent, id, Ask::Withdraw, token.clone()).await.unwrap();
    }
    office.settle().await;
    assert_eq!(office.at(id).1, PortalStatus::Withdrawn);
}

#[tokio::test]
async fn a_correction_that_arrives_too_late_leaves_nothing_behind() {
    let office = Office::new().await;
    let id = office.filed("AB12-TEST-02", &[]).await;
    office.pay(id, FEE).await;
    office.pay(id, INFORMATION).await;
    assert_eq!(office.at(id).1, PortalStatus::CorrectionRequested);
    office.sim.wire().set(Faults { unavailable: u32::MAX, silent: u32::MAX, ..Faults::default() });
    office.correct(id).await;
    assert_eq!(office.at(id).0, Status::Filed);
    office.later(15 * 86_400).await;
    office.sim.wire().set(Faults::default());
    office.later(600).await;
    assert_eq!(office.at(id), (Status::Failed, PortalStatus::Void));
    let history = office.node.app.store.read(|tx| Ok::<_, Error>(tx.history(id)?)).unwrap();
    assert!(history.iter().any(|entry| entry.what == "補正 不可"), "{history:?}");
    assert!(office.node.app.store.read(|tx| Ok::<_, Error>(tx.failed_jobs()?)).unwrap().is_empty());
}
