//! Columns of a block: the numbers or texts of all its rows one after the other, so that a condition is one sweep.

use super::block::CAPACITY;
use memchr::memmem::Finder;

/// Stands before the first text, between texts and after the last; never part of UTF-8.
pub(super) const END: u8 = 0xFF;
/// Begins a column that holds each different text once; never part of UTF-8.
const DICTIONARY: u8 = 0xFD;

/// A column of numbers: how many bytes each takes, then the numbers; with [`SAME`], one number for all rows.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    width: usize,
    same: bool,
    bytes: &'a [u8],
}

/// Marks a column in which all rows have the same number.
const SAME: u8 = 0x80;

impl<'a> Numbers<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (first, bytes) = bytes.split_first().unwrap_or((&SAME, &[]));
        Self { width: usize::from(first & !SAME), same: first & SAME != 0, bytes }
    }

    pub(super) fn encode(numbers: &[u64]) -> Vec<u8> {
        let highest = numbers.iter().copied().max().unwrap_or(0);
        let width = usize::try_from(u64::BITS.div_ceil(8) - highest.leading_zeros() / 8).unwrap_or(8);
        let mark = u8::try_from(width).unwrap_or(8);
        let first = numbers.first().copied().unwrap_or(0);
        if numbers.iter().all(|number| *number == first) {
            return [&[mark | SAME], &first.to_le_bytes()[..width]].concat();
        }
        let mut bytes = Vec::with_capacity(1 + numbers.len() * width);
        bytes.push(mark);
        numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()[..width]));
        bytes
    }

    /// The number of a row.
    pub(super) fn at(self, row: usize) -> u64 {
        let start = if self.same { 0 } else { row * self.width };
        self.bytes.get(start..start + self.width).map_or(0, little)
    }

    /// All of a block with so many rows.
    pub(super) fn all(self, rows: usize) -> impl Iterator<Item = u64> + 'a {
        (0..rows).map(move |row| self.at(row))
    }

    /// The rows with a number that is wanted.
    pub(super) fn rows(self, rows: usize, wanted: Wanted) -> Bits {
        if self.same || self.width == 0 {
            return if wanted.admits(self.at(0)) { Bits::first(rows) } else { Bits::default() };
        }
        let bytes = self.bytes.get(..rows * self.width).unwrap_or(&[]);
        match (self.width, wanted) {
            (1, Wanted::Between(from, to)) => within(from, to, u8::MAX)
                .map_or_else(Bits::default, |(from, to)| Bits::of(bytes, |byte| from <= byte && byte <= to)),
            (2, Wanted::Between(from, to)) => within(from, to, u16::MAX).map_or_else(Bits::default, |(from, to)| {
                Bits::of(bytes.as_chunks().0, |pair| (from..=to).contains(&u16::from_le_bytes(pair)))
            }),
            (4, Wanted::Between(from, to)) => within(from, to, u32::MAX).map_or_else(Bits::default, |(from, to)| {
                Bits::of(bytes.as_chunks().0, |four| (from..=to).contains(&u32::from_le_bytes(four)))
            }),
            (1, wanted) => Bits::of(bytes, |byte| wanted.admits(byte.into())),
            (width, wanted) => {
                let mut bits = Bits::default();
                let numbers = bytes.chunks_exact(width).map(little);
                numbers.enumerate().filter(|(_, number)| wanted.admits(*number)).for_each(|(row, _)| bits.set(row));
                bits
            }
        }
    }

    /// Where a number stands in an ascending column, or where it would.
    pub(super) fn place(self, rows: usize, wanted: u64) -> Result<usize, usize> {
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = low.midpoint(high);
            match self.at(middle).cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

/// Which numbers are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// From the first to the last of these, both included.
    Between(u64, u64),
    /// Those whose bit is set; all from 63 on have the last one.
    In(u64),
    /// Those that have this bit, or do not.
    Flag(u64, bool),
}

impl Wanted {
    /// Codes whose bits are set; one after the other without a gap, they are compared sooner than looked up.
    pub(super) fn codes(mask: u64) -> Self {
        let (low, high) = (mask.trailing_zeros(), 63 - mask.leading_zeros().min(63));
        if mask != 0 && mask.count_ones() == high - low + 1 {
            return Self::Between(low.into(), if high == 63 { u64::MAX } else { high.into() });
        }
        Self::In(mask)
    }

    pub(super) fn admits(self, number: u64) -> bool {
        match self {
            Self::Between(from, to) => (from..=to).contains(&number),
            Self::In(mask) => mask >> number.min(63) & 1 == 1,
            Self::Flag(bit, on) => (number & bit != 0) == on,
        }
    }
}

