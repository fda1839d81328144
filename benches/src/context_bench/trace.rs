//! Plays a session through the projection, and keeps of each request what its price depends on.

use slipway_engine::context::collapse::{CollapseFacts, Tuning, collapse};
use slipway_engine::context::{ProjectionFacts, project};
use slipway_engine::profile;
use slipway_engine::provider::profile::{CacheRule, Profile};
use slipway_engine::provider::request::WireMessage;
use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::{ContextChange, Entry};

use super::provider::Provider;

/// Tokens of the tool specifications, which come before everything else.
const TOOLS: u64 = 5_500;

/// Steps that a run may make.
const MAX_STEPS: u32 = 30;

/// Window of the models that are asked, in tokens.
const WINDOW: u64 = 1_048_576;

/// What a request's price depends on, in tokens.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) total: u64,
    /// As in the request before, from the first token on.
    pub(crate) same: u64,
    /// Where earlier requests ended that this one begins with.
    pub(crate) ends: Vec<u64>,
    /// Where earlier requests had breakpoints, as far as they are the same.
    pub(crate) breakpoints: Vec<u64>,
}

/// All requests of a session.
pub(crate) type Trace = Vec<Sent>;

/// How views are laid out, and when they shrink.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    /// One of the modes that do not look at prices.
    Mode(ContextMode),
    /// The mode `auto` with this policy.
    Auto(Option<CacheRule>, Tuning),
    /// Nothing ever shrinks.
    Appended,
}

/// Plays a session.
pub(crate) fn play(entries: &[Entry], layout: Layout) -> Trace {
    let (mode, rule, tuning) = match layout {
        Layout::Mode(mode) => (mode, None, None),
        Layout::Auto(rule, tuning) => (ContextMode::Auto, rule, Some(tuning)),
        Layout::Appended => (ContextMode::Auto, None, None),
    };
    let profile = Profile { cache: rule, ..profile("custom").clone() };
    let prompt = PromptFacts::default();
    let projection = ProjectionFacts { profile: &profile, reasoning_off: false, mode, prompt: &prompt };
    let mut transcript: Vec<Entry> = Vec::with_capacity(entries.len() * 2);
    let mut requests = Requests::default();
    let mut step = 0;
    for entry in entries {
        match entry {
            Entry::User(_) => step = 0,
            Entry::Assistant(answer) => {
                step += 1;
                if let Some(tuning) = tuning {
                    let facts = CollapseFacts {
                        projection,
                        model: &answer.model,
                        window: Some(WINDOW),
                        remaining_steps: (MAX_STEPS + 1).saturating_sub(step).max(1),
                        now_ms: answer.created_at,
                        tuning,
                    };
                    let views = collapse(&transcript, &facts);
                    if !views.is_empty() {
                        transcript.push(Entry::ContextChange(ContextChange::Collapse { views }));
                    }
                }
                requests.send(project(&transcript, &projection));
            }
            // Decided anew here.
            Entry::ContextChange(ContextChange::Collapse { .. }) => continue,
            _ => {}
        }
        transcript.push(entry.clone());
    }
    requests.trace
}

/// Requests as a provider's cache sees them.
#[derive(Default)]
struct Requests {
    last: Vec<WireMessage>,
    /// Where earlier requests ended, and where they had breakpoints: so many messages.
    ends: Vec<usize>,
    breakpoints: Vec<usize>,
    trace: Trace,
}

impl Requests {
    fn send(&mut self, messages: Vec<WireMessage>) {
        let same = self.last.iter().zip(&messages).take_while(|(old, new)| old == new).count();
        let mut sums = vec![TOOLS];
        for message in &messages {
            sums.push(sums.last().copied().unwrap_or_default() + tokens_of(message));
        }
        let tokens = |count: &usize| sums.get(*count).copied().unwrap_or_default();
        self.ends.retain(|end| *end <= same);
        self.breakpoints.retain(|end| *end <= same);
        let partly = match (self.last.get(same), messages.get(same)) {
            (Some(old), Some(new)) => common_tokens(old, new),
            _ => 0,
        };
        self.trace.push(Sent {
            total: tokens(&messages.len()),
            same: if self.last.is_empty() { 0 } else { tokens(&same) + partly },
            ends: self.ends.iter().map(tokens).collect(),
            breakpoints: self.breakpoints.iter().map(tokens).collect(),
        });
        let with_views =
            messages.iter().enumerate().rev().filter(|(_, message)| text(message).contains("<file path="));
        // Before the two newest messages with views, after the system prompt, and at the end.
        self.breakpoints.extend(with_views.map(|(position, _)| position).take(2));
        self.breakpoints.extend([1, messages.len()]);
        self.ends.push(messages.len());
        self.last = messages;
    }
}

/// Tokens of a message: a fourth of its characters, whatever the engine estimates.
fn tokens_of(message: &WireMessage) -> u64 {
    let calls = match message {
        WireMessage::Assistant(assistant) => {
            assistant.tool_calls.iter().map(|call| call.function.arguments.len()).sum()
        }
        _ => 0,
    };
    u64::try_from((text(message).len() + calls) / 4).unwrap_or_default()
}

fn text(message: &WireMessage) -> &str {
    match message {
        WireMessage::System { content }
        | WireMessage::User { content }
        | WireMessage::Tool { content, .. } => content,
        WireMessage::Assistant(assistant) => &assistant.content,
        // No session of this bench looks at anything.
        WireMessage::Pictures { .. } => "",
    }
}

/// Tokens that two messages begin with alike.
fn common_tokens(old: &WireMessage, new: &WireMessage) -> u64 {
    let (old, new) = (text(old), text(new));
    let same = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let share = if new.is_empty() { 0 } else { same * 1000 / new.len() };
    u64::try_from(new.len() * share / 4000).unwrap_or_default()
}

/// What a session costs with a provider, in uncached input tokens.
#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
pub(crate) fn cost(trace: &Trace, provider: &Provider) -> f64 {
    let Some(rule) = provider.rule else { return trace.iter().map(|sent| sent.total as f64).sum() };
    let costs = trace.iter().map(|sent| {
        let ends = if provider.breakpoints { &sent.breakpoints } else { &sent.ends };
        let found = rule.found(sent.same, ends).min(sent.total);
        rule.read * found as f64 + rule.write * (sent.total - found) as f64
    });
    costs.sum()
}
