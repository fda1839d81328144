//! What a process has consumed, as Linux tells it.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;

/// Length of a tick in `/proc/PID/stat` (`USER_HZ`), which is the same on every Linux machine.
const TICK: Duration = Duration::from_millis(10);

/// What a process has consumed so far.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Consumption {
    /// CPU time of the process, in seconds.
    pub(crate) cpu: f64,
    /// CPU time of its children that have ended, in seconds.
    pub(crate) children_cpu: f64,
    /// Most resident memory that it ever had, in MiB.
    pub(crate) peak_mib: f64,
    /// Resident memory now, in MiB.
    pub(crate) resident_mib: f64,
}

impl Consumption {
    /// What process `id` has consumed.
    ///
    /// # Errors
    /// When there is no such process.
    pub(crate) fn of(id: u32) -> anyhow::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).context("the process is gone")?;
        // The second field is the program's name, in brackets; it may hold anything.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
        let ticks = |position: usize| -> f64 {
            let ticks: u32 = fields.get(position).and_then(|field| field.parse().ok()).unwrap_or_default();
            (TICK * ticks).as_secs_f64()
        };
        let status = fs::read_to_string(format!("/proc/{id}/status")).context("the process is gone")?;
        let mib = |name: &str| -> f64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
            kib.unwrap_or_default() / 1024.0
        };
        // utime, stime, cutime, cstime are the fields 14 to 17 of all.
        Ok(Self {
            cpu: ticks(11) + ticks(12),
            children_cpu: ticks(13) + ticks(14),
            peak_mib: mib("VmHWM:"),
            resident_mib: mib("VmRSS:"),
        })
    }

    /// What was consumed since `earlier`; memory as it is now.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { cpu: self.cpu - earlier.cpu, children_cpu: self.children_cpu - earlier.children_cpu, ..self }
    }
}

impl std::fmt::Display for Consumption {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "CPU {:.2} s (+ {:.2} s of ended children), memory {:.1} MiB at its peak, {:.1} MiB now",
            self.cpu, self.children_cpu, self.peak_mib, self.resident_mib
        )
    }
}
