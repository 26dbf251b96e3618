//! Names and values as a browser sends them, in an address or a form, in order and with repetitions.

use super::error::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The most pairs that are read. The largest form has a few hundred; a body full of `&` would take many times its size.
pub(super) const MOST: usize = 2_000;

/// Decoded pairs. Extracted from a request, these are the pairs of its address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From `a=1&b=2`; what is not UTF-8 becomes the replacement character.
    pub fn parse(text: &str) -> Self {
        Self::parse_bytes(text.as_bytes())
    }

    /// From the body of a form. Pairs beyond the first 2,000 are left out.
    pub fn parse_bytes(bytes: &[u8]) -> Self {
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).take(MOST);
        Self(
            pairs
                .map(|pair| {
                    let mut halves = pair.splitn(2, |byte| *byte == b'=');
                    (decode(halves.next().unwrap_or_default()), decode(halves.next().unwrap_or_default()))
                })
                .collect(),
        )
    }

    /// The first value of a name, without surrounding white space; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).unwrap_or_default().trim()
    }

    /// The first value of a name exactly as sent (passwords), or nothing.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name was sent at all: a checked box, a pressed button.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Every value of a name: check boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The first value of a name as a number or identifier, when it is one.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }

    /// Whether any of these names has a value.
    pub fn any_of(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(key, value)| names.contains(&key.as_str()) && !value.trim().is_empty())
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The same with one name set to one value; an empty value removes it.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike, mostly made on the spot")]
    pub fn with(&self, name: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        let mut pairs: Vec<_> = self.0.iter().filter(|(key, _)| key != name).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value));
        }
        Self(pairs)
    }

    /// Adds a pair.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike, mostly made on the spot")]
    pub fn push(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// `a=1&b=2` without empty values, for an address.
    pub fn query(&self) -> String {
        let mut text = String::new();
        for (key, value) in self.0.iter().filter(|(_, value)| !value.is_empty()) {
            if !text.is_empty() {
                text.push('&');
            }
            encode(key, &mut text);
            text.push('=');
            encode(value, &mut text);
        }
        text
    }

    /// The path with these pairs behind it.
    pub fn on(&self, path: &str) -> String {
        match self.query() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// Percent-encodes a value for an address.
pub(crate) fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(DIGITS.get(usize::from(half)).copied().map_or('0', char::from));
            }
        }
    }
}

fn decode(text: &[u8]) -> String {
    let digit =
        |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                at += 3;
            }
            (b'+', ..) => {
                bytes.push(b' ');
                at += 1;
            }
            _ => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl From<Infallible> for Failure {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_are_read_and_written() {
        let fields = Fields::parse("status=1&status=2&name=%E9%9D%92+%E8%8A%B1&odd=%zz%4");
        assert_eq!(fields.all("status").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.get("name"), "青 花");
        assert_eq!(fields.get("odd"), "%zz%4");
        assert_eq!(fields.with("status", "").with("odd", "").query(), "name=%E9%9D%92%20%E8%8A%B1");
    }

    #[test]
    fn a_body_full_of_nothing_stays_small() {
        assert_eq!(Fields::parse(&"a&".repeat(100_000)).iter().count(), MOST);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(key in "[a-z.]{1,8}", value in "\\PC{1,20}") {
            let mut fields = Fields::default();
            fields.push(&key, &value);
            let read = Fields::parse(&fields.query());
            prop_assert_eq!(read.raw(&key), Some(value.as_str()));
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let _ = Fields::parse_bytes(&bytes).query();
        }
    }
}
