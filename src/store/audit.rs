//! The audit: who did what, as a chain. Each row carries an HMAC over itself and the row before, so that no row inside
//! can be changed or taken out unseen. A cut tail shows only against a head that was kept elsewhere.

use super::codec::{self, Record};
use super::kit::{Source, Transaction, decoded, encoded};
use super::tables::AUDIT;
use super::{Error, Tables};
use crate::domain::ids::{PersonId, UserId};
use crate::domain::time::{BusinessTime, SystemTime};
use crate::domain::user::Membership;
use minicbor::{Decode, Encode};
use redb::{ReadableTable, TableHandle};
use ring::hmac;

/// One audited act. Names fields and things, never values of persons.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AuditRow {
    /// When.
    #[n(0)]
    pub at: SystemTime,
    /// The business clock, when it showed something else.
    #[n(1)]
    pub business: Option<BusinessTime>,
    /// Who; none for the node itself and for people who are not signed in.
    #[n(2)]
    pub actor: Option<UserId>,
    /// From where: an address, a certificate, the console.
    #[n(3)]
    pub source: String,
    /// What: `sign-in`, `request.send` …
    #[n(4)]
    pub action: String,
    /// On what: `request 100000001`.
    #[n(5)]
    pub subject: String,
    /// How it ended or what was touched: names of fields, reasons.
    #[n(6)]
    pub details: Vec<String>,
    /// In which capacity; written by the store from the actor's row as it is at that moment.
    #[n(7)]
    pub standing: Option<Standing>,
}

/// The person behind a user, and organization, branch and role of the user at the time of the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Standing {
    /// Who, whichever of their users they act as.
    #[n(0)]
    pub person: PersonId,
    /// As what.
    #[n(1)]
    pub membership: Membership,
}

impl Record for AuditRow {}

/// A row with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Link {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) row: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) mac: [u8; 32],
}

impl Record for Link {}

/// The newest row of the chain, to be kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are.
    pub number: u64,
    /// The HMAC of the last one.
    pub mac: [u8; 32],
}

/// What a walk along the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is in its place; this is the head.
    Whole(Head),
    /// From this number on, something was changed or taken out.
    Broken(u64),
}

fn mac(key: &[u8; 32], before: &[u8; 32], number: u64, row: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(before);
    context.update(&number.to_be_bytes());
    context.update(row);
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

impl<S: Source> Tables<S> {
    /// The newest row's number and HMAC; number 0 when there is none.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_head(&self) -> Result<Head, Error> {
        let table = self.source.table(AUDIT)?;
        match table.last()? {
            None => Ok(Head { number: 0, mac: [0; 32] }),
            Some((number, bytes)) => {
                let link: Link = decoded(AUDIT.name(), bytes.value())?;
                Ok(Head { number: number.value(), mac: link.mac })
            }
        }
    }

    /// Rows before this number, newest first, at most `limit`, with their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_rows(&self, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, Error> {
        let table = self.source.table(AUDIT)?;
        let rows = table.range(..before.unwrap_or(u64::MAX))?.rev().take(limit);
        rows.map(|row| {
            let (number, bytes) = row?;
            let link: Link = decoded(AUDIT.name(), bytes.value())?;
            Ok((number.value(), decoded(AUDIT.name(), &link.row)?))
        })
        .collect()
    }

    /// Walks the whole chain.
    ///
    /// # Errors
    /// The database's.
    pub fn verify_audit(&self) -> Result<Verdict, Error> {
        let table = self.source.table(AUDIT)?;
        let mut head = Head { number: 0, mac: [0; 32] };
        for row in table.iter()? {
            let (number, bytes) = row?;
            let expected = head.number + 1;
            let Ok(link) = codec::decode::<Link>(bytes.value()) else { return Ok(Verdict::Broken(expected)) };
            if number.value() != expected || link.mac != mac(&self.shared.audit_key, &head.mac, expected, &link.row) {
                return Ok(Verdict::Broken(expected));
            }
            head = Head { number: expected, mac: link.mac };
        }
        Ok(Verdict::Whole(head))
    }
}

impl Tables<&Transaction> {
    /// Adds a row to the chain, with the standing of its actor.
    ///
    /// # Errors
    /// The database's.
    pub fn audit(&mut self, row: &AuditRow) -> Result<(), Error> {
        let head = self.audit_head()?;
        let actor = row.actor.map(|id| self.user(id)).transpose()?.flatten();
        let standing = actor.map(|user| Standing { person: user.person, membership: user.membership });
        let row = encoded(AUDIT.name(), &AuditRow { standing, ..row.clone() })?;
        let number = head.number + 1;
        let mac = mac(&self.shared.audit_key, &head.mac, number, &row);
        self.source.put(AUDIT, number, &Link { row, mac })
    }
}
