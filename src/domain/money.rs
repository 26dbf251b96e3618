//! Amounts in yen.

use minicbor::{Decode, Encode};
use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// A whole, non-negative amount in yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Yen(#[n(0)] pub u32);

impl Add for Yen {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Yen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

/// `1,200円`.
impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        f.write_str("円")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_carry_commas() {
        assert_eq!(Yen(0).to_string(), "0円");
        assert_eq!(Yen(1_200).to_string(), "1,200円");
        assert_eq!(Yen(1_234_567).to_string(), "1,234,567円");
    }
}
