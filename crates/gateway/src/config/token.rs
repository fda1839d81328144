//! Token files: one secret each, made with owner-only permissions when they are missing.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::ConfigError;
use crate::auth::random_token;

/// Shorter tokens could be guessed.
const MIN_LENGTH: usize = 16;

/// The token in `path`, which is created with a random one when it does not exist.
pub(super) fn read_or_create(path: PathBuf) -> Result<SecretString, ConfigError> {
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= MIN_LENGTH => Ok(text.trim().to_owned().into()),
        Ok(_) => Err(ConfigError::EmptyToken { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let token = random_token();
            let written = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .and_then(|mut file| file.write_all(token.as_bytes()));
            match written {
                Ok(()) => Ok(token.into()),
                Err(source) => Err(ConfigError::TokenFile { path, source }),
            }
        }
        Err(source) => Err(ConfigError::TokenFile { path, source }),
    }
}
