//! Has a recorded conversation happen again in an instance whose model is the recording: says what was
//! said, stops what was stopped, and waits for each run to end.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use slipway_protocol::api::{ModelChoice, SendMessage, SendMode, UpdateConversation};
use slipway_protocol::budget::{Budget, ConversationBudgets};
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_protocol::export::{ConversationExport, provider_of_run};
use slipway_protocol::message::{Part, PartBody};
use slipway_protocol::run::RunLimits;
use slipway_protocol::{CallId, ConversationId, MessageId, PartId, ProviderId};
use tokio::time::Instant;

use super::plan::{RunPlan, StopPoint, plans};
use crate::exec::follow::{FollowError, Follower};
use crate::gateway::{Gateway, GatewayError};
use crate::terminal::Progress;

/// Longest wait, once a step has begun, for the text at whose end the answer was cut.
const CUT_LIMIT: Duration = Duration::from_secs(5);
/// How long a run may take to end once it was told to.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Why a conversation could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConductError {
    /// The gateway refused or cannot be reached.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The events were lost.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// What was played cannot be read.
    #[error("the gateway exported something that this version does not understand: {0}")]
    Export(#[from] serde_json::Error),
    /// A run neither ends nor can be stopped.
    #[error("run {run} took too long and did not stop when told to; look at the log of the gateway")]
    Stuck {
        /// Which.
        run: usize,
    },
}

/// What was played.
pub(crate) struct Played {
    /// As the gateway has recorded it.
    pub(crate) export: ConversationExport,
    /// What went otherwise than planned.
    pub(crate) notes: Vec<String>,
}

/// Plays all runs.
pub(crate) async fn conduct(
    gateway: &Gateway,
    recorded: &ConversationExport,
) -> Result<Played, ConductError> {
    let plans = plans(recorded);
    let progress = Progress::start("playing the recording");
    let mut settings = gateway.settings().await?;
    settings.instructions = recorded.prompt.instructions.clone();
    // The recorded answers cost nothing, and what they may have cost is not what is tried here.
    settings.limits =
        RunLimits { max_total_tokens: None, max_cost_micros: None, max_minutes: None, ..recorded.limits };
    settings.conversation_budget = Budget::default();
    settings.context_mode = recorded.context_mode;
    settings.setup_done = true;
    let first = plans.first().map(|plan| model(1, plan));
    let conversation = gateway.create_conversation(first, ConversationBudgets::default()).await?.id;
    let all = plans.iter().map(|plan| plan.steps).sum();
    let mut stage = Stage { gateway, conversation, progress, done: 0, all, notes: Vec::new() };
    for (index, plan) in plans.iter().enumerate() {
        settings.limits.max_steps = plan.max_steps;
        gateway.save_settings(&settings).await?;
        if !stage.begin(index + 1, plan).await? {
            break;
        }
        stage.done += plan.steps;
    }
    let text = gateway.export(&stage.conversation, "json").await?;
    let export = serde_json::from_str(&text)?;
    stage.progress.done(&format!("played {} of {} runs", plans.len().min(runs_in(&export)), plans.len()));
    Ok(Played { export, notes: stage.notes })
}

fn runs_in(export: &ConversationExport) -> usize {
    export.runs.len()
}

fn model(run: usize, plan: &RunPlan) -> ModelChoice {
    ModelChoice { provider_id: ProviderId::from(provider_of_run(run)), model: plan.model.clone() }
}

/// Where the runs are played.
struct Stage<'a> {
    gateway: &'a Gateway,
    conversation: ConversationId,
    progress: Progress,
    /// Steps of the runs before, as recorded.
    done: u32,
    /// Steps of all runs, as recorded.
    all: u32,
    notes: Vec<String>,
}

