//! What strict providers object to in a request: the union of the rules by which one or another of them
//! answers 400. A history that passes here is accepted everywhere.

use std::collections::HashSet;

use serde_json::Value;

/// Longest id of a tool call (OpenAI and Azure: "Expected a string with maximum length 40").
const MAX_ID: usize = 40;

/// Longest name of a function.
const MAX_NAME: usize = 64;

/// What is wrong with a chat completion request, each in a sentence that names the message.
pub fn objections(request: &Value) -> Vec<String> {
    let Some(messages) = request.get("messages").and_then(Value::as_array).filter(|list| !list.is_empty())
    else {
        return vec!["messages must be an array that is not empty".to_owned()];
    };
    let mut check = Check::default();
    for (position, message) in messages.iter().enumerate() {
        check.message(position, message);
    }
    check.nothing_is_open(messages.len());
    if check.before == Some("assistant") {
        check.objections.push("the last message must not be the model's".to_owned());
    }
    check.objections
}

/// A walk along the messages.
#[derive(Debug, Default)]
struct Check<'a> {
    objections: Vec<String>,
    /// Role of the message before.
    before: Option<&'a str>,
    /// Ids of all calls so far.
    ids: HashSet<&'a str>,
    /// Ids of the calls of the newest answer that have no result yet.
    open: Vec<&'a str>,
}

impl<'a> Check<'a> {
    fn object(&mut self, position: usize, what: &str) {
        self.objections.push(format!("messages[{position}]: {what}"));
    }

    fn message(&mut self, position: usize, message: &'a Value) {
        let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
        if role != "tool" {
            self.nothing_is_open(position);
        }
        let content = message.get("content");
        let is_blank = content.and_then(Value::as_str).is_none_or(|text| text.trim().is_empty());
        if content.is_none_or(|content| !content.is_string() && !content.is_array()) {
            self.object(position, "content must be text");
        }
        match role {
            "system" if position == 0 => {}
            "system" => self.object(position, "a system message must be the first"),
            "user" if self.before == Some("user") => self.object(position, "two user messages in a row"),
            "assistant" if matches!(self.before, Some("assistant") | None) => {
                self.object(position, "an answer to nothing");
            }
            "user" | "assistant" | "tool" => {}
            other => self.object(position, &format!("unknown role {other:?}")),
        }
        if let Some(parts) = content.and_then(Value::as_array) {
            self.parts(position, role, parts);
        }
        match role {
            "assistant" => self.answer(position, message, is_blank),
            "tool" => self.result(position, message),
            _ if is_blank && content.is_some_and(Value::is_string) => {
                self.object(position, "content must not be blank");
            }
            _ => {}
        }
        self.before = Some(role);
    }

    /// Content in parts: text everywhere, pictures only where somebody says something.
    fn parts(&mut self, position: usize, role: &str, parts: &[Value]) {
        if parts.is_empty() {
            self.object(position, "content must not be an empty array");
        }
        for part in parts {
            match part.get("type").and_then(Value::as_str) {
                Some("text") if part.get("text").is_some_and(Value::is_string) => {}
                Some("image_url") if role == "user" => {
                    let url = part.pointer("/image_url/url").and_then(Value::as_str).unwrap_or_default();
                    if !url.starts_with("data:image/") && !url.starts_with("https://") {
                        self.object(position, "a picture must be a data URL of an image or an HTTPS address");
                    }
                }
                Some("image_url") => {
                    self.object(position, &format!("a {role} message must not hold pictures"))
                }
                _ => self.object(position, "a part of content must be text or a picture"),
            }
        }
    }

    fn answer(&mut self, position: usize, message: &'a Value, is_blank: bool) {
        let Some(calls) = message.get("tool_calls") else {
            if is_blank {
                self.object(position, "an answer must have content or tool calls");
            }
            return;
        };
        let Some(calls) = calls.as_array().filter(|calls| !calls.is_empty()) else {
            self.object(position, "tool_calls must be an array that is not empty");
            return;
        };
        for call in calls {
            self.call(position, call);
        }
    }

