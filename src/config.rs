//! The node's configuration: small sections, safe defaults, unknown keys refused. Flags win over the environment, the
//! environment over the file, the file over the defaults. The profile is not here: it lies in the data folder.

mod check;
mod load;
mod profile;
mod values;

pub use load::{ConfigError, Flags, load};
pub use profile::{Profile, UnknownProfile};
pub use values::{MonthDay, TimeOfDay};

use crate::domain::time::BusinessTime;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The complete example, every key with its default; `init` writes it with the answers filled in.
pub const EXAMPLE: &str = include_str!("../config.example.toml");

/// Everything an office can set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The node itself.
    pub node: Node,
    /// Where browsers and programs connect.
    pub listeners: Vec<Listener>,
    /// The loopback port for monitoring.
    pub health: Health,
    /// Sign-in, sessions, passwords.
    pub accounts: Accounts,
    /// When the applications are open.
    pub hours: Hours,
    /// The store.
    pub store: StoreSection,
    /// What one client may cost.
    pub limits: Limits,
    /// The government's portal.
    pub portal: Portal,
    /// The log.
    pub log: Log,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node: Node::default(),
            listeners: vec![
                Listener {
                    address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443),
                    client_certificate: ClientCertificates::Required,
                    applications: vec![Served::Client, Served::Agent, Served::Api],
                    public_url: "https://localhost:8443".to_owned(),
                    names: Vec::new(),
                },
                Listener {
                    address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8444),
                    client_certificate: ClientCertificates::Off,
                    applications: vec![Served::Office, Served::Operator, Served::Help, Served::Trust],
                    public_url: "https://localhost:8444".to_owned(),
                    names: Vec::new(),
                },
            ],
            health: Health::default(),
            accounts: Accounts::default(),
            hours: Hours::default(),
            store: StoreSection::default(),
            limits: Limits::default(),
            portal: Portal::default(),
            log: Log::default(),
        }
    }
}

impl Config {
    /// The address people type for an application, without a slash at the end; the first listener that serves it.
    pub fn public_url(&self, served: Served) -> Option<&str> {
        self.listeners.iter().find(|listener| listener.applications.contains(&served)).map(|l| l.public_url.as_str())
    }

    /// Every name and address under which browsers reach the node: what its server certificate is for.
    pub fn host_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for listener in &self.listeners {
            names.extend(listener.public_host().map(str::to_owned));
            names.extend(listener.names.iter().cloned());
            if !listener.address.ip().is_unspecified() {
                names.push(listener.address.ip().to_string());
            }
        }
        names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        let mut known = std::collections::HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }

    /// One listener on loopback that serves everything and asks for no certificates: demo and tests.
    pub fn on_loopback(port: u16) -> Self {
        Self {
            listeners: vec![Listener {
                address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
                client_certificate: ClientCertificates::Off,
                applications: Served::ALL.to_vec(),
                public_url: format!("https://localhost:{port}"),
                names: Vec::new(),
            }],
            ..Self::default()
        }
    }
}

/// The node itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// The data folder; relative to the folder of the configuration file that names it.
    pub data: PathBuf,
    /// The name that certificates and pages show.
    pub name: String,
}

impl Default for Node {
    fn default() -> Self {
        Self { data: PathBuf::from("data"), name: "AINAS".to_owned() }
    }
}

/// One address on which the node listens, always with TLS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// An IP address and a port; names are not looked up.
    pub address: SocketAddr,
    /// Whether browsers have to show a certificate of this node.
    #[serde(default)]
    pub client_certificate: ClientCertificates,
    /// What can be reached here.
    pub applications: Vec<Served>,
    /// What people type, such as `https://ainas.example.jp:8443`; links and notices are made from it.
    pub public_url: String,
    /// Further names under which this listener answers.
    #[serde(default)]
    pub names: Vec<String>,
}

/// Whether a listener asks for client certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    /// Never.
    Off,
    /// Asks, and goes on without.
    Optional,
    /// Refuses connections without.
    #[default]
    Required,
}

/// What a listener serves; the first part of the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Served {
    /// 依頼人業務アプリケーション.
    Client,
    /// 代理人業務アプリケーション.
    Agent,
    /// 連携API.
    Api,
    /// 継続検査OSS管理システム.
    Office,
    /// 運営者コンソール.
    Operator,
    /// The manual.
    Help,
    /// The node's root certificate, with steps.
    Trust,
    /// Simulators and the instructor's console.
    Sim,
}

impl Served {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Client, Self::Agent, Self::Api, Self::Office, Self::Operator, Self::Help, Self::Trust, Self::Sim];

    /// The first part of the address.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Agent => "agent",
            Self::Api => "api",
            Self::Office => "office",
            Self::Operator => "operator",
            Self::Help => "help",
            Self::Trust => "trust",
            Self::Sim => "sim",
        }
    }
}

/// The loopback port for monitoring: `/livez` and `/readyz`, without TLS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Loopback address and port; `"off"` for none.
    #[serde(with = "values::off_or_address")]
    pub address: Option<SocketAddr>,
}

