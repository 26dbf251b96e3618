//! Reading .p12 files (PKCS#12, RFC 7292) that people upload, and writing those of practice: one certificate and its private key, whoever wrote the
//! file. What it may cost is limited, because the file says itself how much work its password is.

use super::certificate::Details;
use super::{PkiError, signing};
use crate::secret::Secret;
use p12_keystore::error::Error as Archive;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12Archive, PrivateKeyChain};

/// The largest file. One with a long chain has 10 KB.
pub const LARGEST: usize = 64 << 10;
/// The ending of its name.
pub const ENDING: &str = ".p12";
/// The most parts of a file that have to be decrypted, as far as can be seen before. An ordinary file has two or three.
const MOST_ENCRYPTED: usize = 24;
/// The most keys or certificates in a file.
const MOST_BAGS: usize = 32;

/// PBES2 (1.2.840.113549.1.5.13), as it stands in a file.
const PBES2: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// The older schemes of PKCS#12 (1.2.840.113549.1.12.1.…), without the last number.
const PBES1: &[u8] = &[0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// scrypt (1.3.6.1.4.1.11591.4.11), which takes as much memory as the file wants.
const SCRYPT: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// PKCS#7 data (1.2.840.113549.1.7.1), the first content of a .p12.
const DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

/// What a file holds.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its key, PKCS#8 DER.
    pub key: Secret<Vec<u8>>,
    /// What the certificate says.
    pub details: Details,
}

impl KeyFile {
    /// A certificate and its key that are at hand.
    ///
    /// # Errors
    /// When the one can't be read, or they are not a pair.
    pub fn of(certificate: Vec<u8>, key: Secret<Vec<u8>>) -> Result<Self, PkiError> {
        signing::fits(&certificate, key.reveal())?;
        let details = Details::read(&certificate)?;
        Ok(Self { certificate, key, details })
    }
}

/// Writes a file that today's systems read: AES-256, HMAC-SHA-256.
///
/// # Errors
/// When one of the parts is not what it should be.
pub fn write(file: &KeyFile, authority: &[u8], name: &str, password: &str) -> Result<Vec<u8>, PkiError> {
    let unwritable = |_| PkiError::Unreadable("key file");
    let key = p12_keystore::PrivateKey::from_der(file.key.reveal()).map_err(unwritable)?;
    let certificates = [file.certificate.as_slice(), authority].map(p12_keystore::Certificate::from_der);
    let certificates = certificates.into_iter().collect::<Result<Vec<_>, _>>().map_err(unwritable)?;
    let id = file.details.fingerprint.as_bytes();
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(id, key, certificates)));
    store.writer(password).write().map_err(unwritable)
}

/// Why a file can't be used. The sentences are for whoever chose it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum P12Error {
    /// The name ends in `.pfx`.
    #[error("「.pfx」のファイルは登録できません。拡張子が「.p12」の電子証明書のファイルを選んでください。")]
    Pfx,
    /// The name ends in something else.
    #[error("拡張子が「.p12」の電子証明書のファイルを選んでください。例：行政書士電子証明書.p12")]
    OtherEnding,
    /// More than [`LARGEST`].
    #[error("ファイルが大きすぎます。電子証明書のファイル（.p12）は64 KB以下です。")]
    TooLarge,
    /// The content is something else; this is what it looks like.
    #[error("電子証明書のファイル（.p12）ではありません（{0}）。秘密鍵を含む「.p12」のファイルを選んでください。")]
    NotP12(&'static str),
    /// The password does not open it.
    #[error("証明書パスワードが違います。大文字・小文字の違いに注意して、もう一度入力してください。")]
    WrongPassword,
    /// The structure breaks off or makes no sense.
    #[error("ファイルが壊れているため読み取れません。発行元から取得し直したファイルを選んでください。")]
    Damaged,
    /// Lengths left open (BER), as Firefox writes them.
    #[error(
        "Firefoxなどで書き出し直した形式のため読み取れません。発行元から受け取った「.p12」のファイルをそのまま選んでください。"
    )]
    Streamed,
    /// Encrypted in a way that nobody uses, or so that it would take too long.
    #[error(
        "このファイルの暗号の形式には対応していません。書き出した元のソフトウェアで、標準の設定で作り直してください。"
    )]
    Unsupported,
    /// Certificates only.
    #[error("ファイルに秘密鍵が入っていません。署名には、秘密鍵を含めて書き出したファイルが必要です。")]
    NoKey,
    /// A key only.
    #[error("ファイルに証明書が入っていません。証明書と秘密鍵の両方を含むファイルを選んでください。")]
    NoCertificate,
    /// The key belongs to none of the certificates.
    #[error("ファイルの秘密鍵と証明書の組み合わせが正しくありません。発行元に確認してください。")]
    NotAPair,
    /// A kind or length of key that is not used for signing.
    #[error(
        "この電子証明書の鍵の種類には対応していません。使えるのは RSA 2,048ビット以上、または楕円曲線 P-256 です。"
    )]
    OtherKey,
    /// More than one that could sign.
    #[error("ファイルに署名用の証明書が{0}件入っています。使う証明書を一つだけ書き出したファイルを選んでください。")]
    Several(usize),
}

impl P12Error {
    /// Whether it is the password that has to be typed again, not the file that has to be chosen anew.
    pub fn is_password(&self) -> bool {
        *self == Self::WrongPassword
    }
}

