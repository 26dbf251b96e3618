//! The node's own certificate authority: its server certificate and its client certificates. Signing application
//! documents is `signing`; reading any certificate is `certificate`. Knows nothing of organizations and users.

pub mod certificate;
mod constraints;
pub mod p12;
pub mod signing;

use crate::domain::time::SystemTime;
use crate::folder::{self, FolderError};
use crate::secret::{self, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, SerialNumber,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// The authority lives this long; long enough that trusting it once is enough.
const AUTHORITY_DAYS: i64 = 3_653;
/// Server certificates live this long: browsers accept no more than 825 days, and many tools frown above 398.
const SERVER_DAYS: i64 = 397;
/// A server certificate is replaced when this many days or fewer are left.
const RENEW_DAYS: i64 = 30;
/// Certificates begin a little earlier, for clients whose clock is slow.
const EARLIER_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

/// Certificates can't be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file can't be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The authority must not vouch for this name.
    #[error(
        "このノードの認証局は「{0}」の証明書を出せません。出せるのは、作成時に指定した名前、localhost、社内用の名前 (.internal, .local, .lan, .home.arpa)、社内用のIPアドレスです"
    )]
    NameNotAdmitted(String),
    /// Not a certificate, or not one this node can use.
    #[error("証明書を読めません ({0})")]
    Unreadable(&'static str),
    /// The key and the certificate are not a pair.
    #[error("証明書と秘密鍵の組み合わせが正しくありません")]
    NotAPair,
    /// The signature does not hold; the reason is for the log.
    #[error("署名を確認できません ({0})")]
    BadSignature(&'static str),
    /// Making one failed.
    #[error("証明書を作成できません ({0})")]
    Making(#[from] rcgen::Error),
    /// Encoding or decoding failed.
    #[error("証明書の形式が正しくありません ({0})")]
    Encoding(#[from] der::Error),
}

/// The node's certificate authority.
pub struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What a TLS listener shows.
#[derive(Debug)]
pub struct ServerIdentity {
    /// Own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// End of its validity.
    pub not_after: SystemTime,
}

/// Whose client certificate it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSubject {
    /// CN.
    pub common_name: String,
    /// O.
    pub organization: String,
}

/// A new client certificate with its key. The node keeps the certificate only.
#[derive(Debug)]
pub struct IssuedClient {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// The key, PKCS#8.
    pub key: Secret<Vec<u8>>,
}

impl Authority {
    /// A new authority that can vouch for `hosts`, for private names and for private addresses, and for nothing else:
    /// whoever trusts it trusts it for this office only.
    ///
    /// # Errors
    /// When the machine can't make keys.
    pub fn create(name: &str, hosts: &[String], now: SystemTime) -> Result<Self, PkiError> {
        let mut params = params(now, AUTHORITY_DAYS);
        params.distinguished_name.push(DnType::OrganizationName, name);
        params.distinguished_name.push(DnType::CommonName, format!("{name} AINAS CA"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.use_authority_key_identifier_extension = false;
        params.name_constraints = Some(constraints::admitting(hosts));
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = certificate.pem();
        let certificate = certificate.der().clone();
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { certificate, pem, issuer })
    }

    /// Reads it from the folder of certificates.
    ///
    /// # Errors
    /// When files are missing or damaged.
    pub fn load(folder: &Path) -> Result<Self, PkiError> {
        let pem = read(&folder.join("ca.pem"))?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| PkiError::Unreadable("ca.pem"))?;
        let key = KeyPair::from_pem(&read(&folder.join("ca.key"))?)?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { certificate, pem, issuer })
    }

    /// Writes it to the folder of certificates, which is made when it is missing.
    ///
    /// # Errors
    /// Those of the machine.
    pub fn save(&self, folder: &Path) -> Result<(), PkiError> {
        folder::make_private_folder(folder).map_err(|cause| FolderError::Io { path: folder.to_owned(), cause })?;
        folder::write_private(&folder.join("ca.key"), self.issuer.key().serialize_pem().as_bytes())?;
        folder::write_private(&folder.join("ca.pem"), self.pem.as_bytes())?;
        Ok(())
    }

    /// Its certificate, for the trust page.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its certificate, as the root of client certificates.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A server certificate for these names and addresses.
    ///
    /// # Errors
    /// When the authority must not vouch for one of them.
    pub fn issue_server(&self, hosts: &[String], now: SystemTime) -> Result<ServerIdentity, PkiError> {
        let (pem, key) = self.issue_server_pem(hosts, now)?;
        server_identity_from(&pem, &key)
    }

    fn issue_server_pem(&self, hosts: &[String], now: SystemTime) -> Result<(String, String), PkiError> {
        for host in hosts {
            if !constraints::admits(&self.certificate, host)? {
                return Err(PkiError::NameNotAdmitted(host.clone()));
            }
        }
        let mut params = params(now, SERVER_DAYS);
        params.distinguished_name.push(DnType::CommonName, hosts.first().map_or("localhost", String::as_str));
        params.subject_alt_names = hosts
            .iter()
            .map(|host| match host.parse::<IpAddr>() {
                Ok(address) => Ok(SanType::IpAddress(address)),
                Err(_) => Ok(SanType::DnsName(host.as_str().try_into()?)),
            })
            .collect::<Result<_, rcgen::Error>>()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// A client certificate with a fresh key.
    ///
    /// # Errors
    /// When the machine can't make keys.
    pub fn issue_client(&self, subject: &ClientSubject, now: SystemTime, days: u32) -> Result<IssuedClient, PkiError> {
        let mut params = params(now, days.into());
        params.distinguished_name.push(DnType::OrganizationName, subject.organization.as_str());
        params.distinguished_name.push(DnType::CommonName, subject.common_name.as_str());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(IssuedClient { certificate: certificate.der().clone(), key: Secret::new(key.serialize_der()) })
    }

    /// The server certificate of the folder; a missing one, one for other names or one that soon ends is replaced.
    /// A certificate from elsewhere is the office's own and is never replaced.
    ///
    /// # Errors
    /// When it can't be read or replaced.
    pub fn server_identity(
        &self,
        folder: &Path,
        hosts: &[String],
        now: SystemTime,
    ) -> Result<ServerIdentity, PkiError> {
        let (pem, key) = (folder.join("server.pem"), folder.join("server.key"));
        if pem.exists() {
            let found = server_identity_from(&read(&pem)?, &read(&key)?)?;
            let details = certificate::Details::read(found.chain.first().ok_or(PkiError::Unreadable("server.pem"))?)?;
            let own = details.issuer == certificate::Details::read(&self.certificate)?.subject;
            let days_left = found.not_after.since(now) / DAY_SECONDS;
            let named = hosts.iter().all(|host| details.hosts.contains(host));
            if !own || (named && days_left > RENEW_DAYS) {
                if days_left <= RENEW_DAYS {
                    tracing::warn!(days_left, "the office's own server certificate ends soon");
                }
                return Ok(found);
            }
            tracing::info!(days_left, named, "server certificate is replaced");
        }
        let (certificate, private) = self.issue_server_pem(hosts, now)?;
        // The key first: a certificate without its key would be taken for the office's own mistake.
        folder::write_private(&key, private.as_bytes())?;
        folder::write_private(&pem, certificate.as_bytes())?;
        server_identity_from(&certificate, &private)
    }
}

impl IssuedClient {
    /// The key as TLS libraries take it.
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.reveal().clone()))
    }
}

