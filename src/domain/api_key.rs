//! Keys with which a garage's other software comes in. The key is a user name, shown in full; the secret is its
//! password (client guide P14; engineering decision E17).

use super::ids::{BranchId, ClientOrganizationId, UserId};
use super::time::SystemTime;
use super::user::{PasswordHash, PasswordState};
use minicbor::{Decode, Encode};

/// An APIキー.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ApiKey {
    /// 32 upper-case hexadecimal digits.
    #[n(0)]
    pub key: String,
    /// Whose.
    #[n(1)]
    pub organization: ClientOrganizationId,
    /// The one branch it is limited to; none for all.
    #[n(2)]
    pub branch: Option<BranchId>,
    /// The password's hash.
    #[n(3)]
    pub password: PasswordHash,
    /// The password's state: an initial one admits nothing but its change.
    #[n(4)]
    pub password_state: PasswordState,
    /// 登録日時.
    #[n(5)]
    pub registered_at: SystemTime,
    /// Who registered it; none for the one of the 利用登録通知書.
    #[n(6)]
    pub registered_by: Option<UserId>,
    /// Last use, as far as it was written.
    #[n(7)]
    pub last_used: Option<SystemTime>,
    /// When it was revoked, and by whom; the row stays, because requests name it.
    #[n(8)]
    pub revoked: Option<Revoked>,
    /// Grows by one with every change.
    #[n(9)]
    pub version: u32,
}

/// The end of a key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Revoked {
    /// When.
    #[n(0)]
    pub at: SystemTime,
    /// By whom.
    #[n(1)]
    pub by: UserId,
}

impl ApiKey {
    /// パスワード変更日; none while the initial password is in force.
    pub fn password_changed(&self) -> Option<SystemTime> {
        match self.password_state {
            PasswordState::Chosen { at, .. } => Some(at),
            PasswordState::Initial { .. } => None,
        }
    }
}
