//! Everything a use case can refuse with. Knows no HTTP: `web` and `api` turn it into pages and problem documents.

use super::reason::Reason;
use crate::domain::problem::Problems;

/// Why a use case did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the actor may not know of it.
    #[error("not found")]
    NotFound,
    /// The actor may know of it, but not do this.
    #[error("forbidden")]
    Forbidden,
    /// The session ended meanwhile.
    #[error("signed out")]
    SignedOut,
    /// The input has to be corrected.
    #[error("invalid input: {0:?}")]
    Invalid(Problems),
    /// The input is good, but the state of things does not allow it.
    #[error("refused: {0:?}")]
    Refused(Reason),
    /// Somebody else changed it first.
    #[error("changed meanwhile")]
    Conflict,
    /// Too much to do at once; try again shortly.
    #[error("busy")]
    Busy,
    /// No space on the disk.
    #[error("storage full")]
    StorageFull,
    /// Our fault.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a cause that users never see.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;
