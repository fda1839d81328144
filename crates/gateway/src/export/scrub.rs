//! Takes secrets and the workspace's path on this machine out of what leaves it.

use std::borrow::Cow;

use serde_json::Value;
use slipway_protocol::credentials;
use slipway_protocol::export::{WORKSPACE, replace_path};

/// What stands where a secret was.
const REMOVED: &str = "[removed]";
/// A shorter "key" is a placeholder such as `x`, and replacing it would garble the text.
const SHORTEST_SECRET: usize = 6;

/// Knows what must not leave.
#[derive(Debug)]
pub(crate) struct Scrubber {
    /// Each secret in the forms in which it can stand in a text: see [`forms`].
    secrets: Vec<String>,
    /// Likewise the workspace's path.
    workspace: Vec<String>,
}

impl Scrubber {
    /// One that looks for these secrets and this path (none when empty).
    pub(crate) fn new(secrets: &[String], workspace: &str) -> Self {
        let long_enough = secrets.iter().map(|secret| secret.trim());
        let mut secrets: Vec<String> =
            long_enough.filter(|secret| secret.len() >= SHORTEST_SECRET).flat_map(forms).collect();
        // The longest first: one secret may be the beginning of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        let is_telling = workspace.len() > 1 && workspace != WORKSPACE;
        Self { secrets, workspace: if is_telling { forms(workspace) } else { Vec::new() } }
    }

    /// The value without them in any of its strings. Its form stays: the names of fields are Slipway's own.
    pub(crate) fn clean_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(&text)),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.clean_value(item)).collect())
            }
            Value::Object(fields) => Value::Object(
                fields.into_iter().map(|(name, field)| (name, self.clean_value(field))).collect(),
            ),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
        }
    }

    /// Whether a JSON text holds nothing that has to be replaced.
    pub(super) fn is_clean(&self, json: &str) -> bool {
        !self.secrets.iter().chain(&self.workspace).any(|found| json.contains(found.as_str()))
            && matches!(credentials::hide(json), Cow::Borrowed(_))
    }

    /// The text without them.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| text.contains(secret.as_str())) {
            clean = clean.replace(secret.as_str(), REMOVED);
        }
        for path in &self.workspace {
            clean = replace_path(&clean, path, WORKSPACE);
        }
        credentials::hide(&clean).into_owned()
    }
}

/// How deep JSON is looked into that stands in JSON: a tool's arguments in an event in a log line are three deep.
const DEPTH: usize = 3;

/// A text as it stands in JSON that is nested up to [`DEPTH`] times, the deepest first, and as such.
fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    for depth in 0..DEPTH {
        forms.push(escaped(&forms[depth]));
    }
    forms.reverse();
    forms.dedup();
    forms
}

/// What stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let mut quoted = Value::from(text).to_string();
    quoted.pop();
    quoted.remove(0);
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        let secrets = ["sk-secret-1".to_owned(), "sk-secret".to_owned(), "x".to_owned()];
        assert_eq!(Scrubber::new(&secrets, "/home/jane/app").clean(text), expected);
    }

    #[test]
    fn secrets_and_the_workspace_are_replaced_and_nothing_else() {
        check("key sk-secret-1, sk-secret", "key [removed], [removed]");
        check("cd /home/jane/app && ls /home/jane/app/src", "cd /workspace && ls /workspace/src");
        check("an x stays", "an x stays");
        check("git clone https://x:ghs_1@github.com/a/b", "git clone https://x:[hidden]@github.com/a/b");
    }

    proptest! {
        /// However a secret is quoted, it is gone, and what is around it is there.
        #[test]
        fn no_form_of_a_secret_is_left(secret in "[ -~]{6,30}", around in "[a-z ]{0,20}") {
            prop_assume!(secret.trim() == secret && !around.contains(&secret) && !REMOVED.contains(&secret));
            let plain = format!("{around}{secret}{around}");
            let inner = serde_json::json!({ "k": plain }).to_string();
            let outer = serde_json::json!({ "arguments": inner, "text": plain });
            let scrubber = Scrubber::new(std::slice::from_ref(&secret), "");
            prop_assert!(!scrubber.is_clean(&outer.to_string()));
            let clean = scrubber.clean_value(outer);
            prop_assert_eq!(&clean["text"], &Value::from(format!("{around}{REMOVED}{around}")));
            let inner = clean["arguments"].as_str().expect("a text");
            prop_assert!(!inner.contains(&secret) && !inner.contains(&escaped(&secret)), "{}", inner);
            prop_assert!(scrubber.is_clean(&clean.to_string()));
        }

        /// Text that holds JSON in JSON, as a log line does, holds no form of a secret either.
        #[test]
        fn nested_json_is_cleaned_as_text(secret in "[ -~]{6,30}", depth in 0..=DEPTH) {
            prop_assume!(secret.trim() == secret && !REMOVED.contains(&secret));
            let mut line = secret.clone();
            let mut expected = REMOVED.to_owned();
            for _ in 0..depth {
                line = format!("{{\"k\":{}}}", Value::from(line));
                expected = format!("{{\"k\":{}}}", Value::from(expected));
            }
            prop_assert_eq!(Scrubber::new(std::slice::from_ref(&secret), "").clean(&line), expected);
        }
    }
}
