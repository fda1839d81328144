//! Calls that the person is to approve before they are made: they are let through, held or refused at the tool
//! endpoint; those that are held end the run's task, wait as rows, and are made when the run goes on.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{ApprovalReceipt, DecideApproval};
use slipway_protocol::approval::{
    Approval, ApprovalDecision, HeldCall, PermissionRule, RuleAction, RuleSubject,
};
use slipway_protocol::fetch::WEB_FETCH;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStatus, ToolStreamItem};
use slipway_protocol::transcript::Entry;
use slipway_protocol::{CallId, ConversationId, Problem};

use super::active::{ActiveRun, Registration, Runs};
use super::commands::{existing, finish};
use super::drive::launch;
use super::{record, waiting};
use crate::api::ApiError;
use crate::app::AppState;
use crate::approvals::{COMMAND_TOOL, Call, judge, risks};
use crate::store::approvals::{self, ApprovalState, NewApproval};
use crate::store::conversations::StoredConversation;
use crate::store::{StoreError, Write, now_ms, settings, transcript};

/// How often it is looked whether the time to decide is over.
const INTERVAL: Duration = Duration::from_secs(2);
/// Longest message with a denial, in bytes.
const MAX_MESSAGE: usize = 16 << 10;

/// Whether a call is made.
pub(super) enum Admission {
    /// It is.
    Made,
    /// The person must approve it first.
    Held,
    /// It is not; what the model is told.
    Refused(Box<ToolOutcome>),
}

impl Admission {
    /// What is answered instead of the call's output, unless the call is made.
    pub(super) fn instead(self) -> Option<ToolStreamItem> {
        match self {
            Self::Made => None,
            Self::Held => Some(ToolStreamItem::Held),
            Self::Refused(outcome) => Some(ToolStreamItem::Result(outcome)),
        }
    }
}

/// Whether a call is made now.
///
/// # Errors
/// When the database fails.
pub(super) async fn admit(
    app: &AppState,
    run: &ActiveRun,
    name: &str,
    invocation: &ToolInvocation,
) -> Result<Admission, StoreError> {
    let mut moment = app.store.read().await?;
    let permissions = settings::permissions(&mut moment, &app.config.permissions).await?;
    let call =
        Call { tool: known_as(name), may_change: run.may_change(name), arguments: &invocation.arguments };
    let verdict = judge(&permissions.rules, call);
    let is_subagent = invocation.conversation_id != run.conversation_id;
    let (id, call_id) = (&run.conversation_id, &invocation.call_id);
    if verdict.action == RuleAction::Allow && !run.held.contains(call_id) {
        return Ok(Admission::Made);
    }
    Ok(match verdict.action {
        RuleAction::Deny => refused(forbidden(call.tool, verdict.rule)),
        // Whatever the rules say now, what was shown to the person is what is made.
        RuleAction::Allow | RuleAction::Ask if !is_subagent => {
            match approvals::get(&mut moment, id, call_id).await? {
                Some(stored) => match stored.state {
                    ApprovalState::Approved(_) if stored.approval.arguments == invocation.arguments => {
                        Admission::Made
                    }
                    ApprovalState::Approved(_) => refused(changed(call.tool)),
                    ApprovalState::Open | ApprovalState::Refused(_) => Admission::Held,
                },
                None if verdict.action == RuleAction::Allow => Admission::Made,
                None if approvals::is_covered(&mut moment, id, &covers(call)).await? => Admission::Made,
                None => Admission::Held,
            }
        }
        RuleAction::Allow => Admission::Made,
        RuleAction::Ask => match approvals::is_covered(&mut moment, id, &covers(call)).await? {
            true => Admission::Made,
            false => refused(not_for_subagents(call.tool)),
        },
    })
}

/// What the person is asked about the calls of a step that were held.
///
/// # Errors
/// When the database fails.
pub(super) async fn request(
    write: &mut Write,
    app: &AppState,
    run: &ActiveRun,
    held: &[HeldCall],
) -> Result<Vec<NewApproval>, StoreError> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let (id, now) = (&run.conversation_id, write.now());
    let permissions = settings::permissions(write.connection(), &app.config.permissions).await?;
    let directory = directory(&transcript::all(write.connection(), id).await?);
    let minutes = Some(i64::from(permissions.answer_minutes)).filter(|minutes| *minutes > 0);
    let mut asked = Vec::new();
    for held in held {
        let tool = known_as(&held.tool);
        let call = Call { tool, may_change: run.may_change(&held.tool), arguments: &held.arguments };
        let verdict = judge(&permissions.rules, call);
        let covers = covers(call);
        let is_asked = verdict.action == RuleAction::Ask
            && !approvals::is_covered(write.connection(), id, &covers).await?;
        if !is_asked && !held.asked {
            continue;
        }
        let command = command(call).map(str::to_owned);
        let approval = Approval {
            call_id: held.call_id.clone(),
            tool: tool.to_owned(),
            arguments: held.arguments.clone(),
            directory: command.as_ref().and(directory.clone()),
            command,
            rule: verdict.rule.filter(|_| is_asked).cloned(),
            risks: risks(tool, call.may_change, &held.arguments),
            asked_at: now,
            expires_at: minutes.map(|minutes| now + minutes * 60_000),
        };
        asked.push(NewApproval { approval, covers });
    }
    Ok(asked)
}

/// Decides about a call that waits.
///
/// # Errors
/// When there is no such call, it was decided about otherwise, or the database fails.
pub async fn decide(
    app: &AppState,
    id: ConversationId,
    call_id: CallId,
    given: DecideApproval,
) -> Result<ApprovalReceipt, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let (receipt, next) = try_decide(&mut write, &state.runs, &stored, &call_id, &given).await?;
        reach(Point::DecisionBeforeCommit);
        write.commit().await?;
        reach(Point::DecisionAfterCommit);
        if let Some(registration) = next {
            launch(&state, registration);
        }
        Ok(receipt)
    })
    .await
}

