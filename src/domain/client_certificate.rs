//! 依頼人証明書 (client guide P4): an electronic certificate that a garage registered. No procedure of this version is
//! signed by the garage, so that only what the certificate says is kept: neither its key nor the file nor the password.

use super::ids::ClientOrganizationId;
use super::time::BusinessTime;
use minicbor::{Decode, Encode};

/// A registered certificate.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ClientCertificate {
    /// Whose.
    #[n(0)]
    pub organization: ClientOrganizationId,
    /// Number within the organization, from 1.
    #[n(1)]
    pub number: u32,
    /// 登録日時.
    #[n(2)]
    pub registered_at: BusinessTime,
    /// The certificate, DER (X.509).
    #[cbor(n(3), with = "minicbor::bytes")]
    pub certificate: Vec<u8>,
}

/// 氏名又は名称（漢字） and 代表者氏名（漢字） of a certificate with these names (O and CN): a corporation is represented by whom
/// the certificate was issued to, a person by nobody.
pub fn holder<'c>(organization: &'c str, person: &'c str) -> (&'c str, &'c str) {
    if organization.is_empty() { (person, "") } else { (organization, person) }
}
