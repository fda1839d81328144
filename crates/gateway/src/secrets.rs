//! Keys at rest, which the log never shows: encrypted with XChaCha20-Poly1305 and bound to the id of what they belong to.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

use crate::log;

mod key;
pub mod owner;
mod rotation;

pub use rotation::{Keys, RotationError, is_prepared, prepare};

/// Length of the random nonce in front of each ciphertext.
const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts keys.
#[derive(Clone)]
pub struct Secrets {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Why a secret cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The key file cannot be read or written.
    #[error("cannot use the secret key file {}: {source}", path.display())]
    KeyFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key is not 64 hexadecimal digits.
    #[error("the secret key from {origin} is not 64 hexadecimal digits")]
    KeyFormat {
        /// Where it came from.
        origin: String,
    },
    /// The text cannot be encrypted.
    #[error("cannot encrypt the key of {owner}")]
    Encrypt {
        /// Whose.
        owner: String,
    },
    /// The stored bytes were made with another key, belong to another owner, or are damaged.
    #[error("cannot decrypt the key of {owner}: the secret key has changed or the database is damaged")]
    Decrypt {
        /// Whose.
        owner: String,
    },
}

impl Secrets {
    /// With the key that `text` writes; `origin` names where it came from.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn with_key(text: &SecretString, origin: &str) -> Result<Self, SecretError> {
        Ok(Self::new(key::parse(text.expose_secret(), origin)?))
    }

    /// With the key in a file, which is made when it is not there. Blocks.
    ///
    /// # Errors
    /// When the key is malformed or its file cannot be used.
    pub fn with_file(path: &Path) -> Result<Self, SecretError> {
        Ok(Self::new(key::read_or_create(path)?))
    }

    fn new(key: [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&key.into()) }
    }

    /// `secret` encrypted for `owner`, in base64.
    ///
    /// # Errors
    /// When the text is too long for the cipher.
    pub fn encrypt(&self, owner: &str, secret: &SecretString) -> Result<String, SecretError> {
        log::withhold(secret);
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: owner.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SecretError::Encrypt { owner: owner.to_owned() })?;
        Ok(BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// What [`Secrets::encrypt`] was given for the same `owner`.
    ///
    /// # Errors
    /// When `stored` was made with another key or for another owner, or is damaged.
    pub fn decrypt(&self, owner: &str, stored: &str) -> Result<SecretString, SecretError> {
        let refused = || SecretError::Decrypt { owner: owner.to_owned() };
        let stored = BASE64.decode(stored).map_err(|_| refused())?;
        let (nonce, sealed) = stored.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())?;
        let secret = String::from_utf8(opened).map(SecretString::from).map_err(|_| refused())?;
        log::withhold(&secret);
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_key(byte: &str) -> Secrets {
        Secrets::with_key(&byte.repeat(32).into(), "a test").unwrap()
    }

    #[test]
    fn round_trip_is_bound_to_key_and_owner() {
        let secrets = with_key("a1");
        let stored = secrets.encrypt("deepseek", &"sk-123".into()).unwrap();
        assert_ne!(secrets.encrypt("deepseek", &"sk-123".into()).unwrap(), stored, "nonces are fresh");
        assert_eq!(secrets.decrypt("deepseek", &stored).unwrap().expose_secret(), "sk-123");
        assert!(matches!(secrets.decrypt("openai", &stored), Err(SecretError::Decrypt { .. })));
        assert!(matches!(with_key("b2").decrypt("deepseek", &stored), Err(SecretError::Decrypt { .. })));
        assert!(matches!(secrets.decrypt("deepseek", &stored[..10]), Err(SecretError::Decrypt { .. })));
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret.key");
        let stored = Secrets::with_file(&file).unwrap().encrypt("x", &"secret".into()).unwrap();
        let again = Secrets::with_file(&file).unwrap();
        assert_eq!(again.decrypt("x", &stored).unwrap().expose_secret(), "secret");
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_of_the_wrong_form_is_refused() {
        let error = Secrets::with_key(&"short".into(), "SLIPWAY_SECRET_KEY").unwrap_err();
        assert_eq!(error.to_string(), "the secret key from SLIPWAY_SECRET_KEY is not 64 hexadecimal digits");
    }
}
