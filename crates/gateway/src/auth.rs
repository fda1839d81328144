//! Who may use the gateway: the launcher by its token, people by a session cookie.

use std::fmt::Write;

/// A random token: 256 bits as 64 hexadecimal digits.
pub fn random_token() -> String {
    rand::random::<[u8; 32]>().iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}
