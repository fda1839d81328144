//! What each provider has of its own, and that it is handled: over real HTTP, against a scripted model.

mod anthropic;
mod arguments;
mod calls;
mod deepseek;
mod finishes;
mod gemini;
mod local;
mod nvidia;
mod openai;
mod openrouter;
mod overflow;
mod pinning;
mod retrying;
mod shapes;
mod usage;
mod vertex;
mod zai;

use serde_json::{Value, json};
use slipway_engine::settings::Settings;
use slipway_protocol::MessageId;
use slipway_protocol::run::RunRequest;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall, ToolResult};
use slipway_scripted_model::fault::{Fault, FaultKind, RawBody};
use slipway_scripted_model::script::Reply;
use slipway_scripted_model::{Script, Server};
use tokio_util::sync::CancellationToken;

use crate::fake_tools::FakeTools;
use crate::harness::{Events, World, engine, quick, user};

/// A model at a provider.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) request: RunRequest,
}

/// A model of this name at a provider with this profile, which answers as these YAML steps say.
pub(crate) async fn at(profile: &str, model: &str, steps: &str) -> Place {
    let script = format!("name: test\nmodels: [\"{model}\"]\nturns:\n  - steps: [{steps}]");
    place(profile, Script::from_yaml(&script).expect("a script"), quick()).await
}

/// A model of this name that plays these replies.
pub(crate) async fn playing(profile: &str, model: &str, replies: Vec<Reply>) -> Place {
    playing_with(profile, model, replies, quick()).await
}

pub(crate) async fn playing_with(
    profile: &str,
    model: &str,
    replies: Vec<Reply>,
    settings: Settings,
) -> Place {
    let mut script = Script::of_replies(replies);
    script.models = vec![model.to_owned()];
    place(profile, script, settings).await
}

async fn place(profile: &str, mut script: Script, settings: Settings) -> Place {
    // A history adds a user message, and the script goes by their number.
    let again = script.turns.clone();
    script.turns.extend(again);
    let model_name = script.models[0].clone();
    let world = World {
        engine: engine(settings).await,
        tools: FakeTools::start().await,
        model: Server::start(script).await.expect("a port"),
        stop: CancellationToken::new(),
    };
    let mut request = world.request();
    request.model.profile = profile.to_owned();
    request.model.model = model_name;
    request.model.context_window = None;
    Place { world, request }
}

impl Place {
    pub(crate) async fn run(&self) -> Events {
        self.world.run_with(self.request.clone()).await
    }

    /// Sets one of the person's own request fields.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.request.model.extra_body.insert(field.to_owned(), value);
        self
    }

    /// Puts entries before the user's message.
    pub(crate) fn after(mut self, history: Vec<Entry>) -> Self {
        self.request.transcript.splice(0..0, history);
        self
    }

    /// The body of the request with this number, from 0.
    pub(crate) fn body(&self, number: usize) -> Value {
        self.world.model.requests()[number].body.clone()
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> usize {
        self.world.model.requests().len()
    }

    /// The model's earlier answers as they were sent back in the request with this number.
    pub(crate) fn sent_back(&self, number: usize) -> Vec<Value> {
        let messages = self.world.messages(number);
        messages.into_iter().filter(|message| message["role"] == "assistant").collect()
    }
}

/// A reply of these chunks, as SSE, with `[DONE]`.
pub(crate) fn chunks(chunks: &[Value]) -> Reply {
    let mut events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    events.push("data: [DONE]\n\n".to_owned());
    raw(events)
}

/// A reply of these bytes, as SSE.
pub(crate) fn raw(events: Vec<String>) -> Reply {
    faulty(FaultKind::Raw(events), None)
}

/// A reply of these bytes, in this body.
pub(crate) fn body(content_type: &str, text: &str) -> Reply {
    let headers = [("content-type".to_owned(), content_type.to_owned())].into();
    let pieces = vec![text.as_bytes().to_vec().into()];
    faulty(FaultKind::Body(RawBody { headers, pieces, ..RawBody::default() }), None)
}

/// A refusal; afterwards the reply is `done`. `times` says how often.
pub(crate) fn refusal(code: u16, headers: &[(&str, &str)], body: &str, times: Option<u32>) -> Reply {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    faulty(FaultKind::Status { code, headers, body: body.to_owned() }, times)
}

pub(crate) fn faulty(kind: FaultKind, times: Option<u32>) -> Reply {
    Reply { text: "done".to_owned(), fault: Some(Fault { kind, times }), ..Reply::default() }
}

/// A reply of visible text.
pub(crate) fn text(text: &str) -> Reply {
    Reply { text: text.to_owned(), ..Reply::default() }
}

/// One choice with this delta.
pub(crate) fn delta(delta: &Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

/// The end of an answer.
pub(crate) fn finish(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

/// A tool call, whole.
pub(crate) fn call(id: &str, extra: &Value) -> Value {
    let mut call = json!({"index": 0, "id": id, "type": "function",
        "function": {"name": "write_file", "arguments": "{\"path\":\"x\"}"}});
    for (name, value) in extra.as_object().into_iter().flatten() {
        call[name] = value.clone();
    }
    call
}

/// An exchange with another model: it called a tool and got a result.
pub(crate) fn foreign_history(opaque: &Value, call_opaque: &Value, result: &str) -> Vec<Entry> {
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let call = ToolCall {
        id: "old_call".into(),
        name: "write_file".to_owned(),
        arguments: "{}".to_owned(),
        opaque: fields(call_opaque),
    };
    let answer = AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: String::new(),
        reasoning: String::new(),
        opaque: fields(opaque),
        tool_calls: vec![call],
        finish: Finish::ToolCalls,
        usage: None,
        model: "another".to_owned(),
        created_at: 0,
    };
    let result = ToolResult {
        call_id: "old_call".into(),
        name: "write_file".to_owned(),
        outcome: ToolOutcome::new(ToolStatus::Ok, result.to_owned()),
        duration_ms: 1,
        created_at: 0,
    };
    vec![user("before"), Entry::Assistant(answer), Entry::ToolResult(result)]
}
