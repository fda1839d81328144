//! Carries out the calls of one step: consecutive read-only calls together, writing calls one after the
//! other, each after everything before it.

mod prepare;

use std::time::Instant;

use futures::StreamExt;
use serde_json::Value;
use slipway_fail_points::{Point, reach};
use slipway_protocol::CallId;
use slipway_protocol::approval::HeldCall;
use slipway_protocol::question::Question;
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome};
use slipway_protocol::transcript::{
    AssistantStep, Correction, Entry, PlanOrigin, PlanUpdate, ToolCall, ToolResult,
};
use slipway_protocol::{ConversationId, InvocationId};

use self::prepare::{Action, PreparedCall, PreparedCalls, into_groups, prepare};
use crate::events::EventSink;
use crate::run::{Run, now_ms};
use crate::tools::builtin::web_browser::Reading;
use crate::tools::endpoint::{Answered, Endpoint};

impl ForPerson {
    /// How the run ends; `None` when it goes on without the person.
    pub(super) fn outcome(self) -> Option<RunOutcome> {
        let Self { questions, held, paused } = self;
        let is_asked = held.iter().any(|call| call.asked);
        match (questions.is_empty(), is_asked) {
            (true, false) => paused.then_some(RunOutcome::Paused),
            // Calls that were left only because of a pause are made after the answers.
            (false, false) => Some(RunOutcome::Asks { questions, held: Vec::new() }),
            (_, true) => Some(RunOutcome::Asks { questions, held }),
        }
    }
}

impl<'a> Run<'a> {
    /// Carries out the calls of an answer and records what comes of them. Gives what the person is needed for.
    pub(super) async fn carry_out(&mut self, answer: &AssistantStep) -> ForPerson {
        let output_limit = self.request.limits.max_output_tokens;
        let prepared = prepare(answer, &self.catalog, &self.scene(answer), output_limit);
        self.make(answer.step, prepared).await
    }

    /// Carries out the calls of the last answer that were left for later.
    pub(super) async fn carry_out_held(&mut self, answer: &AssistantStep, held: &[CallId]) -> ForPerson {
        let output_limit = self.request.limits.max_output_tokens;
        let mut prepared = prepare(answer, &self.catalog, &self.scene(answer), output_limit);
        prepared.calls.retain(|prepared| held.contains(&prepared.call.id));
        prepared.questions.clear();
        self.make(answer.step, prepared).await
    }

    async fn make(&mut self, step: u32, prepared: PreparedCalls) -> ForPerson {
        // Before the result that tells of it: whoever knows the result knows the plan.
        if let Some(plan) = prepared.new_plan() {
            self.record(Entry::Plan(PlanUpdate { plan, origin: PlanOrigin::Call })).await;
        }
        let most = usize::try_from(self.request.limits.max_parallel_calls).unwrap_or(usize::MAX).max(1);
        let mut held: Vec<HeldCall> = Vec::new();
        let (mut is_held, mut is_paused) = (false, false);
        for mut group in into_groups(prepared.calls) {
            if self.is_to_pause() && group.iter().any(|prepared| !prepared.is_settled()) {
                (is_held, is_paused) = (true, true);
            }
            if is_held {
                // Each call comes after everything before it, so these come after the person's decision.
                let (now, later): (Vec<_>, Vec<_>) = group.into_iter().partition(PreparedCall::is_settled);
                held.extend(later.iter().filter_map(PreparedCall::held));
                group = now;
            }
            let (conversation, events) = (self.request.conversation_id.clone(), self.events.clone());
            let made = group.into_iter().map(|prepared| self.making(prepared, step, &conversation, &events));
            let made: Vec<_> = made.collect();
            let mut results = futures::stream::iter(made).buffer_unordered(most);
            let mut long_pages = Vec::new();
            while let Some(made) = results.next().await {
                match made {
                    Made::Held(call) => {
                        is_held = true;
                        held.push(call);
                    }
                    Made::Ended { call, result, reading: Some(reading) } if self.reader.is_some() => {
                        long_pages.push((call, result, reading));
                    }
                    Made::Ended { call, result, .. } => self.record_result(&call, *result).await,
                }
            }
            drop(results);
            // One after the other: each is paid for, and budgets must know of the one before.
            for (call, mut result, reading) in long_pages {
                let started = Instant::now();
                let stop = self.surroundings.stops.of(&self.request.run_id, self.known_as(&call.id));
                result.outcome = self.read_page(&reading, result.outcome, &stop).await;
                result.duration_ms += milliseconds_since(started);
                result.created_at = now_ms();
                self.record_result(&call, *result).await;
            }
        }
        ForPerson { questions: prepared.questions, held, paused: is_paused }
    }

