//! Tells whether a program waits for somebody to type.

use std::path::Path;

use nix::libc;

use super::processes;

/// Most threads of one process that are looked at.
const MAX_THREADS: usize = 64;

/// What a program in the foreground is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doing {
    /// Something of its own.
    Working,
    /// It sleeps until one of several things happens, among which may be a key; or what it does cannot be
    /// seen.
    MayWaitForInput,
    /// It reads the terminal.
    ReadsTerminal,
}

/// Looks at the processes of a session's foreground group. Must run with the permissions of their user.
pub(super) fn look(session: i32, foreground: i32) -> Doing {
    processes::all()
        .into_iter()
        .filter(|process| process.session == session && process.group == foreground)
        .map(|process| look_at_process(process.id))
        .max()
        .unwrap_or(Doing::Working)
}

fn look_at_process(id: i32) -> Doing {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{id}/task")) else { return Doing::Working };
    threads
        .flatten()
        .take(MAX_THREADS)
        .map(|thread| match std::fs::read_to_string(thread.path().join("syscall")) {
            Ok(line) => look_at_call(id, &line),
            // Not every kernel shows it.
            Err(_) => Doing::MayWaitForInput,
        })
        .max()
        .unwrap_or(Doing::Working)
}

/// `number argument0 …`, or `running`.
fn look_at_call(process: i32, line: &str) -> Doing {
    let mut fields = line.split_ascii_whitespace();
    let Some(call) = fields.next().and_then(|number| number.parse::<libc::c_long>().ok()) else {
        return Doing::Working;
    };
    if call == libc::SYS_read {
        let descriptor = fields
            .next()
            .and_then(|argument| u32::from_str_radix(argument.trim_start_matches("0x"), 16).ok());
        let reads_terminal = descriptor.is_some_and(|descriptor| is_terminal(process, descriptor));
        return if reads_terminal { Doing::ReadsTerminal } else { Doing::Working };
    }
    if waits_for_several(call) && is_terminal(process, 0) {
        return Doing::MayWaitForInput;
    }
    Doing::Working
}

fn waits_for_several(call: libc::c_long) -> bool {
    let everywhere = [libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2];
    #[cfg(target_arch = "x86_64")]
    let older = [libc::SYS_poll, libc::SYS_select, libc::SYS_epoll_wait];
    #[cfg(not(target_arch = "x86_64"))]
    let older: [libc::c_long; 0] = [];
    everywhere.contains(&call) || older.contains(&call)
}

fn is_terminal(process: i32, descriptor: u32) -> bool {
    let target = std::fs::read_link(format!("/proc/{process}/fd/{descriptor}"));
    target.is_ok_and(|target| target == Path::new("/dev/tty") || target.starts_with("/dev/pts"))
}