    fn call(&mut self, position: usize, call: &'a Value) {
        let text = |pointer: &str| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (id, name, arguments) = (text("/id"), text("/function/name"), text("/function/arguments"));
        if id.trim().is_empty() || id.len() > MAX_ID {
            self.object(position, &format!("a call id must have 1 to {MAX_ID} characters, not {}", id.len()));
        }
        if !self.ids.insert(id) {
            self.object(position, &format!("the call id {id:?} is used twice"));
        }
        if text("/type") != "function" {
            self.object(position, "a call's type must be function");
        }
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(allowed) {
            self.object(position, &format!("{name:?} is no function name"));
        }
        if !serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object()) {
            self.object(position, "arguments must be the JSON text of an object");
        }
        self.open.push(id);
    }

    fn result(&mut self, position: usize, message: &'a Value) {
        let id = message.get("tool_call_id").and_then(Value::as_str).unwrap_or_default();
        match self.open.iter().position(|open| *open == id) {
            Some(found) => {
                self.open.remove(found);
            }
            None => self.object(position, &format!("the tool result {id:?} answers no call before it")),
        }
    }

    fn nothing_is_open(&mut self, position: usize) {
        for id in std::mem::take(&mut self.open) {
            self.object(position, &format!("the call {id:?} has no result before this message"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(messages: &Value, wanted: &str) {
        let objections = objections(&json!({ "messages": messages }));
        if wanted.is_empty() {
            assert_eq!(objections, Vec::<String>::new(), "{messages}");
        } else {
            assert!(objections.iter().any(|objection| objection.contains(wanted)), "{objections:?}");
        }
    }

    fn call(id: &str, name: &str, arguments: &str) -> Value {
        json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
    }

    fn asked(calls: &[Value]) -> Value {
        json!({"role": "assistant", "content": "", "tool_calls": calls})
    }

    fn result(id: &str) -> Value {
        json!({"role": "tool", "tool_call_id": id, "content": ""})
    }

    #[test]
    fn every_rule_finds_what_breaks_it() {
        let system = json!({"role": "system", "content": "s"});
        let user = json!({"role": "user", "content": "u"});
        let answer = json!({"role": "assistant", "content": "a"});
        check(&json!([]), "not empty");
        check(&json!([system, user]), "");
        check(&json!([system, user, answer, user]), "");
        check(
            &json!([user, asked(&[call("a", "f", "{}"), call("b", "f", "{}")]), result("b"), result("a")]),
            "",
        );
        let picture = |url: &str| json!([{"type": "image_url", "image_url": {"url": url}}]);
        let shown = |url: &str| json!({"role": "user", "content": picture(url)});
        let asked_and_answered = [user.clone(), asked(&[call("a", "f", "{}")]), result("a")];
        check(
            &json!([
                asked_and_answered[0],
                asked_and_answered[1],
                asked_and_answered[2],
                shown("data:image/png;base64,AA")
            ]),
            "",
        );
        check(&json!([shown("file:///etc/passwd")]), "a data URL");
        check(&json!([{"role": "user", "content": [{"type": "image_url"}]}]), "a data URL");
        check(&json!([{"role": "user", "content": []}]), "empty array");
        check(
            &json!([user, asked(&[call("a", "f", "{}")]), {"role": "tool", "tool_call_id": "a", "content": picture("data:image/png;base64,AA")}]),
            "a tool message must not hold pictures",
        );
        check(&json!([user, user]), "two user messages");
        check(&json!([user, system]), "must be the first");
        check(&json!([user, answer]), "must not be the model's");
        check(&json!([user, answer, answer, user]), "an answer to nothing");
        check(&json!([{"role": "user", "content": null}]), "must be text");
        check(&json!([{"role": "user", "content": " "}]), "must not be blank");
        check(&json!([{"role": "robot", "content": "x"}]), "unknown role");
        check(&json!([user, {"role": "assistant", "content": ""}, user]), "content or tool calls");
        check(&json!([user, asked(&[])]), "not empty");
        check(&json!([user, asked(&[call("a", "f", "{}")]), user]), "has no result");
        check(&json!([user, asked(&[call("a", "f", "{}")])]), "has no result");
        check(&json!([user, result("a")]), "answers no call");
        check(&json!([user, asked(&[call("a", "f", "{}")]), result("a"), result("a")]), "answers no call");
        check(&json!([user, asked(&[call("a", "f", "{}"), call("a", "f", "{}")])]), "used twice");
        check(&json!([user, asked(&[call("", "f", "{}")]), result("")]), "1 to 40");
        check(&json!([user, asked(&[call(&"x".repeat(41), "f", "{}")])]), "1 to 40");
        check(&json!([user, asked(&[call("a", "no name", "{}")]), result("a")]), "no function name");
        check(&json!([user, asked(&[call("a", "f", "[1]")]), result("a")]), "JSON text of an object");
        check(&json!([user, asked(&[call("a", "f", "{\"x\":")]), result("a")]), "JSON text of an object");
    }
}
