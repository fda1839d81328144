//! Who may use the gateway: the launcher by its token, people by a session cookie; and what each may do.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

mod attempts;
mod backoff;
pub mod ended;
pub mod guard;
pub mod headers;
pub mod login;
pub mod name;
pub mod offline;
pub mod password;
mod policy;
mod rates;
pub mod session;
mod viewer;

pub use attempts::LoginAttempts;
pub use backoff::Backoff;
pub use ended::EndedSessions;
pub use guard::KnownHosts;
pub use password::Passwords;
pub use rates::Rates;
pub use viewer::{Viewer, Way};

/// A random token: 256 bits as 64 hexadecimal digits.
pub fn random_token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// SHA-256 of a token, as the database keeps it.
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Whether two secrets are equal, in a time that does not depend on where they differ.
pub fn secrets_match(expected: &SecretString, given: &str) -> bool {
    let expected = Sha256::digest(expected.expose_secret().as_bytes());
    let given = Sha256::digest(given.as_bytes());
    expected.as_slice().ct_eq(given.as_slice()).into()
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}
