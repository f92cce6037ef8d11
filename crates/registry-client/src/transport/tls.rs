//! TLS settings: roots, client identity, ALPN.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::credentials::ClientIdentity;
use crate::error::RegistryError;
use crate::options::TlsOptions;

/// Builds and keeps one TLS configuration for each client identity.
#[derive(Debug)]
pub(crate) struct Tls {
    options: TlsOptions,
    provider: Arc<CryptoProvider>,
    roots: OnceLock<Result<Arc<RootCertStore>, RegistryError>>,
    configurations: Mutex<HashMap<Option<Arc<str>>, Arc<ClientConfig>>>,
}

impl Tls {
    /// Nothing is parsed before the first connection: a bundle of a hundred certificates takes milliseconds, and
    /// what is in the store needs no connection.
    pub(crate) fn new(options: TlsOptions) -> Self {
        let provider = Arc::new(ring::default_provider());
        Tls { options, provider, roots: OnceLock::new(), configurations: Mutex::default() }
    }

    /// The configuration to connect with; blocks for some milliseconds the first time.
    ///
    /// # Errors
    /// `InvalidSetting` for a `ca`, `cert` or `key` that is no PEM, or an identity that cannot be used.
    pub(crate) fn configuration(
        &self,
        identity: Option<&ClientIdentity>,
    ) -> Result<Arc<ClientConfig>, RegistryError> {
        let identity = identity.or(self.options.identity.as_deref());
        let key: Option<Arc<str>> = identity.map(|identity| identity.certificate_pem.as_str().into());
        let lock = || self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().get(&key) {
            return Ok(found.clone());
        }
        let built = Arc::new(self.build(identity)?);
        Ok(lock().entry(key).or_insert(built).clone())
    }

    fn build(&self, identity: Option<&ClientIdentity>) -> Result<ClientConfig, RegistryError> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| setting("ca", &error))?;
        let builder = if self.options.strict_ssl {
            builder.with_root_certificates(self.roots()?)
        } else {
            let verifier = AcceptEverything { provider: self.provider.clone() };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        };
        let mut configuration = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(
                    certificates("cert", &identity.certificate_pem)?,
                    private_key(identity)?,
                )
                .map_err(|error| setting("cert", &error))?,
        };
        configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(configuration)
    }

    fn roots(&self) -> Result<Arc<RootCertStore>, RegistryError> {
        self.roots.get_or_init(|| self.load_roots().map(Arc::new)).clone()
    }

    fn load_roots(&self) -> Result<RootCertStore, RegistryError> {
        let mut roots = RootCertStore::empty();
        if self.options.ca.is_empty() {
            // what cannot be read is left out: with no root at all, the first handshake says so
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        for pem in self.options.ca.iter().chain(&self.options.extra_ca) {
            roots.add_parsable_certificates(certificates("ca", pem)?);
        }
        Ok(roots)
    }
}

fn setting(setting: &'static str, problem: &dyn std::fmt::Display) -> RegistryError {
    RegistryError::InvalidSetting { setting, problem: problem.to_string() }
}

fn certificates(name: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, RegistryError> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let parsed = parsed.map_err(|error| setting(name, &error))?;
    if parsed.is_empty() {
        return Err(setting(name, &"there is no certificate in it (PEM is expected)"));
    }
    Ok(parsed)
}

fn private_key(identity: &ClientIdentity) -> Result<PrivateKeyDer<'static>, RegistryError> {
    PrivateKeyDer::from_pem_slice(identity.key_pem.reveal().as_bytes())
        .map_err(|_| setting("key", &"there is no private key in it (PEM is expected)"))
}

/// npm's `strict-ssl=false`: any certificate will do; the handshake's own signatures are still checked.
#[derive(Debug)]
struct AcceptEverything {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AcceptEverything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
