//! 証拠ファイル: kept with what was written down of a filing by hand, listed and downloaded by whoever may see it.

use super::audit;
use super::error::{Error, Result};
use super::manual;
use super::once::Token;
use super::reason::Reason;
use crate::app::App;
use crate::clock::Moment;
use crate::domain::actor::AgentActor;
use crate::domain::ids::RequestId;
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::proof::{MOST, Proof, ProofContent, ProofKind};
use crate::domain::request::{HistoryEntry, ServiceRequest, Side, Stamp};
use crate::domain::role::AgentRole;
use crate::domain::text;
use crate::store::Write;
use ring::digest;
use std::sync::Arc;

/// The field of forms that takes the file.
pub const FILE: &str = "proof";
/// The field with the place in 履歴 of what the file shows.
pub const ENTRY: &str = "entry";

/// A file that came with a form and is what it has to be.
#[derive(Debug, Clone)]
pub struct NewProof {
    name: String,
    kind: ProofKind,
    content: Arc<ProofContent>,
}

impl NewProof {
    /// Takes a file by what is in it.
    ///
    /// # Errors
    /// The sentence for the field.
    pub fn read(name: &str, content: &[u8]) -> std::result::Result<Self, String> {
        let kind = ProofKind::of(content).ok_or_else(|| {
            format!(
                "「{}」は、PDF・PNG・JPEGのいずれでもありません。ポータルの画面はPDFで保存するか、画像で撮って選んでください。",
                text::trim(name)
            )
        })?;
        let shown = |letter: &char| text::unprintable(&letter.to_string(), false).is_none();
        Ok(Self {
            name: name.chars().filter(shown).collect(),
            kind,
            content: Arc::new(ProofContent { bytes: content.to_vec() }),
        })
    }

    /// What tells it from another file in a form that is sent twice.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, &self.content.bytes).as_ref());
        bytes
    }

    pub(super) fn detail(&self) -> String {
        format!("proof {}", self.kind.label())
    }
}

/// Whether an entry of 履歴 was written down by hand, so that something can prove it.
pub fn is_provable(entry: &HistoryEntry) -> bool {
    entry.side == Side::Portal && entry.user.is_some()
}

/// Adds a file to the entry of 履歴 that it shows.
pub(super) fn keep(
    tx: &mut Write,
    actor: &AgentActor,
    (request, entry): (&ServiceRequest, u32),
    new: &NewProof,
    now: Moment,
) -> Result<()> {
    let number = u32::try_from(tx.proofs(request.id)?.len()).unwrap_or(u32::MAX).saturating_add(1);
    if number > MOST {
        return Err(Reason::TooManyProofs { most: MOST }.into());
    }
    let added = Stamp { user: actor.user(), name: actor.name().to_owned(), at: now.business };
    let size = u32::try_from(new.content.bytes.len()).unwrap_or(u32::MAX);
    let proof = Proof { request: request.id, number, entry, name: new.name.clone(), kind: new.kind, size, added };
    Ok(tx.add_proof(&proof, &new.content)?)
}

/// The files of a request of this agent.
///
/// # Errors
/// `NotFound` when it is not theirs.
pub fn list(app: &App, actor: &AgentActor, id: RequestId) -> Result<Vec<Proof>> {
    app.store.read(|tx| {
        tx.request_for_agent(actor, id)?.ok_or(Error::NotFound)?;
        Ok(tx.proofs(id)?)
    })
}

/// Adds a file to something that was written down before.
///
/// # Errors
/// `NotFound` and `Forbidden` as for a report; `Invalid` when nothing was written down by hand at that place;
/// `Refused` when there are too many.
pub async fn attach(
    app: &App,
    actor: &AgentActor,
    id: RequestId,
    (entry, new): (u32, NewProof),
    once: Token,
) -> Result<()> {
    if !manual::is_manual(app) {
        return Err(Reason::PortalReportsItself.into());
    }
    let (user, now) = (actor.user(), app.clocks.now());
    let once = once.of(("proof", id, entry, new.digest()));
    app.store
        .write(move |tx| {
            let actor = tx.agent_actor(user)?.ok_or(Error::SignedOut)?;
            if actor.role() != AgentRole::Staff {
                return Err(Error::Forbidden);
            }
            let request = tx.request_for_agent(&actor, id)?.ok_or(Error::NotFound)?;
            if tx.submission(user, once.as_str())?.is_some() {
                return Ok(());
            }
            let place = usize::try_from(entry).unwrap_or(usize::MAX);
            if !tx.history(id)?.get(place).is_some_and(is_provable) {
                return Err(Problems::one(ENTRY, "どの経過の証拠かを一覧から選んでください。").into());
            }
            keep(tx, &actor, (&request, entry), &new, now)?;
            audit::note(tx, now, user, "request.proof", super::requests::subject(id), vec![new.detail()])?;
            tx.put_submission(user, once.as_str(), &id.to_string(), now.system)?;
            Ok(())
        })
        .await
}

/// A file again, as it came. Noted in the audit.
///
/// # Errors
/// `NotFound` when there is none, or none of theirs.
pub async fn open(
    app: &App,
    actor: &AgentActor,
    (procedure, id): (&Procedure, RequestId),
    number: u32,
) -> Result<(Proof, Vec<u8>)> {
    let (user, now) = (actor.user(), app.clocks.now());
    let found = app.store.read(|tx| {
        let request = tx.request_for_agent(actor, id)?;
        request.filter(|request| request.procedure == procedure.code).ok_or(Error::NotFound)?;
        let proof = tx.proof(id, number)?.ok_or(Error::NotFound)?;
        let content = tx.proof_content(id, number)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>((proof, content.bytes))
    })?;
    let details = vec![format!("proof {}", found.0.kind.label()), format!("number {number}")];
    app.store
        .write(move |tx| audit::note(tx, now, user, "download", super::requests::subject(id), details.clone()))
        .await?;
    Ok(found)
}
