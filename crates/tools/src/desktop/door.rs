//! The socket at which programs reach the X server. It is there before the server, so that the first program
//! that wants a window starts the desktop, and waits in the queue until it answers.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream as StdStream};
use std::path::PathBuf;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// The socket. Its file goes when it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    listener: UnixListener,
    /// The same socket, to be waited for: nothing in tokio waits for a listener without accepting, and a stream
    /// of which only the readiness is used does just that.
    watch: UnixStream,
    path: PathBuf,
    file: (u64, u64),
}

impl Door {
    /// Opens it for all users of the machine, as X servers do; nothing may be at `path`.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let listener = UnixListener::bind(&path)?;
        listener.set_nonblocking(true)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777))?;
        let file = identity(&path)?;
        let watch = UnixStream::from_std(StdStream::from(listener.as_fd().try_clone_to_owned()?))?;
        Ok(Self { listener, watch, path, file })
    }

    /// Whether programs still find it: a server removes the file when it ends by itself.
    pub(super) fn is_there(&self) -> bool {
        identity(&self.path).is_ok_and(|file| file == self.file)
    }

    /// Waits until a program knocks. Nobody is let in: that is for the server.
    pub(super) async fn knock(&self) {
        loop {
            if self.watch.readable().await.is_err() {
                return std::future::pending().await;
            }
            // What was there may have gone in to a server meanwhile; tokio then waits for the next event.
            if self.watch.try_io(Interest::READABLE, || self.somebody_waits()).is_ok() {
                return;
            }
        }
    }

    /// Sends away all that wait: there is no server for them.
    pub(super) fn turn_away(&self) {
        while self.listener.accept().is_ok() {}
    }

    /// The socket itself, for a server to take its connections from.
    pub(super) fn for_server(&self) -> io::Result<OwnedFd> {
        self.listener.as_fd().try_clone_to_owned()
    }

    /// Fails with [`io::ErrorKind::WouldBlock`] when nobody does.
    fn somebody_waits(&self) -> io::Result<()> {
        let mut waiting = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waiting, PollTimeout::ZERO)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if self.is_there() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Device and number of a file.
fn identity(path: &std::path::Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
