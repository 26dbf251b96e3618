//! お知らせ.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::NOTICES;
use super::{Error, Tables};
use crate::domain::time::Day;
use minicbor::{Decode, Encode};

/// 対象 of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Audience {
    /// 全ての利用者様.
    #[n(1)]
    All,
    /// 登録車申請を行う利用者様.
    #[n(2)]
    Registered,
    /// 軽自動車申請を行う利用者様.
    #[n(3)]
    Light,
}

impl Audience {
    /// All, in the order of the boxes.
    pub const ALL: [Self; 3] = [Self::All, Self::Registered, Self::Light];

    /// The label of the box and of the column.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "全ての利用者様",
            Self::Registered => "登録車申請を行う利用者様",
            Self::Light => "軽自動車申請を行う利用者様",
        }
    }
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// From `next_notice_id`.
    #[n(0)]
    pub id: u32,
    /// The day it is shown with.
    #[n(1)]
    pub published: Day,
    /// 重要度: 重要.
    #[n(2)]
    pub important: bool,
    /// Who reads it.
    #[n(3)]
    pub audience: Audience,
    /// Its subject.
    #[n(4)]
    pub subject: String,
    /// Its text.
    #[n(5)]
    pub body: String,
    /// Where it leads.
    #[n(6)]
    pub link: Option<String>,
}

impl Record for Notice {}

impl<S: Source> Tables<S> {
    /// One notice.
    ///
    /// # Errors
    /// The database's.
    pub fn notice(&self, id: u32) -> Result<Option<Notice>, Error> {
        self.source.record(NOTICES, id)
    }

    /// All notices, newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn notices(&self) -> Result<Vec<Notice>, Error> {
        let mut notices: Vec<Notice> = self.all(NOTICES)?;
        notices.sort_by_key(|notice| std::cmp::Reverse((notice.published, notice.id)));
        Ok(notices)
    }
}

impl Tables<&Transaction> {
    /// The number of a new notice.
    ///
    /// # Errors
    /// The database's.
    pub fn next_notice_id(&mut self) -> Result<u32, Error> {
        self.next_u32("notice")
    }

    /// Puts a notice.
    ///
    /// # Errors
    /// The database's.
    pub fn put_notice(&mut self, notice: &Notice) -> Result<(), Error> {
        self.source.put(NOTICES, notice.id, notice)
    }
}
