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
    /// What a list of results says of an item that failed: why, in a sentence or two.
    pub fn in_a_row(&self) -> String {
        match self {
            Self::Refused(reason) => reason.sentence(),
            Self::Invalid(problems) => {
                problems.iter().map(|problem| problem.message.as_ref()).collect::<Vec<&str>>().join("　")
            }
            Self::NotFound => "データが見つかりません。".to_owned(),
            Self::Conflict => "別の人が先に更新しました。内容を確認してください。".to_owned(),
            Self::Forbidden | Self::SignedOut => "この操作をする権限がありません。".to_owned(),
            Self::Busy | Self::StorageFull | Self::Internal(_) => {
                "処理できませんでした。時間をおいて、もう一度操作してください。".to_owned()
            }
        }
    }

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
