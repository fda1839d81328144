//! The processes of a shell: which there are, and signalling them.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::workspace::Owner;

/// A process as `/proc/<pid>/stat` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) id: i32,
    /// Its parent.
    pub(crate) parent: i32,
    /// Its process group.
    pub(crate) group: i32,
    /// Its session.
    pub(crate) session: i32,
    /// When it started, in ticks since the system did.
    pub(crate) started: u64,
    /// Whether it has ended and only waits to be reaped.
    pub(crate) is_zombie: bool,
}

/// Every living process that can be seen. Empty when `/proc` is unreadable.
pub(crate) fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|id| parse_stat(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?))
        .filter(|process| !process.is_zombie)
        .collect()
}

/// Those that a shell started, directly or not, without the shell itself. Programs that left its session are
/// among them: the shell adopts those that lose their parent.
pub(crate) fn of_shell(shell: i32) -> Vec<Process> {
    let mut processes = all();
    let mut family = BTreeSet::from([shell]);
    loop {
        let known = family.len();
        for one in &processes {
            if family.contains(&one.parent) {
                family.insert(one.id);
            }
        }
        if family.len() == known {
            break;
        }
    }
    processes.retain(|one| one.id != shell && (one.session == shell || family.contains(&one.id)));
    processes
}

/// What to signal so that everything a shell started gets it, but for the `spared` and what those started:
/// process groups as negative numbers, and single processes that share the shell's own group.
pub(super) fn targets(shell: i32, spared: &[i32]) -> Vec<i32> {
    let processes = of_shell(shell);
    let spared = with_relatives(shell, &processes, spared);
    let doomed = processes.iter().filter(|one| !spared.contains(&one.id));
    let targets: BTreeSet<i32> =
        doomed.map(|one| if one.group == shell { one.id } else { -one.group }).collect();
    targets.into_iter().collect()
}

/// The processes of a shell that the given processes and process groups began: members of their groups and
/// sessions, and what descends from them.
pub(crate) fn with_relatives(shell: i32, processes: &[Process], roots: &[i32]) -> BTreeSet<i32> {
    let mut family: BTreeSet<i32> = roots.iter().copied().collect();
    let (mut groups, mut sessions) = (family.clone(), family.clone());
    loop {
        let known = family.len();
        for one in processes {
            let belongs = family.contains(&one.id)
                || family.contains(&one.parent)
                || groups.contains(&one.group)
                || sessions.contains(&one.session);
            if belongs {
                family.insert(one.id);
                // The shell's own group and session hold everybody.
                groups.extend((one.group != shell).then_some(one.group));
                sessions.extend((one.session != shell).then_some(one.session));
            }
        }
        if family.len() == known {
            return family;
        }
    }
}

/// Those whose environment holds this variable with this value. Must run with the permissions of their user.
pub(super) fn with_variable(variable: &str) -> Vec<i32> {
    let holds = |id: i32| {
        std::fs::read(format!("/proc/{id}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|one| one == variable.as_bytes())
        })
    };
    all().into_iter().map(|process| process.id).filter(|id| holds(*id)).collect()
}

/// `pid (comm) state ppid pgrp session … starttime`; the command name may contain anything, parentheses too.
fn parse_stat(stat: &str) -> Option<Process> {
    let (start, rest) = stat.rsplit_once(')')?;
    let id = start.split_once(' ')?.0.parse().ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let started = fields.nth(15)?.parse().ok()?;
    Some(Process { id, parent, group, session, started, is_zombie: matches!(state, "Z" | "X") })
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
        let stat = "42 (a) b (c)) S 1 40 39 34816 40 4194560 100 0 0 0 1 2 3 4 20 0 1 0 777 999";
        let process = Process { id: 42, parent: 1, group: 40, session: 39, started: 777, is_zombie: false };
        assert_eq!(parse_stat(stat), Some(process));
        assert_eq!(parse_stat(&stat.replace(" S ", " Z ")).map(|process| process.is_zombie), Some(true));
        assert_eq!(parse_stat("garbage"), None);
        assert_eq!(parse_stat("42 (a) Z 1 40 39"), None);
    }

    #[test]
    fn relatives_are_found_by_descent_group_and_session() {
        let process =
            |id, parent, group, session| Process { id, parent, group, session, started: 0, is_zombie: false };
        let shell = 10;
        let processes = [
            process(20, 10, 20, 10), // an earlier job
            process(21, 20, 21, 21), // its child in a session of its own
            process(22, 10, 21, 21), // an orphan of that session
            process(30, 10, 30, 10), // the present command
            process(31, 10, 10, 10), // the same, in the shell's group
        ];
        let found = with_relatives(shell, &processes, &[20]);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [20, 21, 22]);
    }
}
