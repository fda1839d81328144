//! A tool host of its own for each case.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::{Value, json};
use slipway_protocol::id::ConversationId;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};

use crate::scene::{Scene, invocation};

/// How long a state that must come about is waited for, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Cases of the form `name: command => exit code, output;`, or several of these steps in one shell.
macro_rules! cases {
    ($($name:ident: $(($command:expr => $exit:expr, $output:expr)),+;)+) => {$(
        #[tokio::test]
        async fn $name() {
            let torture = $crate::shell_torture::harness::Torture::start().await;
            $(torture.check($command, $exit, $output).await;)+
            torture.check("echo alive", 0, "alive\n").await;
        }
    )+};
}
pub(super) use cases;

/// A tool host and what is done with it.
pub(super) struct Torture {
    pub(super) scene: Scene,
}

impl Torture {
    pub(super) async fn start() -> Self {
        Self { scene: Scene::new().await }
    }

    /// Runs a command and waits for its end.
    pub(super) async fn run(&self, command: &str) -> ToolOutcome {
        self.shell(json!({ "command": command })).await
    }

    /// Waits for a command at most this many seconds.
    pub(super) async fn run_for(&self, seconds: u64, command: &str) -> ToolOutcome {
        self.shell(json!({ "command": command, "timeout": seconds })).await
    }

    /// Starts a command in a terminal of its own.
    pub(super) async fn start_process(&self, command: &str) -> ToolOutcome {
        self.shell(json!({ "command": command, "background": true })).await
    }

    pub(super) async fn shell(&self, arguments: Value) -> ToolOutcome {
        self.scene.call("run_terminal_command", arguments).await
    }

    /// Runs a command and checks its exit code and all of its output.
    pub(super) async fn check(&self, command: &str, exit_code: i32, output: &str) {
        let outcome = self.run(command).await;
        let script = self.scene.base.join("shells/conversation-1/shell-1/command");
        let told = printed(&outcome).replace(&script.display().to_string(), "SCRIPT");
        assert_eq!(told, output, "{command}\n{outcome:#?}");
        assert_eq!(outcome.data["exit_code"], exit_code, "{command}\n{outcome:#?}");
    }

    /// Calls the process tool.
    pub(super) async fn process(&self, arguments: Value) -> ToolOutcome {
        self.scene.call("process", arguments).await
    }

    pub(super) async fn act(&self, action: &str, id: &str) -> ToolOutcome {
        self.process(json!({ "action": action, "process_id": id })).await
    }

    /// Types a text with Enter.
    pub(super) async fn write(&self, id: &str, input: &str) -> ToolOutcome {
        self.process(json!({ "action": "write", "process_id": id, "input": input })).await
    }

    /// Presses a key.
    pub(super) async fn press(&self, id: &str, key: &str) -> ToolOutcome {
        self.process(json!({ "action": "write", "process_id": id, "keys": [key] })).await
    }

    /// Waits until a process has ended, and returns what it printed last.
    pub(super) async fn wait_for_end(&self, id: &str) -> ToolOutcome {
        self.process(json!({ "action": "wait", "process_id": id, "seconds": 60 })).await
    }

    /// Waits until a file holds something, and returns it without its last newline.
    pub(super) async fn file(&self, name: &str) -> String {
        let path = self.scene.root.join(name);
        let mut text = String::new();
        until(|| {
            text = std::fs::read_to_string(&path).unwrap_or_default();
            text.ends_with('\n')
        })
        .await;
        text.trim_end().to_owned()
    }

    /// Runs a command in a conversation, and stops that call by name once it has printed `up`.
    pub(super) async fn stop(&self, command: &str) -> ToolOutcome {
        self.stop_in("conv_1", command).await
    }

    pub(super) async fn stop_in(&self, conversation: &str, command: &str) -> ToolOutcome {
        let call = call_in(conversation, json!({ "command": command }));
        let mut items = std::pin::pin!(self.scene.client.invoke("run_terminal_command", &call));
        let mut seen = String::new();
        loop {
            match items.next().await.expect("a result").expect("no failure") {
                ToolStreamItem::Result(outcome) => return *outcome,
                ToolStreamItem::Held => panic!("a tool host holds nothing"),
                ToolStreamItem::Output { text } => {
                    let was_up = seen.contains("up");
                    seen.push_str(&text);
                    if seen.contains("up") && !was_up {
                        self.scene.client.cancel(&call.invocation_id).await.expect("an answer");
                    }
                }
            }
        }
    }

    /// Runs a command in a conversation of its own.
    pub(super) async fn run_in(&self, conversation: &str, command: &str) -> ToolOutcome {
        self.call_in(conversation, "run_terminal_command", json!({ "command": command })).await
    }

    pub(super) async fn call_in(&self, conversation: &str, tool: &str, arguments: Value) -> ToolOutcome {
        let call = call_in(conversation, arguments);
        let mut items = std::pin::pin!(self.scene.client.invoke(tool, &call));
        loop {
            if let ToolStreamItem::Result(outcome) =
                items.next().await.expect("a result").expect("no failure")
            {
                return *outcome;
            }
        }
    }
}

fn call_in(conversation: &str, arguments: Value) -> ToolInvocation {
    ToolInvocation { conversation_id: ConversationId::from(conversation), ..invocation(arguments) }
}

/// What the command printed: the text without the last part, which is about the command.
pub(super) fn printed(outcome: &ToolOutcome) -> &str {
    outcome.text.rsplit_once('[').map_or("", |(output, _)| output)
}

/// The id of the process that a command became.
pub(super) fn process_id(outcome: &ToolOutcome) -> &str {
    outcome.data["process_id"].as_str().unwrap_or_else(|| panic!("no process id: {outcome:#?}"))
}

/// Waits until something is true.
pub(super) async fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "it has not come about");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process lives; one that only waits to be reaped does not.
pub(super) fn is_alive(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}
