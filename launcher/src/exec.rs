//! `slipway exec`: one task without a browser, shown as it happens, with an exit code that tells the
//! outcome.

mod consumed;
pub(crate) mod follow;
mod printer;

use std::process::ExitCode;

use slipway_protocol::api::{ModelChoice, SaveProvider, SendMessage, SendMode};
use slipway_protocol::budget::{Budget, ConversationBudgets};
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_protocol::message::PartBody;
use slipway_protocol::question::Question;
use slipway_protocol::{ConversationId, MessageId, Problem, ProviderId};

use crate::answer;
use crate::cli::ExecArgs;
use crate::gateway::{Gateway, GatewayError, explained};
use crate::plain::Plain;
use crate::terminal;
use consumed::Consumed;
use follow::{FollowError, Follower};
use printer::Printer;

/// Name of the provider that `--base-url` describes.
const PROVIDER: &str = "exec";

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The model finished.
    Done,
    /// It failed.
    Failed,
    /// A limit was reached.
    LimitReached,
    /// The model asks something that only the person can answer.
    NeedsAnswer,
    /// The person stopped it.
    Stopped,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::LimitReached => 3,
            Outcome::NeedsAnswer => 4,
            Outcome::Stopped => 130,
        })
    }
}

/// Why a task could not be done or followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    /// The task says nothing.
    #[error("the task is empty; say what to do, for example: slipway exec \"fix the failing test\"")]
    EmptyTask,
    /// The key's variable is not set.
    #[error("the environment variable {variable} that --api-key-env names is not set or empty")]
    NoKey {
        /// Which.
        variable: String,
    },
    /// The gateway refused or cannot be reached.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The events were lost.
    #[error(transparent)]
    Follow(#[from] FollowError),
}

impl ExecError {
    /// Whether the command line is at fault.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::EmptyTask | Self::NoKey { .. })
    }
}

/// A model server named on the command line.
#[derive(Clone)]
pub(crate) struct NamedModel {
    base_url: Option<String>,
    api_key: Option<String>,
    model: Option<String>,
}

