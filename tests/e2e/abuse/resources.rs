//! Using up the machine: each attempt stops at its limit, is told as such, and the rest goes on.

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::Value;
use slipway_protocol::event::RunStatus;
use slipway_tests::docker;

use crate::stack::{RUN_LIMIT, Stack};

/// Limits of an instance that reaches them quickly.
pub(crate) const TIGHT: [(&str, &str); 3] = [
    ("SLIPWAY_SANDBOX_MEMORY_MIB", "512"),
    ("SLIPWAY_WORKSPACE_MIB", "64"),
    ("SLIPWAY_SANDBOX_PROCESSES", "200"),
];

/// What each attempt tries, how, and what it is told.
const LIMITS: [(&str, &str, &str); 7] = [
    (
        "filling /tmp",
        "for i in 1 2 3 4; do head -c 60M /dev/zero > /tmp/fill-$i; done; rm -f /tmp/fill-*",
        "No space left",
    ),
    (
        "filling /dev/shm",
        "for i in 1 2 3 4; do head -c 60M /dev/zero > /dev/shm/fill-$i; done; rm -f /dev/shm/fill-*",
        "No space left",
    ),
    (
        "open files",
        "python3 -c \"f = []\nwhile True: f.append(open('/dev/null'))\" 2>&1 | tail -1",
        "Too many open files",
    ),
    (
        "processes",
        "python3 -c \"import os, time\nn = 0\ntry:\n  while n < 1000:\n    n += 1\n    os.fork() or (time.sleep(5), os._exit(0))\nexcept OSError: print('stopped at', n)\"; sleep 5",
        "stopped at",
    ),
    (
        "watches",
        "python3 -c \"import ctypes\nl = ctypes.CDLL(None)\nn = 0\nwhile n < 5000 and l.inotify_init() >= 0: n += 1\nprint('watches' if n < 5000 else 'endless')\"",
        "watches",
    ),
    (
        "orphans",
        "for i in $(seq 200); do (sh -c 'true &' &) ; done; sleep 2; ps -eo stat | grep -c Z; true",
        "\n0\n",
    ),
    (
        "many files",
        "mkdir many && cd many && seq 20000 | xargs touch; cd .. && ls many | wc -l; rm -rf many",
        "20000",
    ),
];

/// Has as many processes as it gets, for a while.
const FORK_BOMB: &str = r#"
import os, time
for _ in range(2000):
    try:
        if os.fork() == 0:
            time.sleep(20); os._exit(0)
    except OSError: break
time.sleep(20)
"#;

/// How often it is tried to end a bomb, which leaves hardly any processes for doing it; it ends by itself after 20 s.
const TRIES: usize = 40;

/// Ends a bomb of processes.
async fn defuse(sandbox: &str) -> anyhow::Result<()> {
    for _ in 1..TRIES {
        if docker(&["exec", "-u", "0", sandbox, "pkill", "-KILL", "python3"]).is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // With nothing left to end, `pgrep` ends with 1.
    docker(&["exec", "-u", "0", sandbox, "sh", "-c", "! pgrep python3"]).map(drop)
}

pub(crate) async fn bombs(stack: &Stack) -> anyhow::Result<()> {
    let sandbox = stack.instance.sandbox();
    docker(&["exec", "-d", &sandbox, "python3", "-c", FORK_BOMB])?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    answers(stack).await?;
    defuse(&sandbox).await?;
    // Processor time is shared so that the gateway goes on.
    let hog = "for i in $(seq 16); do timeout 5 sh -c 'while :; do :; done' & done; sleep 1; echo busy";
    ensure!(stack.shell(hog).await?.contains("busy"));
    answers(stack).await?;
    // A bomb of memory ends alone: the tool host and the next command go on.
    let memory = "python3 -c \"b = []\nwhile True: b.append(bytearray(64 << 20))\"";
    let output = stack.shell(memory).await?;
    ensure!(output.contains("exit code 137") && output.contains("killed: out of memory"), "{output}");
    let snapshot = stack.api.run(&stack.model, "Please make and edit a file.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done, "{:?}", snapshot.conversation);
    Ok(())
}

/// The gateway answers, and soon. Not a measurement: it would take many times as long without limits.
async fn answers(stack: &Stack) -> anyhow::Result<()> {
    let asked = Instant::now();
    stack.api.get::<Value>("/instance").await?;
    ensure!(asked.elapsed() < Duration::from_secs(5), "the gateway took {:?}", asked.elapsed());
    Ok(())
}

pub(crate) async fn limits(stack: &Stack) -> anyhow::Result<()> {
    for (tries, command, said) in LIMITS {
        let output = format!("\n{}", stack.shell(command).await?);
        ensure!(output.contains(said), "{tries}: {output}");
        ensure!(stack.shell("echo alive").await?.contains("alive"), "after {tries}");
    }
    Ok(())
}

pub(crate) async fn the_workspace_is_bounded(stack: &Stack) -> anyhow::Result<()> {
    // One file stops at the bound by itself.
    let output = stack.shell("head -c 200M /dev/zero > one; stat -c 'size %s' one").await?;
    let size = output.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse::<u64>().ok());
    ensure!(size.is_some_and(|size| size <= 64 << 20), "{output}");
    ensure!(stack.shell("rm one; echo gone").await?.contains("gone"));
    // Many files do not: what writes them is stopped, and nothing of them is deleted.
    let output =
        stack.shell("for i in $(seq 2000); do head -c 4M /dev/urandom > part-$i; done; echo never").await?;
    ensure!(output.contains("the workspace is full") && output.contains("Nothing was deleted"), "{output}");
    ensure!(!output.contains("never"), "{output}");
    let usage: Value = stack.api.get("/sandbox/usage").await?;
    let used = usage.get("workspace_bytes").and_then(Value::as_u64).unwrap_or_default();
    ensure!((60 << 20..600 << 20).contains(&used), "{usage}");
    let kept = std::fs::read_dir(&stack.instance.workspace)?.flatten();
    ensure!(kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("part-")).count() > 10);
    // Whoever makes room goes on.
    let output = stack.shell("rm part-*; sleep 1; echo room > note; cat note").await?;
    ensure!(output.contains("room") && !output.contains("the workspace is full"), "{output}");
    Ok(())
}

pub(crate) async fn usage_is_told(stack: &Stack) -> anyhow::Result<()> {
    stack.api.get::<Value>("/sandbox/usage").await?;
    stack.shell("timeout 2 sh -c 'while :; do :; done'; true").await?;
    let usage: Value = stack.api.get("/sandbox/usage").await?;
    let number = |name: &str| usage.get(name).and_then(Value::as_f64).unwrap_or_default();
    ensure!(number("cpu_percent") > 5.0, "{usage}");
    ensure!(number("memory_bytes") > 1e6 && number("memory_limit") == f64::from(512 << 20), "{usage}");
    ensure!(number("processes") >= 2.0 && number("processes_limit") == 200.0, "{usage}");
    ensure!(number("workspace_limit") == f64::from(64 << 20), "{usage}");
    Ok(())
}
