//! The key that encrypts secrets: 32 bytes, written as 64 hexadecimal digits.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::SecretError;
use crate::auth::random_token;

/// The key in the file at `path`, which is created when it does not exist.
pub(super) fn read_or_create(path: &Path) -> Result<[u8; 32], SecretError> {
    let failed = |source| SecretError::KeyFile { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, &path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = random_token();
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            parse(&text, &path.display().to_string())
        }
        Err(error) => Err(failed(error)),
    }
}

/// The key that `text` writes; `origin` names where it came from.
pub(super) fn parse(text: &str, origin: &str) -> Result<[u8; 32], SecretError> {
    let refused = || SecretError::KeyFormat { origin: origin.to_owned() };
    let digits = text.trim().as_bytes();
    if digits.len() != 64 {
        return Err(refused());
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| refused())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| refused())?;
    }
    Ok(key)
}
