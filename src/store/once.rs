//! Once only: what a form with this token led to, so that sending it twice does it once.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::{SUBMISSIONS, SUBMISSIONS_BY_TIME};
use super::{Error, Tables};
use crate::domain::ids::UserId;
use crate::domain::time::SystemTime;
use minicbor::{Decode, Encode};
use redb::ReadableTable;

/// How long outcomes are kept, in seconds.
const KEPT: i64 = 24 * 60 * 60;

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Submission {
    #[n(0)]
    pub(super) outcome: String,
    #[n(1)]
    pub(super) at: SystemTime,
}

impl Record for Submission {}

impl<S: Source> Tables<S> {
    /// What the form with this token led to.
    ///
    /// # Errors
    /// The database's.
    pub fn submission(&self, user: UserId, token: &str) -> Result<Option<String>, Error> {
        Ok(self.source.record::<_, Submission>(SUBMISSIONS, (user.0, token))?.map(|kept| kept.outcome))
    }
}

impl Tables<&Transaction> {
    /// Remembers what the form with this token led to, for 24 hours; forgets a few older ones on the way.
    ///
    /// # Errors
    /// The database's.
    pub fn put_submission(&mut self, user: UserId, token: &str, outcome: &str, now: SystemTime) -> Result<(), Error> {
        let old = self.source.record::<_, Submission>(SUBMISSIONS, (user.0, token))?;
        if let Some(old) = old {
            self.source.remove(SUBMISSIONS_BY_TIME, (old.at.unix(), user.0, token))?;
        }
        self.forget_submissions(now)?;
        self.source.set(SUBMISSIONS_BY_TIME, (now.unix(), user.0, token), ())?;
        self.source.put(SUBMISSIONS, (user.0, token), &Submission { outcome: outcome.to_owned(), at: now })
    }

    fn forget_submissions(&self, now: SystemTime) -> Result<(), Error> {
        let over = {
            let index = self.source.table(SUBMISSIONS_BY_TIME)?;
            let rows = index.range(..(now.plus(-KEPT).unix(), 0, ""))?;
            rows.take(4)
                .map(|row| {
                    let (key, ()) = row.map(|(key, _)| (key, ()))?;
                    let (at, user, token) = key.value();
                    Ok((at, user, token.to_owned()))
                })
                .collect::<Result<Vec<_>, Error>>()?
        };
        for (at, user, token) in over {
            self.source.remove(SUBMISSIONS_BY_TIME, (at, user, token.as_str()))?;
            self.source.remove(SUBMISSIONS, (user, token.as_str()))?;
        }
        Ok(())
    }
}
