//! Many rows at once: refusals in the middle, kills in the middle, and others who don't wait for it.

use super::{file, good, requests, uploaded};
use crate::kit::TestApp;
use ainas::app::{App, Shared};
use ainas::clock::Clocks;
use ainas::config::Config;
use ainas::domain::ids::{ImportId, RequestId, WorkId};
use ainas::domain::procedure::inspection::PROCEDURE;
use ainas::domain::work::{Outcome, Subject, Work, WorkKind, WorkState};
use ainas::folder::DataFolder;
use ainas::service::imports::{self, Choice};
use ainas::service::once::Token;
use ainas::service::work;
use ainas::store::{Error as StoreError, Read, check};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Many rows of different vehicles, on their way to requests.
async fn begun(node: &TestApp, rows: u32) -> (ImportId, WorkId) {
    let rows: Vec<String> = (1..=rows).map(good).collect();
    let staff = node.app.store.read(|tx| tx.client_actor(node.world.user("c-staff"))).unwrap().unwrap();
    let import =
        imports::upload(&node.app, &staff, &PROCEDURE, "多数.csv", &file(&rows), Token::random()).await.unwrap();
    let work = imports::begin(&node.app, &staff, import, Choice::default(), Token::random()).await.unwrap();
    (import, work)
}

fn state(app: &Shared, id: WorkId) -> Work {
    app.store.read(|tx| tx.work(id)).unwrap().unwrap()
}

/// What came of each item, in order.
fn outcomes(node: &TestApp, id: WorkId) -> Vec<Option<Outcome>> {
    let mut found = Vec::new();
    let read = node.app.store.read::<_, StoreError>(|tx| {
        tx.each_work_item(id, 0, |_, item| {
            found.push(item.outcome);
            true
        })
    });
    read.unwrap();
    found
}

#[tokio::test]
async fn rows_that_are_refused_in_the_middle_leave_the_others_of_their_part_as_they_are() {
    let node = TestApp::new().await;
    let (import, first) = begun(&node, 6).await;
    // The second and the fifth vehicle get a request by hand meanwhile; the fourth row is asked for twice.
    let mut staff = node.as_user("c-staff").await;
    for number in ["2", "5"] {
        let chassis = format!("IMP-{number}");
        let fields = [("plate.region", "品川"), ("plate.class", "300"), ("plate.kana", "さ"), ("plate.serial", number)];
        let own = [("chassis", chassis.as_str()), ("branch", "1"), ("agent_branch", "1")];
        staff.get("/client/inspection/requests/new").await;
        staff.post("/client/inspection/requests/new", &[fields.as_slice(), &own].concat()).await;
    }
    let made_by_hand = requests(&node).await.len();
    assert_eq!(made_by_hand, 2);
    let actor = node.app.store.read(|tx| tx.client_actor(node.world.user("c-staff"))).unwrap().unwrap();
    let kind = WorkKind::Import { procedure: PROCEDURE.code, import, doubtful: false, send: false };
    let rows = vec![Subject::Row(3, 5), Subject::Row(3, 5)];
    let second = work::begin(&node.app, &actor.into(), kind, rows, Token::random()).await.unwrap();
    let app = Arc::clone(&node.app);
    let some = tokio::task::spawn_blocking(move || work::advance(&app, first, 100).unwrap()).await.unwrap();
    assert_eq!(some, 6, "all in one transaction");
    node.app.run_due_jobs().await.unwrap();
    let done = outcomes(&node, first);
    let refused = |outcome: &Option<Outcome>| match outcome {
        Some(Outcome::Failed { reason }) => reason.contains("同じ車両の依頼データ・申請データがあります"),
        _ => false,
    };
    assert_eq!(done.iter().map(refused).collect::<Vec<_>>(), [false, true, false, false, true, false]);
    assert_eq!(outcomes(&node, second), [done[3].clone(), done[3].clone()], "a row becomes one request");
    assert_eq!((state(&node.app, first).done, state(&node.app, first).failed), (4, 2));
    assert_eq!(requests(&node).await.len(), made_by_hand + 4);
    assert_eq!(node.app.store.read(check::check).unwrap(), []);
}