/// The part of a range that numbers up to `most` can be in.
fn within<T: Copy + Into<u64> + TryFrom<u64>>(from: u64, to: u64, most: T) -> Option<(T, T)> {
    Some((from.try_into().ok()?, to.min(most.into()).try_into().ok()?))
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

const WORDS: usize = CAPACITY.div_ceil(64);

/// One bit for each row of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    /// The rows whose value passes a test. First a byte for each, which compilers do many at once, then bits.
    pub(super) fn of<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut bits = Self::default();
        for (word, values) in bits.0.iter_mut().zip(values.chunks(64)) {
            let mut passed = [0_u8; 64];
            passed.iter_mut().zip(values).for_each(|(passed, value)| *passed = test(*value).into());
            for (eight, place) in passed.as_chunks::<8>().0.iter().zip((0..).step_by(8)) {
                // Brings the lowest bits of eight bytes together in the highest byte.
                let together = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= together << place;
            }
        }
        bits
    }

    /// The first so many rows.
    pub(super) fn first(rows: usize) -> Self {
        let mut bits = Self::default();
        for (word, place) in bits.0.iter_mut().zip(0..) {
            let here = rows.saturating_sub(place * 64).min(64);
            *word = if here == 64 { u64::MAX } else { (1 << here) - 1 };
        }
        bits
    }

    pub(super) fn set(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        let mut bits = self;
        bits.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
        bits
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// How many.
    pub(super) fn count(self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Which rows, ascending.
    pub(super) fn rows(self) -> impl DoubleEndedIterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(place, word)| Ones(word).map(move |bit| place * 64 + bit))
    }
}

/// The places of the bits of a word that are set.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros();
        // Without the lowest one.
        self.0 &= self.0.checked_sub(1)?;
        usize::try_from(bit).ok()
    }
}

impl DoubleEndedIterator for Ones {
    fn next_back(&mut self) -> Option<usize> {
        let bit = self.0.checked_ilog2()?;
        self.0 &= !(1 << bit);
        usize::try_from(bit).ok()
    }
}

/// A column of texts: one after the other; or, where that is shorter, each different one once and a byte for each row
/// that says which.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    /// Texts between separators; nothing when all are empty.
    column: &'a [u8],
    /// Which of those texts each row has; none when they are the rows' own.
    codes: Option<&'a [u8]>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        if let Some((&[DICTIONARY, low, high], rest)) = bytes.split_first_chunk::<3>()
            && let Some((column, codes)) = rest.split_at_checked(u16::from_le_bytes([low, high]).into())
        {
            return Self { column, codes: Some(codes) };
        }
        Self { column: bytes, codes: None }
    }

    /// The column of these texts.
    pub(super) fn encode<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Vec<u8> {
        let texts: Vec<_> = texts.collect();
        let length = texts.len() + texts.iter().map(|text| text.len()).sum::<usize>();
        if length == texts.len() {
            return Vec::new();
        }
        let mut distinct = texts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let once = 1 + distinct.len() + distinct.iter().map(|text| text.len()).sum::<usize>();
        if distinct.len() > 256 || 3 + once + texts.len() > length + 1 {
            return plain(&texts);
        }
        let column = plain(&distinct);
        let Ok(size) = u16::try_from(column.len()) else { return plain(&texts) };
        let code = |text: &&[u8]| distinct.binary_search(text).ok().and_then(|code| u8::try_from(code).ok());
        let mut bytes = Vec::with_capacity(3 + column.len() + texts.len());
        bytes.push(DICTIONARY);
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(&column);
        bytes.extend(texts.iter().map(|text| code(text).unwrap_or(0)));
        bytes
    }

    /// The texts row by row; none when all are empty.
    pub(super) fn all(self) -> Vec<&'a [u8]> {
        let texts: Vec<_> = match self.column.get(1..self.column.len().saturating_sub(1)) {
            None => Vec::new(),
            Some(inner) => inner.split(|byte| *byte == END).collect(),
        };
        match self.codes {
            None => texts,
            Some(codes) => {
                codes.iter().map(|code| texts.get(usize::from(*code)).copied().unwrap_or_default()).collect()
            }
        }
    }

    /// The rows whose text holds the needle. One that begins or ends with [`END`] is tied to that end of the text.
    pub(super) fn rows(self, needle: &Finder<'_>) -> Bits {
        let mut bits = Bits::default();
        let Some(codes) = self.codes else {
            self.sweep(needle, |row| bits.set(row));
            return bits;
        };
        let mut wanted = [false; 256];
        self.sweep(needle, |code| wanted.get_mut(code).into_iter().for_each(|wanted| *wanted = true));
        if wanted.contains(&true) {
            bits = Bits::of(codes, |code| wanted[usize::from(code)]);
        }
        bits
    }

    /// Visits, ascending, the places of the texts that hold the needle.
    fn sweep(self, needle: &Finder<'_>, mut visit: impl FnMut(usize)) {
        let (mut place, mut counted, mut from) = (0, 0, 0);
        while let Some(at) = self.column.get(from..).and_then(|rest| needle.find(rest)).map(|at| from + at) {
            // Texts before the match: separators up to it, without the one at the very beginning.
            place += memchr::memchr_iter(END, self.column.get(counted..=at).unwrap_or(&[])).count();
            counted = at + 1;
            visit(place.saturating_sub(1));
            match memchr::memchr(END, self.column.get(at + 1..).unwrap_or(&[])) {
                Some(end) => from = at + 1 + end,
                None => break,
            }
        }
    }
}

