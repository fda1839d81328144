//! Runs that wait for the person, who is asked something or has paused them: nothing of them is in memory, so that they wait for as long as it takes,
//! across restarts too. What ends the waiting is one transaction: an answer, a message, or a stop.

use slipway_protocol::api::{AnswerQuestion, AnswerReceipt, Conversation};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::question::{Answer, Choice, Question};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, ToolResult};
use slipway_protocol::{CallId, ConversationId, Problem, RunId};
use sqlx::AnyConnection;

use super::active::{ActiveRun, Registration, Runs};
use super::conclude::{self, Ending};
use super::record;
use super::timeline::{Abandoned, Timeline, unanswered};
use crate::api::ApiError;
use crate::store::conversations::{self, Standing, StoredConversation};
use crate::store::questions::{self, QuestionState};
use crate::store::{StoreError, Write, approvals, messages, runs, transcript};

/// Name of the tool that asks.
const TOOL: &str = "ask_user";

/// Longest answer in the person's own words, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// The timeline of a run that no task drives, as the database has it.
///
/// # Errors
/// When the database fails.
pub(super) async fn restored(
    connection: &mut AnyConnection,
    conversation: &Conversation,
    run_id: &RunId,
) -> Result<Timeline, StoreError> {
    let id = &conversation.id;
    let entries = transcript::all(connection, id).await?;
    let unfinished = messages::unfinished(connection, id).await?;
    let model = conversation.model.model.clone();
    Ok(Timeline::restore(id.clone(), run_id.clone(), model, unfinished, &entries))
}

/// Whether the conversation's run waits for the person.
pub(super) fn is_waiting(conversation: &Conversation) -> bool {
    matches!(conversation.status, RunStatus::WaitingUser | RunStatus::WaitingApproval | RunStatus::Paused)
}

/// Records an answer. The run goes on with the last one; it is to be driven once this is committed.
///
/// # Errors
/// When there is no such question, it was answered otherwise, the answer does not fit, or the database fails.
pub(super) async fn answer(
    write: &mut Write,
    registry: &Runs,
    stored: &StoredConversation,
    call_id: &CallId,
    given: &AnswerQuestion,
) -> Result<(AnswerReceipt, Option<Registration>), ApiError> {
    let id = &stored.conversation.id;
    let Some(asked) = questions::get(write.connection(), id, call_id).await? else {
        return Err(ApiError::not_found("question", call_id));
    };
    match asked.state {
        QuestionState::Closed(Some(client_id)) if client_id == given.client_id => {
            let remaining = remaining(write, id).await?.all();
            return Ok((AnswerReceipt { run_id: asked.run_id, remaining }, None));
        }
        QuestionState::Closed(client_id) => return Err(closed(client_id.is_some())),
        QuestionState::Open => {}
    }
    let answer = fitting(&asked.question, &given.answer)?;
    let run = ActiveRun::new(asked.run_id.clone(), &stored.conversation, write.now());
    let mut timeline = restored(write.connection(), &stored.conversation, &run.id).await?;
    end_call(&mut timeline, call_id, TOOL, asked.asked_at, write.now(), outcome(&answer));
    record::record_all(write, &run, &timeline.take_changes()).await?;
    questions::close(write, id, call_id, &given.client_id).await?;
    let (remaining, next) = proceed(write, registry, stored, run).await?;
    Ok((AnswerReceipt { run_id: asked.run_id, remaining }, next))
}

/// What a run waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remaining {
    questions: u32,
    approvals: u32,
}

impl Remaining {
    /// How many things.
    pub(super) fn all(self) -> u32 {
        self.questions.saturating_add(self.approvals)
    }
}

/// What the conversation's run waits for.
///
/// # Errors
/// When the database fails.
pub(super) async fn remaining(write: &mut Write, id: &ConversationId) -> Result<Remaining, StoreError> {
    let questions = questions::open(write.connection(), id).await?.len();
    let approvals = approvals::open(write.connection(), id).await?.len();
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Ok(Remaining { questions: count(questions), approvals: count(approvals) })
}

