//! A gateway whose data directory is really full, or really read-only, in a container of its own: the file system of
//! the directory is a small one in memory, and parts of it are mounted read-only under the running gateway.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::api::{ConversationSnapshot, ModelChoice};
use slipway_protocol::event::{Event, RunStatus};
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Api, Timeline, docker, program};
use tempfile::TempDir;

use crate::stack::{RUN_LIMIT, Stack};

const CONTAINER: &str = "slipway-8-storage";
const TOKEN: &str = "storage-token-of-enough-characters";
/// Wait before asking again.
const PAUSE: Duration = Duration::from_millis(20);
/// Where the shared directory is in the container.
const SHARED: &str = "/shared";

/// A gateway with a small disk, and a tool host on this machine.
struct Small {
    directory: TempDir,
    tool_host: Child,
    api: Api,
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.tool_host.kill();
        let _ = self.tool_host.wait();
        let _ = docker(&["rm", "--force", CONTAINER]);
    }
}

pub(crate) async fn pauses_runs(stack: &Stack) -> anyhow::Result<()> {
    at_start(stack)?;
    let small = Small::start(stack).await?;
    let server = Server::start(script()?).await?;
    let model = small.api.add_provider("script", &server.base_url(), "").await?;
    small.full(&model).await.context("full")?;
    small.read_only(&model).await.context("read-only")
}

/// What a gateway says that cannot write anything from the beginning.
fn at_start(stack: &Stack) -> anyhow::Result<()> {
    let shared = shared()?;
    let read_only = format!("{}:/data:ro", shared.path().join("workspace").display());
    let cases: [(&[&str], [&str; 2]); 2] = [
        (&["--volume", &read_only], ["Read-only file system", "make its disk writable again"]),
        (&["--tmpfs", "/data:size=64k"], ["No space left on device", "free some space"]),
    ];
    for (disk, words) in cases {
        let run = ["run", "--rm", "--network", "none"];
        let ended = gateway(stack, &shared, &[&run[..], disk].concat())?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.code() == Some(1), "{} {said}", ended.status);
        ensure!(said.contains("cannot write the data directory /data"), "{said}");
        ensure!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
    Ok(())
}

/// A directory that container and machine share.
fn shared() -> anyhow::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("slipway-storage-").tempdir()?;
    std::fs::create_dir(directory.path().join("workspace"))?;
    std::fs::write(directory.path().join("token"), TOKEN)?;
    Ok(directory)
}

