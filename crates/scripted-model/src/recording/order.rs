//! Which recorded answer a request asks for: the one behind the answer that the request ends with, calls
//! and their results. So a request that is made again gets the same answer again, and one out of order is noticed.

use serde_json::Value;

use super::{AnswerKind, EXHAUSTED, OUT_OF_ORDER, RecordedRun};
use crate::script::Reply;
use crate::select::{is_said, role, text_of};

/// Why a request has no recorded answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// There is no such run.
    #[error("the recording has no run {number}")]
    NoSuchRun { number: usize },
    /// More is asked than was recorded.
    #[error("run {number} of the recording has {recorded} answers, and one more is asked for")]
    Exhausted { number: usize, recorded: usize },
    /// The client asks something on its own account that it did not ask when it was recorded.
    #[error("run {number} of the recording: the request ends with a question that was not asked then")]
    Question { number: usize },
    /// The request does not follow the answer that was given last.
    #[error(
        "run {number} of the recording: answer {next} is due after the calls {expected}, but the request \
         comes after the calls {found}"
    )]
    OtherCalls { number: usize, next: usize, expected: String, found: String },
}

impl Refusal {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Exhausted { .. } => EXHAUSTED,
            Self::NoSuchRun { .. } | Self::Question { .. } | Self::OtherCalls { .. } => OUT_OF_ORDER,
        }
    }
}

/// The place of the answer in its run, from 0. `given` answers have been given or passed over.
pub(super) fn place(
    run: &RecordedRun,
    number: usize,
    given: usize,
    request: &Value,
) -> Result<usize, Refusal> {
    let messages = request.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let before = run.answers.get(..given).unwrap_or(&run.answers);
    let mut steps = before.iter().enumerate().filter(|(_, answer)| answer.kind != AnswerKind::Aside).rev();
    let last_given = steps.clone().next();
    if is_question(run, last_given.is_some(), messages) {
        let is_due = run.answers.get(given).is_some_and(|answer| answer.kind == AnswerKind::Aside);
        return if is_due { Ok(given) } else { Err(Refusal::Question { number }) };
    }
    let newest = messages.iter().rfind(|message| role(message) == "assistant");
    let asked_after = newest.and_then(|newest| steps.find(|(_, answer)| is_the_same(&answer.reply, newest)));
    let mut place = match (asked_after, last_given) {
        (Some((answered, _)), _) => answered + 1,
        (None, None) => 0,
        // A client may give calls ids of its own.
        (None, Some((last, answer))) => {
            let (expected, found) = (names_of(&answer.reply), newest.map(names_in).unwrap_or_default());
            if expected != found || found.is_empty() {
                return Err(Refusal::OtherCalls {
                    number,
                    next: last + 2,
                    expected: listed(&expected),
                    found: listed(&found),
                });
            }
            last + 1
        }
    };
    while run.answers.get(place).is_some_and(|answer| answer.kind == AnswerKind::Aside) {
        place += 1;
    }
    if place < run.answers.len() {
        return Ok(place);
    }
    Err(Refusal::Exhausted { number, recorded: run.answers.len() })
}

/// Whether the request ends with a user message that is not the run's: a question of the client's own.
fn is_question(run: &RecordedRun, has_begun: bool, messages: &[Value]) -> bool {
    let Some(last) = messages.last().filter(|last| is_said(last)) else { return false };
    match &run.message {
        Some(message) => !text_of(last).contains(message.trim()),
        None => has_begun || run.answers.first().is_some_and(|answer| answer.kind == AnswerKind::Aside),
    }
}

/// Whether a message of the request is this answer.
fn is_the_same(reply: &Reply, message: &Value) -> bool {
    let calls = calls_in(message);
    if calls.is_empty() {
        return reply.tool_calls.is_empty() && text_of(message).trim() == reply.text.trim();
    }
    let own = reply.tool_calls.iter().map(|call| call.id.as_deref().unwrap_or_default());
    own.eq(calls.iter().map(|call| text_at(call, "/id")))
}

fn calls_in(message: &Value) -> &[Value] {
    message.get("tool_calls").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn names_in(message: &Value) -> Vec<&str> {
    calls_in(message).iter().map(|call| text_at(call, "/function/name")).collect()
}

fn names_of(reply: &Reply) -> Vec<&str> {
    reply.tool_calls.iter().map(|call| call.name.as_str()).collect()
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::recording::RecordedAnswer;
    use crate::script::{Arguments, ScriptedCall};

    fn answer(text: &str, call: Option<(&str, &str)>) -> RecordedAnswer {
        let call = call.map(|(id, name)| ScriptedCall {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            arguments: Arguments::default(),
            extra: serde_json::Map::new(),
        });
        let reply =
            Reply { text: text.to_owned(), tool_calls: call.into_iter().collect(), ..Reply::default() };
        RecordedAnswer { reply, kind: AnswerKind::Whole }
    }

    fn aside(text: &str) -> RecordedAnswer {
        RecordedAnswer { kind: AnswerKind::Aside, ..answer(text, None) }
    }

    fn run() -> RecordedRun {
        let answers = vec![
            answer("", Some(("a", "read"))),
            aside("summary"),
            answer("", Some(("b", "write"))),
            answer("done", None),
        ];
        RecordedRun { message: Some("fix it".to_owned()), answers }
    }

    fn user(text: &str) -> Value {
        json!({"role": "user", "content": text})
    }

    fn after(id: &str, name: &str) -> Value {
        let call = json!({"id": id, "function": {"name": name, "arguments": "{}"}});
        json!([user("fix it"), {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "content": "x"}])
    }

    fn check(given: usize, messages: &Value, expected: Result<usize, &str>) {
        let found = place(&run(), 2, given, &json!({ "messages": messages }));
        assert_eq!(
            found.as_ref().map_err(Refusal::code),
            expected.as_ref().map_err(|code| *code),
            "{messages}: {found:?}"
        );
    }

    #[test]
    fn the_place_follows_from_the_calls_before() {
        check(
            0,
            &json!([user("hi"), {"role": "assistant", "content": "hello"}, user("Please fix it.")]),
            Ok(0),
        );
        check(1, &after("a", "read"), Ok(2));
        // Asked again, it gives the same again.
        check(3, &after("a", "read"), Ok(2));
        check(3, &after("b", "write"), Ok(3));
        // The client may have made ids of its own.
        check(3, &after("other", "write"), Ok(3));
    }

    #[test]
    fn an_aside_answers_only_a_question_of_the_client() {
        let mut question = after("a", "read");
        question.as_array_mut().unwrap().push(user("Sum up."));
        check(1, &question, Ok(1));
        check(2, &after("a", "read"), Ok(2));
        check(2, &question, Err(OUT_OF_ORDER));
    }

    #[test]
    fn what_was_not_recorded_is_refused() {
        check(0, &json!([user("something else")]), Err(OUT_OF_ORDER));
        check(1, &after("z", "other"), Err(OUT_OF_ORDER));
        let end = json!([user("fix it"), {"role": "assistant", "content": "done"}]);
        check(4, &end, Err(EXHAUSTED));
        let refusal = Refusal::Exhausted { number: 2, recorded: 4 };
        assert!(refusal.to_string().contains("run 2") && refusal.to_string().contains("4 answers"));
    }
}
