//! Certificates from files.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::RegistryError;

/// What makes TLS of connections.
///
/// # Errors
/// Files without a certificate or a key, or of which the one does not belong to the other.
pub(super) fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, RegistryError> {
    let unusable =
        |path: &Path, problem: String| RegistryError::Certificate { path: path.to_owned(), problem };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(chain, error.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable(chain, "there is no certificate in it".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, error.to_string()))?;
    let configured = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, private));
    let mut config = configured.map_err(|error: rustls::Error| unusable(key, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
