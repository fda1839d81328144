//! Questions of the model that the person is to answer, and the answers.

use serde::{Deserialize, Serialize};

use crate::id::CallId;

/// A question for which a run waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// The call that asks it.
    pub call_id: CallId,
    /// What is asked, in plain text.
    pub question: String,
    /// Answers to choose from; none when the person is to write. The person may write in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<QuestionOption>,
    /// How many options may be chosen.
    #[serde(default)]
    pub choice: Choice,
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuestionOption {
    /// Its name; no two of a question have the same.
    pub label: String,
    /// What it means; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// How many options may be chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// One at most.
    #[default]
    One,
    /// Any number.
    Several,
}

/// What the person answers: options, words, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Answer {
    /// Labels of the chosen options.
    pub chosen: Vec<String>,
    /// The person's own words.
    pub text: String,
}
