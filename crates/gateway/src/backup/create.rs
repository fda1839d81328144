//! Making a backup while everything goes on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use bytes::Bytes;
use slipway_fail_points::{Point, reach};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::{BackupError, DATABASE, FORMAT, KEY, MANIFEST, Manifest, SCRATCH, STATES};
use crate::app::AppState;
use crate::store::{Backend, now_ms};

/// Pieces that wait for the reader; when full, the backup waits.
const WAITING_PIECES: usize = 8;
/// Bytes in a piece.
const PIECE: usize = 64 << 10;
/// How hard it is tried to make it small: the states are compressed already.
const COMPRESSION: i32 = 1;

/// Whether the key goes into the backup: with it the file gives away what is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithKey {
    /// It does.
    Yes,
    /// It does not: keys of providers have to be entered anew elsewhere.
    No,
}

/// Takes everything as it is at this moment, and gives the bytes of one file (tar, zstd) as they are read. A failure
/// meanwhile is an error among them.
///
/// # Errors
/// See [`BackupError`].
pub async fn create(app: &AppState, key: WithKey) -> Result<mpsc::Receiver<io::Result<Bytes>>, BackupError> {
    if app.store.backend() != Backend::Sqlite {
        return Err(BackupError::Server);
    }
    let data = app.config.data_dir.clone();
    let scratch =
        tempfile::Builder::new().prefix(SCRATCH[0]).tempdir_in(&data).map_err(BackupError::at(&data))?;
    // While it is held no object is deleted, so all that the database names is still there to be linked.
    let _no_deletions = app.checkpoints.no_deletions().await;
    app.store.copy_to(&scratch.path().join(DATABASE)).await?;
    let objects = app.checkpoints.objects().clone();
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    let linked = tokio::task::spawn_blocking(move || {
        let states = scratch.path().join(STATES);
        objects.link_into(&states).map_err(BackupError::at(&states))?;
        let own_key = data.join(KEY);
        if key == WithKey::Yes && own_key.exists() {
            fs::copy(&own_key, scratch.path().join(KEY)).map_err(BackupError::at(&own_key))?;
        }
        Ok::<_, BackupError>(scratch)
    });
    let scratch = linked.await.map_err(|failure| BackupError::Unusable(failure.to_string()))??;
    reach(Point::BackupCopied);
    app.tasks.spawn_blocking(move || send(&scratch, &sender));
    Ok(pieces)
}

/// Sends the file; what is in `scratch` is gone afterwards.
fn send(scratch: &TempDir, sender: &mpsc::Sender<io::Result<Bytes>>) {
    if let Err(error) = pack(scratch.path(), Pieces { sender, piece: Vec::new() }) {
        tracing::warn!(%error, "a backup was broken off");
        // Whoever read it may be gone, which is then the reason.
        let _ = sender.blocking_send(Err(error));
    }
}

fn pack(scratch: &Path, output: Pieces<'_>) -> io::Result<()> {
    let encoder = zstd::stream::write::Encoder::new(output, COMPRESSION)?;
    let mut archive = tar::Builder::new(encoder);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = serde_json::to_vec(&Manifest { format: FORMAT, version, created_at: now_ms() })?;
    let mut header = tar::Header::new_gnu();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, MANIFEST, manifest.as_slice())?;
    for name in [DATABASE, KEY] {
        let path = scratch.join(name);
        if path.exists() {
            archive.append_file(name, &mut File::open(path)?)?;
        }
    }
    if scratch.join(STATES).exists() {
        archive.append_dir_all(STATES, scratch.join(STATES))?;
    }
    archive.into_inner()?.finish()?.flush()
}

/// A writer whose bytes somebody else reads.
struct Pieces<'a> {
    sender: &'a mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.piece).into();
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
