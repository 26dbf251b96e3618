//! TLS settings of a listener. Every reload makes new settings from nothing: remembered sessions of the old ones would
//! let a client in without showing its certificate again.

use crate::config::ClientCertificates;
use crate::pki::ServerIdentity;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use std::sync::Arc;

/// What the TLS settings of all listeners are made from.
pub struct TlsMaterial {
    /// What the node shows.
    pub identity: ServerIdentity,
    /// What client certificates have to be signed by.
    pub client_root: CertificateDer<'static>,
}

/// Certificate, key or root can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Certificate or key.
    #[error("サーバー証明書か秘密鍵を使えません ({0})")]
    Identity(rustls::Error),
    /// The root of client certificates.
    #[error("クライアント証明書の認証局を使えません ({0})")]
    ClientRoot(String),
}

/// TLS 1.2 and 1.3 with ring; HTTP/2 and HTTP/1.1.
pub(super) fn server_config(
    material: &TlsMaterial,
    client_certificates: ClientCertificates,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Identity)?;
    let builder = match client_certificates {
        ClientCertificates::Off => builder.with_no_client_auth(),
        asking => builder.with_client_cert_verifier(verifier(material, asking, provider)?),
    };
    let mut config = builder
        .with_single_cert(material.identity.chain.clone(), material.identity.key.clone_key())
        .map_err(TlsError::Identity)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn verifier(
    material: &TlsMaterial,
    asking: ClientCertificates,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(material.client_root.clone()).map_err(|e| TlsError::ClientRoot(e.to_string()))?;
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    if asking == ClientCertificates::Optional {
        builder = builder.allow_unauthenticated();
    }
    builder.build().map_err(|e| TlsError::ClientRoot(e.to_string()))
}