    /// What is to be done about a call, bound to nothing of this run: results are recorded meanwhile.
    fn making<'b>(
        &self,
        prepared: PreparedCall,
        step: u32,
        conversation: &'b ConversationId,
        events: &'b EventSink,
    ) -> impl Future<Output = Made> + use<'a, 'b> {
        let PreparedCall { call, action } = prepared;
        let known_as = self.known_as(&call.id);
        let delegation = match &action {
            Action::Delegate(task) => Some(self.delegation(&call, task.clone())),
            Action::Invoke { .. } | Action::Browse { .. } | Action::Answered(_) | Action::Refuse(_) => None,
        };
        let id = call.id.clone();
        let own_name = call.name.clone();
        let page_chars = usize::try_from(self.request.page_chars).unwrap_or(usize::MAX);
        timed(call, async move {
            let held = |tool: &str, arguments: Value| {
                let (call_id, tool) = (id.clone(), tool.to_owned());
                Carried::Held(HeldCall { call_id, tool, arguments, asked: true })
            };
            let invoke = async |endpoint: Endpoint, name: &str, arguments: &Value| {
                let invocation = ToolInvocation {
                    invocation_id: InvocationId::generate(),
                    call_id: known_as.clone(),
                    conversation_id: conversation.clone(),
                    step,
                    arguments: arguments.clone(),
                };
                events.send(EngineEvent::ToolStarted { call_id: id.clone() }).await;
                let output = |text| events.send(EngineEvent::ToolOutput { call_id: id.clone(), text });
                reach(Point::CallBegins);
                let outcome = endpoint.invoke(name, &invocation, output).await;
                reach(Point::CallReturned);
                outcome
            };
            match action {
                Action::Answered(outcome) => Carried::Out(*outcome, None),
                Action::Refuse(reason) => Carried::Out(ToolOutcome::error(reason), None),
                Action::Delegate(_) => match delegation {
                    Some(delegation) => Carried::Out(delegation.carry_out().await, None),
                    None => Carried::Out(ToolOutcome::error("The sub-agent could not begin."), None),
                },
                Action::Invoke { endpoint, arguments, .. } => {
                    let arguments = Value::Object(arguments);
                    match invoke(endpoint, &own_name, &arguments).await {
                        Answered::Ended(outcome) => Carried::Out(outcome, None),
                        Answered::Held => held(&own_name, arguments),
                    }
                }
                Action::Browse { endpoint, browser } => {
                    let (name, arguments) = browser.fetch();
                    match invoke(endpoint, name, &arguments).await {
                        Answered::Ended(outcome) => {
                            let looked = browser.look(outcome, page_chars);
                            Carried::Out(looked.outcome, looked.reading)
                        }
                        Answered::Held => held(name, arguments),
                    }
                }
            }
        })
    }

    /// A call's id outside of this run, which may be a sub-agent's.
    fn known_as(&self, id: &CallId) -> CallId {
        self.parent_call.as_ref().map_or_else(|| id.clone(), |parent| id.under(parent))
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

/// What the person is needed for after a step.
#[derive(Debug, Default)]
pub(super) struct ForPerson {
    /// What the model asks.
    pub(super) questions: Vec<Question>,
    /// Calls that wait for a decision, those that wait for them included.
    pub(super) held: Vec<HeldCall>,
    /// Whether the run was to come to rest before calls that are left.
    pub(super) paused: bool,
}

/// What came of a call.
enum Made {
    /// It has ended.
    Ended {
        call: ToolCall,
        result: Box<ToolResult>,
        /// A long page that could be read for the model instead of being shown.
        reading: Option<Box<Reading>>,
    },
    /// It has not begun.
    Held(HeldCall),
}

/// The same before it is timed.
enum Carried {
    Out(ToolOutcome, Option<Box<Reading>>),
    Held(HeldCall),
}

/// Times a call and makes its result.
async fn timed(call: ToolCall, making: impl Future<Output = Carried>) -> Made {
    let started = Instant::now();
    let (outcome, reading) = match making.await {
        Carried::Out(outcome, reading) => (outcome, reading),
        Carried::Held(held) => return Made::Held(held),
    };
    let result = Box::new(ToolResult {
        call_id: call.id.clone(),
        name: call.name.clone(),
        outcome,
        duration_ms: milliseconds_since(started),
        created_at: now_ms(),
    });
    Made::Ended { call, result, reading }
}

fn milliseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
