//! A line of input and a line of output.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};

/// Files and the calls to carry out on them. What else a line holds is for its author.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    /// Anything; the answer carries it too.
    #[serde(default)]
    pub(super) id: Value,
    /// What the workspace holds, by relative path.
    #[serde(default, deserialize_with = "null_is_none")]
    pub(super) files: BTreeMap<String, Content>,
    /// What the model was shown of a file, where that differs from what the file holds; null for nothing.
    #[serde(default, deserialize_with = "null_is_none")]
    pub(super) seen: BTreeMap<String, Option<Content>>,
    /// Permission bits in octal, where they are not to be what the umask gives.
    #[serde(default, deserialize_with = "null_is_none")]
    pub(super) modes: BTreeMap<String, String>,
    pub(super) calls: Vec<Call>,
}

/// A tool call.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub(super) name: String,
    #[serde(default)]
    arguments: Value,
}

/// A file's bytes; base64 on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content(pub(super) Vec<u8>);

/// A line of output.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Reply {
    Answer(Answer),
    Error { id: Value, error: String },
}

/// What came of a case.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) id: Value,
    pub(super) results: Vec<CallResult>,
    pub(super) files: BTreeMap<String, Content>,
    pub(super) modes: BTreeMap<String, String>,
}

/// What came of a call.
#[derive(Debug, Serialize)]
pub(super) struct CallResult {
    status: ToolStatus,
    text: String,
    data: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_arguments: Option<String>,
}

/// Why a case could not be played.
#[derive(Debug, thiserror::Error)]
pub(super) enum CaseError {
    #[error("not a case: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0:?} is not a path inside the workspace")]
    Path(String),
    #[error("{0:?} is not an octal file mode")]
    Mode(String),
    #[error("scratch directory: {0}")]
    Io(#[from] std::io::Error),
}

impl Call {
    /// The arguments, decoded once when they came as JSON text.
    ///
    /// # Errors
    /// The text for the model when that text is not JSON.
    pub(super) fn arguments(&self) -> Result<Value, String> {
        match &self.arguments {
            Value::String(text) => serde_json::from_str(text).map_err(|error| {
                format!("The arguments of {} are not valid JSON: {error}. Nothing was done.", self.name)
            }),
            value => Ok(value.clone()),
        }
    }
}

impl From<ToolOutcome> for CallResult {
    fn from(outcome: ToolOutcome) -> Self {
        Self {
            status: outcome.status,
            text: outcome.text,
            data: outcome.data,
            corrected_arguments: outcome.corrected_arguments,
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

fn null_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `path` without `.` components; `None` when it leaves the workspace.
pub(super) fn normalised(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}