fn server_identity_from(pem: &str, key: &str) -> Result<ServerIdentity, PkiError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| PkiError::Unreadable("server.pem"))?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| PkiError::Unreadable("server.key"))?;
    let first = chain.first().ok_or(PkiError::Unreadable("server.pem"))?;
    let not_after = SystemTime::from_unix(certificate::Details::read(first)?.not_after);
    Ok(ServerIdentity { chain, key, not_after })
}

/// Random serial number, validity, and an empty subject.
fn params(now: SystemTime, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut serial: [u8; 16] = secret::random();
    // Positive and without a leading zero byte.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = moment(now.unix() - EARLIER_SECONDS);
    params.not_after = moment(now.unix() + days * DAY_SECONDS);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.use_authority_key_identifier_extension = true;
    params
}

fn moment<T: From<std::time::SystemTime>>(unix: i64) -> T {
    T::from(UNIX_EPOCH + Duration::from_secs(unix.max(0).unsigned_abs()))
}

fn read(path: &Path) -> Result<String, PkiError> {
    Ok(std::fs::read_to_string(path).map_err(|cause| FolderError::Io { path: path.to_owned(), cause })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::from_unix(1_760_000_000);

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_authority_vouches_for_its_office_and_private_names_only() {
        let authority = Authority::create("髙橋行政書士事務所", &hosts(&["ainas.example.jp"]), NOW).unwrap();
        for host in
            ["ainas.example.jp", "www.ainas.example.jp", "localhost", "::1", "127.0.0.1", "192.168.3.4", "n.lan"]
        {
            authority.issue_server(&hosts(&[host]), NOW).unwrap();
        }
        for host in ["example.jp", "notainas.example.jp", "www.mlit.go.jp", "203.0.113.5", "2001:db8::1"] {
            let refused = authority.issue_server(&hosts(&["localhost", host]), NOW).unwrap_err();
            assert!(matches!(refused, PkiError::NameNotAdmitted(name) if name == host));
        }
    }

    #[test]
    fn the_server_certificate_is_kept_until_it_ends_soon_or_names_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pki");
        Authority::create("事務所", &[], NOW).unwrap().save(&path).unwrap();
        let authority = Authority::load(&path).unwrap();
        let names = hosts(&["localhost", "127.0.0.1", "::1"]);
        let at = |days: i64| NOW.plus(days * DAY_SECONDS);
        let first = authority.server_identity(&path, &names, NOW).unwrap();
        assert_eq!(first.not_after, at(SERVER_DAYS));
        assert_eq!(authority.server_identity(&path, &names, at(300)).unwrap().chain, first.chain);
        let renewed = authority.server_identity(&path, &names, at(370)).unwrap();
        assert_ne!(renewed.chain, first.chain);
        let renamed = authority.server_identity(&path, &hosts(&["localhost", "node.lan"]), at(370)).unwrap();
        assert_ne!(renamed.chain, renewed.chain);
        // The office's own certificate stays, even when it names something else.
        let other = Authority::create("別の認証局", &[], NOW).unwrap();
        let (pem, key) = other.issue_server_pem(&hosts(&["own.lan"]), NOW).unwrap();
        folder::write_private(&path.join("server.pem"), pem.as_bytes()).unwrap();
        folder::write_private(&path.join("server.key"), key.as_bytes()).unwrap();
        let kept = authority.server_identity(&path, &names, at(380)).unwrap();
        assert_eq!(kept.chain, server_identity_from(&pem, &key).unwrap().chain);
    }
}