/// Sign-in, sessions, passwords.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// A session ends after this many minutes without a page.
    pub idle_minutes: u32,
    /// A session ends this many hours after sign-in.
    pub absolute_hours: u32,
    /// Wrong passwords per account and source before the lock-out.
    pub failures: u32,
    /// Minutes that a lock-out lasts.
    pub lockout_minutes: u32,
    /// Days after which a password has to be changed; 0 in the file is `None`: never.
    #[serde(with = "values::zero_is_none")]
    pub password_days: Option<u32>,
    /// How many earlier passwords can't be chosen again.
    pub history: u32,
    /// What パスワード再設定 makes valid.
    pub reset: PasswordReset,
    /// Cost of a password hash.
    pub argon2: Argon2,
    /// Password hashes computed at once.
    pub concurrent_hashes: u32,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            idle_minutes: 60,
            absolute_hours: 12,
            failures: 10,
            lockout_minutes: 15,
            password_days: Some(90),
            history: 5,
            reset: PasswordReset::Notice,
            argon2: Argon2::default(),
            concurrent_hashes: 2,
        }
    }
}

/// What パスワード再設定 makes valid until the user has chosen a password of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordReset {
    /// The initial password of the organization's 利用登録通知書.
    Notice,
    /// A random one, shown once to who resets.
    OneTime,
}

/// Cost of a password hash (argon2id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Argon2 {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Argon2 {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// システム利用時間: when client and agent applications are open, by the business clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hours {
    /// Whether the hours apply.
    pub enabled: bool,
    /// From.
    pub opens: TimeOfDay,
    /// Until.
    pub closes: TimeOfDay,
    /// First day of the closed days at the turn of the year.
    pub closed_from: MonthDay,
    /// Last day of them.
    pub closed_to: MonthDay,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            enabled: true,
            opens: TimeOfDay { hour: 8, minute: 0 },
            closes: TimeOfDay { hour: 22, minute: 0 },
            closed_from: MonthDay { month: 12, day: 29 },
            closed_to: MonthDay { month: 1, day: 3 },
        }
    }
}

impl Hours {
    /// Whether the applications are open at this moment.
    pub fn is_open(&self, now: BusinessTime) -> bool {
        if !self.enabled {
            return true;
        }
        let local = now.local();
        let part = |value: i8| u8::try_from(value).unwrap_or(0);
        let time = TimeOfDay { hour: part(local.hour()), minute: part(local.minute()) };
        let day = MonthDay { month: part(local.month()), day: part(local.day()) };
        let closed = if self.closed_from <= self.closed_to {
            (self.closed_from..=self.closed_to).contains(&day)
        } else {
            day >= self.closed_from || day <= self.closed_to
        };
        !closed && (self.opens..self.closes).contains(&time)
    }
}

/// The store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// Memory for pages of the store, in MiB.
    pub cache_mib: u32,
    /// The first 申請ID of a new data folder.
    pub first_request_id: u64,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { cache_mib: 64, first_request_id: 100_000_001 }
    }
}

/// What one client may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections in all.
    pub connections: u32,
    /// Connections of one address (of one /64 network with IPv6).
    pub connections_per_address: u32,
    /// Seconds for the TLS handshake.
    pub handshake_seconds: u32,
    /// Seconds from the first byte of a request to the end of its head.
    pub header_seconds: u32,
    /// Size of a request's head in KiB.
    pub header_kib: u32,
    /// Seconds for a request's body, plus one for every 8 KiB received.
    pub body_seconds: u32,
    /// Size of a request's body in KiB.
    pub body_kib: u32,
    /// Size of a request's body with a file in KiB; each form that takes files sets its own limit below this one.
    pub upload_kib: u32,
    /// Seconds that a handler may take until its answer begins.
    pub request_seconds: u32,
    /// Seconds without a request before a connection is closed.
    pub idle_seconds: u32,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Seconds that open requests get when the node stops.
    pub stop_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            connections_per_address: 256,
            handshake_seconds: 10,
            header_seconds: 10,
            header_kib: 32,
            body_seconds: 30,
            body_kib: 2_048,
            upload_kib: 20_480,
            request_seconds: 60,
            idle_seconds: 75,
            streams: 100,
            stop_seconds: 10,
        }
    }
}

/// The government's portal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Portal {
    /// How requests reach it.
    pub gateway: PortalGateway,
    /// How the simulator reviews.
    pub review: Review,
    /// Seconds between two steps of the simulator.
    pub step_seconds: u32,
}

impl Default for Portal {
    fn default() -> Self {
        Self { gateway: PortalGateway::Manual, review: Review::Realistic, step_seconds: 5 }
    }
}

/// How requests reach the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PortalGateway {
    /// The simulator inside this node; refused in production.
    Simulated,
    /// The agent files at the real portal by hand, and the node guides and records it.
    Manual,
}

/// How the simulator reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Review {
    /// Every step at once.
    Instant,
    /// A pause before every step.
    Realistic,
    /// Only when the instructor says so.
    Manual,
}

/// The log on standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Level, or a filter such as `info,ainas::listener=debug`.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Json }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}
