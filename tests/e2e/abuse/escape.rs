//! Ways out of the sandbox: system calls, and what files and devices promise.

use anyhow::ensure;
use slipway_tests::docker;

use crate::stack::Stack;

/// How many of them there are.
const CALLED: usize = 26;

/// Tries each call and prints the names of those that were not refused, and how many it tried. The numbers are those of x86-64;
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
print("tried", len(calls) + 6)
"#;

/// Prints the fields of `/proc/self/status` that say what a process may do.
const POWERS: &str = "grep -E '^(NoNewPrivs|Seccomp|CapEff|CapBnd):' /proc/self/status | tr -d '\\t\\n'";

/// How many of them there are.
const ATTEMPTED: usize = 45;

/// Tries, as the agent, what leads to power or out of the container, and prints the names of what worked.
const ATTEMPTS: &str = r#"
import ctypes, os, signal, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def write(path, text="x"):
    with open(path, "w") as file: file.write(text)
def read(path):
    with open(path, "rb") as file: return file.read(64) or (_ for _ in ()).throw(OSError())
def succeed(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=10)
def call(result):
    if result != 0: raise OSError()
def addresses():
    if not any(int(line.split()[0], 16) for line in open("/proc/kallsyms")): raise OSError()
def dial(path):
    socket.socket(socket.AF_UNIX).connect(path)
attempts = {
    "a user namespace": lambda: succeed("unshare", "-r", "true"),
    "a mount namespace": lambda: succeed("unshare", "-m", "true"),
    "another process' namespaces": lambda: succeed("nsenter", "-t", "1", "-m", "true"),
    "a mount": lambda: call(libc.mount(b"none", b"/mnt", b"tmpfs", 0, None)),
    "a device node": lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)),
    "a change of root": lambda: os.chroot("/tmp"),
    "tracing the first process": lambda: call(libc.ptrace(16, 1, 0, 0)),
    "the first process' environment": lambda: read("/proc/1/environ"),
    "the first process' memory": lambda: read("/proc/1/mem"),
    "the first process' root": lambda: os.listdir("/proc/1/root/root"),
    "the first process' files": lambda: os.listdir("/proc/1/fd"),
    "ending the first process": lambda: os.kill(1, signal.SIGTERM),
    "the kernel's dump helper": lambda: write("/proc/sys/kernel/core_pattern", "|/tmp/x"),
    "the kernel's device helper": lambda: write("/sys/kernel/uevent_helper", "/tmp/x"),
    "the kernel's module helper": lambda: write("/proc/sys/kernel/modprobe", "/tmp/x"),
    "the kernel's magic keys": lambda: write("/proc/sysrq-trigger", "h"),
    "the kernel's settings": lambda: write("/proc/sys/kernel/randomize_va_space", "0"),
    "the kernel's memory": lambda: read("/proc/kcore"),
    "the machine's memory": lambda: read("/dev/mem"),
    "the machine's disk": lambda: read("/dev/sda"),
    "the machine's virtual machines": lambda: open("/dev/kvm", "rb"),
    "the kernel's log": lambda: succeed("dmesg"),
    "the kernel's addresses": addresses,
    "a group's release agent": lambda: write("/sys/fs/cgroup/memory/release_agent", "/tmp/x"),
    "its own limit of memory": lambda: write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1"),
    "its own limit of memory, version 2": lambda: write("/sys/fs/cgroup/memory.max", "max"),
    "its own limit of processes": lambda: write("/sys/fs/cgroup/pids/pids.max", "max"),
    "a new control group": lambda: os.mkdir("/sys/fs/cgroup/pids/evil"),
    "never being killed for memory": lambda: write("/proc/self/oom_score_adj", "-1000"),
    "the machine's name": lambda: socket.sethostname("evil"),
    "becoming root": lambda: os.setuid(0),
    "a file for root": lambda: (write("/workspace/.owned"), os.chown("/workspace/.owned", 0, 0)),
    "the users": lambda: write("/etc/passwd", "root::0:0::/:/bin/sh"),
    "the shims": lambda: write("/usr/local/bin/sudo"),
    "the tool host": lambda: write("/usr/local/bin/slipway-toolhost"),
    "the loader's list": lambda: write("/etc/ld.so.preload"),
    "root's schedule": lambda: write("/etc/cron.d/evil"),
    "the sandbox's token": lambda: read("/etc/slipway/sandbox.token"),
    "the token beside the socket": lambda: read("/run/slipway/sandbox.token"),
    "the gateway's socket": lambda: dial("/run/slipway/sandbox.sock"),
    "another socket in its place": lambda: os.symlink("/var/run/docker.sock", "/run/slipway/evil.sock"),
    "Docker's socket": lambda: dial("/var/run/docker.sock"),
    "containerd's socket": lambda: dial("/run/containerd/containerd.sock"),
    "raw packets": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "the machine's packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("GAINED", name)
    except (OSError, subprocess.SubprocessError, PermissionError):
        pass
print("tried", len(attempts))
"#;

pub(crate) async fn system_calls(stack: &Stack) -> anyhow::Result<()> {
    let sandbox = stack.instance.sandbox();
    // As the container's root, who may do the most of all.
    let allowed = docker(&["exec", "-u", "0", &sandbox, "python3", "-c", CALLS])?;
    let tried = format!("tried {}", if cfg!(target_arch = "x86_64") { CALLED } else { 6 });
    ensure!(allowed.trim() == tried, "not refused:\n{allowed}");
    // Without the fence the same program finds something, or it would prove nothing.
    let image = docker(&["inspect", "--format", "{{.Config.Image}}", &sandbox])?;
    let loose = ["run", "--rm", "--network", "none", "--security-opt", "seccomp=unconfined", "--entrypoint"];
    let loose = docker(&[&loose[..], &["python3", image.trim(), "-c", CALLS]].concat())?;
    ensure!(loose.trim() != tried, "the program tries nothing");
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

pub(crate) async fn what_files_and_devices_promise(stack: &Stack) -> anyhow::Result<()> {
    std::fs::write(stack.instance.workspace.join("attempts.py"), ATTEMPTS)?;
    let output = stack.shell("python3 attempts.py; rm -f attempts.py .owned").await?;
    let tried = format!("tried {ATTEMPTED}\n");
    ensure!(output.contains(&tried) && !output.contains("GAINED"), "{output}");
    Ok(())
}

pub(crate) async fn the_hosts_files_are_not_there(stack: &Stack) -> anyhow::Result<()> {
    let output = stack.shell("cut -d' ' -f4,5 /proc/self/mountinfo").await?;
    let host_paths: Vec<&str> = output
        .lines()
        .filter(|line| line.split_once(' ').is_some_and(|(root, _)| root != "/" && root.starts_with('/')))
        .filter(|line| {
            let target = line.split_once(' ').map_or("", |(_, target)| target);
            // Docker's own files, the kernel's, and the workspaces; nothing else of the host.
            let own = ["/workspace", "/workspaces", "/run/slipway"];
            let dockers = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
            let known = [&own[..], &dockers[..]].concat();
            !known.contains(&target) && !target.starts_with("/proc") && !target.starts_with("/sys")
        })
        .collect();
    ensure!(output.contains("/workspace") && host_paths.is_empty(), "{host_paths:?} in {output}");
    Ok(())
}
