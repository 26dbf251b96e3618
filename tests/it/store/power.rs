//! Power cuts: of what was written but not yet brought to the disk, any part may be there afterwards, in any order, some
//! of it torn. What was acknowledged is there all the same, and everything fits together.

use super::crash::{requests, write};
use super::{assert_clean, open};
use crate::kit::rounds;
use ainas::domain::ids::RequestId;
use ainas::store::kit::{Act, Gate};
use ainas::store::{Error, Options, Store, check};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The part of a write that a disk writes at once.
const SECTOR: usize = 512;

/// What happened to the file, and what its users were told.
enum Happened {
    Written(u64, Vec<u8>),
    Resized(u64),
    Synced,
    Acknowledged(RequestId, u32),
}

/// An open store writes while everything is noted down; the file as it was before, and what happened.
fn recorded(folder: &Path, seed: u64) -> (Vec<u8>, Vec<Happened>) {
    let path = folder.join("recorded.redb");
    // Something that is older than the first cut.
    let requests = requests(seed, 40);
    let mut own = Vec::new();
    let store = open(&path);
    for turn in 0..3 {
        write(&store, &requests, &mut own, turn);
    }
    drop(store);
    let before = std::fs::read(&path).unwrap();
    let journal = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&journal);
    let gate: Gate = Arc::new(move |act| {
        notes.lock().unwrap().push(match act {
            Act::Write { offset, data } => Happened::Written(offset, data.to_vec()),
            Act::Resize(length) => Happened::Resized(length),
            Act::Sync => Happened::Synced,
        });
        Ok(())
    });
    // Little memory, so that pages are written before the commit too.
    let options = Options { cache_bytes: 64 << 10, gate: Some(gate), ..Options::default() };
    let store = Store::open(&path, &options).unwrap();
    for turn in 3..40 {
        let (id, version) = write(&store, &requests, &mut own, turn);
        journal.lock().unwrap().push(Happened::Acknowledged(id, version));
    }
    drop(store);
    let happened = std::mem::take(&mut *journal.lock().unwrap());
    std::fs::remove_file(&path).unwrap();
    (before, happened)
}

fn put(file: &mut Vec<u8>, offset: u64, data: &[u8]) {
    let start = usize::try_from(offset).unwrap();
    if file.len() < start + data.len() {
        file.resize(start + data.len(), 0);
    }
    file[start..start + data.len()].copy_from_slice(data);
}

fn apply(file: &mut Vec<u8>, happened: &Happened) {
    match happened {
        Happened::Written(offset, data) => put(file, *offset, data),
        Happened::Resized(length) => file.resize(usize::try_from(*length).unwrap(), 0),
        Happened::Synced | Happened::Acknowledged(..) => {}
    }
}

/// What is on the disk after a cut: all that was synced, and any part of the rest.
fn after_cut(before: &[u8], happened: &[Happened], syncs_count: bool, random: &mut TestRng) -> Vec<u8> {
    let mut file = before.to_vec();
    let synced = happened.iter().rposition(|what| matches!(what, Happened::Synced)).filter(|_| syncs_count);
    let (safe, open) = happened.split_at(synced.unwrap_or(0));
    safe.iter().for_each(|what| apply(&mut file, what));
    let mut rest: Vec<&Happened> = open.iter().collect();
    // All that came to the disk at all, in its order or in another.
    let odds = random.next_u32() % 5;
    rest.retain(|_| random.next_u32() % 4 < odds);
    if random.next_u32().is_multiple_of(2) {
        for at in (1..rest.len()).rev() {
            rest.swap(at, random.next_u32() as usize % (at + 1));
        }
    }
    for what in rest {
        match what {
            Happened::Written(offset, data) if random.next_u32().is_multiple_of(4) => {
                for (sector, part) in data.chunks(SECTOR).enumerate().filter(|_| random.next_u32().is_multiple_of(2)) {
                    put(&mut file, offset + (sector * SECTOR) as u64, part);
                }
            }
            what => apply(&mut file, what),
        }
    }
    file
}

/// What is wrong with a file in which all this had been acknowledged.
fn wrong(path: &Path, happened: &[Happened]) -> Option<String> {
    let store = match Store::open(path, &Options { cache_bytes: 8 << 20, ..Options::default() }) {
        Ok(store) => store,
        Err(error) => return Some(format!("does not open: {error}")),
    };
    let told: HashMap<RequestId, u32> = happened
        .iter()
        .filter_map(|what| if let Happened::Acknowledged(id, version) = what { Some((*id, *version)) } else { None })
        .collect();
    let looked = store.read::<_, Error>(|tx| {
        for (id, version) in told {
            match tx.request(id)? {
                None => return Ok(Some(format!("{id} is lost"))),
                Some(now) if now.version < version => return Ok(Some(format!("{id} is back at {}", now.version))),
                Some(now) if now.history != now.version => return Ok(Some(format!("{id} is half written"))),
                Some(_) => {}
            }
        }
        let problems = check::check(tx)?;
        Ok((!problems.is_empty()).then(|| format!("{problems:?}")))
    });
    looked.unwrap_or_else(|error| Some(error.to_string()))
}

/// So many cuts at random moments; how many files were wrong, and what the first of them was.
fn cut(folder: &Path, cuts: usize, syncs_count: bool) -> (usize, Option<String>) {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let path = folder.join("cut.redb");
    let (mut before, mut happened) = (Vec::new(), Vec::new());
    let (mut failures, mut first) = (0, None);
    for number in 0..cuts {
        if number.is_multiple_of(100) {
            (before, happened) = recorded(folder, number as u64);
        }
        let moment = random.next_u32() as usize % (happened.len() + 1);
        let until = &happened[..moment];
        std::fs::write(&path, after_cut(&before, until, syncs_count, &mut random)).unwrap();
        // What no disk should do may make the database panic.
        let looked = std::panic::catch_unwind(|| wrong(&path, until));
        if let Some(what) = looked.unwrap_or_else(|_| Some("panics".to_owned())) {
            failures += 1;
            first.get_or_insert(format!("cut {number}, before step {moment}: {what}"));
        }
    }
    (failures, first)
}

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(cut(folder.path(), 200 * rounds(), true), (0, None));
    // The file of the last cut goes on being written.
    let store = open(&folder.path().join("cut.redb"));
    write(&store, &requests(7, 3), &mut Vec::new(), 0);
    assert_clean(&store);
}

/// The same on a disk that says it has written what it has not: the test above can fail.
#[test]
fn a_disk_that_lies_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (failures, first) = cut(folder.path(), 20, false);
    assert!(failures >= 10, "{failures} of 20: {first:?}");
}
