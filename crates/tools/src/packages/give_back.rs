//! Gives what package programs have left in the workspace to its owner, whose files it holds on the host.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{Gid, Uid, fchownat};

/// How many directories deep is looked: each costs an open file.
const DEEPEST: usize = 200;

/// Gives every file of root's below `workspace` that has changed since `since` to the workspace's owner. Files
/// that were root's before stay root's. The agent may move things about meanwhile: no link is followed.
///
/// # Errors
/// When the workspace cannot be opened. What vanishes or cannot be given away below it is passed over.
pub(super) fn give_back(workspace: &Path, since: SystemTime) -> io::Result<()> {
    let root = open(workspace, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    let about = fstat(&root)?;
    if about.st_uid == 0 {
        return Ok(());
    }
    // Files get a time that may lie a tick of the kernel's clock before the true one.
    let since = since.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().saturating_sub(1));
    let owner = Owner { uid: Uid::from_raw(about.st_uid), gid: Gid::from_raw(about.st_gid) };
    Walk { owner, device: about.st_dev, since: i64::try_from(since).unwrap_or_default() }.visit(&root, 0);
    Ok(())
}

#[derive(Clone, Copy)]
struct Owner {
    uid: Uid,
    gid: Gid,
}

struct Walk {
    owner: Owner,
    device: u64,
    /// In seconds since the epoch.
    since: i64,
}

impl Walk {
    fn visit(&self, directory: &OwnedFd, depth: usize) {
        // Through the open directory, wherever it has been moved to.
        let Ok(entries) = std::fs::read_dir(format!("/proc/self/fd/{}", directory.as_raw_fd())) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Ok(about) = fstatat(directory, name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW) else {
                continue;
            };
            self.give(directory.as_fd(), &name, &about);
            let is_directory =
                SFlag::from_bits_truncate(about.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFDIR;
            if !is_directory || about.st_dev != self.device || depth == DEEPEST {
                continue;
            }
            let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
            if let Ok(below) = openat(directory, name.as_os_str(), flags, Mode::empty()) {
                self.visit(&below, depth + 1);
            }
        }
    }

    fn give(&self, directory: BorrowedFd<'_>, name: &OsStr, about: &FileStat) {
        if about.st_uid != 0 || about.st_ctime < self.since {
            return;
        }
        let Owner { uid, gid } = self.owner;
        if let Err(error) = fchownat(directory, name, Some(uid), Some(gid), AtFlags::AT_SYMLINK_NOFOLLOW) {
            tracing::warn!(?name, %error, "a file that a package program left stays root's");
        }
    }
}
