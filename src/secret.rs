//! Secrets of the node: the node key with what it seals and vouches for, random values, and a wrapper that keeps
//! secrets out of logs. Knows nothing of where sealed bytes are kept.

use crate::folder::{self, FolderError};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{hkdf, hmac};
use std::fmt;
use std::path::{Path, PathBuf};

/// A value that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps it.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The node key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The file is readable by others.
    #[error("{0} がほかの利用者からも読めます。chmod 600 で自分だけが読めるようにしてください")]
    Open(PathBuf),
    /// The file is no key file.
    #[error("{0} は鍵のファイルではありません")]
    Malformed(PathBuf),
    /// Sealed with a key this node does not have.
    #[error("sealed with an unknown key")]
    UnknownKey,
    /// Altered, cut short, or sealed for another place.
    #[error("sealed value is damaged or belongs elsewhere")]
    Damaged,
}

const KEY_ID_LEN: usize = 4;
const FORMAT: u8 = 1;
const HEAD: usize = 1 + KEY_ID_LEN + NONCE_LEN;
const FIRST_LINE: &str = "# AINAS node key. Whoever has it can read the sealed secrets of this node.";

/// One key with its number.
#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID_LEN],
    secret: [u8; 32],
    sealing: LessSafeKey,
}

/// The keys of the node: the first seals and vouches, all of them open what they sealed.
#[derive(Clone)]
pub struct NodeKey {
    current: Key,
    older: Vec<Key>,
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKey(***)")
    }
}

impl NodeKey {
    /// A fresh key.
    pub fn generate() -> Self {
        let current = Key::new(random(), random()).unwrap_or_else(|| unreachable!("key lengths are fixed"));
        Self { current, older: Vec::new() }
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// When it is missing, readable by others, or something else.
    pub fn load(path: &Path) -> Result<Self, SecretError> {
        use std::os::unix::fs::PermissionsExt;
        let failed = |cause| FolderError::Io { path: path.to_owned(), cause };
        if std::fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(SecretError::Open(path.to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let key = line
                .split_once(' ')
                .and_then(|(id, secret)| Key::new(from_hex(id)?, from_hex(secret)?))
                .ok_or_else(|| SecretError::Malformed(path.to_owned()))?;
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or_else(|| SecretError::Malformed(path.to_owned()))?;
        Ok(Self { current, older: keys.collect() })
    }

    /// Writes the key file, readable by its owner only.
    ///
    /// # Errors
    /// Those of the machine.
    pub fn save(&self, path: &Path) -> Result<(), SecretError> {
        let mut text = format!("{FIRST_LINE}\n");
        for key in std::iter::once(&self.current).chain(&self.older) {
            text.push_str(&format!("{} {}\n", hex(&key.id), hex(&key.secret)));
        }
        Ok(folder::write_private(path, text.as_bytes())?)
    }

    /// The same keys with a new one in front; what the old ones sealed still opens.
    pub fn rotated(&self) -> Self {
        let mut new = Self::generate();
        new.older.push(self.current.clone());
        new.older.extend(self.older.iter().cloned());
        new
    }

    /// Seals `plain`. `place` is the table and the record it belongs to; it opens nowhere else.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random();
        let mut envelope = Vec::with_capacity(HEAD + plain.len() + AES_256_GCM.tag_len());
        envelope.push(FORMAT);
        envelope.extend_from_slice(&self.current.id);
        envelope.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        let sealed = self.current.sealing.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(&envelope, place)),
            &mut body,
        );
        // The only way to fail is a plaintext of more than 64 GiB.
        sealed.unwrap_or_else(|_| unreachable!("plaintext fits in memory"));
        envelope.append(&mut body);
        envelope
    }

    /// Opens what `seal` sealed for the same place.
    ///
    /// # Errors
    /// Unknown key, or altered, or of another place.
    pub fn open(&self, place: &str, envelope: &[u8]) -> Result<Vec<u8>, SecretError> {
        let (head, body) = envelope.split_at_checked(HEAD).ok_or(SecretError::Damaged)?;
        let [FORMAT, rest @ ..] = head else { return Err(SecretError::Damaged) };
        let (id, nonce) = rest.split_at(KEY_ID_LEN);
        let key = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
            .ok_or(SecretError::UnknownKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SecretError::Damaged)?;
        let mut body = body.to_vec();
        let plain = key
            .sealing
            .open_in_place(nonce, Aad::from(associated(head, place)), &mut body)
            .map_err(|_| SecretError::Damaged)?
            .len();
        body.truncate(plain);
        Ok(body)
    }

