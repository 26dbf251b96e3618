//! The store: what it answers after anything, and what it keeps through anything.

#![expect(clippy::unwrap_used, unreachable_pub, reason = "a test that can't go on has failed; modules share")]

mod crash;
mod damage;
mod lists;
mod model;
mod power;
mod writer;

use ainas::store::{Error, Options, Store, check};
use std::path::Path;

/// Opens, or fails the test.
fn open(path: &Path) -> Store {
    Store::open(path, &Options { cache_bytes: 8 << 20, ..Options::default() }).unwrap()
}

/// Fails the test unless every index, block and counter fits the records.
fn assert_clean(store: &Store) {
    assert_eq!(store.read::<_, Error>(check::check).unwrap(), []);
}