/// Checks the command line before anything is started. `variable` looks up an environment variable.
pub(crate) fn check(
    arguments: &ExecArgs,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<NamedModel, ExecError> {
    if arguments.task.trim().is_empty() {
        return Err(ExecError::EmptyTask);
    }
    let api_key = match &arguments.api_key_env {
        Some(name) => {
            let key = variable(name).filter(|key| !key.is_empty());
            Some(key.ok_or_else(|| ExecError::NoKey { variable: name.clone() })?)
        }
        None => None,
    };
    Ok(NamedModel { base_url: arguments.base_url.clone(), api_key, model: arguments.model.clone() })
}

/// Has the task done and follows it to its end.
pub(crate) async fn run(
    gateway: &Gateway,
    arguments: &ExecArgs,
    model: NamedModel,
) -> Result<Outcome, ExecError> {
    let model = choose_model(gateway, model).await?;
    let mut conversation = gateway.create_conversation(model, budgets(arguments)).await?.id;
    let cursor = gateway.snapshot(&conversation).await?.cursor;
    let mut follower = Follower::new(gateway.clone(), conversation.clone(), cursor);
    let message = SendMessage {
        client_id: MessageId::generate().to_string(),
        text: arguments.task.clone(),
        attachments: Vec::new(),
        mode: SendMode::Queue,
    };
    gateway.send_message(&conversation, &message).await?;

    let mut printer = Printer::new(arguments.json);
    let mut consumed = Consumed::default();
    let mut stopping = false;
    let mut came_from = None;
    let mut goes_on = None;
    loop {
        tokio::select! {
            // Cancel-safe: the follower keeps its place.
            next = follower.next() => {
                let next = next?;
                if let Some(event) = &next.event {
                    printer.show(event, &next.raw);
                    consumed.hear(event);
                    if let Some(other) = linked(event).filter(|other| Some(*other) != came_from.as_ref()) {
                        goes_on = Some((other.clone(), follower.cursor().to_owned()));
                    }
                }
                if let Some((RunStatus::Done, _)) = next.status
                    && let Some((other, cursor)) = goes_on.take()
                {
                    // The model handed over: the task is done when the last conversation is.
                    follower = Follower::new(gateway.clone(), other.clone(), cursor);
                    came_from = Some(std::mem::replace(&mut conversation, other));
                    continue;
                }
                if let Some((status, problem)) = next.status
                    && let Some(outcome) = outcome(status, problem.as_ref(), stopping)
                {
                    printer.finish();
                    if let Some(sum) = consumed.in_words() {
                        terminal::note(sum);
                    }
                    if outcome == Outcome::NeedsAnswer {
                        say_what_is_asked(gateway, &conversation, arguments).await?;
                    }
                    if let Some(problem) = problem.filter(|_| outcome != Outcome::Done) {
                        terminal::error(explained(&problem));
                    }
                    return Ok(outcome);
                }
            }
            _ = tokio::signal::ctrl_c() => {
                if stopping {
                    return Ok(Outcome::Stopped);
                }
                stopping = true;
                terminal::note("stopping… (Ctrl-C again to leave at once)");
                gateway.stop(&conversation).await?;
            }
        }
    }
}

/// Shows what the model asks, and says how it can be answered.
async fn say_what_is_asked(
    gateway: &Gateway,
    conversation: &ConversationId,
    arguments: &ExecArgs,
) -> Result<(), ExecError> {
    let waiting = gateway.snapshot(conversation).await?;
    for question in &waiting.questions {
        terminal::error(asked(question));
    }
    for approval in &waiting.approvals {
        terminal::error(answer::to_approve(approval));
    }
    let address = gateway.address();
    terminal::note(if arguments.local && waiting.approvals.is_empty() {
        "This instance ends with the task. Run it again with the answer in the task.".to_owned()
    } else if arguments.local {
        "This instance ends with the task. Run it again without the rule that asks, or in an instance that stays \
         (`slipway up`)."
            .to_owned()
    } else if !waiting.approvals.is_empty() {
        format!(
            "The run waits for your decision, however long that takes. Decide with `slipway answer -c {conversation} \
             --approve` or `--deny [MESSAGE]`, or in the browser (`slipway` opens it) at {address}/c/{conversation}."
        )
    } else {
        format!(
            "The run waits for the answer, however long that takes. Answer with `slipway answer -c {conversation} \
             ANSWER` (`--choose OPTION` for an option), or in the browser (`slipway` opens it) at \
             {address}/c/{conversation}."
        )
    });
    Ok(())
}

/// A question with its options, in plain text.
fn asked(question: &Question) -> String {
    let mut text = format!("the model needs an answer [{}]: {}", question.call_id, question.question);
    for option in &question.options {
        text.push_str(&format!("\n  - {}", option.label));
        if !option.description.is_empty() {
            text.push_str(&format!(": {}", option.description));
        }
    }
    Plain::default().push(&text)
}

/// The conversation that a notice of Slipway links to.
fn linked(event: &Event) -> Option<&ConversationId> {
    let EventBody::MessageCreated { message } = &event.body else { return None };
    message.parts.iter().find_map(|part| match &part.body {
        PartBody::Notice { conversation_id, .. } => conversation_id.as_ref(),
        _ => None,
    })
}

/// What the task may consume. The limits hold for all its runs together, and so that the instance's own limit
/// of steps does not come first, for the run too.
fn budgets(arguments: &ExecArgs) -> ConversationBudgets {
    let budget = Budget {
        steps: arguments.max_steps,
        tokens: arguments.max_tokens,
        cost_micros: arguments.max_cost,
        minutes: arguments.max_minutes,
    };
    ConversationBudgets { run: budget, conversation: budget }
}

/// What a status means for the exit code; `None` while the run goes on.
fn outcome(status: RunStatus, problem: Option<&Problem>, asked_to_stop: bool) -> Option<Outcome> {
    match status {
        RunStatus::Done => Some(Outcome::Done),
        RunStatus::Error => Some(Outcome::Failed),
        RunStatus::LimitReached => Some(Outcome::LimitReached),
        // Nobody is here to answer; the run goes on waiting.
        RunStatus::WaitingUser | RunStatus::WaitingApproval => Some(Outcome::NeedsAnswer),
        // Stopped without a person having asked for it here: the gateway says why, unless a person did
        // it in the browser.
        RunStatus::Stopped if problem.is_some() && !asked_to_stop => Some(Outcome::Failed),
        RunStatus::Stopped => Some(Outcome::Stopped),
        RunStatus::Idle
        | RunStatus::Queued
        | RunStatus::StartingSandbox
        | RunStatus::Running
        // Whoever paused it lets it go on.
        | RunStatus::Pausing
        | RunStatus::Paused
        | RunStatus::Stopping => None,
    }
}

/// The model for the conversation; `None` for the instance's default.
async fn choose_model(gateway: &Gateway, named: NamedModel) -> Result<Option<ModelChoice>, ExecError> {
    let Some(model) = named.model else { return Ok(None) };
    let Some(base_url) = named.base_url else {
        let provider_id = gateway.providers().await?.default_model.provider_id;
        return Ok(Some(ModelChoice { provider_id, model }));
    };
    let provider_id = ProviderId::from(PROVIDER);
    let provider = SaveProvider {
        profile: "custom".to_owned(),
        name: format!("exec: {base_url}"),
        base_url,
        // Empty removes a key of an earlier call.
        api_key: Some(named.api_key.unwrap_or_default()),
        models: vec![model.clone()],
        extra_body: serde_json::Map::new(),
        sees: None,
        payment: None,
    };
    gateway.save_provider(&provider_id, &provider).await?;
    Ok(Some(ModelChoice { provider_id, model }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(task: &str, api_key_env: Option<&str>) -> ExecArgs {
        ExecArgs {
            task: task.to_owned(),
            json: false,
            local: false,
            workspace: None,
            base_url: Some("http://127.0.0.1:1/v1".to_owned()),
            model: Some("m".to_owned()),
            api_key_env: api_key_env.map(str::to_owned),
            max_steps: None,
            max_tokens: None,
            max_cost: None,
            max_minutes: None,
        }
    }

    #[test]
    fn a_missing_key_and_an_empty_task_are_usage_errors() {
        let nothing = |_: &str| None;
        let error = check(&arguments("do it", Some("THE_KEY")), nothing).err().unwrap();
        assert!(error.is_usage() && error.to_string().contains("THE_KEY"), "{error}");
        assert!(check(&arguments("  ", None), nothing).err().unwrap().is_usage());
        assert!(check(&arguments("do it", None), nothing).is_ok());
    }

    #[test]
    fn each_end_has_its_own_code() {
        let problem = Problem::new(500, "gateway_restarted", "the gateway was restarted");
        assert_eq!(outcome(RunStatus::Done, None, false), Some(Outcome::Done));
        assert_eq!(outcome(RunStatus::Error, Some(&problem), false), Some(Outcome::Failed));
        assert_eq!(outcome(RunStatus::LimitReached, None, false), Some(Outcome::LimitReached));
        assert_eq!(outcome(RunStatus::Stopped, None, true), Some(Outcome::Stopped));
        assert_eq!(outcome(RunStatus::Stopped, Some(&problem), false), Some(Outcome::Failed));
        assert_eq!(outcome(RunStatus::WaitingUser, None, false), Some(Outcome::NeedsAnswer));
        assert_eq!(outcome(RunStatus::WaitingApproval, None, false), Some(Outcome::NeedsAnswer));
        assert_eq!(outcome(RunStatus::Stopping, None, true), None);
        assert_eq!(outcome(RunStatus::Idle, None, false), None);
    }
}
