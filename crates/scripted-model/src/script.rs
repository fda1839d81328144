//! The script language: YAML that says what the model answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fault::Fault;

/// The demo that Slipway ships.
const DEMO: &str = include_str!("../scripts/demo.yaml");

/// What the model answers, turn by turn.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// A name for logs and lists.
    pub name: String,
    /// Names of the models that it answers to; the first is the one it claims to be. Any other model
    /// name is answered by a 404.
    #[serde(default = "default_models")]
    pub models: Vec<String>,
    /// The key that requests must carry; any (or none) when absent.
    #[serde(default)]
    pub api_key: Option<String>,
    /// Whether requests that some provider would reject (see [`crate::strict`]) are violations and
    /// answered by a 400.
    #[serde(default)]
    pub strict: bool,
    /// Whether `GET /requests` tells what was asked so far, as a JSON list of the requests' bodies, for tests in
    /// other programs.
    #[serde(default)]
    pub tells_requests: bool,
    /// What it answers to each user message.
    pub turns: Vec<Turn>,
    /// What it answers when no turn or step is left.
    #[serde(default)]
    pub otherwise: Option<Reply>,
}

/// The answers to one user message, one for each model call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// When it applies; a turn without a condition applies by its position.
    #[serde(default)]
    pub when: Option<Condition>,
    /// The answers in order.
    pub steps: Vec<Step>,
}

/// One answer, or the first of several whose condition holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Alternatives; the last should have no condition.
    AnyOf {
        /// Tried in order.
        any_of: Vec<Reply>,
    },
    /// Always this.
    One(Box<Reply>),
}

/// What a request must contain for a turn or reply to apply; every given field must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// A substring of the last user message.
    pub user_contains: Option<String>,
    /// A substring of the last message, whatever its role.
    pub last_contains: Option<String>,
}

/// One answer of the model.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// When it applies, among alternatives.
    pub when: Option<Condition>,
    /// Visible text.
    pub text: String,
    /// Reasoning, sent as `reasoning_content`.
    pub reasoning: String,
    /// Tool calls.
    pub tool_calls: Vec<ScriptedCall>,
    /// The finish reason; by default `tool_calls` when there are calls, else `stop`.
    pub finish: Option<String>,
    /// Token figures; by default estimated from lengths.
    pub usage: Option<ScriptedUsage>,
    /// The model name to claim, where it differs from the script's.
    pub model: Option<String>,
    /// Wait before the first chunk.
    pub first_delay_ms: u64,
    /// Wait before each further chunk.
    pub chunk_delay_ms: u64,
    /// Characters in a chunk; 0 means 16.
    pub chunk_chars: usize,
    /// Substrings that the request's body must contain; a missing one is recorded as a violation and
    /// answered by a 400.
    pub expect: Vec<String>,
    /// Further fields of the message, for example `reasoning_details`.
    pub extra: Map<String, Value>,
    /// What goes wrong on the wire.
    pub fault: Option<Fault>,
}

/// A tool call in an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedCall {
    /// The call's id; made from the position when absent. May be empty or repeated, as a fault.
    #[serde(default)]
    pub id: Option<String>,
    /// The function's name.
    pub name: String,
    /// The arguments: an object, or text that is sent as it is.
    #[serde(default)]
    pub arguments: Arguments,
    /// Further fields of the call, for example `extra_content`.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

/// Arguments of a tool call.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Arguments {
    /// Sent verbatim, so that it may be malformed.
    Text(String),
    /// Sent as JSON.
    Object(Value),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Text("{}".to_owned())
    }
}

impl Arguments {
    /// The text that goes over the wire.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Object(value) => value.to_string(),
        }
    }
}

/// Token figures of one answer.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScriptedUsage {
    /// Input tokens, cached ones included.
    pub prompt: u64,
    /// Output tokens, reasoning included.
    pub completion: u64,
    /// Cached input tokens.
    pub cached: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
}

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// Not YAML, or not of the script's form.
    #[error("not a script: {0}")]
    Malformed(#[from] serde_yaml_ng::Error),
    /// `models` is empty.
    #[error("the script {0} names no model")]
    NoModel(String),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The text is not YAML, has unknown or missing fields, or names no model.
    pub fn from_yaml(text: &str) -> Result<Self, ScriptError> {
        let script: Self = serde_yaml_ng::from_str(text)?;
        if script.models.is_empty() {
            return Err(ScriptError::NoModel(script.name));
        }
        Ok(script)
    }

    /// The demo that Slipway ships: it writes a small desktop program and its tests, finds a failing
    /// test, fixes it, and starts the program.
    #[expect(clippy::expect_used, reason = "the demo is part of the program and a test reads it")]
    pub fn demo() -> Self {
        Self::from_yaml(DEMO).expect("the built-in demo is a valid script")
    }

    /// The model name that the script claims to be.
    pub fn model(&self) -> &str {
        self.models.first().map_or("scripted", String::as_str)
    }

    /// A script that answers `replies` to the first user message, for tests written in code.
    pub fn of_replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            name: "inline".to_owned(),
            models: default_models(),
            api_key: None,
            tells_requests: false,
            strict: false,
            turns: vec![Turn {
                when: None,
                steps: replies.into_iter().map(|reply| Step::One(Box::new(reply))).collect(),
            }],
            otherwise: None,
        }
    }
}

fn default_models() -> Vec<String> {
    vec!["scripted".to_owned()]
}

/// Response headers in a script.
pub type Headers = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_valid_and_ends_with_words() {
        let demo = Script::demo();
        let last = demo.turns.first().and_then(|turn| turn.steps.last()).expect("the demo has steps");
        let replies = match last {
            Step::AnyOf { any_of } => any_of.clone(),
            Step::One(reply) => vec![(**reply).clone()],
        };
        assert!(replies.iter().all(|reply| reply.tool_calls.is_empty() && !reply.text.is_empty()));
    }

    #[test]
    fn unknown_fields_are_refused() {
        let error = Script::from_yaml("name: x\nturns: [{steps: [{txet: hello}]}]").expect_err("a typo");
        assert!(matches!(error, ScriptError::Malformed(_)), "{error}");
    }
}
