//! Another key for the secrets at rest. All of them are encrypted with it in one transaction, before anything is
//! served; whenever that is broken off, the next start finds all of it done or nothing, and goes on.
//!
//! A key of the environment is replaced by giving both, the new one and `SLIPWAY_OLD_SECRET_KEY`. The key of the data
//! directory is replaced by one beside it ([`prepare`]), which takes its place once it is the secrets' key.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{SecretError, Secrets, key};
use crate::config::Config;
use crate::store::{Store, StoreError, gateways, sealed};

/// The key's file in the data directory.
const FILE: &str = "secret.key";
/// The one that is to take its place.
const NEXT: &str = "secret.key.next";

/// Why secrets cannot be encrypted with another key.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// A key cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Neither key is that of the secrets.
    #[error(
        "none of the {count} secrets of the database can be read with the old secret key or the new one; give the key \
         that they were encrypted with as SLIPWAY_OLD_SECRET_KEY, or leave it out and enter the secrets anew"
    )]
    WrongKey {
        /// How many there are.
        count: usize,
    },
    /// Others would go on with the old key.
    #[error(
        "other gateways that use this database are running with the old secret key; stop all of them, then start each \
         with the new key and the old one"
    )]
    OthersRun,
}

/// The keys of a start.
#[derive(Debug)]
pub struct Keys {
    /// The one in force from now on.
    current: Secrets,
    /// The one before, if secrets may still be encrypted with it.
    earlier: Option<Secrets>,
    /// The file of the new key, and where it belongs once nothing needs the old one.
    file: Option<(PathBuf, PathBuf)>,
}

impl Keys {
    /// Those that the configuration and the data directory say. Blocks on files.
    ///
    /// # Errors
    /// When one is malformed or its file cannot be used.
    pub fn open(config: &Config) -> Result<Self, SecretError> {
        let given = config.old_secret_key.as_ref();
        let earlier = given.map(|text| Secrets::with_key(text, "SLIPWAY_OLD_SECRET_KEY")).transpose()?;
        let [file, next] = [FILE, NEXT].map(|name| config.data_dir.join(name));
        match &config.secret_key {
            Some(text) => {
                Ok(Self { current: Secrets::with_key(text, "SLIPWAY_SECRET_KEY")?, earlier, file: None })
            }
            None if next.exists() => Ok(Self {
                current: Secrets::with_file(&next)?,
                earlier: Some(Secrets::with_file(&file)?),
                file: Some((next, file)),
            }),
            None => Ok(Self { current: Secrets::with_file(&file)?, earlier, file: None }),
        }
    }

    /// Encrypts everything with the key in force, and gives it. `node` names this gateway.
    ///
    /// # Errors
    /// When the old key is not that of the secrets, other gateways are running, or the database or a file fails;
    /// nothing has changed then.
    pub async fn take_over(self, store: &Store, node: &str) -> Result<Secrets, RotationError> {
        if let Some(earlier) = &self.earlier {
            let mistaken = if self.file.is_some() { Mistaken::GoOn } else { Mistaken::Refuse };
            let lost = encrypt_anew(store, node, mistaken, earlier, &self.current).await?;
            if !lost.is_empty() {
                tracing::warn!(?lost, "secrets can be read with neither key; they have to be entered anew");
            }
        }
        if let Some((next, file)) = &self.file {
            put_in_place(next, file).map_err(|source| SecretError::KeyFile { path: file.clone(), source })?;
            tracing::info!("the secret key of the data directory is a new one");
        }
        Ok(self.current)
    }
}

/// What to do when no secret can be read with either key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistaken {
    /// The old key was typed: it is another one.
    Refuse,
    /// It is the file's, so the secrets were lost before.
    GoOn,
}

/// Encrypts everything with `current`; gives the owners of what neither key can read, which stays as it is.
async fn encrypt_anew(
    store: &Store,
    node: &str,
    mistaken: Mistaken,
    earlier: &Secrets,
    current: &Secrets,
) -> Result<Vec<String>, RotationError> {
    let mut write = store.write().await?;
    let all = sealed::all(write.connection()).await?;
    let (mut changed, mut lost) = (0_usize, Vec::new());
    for secret in &all {
        if current.decrypt(&secret.owner, &secret.value).is_ok() {
            continue;
        }
        match earlier.decrypt(&secret.owner, &secret.value) {
            Ok(clear) => {
                let value = current.encrypt(&secret.owner, &clear)?;
                sealed::replace(&mut write, secret, &value).await?;
                changed += 1;
            }
            Err(_) => lost.push(secret.owner.clone()),
        }
    }
    if !all.is_empty() && lost.len() == all.len() && mistaken == Mistaken::Refuse {
        return Err(RotationError::WrongKey { count: all.len() });
    }
    if changed > 0 && gateways::others_run(&mut write, node).await? {
        return Err(RotationError::OthersRun);
    }
    write.commit().await?;
    if changed > 0 {
        tracing::info!(changed, "secrets are encrypted with the new secret key");
    }
    Ok(lost)
}

/// Makes a new key beside that of the data directory, which takes its place at the next start; nothing happens when
/// there is one already. Blocks.
///
/// # Errors
/// When a file cannot be written.
pub fn prepare(data_dir: &Path) -> Result<(), SecretError> {
    let next = data_dir.join(NEXT);
    if next.exists() {
        return Ok(());
    }
    // Under another name first: half a key must never be taken for one.
    let draft = data_dir.join("secret.key.draft");
    let failed = |source| SecretError::KeyFile { path: next.clone(), source };
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    key::read_or_create(&draft)?;
    put_in_place(&draft, &next).map_err(failed)
}

/// Whether a new key waits for the next start.
pub fn is_prepared(data_dir: &Path) -> bool {
    data_dir.join(NEXT).exists()
}

fn put_in_place(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
