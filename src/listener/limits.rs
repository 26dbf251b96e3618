//! What one client may cost, in the units the listener counts in.

use crate::config;
use std::time::Duration;

/// What one client may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one IPv4 address or one IPv6 /64.
    pub connections_per_address: usize,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a request to the end of its head.
    pub header: Duration,
    /// Size of a request's head in bytes, at least 8 KiB.
    pub header_bytes: usize,
    /// For a request's body, plus a second for every 8 KiB received.
    pub body: Duration,
    /// Size of the largest body in bytes; what is read of a form is less, and decided where the form is known.
    pub body_bytes: usize,
    /// Until an answer begins.
    pub request: Duration,
    /// Without a request.
    pub idle: Duration,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// For open requests when the node stops.
    pub stop: Duration,
}

impl From<&config::Limits> for Limits {
    fn from(limits: &config::Limits) -> Self {
        let seconds = |value: u32| Duration::from_secs(value.into());
        let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            connections: number(limits.connections),
            connections_per_address: number(limits.connections_per_address),
            handshake: seconds(limits.handshake_seconds),
            header: seconds(limits.header_seconds),
            header_bytes: number(limits.header_kib).saturating_mul(1024),
            body: seconds(limits.body_seconds),
            body_bytes: number(limits.body_kib.max(limits.upload_kib)).saturating_mul(1024),
            request: seconds(limits.request_seconds),
            idle: seconds(limits.idle_seconds),
            streams: limits.streams,
            stop: seconds(limits.stop_seconds),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&config::Limits::default())
    }
}
