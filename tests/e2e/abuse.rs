//! What a hostile program in the sandbox tries: system calls that lead out of it, and using up the machine.

use std::time::{Duration, Instant};

use anyhow::ensure;
use slipway_protocol::event::RunStatus;
use slipway_tests::docker;

use crate::stack::{RUN_LIMIT, Stack};

/// Tries each call and prints the names of those that were not refused. The numbers are those of x86-64;
/// elsewhere only the sockets are tried.
const CALLS: &str = r#"
import ctypes, errno, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
refused = {errno.EPERM, errno.ENOSYS, errno.EACCES}
calls = {
    "io_uring_setup": (425, 1, 0), "bpf": (321, 0, 0, 0), "userfaultfd": (323, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0), "open_by_handle_at": (304, 0, 0, 0),
    "keyctl": (250, 0, 0, 0, 0, 0), "add_key": (248, 0, 0, 0, 0, 0), "unshare": (272, 0x10000000),
    "clone_user_namespace": (56, 0x10000011, 0, 0, 0, 0), "setns": (308, 0, 0), "mount": (165, b"none", b"/mnt", b"tmpfs", 0, 0),
    "pivot_root": (155, b"/", b"/"), "init_module": (175, 0, 0, 0), "kexec_load": (246, 0, 0, 0, 0),
    "reboot": (169, 0, 0, 0, 0), "swapon": (167, b"/swap", 0), "settimeofday": (164, 0, 0),
    "iopl": (172, 3), "move_mount": (429, 0, 0, 0, 0, 0), "fsopen": (430, b"tmpfs", 0),
} if platform.machine() == "x86_64" else {}
for name, (number, *arguments) in calls.items():
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    if name.startswith("clone") and result == 0:
        os._exit(0)
    if result != -1 or ctypes.get_errno() not in refused:
        print(name, result, errno.errorcode.get(ctypes.get_errno()))
for name, family in {"AF_VSOCK": 40, "AF_ALG": 38, "AF_PACKET": 17}.items():
    try:
        socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_STREAM if family == 40 else socket.SOCK_SEQPACKET)
        print(name)
    except OSError as error:
        if error.errno not in refused | {errno.EAFNOSUPPORT}:
            print(name, error)
for name, path in {"device": "/tmp/device", "kernel": "/proc/sysrq-trigger", "helper": "/sys/kernel/uevent_helper"}.items():
    try:
        os.mknod(path, 0o60600, os.makedev(8, 0)) if name == "device" else open(path, "w")
        print(name)
    except OSError:
        pass
"#;

/// Prints the fields of `/proc/self/status` that say what a process may do.
const POWERS: &str = "grep -E '^(NoNewPrivs|Seccomp|CapEff|CapBnd):' /proc/self/status | tr -d '\\t\\n'";

pub(crate) async fn system_calls(stack: &Stack) -> anyhow::Result<()> {
    let sandbox = stack.instance.sandbox();
    // As the container's root, who may do the most of all.
    let allowed = docker(&["exec", "-u", "0", &sandbox, "python3", "-c", CALLS])?;
    ensure!(allowed.trim().is_empty(), "not refused:\n{allowed}");
    // Without the fence the same program finds something, or it would prove nothing.
    let image = docker(&["inspect", "--format", "{{.Config.Image}}", &sandbox])?;
    let loose = ["run", "--rm", "--network", "none", "--security-opt", "seccomp=unconfined", "--entrypoint"];
    let loose = docker(&[&loose[..], &["python3", image.trim(), "-c", CALLS]].concat())?;
    ensure!(!loose.trim().is_empty(), "the program tries nothing");
    for container in [stack.instance.control(), sandbox] {
        let powers = docker(&["exec", &container, "sh", "-c", POWERS])?;
        ensure!(powers.contains("NoNewPrivs:1") && powers.contains("Seccomp:2"), "{container}: {powers}");
    }
    Ok(())
}

pub(crate) async fn the_agent_has_no_powers(stack: &Stack) -> anyhow::Result<()> {
    let output = stack.shell(POWERS).await?;
    for power in ["NoNewPrivs:1", "Seccomp:2", "CapEff:0000000000000000"] {
        ensure!(output.contains(power), "{output}");
    }
    // A program that claims to make its user root gains nothing.
    let output = stack.shell("cp /usr/bin/id ./id && chmod 4755 ./id && ./id -u; rm -f ./id").await?;
    ensure!(!output.trim().is_empty() && output.trim() != "0", "{output}");
    Ok(())
}

pub(crate) async fn bombs(stack: &Stack) -> anyhow::Result<()> {
    let sandbox = stack.instance.sandbox();
    // A bomb of processes, left to go on for as long as the rest of the case takes.
    let fork = "import os,time\nfor _ in range(2000):\n    try:\n        if os.fork() == 0:\n            time.sleep(20); os._exit(0)\n    except OSError: break\ntime.sleep(20)";
    docker(&["exec", "-d", &sandbox, "python3", "-c", fork])?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let asked = Instant::now();
    stack.api.get::<serde_json::Value>("/instance").await?;
    ensure!(asked.elapsed() < Duration::from_secs(1), "the gateway took {:?}", asked.elapsed());
    docker(&["exec", "-u", "0", &sandbox, "pkill", "-KILL", "python3"])?;

    // A bomb of memory ends alone: the tool host and the next command go on.
    let memory = "python3 -c \"b = []\nwhile True: b.append(bytearray(64 << 20))\"; echo code $?";
    let output = stack.shell(memory).await?;
    ensure!(output.contains("code 137") || output.contains("code 1"), "{output}");
    let snapshot = stack.api.run(&stack.model, "Please make and edit a file.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done, "{:?}", snapshot.conversation);
    Ok(())
}
