//! The strict profile: nobody in the container has any power, and its system cannot be written.

use anyhow::ensure;
use slipway_tests::docker;

use crate::stack::Stack;

/// Tries to get at the token with which tool hosts attach: by its file, and in every process. Prints what worked.
const HUNT: &str = r#"cat > /tmp/hunt.py <<'END'
import glob, os
def file(path):
    with open(path, "rb") as opened: return opened.read(4096)
attempts = [lambda: file("/run/slipway/sandbox.token"), lambda: file("/proc/1/root/run/slipway/sandbox.token"),
    lambda: os.link("/run/slipway/sandbox.token", "/tmp/linked")]
names = ["the file", "the file by another root", "a link"]
for process in glob.glob("/proc/[0-9]*"):
    if b"slipway-toolhost" in file(process + "/cmdline").split(b"\0")[0]:
        attempts += [lambda p=process: file(p + "/mem"), lambda p=process: file(p + "/environ"),
            lambda p=process: os.listdir(p + "/fd"), lambda p=process: file(p + "/maps")]
        names += ["memory", "environment", "open files", "maps"]
assert len(names) > 3, "the tool host is seen"
for name, attempt in zip(names, attempts):
    try:
        attempt()
        print("WORKED:", name)
    except OSError:
        pass
print("hunted", len(names))
END
python3 /tmp/hunt.py"#;

/// Owner of the workspace, who is nobody in the image.
const OWNER: u32 = 12_345;

pub(crate) async fn has_no_power(_: &Stack) -> anyhow::Result<()> {
    let stack = Stack::start_with(9, &[("SLIPWAY_SANDBOX_PROFILE", "strict")], Some(OWNER)).await?;
    let sandbox = stack.instance.sandbox();
    let look = "cat /proc/[0-9]*/status | grep -E '^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs):' | tr '\\t' ' ' | sort -u";
    let powers = docker(&["exec", &sandbox, "sh", "-c", look])?;
    for power in
        ["CapEff: 0000000000000000", "CapPrm: 0000000000000000", "CapBnd: 0000000000000000", "NoNewPrivs: 1"]
    {
        let name = power.split(':').next().unwrap_or_default();
        let found: Vec<&str> = powers.lines().filter(|line| line.starts_with(name)).collect();
        ensure!(found == [power], "{powers}");
    }
    ensure!(
        powers.contains(&format!("Uid: {OWNER} {OWNER} {OWNER} {OWNER}")) && !powers.contains("Uid: 0"),
        "{powers}"
    );
    for (tries, command, said) in [
        ("writing the system", "touch /usr/bin/evil /etc/evil /var/evil", "Read-only file system"),
        ("apt", "sudo apt-get install -y hello", "strict profile"),
        ("apt by itself", "apt install hello", "strict profile"),
        ("a home", "echo x > ~/.cache-test && cat ~/.cache-test && echo $HOME", "/home/agent"),
        (
            "programs in temporary places",
            "printf '#!/bin/sh\\necho ran' > /tmp/x && chmod +x /tmp/x && /tmp/x",
            "ran",
        ),
        (
            "git",
            "git init -q r && cd r && git -c user.name=n -c user.email=n@example.org commit -q --allow-empty -m first && git log --oneline",
            "first",
        ),
        (
            "a window",
            "python3 -c 'import tkinter; t = tkinter.Tk(); t.update(); print(\"window\", t.winfo_screenwidth())'",
            "window 1",
        ),
        (
            "the way out",
            "curl -s -o /dev/null -w 'code %{http_code}' http://127.0.0.1.nip.io/ ; true",
            "code",
        ),
    ] {
        let output = stack.shell(command).await?;
        ensure!(output.contains(said), "{tries}: {output}");
    }
    let hunted = stack.shell(HUNT).await?;
    ensure!(hunted.contains("hunted") && !hunted.contains("WORKED"), "the token can be reached: {hunted}");
    // The tool host itself has it still, also after it was started again.
    super::egress::renew(&stack, "/sandbox/restart").await?;
    let output = stack.shell("echo back").await?;
    ensure!(output.contains("back"), "{output}");
    let metadata = std::fs::metadata(stack.instance.workspace.join("r"))?;
    ensure!(std::os::unix::fs::MetadataExt::uid(&metadata) == OWNER);
    tokio::task::spawn_blocking(move || drop(stack.instance)).await?;
    Ok(())
}
