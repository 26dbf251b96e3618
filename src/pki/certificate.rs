//! Reading certificates, whoever made them: subject in Japanese, validity, fingerprint.

use super::PkiError;
use ring::digest::{SHA256, digest};
use std::net::IpAddr;
use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

/// What a name in a certificate says. Empty texts where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// CN, 氏名.
    pub common_name: String,
    /// O, 屋号.
    pub organization: String,
    /// ST, 都道府県.
    pub prefecture: String,
    /// L, 市区町村.
    pub locality: String,
    /// Street or postal address.
    pub street: String,
    /// serialNumber (2.5.4.5), not the certificate's own number.
    pub serial_number: String,
}

impl Subject {
    /// 住所 in one line.
    pub fn address(&self) -> String {
        [self.prefecture.as_str(), &self.locality, &self.street].concat()
    }
}

/// What pages and checks need of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Whose it is.
    pub subject: Subject,
    /// Who made it.
    pub issuer: Subject,
    /// Its number, hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// Beginning of its validity, seconds since 1970.
    pub not_before: i64,
    /// End of its validity, seconds since 1970.
    pub not_after: i64,
    /// DNS names and IP addresses it is for.
    pub hosts: Vec<String>,
}

impl Details {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(der: &[u8]) -> Result<Self, PkiError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| PkiError::Unreadable("X.509"))?;
        if !rest.is_empty() {
            return Err(PkiError::Unreadable("trailing bytes"));
        }
        let alternatives = certificate.subject_alternative_name().map_err(|_| PkiError::Unreadable("SAN"))?;
        let hosts = alternatives.iter().flat_map(|names| &names.value.general_names).filter_map(host).collect();
        Ok(Self {
            subject: subject(certificate.subject()),
            issuer: subject(certificate.issuer()),
            serial: certificate.raw_serial_as_string().replace(':', ""),
            fingerprint: crate::secret::hex(digest(&SHA256, der).as_ref()),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            hosts,
        })
    }
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|octets| IpAddr::from(octets).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|octets| IpAddr::from(octets).to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn subject(name: &X509Name<'_>) -> Subject {
    let mut subject = Subject::default();
    for attribute in name.iter_attributes() {
        let text = text(attribute.attr_value().tag(), attribute.attr_value().data);
        let field = match Oid::to_id_string(attribute.attr_type()).as_str() {
            "2.5.4.3" => &mut subject.common_name,
            "2.5.4.10" => &mut subject.organization,
            "2.5.4.8" => &mut subject.prefecture,
            "2.5.4.7" => &mut subject.locality,
            "2.5.4.9" | "2.5.4.16" => &mut subject.street,
            "2.5.4.5" => &mut subject.serial_number,
            _ => continue,
        };
        if field.is_empty() {
            *field = text;
        }
    }
    subject
}

/// Old Japanese authorities write BMPString (UTF-16) and T61String (in practice Latin-1); the others are UTF-8 or ASCII.
/// A postal address is a sequence of strings.
fn text(tag: Tag, bytes: &[u8]) -> String {
    match tag {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, &byte| unit << 8 | u16::from(byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        Tag::T61String => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Tag::Sequence => {
            let mut rest = bytes;
            let mut whole = String::new();
            while let Ok((next, part)) = x509_parser::asn1_rs::Any::from_der(rest) {
                // One level: a sequence inside would let a hostile certificate nest as deep as it likes.
                if part.tag() != Tag::Sequence {
                    whole.push_str(&text(part.tag(), part.data));
                }
                rest = next;
            }
            whole
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
