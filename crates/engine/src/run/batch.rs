//! Carries out the calls of one step: consecutive read-only calls together, writing calls one after the
//! other, each after everything before it.

use std::collections::HashMap;
use std::time::Instant;

use futures::StreamExt;
use serde_json::{Map, Value};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::{ToolAccess, ToolInvocation, ToolOutcome};
use slipway_protocol::transcript::{AssistantStep, Correction, Entry, Finish, ToolCall, ToolResult};
use slipway_protocol::{ConversationId, InvocationId};

use crate::events::EventSink;
use crate::run::{Run, now_ms};
use crate::tools::arguments;
use crate::tools::builtin::Scene;
use crate::tools::catalog::{Answerer, Catalog};
use crate::tools::endpoint::Endpoint;

/// Most calls of one answer that are made.
const MAX_CALLS: usize = 128;

/// Most equal calls of one answer that are made: some have a good reason, for example pressing a key.
const MAX_EQUAL_CALLS: usize = 10;

/// A call, ready to be made or refused already.
struct Prepared {
    call: ToolCall,
    action: Action,
}

enum Action {
    /// Make it.
    Invoke { endpoint: Endpoint, access: ToolAccess, arguments: Map<String, Value> },
    /// The engine has it answered already.
    Answered(Box<ToolOutcome>),
    /// It cannot be made; the model is told why.
    Refuse(String),
}

impl Prepared {
    /// Whether it may run together with its neighbours.
    fn is_concurrent(&self) -> bool {
        match &self.action {
            Action::Invoke { access, .. } => *access == ToolAccess::ReadOnly,
            Action::Answered(_) | Action::Refuse(_) => true,
        }
    }
}

impl Run<'_> {
    /// Carries out the calls of an answer and records what comes of them.
    pub(super) async fn carry_out(&mut self, step: u32, answer: &AssistantStep) {
        let calls =
            prepare(answer, &self.catalog, &self.scene(answer), self.request.limits.max_output_tokens);
        let most = usize::try_from(self.request.limits.max_parallel_calls).unwrap_or(usize::MAX).max(1);
        for group in into_groups(calls) {
            let conversation = self.request.conversation_id.clone();
            let events = self.events.clone();
            let mut results = futures::stream::iter(group)
                .map(|prepared| make(prepared, step, &conversation, &events))
                .buffer_unordered(most);
            while let Some((call, result)) = results.next().await {
                self.record_result(&call, result).await;
            }
        }
    }

    async fn record_result(&mut self, call: &ToolCall, result: ToolResult) {
        let corrected = result.outcome.corrected_arguments.clone();
        let call_id = call.id.clone();
        self.record(Entry::ToolResult(result)).await;
        if let Some(arguments) = corrected.filter(|corrected| *corrected != call.arguments) {
            self.record(Entry::Correction(Correction { call_id, arguments })).await;
        }
    }
}

/// Decides of each call whether it can be made.
fn prepare(
    answer: &AssistantStep,
    catalog: &Catalog,
    scene: &Scene<'_>,
    output_limit: Option<u32>,
) -> Vec<Prepared> {
    let last = answer.tool_calls.len().saturating_sub(1);
    let mut equal: HashMap<(&str, String), usize> = HashMap::new();
    let calls = answer.tool_calls.iter().enumerate();
    calls
        .map(|(position, call)| {
            let times = equal.entry((&call.name, arguments::canonical(&call.arguments))).or_default();
            *times += 1;
            let action = if let Some(reason) = cut_off(answer, call, position == last, output_limit) {
                Action::Refuse(reason)
            } else if position >= MAX_CALLS {
                Action::Refuse(format!(
                    "The call was not made: only the first {MAX_CALLS} calls of an answer are made. Look at \
                     what came of them, then make the others if they are still needed."
                ))
            } else if *times > MAX_EQUAL_CALLS {
                Action::Refuse(format!(
                    "The call was not made: the same call was made {MAX_EQUAL_CALLS} times already in this \
                     answer. Look at what came of it first."
                ))
            } else {
                action(call, catalog, scene)
            };
            Prepared { call: call.clone(), action }
        })
        .collect()
}

fn action(call: &ToolCall, catalog: &Catalog, scene: &Scene<'_>) -> Action {
    let Some((spec, answerer)) = catalog.find(&call.name) else {
        return Action::Refuse(catalog.unknown(&call.name));
    };
    match arguments::parse(&call.arguments) {
        Ok(arguments) => match answerer {
            Answerer::Endpoint(endpoint) => Action::Invoke {
                endpoint: endpoint.clone(),
                access: spec.access,
                arguments: arguments.object,
            },
            Answerer::Engine(builtin) => Action::Answered(Box::new(builtin.answer(arguments.object, scene))),
        },
        Err(error) => Action::Refuse(format!(
            "`{}` was not carried out: {error}. Call it again with complete, valid JSON; split large content \
             into several smaller calls.",
            call.name
        )),
    }
}

/// Why a call cannot be trusted to be complete; `None` when it can. Half a file or half a command must not
/// be acted on.
fn cut_off(
    answer: &AssistantStep,
    call: &ToolCall,
    is_last: bool,
    output_limit: Option<u32>,
) -> Option<String> {
    let is_whole = arguments::parse(&call.arguments).is_ok_and(|arguments| arguments.repaired.is_none());
    let reason = match &answer.finish {
        Finish::Stop | Finish::ToolCalls | Finish::Stopped => return None,
        Finish::Length if is_whole && !is_last => return None,
        Finish::Filtered | Finish::Other(_) if is_whole => return None,
        Finish::Length => {
            let limit = output_limit.map_or_else(String::new, |limit| format!(" of {limit} tokens"));
            format!("your answer reached the output limit{limit}")
        }
        Finish::Filtered => "the provider's content filter ended your answer".to_owned(),
        Finish::Other(reason) => format!("your answer ended for an unknown reason (`{reason}`)"),
    };
    Some(format!(
        "The call was not carried out: {reason}, so its arguments may be incomplete. Call again with less \
         content at once, for example by writing a file in several parts."
    ))
}

/// Groups of calls that run together; a writing call is a group of its own.
fn into_groups(calls: Vec<Prepared>) -> Vec<Vec<Prepared>> {
    let mut groups: Vec<Vec<Prepared>> = Vec::new();
    let mut open = false;
    for call in calls {
        let concurrent = call.is_concurrent();
        match groups.last_mut().filter(|_| open && concurrent) {
            Some(group) => group.push(call),
            None => groups.push(vec![call]),
        }
        open = concurrent;
    }
    groups
}

async fn make(
    prepared: Prepared,
    step: u32,
    conversation: &ConversationId,
    events: &EventSink,
) -> (ToolCall, ToolResult) {
    let Prepared { call, action } = prepared;
    let started = Instant::now();
    let outcome = match action {
        Action::Answered(outcome) => *outcome,
        Action::Refuse(reason) => ToolOutcome::error(reason),
        Action::Invoke { endpoint, arguments, .. } => {
            let invocation = ToolInvocation {
                invocation_id: InvocationId::generate(),
                call_id: call.id.clone(),
                conversation_id: conversation.clone(),
                step,
                arguments: Value::Object(arguments),
            };
            events.send(EngineEvent::ToolStarted { call_id: call.id.clone() }).await;
            let output = |text| events.send(EngineEvent::ToolOutput { call_id: call.id.clone(), text });
            endpoint.invoke(&call.name, &invocation, output).await
        }
    };
    let result = ToolResult {
        call_id: call.id.clone(),
        name: call.name.clone(),
        outcome,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        created_at: now_ms(),
    };
    (call, result)
}
