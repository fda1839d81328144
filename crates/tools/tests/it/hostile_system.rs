//! The shell where the system lets it down: a full disk, nothing writable in `/tmp`, a clock that jumps.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use slipway_protocol::id::ConversationId;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use slipway_tools::client::ToolHostClient;
use tokio::process::Command;

use crate::program::{PROGRAM, Program, start_in};
use crate::scene::invocation;

/// A command that runs the program behind it in a mount namespace of its own, after `script`; `None` where the
/// system lets nobody have one.
fn in_own_mounts(script: &str, folder: &Path) -> Option<Command> {
    let is_root = nix::unistd::Uid::effective().is_root();
    let namespace = if is_root { "-m" } else { "-rm" };
    let possible = std::process::Command::new("unshare")
        .args([namespace, "mount", "-t", "tmpfs", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    if !possible.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = Command::new("unshare");
    let script = format!("set -e; {script}; exec \"$@\"");
    command.args([namespace, "sh", "-c", &script, "sh", PROGRAM]).env("FOLDER", folder);
    Some(command)
}

/// What becomes of a command in a conversation.
async fn run_in(client: &ToolHostClient, conversation: &str, arguments: serde_json::Value) -> ToolOutcome {
    let conversation_id = ConversationId::from(conversation);
    let call = ToolInvocation { conversation_id, ..invocation(arguments) };
    let mut items = std::pin::pin!(client.invoke("run_terminal_command", &call));
    loop {
        let item = futures::StreamExt::next(&mut items).await.expect("a result").expect("no failure");
        if let ToolStreamItem::Result(outcome) = item {
            return *outcome;
        }
    }
}

/// Runs a command and checks all that it printed.
async fn check(program: &Program, conversation: &str, command: &str, expected: &str) {
    let outcome = run_in(&program.client, conversation, json!({ "command": command })).await;
    let printed = outcome.text.rsplit_once('[').map_or("", |(printed, _)| printed);
    assert_eq!(printed, expected, "{conversation}: {command}\n{outcome:#?}");
}

#[tokio::test]
async fn a_full_disk() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let mount = "mkdir \"$FOLDER/state\"; mount -t tmpfs -o size=1m,mode=755 none \"$FOLDER/state\"";
    let Some(command) = in_own_mounts(mount, folder.path()) else { return };
    let state = folder.path().join("state").display().to_string();
    let program = start_in(folder, command, &["--confinement", "none", "--state", &state]).await;
    let fill = format!("cat /dev/zero > {state}/fill-$RANDOM 2>/dev/null; echo $?");
    check(&program, "a", "own=kept; cd /usr", "").await;
    check(&program, "a", &fill, "1\n").await;

    // In the shell that is there, also for a longer command than those before.
    check(&program, "a", "echo $own $PWD", "kept /usr\n").await;
    let long = format!("{}\necho long $own", "# a comment that takes room on the disk\n".repeat(2_000));
    check(&program, "a", &long, "long kept\n").await;
    let much = run_in(&program.client, "a", json!({"command": "seq 1 200000"})).await;
    assert!(much.text.contains("could not be kept: No space left on device"), "{}", much.text);
    assert!(much.text.contains("200000\n[exit code 0"), "{}", much.text);
    // What could not be kept whole takes no room: there is enough for a fresh shell.
    check(&program, "b", "echo fresh; cd /usr/lib", "fresh\n").await;
    check(&program, "b", "echo $PWD", "/usr/lib\n").await;

    // Filled again, with no reserve left.
    check(&program, "a", &fill, "1\n").await;
    check(&program, "a", "echo alive", "alive\n").await;
    let outcome = run_in(&program.client, "a", json!({"command": "sleep 300", "timeout": 1})).await;
    assert_eq!(outcome.data["process_id"], "p1", "{outcome:#?}");
    check(&program, "b", &format!("rm {state}/fill-*"), "").await;
    check(&program, "a", "echo $own $PWD", "kept /usr\n").await;
    let much = run_in(&program.client, "a", json!({"command": "seq 1 50000"})).await;
    assert!(much.data["full_output"].is_string(), "{much:#?}");
    program.stop().await;
}

#[tokio::test]
async fn nothing_to_write_in_tmp() {
    let folder = tempfile::TempDir::new_in("/var/tmp").expect("a scratch directory");
    let mount = "mkdir \"$FOLDER/state\"; mount -t tmpfs -o ro none /tmp";
    let Some(command) = in_own_mounts(mount, folder.path()) else { return };
    let state = folder.path().join("state").display().to_string();
    let program = start_in(folder, command, &["--confinement", "none", "--state", &state]).await;
    check(&program, "a", "touch /tmp/x 2>/dev/null; echo $?; mktemp 2>/dev/null; echo $?", "1\n1\n").await;
    check(
        &program,
        "a",
        "cat <<END\nsmall\nEND\ncat <<< 'a string'; diff <(echo a) <(echo a); echo $?",
        "small\na string\n0\n",
    )
    .await;
    // Bash keeps long documents in a file, and finds another place for it.
    let long = format!("cat <<END | wc -c\n{}\nEND\necho after", "x".repeat(200_000));
    check(&program, "a", &long, "200001\nafter\n").await;
    let much = run_in(&program.client, "a", json!({"command": "seq 1 200000"})).await;
    assert!(much.data["full_output"].as_str().is_some_and(|path| path.starts_with(&state)), "{much:#?}");
    check(&program, "a", "echo alive", "alive\n").await;
    program.stop().await;
}

#[tokio::test]
async fn a_host_that_has_nowhere_to_keep_its_state_says_so() {
    let folder = tempfile::TempDir::new_in("/var/tmp").expect("a scratch directory");
    let Some(mut command) = in_own_mounts("mount -t tmpfs -o ro none /tmp", folder.path()) else { return };
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("ws")).expect("scratch");
    std::fs::write(path("token"), "x").expect("scratch");
    command.arg("serve").arg("--gateway").arg(path("none.sock")).arg("--token-file").arg(path("token"));
    command.arg("--workspace").arg(path("ws")).args(["--confinement", "none", "--no-desktop"]);
    let output = command.env_remove("XDG_RUNTIME_DIR").output().await.expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("Read-only file system") && said.contains("/tmp"),
        "{said}"
    );
}