impl Stage<'_> {
    /// Plays run `number`; `false` when it cannot be begun, because the one before ended in another way.
    async fn begin(&mut self, number: usize, plan: &RunPlan) -> Result<bool, ConductError> {
        let id = &self.conversation;
        let update = UpdateConversation { model: Some(model(number, plan)), ..UpdateConversation::default() };
        self.gateway.update_conversation(id, &update).await?;
        let cursor = self.gateway.snapshot(id).await?.cursor;
        let mut follower = Follower::new(self.gateway.clone(), id.clone(), cursor);
        match &plan.message {
            Some(message) => {
                let message = SendMessage {
                    client_id: MessageId::generate().to_string(),
                    text: message.text.clone(),
                    attachments: message.attachments.clone(),
                    mode: SendMode::Queue,
                };
                self.gateway.send_message(id, &message).await?;
            }
            None => match self.gateway.resume(id).await {
                Ok(()) => {}
                Err(GatewayError::Refused(problem)) => {
                    self.notes.push(format!("run {number} cannot be begun, nor those after it: {problem}"));
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            },
        }
        self.follow(number, plan, &mut follower).await?;
        Ok(true)
    }

    /// Waits until the run has ended, and stops it where it was stopped.
    async fn follow(
        &mut self,
        number: usize,
        plan: &RunPlan,
        follower: &mut Follower,
    ) -> Result<(), ConductError> {
        let mut watch = Watch::new(plan);
        let deadline = Instant::now() + plan.limit;
        let mut is_late = false;
        loop {
            let (wake, late) = match watch.stop_at {
                Some(at) if at < deadline => (at, false),
                _ => (if is_late { deadline + STOP_LIMIT } else { deadline }, true),
            };
            tokio::select! {
                // Cancel-safe: the follower keeps its place.
                next = follower.next() => {
                    let next = next?;
                    if let Some(event) = &next.event && let Some(news) = watch.see(event) {
                        self.tell(number, &news);
                    }
                    if let Some((status, _)) = next.status && !status.is_active() && status != RunStatus::Idle {
                        return Ok(());
                    }
                }
                () = tokio::time::sleep_until(wake) => {
                    if late && is_late {
                        return Err(ConductError::Stuck { run: number });
                    }
                    if late {
                        is_late = true;
                        let seconds = plan.limit.as_secs();
                        self.notes.push(format!("run {number} was stopped: it took longer than {seconds} s"));
                    }
                    watch.stop_at = None;
                    self.gateway.stop(&self.conversation).await?;
                }
            }
        }
    }

    fn tell(&self, run: usize, news: &News) {
        let all = self.all;
        match news {
            News::Step(step) => {
                self.progress.detail(&format!("run {run}, step {} of {all}", self.done + step));
            }
            News::Tool { step, name } => {
                self.progress.step(&format!("run {run}, step {} of {all}: {name}", self.done + step));
            }
        }
    }
}

/// Something to tell the person.
enum News {
    Step(u32),
    Tool { step: u32, name: String },
}

/// Looks at a run's events for the moment at which it was stopped.
struct Watch<'a> {
    plan: &'a RunPlan,
    step: u32,
    calls: HashMap<PartId, (CallId, String)>,
    /// Text parts of the present step, and how much they hold.
    texts: HashSet<PartId>,
    characters: usize,
    /// When to stop the run.
    stop_at: Option<Instant>,
    /// Whether that was decided once.
    decided: bool,
}

impl<'a> Watch<'a> {
    fn new(plan: &'a RunPlan) -> Self {
        Self {
            plan,
            step: 0,
            calls: HashMap::new(),
            texts: HashSet::new(),
            characters: 0,
            stop_at: None,
            decided: false,
        }
    }

