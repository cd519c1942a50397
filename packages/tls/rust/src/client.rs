//! How every connection is made: what is offered, and whose certificates hold.

use rustls::client::Resumption;
use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, SupportedCipherSuite};
use std::sync::Arc;

pub type Roots = RootCertStore;

/// All that rustls offers. ChaCha20 first, as on other devices without AES instructions: here it is several times faster.
static CIPHER_SUITES: [SupportedCipherSuite; 9] = [
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
];

pub fn configure(roots: Roots) -> Arc<ClientConfig> {
    let provider = CryptoProvider {
        cipher_suites: CIPHER_SUITES.to_vec(),
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
