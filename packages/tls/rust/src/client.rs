//! How every connection is made: what is offered, and whose certificates hold.

use rustls::client::Resumption;
use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, SupportedCipherSuite};
use std::sync::Arc;

pub type Roots = RootCertStore;

/// Without AES instructions, as here, ChaCha20 is several times faster: it comes first. Many servers take no account of that and
/// would choose AES-256, the slowest, from which the next in OpenSSL's own order is ChaCha20. So AES-256 is left out; TLS 1.3
/// demands none of it (RFC 8446 §9.1).
static CIPHER_SUITES: [SupportedCipherSuite; 6] = [
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// For the few servers that take nothing else.
static AES_256: [SupportedCipherSuite; 3] = [
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
];

pub struct Client {
    pub usual: Arc<ClientConfig>,
    /// Offers AES-256 and nothing else.
    pub aes_256: Arc<ClientConfig>,
}

impl Client {
    pub fn new(roots: Roots) -> Self {
        let roots = Arc::new(roots);
        Self {
            usual: configure(roots.clone(), &CIPHER_SUITES),
            aes_256: configure(roots, &AES_256),
        }
    }
}

fn configure(roots: Arc<Roots>, suites: &[SupportedCipherSuite]) -> Arc<ClientConfig> {
    let provider = CryptoProvider {
        cipher_suites: suites.to_vec(),
        ..default_provider()
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A ticket would tell a site that two circuits are one person's.
    config.resumption = Resumption::disabled();
    Arc::new(config)
}
