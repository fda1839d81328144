//! Processes that have files of the workspace open for writing, and ending them.

use std::path::Path;

use nix::sys::signal::Signal;

use crate::shell::signal;
use crate::workspace::{Owner, Workspace};

/// A process that writes to the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Writer {
    id: i32,
    group: i32,
    session: i32,
}

/// Those that can be seen: the agent's, and this host's own user's. Never this host itself.
pub(super) fn of(workspace: &Workspace) -> Vec<Writer> {
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    // Another user's open files are shown only to that user, or to a root with more powers than this one has.
    workspace.as_owner(|| {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        ids.filter(|id| *id != own && writes_below(*id, workspace.root())).filter_map(writer).collect()
    })
}

/// Ends them with their groups, and interrupts the shells that would only start the next one.
pub(super) fn end(writers: &[Writer], owner: Option<Owner>) {
    let shells: Vec<i32> = writers.iter().map(|writer| writer.session).collect();
    signal(&shells, Signal::SIGINT, owner);
    let others = writers.iter().filter(|writer| writer.id != writer.session);
    let targets: Vec<i32> =
        others.map(|writer| if writer.group == writer.session { writer.id } else { -writer.group }).collect();
    signal(&targets, Signal::SIGKILL, owner);
}

fn writes_below(id: i32, root: &Path) -> bool {
    let Ok(open) = std::fs::read_dir(format!("/proc/{id}/fd")) else { return false };
    open.flatten().any(|file| {
        std::fs::read_link(file.path()).is_ok_and(|target| target.starts_with(root))
            && is_for_writing(id, &file.file_name().to_string_lossy())
    })
}

fn is_for_writing(id: i32, descriptor: &str) -> bool {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{id}/fdinfo/{descriptor}")) else { return false };
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| i32::from_str_radix(flags.trim(), 8).ok()).unwrap_or_default();
    matches!(flags & nix::libc::O_ACCMODE, nix::libc::O_WRONLY | nix::libc::O_RDWR)
}

fn writer(id: i32) -> Option<Writer> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(2);
    let mut next = || fields.next()?.parse().ok();
    Some(Writer { id, group: next()?, session: next()? })
}