/// Checks the ending of a file's name.
///
/// # Errors
/// When it is not [`ENDING`].
pub fn check_name(name: &str) -> Result<(), P12Error> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(ENDING) {
        Ok(())
    } else if name.ends_with(".pfx") {
        Err(P12Error::Pfx)
    } else {
        Err(P12Error::OtherEnding)
    }
}

/// Opens a file with its password. Takes up to seconds: never on an async worker.
///
/// # Errors
/// What is wrong with the file or the password.
pub fn read(content: &[u8], password: &str) -> Result<KeyFile, P12Error> {
    if content.len() > LARGEST {
        return Err(P12Error::TooLarge);
    }
    recognise(content)?;
    let occurs = |bytes: &[u8]| memchr::memmem::find_iter(content, bytes).count();
    if occurs(SCRYPT) > 0 || occurs(PBES2) + occurs(PBES1) > MOST_ENCRYPTED {
        return Err(P12Error::Unsupported);
    }
    let archive = Pkcs12Archive::from_pkcs12(content, password).map_err(|error| match error {
        Archive::MacError(_) | Archive::Pkcs5Error(_) | Archive::UnpadError => P12Error::WrongPassword,
        Archive::UnsupportedEncryptionScheme
        | Archive::UnsupportedMacAlgorithm
        | Archive::UnsupportedContentType
        | Archive::UnsupportedCertificateType
        | Archive::InvalidParameters => P12Error::Unsupported,
        // Nothing says that the password was right: what comes out of a wrong one may look whole.
        _ if !has_mac(content) && occurs(PBES2) + occurs(PBES1) > 0 => P12Error::WrongPassword,
        _ => P12Error::Damaged,
    })?;
    choose(&archive)
}

/// The certificate that the one key belongs to; the others are those of its authorities.
fn choose(archive: &Pkcs12Archive) -> Result<KeyFile, P12Error> {
    let mut keys: Vec<&[u8]> = archive.keys.iter().map(|bag| bag.key.as_der()).collect();
    keys.dedup();
    let certificates: Vec<&[u8]> = archive.certs.iter().map(|bag| bag.cert.as_der()).collect();
    let key = match keys.as_slice() {
        [] if certificates.is_empty() => return Err(P12Error::NotP12("中身がありません")),
        [] => return Err(P12Error::NoKey),
        [key] => *key,
        several => return Err(P12Error::Several(several.len())),
    };
    if certificates.is_empty() {
        return Err(P12Error::NoCertificate);
    }
    if certificates.len() > MOST_BAGS {
        return Err(P12Error::Unsupported);
    }
    let (mut own, mut other_key) = (Vec::new(), false);
    for certificate in certificates {
        match signing::fits(certificate, key) {
            Ok(()) if !own.contains(&certificate) => own.push(certificate),
            Err(PkiError::Unreadable(_)) => other_key = true,
            _ => {}
        }
    }
    match own.as_slice() {
        [certificate] => Ok(KeyFile {
            certificate: certificate.to_vec(),
            key: Secret::new(key.to_vec()),
            details: Details::read(certificate).map_err(|_| P12Error::Damaged)?,
        }),
        [] if other_key => Err(P12Error::OtherKey),
        [] => Err(P12Error::NotAPair),
        several => Err(P12Error::Several(several.len())),
    }
}

/// Whether a whole file ends with something that tells a right password from a wrong one.
fn has_mac(content: &[u8]) -> bool {
    let inner = header(content).and_then(|(_, _, rest)| rest.get(3..));
    inner.and_then(|inner| header(inner).map(|(head, length, _)| head + length < inner.len())).unwrap_or(true)
}

/// Tells a .p12 from what people choose instead of it, before any password is tried.
fn recognise(content: &[u8]) -> Result<(), P12Error> {
    let starts = |bytes: &[u8]| content.starts_with(bytes);
    let what = if starts(b"-----BEGIN") {
        "PEM形式の証明書または鍵です"
    } else if starts(&[0xfe, 0xed, 0xfe, 0xed]) || starts(&[0xce, 0xce, 0xce, 0xce]) {
        "Javaのキーストア（JKS）です"
    } else if starts(b"PK\x03\x04") {
        "ZIPファイルです。展開してから選んでください"
    } else if starts(b"%PDF") {
        "PDFファイルです"
    } else if !starts(&[0x30]) {
        "形式が異なります"
    } else if starts(&[0x30, 0x80]) {
        return Err(P12Error::Streamed);
    } else {
        let (head, length, rest) = header(content).ok_or(P12Error::Damaged)?;
        // Version 3, then the first content's type.
        if rest.starts_with(&[0x02, 0x01, 0x03, 0x30]) && memchr::memmem::find(rest, DATA).is_some_and(|at| at < 16) {
            return if head + length == content.len() { Ok(()) } else { Err(P12Error::Damaged) };
        }
        "証明書だけのファイル（.cer、.crt、.p7b など）です"
    };
    Err(P12Error::NotP12(what))
}

/// Length of the head of a DER value, length of its content, and what follows the head.
fn header(der: &[u8]) -> Option<(usize, usize, &[u8])> {
    let first = *der.get(1)?;
    if first < 0x80 {
        return Some((2, first.into(), der.get(2..)?));
    }
    let bytes = usize::from(first & 0x7f);
    if !(1..=4).contains(&bytes) {
        return None;
    }
    let length = der.get(2..2 + bytes)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((2 + bytes, length, der.get(2 + bytes..)?))
}

#[cfg(test)]
#[path = "p12/tests.rs"]
mod tests;