/// Tells the child, which is this same test, where the node is.
const CHILD: &str = "AINAS_TEST_IMPORT_FOLDER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_doubles_and_loses_nothing() {
    if let Ok(root) = std::env::var(CHILD) {
        register_until_killed(Path::new(&root)).await;
    }
    const ROWS: u32 = 600;
    let node = TestApp::new().await;
    let (import, id) = begun(&node, ROWS).await;
    let mut node = node;
    for least in [1, 150] {
        node = node.restarted_after(|root| kill_after(root, id, least));
        let done = state(&node.app, id);
        assert!(done.state == WorkState::Open && done.done >= least && done.failed == 0, "{done:?}");
        assert_eq!(registered(&node, import, id).len(), usize::try_from(done.done).unwrap());
    }
    node.app.run_due_jobs().await.unwrap();
    assert_eq!(state(&node.app, id).state, WorkState::Finished);
    assert_eq!(registered(&node, import, id).len(), 600);
    assert_eq!(node.app.store.read(check::check).unwrap(), []);
}

/// The requests that came of rows: the same by the work's items, by the rows and by the numbers given.
fn registered(node: &TestApp, import: ImportId, id: WorkId) -> BTreeSet<RequestId> {
    let request = |outcome| match outcome {
        Some(Outcome::Done { request }) => request,
        _ => None,
    };
    let by_items: BTreeSet<RequestId> = outcomes(node, id).into_iter().filter_map(request).collect();
    let (mut by_rows, mut there) = (Vec::new(), BTreeSet::new());
    let read = node.app.store.read::<_, StoreError>(|tx| {
        tx.each_import_row(import, 0, |_, row| {
            by_rows.extend(row.request);
            true
        })?;
        let mut next = RequestId(node.world.sent.0 + 1);
        while let Some(request) = tx.request(next)? {
            there.insert(request.id);
            next.0 += 1;
        }
        Ok(())
    });
    read.unwrap();
    assert_eq!(by_rows.len(), by_items.len(), "no request is that of two rows");
    assert_eq!(by_rows.into_iter().collect::<BTreeSet<_>>(), by_items);
    assert_eq!(there, by_items);
    by_items
}

fn kill_after(root: &Path, id: WorkId, least: u32) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "imports::many::a_kill_in_the_middle_doubles_and_loses_nothing", "--nocapture"])
        .env(CHILD, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = |line: String| {
        let (work, done) = line.strip_prefix("registered ")?.split_once(' ')?;
        (work == id.to_string()).then(|| done.parse::<u32>().ok())?
    };
    let reached = lines.any(|line| told(line).is_some_and(|done| done >= least));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reached, "the child ended by itself");
}

/// Goes on with the work of a node and says how far it is. What is in the middle of being done is never said.
async fn register_until_killed(root: &Path) -> ! {
    let clocks = Arc::new(Clocks::standing_at(1_796_000_000));
    let app = App::open(DataFolder::open(root).unwrap(), Config::on_loopback(8443), clocks).unwrap();
    let jobs = Arc::clone(&app);
    tokio::spawn(async move { jobs.run_due_jobs().await });
    loop {
        for id in app.store.read(Read::open_works).unwrap() {
            let done = app.store.read(|tx| tx.work(id)).unwrap().unwrap().done;
            let mut out = std::io::stdout().lock();
            writeln!(out, "registered {id} {done}").unwrap();
            out.flush().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_keeps_neither_readers_nor_a_small_one_waiting() {
    let node = TestApp::new().await;
    let (_, large) = begun(&node, 4_000).await;
    let mut other = node.as_user("c-north").await;
    let page = uploaded(&mut other, &file(&[good(9_001), good(9_002)])).await;
    let page = other.post(&page.path.clone(), &[("rows", "all")]).await;
    let small: WorkId = page.path.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let app = Arc::clone(&node.app);
    let jobs = tokio::spawn(async move { app.run_due_jobs().await });
    let mut seen = 0;
    while state(&node.app, small).state == WorkState::Open {
        other.get("/client/inspection/requests").await.shows("依頼データ検索");
        seen += 1;
    }
    assert!(seen > 0, "pages answered meanwhile");
    assert_eq!(state(&node.app, large).state, WorkState::Open, "the small one did not wait for the large one");
    other.get(&format!("/client/work/{small}")).await.shows("終わりました。2件を登録しました。");
    jobs.await.unwrap().unwrap();
    assert_eq!(state(&node.app, large).done, 4_000);
}
