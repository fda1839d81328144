//! Which reply comes next: the turn by its condition or else by the number of user messages, the step by
//! the number of assistant messages since the last user message.

use serde_json::Value;

use crate::script::{Condition, Reply, Script, Step, Turn};

/// Turn, step and alternative of a reply in its script.
pub type Position = (usize, usize, usize);

/// A reply and where it stands, which tells replies apart when counting faults.
#[derive(Debug)]
pub struct Selected<'a> {
    /// The reply.
    pub reply: &'a Reply,
    /// `None` for `otherwise`.
    pub position: Option<Position>,
}

/// The reply to a request, or `None` when the script has nothing left to say.
pub fn select<'a>(script: &'a Script, request: &Value) -> Option<Selected<'a>> {
    let messages = request.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    select_step(script, messages)
        .or_else(|| script.otherwise.as_ref().map(|reply| Selected { reply, position: None }))
}

fn select_step<'a>(script: &'a Script, messages: &[Value]) -> Option<Selected<'a>> {
    let last_user = messages.iter().rposition(is_said);
    let users = messages.iter().filter(|message| is_said(message)).count();
    let since = last_user.map_or(messages, |index| messages.get(index + 1..).unwrap_or_default());
    let step_index = since.iter().filter(|message| role(message) == "assistant").count();
    let (turn_index, turn) = select_turn(script, messages, users)?;
    let (alternative, reply) = match turn.steps.get(step_index)? {
        Step::One(reply) => (0, &**reply),
        Step::AnyOf { any_of } => {
            any_of.iter().enumerate().find(|(_, reply)| applies(reply.when.as_ref(), messages))?
        }
    };
    Some(Selected { reply, position: Some((turn_index, step_index, alternative)) })
}

fn select_turn<'a>(script: &'a Script, messages: &[Value], users: usize) -> Option<(usize, &'a Turn)> {
    let conditional = script
        .turns
        .iter()
        .enumerate()
        .find(|(_, turn)| turn.when.is_some() && applies(turn.when.as_ref(), messages));
    conditional.or_else(|| {
        let unconditional = script.turns.iter().enumerate().filter(|(_, turn)| turn.when.is_none());
        unconditional.clone().nth(users.checked_sub(1)?)
    })
}

fn applies(condition: Option<&Condition>, messages: &[Value]) -> bool {
    let Some(condition) = condition else { return true };
    let last_user = messages.iter().rfind(|message| is_said(message));
    let holds = |wanted: Option<&String>, message: Option<&Value>| {
        wanted.is_none_or(|wanted| message.is_some_and(|message| text_of(message).contains(wanted)))
    };
    holds(condition.user_contains.as_ref(), last_user)
        && holds(condition.last_contains.as_ref(), messages.last())
}

pub(crate) fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Whether somebody says something in a message. One that ends with a picture only shows what came of calls.
pub(crate) fn is_said(message: &Value) -> bool {
    let last = message.get("content").and_then(Value::as_array).and_then(|parts| parts.last());
    let is_picture = last.is_some_and(|part| part.get("type").is_some_and(|kind| kind == "image_url"));
    role(message) == "user" && !is_picture
}

/// The text of a message whose content is a string or a list of text parts.
pub(crate) fn text_of(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SCRIPT: &str = "
name: t
turns:
  - steps: [{text: one-a}, {text: one-b}]
  - when: {user_contains: magic}
    steps: [{text: magic}]
  - steps:
      - any_of: [{when: {last_contains: second!}, text: two-loud}, {text: two}]
otherwise: {text: nothing left}
";

    fn check(messages: &Value, expected: &str) {
        let script = Script::from_yaml(SCRIPT).unwrap();
        let request = json!({ "messages": messages });
        assert_eq!(select(&script, &request).unwrap().reply.text, expected, "{messages}");
    }

    #[test]
    fn the_reply_follows_from_the_request_alone() {
        let user = |text: &str| json!({"role": "user", "content": text});
        let model = json!({"role": "assistant", "content": "…"});
        let tool = json!({"role": "tool", "content": "…"});
        check(&json!([user("first")]), "one-a");
        check(&json!([user("first"), model, tool]), "one-b");
        let picture =
            json!({"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image_url"}]});
        check(&json!([user("first"), model, tool, picture]), "one-b");
        check(&json!([user("first"), model, tool, model]), "nothing left");
        check(&json!([user("first"), model, user("second")]), "two");
        check(&json!([user("first"), model, user("second!")]), "two-loud");
        check(&json!([user("first"), model, user("some magic")]), "magic");
        check(&json!([user("1"), user("2"), user("3")]), "nothing left");
        check(&json!([{"role": "user", "content": [{"type": "text", "text": "magic"}]}]), "magic");
    }
}
