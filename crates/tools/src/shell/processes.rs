//! The processes on a shell's terminal: which there are, and signalling them.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::workspace::Owner;

/// A process as `/proc/<pid>/stat` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    /// Its id.
    pub(super) id: i32,
    /// Its process group.
    pub(super) group: i32,
    /// Its session.
    pub(super) session: i32,
    /// Whether it has ended and only waits to be reaped.
    pub(super) is_zombie: bool,
}

/// All living processes of a session, which is named by its leader's id. Empty when `/proc` is unreadable.
pub(super) fn of_session(session: i32) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|id| parse_stat(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?))
        .filter(|process| process.session == session && !process.is_zombie)
        .collect()
}

/// The process groups of a session but for the shell's own and the `spared` ones.
pub(super) fn command_groups(session: i32, spared: &[i32]) -> BTreeSet<i32> {
    let groups = of_session(session).into_iter().map(|process| process.group);
    groups.filter(|group| *group != session && !spared.contains(group)).collect()
}

/// `pid (comm) state ppid pgrp session …`; the command name may contain anything, parentheses too.
fn parse_stat(stat: &str) -> Option<Process> {
    let (start, rest) = stat.rsplit_once(')')?;
    let id = start.split_once(' ')?.0.parse().ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let _parent = fields.next()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    Some(Process { id, group, session, is_zombie: matches!(state, "Z" | "X") })
}

/// Signals processes (positive numbers) and process groups (negative ones). Those that are gone already are
/// no error. Blocks for a few milliseconds when the shell belongs to another user.
pub(crate) fn signal(targets: &[i32], signal: Signal, owner: Option<Owner>) {
    let refused: Vec<i32> = targets
        .iter()
        .copied()
        // 0 and -1 would mean the host's own group and every process there is.
        .filter(|target| *target > 0 || *target < -1)
        .filter(|target| kill(Pid::from_raw(*target), signal) == Err(Errno::EPERM))
        .collect();
    if let (Some(owner), false) = (owner, refused.is_empty()) {
        signal_as(owner, &refused, signal);
    }
}

/// Root without the capability to signal others (as in the sandbox's container) lets a process of the
/// shell's own user do it.
fn signal_as(owner: Owner, targets: &[i32], signal: Signal) {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-c", "kill -s \"$0\" -- \"$@\"", signal.as_str()]);
    command.args(targets.iter().map(ToString::to_string));
    command.env_clear().uid(owner.uid).gid(owner.gid).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.status() {
        tracing::warn!(%error, %signal, "cannot signal the shell's processes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_lines_with_odd_names_are_read() {
        let stat = "42 (a) b (c)) S 1 40 39 34816 40 4194560 100 0";
        assert_eq!(parse_stat(stat), Some(Process { id: 42, group: 40, session: 39, is_zombie: false }));
        assert_eq!(parse_stat("42 (a) Z 1 40 39").map(|process| process.is_zombie), Some(true));
        assert_eq!(parse_stat("garbage"), None);
    }
}
