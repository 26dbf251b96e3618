//! Signing application documents as an agent does with an electronic certificate: CMS SignedData (RFC 5652), detached,
//! SHA-256. The document's stored bytes are what is signed; nothing is normalised.

use super::certificate::{Details, Subject};
use super::{PkiError, moment};
use crate::domain::time::BusinessTime;
use crate::secret::Secret;
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, Null, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::{Decode, Encode, Reader, SliceReader};
use rcgen::{BasicConstraints, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm};
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// A certificate with which an agent can sign, made by the node itself for demo and training.
#[derive(Debug)]
pub struct AgentIdentity {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificate of the authority that made it, DER.
    pub authority: Vec<u8>,
    /// The key, PKCS#8 DER.
    pub key: Secret<Vec<u8>>,
}

/// Makes a signing certificate for demo and training. Its authority says in its name that it is for training, and its
/// key is thrown away at once.
///
/// # Errors
/// When the machine can't make keys.
pub fn generate_agent_certificate(
    subject: &Subject,
    from: BusinessTime,
    until: BusinessTime,
) -> Result<AgentIdentity, PkiError> {
    let params = || {
        let mut params = super::params(crate::domain::time::SystemTime::from_unix(from.unix()), 0);
        params.not_before = moment(from.unix());
        params.not_after = moment(until.unix());
        params.distinguished_name.push(DnType::CountryName, "JP");
        params
    };
    let mut authority = params();
    authority.distinguished_name.push(DnType::OrganizationName, "訓練用認証局");
    authority.distinguished_name.push(DnType::CommonName, "訓練用電子証明書 CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?.der().to_vec();
    let issuer = Issuer::new(authority, authority_key);

    let mut leaf = params();
    for (kind, text) in [
        (DnType::StateOrProvinceName, &subject.prefecture),
        (DnType::LocalityName, &subject.locality),
        (DnType::CustomDnType(vec![2, 5, 4, 9]), &subject.street),
        (DnType::OrganizationName, &subject.organization),
        (DnType::CommonName, &subject.common_name),
        (DnType::CustomDnType(vec![2, 5, 4, 5]), &subject.serial_number),
    ] {
        if !text.is_empty() {
            leaf.distinguished_name.push(kind, text.as_str());
        }
    }
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?.der().to_vec();
    Ok(AgentIdentity { certificate, authority: authority_certificate, key: Secret::new(key.serialize_der()) })
}

enum SigningKey {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// P-256 or RSA from 2,048 bits, the kinds Japanese authorities issue. `public` is the half in the certificate: Java
    /// leaves it out of its keys.
    fn read(pkcs8: &[u8], public: &[u8]) -> Result<Self, PkiError> {
        let unreadable = || PkiError::Unreadable("private key");
        let (algorithm, key) = private_key_info(pkcs8).map_err(|_| unreadable())?;
        match algorithm.oid {
            RSA => RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa).map_err(|_| unreadable()),
            EC_PUBLIC_KEY if curve(&algorithm) == Some(P256) => {
                let scalar = ec_scalar(&key).map_err(|_| unreadable())?;
                let kind = &signature::ECDSA_P256_SHA256_ASN1_SIGNING;
                EcdsaKeyPair::from_private_key_and_public_key(kind, &scalar, public, &SystemRandom::new())
                    .map(Self::Ecdsa)
                    .map_err(|_| PkiError::NotAPair)
            }
            _ => Err(unreadable()),
        }
    }

    fn public(&self) -> &[u8] {
        match self {
            Self::Ecdsa(key) => key.public_key().as_ref(),
            Self::Rsa(key) => key.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> AlgorithmIdentifierOwned {
        match self {
            Self::Ecdsa(_) => AlgorithmIdentifierOwned { oid: ECDSA_SHA_256, parameters: None },
            Self::Rsa(_) => AlgorithmIdentifierOwned { oid: RSA, parameters: Some(Any::from(Null)) },
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PkiError> {
        let random = SystemRandom::new();
        let failed = |_| PkiError::BadSignature("signing failed");
        match self {
            Self::Ecdsa(key) => Ok(key.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Self::Rsa(key) => {
                let mut bytes = vec![0; key.public().modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut bytes).map_err(failed)?;
                Ok(bytes)
            }
        }
    }
}

/// Algorithm and key of a PKCS#8 structure (RFC 5208).
fn private_key_info(pkcs8: &[u8]) -> der::Result<(AlgorithmIdentifierOwned, OctetString)> {
    SliceReader::new(pkcs8)?.sequence(|fields| {
        u8::decode(fields)?;
        let found = (AlgorithmIdentifierOwned::decode(fields)?, OctetString::decode(fields)?);
        fields.read_slice(fields.remaining_len())?;
        Ok(found)
    })
}

/// The private number of an elliptic-curve key (RFC 5915), without its optional fields.
fn ec_scalar(key: &OctetString) -> der::Result<Vec<u8>> {
    SliceReader::new(key.as_bytes())?.sequence(|fields| {
        u8::decode(fields)?;
        let scalar = OctetString::decode(fields)?.into_bytes();
        fields.read_slice(fields.remaining_len())?;
        Ok(scalar)
    })
}

fn curve(key: &AlgorithmIdentifierOwned) -> Option<ObjectIdentifier> {
    key.parameters.as_ref()?.decode_as().ok()
}

fn pair(certificate: &[u8], pkcs8: &[u8]) -> Result<(Certificate, SigningKey), PkiError> {
    let certificate = Certificate::from_der(certificate)?;
    let public = certificate.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes();
    let key = SigningKey::read(pkcs8, public)?;
    if public == key.public() { Ok((certificate, key)) } else { Err(PkiError::NotAPair) }
}

/// Whether documents can be signed with this certificate and this key.
///
/// # Errors
/// [`PkiError::NotAPair`] when the key is another one's, [`PkiError::Unreadable`] when it is of a kind that is not used.
pub fn fits(certificate: &[u8], pkcs8: &[u8]) -> Result<(), PkiError> {
    pair(certificate, pkcs8).map(drop)
}

/// Signs a document; the answer is the CMS structure in DER, without the document.
///
/// # Errors
/// When the key does not belong to the certificate or can't be used.
pub fn sign(document: &[u8], certificate: &[u8], pkcs8: &[u8], at: BusinessTime) -> Result<Vec<u8>, PkiError> {
    let (certificate, key) = pair(certificate, pkcs8)?;
    let signed_at = UtcTime::from_unix_duration(Duration::from_secs(at.unix().max(0).unsigned_abs()))?;
    let attributes = SetOfVec::try_from(vec![
        attribute(CONTENT_TYPE, Any::encode_from(&DATA)?)?,
        attribute(SIGNING_TIME, Any::encode_from(&signed_at)?)?,
        attribute(MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest(&SHA256, document).as_ref())?)?)?,
    ])?;
    let digest_algorithm = AlgorithmIdentifierOwned { oid: SHA_256, parameters: None };
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: certificate.tbs_certificate.issuer.clone(),
            serial_number: certificate.tbs_certificate.serial_number.clone(),
        }),
        digest_alg: digest_algorithm.clone(),
        signature_algorithm: key.algorithm(),
        // What is signed is the SET itself, not the implicitly tagged form in the structure (RFC 5652 5.4).
        signature: OctetString::new(key.sign(&attributes.to_der()?)?)?,
        signed_attrs: Some(attributes),
        unsigned_attrs: None,
    };
    let signed = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![digest_algorithm])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
        certificates: Some(CertificateSet(SetOfVec::try_from(vec![CertificateChoices::Certificate(certificate)])?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
    };
    Ok(ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&signed)? }.to_der()?)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Result<Attribute, PkiError> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// Who signed a document. Whether the certificate was valid on the day, and whether its authority is trusted, is the
