//! Who has an X display.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;

use crate::shell;
use crate::workspace::Owner;

/// Where X servers put their sockets.
const SOCKETS: &str = "/tmp/.X11-unix";

/// Where the server of a display is to be reached.
pub(super) fn socket(display: u16) -> PathBuf {
    Path::new(SOCKETS).join(format!("X{display}"))
}

/// Where a server notes that it has a display.
pub(super) fn lock(display: u16) -> PathBuf {
    PathBuf::from(format!("/tmp/.X{display}-lock"))
}

/// The answer to who has a display.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody, or a server that is gone.
    Free,
    /// This process.
    Taken(i32),
}

/// Frees a display for a server that is known by `socket` in its command line: a server left behind by an
/// earlier host is ended, the lock of one that is gone is removed (after a restart of a container it
/// survives, and its process number may by then belong to some other program).
///
/// # Errors
/// When files of a server that is gone cannot be removed.
pub(super) fn claim(display: u16, socket: &Path, owner: Option<Owner>) -> io::Result<Claim> {
    let lock = self::lock(display);
    if let Some(process) = server_named_in(&lock) {
        let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let is_ours = String::from_utf8_lossy(&command).split('\0').any(|word| Path::new(word) == socket);
        if !is_ours {
            return Ok(Claim::Taken(process));
        }
        shell::signal(&[process], Signal::SIGKILL, owner);
        wait_until_gone(process);
    }
    if let Ok(stream) = UnixStream::connect(self::socket(display)) {
        // A server that has not started yet, or one without a lock.
        let peer = getsockopt(&stream, PeerCredentials);
        return Ok(Claim::Taken(peer.map_or(0, |peer| peer.pid())));
    }
    remove(&lock)?;
    remove(&self::socket(display))?;
    remove(socket)?;
    if let Ok(()) = std::fs::create_dir(SOCKETS) {
        // Any user's server may put its socket here, and no other user remove it.
        std::fs::set_permissions(SOCKETS, std::fs::Permissions::from_mode(0o1777))?;
    }
    Ok(Claim::Free)
}

/// The living X server that a lock file names.
fn server_named_in(lock: &Path) -> Option<i32> {
    let process = std::fs::read_to_string(lock).ok()?.trim().parse::<i32>().ok()?;
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    // Xorg, Xvfb, Xvnc, Xtigervnc, Xwayland, Xephyr; in a container's second life any program at all.
    name.starts_with('X').then_some(process)
}

/// Waits a moment for a killed process to let go of its sockets.
fn wait_until_gone(process: i32) {
    for _ in 0..50 {
        if !Path::new(&format!("/proc/{process}/fd")).exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
