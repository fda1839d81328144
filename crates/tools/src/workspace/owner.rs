//! Whose files the tools' files are.

use nix::unistd::{Gid, Uid, setfsgid, setfsuid};

/// The user that tools work as when the host itself is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// While it lives, file access of this thread happens as another user. Linux keeps the file-system identity
/// per thread, and drops root's capabilities over files with it.
pub(super) struct FileIdentity {
    uid: Uid,
    gid: Gid,
}

impl FileIdentity {
    pub(super) fn assume(owner: Owner) -> Self {
        // The group first: without root's file identity it could not be changed any more.
        let gid = setfsgid(Gid::from_raw(owner.gid));
        let uid = setfsuid(Uid::from_raw(owner.uid));
        Self { uid, gid }
    }
}

impl Drop for FileIdentity {
    fn drop(&mut self) {
        setfsuid(self.uid);
        setfsgid(self.gid);
    }
}
