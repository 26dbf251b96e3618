//! A data file that something else has changed: bits turned, pages emptied, exchanged or cut off, another file in its
//! place. Whoever opens or checks it is told, or nothing that is read is another than before.

use super::crash::{requests, write};
use super::open;
use crate::kit::rounds;
use ainas::domain::ids::RequestId;
use ainas::domain::search::{Conditions, Order, Page, Scope};
use ainas::store::check::check_file;
use ainas::store::{Error, Options, Store};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::Path;

/// A page of the database.
const PAGE: usize = 4_096;
/// Requests in the file.
const REQUESTS: u64 = 60;

/// Everything that can be read, as text; or what says that it can't be.
fn contents(path: &Path) -> Result<String, String> {
    let options = Options { create: false, cache_bytes: 8 << 20, ..Options::default() };
    let store = Store::open(path, &options).map_err(|error| error.sentence())?;
    let all = store.read::<_, Error>(|tx| {
        let mut all = String::new();
        let mut scopes = BTreeSet::new();
        for id in (100_000_001..100_000_001 + REQUESTS).map(RequestId) {
            let request = tx.request(id)?;
            if let Some(request) = &request {
                scopes.insert((request.client.0, request.procedure));
            }
            all.push_str(&format!("{request:?}{:?}{:?}", tx.filings(id)?, tx.history(id)?));
        }
        for (client, procedure) in scopes {
            let scope = Scope::Client(ainas::domain::ids::ClientOrganizationId(client), None);
            let page = Page { number: 1, size: 100 };
            let found = tx.search(scope, procedure, &Conditions::default(), Order::Newest, page)?;
            all.push_str(&format!("{found:?}"));
        }
        Ok(all)
    });
    all.map_err(|error| error.to_string())
}

struct Damage(TestRng);

impl Damage {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    /// Changes a file somehow, and says how.
    fn to(&mut self, file: &mut Vec<u8>) -> String {
        let pages = file.len() / PAGE;
        match self.below(8) {
            // Most of a file is free or full of data: its head is hit on purpose.
            kind @ 0..=2 => {
                let most = if kind == 0 { 512 } else { file.len() };
                let bits: Vec<(usize, usize)> =
                    (0..=self.below(3)).map(|_| (self.below(most), self.below(8))).collect();
                bits.iter().for_each(|(at, bit)| file[*at] ^= 1 << bit);
                format!("bits {bits:?}")
            }
            3 => {
                let page = self.below(pages);
                file[page * PAGE..(page + 1) * PAGE].fill(0);
                format!("page {page} empty")
            }
            4 => {
                let length = self.below(file.len());
                file.truncate(length);
                format!("cut at {length}")
            }
            5 => {
                let (from, to) = (self.below(pages), self.below(pages));
                file.copy_within(from * PAGE..(from + 1) * PAGE, to * PAGE);
                format!("page {from} over page {to}")
            }
            6 => {
                let (start, length) = (self.below(file.len()), 1 + self.below(600));
                let end = (start + length).min(file.len());
                file[start..end].iter_mut().for_each(|byte| *byte = 0xff);
                format!("{start}..{end} full")
            }
            _ => {
                let start = self.below(file.len());
                let mut noise = [0; 64];
                self.0.fill_bytes(&mut noise);
                let end = (start + noise.len()).min(file.len());
                file[start..end].copy_from_slice(&noise[..end - start]);
                format!("{start}..{end} noise")
            }
        }
    }
}

/// A file that was closed in order, and one whose node was killed.
fn whole(folder: &Path) -> [Vec<u8>; 2] {
    let path = folder.join("whole.redb");
    let store = open(&path);
    let (given, mut own) = (requests(11, 40), Vec::new());
    let mut turn = 0;
    while own.len() < usize::try_from(REQUESTS).unwrap() {
        write(&store, &given, &mut own, turn);
        turn += 1;
    }
    let killed = std::fs::read(&path).unwrap();
    store.shutdown();
    drop(store);
    [std::fs::read(&path).unwrap(), killed]
}

#[test]
fn damage_is_told_or_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.redb");
    let (mut told, mut harmless) = (0, 0);
    for (number, whole) in whole(folder.path()).iter().enumerate() {
        std::fs::write(&path, whole).unwrap();
        let before = contents(&path).unwrap();
        std::fs::write(&path, whole).unwrap();
        assert!(check_file(&path, &Options::default()).unwrap().is_empty());
        let mut damage = Damage(TestRng::from_seed(RngAlgorithm::XorShift, &[u8::try_from(number).unwrap() + 1; 16]));
        for round in 0..100 * rounds() {
            let mut file = whole.clone();
            let how = damage.to(&mut file);
            std::fs::write(&path, &file).unwrap();
            // Opening never panics; a page that can't be read makes at most that read fail.
            let read = catch_unwind(|| contents(&path)).unwrap_or_else(|_| Err("a panic".to_owned()));
            std::fs::write(&path, &file).unwrap();
            let found = check_file(&path, &Options::default());
            match (found, read) {
                (Ok(found), Ok(read)) if found.is_empty() => {
                    assert_eq!(read, before, "round {round}: {how}: another answer, and nobody says so");
                    harmless += 1;
                }
                (Ok(found), Err(error)) if found.is_empty() => {
                    panic!("round {round}: {how}: {error}, and the check finds nothing")
                }
                (Err(error), _) => {
                    assert!(error.sentence().contains("データファイル"), "{how}: {error:?}");
                    told += 1;
                }
                (Ok(_), _) => told += 1,
            }
        }
    }
    // Both do occur.
    assert!(told > 20 && harmless > 20, "{told} told, {harmless} harmless");
}

#[test]
fn a_panic_of_the_database_is_no_panic_of_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.redb");
    let [whole, _] = whole(folder.path());
    // Every page of its own, each the worst it can be.
    for page in (0..whole.len() / PAGE).step_by(whole.len() / PAGE / 40 + 1) {
        let mut file = whole.clone();
        file[page * PAGE..(page + 1) * PAGE].fill(0xff);
        std::fs::write(&path, &file).unwrap();
        drop(Store::open(&path, &Options::default()));
    }
}

#[test]
fn a_file_that_is_missing_or_empty_is_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let existing = Options { create: false, ..Options::default() };
    assert!(Store::open(&path, &existing).err().unwrap().sentence().contains("見つかりません"));
    assert!(!path.exists());
    std::fs::write(&path, b"").unwrap();
    for options in [existing, Options::default()] {
        assert!(Store::open(&path, &options).err().unwrap().sentence().contains("壊れている"));
    }
    assert!(check_file(&path, &Options::default()).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}