async fn try_decide(
    write: &mut Write,
    registry: &Runs,
    stored: &StoredConversation,
    call_id: &CallId,
    given: &DecideApproval,
) -> Result<(ApprovalReceipt, Option<Registration>), ApiError> {
    let id = &stored.conversation.id;
    if given.message.len() > MAX_MESSAGE {
        return Err(ApiError::invalid(format!("A message with a denial has at most {MAX_MESSAGE} bytes.")));
    }
    let Some(asked) = approvals::get(write.connection(), id, call_id).await? else {
        return Err(ApiError::not_found("call that waits for approval", call_id));
    };
    match asked.state {
        ApprovalState::Open => {}
        ApprovalState::Approved(client_id) | ApprovalState::Refused(Some(client_id)) => {
            if client_id != given.client_id {
                return Err(closed("Another decision came first, perhaps from another window."));
            }
            let remaining = waiting::remaining(write, id).await?.all();
            return Ok((ApprovalReceipt { run_id: asked.run_id, remaining }, None));
        }
        ApprovalState::Refused(None) => {
            return Err(closed("The run was stopped, or a message was sent instead."));
        }
    }
    let run = ActiveRun::new(asked.run_id.clone(), &stored.conversation, write.now());
    if given.decision == ApprovalDecision::Deny {
        let mut timeline = waiting::restored(write.connection(), &stored.conversation, &run.id).await?;
        let outcome = denied(&given.message);
        let Approval { tool, asked_at, .. } = &asked.approval;
        waiting::end_call(&mut timeline, call_id, tool, *asked_at, write.now(), outcome);
        record::record_all(write, &run, &timeline.take_changes()).await?;
    }
    approvals::close(write, id, call_id, &given.client_id, given.decision).await?;
    let (remaining, next) = waiting::proceed(write, registry, stored, run).await?;
    Ok((ApprovalReceipt { run_id: asked.run_id, remaining }, next))
}

/// Denies calls about which nobody has decided in time, until the gateway stops.
pub async fn keep_time(app: AppState) {
    loop {
        if let Err(error) = deny_due(&app).await {
            tracing::warn!(%error, "calls that wait for too long are not denied yet");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn deny_due(app: &AppState) -> Result<(), StoreError> {
    let mut read = app.store.read().await?;
    let due = approvals::due(&mut read, now_ms()).await?;
    drop(read);
    for approvals::Due { conversation_id, call_id } in due {
        let given = DecideApproval {
            client_id: format!("expired {call_id}").chars().take(64).collect(),
            decision: ApprovalDecision::Deny,
            message: "Nobody decided about it in time.".to_owned(),
        };
        // Somebody may have decided, or deleted the conversation, at this moment.
        if let Err(error) = decide(app, conversation_id, call_id.clone(), given).await {
            tracing::info!(%call_id, problem = ?error.into_problem(), "a call was not denied for its time");
        }
    }
    Ok(())
}

/// The name by which models call a tool of the endpoint.
fn known_as(tool: &str) -> &str {
    if tool == WEB_FETCH { "web_browser" } else { tool }
}

fn command<'a>(call: Call<'a>) -> Option<&'a str> {
    let text = || call.arguments.get("command").and_then(Value::as_str);
    (call.tool == COMMAND_TOOL).then(text).flatten()
}

/// What an approval for the whole conversation is about: the same command, or the tool.
fn covers(call: Call<'_>) -> String {
    let digest = Sha256::digest(format!("{}\0{}", call.tool, command(call).unwrap_or_default()));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the next command would run: where the last one ended.
fn directory(entries: &[Entry]) -> Option<String> {
    entries.iter().rev().find_map(|entry| match entry {
        Entry::ToolResult(result) if result.name == COMMAND_TOOL => {
            result.outcome.data.get("cwd").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    })
}

fn refused(text: String) -> Admission {
    Admission::Refused(Box::new(ToolOutcome::new(ToolStatus::Denied, text)))
}

/// What the model is told when the person has denied a call.
fn denied(message: &str) -> ToolOutcome {
    let mut text = "The person denied this call; nothing of it was done.".to_owned();
    let message = message.trim();
    if message.is_empty() {
        text.push_str(" Do not try to get the same effect by other means; find another way or ask.");
    } else {
        text.push_str(" They say: ");
        text.push_str(message);
    }
    ToolOutcome::new(ToolStatus::Denied, text)
}

fn forbidden(tool: &str, rule: Option<&PermissionRule>) -> String {
    let about = rule.map_or_else(String::new, |rule| match &rule.about {
        RuleSubject::Any => " all calls".to_owned(),
        RuleSubject::Changes => " calls that may change something".to_owned(),
        RuleSubject::Tool { name } => format!(" calls of `{name}`"),
        RuleSubject::Command { pattern } => format!(" commands like `{pattern}`"),
    });
    format!(
        "`{tool}` was not carried out: a rule of this instance forbids{about}. Do not try to get the same effect by \
         other means; find another way, or tell the person what you would need."
    )
}

fn changed(tool: &str) -> String {
    format!(
        "`{tool}` was not carried out: its arguments are not those that the person approved. Call it again."
    )
}

fn not_for_subagents(tool: &str) -> String {
    format!(
        "`{tool}` was not carried out: the person must approve it first, and a sub-agent cannot wait for that. Do \
         without it, and say in your report what is missing."
    )
}

fn closed(detail: &str) -> ApiError {
    Problem::new(409, "approval_closed", "The call does not wait for a decision any more")
        .detail(detail)
        .hint("See in the conversation what became of it.")
        .into()
}
