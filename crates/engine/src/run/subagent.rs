//! Sub-agents: child runs inside the call that asks for them. They only read, have limits of their own within
//! what is left to the run, and nothing of what they see enters its context but their report.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use slipway_protocol::run::{AgentRole, EngineEvent, PromptFacts, RunLimits, RunOutcome, RunRequest};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, Origin, ToolCall, UserMessage};
use slipway_protocol::{MessageId, Problem};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::events::EventSink;
use crate::run::{Funds, Run, Surroundings, now_ms};
use crate::tools::builtin::Task;
use crate::tools::catalog::Catalog;
use crate::tools::endpoint::Endpoint;

/// What the model is told of a sub-agent that was stopped before it had a turn.
const NOT_BEGUN: &str = "The person stopped the sub-agent before it began.";

/// A sub-agent that is about to work. It borrows nothing of its run, so that several work at once.
#[derive(Debug)]
pub(super) struct Delegation<'a> {
    call: ToolCall,
    task: Task,
    request: RunRequest,
    surroundings: Surroundings<'a>,
    catalog: Catalog,
    view_endpoint: Option<Endpoint>,
    funds: Funds,
    events: EventSink,
    turns: Arc<Semaphore>,
    most_characters: usize,
}

impl<'a> Run<'a> {
    /// What a sub-agent needs for the task that a call gives.
    pub(super) fn delegation(&self, call: &ToolCall, task: Task) -> Delegation<'a> {
        let own = self.request.subagents;
        let parent = &self.request;
        let request = RunRequest {
            run_id: parent.run_id.clone(),
            conversation_id: parent.conversation_id.under(&call.id),
            transcript: vec![Entry::User(UserMessage {
                id: MessageId::generate(),
                text: task.text.clone(),
                attachments: Vec::new(),
                origin: Origin::Parent,
                created_at: now_ms(),
            })],
            held: Vec::new(),
            model: parent.secondary.as_ref().unwrap_or(&parent.model).clone(),
            secondary: parent.secondary.clone(),
            limits: RunLimits {
                max_steps: own.max_steps,
                max_total_tokens: Some(own.max_tokens),
                max_cost_micros: None,
                max_minutes: Some(own.max_minutes),
                ..parent.limits
            },
            subagents: own,
            spent: slipway_protocol::budget::Spending::default(),
            conversation_budget: slipway_protocol::budget::Allowance::default(),
            tools: parent.tools.clone(),
            context_mode: parent.context_mode,
            page_chars: parent.page_chars,
            prompt: PromptFacts { role: AgentRole::Subagent, ..parent.prompt.clone() },
        };
        Delegation {
            call: call.clone(),
            task,
            request,
            surroundings: self.surroundings,
            catalog: self.catalog.reading(),
            view_endpoint: self.view_endpoint.clone(),
            funds: Funds::Shared(self.purse.sharer()),
            events: self.events.clone(),
            turns: Arc::clone(&self.subagent_turns),
            most_characters: usize::try_from(own.max_report_chars).unwrap_or(usize::MAX),
        }
    }
}

impl<'a> Delegation<'a> {
    /// Works until there is a report, a limit is reached, or the person stops it. Waits for its turn first.
    ///
    /// Boxed, because a run delegates to a run.
    pub(super) fn carry_out(self) -> BoxFuture<'a, ToolOutcome> {
        async move {
            let turns = Arc::clone(&self.turns);
            let stop = self.surroundings.stops.of(&self.request.run_id, self.call.id.clone());
            let _turn = tokio::select! {
                biased;
                () = stop.cancelled() => return ToolOutcome::new(ToolStatus::Stopped, NOT_BEGUN),
                // Nobody closes it.
                turn = turns.acquire() => turn,
            };
            self.events.send(EngineEvent::ToolStarted { call_id: self.call.id.clone() }).await;
            Box::pin(self.work(stop)).await
        }
        .boxed()
    }

    async fn work(self, stop: CancellationToken) -> ToolOutcome {
        let Self { call, task, request, surroundings, catalog, view_endpoint, funds, events, .. } = self;
        let events = events.under(call.id.clone());
        let assembled = Run::assemble(request, surroundings, events, catalog, view_endpoint, funds);
        let mut run = match assembled {
            Ok(run) => run,
            Err(problem) => return ToolOutcome::error(not_begun(&problem)),
        };
        let began = Instant::now();
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => Ended::Stopped,
            outcome = AssertUnwindSafe(run.conduct()).catch_unwind() => outcome.map_or(Ended::Fault, Ended::By),
        };
        run.settle_given_up().await;
        tracing::info!(call_id = %call.id, ms = began.elapsed().as_millis(), ?ended, "a sub-agent has ended");
        run.report(&task, ended, self.most_characters)
    }
}

/// How a sub-agent ended.
#[derive(Debug)]
enum Ended {
    By(RunOutcome),
    Stopped,
    Fault,
}

impl Run<'_> {
    /// What the call comes to.
    fn report(&self, task: &Task, ended: Ended, most_characters: usize) -> ToolOutcome {
        let (status, before) = match ended {
            Ended::By(RunOutcome::Completed) => (ToolStatus::Ok, None),
            Ended::By(RunOutcome::LimitReached { problem }) => (
                ToolStatus::Error,
                Some(format!("The sub-agent reached a limit before it was done. {}", why(&problem))),
            ),
            Ended::By(RunOutcome::Failed { problem }) => {
                (ToolStatus::Error, Some(format!("The sub-agent failed. {}", why(&problem))))
            }
            Ended::By(
                RunOutcome::Stopped
                | RunOutcome::Paused
                | RunOutcome::HandedOver { .. }
                | RunOutcome::Asks { .. },
            )
            | Ended::Stopped => {
                (ToolStatus::Stopped, Some("The person stopped the sub-agent before it was done.".to_owned()))
            }
            Ended::Fault => {
                tracing::error!("a sub-agent panicked");
                (ToolStatus::Error, Some("The sub-agent was ended by a fault of Slipway.".to_owned()))
            }
        };
        let said = self.request.transcript.iter().rev().find_map(|entry| match entry {
            Entry::Assistant(step) if !step.text.trim().is_empty() => Some(step.text.trim()),
            _ => None,
        });
        let mut outcome = ToolOutcome::new(status, String::new());
        outcome.text = match (before, said) {
            (None, said) => said.unwrap_or("The sub-agent ended without a report.").to_owned(),
            (Some(before), Some(said)) => format!("{before}\nWhat it said last:\n{said}"),
            (Some(before), None) => format!("{before}\nIt has said nothing yet."),
        };
        if let Some((cut, _)) = outcome.text.char_indices().nth(most_characters) {
            outcome.text.truncate(cut);
            outcome.text.push_str(&format!("\n[cut after {most_characters} characters]"));
            outcome.truncated = true;
        }
        let spent = self.purse.spent();
        outcome.data = json!({
            "title": task.title,
            "model": self.model.endpoint.model,
            "steps": spent.steps,
            "tokens": spent.tokens,
        });
        outcome
    }
}

fn not_begun(problem: &Problem) -> String {
    format!("The sub-agent could not begin. {}", why(problem))
}

fn why(problem: &Problem) -> String {
    let Problem { title, detail, .. } = problem;
    if detail.is_empty() {
        format!("{title}.")
    } else {
        format!("{title}: {}.", detail.trim_end_matches('.'))
    }
}
