//! What the node's authority may vouch for. Written into its certificate, so that browsers enforce it too.

use super::PkiError;
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use std::net::IpAddr;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Names that never exist on the public internet (RFC 6761, RFC 8375, ICANN's `.internal`), and the usual `.lan`.
const PRIVATE_NAMES: &[&str] = &["localhost", "internal", "local", "lan", "home.arpa", "test"];
/// Loopback, private and link-local networks, and those of carriers' and overlay networks.
const PRIVATE_NETWORKS: &[(&str, u8)] = &[
    ("127.0.0.0", 8),
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("169.254.0.0", 16),
    ("100.64.0.0", 10),
    ("::1", 128),
    ("fc00::", 7),
    ("fe80::", 10),
];

/// Private names and addresses, and `hosts`.
pub(super) fn admitting(hosts: &[String]) -> NameConstraints {
    let mut permitted: Vec<_> = PRIVATE_NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned())).collect();
    let networks = PRIVATE_NETWORKS.iter().filter_map(|(network, prefix)| Some((network.parse().ok()?, *prefix)));
    permitted.extend(networks.map(|(network, prefix)| network_of(network, prefix)));
    permitted.extend(hosts.iter().map(|host| match host.parse::<IpAddr>() {
        Ok(address @ IpAddr::V4(_)) => network_of(address, 32),
        Ok(address @ IpAddr::V6(_)) => network_of(address, 128),
        Err(_) => GeneralSubtree::DnsName(host.clone()),
    }));
    NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() }
}

fn network_of(address: IpAddr, prefix: u8) -> GeneralSubtree {
    GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
}

/// Whether the authority with this certificate may vouch for a host.
pub(super) fn admits(authority: &[u8], host: &str) -> Result<bool, PkiError> {
    let (_, certificate) = X509Certificate::from_der(authority).map_err(|_| PkiError::Unreadable("ca.pem"))?;
    let constraints = certificate.name_constraints().map_err(|_| PkiError::Unreadable("ca.pem"))?;
    let Some(permitted) = constraints.and_then(|found| found.value.permitted_subtrees.as_ref()) else {
        return Ok(true);
    };
    let address = host.parse::<IpAddr>().ok().map(|address| match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    });
    Ok(permitted.iter().any(|subtree| match (&subtree.base, &address) {
        (GeneralName::DNSName(base), None) => {
            host == *base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
        }
        (GeneralName::IPAddress(bytes), Some(address)) if bytes.len() == address.len() * 2 => {
            let (network, mask) = bytes.split_at(address.len());
            address.iter().zip(network).zip(mask).all(|((a, n), m)| a & m == n & m)
        }
        _ => false,
    }))
}