/// Makes the clock of a program jump by so many seconds as a file says; other clocks go on as they are.
const JUMP: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long jump(void) {
    const char *path = getenv("CLOCK_JUMP");
    FILE *file = path ? fopen(path, "r") : 0;
    long seconds = 0;
    if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
    return seconds;
}
int clock_gettime(clockid_t id, struct timespec *at) {
    int result = syscall(SYS_clock_gettime, id, at);
    if (result == 0 && id == CLOCK_REALTIME) at->tv_sec += jump();
    return result;
}
"#;

#[tokio::test]
async fn a_clock_that_jumps_ends_no_command_early_and_none_late() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("jump.c"), JUMP).expect("scratch");
    let compiled = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([path("jump.so"), path("jump.c")])
        .status()
        .expect("a C compiler, which Rust needs as well");
    assert!(compiled.success());
    let (jump, library) = (path("jump"), path("jump.so"));
    let at = |seconds: &str| std::fs::write(&jump, seconds).expect("scratch");
    let year = async || {
        let mut date = Command::new("date");
        let date = date.arg("+%Y").env("LD_PRELOAD", &library).env("CLOCK_JUMP", &jump).output().await;
        String::from_utf8_lossy(&date.expect("it runs").stdout).trim().parse::<u32>().expect("a year")
    };
    at("0");
    let now = year().await;
    let mut command = Command::new(PROGRAM);
    command.env("LD_PRELOAD", &library).env("CLOCK_JUMP", &jump);
    let program = start_in(folder, command, &["--confinement", "none"]).await;
    for (seconds, years) in [("630720000", 19..=21), ("-630720000", -21..=-19)] {
        at("0");
        let quick = run_in(&program.client, "a", json!({"command": "sleep 2; echo slept", "timeout": 100}));
        let jumping = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            at(seconds);
        };
        let (quick, ()) = tokio::join!(quick, jumping);
        let difference = i64::from(year().await) - i64::from(now);
        assert!(years.contains(&difference), "the clock has jumped: {difference}");
        assert!(quick.text.starts_with("slept\n[exit code 0"), "{quick:#?}");
        let duration = quick.data["duration_ms"].as_u64().expect("a duration");
        assert!((2_000..60_000).contains(&duration), "{duration}");

        at("0");
        let begun = Instant::now();
        let slow = run_in(&program.client, "a", json!({"command": "sleep 300", "timeout": 2}));
        let jumping = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            at(seconds);
        };
        let (slow, ()) = tokio::join!(slow, jumping);
        assert!(slow.text.contains("still running after"), "{slow:#?}");
        assert!(begun.elapsed() >= Duration::from_secs(2) && begun.elapsed() < Duration::from_secs(60));
    }
    program.stop().await;
}
