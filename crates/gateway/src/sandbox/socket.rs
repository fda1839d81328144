//! The unix socket that tool hosts dial.

use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Owner and group: the sandbox's user shares a group with the gateway, nobody else may connect.
const MODE: u32 = 0o660;

/// Why the socket cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the sandbox's socket {}: {reason} (--sandbox-socket sets its path)", path.display())]
pub struct SocketError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// Listens on `path`, after removing a socket that a stopped gateway left there.
///
/// # Errors
/// When another gateway listens there, the path is something else than a socket, or the system refuses.
pub fn bind(path: &Path) -> Result<UnixListener, SocketError> {
    let failed = |reason: String| SocketError { path: path.to_owned(), reason };
    remove_stale(path).map_err(failed)?;
    let listener = UnixListener::bind(path).map_err(|error| failed(error.to_string()))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(MODE))
        .map_err(|error| failed(error.to_string()))?;
    Ok(listener)
}

fn remove_stale(path: &Path) -> Result<(), String> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    if !metadata.file_type().is_socket() {
        return Err("something that is not a socket is there".to_owned());
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err("another gateway listens there".to_owned());
    }
    std::fs::remove_file(path).map_err(|error| error.to_string())
}
