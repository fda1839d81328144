//! The answer to a provider test, read leniently: streamed or whole, known fields only.

use serde_json::Value;
use slipway_protocol::Problem;

/// What a chat completion told so far.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// The model that answered, by its own account.
    pub(super) model: Option<String>,
    /// Whether it called a tool.
    pub(super) calls_tool: bool,
    answered: bool,
    ended: bool,
    /// Bytes that are not a whole line yet; all of them when the answer is not a stream.
    pending: Vec<u8>,
}

impl Reply {
    /// Takes more bytes of the answer.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            self.line(&String::from_utf8_lossy(&line))?;
        }
        Ok(())
    }

    /// Whether nothing more needs to be read.
    pub(super) fn is_complete(&self) -> bool {
        self.ended
    }

    /// The end of the answer.
    pub(super) fn finish(mut self) -> Result<Self, Problem> {
        let rest = std::mem::take(&mut self.pending);
        self.line(&String::from_utf8_lossy(&rest))?;
        if self.answered { Ok(self) } else { Err(not_understood()) }
    }

    fn line(&mut self, line: &str) -> Result<(), Problem> {
        let line = line.trim();
        let data = line.strip_prefix("data:").map_or(line, str::trim_start);
        if data == "[DONE]" {
            self.ended = true;
        } else if data.starts_with('{')
            && let Ok(chunk) = serde_json::from_str::<Value>(data)
        {
            self.chunk(&chunk, data)?;
        }
        Ok(())
    }

    fn chunk(&mut self, chunk: &Value, text: &str) -> Result<(), Problem> {
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(slipway_engine::provider::explain_refusal(None, text));
        }
        if let Some(model) = chunk.get("model").and_then(Value::as_str).filter(|model| !model.is_empty()) {
            self.model = Some(model.to_owned());
        }
        let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
        self.answered = true;
        let message = choice.get("delta").or_else(|| choice.get("message"));
        let calls = message.and_then(|message| message.get("tool_calls")).and_then(Value::as_array);
        self.calls_tool |= calls.is_some_and(|calls| !calls.is_empty());
        self.ended |= choice.get("finish_reason").is_some_and(Value::is_string);
        Ok(())
    }
}

fn not_understood() -> Problem {
    Problem::new(502, "provider_bad_answer", "The model provider's answer cannot be understood")
        .detail("The server answered, but not with a chat completion.")
        .hint("Check the base URL: it must be that of an OpenAI-compatible interface, version part included.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str]) -> Result<(Option<String>, bool), String> {
        let mut reply = Reply::default();
        for piece in pieces {
            reply.push(piece.as_bytes()).map_err(|problem| problem.code)?;
        }
        reply.finish().map(|reply| (reply.model, reply.calls_tool)).map_err(|problem| problem.code)
    }

    #[test]
    fn streams_and_whole_answers_are_understood() {
        let stream = [
            "data: {\"model\":\"m-1\",\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\nda",
            "ta: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]},\"finish_reason\":null}]}\n\n",
            "data: [DONE]\n\n",
        ];
        assert_eq!(check(&stream), Ok((Some("m-1".to_owned()), true)));
        let whole =
            "{\"model\":\"m-2\",\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
        assert_eq!(check(&[whole]), Ok((Some("m-2".to_owned()), false)));
    }

    #[test]
    fn what_is_no_completion_is_refused() {
        assert_eq!(check(&["<html>hello</html>"]), Err("provider_bad_answer".to_owned()));
        assert_eq!(check(&[""]), Err("provider_bad_answer".to_owned()));
    }
}