    /// A value only this node can compute: HMAC-SHA-256 under a key of its own for every purpose.
    pub fn hmac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &derive(&self.current.secret, &["hmac", purpose]));
        let tag = hmac::sign(&key, bytes);
        let mut value = [0; 32];
        value.copy_from_slice(tag.as_ref());
        value
    }
}

impl Key {
    fn new(id: [u8; KEY_ID_LEN], secret: [u8; 32]) -> Option<Self> {
        let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derive(&secret, &["seal"])).ok()?);
        Some(Self { id, secret, sealing })
    }
}

/// HKDF-SHA-256; every use of the secret has a key of its own.
fn derive(secret: &[u8; 32], purpose: &[&str]) -> [u8; 32] {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"ainas node key");
    let purpose = purpose.join("\0");
    let info = [purpose.as_bytes()];
    let mut key = [0; 32];
    salt.extract(secret)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .unwrap_or_else(|_| unreachable!("length is fixed"));
    key
}

/// What the tag vouches for beside the content: the envelope's head and the place.
fn associated(head: &[u8], place: &str) -> Vec<u8> {
    [head, place.as_bytes()].concat()
}

/// Random bytes from the system. A machine without randomness can't run a node, so that is the end of it.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn fill(bytes: &mut [u8]) {
    if SystemRandom::new().fill(bytes).is_err() {
        // Going on would hand out secrets that can be guessed.
        std::process::abort();
    }
}

/// 256 random bits in 43 characters that fit in addresses and cookies.
pub fn token() -> String {
    text_from(&random::<43>(), b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}

/// A word people type from paper: `length` characters without those that look alike. 10 characters are 49 bits.
pub fn readable(length: usize) -> String {
    let mut bytes = vec![0; length];
    fill(&mut bytes);
    text_from(&bytes, b"abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ234567899")
}

/// An initial password of 12 characters with a capital, a small letter and a digit, as the manual's rule wants.
pub fn initial_password() -> String {
    loop {
        let word = readable(12);
        let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(&test);
        if has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) {
            return word;
        }
    }
}

/// One of 64 characters for every byte.
fn text_from(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    bytes.iter().filter_map(|byte| alphabet.get(usize::from(byte & 63))).map(|&c| char::from(c)).collect()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_unaltered() {
        let key = NodeKey::generate();
        let envelope = key.seal("agent_certificates/7", b"private");
        assert_eq!(key.open("agent_certificates/7", &envelope).unwrap(), b"private");
        assert_ne!(key.seal("agent_certificates/7", b"private"), envelope, "a nonce is never used twice");
        assert!(matches!(key.open("agent_certificates/8", &envelope), Err(SecretError::Damaged)));
        assert!(matches!(NodeKey::generate().open("agent_certificates/7", &envelope), Err(SecretError::UnknownKey)));
        for index in 0..envelope.len() {
            let mut altered = envelope.clone();
            altered[index] ^= 1;
            assert!(key.open("agent_certificates/7", &altered).is_err(), "byte {index}");
            assert!(key.open("agent_certificates/7", &envelope[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn the_file_is_private_and_a_new_key_still_opens_the_old() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.key");
        let old = NodeKey::generate();
        let envelope = old.seal("t/1", b"x");
        let new = old.rotated();
        new.save(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let loaded = NodeKey::load(&path).unwrap();
        assert_eq!(loaded.open("t/1", &envelope).unwrap(), b"x");
        assert!(old.open("t/1", &loaded.seal("t/1", b"x")).is_err(), "the new key seals");
        assert_eq!(loaded.hmac("csrf", b"a"), new.hmac("csrf", b"a"));
        assert_ne!(loaded.hmac("csrf", b"a"), loaded.hmac("audit", b"a"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(NodeKey::load(&path), Err(SecretError::Open(_))));
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?} {:?}", Secret::new("x"), NodeKey::generate()), "*** NodeKey(***)");
        assert_eq!(token().len(), 43);
        assert_ne!(token(), token());
    }
}
