//! What was found is kept while the list does not change: whoever turns pages, or goes from one request to the next,
//! does not search again.

use super::ScopeKey;
use super::column::Bits;
use crate::domain::search::{Conditions, Scope};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) scope: Scope,
    pub(super) list: ScopeKey,
    pub(super) conditions: Conditions,
}

/// The rows of a block that meet the conditions; never none.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) first: u64,
    pub(super) bits: Bits,
}

/// All rows that meet the conditions.
#[derive(Debug, Default)]
pub(super) struct Matches {
    pub(super) total: u64,
    /// Ascending.
    pub(super) blocks: Vec<Found>,
}

impl Matches {
    pub(super) fn add(&mut self, first: u64, bits: Bits) {
        if !bits.is_empty() {
            self.total += bits.count();
            self.blocks.push(Found { first, bits });
        }
    }

    /// The blocks from this one on, in either direction.
    pub(super) fn nearest(&self, first: u64, backwards: bool) -> Box<dyn Iterator<Item = &Found> + '_> {
        if backwards {
            let end = self.blocks.partition_point(|found| found.first <= first);
            Box::new(self.blocks.iter().take(end).rev())
        } else {
            let start = self.blocks.partition_point(|found| found.first < first);
            Box::new(self.blocks.iter().skip(start))
        }
    }

    /// Memory, in bytes.
    fn size(&self) -> usize {
        512 + self.blocks.len() * size_of::<Found>()
    }
}

/// Results of the lists' last states: those that were used since the last turn, and those of the turn before, which
/// are dropped next.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    /// Bytes in each of the two generations.
    room: usize,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Asked, (u64, Arc<Matches>)>,
    old: HashMap<Asked, (u64, Arc<Matches>)>,
    young_bytes: usize,
}

impl Kept {
    /// Takes at most so many bytes.
    pub(in crate::store) fn within(bytes: usize) -> Self {
        Self { room: bytes / 2, generations: Mutex::default() }
    }

    /// What was found at this version of the list.
    pub(super) fn get(&self, asked: &Asked, version: u64) -> Option<Arc<Matches>> {
        let mut kept = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, matches)) = kept.young.get(asked) {
            return (*of == version).then(|| Arc::clone(matches));
        }
        let (_, matches) = kept.old.remove(asked).filter(|(of, _)| *of == version)?;
        kept.put(asked.clone(), version, Arc::clone(&matches), self.room);
        Some(matches)
    }

    /// Keeps what was found at this version of the list.
    pub(super) fn keep(&self, asked: Asked, version: u64, matches: &Arc<Matches>) {
        let mut kept = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put(asked, version, Arc::clone(matches), self.room);
    }
}

impl Generations {
    fn put(&mut self, asked: Asked, version: u64, matches: Arc<Matches>, room: usize) {
        let size = matches.size();
        if size > room {
            return;
        }
        if self.young_bytes + size > room {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += size;
        if let Some((_, replaced)) = self.young.insert(asked, (version, matches)) {
            self.young_bytes = self.young_bytes.saturating_sub(replaced.size());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ClientOrganizationId;

    fn asked(memo: &str) -> Asked {
        let garage = ClientOrganizationId(1);
        Asked {
            scope: Scope::Client(garage, None),
            list: ScopeKey::Client(garage, 1),
            conditions: Conditions { memo: memo.to_owned(), ..Conditions::default() },
        }
    }

    fn found(blocks: u64) -> Arc<Matches> {
        let mut matches = Matches::default();
        (0..blocks).for_each(|first| matches.add(first * 10, Bits::first(3)));
        Arc::new(matches)
    }

    #[test]
    fn what_was_found_counts_at_its_version_only() {
        let kept = Kept::within(1 << 20);
        kept.keep(asked("a"), 7, &found(2));
        assert_eq!(kept.get(&asked("a"), 7).unwrap().total, 6);
        assert!(kept.get(&asked("a"), 8).is_none() && kept.get(&asked("b"), 7).is_none());
        kept.keep(asked("a"), 8, &found(3));
        assert!(kept.get(&asked("a"), 7).is_none());
        assert_eq!(kept.get(&asked("a"), 8).unwrap().total, 9);
    }

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let kept = Kept::within(64 << 10);
        kept.keep(asked("used"), 1, &found(1));
        for turn in 0..100 {
            kept.keep(asked(&turn.to_string()), 1, &found(100));
            assert!(kept.get(&asked("used"), 1).is_some());
        }
        kept.keep(asked("huge"), 1, &found(10_000));
        assert!(kept.get(&asked("huge"), 1).is_none());
        let kept = kept.generations.into_inner().unwrap();
        assert!(kept.young.len() + kept.old.len() < 12);
    }

    #[test]
    fn the_nearest_blocks_come_first() {
        let matches = found(4);
        let firsts = |from, backwards| matches.nearest(from, backwards).map(|found| found.first).collect::<Vec<_>>();
        assert_eq!(firsts(20, true), [20, 10, 0]);
        assert_eq!(firsts(25, true), [20, 10, 0]);
        assert_eq!(firsts(20, false), [20, 30]);
    }
}
