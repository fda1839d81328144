//! Carries out the calls of one step: consecutive read-only calls together, writing calls one after the
//! other, each after everything before it.

mod prepare;

use std::time::Instant;

use futures::StreamExt;
use serde_json::Value;
use slipway_fail_points::{Point, reach};
use slipway_protocol::question::Question;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome};
use slipway_protocol::transcript::{
    AssistantStep, Correction, Entry, PlanOrigin, PlanUpdate, ToolCall, ToolResult,
};
use slipway_protocol::{ConversationId, InvocationId};

use self::prepare::{Action, PreparedCall, into_groups, prepare};
use crate::events::EventSink;
use crate::run::{Run, now_ms};
use crate::tools::builtin::web_browser::Reading;
use crate::tools::endpoint::Endpoint;

impl<'a> Run<'a> {
    /// Carries out the calls of an answer and records what comes of them. Gives the questions that the person
    /// is to answer.
    pub(super) async fn carry_out(&mut self, step: u32, answer: &AssistantStep) -> Vec<Question> {
        let output_limit = self.request.limits.max_output_tokens;
        let prepared = prepare(answer, &self.catalog, &self.scene(answer), output_limit);
        // Before the result that tells of it: whoever knows the result knows the plan.
        if let Some(plan) = prepared.new_plan() {
            self.record(Entry::Plan(PlanUpdate { plan, origin: PlanOrigin::Call })).await;
        }
        let most = usize::try_from(self.request.limits.max_parallel_calls).unwrap_or(usize::MAX).max(1);
        for group in into_groups(prepared.calls) {
            let (conversation, events) = (self.request.conversation_id.clone(), self.events.clone());
            let made = group.into_iter().map(|prepared| self.making(prepared, step, &conversation, &events));
            let made: Vec<_> = made.collect();
            let mut results = futures::stream::iter(made).buffer_unordered(most);
            let mut long_pages = Vec::new();
            while let Some(made) = results.next().await {
                match made.reading {
                    Some(reading) if self.reader.is_some() => {
                        long_pages.push((made.call, made.result, reading))
                    }
                    _ => self.record_result(&made.call, made.result).await,
                }
            }
            drop(results);
            // One after the other: each is paid for, and budgets must know of the one before.
            for (call, mut result, reading) in long_pages {
                let started = Instant::now();
                result.outcome = self.read_page(&reading, result.outcome).await;
                result.duration_ms += milliseconds_since(started);
                result.created_at = now_ms();
                self.record_result(&call, result).await;
            }
        }
        prepared.questions
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
        let known_as = match &self.parent_call {
            Some(parent) => call.id.under(parent),
            None => call.id.clone(),
        };
        let delegation = match &action {
            Action::Delegate(task) => Some(self.delegation(&call, task.clone())),
            Action::Invoke { .. } | Action::Browse { .. } | Action::Answered(_) | Action::Refuse(_) => None,
        };
        let id = call.id.clone();
        let own_name = call.name.clone();
        let page_chars = usize::try_from(self.request.page_chars).unwrap_or(usize::MAX);
        timed(call, async move {
            let invoke = async |endpoint: Endpoint, name: &str, arguments: Value| {
                let invocation = ToolInvocation {
                    invocation_id: InvocationId::generate(),
                    call_id: known_as.clone(),
                    conversation_id: conversation.clone(),
                    step,
                    arguments,
                };
                events.send(EngineEvent::ToolStarted { call_id: id.clone() }).await;
                let output = |text| events.send(EngineEvent::ToolOutput { call_id: id.clone(), text });
                reach(Point::CallBegins);
                let outcome = endpoint.invoke(name, &invocation, output).await;
                reach(Point::CallReturned);
                outcome
            };
            match action {
                Action::Answered(outcome) => (*outcome, None),
                Action::Refuse(reason) => (ToolOutcome::error(reason), None),
                Action::Delegate(_) => match delegation {
                    Some(delegation) => (delegation.carry_out().await, None),
                    None => (ToolOutcome::error("The sub-agent could not begin."), None),
                },
                Action::Invoke { endpoint, arguments, .. } => {
                    (invoke(endpoint, &own_name, Value::Object(arguments)).await, None)
                }
                Action::Browse { endpoint, browser } => {
                    let (name, arguments) = browser.fetch();
                    let looked = browser.look(invoke(endpoint, name, arguments).await, page_chars);
                    (looked.outcome, looked.reading)
                }
            }
        })
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

/// What came of a call.
struct Made {
    call: ToolCall,
    result: ToolResult,
    /// A long page that could be read for the model instead of being shown.
    reading: Option<Box<Reading>>,
}

/// An outcome, and a long page that could be read for the model.
type Outcome = (ToolOutcome, Option<Box<Reading>>);

/// Times a call and makes its result.
async fn timed(call: ToolCall, making: impl Future<Output = Outcome>) -> Made {
    let started = Instant::now();
    let (outcome, reading) = making.await;
    let result = ToolResult {
        call_id: call.id.clone(),
        name: call.name.clone(),
        outcome,
        duration_ms: milliseconds_since(started),
        created_at: now_ms(),
    };
    Made { call, result, reading }
}

fn milliseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
