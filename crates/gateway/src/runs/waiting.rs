//! Runs that wait for the person: nothing of them is in memory, so that they wait for as long as it takes,
//! across restarts too. What ends the waiting is one transaction: an answer, a message, or a stop.

use slipway_protocol::api::{AnswerQuestion, AnswerReceipt, Conversation};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::question::{Answer, Choice, Question};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, ToolResult};
use slipway_protocol::{CallId, Problem, RunId};
use sqlx::AnyConnection;

use super::active::{ActiveRun, Registration, Runs};
use super::conclude::{self, Ending};
use super::record;
use super::timeline::{Abandoned, Timeline};
use crate::api::ApiError;
use crate::store::conversations::{self, Standing, StoredConversation};
use crate::store::questions::{self, QuestionState};
use crate::store::{StoreError, Write, messages, runs, transcript};

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
    conversation.status == RunStatus::WaitingUser
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
    let count = |open: &[Question]| u32::try_from(open.len()).unwrap_or(u32::MAX);
    match asked.state {
        QuestionState::Closed(Some(client_id)) if client_id == given.client_id => {
            let remaining = count(&questions::open(write.connection(), id).await?);
            return Ok((AnswerReceipt { run_id: asked.run_id, remaining }, None));
        }
        QuestionState::Closed(client_id) => return Err(closed(client_id.is_some())),
        QuestionState::Open => {}
    }
    let answer = fitting(&asked.question, &given.answer)?;
    let run = ActiveRun::new(asked.run_id.clone(), &stored.conversation, write.now());
    let mut timeline = restored(write.connection(), &stored.conversation, &run.id).await?;
    end_call(&mut timeline, call_id, asked.asked_at, write.now(), outcome(&answer));
    record::record_all(write, &run, &timeline.take_changes()).await?;
    questions::close(write, id, call_id, &given.client_id).await?;
    let remaining = count(&questions::open(write.connection(), id).await?);
    let receipt = AnswerReceipt { run_id: asked.run_id, remaining };
    if remaining > 0 {
        return Ok((receipt, None));
    }
    go_on(write, &run).await?;
    Ok((receipt, Some(registry.register(run))))
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
    let open = questions::open(write.connection(), &run.conversation_id).await?;
    let mut timeline = restored(write.connection(), conversation, &run.id).await?;
    for question in open {
        let told = "The person did not answer this, but sent a message instead, which follows.";
        end_call(&mut timeline, &question.call_id, write.now(), write.now(), ToolOutcome::ok(told));
    }
    end(write, &run, timeline, &Ending::Done).await
}

/// Ends the waiting because the person has stopped the run.
///
/// # Errors
/// When the database fails.
pub(super) async fn stop(write: &mut Write, conversation: &Conversation) -> Result<(), StoreError> {
    let Some(run) = waiting_run(conversation) else { return Ok(()) };
    let timeline = restored(write.connection(), conversation, &run.id).await?;
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
    conclude::end(write, run, ending).await
}

fn waiting_run(conversation: &Conversation) -> Option<ActiveRun> {
    let run_id = conversation.run_id.clone().filter(|_| is_waiting(conversation))?;
    Some(ActiveRun::new(run_id, conversation, 0))
}

/// Records that the run goes on now.
async fn go_on(write: &mut Write, run: &ActiveRun) -> Result<(), StoreError> {
    let (id, status) = (&run.conversation_id, RunStatus::Running);
    runs::set_status(write, &run.id, status, None).await?;
    let (run_id, started_at) = (Some(run.id.clone()), Some(run.started_at));
    let standing = Standing { status, run_id: run_id.clone(), run_started_at: started_at, problem: None };
    conversations::set_standing(write, id, &standing).await?;
    let (step, _) = runs::reach_step(write, &run.id, 0).await?;
    let event = EventBody::RunStatus { status, run_id, step, started_at, problem: None, retry: None };
    write.record(Some(id), event).await?;
    conversations::announce(write, id).await
}

/// Gives a call that asked its result.
fn end_call(timeline: &mut Timeline, call_id: &CallId, asked_at: i64, now: i64, outcome: ToolOutcome) {
    let result = ToolResult {
        call_id: call_id.clone(),
        name: TOOL.to_owned(),
        outcome,
        duration_ms: u64::try_from(now.saturating_sub(asked_at)).unwrap_or_default(),
        created_at: now,
    };
    timeline.apply(EngineEvent::Entry { entry: Box::new(Entry::ToolResult(result)) }, now);
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
        .hint("Answer its question, send a message instead, or stop the run.")
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
