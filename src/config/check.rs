//! Ranges and combinations that types alone don't express. One sentence per refusal, naming the key.

use super::{Config, ConfigError, Listener, PortalGateway, Profile};
use std::ops::RangeInclusive;

/// What is wrong with a value: its key and a Japanese sentence.
pub(super) type Refusal = (String, String);

impl Config {
    /// The first value outside its range.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let accounts = &self.accounts;
        let limits = &self.limits;
        let ranges: &[(&str, u32, RangeInclusive<u32>)] = &[
            ("accounts.idle_minutes", accounts.idle_minutes, 1..=1_440),
            ("accounts.absolute_hours", accounts.absolute_hours, 1..=168),
            ("accounts.failures", accounts.failures, 3..=100),
            ("accounts.lockout_minutes", accounts.lockout_minutes, 1..=1_440),
            ("accounts.password_days", accounts.password_days.unwrap_or(0), 0..=3_650),
            ("accounts.history", accounts.history, 0..=24),
            ("accounts.argon2.memory_kib", accounts.argon2.memory_kib, 7_168..=1_048_576),
            ("accounts.argon2.iterations", accounts.argon2.iterations, 1..=100),
            ("accounts.argon2.parallelism", accounts.argon2.parallelism, 1..=16),
            ("accounts.concurrent_hashes", accounts.concurrent_hashes, 1..=64),
            ("store.cache_mib", self.store.cache_mib, 8..=65_536),
            ("limits.connections", limits.connections, 16..=100_000),
            ("limits.connections_per_address", limits.connections_per_address, 1..=100_000),
            ("limits.handshake_seconds", limits.handshake_seconds, 1..=60),
            ("limits.header_seconds", limits.header_seconds, 1..=60),
            ("limits.header_kib", limits.header_kib, 8..=256),
            ("limits.body_seconds", limits.body_seconds, 1..=600),
            ("limits.body_kib", limits.body_kib, 64..=1_048_576),
            ("limits.upload_kib", limits.upload_kib, 128..=1_048_576),
            ("limits.request_seconds", limits.request_seconds, 5..=600),
            ("limits.idle_seconds", limits.idle_seconds, 5..=3_600),
            ("limits.streams", limits.streams, 1..=1_000),
            ("limits.stop_seconds", limits.stop_seconds, 1..=300),
            ("portal.step_seconds", self.portal.step_seconds, 0..=3_600),
        ];
        for (key, value, allowed) in ranges {
            if !allowed.contains(value) {
                let (low, high) = (allowed.start(), allowed.end());
                return Err(((*key).to_owned(), format!("{value} は指定できません。{low} から {high} までの数です")));
            }
        }
        if !(1..=9_000_000_000).contains(&self.store.first_request_id) {
            return Err(refuse("store.first_request_id", "1 から 9000000000 までの数です"));
        }
        if self.hours.opens >= self.hours.closes {
            return Err(refuse("hours.closes", "hours.opens より後の時刻にしてください"));
        }
        if self.health.address.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(refuse("health.address", "暗号化しないポートなので、127.0.0.1 か [::1] だけを指定できます"));
        }
        if self.node.name.is_empty() || self.node.name.chars().count() > 40 {
            return Err(refuse("node.name", "1 から 40 文字で書いてください"));
        }
        if self.listeners.is_empty() {
            return Err(refuse("listeners", "待ち受けを一つ以上書いてください"));
        }
        for (index, listener) in self.listeners.iter().enumerate() {
            listener.check().map_err(|(key, sentence)| (format!("listeners.{index}.{key}"), sentence))?;
            if listener.address.port() != 0 && self.listeners[..index].iter().any(|l| l.address == listener.address) {
                return Err((format!("listeners.{index}.address"), "同じアドレスが二度あります".to_owned()));
            }
        }
        Ok(())
    }

    /// Checks values that were set in the program, not in a layer.
    ///
    /// # Errors
    /// A sentence naming the key.
    pub fn check_values(&self) -> Result<(), ConfigError> {
        self.check().map_err(|(key, sentence)| ConfigError { place: String::new(), key, sentence })
    }

    /// What a data folder of this profile does not allow.
    ///
    /// # Errors
    /// A Japanese sentence naming the key.
    pub fn check_profile(&self, profile: Profile) -> Result<(), String> {
        if profile.is_production() && self.portal.gateway == PortalGateway::Simulated {
            return Err("portal.gateway: 本番 (production) のデータフォルダーでは simulated は使えません。manual にしてください".to_owned());
        }
        Ok(())
    }
}

impl Listener {
    fn check(&self) -> Result<(), Refusal> {
        if self.applications.is_empty() {
            return Err(refuse("applications", "この待ち受けで使うものを一つ以上書いてください"));
        }
        if self.public_host().is_none() {
            return Err(refuse(
                "public_url",
                "\"https://名前:ポート\" の形で、後ろに / や文字を付けずに書いてください",
            ));
        }
        if let Some(name) = self.names.iter().find(|name| !is_host(name)) {
            return Err(("names".to_owned(), format!("「{name}」は名前かIPアドレスではありません")));
        }
        Ok(())
    }

    /// The name or address in `public_url`, without brackets and port.
    pub fn public_host(&self) -> Option<&str> {
        let authority = self.public_url.strip_prefix("https://")?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
        };
        let port_is_good = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
        (port_is_good && is_host(host)).then_some(host)
    }
}

/// A DNS name in ASCII or an IP address.
fn is_host(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
        || (text.len() <= 253
            && text.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            }))
}

fn refuse(key: &str, sentence: &str) -> Refusal {
    (key.to_owned(), sentence.to_owned())
}
