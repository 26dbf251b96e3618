//! お知らせ.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::NOTICES;
use super::{Error, Tables};
use crate::domain::time::Day;
use minicbor::{Decode, Encode};

/// Who reads a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Audience {
    /// Everybody.
    #[n(1)]
    All,
    /// The client application.
    #[n(2)]
    Client,
    /// The agent application.
    #[n(3)]
    Agent,
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
    /// Stands above the others.
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

    /// Notices for this audience and for everybody, newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn notices(&self, audience: Audience) -> Result<Vec<Notice>, Error> {
        let mut notices: Vec<Notice> = self.all(NOTICES)?;
        notices.retain(|notice| notice.audience == audience || notice.audience == Audience::All);
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
