//! What is known of blocks without opening them: how many rows there are of each own branch and status.

use super::column::Numbers;

/// Blocks that begin in the same so many 申請ID are counted together.
pub(super) const GROUP_BITS: u32 = 14;

/// How many rows of an own branch and status; ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counts(Vec<(u32, u8, u32)>);

impl Counts {
    /// Adds so many rows, or takes them away.
    pub(super) fn add(&mut self, (branch, status): (u32, u8), rows: i64) {
        match self.0.binary_search_by_key(&(branch, status), |(branch, status, _)| (*branch, *status)) {
            Ok(place) => {
                let Some((_, _, count)) = self.0.get_mut(place) else { return };
                *count = u32::try_from(i64::from(*count) + rows).unwrap_or(0);
                if *count == 0 {
                    self.0.remove(place);
                }
            }
            Err(place) => {
                if let Ok(rows @ 1..) = u32::try_from(rows) {
                    self.0.insert(place, (branch, status, rows));
                }
            }
        }
    }

    /// Own branch, status and how many rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u8, u64)> {
        self.0.iter().map(|(branch, status, count)| (*branch, *status, u64::from(*count)))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 9);
        for (branch, status, count) in &self.0 {
            bytes.extend_from_slice(&branch.to_le_bytes());
            bytes.push(*status);
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    /// From stored bytes, into the memory of another: a search looks at hundreds.
    pub(super) fn refill(&mut self, bytes: &[u8]) {
        self.0.clear();
        self.0.extend(bytes.as_chunks::<9>().0.iter().map(|[a, b, c, d, status, e, f, g, h]| {
            (u32::from_le_bytes([*a, *b, *c, *d]), *status, u32::from_le_bytes([*e, *f, *g, *h]))
        }));
    }

    pub(super) fn decode(bytes: &[u8]) -> Self {
        let mut counts = Self::default();
        counts.refill(bytes);
        counts
    }
}

/// What can be said of a block without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Summary {
    /// Rows.
    pub(super) rows: u16,
    /// The highest 申請ID.
    pub(super) last: u64,
    /// Its rows by own branch and status.
    pub(super) counts: Counts,
}

impl Summary {
    /// From columns of a block: 申請ID less the first one, own branches, status.
    pub(super) fn of(first: u64, rows: usize, ids: Numbers, own: Numbers, status: Numbers) -> Self {
        let mut counts = Counts::default();
        for (branch, status) in own.all(rows).zip(status.all(rows)) {
            counts.add((u32::try_from(branch).unwrap_or(0), u8::try_from(status).unwrap_or(0)), 1);
        }
        let last = rows.checked_sub(1).map_or(0, |row| first + ids.at(row));
        Self { rows: u16::try_from(rows).unwrap_or(u16::MAX), last, counts }
    }

    /// Rows, for walking over columns.
    pub(super) fn rows(&self) -> usize {
        self.rows.into()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.rows.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.last.to_le_bytes());
        bytes.extend(self.counts.encode());
        bytes
    }

    /// From stored bytes, into the memory of another.
    pub(super) fn refill(&mut self, bytes: &[u8]) {
        let Some(([low, high], rest)) = bytes.split_first_chunk() else { return *self = Self::default() };
        let Some((last, counts)) = rest.split_first_chunk() else { return *self = Self::default() };
        self.rows = u16::from_le_bytes([*low, *high]);
        self.last = u64::from_le_bytes(*last);
        self.counts.refill(counts);
    }

    pub(super) fn decode(bytes: &[u8]) -> Self {
        let mut summary = Self::default();
        summary.refill(bytes);
        summary
    }
}