/// caller's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// What it says.
    pub details: Details,
    /// When the signer says it was signed.
    pub signed_at: Option<BusinessTime>,
}

/// Checks a detached signature: the document's digest, and the signature by the certificate's key.
///
/// # Errors
/// When anything does not hold.
pub fn verify(document: &[u8], signature: &[u8]) -> Result<Signer, PkiError> {
    let bad = PkiError::BadSignature;
    let content = ContentInfo::from_der(signature)?;
    if content.content_type != SIGNED_DATA {
        return Err(bad("not SignedData"));
    }
    let signed: SignedData = content.content.decode_as()?;
    let [signer] = signed.signer_infos.0.as_slice() else { return Err(bad("not exactly one signer")) };
    if signed.encap_content_info.econtent_type != DATA || signed.encap_content_info.econtent.is_some() {
        return Err(bad("not detached data"));
    }
    if signer.digest_alg.oid != SHA_256 {
        return Err(bad("digest is not SHA-256"));
    }
    let attributes = signer.signed_attrs.as_ref().ok_or(bad("no signed attributes"))?;
    let one = |oid: ObjectIdentifier| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next().map(|attribute| attribute.values.as_slice()), found.next()) {
            (Some([value]), None) => Some(value),
            _ => None,
        }
    };
    if one(CONTENT_TYPE).ok_or(bad("no content type"))?.decode_as::<ObjectIdentifier>()? != DATA {
        return Err(bad("other content type"));
    }
    let expected: OctetString = one(MESSAGE_DIGEST).ok_or(bad("no digest"))?.decode_as()?;
    if expected.as_bytes() != digest(&SHA256, document).as_ref() {
        return Err(bad("document was altered"));
    }
    let certificate = signer_certificate(&signed, signer).ok_or(bad("no certificate of the signer"))?;
    let info = &certificate.tbs_certificate.subject_public_key_info;
    let algorithm = algorithm_of(signer, &info.algorithm).ok_or(bad("unknown algorithm"))?;
    UnparsedPublicKey::new(algorithm, info.subject_public_key.raw_bytes())
        .verify(&attributes.to_der()?, signer.signature.as_bytes())
        .map_err(|_| bad("signature does not hold"))?;
    let signed_at = one(SIGNING_TIME)
        .and_then(|value| value.decode_as::<UtcTime>().ok())
        .and_then(|time| i64::try_from(time.to_unix_duration().as_secs()).ok())
        .map(BusinessTime::from_unix);
    let certificate = certificate.to_der()?;
    let details = Details::read(&certificate)?;
    Ok(Signer { certificate, details, signed_at })
}

