//! 証拠ファイル of filings by hand: what they are, and beside it their contents, which only a download reads.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{PROOF_CONTENTS, PROOFS};
use super::{Error, Tables};
use crate::domain::ids::RequestId;
use crate::domain::proof::{Proof, ProofContent};
use redb::{ReadableTable, TableHandle};

impl Record for Proof {}
impl Record for ProofContent {}

impl<S: Source> Tables<S> {
    /// The proofs of a request, in the order in which they were added.
    ///
    /// # Errors
    /// The database's.
    pub fn proofs(&self, request: RequestId) -> Result<Vec<Proof>, Error> {
        let table = self.source.table(PROOFS)?;
        let rows = table.range((request.0, 0)..=(request.0, u32::MAX))?;
        rows.map(|row| decoded(PROOFS.name(), row?.1.value())).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// The database's.
    pub fn proof(&self, request: RequestId, number: u32) -> Result<Option<Proof>, Error> {
        self.source.record(PROOFS, (request.0, number))
    }

    /// Its content.
    ///
    /// # Errors
    /// The database's.
    pub fn proof_content(&self, request: RequestId, number: u32) -> Result<Option<ProofContent>, Error> {
        self.source.record(PROOF_CONTENTS, (request.0, number))
    }
}

impl Tables<&Transaction> {
    /// Adds a proof, which never changes.
    ///
    /// # Errors
    /// The database's.
    pub fn add_proof(&mut self, proof: &Proof, content: &ProofContent) -> Result<(), Error> {
        let key = (proof.request.0, proof.number);
        self.source.put(PROOF_CONTENTS, key, content)?;
        self.source.put(PROOFS, key, proof)
    }
}
