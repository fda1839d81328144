//! Taking a backup in: checked as a whole before anything is put where the next start looks for it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use futures::StreamExt as _;
use slipway_fail_points::{Point, reach};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::{BackupError, DATABASE, FORMAT, INCOMING, KEY, MANIFEST, Manifest, SCRATCH, STATES};
use crate::app::AppState;
use crate::store::{Backend, Location, Store};

/// What SQLite's databases begin with (https://www.sqlite.org/fileformat.html).
const HEADER: &[u8] = b"SQLite format 3\0";
/// Longest manifest.
const MAX_MANIFEST: u64 = 64 << 10;

/// Checks a backup and puts it aside for the next start.
///
/// # Errors
/// See [`BackupError`]; nothing has changed then.
pub async fn receive(app: &AppState, body: Body) -> Result<(), BackupError> {
    if app.store.backend() != Backend::Sqlite {
        return Err(BackupError::Server);
    }
    let data = app.config.data_dir.clone();
    let scratch =
        tempfile::Builder::new().prefix(SCRATCH[1]).tempdir_in(&data).map_err(BackupError::at(&data))?;
    let packed = scratch.path().join("packed");
    keep(body, &packed).await?;
    let unpacking = tokio::task::spawn_blocking(move || unpack(&packed, scratch));
    let scratch = unpacking.await.map_err(|failure| BackupError::Unusable(failure.to_string()))??;
    let database = scratch.path().join(DATABASE);
    let restored = Store::open(&Location::File(database)).await;
    let restored = restored.map_err(|error| BackupError::Unusable(told(&error)))?;
    let is_whole = restored.renew().await;
    restored.close().await;
    if !is_whole? {
        return Err(BackupError::Unusable("The database in it is damaged.".to_owned()));
    }
    reach(Point::BackupChecked);
    put_aside(scratch, &data)?;
    reach(Point::BackupPutAside);
    Ok(())
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn keep(body: Body, path: &Path) -> Result<(), BackupError> {
    let mut file = tokio::fs::File::create_new(path).await.map_err(BackupError::at(path))?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| BackupError::Unusable(format!("It was broken off: {error}.")))?;
        file.write_all(&piece).await.map_err(BackupError::at(path))?;
    }
    file.flush().await.map_err(BackupError::at(path))
}

/// Unpacks it beside its file, which is deleted.
fn unpack(packed: &Path, scratch: TempDir) -> Result<TempDir, BackupError> {
    let broken =
        |error: io::Error| BackupError::Unusable(format!("It is damaged or something else: {error}."));
    let file = File::open(packed).map_err(BackupError::at(packed))?;
    let mut archive = tar::Archive::new(zstd::stream::read::Decoder::new(file).map_err(broken)?);
    let mut manifest = None;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        if entry.header().entry_type().is_dir() {
            continue;
        }
        if path == Path::new(MANIFEST) {
            let mut text = String::new();
            entry.by_ref().take(MAX_MANIFEST).read_to_string(&mut text).map_err(broken)?;
            manifest = serde_json::from_str::<Manifest>(&text).ok();
            continue;
        }
        if !entry.header().entry_type().is_file() || !belongs(&path) {
            return Err(BackupError::Unusable(format!(
                "It holds {}, which is not of a backup.",
                path.display()
            )));
        }
        let target = scratch.path().join(&path);
        let directory = target.parent().unwrap_or(scratch.path());
        fs::create_dir_all(directory).map_err(BackupError::at(directory))?;
        let mut file = create(&target).map_err(BackupError::at(&target))?;
        io::copy(&mut entry, &mut file).map_err(broken)?;
        file.sync_all().map_err(BackupError::at(&target))?;
    }
    fs::remove_file(packed).map_err(BackupError::at(packed))?;
    match manifest {
        Some(manifest) if manifest.format == FORMAT => {}
        Some(Manifest { version, .. }) => {
            return Err(BackupError::Unusable(format!(
                "Slipway {version} has written it, in another format."
            )));
        }
        None => return Err(BackupError::Unusable("It does not say what it is.".to_owned())),
    }
    if !is_database(&scratch.path().join(DATABASE)) {
        return Err(BackupError::Unusable("There is no database in it.".to_owned()));
    }
    Ok(scratch)
}

/// Whether a file begins as SQLite's databases do.
fn is_database(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == HEADER
}

/// A new file that only its owner can read.
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Whether a backup has a file of this name: the few that there are, and objects under their names.
fn belongs(path: &Path) -> bool {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
        .collect();
    match parts.as_deref() {
        Some([name]) => [DATABASE, KEY].contains(name),
        Some([states, "trees" | "contents", shelf, name]) => {
            *states == STATES && shelf.len() == 2 && name.len() == 62 && is_hex(shelf) && is_hex(name)
        }
        _ => false,
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Moves it to where the next start looks. One that waits there goes away as a whole: half of it would be taken for a
/// backup.
fn put_aside(scratch: TempDir, data: &Path) -> Result<(), BackupError> {
    let incoming = data.join(INCOMING);
    let other =
        tempfile::Builder::new().prefix(SCRATCH[1]).tempdir_in(data).map_err(BackupError::at(data))?;
    match fs::rename(&incoming, other.path()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(BackupError::at(&incoming)(error));
        }
        _ => {}
    }
    let path: PathBuf = scratch.keep();
    fs::rename(path, &incoming).map_err(BackupError::at(&incoming))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_backup_are_taken() {
        let object = format!("checkpoints/trees/ab/{}", "0".repeat(62));
        for (path, is_taken) in [
            ("slipway.db", true),
            ("secret.key", true),
            (object.as_str(), true),
            ("../slipway.db", false),
            ("/slipway.db", false),
            ("launcher.token", false),
            ("checkpoints/trees/../slipway.db", false),
            ("checkpoints/sweeping", false),
            ("checkpoints/trees/ab/unfinished", false),
        ] {
            assert_eq!(belongs(Path::new(path)), is_taken, "{path}");
        }
    }
}
