//! Once only: a form that is sent twice acts once. The token of the form and what came of it are written in the
//! transaction of the action itself and kept for a day.

use crate::secret;

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

    /// The token of one item of a form that acts on several.
    #[must_use]
    pub fn item(&self, item: impl std::fmt::Display) -> Self {
        Self(format!("{}/{item}", self.0))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
