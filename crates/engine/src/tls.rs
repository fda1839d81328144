//! The process's TLS provider.

use std::sync::Once;

/// Makes ring the process's TLS provider. Must run before any HTTP client is built; further calls do
/// nothing, nor does a call after somebody else has installed a provider.
pub fn install_crypto_provider() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // Fails only when a provider is installed already, which is what is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
