//! Once only: a form that is sent twice acts once. The token of the form and what came of it are written in the
//! transaction of the action itself and kept for a day.

use crate::secret;
use ring::digest;

/// The once-only token of a form: 128 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        Self(secret::hex(&secret::random::<16>()))
    }

    /// As a form brings it back: 32 hexadecimal digits, nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// The token of one act with its content. A page that the back button brings back carries its old token; whatever
    /// else is done or typed there is another act.
    #[must_use]
    pub fn of(&self, act: impl std::fmt::Debug) -> Self {
        let digest = digest::digest(&digest::SHA256, format!("{}{act:?}", self.0).as_bytes());
        let short: Vec<u8> = digest.as_ref().iter().take(16).copied().collect();
        Self(format!("{}/{}", self.0, secret::hex(&short)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
