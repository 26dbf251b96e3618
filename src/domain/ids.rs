//! Identifiers. Each kind of thing has its own type, so that one can't stand for another.

use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ();

            /// Plain decimal digits without sign, space or leading zero.
            fn from_str(text: &str) -> Result<Self, ()> {
                if text.is_empty() || text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(());
                }
                text.parse().map(Self).map_err(|_| ())
            }
        }
    };
}

number_id! {
    /// 申請ID: one number for the request and, later, the application. 1–10 digits, ascending on the node.
    RequestId, u64
}
number_id! {
    /// 依頼人組織ID: nine digits.
    ClientOrganizationId, u32
}
number_id! {
    /// The node's own number of a client branch. People see the 依頼人拠点コード.
    BranchId, u32
}
number_id! {
    /// 代理人組織ID: one to nine digits.
    AgentOrganizationId, u32
}
number_id! {
    /// The node's own number of an agent branch. People see the 代理人拠点ID.
    AgentBranchId, u32
}
number_id! {
    /// A user: one login ID in one application.
    UserId, u32
}
number_id! {
    /// A person, who may hold several users.
    PersonId, u32
}
number_id! {
    /// An uploaded table of requests.
    ImportId, u64
}
number_id! {
    /// A piece of long work, such as one 一括送信.
    WorkId, u64
}
number_id! {
    /// The node's own number of a 申請テンプレート.
    TemplateId, u32
}

/// A number chosen at random before something is first sent to the portal. Sending the same number again is the
/// same act, so that a lost answer never files or pays twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct SubmissionNumber(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl fmt::Display for SubmissionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// From the 32 hexadecimal digits that [`SubmissionNumber`] prints.
impl std::str::FromStr for SubmissionNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digit = |at: usize| text.get(at * 2..at * 2 + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = digit(at).ok_or(())?;
        }
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) { Ok(Self(bytes)) } else { Err(()) }
    }
}
