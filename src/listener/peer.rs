//! Who is at the other end of a connection, and of which listener.

use crate::config::{ClientCertificates, Listener, Served};
use crate::pki::PkiError;
use crate::pki::certificate::{Details, Subject};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Address and port as the node sees them.
    pub address: SocketAddr,
    /// The certificate the client showed, verified against the node's authority. A resumed connection carries it
    /// along unchecked, so whether it still counts is looked up for every request.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The listener the connection came in on.
    pub listener: Arc<ListenerInfo>,
}

/// A client certificate of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Its number, hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// What it says about its holder.
    pub subject: Subject,
}

impl ClientCertificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(der: &[u8]) -> Result<Self, PkiError> {
        let details = Details::read(der)?;
        Ok(Self { serial: details.serial, fingerprint: details.fingerprint, subject: details.subject })
    }
}

/// What a listener is: fixed when the node starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerInfo {
    /// What people type, without a slash at the end; `Origin` is compared with it.
    pub public_url: String,
    /// What it serves.
    pub applications: Vec<Served>,
    /// Whether it asks for client certificates.
    pub client_certificate: ClientCertificates,
    /// What `Host` may say: names and addresses with their ports.
    hosts: Vec<String>,
}

impl ListenerInfo {
    /// Of a configured listener bound to `bound`. A public address with port 0 gets the bound port.
    pub fn of(listener: &Listener, bound: SocketAddr) -> Self {
        let port = bound.port();
        let public_url = match listener.public_url.strip_suffix(":0") {
            Some(start) => format!("{start}:{port}"),
            None => listener.public_url.clone(),
        };
        let public_port = public_url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(443);
        let mut names: Vec<String> = listener.public_host().into_iter().map(str::to_owned).collect();
        names.extend(listener.names.iter().cloned());
        if bound.ip().is_loopback() || bound.ip().is_unspecified() {
            names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        }
        if !bound.ip().is_unspecified() {
            names.push(bound.ip().to_string());
        }
        Self {
            public_url,
            applications: listener.applications.clone(),
            client_certificate: listener.client_certificate,
            hosts: hosts(&names, &[port, public_port]),
        }
    }

    /// Of a plain listener on loopback: health, benches and tests.
    pub(super) fn plain(bound: SocketAddr) -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        Self {
            public_url: format!("http://{bound}"),
            applications: Served::ALL.to_vec(),
            client_certificate: ClientCertificates::Off,
            hosts: hosts(&names, &[bound.port()]),
        }
    }

    /// Whether `Host` names this listener. Any other name is a mistake, or a page elsewhere whose name was made to
    /// point here.
    pub fn answers_to(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Whether a path belongs to what this listener serves. Paths of no application, such as styles, are everybody's.
    pub fn serves(&self, path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        Served::ALL.iter().all(|served| served.slug() != first || self.applications.contains(served))
    }
}

fn hosts(names: &[String], ports: &[u16]) -> Vec<String> {
    let mut hosts = Vec::new();
    for name in names {
        let name = match name.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => name.clone(),
        };
        for port in ports {
            hosts.push(format!("{name}:{port}"));
            if matches!(port, 443 | 80) {
                hosts.push(name.clone());
            }
        }
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_knows_its_names_and_its_applications() {
        let listener = Listener {
            address: "0.0.0.0:8443".parse().unwrap(),
            client_certificate: ClientCertificates::Off,
            applications: vec![Served::Client, Served::Agent],
            public_url: "https://ainas.example.jp".to_owned(),
            names: vec!["192.168.1.5".to_owned(), "fd00::5".to_owned()],
        };
        let info = ListenerInfo::of(&listener, listener.address);
        for host in ["ainas.example.jp", "AINAS.example.jp:443", "localhost:8443", "192.168.1.5:8443", "[fd00::5]:8443"]
        {
            assert!(info.answers_to(host), "{host}");
        }
        for host in ["", "evil.example", "ainas.example.jp:80", "localhost:9", "0.0.0.0:8443", "a@localhost:8443"] {
            assert!(!info.answers_to(host), "{host}");
        }
        for (path, served) in [
            ("/client/inspection", true),
            ("/agent", true),
            ("/office", false),
            ("//operator/users", false),
            ("/static/app.css", true),
            ("/", true),
            ("/clientele", true),
        ] {
            assert_eq!(info.serves(path), served, "{path}");
        }
        let chosen = Listener { public_url: "https://localhost:0".to_owned(), ..listener };
        let info = ListenerInfo::of(&chosen, "127.0.0.1:4321".parse().unwrap());
        assert_eq!(info.public_url, "https://localhost:4321");
    }
}
