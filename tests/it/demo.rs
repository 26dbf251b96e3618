//! The demo world: what there is to see at its start.

use ainas::app::App;
use ainas::clock::Clocks;
use ainas::config::{Argon2, Config, PortalGateway, Profile, Review};
use ainas::demo;
use ainas::domain::ids::AgentOrganizationId;
use ainas::domain::procedure;
use ainas::domain::request::{PortalStatus, Status};
use ainas::domain::search::{Conditions, Scope};
use ainas::domain::time::{BusinessTime, Day};
use ainas::folder::DataFolder;
use ainas::secret::NodeKey;
use ainas::service::error::Error;
use ainas::store::{Error as StoreError, Options, Store, check};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What passes by while the office works, and never stands still by itself.
const PASSING: [Status; 2] = [Status::Resuming, Status::Withdrawing];
const PASSING_AT_THE_PORTAL: [PortalStatus; 5] = [
    PortalStatus::Processing,
    PortalStatus::Received,
    PortalStatus::ReceptionReview,
    PortalStatus::Review,
    PortalStatus::Withdrawing,
];

/// Each agent's lists of each procedure show every status that can last; the garage's have what was not sent besides.
#[tokio::test]
async fn every_status_that_lasts_can_be_seen_at_once() {
    let root = tempfile::tempdir().unwrap();
    let folder = DataFolder::create(&root.path().join("data"), Profile::Demo).unwrap();
    NodeKey::generate().save(&folder.node_key()).unwrap();
    drop(Store::open(&folder.store(), &Options::default()).unwrap());
    let mut config = Config::on_loopback(8443);
    config.accounts.argon2 = Argon2 { memory_kib: 8, iterations: 1, parallelism: 1 };
    config.hours.enabled = false;
    config.portal.gateway = PortalGateway::Simulated;
    config.portal.review = Review::Instant;
    let start = BusinessTime::at(Day::new(2026, 12, 1).unwrap(), 10, 0);
    let app = App::open(folder, config, Arc::new(Clocks::standing_at(start.unix()))).unwrap();
    demo::build(&app).await.unwrap();

    let mut missing = Vec::new();
    for agent in demo::organizations().into_iter().filter(|organization| organization.kind == "agent") {
        let scope = Scope::Agent(AgentOrganizationId(agent.id.parse().unwrap()), None);
        for procedure in procedure::ALL {
            let (mut statuses, mut portals) = (BTreeSet::new(), BTreeSet::new());
            let read = app.store.read(|tx| {
                tx.each_row(scope, procedure.code, &Conditions::default(), |row| {
                    statuses.insert(row.status.code());
                    portals.extend(row.portal_status.map(PortalStatus::code));
                })?;
                Ok::<_, Error>(())
            });
            read.unwrap();
            let arrived = procedure.request_statuses.iter().filter(|status| **status != Status::Draft);
            let lasting = arrived.chain(procedure.application_statuses).filter(|status| !PASSING.contains(status));
            let unseen = lasting.filter(|status| !statuses.contains(&status.code())).map(|status| status.label());
            let at_portal = procedure.portal_statuses.iter().filter(|portal| !PASSING_AT_THE_PORTAL.contains(portal));
            let unseen_at_portal =
                at_portal.filter(|portal| !portals.contains(&portal.code())).map(|portal| portal.label());
            missing.extend(
                unseen.chain(unseen_at_portal).map(|label| format!("{} {}: {label}", agent.name, procedure.label)),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(app.store.read::<_, StoreError>(check::check).unwrap(), []);
}
