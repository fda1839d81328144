//! One model call, made again where that can help.

use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::{AssistantStep, Finish};
use slipway_protocol::{MessageId, Problem};

use crate::context::Projection;
use crate::context::cached::Expected;
use crate::events::EventSink;
use crate::provider::answer::Answer;
use crate::provider::failure::CallFailure;
use crate::provider::retry;
use crate::run::budget::CallKind;
use crate::run::paid::CallEnd;
use crate::run::window::is_overflow;
use crate::run::{Halt, Run, now_ms};

/// Empty answers that are put up with in one step.
const EMPTY_ANSWERS: u32 = 2;

/// Requests of one step that may be too long for the provider: after the first, room is made.
const OVERFLOWS: u32 = 1;

impl Run<'_> {
    /// Asks the model and tells what it answers and what that took.
    pub(super) async fn ask(&mut self, step: u32) -> Result<AssistantStep, Halt> {
        self.warn_of_budgets().await;
        let message_id = MessageId::generate();
        let mut request = self.fitting().await;
        let mut kind = CallKind::Step;
        // A step that cannot be paid for is not shown at all.
        self.grant(&request, kind)?;
        self.events.send(EngineEvent::StepStarted { step, message_id: message_id.clone() }).await;
        let mut empty_answers = 0;
        let mut overflows = 0;
        let answer = loop {
            let expected = self.expected_cached(&request);
            let answer = match self.call_model(&request, kind, &self.events.clone()).await {
                Ok(answer) => answer,
                Err(Halt::Failed(problem)) if is_overflow(&problem) => {
                    overflows += 1;
                    if overflows > OVERFLOWS {
                        return Err(Halt::Failed(self.too_long(problem)));
                    }
                    request = self.fitting_after(problem).await?;
                    kind = CallKind::Further;
                    continue;
                }
                Err(halt) => return Err(halt),
            };
            self.tell_usage(&answer, expected).await;
            self.learn(answer.usage.as_ref()).await;
            if !answer.is_empty() {
                break answer;
            }
            empty_answers += 1;
            self.answer_was_empty(&answer, empty_answers).await?;
            request = self.fitting().await;
            kind = CallKind::Further;
        };
        if answer.tool_calls.is_empty() && answer.text.trim().is_empty() {
            return Err(Halt::Failed(*CallFailure::refused(answer.refusal).problem));
        }
        let text = if answer.text.trim().is_empty() { answer.refusal } else { answer.text };
        Ok(AssistantStep {
            id: message_id,
            step,
            text,
            reasoning: answer.reasoning,
            opaque: answer.opaque,
            tool_calls: answer.tool_calls,
            finish: answer.finish.unwrap_or(Finish::Stop),
            usage: answer.usage,
            model: answer.model,
            created_at: now_ms(),
        })
    }

    /// The one way to the model, for steps and for whatever else costs a call.
    ///
    /// Makes attempts until one succeeds or no further one is due. Nothing has been done on a failed
    /// attempt's answer, so making it again repeats nothing. What streams goes to `shown`.
    pub(super) async fn call_model(
        &mut self,
        request: &Projection,
        mut kind: CallKind,
        shown: &EventSink,
    ) -> Result<Answer, Halt> {
        self.fetch_pictures(&request.messages).await;
        let mut attempt = 1;
        loop {
            let failure = match self.pay_for_call(request, kind, shown).await {
                Ok(answer) => return Ok(answer),
                Err(CallEnd::Limit(problem)) => return Err(Halt::Limit(problem)),
                Err(CallEnd::Failed(failure)) => failure,
            };
            tracing::warn!(attempt, code = failure.problem.code, "a model call failed");
            let Some(wait) =
                retry::wait(&self.surroundings.settings.retry, &failure, attempt, rand::random())
            else {
                return Err(Halt::Failed(*failure.problem));
            };
            attempt += 1;
            kind = CallKind::Further;
            let wait = self.within_time(wait);
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            self.events.send(EngineEvent::Retrying { attempt, wait_ms, problem: *failure.problem }).await;
            tokio::time::sleep(wait).await;
        }
    }

    pub(super) async fn tell_usage(&mut self, answer: &Answer, expected: Option<Expected>) {
        let Some(usage) = answer.usage else { return };
        let predicted_cached = self.compare_cached(&usage, expected);
        let context_limit = self.model.profile.window(&self.model.endpoint);
        let context_used = usage.context_tokens();
        let told = EngineEvent::Usage { usage, context_used, context_limit, predicted_cached };
        self.events.send(told).await;
    }

    /// Has the model asked again after an empty answer, unless there were too many.
    async fn answer_was_empty(&mut self, answer: &Answer, times: u32) -> Result<(), Problem> {
        if answer.finish == Some(Finish::Filtered) {
            return Err(*CallFailure::refused("its content filter withheld the answer").problem);
        }
        let finish = match &answer.finish {
            Some(Finish::Other(reason)) => format!(" (finish reason `{reason}`)"),
            _ => String::new(),
        };
        let problem = Problem::new(502, "model_empty_answer", "The model gave an empty answer")
            .detail(format!("it wrote no text and called no tool{finish}, {times} times"))
            .hint("Continue to ask it again, or use another model.");
        if times > EMPTY_ANSWERS {
            return Err(problem);
        }
        self.events.send(EngineEvent::Retrying { attempt: times + 1, wait_ms: 0, problem }).await;
        let text = format!(
            "Your last answer was empty{finish}: it had neither text nor a valid tool call. Call a tool, or \
             write your answer as text."
        );
        self.notice(text).await;
        Ok(())
    }
}
