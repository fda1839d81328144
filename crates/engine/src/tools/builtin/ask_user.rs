//! `ask_user`: a question to the person. The run ends with it and goes on when it is answered.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::CallId;
use slipway_protocol::question::{Choice, Question, QuestionOption};

/// What the model is told.
pub(super) const DESCRIPTION: &str = "\
Asks the person one question and waits for the answer, which may take hours. Only for what you cannot find \
out yourself and where a wrong guess would cost much: a decision that is the person's, a missing secret or \
access, two requirements that contradict each other. Give options where you can; the person may always \
answer in their own words instead. Calls that change something and follow it in the same answer are not \
made.";

/// Most characters of a question.
const MOST_QUESTION: usize = 2_000;

/// Most options.
const MOST_OPTIONS: usize = 8;

/// Most characters of an option's label and of its description.
const MOST_LABEL: usize = 120;
const MOST_DESCRIPTION: usize = 300;

/// Its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AskUser {
    /// The question, with what the person must know to answer it.
    question: String,
    /// Answers to choose from, the one that you recommend first. Leave it out for an open question.
    #[serde(default)]
    options: Vec<AskOption>,
    /// Whether more than one option may be chosen.
    #[serde(default)]
    multiple: bool,
}

/// An answer to choose.
#[derive(Debug, Deserialize, JsonSchema)]
struct AskOption {
    /// A few words.
    label: String,
    /// What choosing it means.
    #[serde(default)]
    description: String,
}

/// The question that the call asks.
///
/// # Errors
/// It cannot be asked; what is wrong, for the model.
pub(super) fn question(arguments: AskUser, call_id: &CallId) -> Result<Question, String> {
    let question = arguments.question.trim().to_owned();
    let length = question.chars().count();
    if length == 0 || length > MOST_QUESTION {
        return Err(format!("The question has {length} characters; 1 to {MOST_QUESTION} are possible."));
    }
    if arguments.options.len() == 1 || arguments.options.len() > MOST_OPTIONS {
        return Err(format!(
            "{} options were given; give 2 to {MOST_OPTIONS}, or none for an open question.",
            arguments.options.len()
        ));
    }
    let mut labels = HashSet::new();
    let mut options = Vec::new();
    for (option, number) in arguments.options.into_iter().zip(1_usize..) {
        let (label, description) = (option.label.trim().to_owned(), option.description.trim().to_owned());
        let length = label.chars().count();
        if length == 0 || length > MOST_LABEL || label.contains(char::is_control) {
            return Err(format!(
                "The label of option {number} must be one line of 1 to {MOST_LABEL} characters."
            ));
        }
        if description.chars().count() > MOST_DESCRIPTION {
            return Err(format!(
                "The description of option {number} is too long; at most {MOST_DESCRIPTION} characters are \
                 possible."
            ));
        }
        if !labels.insert(label.clone()) {
            return Err(format!("Two options have the label “{label}”."));
        }
        options.push(QuestionOption { label, description });
    }
    let choice = if arguments.multiple { Choice::Several } else { Choice::One };
    Ok(Question { call_id: call_id.clone(), question, options, choice })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ask(arguments: Value) -> Result<Question, String> {
        question(serde_json::from_value(arguments).expect("arguments"), &"call_1".into())
    }

    fn check_refused(arguments: Value, wanted: &str) {
        let reason = ask(arguments).expect_err("refused");
        assert!(reason.contains(wanted), "{reason}");
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_the_reason() {
        check_refused(json!({"question": "  "}), "has 0 characters");
        check_refused(json!({"question": "x".repeat(2001)}), "has 2001 characters");
        check_refused(json!({"question": "?", "options": [{"label": "a"}]}), "1 options were given");
        let many: Vec<_> = (0..9).map(|number| json!({"label": number.to_string()})).collect();
        check_refused(json!({"question": "?", "options": many}), "9 options");
        check_refused(json!({"question": "?", "options": [{"label": "a"}, {"label": " a "}]}), "label “a”");
        check_refused(json!({"question": "?", "options": [{"label": "a"}, {"label": "b\nc"}]}), "option 2");
    }

    #[test]
    fn questions_are_taken_over_without_white_space_around_them() {
        let asked = ask(json!({"question": " Which? ", "multiple": true,
            "options": [{"label": " a ", "description": " first "}, {"label": "b"}]}));
        let asked = asked.expect("a question");
        assert_eq!((asked.question.as_str(), asked.choice), ("Which?", Choice::Several));
        assert_eq!(asked.options[0], QuestionOption { label: "a".into(), description: "first".into() });
        assert!(ask(json!({"question": "Why?"})).expect("a question").options.is_empty());
    }
}
