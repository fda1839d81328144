//! A case: what the model does, and what must come of it.

use std::time::Duration;

use serde_json::Value;
use slipway_engine::settings::Settings;
use slipway_protocol::run::{RunOutcome, RunRequest};
use slipway_scripted_model::fault::{Fault, FaultKind, RawBody};
use slipway_scripted_model::script::{Arguments, Reply, ScriptedCall};
use slipway_scripted_model::{Script, Server};
use tokio_util::sync::CancellationToken;

use crate::fake_tools::FakeTools;
use crate::harness::{Events, World, quick};
use crate::hostile::invariants;

/// How a run ends when all is well.
pub(super) const COMPLETED: &str = "completed";

/// What the model does, one reply after the other; then it says that it is done.
pub(super) struct Case {
    script: Script,
    settings: Settings,
    request: Box<dyn FnOnce(&mut RunRequest)>,
    prepare: Box<dyn FnOnce(&World)>,
}

/// A case that was played.
pub(super) struct Played {
    pub(super) world: World,
    pub(super) events: Events,
    /// The entries that the run began with.
    pub(super) request: RunRequest,
}

/// A case of these replies.
pub(super) fn model(replies: impl IntoIterator<Item = Reply>) -> Case {
    let mut script = Script::of_replies(replies);
    script.strict = true;
    script.otherwise = Some(text("done"));
    let mut settings = quick();
    settings.retry.base = Duration::from_millis(1);
    // A busy machine must not look like a silent provider; cases about silence set their own limits.
    settings.model.first_byte = Duration::from_secs(20);
    settings.model.idle = Duration::from_secs(20);
    Case { script, settings, request: Box::new(|_| ()), prepare: Box::new(|_| ()) }
}

impl Case {
    /// With other settings of the engine.
    pub(super) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// With another request.
    pub(super) fn request(mut self, change: impl FnOnce(&mut RunRequest) + 'static) -> Self {
        self.request = Box::new(change);
        self
    }

    /// With tools or a model that something is done to before the run.
    pub(super) fn prepare(mut self, prepare: impl FnOnce(&World) + 'static) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    /// With what the model does after it was spoken to outside of a tool result.
    pub(super) fn then(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.script.turns.extend(Script::of_replies(replies).turns);
        self
    }

    /// With a model that goes on like this for ever, instead of being done.
    pub(super) fn for_ever(mut self, reply: Reply) -> Self {
        self.script.otherwise = Some(reply);
        self
    }

    /// A world to play it in, for tests that do not run to the end.
    pub(super) async fn world(self) -> (World, RunRequest) {
        let world = World::of(self.script, self.settings).await;
        let mut request = world.request();
        (self.request)(&mut request);
        (self.prepare)(&world);
        (world, request)
    }

    /// A world whose engine is one that runs already, which saves its start.
    pub(super) async fn world_at(self, engine: &str, tools: &FakeTools) -> (World, RunRequest) {
        let model = Server::start(self.script).await.expect("a port");
        let world =
            World { engine: engine.to_owned(), tools: tools.clone(), model, stop: CancellationToken::new() };
        let request = world.request();
        (world, request)
    }

    /// Plays the case: the run must end as `end` says ([`COMPLETED`] or the code of a problem) after
    /// exactly `requests` requests to the model, and exactly these tools must have run in this order,
    /// each written as its name and its path.
    pub(super) async fn check(self, end: &str, requests: usize, ran: &[&str]) -> Played {
        let (world, request) = self.world().await;
        let events = world.run_with(request.clone()).await;
        let played = Played { world, events, request };
        assert_eq!(played.end(), end, "{:?}", played.events.outcome());
        assert_eq!(played.world.model.requests().len(), requests, "requests to the model");
        assert_eq!(played.ran(), ran, "tools that ran");
        invariants::hold(&played);
        played
    }
}

impl Played {
    /// How the run ended.
    pub(super) fn end(&self) -> String {
        match self.events.outcome() {
            RunOutcome::Completed => COMPLETED.to_owned(),
            RunOutcome::Stopped => "stopped".to_owned(),
            RunOutcome::Paused => "paused".to_owned(),
            RunOutcome::HandedOver { .. } => "handed over".to_owned(),
            RunOutcome::Asks { .. } => "asks".to_owned(),
            RunOutcome::LimitReached { problem } | RunOutcome::Failed { problem } => problem.code.clone(),
        }
    }

    /// The tools that ran.
    pub(super) fn ran(&self) -> Vec<String> {
        let path = |arguments: &Value| match arguments.get("path") {
            Some(Value::String(path)) => format!(" {path}"),
            Some(other) => format!(" {other}"),
            None => String::new(),
        };
        self.world.tools.seen(|seen| {
            let calls = seen.invocations.iter();
            calls.map(|(name, invocation)| format!("{name}{}", path(&invocation.arguments))).collect()
        })
    }

    /// What the model was told last.
    #[track_caller]
    pub(super) fn tells(&self, words: &str) -> &Self {
        let last = self.world.model.requests().len() - 1;
        let told = self.world.messages(last);
        let told: Vec<&str> = told.iter().filter_map(|message| message["content"].as_str()).skip(1).collect();
        assert!(told.iter().any(|text| text.contains(words)), "{words:?} is not in {told:#?}");
        self
    }

    /// The arguments that the calls ran with.
    pub(super) fn arguments(&self) -> Vec<Value> {
        self.world.tools.seen(|seen| {
            seen.invocations.iter().map(|(_, invocation)| invocation.arguments.clone()).collect()
        })
    }
}

/// An answer of text.
pub(super) fn text(text: impl Into<String>) -> Reply {
    Reply { text: text.into(), ..Reply::default() }
}

/// An answer of calls, each a tool and the text of its arguments.
pub(super) fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, &'a str)>) -> Reply {
    let calls = calls.into_iter().map(|(name, arguments)| ScriptedCall {
        id: None,
        name: name.to_owned(),
        arguments: Arguments::Text(arguments.to_owned()),
        extra: serde_json::Map::new(),
    });
    Reply { tool_calls: calls.collect(), chunk_chars: 4096, ..Reply::default() }
}

/// An answer of one `write_file` with these arguments.
pub(super) fn write(arguments: &str) -> Reply {
    calls([("write_file", arguments)])
}

/// An answer of one call with this id.
pub(super) fn with_id(id: &str, name: &str, arguments: &str) -> Reply {
    let mut reply = calls([(name, arguments)]);
    reply.tool_calls[0].id = Some(id.to_owned());
    reply
}

/// A reply that goes wrong as `kind` says, so many times.
pub(super) fn faulty(mut reply: Reply, kind: FaultKind, times: Option<u32>) -> Reply {
    reply.fault = Some(Fault { kind, times });
    reply
}

/// An HTTP error, so many times; then the answer is `fine`.
pub(super) fn status(code: u16, headers: &[(&str, &str)], body: &str, times: Option<u32>) -> Reply {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    faulty(text("fine"), FaultKind::Status { code, headers, body: body.to_owned() }, times)
}

/// A body, played once; when the model is asked again it says `fine`.
pub(super) fn body(raw: RawBody) -> Reply {
    faulty(text("fine"), FaultKind::Body(raw), Some(1))
}
