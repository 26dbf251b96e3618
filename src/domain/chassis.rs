//! Chassis numbers.
use minicbor::{Decode, Encode};

/// 車台番号, with 職権打刻.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
pub struct ChassisNumber {
    /// Upper case half-width, hyphens as `-`.
    #[n(0)]
    pub number: String,
    /// 職権打刻あり.
    #[n(1)]
    pub officially_stamped: bool,
}
