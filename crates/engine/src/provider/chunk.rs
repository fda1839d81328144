//! The chunks of a streamed answer, read leniently: every field may be missing, null or of an odd type,
//! because on one provider or another it is.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use slipway_protocol::usage::{Usage, UsageSource};

/// Most tokens that a figure may state: no window holds as many, and sums of them fit everywhere.
const MAX_TOKENS: u64 = 1 << 40;

/// Most millionths of a currency unit that a call may be said to cost, likewise.
const MAX_MICROS: u64 = 1 << 50;

/// One chunk of an answer, or a whole answer that was not streamed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chunk {
    #[serde(deserialize_with = "text")]
    pub(crate) model: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) choices: Vec<Choice>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) usage: Option<WireUsage>,
    pub(crate) error: Value,
}

/// One alternative; Slipway asks for one only.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    #[serde(deserialize_with = "or_default")]
    delta: Option<Delta>,
    /// What `delta` is called in an answer that was not streamed.
    #[serde(deserialize_with = "or_default")]
    message: Option<Delta>,
    #[serde(deserialize_with = "text")]
    pub(crate) finish_reason: String,
    /// Moonshot reports usage here.
    #[serde(deserialize_with = "or_default")]
    pub(crate) usage: Option<WireUsage>,
    /// Some routers report an upstream's failure here.
    pub(crate) error: Value,
}

impl Choice {
    /// What is new in the message.
    pub(crate) fn into_delta(self) -> Delta {
        self.delta.or(self.message).unwrap_or_default()
    }
}

/// What is new in the message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delta {
    #[serde(deserialize_with = "text")]
    pub(crate) content: String,
    #[serde(deserialize_with = "text")]
    pub(crate) reasoning_content: String,
    #[serde(deserialize_with = "text")]
    pub(crate) reasoning: String,
    #[serde(deserialize_with = "text")]
    pub(crate) refusal: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) tool_calls: Vec<CallDelta>,
    /// Fields that Slipway does not interpret.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl Delta {
    /// Bytes of text and arguments.
    pub(crate) fn size(&self) -> usize {
        let calls =
            self.tool_calls.iter().map(|call| call.function.name.len() + call.function.arguments.len());
        let texts = [&self.content, &self.reasoning_content, &self.reasoning, &self.refusal];
        texts.iter().map(|text| text.len()).sum::<usize>() + calls.sum::<usize>()
    }
}

/// What is new in a tool call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CallDelta {
    #[serde(deserialize_with = "number")]
    pub(crate) index: Option<u64>,
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) function: FunctionDelta,
    /// Fields that Slipway does not interpret.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// What is new in a call's function.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FunctionDelta {
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "arguments")]
    pub(crate) arguments: String,
}

/// Token figures as providers report them.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct WireUsage {
    #[serde(deserialize_with = "tokens")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "tokens")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "tokens")]
    total_tokens: Option<u64>,
    #[serde(deserialize_with = "tokens")]
    prompt_cache_hit_tokens: Option<u64>,
    #[serde(deserialize_with = "tokens")]
    cached_tokens: Option<u64>,
    /// Anthropic's own name, which routers and proxies pass on.
    #[serde(deserialize_with = "tokens")]
    cache_read_input_tokens: Option<u64>,
    /// Likewise.
    #[serde(deserialize_with = "tokens")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "or_default")]
    prompt_tokens_details: Details,
    #[serde(deserialize_with = "or_default")]
    completion_tokens_details: Details,
    #[serde(deserialize_with = "amount")]
    cost: Option<f64>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "tokens")]
    cached_tokens: Option<u64>,
    /// OpenRouter's and OpenAI's name.
    #[serde(deserialize_with = "tokens")]
    cache_write_tokens: Option<u64>,
    /// LiteLLM's.
    #[serde(deserialize_with = "tokens")]
    cache_creation_tokens: Option<u64>,
    #[serde(deserialize_with = "tokens")]
    reasoning_tokens: Option<u64>,
}

