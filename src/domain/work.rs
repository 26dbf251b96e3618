//! Long work: many things done one after the other in the background, such as 一括送信 — what is kept of it.

use super::ids::{ImportId, RequestId, UserId, WorkId};
use super::money::Yen;
use super::payment::PaymentKind;
use super::time::SystemTime;
use minicbor::{Decode, Encode};

/// What is done to each item. A new kind is a variant here with what all its items share, a variant of [`Subject`]
/// unless it has one already, and an arm in `service::work::kinds`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum WorkKind {
    /// 一括送信 of saved requests.
    #[n(1)]
    Send {
        /// The procedure's code: of the page it was begun on.
        #[n(0)]
        procedure: u8,
    },
    /// 一括登録 of rows of an upload.
    #[n(2)]
    Import {
        /// The procedure's code.
        #[n(0)]
        procedure: u8,
        /// The upload.
        #[n(1)]
        import: ImportId,
        /// Rows that should be looked at were looked at.
        #[n(2)]
        doubtful: bool,
        /// 送信 in the same step.
        #[n(3)]
        send: bool,
    },
    /// 申請 of accepted requests.
    #[n(3)]
    File {
        /// The procedure's code.
        #[n(0)]
        procedure: u8,
    },
    /// 納付 of fees and taxes.
    #[n(4)]
    Pay {
        /// The procedure's code.
        #[n(0)]
        procedure: u8,
    },
}

impl WorkKind {
    /// The name in titles and lists.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Send { .. } => "一括送信",
            Self::Import { .. } => "依頼データ一括登録",
            Self::File { .. } => "一括申請",
            Self::Pay { .. } => "一括納付",
        }
    }

    /// What was done to an item that succeeded: `3件を送信しました。`
    pub fn done(&self) -> &'static str {
        match self {
            Self::Send { .. } => "送信しました",
            Self::Import { send: false, .. } => "登録しました",
            Self::Import { send: true, .. } => "登録して送信しました",
            Self::File { .. } => "申請しました",
            Self::Pay { .. } => "納付手続に進めました",
        }
    }

    /// The name in the audit.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Send { .. } => "work.send",
            Self::Import { .. } => "work.import",
            Self::File { .. } => "work.file",
            Self::Pay { .. } => "work.pay",
        }
    }

    /// The procedure whose pages it belongs to.
    pub fn procedure(&self) -> u8 {
        match self {
            Self::Send { procedure }
            | Self::Import { procedure, .. }
            | Self::File { procedure }
            | Self::Pay { procedure } => *procedure,
        }
    }
}

/// One thing that something is done to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Subject {
    /// A request.
    #[n(1)]
    Request(#[n(0)] RequestId),
    /// A row of the upload: counted from 0, and its line in the file.
    #[n(2)]
    Row(#[n(0)] u32, #[n(1)] u32),
    /// A fee or tax of a request, and the amount that was agreed to: no other is paid.
    #[n(3)]
    Payment(#[n(0)] RequestId, #[n(1)] PaymentKind, #[n(2)] Yen),
}

impl Subject {
    /// The request that it is about, when it is there already.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Request(id) | Self::Payment(id, ..) => Some(*id),
            Self::Row(..) => None,
        }
    }
}

/// What came of an item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// It was done.
    #[n(1)]
    Done {
        /// The request that it was done to, or that came of it.
        #[n(0)]
        request: Option<RequestId>,
    },
    /// It was not, and nothing was changed.
    #[n(2)]
    Failed {
        /// A sentence: why, and what to do.
        #[n(0)]
        reason: String,
    },
}

/// An item as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WorkItem {
    /// What it is.
    #[n(0)]
    pub subject: Subject,
    /// What came of it; none while its turn has not come.
    #[n(1)]
    pub outcome: Option<Outcome>,
}

/// How a piece of work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum WorkState {
    /// Items are waiting for their turn.
    #[n(1)]
    Open,
    /// Every item had its turn.
    #[n(2)]
    Finished,
    /// Its owner stopped it; what was not done stays undone.
    #[n(3)]
    Cancelled,
    /// Its owner may not do this any more.
    #[n(4)]
    Stopped,
}

impl WorkState {
    /// The label of its tag.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "処理中",
            Self::Finished => "完了",
            Self::Cancelled => "中止",
            Self::Stopped => "権限変更により中止",
        }
    }
}

/// A piece of work. Its items are kept beside it, numbered from 0, and are done in that order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Work {
    /// Its number.
    #[n(0)]
    pub id: WorkId,
    /// Whose: the only one who sees it.
    #[n(1)]
    pub owner: UserId,
    /// What is done.
    #[n(2)]
    pub kind: WorkKind,
    /// How it stands.
    #[n(3)]
    pub state: WorkState,
    /// Since when.
    #[n(4)]
    pub created: SystemTime,
    /// Since when it is not open any more.
    #[n(5)]
    pub ended: Option<SystemTime>,
    /// How many items.
    #[n(6)]
    pub items: u32,
    /// Of these, done.
    #[n(7)]
    pub done: u32,
    /// Of these, failed.
    #[n(8)]
    pub failed: u32,
}

impl Work {
    /// Items that had their turn. The next one has this number.
    pub fn handled(&self) -> u32 {
        self.done.saturating_add(self.failed)
    }

    /// Items that did not.
    pub fn left(&self) -> u32 {
        self.items.saturating_sub(self.handled())
    }

    /// Counts what came of the next item.
    pub fn count(&mut self, outcome: &Outcome, now: SystemTime) {
        match outcome {
            Outcome::Done { .. } => self.done = self.done.saturating_add(1),
            Outcome::Failed { .. } => self.failed = self.failed.saturating_add(1),
        }
        if self.left() == 0 {
            self.end(WorkState::Finished, now);
        }
    }

    /// Ends it.
    pub fn end(&mut self, state: WorkState, now: SystemTime) {
        self.state = state;
        self.ended = Some(now);
    }
}
