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
    /// Authorities that write the subject in Latin letters put the Japanese names into a second name beside it.
    fn in_japanese(self, other: Self) -> Self {
        let better = |own: String, other: String| if own.is_ascii() && !other.is_ascii() { other } else { own };
        Self {
            common_name: better(self.common_name, other.common_name),
            organization: better(self.organization, other.organization),
            prefecture: better(self.prefecture, other.prefecture),
            locality: better(self.locality, other.locality),
            street: better(self.street, other.street),
            serial_number: self.serial_number,
        }
    }

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
        let names = alternatives.iter().flat_map(|names| &names.value.general_names);
        let also = names.filter_map(|name| if let GeneralName::DirectoryName(name) = name { Some(name) } else { None });
        Ok(Self {
            subject: also.fold(subject(certificate.subject()), |known, name| known.in_japanese(subject(name))),
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

/// Old Japanese authorities write BMPString (UTF-16) and T61String (in practice UTF-8 or Latin-1); the others are UTF-8 or
/// ASCII. A postal address is a sequence of strings.
fn text(tag: Tag, bytes: &[u8]) -> String {
    match tag {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, &byte| unit << 8 | u16::from(byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        Tag::T61String => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
        },
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// A certificate as OpenSSL makes it from this configuration.
    fn certificate(configuration: &str) -> Details {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("openssl.cnf"), configuration).unwrap();
        let line = "req -x509 -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -outform DER -out certificate";
        let output = Command::new("openssl").current_dir(folder.path()).args(line.split(' ')).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Details::read(&std::fs::read(folder.path().join("certificate")).unwrap()).unwrap()
    }

    #[test]
    fn japanese_is_read_however_the_authority_wrote_it() {
        let head = "[req]\nprompt = no\nutf8 = yes\ndistinguished_name = dn\n";
        let names = "[dn]\nO = 髙橋行政書士事務所\nCN = 髙橋　花子\nST = 東京都\nstreet = 一丁目１番\n";
        // UTF-8, BMPString, and T61String with whatever bytes are put in.
        for mask in ["utf8only", "MASK:0x800"] {
            let read = certificate(&format!("{head}string_mask = {mask}\n{names}"));
            assert_eq!(read.subject.organization, "髙橋行政書士事務所", "{mask}");
            assert_eq!(read.subject.common_name, "髙橋　花子", "{mask}");
            assert_eq!(read.subject.address(), "東京都一丁目１番", "{mask}");
        }
        assert_eq!(text(Tag::T61String, "髙橋".as_bytes()), "髙橋");
        assert_eq!(text(Tag::T61String, b"Caf\xe9"), "Café");
        assert_eq!(text(Tag::BmpString, &[0x9a, 0xd9, 0x6a, 0x4b]), "髙橋");
    }

    #[test]
    fn japanese_names_beside_a_subject_in_latin_letters_win() {
        let read = certificate(
            "[req]\nprompt = no\nutf8 = yes\nstring_mask = utf8only\ndistinguished_name = dn\nx509_extensions = ext\n\
             [dn]\nO = Takahashi Office\nCN = TAKAHASHI HANAKO\nST = Tokyo\n\
             [ext]\n2.5.29.17 = ASN1:SEQUENCE:alternatives\n[alternatives]\nname = EXPLICIT:4,SEQUENCE:parts\n\
             [parts]\none = SET:first\ntwo = SET:second\n[first]\npair = SEQUENCE:o\n[second]\npair = SEQUENCE:cn\n\
             [o]\nkind = OID:2.5.4.10\nvalue = FORMAT:UTF8,UTF8String:髙橋行政書士事務所\n\
             [cn]\nkind = OID:2.5.4.3\nvalue = FORMAT:UTF8,UTF8String:髙橋　花子\n",
        );
        assert_eq!(read.subject.organization, "髙橋行政書士事務所");
        assert_eq!(read.subject.common_name, "髙橋　花子");
        assert_eq!(read.subject.prefecture, "Tokyo");
    }
}
