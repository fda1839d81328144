//! The wall around the sandbox, as far as this release claims one.

use anyhow::{Context as _, ensure};
use slipway_protocol::api::Conversation;
use slipway_protocol::event::RunStatus;
use slipway_tests::docker;

use crate::stack::{CANARY, RUN_LIMIT, Stack};

/// Looks for `$1` as root in everything that the sandbox can see: the environment, command line and
/// memory of each process, the files behind their memory maps, and the whole file system. Prints where.
const HUNT: &str = r#"
needle=$1
for process in /proc/[0-9]*; do
    [ "$process" = "/proc/$$" ] && continue
    tr '\0' ' ' < "$process/cmdline" 2>/dev/null | grep -q -- 'needle=\|hunt-' && continue
    grep -qaF -- "$needle" "$process/environ" 2>/dev/null && echo "$process/environ"
    grep -qaF -- "$needle" "$process/cmdline" 2>/dev/null && echo "$process/cmdline"
    awk '$6 ~ "^/" { print $6 }' "$process/maps" 2>/dev/null
done | sort -u | while read -r found; do
    case "$found" in
        /proc/*) echo "$found" ;;
        *) [ -f "$found" ] && grep -qaF -- "$needle" "$found" && echo "$found" ;;
    esac
done
find / -xdev \( -path /proc -o -path /sys \) -prune -o -type f -size -64M -print0 2>/dev/null \
    | xargs -0 -r grep -laF -- "$needle" 2>/dev/null
find /workspace /run /tmp /dev/shm -type f -print0 2>/dev/null | xargs -0 -r grep -laF -- "$needle" 2>/dev/null
exit 0
"#;

pub(crate) async fn hides_keys(stack: &Stack) -> anyhow::Result<()> {
    // A run has used the key, so it is as present as it will ever be.
    let snapshot = stack.api.run(&stack.model, "Please make and edit a file.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done);
    let sandbox = stack.instance.sandbox();
    let found = docker(&["exec", "-u", "0", &sandbox, "sh", "-c", HUNT, "hunt-", CANARY])?;
    ensure!(found.trim().is_empty(), "the key is in the sandbox: {found}");
    let inspected = docker(&["inspect", &sandbox])?;
    ensure!(!inspected.contains(CANARY), "the key is in the container's definition");

    // The hunt finds what is there: otherwise it proves nothing.
    let bait = "bait-7d1f44c09b";
    docker(&["exec", "-u", "0", &sandbox, "sh", "-c", &format!("echo {bait} > /workspace/bait.txt")])?;
    let found = docker(&["exec", "-u", "0", &sandbox, "sh", "-c", HUNT, "hunt-", bait])?;
    ensure!(found.contains("/workspace/bait.txt"), "the hunt found only: {found}");

    // At rest in the control container it is encrypted.
    let control = stack.instance.control();
    let plain = docker(&["exec", &control, "sh", "-c", &format!("grep -raF {CANARY} /data || true")])?;
    ensure!(plain.trim().is_empty(), "the key lies in the clear: {plain}");
    Ok(())
}

pub(crate) async fn has_no_network(stack: &Stack) -> anyhow::Result<()> {
    let sandbox = stack.instance.sandbox();
    let links = docker(&["exec", &sandbox, "cat", "/proc/net/dev"])?;
    let interfaces: Vec<&str> =
        links.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim()).collect();
    ensure!(
        interfaces.iter().all(|name| *name == "lo"
            || name.starts_with("tunl")
            || name.starts_with("sit")
            || name.starts_with("ip")
            || name.starts_with("gre")
            || name.starts_with("erspan")),
        "{interfaces:?}"
    );
    let mounts = docker(&["exec", &sandbox, "cat", "/proc/self/mountinfo"])?;
    ensure!(!mounts.contains("docker.sock"), "{mounts}");
    let ipc = mounts.lines().find(|line| line.contains(" /run/slipway ")).context("the socket's volume")?;
    ensure!(ipc.split(' ').nth(5).is_some_and(|options| options.starts_with("ro")), "{ipc}");
    Ok(())
}

pub(crate) async fn second_instance(stack: &Stack) -> anyhow::Result<()> {
    let mine = stack.api.create(&stack.model).await?;
    let other = Stack::start(8).await?;
    ensure!(other.api.base() != stack.api.base());
    let snapshot = other.api.run(&other.model, "Please make and edit a file.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done, "{:?}", snapshot.conversation);
    ensure!(other.instance.workspace.join("notes.txt").exists());
    let missing = other.api.get::<Conversation>(&format!("/conversations/{}", mine.id)).await;
    ensure!(missing.is_err(), "instance 8 knows a conversation of instance 7");
    let foreign = stack.api.request(reqwest::Method::GET, "/instance").build()?;
    let token = foreign.headers().get("authorization").context("a token")?.clone();
    let url = format!("{}/api/v1/instance", other.api.base());
    let status = reqwest::Client::builder().no_proxy().build()?.get(url).header("authorization", token);
    ensure!(status.send().await?.status() == 401, "instance 8 takes instance 7's token");
    tokio::task::spawn_blocking(move || drop(other.instance)).await?;
    Ok(())
}