/// Runs a gateway as these words of Docker say.
fn gateway(stack: &Stack, shared: &TempDir, words: &[&str]) -> anyhow::Result<Output> {
    let image = docker(&["inspect", "--format", "{{.Image}}", &stack.instance.control()])?;
    let mut command = Command::new("docker");
    command.args(words).args(["--user", "0", "--name", CONTAINER]);
    command.arg("--volume").arg(format!("{}:{SHARED}", shared.path().display()));
    if let Ok(labels) = std::env::var("SLIPWAY_LABELS") {
        command.args(labels.split(',').flat_map(|label| ["--label", label]));
    }
    let any = "127.0.0.1:0".to_owned();
    let in_shared = |name: &str| format!("{SHARED}/{name}");
    for (name, value) in [
        ("SLIPWAY_LISTEN", any.clone()),
        ("SLIPWAY_DESKTOP_LISTEN", any.clone()),
        ("SLIPWAY_TOOLS_LISTEN", any.clone()),
        ("SLIPWAY_ENGINE_LISTEN", any),
        ("SLIPWAY_DATA_DIR", "/data".to_owned()),
        ("SLIPWAY_SANDBOX_SOCKET", in_shared("sandbox.sock")),
        ("SLIPWAY_SANDBOX_TOKEN_FILE", in_shared("token")),
        ("SLIPWAY_LAUNCHER_TOKEN_FILE", in_shared("token")),
    ] {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    Ok(command.args([image.trim(), "slipway-gateway"]).output()?)
}

/// What the model does. Its answer is larger than what a database leaves unused.
fn script() -> anyhow::Result<Script> {
    let run = |command: &str| json!({"name": "run_terminal_command", "arguments": {"command": command}});
    let wait = run("echo full >> marks; until [ -e go ]; do sleep 0.05; done");
    let long = json!({"text": "word ".repeat(400_000), "chunk_chars": 4000});
    let write = json!({"name": "write_file", "arguments": {"file": "made.txt", "content": "made\n"}});
    let turns = json!([
        {"when": {"user_contains": "Fill it"}, "steps": [{"text": "First.", "tool_calls": [wait]}, long]},
        {"when": {"user_contains": "Make it"}, "steps": [{"text": "I do.", "tool_calls": [write]}, {"text": "Made."}]},
    ]);
    let script =
        json!({"name": "storage", "models": ["scripted"], "turns": turns, "otherwise": {"text": "Well."}});
    Ok(Script::from_yaml(&script.to_string())?)
}

impl Small {
    async fn start(stack: &Stack) -> anyhow::Result<Self> {
        let directory = shared()?;
        // Mounting something read-only is the test's, not the gateway's.
        let words = [
            "run",
            "--detach",
            "--network",
            "host",
            "--cap-add",
            "SYS_ADMIN",
            "--security-opt",
            "apparmor=unconfined",
            "--tmpfs",
            "/data:size=64m",
        ];
        let started = gateway(stack, &directory, &words)?;
        ensure!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        let tool_host = tool_host(&directory)?;
        let mut small = Self { directory, tool_host, api: Api::new("http://127.0.0.1:0", TOKEN)? };
        let until = Instant::now() + RUN_LIMIT;
        loop {
            let said = docker(&["logs", CONTAINER])?;
            let ready = said.lines().find_map(|line| {
                let ready: Value = serde_json::from_str(line).ok()?;
                Some(ready["url"].as_str()?.to_owned())
            });
            if let Some(url) = ready {
                small.api = Api::new(url, TOKEN)?;
                return Ok(small);
            }
            ensure!(Instant::now() < until, "the gateway does not get ready: {said}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A disk that gets full during a run, and has space again.
    async fn full(&self, model: &ModelChoice) -> anyhow::Result<()> {
        let conversation = self.api.create(model).await?;
        let before = self.api.snapshot(&conversation.id).await?;
        let mut events = self.api.events(&conversation.id, &before.cursor).await?;
        self.api.send(&conversation.id, "Fill it.").await?;
        let marks = self.directory.path().join("workspace/marks");
        let end = Instant::now() + RUN_LIMIT;
        while !marks.exists() {
            ensure!(Instant::now() < end, "the command does not begin");
            tokio::time::sleep(PAUSE).await;
        }
        // It ends with an error when nothing is left.
        let _ = docker(&["exec", CONTAINER, "sh", "-c", "cat /dev/zero > /data/filling"]);
        std::fs::write(self.directory.path().join("workspace/go"), "")?;
        self.until_told("storage_full").await?;
        let path = format!("/conversations/{}/messages", conversation.id);
        let message = json!({"client_id": "refused", "text": "x".repeat(400_000), "mode": "queue"});
        let request = self.api.request(reqwest::Method::POST, &path).json(&message);
        let (status, problem) = self.api.problem(request).await?;
        ensure!(status == 507 && problem.code == "storage_full", "{status} {problem:?}");
        let status = self.api.snapshot(&conversation.id).await?.conversation.status;
        ensure!(status == RunStatus::Running, "it is {status:?} and was to wait");

        docker(&["exec", CONTAINER, "rm", "/data/filling"])?;
        let told = events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
        self.check(&conversation.id, &before, &told).await?;
        ensure!(std::fs::read_to_string(marks)? == "full\n", "the command ran more than once");
        let snapshot = self.api.snapshot(&conversation.id).await?;
        let said = crate::stack::said(&snapshot);
        ensure!(said.matches("word ").count() == 400_000, "some of the answer is missing or doubled");
        ensure!(self.trouble().await?.is_null(), "it is over");
        Ok(())
    }

    /// Recorded states that cannot be written during a run, and then can.
    async fn read_only(&self, model: &ModelChoice) -> anyhow::Result<()> {
        let mount =
            "mount --bind /data/checkpoints /data/checkpoints && mount -o remount,bind,ro /data/checkpoints";
        docker(&["exec", CONTAINER, "sh", "-c", mount])?;
        std::fs::write(self.directory.path().join("workspace/of-the-person"), "unseen so far")?;
        let conversation = self.api.create(model).await?;
        let before = self.api.snapshot(&conversation.id).await?;
        let mut events = self.api.events(&conversation.id, &before.cursor).await?;
        self.api.send(&conversation.id, "Make it.").await?;
        self.until_told("storage_read_only").await?;
        let made = self.directory.path().join("workspace/made.txt");
        ensure!(!made.exists(), "nothing is changed before the state before it is recorded");

        docker(&["exec", CONTAINER, "umount", "/data/checkpoints"])?;
        let told = events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
        self.check(&conversation.id, &before, &told).await?;
        ensure!(std::fs::read_to_string(made)? == "made\n", "it is made");
        ensure!(self.trouble().await?.is_null(), "it is over");
        Ok(())
    }

    async fn trouble(&self) -> anyhow::Result<Value> {
        Ok(self.api.get::<Value>("/instance").await?["storage"].clone())
    }

    /// Waits until the instance says why nothing can be saved: what, why, and what to do.
    async fn until_told(&self, code: &str) -> anyhow::Result<()> {
        let end = Instant::now() + RUN_LIMIT;
        let mut trouble = self.trouble().await?;
        while trouble.is_null() {
            ensure!(Instant::now() < end, "nothing is said");
            tokio::time::sleep(PAUSE).await;
            trouble = self.trouble().await?;
        }
        ensure!(trouble["code"] == code, "{trouble}");
        for word in ["title", "detail", "hint"] {
            ensure!(trouble[word].as_str().is_some_and(|text| !text.is_empty()), "{word}: {trouble}");
        }
        Ok(())
    }

    /// The reader was told all that there is.
    async fn check(
        &self,
        id: &ConversationId,
        before: &ConversationSnapshot,
        told: &[Event],
    ) -> anyhow::Result<()> {
        let mut timeline = Timeline::new(before);
        told.iter().for_each(|event| timeline.apply(event));
        let shown = Timeline::new(&self.api.snapshot(id).await?).digest();
        ensure!(timeline.digest() == shown, "the reader was not told all of it");
        let entries: Vec<Value> = self.api.get(&format!("/conversations/{id}/transcript")).await?;
        let results = entries.iter().filter(|entry| entry["type"] == "tool_result").count();
        ensure!(results == 1, "one call, one result: {results}");
        Ok(())
    }
}

fn tool_host(directory: &TempDir) -> anyhow::Result<Child> {
    let at = |name: &str| directory.path().join(name);
    let mut command = Command::new(program("slipway-toolhost"));
    command.args(["serve", "--sandbox-id", "default", "--confinement", "none", "--no-desktop"]);
    command.arg("--gateway").arg(at("sandbox.sock")).arg("--token-file").arg(at("token"));
    command.arg("--workspace").arg(at("workspace")).arg("--state").arg(directory.path());
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}