    fn see(&mut self, event: &Event) -> Option<News> {
        match &event.body {
            EventBody::RunStatus { status: RunStatus::Running, step, .. } if *step > self.step => {
                self.step = *step;
                self.characters = 0;
                if let Some(StopPoint::Answer { step, .. }) = &self.plan.stop
                    && *step == self.step
                {
                    self.stop_at = Some(Instant::now() + CUT_LIMIT);
                }
                Some(News::Step(self.step))
            }
            EventBody::PartStarted { part } => {
                self.part(part);
                None
            }
            EventBody::PartDelta { part_id, text } if self.texts.contains(part_id) => {
                self.text(text);
                None
            }
            EventBody::ToolStarted { part_id, .. } => {
                let (id, name) = self.calls.get(part_id)?.clone();
                if let Some(StopPoint::Call { id: stopped, after }) = &self.plan.stop
                    && *stopped == id
                {
                    self.stop_after(*after);
                }
                Some(News::Tool { step: self.step, name })
            }
            _ => None,
        }
    }

    fn part(&mut self, part: &Part) {
        match &part.body {
            PartBody::Tool(tool) => {
                self.calls.insert(part.id.clone(), (tool.call_id.clone(), tool.name.clone()));
            }
            PartBody::Text { text } => {
                self.texts.insert(part.id.clone());
                self.text(text);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.characters += text.chars().count();
        if let Some(StopPoint::Answer { step, characters }) = &self.plan.stop
            && *step == self.step
            && self.characters >= *characters
        {
            self.stop_after(Duration::ZERO);
        }
    }

    fn stop_after(&mut self, wait: Duration) {
        if !std::mem::replace(&mut self.decided, true) {
            self.stop_at = Some(Instant::now() + wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::replay::plan::samples;

    fn see(watch: &mut Watch<'_>, body: &serde_json::Value) {
        let event = json!({ "seq": 1, "at": 1, "body": body });
        watch.see(&serde_json::from_value(event).unwrap());
    }

    fn plan(stop: StopPoint) -> RunPlan {
        let mut plan = plans(&samples::export(vec![samples::run(Vec::new())])).remove(0);
        plan.stop = Some(stop);
        plan
    }

    #[test]
    fn an_answer_is_stopped_when_its_text_is_there() {
        let plan = plan(StopPoint::Answer { step: 2, characters: 4 });
        let mut watch = Watch::new(&plan);
        let text = |id: &str, text: &str| {
            let body = json!({"type": "text", "text": text});
            json!({"type": "part.started", "part": {
                "id": id, "message_id": "m", "state": "streaming", "body": body, "started_at": 1,
            }})
        };
        let step = |step: u32| json!({"type": "run.status", "status": "running", "step": step});
        see(&mut watch, &step(1));
        see(&mut watch, &text("a", "a long text"));
        assert_eq!(watch.stop_at, None);
        see(&mut watch, &step(2));
        let latest = watch.stop_at;
        see(&mut watch, &text("b", "häl"));
        assert_eq!(watch.stop_at, latest);
        see(&mut watch, &json!({"type": "part.delta", "part_id": "b", "text": "f"}));
        assert!(watch.stop_at < latest);
    }

    #[test]
    fn a_call_is_stopped_after_its_start() {
        let plan = plan(StopPoint::Call { id: "call-2".into(), after: Duration::from_secs(2) });
        let mut watch = Watch::new(&plan);
        for number in [1, 2] {
            let tool = json!({
                "type": "tool", "call_id": format!("call-{number}"), "name": "t", "arguments": "",
                "status": "proposed", "output": {"head": "", "tail": "", "omitted_bytes": 0},
            });
            see(
                &mut watch,
                &json!({"type": "part.started", "part": {
                    "id": format!("part-{number}"), "message_id": "m", "state": "streaming", "body": tool,
                    "started_at": 1,
                }}),
            );
        }
        see(&mut watch, &json!({"type": "tool.started", "part_id": "part-1", "started_at": 1}));
        assert_eq!(watch.stop_at, None);
        see(&mut watch, &json!({"type": "tool.started", "part_id": "part-2", "started_at": 1}));
        assert!(watch.stop_at.is_some());
    }
}