impl WireUsage {
    /// The figures as counters that do not overlap; `None` when there are none.
    pub(crate) fn to_usage(&self) -> Option<Usage> {
        let prompt = self.prompt_tokens?;
        let completion = self.completion_tokens.unwrap_or(0);
        let (cached, written) = self.cache_tokens();
        // Anthropic's own figure for the input leaves out both; everybody else's holds them.
        let prompt = if self.cache_read_input_tokens.is_some() && cached + written > prompt {
            prompt + cached + written
        } else {
            prompt
        };
        let cached = cached.min(prompt);
        let written = written.min(prompt - cached);
        let stated = self.prompt_tokens.unwrap_or(0);
        let unaccounted = self.total_tokens.unwrap_or(0).saturating_sub(stated.saturating_add(completion));
        let (output, reasoning) = match self.completion_tokens_details.reasoning_tokens {
            // Providers differ in whether the completion figure includes reasoning.
            Some(reasoning) if reasoning <= completion && unaccounted < reasoning.max(1) => {
                (completion - reasoning, reasoning)
            }
            Some(reasoning) => (completion, reasoning),
            None => (completion, unaccounted),
        };
        Some(Usage {
            input: prompt - cached - written,
            cached,
            written,
            output,
            reasoning,
            cost_micros: self.cost.and_then(micros),
            source: UsageSource::Reported,
            cost_incomplete: false,
            included: 0,
        })
    }

    /// Tokens that came from the cache, and tokens that were newly put there.
    fn cache_tokens(&self) -> (u64, u64) {
        let details = &self.prompt_tokens_details;
        let cached = details
            .cached_tokens
            .or(self.prompt_cache_hit_tokens)
            .or(self.cached_tokens)
            .or(self.cache_read_input_tokens);
        let written =
            details.cache_write_tokens.or(details.cache_creation_tokens).or(self.cache_creation_input_tokens);
        (cached.unwrap_or(0), written.unwrap_or(0))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be finite and not negative; casts saturate"
)]
fn micros(cost: f64) -> Option<u64> {
    (cost.is_finite() && cost >= 0.0).then(|| ((cost * 1e6).round() as u64).min(MAX_MICROS))
}

/// A value of the wanted type; its default when it is null or of another type.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Lenient::deserialize(deserializer)?.0.unwrap_or_default())
}

/// Either the wanted type or anything else.
struct Lenient<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Wanted(T),
            Other(serde::de::IgnoredAny),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Wanted(value) => Self(Some(value)),
            Either::Other(_) => Self(None),
        })
    }
}

/// Text, or the text parts of a content array; anything else counts as empty.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text").unwrap_or(part).as_str()).collect()
        }
        _ => String::new(),
    })
}

/// Arguments text; an object is written as JSON.
fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

/// A count that may be written as an integer, a float or text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A count of tokens.
fn tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(number(deserializer)?.map(|count| count.min(MAX_TOKENS)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be finite and not negative; casts saturate"
)]
fn whole(number: f64) -> Option<u64> {
    (number.is_finite() && number >= 0.0).then_some(number as u64)
}

/// An amount of money that may be written as a number or text.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usage(value: Value) -> Option<(u64, u64, u64, u64)> {
        let usage = serde_json::from_value::<WireUsage>(value).expect("lenient").to_usage()?;
        Some((usage.input, usage.cached, usage.output, usage.reasoning))
    }

    #[test]
    fn odd_chunks_are_read() {
        for odd in [
            json!({}),
            json!({"choices": null, "usage": null, "model": null}),
            json!({"choices": [{}], "created": 1.5}),
            json!({"choices": [{"delta": null, "finish_reason": ""}]}),
            json!({"choices": [{"delta": {"role": "", "content": null, "tool_calls": null}}]}),
            json!({"choices": "none", "usage": [], "service_tier": "odd"}),
        ] {
            serde_json::from_value::<Chunk>(odd.clone()).unwrap_or_else(|error| panic!("{odd}: {error}"));
        }
        let chunk: Chunk = serde_json::from_value(json!({"choices": [{"message": {
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": {"k": 1}}, "extra_content": {"g": 1}}],
            "reasoning_details": [],
        }}]}))
        .expect("lenient");
        let delta = chunk.choices.into_iter().next().expect("one choice").into_delta();
        assert_eq!(delta.content, "ab");
        assert_eq!(delta.tool_calls[0].function.arguments, r#"{"k":1}"#);
        assert_eq!(delta.tool_calls[0].rest["extra_content"], json!({"g": 1}));
        assert_eq!(delta.rest["reasoning_details"], json!([]));
    }

    #[test]
    fn usage_counters_do_not_overlap() {
        let openai = json!({"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
            "prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 20}});
        assert_eq!(usage(openai), Some((40, 60, 10, 20)));
        let deepseek =
            json!({"prompt_tokens": "100", "completion_tokens": 30.0, "prompt_cache_hit_tokens": 70});
        assert_eq!(usage(deepseek), Some((30, 70, 30, 0)));
        let gemini = json!({"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 150});
        assert_eq!(usage(gemini), Some((100, 0, 30, 20)));
        assert_eq!(usage(json!({"prompt_tokens": null})), None);
    }
}