fn plain(texts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + texts.len() + texts.iter().map(|text| text.len()).sum::<usize>());
    bytes.push(END);
    for text in texts {
        bytes.extend_from_slice(text);
        bytes.push(END);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(
            width in 0_u32..=64,
            raw in prop::collection::vec(any::<u64>(), 1..CAPACITY),
            pivot in any::<prop::sample::Index>(),
        ) {
            let numbers: Vec<u64> = raw.iter().map(|number| number.checked_shr(64 - width).unwrap_or(0)).collect();
            let bytes = Numbers::encode(&numbers);
            let column = Numbers::of(&bytes);
            prop_assert_eq!(column.all(numbers.len()).collect::<Vec<_>>(), numbers.clone());
            let wanted = *pivot.get(&numbers);
            let conditions = [
                Wanted::Between(wanted, u64::MAX),
                Wanted::Between(wanted, wanted),
                Wanted::Between(wanted / 2, wanted),
                Wanted::Between(wanted, wanted / 2),
                Wanted::codes(wanted),
                Wanted::codes(wanted | u64::MAX << 60),
                Wanted::Flag(64, true),
                Wanted::Flag(1, false),
            ];
            for condition in conditions {
                let found = column.rows(numbers.len(), condition);
                let rows: Vec<_> = found.rows().collect();
                let expected: Vec<_> = (0..numbers.len()).filter(|row| condition.admits(numbers[*row])).collect();
                prop_assert_eq!(&rows, &expected, "{:?}", condition);
                prop_assert_eq!(found.count(), expected.len() as u64);
                prop_assert!(found.rows().rev().eq(rows.into_iter().rev()));
            }
            let mut sorted = numbers;
            sorted.sort_unstable();
            sorted.dedup();
            let bytes = Numbers::encode(&sorted);
            prop_assert_eq!(Numbers::of(&bytes).place(sorted.len(), wanted), sorted.binary_search(&wanted));
        }

        /// Few different texts stand once each, many as they are; both are read and searched alike.
        #[test]
        fn texts_come_back_and_are_found(
            texts in prop_oneof![
                prop::collection::vec("[a-z髙田]{0,6}", 1..CAPACITY),
                prop::collection::vec("[ab]{0,1}", 1..CAPACITY),
                prop::collection::vec("[品川]{2}", 1..CAPACITY),
            ],
            part in "[a-b品川田]{1,2}",
        ) {
            let bytes = Texts::encode(texts.iter().map(String::as_bytes));
            let column = Texts::of(&bytes);
            let mut back = column.all();
            back.resize(texts.len(), b"");
            prop_assert!(back.iter().copied().eq(texts.iter().map(String::as_bytes)));
            let found = |needle: &[u8]| column.rows(&Finder::new(needle)).rows().collect::<Vec<_>>();
            let expected = |test: &dyn Fn(&str) -> bool| {
                (0..texts.len()).filter(|row| test(&texts[*row])).collect::<Vec<_>>()
            };
            prop_assert_eq!(found(part.as_bytes()), expected(&|text| text.contains(&part)));
            let whole = [&[END], part.as_bytes(), &[END]].concat();
            prop_assert_eq!(found(&whole), expected(&|text| text == part));
        }

        /// Damaged bytes are other numbers and texts, never a panic.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Numbers::of(&bytes).all(50).count() == 50);
            for bytes in [bytes.clone(), [&[DICTIONARY], &bytes[..]].concat()] {
                Texts::of(&bytes).all();
                Texts::of(&bytes).rows(&Finder::new("a"));
            }
        }
    }

    #[test]
    fn codes_mean_the_same_compared_and_looked_up() {
        for mask in [0, 1, 1 << 63, u64::MAX, 0b0110, 0b1010, 3 << 62, 1 | 1 << 63] {
            for number in (0..70).chain([u64::MAX]) {
                assert_eq!(Wanted::codes(mask).admits(number), Wanted::In(mask).admits(number), "{mask:b} {number}");
            }
        }
    }

    #[test]
    fn columns_take_no_more_than_they_need() {
        assert_eq!(Numbers::encode(&[7; 416]).len(), 2);
        assert_eq!(Numbers::encode(&[0; 416]).len(), 1);
        assert_eq!(Numbers::encode(&[1, 255]).len(), 3);
        assert_eq!(Numbers::encode(&[1, 256]).len(), 5);
        assert!(Texts::encode([b"".as_slice(); 416].into_iter()).is_empty());
        assert_eq!(Texts::encode(["品川".as_bytes(); 416].into_iter()).len(), 3 + 8 + 416);
    }
}