fn signer_certificate<'a>(signed: &'a SignedData, signer: &SignerInfo) -> Option<&'a Certificate> {
    let SignerIdentifier::IssuerAndSerialNumber(wanted) = &signer.sid else { return None };
    signed.certificates.as_ref()?.0.iter().find_map(|choice| match choice {
        CertificateChoices::Certificate(certificate)
            if certificate.tbs_certificate.issuer == wanted.issuer
                && certificate.tbs_certificate.serial_number == wanted.serial_number =>
        {
            Some(certificate)
        }
        _ => None,
    })
}

fn algorithm_of(signer: &SignerInfo, key: &AlgorithmIdentifierOwned) -> Option<&'static dyn VerificationAlgorithm> {
    match (signer.signature_algorithm.oid, key.oid) {
        (RSA | RSA_SHA_256, RSA) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        (ECDSA_SHA_256, EC_PUBLIC_KEY) if curve(key) == Some(P256) => Some(&signature::ECDSA_P256_SHA256_ASN1),
        (ECDSA_SHA_256, EC_PUBLIC_KEY) if curve(key) == Some(P384) => Some(&signature::ECDSA_P384_SHA256_ASN1),
        _ => None,
    }
}

#[cfg(test)]
#[path = "signing/tests.rs"]
mod tests;
