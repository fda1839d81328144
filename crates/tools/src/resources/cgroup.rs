//! The figures of this container's control group, version 1 or 2.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Limits from here on are how version 1 writes "none".
const NO_LIMIT: u64 = 1 << 60;

/// Where the figures are.
#[derive(Debug)]
pub(super) enum Cgroup {
    /// One directory for everything.
    Two(PathBuf),
    /// One for each kind.
    One { memory: PathBuf, processor: PathBuf, processes: PathBuf },
}

impl Cgroup {
    /// The group that `root` shows; `None` when it shows none.
    pub(super) fn at(root: &Path) -> Option<Self> {
        if root.join("cgroup.controllers").exists() {
            return Some(Self::Two(root.to_owned()));
        }
        let first =
            |names: [&str; 2]| names.map(|name| root.join(name)).into_iter().find(|path| path.is_dir());
        Some(Self::One {
            memory: first(["memory", "memory"])?,
            processor: first(["cpuacct", "cpu,cpuacct"])?,
            processes: root.join("pids"),
        })
    }

    /// Bytes in use, without cached files that nobody has used lately.
    pub(super) fn memory(&self) -> u64 {
        let (used, cached) = match self {
            Self::Two(group) => (read(group, "memory.current"), field(group, "memory.stat", "inactive_file")),
            Self::One { memory, .. } => {
                (read(memory, "memory.usage_in_bytes"), field(memory, "memory.stat", "total_inactive_file"))
            }
        };
        used.unwrap_or_default().saturating_sub(cached.unwrap_or_default())
    }

    /// Most bytes.
    pub(super) fn memory_limit(&self) -> Option<u64> {
        let limit = match self {
            Self::Two(group) => read(group, "memory.max"),
            Self::One { memory, .. } => read(memory, "memory.limit_in_bytes"),
        };
        limit.filter(|limit| *limit < NO_LIMIT)
    }

    /// How many processes were killed because memory ran out.
    pub(super) fn out_of_memory_kills(&self) -> u64 {
        let kills = match self {
            Self::Two(group) => field(group, "memory.events", "oom_kill"),
            Self::One { memory, .. } => field(memory, "memory.oom_control", "oom_kill"),
        };
        kills.unwrap_or_default()
    }

    /// Processor time used so far.
    pub(super) fn processor_time(&self) -> Duration {
        match self {
            Self::Two(group) => {
                Duration::from_micros(field(group, "cpu.stat", "usage_usec").unwrap_or_default())
            }
            Self::One { processor, .. } => {
                Duration::from_nanos(read(processor, "cpuacct.usage").unwrap_or_default())
            }
        }
    }

    /// Processes and threads.
    pub(super) fn processes(&self) -> u64 {
        read(self.pids(), "pids.current").unwrap_or_default()
    }

    /// Most of them.
    pub(super) fn processes_limit(&self) -> Option<u64> {
        read(self.pids(), "pids.max")
    }

    fn pids(&self) -> &Path {
        match self {
            Self::Two(group) => group,
            Self::One { processes, .. } => processes,
        }
    }
}

/// A file's only number; `None` also for `max`.
fn read(directory: &Path, name: &str) -> Option<u64> {
    std::fs::read_to_string(directory.join(name)).ok()?.trim().parse().ok()
}

/// The number behind `key` in a file of lines `key number`.
fn field(directory: &Path, name: &str, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(directory.join(name)).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(files: &[(&str, &str)]) -> (tempfile::TempDir, Cgroup) {
        let root = tempfile::tempdir().expect("scratch");
        for (name, content) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("scratch");
            std::fs::write(path, content).expect("scratch");
        }
        let group = Cgroup::at(root.path()).expect("a group");
        (root, group)
    }

    fn check(group: &Cgroup) {
        assert_eq!(group.memory(), 600);
        assert_eq!(group.memory_limit(), Some(4096));
        assert_eq!(group.out_of_memory_kills(), 3);
        assert_eq!(group.processor_time(), Duration::from_millis(1500));
        assert_eq!((group.processes(), group.processes_limit()), (7, Some(512)));
    }

    #[test]
    fn version_two_is_read() {
        let (_root, group) = group(&[
            ("cgroup.controllers", "cpu memory pids"),
            ("memory.current", "1000\n"),
            ("memory.stat", "anon 500\ninactive_file 400\nactive_file 9\n"),
            ("memory.max", "4096\n"),
            ("memory.events", "low 0\noom 5\noom_kill 3\noom_group_kill 0\n"),
            ("cpu.stat", "usage_usec 1500000\nuser_usec 1\n"),
            ("pids.current", "7\n"),
            ("pids.max", "512\n"),
        ]);
        check(&group);
    }

    #[test]
    fn version_one_is_read() {
        let (_root, group) = group(&[
            ("memory/memory.usage_in_bytes", "1000\n"),
            ("memory/memory.stat", "inactive_file 1\ntotal_inactive_file 400\n"),
            ("memory/memory.limit_in_bytes", "4096\n"),
            ("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
            ("cpu,cpuacct/cpuacct.usage", "1500000000\n"),
            ("pids/pids.current", "7\n"),
            ("pids/pids.max", "512\n"),
        ]);
        check(&group);
    }

    #[test]
    fn no_limit_is_none() {
        let (_root, two) =
            group(&[("cgroup.controllers", ""), ("memory.max", "max\n"), ("pids.max", "max\n")]);
        assert_eq!((two.memory_limit(), two.processes_limit()), (None, None));
        let none = "9223372036854771712\n";
        let (_root, one) = group(&[("memory/memory.limit_in_bytes", none), ("cpuacct/cpuacct.usage", "0")]);
        assert_eq!(one.memory_limit(), None);
    }
}
