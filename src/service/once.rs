//! Once only: a form that is sent twice acts once. The token of the form and what came of it are written in the
//! transaction of the action itself and kept for a day.

use ring::rand::{SecureRandom, SystemRandom};
use std::fmt::Write as _;

/// The once-only token of a form: 128 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        // Without randomness two forms could share a token, and the second would wrongly count as sent.
        if SystemRandom::new().fill(&mut bytes).is_err() {
            tracing::error!("no randomness from the system");
        }
        Self(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// As a form brings it back: 32 hexadecimal digits, nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
