//! What this host and everything that it has started use, where no container tells.

use std::collections::HashMap;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};

/// Sums over processes.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sum {
    /// Resident memory in bytes; what is shared counts for each.
    pub(super) memory: u64,
    /// How many there are.
    pub(super) count: u64,
    /// Processor time of those that live.
    pub(super) processor_time: Duration,
}

struct Process {
    parent: i32,
    ticks: u64,
    pages: u64,
}

/// This process and its descendants.
pub(super) fn of_this_host() -> Sum {
    let all: HashMap<i32, Process> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id| Some((id, parse(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let per = |variable| sysconf(variable).ok().flatten().and_then(|value| u64::try_from(value).ok());
    let page = per(SysconfVar::PAGE_SIZE).unwrap_or(4096);
    let tick = per(SysconfVar::CLK_TCK).unwrap_or(100).max(1);
    let mut sum = Sum::default();
    for (id, process) in all.iter().filter(|(id, _)| descends(&all, **id, own)) {
        let _ = id;
        sum.memory += process.pages * page;
        sum.count += 1;
        sum.processor_time += Duration::from_millis(process.ticks * 1000 / tick);
    }
    sum
}

/// Whether `id` is `ancestor` or was started by it, at whatever distance.
fn descends(all: &HashMap<i32, Process>, mut id: i32, ancestor: i32) -> bool {
    // Processes come and go while they are read, so that parents could form a circle.
    for _ in 0..all.len() {
        if id == ancestor {
            return true;
        }
        match all.get(&id) {
            Some(process) => id = process.parent,
            None => return false,
        }
    }
    false
}

/// Parent, processor time and resident pages of a line of `/proc/<pid>/stat`.
fn parse(stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let parent = fields.get(1)?.parse().ok()?;
    Some(Process { parent, ticks: number(11)? + number(12)?, pages: number(21)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_count() {
        let before = of_this_host();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let during = of_this_host();
        child.kill().expect("it runs");
        child.wait().expect("it ended");
        assert!(before.count >= 1 && before.memory > 0);
        assert!(during.count >= 2 && during.memory > 0, "{before:?} {during:?}");
    }
}
