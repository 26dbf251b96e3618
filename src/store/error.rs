//! What can go wrong with the store, and how it is said to the person who starts the node.

use std::{fmt, io};

/// Why a read or write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The queue of the writer is full; try again shortly.
    #[error("too many writes are waiting")]
    Busy,
    /// No space on the disk. Nothing was changed; reading goes on.
    #[error("no space left for the data file")]
    Full,
    /// The writer has stopped, because the node is stopping or an earlier write went wrong.
    #[error("the store is closed")]
    Closed,
    /// Writing went wrong. The node has to be started again.
    #[error("the data file can't be written: {0}")]
    Failed(String),
    /// The job itself panicked; nothing of it was kept.
    #[error("a write job panicked")]
    Panicked,
    /// Something unique is taken by another record: a login ID, a code.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// A stored value can't be understood.
    #[error("damaged record in {table}: {what}")]
    Corrupt {
        /// The table.
        table: String,
        /// What is wrong with it.
        what: String,
    },
    /// The database below.
    #[error("database: {0}")]
    Database(#[source] Box<redb::Error>),
}

impl Error {
    pub(crate) fn corrupt(table: &str, what: impl Into<String>) -> Self {
        Self::Corrupt { table: table.to_owned(), what: what.into() }
    }
}

macro_rules! from_redb {
    ($($name:ident),*) => {
        $(impl From<redb::$name> for Error {
            fn from(error: redb::$name) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}

from_redb!(StorageError, TableError, TransactionError, CommitError, SetDurabilityError);

impl From<Error> for crate::service::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => Self::Busy,
            Error::Full => Self::StorageFull,
            other => Self::internal(other),
        }
    }
}

/// Why a data file can't be opened. It is said to the person at the console, so its text is a Japanese sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    Locked,
    /// A newer version of the product has written it.
    NewerVersion {
        /// Schema of the file.
        found: u32,
        /// Newest schema this version knows.
        known: u32,
    },
    /// It is a file of this product, but of another kind.
    OtherKind {
        /// What it says it is.
        found: String,
        /// What was expected.
        wanted: &'static str,
    },
    /// It is no data file, or it is damaged.
    Damaged(String),
    /// The file system refuses.
    Io(#[source] io::Error),
}

impl OpenError {
    /// What the person at the console reads.
    pub fn sentence(&self) -> String {
        match self {
            Self::Locked => {
                "データファイルは別のプロセスが使用中です。動作中のノードを停止してから、もう一度実行してください。"
                    .to_owned()
            }
            Self::NewerVersion { found, known } => format!(
                "データファイルは新しい版（形式 {found}）で作成されています。この版が扱えるのは形式 {known} までです。新しい版の ainas で開いてください。"
            ),
            Self::OtherKind { .. } => {
                "指定されたファイルは、このデータファイルとは別の種類です。場所を確認してください。".to_owned()
            }
            Self::Damaged(_) => {
                "データファイルが壊れているか、AINAS のデータファイルではありません。バックアップから復元してください。"
                    .to_owned()
            }
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
                "ディスクに空きがないため、データファイルを開けません。空きを作ってから、もう一度実行してください。"
                    .to_owned()
            }
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "データファイルを読み書きする権限がありません。".to_owned()
            }
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "データファイルが見つかりません。場所を確認してください。".to_owned()
            }
            Self::Io(error) => format!("データファイルを開けません（{error}）。"),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<redb::DatabaseError> for OpenError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen | redb::DatabaseError::LockProtocolMismatch => Self::Locked,
            // redb says "invalid data" for a file that isn't its own.
            redb::DatabaseError::Storage(redb::StorageError::Io(error))
                if !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                Self::Io(error)
            }
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(inner) => match *inner {
                redb::Error::Io(error) => Self::Io(error),
                other => Self::Damaged(other.to_string()),
            },
            other => Self::Damaged(other.to_string()),
        }
    }
}