/// After an answer or a decision: tells how much remains, and gives the run to be driven when it is nothing.
///
/// # Errors
/// When the database fails.
pub(super) async fn proceed(
    write: &mut Write,
    registry: &Runs,
    stored: &StoredConversation,
    mut run: ActiveRun,
) -> Result<(u32, Option<Registration>), StoreError> {
    let remaining = remaining(write, &run.conversation_id).await?;
    if remaining.all() == 0 {
        let entries = transcript::all(write.connection(), &run.conversation_id).await?;
        run.held = unanswered(&entries).into_iter().map(|call| call.id).collect();
        stand(write, &run, RunStatus::Running, Some(run.started_at)).await?;
        return Ok((0, Some(registry.register(run))));
    }
    if remaining.approvals == 0 && stored.conversation.status == RunStatus::WaitingApproval {
        stand(write, &run, RunStatus::WaitingUser, None).await?;
    }
    Ok((remaining.all(), None))
}

/// Ends the waiting with a message that the person has sent instead of an answer: the model is told that it
/// follows. The run that asked is done with that; the message begins the next one.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_with_message(
    write: &mut Write,
    conversation: &Conversation,
) -> Result<(), StoreError> {
    let Some(run) = waiting_run(conversation) else { return Ok(()) };
    let asked = questions::open(write.connection(), &run.conversation_id).await?;
    let entries = transcript::all(write.connection(), &run.conversation_id).await?;
    let mut timeline = restored(write.connection(), conversation, &run.id).await?;
    for call in unanswered(&entries) {
        let outcome = if asked.iter().any(|question| question.call_id == call.id) {
            ToolOutcome::ok("The person did not answer this, but sent a message instead, which follows.")
        } else if conversation.status == RunStatus::Paused {
            not_made("the person had paused the run before it, and then sent a message, which follows")
        } else {
            not_made(
                "the person did not decide about what was to be approved, but sent a message, which follows",
            )
        };
        end_call(&mut timeline, &call.id, &call.name, write.now(), write.now(), outcome);
    }
    end(write, &run, timeline, &Ending::Done).await
}

/// Ends the waiting because the person has stopped the run.
///
/// # Errors
/// When the database fails.
pub(super) async fn stop(write: &mut Write, conversation: &Conversation) -> Result<(), StoreError> {
    let Some(run) = waiting_run(conversation) else { return Ok(()) };
    let asked = questions::open(write.connection(), &run.conversation_id).await?;
    let entries = transcript::all(write.connection(), &run.conversation_id).await?;
    let mut timeline = restored(write.connection(), conversation, &run.id).await?;
    for call in unanswered(&entries) {
        if asked.iter().all(|question| question.call_id != call.id) {
            let outcome = not_made(match conversation.status {
                RunStatus::Paused => "the person stopped the run while it was paused",
                _ => "the person stopped the run while it waited for their approval",
            });
            let outcome = ToolOutcome { status: ToolStatus::Stopped, ..outcome };
            end_call(&mut timeline, &call.id, &call.name, write.now(), write.now(), outcome);
        }
    }
    end(write, &run, timeline, &Ending::Stopped).await
}

async fn end(
    write: &mut Write,
    run: &ActiveRun,
    mut timeline: Timeline,
    ending: &Ending,
) -> Result<(), StoreError> {
    timeline.abandon(Abandoned::Stopped, write.now());
    record::record_all(write, run, &timeline.take_changes()).await?;
    questions::close_all(write, &run.conversation_id).await?;
    approvals::close_all(write, &run.conversation_id).await?;
    conclude::end(write, run, ending).await
}

fn waiting_run(conversation: &Conversation) -> Option<ActiveRun> {
    let run_id = conversation.run_id.clone().filter(|_| is_waiting(conversation))?;
    Some(ActiveRun::new(run_id, conversation, 0))
}

/// Records where the run stands, and since when it goes on if it does.
pub(super) async fn stand(
    write: &mut Write,
    run: &ActiveRun,
    status: RunStatus,
    started_at: Option<i64>,
) -> Result<(), StoreError> {
    let id = &run.conversation_id;
    runs::set_status(write, &run.id, status, None).await?;
    let run_id = Some(run.id.clone());
    let standing = Standing { status, run_id: run_id.clone(), run_started_at: started_at, problem: None };
    conversations::set_standing(write, id, &standing).await?;
    let (step, _) = runs::reach_step(write, &run.id, 0).await?;
    let event = EventBody::RunStatus { status, run_id, step, started_at, problem: None, retry: None };
    write.record(Some(id), event).await?;
    conversations::announce(write, id).await
}

