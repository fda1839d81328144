//! A run as spans: the run, its steps, their model calls and tool calls, and what sub-agents do inside calls.

use std::collections::HashMap;

use slipway_protocol::CallId;
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::Entry;

use super::Telemetry;
use crate::runs::ActiveRun;

/// Something that took time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(super) trace: u128,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: String,
    /// In ms since the epoch.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) failed: bool,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Text(String),
    Count(u64),
}

/// The spans of a run that are open.
#[derive(Debug)]
pub(crate) struct RunSpans {
    telemetry: Telemetry,
    run: Span,
    model: String,
    /// What goes on in the run itself, and in the sub-agents of calls.
    levels: HashMap<Option<CallId>, Level>,
}

/// Where one agent stands.
#[derive(Debug, Default)]
struct Level {
    step: Option<Span>,
    model_call: Option<Span>,
    /// Has ended, and waits to hear what it consumed.
    settled: Option<Span>,
    tools: HashMap<CallId, Span>,
}

impl RunSpans {
    /// For a run that is driven now; `None` where nobody wants to know.
    pub(crate) fn begin(telemetry: &Telemetry, run: &ActiveRun) -> Option<Self> {
        telemetry.is_on().then(|| Self {
            telemetry: telemetry.clone(),
            run: Span {
                trace: rand::random(),
                id: rand::random(),
                parent: None,
                name: "run".to_owned(),
                start: run.started_at,
                end: run.started_at,
                failed: false,
                attributes: vec![
                    ("slipway.run_id", Attribute::Text(run.id.to_string())),
                    ("slipway.conversation_id", Attribute::Text(run.conversation_id.to_string())),
                ],
            },
            model: String::new(),
            levels: HashMap::new(),
        })
    }

    /// Notes the model that is asked.
    pub(crate) fn asks(&mut self, model: &str) {
        model.clone_into(&mut self.model);
    }

    /// Notes what the engine tells at this moment.
    pub(crate) fn engine_event(&mut self, event: &EngineEvent, now: i64) {
        self.event(None, event, now);
    }

    /// Ends everything that is open.
    pub(crate) fn end(mut self, how: RunStatus, now: i64) {
        for (_, level) in std::mem::take(&mut self.levels) {
            let open = level.step.into_iter().chain(level.model_call).chain(level.settled);
            for span in open.chain(level.tools.into_values()) {
                self.tell(span, now);
            }
        }
        let mut run = self.run;
        run.failed = how == RunStatus::Error;
        run.end = now;
        let status = format!("{how:?}").to_lowercase();
        run.attributes.push(("slipway.status", Attribute::Text(status)));
        self.telemetry.tell(run);
    }

    fn event(&mut self, agent: Option<&CallId>, event: &EngineEvent, now: i64) {
        match event {
            EngineEvent::StepStarted { step, .. } => {
                let mut span = self.child(self.parent_of_steps(agent), format!("step {step}"), now);
                span.attributes.push(("slipway.step", Attribute::Count(u64::from(*step))));
                let before = self.level(agent).step.replace(span);
                self.tell_all(before, now);
            }
            EngineEvent::Reserved { .. } => {
                let parent = self.parent_in_step(agent);
                let mut span = self.child(parent, format!("chat {}", self.model), now);
                span.attributes.push(("gen_ai.operation.name", Attribute::Text("chat".to_owned())));
                span.attributes.push(("gen_ai.request.model", Attribute::Text(self.model.clone())));
                let level = self.level(agent);
                let before = level.settled.take().into_iter().chain(level.model_call.replace(span));
                let before: Vec<_> = before.collect();
                self.tell_all(before, now);
            }
            EngineEvent::Usage { usage, .. } => {
                let level = self.level(agent);
                if let Some(span) = level.settled.as_mut().or(level.model_call.as_mut()) {
                    let input = usage.input + usage.cached + usage.written;
                    span.attributes.push(("gen_ai.usage.input_tokens", Attribute::Count(input)));
                    span.attributes.push((
                        "gen_ai.usage.output_tokens",
                        Attribute::Count(usage.output + usage.reasoning),
                    ));
                    span.attributes.push(("slipway.cached_tokens", Attribute::Count(usage.cached)));
                }
            }
            EngineEvent::Settled { spent, failed } => {
                let level = self.level(agent);
                if let Some(mut span) = level.model_call.take() {
                    span.end = now;
                    span.failed = failed.is_some();
                    span.attributes.push(("slipway.cost_micros", Attribute::Count(spent.cost_micros)));
                    level.settled = Some(span);
                }
            }
            EngineEvent::ToolStarted { call_id } => {
                let span = self.child(self.parent_in_step(agent), "execute_tool".to_owned(), now);
                self.level(agent).tools.insert(call_id.clone(), span);
            }
            EngineEvent::Entry { entry } => self.entry(agent, entry, now),
            EngineEvent::Nested { call_id, event } if agent.is_none() => {
                self.event(Some(call_id), event, now)
            }
            _ => {}
        }
    }

    fn entry(&mut self, agent: Option<&CallId>, entry: &Entry, now: i64) {
        let Entry::ToolResult(result) = entry else { return };
        if let Some(inner) = self.levels.remove(&Some(result.call_id.clone())) {
            let open = inner.step.into_iter().chain(inner.model_call).chain(inner.settled);
            self.tell_all(open.chain(inner.tools.into_values()).collect::<Vec<_>>(), now);
        }
        if let Some(mut span) = self.level(agent).tools.remove(&result.call_id) {
            span.name = format!("execute_tool {}", result.name);
            span.failed = result.outcome.status != ToolStatus::Ok;
            span.attributes.push(("gen_ai.tool.name", Attribute::Text(result.name.clone())));
            span.attributes.push(("gen_ai.tool.call.id", Attribute::Text(result.call_id.to_string())));
            span.attributes.push(("slipway.status", Attribute::Text(result.outcome.status.to_string())));
            self.tell(span, now);
        }
    }

    fn level(&mut self, agent: Option<&CallId>) -> &mut Level {
        self.levels.entry(agent.cloned()).or_default()
    }

    /// A sub-agent's steps are inside the call that it works for.
    fn parent_of_steps(&self, agent: Option<&CallId>) -> u64 {
        let main = self.levels.get(&None);
        let call = agent.and_then(|call_id| main?.tools.get(call_id));
        call.map_or(self.run.id, |span| span.id)
    }

    fn parent_in_step(&self, agent: Option<&CallId>) -> u64 {
        let step = self.levels.get(&agent.cloned()).and_then(|level| level.step.as_ref());
        step.map_or_else(|| self.parent_of_steps(agent), |span| span.id)
    }

    fn child(&self, parent: u64, name: String, now: i64) -> Span {
        Span {
            trace: self.run.trace,
            id: rand::random(),
            parent: Some(parent),
            name,
            start: now,
            end: now,
            failed: false,
            attributes: Vec::new(),
        }
    }

    fn tell_all(&self, spans: impl IntoIterator<Item = Span>, now: i64) {
        for span in spans {
            self.tell(span, now);
        }
    }

    /// Ends a span, unless it has ended before.
    fn tell(&self, mut span: Span, now: i64) {
        if span.end == span.start {
            span.end = now;
        }
        self.telemetry.tell(span);
    }
}
