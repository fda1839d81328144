//! `slipway export` and `slipway replay`: a recorded task is played again without its model.

use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_tests::{docker, program};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::stack::{CANARY, RUN_LIMIT, Stack};

/// A launcher with a data directory of its own, and no access to the model or its key.
async fn replay(file: &Path, more: &[&str]) -> anyhow::Result<Output> {
    let data = TempDir::new()?;
    let mut command = tokio::process::Command::new(program("slipway"));
    command.env("XDG_DATA_HOME", data.path()).arg("replay").arg(file).args(more);
    Ok(command.output().await?)
}

/// The report, and the exit code that must belong to it.
async fn report(file: &Path, more: &[&str], code: i32) -> anyhow::Result<Value> {
    let output = replay(file, &[more, &["--json"]].concat()).await?;
    ensure!(output.status.code() == Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("not a report: {output:?}"))
}

/// Writes a conversation, the newest unless one is named, to `file` through the launcher.
async fn export(stack: &Stack, file: &Path, conversation: Option<&str>) -> anyhow::Result<()> {
    let mut command = tokio::process::Command::from(stack.instance.launcher());
    command.arg("export").args(conversation).arg("-o").arg(file);
    let output = command.output().await?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

/// Containers and volumes of throw-away instances.
fn left_behind() -> anyhow::Result<Vec<String>> {
    let containers = docker(&["ps", "-a", "--format", "{{.Names}}"])?;
    let volumes = docker(&["volume", "ls", "--format", "{{.Name}}"])?;
    let number = |name: &str| name.strip_prefix("slipway-")?.split_once('-')?.0.parse::<u32>().ok();
    let names = containers.lines().chain(volumes.lines());
    Ok(names.filter(|name| number(name).is_some_and(|number| number > 500)).map(str::to_owned).collect())
}

pub(crate) async fn plays_again(stack: &Stack) -> anyhow::Result<()> {
    let directory = TempDir::new()?;
    let file = directory.path().join("recorded.json");
    let mut exec = tokio::process::Command::from(stack.instance.launcher());
    let done = exec.args(["exec", "Please leave a trace."]).output().await?;
    ensure!(done.status.success(), "{done:?}");
    export(stack, &file, None).await?;
    ensure!(!std::fs::read_to_string(&file)?.contains(CANARY), "the export holds the key");

    let same = json!({"same": 4, "differs": 0, "missing": 0, "not_compared": 0});
    let found = report(&file, &[], 0).await?;
    ensure!(found["summary"] == same, "{found}");
    // What was recorded in a container can be played on this machine too.
    let found = report(&file, &["--local"], 0).await?;
    ensure!(found["summary"] == same, "{found}");

    // With other files at the start something else happens, and those files are not touched.
    let workspace = directory.path().join("project");
    std::fs::create_dir_all(workspace.join("trace"))?;
    std::fs::write(workspace.join("trace/seed.txt"), "sown\n")?;
    let path = workspace.display().to_string();
    let found = report(&file, &["--workspace", &path], 1).await?;
    ensure!(found["summary"]["differs"] == 1 && found["summary"]["same"] == 3, "{found}");
    ensure!(std::fs::read_dir(workspace.join("trace"))?.count() == 1, "the original was changed");
    let shown = replay(&file, &["--workspace", &path, "--local"]).await?;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    ensure!(shown.status.code() == Some(1), "{shown:?}");
    for part in ["run_terminal_command", "exit code: recorded 1, now 0", "+sown", "1 different"] {
        ensure!(text.contains(part), "{part} in {text}");
    }

    is_kept(&file).await?;
    is_kept_on_this_machine(&file).await?;
    let missing = replay(&directory.path().join("nowhere.json"), &[]).await?;
    ensure!(missing.status.code() == Some(2), "{missing:?}");
    let left = left_behind()?;
    ensure!(left.is_empty(), "{left:?}");
    Ok(())
}

/// What is kept can be looked at and removed with the commands that are told.
async fn is_kept(file: &Path) -> anyhow::Result<()> {
    let kept = replay(file, &["--keep"]).await?;
    ensure!(
        kept.status.success() && String::from_utf8_lossy(&kept.stdout).contains("4 the same"),
        "{kept:?}"
    );
    let told = String::from_utf8(kept.stderr)?;
    let line = |name: &str| {
        let line = told.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).with_context(|| format!("no {name} in {told}"))
    };
    let files = line("files ")?.to_owned();
    ensure!(Path::new(&files).join("trace").is_dir(), "{told}");
    // As a person would, but without a browser.
    let launcher = program("slipway").display().to_string();
    let shell = async |command: &str| {
        let command = command.replace("slipway -n", &format!("{launcher} -n"));
        let output = tokio::process::Command::new("sh").args(["-c", &command]).output().await?;
        ensure!(output.status.success(), "{command}: {output:?}");
        anyhow::Ok(output)
    };
    let exported = shell(&line("open ")?.replace(" open", " export")).await?;
    ensure!(String::from_utf8_lossy(&exported.stdout).contains("Please leave a trace."), "{exported:?}");
    shell(line("remove ")?).await?;
    ensure!(!Path::new(&files).exists(), "{files} is left");
    Ok(())
}

