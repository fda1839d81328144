//! Dispatch: whatever goes wrong in a call, the answer is an outcome.

use serde_json::json;
use slipway_protocol::id::{ConversationId, InvocationId};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::workspace::Workspace;

/// Counts.
#[derive(serde::Deserialize, JsonSchema)]
struct CountArguments {
    /// What to do.
    file: OneOrMany<String>,
    /// How often.
    #[serde(default)]
    times: Option<u32>,
}

struct Count;

impl Tool for Count {
    type Arguments = CountArguments;
    const NAME: &'static str = "count";
    const DESCRIPTION: &'static str = "Counts.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: CountArguments, context: ToolContext) -> ToolOutcome {
        match arguments.file.0.first().map(String::as_str) {
            Some("panic") => panic!("kaboom {}", arguments.file.0.len()),
            Some("hang") => std::future::pending().await,
            Some("blocking panic") => context.blocking(|| panic!("in the pool")).await,
            Some(_) | None => {
                ToolOutcome::ok(format!("{} files {:?}", arguments.file.0.len(), arguments.times))
            }
        }
    }
}

async fn call(name: &str, arguments: Value, cancel: CancellationToken) -> ToolOutcome {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let workspace = Workspace::open(folder.path()).expect("it exists");
    let context = ToolContext {
        workspace: Arc::new(workspace),
        conversation_id: ConversationId::from("conv_1"),
        invocation_id: InvocationId::from("inv_1"),
        step: 1,
        output: OutputSink::discard(),
        cancel,
    };
    Registry::new().with(Count).dispatch(name, arguments, context).await
}

#[tokio::test]
async fn every_kind_of_bad_call_is_answered() {
    let usage = "Required: `file` (string or array of string). Optional: `times` (integer).";
    let cases = [
        ("nonsense", json!({}), "There is no tool named `nonsense`. The tools here are: count.".to_owned()),
        ("count", json!({"file": "a"}), "1 files None".to_owned()),
        ("count", json!({"file": ["a", "b"], "times": 3}), "2 files Some(3)".to_owned()),
        ("count", json!({"file": "a", "times": null}), "1 files None".to_owned()),
        (
            "count",
            json!({"file": "a", "colour": 1}),
            "1 files None\n(Ignored: count does not take `colour`.)".to_owned(),
        ),
        (
            "count",
            json!([1]),
            format!("Wrong arguments for count: expected a JSON object, got an array. {usage}"),
        ),
        (
            "count",
            json!({"colour": "a"}),
            format!(
                "Wrong arguments for count: missing field `file`. Nothing was done. {usage} It does not take `colour`."
            ),
        ),
        (
            "count",
            json!({"file": 7}),
            format!(
                "Wrong arguments for count: `file`: invalid type: integer `7`, \
                 expected a string or an array of strings. Nothing was done. {usage}"
            ),
        ),
        (
            "count",
            json!({"file": ["a", ["b"]]}),
            format!(
                "Wrong arguments for count: `file[1]`: invalid type: sequence, expected a string. \
                 Nothing was done. {usage}"
            ),
        ),
        (
            "count",
            json!({"file": "a", "times": "many"}),
            format!(
                "Wrong arguments for count: `times`: invalid type: string \"many\", expected u32. \
                 Nothing was done. {usage}"
            ),
        ),
    ];
    for (name, arguments, expected) in cases {
        let outcome = call(name, arguments.clone(), CancellationToken::new()).await;
        assert_eq!(outcome.text, expected, "{name} {arguments}");
    }
}

#[tokio::test]
async fn a_panic_is_an_outcome() {
    for (file, reason) in [("panic", "kaboom 1"), ("blocking panic", "in the pool")] {
        let outcome = call("count", json!({ "file": file }), CancellationToken::new()).await;
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains(reason), "{}", outcome.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_ignores_its_cancellation_is_dropped() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let outcome = call("count", json!({"file": "hang"}), cancel).await;
    assert_eq!(outcome.status, ToolStatus::Stopped);
}
