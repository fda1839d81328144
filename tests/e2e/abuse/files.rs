//! File tools that are pointed at what is not the agent's.

use anyhow::ensure;
use serde_json::{Value, json};
use slipway_protocol::message::ToolPartStatus;

use crate::stack::Stack;

/// How many calls are made.
const CALLS: usize = 44;

/// What no file tool may read, and the mark of its content.
const CLOSED: [&str; 12] = [
    "/etc/shadow",
    "/etc/slipway/sandbox.token",
    "/run/slipway/sandbox.token",
    "/proc/1/environ",
    "/proc/self/environ",
    "/proc/self/root/etc/shadow",
    "/proc/self/fd/0",
    "/dev/zero",
    "/sys/kernel/notes",
    "link-to-shadow",
    "link-to-root/etc/shadow",
    "../../etc/shadow",
];

pub(crate) async fn of_others_stay_closed(stack: &Stack) -> anyhow::Result<()> {
    stack.shell("ln -sfn /etc/shadow link-to-shadow; ln -sfn / link-to-root; mkfifo -m 666 pipe").await?;
    let mut calls: Vec<Value> = Vec::new();
    for path in CLOSED.iter().chain(&["pipe"]) {
        calls.push(json!({"name": "read_file", "arguments": {"file": path}}));
        calls.push(json!({"name": "grep_search", "arguments": {"pattern": ".", "path": path}}));
    }
    for path in [
        "/etc/evil",
        "/usr/local/bin/evil",
        "/run/slipway/evil",
        "/root/evil",
        "link-to-root/etc/evil",
        "/dev/null",
        "/proc/self/comm",
    ] {
        calls.push(json!({"name": "write_file", "arguments": {"file": path, "content": "evil"}}));
        calls.push(json!({"name": "delete_file", "arguments": {"file": path}}));
    }
    for path in ["/root", "/proc/1", "link-to-root/root", "/etc/slipway"] {
        calls.push(json!({"name": "list_directory", "arguments": {"path": path}}));
    }
    ensure!(calls.len() == CALLS, "{} calls", calls.len());
    for (call, result) in calls.iter().zip(stack.calls(&calls).await?) {
        let text = result.result.clone().unwrap_or_default();
        let is_found = call.get("name") == Some(&json!("grep_search")) && !text.starts_with("No match");
        let is_search = call.get("name") == Some(&json!("grep_search"));
        ensure!(is_search || result.status == ToolPartStatus::Error, "{call}: {text}");
        ensure!(!is_found || result.status == ToolPartStatus::Error || text.contains("0 "), "{call}: {text}");
        let shown = ["root:*", "root:!", "root:x", "PATH="].iter().find(|mark| text.contains(**mark));
        ensure!(shown.is_none(), "{call}: {text}");
    }
    stack.shell("rm -f link-to-shadow link-to-root pipe").await?;
    Ok(())
}

/// A parent directory that is a link every other moment gains nothing: tools write as the agent's own user.
pub(crate) async fn swapping_a_parent_gains_nothing(stack: &Stack) -> anyhow::Result<()> {
    let swap =
        "mkdir -p real; until [ -e enough ]; do ln -sfn /etc/slipway swapped; ln -sfn real swapped; done";
    let mut calls =
        vec![json!({"name": "run_terminal_command", "arguments": {"command": swap, "background": true}})];
    for number in 0..40 {
        calls.push(json!({"name": "write_file", "arguments": {"file": format!("swapped/f{number}"), "content": "x"}}));
        calls.push(json!({"name": "read_file", "arguments": {"file": "swapped/sandbox.token"}}));
    }
    for result in stack.calls(&calls).await?.iter().skip(1) {
        ensure!(!(result.name == "read_file" && result.status == ToolPartStatus::Ok), "{result:?}");
    }
    let left = slipway_tests::docker(&["exec", "-u", "0", &stack.instance.sandbox(), "ls", "/etc/slipway"])?;
    ensure!(left.trim() == "sandbox.token", "{left}");
    stack.shell("touch enough; sleep 0.5; rm -rf real swapped enough").await?;
    Ok(())
}

/// What the agent makes belongs to whoever owns the workspace, whichever way it was made.
pub(crate) async fn belong_to_the_host_user(stack: &Stack) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    // A package's script runs as root in the current directory, as maintainers' scripts do.
    let package = "mkdir -p /tmp/p/DEBIAN && printf 'Package: keel\\nVersion: 1\\nArchitecture: all\\nMaintainer: n <n@example.org>\\nDescription: t\\n' > /tmp/p/DEBIAN/control && printf '#!/bin/sh\\ntouch /workspace/owned/by-package\\n' > /tmp/p/DEBIAN/postinst && chmod 755 /tmp/p/DEBIAN/postinst && dpkg-deb --root-owner-group -b /tmp/p /tmp/p.deb >/dev/null && sudo dpkg -i /tmp/p.deb";
    let calls = [
        json!({"name": "run_terminal_command", "arguments": {"command": "mkdir -p owned/deep && echo x > owned/by-shell && sudo touch owned/by-sudo && sudo cp owned/by-shell owned/by-copy && python3 -m venv --without-pip owned/venv"}}),
        json!({"name": "write_file", "arguments": {"file": "owned/new/by-tool", "content": "x\n"}}),
        json!({"name": "run_terminal_command", "arguments": {"command": package}}),
        json!({"name": "run_terminal_command", "arguments": {"command": "sleep 1; ls -ln owned"}}),
    ];
    let results = stack.calls(&calls).await?;
    let workspace = &stack.instance.workspace;
    let owner = std::fs::metadata(workspace)?;
    let mut seen = 0;
    let mut directories = vec![workspace.join("owned")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory)?.flatten() {
            let metadata = entry.metadata()?;
            ensure!(
                (metadata.uid(), metadata.gid()) == (owner.uid(), owner.gid()),
                "{} belongs to {}:{}; {results:?}",
                entry.path().display(),
                metadata.uid(),
                metadata.gid()
            );
            seen += 1;
            if metadata.is_dir() {
                directories.push(entry.path());
            }
        }
    }
    ensure!(seen > 6 && workspace.join("owned/by-package").exists(), "{results:?}");
    Ok(())
}