/// Gives a call that waited since `asked_at` its result.
pub(super) fn end_call(
    timeline: &mut Timeline,
    call_id: &CallId,
    tool: &str,
    asked_at: i64,
    now: i64,
    outcome: ToolOutcome,
) {
    let result = ToolResult {
        call_id: call_id.clone(),
        name: tool.to_owned(),
        outcome,
        duration_ms: u64::try_from(now.saturating_sub(asked_at)).unwrap_or_default(),
        created_at: now,
    };
    timeline.apply(EngineEvent::Entry { entry: Box::new(Entry::ToolResult(result)) }, now);
}

/// What the model is told of a call that has waited and is not made.
fn not_made(why: &str) -> ToolOutcome {
    ToolOutcome::new(ToolStatus::Denied, format!("This call was not made: {why}. Nothing of it was done."))
}

/// The answer, if it answers the question.
fn fitting(question: &Question, answer: &Answer) -> Result<Answer, ApiError> {
    let text = answer.text.trim().to_owned();
    if text.is_empty() && answer.chosen.is_empty() {
        return Err(ApiError::invalid("The answer is empty: choose an option or write something."));
    }
    if text.len() > MAX_TEXT {
        return Err(ApiError::invalid(format!("An answer has at most {MAX_TEXT} bytes.")));
    }
    if question.choice == Choice::One && answer.chosen.len() > 1 {
        return Err(ApiError::invalid("Only one option may be chosen."));
    }
    let known = |label: &String| question.options.iter().any(|option| option.label == *label);
    if let Some(unknown) = answer.chosen.iter().find(|label| !known(label)) {
        return Err(ApiError::invalid(format!("“{unknown}” is not an option of this question.")));
    }
    // In the order of the options, each once, however they were clicked.
    let labels = question.options.iter().map(|option| &option.label);
    let chosen = labels.filter(|label| answer.chosen.contains(label)).cloned().collect();
    Ok(Answer { chosen, text })
}

/// What the model is told of an answer.
fn outcome(answer: &Answer) -> ToolOutcome {
    let mut lines = Vec::new();
    if !answer.chosen.is_empty() {
        lines.push(format!("The person chose: {}", answer.chosen.join("; ")));
    }
    if !answer.text.is_empty() {
        lines.push(format!("The person wrote: {}", answer.text));
    }
    let mut outcome = ToolOutcome::new(ToolStatus::Ok, lines.join("\n"));
    // Every answer has a JSON form.
    outcome.data = serde_json::to_value(answer).unwrap_or_default();
    outcome
}

fn closed(answered: bool) -> ApiError {
    let detail = if answered {
        "Another answer came first, perhaps from another window; it is in the conversation."
    } else {
        "The run was stopped, or a message was sent instead."
    };
    Problem::new(409, "question_closed", "The question does not wait for an answer any more")
        .detail(detail)
        .hint("Send a message to add something.")
        .into()
}

/// What is said where something cannot be done to a run that waits.
pub(super) fn waits() -> ApiError {
    Problem::new(409, "run_waits", "The model waits for your answer")
        .hint("Answer its question or decide about its call, send a message instead, or stop the run.")
        .into()
}

#[cfg(test)]
mod tests {
    use slipway_protocol::question::QuestionOption;

    use super::*;

    fn check(choice: Choice, chosen: &[&str], text: &str) -> Option<String> {
        let option = |label: &str| QuestionOption { label: label.to_owned(), description: String::new() };
        let question = Question {
            call_id: "call_1".into(),
            question: "Which?".to_owned(),
            options: vec![option("a"), option("b")],
            choice,
        };
        let answer = Answer {
            chosen: chosen.iter().map(|label| (*label).to_owned()).collect(),
            text: text.to_owned(),
        };
        fitting(&question, &answer).ok().map(|answer| outcome(&answer).text)
    }

    #[test]
    fn answers_are_options_or_words_or_both() {
        assert_eq!(check(Choice::One, &["b"], "").as_deref(), Some("The person chose: b"));
        assert_eq!(check(Choice::One, &[], " c ").as_deref(), Some("The person wrote: c"));
        let both = "The person chose: a; b\nThe person wrote: and c";
        assert_eq!(check(Choice::Several, &["b", "a", "b"], "and c").as_deref(), Some(both));
        for (choice, chosen, text) in
            [(Choice::One, vec![], " "), (Choice::One, vec!["a", "b"], ""), (Choice::Several, vec!["x"], "")]
        {
            assert_eq!(check(choice, &chosen, text), None, "{chosen:?}");
        }
    }
}