/// Programs of this machine are kept until the person ends them; the report is there before.
async fn is_kept_on_this_machine(file: &Path) -> anyhow::Result<()> {
    let data = TempDir::new()?;
    let mut command = tokio::process::Command::new(program("slipway"));
    command.env("XDG_DATA_HOME", data.path()).arg("replay").arg(file).args(["--keep", "--local", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut told = BufReader::new(child.stderr.take().context("no pipe")?).lines();
    let mut files = None;
    let waiting = async {
        while let Some(line) = told.next_line().await? {
            if let Some(path) = line.trim().strip_prefix("files ") {
                files = Some(path.trim().to_owned());
                break;
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(RUN_LIMIT, waiting).await??;
    let files = files.context("it does not say that it is kept")?;
    let mut report = BufReader::new(child.stdout.take().context("no pipe")?).lines();
    let report = report.next_line().await?.context("no report")?;
    ensure!(serde_json::from_str::<Value>(&report)?["summary"]["same"] == 4, "{report}");
    ensure!(Path::new(&files).join("trace").is_dir(), "nothing is kept in {files}");
    let process = child.id().context("it has ended")?.to_string();
    let ended = tokio::process::Command::new("kill").args(["-INT", &process]).status().await?;
    ensure!(ended.success() && child.wait().await?.success(), "it does not end well");
    ensure!(!Path::new(&files).exists(), "{files} is left");
    Ok(())
}

/// What the person stopped is stopped again, and not taken for a difference.
pub(crate) async fn plays_a_stop(stack: &Stack) -> anyhow::Result<()> {
    let directory = TempDir::new()?;
    let before = directory.path().join("before");
    let mut copy = tokio::process::Command::new("cp");
    let copied = copy.arg("-a").args([&stack.instance.workspace, &before]).status().await?;
    ensure!(copied.success(), "the workspace cannot be copied");
    let conversation = stack.api.create(&stack.model).await?;
    let start = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &start.cursor).await?;
    stack.api.send(&conversation.id, "Now sleep for long.").await?;
    events.wait_for(|body| matches!(body, EventBody::ToolOutput { .. }), RUN_LIMIT).await?;
    stack.api.stop(&conversation.id).await?;
    events.wait_for_status(|status| status == RunStatus::Stopped, RUN_LIMIT).await?;
    stack.api.send(&conversation.id, "Please leave a trace.").await?;
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;

    let file = directory.path().join("recorded.json");
    export(stack, &file, Some(conversation.id.as_str())).await?;
    let found = report(&file, &["--local", "--workspace", &before.display().to_string()], 0).await?;
    ensure!(found["summary"] == json!({"same": 4, "differs": 0, "missing": 0, "not_compared": 1}), "{found}");
    ensure!(found["runs"][0]["replayed"] == "stopped", "{found}");
    Ok(())
}
