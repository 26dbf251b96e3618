//! kill -9 in the middle of writing: what was acknowledged is there afterwards, and everything fits together.

use super::{assert_clean, model, open};
use crate::kit::rounds;
use ainas::domain::ids::RequestId;
use ainas::domain::request::{HistoryEntry, ServiceRequest, Side, Status};
use ainas::domain::time::BusinessTime;
use ainas::store::{Error, Store};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Tells the child, which is this same test, where to write.
const CHILD: &str = "AINAS_TEST_CRASH_FILE";

#[test]
fn nothing_acknowledged_is_lost_by_kill() {
    if let Ok(path) = std::env::var(CHILD) {
        write_until_killed(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let mut acknowledged = HashMap::new();
    for round in 0..6 * rounds() {
        // How many answers to read before the kill; the child goes on meanwhile, so the moment is any.
        let answers = [1, 37, 5, 150, 64, 11][round % 6] + round / 6;
        kill_after(&path, answers, &mut acknowledged);
        let store = open(&path);
        assert_clean(&store);
        for (id, version) in &acknowledged {
            let stored = store.read::<_, Error>(|tx| tx.request(RequestId(*id))).unwrap();
            let stored = stored.unwrap_or_else(|| panic!("round {round}: {id} is lost"));
            assert!(stored.version >= *version, "round {round}: {id} is back at version {}", stored.version);
            assert_eq!(stored.history, stored.version, "round {round}: {id} is half written");
        }
    }
    assert!(acknowledged.len() > 6);
}

fn kill_after(path: &Path, answers: usize, acknowledged: &mut HashMap<u64, u32>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::crash::nothing_acknowledged_is_lost_by_kill", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut killed = false;
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((id, version)) = line.strip_prefix("kept ").and_then(|rest| rest.split_once(' ')) else { continue };
        // A line that the kill cut off was not acknowledged.
        let Some(version) = version.strip_suffix('.') else { continue };
        acknowledged.insert(id.parse().unwrap(), version.parse().unwrap());
        seen += 1;
        if seen >= answers && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself");
}

/// Four threads, each creating requests and changing its own earlier ones.
fn write_until_killed(path: &Path) -> ! {
    let store = open(path);
    let threads: Vec<_> = (0..4)
        .map(|seed| {
            let store = store.clone();
            std::thread::spawn(move || -> () { write_for_ever(&store, seed) })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    std::process::exit(1)
}

fn write_for_ever(store: &Store, seed: u64) -> ! {
    let requests = requests(seed, 50);
    let mut own: Vec<RequestId> = Vec::new();
    for turn in 0.. {
        let (id, version) = write(store, &requests, &mut own, turn);
        let mut out = std::io::stdout().lock();
        writeln!(out, "kept {id} {version}.").unwrap();
        out.flush().unwrap();
    }
    unreachable!("the numbers have no end")
}

/// So many requests of a seed.
pub fn requests(seed: u64, count: usize) -> Vec<ServiceRequest> {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() });
    (0..count).map(|_| model::request().new_tree(&mut runner).unwrap().current()).collect()
}

/// Creates a request or, every third time, changes one of its own; with as many lines of history as the version says.
pub fn write(store: &Store, requests: &[ServiceRequest], own: &mut Vec<RequestId>, turn: usize) -> (RequestId, u32) {
    let changed = (turn % 3 == 2).then(|| own[turn / 2 % own.len()]);
    let request = requests[turn % requests.len()].clone();
    let (id, version) = store
        .write_blocking::<_, Error, _>(move |tx| {
            let mut next = match changed {
                Some(id) => tx.request(id)?.ok_or(Error::Closed)?,
                None => ServiceRequest { id: tx.next_request_id()?, version: 0, ..request.clone() },
            };
            next.version += 1;
            next.status = Status::ALL[next.version as usize % Status::ALL.len()];
            let entry = HistoryEntry {
                at: BusinessTime::from_unix(0),
                side: Side::Client,
                name: None,
                user: None,
                what: "更新".to_owned(),
                from: None,
                to: Some(next.status),
                portal: None,
                detail: None,
                fields: Vec::new(),
            };
            tx.add_history(&mut next, entry)?;
            tx.put_request(&next)?;
            Ok((next.id, next.version))
        })
        .unwrap();
    if changed.is_none() {
        own.push(id);
    }
    (id, version)
}
