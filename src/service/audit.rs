//! What use cases leave in the audit: who did what to which thing, and the names of what was touched, never its values.

use crate::clock::Moment;
use crate::domain::ids::UserId;
use crate::service::error::Result;
use crate::store::{AuditRow, Write};

/// Notes an act of a user, in the transaction of the act itself. The address it came from stands in the row of the
/// sign-in before.
///
/// # Errors
/// The store's.
pub(super) fn note(
    tx: &mut Write,
    now: Moment,
    user: UserId,
    action: &str,
    subject: String,
    details: Vec<String>,
) -> Result<()> {
    let row = AuditRow {
        at: now.system,
        business: (now.business.unix() != now.system.unix()).then_some(now.business),
        actor: Some(user),
        source: "session".to_owned(),
        action: action.to_owned(),
        subject,
        details,
        standing: None,
    };
    Ok(tx.audit(&row)?)
}

/// The names of the fields that changed, for the details of a note.
pub(super) fn changed<const N: usize>(fields: [(&str, bool); N]) -> Vec<String> {
    fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name.to_owned()).collect()
}
