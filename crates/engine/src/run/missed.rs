//! Answers that were to call a tool although no call arrived: the provider announced one and lost it, or
//! the model wrote it as text in some template's markup. Such an answer is not the end of the work.

use slipway_protocol::Problem;
use slipway_protocol::tool::ToolSpec;
use slipway_protocol::transcript::{AssistantStep, Finish};

/// Answers in a row without the call that they were to make, after which the run ends.
const PUT_UP_WITH: u32 = 3;

/// How templates begin a call that the server should have parsed, and did not.
const MARKUP: [&str; 13] = [
    "<tool_call>",
    "<tool_calls>",
    "<function_call>",
    "<function_calls>",
    "<function=",
    "<invoke name=",
    "<tool_use>",
    "<|tool_call",
    "<｜tool▁call",
    "[TOOL_CALLS]",
    "<|python_tag|>",
    "<|channel|>commentary to=",
    "<｜DSML｜",
];

/// Bytes after the markup within which a tool is named.
const NAMED_WITHIN: usize = 200;

/// Counts answers whose calls are missing.
#[derive(Debug, Default)]
pub(super) struct MissedCalls {
    in_a_row: u32,
}

impl MissedCalls {
    /// What to tell the model after an answer without calls; `None` when it was not to have any.
    ///
    /// # Errors
    /// It happened too often in a row.
    pub(super) fn observe(
        &mut self,
        answer: &AssistantStep,
        tools: &[ToolSpec],
    ) -> Result<Option<String>, Problem> {
        let Some(what) = what_is_missed(answer, tools) else {
            self.in_a_row = 0;
            return Ok(None);
        };
        self.in_a_row += 1;
        if self.in_a_row >= PUT_UP_WITH {
            let problem = Problem::new(502, "model_calls_missing", "The model's tool calls do not arrive")
                .detail(format!("in {} answers in a row, {what}", self.in_a_row))
                .hint("Check that the server's tool parser fits the model, or use another model.");
            return Err(problem);
        }
        Ok(Some(format!(
            "In your last answer, {what}, so nothing was done. Call the tool through the function calling \
             interface. If you did not mean to call one, say so in plain words."
        )))
    }
}

fn what_is_missed(answer: &AssistantStep, tools: &[ToolSpec]) -> Option<&'static str> {
    match answer.finish {
        _ if !answer.tool_calls.is_empty() => None,
        Finish::ToolCalls => Some("a tool call was announced, but none arrived"),
        Finish::Stop | Finish::Other(_) if is_call_as_text(&answer.text, tools) => {
            Some("a tool call was written as text")
        }
        Finish::Stop | Finish::Other(_) | Finish::Length | Finish::Filtered | Finish::Stopped => None,
    }
}

/// Whether a text holds a template's markup and, right after it, the name of a tool. What is quoted as code
/// does not count.
fn is_call_as_text(text: &str, tools: &[ToolSpec]) -> bool {
    let said = without_code(text);
    MARKUP.iter().any(|markup| {
        said.match_indices(markup).any(|(start, _)| {
            let mut end = (start + markup.len() + NAMED_WITHIN).min(said.len());
            while !said.is_char_boundary(end) {
                end -= 1;
            }
            let call = said.get(start + markup.len()..end).unwrap_or_default();
            tools.iter().any(|tool| call.contains(tool.name.as_str()))
        })
    })
}

/// A text without what stands between back ticks: of each run of them, every second piece.
fn without_code(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, ticked) = rest.split_at(start);
        said.push_str(before);
        let inside = ticked.trim_start_matches('`');
        let ticks = ticked.get(..ticked.len() - inside.len()).unwrap_or_default();
        // A fence that is not closed hides nothing: what follows may be the call.
        rest = inside.split_once(ticks).map_or(inside, |(_, after)| after);
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn code_is_left_out() {
        assert_eq!(without_code("a `b` c ```x\ny ` z``` d"), "a  c  d");
        assert_eq!(without_code("a ```b"), "a b");
        assert_eq!(without_code("``"), "");
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "[`<a|é\\[tool_call>\n]{0,80}") {
            prop_assert!(without_code(&text).len() <= text.len());
            prop_assert!(!is_call_as_text(&text, &[]));
        }
    }
}
