//! Git with all that it starts.

use nix::sys::signal::Signal;
use tokio::process::Child;

use crate::shell::signal;
use crate::workspace::Owner;

/// A process that leads a group of its own; the group is ended when this is dropped.
pub(crate) struct Group {
    leader: Option<u32>,
    owner: Option<Owner>,
}

impl Group {
    /// The group of a process that was started as its leader, as this user.
    pub(crate) fn of(child: &Child, owner: Option<Owner>) -> Self {
        Self { leader: child.id(), owner }
    }

    /// It has ended by itself.
    pub(crate) fn ended(mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader.and_then(|id| i32::try_from(id).ok()) {
            signal(&[-leader], Signal::SIGKILL, self.owner);
        }
    }
}
