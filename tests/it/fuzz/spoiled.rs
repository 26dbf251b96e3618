//! Good input, spoiled: bits turned, pieces cut, repeated, exchanged and put in from elsewhere, numbers too large.

use crate::kit::rounds;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The largest copy.
const MOST: usize = 64 << 10;

/// What parsers have stumbled over.
const TOKENS: [&[u8]; 40] = [
    b"0",
    b"-1",
    b"255",
    b"256",
    b"65536",
    b"2147483648",
    b"4294967296",
    b"18446744073709551616",
    b"99999999999999999999999999999999",
    b"1e308",
    b"NaN",
    b"0x41",
    "９".as_bytes(),
    "①".as_bytes(),
    "٣".as_bytes(),
    "ー".as_bytes(),
    "　".as_bytes(),
    "ﾞ".as_bytes(),
    "か\u{3099}".as_bytes(),
    "\u{fdfa}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{e0100}".as_bytes(),
    "\u{feff}".as_bytes(),
    "👨‍👩‍👧".as_bytes(),
    "İß".as_bytes(),
    b"\0",
    b"\r\n",
    b"\n\n",
    b"\"",
    b"'",
    b"\\",
    b"%00",
    b"%ff%fe",
    b"../",
    b"&amp;",
    b"<![CDATA[",
    b"=1+1",
    b"\xff\xfe",
    b"\x80\x80\x80\x80",
];

/// Spoils.
pub(super) struct Hand(TestRng);

impl Hand {
    /// The same seed spoils in the same way.
    pub(super) fn new(seed: u64) -> Self {
        let mut bytes = [7; 16];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::XorShift, &bytes))
    }

    /// A number below this one.
    pub(super) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn piece(&mut self, whole: &[u8]) -> (usize, usize) {
        let start = self.below(whole.len() + 1);
        // Mostly short: the rest should still make sense.
        let longest = if self.below(4) == 0 { whole.len() } else { 12 };
        (start, (start + self.below(longest + 1)).min(whole.len()))
    }

    /// One copy, spoiled in a few places.
    pub(super) fn spoil(&mut self, good: &[&[u8]]) -> Vec<u8> {
        let mut copy = good[self.below(good.len())].to_vec();
        for _ in 0..=self.below(4) {
            let (start, end) = self.piece(&copy);
            let put = match self.below(9) {
                0 if start < copy.len() => vec![copy[start] ^ (1 << self.below(8))],
                1 => Vec::new(),
                2 => {
                    copy.truncate(start);
                    continue;
                }
                3 => {
                    let times = if self.below(8) == 0 { 2_000 } else { self.below(6) };
                    copy[start..end].repeat(times)
                }
                4 => {
                    let other = good[self.below(good.len())];
                    let (from, to) = self.piece(other);
                    other[from..to].to_vec()
                }
                5 => {
                    let big = [0xff, 0x80, 0x7f, 0x00][self.below(4)];
                    vec![big; [1, 2, 4, 8][self.below(4)]]
                }
                6 => self.0.next_u64().to_le_bytes()[..self.below(9)].to_vec(),
                _ => TOKENS[self.below(TOKENS.len())].to_vec(),
            };
            // In place of what was there, or between.
            let end = if self.below(2) == 0 { end } else { start };
            copy.splice(start..end, put);
            copy.truncate(MOST);
        }
        copy
    }

    /// The same of text.
    pub(super) fn spoil_text(&mut self, good: &[&str]) -> String {
        let good: Vec<&[u8]> = good.iter().map(|text| text.as_bytes()).collect();
        String::from_utf8_lossy(&self.spoil(&good)).into_owned()
    }
}

/// What is good, nothing at all, and so many spoiled copies.
pub(super) fn copies(good: &[&[u8]], count: usize) -> impl Iterator<Item = Vec<u8>> {
    let spoiled = (0..count * rounds()).map(|seed| Hand::new(u64::try_from(seed).unwrap()).spoil(good));
    good.iter().map(|good| good.to_vec()).chain([Vec::new()]).chain(spoiled)
}

/// Gives copies to a parser. One that panics fails the test, which says what was given.
pub(super) fn bytes(good: &[&[u8]], count: usize, parser: impl Fn(&[u8])) {
    for copy in copies(good, count) {
        let parsed = catch_unwind(AssertUnwindSafe(|| parser(&copy)));
        assert!(parsed.is_ok(), "given \"{}\"", copy.escape_ascii());
    }
}

/// The same for text.
pub(super) fn texts(good: &[&str], count: usize, parser: impl Fn(&str)) {
    let good: Vec<&[u8]> = good.iter().map(|text| text.as_bytes()).collect();
    bytes(&good, count, |copy| {
        let text = String::from_utf8_lossy(copy);
        let parsed = catch_unwind(AssertUnwindSafe(|| parser(&text)));
        assert!(parsed.is_ok(), "given {text:?}");
    });
}
